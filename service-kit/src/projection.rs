//! Projections: from the events of a topic to a view of one's own (D5).
//!
//! A projection is a *pure* function; its type gives it no way to do I/O, so that replaying a topic can never send,
//! charge or publish anything twice. The machinery here does the rest: it reads the topic, keeps the newest state per
//! key of a batch, writes the view in one bulk guarded by version, stores the checkpoint, and then moves the group's
//! offsets. It protects G3 (effects happen once, views never move back), G4 (a view changes only the fields its events
//! carry) and G6 (one bad event harms one key).
//!
//! The way of a record, one file each:
//!
//! 1. `consumer` reads it on a thread of its own, at the position that our checkpoint says;
//! 2. `reading` decodes and projects it, or says why it cannot;
//! 3. `batch` folds what has arrived to the newest state per key, and sees gaps, repeats and contradictions;
//! 4. `parked` keeps what cannot be applied, with all its bytes, before anything moves on;
//! 5. `bulk` writes the view: newer versions win, everything else changes nothing. An accumulation adds up what each
//!    key contributes instead, in one transaction with the checkpoint: `accumulate`;
//! 6. `checkpoint` stores the position, and only then are the group's offsets a hint for the ecosystem's tools.
//!
//! What fails because a server is away is tried again for ever and parks nothing; what is wrong with a record alone is
//! parked and blocks nothing (D8). This module knows no customer and no order, and runs no side effect of an event.

use serde::{Serialize, de::DeserializeOwned};
use shared_events::envelope::{Event, EventData};
use shared_events::topic::TopicSpec;

use crate::mongo::IndexSpec;

mod consumer;
mod link;

mod fields;
mod reading;

mod batch;
mod cause;
mod known;

mod parked;

mod accumulate;
mod apply;
mod bulk;
mod worker;

mod begin;
mod checkpoint;
mod identity;
mod ledger;
mod log;

mod dead_letters;

mod generation;
mod reader;
mod totals_reader;

mod as_of;
mod figures;
mod observe;
mod progress;
mod watch;
mod watchdog;

mod pipeline;
mod retry;
mod run;
mod settings;

#[cfg(test)]
mod sample;

pub use self::cause::{Cause, CauseKind};
pub use self::generation::Generation;
pub use self::progress::{PartitionStanding, Standing};
pub use self::reader::{CopyReader, Lookup, ReadError, Viewed};
pub use self::run::{ProjectionParts, add_accumulation, add_copy};
pub use self::settings::ProjectionSettings;
pub use self::totals_reader::TotalsReader;

/// A function from the events of one topic to a view, whatever the kind of view.
///
/// An implementation holds no client, no clock and no randomness: it is a name, a topic and a pure function.
pub trait Projection: Send + Sync + 'static {
    /// The view's name: collections `<NAME>.g<N>`, the consumer group, logs and metrics carry it.
    const NAME: &'static str;
    /// Where the events come from.
    const TOPIC: TopicSpec;
    /// The kind of aggregate as consistency tokens name it: `customer`.
    const AGGREGATE: &'static str;
    /// What the events carry.
    type Data: EventData + Send + 'static;
}

/// A projection whose view *is* the newest state of each aggregate, or a part of it: the customer copy.
///
/// It may skip intermediate states, because every event carries the complete state. Deleted aggregates stay in the view
/// (a tombstone is a state like any other), so that a late event cannot bring them back.
pub trait CopyProjection: Projection {
    /// The fields of the view that this projection owns: a struct without `#[serde(flatten)]`, whose members are not
    /// named `_id`, `version` or `eventId`. Those three are the machinery's. A member that is left out when it is
    /// serialised becomes null in the view; fields that are no members of it are never touched (G4).
    type View: Serialize + DeserializeOwned + Send + Sync + 'static;

    /// The indexes that the view's queries need, beside the one over `_id`.
    fn indexes() -> Vec<IndexSpec> {
        Vec::new()
    }

    /// What the view says after this event.
    ///
    /// # Errors
    /// [`Rejected`] parks the event with that reason. It is about this event alone, never about the world around it.
    fn project(event: Event<Self::Data>) -> Result<Self::View, Rejected>;
}

/// A projection whose view adds up what each aggregate contributes: sales per item and day.
///
/// The machinery keeps every key's contribution beside the totals and changes these by the difference, so that an event
/// counts once whatever is repeated, and a cancelled order is simply a new contribution of nothing.
pub trait AccumulatingProjection: Projection {
    /// What is added up apart: a struct whose members become fields of the totals, not named `_id` or `partition`.
    type Cell: Serialize + Send + 'static;
    /// What is added up: a struct of whole numbers, not optional ones. Their names are fields of the totals, too.
    type Amounts: Serialize + Send + 'static;

    /// The indexes that the totals' queries need, beside the one over `_id`.
    fn indexes() -> Vec<IndexSpec> {
        Vec::new()
    }

    /// All that the aggregate contributes in the state that this event carries.
    ///
    /// # Errors
    /// [`Rejected`] parks the event with that reason, and the later ones of its key behind it.
    fn contribute(event: Event<Self::Data>) -> Result<Shares<Self>, Rejected>;
}

/// What an aggregate contributes: amounts for cells. The same cell may stand several times.
pub type Shares<A> = Vec<(<A as AccumulatingProjection>::Cell, <A as AccumulatingProjection>::Amounts)>;

/// Why a projection cannot use an event that decodes well. Says what is wrong and where, never the content (G8).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Rejected {
    /// In words, for the person who reads the parked event.
    pub reason: String,
}
