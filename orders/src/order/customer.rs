//! The customer of an order, as the rules see them: what the copy has at the moment of a decision.

use shared_events::customer::{Address, AddressType, Name, Status};
use shared_events::order::Recipient;

/// Where an order goes when it does not say: the first of these that the customer has.
const USUAL: [AddressType; 2] = [AddressType::Shipping, AddressType::Billing];

/// A customer at one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Which version of them this is.
    pub version: u64,
    /// Whether they still exist.
    pub status: Status,
    /// What they are called.
    pub name: Name,
    /// Where they live; at most one per type.
    pub addresses: Vec<Address>,
}

impl Customer {
    /// The address of a type, if they have it.
    pub fn address(&self, kind: AddressType) -> Option<&Address> {
        self.addresses.iter().find(|address| address.kind == kind)
    }

    /// The types of their addresses, in the order of the contract.
    pub fn address_types(&self) -> Vec<AddressType> {
        let all = AddressType::WORDS.map(|(_, kind)| kind);
        all.into_iter().filter(|kind| self.address(*kind).is_some()).collect()
    }

    /// Where an order goes that is to go there, or anywhere; `None` when they have no such address.
    pub fn ship_to(&self, wanted: Option<AddressType>) -> Option<AddressType> {
        let has = |kind: &AddressType| self.address(*kind).is_some();
        match wanted {
            Some(kind) => Some(kind).filter(has),
            None => USUAL.into_iter().find(has),
        }
    }

    /// What an order shows of them that ships to an address of this type.
    pub fn recipient(&self, ship_to: AddressType) -> Recipient {
        Recipient {
            customer_version: self.version,
            customer_status: self.status,
            name: self.name.clone(),
            address: self.address(ship_to).cloned(),
        }
    }
}
