//! What is wrong with a setting, as one sentence for the person who can change it. Values are not quoted: one of them may
//! be a secret that stands under the wrong key.

/// A rule that a value breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A rule of one key: it "must be …".
    Rule {
        /// The dotted key.
        key: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// A relation between keys, as a whole sentence that names them.
    Relation(String),
}

impl From<String> for Fault {
    fn from(sentence: String) -> Self {
        Self::Relation(sentence)
    }
}

/// Holds a rule: `key` "must be …".
///
/// # Errors
/// The rule, when it does not hold.
pub fn require(holds: bool, key: &'static str, rule: &'static str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::Rule { key, rule }) }
}

/// The settings cannot be used; the process ends with exit code 2.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(pub(super) String);

impl SettingsError {
    /// The exit code of wrong settings.
    pub const EXIT_CODE: u8 = 2;
}
