//! JSON merge patch (RFC 7396, <https://www.rfc-editor.org/rfc/rfc7396>) on the tree of a body.

use super::json::Json;

/// The target after the patch.
///
/// One thing differs from the RFC's algorithm and not in what it means: where the RFC removes a member, this leaves it
/// as `null`. To the readers of this module the two are the same, and the name is still there to be refused when no
/// such member exists. For that reason, too, a name that the patch has twice is there twice afterwards.
#[must_use]
pub fn merge_patch(target: Json, patch: Json) -> Json {
    let Json::Object(changes) = patch else { return patch };
    let mut members = match target {
        Json::Object(members) => members,
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_) => Vec::new(),
    };
    let mut changed = Vec::with_capacity(changes.len());
    for (name, change) in changes {
        let at = members.iter().position(|(member, _)| *member == name);
        let before = at.map_or(Json::Null, |at| members.remove(at).1);
        changed.push((name, merge_patch(before, change)));
    }
    members.append(&mut changed);
    Json::Object(members)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What readers see: objects without the members that are null, in any order.
    fn seen(json: Json) -> Value {
        match json {
            Json::Null => Value::Null,
            Json::Bool(value) => value.into(),
            Json::Number(number) => Value::Number(number),
            Json::Text(text) => text.into(),
            Json::List(items) => items.into_iter().map(seen).collect(),
            Json::Object(members) => members
                .into_iter()
                .filter(|(_, value)| *value != Json::Null)
                .map(|(name, value)| (name, seen(value)))
                .collect(),
        }
    }

    #[test]
    fn the_examples_of_the_rfc_hold() {
        // Appendix A; those whose target or array holds a null are left out: null is absent here.
        let cases = [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "b"}), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (json!({"a": "foo"}), json!("bar"), json!("bar")),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ];
        for (target, patch, expected) in cases {
            let told = format!("{target} with {patch}");
            assert_eq!(seen(merge_patch(target.into(), patch.into())), expected, "{told}");
        }
    }

    #[test]
    fn a_name_that_stands_twice_in_the_patch_stays_twice() {
        let patch = Json::parse(br#"{"a": 1, "a": 2}"#).unwrap();
        let Json::Object(members) = merge_patch(json!({"a": 0}).into(), patch) else { unreachable!() };
        assert_eq!(members.len(), 2);
    }
}
