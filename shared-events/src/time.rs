//! Instants as the contract writes them: UTC, whole milliseconds, RFC 3339 with `Z`.
//!
//! One format everywhere keeps golden files stable and lets text be compared as time. In BSON (feature `bson`) the
//! same type is a date, so that a person reading the database sees one.

use std::fmt;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};
use utoipa::ToSchema;

/// A UTC instant in whole milliseconds; `2026-11-21T07:58:27.123Z` in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
#[schema(value_type = String, format = DateTime, examples("2026-11-21T07:58:27.123Z"))]
pub struct Timestamp(DateTime<Utc>);

/// A text that is no RFC 3339 instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an RFC 3339 time with an offset, such as 2026-11-21T07:58:27.123Z")]
pub struct NotATime;

impl Timestamp {
    /// From any instant; finer parts than milliseconds are cut off, and one outside the years that can be written
    /// becomes the nearest that can.
    pub fn new(at: DateTime<Utc>) -> Self {
        let millis = at.timestamp_millis().clamp(FIRST_MILLIS, LAST_MILLIS);
        Self(DateTime::from_timestamp_millis(millis).unwrap_or(at))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z; `None` outside the years that can be written.
    pub fn from_millis(millis: i64) -> Option<Self> {
        DateTime::from_timestamp_millis(millis).filter(in_four_digit_years).map(Self)
    }

    /// RFC 3339 (<https://www.rfc-editor.org/rfc/rfc3339>) with any offset, answered in UTC.
    ///
    /// # Errors
    /// [`NotATime`] when the text is something else, or lies outside the years 0000 to 9999.
    pub fn parse(text: &str) -> Result<Self, NotATime> {
        let at = DateTime::parse_from_rfc3339(text).map_err(|_| NotATime)?.to_utc();
        if in_four_digit_years(&at) { Ok(Self::new(at)) } else { Err(NotATime) }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn millis(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// The instant as `chrono` knows it.
    pub fn to_utc(self) -> DateTime<Utc> {
        self.0
    }

    /// One millisecond later: what keeps time from standing still within a key (`change.at`).
    /// The last instant of the year 9999 stays what it is: one more could be written but not read.
    #[must_use]
    pub fn next(self) -> Self {
        Self::new(self.0.checked_add_signed(TimeDelta::milliseconds(1)).unwrap_or(self.0))
    }
}

/// 0000-01-01T00:00:00.000Z
const FIRST_MILLIS: i64 = -62_167_219_200_000;
/// 9999-12-31T23:59:59.999Z
const LAST_MILLIS: i64 = 253_402_300_799_999;

/// RFC 3339 has four digits for the year; more would write a text that no reader accepts.
fn in_four_digit_years(at: &DateTime<Utc>) -> bool {
    (FIRST_MILLIS..=LAST_MILLIS).contains(&at.timestamp_millis())
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[cfg(feature = "bson")]
        if !serializer.is_human_readable() {
            return bson::DateTime::from_millis(self.millis()).serialize(serializer);
        }
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not by `is_human_readable`: inside `#[serde(flatten)]` serde buffers the value and always says "readable",
        // so that a date of a flat document would be expected to be text.
        deserializer.deserialize_any(Reader)
    }
}

/// Takes RFC 3339 text and, with the feature `bson`, a BSON date.
struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an RFC 3339 time")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
        Timestamp::parse(text).map_err(E::custom)
    }

    #[cfg(feature = "bson")]
    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Timestamp, A::Error> {
        let date = bson::DateTime::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Timestamp::from_millis(date.timestamp_millis()).ok_or_else(|| de::Error::custom(NotATime))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_honoured_and_answered_in_utc() {
        let at = Timestamp::parse("2026-11-21T09:58:27.123456+02:00").unwrap();
        assert_eq!(at.to_string(), "2026-11-21T07:58:27.123Z");
    }

    #[test]
    fn time_stops_where_it_can_no_longer_be_written() {
        let last = Timestamp::parse("9999-12-31T23:59:59.999Z").unwrap();
        assert_eq!(last.next(), last);
        assert_eq!(Timestamp::new(DateTime::<Utc>::MAX_UTC), last);
        assert_eq!(Timestamp::new(DateTime::<Utc>::MIN_UTC).to_string(), "0000-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_time_without_offset_is_refused() {
        assert_eq!(Timestamp::parse("2026-11-21T09:58:27"), Err(NotATime));
    }
}
