//! What has been added up, as it is stored in `item_sales.g<N>`, and the two reports that are derived from it.
//!
//! A document is one item on one day: `{itemId, day, ordered, orders}`. The same one stands once for every partition of the
//! topic, because each has a writer of its own; so a report groups before anything else.

use bson::{Document, doc};
use futures_util::Stream;
use serde::{Deserialize, Serialize};
use service_kit::mongo::IndexSpec;
use service_kit::projection::{ReadError, TotalsReader};
use shared_events::time::Timestamp;

use super::calendar::{Day, Month};
use super::projection::ItemSales;

/// What a report of items is asked for: days, both inclusive, and the order of the items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The first day.
    pub from: Option<Day>,
    /// The last day.
    pub to: Option<Day>,
    /// Which items come first.
    pub sort: Sort,
}

/// The orders that a report of items can have. Both are total, so that pages neither repeat nor hide an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// What was ordered most; of equals, by the item's id.
    #[default]
    Total,
    /// By the item's id.
    Item,
}

/// What was ordered of an item in the days that were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemTotal {
    /// The item.
    #[serde(rename = "_id")]
    pub item_id: String,
    /// How many.
    pub total_ordered: i64,
    /// In how many orders.
    pub orders: i64,
    /// The last day on which it was ordered.
    pub last_order_date: Day,
}

/// What was ordered of one item in a month.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MonthTotal {
    /// The month.
    #[serde(rename = "_id")]
    pub month: Month,
    /// How many.
    pub ordered: i64,
}

/// Where an item stands in a report, whichever way that is sorted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    total: i64,
    item: String,
}

impl Position {
    /// The position of this item.
    pub fn of(item: &ItemTotal) -> Self {
        Self { total: item.total_ordered, item: item.item_id.clone() }
    }
}

/// Questions to what has been added up. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sales(TotalsReader<ItemSales>);

impl Sales {
    /// Over this reader.
    pub fn new(reader: TotalsReader<ItemSales>) -> Self {
        Self(reader)
    }

    /// Every item with sales in those days, one by one.
    ///
    /// # Errors
    /// See [`ReadError`]; each item may have its own.
    pub async fn items(
        &self,
        wanted: &Wanted,
    ) -> Result<impl Stream<Item = Result<ItemTotal, ReadError>> + use<>, ReadError> {
        self.0.stream(wanted.pipeline(None)).await
    }

    /// At most so many of them, after a position.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn page(
        &self,
        wanted: &Wanted,
        after: Option<&Position>,
        limit: usize,
    ) -> Result<Vec<ItemTotal>, ReadError> {
        let mut pipeline = wanted.pipeline(after);
        pipeline.push(doc! { "$limit": i64::try_from(limit).unwrap_or(i64::MAX) });
        self.0.all(pipeline).await
    }

    /// The months in which an item was ordered, newest first.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn months(&self, item: &str) -> Result<Vec<MonthTotal>, ReadError> {
        let month = doc! { "$substrBytes": ["$day", 0, 7] };
        self.0
            .all(vec![
                doc! { "$match": { "itemId": item } },
                doc! { "$group": { "_id": month, "ordered": { "$sum": "$ordered" } } },
                doc! { "$match": { "ordered": { "$gt": 0 } } },
                doc! { "$sort": { "_id": -1 } },
            ])
            .await
    }

    /// Whether it has once reached the end of its log; see [`TotalsReader::is_complete`].
    pub fn is_complete(&self) -> bool {
        self.0.is_complete()
    }

    /// Up to when every event of an order is counted; see [`TotalsReader::as_of`].
    pub fn as_of(&self) -> Option<Timestamp> {
        self.0.as_of()
    }
}

impl Wanted {
    /// Items that sold nothing in those days are not in it.
    fn pipeline(&self, after: Option<&Position>) -> Vec<Document> {
        let sums = doc! {
            "_id": "$itemId",
            "totalOrdered": { "$sum": "$ordered" },
            "orders": { "$sum": "$orders" },
            "lastOrderDate": { "$max": "$day" },
        };
        let mut kept = doc! { "totalOrdered": { "$gt": 0 } };
        if let Some(position) = after {
            kept.extend(self.sort.after(position));
        }
        vec![
            doc! { "$match": self.days() },
            doc! { "$group": sums },
            doc! { "$match": kept },
            doc! { "$sort": self.sort.keys() },
        ]
    }

    fn days(&self) -> Document {
        let mut range = Document::new();
        for (bound, day) in [("$gte", self.from), ("$lte", self.to)] {
            range.extend(day.map(|day| (bound.to_owned(), day.to_string().into())));
        }
        if range.is_empty() {
            range
        } else {
            doc! { "day": range }
        }
    }
}

impl Sort {
    fn keys(self) -> Document {
        match self {
            Self::Total => doc! { "totalOrdered": -1, "_id": 1 },
            Self::Item => doc! { "_id": 1 },
        }
    }

    fn after(self, Position { total, item }: &Position) -> Document {
        match self {
            Self::Total => doc! { "$or": [
                { "totalOrdered": { "$lt": total } },
                { "totalOrdered": total, "_id": { "$gt": item } },
            ] },
            Self::Item => doc! { "_id": { "$gt": item } },
        }
    }
}

/// One for an item's months, one for the days of a report. They hold nothing that changes when an order is counted, so
/// that counting moves no entry of an index.
pub(super) fn indexes() -> Vec<IndexSpec> {
    vec![IndexSpec::new("by_item", doc! { "itemId": 1, "day": 1 }), IndexSpec::new("by_day", doc! { "day": 1 })]
}
