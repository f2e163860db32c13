//! The customer's id: chosen by the caller, derived from an `Idempotency-Key`, or made by the service.

use service_kit::value::{Id, IdKind};

/// Says of an id that it is a customer's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OfCustomer {}

impl IdKind for OfCustomer {}

/// 1 to 64 of `A-Z a-z 0-9 . _ -`, not `.` or `..`.
pub type CustomerId = Id<OfCustomer>;
