//! Settings in three layers: the defaults that are embedded in the binary, a file, the environment.
//!
//! The defaults name every key there is, with its type; whatever a file or an environment variable says beyond that is
//! refused with one sentence (a setting that is misspelt and silently ignored is found in production). Each section is a
//! struct in the module it configures; this module knows none of them. A secret never leaves as text: see [`Secret`].

mod command_line;
mod fault;
mod layers;
mod loaded;
mod nearest;
mod page;
mod secret;
mod value;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::command_line::{Started, from_process};
pub use self::fault::{Fault, SettingsError, require};
pub use self::loaded::Loaded;
pub use self::page::compare_with_page;
pub use self::secret::Secret;

/// All settings of one service.
pub trait ServiceSettings: Serialize + DeserializeOwned {
    /// The service's name in lower case; in upper case, with `__`, the prefix of its environment variables.
    const SERVICE: &'static str;
    /// The embedded TOML with every key and its default.
    const DEFAULTS: &'static str;

    /// What the types cannot say: ranges, and relations between sections.
    ///
    /// # Errors
    /// The first rule that is broken, with its key.
    fn validate(&self) -> Result<(), Fault>;
}

/// Where settings come from besides the embedded defaults, later ones over earlier ones.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// A TOML file.
    pub file: Option<PathBuf>,
    /// Environment variables, also those of others.
    pub variables: BTreeMap<String, String>,
    /// Keys with their values as text, for tests: `("http.port", "0")`.
    pub pairs: Vec<(String, String)>,
}

/// Reads all layers.
///
/// # Errors
/// One sentence: the key, where its value came from, and the remedy.
pub fn load<S: ServiceSettings>(sources: &Sources) -> Result<Loaded<S>, SettingsError> {
    let mut layers = layers::Layers::defaults(S::SERVICE, S::DEFAULTS)?;
    if let Some(file) = &sources.file {
        layers.add_file(file)?;
    }
    layers.add_variables(&sources.variables)?;
    layers.add_pairs(&sources.pairs)?;
    layers.read_secret_files()?;
    layers.into_settings()
}

/// The defaults with some keys changed, and nothing from the process around: what tests start a service with.
///
/// # Errors
/// As [`load`].
pub fn from_pairs<S, K, V>(pairs: impl IntoIterator<Item = (K, V)>) -> Result<S, SettingsError>
where
    S: ServiceSettings,
    K: Into<String>,
    V: Into<String>,
{
    let pairs = pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
    load(&Sources { pairs, ..Sources::default() }).map(Loaded::into_settings)
}

#[cfg(test)]
mod tests;
