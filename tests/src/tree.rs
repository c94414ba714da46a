//! [`tree_eq`]: whether two JSON texts say the same, by a parser of its own.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A JSON value with nothing lost but white space, the order of differently named members, and
/// the spelling of strings.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// `null`, `true` or `false`.
    Word(&'static str),
    /// A number, as its text.
    Number(String),
    /// A string, decoded.
    String(String),
    /// An array.
    Array(Vec<Tree>),
    /// An object: for each name the values it has, in their order.
    Object(BTreeMap<String, Vec<Tree>>),
}

impl Tree {
    /// Parses a JSON text, a byte order mark before it passed over.
    ///
    /// # Errors
    /// Where and why the text is not JSON.
    pub fn parse(json: &[u8]) -> Result<Tree, String> {
        let text = std::str::from_utf8(json).map_err(|e| e.to_string())?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut parser = Parser { text, at: 0 };
        let tree = parser.value()?;
        match parser.next_byte() {
            None => Ok(tree),
            Some(_) => parser.fail("the end"),
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl Parser<'_> {
    fn fail<T>(&self, expected: &str) -> Result<T, String> {
        Err(format!("expected {expected} at byte {}", self.at))
    }

    /// The next byte that is not white space; it stays to be taken.
    fn next_byte(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        let space = |b: &&u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r');
        self.at += rest.iter().take_while(space).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.next_byte() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self) -> Result<Tree, String> {
        match self.next_byte() {
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'"') => Ok(Tree::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                for word in ["null", "true", "false"] {
                    if self.text[self.at..].starts_with(word) {
                        self.at += word.len();
                        return Ok(Tree::Word(word));
                    }
                }
                self.fail("a value")
            }
        }
    }

    fn object(&mut self) -> Result<Tree, String> {
        self.at += 1;
        let mut members: BTreeMap<String, Vec<Tree>> = BTreeMap::new();
        if self.take(b'}') {
            return Ok(Tree::Object(members));
        }
        loop {
            if self.next_byte() != Some(b'"') {
                return self.fail("a name");
            }
            let name = self.string()?;
            if !self.take(b':') {
                return self.fail("a colon");
            }
            let value = self.value()?;
            members.entry(name).or_default().push(value);
            if self.take(b'}') {
                return Ok(Tree::Object(members));
            }
            if !self.take(b',') {
                return self.fail("a comma");
            }
        }
    }

    fn array(&mut self) -> Result<Tree, String> {
        self.at += 1;
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(Tree::Array(items));
        }
        loop {
            items.push(self.value()?);
            if self.take(b']') {
                return Ok(Tree::Array(items));
            }
            if !self.take(b',') {
                return self.fail("a comma");
            }
        }
    }

    fn digits(&mut self) -> Result<(), String> {
        let rest = &self.text.as_bytes()[self.at..];
        let count = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        self.at += count;
        if count == 0 {
            return self.fail("a digit");
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Tree, String> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        self.at += usize::from(bytes[self.at] == b'-');
        if bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(bytes.get(self.at), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(Tree::Number(self.text[start..self.at].to_owned()))
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let special = |b: &u8| matches!(b, b'"' | b'\\' | 0..0x20);
            let Some(run) = rest.iter().position(special) else {
                self.at = self.text.len();
                return self.fail("a closing quote");
            };
            out.push_str(&self.text[self.at..self.at + run]);
            self.at += run + 1;
            match rest[run] {
                b'"' => return Ok(out),
                b'\\' => out.push(self.escape()?),
                _ => return self.fail("no control character"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let letter = self.text.as_bytes().get(self.at).copied();
        self.at += 1;
        Ok(match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let mut units = vec![self.hexadecimal()?];
                if (0xd800..0xdc00).contains(&units[0]) && self.text[self.at..].starts_with("\\u") {
                    self.at += 2;
                    units.push(self.hexadecimal()?);
                }
                let mut decoded = char::decode_utf16(units);
                match (decoded.next(), decoded.next()) {
                    (Some(Ok(c)), None) => c,
                    _ => return self.fail("a surrogate pair"),
                }
            }
            _ => return self.fail("an escape"),
        })
    }

    fn hexadecimal(&mut self) -> Result<u16, String> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let digits = digits.filter(|d| d.iter().all(u8::is_ascii_hexdigit));
        let unit = digits
            .and_then(|d| std::str::from_utf8(d).ok())
            .and_then(|d| u16::from_str_radix(d, 16).ok());
        match unit {
            Some(unit) => {
                self.at += 4;
                Ok(unit)
            }
            None => self.fail("four hexadecimal digits"),
        }
    }
}

/// Compares two JSON texts as trees: numbers by their text, strings decoded, arrays in order,
/// objects without regard to the order of their names; a repeated name keeps the order of its
/// values.
///
/// # Errors
/// If either is not JSON; else the JSON pointer of the first difference, and both sides there.
pub fn tree_eq(a: &[u8], b: &[u8]) -> Result<(), String> {
    let a = Tree::parse(a).map_err(|e| format!("left: {e}"))?;
    let b = Tree::parse(b).map_err(|e| format!("right: {e}"))?;
    compare(&a, &b, &mut String::new())
}

fn compare(a: &Tree, b: &Tree, path: &mut String) -> Result<(), String> {
    let length = path.len();
    match (a, b) {
        (Tree::Array(a), Tree::Array(b)) => sequence(a, b, path),
        (Tree::Object(a), Tree::Object(b)) => {
            if let Some(name) = a.keys().find(|name| !b.contains_key(*name)) {
                return Err(format!(
                    "{path}/{name}: only on the left: {}",
                    short(&a[name][0])
                ));
            }
            if let Some(name) = b.keys().find(|name| !a.contains_key(*name)) {
                return Err(format!(
                    "{path}/{name}: only on the right: {}",
                    short(&b[name][0])
                ));
            }
            for (name, values) in a {
                let _ = write!(path, "/{name}");
                match (&values[..], &b[name][..]) {
                    ([a], [b]) => compare(a, b, path)?,
                    (a, b) => {
                        path.push_str(" (repeated)");
                        sequence(a, b, path)?;
                    }
                }
                path.truncate(length);
            }
            Ok(())
        }
        _ if a == b => Ok(()),
        _ => Err(format!("{path}: {} is not {}", short(a), short(b))),
    }
}

fn sequence(a: &[Tree], b: &[Tree], path: &mut String) -> Result<(), String> {
    if a.len() != b.len() {
        return Err(format!("{path}: {} values are not {}", a.len(), b.len()));
    }
    let length = path.len();
    for (index, (a, b)) in a.iter().zip(b).enumerate() {
        let _ = write!(path, "/{index}");
        compare(a, b, path)?;
        path.truncate(length);
    }
    Ok(())
}

fn short(tree: &Tree) -> String {
    let mut text = format!("{tree:?}");
    if let Some((cut, _)) = text.char_indices().nth(120) {
        text.truncate(cut);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::tree_eq;

    fn check(a: &str, b: &str, expect: Result<(), &str>) {
        let found = tree_eq(a.as_bytes(), b.as_bytes());
        assert_eq!(
            found.as_ref().map_err(String::as_str).copied(),
            expect,
            "{a} {b}"
        );
    }

    #[test]
    fn differences() {
        check(r#"{"a":1,"b":[2]}"#, r#" {"b" : [2], "a":1}"#, Ok(()));
        check(r#""\u00e9\ud83d\ude00\/""#, "\"é😀/\"", Ok(()));
        check(
            "1.0",
            "1.00",
            Err(": Number(\"1.0\") is not Number(\"1.00\")"),
        );
        check(
            "[1,2]",
            "[2,1]",
            Err("/0: Number(\"1\") is not Number(\"2\")"),
        );
        check(
            r#"{"a":1,"a":2}"#,
            r#"{"a":1}"#,
            Err("/a (repeated): 2 values are not 1"),
        );
        check(
            r#"{"x":{"a":1}}"#,
            r#"{"x":{}}"#,
            Err("/x/a: only on the left: Number(\"1\")"),
        );
        check("[1,]", "[1]", Err("left: expected a value at byte 3"));
        check(
            r#""\ud83d""#,
            "1",
            Err("left: expected a surrogate pair at byte 7"),
        );
        check("01", "1", Err("left: expected the end at byte 1"));
    }
}
