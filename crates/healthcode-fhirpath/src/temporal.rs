//! [`Temporal`]: dates, times and both, as precise as they are written.

use chrono::{Datelike, Months, NaiveDate, TimeDelta};
use healthcode_core::days_in_month;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// Which of FHIRPath's temporal types a value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TemporalKind {
    /// A date: `@2015-02`.
    Date,
    /// A date that may have a time: `@2015-02-04T14:34`.
    DateTime,
    /// A time of day: `@T14:34`.
    Time,
}

/// How precise a temporal value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Precision {
    /// To the year.
    Year,
    /// To the month.
    Month,
    /// To the day.
    Day,
    /// To the hour.
    Hour,
    /// To the minute.
    Minute,
    /// To the second or a fraction of it, which FHIRPath compares as one.
    Second,
}

/// A `Date`, `DateTime` or `Time` of FHIRPath.
///
/// Two of them that are the same text are equal; [`Temporal::compare`] compares what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Temporal {
    kind: TemporalKind,
    precision: Precision,
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    /// Digits of the fraction of a second that are written.
    digits: u8,
    nano: u32,
    /// Minutes east of UTC.
    zone: Option<i16>,
}

struct Cursor<'t>(&'t [u8]);

impl Cursor<'_> {
    fn number(&mut self, digits: usize, least: u16, most: u16) -> Option<u16> {
        let text = self.0.get(..digits)?;
        let mut value = 0;
        for digit in text {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value * 10 + u16::from(digit - b'0');
        }
        self.0 = self.0.get(digits..)?;
        (least..=most).contains(&value).then_some(value)
    }

    fn two(&mut self, least: u16, most: u16) -> Option<u8> {
        self.number(2, least, most)
            .and_then(|n| u8::try_from(n).ok())
    }

    fn byte(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.0 = self.0.get(1..).unwrap_or_default();
        }
        found
    }

    fn time(&mut self, out: &mut Temporal) -> Option<()> {
        out.hour = self.two(0, 23)?;
        out.precision = Precision::Hour;
        if self.byte(b':') {
            out.minute = self.two(0, 59)?;
            out.precision = Precision::Minute;
            if self.byte(b':') {
                out.second = self.two(0, 60)?;
                out.precision = Precision::Second;
                if self.byte(b'.') {
                    self.fraction(out)?;
                }
            }
        }
        Some(())
    }

    fn fraction(&mut self, out: &mut Temporal) -> Option<()> {
        let mut scale = 100_000_000;
        while let Some(digit) = self.0.first().filter(|b| b.is_ascii_digit()) {
            out.nano += u32::from(digit - b'0') * scale;
            scale /= 10;
            out.digits = out.digits.saturating_add(1).min(9);
            self.0 = self.0.get(1..).unwrap_or_default();
        }
        (out.digits > 0).then_some(())
    }

    fn zone(&mut self) -> Option<Option<i16>> {
        if self.byte(b'Z') {
            return Some(Some(0));
        }
        let sign = if self.byte(b'+') {
            1
        } else if self.byte(b'-') {
            -1
        } else {
            return Some(None);
        };
        let hours = i16::from(self.two(0, 14)?);
        if !self.byte(b':') {
            return None;
        }
        let minutes = i16::from(self.two(0, 59)?);
        Some(Some(sign * (hours * 60 + minutes)))
    }
}

impl Temporal {
    const EMPTY: Temporal = Temporal {
        kind: TemporalKind::Date,
        precision: Precision::Year,
        year: 1,
        month: 1,
        day: 1,
        hour: 0,
        minute: 0,
        second: 0,
        digits: 0,
        nano: 0,
        zone: None,
    };

    /// Reads a date: `2015`, `2015-02` or `2015-02-04`.
    #[must_use]
    pub fn parse_date(text: &str) -> Option<Self> {
        let mut cursor = Cursor(text.as_bytes());
        let date = Temporal::date(&mut cursor)?;
        cursor.0.is_empty().then_some(date)
    }

    /// Reads a date with or without a time, as precise as it is: `2015-02-04T14:34+01:00`. A `T`
    /// after a date without time is taken.
    #[must_use]
    pub fn parse_date_time(text: &str) -> Option<Self> {
        let mut cursor = Cursor(text.as_bytes());
        let mut out = Temporal::date(&mut cursor)?;
        out.kind = TemporalKind::DateTime;
        if cursor.byte(b'T') && !cursor.0.is_empty() {
            if out.precision != Precision::Day {
                return None;
            }
            cursor.time(&mut out)?;
            out.zone = cursor.zone()?;
        }
        cursor.0.is_empty().then_some(out)
    }

    /// Reads a time of day: `14`, `14:34` or `14:34:28.123`, with or without a `T` before it.
    #[must_use]
    pub fn parse_time(text: &str) -> Option<Self> {
        let mut cursor = Cursor(text.as_bytes());
        let mut out = Temporal::EMPTY;
        out.kind = TemporalKind::Time;
        cursor.byte(b'T');
        cursor.time(&mut out)?;
        cursor.0.is_empty().then_some(out)
    }

    /// The moment this many seconds after the start of 1970, to the millisecond, in UTC; `None`
    /// where that is no year from 1 to 9999.
    ///
    /// ```
    /// use healthcode_fhirpath::Temporal;
    /// let moment = Temporal::from_unix(1_700_000_000, 123_000_000).unwrap();
    /// assert_eq!(moment.to_string(), "2023-11-14T22:13:20.123Z");
    /// ```
    #[must_use]
    pub fn from_unix(seconds: i64, nanos: u32) -> Option<Self> {
        let epoch = Temporal {
            kind: TemporalKind::DateTime,
            precision: Precision::Second,
            year: 1970,
            digits: 3,
            zone: Some(0),
            ..Temporal::EMPTY
        };
        let moment = epoch.plus(Decimal::from(seconds), Calendar::Second)?;
        let nano = nanos.min(999_999_999) / 1_000_000 * 1_000_000;
        Some(Temporal { nano, ..moment })
    }

    fn date(cursor: &mut Cursor<'_>) -> Option<Self> {
        let mut out = Temporal::EMPTY;
        out.year = cursor.number(4, 1, 9999)?;
        if cursor.byte(b'-') {
            out.month = cursor.two(1, 12)?;
            out.precision = Precision::Month;
            if cursor.byte(b'-') {
                out.day = cursor.two(1, 31)?;
                out.precision = Precision::Day;
                if out.day > days_in_month(out.year, out.month) {
                    return None;
                }
            }
        }
        Some(out)
    }

    /// Which type it is.
    #[must_use]
    pub fn kind(&self) -> TemporalKind {
        self.kind
    }

    /// How precise it is.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// The zone, in minutes east of UTC.
    #[must_use]
    pub fn zone(&self) -> Option<i16> {
        self.zone
    }

    /// The digits that are written: 4 for a year, 17 for a date and time to the millisecond.
    #[must_use]
    pub(crate) fn digits(&self) -> u8 {
        let date = match self.precision {
            Precision::Year => 4,
            Precision::Month => 6,
            Precision::Day => 8,
            Precision::Hour => 10,
            Precision::Minute => 12,
            Precision::Second => 14 + self.digits,
        };
        match self.kind {
            TemporalKind::Time => date - 8,
            _ => date,
        }
    }

    /// The date alone.
    pub(crate) fn to_date(self) -> Self {
        Temporal {
            kind: TemporalKind::Date,
            precision: self.precision.min(Precision::Day),
            zone: None,
            hour: 0,
            minute: 0,
            second: 0,
            nano: 0,
            digits: 0,
            ..self
        }
    }

    /// A date as a date that may have a time.
    pub(crate) fn to_date_time(self) -> Self {
        Temporal {
            kind: TemporalKind::DateTime,
            ..self
        }
    }

    /// The time of day alone, if there is one.
    pub(crate) fn to_time(self) -> Option<Self> {
        (self.precision >= Precision::Hour).then_some(Temporal {
            kind: TemporalKind::Time,
            year: 1,
            month: 1,
            day: 1,
            zone: None,
            ..self
        })
    }

    /// Which is earlier; `None` where their precision leaves it open, or one has a zone, the other
    /// none, and `default_zone` is `None`.
    ///
    /// A time of day is not comparable with a date.
    #[must_use]
    pub fn compare(&self, other: &Self, default_zone: Option<i16>) -> Option<Ordering> {
        if (self.kind == TemporalKind::Time) != (other.kind == TemporalKind::Time) {
            return None;
        }
        let timed =
            |t: &Temporal| t.kind == TemporalKind::DateTime && t.precision >= Precision::Hour;
        if timed(self) && timed(other) && self.zone != other.zone {
            let (a, b) = (self.zone.or(default_zone)?, other.zone.or(default_zone)?);
            return self.shifted(a).by_parts(&other.shifted(b));
        }
        self.by_parts(other)
    }

    /// Hashes the same for all values that [`Temporal::compare`] finds equal.
    pub(crate) fn hash_moment(&self, default_zone: Option<i16>, hasher: &mut impl Hasher) {
        let timed = self.kind == TemporalKind::DateTime && self.precision >= Precision::Hour;
        let zone = self.zone.or(default_zone).filter(|_| timed);
        let moment = zone.map_or(*self, |zone| self.shifted(zone));
        for (precision, part) in moment.parts() {
            if precision <= self.precision {
                part.hash(hasher);
            }
        }
    }

    fn by_parts(&self, other: &Self) -> Option<Ordering> {
        let least = self.precision.min(other.precision);
        for ((precision, a), (_, b)) in self.parts().into_iter().zip(other.parts()) {
            if precision > least {
                break;
            }
            if a != b {
                return Some(a.cmp(&b));
            }
        }
        (self.precision == other.precision).then_some(Ordering::Equal)
    }

    /// What it is made of, from coarse to fine, each with the precision that has it.
    fn parts(&self) -> [(Precision, u64); 6] {
        [
            (Precision::Year, u64::from(self.year)),
            (Precision::Month, u64::from(self.month)),
            (Precision::Day, u64::from(self.day)),
            (Precision::Hour, u64::from(self.hour)),
            (Precision::Minute, u64::from(self.minute)),
            (
                Precision::Second,
                u64::from(self.second) * 1_000_000_000 + u64::from(self.nano),
            ),
        ]
    }

    fn calendar_date(&self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year.into(), self.month.into(), self.day.into())
    }

    /// This value on another date, which may be of the year 0 or 10000.
    fn on(&self, date: NaiveDate) -> Option<Self> {
        Some(Temporal {
            year: u16::try_from(date.year()).ok()?,
            month: u8::try_from(date.month()).ok()?,
            day: u8::try_from(date.day()).ok()?,
            ..*self
        })
    }

    /// The same moment in UTC, seen from a zone this many minutes east of it.
    fn shifted(&self, zone: i16) -> Self {
        let minutes = i64::from(self.hour) * 60 + i64::from(self.minute) - i64::from(zone);
        let date = self.calendar_date();
        let date = date.map(|date| date + TimeDelta::days(minutes.div_euclid(24 * 60)));
        let minutes = minutes.rem_euclid(24 * 60);
        Temporal {
            hour: u8::try_from(minutes / 60).unwrap_or(0),
            minute: u8::try_from(minutes % 60).unwrap_or(0),
            zone: Some(0),
            ..date.and_then(|date| self.on(date)).unwrap_or(*self)
        }
    }

    /// This value `amount` of `unit` later. What is finer than the value's precision counts in
    /// whole units of that precision. `None` where the result is no year from 1 to 9999.
    pub(crate) fn plus(&self, amount: Decimal, unit: Calendar) -> Option<Self> {
        let whole = amount.trunc().to_i64()?;
        if self.kind == TemporalKind::Time {
            return self.plus_time(amount, unit);
        }
        match unit {
            Calendar::Year => self.plus_months(whole.checked_mul(12)?),
            Calendar::Month => self.plus_months(whole),
            Calendar::Week => self.plus_days(whole.checked_mul(7)?),
            Calendar::Day => self.plus_days(whole),
            _ if self.precision < Precision::Hour => {
                let per_day = Decimal::from(86_400_000) / unit.milliseconds();
                self.plus_days((amount / per_day).trunc().to_i64()?)
            }
            _ => {
                let nanos = self.in_nanos(amount, unit)?;
                let total = self.nano_of_day() + nanos;
                let days = i64::try_from(total.div_euclid(NANOS_PER_DAY)).ok()?;
                self.at(total.rem_euclid(NANOS_PER_DAY)).plus_days(days)
            }
        }
    }

    fn plus_time(&self, amount: Decimal, unit: Calendar) -> Option<Self> {
        let nanos = self.in_nanos(amount, unit)?;
        let total = self.nano_of_day().checked_add(nanos)?;
        Some(self.at(total.rem_euclid(NANOS_PER_DAY)))
    }

    /// An amount of time in nanoseconds, cut to this value's precision. Parts of a second count where
    /// this value has some; those of coarser units never do.
    fn in_nanos(&self, amount: Decimal, unit: Calendar) -> Option<i128> {
        let amount = match unit {
            Calendar::Millisecond => amount,
            Calendar::Second if self.nano != 0 => amount,
            _ => amount.trunc(),
        };
        let nanos = amount
            .checked_mul(unit.milliseconds())?
            .checked_mul(Decimal::from(1_000_000))?
            .trunc()
            .to_i128()?;
        let unit = match self.precision {
            Precision::Hour => 3_600_000_000_000,
            Precision::Minute => 60_000_000_000,
            _ => 1,
        };
        Some(nanos - nanos % unit)
    }

    fn nano_of_day(&self) -> i128 {
        let seconds =
            i128::from(self.hour) * 3600 + i128::from(self.minute) * 60 + i128::from(self.second);
        seconds * 1_000_000_000 + i128::from(self.nano)
    }

    fn at(&self, nano_of_day: i128) -> Self {
        let nano = u32::try_from(nano_of_day % 1_000_000_000).unwrap_or(0);
        let seconds = u32::try_from(nano_of_day / 1_000_000_000).unwrap_or(0);
        let part = |n: u32| u8::try_from(n).unwrap_or(0);
        let mut digits = self.digits;
        if nano % 10_u32.pow(9 - u32::from(digits.min(9))) != 0 {
            digits = if nano.is_multiple_of(1_000_000) { 3 } else { 9 };
        }
        Temporal {
            hour: part(seconds / 3600),
            minute: part(seconds / 60 % 60),
            second: part(seconds % 60),
            nano,
            digits,
            ..*self
        }
    }

    fn plus_months(&self, months: i64) -> Option<Self> {
        // A date to the year goes on in whole years.
        let months = match self.precision {
            Precision::Year => months - months % 12,
            _ => months,
        };
        let date = self.calendar_date()?;
        let count = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
        let date = if months < 0 {
            date.checked_sub_months(count)
        } else {
            date.checked_add_months(count)
        };
        self.on(date?).filter(Self::has_year)
    }

    fn has_year(&self) -> bool {
        (1..=9999).contains(&self.year)
    }

    fn plus_days(&self, days: i64) -> Option<Self> {
        match self.precision {
            Precision::Year => return self.plus_months(days / 365 * 12),
            Precision::Month => return self.plus_months(days / 30),
            _ => {}
        }
        let days = TimeDelta::try_days(days)?;
        let date = self.calendar_date()?.checked_add_signed(days)?;
        self.on(date).filter(Self::has_year)
    }

    /// The earliest or latest value that this one can stand for, with this many digits. `None`
    /// for a number of digits that the type does not have.
    pub(crate) fn boundary(&self, digits: Option<i32>, high: bool) -> Option<Self> {
        let time = self.kind == TemporalKind::Time;
        let most = match self.kind {
            TemporalKind::Date => 8,
            TemporalKind::DateTime => 17,
            TemporalKind::Time => 9,
        };
        let digits = digits.unwrap_or(most);
        let precision = match if time { digits + 8 } else { digits } {
            4 => Precision::Year,
            6 => Precision::Month,
            8 => Precision::Day,
            10 => Precision::Hour,
            12 => Precision::Minute,
            14 | 17 => Precision::Second,
            _ => return None,
        };
        if digits > most || (time && digits < 2) {
            return None;
        }
        let mut out = *self;
        let missing = |part: Precision| self.precision < part;
        if missing(Precision::Month) {
            out.month = if high { 12 } else { 1 };
        }
        if missing(Precision::Day) {
            out.day = if high {
                days_in_month(out.year, out.month)
            } else {
                1
            };
        }
        if missing(Precision::Hour) && !time {
            out.hour = if high { 23 } else { 0 };
        }
        if missing(Precision::Minute) {
            out.minute = if high { 59 } else { 0 };
        }
        if missing(Precision::Second) {
            out.second = if high { 59 } else { 0 };
        }
        out.precision = precision;
        out.digits = if digits == most && precision == Precision::Second {
            3
        } else {
            0
        };
        let written = 10_u32.pow(9 - u32::from(self.digits.min(9)));
        if high && self.digits < 3 {
            out.nano = self.nano + written - 1;
        }
        out.nano = out.nano / 1_000_000 * 1_000_000;
        if out.digits == 0 {
            out.nano = 0;
        }
        if self.kind == TemporalKind::DateTime {
            out.zone = match precision {
                Precision::Year | Precision::Month | Precision::Day => None,
                // A moment is earliest where clocks are furthest ahead.
                _ => self.zone.or(Some(if high { -12 * 60 } else { 14 * 60 })),
            };
        }
        Some(out)
    }
}

const NANOS_PER_DAY: i128 = 86_400_000_000_000;

impl fmt::Display for Temporal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind != TemporalKind::Time {
            write!(f, "{:04}", self.year)?;
            if self.precision >= Precision::Month {
                write!(f, "-{:02}", self.month)?;
            }
            if self.precision >= Precision::Day {
                write!(f, "-{:02}", self.day)?;
            }
            if self.precision < Precision::Hour {
                return Ok(());
            }
            f.write_str("T")?;
        }
        write!(f, "{:02}", self.hour)?;
        if self.precision >= Precision::Minute {
            write!(f, ":{:02}", self.minute)?;
        }
        if self.precision >= Precision::Second {
            write!(f, ":{:02}", self.second)?;
        }
        if self.digits > 0 {
            let digits = usize::from(self.digits);
            let fraction = self.nano / 10_u32.pow(9 - u32::from(self.digits.min(9)));
            write!(f, ".{fraction:0digits$}")?;
        }
        match self.zone {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(zone) => {
                let sign = if zone < 0 { '-' } else { '+' };
                let zone = zone.unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", zone / 60, zone % 60)
            }
        }
    }
}

/// A unit of calendar time, as quantities have it: `4 days`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Calendar {
    /// Years, of 365 or 366 days.
    Year,
    /// Months, of 28 to 31 days.
    Month,
    /// Weeks.
    Week,
    /// Days.
    Day,
    /// Hours.
    Hour,
    /// Minutes.
    Minute,
    /// Seconds.
    Second,
    /// Milliseconds.
    Millisecond,
}

impl Calendar {
    /// All of them, with singular, plural, the UCUM code of the unit that they equal or are
    /// near to, and how many milliseconds that has.
    const ALL: [(Calendar, &'static str, &'static str, &'static str, i64); 8] = [
        (Calendar::Year, "year", "years", "a", 31_557_600_000),
        (Calendar::Month, "month", "months", "mo", 2_629_800_000),
        (Calendar::Week, "week", "weeks", "wk", 604_800_000),
        (Calendar::Day, "day", "days", "d", 86_400_000),
        (Calendar::Hour, "hour", "hours", "h", 3_600_000),
        (Calendar::Minute, "minute", "minutes", "min", 60_000),
        (Calendar::Second, "second", "seconds", "s", 1000),
        (
            Calendar::Millisecond,
            "millisecond",
            "milliseconds",
            "ms",
            1,
        ),
    ];

    fn row(self) -> (Calendar, &'static str, &'static str, &'static str, i64) {
        let found = Self::ALL.into_iter().find(|row| row.0 == self);
        found.unwrap_or((self, "", "", "", 1))
    }

    /// The unit of this name: `day` or `days`.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|row| row.1 == word || row.2 == word);
        found.map(|row| row.0)
    }

    /// The unit that this UCUM code is the same as: weeks and what is shorter. Years and months of
    /// UCUM have a fixed length.
    #[must_use]
    pub fn of_ucum(code: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|row| row.3 == code);
        found.map(|row| row.0).filter(|unit| !unit.varies())
    }

    /// The name: `day`.
    #[must_use]
    pub fn singular(self) -> &'static str {
        self.row().1
    }

    /// The name of several: `days`.
    #[must_use]
    pub fn plural(self) -> &'static str {
        self.row().2
    }

    /// The UCUM code: `d`.
    #[must_use]
    pub fn ucum(self) -> &'static str {
        self.row().3
    }

    /// Whether it has no fixed length: years and months.
    #[must_use]
    pub fn varies(self) -> bool {
        matches!(self, Calendar::Year | Calendar::Month)
    }

    /// Whether a day has several: hours and what is shorter.
    pub(crate) fn is_of_a_day(self) -> bool {
        matches!(
            self,
            Calendar::Hour | Calendar::Minute | Calendar::Second | Calendar::Millisecond
        )
    }

    fn milliseconds(self) -> Decimal {
        Decimal::from(self.row().4)
    }
}
