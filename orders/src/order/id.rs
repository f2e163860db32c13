//! The ids that stand in an order: its own, and those of the items.

use service_kit::value::{Id, IdKind};

/// Says of an id that it is an order's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OfOrder {}

/// Says of an id that it is an item's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OfItem {}

impl IdKind for OfOrder {
    /// What stands in the place of an order's id in other paths. No request for one of those must ever mean an order.
    const RESERVED: &'static [&'static str] = &["customers", "reports", "list", "order", "openapi.json", "swagger-ui"];
}

impl IdKind for OfItem {}

/// Chosen by the caller, derived from an `Idempotency-Key`, or made by the service.
pub type OrderId = Id<OfOrder>;

/// Of an item that is sold; whose catalogue it stands in is not this service's matter.
pub type ItemId = Id<OfItem>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_mean_something_else_are_no_ids_of_orders() {
        for word in OfOrder::RESERVED {
            assert!(word.parse::<OrderId>().is_err(), "{word}");
            assert!(word.parse::<ItemId>().is_ok(), "{word}");
        }
    }
}
