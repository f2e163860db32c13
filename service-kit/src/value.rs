//! Values that cannot be wrong, for whoever needs them: each has one way in, its parser, and is not checked again. What a
//! value *means* is said where it is used: a business folder gives an id its kind and a line its lengths.
//!
//! Must not: know a customer or an order, or repeat a value in the sentence that refuses it (G8).

mod rule;

mod id;
mod line;

pub use self::id::{Id, IdKind, MAX_LENGTH as MAX_ID_LENGTH, PATTERN as ID_PATTERN};
pub use self::line::Line;
pub use self::rule::BrokenRule;
