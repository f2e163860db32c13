//! Orders: its own current copy of every customer, kept from accounts' events.

pub mod customer_copy;
