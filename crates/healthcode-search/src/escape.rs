//! FHIR's escaping of separators in values, which comes before percent-encoding
//! (<https://hl7.org/fhir/R4/search.html#escaping>).

use healthcode_core::Str;

/// What separates values, and so is escaped within them.
const SPECIAL: [char; 4] = ['\\', ',', '|', '$'];

/// Appends the text with `\` before each of `\`, `,`, `|` and `$`.
pub(crate) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        if SPECIAL.contains(&c) {
            out.push('\\');
        }
        out.push(c);
    }
}

/// The text without escapes; none if a `\` escapes nothing.
pub(crate) fn unescape(text: &str) -> Option<Str> {
    if !text.contains('\\') {
        return Some(text.into());
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push(chars.next().filter(|c| SPECIAL.contains(c))?),
            c => out.push(c),
        }
    }
    Some(out.into())
}

/// The parts between separators that are not escaped, as they are written.
pub(crate) fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == separator {
            parts.push(text.get(start..at).unwrap_or_default());
            start = at + c.len_utf8();
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_the_specification() {
        assert_eq!(split("a,b", ','), ["a", "b"]);
        assert_eq!(split(r"a\,b", ','), [r"a\,b"]);
        assert_eq!(unescape(r"xx\\xx").as_deref(), Some(r"xx\xx"));
        assert_eq!(split(r"a\\,b", ','), [r"a\\", "b"]);
        assert_eq!(unescape(r"a\x"), None);
        assert_eq!(unescape(r"a\"), None);
    }

    proptest! {
        #[test]
        fn round_trip(text in any::<String>(), other in any::<String>()) {
            let mut escaped = String::new();
            escape(&text, &mut escaped);
            prop_assert_eq!(unescape(&escaped), Some(Str::from(text)));
            let one = escaped.clone();
            for separator in [',', '|', '$'] {
                let mut both = format!("{one}{separator}");
                escape(&other, &mut both);
                let parts = split(&both, separator);
                prop_assert_eq!(parts.len(), 2);
                prop_assert_eq!(parts[0], &one);
            }
        }
    }
}
