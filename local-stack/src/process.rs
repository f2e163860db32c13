//! Processes that never outlive the one that started them.
//!
//! Every server and every service is started through a [guard]: a small process of the `local-stack` binary
//! between the owner (the stack, the keeper of the tests' servers, a test) and the program itself. The owner holds the
//! write end of the guard's standard input. When the owner ends, in whatever way, the kernel closes that pipe, and the
//! guard stops the program. When it is the guard that is killed, the owner sees it end and kills the program, which
//! stands in the guard's process group.
//!
//! Covered: `kill -9` of the owner, of a guard, of the program, one at a time and in any order. Not covered: `kill -9`
//! of an owner *and* of one of its guards in the same instant; nobody is then left who knows the program.

pub mod guard;
pub(crate) mod lock;

mod guarded;
mod launch;
mod log;

pub use guarded::Guarded;
pub use launch::Launch;
pub use log::last_lines;
