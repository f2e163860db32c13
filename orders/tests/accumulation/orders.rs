//! Random orders, their events, and every record that was ever sent.

use std::collections::BTreeMap;

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use shared_events::envelope::encode;
use shared_events::order::{OrderChange, OrderStatus};
use shared_events::record::Record;

use crate::sample::{event, order};

const ITEMS: [&str; 5] = ["z3333", "z4444", "-1", "a.b", "_"];
const DAYS: [&str; 5] = ["2026-09-30", "2026-10-01", "2026-10-31", "2026-11-27", "2027-01-01"];

type Line = (&'static str, u32);

/// All orders of a history in their newest version.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    newest: BTreeMap<String, OrderChange>,
    log: Vec<Record>,
}

impl Orders {
    pub(crate) fn newest(&self) -> impl Iterator<Item = &OrderChange> {
        self.newest.values()
    }

    /// The next thing that happens, as a record: mostly news, now and then one that came before.
    pub(crate) fn next(&mut self, rng: &mut StdRng) -> Record {
        let repeated = self.log.choose(rng).filter(|_| rng.random_ratio(1, 5)).cloned();
        let record = repeated.unwrap_or_else(|| self.change(rng));
        self.log.push(record.clone());
        record
    }

    /// Everything that was sent since some moment, once more and in the same order.
    pub(crate) fn again(&mut self, rng: &mut StdRng) -> Vec<Record> {
        let from = rng.random_range(0..=self.log.len());
        let again = self.log[from..].to_vec();
        self.log.extend(again.iter().cloned());
        again
    }

    fn change(&mut self, rng: &mut StdRng) -> Record {
        let open: Vec<&OrderChange> =
            self.newest.values().filter(|change| change.order.status == OrderStatus::Placed).collect();
        let change = match open.choose(rng).filter(|_| rng.random_ratio(1, 2)) {
            Some(before) => settled(before, rng),
            None => order(&format!("o{}", self.newest.len()), 1, OrderStatus::Placed, any(&DAYS, rng), &lines(rng)),
        };
        self.newest.insert(change.order.id.clone(), change.clone());
        let mut event = event(change);
        if event.data.order.version > 1 && event.data.order.status == OrderStatus::Placed {
            event.envelope.kind = "orders.order.amended".to_owned();
        }
        encode(&event).unwrap()
    }
}

/// Called off, sent, or amended, which no order of ours can be yet: the state of an event is complete whatever its type.
fn settled(before: &OrderChange, rng: &mut StdRng) -> OrderChange {
    let old = &before.order;
    let day = &old.placed_at.to_string()[..10];
    let kept: Vec<(&str, u32)> = old.items.iter().map(|line| (line.item_id.as_str(), line.quantity)).collect();
    let version = old.version + 1;
    match rng.random_range(0..10) {
        0..5 => order(&old.id, version, OrderStatus::Cancelled, day, &kept),
        5..8 => order(&old.id, version, OrderStatus::Fulfilled, day, &kept),
        _ => order(&old.id, version, OrderStatus::Placed, any(&DAYS, rng), &lines(rng)),
    }
}

/// One to five, several of one item among them.
fn lines(rng: &mut StdRng) -> Vec<Line> {
    (0..rng.random_range(1..=5)).map(|_| (any(&ITEMS, rng), rng.random_range(1..=10_000))).collect()
}

pub(crate) fn any(of: &[&'static str], rng: &mut StdRng) -> &'static str {
    of.choose(rng).copied().unwrap_or_default()
}
