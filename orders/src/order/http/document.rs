//! How the API document describes the body that is sent: the tables of `body.rs` and the files below it, said a second
//! time for machines. A test holds both to the same answers.

pub mod examples;

use std::borrow::Cow;
use std::collections::BTreeMap;

use service_kit::http::openapi::bodies::{Part, Scalar, Table, list, nullable_reference};
use shared_events::customer::AddressType;
use utoipa::openapi::schema::AnyOfBuilder;
use utoipa::openapi::{Ref, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::order::line::{MAX_DESCRIPTION, MAX_LINES, MAX_TITLE};
use crate::order::price::Unit;
use crate::order::quantity;

/// The body that places an order.
#[derive(Debug)]
pub struct NewOrder;

/// What one of an item costs, as it is sent.
#[derive(Debug)]
pub struct Price;

impl PartialSchema for NewOrder {
    fn schema() -> Part {
        let words = AddressType::WORDS.map(|(word, _)| word);
        let ship_to = "Which of the customer's addresses it goes to; left out, `SHIPPING`, or else `BILLING`.";
        let id = "Left out, the service makes one. Not a word that stands in its place in other paths, such as `list`.";
        Table::default()
            .optional("id", Scalar::id(id).nullable())
            .required("customerId", Scalar::id("Whose order it is: the customer's id in accounts."))
            .required("items", list("Several lines may be of one item.", 1, MAX_LINES, line()).build())
            .optional("shipTo", Scalar::one_of(ship_to, words).nullable())
            .build()
    }
}

impl ToSchema for NewOrder {
    fn schemas(schemas: &mut Vec<(String, Part)>) {
        schemas.push((Price::name().into_owned(), Price::schema()));
    }
}

impl PartialSchema for Price {
    /// One alternative for each number of places that currencies have.
    fn schema() -> Part {
        let mut by_places: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        for unit in Unit::all() {
            by_places.entry(unit.places()).or_default().push(unit.code());
        }
        let alternatives = by_places.into_iter().map(|(places, codes)| price(places, codes));
        let about = "An exact decimal with at most the places of its currency, up to 10^12.";
        let any = alternatives.fold(AnyOfBuilder::new().description(Some(about)), AnyOfBuilder::item);
        Schema::AnyOf(any.build()).into()
    }
}

impl ToSchema for Price {
    fn name() -> Cow<'static, str> {
        "Price".into()
    }
}

fn line() -> Part {
    let price = Ref::from_schema_name(Price::name());
    Table::default()
        .required("itemId", Scalar::id("The item's id."))
        .optional("title", Scalar::line("What the item is called.", 0, MAX_TITLE).nullable())
        .optional("description", Scalar::line("More about it.", 0, MAX_DESCRIPTION).nullable())
        .required("quantity", Scalar::whole_number("How many.", 1, quantity::MAX.into()))
        .optional("unitPrice", nullable_reference(price))
        .build()
}

fn price(places: u32, codes: Vec<&str>) -> Part {
    let (some, none, amount) = match places {
        0 => (String::new(), String::new(), "A decimal without places.".to_owned()),
        places => (
            format!(r"(\.[0-9]{{1,{places}}})?"),
            format!(r"(\.0{{1,{places}}})?"),
            format!("A decimal with at most {places} places."),
        ),
    };
    let pattern = format!("^((0|[1-9][0-9]{{0,11}}){some}|1000000000000{none})$");
    Table::default()
        .required("amount", Scalar::text(&amount).pattern(&pattern))
        .required("currency", Scalar::one_of("ISO 4217.", codes))
        .build()
}

#[cfg(test)]
mod tests;
