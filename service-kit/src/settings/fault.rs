//! What is wrong with a setting, as one sentence for the person who can change it. Values are not quoted: one of them may
//! be a secret that stands under the wrong key.

/// A rule that a value breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub(super) key: &'static str,
    pub(super) rule: &'static str,
}

/// Holds a rule: `key` "must be …".
///
/// # Errors
/// The rule, when it does not hold.
pub fn require(holds: bool, key: &'static str, rule: &'static str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault { key, rule }) }
}

/// The settings cannot be used; the process ends with exit code 2.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(pub(super) String);

impl SettingsError {
    /// The exit code of wrong settings.
    pub const EXIT_CODE: u8 = 2;
}
