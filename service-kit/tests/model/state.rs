//! What the world looks like between two steps: the database, the topic, the network and the processes.
//!
//! The names are those of the code: a [`Tracker`] is `tracker.rs`, [`Process::is_published`] is `writer.rs`, and so on.
//! Everything is small (`u8`, short vectors) because millions of these are made, compared and hashed.

use crate::scenarios::Bounds;

/// Who made a version, and under which number (`change.writer`, `change.seq`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Marker {
    pub(crate) writer: u8,
    pub(crate) seq: u8,
}

/// An event, carried or current. Its content is its marker: no two commits share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Event {
    pub(crate) version: u8,
    pub(crate) marker: Marker,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) aggregates: Vec<Aggregate>,
    /// The collection `writers`; the index is the writer's id. Zero published is the same as no record (rule 2).
    pub(crate) records: Vec<Record>,
    /// Guarded writes that were sent and not executed: each may be executed at any time from now on, or never.
    pub(crate) network: Vec<Write>,
    /// Records that a client gave up on, or that a dead process had sent: each may still reach the topic, in order.
    pub(crate) late: Vec<Late>,
    pub(crate) processes: Vec<Process>,
    /// Attempts whose caller was told that nothing happened, as long as that could still turn out to be false.
    pub(crate) refused: Vec<Marker>,
    pub(crate) faults: Faults,
}

/// One aggregate: its document, and what the world knows of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Aggregate {
    /// Who made versions 1, 2, 3 …; the last one is current. `recent` is its end.
    pub(crate) history: Vec<Marker>,
    /// The current version's marker as the document shows it.
    pub(crate) marker: Option<Marker>,
    pub(crate) unpublished: Vec<Event>,
    pub(crate) published: bool,
    /// Versions in the topic, in the order of their first appearance; repeats change nothing.
    pub(crate) topic: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Record {
    pub(crate) published: u8,
    /// Never swept again: what rule 11 promises is that nothing is left to sweep. (The code sweeps it all the same.)
    pub(crate) retired: bool,
}

/// A guarded whole-document replacement on its way (rule 3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Write {
    pub(crate) aggregate: u8,
    pub(crate) event: Event,
    pub(crate) unpublished: Vec<Event>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Late {
    pub(crate) aggregate: u8,
    pub(crate) versions: Vec<u8>,
}

/// One life of a process. A restart is another life.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Process {
    pub(crate) up: bool,
    /// Trackers of former writer ids, then that of the current one.
    pub(crate) trackers: Vec<Tracker>,
    pub(crate) attempts: Vec<Attempt>,
    /// Per aggregate: what the producer was given.
    pub(crate) on_the_way: Vec<OnTheWay>,
    /// A chain was forgotten since the id was last rotated.
    pub(crate) overflowed: bool,
    /// The last known watermark of every writer, however stale.
    pub(crate) others: Vec<u8>,
    /// Per aggregate: the document that a sweep is publishing.
    pub(crate) swept: Vec<Option<Swept>>,
}

/// The numbers of one writer (rule 5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Tracker {
    pub(crate) writer: u8,
    pub(crate) last: u8,
    /// Numbers that are not done, as a bit set.
    pub(crate) open: u16,
}

/// A commit whose event the producer has not been given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Attempt {
    pub(crate) aggregate: u8,
    pub(crate) event: Event,
    pub(crate) carried: Vec<Event>,
    pub(crate) phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Phase {
    /// Sent; the answer will come.
    Sent,
    /// The answer will not come: the connection is gone (rule 6).
    Unknown,
    /// The answer has come, and says only how many writes of the batch matched.
    Doubtful,
    /// Known to be committed; its chain waits for the hand-off.
    Committed,
}

/// `publisher.rs`: what the producer was given of one aggregate and Kafka has not acknowledged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct OnTheWay {
    pub(crate) unacknowledged: Vec<u8>,
    pub(crate) waiting: Vec<(u8, Ticket)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Ticket {
    Commit(Marker),
    Sweep,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Swept {
    pub(crate) event: Event,
    pub(crate) carried: Vec<Event>,
    pub(crate) stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Stage {
    Read,
    HandedOff,
    Acknowledged,
}

/// How many faults have happened, or may happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Faults {
    pub(crate) crashes: u8,
    pub(crate) lost_answers: u8,
    /// Answers that tell only how many writes of a batch matched.
    pub(crate) doubts: u8,
    /// Writes refused for a unique key; the key may be free again at once.
    pub(crate) taken_keys: u8,
    pub(crate) failed_deliveries: u8,
    pub(crate) overflows: u8,
}

impl State {
    pub(crate) fn new(bounds: &Bounds) -> Self {
        let aggregates = usize::from(bounds.aggregates);
        let process = |life| Process {
            up: true,
            trackers: vec![Tracker { writer: life, ..Tracker::default() }],
            on_the_way: vec![OnTheWay::default(); aggregates],
            others: vec![0; usize::from(bounds.lives)],
            swept: vec![None; aggregates],
            ..Process::default()
        };
        Self {
            aggregates: vec![Aggregate::default(); aggregates],
            records: vec![Record::default(); usize::from(bounds.lives)],
            network: Vec::new(),
            late: Vec::new(),
            processes: (0..bounds.lives).map(process).collect(),
            refused: Vec::new(),
            faults: Faults::default(),
        }
    }

    /// Whether new commits of a living process use this writer id.
    pub(crate) fn is_alive(&self, writer: u8) -> bool {
        self.processes.iter().any(|process| process.up && process.writer() == writer)
    }
}

impl Aggregate {
    pub(crate) fn version(&self) -> u8 {
        self.history.len() as u8
    }

    /// The event of the current version, derived from the document.
    pub(crate) fn event(&self) -> Option<Event> {
        self.marker.map(|marker| Event { version: self.version(), marker })
    }

    /// The last `reach` change ids.
    pub(crate) fn recent(&self, reach: u8) -> &[Marker] {
        &self.history[self.history.len().saturating_sub(usize::from(reach))..]
    }
}

impl Process {
    pub(crate) fn tracker(&self) -> Option<&Tracker> {
        self.trackers.last()
    }

    /// The id that new commits use.
    pub(crate) fn writer(&self) -> u8 {
        self.tracker().map_or(u8::MAX, |tracker| tracker.writer)
    }

    pub(crate) fn attempt(&self, marker: Marker) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.event.marker == marker)
    }

    /// The number is done.
    pub(crate) fn finish(&mut self, marker: Marker) {
        if let Some(tracker) = self.trackers.iter_mut().find(|tracker| tracker.writer == marker.writer) {
            tracker.open &= !(1 << marker.seq);
        }
    }

    /// Rule 12: new commits use a fresh id from here on.
    pub(crate) fn rotate(&mut self, fresh: u8) {
        self.trackers.push(Tracker { writer: fresh, ..Tracker::default() });
    }
}

impl Tracker {
    pub(crate) fn begin(&mut self) -> Marker {
        self.last += 1;
        self.open |= 1 << self.last;
        Marker { writer: self.writer, seq: self.last }
    }

    pub(crate) fn is_done(&self, seq: u8) -> bool {
        seq <= self.last && self.open & (1 << seq) == 0
    }

    /// The longest prefix of done numbers.
    pub(crate) fn watermark(&self) -> u8 {
        if self.open == 0 { self.last } else { self.open.trailing_zeros() as u8 - 1 }
    }

    /// The highest done number: what the watermark must not be.
    pub(crate) fn highest_done(&self) -> u8 {
        (1..=self.last).rev().find(|seq| self.is_done(*seq)).unwrap_or(0)
    }
}

impl OnTheWay {
    pub(crate) fn was_given(&self, version: u8) -> bool {
        self.unacknowledged.last().is_some_and(|given| version <= *given)
    }
}
