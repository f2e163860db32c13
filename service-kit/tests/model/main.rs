//! The write path's protocol as a model, checked exhaustively: every order of every step within stated bounds.
//!
//! Read it beside the code. A step has the name of the function that does it (`commit`, `hand_off`, `sweep_mark`), a
//! piece of state that of the type that holds it; `ARCHITECTURE.md` has the numbered rules.
//!
//! - [`state`]: database, topic, network, processes;
//! - [`actions`]: the steps, and which of them are possible when;
//! - [`properties`]: P1 no loss, P2 order, P3 chains do not grow, P4 no false conflict;
//! - [`scenarios`]: the bounds, and the tests that the protocol holds within them;
//! - [`variants`]: the protocol with one rule broken, and the tests that each of them is caught.
//!
//! What the model takes for granted: MongoDB keeps what a majority has, Kafka keeps what it acknowledged, one producer's
//! records of one key arrive in the order sent. What it does not have: sizes (but the number of carried events), keys
//! that are really unique (a taken key is a fault that can happen at any time), time (every delay can last for ever,
//! and any writer can be suspected).
//!
//! Whoever changes a rule changes it here first. `cargo test -p service-kit --test model -- --nocapture` prints the
//! shortest way to each violation.

mod state;

mod actions;

mod properties;

mod scenarios;

mod variants;
