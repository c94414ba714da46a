//! Dates that are written in other forms.

/// A date with leading zeros, if it is one of FHIR's form but for these: `1974-1-5`, maybe with a time behind it.
pub(crate) fn padded(text: &str) -> Option<String> {
    let (date, time) = match text.find('T') {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let mut parts = date.split('-');
    let year = number(parts.next()?, 4, 4)?;
    let mut padded = format!("{year:04}");
    let mut count = 0;
    for part in parts {
        padded.push_str(&format!("-{:02}", number(part, 1, 2)?));
        count += 1;
    }
    padded.push_str(time);
    ((1..=2).contains(&count) && padded != text).then_some(padded)
}

/// A date of the form `09.05.1977`, in FHIR's form.
pub(crate) fn undotted(text: &str) -> Option<String> {
    let mut parts = text.split('.');
    let day = number(parts.next()?, 1, 2)?;
    let month = number(parts.next()?, 1, 2)?;
    let year = number(parts.next()?, 4, 4)?;
    if parts.next().is_some() {
        return None;
    }
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// The number that some digits are.
fn number(digits: &str, least: usize, most: usize) -> Option<u32> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let fits = (least..=most).contains(&digits.len());
    (is_number && fits).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::{padded, undotted};

    #[test]
    fn dates() {
        for (text, expect) in [
            ("1974-1-5", Some("1974-01-05")),
            ("1974-1", Some("1974-01")),
            ("1974-01-5T10:00:00Z", Some("1974-01-05T10:00:00Z")),
            ("1974-01-05", None),
            ("1974", None),
            ("74-1-5", None),
            ("1974-1-5-2", None),
            ("1974-+1-5", None),
            ("1974--5", None),
            ("", None),
        ] {
            assert_eq!(padded(text).as_deref(), expect, "{text}");
        }
        for (text, expect) in [
            ("09.05.1977", Some("1977-05-09")),
            ("9.5.1977", Some("1977-05-09")),
            ("9.5.77", None),
            ("9.5.1977.1", None),
            ("1977-05-09", None),
        ] {
            assert_eq!(undotted(text).as_deref(), expect, "{text}");
        }
    }
}
