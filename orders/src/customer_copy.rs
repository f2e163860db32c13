//! The service's own copy of every customer, kept current from `accounts.customer.change`: what fulfilling an order needs,
//! and nothing else. Orders never asks accounts; what it knows about customers is here.
//!
//! * [`projection`] says what the copy takes from an event, purely;
//! * [`view`] is the copy as it is stored, and its queries;
//! * [`http`] shows it.
//!
//! The machinery that reads the topic, guards versions and survives outages is `service_kit::projection`.

pub mod projection;

pub mod view;

pub mod http;

pub mod id;
