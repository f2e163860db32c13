//! The servers as their users see them: they answer, are shared, and are gone when nobody uses them.

mod shared;
mod support;
