//! Newline-delimited JSON, streamed both ways: one line in, one line out, and a last line that says it was all.
//!
//! For what is too much for one body: the client sends lines for as long as it likes and reads the answers while it
//! sends. The answers come in the order of the lines. A line harms no other: one that cannot be read, or is longer than
//! a body may be, gets its answer like any other.
//!
//! What a request can take is bounded, whatever its client does: lines in flight by number and bytes (`exchange`), one
//! begun line (`lines`), streams at once (`places`), and time: when nothing has moved for `http.stall_timeout_ms` (no
//! byte came, no answer was taken), the stream ends. Clients that take nothing are cut off by the server itself.
//!
//! A stream that ends early ends without the last line, whatever the cause: a client that stalls or breaks off, a
//! service that drains, work that could not be done. Answers that are ready then are still sent.
//!
//! This is the one exception from the limits on a request's size and time: `body_limit_bytes` limits a line here, and
//! `body_timeout_ms` and `request_timeout_ms`, which end with the head of an answer, do not apply.
//!
//! A business folder implements [`LineWork`] and takes [`NdjsonBody`] as its handler's body. Must not: know what a line
//! means, or keep lines.

mod body;
mod exchange;
mod input;
mod lines;
mod places;
mod stall;
mod work;

pub use self::body::{JSON_LINES, NDJSON, NdjsonBody};
pub use self::lines::{Line, TooLong};
pub use self::work::{GivenUp, LineAnswer, LineWork};
pub(super) use self::{exchange::LINES, places::OPEN, places::Places};
