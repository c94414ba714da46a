//! How patients are compared with the parameters of a search.

use crate::json::{has_identifier, items, text};
use serde_json::Value;

/// Whether a patient matches a parameter; `history` includes names and addresses of the past.
pub(crate) fn matches(patient: &Value, name: &str, value: &str, history: bool) -> bool {
    let current = |json: &&Value| history || json.pointer("/period/end").is_none();
    let mut names = items(patient, "/name").filter(current);
    let mut addresses = items(patient, "/address").filter(current);
    let is_date = |pointer| text(patient, pointer).is_some_and(|date| date_matches(value, date));
    match name {
        "family" => names.any(|name| text(name, "/family").is_some_and(|text| like(value, text))),
        "given" => names.any(|name| {
            let mut given = items(name, "/given").filter_map(Value::as_str);
            given.any(|text| like(value, text))
        }),
        "gender" => text(patient, "/gender") == Some(value),
        "birthdate" => is_date("/birthDate"),
        "death-date" => is_date("/deceasedDateTime"),
        "address-postalcode" | "address-postcode" => addresses.any(|address| {
            let unspaced = |text: &str| text.replace(' ', "");
            let code = text(address, "/postalCode").map(unspaced);
            code.is_some_and(|code| like(&unspaced(value), &code))
        }),
        "general-practitioner" => items(patient, "/generalPractitioner")
            .any(|practice| text(practice, "/identifier/value") == Some(value)),
        "email" | "phone" => items(patient, "/telecom").any(|telecom| {
            text(telecom, "/system") == Some(name) && text(telecom, "/value") == Some(value)
        }),
        "identifier" => value
            .split_once('|')
            .is_some_and(|(system, value)| has_identifier(patient, system, value)),
        "_id" => text(patient, "/id") == Some(value),
        "_max-results" | "_exact-match" | "_fuzzy-match" | "_history" => true,
        _ => false,
    }
}

/// Whether a text equals a pattern, ignoring case; a `*` in the pattern stands for any text.
fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let Some((first, pattern)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let (middle, last) = pattern.rsplit_once('*').unwrap_or(("", pattern));
    let rest = text
        .strip_prefix(first)
        .and_then(|rest| rest.strip_suffix(last));
    let rest = rest.and_then(|rest| {
        let mut pieces = middle.split('*');
        pieces.try_fold(rest, |rest, piece| Some(rest.split_once(piece)?.1))
    });
    rest.is_some()
}

/// Whether a date, or a part of one, matches a date with a prefix such as `ge`.
fn date_matches(wanted: &str, found: &str) -> bool {
    let has_prefix = wanted.starts_with(|char: char| char.is_ascii_alphabetic());
    let (prefix, wanted) = if has_prefix {
        wanted.split_at_checked(2).unwrap_or_default()
    } else {
        ("eq", wanted)
    };
    let length = wanted.len().min(found.len());
    let found = found.get(..length).unwrap_or_default();
    let wanted = wanted.get(..length).unwrap_or_default();
    match prefix {
        "ge" => found >= wanted,
        "gt" => found > wanted,
        "le" => found <= wanted,
        "lt" => found < wanted,
        "ne" => found != wanted,
        _ => found == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons() {
        for (pattern, text, expect) in [
            ("smith", "Smith", true),
            ("smi", "Smith", false),
            ("sm*h", "Smith", true),
            ("smi*", "Smith", true),
            ("sm*t", "Smith", false),
            ("sm*i*h", "Smith", true),
            ("sm*h*", "Smith", true),
            ("smithy*", "Smith", false),
            ("sm*mith", "Smith", false),
            ("*i*t*", "Smith", true),
            ("*t*i*", "Smith", false),
            ("", "Smith", false),
        ] {
            assert_eq!(like(pattern, text), expect, "{pattern}");
        }
        for (wanted, found, expect) in [
            ("eq2010-10-22", "2010-10-22", true),
            ("2010-10-22", "2010-10-23", false),
            ("ge2010-10-22", "2010-10-22", true),
            ("le2010-10-21", "2010-10-22", false),
            ("ge2010-01-01", "2010", true),
            ("é", "2010", false),
        ] {
            assert_eq!(date_matches(wanted, found), expect, "{wanted}");
        }
    }
}
