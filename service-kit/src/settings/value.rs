//! TOML as dotted keys with typed values, and back to the tree that sections are read from.

use std::collections::BTreeMap;

use config::{Config, ConfigError, File, FileFormat, Map, Source, Value, ValueKind};

/// Every key of a TOML text, dotted, with its value.
pub(super) fn parse(toml: &str) -> Result<BTreeMap<String, ValueKind>, ConfigError> {
    Config::builder().add_source(File::from_str(toml, FileFormat::Toml)).build()?.collect().map(flat)
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

/// Puts the value of a dotted key into the tree that the sections are read from.
pub(super) fn plant(tree: &mut serde_json::Map<String, serde_json::Value>, key: &str, kind: ValueKind) {
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

/// The value of a file as the type of its default, or the name of that type.
pub(super) fn same_type(default: ValueKind, kind: ValueKind) -> Result<ValueKind, &'static str> {
    let wanted = type_name(&default);
    match (wanted, type_name(&kind)) {
        (a, b) if a == b => Ok(kind),
        (NUMBER, WHOLE) => Ok(kind),
        _ => Err(wanted),
    }
}

/// Text as the type of the key's default.
pub(super) fn typed(default: &ValueKind, text: &str) -> Option<ValueKind> {
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

pub(super) fn type_name(kind: &ValueKind) -> &'static str {
    match kind {
        ValueKind::Boolean(_) => BOOLEAN,
        ValueKind::I64(_) | ValueKind::I128(_) | ValueKind::U64(_) | ValueKind::U128(_) => WHOLE,
        ValueKind::Float(_) => NUMBER,
        ValueKind::String(_) => TEXT,
        ValueKind::Nil | ValueKind::Table(_) | ValueKind::Array(_) => "a single value",
    }
}
