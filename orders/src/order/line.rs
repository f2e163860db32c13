//! The lines of an order: what is ordered, how many, and what one costs. Several lines may be of one item; each is kept as
//! it was sent.

use service_kit::http::body::{Members, Node, Read, parsed};
use service_kit::value::Line as Text;
use shared_events::order::{Money, OrderLine};

use super::id::ItemId;
use super::price::{Price, total};
use super::quantity::Quantity;

/// An order has at most so many lines, and at least one.
pub const MAX_LINES: usize = 200;

/// The longest title.
pub const MAX_TITLE: usize = 200;

/// The longest description.
pub const MAX_DESCRIPTION: usize = 500;

/// One line, as it is read.
struct Line {
    item_id: ItemId,
    title: Option<Text<0, MAX_TITLE>>,
    description: Option<Text<0, MAX_DESCRIPTION>>,
    quantity: Quantity,
    unit_price: Option<Price>,
}

/// Reads the list `items`: the lines, and what they cost together, if that can be said.
///
/// # Errors
/// Reported, each fault at its place.
pub fn lines(list: Node<'_>) -> Read<(Vec<OrderLine>, Option<Money>)> {
    let lines = list.list(MAX_LINES, |item| item.object(line))?;
    if lines.is_empty() {
        return Err(list.refuse("must have at least 1 item"));
    }
    let total = total(lines.iter().map(|line| (line.unit_price, line.quantity)));
    let total = total.map_err(|overflow| list.refuse(overflow.to_string()))?;
    Ok((lines.into_iter().map(OrderLine::from).collect(), total.map(Money::from)))
}

fn line(members: &mut Members<'_>) -> Read<Line> {
    let item_id = members.required("itemId", ItemId::read);
    let title = members.optional("title", parsed);
    let description = members.optional("description", parsed);
    let quantity = members.required("quantity", Quantity::read);
    let unit_price = members.optional("unitPrice", Price::read);
    Ok(Line {
        item_id: item_id?,
        title: title?,
        description: description?,
        quantity: quantity?,
        unit_price: unit_price?,
    })
}

impl From<Line> for OrderLine {
    fn from(line: Line) -> Self {
        Self {
            item_id: line.item_id.into(),
            title: line.title.map(Into::into),
            description: line.description.map(Into::into),
            quantity: line.quantity.into(),
            unit_price: line.unit_price.map(Into::into),
        }
    }
}
