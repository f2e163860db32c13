//! accounts: the system of record for customers.

pub mod startup;

pub mod settings;

pub mod customer;
