//! The HTTP kit: everything about HTTP that both services share, so that a business folder says only what is its own.

pub mod header;

mod percent;

pub mod problem;

pub mod settings;

pub mod payload;

pub mod body;

pub mod call;

pub mod query;

pub mod cursor;

pub mod page;

pub mod precondition;

pub mod idempotency;

pub mod consistency;

pub mod accept;

pub mod trace;
