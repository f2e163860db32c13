//! accounts: the system of record for customers.

pub mod customer;
