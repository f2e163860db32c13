//! The write path: how a change becomes durable and its event reaches Kafka, once in effect and in order (G1, G2).
//!
//! An aggregate is one MongoDB document, and the document is its own outbox: one guarded replacement commits state,
//! event, uniqueness and idempotency together. The process that committed publishes straight afterwards; what a dead
//! or cut-off process left behind is found through an index and published by any other. There is no relay, no leader,
//! no change stream and no clearing write.
//!
//! The rules are numbered in `ARCHITECTURE.md`; a comment with a rule's number marks the line that keeps it. They are
//! model-checked: `tests/model/` has the same steps under the same names, and the variants that break.
//!
//! In the order a change takes:
//!
//! 1. `store`: build the new version, hand it to the writer, wait for its own outcome; `look_up` reads what is stored;
//! 2. `document`: the stored shape, and what of the older events is still carried along (rule 4);
//! 3. `writer` and `tracker`: who writes, under which number, and what is known published (rules 1, 5, 12);
//! 4. `batch` and `outcome`: group commit, and what a reply or its absence means (rules 3, 6);
//! 5. `publisher`: the hand-off to Kafka (rules 7, 8);
//! 6. `watermarks` and `sweep`: what others may know, and what they do for the dead (rules 2, 9, 10);
//! 7. `gate` and `log_check`: writes only while the database is the one that belongs to the log (D6);
//! 8. `run` and `stop`: the tasks together, and their clean end (rule 11).

mod aggregate;
mod store;

mod look_up;

mod document;
mod tracker;
mod writer;

mod batch;
mod outcome;

mod publisher;

mod sweep;
mod watermarks;

mod gate;
mod log_check;

mod run;
mod stop;

mod settings;

mod add;

pub use add::{AggregateParts, add_aggregate};
pub use aggregate::{
    Aggregate, Change, CommitError, Proposal, Stored, Unavailable, next_instant, record_of, version_in,
};
pub use run::{Parts, WritePath};
pub use settings::WritePathSettings;
pub use store::Store;
