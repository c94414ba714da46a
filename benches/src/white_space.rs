//! White space of JSON texts: numbers and strings stay as they are.

/// The text without white space between its tokens.
pub(crate) fn minified(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    tokens(json, |token| out.push_str(token));
    out
}

/// The text with a line for each member and item, indented by `width` spaces a level.
pub(crate) fn indented(json: &str, width: usize) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut level = 0;
    let mut opened = false;
    tokens(json, |token| {
        let closes = matches!(token, "}" | "]");
        let opens = matches!(token, "{" | "[");
        level -= usize::from(closes);
        // Brackets with nothing between them stay together.
        if opened != closes {
            new_line(&mut out, level * width);
        }
        level += usize::from(opens);
        opened = opens;
        out.push_str(token);
        match token {
            "," => new_line(&mut out, level * width),
            ":" => out.push(' '),
            _ => {}
        }
    });
    out
}

fn new_line(out: &mut String, spaces: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', spaces));
}

/// Yields each token: a bracket, comma, colon, string, or a number or word.
fn tokens<'j>(json: &'j str, mut each: impl FnMut(&'j str)) {
    let bytes = json.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b' ' | b'\n' | b'\r' | b'\t' => {
                at += 1;
                continue;
            }
            b'"' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += 1 + usize::from(bytes[at] == b'\\');
                }
                at += 1;
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => at += 1,
            _ => {
                while at < bytes.len() && !b" \n\r\t{}[],:\"".contains(&bytes[at]) {
                    at += 1;
                }
            }
        }
        each(&json[start..at.min(json.len())]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_inverse() {
        for text in [
            crate::generate::transaction(20_000),
            crate::generate::searchset(3, crate::generate::Dates::Documented),
        ] {
            let pretty = indented(&text, 4);
            assert!(pretty.len() > text.len() * 4 / 3);
            assert_eq!(minified(&pretty), text);
        }
    }

    #[test]
    fn white_space_of_strings_stays() {
        for (text, expect) in [
            (
                r#"{ "a b" : [ "\" \\" , 1.0 ] }"#,
                r#"{"a b":["\" \\",1.0]}"#,
            ),
            (" [ ] \n", "[]"),
            ("{\t}", "{}"),
            ("[ true , null,-1e5 ]", "[true,null,-1e5]"),
        ] {
            assert_eq!(minified(text), expect);
        }
        assert_eq!(
            indented(r#"{"a":[1,{}],"b":[]}"#, 2),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}"
        );
    }
}
