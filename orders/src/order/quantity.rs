//! How many of an item.

use std::num::NonZeroU16;

use service_kit::http::body::{Node, Read};

/// So many of one item a line has at most.
pub const MAX: u16 = 10_000;

/// A whole number from 1 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(NonZeroU16);

impl Quantity {
    /// Reads the member of a body.
    ///
    /// # Errors
    /// Reported when it is something else.
    pub fn read(node: Node<'_>) -> Read<Self> {
        let number = node.json().whole_number().and_then(|number| u16::try_from(number).ok());
        let quantity = number.filter(|number| *number <= MAX).and_then(NonZeroU16::new);
        quantity.map(Self).ok_or_else(|| node.refuse("must be a whole number from 1 to 10,000"))
    }
}

impl From<Quantity> for u32 {
    fn from(quantity: Quantity) -> Self {
        quantity.0.get().into()
    }
}

#[cfg(test)]
mod tests {
    use service_kit::http::body::{Json, read};

    use super::*;

    #[test]
    fn a_quantity_is_whole_and_bounded() {
        let quantity = |body: &str| read(&Json::parse(body.as_bytes()).unwrap(), Quantity::read).ok().map(u32::from);
        for (good, number) in [("1", 1), ("10000", 10_000), ("7.0", 7)] {
            assert_eq!(quantity(good), Some(number), "{good}");
        }
        for bad in ["0", "-1", "1.5", "10001", "65537", "18446744073709551617", "\"6\"", "true", "[]", "1e9"] {
            assert_eq!(quantity(bad), None, "{bad}");
        }
    }
}
