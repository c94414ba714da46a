//! What the index knows of a definition, found without reading the whole of its text.

use memchr::{memchr, memchr2, memmem};

/// The kind, URL and version of a definition, and the little more that decides which of several is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) resource_type: String,
    pub(crate) url: String,
    pub(crate) version: Option<String>,
    pub(crate) content: Option<String>,
    pub(crate) supplements: Option<String>,
    /// Whether it has what defines it: elements, codes, or what a value set is composed of.
    pub(crate) is_defined: bool,
}

/// The text is neither JSON nor XML, or ends too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken;

impl Header {
    /// The header of a resource in JSON or XML; `None` if it is not used as a definition.
    pub(crate) fn of(text: &[u8]) -> Result<Option<Header>, Broken> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let text = text.trim_ascii_start();
        let header = match text.first() {
            Some(b'{') => of_json(text),
            Some(b'<') => of_xml(text),
            _ => None,
        };
        let header = header.ok_or(Broken)?;
        Ok(Some(header).filter(|header| header.is_wanted() && !header.url.is_empty()))
    }

    /// Whether definitions of this type are used; the index has no others.
    fn is_wanted(&self) -> bool {
        matches!(
            &*self.resource_type,
            "StructureDefinition" | "ValueSet" | "CodeSystem"
        )
    }

    fn set(&mut self, name: &[u8], value: String) {
        match name {
            b"resourceType" => self.resource_type = value,
            b"url" => self.url = value,
            b"version" => self.version = Some(value),
            b"content" => self.content = Some(value),
            b"supplements" => self.supplements = Some(value),
            _ => {}
        }
    }

    fn note(&mut self, name: &[u8]) {
        let defines: &[&[u8]] = &[b"snapshot", b"differential", b"compose", b"expansion"];
        self.is_defined |= defines.contains(&name);
    }
}

/// Reads the members of the outermost object alone; what lies deeper is passed over.
fn of_json(text: &[u8]) -> Option<Header> {
    let mut header = Header::default();
    let mut at = 1;
    loop {
        at = skip_space(text, at);
        if *text.get(at)? == b'}' {
            break;
        }
        let end = skip_string(text, at)?;
        let name = text.get(at + 1..end - 1)?;
        at = skip_space(text, end);
        if *text.get(at)? != b':' {
            return None;
        }
        at = skip_space(text, at + 1);
        let start = at;
        at = skip_value(text, at)?;
        if text.get(start) == Some(&b'"') {
            let value = serde_json::from_slice(text.get(start..at)?).ok()?;
            header.set(name, value);
            if name == b"resourceType" && !header.is_wanted() {
                return Some(header);
            }
        }
        header.note(name);
        at = skip_space(text, at);
        match text.get(at)? {
            b',' => at += 1,
            b'}' => break,
            _ => return None,
        }
    }
    Some(header)
}

fn skip_space(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

/// The end of the string that begins here.
fn skip_string(text: &[u8], at: usize) -> Option<usize> {
    if *text.get(at)? != b'"' {
        return None;
    }
    let mut at = at + 1;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if *text.get(at)? == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The end of the value that begins here; whether it is correct JSON is not looked at.
fn skip_value(text: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match text.get(at)? {
            b'"' => at = skip_string(text, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
                continue;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            _ if depth == 0 => {
                let end = |byte: &u8| matches!(byte, b',' | b'}' | b']');
                return Some(at + text.get(at..)?.iter().position(end)?);
            }
            _ => {
                at += 1;
                continue;
            }
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

/// Reads the elements below the outermost one alone.
fn of_xml(text: &[u8]) -> Option<Header> {
    let mut header = Header::default();
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        at += memchr(b'<', text.get(at..)?)?;
        let rest = text.get(at..)?;
        if rest.starts_with(b"<!--") {
            at += memmem::find(rest, b"-->")? + 3;
        } else if rest.starts_with(b"<?") {
            at += memmem::find(rest, b"?>")? + 2;
        } else if rest.starts_with(b"<!") {
            at += memchr(b'>', rest)? + 1;
        } else if rest.starts_with(b"</") {
            depth = depth.checked_sub(1)?;
            at += memchr(b'>', rest)? + 1;
            if depth == 0 {
                break;
            }
        } else {
            let end = tag_end(rest)?;
            let tag = rest.get(1..end)?;
            at += end + 1;
            let is_empty = tag.ends_with(b"/");
            let stop = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'/';
            let name = tag.get(..tag.iter().position(stop).unwrap_or(tag.len()))?;
            match depth {
                0 => {
                    header.resource_type = String::from_utf8(name.to_vec()).ok()?;
                    if !header.is_wanted() {
                        return Some(header);
                    }
                }
                1 => {
                    if let Some(value) = attribute(tag, b"value") {
                        header.set(name, value);
                    }
                    header.note(name);
                }
                _ => {}
            }
            if !is_empty {
                depth += 1;
            } else if depth == 0 {
                break;
            }
        }
    }
    Some(header)
}

/// Where the tag ends that the text begins with: a `>` in a quoted value does not end it.
fn tag_end(text: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    None
}

/// The value of an attribute of a tag, with XML's own five entities replaced.
fn attribute(tag: &[u8], name: &[u8]) -> Option<String> {
    let mut from = 0;
    loop {
        let at = from + memmem::find(tag.get(from..)?, name)?;
        from = at + name.len();
        let before = at.checked_sub(1).and_then(|at| tag.get(at));
        let rest = tag.get(from..)?.trim_ascii_start();
        let Some(rest) = rest.strip_prefix(b"=") else {
            continue;
        };
        if !before.is_some_and(u8::is_ascii_whitespace) {
            continue;
        }
        let rest = rest.trim_ascii_start();
        let quote = *rest.first()?;
        let value = rest.get(1..)?;
        let value = value.get(..memchr(quote, value)?)?;
        let text = std::str::from_utf8(value).ok()?;
        let plain = [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&apos;", "'"),
        ];
        let replaced = plain
            .iter()
            .fold(text.trim().to_owned(), |text, (entity, character)| {
                text.replace(entity, character)
            });
        return Some(replaced.replace("&amp;", "&"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let json = "\u{feff} {\"resourceType\":\"CodeSystem\",\"text\":{\"div\":\"<a b='}'>\\\"]\"},\
            \"contact\":[{\"url\":\"no\"}],\"url\":\"http:\\/\\/a\",\"version\":\"1\",\"content\":\"complete\"}";
        let xml = "<?xml version='1.0'?><!-- <url value='no'/> --><CodeSystem xmlns=\"x\">\
            <text><div>a &gt; b<br/></div></text><contact><url value='no'/></contact>\
            <url id='>' value = 'http://a'/><version value=\"1\"/><content value='complete'/></CodeSystem>";
        for text in [json, xml] {
            let header = Header::of(text.as_bytes()).unwrap().unwrap();
            assert_eq!(header.resource_type, "CodeSystem");
            assert_eq!(
                (&*header.url, header.version.as_deref()),
                ("http://a", Some("1"))
            );
            assert_eq!(header.content.as_deref(), Some("complete"));
        }
        for text in [
            "",
            "{",
            "<",
            "[]",
            "no",
            "{\"resourceType\":\"ValueSet\",\"url\":\"http://a\"",
            "<ValueSet><url value='x'/>",
            "</a>",
        ] {
            assert_eq!(Header::of(text.as_bytes()), Err(Broken), "{text}");
        }
        for text in [
            "{}",
            "{\"resourceType\":\"Patient\",\"url\":\"http://a\"}",
            "{\"resourceType\":\"ValueSet\"}",
            "<Patient><url value='x'/>",
            "<ValueSet/>",
        ] {
            assert_eq!(Header::of(text.as_bytes()), Ok(None), "{text}");
        }
        let amp = "<ValueSet><url value='http://a?b&amp;c'/><compose/></ValueSet>";
        let header = Header::of(amp.as_bytes()).unwrap().unwrap();
        assert_eq!(header.url, "http://a?b&c");
        assert!(header.is_defined);
    }
}
