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
            (Some(12), None) | (None, None) => days(year + 1, 1, 1) * DAY,
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
mod tests {
    use super::*;

    fn check(value: &str, wanted: &str) -> String {
        let (value, wanted) = (Span::of(value).unwrap(), Span::of(wanted).unwrap());
        let matching = |prefix: &Prefix| value.matches(Some(*prefix), wanted);
        let names = Prefix::ALL.into_iter().filter(matching).map(Prefix::as_str);
        names.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn prefixes_and_precision() {
        for (value, wanted, prefixes) in [
            // The examples of the specification.
            ("2013-01-14T00:00", "2013-01-14", "eq ge le ap"),
            ("2013-01-14T10:00", "2013-01-14", "eq ge le ap"),
            ("2013-01-15T00:00", "2013-01-14", "ne gt ge sa"),
            ("2013-01-14T10:00", "2013-01-14T10:00", "eq ge le ap"),
            ("2013-01-14", "2013-01-14T10:00", "ne gt lt ge le ap"),
            ("2013-03-15", "2013-03-14", "ne gt ge sa"),
            ("2013-03-13", "2013-03-14", "ne lt le eb"),
            ("2013", "2013-03", "ne gt lt ge le ap"),
            ("2013-03", "2013", "eq ge le ap"),
            ("2012-12-31T23:59:59.999", "2013", "ne lt le eb"),
            ("2013-12-31T23:30:00-01:00", "2013", "ne gt ge sa"),
            ("2013-01-01T00:30:00+01:00", "2013", "ne lt le eb"),
            (
                "2013-01-14T10:00:00.5Z",
                "2013-01-14T10:00:00Z",
                "eq ge le ap",
            ),
            // A tenth of a second that begins with the hundredth: it only ends later.
            (
                "2013-01-14T10:00:00.5Z",
                "2013-01-14T10:00:00.50Z",
                "ne gt ge le ap",
            ),
            ("2024-02-29", "2024-02", "eq ge le ap"),
        ] {
            let found = check(value, wanted);
            assert_eq!(found, prefixes, "{value} for {wanted}");
        }
        assert_eq!(Span::of("09.05.1977"), None);
    }

    #[test]
    fn periods() {
        let span = |from, to| Span::between(from, to).unwrap();
        let march = Span::of("2013-03").unwrap();
        assert!(span(Some("2013-03-02"), Some("2013-03-09")).matches(None, march));
        assert!(!span(Some("2013-03-02"), None).matches(None, march));
        assert!(span(Some("2013-03-02"), None).matches(Some(Prefix::Gt), march));
        let until_its_end = span(Some("2012"), Some("2013-03-31"));
        assert!(until_its_end.matches(Some(Prefix::Ge), march));
        assert!(!until_its_end.matches(Some(Prefix::Gt), march));
        assert!(span(Some("2013-03-31"), Some("2014")).matches(Some(Prefix::Le), march));
        assert!(!span(Some("2013-04-01"), None).matches(Some(Prefix::Le), march));
        assert!(span(None, Some("2013")).matches(Some(Prefix::Lt), march));
        assert!(span(None, None).matches(Some(Prefix::Ap), march));
    }

    #[test]
    fn days_are_counted() {
        assert_eq!(days(1970, 1, 1) - days(1969, 12, 31), 1);
        assert_eq!(days(2000, 3, 1) - days(2000, 2, 28), 2);
        assert_eq!(days(1900, 3, 1) - days(1900, 2, 28), 1);
        assert_eq!(days(2026, 1, 1) - days(1970, 1, 1), 20454);
    }
}
