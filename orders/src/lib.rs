//! Orders: its own current copy of every customer, kept from accounts' events.

pub mod startup;

pub mod settings;

pub mod customer_copy;
