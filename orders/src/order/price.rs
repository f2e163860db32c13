//! Money: exact decimals in a currency, never floats. What is stored has exactly as many places as the currency has, so
//! that two texts of one amount are the same text.

use std::str::FromStr;

use iso_currency::Currency;
use rust_decimal::Decimal;
use service_kit::http::body::{Members, Node, Read, parsed};
use service_kit::value::BrokenRule;
use shared_events::order::Money;

use super::quantity::Quantity;

/// The largest amount, in whole units of any currency.
const MAX_UNITS: u64 = 1_000_000_000_000;

/// The longest text of an amount: 13 digits, a point, and no currency has more than four places.
const MAX_TEXT: usize = 18;

/// What one of an item costs: 0 or more, with the places of its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    amount: Decimal,
    unit: Unit,
}

/// A currency that amounts can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    currency: Currency,
    places: u32,
}

/// A decimal of 0 to 10^12, whatever its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Amount(Decimal);

/// The sum is larger than a decimal can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must not cost more together than can be written")]
pub struct Overflow;

impl Price {
    /// Reads `{"amount": "12.50", "currency": "USD"}`.
    ///
    /// # Errors
    /// Reported, each fault at its place.
    pub fn read(node: Node<'_>) -> Read<Self> {
        node.object(|members: &mut Members<'_>| {
            let unit = members.required("currency", parsed::<Unit>);
            let amount = members.required("amount", |node| {
                let Amount(amount) = parsed(node)?;
                match unit {
                    Ok(unit) if amount.scale() > unit.places => Err(node.refuse(unit.rule())),
                    Ok(_) | Err(_) => Ok(amount),
                }
            });
            Ok(Self::new(amount?, unit?))
        })
    }

    fn new(mut amount: Decimal, unit: Unit) -> Self {
        // Only ever adds zeros: no amount that is read has more places.
        amount.rescale(unit.places);
        Self { amount, unit }
    }

    fn times(self, quantity: Quantity) -> Result<Self, Overflow> {
        self.with(self.amount.mantissa().checked_mul(u32::from(quantity).into()))
    }

    fn plus(self, other: Self) -> Result<Self, Overflow> {
        self.with(self.amount.mantissa().checked_add(other.amount.mantissa()))
    }

    /// So many of the smallest unit that the currency has: cents. Sums are made of whole numbers, because a decimal that
    /// gets too long is rounded rather than refused.
    fn with(self, cents: Option<i128>) -> Result<Self, Overflow> {
        let amount = cents.and_then(|cents| Decimal::try_from_i128_with_scale(cents, self.unit.places).ok());
        Ok(Self { amount: amount.ok_or(Overflow)?, ..self })
    }
}

/// What all lines cost together: only when every line has a price, and all in one currency.
///
/// # Errors
/// [`Overflow`].
pub fn total(lines: impl IntoIterator<Item = (Option<Price>, Quantity)>) -> Result<Option<Price>, Overflow> {
    let mut total: Option<Price> = None;
    for (price, quantity) in lines {
        let Some(price) = price else { return Ok(None) };
        let before = total.unwrap_or(Price { amount: Decimal::ZERO, ..price });
        if before.unit != price.unit {
            return Ok(None);
        }
        total = Some(before.plus(price.times(quantity)?)?);
    }
    Ok(total)
}

impl From<Price> for Money {
    fn from(Price { amount, unit }: Price) -> Self {
        Self { amount: amount.to_string(), currency: unit.code().to_owned() }
    }
}

impl FromStr for Amount {
    type Err = BrokenRule;

    fn from_str(text: &str) -> Result<Self, BrokenRule> {
        const RULE: &str = "must be a decimal from 0 to 10^12, such as 12.50: digits, and a point before the places";
        let (units, places) = text.split_once('.').map_or((text, None), |(units, places)| (units, Some(places)));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let plain = digits(units) && places.is_none_or(digits) && (units == "0" || !units.starts_with('0'));
        if !plain || text.len() > MAX_TEXT {
            return Err(RULE.into());
        }
        let amount = Decimal::from_str_exact(text).map_err(|_| RULE)?;
        if amount > Decimal::from(MAX_UNITS) { Err(RULE.into()) } else { Ok(Self(amount)) }
    }
}

impl Unit {
    /// Every currency that has places (which may be 0): not gold, not what is reserved for tests.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..1000).filter_map(Currency::from_numeric).filter_map(Self::of)
    }

    /// The ISO 4217 code.
    pub fn code(self) -> &'static str {
        self.currency.code()
    }

    /// How many decimal places its amounts have.
    pub fn places(self) -> u32 {
        self.places
    }

    fn of(currency: Currency) -> Option<Self> {
        Some(Self { currency, places: currency.exponent()?.into() })
    }

    fn rule(self) -> String {
        let code = self.code();
        match self.places {
            0 => format!("must have no decimal places: {code} has none"),
            places => format!("must have at most {places} decimal places: {code} has no more"),
        }
    }
}

impl FromStr for Unit {
    type Err = BrokenRule;

    fn from_str(code: &str) -> Result<Self, BrokenRule> {
        let unit = Currency::from_code(code).and_then(Self::of);
        unit.ok_or_else(|| "must be the ISO 4217 code of a currency with amounts, such as USD".into())
    }
}

#[cfg(test)]
mod tests;
