//! What JSON has where a text stops being JSON.

/// What is expected at byte `at` of a text that is JSON up to there, in words; nothing if that is
/// not plain.
pub(crate) fn expected(text: &str, at: usize) -> Option<&'static str> {
    let (before, rest) = text.split_at_checked(at)?;
    if before.trim_matches(SPACE).is_empty() && rest.starts_with('<') {
        return Some("JSON; this begins like XML or HTML");
    }
    let here = rest.chars().next()?;
    if let Some(what) = rest_of_token(before) {
        return Some(what);
    }
    let place = Place::at(before);
    let last = before.trim_end_matches(SPACE).chars().next_back();
    Some(match (place, last, here) {
        (_, _, '/') => "no comments",
        (Place::Name | Place::Value(_), _, '\'' | '‘' | '’' | '“' | '”') => {
            "plain double quotes around text"
        }
        (Place::Name, Some(','), '}') => "no comma before }",
        (Place::Value(_), Some(','), ']') => "no comma before ]",
        (Place::Name, _, _) => "a name in double quotes",
        (Place::Colon, _, _) => "a colon after the name",
        (Place::Value(_), _, '0'..='9') => "a number without leading zeros",
        (Place::Value(_), _, '+' | '.') => "a number that begins with a digit or -",
        (Place::Value(false), _, _) => "a JSON object",
        (Place::Value(true), _, _) => {
            "an object, an array, text in double quotes, a number, true, false or null"
        }
        (Place::AfterMember, _, _) => "a comma or } after the value",
        (Place::AfterItem, _, _) => "a comma or ] after the value",
        (Place::End, _, _) => return None,
    })
}

/// JSON's white space.
const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// What is expected in the middle of a number or a word.
fn rest_of_token(before: &str) -> Option<&'static str> {
    let rest = before.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let word = before.get(rest.len()..)?;
    let digit = rest.ends_with(|c: char| c.is_ascii_digit() || c == '.');
    match word {
        "e" | "E" if digit => Some("a digit"),
        "" if before.ends_with(['.', '-', '+']) => Some("a digit"),
        "" | "true" | "false" | "null" => None,
        _ => Some("true, false or null"),
    }
}

/// What comes next in a text.
#[derive(Clone, Copy)]
enum Place {
    Name,
    Colon,
    /// A value; whether it is inside another.
    Value(bool),
    AfterMember,
    AfterItem,
    /// Nothing: the text's value has ended.
    End,
}

impl Place {
    /// What comes after `before`, which is JSON as far as it goes, and no token's middle.
    fn at(before: &str) -> Self {
        // The open brackets, innermost last; true for objects.
        let mut open: Vec<bool> = Vec::new();
        let mut place = Place::Value(false);
        let mut bytes = before.bytes();
        while let Some(byte) = bytes.next() {
            place = match (byte, place) {
                (b' ' | b'\t' | b'\n' | b'\r', _) => continue,
                (b'"', _) => {
                    while let Some(byte) = bytes.next() {
                        match byte {
                            b'\\' => drop(bytes.next()),
                            b'"' => break,
                            _ => {}
                        }
                    }
                    match place {
                        Place::Name => Place::Colon,
                        _ => Place::after(&open),
                    }
                }
                (b'{', _) => {
                    open.push(true);
                    Place::Name
                }
                (b'[', _) => {
                    open.push(false);
                    Place::Value(true)
                }
                (b'}' | b']', _) => {
                    open.pop();
                    Place::after(&open)
                }
                (b',', Place::AfterMember) => Place::Name,
                (b',' | b':', _) => Place::Value(true),
                _ => Place::after(&open),
            };
        }
        place
    }

    fn after(open: &[bool]) -> Self {
        match open.last() {
            Some(true) => Place::AfterMember,
            Some(false) => Place::AfterItem,
            None => Place::End,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::from_slice;
    use healthcode_core::{Detail, UnknownResource};

    #[test]
    fn what_is_expected() {
        let value = "an object, an array, text in double quotes, a number, true, false or null";
        for (text, place, what) in [
            (r#"{"a":1,}"#, "1:8", "no comma before }"),
            (r#"{"a":[1, ]}"#, "1:10", "no comma before ]"),
            (r#"{"a":{"b":"\"}"},}"#, "1:18", "no comma before }"),
            ("{'a':1}", "1:2", "plain double quotes around text"),
            (r#"{"a":'b'}"#, "1:6", "plain double quotes around text"),
            ("{\n“a”:1}", "2:1", "plain double quotes around text"),
            (r#"{"a" 1}"#, "1:6", "a colon after the name"),
            (r#"{"a","b":1}"#, "1:5", "a colon after the name"),
            (r#"{"a"}"#, "1:5", "a colon after the name"),
            ("{a:1}", "1:2", "a name in double quotes"),
            (r#"{"a":1,b:1}"#, "1:8", "a name in double quotes"),
            (r#"{"a":"x" "b":2}"#, "1:10", "a comma or } after the value"),
            (r#"{"a":[1] "b":2}"#, "1:10", "a comma or } after the value"),
            (r#"{"a":true x}"#, "1:11", "a comma or } after the value"),
            (r#"{"a":1]"#, "1:7", "a comma or } after the value"),
            (r#"{"a":["x" "y"]}"#, "1:11", "a comma or ] after the value"),
            (r#"{"a":[{} }"#, "1:10", "a comma or ] after the value"),
            (r#"{"a":NaN}"#, "1:6", value),
            (r#"{"a":[1,,2]}"#, "1:9", value),
            (r#"{"a":}"#, "1:6", value),
            (r#"{"a":nil}"#, "1:7", "true, false or null"),
            (r#"{"a":01}"#, "1:6", "a number without leading zeros"),
            (r#"{"a":-x}"#, "1:7", "a digit"),
            (r#"{"a":1.}"#, "1:8", "a digit"),
            (r#"{"a":1e}"#, "1:8", "a digit"),
            (
                r#"{"a":.5}"#,
                "1:6",
                "a number that begins with a digit or -",
            ),
            (
                r#"{"a":+5}"#,
                "1:6",
                "a number that begins with a digit or -",
            ),
            ("{ // x\n}", "1:3", "no comments"),
            (r#"{"a":1 /* x */}"#, "1:8", "no comments"),
            ("ok", "1:1", "a JSON object"),
            ("}", "1:1", "a JSON object"),
            ("\n <a/>", "2:2", "JSON; this begins like XML or HTML"),
        ] {
            let error = from_slice::<UnknownResource>(text.as_bytes());
            let issue = error.unwrap_err().into_issue();
            assert_eq!(issue.rule.id, "JSON-SYNTAX", "{text}");
            assert_eq!(issue.position.unwrap().to_string(), place, "{text}");
            assert_eq!(issue.detail, Detail::Expected(what), "{text}");
        }
    }
}
