//! Strings and numbers of the document, with the rules that their readers have.

use isocountry::CountryCode;
use utoipa::openapi::schema::{OneOfBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Schema};

/// Free text without control characters.
pub(super) const LINE: &str = r"^[^\u0000-\u001F\u007F-\u009F]*$";

/// Free text without control characters that is more than white space. That is spelt out, because the dialects of regular
/// expressions do not agree on what `\s` is outside of ASCII.
pub(super) const FILLED_LINE: &str = concat!(
    r"^[^\u0000-\u001F\u007F-\u009F]*",
    r"[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]",
    r"[^\u0000-\u001F\u007F-\u009F]*$"
);

/// The schema of one value, while it is put together.
pub(super) struct Scalar {
    types: Vec<Type>,
    words: Vec<String>,
    object: ObjectBuilder,
}

impl Scalar {
    pub(super) fn text(about: &str) -> Self {
        Self::of(Type::String, about)
    }

    pub(super) fn one_of<const N: usize>(about: &str, words: [&str; N]) -> Self {
        Self { words: words.map(str::to_owned).to_vec(), ..Self::text(about) }
    }

    pub(super) fn whole_number(about: &str, least: isize) -> Self {
        let number = Self::of(Type::Integer, about);
        Self { object: number.object.minimum(Some(least)).maximum(Some(isize::MAX)), ..number }
    }

    /// A number where a text is expected, read as its text.
    pub(super) fn or_whole_number(mut self) -> Self {
        self.types.push(Type::Integer);
        Self { object: self.object.minimum(Some(0isize)).maximum(Some(isize::MAX)), ..self }
    }

    pub(super) fn pattern(self, pattern: &str) -> Self {
        Self { object: self.object.pattern(Some(pattern)), ..self }
    }

    pub(super) fn length(self, least: usize, most: usize) -> Self {
        Self { object: self.object.min_length(Some(least)).max_length(Some(most)), ..self }
    }

    pub(super) fn format(self, format: &str) -> Self {
        Self { object: self.object.format(Some(SchemaFormat::Custom(format.to_owned()))), ..self }
    }

    /// May be `null`, which means the same as leaving it out.
    pub(super) fn nullable(mut self) -> Self {
        self.types.push(Type::Null);
        self
    }

    pub(super) fn read_only(self) -> Self {
        Self { object: self.object.read_only(true), ..self }
    }

    fn of(of: Type, about: &str) -> Self {
        Self { types: vec![of], words: Vec::new(), object: ObjectBuilder::new().description(Some(about)) }
    }
}

impl From<Scalar> for RefOr<Schema> {
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

/// A reference to a component, or `null`.
pub(super) fn nullable_reference(reference: Ref) -> RefOr<Schema> {
    let null = ObjectBuilder::new().schema_type(Type::Null).build();
    Schema::OneOf(OneOfBuilder::new().item(reference).item(null).build()).into()
}

/// All assigned codes of ISO 3166-1 alpha-2.
pub(super) fn country_codes() -> RefOr<Schema> {
    let codes = CountryCode::as_array_alpha2().iter().map(CountryCode::alpha2);
    let about = "A country: ISO 3166-1 alpha-2.";
    ObjectBuilder::new().schema_type(Type::String).description(Some(about)).enum_values(Some(codes)).build().into()
}
