//! Up to when a view is complete. A look at the log's ends says where they were at an instant; once the view has passed
//! all of them, it has everything that was in the log then. Positions alone say nothing about time, and the times of
//! events do not rise from key to key.

use std::collections::{BTreeMap, VecDeque};

use shared_events::time::Timestamp;

/// So many looks are remembered that the view has not passed yet. While it is further behind, later ones are let go: the
/// answer is then older than it could be, and never too new.
const MOST: usize = 120;

/// The looks of one view.
#[derive(Debug, Default)]
pub(super) struct Looks {
    passed: Option<Timestamp>,
    open: VecDeque<(Timestamp, BTreeMap<i32, i64>)>,
}

impl Looks {
    /// The ends that were asked for after this instant.
    pub(super) fn look(&mut self, asked: Timestamp, ends: BTreeMap<i32, i64>) {
        if self.open.len() < MOST {
            self.open.push_back((asked, ends));
        }
    }

    /// The newest look that the view has passed. `has(partition, end)`: it has everything before that end.
    pub(super) fn newest(&mut self, has: impl Fn(i32, i64) -> bool) -> Option<Timestamp> {
        while let Some((asked, ends)) = self.open.front()
            && ends.iter().all(|(partition, end)| has(*partition, *end))
        {
            self.passed = self.passed.max(Some(*asked));
            self.open.pop_front();
        }
        self.passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1_000).unwrap()
    }

    #[test]
    fn only_a_look_that_was_passed_in_every_partition_counts() {
        let mut looks = Looks::default();
        looks.look(at(1), BTreeMap::from([(0, 5), (1, 2)]));
        looks.look(at(2), BTreeMap::from([(0, 6), (1, 2)]));
        assert_eq!(looks.newest(|partition, end| partition == 0 && end <= 9), None);
        assert_eq!(looks.newest(|_, end| end <= 5), Some(at(1)));
        assert_eq!(looks.newest(|_, end| end <= 6), Some(at(2)));
        assert_eq!(looks.newest(|_, _| false), Some(at(2)));
    }

    #[test]
    fn a_view_that_stays_behind_fills_no_memory() {
        let mut looks = Looks::default();
        for second in 0..10_000 {
            looks.look(at(second), BTreeMap::from([(0, second)]));
        }
        assert_eq!(looks.open.len(), MOST);
        let end = i64::try_from(MOST).unwrap();
        assert_eq!(looks.newest(|_, _| true), Some(at(end - 1)));
    }
}
