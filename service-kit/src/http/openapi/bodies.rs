//! How a document describes a body that is sent: strings and numbers with the rules that their readers have, and objects
//! with exactly the members that are read. What is answered needs none of this: its type describes itself.

use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, OneOfBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Schema};

use crate::value::{ID_PATTERN, MAX_ID_LENGTH};

/// A described value.
pub type Part = RefOr<Schema>;

/// Free text without control characters.
const LINE: &str = r"^[^\u0000-\u001F\u007F-\u009F]*$";

/// Free text without control characters that is more than white space. That is spelt out, because the dialects of regular
/// expressions do not agree on what `\s` is outside of ASCII.
const FILLED_LINE: &str = concat!(
    r"^[^\u0000-\u001F\u007F-\u009F]*",
    r"[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]",
    r"[^\u0000-\u001F\u007F-\u009F]*$"
);

/// The schema of one string or number, while it is put together.
#[expect(missing_debug_implementations, reason = "utoipa's builders have none")]
pub struct Scalar {
    types: Vec<Type>,
    words: Vec<String>,
    object: ObjectBuilder,
}

impl Scalar {
    /// A string.
    pub fn text(about: &str) -> Self {
        Self::of(Type::String, about)
    }

    /// Text as [`value::Line`](crate::value::Line) reads it.
    pub fn line(about: &str, least: usize, most: usize) -> Self {
        let pattern = if least == 0 { LINE } else { FILLED_LINE };
        Self::text(about).pattern(pattern).length(least, most)
    }

    /// An id as [`value::Id`](crate::value::Id) reads it.
    pub fn id(about: &str) -> Self {
        let mut id = Self::text(about).pattern(ID_PATTERN).length(1, MAX_ID_LENGTH);
        // A number where a text is expected, read as its text.
        id.types.push(Type::Integer);
        Self { object: id.object.minimum(Some(0isize)).maximum(Some(isize::MAX)), ..id }
    }

    /// One of a few words.
    pub fn one_of(about: &str, words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { words: words.into_iter().map(Into::into).collect(), ..Self::text(about) }
    }

    /// A whole number between two, both included.
    pub fn whole_number(about: &str, least: usize, most: usize) -> Self {
        let number = Self::of(Type::Integer, about);
        Self { object: number.object.minimum(Some(least)).maximum(Some(most)), ..number }
    }

    /// Text that this regular expression describes.
    #[must_use]
    pub fn pattern(self, pattern: &str) -> Self {
        Self { object: self.object.pattern(Some(pattern)), ..self }
    }

    /// Text of so many characters.
    #[must_use]
    pub fn length(self, least: usize, most: usize) -> Self {
        Self { object: self.object.min_length(Some(least)).max_length(Some(most)), ..self }
    }

    /// Text of a well-known format.
    #[must_use]
    pub fn format(self, format: &str) -> Self {
        Self { object: self.object.format(Some(SchemaFormat::Custom(format.to_owned()))), ..self }
    }

    /// May be `null`, which means the same as leaving it out.
    #[must_use]
    pub fn nullable(mut self) -> Self {
        self.types.push(Type::Null);
        self
    }

    /// May be sent back as it was read, and need not be.
    #[must_use]
    pub fn read_only(self) -> Self {
        Self { object: self.object.read_only(true), ..self }
    }

    fn of(of: Type, about: &str) -> Self {
        Self { types: vec![of], words: Vec::new(), object: ObjectBuilder::new().description(Some(about)) }
    }
}

impl From<Scalar> for Part {
    fn from(scalar: Scalar) -> Self {
        let nullable = scalar.types.contains(&Type::Null);
        let object = match <[Type; 1]>::try_from(scalar.types) {
            Ok([one]) => scalar.object.schema_type(one),
            Err(several) => scalar.object.schema_type(SchemaType::Array(several)),
        };
        if scalar.words.is_empty() {
            return object.build().into();
        }
        let words = scalar.words.into_iter().map(serde_json::Value::from);
        let null = nullable.then_some(serde_json::Value::Null);
        object.enum_values(Some(words.chain(null))).build().into()
    }
}

/// The members of an object: what must be there, what may be, and nothing else.
#[expect(missing_debug_implementations, reason = "utoipa's builders have none")]
pub struct Table(ObjectBuilder);

impl Default for Table {
    fn default() -> Self {
        Self(ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(false))))
    }
}

impl Table {
    /// A member that must be there.
    #[must_use]
    pub fn required(self, name: &str, part: impl Into<Part>) -> Self {
        Self(self.optional(name, part).0.required(name))
    }

    /// A member that may be left out.
    #[must_use]
    pub fn optional(self, name: &str, part: impl Into<Part>) -> Self {
        Self(self.0.property(name, part))
    }

    /// The object.
    pub fn build(self) -> Part {
        self.0.build().into()
    }
}

/// A list of between so many items, both included.
pub fn list(about: &str, least: usize, most: usize, item: Part) -> ArrayBuilder {
    let least = (least > 0).then_some(least);
    ArrayBuilder::new().items(item).min_items(least).max_items(Some(most)).description(Some(about))
}

/// The same, or `null`, which means the same as an empty one.
pub fn nullable(list: ArrayBuilder) -> Part {
    list.schema_type(SchemaType::Array(vec![Type::Array, Type::Null])).build().into()
}

/// A reference to a component, or `null`.
pub fn nullable_reference(reference: Ref) -> Part {
    let null = ObjectBuilder::new().schema_type(Type::Null).build();
    Schema::OneOf(OneOfBuilder::new().item(reference).item(null).build()).into()
}
