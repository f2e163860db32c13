//! Notices a consumer that has silently stopped: the log grows, this instance owns the partition and is not busy, and
//! nothing comes. Such stalls have been reported for every generation of the client, and a dead projection behind a
//! healthy port is the worst failure this system can have (D9), so the process ends and starts afresh.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// One owned partition, as it looks now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight {
    pub(super) partition: i32,
    /// Rises with everything that comes from the consumer.
    pub(super) heard: u64,
    pub(super) position: i64,
    pub(super) end: i64,
}

#[derive(Clone, Copy, Debug)]
struct Quiet {
    heard: u64,
    /// Where the log ended when the consumer was last heard. Offsets up to there may never come as records: Kafka keeps
    /// the marks of transactions in the log.
    end: i64,
    since: Instant,
}

/// The watchdog of one projection.
#[derive(Debug)]
pub(super) struct Watchdog {
    limit: Duration,
    quiet: HashMap<i32, Quiet>,
}

impl Watchdog {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, quiet: HashMap::new() }
    }

    /// Looks at all owned partitions; a partition from which nothing has come for too long, although the log has grown.
    pub(super) fn look(&mut self, sights: &[Sight], now: Instant) -> Option<i32> {
        self.quiet.retain(|partition, _| sights.iter().any(|sight| sight.partition == *partition));
        sights.iter().find(|sight| self.is_stalled(sight, now)).map(|sight| sight.partition)
    }

    fn is_stalled(&mut self, sight: &Sight, now: Instant) -> bool {
        let quiet =
            self.quiet.entry(sight.partition).or_insert(Quiet { heard: sight.heard, end: sight.end, since: now });
        if quiet.heard != sight.heard {
            *quiet = Quiet { heard: sight.heard, end: sight.end, since: now };
        }
        sight.end > quiet.end && sight.end > sight.position && now.duration_since(quiet.since) >= self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    fn look(watchdog: &mut Watchdog, start: Instant, second: u64, heard: u64, position: i64, end: i64) -> Option<i32> {
        watchdog.look(&[Sight { partition: 3, heard, position, end }], start + Duration::from_secs(second))
    }

    #[test]
    fn a_log_that_grows_while_nothing_comes_is_a_stall() {
        let (mut watchdog, start) = (Watchdog::new(LIMIT), Instant::now());
        assert_eq!(look(&mut watchdog, start, 0, 5, 10, 10), None);
        assert_eq!(look(&mut watchdog, start, 30, 5, 10, 12), None);
        assert_eq!(look(&mut watchdog, start, 61, 5, 10, 12), Some(3));
    }

    #[test]
    fn a_quiet_log_a_consumer_that_is_heard_and_marks_of_transactions_are_none() {
        let (mut watchdog, start) = (Watchdog::new(LIMIT), Instant::now());
        for second in [0, 100, 200] {
            assert_eq!(look(&mut watchdog, start, second, 5, 10, 10), None);
        }
        assert_eq!(look(&mut watchdog, start, 300, 6, 10, 12), None);
        // Heard, and the log ends where it ended then: the offsets between are no records.
        assert_eq!(look(&mut watchdog, start, 400, 6, 10, 12), None);
    }

    #[test]
    fn a_partition_that_was_given_away_starts_anew() {
        let (mut watchdog, start) = (Watchdog::new(LIMIT), Instant::now());
        look(&mut watchdog, start, 0, 5, 10, 10);
        watchdog.look(&[], start + Duration::from_secs(30));
        assert_eq!(look(&mut watchdog, start, 61, 5, 10, 12), None);
    }
}
