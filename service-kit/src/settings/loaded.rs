//! Settings that were read, with the place that each value came from, and how they are printed.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

/// Valid settings.
#[derive(Clone, Debug)]
pub struct Loaded<S> {
    settings: S,
    origins: BTreeMap<String, String>,
}

impl<S: Serialize> Loaded<S> {
    pub(super) fn new(settings: S, origins: BTreeMap<String, String>) -> Self {
        Self { settings, origins }
    }

    /// The settings alone.
    pub fn into_settings(self) -> S {
        self.settings
    }

    /// All of them as TOML that can be loaded again, each with where it came from; secrets are masked.
    pub fn print(&self) -> String {
        let mut toml = String::new();
        if let Ok(Value::Object(sections)) = serde_json::to_value(&self.settings) {
            self.print_table("", &sections, &mut toml);
        }
        toml.trim_start().to_owned()
    }

    /// Single values before tables, as TOML wants it.
    fn print_table(&self, path: &str, table: &Map<String, Value>, toml: &mut String) {
        for (name, value) in table.iter().filter(|(_, value)| !value.is_object()) {
            let key = join(path, name);
            let origin = self.origins.get(&key).map_or("", String::as_str);
            toml.push_str(&format!("{name} = {} # {origin}\n", literal(value)));
        }
        for (name, value) in table {
            if let Value::Object(inner) = value {
                let path = join(path, name);
                toml.push_str(&format!("\n[{path}]\n"));
                self.print_table(&path, inner, toml);
            }
        }
    }
}

/// The dotted key of a member.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// JSON's scalars are TOML's, but for the one control character that JSON leaves as it is.
fn literal(value: &Value) -> String {
    value.to_string().replace('\u{7f}', "\\u007f")
}
