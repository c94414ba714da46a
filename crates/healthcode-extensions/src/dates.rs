//! Dates and times as Healthcode's services write them.
//!
//! Samples have ISO dates, dates with dots (`09.05.1977`), times with an offset, and times without
//! one. In both samples with dots day and month are 12 or less, so **that the day comes first is an
//! assumption**, made for a British service: [`DateOrder`] is an argument wherever it matters.

use healthcode_core::{Date, DateParts, Str, TemporalError};

#[cfg(feature = "chrono")]
pub use with_chrono::SINCE_DAYS;

/// What comes first in a date with dots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DateOrder {
    /// `dd.MM.yyyy`: the assumption.
    #[default]
    DayFirst,
    /// `MM.dd.yyyy`.
    MonthFirst,
}

impl DateOrder {
    /// The form of dates with dots in this order.
    #[must_use]
    pub fn form(self) -> &'static str {
        match self {
            Self::DayFirst => "dd.MM.yyyy or yyyy-MM-dd",
            Self::MonthFirst => "MM.dd.yyyy or yyyy-MM-dd",
        }
    }
}

/// How a [`ServiceDate`] is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DateForm {
    /// Two digits, two digits, four digits, with dots between.
    Dotted,
    /// FHIR's form: year, year and month, or year, month and day with hyphens.
    Iso,
    /// Neither.
    Other,
}

/// A date in one of the service's forms; holds what was written, whatever it is.
///
/// ```
/// use healthcode_extensions::{DateForm, DateOrder, ServiceDate};
/// let date = ServiceDate::from("08.05.1997");
/// assert_eq!(date.form(), DateForm::Dotted);
/// assert!(date.is_ambiguous());
/// assert_eq!(date.to_date(DateOrder::DayFirst).unwrap(), "1997-05-08");
/// assert_eq!(date.to_date(DateOrder::MonthFirst).unwrap(), "1997-08-05");
/// assert!(ServiceDate::from("31.02.2020").to_date(DateOrder::DayFirst).is_err());
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceDate(Str);

impl ServiceDate {
    /// The text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The two pairs of digits and the year of a date with dots.
    fn dotted(&self) -> Option<(&str, &str, &str)> {
        let mut parts = self.0.split('.');
        let parts = (parts.next()?, parts.next()?, parts.next()?, parts.next());
        let (first, second, year, None) = parts else {
            return None;
        };
        let digits = |text: &str, count| {
            text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let good = digits(first, 2) && digits(second, 2) && digits(year, 4);
        good.then_some((first, second, year))
    }

    /// How it is written; says nothing of whether there is such a day.
    #[must_use]
    pub fn form(&self) -> DateForm {
        if self.dotted().is_some() {
            return DateForm::Dotted;
        }
        match Date::from(self.as_str()).parts() {
            Ok(_) | Err(TemporalError::NoSuchDay) => DateForm::Iso,
            Err(_) => DateForm::Other,
        }
    }

    /// Whether the two orders give two different days.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        let day = |order| self.to_date(order).ok();
        let days = (day(DateOrder::DayFirst), day(DateOrder::MonthFirst));
        matches!(days, (Some(one), Some(other)) if one != other)
    }

    /// The date in FHIR's form.
    ///
    /// # Errors
    /// If it has none of the service's forms, or there is no such day.
    pub fn to_date(&self, order: DateOrder) -> Result<Date, TemporalError> {
        let date = match (self.dotted(), order) {
            (None, _) => Date::from(self.0.clone()),
            (Some((day, month, year)), DateOrder::DayFirst)
            | (Some((month, day, year)), DateOrder::MonthFirst) => {
                let mut text = [b'-'; 10];
                text[..4].copy_from_slice(year.as_bytes());
                text[5..7].copy_from_slice(month.as_bytes());
                text[8..].copy_from_slice(day.as_bytes());
                Date::from(str::from_utf8(&text).unwrap_or_default())
            }
        };
        date.parts()?;
        Ok(date)
    }

    /// Year, month and day as far as they are written.
    ///
    /// # Errors
    /// If it has none of the service's forms, or there is no such day.
    pub fn parts(&self, order: DateOrder) -> Result<DateParts, TemporalError> {
        self.to_date(order)?.parts()
    }
}

/// A moment in one of the service's forms; holds what was written, whatever it is.
///
/// The interface is declared to be in UTC; samples have an offset of +05:30, none (`_since`), or
/// +00:00. A time without an offset is taken as UTC.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceDateTime(Str);

impl ServiceDateTime {
    /// The text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

healthcode_core::shows_text!(ServiceDate, ServiceDateTime);

/// So that `Practitioner.birthDate` can be read, which the service writes with dots.
impl From<&Date> for ServiceDate {
    fn from(date: &Date) -> Self {
        ServiceDate(date.clone().into())
    }
}

impl From<&healthcode_core::DateTime> for ServiceDateTime {
    fn from(moment: &healthcode_core::DateTime) -> Self {
        ServiceDateTime(moment.clone().into())
    }
}

#[cfg(feature = "chrono")]
mod with_chrono {
    use super::{DateOrder, ServiceDate, ServiceDateTime};
    use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
    use healthcode_core::TemporalError;

    /// How many days back `_since` looks; what was changed earlier is not found.
    pub const SINCE_DAYS: u32 = 90;

    impl ServiceDate {
        /// The day.
        ///
        /// # Errors
        /// If it has none of the service's forms, there is no such day, or it is written to the
        /// month or year only.
        pub fn to_naive(&self, order: DateOrder) -> Result<NaiveDate, TemporalError> {
            self.parts(order)?.to_naive()
        }

        /// The day with dots.
        #[must_use]
        pub fn with_dots(date: NaiveDate, order: DateOrder) -> Self {
            let form = match order {
                DateOrder::DayFirst => "%d.%m.%Y",
                DateOrder::MonthFirst => "%m.%d.%Y",
            };
            ServiceDate::from(date.format(form).to_string().as_str())
        }
    }

    impl ServiceDateTime {
        /// The moment, with the offset it is written in, or in UTC if it has none.
        ///
        /// ```
        /// use healthcode_extensions::ServiceDateTime;
        /// let moment = |text| ServiceDateTime::from(text).to_chrono();
        /// let since = moment("2020-03-01T09:00:00").unwrap();
        /// assert_eq!(since, moment("2020-03-01T14:30:00.000+05:30").unwrap());
        /// assert!(moment("2020-03-01").is_err());
        /// ```
        ///
        /// # Errors
        /// If it is no date with a time to the second, or there is no such day.
        pub fn to_chrono(&self) -> Result<DateTime<FixedOffset>, TemporalError> {
            let parse = |text: &str| healthcode_core::DateTime::from(text).to_chrono();
            match parse(self.as_str()) {
                Err(TemporalError::Form) => parse(&format!("{}Z", self.as_str())),
                result => result,
            }
        }

        /// Whether an offset is written: `None` if it is no date with a time at all.
        #[must_use]
        pub fn has_offset(&self) -> Option<bool> {
            self.to_chrono().ok()?;
            let text = healthcode_core::DateTime::from(self.as_str());
            Some(text.to_chrono().is_ok())
        }

        /// The moment as `_since` takes it: in UTC, to the second, without an offset.
        ///
        /// ```
        /// use healthcode_extensions::ServiceDateTime;
        /// let moment = ServiceDateTime::from("2020-03-01T14:30:00+05:30").to_chrono().unwrap();
        /// assert_eq!(ServiceDateTime::since(moment.to_utc()).as_str(), "2020-03-01T09:00:00");
        /// ```
        #[must_use]
        pub fn since(moment: DateTime<Utc>) -> Self {
            ServiceDateTime(moment.format("%Y-%m-%dT%H:%M:%S").to_string().into())
        }
    }
}
