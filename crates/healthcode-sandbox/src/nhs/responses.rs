//! What the NHS's services share: ids of requests, and errors of the Spine.

use crate::http::answer::{Answer, FHIR, answer};
use crate::http::form::text;
use crate::store::records::is_uuid;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(crate) const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// A UUID in capitals, as ids of the directory are.
pub(crate) fn uuid() -> String {
    let mut bytes = [0_u8; 16];
    // Without randomness ids repeat, which no answer depends on.
    let _ = SystemRandom::new().fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text: String = bytes.iter().map(|it| format!("{it:02X}")).collect();
    let part = |from: usize, to| text.get(from..to).unwrap_or_default();
    [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ]
    .join("-")
}

/// Whether a header is there and is a UUID; none if it is not there.
pub(crate) fn uuid_header(headers: &HeaderMap, name: &HeaderName) -> Option<bool> {
    let there = headers.contains_key(name);
    there.then(|| text(headers, name).is_some_and(is_uuid))
}

/// Sends ids of a request back.
pub(crate) fn mirror(mut answer: Answer, headers: &HeaderMap, names: &[HeaderName]) -> Answer {
    for name in names {
        if let Some(value) = headers.get(name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

/// An error of the Spine, in one of the code systems that it has for them.
pub(crate) fn error(status: u16, id: Option<&str>, coding: &Value, diagnostics: &str) -> Answer {
    let mut body = json!({
        "resourceType": "OperationOutcome",
        "issue": [{
            "severity": "error",
            "code": kind(status),
            "details": {"coding": [coding]},
            "diagnostics": diagnostics,
        }],
    });
    if let (Some(id), Some(members)) = (id, body.as_object_mut()) {
        members.insert("id".to_owned(), json!(id));
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    answer(status, FHIR, body.to_string())
}

/// The type of issue that goes with a status.
fn kind(status: u16) -> &'static str {
    match status {
        200 => "multiple-matches",
        401 | 403 => "forbidden",
        404 => "not-found",
        405 | 406 => "not-supported",
        409 | 412 => "conflict",
        _ => "invalid",
    }
}

/// JSON of FHIR, with success.
pub(crate) fn fhir(body: &Value) -> Answer {
    answer(StatusCode::OK, FHIR, body.to_string())
}

pub(crate) fn with(mut answer: Answer, name: HeaderName, value: &str) -> Answer {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
    answer
}

/// Now, in seconds since 1970.
pub(crate) fn seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |it| i64::try_from(it.as_secs()).unwrap_or(i64::MAX))
}

/// A time as an instant of FHIR, in UTC: days to year, month and day by the proleptic Gregorian
/// calendar, in eras of 400 years that begin in March.
pub(crate) fn instant(seconds: i64) -> String {
    let (days, second) = (
        seconds.div_euclid(86_400) + 719_468,
        seconds.rem_euclid(86_400),
    );
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = year + era * 400 + later;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}+00:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_ids() {
        for (seconds, expect) in [
            (0, "1970-01-01T00:00:00+00:00"),
            (951_782_399, "2000-02-28T23:59:59+00:00"),
            (951_782_400, "2000-02-29T00:00:00+00:00"),
            (1_735_689_599, "2024-12-31T23:59:59+00:00"),
        ] {
            assert_eq!(instant(seconds), expect);
        }
        assert!(is_uuid(&uuid()) && uuid() != uuid());
    }
}
