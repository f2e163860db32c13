//! The body of an order, as it is sent to place one. What the service sets is not part of it.

use service_kit::http::body::{Fault, Json, read};

use super::draft::{Draft, PlacedAt};
use super::id::OrderId;

/// The body that places an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// The id, if the caller chose one.
    pub id: Option<OrderId>,
    /// Everything else.
    pub draft: Draft,
}

/// Reads the body that places an order.
///
/// # Errors
/// Every fault it has.
pub fn new_order(json: &Json, placed_at: PlacedAt) -> Result<NewOrder, Vec<Fault>> {
    read(json, |body| {
        body.object(|members| {
            let id = members.optional("id", OrderId::read);
            let draft = Draft::read(members, placed_at);
            Ok(NewOrder { id: id?, draft: draft? })
        })
    })
}
