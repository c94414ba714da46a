//! [`Pattern`]: what is left out of a folder that is searched.

use std::path::{MAIN_SEPARATOR, Path};

/// A pattern of names or paths: `?` is any character and `*` any text within one step, `**` are any steps, `[ab]` is one
/// of these characters, `[!ab]` is another, `{a,b}` is one of these texts, and `\` takes the next character as it is.
/// `?` and brackets stand for single bytes, so for ASCII.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(String);

impl Pattern {
    /// Takes a pattern as it is written.
    ///
    /// # Errors
    /// If a bracket or brace is not closed, or braces are too many.
    pub(crate) fn new(text: &str) -> Result<Self, fast_glob::Error> {
        fast_glob::validate(text)?;
        // At the start it would mean all but what follows.
        let escape = if text.starts_with('!') { "\\" } else { "" };
        Ok(Pattern(format!("{escape}{text}")))
    }

    pub(crate) fn is_match(&self, path: impl AsRef<Path>) -> bool {
        let path = path.as_ref().as_os_str().as_encoded_bytes();
        if MAIN_SEPARATOR == '/' {
            return fast_glob::glob_match(&self.0, path);
        }
        let slash = |byte: &u8| match char::from(*byte) {
            MAIN_SEPARATOR => b'/',
            _ => *byte,
        };
        fast_glob::glob_match(&self.0, path.iter().map(slash).collect::<Vec<u8>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match() {
        for (pattern, matches, others) in [
            ("drafts", "drafts", "a/drafts drafts/a Drafts"),
            ("*.json", "a.json .json ä.json", "a.json5 in/a.json"),
            ("in/**", "in/a in/a/b", "a/in/b"),
            ("**/in", "in a/in a/b/in", "in/a"),
            (
                "a?.{json,xml}",
                "ab.json ab.xml",
                "a.json a/.json ab.ndjson",
            ),
            ("[!a-c]", "d", "a b c"),
            ("[]]", "]", "["),
            ("!a", "!a", "a b"),
            ("\\*", "*", "a"),
            ("ä*", "äö", "a"),
        ] {
            let compiled = Pattern::new(pattern).unwrap();
            for (texts, expect) in [(matches, true), (others, false)] {
                for text in texts.split(' ') {
                    assert_eq!(compiled.is_match(text), expect, "{pattern} {text}");
                }
            }
        }
    }

    #[test]
    fn malformed_patterns_are_refused() {
        for (pattern, expect) in [
            ("[a", "unclosed character class at byte 0"),
            ("b[]", "unclosed character class at byte 1"),
            ("{a", "unclosed brace expansion at byte 0"),
            ("a\\", "trailing backslash at byte 1"),
        ] {
            let error = Pattern::new(pattern).unwrap_err().to_string();
            assert!(error.starts_with(expect), "{pattern} {error}");
        }
    }
}
