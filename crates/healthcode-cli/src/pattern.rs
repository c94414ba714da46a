//! [`Pattern`]: what is left out of a folder that is searched.

use std::path::{MAIN_SEPARATOR, Path};

/// A pattern of names or paths: `?` is any character and `*` any text within one step, `**` are any steps, `[ab]` is one
/// of these characters, `[!ab]` is another, `{a,b}` is one of these texts, and `\` takes the next character as it is.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(String);

impl Pattern {
    /// Takes a pattern as it is written, or says what is wrong with it.
    pub(crate) fn new(text: &str) -> Result<Self, &'static str> {
        let mut open = 0_u32;
        let mut chars = text.chars();
        while let Some(char) = chars.next() {
            match char {
                '\\' => {
                    chars.next().ok_or("nothing follows the last '\\'")?;
                }
                '[' => {
                    let class = chars.as_str();
                    let class = class.strip_prefix(['!', '^']).unwrap_or(class);
                    // What comes first is one of the characters even if it is a bracket.
                    let (at, _) = class
                        .char_indices()
                        .skip(1)
                        .find(|(_, char)| *char == ']')
                        .ok_or("there is a '[' without its ']'")?;
                    chars = class[at + 1..].chars();
                }
                '{' => open += 1,
                '}' => {
                    open = open
                        .checked_sub(1)
                        .ok_or("there is a '}' without its '{'")?;
                }
                _ => {}
            }
        }
        if open > 0 {
            return Err("there is a '{' without its '}'");
        }
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
            ("*.json", "a.json .json", "a.json5 in/a.json"),
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
            ("ä?", "äö", "ä"),
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
            ("[a", "there is a '[' without its ']'"),
            ("[]", "there is a '[' without its ']'"),
            ("{a", "there is a '{' without its '}'"),
            ("a}", "there is a '}' without its '{'"),
            ("a\\", "nothing follows the last '\\'"),
        ] {
            assert_eq!(Pattern::new(pattern).unwrap_err(), expect, "{pattern}");
        }
    }
}
