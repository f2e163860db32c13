//! The machinery both services stand on. It knows no customer and no order: those are folders in the services, plugged
//! in through [`write_path::Aggregate`] and the traits beside it.

pub mod settings;

pub mod telemetry;

pub mod supervisor;

pub mod backoff;

pub mod mongo;

pub mod kafka;

pub mod write_path;

pub mod http;

pub mod projection;
