//! The id of a customer as accounts issues it. It stands in paths and tokens, so what cannot be one is refused at the edge.

use service_kit::value::{Id, IdKind};

/// Says of an id that it is a customer's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OfCustomer {}

impl IdKind for OfCustomer {}

/// 1 to 64 of `A-Z a-z 0-9 . _ -`, not `.` or `..`.
pub type CustomerId = Id<OfCustomer>;
