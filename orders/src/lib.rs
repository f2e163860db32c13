//! Orders: the system of record for orders, with its own current copy of every customer, kept from accounts' events, and
//! reports of what was ordered, added up from the orders' own events.

pub mod startup;

pub mod settings;

pub mod order;

pub mod customer_copy;

pub mod item_sales;
