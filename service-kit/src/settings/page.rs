//! Compares the page that documents the settings with the settings. Each service calls it in a test, so that neither the
//! page nor the code can gain, lose or change a setting alone.
//!
//! A row of the page: `` | `http.port` | `ACCOUNTS__HTTP__PORT` … | unit | accounts `8080`, orders `8085` | … | ``: the
//! key, the variables of the services that have it, the unit, and the default, either one for all or one per service.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::layers::{keys_with_defaults, prefix, variable};
use super::loaded::join;
use super::{ServiceSettings, from_pairs};

/// What differs between the page and the settings of one service, one line each; empty: nothing.
pub fn compare_with_page<S: ServiceSettings>(page: &str) -> Vec<String> {
    let defaults = match keys_with_defaults(S::DEFAULTS) {
        Ok(defaults) => defaults,
        Err(error) => return vec![error.to_string()],
    };
    let mut differences = match from_pairs::<S, String, String>([]) {
        Ok(settings) => without_default(&settings, &defaults),
        Err(error) => vec![error.to_string()],
    };
    let rows = rows::<S>(page);
    for (key, default) in &defaults {
        match rows.get(key) {
            None => differences.push(format!("{key} is not on the page (with {})", variable(&prefix(S::SERVICE), key))),
            Some(documented) if documented != default => {
                differences.push(format!("{key}: the page says `{documented}`, the default is `{default}`"));
            }
            Some(_) => {}
        }
    }
    differences
        .extend(rows.keys().filter(|key| !defaults.contains_key(*key)).map(|key| format!("{key} is on the page only")));
    differences
}

/// Members that the structs fill in by themselves: without a default in the TOML nobody could set them.
fn without_default(settings: &impl Serialize, defaults: &BTreeMap<String, String>) -> Vec<String> {
    let mut keys = Vec::new();
    collect_keys("", &serde_json::to_value(settings).unwrap_or_default(), &mut keys);
    keys.retain(|key| !defaults.contains_key(key));
    keys.into_iter().map(|key| format!("{key} is missing from the embedded defaults")).collect()
}

fn collect_keys(path: &str, value: &Value, keys: &mut Vec<String>) {
    match value.as_object() {
        Some(table) => table.iter().for_each(|(name, inner)| collect_keys(&join(path, name), inner, keys)),
        None => keys.push(path.to_owned()),
    }
}

/// Key → default of all rows that name a variable of this service.
fn rows<S: ServiceSettings>(page: &str) -> BTreeMap<String, String> {
    let of_service = |line: &str| {
        let cells: Vec<&str> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
        let (key, variables, default) = (in_ticks(cells.first()?)?, *cells.get(1)?, *cells.get(3)?);
        let documented = format!("`{}`", variable(&prefix(S::SERVICE), key));
        variables.contains(&documented).then(|| (key.to_owned(), default_of(S::SERVICE, default)))
    };
    page.lines().filter_map(of_service).collect()
}

fn default_of(service: &str, cell: &str) -> String {
    let own = cell.split_once(&format!("{service} `")).map(|(_, rest)| format!("`{rest}"));
    let text = own.as_deref().unwrap_or(cell);
    in_ticks(text).unwrap_or_default().to_owned()
}

/// The first text in backticks; `empty` in italics stands for the empty text.
fn in_ticks(cell: &str) -> Option<&str> {
    let (_, rest) = cell.split_once('`')?;
    rest.split_once('`').map(|(text, _)| text)
}
