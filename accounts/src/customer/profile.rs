//! The part of a customer that its owner decides, valid in every detail. Reading a body is the only way to make one.

use serde::Serialize;
use service_kit::http::body::{Members, Read};
use shared_events::customer::{Address, Contact, CreditCard, Customer, Name};

use super::address::addresses;
use super::card::cards;
use super::contact::contact;
use super::name::name;

/// Name, contact, addresses and cards, as they will be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    name: Name,
    contact: Contact,
    addresses: Vec<Address>,
    credit_cards: Vec<CreditCard>,
}

/// The parts, by value.
pub type Parts = (Name, Contact, Vec<Address>, Vec<CreditCard>);

impl Profile {
    /// The rows of these members in the table of a customer. `stored` are the cards whose numbers may be left out.
    ///
    /// # Errors
    /// Reported, each fault at its place.
    pub fn read(members: &mut Members<'_>, stored: &[CreditCard]) -> Read<Self> {
        let name = members.required("name", |node| node.object(name));
        let contact = members.required("contact", |node| node.object(contact));
        let addresses = members.optional("addresses", addresses);
        let credit_cards = members.optional("creditCards", |node| cards(node, stored));
        Ok(Self {
            name: name?,
            contact: contact?,
            addresses: addresses?.unwrap_or_default(),
            credit_cards: credit_cards?.unwrap_or_default(),
        })
    }

    /// The names of the parts that differ from a customer's; from nothing, those that are not empty.
    pub fn differences(&self, from: Option<&Customer>) -> Vec<String> {
        let differ = [
            ("name", from.is_none_or(|from| from.name != self.name)),
            ("contact", from.is_none_or(|from| from.contact != self.contact)),
            ("addresses", from.map_or(&[][..], |from| &from.addresses) != self.addresses),
            ("creditCards", from.map_or(&[][..], |from| &from.credit_cards) != self.credit_cards),
        ];
        differ.into_iter().filter(|(_, differs)| *differs).map(|(part, _)| part.to_owned()).collect()
    }

    /// The parts.
    pub fn into_parts(self) -> Parts {
        (self.name, self.contact, self.addresses, self.credit_cards)
    }
}
