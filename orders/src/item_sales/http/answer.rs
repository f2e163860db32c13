//! What the reports say, and the two forms that they have.

use serde::Serialize;
use service_kit::http::call::Call;
use service_kit::http::page::Page;
use shared_events::time::Timestamp;
use utoipa::ToSchema;

use crate::item_sales::calendar::{Day, Month};
use crate::item_sales::view::{ItemTotal, MonthTotal};

/// A page of the items that were ordered.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemSalesPage {
    #[serde(flatten)]
    pub(super) page: Page<ItemSale>,
    /// As the header `As-Of`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) as_of: Option<Timestamp>,
}

/// What was ordered of an item in the days that were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemSale {
    /// The item's id.
    #[schema(examples("z3333"))]
    item_id: String,
    /// How many of it.
    #[schema(minimum = 1, examples(6))]
    total_ordered: i64,
    /// In how many orders.
    #[schema(minimum = 1, examples(1))]
    orders: i64,
    /// The last day on which it was ordered, in UTC.
    last_order_date: Day,
}

/// What was ordered of an item in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct MonthlySale {
    /// The month, in UTC.
    month: Month,
    /// The month for people.
    #[schema(examples("November 2026"))]
    label: String,
    /// How many were ordered in it.
    #[schema(minimum = 1, examples(6))]
    ordered: i64,
}

impl From<ItemTotal> for ItemSale {
    fn from(ItemTotal { item_id, total_ordered, orders, last_order_date }: ItemTotal) -> Self {
        Self { item_id, total_ordered, orders, last_order_date }
    }
}

impl From<MonthTotal> for MonthlySale {
    fn from(MonthTotal { month, ordered }: MonthTotal) -> Self {
        Self { month, label: month.label(), ordered }
    }
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

impl Form {
    /// The one that the request likes best; JSON when it does not care.
    pub(super) fn of(call: &Call) -> Self {
        if call.preferred(&["application/json", super::csv::NAME]) == super::csv::NAME { Self::Csv } else { Self::Json }
    }
}
