//! A postal address.

use std::str::FromStr;

use isocountry::CountryCode;
use service_kit::http::body::{Members, Node, Read, parsed};
use service_kit::value::BrokenRule;
use shared_events::customer::{Address, AddressType};

use super::distinct::Distinct;
use super::line::{Description, Line};

/// A customer has at most so many.
pub const MAX_ADDRESSES: usize = 10;

/// A line that an address must have.
type RequiredLine = Line<1, 200>;
/// A line that an address may have.
type OptionalLine = Line<0, 200>;

/// A country by its ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country(CountryCode);

impl FromStr for Country {
    type Err = BrokenRule;

    fn from_str(text: &str) -> Result<Self, BrokenRule> {
        let code = CountryCode::for_alpha2(text).map_err(|_| "must be an ISO 3166 alpha-2 code, such as US")?;
        Ok(Self(code))
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.0.alpha2().to_owned()
    }
}

/// Reads the list `addresses`: at most one of each type.
///
/// # Errors
/// Reported, each fault at its place.
pub fn addresses(list: Node<'_>) -> Read<Vec<Address>> {
    let mut types = Distinct::new(&AddressType::WORDS);
    list.list(MAX_ADDRESSES, |item| item.object(|members| address(members, &mut types)))
}

fn address(members: &mut Members<'_>, types: &mut Distinct<AddressType>) -> Read<Address> {
    let kind = members.required("type", |node| types.read(node));
    let description = members.optional("description", parsed::<Description>);
    let address1 = members.required("address1", parsed::<RequiredLine>);
    let address2 = members.optional("address2", parsed::<OptionalLine>);
    let city = members.required("city", parsed::<RequiredLine>);
    let state = members.required("state", parsed::<RequiredLine>);
    let postal_code = members.optional("postalCode", parsed::<Line<0, 20>>);
    let country = members.optional("country", parsed::<Country>);
    Ok(Address {
        kind: kind?,
        description: description?.map(Into::into),
        address1: address1?.into(),
        address2: address2?.map(Into::into),
        city: city?.into(),
        state: state?.into(),
        postal_code: postal_code?.map(Into::into),
        country: country?.map(Into::into),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_an_assigned_code_in_capitals() {
        assert_eq!("DE".parse::<Country>().map(String::from), Ok("DE".to_owned()));
        for bad in ["", "de", "XX", "DEU", "Germany", "ＤＥ"] {
            assert!(bad.parse::<Country>().is_err(), "{bad}");
        }
    }
}
