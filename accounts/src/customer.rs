//! Customers: the aggregate that accounts is the system of record for.
//!
//! In the order the data flows: a body becomes values that cannot be wrong (`body`, `profile` and the values below
//! it), a command is decided by pure rules (`state`), the new version is committed, and `event` is what the world is
//! told. The state is the contract's own [`Customer`](shared_events::customer::Customer): what is stored, answered and
//! published is one shape, and a card number has no place in it (G8).
//!
//! Must not: except in `http`, know the web, the database, the clock or a source of ids. `service-kit/tests/house` holds this.

pub mod body;

pub mod profile;

pub mod id;

pub mod name;

pub mod contact;
pub mod email;
pub mod phone;

pub mod address;

pub mod card;
pub mod card_face;
pub mod expiration;

pub mod card_in_text;
pub mod distinct;
pub mod line;

pub mod command;

pub mod state;

pub mod event;

pub mod http;

#[cfg(test)]
mod body_tests;
#[cfg(test)]
mod samples;
