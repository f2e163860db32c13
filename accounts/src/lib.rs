//! accounts: the system of record for customers.

pub mod settings;

pub mod customer;
