//! What this process knows of the view's versions, so that a repeat costs no write and a gap no read.
//!
//! Only a memory: the view's own guard decides (G3). It is bounded, and it is forgotten at every rebalance, because
//! somebody else may have written the same keys in between.

use std::collections::HashMap;

/// How many keys are remembered at most; about 150 bytes each.
const CAPACITY: usize = 65_536;

/// The newest state of a key, as the view has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Newest {
    /// 0 when the view has nothing of this key.
    pub(super) version: u64,
    pub(super) event_id: String,
}

impl Newest {
    /// The view has nothing of this key.
    pub(super) const NOTHING: Self = Self { version: 0, event_id: String::new() };
}

/// Two halves: when the young one is full it becomes the old one, and the old one goes. What is used stays.
#[derive(Debug)]
pub(super) struct Known {
    young: HashMap<String, Newest>,
    old: HashMap<String, Newest>,
    half: usize,
}

impl Default for Known {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

impl Known {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), half: (capacity / 2).max(1) }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Newest> {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    /// Notes what the view has; a version that is behind what is known changes nothing.
    pub(super) fn note(&mut self, key: &str, newest: Newest) {
        if self.get(key).is_some_and(|known| known.version > newest.version) {
            return;
        }
        if self.young.len() >= self.half && !self.young.contains_key(key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key.to_owned(), newest);
    }

    pub(super) fn forget(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(version: u64) -> Newest {
        Newest { version, event_id: format!("e{version}") }
    }

    #[test]
    fn it_stays_within_its_bound_and_keeps_what_is_used() {
        let mut known = Known::with_capacity(10);
        for n in 0..1000 {
            known.note("hot", at(n));
            known.note(&format!("cold-{n}"), at(1));
        }
        assert!(known.young.len() + known.old.len() <= 10);
        assert_eq!(known.get("hot"), Some(&at(999)));
        assert_eq!(known.get("cold-1"), None);
    }

    #[test]
    fn it_never_steps_back() {
        let mut known = Known::default();
        known.note("a", at(3));
        known.note("a", at(2));
        assert_eq!(known.get("a"), Some(&at(3)));
    }
}
