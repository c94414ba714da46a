//! Masks what a line of JSON says, and leaves how it is built.

use healthcode_core::is_plain_name;
use std::ops::Range;

/// A window of a line with every value replaced by `*`: strings, numbers and booleans. What is
/// surely a member's name stays, as do brackets, separators and null.
///
/// `caret` is where a name or value starts. The window may begin and end in the middle of a
/// string. If the text is not `known` to be JSON, names are masked too.
pub(super) fn mask(line: &str, caret: usize, known: bool) -> String {
    let text: Vec<char> = line.chars().collect();
    let caret = caret.min(text.len());
    if !known {
        let plain = |c: &char| if is_structure(*c) { *c } else { '*' };
        return text.iter().map(plain).collect();
    }
    let mut shown = vec![true; text.len()];
    let strings = strings_before(&text, caret)
        .into_iter()
        .chain(strings_after(&text, caret));
    let mut inside = vec![false; text.len()];
    for string in strings {
        inside[string.clone()].fill(true);
        if !is_name(&text, &string) {
            hide(&text, &string, &mut shown);
        }
    }
    let mut at = 0;
    while at < text.len() {
        let bare = |c: usize| !inside[c] && !is_structure(text[c]);
        let end = (at..text.len()).find(|c| !bare(*c)).unwrap_or(text.len());
        if end > at && text[at..end] != ['n', 'u', 'l', 'l'] {
            shown[at..end].fill(false);
        }
        at = end.max(at + 1);
    }
    let pick = |(c, shown): (&char, &bool)| if *shown { *c } else { '*' };
    text.iter().zip(&shown).map(pick).collect()
}

/// A document, or a part of one, with every value replaced by `*`. Lines and their lengths stay.
///
/// ```
/// use healthcode_validate::render::masked;
/// assert_eq!(masked("{\"active\": true,\n \"id\": \"x1\"}"), "{\"active\": ****,\n \"id\": \"**\"}");
/// assert_eq!(masked("<id value='x1'/>"), "<id value='**'/>");
/// ```
#[must_use]
pub fn masked(text: &str) -> String {
    if text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('<')
    {
        markup(text)
    } else {
        mask(text, 0, true)
    }
}

/// What a tag of XML is at.
#[derive(Clone, Copy, PartialEq)]
enum Markup {
    /// Outside tags.
    Text,
    Tag,
    /// In a value that ends with this quote.
    Value(char),
}

/// XML without the values of attributes, but for namespaces, and without text and comments.
fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut state = Markup::Text;
    let mut word = String::new();
    let mut declares = false;
    for c in text.chars() {
        let is_space = c.is_whitespace();
        let shown = match state {
            Markup::Text => is_space || c == '<' || c == '\u{feff}',
            Markup::Value(quote) => is_space || c == quote || declares,
            Markup::Tag => true,
        };
        // The name before a value.
        match (state, c) {
            (Markup::Tag, c) if c.is_alphanumeric() || matches!(c, ':' | '-' | '_' | '.') => {
                word.push(c);
            }
            (Markup::Tag, '=') => {
                declares = word == "xmlns" || word.starts_with("xmlns:");
                word.clear();
            }
            (Markup::Tag, _) => {
                if !word.is_empty() && !is_tag_name(&word) {
                    out.truncate(out.len() - word.len());
                    out.extend(word.chars().map(|_| '*'));
                }
                word.clear();
            }
            _ => {}
        }
        state = match (state, c) {
            (Markup::Text, '<') => Markup::Tag,
            (Markup::Tag, '>') => Markup::Text,
            (Markup::Tag, '"' | '\'') => Markup::Value(c),
            (Markup::Value(quote), c) if c == quote => Markup::Tag,
            (state, _) => state,
        };
        out.push(if shown { c } else { '*' });
    }
    out
}

/// Whether a word of a tag is surely no value.
fn is_tag_name(word: &str) -> bool {
    let local = word.rsplit(':').next().unwrap_or(word);
    let rest = local.strip_prefix(|c: char| c.is_ascii_uppercase());
    is_plain_name(local) || rest.is_some_and(|rest| rest.is_empty() || is_plain_name(rest))
}

fn is_structure(c: char) -> bool {
    matches!(c, '{' | '}' | '[' | ']' | ':' | ',') || c.is_whitespace()
}

/// The strings before `caret`, which is in none: each with its quotes, or from the start of the
/// text if that is where the window cuts it.
fn strings_before(text: &[char], caret: usize) -> Vec<Range<usize>> {
    let mut strings = Vec::new();
    let mut at = caret;
    while let Some(close) = text[..at].iter().rposition(|c| *c == '"') {
        let mut open = close;
        loop {
            let Some(quote) = text[..open].iter().rposition(|c| *c == '"') else {
                strings.push(0..close + 1);
                return strings;
            };
            open = quote;
            // An opening quote has no backslash before it; one inside the string has.
            if quote == 0 || text[quote - 1] != '\\' {
                break;
            }
        }
        strings.push(open..close + 1);
        at = open;
    }
    strings
}

/// The strings from `caret` on, which is in none: each with its quotes, or to the end of the text
/// if that is where the window cuts it.
fn strings_after(text: &[char], caret: usize) -> Vec<Range<usize>> {
    let mut strings = Vec::new();
    let mut at = caret;
    while let Some(open) = text[at..]
        .iter()
        .position(|c| *c == '"')
        .map(|open| at + open)
    {
        let mut close = open + 1;
        while close < text.len() && text[close] != '"' {
            close += if text[close] == '\\' { 2 } else { 1 };
        }
        at = (close + 1).min(text.len());
        strings.push(open..at);
    }
    strings
}

/// Whether a whole string is followed by a colon, and is surely no value: objects may be maps.
fn is_name(text: &[char], string: &Range<usize>) -> bool {
    let whole = string.len() >= 2 && text[string.start] == '"' && text[string.end - 1] == '"';
    let next = text[string.end..].iter().find(|c| !c.is_whitespace());
    if !whole || next != Some(&':') {
        return false;
    }
    let name: String = text[string.start + 1..string.end - 1].iter().collect();
    is_plain_name(&name)
}

/// Hides what is between the quotes.
fn hide(text: &[char], string: &Range<usize>, shown: &mut [bool]) {
    for at in string.clone() {
        let edge = at == string.start || at + 1 == string.end;
        shown[at] = edge && text[at] == '"';
    }
}

#[cfg(test)]
mod tests {
    use super::{mask, masked};

    fn check(line: &str, expect: &str) {
        let caret = line.find('|').expect("a caret");
        let line = line.replacen('|', "", 1);
        assert_eq!(
            mask(&line, line[..caret].chars().count(), true),
            expect,
            "{line}"
        );
    }

    #[test]
    fn values_are_masked_names_stay() {
        check(r#"  "a": |"xyz", "b": 12, "#, r#"  "a": "***", "b": **, "#);
        check(r#"{"a":|null,"b":true}"#, r#"{"a":null,"b":****}"#);
        check(r#"["x","y",|"z"]"#, r#"["*","*","*"]"#);
        check(r#"{|"a":"x"}"#, r#"{"a":"*"}"#);
    }

    #[test]
    fn escapes() {
        check(
            r#""a":"x\"y","b":|"x\\","c":"\"z""#,
            r#""a":"****","b":"***","c":"***""#,
        );
        check(r#""a":"x\\","b":|1"#, r#""a":"***","b":*"#);
        check(
            r#""a":"{\"k\": \"v\"}","b":|1"#,
            r#""a":"**************","b":*"#,
        );
    }

    #[test]
    fn windows_that_cut_strings() {
        check(r#"ton", "b": |"x"#, r#"***", "b": "*"#);
        check(r#"e": [|"x", "y"#, r#"*": ["*", "*"#);
        check(r#"a "q\": 1", "b": |2"#, r#"* "******", "b": *"#);
        check(r#""b": |2, "na"#, r#""b": *, "**"#);
        check(r#""b": |2, "na""#, r#""b": *, "**""#);
        check(r#""b": |2, "na\"#, r#""b": *, "***"#);
    }

    #[test]
    fn maps_have_values_for_names() {
        check(
            r#"{"9434765919":|{"given":"x","Jones":1}}"#,
            r#"{"**********":{"given":"*","*****":*}}"#,
        );
    }

    #[test]
    fn documents() {
        for (text, expect) in [
            (
                "<f:Patient xmlns:f='http://x'>\n <f:id value=\"a 1\"/><!--x--></f:Patient>",
                "<f:Patient xmlns:f='http://x'>\n <f:id value=\"* *\"/><!*****></f:Patient>",
            ),
            (
                "<div xmlns=\"x\">Ann <b>L</b></div>",
                "<div xmlns=\"x\">*** <b>*</b></div>",
            ),
            (
                "\u{feff}<a value = 'x>\"y'/>",
                "\u{feff}<a value = '****'/>",
            ),
            ("[", "["),
            ("\"1974\"", "\"****\""),
            ("true", "****"),
            ("null", "null"),
            ("Smith", "*****"),
        ] {
            assert_eq!(masked(text), expect, "{text}");
        }
    }

    #[test]
    fn of_other_texts_nothing_is_known() {
        assert_eq!(mask(r#"{"a": 'x'"#, 6, false), "{***: ***");
    }
}
