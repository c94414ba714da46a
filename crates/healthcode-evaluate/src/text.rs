//! Text as it is compared: without case and accents.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text in lower case, without marks such as accents, white space as single spaces.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        if word.is_ascii() {
            out.extend(word.chars().map(|c| c.to_ascii_lowercase()));
        } else {
            let plain = word.nfd().filter(|c| !is_combining_mark(*c));
            out.extend(plain.flat_map(char::to_lowercase));
        }
    }
    out
}

/// A postcode: in capitals, without spaces.
pub(super) fn postcode(text: &str) -> String {
    let kept = text.chars().filter(|c| !c.is_whitespace());
    kept.flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded() {
        for (text, folded) in [
            ("Clinton", "clinton"),
            ("  O'Brien  Jr ", "o'brien jr"),
            ("É́lodie Müller", "elodie muller"),
            ("ŁUCJA", "łucja"),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded);
        }
        assert_eq!(postcode("w1h 3da"), "W1H3DA");
    }
}
