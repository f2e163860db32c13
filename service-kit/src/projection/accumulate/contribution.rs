//! What a key contributes, what the totals change by, and both as statements. Pure.

use std::collections::BTreeMap;

use bson::{Bson, Document, RawDocumentBuf, doc};
use serde::{Deserialize, Serialize};

use super::super::retry::Trouble;

/// A part of the view and what is added to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Share {
    /// Which part of the view: the item and the day.
    pub(in super::super) cell: Document,
    /// How much, by name.
    pub(in super::super) amounts: BTreeMap<String, i64>,
}

/// All that one version of a key contributes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct Contribution {
    pub(in super::super) version: u64,
    pub(in super::super) event_id: String,
    pub(in super::super) shares: Vec<Share>,
}

impl Contribution {
    pub(super) fn read(document: &RawDocumentBuf) -> Result<Self, Trouble> {
        bson::deserialize_from_slice(document.as_bytes()).map_err(|_| Trouble::new("a contribution that is none"))
    }
}

/// The stored document of a key.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stored {
    #[serde(rename = "_id")]
    pub(super) id: String,
    /// 0 while nothing of the key was added up.
    pub(super) version: u64,
    pub(super) event_id: String,
    pub(super) shares: Vec<Share>,
    /// So many records of the key are parked, and later ones wait behind them.
    #[serde(default)]
    pub(super) waiting: i64,
}

/// A key contributes this from now on.
pub(super) fn replaced(key: &str, partition: i32, new: &Contribution) -> Result<RawDocumentBuf, Trouble> {
    let mut set = bson::serialize_to_document(new).map_err(Trouble::new)?;
    set.insert("partition", partition);
    upsert(Bson::from(key), doc! { "$set": set })
}

/// So many more records of a key are parked. The key's document is written, not only the parked one, so that a re-drive of
/// the key and a batch that adds to its queue cannot both commit.
pub(super) fn more_waiting(key: &str, partition: i32, count: i64) -> Result<RawDocumentBuf, Trouble> {
    let mut fresh = bson::serialize_to_document(&Contribution::default()).map_err(Trouble::new)?;
    fresh.insert("partition", partition);
    upsert(Bson::from(key), doc! { "$inc": { "waiting": count }, "$setOnInsert": fresh })
}

fn upsert(id: Bson, update: Document) -> Result<RawDocumentBuf, Trouble> {
    RawDocumentBuf::try_from(&doc! { "q": { "_id": id }, "u": update, "upsert": true }).map_err(Trouble::new)
}

/// What a batch changes the totals by. Each partition has totals of its own, because it has one writer: two instances
/// never wait for each other.
#[derive(Debug, Default)]
pub(super) struct Totals {
    /// By the bytes of the document's id.
    changes: BTreeMap<Vec<u8>, Change>,
}

#[derive(Debug)]
struct Change {
    partition: i32,
    cell: Document,
    amounts: BTreeMap<String, i64>,
}

impl Totals {
    /// From what a key contributed to what it contributes now.
    pub(super) fn change(&mut self, partition: i32, before: &[Share], now: &[Share]) {
        before.iter().for_each(|share| self.add(partition, share, -1));
        now.iter().for_each(|share| self.add(partition, share, 1));
    }

    fn add(&mut self, partition: i32, share: &Share, sign: i64) {
        let id = bson::serialize_to_vec(&id(partition, &share.cell)).unwrap_or_default();
        let new = || Change { partition, cell: share.cell.clone(), amounts: BTreeMap::new() };
        let change = self.changes.entry(id).or_insert_with(new);
        for (name, amount) in &share.amounts {
            let sum = change.amounts.entry(name.clone()).or_default();
            *sum = sum.saturating_add(amount.saturating_mul(sign));
        }
    }

    fn real(&self) -> impl Iterator<Item = &Change> {
        self.changes.values().filter(|change| change.amounts.values().any(|amount| *amount != 0))
    }

    pub(super) fn statements(&self) -> Result<Vec<RawDocumentBuf>, Trouble> {
        let statement = |change: &Change| {
            let Change { partition, cell, amounts } = change;
            let mut fresh = cell.clone();
            fresh.insert("partition", *partition);
            let amounts: Document = amounts.iter().map(|(name, amount)| (name.clone(), Bson::from(*amount))).collect();
            upsert(id(*partition, cell).into(), doc! { "$inc": amounts, "$setOnInsert": fresh })
        };
        self.real().map(statement).collect()
    }

    /// The filter for what may have come to nothing by this batch.
    pub(super) fn emptied(&self) -> Option<Document> {
        let less: Vec<&Change> = self.real().filter(|change| change.amounts.values().any(|n| *n < 0)).collect();
        let ids: Vec<Document> = less.iter().map(|change| id(change.partition, &change.cell)).collect();
        let zeros = less.first()?.amounts.keys().map(|name| (name.clone(), Bson::from(0_i64)));
        let mut filter: Document = doc! { "_id": { "$in": ids } };
        filter.extend(zeros);
        Some(filter)
    }
}

fn id(partition: i32, cell: &Document) -> Document {
    doc! { "partition": partition, "cell": cell.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(item: &str, ordered: i64) -> Share {
        let amounts = BTreeMap::from([("orders".to_owned(), 1), ("ordered".to_owned(), ordered)]);
        Share { cell: doc! { "itemId": item }, amounts }
    }

    fn changes(totals: &Totals) -> Vec<(String, i64, i64)> {
        let row = |change: &Change| {
            let item = change.cell.get_str("itemId").unwrap().to_owned();
            (item, change.amounts["ordered"], change.amounts["orders"])
        };
        totals.real().map(row).collect()
    }

    #[test]
    fn a_first_contribution_is_added_and_a_repeat_of_it_is_nothing() {
        let mut totals = Totals::default();
        totals.change(0, &[], &[share("a", 6), share("b", 3)]);
        assert_eq!(changes(&totals), [("a".to_owned(), 6, 1), ("b".to_owned(), 3, 1)]);
        assert_eq!(totals.emptied(), None);
        let mut totals = Totals::default();
        totals.change(0, &[share("a", 6)], &[share("a", 6)]);
        assert_eq!(changes(&totals), []);
        assert_eq!(totals.statements().unwrap().len(), 0);
    }

    #[test]
    fn what_is_taken_back_may_leave_nothing() {
        let mut totals = Totals::default();
        totals.change(3, &[share("a", 6)], &[]);
        totals.change(3, &[], &[share("b", 1)]);
        assert_eq!(changes(&totals), [("a".to_owned(), -6, -1), ("b".to_owned(), 1, 1)]);
        let filter = totals.emptied().unwrap();
        let cell = doc! { "partition": 3, "cell": { "itemId": "a" } };
        assert_eq!(filter, doc! { "_id": { "$in": [cell] }, "ordered": 0_i64, "orders": 0_i64 });
    }

    #[test]
    fn two_partitions_have_totals_of_their_own() {
        let mut totals = Totals::default();
        totals.change(0, &[], &[share("a", 1)]);
        totals.change(1, &[], &[share("a", 2)]);
        assert_eq!(changes(&totals), [("a".to_owned(), 1, 1), ("a".to_owned(), 2, 1)]);
    }
}
