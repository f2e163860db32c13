//! The id of an item. Items are nobody's aggregate here: any id may be asked for, and one that nobody ordered has no sales.

use service_kit::value::{Id, IdKind};

/// Says of an id that it is an item's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum OfItem {}

impl IdKind for OfItem {}

/// 1 to 64 of `A-Z a-z 0-9 . _ -`, not `.` or `..`.
pub(super) type ItemId = Id<OfItem>;
