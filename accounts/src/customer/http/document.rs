//! How the API document describes the bodies that are sent: the tables of `body.rs` and the files below it, said a
//! second time for machines. A test holds both to the same answers.
//!
//! What is answered needs no second description: it is the contract's own `Customer`. Members that the service sets are
//! `readOnly`: they may be sent back as they were read, and need not be.

pub mod examples;

use std::borrow::Cow;

use isocountry::CountryCode as Country;
use service_kit::http::openapi::bodies::{self, Part, Scalar, Table, nullable, nullable_reference};
use shared_events::customer::AddressType;
use utoipa::openapi::Ref;
use utoipa::{PartialSchema, ToSchema};

use crate::customer::{address, card, card_face, email, expiration, phone};

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
        let codes = Country::as_array_alpha2().iter().map(Country::alpha2);
        Scalar::one_of("A country: ISO 3166-1 alpha-2.", codes).into()
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

/// The members of an object of one of the bodies.
struct Members(Body, Table);

impl Members {
    fn of(body: Body) -> Self {
        Self(body, Table::default())
    }

    /// A member that the customer must have; a patch may leave it out, for it is there already, but not remove it.
    fn required(self, name: &str, part: impl Into<Part>) -> Self {
        match self.0 {
            Body::Create | Body::Replace => self.required_of_item(name, part),
            Body::Patch => self.optional(name, part),
        }
    }

    /// A member of a list's item: items are replaced whole.
    fn required_of_item(self, name: &str, part: impl Into<Part>) -> Self {
        Self(self.0, self.1.required(name, part))
    }

    fn optional(self, name: &str, part: impl Into<Part>) -> Self {
        Self(self.0, self.1.optional(name, part))
    }

    fn build(self) -> Part {
        self.1.build()
    }
}

fn customer(body: Body) -> Part {
    let table = Members::of(body);
    let table = match body {
        Body::Create => table.optional("id", Scalar::id("Left out, the service makes one.").nullable()),
        Body::Replace | Body::Patch => table.optional("id", Scalar::id("That of the path.").nullable().read_only()),
    };
    let table = table
        .required("name", name(body))
        .required("contact", contact(body))
        .optional("addresses", list(address::MAX_ADDRESSES, address(body)))
        .optional("creditCards", list(card::MAX_CARDS, card(body)));
    match body {
        Body::Create => table.build(),
        Body::Replace | Body::Patch => {
            let time = |about| Scalar::text(about).format("date-time").nullable().read_only();
            table
                .optional(
                    "version",
                    Scalar::whole_number("1, 2, 3 …", 1, isize::MAX.unsigned_abs()).nullable().read_only(),
                )
                .optional("status", Scalar::one_of("`ACTIVE`", ["ACTIVE", "DELETED"]).nullable().read_only())
                .optional("createdAt", time("When version 1 was made."))
                .optional("updatedAt", time("When this version was made."))
                .build()
        }
    }
}

fn name(body: Body) -> Part {
    Members::of(body)
        .optional("title", Scalar::line("`Mr.`, `Dr.`", 1, 80).nullable())
        .required("firstName", Scalar::line("Given name.", 1, 80))
        .optional("middleName", Scalar::line("Middle name or initial.", 1, 80).nullable())
        .required("lastName", Scalar::line("Family name.", 1, 80))
        .optional("suffix", Scalar::line("`Jr.`, `III`", 1, 80).nullable())
        .build()
}

fn contact(body: Body) -> Part {
    let phone = || Scalar::text("7 to 15 digits, kept as typed.").pattern(phone::PATTERN).length(7, phone::MAX_LENGTH);
    let email = Scalar::text("Unique among living customers.").format("email").length(3, email::MAX_LENGTH);
    Members::of(body)
        .required("primaryPhone", phone())
        .optional("secondaryPhone", phone().nullable())
        .required("email", email)
        .build()
}

fn address(body: Body) -> Part {
    Members::of(body)
        .required_of_item("type", Scalar::one_of("What it is for.", AddressType::WORDS.map(|(word, _)| word)))
        .optional("description", Scalar::line("The customer's own words.", 0, 500).nullable())
        .required_of_item("address1", Scalar::line("First line.", 1, 200))
        .optional("address2", Scalar::line("Second line.", 0, 200).nullable())
        .required_of_item("city", Scalar::line("City.", 1, 200))
        .required_of_item("state", Scalar::line("State or region.", 1, 200))
        .optional("postalCode", Scalar::line("Postal code, where the country has one.", 0, 20).nullable())
        .optional("country", nullable_reference(Ref::from_schema_name(CountryCode::name())))
        .build()
}

fn card(body: Body) -> Part {
    let number = Scalar::text("12 to 19 digits. It is reduced to brand and last four digits, never stored.")
        .pattern(card_face::PATTERN)
        .length(12, card_face::MAX_LENGTH);
    let table = Members::of(body)
        .required_of_item("type", Scalar::one_of("Which card.", card::TYPES.map(|(word, _)| word)))
        .optional("description", Scalar::line("The customer's own words.", 0, 500).nullable());
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
        .required_of_item("nameOnCard", Scalar::line("As embossed.", 1, 80))
        .build()
}

fn list(most: usize, item: Part) -> Part {
    nullable(bodies::list("At most one of each type.", 0, most, item))
}

#[cfg(test)]
mod tests;
