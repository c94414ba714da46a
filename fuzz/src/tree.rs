//! [`canonical`]: JSON trees that can be compared. Unlike the comparison of the workspace's tests it
//! takes lone surrogates and any nesting, which fuzzers find at once.

/// The text of a JSON tree by which trees can be compared: members sorted, repeated names kept,
/// numbers as they are written, strings by their UTF-16 units. `None` if it is not JSON.
///
/// Nesting takes no stack.
pub fn canonical(json: &[u8]) -> Option<Vec<u8>> {
    let mut input = Input { json, at: 0 };
    let mut open: Vec<Open> = Vec::new();
    loop {
        // A value, or the end of an empty container.
        let mut value = match input.next()? {
            b'{' => {
                input.at += 1;
                if input.next()? == b'}' {
                    input.at += 1;
                    b"{}".to_vec()
                } else {
                    let name = input.name()?;
                    open.push(Open::Object(Vec::new(), name));
                    continue;
                }
            }
            b'[' => {
                input.at += 1;
                if input.next()? == b']' {
                    input.at += 1;
                    b"[]".to_vec()
                } else {
                    open.push(Open::Array(Vec::new()));
                    continue;
                }
            }
            b'"' => input.string()?,
            _ => input.word()?,
        };
        // What it completes.
        loop {
            let Some(container) = open.last_mut() else {
                return input.next().is_none().then_some(value);
            };
            let next = input.next()?;
            input.at += 1;
            container.add(value);
            match (container, next) {
                (Open::Array(_), b',') => break,
                (Open::Object(_, name), b',') => {
                    *name = input.name()?;
                    break;
                }
                (Open::Array(_), b']') | (Open::Object(..), b'}') => {
                    value = open.pop()?.close();
                }
                _ => return None,
            }
        }
    }
}

enum Open {
    Array(Vec<u8>),
    /// The members that are complete, and the name of the one that is not.
    Object(Vec<(Vec<u8>, Vec<u8>)>, Vec<u8>),
}

impl Open {
    fn add(&mut self, value: Vec<u8>) {
        match self {
            Open::Array(items) => {
                items.push(b',');
                items.extend(value);
            }
            Open::Object(members, name) => members.push((std::mem::take(name), value)),
        }
    }

    fn close(self) -> Vec<u8> {
        match self {
            Open::Array(mut items) => {
                items[0] = b'[';
                items.push(b']');
                items
            }
            Open::Object(mut members, _) => {
                members.sort();
                let mut out = vec![b'{'];
                for (name, value) in members {
                    out.extend(name);
                    out.push(b':');
                    out.extend(value);
                    out.push(b',');
                }
                out.push(b'}');
                out
            }
        }
    }
}

struct Input<'j> {
    json: &'j [u8],
    at: usize,
}

impl Input<'_> {
    /// The next byte that is not white space.
    fn next(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.json.get(self.at) {
            self.at += 1;
        }
        self.json.get(self.at).copied()
    }

    /// A member's name, and its colon.
    fn name(&mut self) -> Option<Vec<u8>> {
        if self.next()? != b'"' {
            return None;
        }
        let name = self.string()?;
        if self.next()? != b':' {
            return None;
        }
        self.at += 1;
        Some(name)
    }

    /// A string, as the hexadecimal digits of its UTF-16 units.
    fn string(&mut self) -> Option<Vec<u8>> {
        let mut out = vec![b'"'];
        self.at += 1;
        loop {
            let rest = &self.json[self.at..];
            let unit = match *rest.first()? {
                b'"' => break,
                b'\\' => {
                    self.at += 2;
                    match *rest.get(1)? {
                        b'u' => {
                            let digits = std::str::from_utf8(rest.get(2..6)?).ok()?;
                            self.at += 4;
                            u16::from_str_radix(digits, 16).ok()?
                        }
                        b'n' => 10,
                        b'r' => 13,
                        b't' => 9,
                        b'b' => 8,
                        b'f' => 12,
                        same @ (b'"' | b'\\' | b'/') => same.into(),
                        _ => return None,
                    }
                }
                _ => {
                    let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
                    for unit in std::str::from_utf8(&rest[..length]).ok()?.encode_utf16() {
                        out.extend(format!("{unit:04x}").bytes());
                    }
                    self.at += length;
                    continue;
                }
            };
            out.extend(format!("{unit:04x}").bytes());
        }
        self.at += 1;
        out.push(b'"');
        Some(out)
    }

    /// A number or word, as it is written.
    fn word(&mut self) -> Option<Vec<u8>> {
        let rest = &self.json[self.at..];
        let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        let length = rest.iter().take_while(|byte| inside(byte)).count();
        self.at += length;
        (length > 0).then(|| rest[..length].to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    fn equal(a: &str, b: &str) -> bool {
        let (a, b) = (canonical(a.as_bytes()), canonical(b.as_bytes()));
        assert!(a.is_some() && b.is_some());
        a == b
    }

    #[test]
    fn trees_are_compared_as_they_should_be() {
        assert!(equal(
            r#"{"a":1,"b":[]}"#,
            "{ \"b\" : [ ] , \"\\u0061\":1 }"
        ));
        assert!(equal(r#"{"a":1,"a":2}"#, r#"{"a":2,"a":1}"#));
        assert!(!equal(r#"{"a":1,"a":1}"#, r#"{"a":1}"#));
        assert!(!equal("[1.0]", "[1.00]"));
        assert!(!equal("[1,2]", "[2,1]"));
        assert!(!equal("[[],1]", "[[1]]"));
        assert!(!equal(r#"["\ud800"]"#, r#"["\ufffd"]"#));
        assert!(equal("\"\u{10000}\"", r#""\ud800\udc00""#));
        assert_eq!(canonical(b"[1,]"), None);
        assert_eq!(canonical(b"{}{}"), None);
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(canonical(deep.as_bytes()).is_some());
    }
}
