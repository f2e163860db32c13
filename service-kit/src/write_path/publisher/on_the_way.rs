//! What this producer instance has been given and Kafka has not acknowledged, per aggregate: so that nothing is given
//! twice, and everybody who waits is told when their version, or a later one, is acknowledged (rules 5, 7 and 9).
//!
//! Bookkeeping alone. It must not send, log or rotate: that is its owner's to do, under the same lock.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use super::Ticket;

/// Aggregates per generation of [`Acknowledged`].
const REMEMBERED: usize = 8_192;

/// Everything on its way to Kafka.
#[derive(Debug, Default)]
pub(super) struct OnTheWay {
    /// Counts producer instances: late reports of a replaced one mean nothing.
    instance: u64,
    aggregates: HashMap<Arc<str>, Aggregate>,
    /// What Kafka acknowledged lately.
    acknowledged: Acknowledged,
    /// A chain was forgotten since the writer id was last rotated.
    overflowed: bool,
}

#[derive(Debug, Default)]
struct Aggregate {
    /// Given and not acknowledged, in the order given.
    unacknowledged: VecDeque<u64>,
    /// Told when their version, or a later one, is acknowledged.
    waiting: Vec<(u64, Ticket)>,
}

/// The reports of one aggregate came in another order than its records were given.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OutOfOrder;

impl OnTheWay {
    pub(super) fn instance(&self) -> u64 {
        self.instance
    }

    /// Whether this version, or a later one, was given to this instance already.
    pub(super) fn was_given(&self, id: &str, version: u64) -> bool {
        let given = self.aggregates.get(id).and_then(|aggregate| aggregate.unacknowledged.back()).copied();
        version <= given.unwrap_or_else(|| self.acknowledged.version(id))
    }

    pub(super) fn give(&mut self, id: &Arc<str>, version: u64) {
        self.aggregates.entry(Arc::clone(id)).or_default().unacknowledged.push_back(version);
    }

    /// Keeps the ticket until its version is acknowledged, or hands it back when everything of this aggregate is: then
    /// nothing of it is on the way.
    pub(super) fn keep(&mut self, id: &str, version: u64, ticket: Ticket) -> Option<Ticket> {
        match self.aggregates.get_mut(id) {
            Some(aggregate) => {
                aggregate.waiting.push((version, ticket));
                None
            }
            None => Some(ticket),
        }
    }

    /// Kafka has this version; returns whom to tell.
    pub(super) fn acknowledge(&mut self, id: &Arc<str>, version: u64) -> Result<Vec<Ticket>, OutOfOrder> {
        let aggregate = self.aggregates.get_mut(id).ok_or(OutOfOrder)?;
        if aggregate.unacknowledged.pop_front() != Some(version) {
            return Err(OutOfOrder);
        }
        let waiting = std::mem::take(&mut aggregate.waiting);
        let (done, waiting): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(waits_for, _)| *waits_for <= version);
        aggregate.waiting = waiting;
        if aggregate.unacknowledged.is_empty() && aggregate.waiting.is_empty() {
            self.aggregates.remove(id);
        }
        self.acknowledged.insert(Arc::clone(id), version);
        Ok(done.into_iter().map(|(_, ticket)| ticket).collect())
    }

    /// A chain was forgotten.
    pub(super) fn note_overflow(&mut self) {
        self.overflowed = true;
    }

    /// Whether a chain was forgotten since this was last asked.
    pub(super) fn take_overflow(&mut self) -> bool {
        std::mem::take(&mut self.overflowed)
    }

    /// Another producer instance begins with nothing: what the old one had is not known to be in Kafka, and its tickets
    /// are dropped unfinished.
    pub(super) fn begin_anew(&mut self) {
        *self = Self { instance: self.instance + 1, ..Self::default() };
    }
}

/// The newest acknowledged version of the aggregates that were published last. A chain that was built before an
/// acknowledgement and handed off after it would otherwise repeat what Kafka has. Bounded: two generations, of which the
/// older is forgotten; what is forgotten is at worst repeated.
#[derive(Debug, Default)]
struct Acknowledged {
    newer: HashMap<Arc<str>, u64>,
    older: HashMap<Arc<str>, u64>,
}

impl Acknowledged {
    fn version(&self, id: &str) -> u64 {
        self.newer.get(id).or_else(|| self.older.get(id)).copied().unwrap_or_default()
    }

    fn insert(&mut self, id: Arc<str>, version: u64) {
        if self.newer.len() >= REMEMBERED {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(id, version);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot::{self, error::TryRecvError};

    use super::*;

    fn ada() -> Arc<str> {
        "ada".into()
    }

    fn ticket() -> (Ticket, oneshot::Receiver<()>) {
        let (told, waiting) = oneshot::channel();
        (Ticket::Sweep(told), waiting)
    }

    #[test]
    fn nothing_is_given_twice_neither_before_nor_after_its_acknowledgement() {
        let mut on_the_way = OnTheWay::default();
        assert!(!on_the_way.was_given("ada", 1));
        on_the_way.give(&ada(), 1);
        on_the_way.give(&ada(), 2);
        assert!(on_the_way.was_given("ada", 2) && !on_the_way.was_given("ada", 3));
        for version in [1, 2] {
            on_the_way.acknowledge(&ada(), version).unwrap();
        }
        assert!(on_the_way.was_given("ada", 2) && !on_the_way.was_given("ada", 3));
        assert!(!on_the_way.was_given("bob", 1));
    }

    #[test]
    fn a_ticket_is_told_with_its_version_or_a_later_one() {
        let mut on_the_way = OnTheWay::default();
        on_the_way.give(&ada(), 1);
        on_the_way.give(&ada(), 2);
        let ((first, mut first_told), (second, mut second_told)) = (ticket(), ticket());
        assert!(on_the_way.keep("ada", 1, first).is_none());
        assert!(on_the_way.keep("ada", 2, second).is_none());
        on_the_way.acknowledge(&ada(), 1).unwrap().into_iter().for_each(Ticket::acknowledged);
        assert_eq!((first_told.try_recv(), second_told.try_recv()), (Ok(()), Err(TryRecvError::Empty)));
        on_the_way.acknowledge(&ada(), 2).unwrap().into_iter().for_each(Ticket::acknowledged);
        assert_eq!(second_told.try_recv(), Ok(()));
    }

    #[test]
    fn a_ticket_is_handed_back_when_nothing_of_its_aggregate_is_on_the_way() {
        let mut on_the_way = OnTheWay::default();
        on_the_way.give(&ada(), 1);
        on_the_way.acknowledge(&ada(), 1).unwrap();
        assert!(on_the_way.keep("ada", 1, ticket().0).is_some());
    }

    #[test]
    fn reports_in_another_order_or_of_what_was_never_given_are_noticed() {
        let mut on_the_way = OnTheWay::default();
        on_the_way.give(&ada(), 1);
        on_the_way.give(&ada(), 2);
        assert_eq!(on_the_way.acknowledge(&ada(), 2).unwrap_err(), OutOfOrder);
        assert_eq!(on_the_way.acknowledge(&"bob".into(), 1).unwrap_err(), OutOfOrder);
    }

    #[test]
    fn another_instance_knows_nothing_of_the_one_before() {
        let mut on_the_way = OnTheWay::default();
        on_the_way.give(&ada(), 1);
        on_the_way.acknowledge(&ada(), 1).unwrap();
        on_the_way.give(&ada(), 2);
        let (waiting, mut told) = ticket();
        assert!(on_the_way.keep("ada", 2, waiting).is_none());
        on_the_way.note_overflow();
        on_the_way.begin_anew();
        assert_eq!(on_the_way.instance(), 1);
        assert!(!on_the_way.was_given("ada", 1) && !on_the_way.take_overflow());
        assert_eq!(told.try_recv(), Err(TryRecvError::Closed), "dropped unfinished: its number stays open");
    }

    #[test]
    fn an_overflow_is_told_once() {
        let mut on_the_way = OnTheWay::default();
        on_the_way.note_overflow();
        assert!(on_the_way.take_overflow() && !on_the_way.take_overflow());
    }

    #[test]
    fn what_is_remembered_is_bounded_and_the_latest_is_never_forgotten() {
        let mut acknowledged = Acknowledged::default();
        for number in 0..3 * REMEMBERED {
            acknowledged.insert(number.to_string().into(), 7);
            assert!(acknowledged.newer.len() + acknowledged.older.len() <= 2 * REMEMBERED);
        }
        assert_eq!(acknowledged.version(&(2 * REMEMBERED).to_string()), 7);
        assert_eq!(acknowledged.version("0"), 0);
    }
}
