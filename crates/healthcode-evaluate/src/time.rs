//! Dates and times as spans: what is less precise lasts longer
//! (<https://hl7.org/fhir/R4/search.html#date>).

use super::truth::Truth;
use healthcode_search::{DateTime, Prefix};

/// From a moment to another, which is not in it: nanoseconds of UTC since the year 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: i128,
    pub(super) end: i128,
}

const SECOND: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * SECOND;

impl Span {
    /// What a date or time covers; without a time zone it is taken to be of UTC.
    pub(super) fn of(text: &str) -> Option<Span> {
        let text = DateTime::parse(text).ok()?;
        let (date, time) = match text.as_str().split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text.as_str(), None),
        };
        let mut parts = date.split('-').map(|part| part.parse::<i128>().ok());
        let year = parts.next()??;
        let month = parts.next().flatten();
        let day = parts.next().flatten();
        let start = days(year, month.unwrap_or(1), day.unwrap_or(1)) * DAY;
        let next = match (month, day) {
            (_, Some(_)) => start + DAY,
            (Some(12) | None, None) => days(year + 1, 1, 1) * DAY,
            (Some(month), None) => days(year, month + 1, 1) * DAY,
        };
        let Some(time) = time else {
            return Some(Span { start, end: next });
        };
        let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
        let (clock, zone) = time.split_at(zone);
        let start = start - offset(zone)?;
        let mut parts = clock.split(':');
        let mut number = || parts.next().and_then(|part| part.parse::<i128>().ok());
        let minutes = number()? * 60 + number()?;
        let start = start + minutes * 60 * SECOND;
        let Some(seconds) = clock.split(':').nth(2) else {
            let end = start + 60 * SECOND;
            return Some(Span { start, end });
        };
        let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
        let fraction = fraction.get(..9).unwrap_or(fraction);
        let unit = 10i128.pow(9 - fraction.len() as u32);
        let parts = if fraction.is_empty() {
            0
        } else {
            fraction.parse::<i128>().ok()?
        };
        let start = start + whole.parse::<i128>().ok()? * SECOND + parts * unit;
        Some(Span {
            start,
            end: start + unit,
        })
    }

    /// From the start of one to the end of the other; without one of them, for ever.
    pub(super) fn between(from: Option<&str>, to: Option<&str>) -> Option<Span> {
        let start = from.map_or(Some(i128::MIN), |start| Some(Span::of(start)?.start))?;
        let end = to.map_or(Some(i128::MAX), |end| Some(Span::of(end)?.end))?;
        Some(Span { start, end })
    }

    fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether a value that covers `self` matches what is searched for. `ge` and `le` are that a part of
    /// it is not before, or not after, what is searched for; `gt` and `lt` that a part is beyond. `ap` is
    /// that they overlap: a tenth of the time until now, which R4 suggests, would need a clock.
    pub(super) fn matches(self, prefix: Option<Prefix>, wanted: Span) -> bool {
        match prefix.unwrap_or(Prefix::Eq) {
            Prefix::Eq => wanted.contains(self),
            Prefix::Ne => !wanted.contains(self),
            Prefix::Gt => self.end > wanted.end,
            Prefix::Lt => self.start < wanted.start,
            Prefix::Ge => self.end > wanted.start,
            Prefix::Le => self.start < wanted.end,
            Prefix::Sa => self.start >= wanted.end,
            Prefix::Eb => self.end <= wanted.start,
            Prefix::Ap => self.start < wanted.end && wanted.start < self.end,
        }
    }
}

/// Whether a text is a date that matches; other texts are not known to match.
pub(super) fn matches(text: &str, prefix: Option<Prefix>, wanted: Span) -> Truth {
    match Span::of(text) {
        Some(span) => Truth::from(span.matches(prefix, wanted)),
        None => Truth::Unknown(super::Reason::Unreadable),
    }
}

/// Whether a period matches a date that is searched for; `None` if it has no date, or one that is malformed.
/// A date is the period from it to itself.
///
/// ```
/// use healthcode_evaluate::period_matches;
/// use healthcode_search::{DateTime, Prefix};
///
/// let wanted = DateTime::parse("2023-05").unwrap();
/// let matches = |start, end, prefix| period_matches(start, end, prefix, &wanted);
/// assert_eq!(matches(Some("2023-05-04"), Some("2023-05-04"), None), Some(true));
/// assert_eq!(matches(Some("2023-05-04"), None, None), Some(false));
/// assert_eq!(matches(Some("2023-05-04"), None, Some(Prefix::Gt)), Some(true));
/// assert_eq!(matches(Some("4 May"), None, None), None);
/// ```
#[must_use]
pub fn period_matches(
    start: Option<&str>,
    end: Option<&str>,
    prefix: Option<Prefix>,
    wanted: &DateTime,
) -> Option<bool> {
    start.or(end)?;
    let span = Span::between(start, end)?;
    Some(span.matches(prefix, Span::of(wanted.as_str())?))
}

/// How far ahead of UTC a zone is.
fn offset(zone: &str) -> Option<i128> {
    let sign = match zone.as_bytes().first() {
        None | Some(b'Z') => return Some(0),
        Some(b'-') => -1,
        _ => 1,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let minutes = hours.parse::<i128>().ok()? * 60 + minutes.parse::<i128>().ok()?;
    Some(sign * minutes * 60 * SECOND)
}

/// The days before a day of the Gregorian calendar, from 1 March of the year 0.
fn days(year: i128, month: i128, day: i128) -> i128 {
    let (year, month) = match month {
        ..=2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let leap = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap + (153 * month + 2) / 5 + day - 1
}

#[cfg(test)]
mod tests;
