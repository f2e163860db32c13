//! How the API document describes the bodies that are sent: the tables of `body.rs` and the files below it, said a
//! second time for machines. A test holds both to the same answers.
//!
//! What is answered needs no second description: it is the contract's own `Customer`. Members that the service sets are
//! `readOnly`: they may be sent back as they were read, and need not be.

pub mod examples;
mod scalars;

use std::borrow::Cow;

use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use self::scalars::{Scalar, country_codes};
use crate::customer::{address, card, card_face, email, expiration, id, phone};

type Part = RefOr<Schema>;

/// The body of a create.
#[derive(Debug)]
pub struct NewCustomer;

/// The body that replaces a customer.
#[derive(Debug)]
pub struct CustomerReplacement;

/// What a merge patch of a customer may hold.
#[derive(Debug)]
pub struct CustomerPatch;

/// The two-letter codes of all countries.
#[derive(Debug)]
pub struct CountryCode;

/// Which of the bodies is described: they differ in what must be there and in what may be sent back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    Create,
    Replace,
    Patch,
}

impl PartialSchema for NewCustomer {
    fn schema() -> Part {
        customer(Body::Create)
    }
}

impl PartialSchema for CustomerReplacement {
    fn schema() -> Part {
        customer(Body::Replace)
    }
}

impl PartialSchema for CustomerPatch {
    fn schema() -> Part {
        customer(Body::Patch)
    }
}

impl PartialSchema for CountryCode {
    fn schema() -> Part {
        country_codes()
    }
}

impl ToSchema for NewCustomer {
    fn schemas(schemas: &mut Vec<(String, Part)>) {
        add_country_codes(schemas);
    }
}

impl ToSchema for CustomerReplacement {
    fn schemas(schemas: &mut Vec<(String, Part)>) {
        add_country_codes(schemas);
    }
}

impl ToSchema for CustomerPatch {
    fn schemas(schemas: &mut Vec<(String, Part)>) {
        add_country_codes(schemas);
    }
}

impl ToSchema for CountryCode {
    fn name() -> Cow<'static, str> {
        "CountryCode".into()
    }
}

fn add_country_codes(schemas: &mut Vec<(String, Part)>) {
    schemas.push((CountryCode::name().into_owned(), CountryCode::schema()));
}

/// The members of an object: what must be there, what may be, and nothing else.
struct Table(Body, ObjectBuilder);

impl Table {
    fn new(body: Body) -> Self {
        Self(body, ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(false))))
    }

    /// A member that the customer must have; a patch may leave it out, for it is there already, but not remove it.
    fn required(self, name: &str, part: impl Into<Part>) -> Self {
        let object = self.1.property(name, part);
        Self(self.0, if self.0 == Body::Patch { object } else { object.required(name) })
    }

    /// A member of a list's item: items are replaced whole.
    fn required_of_item(self, name: &str, part: impl Into<Part>) -> Self {
        Self(self.0, self.1.property(name, part).required(name))
    }

    fn optional(self, name: &str, part: impl Into<Part>) -> Self {
        Self(self.0, self.1.property(name, part))
    }

    fn build(self) -> Part {
        self.1.build().into()
    }
}

fn customer(body: Body) -> Part {
    let table = Table::new(body);
    let table = match body {
        Body::Create => table.optional("id", identifier("Left out, the service makes one.").nullable()),
        Body::Replace | Body::Patch => table.optional("id", identifier("That of the path.").nullable().read_only()),
    };
    let table = table
        .required("name", name(body))
        .required("contact", contact(body))
        .optional("addresses", list(address::MAX_ADDRESSES, "At most one of each type.", address(body)))
        .optional("creditCards", list(card::MAX_CARDS, "At most one of each type.", card(body)));
    match body {
        Body::Create => table.build(),
        Body::Replace | Body::Patch => {
            let time = |about| Scalar::text(about).format("date-time").nullable().read_only();
            table
                .optional("version", Scalar::whole_number("1, 2, 3 …", 1).nullable().read_only())
                .optional("status", Scalar::one_of("`ACTIVE`", ["ACTIVE", "DELETED"]).nullable().read_only())
                .optional("createdAt", time("When version 1 was made."))
                .optional("updatedAt", time("When this version was made."))
                .build()
        }
    }
}

fn identifier(about: &str) -> Scalar {
    Scalar::text(about).pattern(id::PATTERN).length(1, id::MAX_LENGTH).or_whole_number()
}

fn name(body: Body) -> Part {
    Table::new(body)
        .optional("title", line("`Mr.`, `Dr.`", 1, 80).nullable())
        .required("firstName", line("Given name.", 1, 80))
        .optional("middleName", line("Middle name or initial.", 1, 80).nullable())
        .required("lastName", line("Family name.", 1, 80))
        .optional("suffix", line("`Jr.`, `III`", 1, 80).nullable())
        .build()
}

fn contact(body: Body) -> Part {
    let phone = || Scalar::text("7 to 15 digits, kept as typed.").pattern(phone::PATTERN).length(7, phone::MAX_LENGTH);
    let email = Scalar::text("Unique among living customers.").format("email").length(3, email::MAX_LENGTH);
    Table::new(body)
        .required("primaryPhone", phone())
        .optional("secondaryPhone", phone().nullable())
        .required("email", email)
        .build()
}

fn address(body: Body) -> Part {
    Table::new(body)
        .required_of_item("type", Scalar::one_of("What it is for.", address::TYPES.map(|(word, _)| word)))
        .optional("description", line("The customer's own words.", 0, 500).nullable())
        .required_of_item("address1", line("First line.", 1, 200))
        .optional("address2", line("Second line.", 0, 200).nullable())
        .required_of_item("city", line("City.", 1, 200))
        .required_of_item("state", line("State or region.", 1, 200))
        .optional("postalCode", line("Postal code, where the country has one.", 0, 20).nullable())
        .optional("country", scalars::nullable_reference(Ref::from_schema_name(CountryCode::name())))
        .build()
}

fn card(body: Body) -> Part {
    let number = Scalar::text("12 to 19 digits. It is reduced to brand and last four digits, never stored.")
        .pattern(card_face::PATTERN)
        .length(12, card_face::MAX_LENGTH);
    let table = Table::new(body)
        .required_of_item("type", Scalar::one_of("Which card.", card::TYPES.map(|(word, _)| word)))
        .optional("description", line("The customer's own words.", 0, 500).nullable());
    let table = match body {
        Body::Create => table.required_of_item("number", number),
        // Left out, the number of the stored card of this type stays.
        Body::Replace | Body::Patch => table.optional("number", number.nullable()),
    };
    let expiration = Scalar::text("`6/19`, `06/2019` or `2019-06`.").pattern(expiration::PATTERN).length(4, 7);
    table
        .optional("brand", Scalar::one_of("As the number says.", card_face::BRANDS).nullable().read_only())
        .optional("lastFour", Scalar::text("As the number says.").pattern("^[0-9]{4}$").nullable().read_only())
        .required_of_item("expiration", expiration)
        .required_of_item("nameOnCard", line("As embossed.", 1, 80))
        .build()
}

fn line(about: &str, least: usize, most: usize) -> Scalar {
    let pattern = if least == 0 { scalars::LINE } else { scalars::FILLED_LINE };
    Scalar::text(about).pattern(pattern).length(least, most)
}

fn list(most: usize, about: &str, item: Part) -> Part {
    let types = SchemaType::Array(vec![Type::Array, Type::Null]);
    ArrayBuilder::new().schema_type(types).items(item).max_items(Some(most)).description(Some(about)).build().into()
}

#[cfg(test)]
mod tests;
