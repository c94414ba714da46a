//! Adapters for `serde_with`: the service's plain JSON, for types of one's own.
//!
//! ```
//! use chrono::{DateTime, FixedOffset, NaiveDate};
//! use healthcode_extensions::adapters::{DottedDate, Moment, TextCounter};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Row {
//!     #[serde(with = "serde_with::As::<TextCounter>")]
//!     count: u64,
//!     #[serde(with = "serde_with::As::<DottedDate>")]
//!     registered: NaiveDate,
//!     #[serde(with = "serde_with::As::<Option<Moment>>")]
//!     since: Option<DateTime<FixedOffset>>,
//! }
//!
//! let json = r#"{"count":12,"registered":"08.05.1997","since":"2020-03-01T09:00:00"}"#;
//! let row: Row = serde_json::from_str(json)?;
//! assert_eq!((row.count, row.registered.to_string()), (12, "1997-05-08".into()));
//! assert_eq!(
//!     serde_json::to_string(&row)?,
//!     r#"{"count":"12","registered":"08.05.1997","since":"2020-03-01T09:00:00Z"}"#
//! );
//! # Ok::<(), serde_json::Error>(())
//! ```

use crate::dates::{DateOrder, ServiceDate, ServiceDateTime};
use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_with::{DeserializeAs, SerializeAs};
use std::borrow::Cow;
use std::fmt::{self, Debug};
use std::marker::PhantomData;

/// A counter that comes as a number or as text, and is written as a number.
#[derive(Debug)]
pub struct Counter(());

/// A counter that comes as text or as a number, and is written as text.
#[derive(Debug)]
pub struct TextCounter(());

impl<'de, T: TryFrom<u64>> DeserializeAs<'de, T> for Counter {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        let number = deserializer.deserialize_any(Number)?;
        T::try_from(number).map_err(|_| D::Error::custom("the number is too large"))
    }
}

impl<'de, T: TryFrom<u64>> DeserializeAs<'de, T> for TextCounter {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        Counter::deserialize_as(deserializer)
    }
}

impl<T: Serialize> SerializeAs<T> for Counter {
    fn serialize_as<S: Serializer>(number: &T, serializer: S) -> Result<S::Ok, S::Error> {
        number.serialize(serializer)
    }
}

impl<T: fmt::Display> SerializeAs<T> for TextCounter {
    fn serialize_as<S: Serializer>(number: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }
}

/// Takes a number or its digits; its errors do not show what was there instead.
struct Number;

const EXPECTED: &str = "a whole number, as a number or as text";

impl Visitor<'_> for Number {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<u64, E> {
        Ok(number)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
        u64::try_from(number).map_err(|_| refuse())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<u64, E> {
        Err(refuse())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| digits);
        number.ok_or_else(refuse)
    }
}

fn refuse<E: Error>() -> E {
    E::custom(format_args!("expected {EXPECTED}"))
}

/// What comes first in a date with dots, as a type.
pub trait Order: Debug {
    /// The order.
    const ORDER: DateOrder;
}

/// [`DateOrder::DayFirst`].
#[derive(Debug)]
pub enum DayFirst {}

/// [`DateOrder::MonthFirst`].
#[derive(Debug)]
pub enum MonthFirst {}

impl Order for DayFirst {
    const ORDER: DateOrder = DateOrder::DayFirst;
}

impl Order for MonthFirst {
    const ORDER: DateOrder = DateOrder::MonthFirst;
}

/// A [`NaiveDate`] that comes with dots or hyphens and is written with dots; day first unless
/// set otherwise.
#[derive(Debug)]
pub struct DottedDate<O = DayFirst>(PhantomData<O>);

impl<'de, O: Order> DeserializeAs<'de, NaiveDate> for DottedDate<O> {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        ServiceDate::from(&*text)
            .to_naive(O::ORDER)
            .map_err(D::Error::custom)
    }
}

impl<O: Order> SerializeAs<NaiveDate> for DottedDate<O> {
    fn serialize_as<S: Serializer>(date: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
        let text = ServiceDate::with_dots(*date, O::ORDER);
        text.as_str().serialize(serializer)
    }
}

/// A moment that comes with or without an offset (then it is in UTC) and is written with one.
#[derive(Debug)]
pub struct Moment(());

impl<'de> DeserializeAs<'de, DateTime<FixedOffset>> for Moment {
    fn deserialize_as<D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<DateTime<FixedOffset>, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        ServiceDateTime::from(&*text)
            .to_chrono()
            .map_err(D::Error::custom)
    }
}

impl SerializeAs<DateTime<FixedOffset>> for Moment {
    fn serialize_as<S: Serializer>(
        moment: &DateTime<FixedOffset>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = moment.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        serializer.serialize_str(&text)
    }
}
