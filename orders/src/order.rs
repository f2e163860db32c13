//! Orders: the aggregate that this service is the system of record for.
//!
//! In the order the data flows: a body becomes values that cannot be wrong (`body`, `draft` and the values below it), a
//! command is decided by pure rules (`state`) against the customer as the copy has them (`customer`), the new version is
//! committed, and `event` is what the world is told. The state is the contract's own [`Order`](shared_events::order::Order).
//! What an order answers is more than that (`http::answer`): while it waits it says where its customer lives *now*.
//!
//! Must not: except in `view` and `http`, know the web, the database, the clock or a source of ids. `service-kit/tests/house` holds this.

pub mod body;

pub mod draft;

pub mod id;

pub mod line;
pub mod price;
pub mod quantity;

pub mod customer;

pub mod command;

pub mod state;

pub mod event;

pub mod view;

pub mod http;

#[cfg(test)]
mod body_tests;
#[cfg(test)]
mod samples;
