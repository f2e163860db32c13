//! What whoever places an order decides of it, valid in every detail. Reading a body is the only way to make one.

use serde::Serialize;
use service_kit::http::body::{Members, Node, Read};
use shared_events::customer::AddressType;
use shared_events::order::{Money, OrderLine};
use shared_events::time::Timestamp;

use super::line::lines;
use crate::customer_copy::id::CustomerId;

/// Whose order, what, and where to. Its JSON is what two requests are compared by: what was sent, in the form in which it
/// is stored. `ship_to` is therefore still open when it was left open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    customer_id: String,
    items: Vec<OrderLine>,
    #[serde(skip)]
    total: Option<Money>,
    ship_to: Option<AddressType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    placed_at: Option<Timestamp>,
}

/// Whether a body may say when its order was placed: orders of the past, for sample data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlacedAt {
    /// It may not: the member is as unknown as any other.
    Unknown,
    /// It may, up to this instant, which is now.
    Until(Timestamp),
}

/// The parts, by value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Whose order it is.
    pub customer_id: String,
    /// The lines.
    pub items: Vec<OrderLine>,
    /// What they cost together.
    pub total: Option<Money>,
    /// Where to; `None` leaves it to the rules.
    pub ship_to: Option<AddressType>,
    /// When, if not now.
    pub placed_at: Option<Timestamp>,
}

impl Draft {
    /// The rows of these members in the table of an order.
    ///
    /// # Errors
    /// Reported, each fault at its place.
    pub fn read(members: &mut Members<'_>, may: PlacedAt) -> Read<Self> {
        let customer_id = members.required("customerId", CustomerId::read);
        let items = members.required("items", lines);
        let ship_to = members.optional("shipTo", |node| node.one_of(&AddressType::WORDS));
        let placed_at = match may {
            PlacedAt::Unknown => Ok(None),
            PlacedAt::Until(now) => members.optional("placedAt", |node| past(node, now)),
        };
        let (items, total) = items?;
        Ok(Self { customer_id: customer_id?.into(), items, total, ship_to: ship_to?, placed_at: placed_at? })
    }

    /// Whose order it is.
    pub fn customer_id(&self) -> &str {
        &self.customer_id
    }

    /// Where it is to go, when that was said.
    pub fn ship_to(&self) -> Option<AddressType> {
        self.ship_to
    }

    /// The parts.
    pub fn into_parts(self) -> Parts {
        let Self { customer_id, items, total, ship_to, placed_at } = self;
        Parts { customer_id, items, total, ship_to, placed_at }
    }
}

fn past(node: Node<'_>, now: Timestamp) -> Read<Timestamp> {
    let at = Timestamp::parse(node.text()?).map_err(|rule| node.refuse(rule.to_string()))?;
    if at > now { Err(node.refuse("must not be in the future")) } else { Ok(at) }
}
