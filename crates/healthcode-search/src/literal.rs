//! Literals that keep their text: decimals, dates, prefixes.

use crate::issue::QueryError;
use crate::rules;
use healthcode_core::{PrimitiveKind, Str, lexical};
use std::fmt;

/// A decimal number as it was written: `1500.00` keeps its digits.
///
/// Equal are decimals of equal text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Decimal(Str);

pub(crate) const DECIMAL: &str = "a decimal number, such as 12.50";

impl Decimal {
    /// Reads a number as JSON writes them: `-2.231105`.
    ///
    /// # Errors
    /// If the text is no such number, or not finite.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        // Only an exponent, or some 300 digits, can lead out of range.
        let small = text.len() < 300 && !text.bytes().any(|byte| matches!(byte, b'e' | b'E'));
        let finite = || small || text.parse::<f64>().is_ok_and(f64::is_finite);
        if lexical::is_json_number(text) && finite() {
            Ok(Decimal(text.into()))
        } else {
            Err(QueryError::new(&rules::QUERY_VALUE).expected(DECIMAL))
        }
    }

    /// The shortest decimal that reads as this number.
    ///
    /// # Errors
    /// If the number is not finite.
    pub fn new(number: f64) -> Result<Self, QueryError> {
        Decimal::parse(&number.to_string())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest floating-point number, which is finite.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.0.parse().unwrap_or_default()
    }

    /// Whether it is more than nothing.
    pub(crate) fn is_positive(&self) -> bool {
        match self.whole() {
            Some(1..) => !self.0.starts_with('-'),
            _ => self.value() > 0.0,
        }
    }

    /// Whether it is from `-limit` to `limit`.
    pub(crate) fn is_within(&self, limit: u32) -> bool {
        match self.whole() {
            Some(whole) if whole < limit => true,
            _ => self.value().abs() <= f64::from(limit),
        }
    }

    /// The whole number before the point, without its sign; none where there is an exponent.
    fn whole(&self) -> Option<u32> {
        let digits = self.0.strip_prefix('-').unwrap_or(&self.0);
        let mut whole = 0u32;
        let mut bytes = digits.bytes();
        for byte in bytes.by_ref() {
            match byte {
                b'0'..=b'9' => whole = whole.checked_mul(10)?.checked_add((byte - b'0').into())?,
                b'.' => break,
                _ => return None,
            }
        }
        bytes.all(|byte| byte.is_ascii_digit()).then_some(whole)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A date or time of a search: `2025`, `2025-05`, `2025-05-01`, `2025-05-01T09:00`, with seconds
/// and with time zone (<https://hl7.org/fhir/R4/search.html#date>).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DateTime(Str);

pub(crate) const DATE_TIME: &str =
    "yyyy, yyyy-mm, yyyy-mm-dd or yyyy-mm-ddThh:mm:ss with time zone or without";
pub(crate) const DAY: &str = "a day, yyyy-mm-dd";

impl DateTime {
    /// Reads it; such a day and time have to exist.
    ///
    /// # Errors
    /// If the text has another form.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let wrong = || QueryError::new(&rules::QUERY_VALUE).expected(DATE_TIME);
        let (day, time) = match text.split_once('T') {
            Some((day, time)) => (day, Some(time)),
            None => (text, None),
        };
        lexical::check(PrimitiveKind::Date, day).map_err(|_| wrong())?;
        if let Some(time) = time {
            let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
            let (clock, zone) = time.split_at(zone);
            // What a search may leave out, and a payload may not.
            let seconds = if clock.len() == 5 { ":00" } else { "" };
            let zone = if zone.is_empty() { "Z" } else { zone };
            let full = format!("{day}T{clock}{seconds}{zone}");
            lexical::check(PrimitiveKind::DateTime, &full).map_err(|_| wrong())?;
        }
        Ok(DateTime(text.into()))
    }

    /// Reads a whole day.
    ///
    /// # Errors
    /// If the text is no day of the calendar.
    pub fn day(text: &str) -> Result<Self, QueryError> {
        let whole = text.len() == 10 && !text.contains('T');
        let day = DateTime::parse(text).ok().filter(|_| whole);
        day.ok_or_else(|| QueryError::new(&rules::QUERY_VALUE).expected(DAY))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

words! {
    /// How the values searched for compare to the value given
    /// (<https://hl7.org/fhir/R4/search.html#prefix>). Without prefix they are equal.
    Prefix[9] {
        /// Equal.
        Eq = "eq",
        /// Not equal.
        Ne = "ne",
        /// Greater.
        Gt = "gt",
        /// Less.
        Lt = "lt",
        /// Greater or equal.
        Ge = "ge",
        /// Less or equal.
        Le = "le",
        /// Starts after.
        Sa = "sa",
        /// Ends before.
        Eb = "eb",
        /// Approximately.
        Ap = "ap",
    }
}

impl Prefix {
    /// The prefix that a text begins with, and the rest.
    #[must_use]
    pub fn split(text: &str) -> (Option<Prefix>, &str) {
        for prefix in Prefix::ALL {
            if let Some(rest) = text.strip_prefix(prefix.as_str()) {
                return (Some(prefix), rest);
            }
        }
        (None, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals() {
        let date = |text| DateTime::parse(text).is_ok();
        for good in [
            "2025",
            "2025-05",
            "2024-02-29",
            "2020-03-01T09:00",
            "2020-03-01T09:00:00",
            "2020-03-01T09:00:00.25+05:30",
            "2020-03-01T09:00Z",
        ] {
            assert!(date(good), "{good}");
        }
        for bad in [
            "",
            "2025-02-29",
            "09.05.1977",
            "2025-05-01T09",
            "2025T09:00",
            "2025-5-1",
        ] {
            assert!(!date(bad), "{bad}");
        }
        assert!(DateTime::day("2025-05-01").is_ok() && DateTime::day("2025-05").is_err());
        assert_eq!(Decimal::parse("1500.00").unwrap().as_str(), "1500.00");
        for bad in ["", "1,5", "NaN", "1e999", "+1", "01", "ge1"] {
            assert!(Decimal::parse(bad).is_err(), "{bad}");
        }
        assert!(Decimal::new(f64::NAN).is_err());
        assert_eq!(Prefix::split("ge1500.00"), (Some(Prefix::Ge), "1500.00"));
        assert_eq!(Prefix::split("2025"), (None, "2025"));
    }
}
