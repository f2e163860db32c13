//! The layers and how they are laid over each other: by key, checked against the key's default before anything is
//! deserialised, so that every fault names the key, the place it came from and the remedy.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use config::{Config, ConfigError, File, FileFormat, Map, Value, ValueKind};

use super::ServiceSettings;
use super::fault::{Fault, SettingsError};
use super::loaded::Loaded;

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
        let defaults = flat(parse(toml).map_err(|error| unreadable(origin, &error))?);
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
        for (key, kind) in flat(parse(&text).map_err(|error| unreadable(&origin, &error))?) {
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
        settings
            .validate()
            .map_err(|Fault { key, rule }| SettingsError(format!("{key}{} {rule}", from(&origins, key))))?;
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
        let nearest = self.defaults.keys().min_by_key(|known| distance(key, known));
        let hint = match nearest {
            Some(known) if distance(key, known) <= 3 => format!("did you mean {}?", as_written(known)),
            _ => "--print-config lists them all".to_owned(),
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

fn parse(toml: &str) -> Result<Map<String, Value>, ConfigError> {
    use config::Source;
    Config::builder().add_source(File::from_str(toml, FileFormat::Toml)).build()?.collect()
}

pub(super) fn keys_with_defaults(toml: &str) -> Result<BTreeMap<String, String>, SettingsError> {
    let map = parse(toml).map_err(|error| unreadable("the embedded defaults", &error))?;
    Ok(flat(map).into_iter().map(|(key, kind)| (key, kind.to_string())).collect())
}

fn flat(map: Map<String, Value>) -> BTreeMap<String, ValueKind> {
    let mut flat_map = BTreeMap::new();
    flatten("", map, &mut flat_map);
    flat_map
}

fn flatten(above: &str, map: Map<String, Value>, into: &mut BTreeMap<String, ValueKind>) {
    for (name, value) in map {
        let key = if above.is_empty() { name } else { format!("{above}.{name}") };
        if let ValueKind::Table(table) = value.kind {
            flatten(&key, table, into);
        } else {
            into.insert(key, value.kind);
        }
    }
}

fn secret_file(key: &str, kind: &ValueKind) -> Option<(String, String)> {
    let ValueKind::String(path) = kind else { return None };
    let key = key.strip_suffix(FILE_SUFFIX)?;
    (!path.is_empty()).then(|| (key.to_owned(), path.clone()))
}

/// The value of a file as the type of its default, or the name of that type.
fn same_type(default: ValueKind, kind: ValueKind) -> Result<ValueKind, &'static str> {
    let wanted = type_name(&default);
    match (wanted, type_name(&kind)) {
        (a, b) if a == b => Ok(kind),
        (NUMBER, WHOLE) => Ok(kind),
        _ => Err(wanted),
    }
}

/// Text as the type of the key's default.
fn typed(default: &ValueKind, text: &str) -> Option<ValueKind> {
    match type_name(default) {
        BOOLEAN => text.parse().ok().map(ValueKind::Boolean),
        WHOLE => text.parse().ok().map(ValueKind::I64),
        NUMBER => text.parse().ok().map(ValueKind::Float),
        TEXT => Some(ValueKind::String(text.to_owned())),
        _ => None,
    }
}

const BOOLEAN: &str = "true or false";
const WHOLE: &str = "a whole number";
const NUMBER: &str = "a number";
const TEXT: &str = "text";

fn type_name(kind: &ValueKind) -> &'static str {
    match kind {
        ValueKind::Boolean(_) => BOOLEAN,
        ValueKind::I64(_) | ValueKind::I128(_) | ValueKind::U64(_) | ValueKind::U128(_) => WHOLE,
        ValueKind::Float(_) => NUMBER,
        ValueKind::String(_) => TEXT,
        ValueKind::Nil | ValueKind::Table(_) | ValueKind::Array(_) => "a single value",
    }
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

/// Puts the value of a dotted key into the tree that the sections are read from.
fn plant(tree: &mut serde_json::Map<String, serde_json::Value>, key: &str, kind: ValueKind) {
    let Some((section, rest)) = key.split_once('.') else {
        tree.insert(key.to_owned(), json(kind));
        return;
    };
    let branch = tree.entry(section).or_insert_with(|| serde_json::Map::new().into());
    if let Some(branch) = branch.as_object_mut() {
        plant(branch, rest, kind);
    }
}

fn json(kind: ValueKind) -> serde_json::Value {
    match kind {
        ValueKind::Boolean(value) => value.into(),
        ValueKind::I64(value) => value.into(),
        ValueKind::U64(value) => value.into(),
        ValueKind::Float(value) => value.into(),
        ValueKind::String(value) => value.into(),
        // No default has these types, and every value has the type of its default.
        ValueKind::Nil | ValueKind::I128(_) | ValueKind::U128(_) | ValueKind::Table(_) | ValueKind::Array(_) => {
            serde_json::Value::Null
        }
    }
}

/// Levenshtein distance, for "did you mean".
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
