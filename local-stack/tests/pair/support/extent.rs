//! How much these tests do, and the seeds of their random choices.

pub(crate) use local_stack::extent::{extent, is_full, seed};
