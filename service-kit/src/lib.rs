//! The machinery both services stand on. It knows no customer and no order: those are folders in the services, plugged
//! in through [`write_path::Aggregate`] and the traits beside it.

pub mod settings;

pub mod telemetry;

pub mod supervisor;

pub mod backoff;

pub mod mongo;

pub mod kafka;

pub mod write_path;

pub mod value;

pub mod http;

pub mod projection;

pub mod application;

/// For everything that stands on this crate. Commits and events are many short-lived buffers that one thread makes and
/// another frees: a third of a service's processor time under load was the system's allocator (docs/benchmarks.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
