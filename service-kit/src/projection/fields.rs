//! The names of a view's fields, asked from its type, so that nobody has to keep a list of them.
//!
//! A projection owns exactly these (G4): one that an event leaves out becomes null, and every other field of the stored
//! document stays as it is. Serde hands a struct's names to whoever deserialises it; this asks and reads nothing.

use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor, value::Error};
use serde::forward_to_deserialize_any;

/// What the machinery keeps beside a view's own fields.
const RESERVED: [&str; 3] = ["_id", "version", "eventId"];

/// The names as they are stored.
///
/// # Errors
/// A sentence for whoever wrote the view: it is no plain struct, or it takes a name of the machinery's.
pub(super) fn of<V: DeserializeOwned>() -> anyhow::Result<&'static [&'static str]> {
    let mut names = None;
    // The answer is always an error, because nothing is deserialised: what counts is what was asked for on the way.
    drop(V::deserialize(Names(&mut names)));
    let view = std::any::type_name::<V>();
    let names = names.ok_or_else(|| anyhow::anyhow!("the view {view} must be a struct without #[serde(flatten)]"))?;
    match names.iter().find(|name| RESERVED.contains(name)) {
        Some(taken) => anyhow::bail!("the view {view} has a member {taken}, which is the machinery's own"),
        None => Ok(names),
    }
}

struct Names<'a>(&'a mut Option<&'static [&'static str]>);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Error> {
        *self.0 = Some(fields);
        Err(Error::custom("only the names were asked for"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(Error::custom("not a struct"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[test]
    fn the_names_are_those_that_are_stored() {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[expect(dead_code, reason = "only its names matter")]
        struct View {
            first_name: String,
            #[serde(rename = "type")]
            kind: Option<String>,
        }
        assert_eq!(of::<View>().unwrap(), ["firstName", "type"]);
    }

    #[test]
    fn a_flattened_view_is_refused() {
        #[derive(Deserialize)]
        #[expect(dead_code, reason = "only its names matter")]
        struct Inner {
            a: i32,
        }
        #[derive(Deserialize)]
        #[expect(dead_code, reason = "only its names matter")]
        struct View {
            #[serde(flatten)]
            inner: Inner,
        }
        assert!(of::<View>().is_err());
        assert!(of::<Vec<i32>>().is_err());
    }

    #[test]
    fn a_name_of_the_machinery_is_refused() {
        #[derive(Deserialize)]
        #[expect(dead_code, reason = "only its names matter")]
        struct View {
            version: u64,
        }
        assert!(of::<View>().unwrap_err().to_string().contains("version"));
    }
}
