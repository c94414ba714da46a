//! Dates and times: their forms, their parts, and their chrono counterparts.
//!
//! The forms are those of <https://hl7.org/fhir/R4/datatypes.html#dateTime>; a date must exist in
//! the Gregorian calendar besides.

use crate::{Date, DateTime};
use std::fmt;

/// The year, and month and day where they are written, of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct DateParts {
    /// 1 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: Option<u8>,
    /// 1 to 31.
    pub day: Option<u8>,
}

/// Why a text is not the date or time that was requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TemporalError {
    /// The text does not have the format of the type.
    Form,
    /// The form is right, but there is no such day.
    NoSuchDay,
    /// It is well-formed, but less precise than what was requested.
    Partial,
    /// It has no zone, which was requested.
    NoZone,
}

impl fmt::Display for TemporalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "invalid date or time: expected the format of its type",
            Self::NoSuchDay => "the calendar has no such day",
            Self::Partial => "the date is less precise than requested",
            Self::NoZone => "there is no time zone",
        })
    }
}

impl std::error::Error for TemporalError {}

/// What a text of one of the temporal types says.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "chrono"),
    allow(dead_code, reason = "only conversions request the parts of a time")
)]
pub(crate) struct ParsedDateTime {
    pub(crate) date: DateParts,
    pub(crate) time: Option<(TimeParts, i16)>,
}

#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "chrono"),
    allow(dead_code, reason = "only conversions request the parts of a time")
)]
pub(crate) struct TimeParts {
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    /// 0 to 60.
    pub(crate) second: u8,
    /// The first nine digits of the fraction.
    pub(crate) nano: u32,
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn digits(&mut self, count: usize) -> Option<u16> {
        let digits = self.0.get(..count)?;
        let mut value = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value * 10 + u16::from(digit - b'0');
        }
        self.0 = &self.0[count..];
        Some(value)
    }

    fn byte(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    fn two(&mut self, least: u16, most: u16) -> Result<u8, TemporalError> {
        match self.digits(2) {
            Some(value) if (least..=most).contains(&value) => Ok(value as u8),
            _ => Err(TemporalError::Form),
        }
    }

    fn date(&mut self) -> Result<DateParts, TemporalError> {
        let year = match self.digits(4) {
            Some(year) if year > 0 => year,
            _ => return Err(TemporalError::Form),
        };
        let mut parts = DateParts {
            year,
            month: None,
            day: None,
        };
        if self.byte(b'-') {
            let month = self.two(1, 12)?;
            parts.month = Some(month);
            if self.byte(b'-') {
                let day = self.two(1, 31)?;
                parts.day = Some(day);
                if day > days_in_month(year, month) {
                    return Err(TemporalError::NoSuchDay);
                }
            }
        }
        Ok(parts)
    }

    fn time(&mut self) -> Result<TimeParts, TemporalError> {
        let hour = self.two(0, 23)?;
        let colon = self.byte(b':');
        let minute = self.two(0, 59)?;
        let colons = colon && self.byte(b':');
        let second = self.two(0, 60)?;
        if !colons {
            return Err(TemporalError::Form);
        }
        let mut nano = 0;
        if self.byte(b'.') {
            let mut scale = 100_000_000;
            let mut any = false;
            while let Some(digit) = self.digits(1) {
                nano += u32::from(digit) * scale;
                scale /= 10;
                any = true;
            }
            if !any {
                return Err(TemporalError::Form);
            }
        }
        Ok(TimeParts {
            hour,
            minute,
            second,
            nano,
        })
    }

    /// Minutes east of UTC.
    fn zone(&mut self) -> Result<i16, TemporalError> {
        if self.byte(b'Z') {
            return Ok(0);
        }
        let sign = if self.byte(b'+') {
            1
        } else if self.byte(b'-') {
            -1
        } else {
            return Err(TemporalError::Form);
        };
        let hours = self.two(0, 14)?;
        if !self.byte(b':') {
            return Err(TemporalError::Form);
        }
        let minutes = self.two(0, 59)?;
        if hours == 14 && minutes > 0 {
            return Err(TemporalError::Form);
        }
        Ok(sign * (i16::from(hours) * 60 + i16::from(minutes)))
    }

    fn end<T>(&self, value: T) -> Result<T, TemporalError> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(TemporalError::Form)
        }
    }
}

/// How many days a month of the Gregorian calendar has; months count from 1.
#[must_use]
pub fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 => {
            let leap = if year.is_multiple_of(100) { 400 } else { 4 };
            28 + u8::from(year.is_multiple_of(leap))
        }
        _ => 31,
    }
}

pub(crate) fn parse_date(text: &str) -> Result<DateParts, TemporalError> {
    let mut cursor = Cursor(text.as_bytes());
    let date = cursor.date()?;
    cursor.end(date)
}

pub(crate) fn parse_time(text: &str) -> Result<TimeParts, TemporalError> {
    let mut cursor = Cursor(text.as_bytes());
    let time = cursor.time()?;
    cursor.end(time)
}

pub(crate) fn parse_date_time(text: &str) -> Result<ParsedDateTime, TemporalError> {
    let mut cursor = Cursor(text.as_bytes());
    let date = cursor.date()?;
    let mut time = None;
    if date.day.is_some() && cursor.byte(b'T') {
        let parts = cursor.time()?;
        time = Some((parts, cursor.zone()?));
    }
    cursor.end(ParsedDateTime { date, time })
}

pub(crate) fn parse_instant(text: &str) -> Result<ParsedDateTime, TemporalError> {
    let moment = parse_date_time(text)?;
    if moment.time.is_none() {
        return Err(TemporalError::Form);
    }
    Ok(moment)
}

impl Date {
    /// Year, month and day as far as they are written.
    ///
    /// # Errors
    /// If the text is no date.
    pub fn parts(&self) -> Result<DateParts, TemporalError> {
        parse_date(self)
    }
}

impl DateTime {
    /// Year, month and day as far as they are written.
    ///
    /// # Errors
    /// If the text is no dateTime.
    pub fn date_parts(&self) -> Result<DateParts, TemporalError> {
        Ok(parse_date_time(self)?.date)
    }
}

#[cfg(feature = "chrono")]
mod with_chrono {
    use super::{
        Date, DateParts, DateTime, ParsedDateTime, TemporalError, TimeParts, parse_date_time,
        parse_instant, parse_time,
    };
    use crate::{Instant, Time};
    use chrono::{FixedOffset, NaiveDate, NaiveTime, SecondsFormat, TimeZone};

    impl DateParts {
        /// The day, if the date is written to the day.
        ///
        /// # Errors
        /// [`TemporalError::Partial`] if it is not.
        pub fn to_naive(self) -> Result<NaiveDate, TemporalError> {
            let (Some(month), Some(day)) = (self.month, self.day) else {
                return Err(TemporalError::Partial);
            };
            NaiveDate::from_ymd_opt(self.year.into(), month.into(), day.into())
                .ok_or(TemporalError::NoSuchDay)
        }
    }

    impl TimeParts {
        /// A leap second is chrono's second 59 with more than 10^9 nanoseconds.
        fn to_naive(self) -> Result<NaiveTime, TemporalError> {
            let (second, nano) = match self.second {
                60 => (59, self.nano + 1_000_000_000),
                second => (second, self.nano),
            };
            NaiveTime::from_hms_nano_opt(self.hour.into(), self.minute.into(), second.into(), nano)
                .ok_or(TemporalError::Form)
        }
    }

    impl ParsedDateTime {
        fn to_chrono(self) -> Result<chrono::DateTime<FixedOffset>, TemporalError> {
            let (time, zone) = self.time.ok_or(TemporalError::Partial)?;
            let local = self.date.to_naive()?.and_time(time.to_naive()?);
            let offset = FixedOffset::east_opt(i32::from(zone) * 60).ok_or(TemporalError::Form)?;
            offset
                .from_local_datetime(&local)
                .single()
                .ok_or(TemporalError::Form)
        }
    }

    impl Date {
        /// The day.
        ///
        /// # Errors
        /// If the text is no date, or is written to the month or year only.
        pub fn to_naive(&self) -> Result<NaiveDate, TemporalError> {
            self.parts()?.to_naive()
        }
    }

    impl DateTime {
        /// The moment, with the zone it is written in.
        ///
        /// # Errors
        /// If the text is no dateTime, or has no time.
        pub fn to_chrono(&self) -> Result<chrono::DateTime<FixedOffset>, TemporalError> {
            parse_date_time(self)?.to_chrono()
        }
    }

    impl Instant {
        /// The moment, with the zone it is written in.
        ///
        /// # Errors
        /// If the text is no instant.
        pub fn to_chrono(&self) -> Result<chrono::DateTime<FixedOffset>, TemporalError> {
            parse_instant(self)?.to_chrono()
        }
    }

    impl Time {
        /// The time of day.
        ///
        /// # Errors
        /// If the text is no time.
        pub fn to_naive(&self) -> Result<NaiveTime, TemporalError> {
            parse_time(self)?.to_naive()
        }
    }

    impl From<NaiveDate> for Date {
        fn from(date: NaiveDate) -> Self {
            Date::from(date.format("%Y-%m-%d").to_string())
        }
    }

    impl From<NaiveTime> for Time {
        fn from(time: NaiveTime) -> Self {
            Time::from(time.format("%H:%M:%S%.f").to_string())
        }
    }

    impl<Z: TimeZone> From<chrono::DateTime<Z>> for DateTime {
        fn from(moment: chrono::DateTime<Z>) -> Self {
            let moment = moment.fixed_offset();
            DateTime::from(moment.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        }
    }

    impl<Z: TimeZone> From<chrono::DateTime<Z>> for Instant {
        fn from(moment: chrono::DateTime<Z>) -> Self {
            let moment = moment.fixed_offset();
            Instant::from(moment.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        }
    }
}

#[cfg(test)]
mod tests;
