//! What the tests stand on: a world of their own, clients, and looks at what lies in topics and databases.

pub(crate) mod client;
pub(crate) mod customers;
pub(crate) mod databases;
pub(crate) mod eventually;
pub(crate) mod extent;
pub(crate) mod instance;
pub(crate) mod sales;
pub(crate) mod topic;
pub(crate) mod world;
