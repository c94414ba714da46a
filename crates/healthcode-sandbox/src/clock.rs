//! The time, in the forms that services write it in.

use chrono::{DateTime, SecondsFormat, Utc};
use std::time::Duration;

/// Now, in seconds since 1970.
pub(crate) fn now() -> i64 {
    Utc::now().timestamp()
}

/// The time that is `life` after `start`, in seconds since 1970.
pub(crate) fn after(start: i64, life: Duration) -> i64 {
    start.saturating_add_unsigned(life.as_secs())
}

fn utc(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// A FHIR instant in UTC.
pub(crate) fn instant(seconds: i64) -> String {
    utc(seconds).to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// A date of HTTP (RFC 9110, 5.6.7).
pub(crate) fn http_date(seconds: i64) -> String {
    utc(seconds).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Now, as 17 digits: year to millisecond.
pub(crate) fn digits() -> String {
    Utc::now().format("%Y%m%d%H%M%S%3f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (seconds, expect) in [
            (0, "1970-01-01T00:00:00+00:00"),
            (951_782_399, "2000-02-28T23:59:59+00:00"),
            (951_782_400, "2000-02-29T00:00:00+00:00"),
            (1_735_689_599, "2024-12-31T23:59:59+00:00"),
        ] {
            assert_eq!(instant(seconds), expect);
        }
        assert_eq!(http_date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert!(digits().len() == 17 && digits().bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(after(1, Duration::MAX), i64::MAX);
    }
}
