//! The layers and how they are laid over each other: by key, checked against the key's default before anything is
//! deserialised, so that every fault names the key, the place it came from and the remedy.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use config::{ConfigError, ValueKind};

use super::ServiceSettings;
use super::fault::{Fault, SettingsError};
use super::loaded::Loaded;
use super::nearest::nearest;
use super::value::{parse, plant, same_type, type_name, typed};

/// Variables with the service's prefix that are no settings: the name of the file.
const FILE_VARIABLE: &str = "CONFIG";
const FILE_SUFFIX: &str = "_file";

/// A value and where it came from: `the defaults`, a file's path, or a variable's name.
struct Entry {
    kind: ValueKind,
    origin: String,
}

/// All keys, dotted (`http.port`), with the value of the uppermost layer.
pub(super) struct Layers {
    prefix: String,
    defaults: BTreeMap<String, ValueKind>,
    entries: BTreeMap<String, Entry>,
}

impl Layers {
    pub(super) fn defaults(service: &str, toml: &str) -> Result<Self, SettingsError> {
        let origin = "the embedded defaults";
        let defaults = parse(toml).map_err(|error| unreadable(origin, &error))?;
        let entries =
            defaults.iter().map(|(key, kind)| (key.clone(), Entry { kind: kind.clone(), origin: origin.to_owned() }));
        let entries = entries.collect();
        Ok(Self { prefix: prefix(service), defaults, entries })
    }

    pub(super) fn add_file(&mut self, path: &Path) -> Result<(), SettingsError> {
        let origin = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| {
            SettingsError(format!("the settings file {origin} cannot be read ({error}): correct --config"))
        })?;
        for (key, kind) in parse(&text).map_err(|error| unreadable(&origin, &error))? {
            let default = self.known(&key).ok_or_else(|| self.unknown(&key, &format!("in {origin}"), dotted))?;
            let kind = same_type(default, kind).map_err(|wanted| wrong_type(&key, &origin, wanted))?;
            self.entries.insert(key, Entry { kind, origin: origin.clone() });
        }
        Ok(())
    }

    pub(super) fn add_variables(&mut self, variables: &BTreeMap<String, String>) -> Result<(), SettingsError> {
        for (name, text) in variables {
            let Some(rest) = name.strip_prefix(&self.prefix) else { continue };
            if rest == FILE_VARIABLE {
                continue;
            }
            let key = rest.to_lowercase().replace("__", ".");
            let prefix = self.prefix.clone();
            let default = self.known(&key).ok_or_else(|| {
                self.unknown(&key, &format!("(the environment variable {name})"), |key| variable(&prefix, key))
            })?;
            self.set_text(default, key, text, name)?;
        }
        Ok(())
    }

    pub(super) fn add_pairs(&mut self, pairs: &[(String, String)]) -> Result<(), SettingsError> {
        for (key, text) in pairs {
            let default = self.known(key).ok_or_else(|| self.unknown(key, "", dotted))?;
            self.set_text(default, key.clone(), text, key)?;
        }
        Ok(())
    }

    /// `x_file` names a file that holds the value of `x`: how container platforms hand secrets over.
    pub(super) fn read_secret_files(&mut self) -> Result<(), SettingsError> {
        let files: Vec<(String, String)> =
            self.entries.iter().filter_map(|(key, entry)| secret_file(key, &entry.kind)).collect();
        for (key, path) in files {
            if !self.entries.contains_key(&key) {
                continue;
            }
            let text = fs::read_to_string(&path).map_err(|error| {
                SettingsError(format!("the file that {key}{FILE_SUFFIX} names cannot be read ({error}): correct the path or its permissions"))
            })?;
            let kind = ValueKind::String(text.trim_end().to_owned());
            self.entries.insert(key.clone(), Entry { kind, origin: format!("the file that {key}{FILE_SUFFIX} names") });
        }
        Ok(())
    }

    pub(super) fn into_settings<S: ServiceSettings>(self) -> Result<Loaded<S>, SettingsError> {
        let origins: BTreeMap<String, String> =
            self.entries.iter().map(|(key, entry)| (key.clone(), entry.origin.clone())).collect();
        let mut tree = serde_json::Map::new();
        for (key, entry) in self.entries {
            plant(&mut tree, &key, entry.kind);
        }
        let settings: S = serde_path_to_error::deserialize(serde_json::Value::Object(tree))
            .map_err(|error| refused(&origins, &error))?;
        settings.validate().map_err(|fault| broken(&origins, fault))?;
        Ok(Loaded::new(settings, origins))
    }

    fn known(&self, key: &str) -> Option<ValueKind> {
        self.defaults.get(key).cloned()
    }

    fn set_text(&mut self, default: ValueKind, key: String, text: &str, origin: &str) -> Result<(), SettingsError> {
        let kind = typed(&default, text).ok_or_else(|| wrong_type(&key, origin, type_name(&default)))?;
        self.entries.insert(key, Entry { kind, origin: origin.to_owned() });
        Ok(())
    }

    fn unknown(&self, key: &str, place: &str, as_written: impl Fn(&str) -> String) -> SettingsError {
        let hint = match nearest(key, self.defaults.keys()) {
            Some(known) => format!("did you mean {}?", as_written(known)),
            None => "--print-config lists them all".to_owned(),
        };
        let space = if place.is_empty() { "" } else { " " };
        SettingsError(format!("there is no setting {key}{space}{place}: {hint}"))
    }
}

/// `accounts` → `ACCOUNTS__`.
pub(super) fn prefix(service: &str) -> String {
    format!("{}__", service.to_uppercase())
}

/// `http.port` → `ACCOUNTS__HTTP__PORT`.
pub(super) fn variable(prefix: &str, key: &str) -> String {
    format!("{prefix}{}", key.replace('.', "__").to_uppercase())
}

/// The variable that names the settings file.
pub(super) fn file_variable(service: &str) -> String {
    format!("{}{FILE_VARIABLE}", prefix(service))
}

fn dotted(key: &str) -> String {
    key.to_owned()
}

pub(super) fn keys_with_defaults(toml: &str) -> Result<BTreeMap<String, String>, SettingsError> {
    let defaults = parse(toml).map_err(|error| unreadable("the embedded defaults", &error))?;
    Ok(defaults.into_iter().map(|(key, kind)| (key, kind.to_string())).collect())
}

fn secret_file(key: &str, kind: &ValueKind) -> Option<(String, String)> {
    let ValueKind::String(path) = kind else { return None };
    let key = key.strip_suffix(FILE_SUFFIX)?;
    (!path.is_empty()).then(|| (key.to_owned(), path.clone()))
}

fn wrong_type(key: &str, origin: &str, wanted: &str) -> SettingsError {
    SettingsError(format!("{key} (from {origin}) must be {wanted}: correct it there"))
}

fn unreadable(origin: &str, error: &ConfigError) -> SettingsError {
    let text = error.to_string();
    let position = text.lines().next().unwrap_or_default();
    SettingsError(format!("{origin} is not TOML ({position}): correct it there"))
}

fn from(origins: &BTreeMap<String, String>, key: &str) -> String {
    origins.get(key).map(|origin| format!(" (from {origin})")).unwrap_or_default()
}

/// What a section's own types refuse: a range, a choice, an unknown or missing member (the last two are faults of the
/// embedded defaults, which a test of each service finds). Secrets are plain text and cannot fail here.
fn refused(origins: &BTreeMap<String, String>, error: &serde_path_to_error::Error<serde_json::Error>) -> SettingsError {
    let key = error.path().to_string();
    SettingsError(format!("{key}{} cannot be used: {}", from(origins, &key), error.inner()))
}

fn broken(origins: &BTreeMap<String, String>, fault: Fault) -> SettingsError {
    match fault {
        Fault::Rule { key, rule } => SettingsError(format!("{key}{} {rule}", from(origins, key))),
        Fault::Relation(sentence) => SettingsError(sentence),
    }
}
