//! The contract between the services, and all that another team would depend on: the envelope (CloudEvents 1.0 in
//! Kafka's binary content mode), the payloads with their complete state, the topics with the settings they need, and
//! the consistency token. Nothing here does I/O.
//!
//! Reading a record is [`envelope::decode`]; it is total: whatever bytes arrive, the answer is an event or a
//! [`envelope::DecodeError`] that says what is wrong. Writing one is [`envelope::encode`]. A published event never
//! changes: `tests/golden/` holds each type byte for byte.

pub mod time;

pub mod record;

pub mod envelope;

pub mod topic;

pub mod customer;

pub mod order;

pub mod schema;

pub mod token;
