//! Days and months in UTC, as the reports name them. Pure: what day it is, is for others to say.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize, Serializer};
use shared_events::time::Timestamp;
use utoipa::ToSchema;

/// A day in UTC: `2026-11-27`. As text they sort in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = Date, examples("2026-11-27"))]
pub struct Day(NaiveDate);

/// A month in UTC: `2026-11`. As text they sort in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", examples("2026-11"))]
pub struct Month(NaiveDate);

/// A text that names no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a day that exists, such as 2026-11-27")]
pub struct NotADay;

/// A text that names no month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a month, such as 2026-11")]
pub struct NotAMonth;

impl Day {
    /// The day of an instant.
    pub fn of(at: Timestamp) -> Self {
        Self(at.to_utc().date_naive())
    }

    /// The month that it is in.
    pub fn month(self) -> Month {
        Month(self.0.with_day(1).unwrap_or(self.0))
    }
}

impl Month {
    /// For people: `November 2026`.
    pub fn label(self) -> String {
        self.0.format("%B %Y").to_string()
    }
}

impl FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        // The parser alone would also take `2026-1-5`, which is no RFC 3339 date.
        let of_shape = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
        let shaped = text.len() == 10 && text.bytes().enumerate().all(of_shape);
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| shaped);
        day.map(Self).ok_or(NotADay)
    }
}

impl FromStr for Month {
    type Err = NotAMonth;

    fn from_str(text: &str) -> Result<Self, NotAMonth> {
        format!("{text}-01").parse::<Day>().map(Day::month).map_err(|_| NotAMonth)
    }
}

impl TryFrom<String> for Day {
    type Error = NotADay;

    fn try_from(text: String) -> Result<Self, NotADay> {
        text.parse()
    }
}

impl TryFrom<String> for Month {
    type Error = NotAMonth;

    fn try_from(text: String) -> Result<Self, NotAMonth> {
        text.parse()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_instant_lies_in_its_day_and_month_in_utc() {
        let day = Day::of(Timestamp::parse("2026-12-01T00:30:00+01:00").unwrap());
        assert_eq!(day.to_string(), "2026-11-30");
        assert_eq!((day.month().to_string(), day.month().label()), ("2026-11".to_owned(), "November 2026".to_owned()));
    }

    #[test]
    fn a_day_that_does_not_exist_is_none() {
        let bad =
            ["2026-02-30", "2026-02-29", "2026-13-01", "2026-1-5", "26-01-05", "+2026-01-05", "2026-01-05 ", "", "x"];
        for bad in bad {
            assert_eq!(bad.parse::<Day>(), Err(NotADay), "{bad:?}");
        }
        assert!("2028-02-29".parse::<Day>().is_ok());
        for bad in ["2026-13", "2026", "2026-11-01", ""] {
            assert_eq!(bad.parse::<Month>(), Err(NotAMonth), "{bad:?}");
        }
    }

    proptest! {
        /// The view finds, sorts and compares them as text.
        #[test]
        fn days_are_read_back_and_sort_as_text(one in -62_167_219_200_000_i64..=253_402_300_799_999, other in -62_167_219_200_000_i64..=253_402_300_799_999) {
            let [one, other] = [one, other].map(|millis| Day::of(Timestamp::from_millis(millis).unwrap()));
            prop_assert_eq!(one.to_string().parse(), Ok(one));
            prop_assert_eq!(one.month().to_string().parse(), Ok(one.month()));
            prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
            prop_assert!(one.to_string().starts_with(&one.month().to_string()));
        }
    }
}
