//! The tokens of XML 1.0 with namespaces: start tags with their attributes, end tags and text.
//!
//! The scanner checks that the text is well-formed. It has no document type declarations and no entities
//! but XML's own five and character references.

use crate::lexical::{
    NAME, declaration, decode, forbidden_character, is_name, is_space, named_encoding, reference,
    split,
};
use healthcode_core::{Rule, rules};
use std::borrow::Cow;

/// The namespace of FHIR.
pub(crate) const FHIR: &str = "http://hl7.org/fhir";
/// The namespace of narratives.
const XHTML: &str = "http://www.w3.org/1999/xhtml";
/// The namespace of the prefix `xml`, which is always declared.
const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of the prefix `xmlns`.
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// The text is at fault: where and why is in [`Scanner::fault`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop;

pub(crate) type Step<T> = Result<T, Stop>;

/// Why a text is not well-formed, and at which byte.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) rule: &'static Rule,
    pub(crate) at: usize,
    /// What was expected there.
    pub(crate) expected: Option<&'static str>,
}

/// What comes next in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'x> {
    /// A start tag, whose attributes are in [`Scanner::attributes`].
    Start(Tag<'x>),
    /// The end tag of the element that was opened last.
    End,
    /// Text that is not only white space, as written.
    Text(&'x str),
    /// The end of the document.
    Eof,
}

/// A start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag<'x> {
    /// The byte of its `<`.
    pub(crate) at: usize,
    /// The name as written, with its prefix.
    pub(crate) name: &'x str,
    /// The name without prefix.
    pub(crate) local: &'x str,
    /// The namespace; empty for none.
    pub(crate) namespace: &'x str,
    /// Whether it is closed by `/>`, so that no end tag follows.
    pub(crate) empty: bool,
}

/// An attribute as written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute<'x> {
    /// The byte of its name.
    pub(crate) at: usize,
    /// The name, with its prefix.
    pub(crate) name: &'x str,
    /// The byte of its value.
    value_at: usize,
    /// The value between its quotes, as written.
    pub(crate) value: &'x str,
    /// Whether the value must be decoded: it has references, tabs or line ends.
    coded: bool,
}

impl<'x> Attribute<'x> {
    /// The value that is meant: references resolved, white space made spaces (XML 1.0 section 3.3.3).
    pub(crate) fn decoded(&self) -> Cow<'x, str> {
        if self.coded {
            Cow::Owned(decode(self.value))
        } else {
            Cow::Borrowed(self.value)
        }
    }

    /// The attribute as it is written: `name="value"`.
    pub(crate) fn source(&self, text: &'x str) -> &'x str {
        &text[self.at..=(self.value_at + self.value.len())]
    }

    /// The byte of its value.
    pub(crate) fn value_at(&self) -> usize {
        self.value_at
    }

    /// Whether it declares a namespace.
    pub(crate) fn is_declaration(&self) -> bool {
        self.name == "xmlns" || self.name.starts_with("xmlns:")
    }
}

/// A namespace that a start tag declares.
#[derive(Clone, Copy, Debug)]
struct Binding<'x> {
    /// How many elements are open outside the one that declares it.
    depth: usize,
    prefix: &'x str,
    namespace: &'x str,
}

/// Reads tokens from a document or from a part of one.
#[derive(Debug)]
pub(crate) struct Scanner<'x> {
    text: &'x str,
    at: usize,
    /// The names of the open elements, as written.
    open: Vec<&'x str>,
    bindings: Vec<Binding<'x>>,
    attributes: Vec<Attribute<'x>>,
    /// Whether the root element has been read.
    rooted: bool,
    /// A part of a document: it may have text outside elements, and several elements.
    part: bool,
    /// How many declarations stand outside the part.
    outside: usize,
    /// Whether the start tag that was read last closed its element and declared namespaces.
    ended: bool,
    /// How many comments and processing instructions were passed over.
    comments: usize,
    fault: Fault,
}

impl<'x> Scanner<'x> {
    /// Begins a document after its byte order mark.
    pub(crate) fn new(text: &'x str) -> Self {
        Scanner {
            text,
            at: 0,
            open: Vec::new(),
            bindings: Vec::new(),
            attributes: Vec::new(),
            rooted: false,
            part: false,
            outside: 0,
            ended: false,
            comments: 0,
            fault: Fault {
                rule: &rules::XML_SYNTAX,
                at: 0,
                expected: None,
            },
        }
    }

    /// Begins a text inside a document, whose default namespace is `namespace`.
    pub(crate) fn part(text: &'x str, namespace: &'x str) -> Self {
        let mut scanner = Scanner::new(text);
        scanner.part = true;
        scanner.declared_outside("", namespace);
        scanner
    }

    /// Takes up a declaration of the document that a part is from.
    pub(crate) fn declared_outside(&mut self, prefix: &'x str, namespace: &'x str) {
        self.bindings.push(Binding {
            depth: 0,
            prefix,
            namespace,
        });
        self.outside += 1;
    }

    pub(crate) fn text(&self) -> &'x str {
        self.text
    }

    /// How far it has come.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn fault(&self) -> Fault {
        self.fault
    }

    /// The names of the open elements, as written.
    pub(crate) fn open(&self) -> &[&'x str] {
        &self.open
    }

    /// How many comments and processing instructions were passed over.
    pub(crate) fn comments(&self) -> usize {
        self.comments
    }

    /// How many elements are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The attributes of the start tag that was read last.
    pub(crate) fn attributes(&self) -> &[Attribute<'x>] {
        &self.attributes
    }

    /// The declarations of namespaces in force, the innermost last, as prefix and namespace.
    pub(crate) fn bindings(&self) -> impl DoubleEndedIterator<Item = (&'x str, &'x str)> {
        self.bindings
            .iter()
            .map(|binding| (binding.prefix, binding.namespace))
    }

    #[cold]
    pub(crate) fn fail<T>(&mut self, rule: &'static Rule, at: usize) -> Step<T> {
        self.fault = Fault {
            rule,
            at,
            expected: None,
        };
        Err(Stop)
    }

    #[cold]
    pub(crate) fn expected<T>(&mut self, at: usize, what: &'static str) -> Step<T> {
        let rule = if at >= self.text.len() {
            &rules::XML_TRUNCATED
        } else {
            &rules::XML_SYNTAX
        };
        self.fault = Fault {
            rule,
            at,
            expected: Some(what),
        };
        Err(Stop)
    }

    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// Checks that all characters are allowed in XML, and reads the XML declaration.
    pub(crate) fn prolog(&mut self) -> Step<()> {
        self.check_characters()?;
        if let Some(rest) = self.text.strip_prefix("<?xml")
            && rest.starts_with(is_space)
        {
            let Some(end) = self.text.find("?>") else {
                return self.expected(self.text.len(), "?>");
            };
            match declaration(&self.text["<?xml".len()..end]) {
                None => return self.expected(0, "an XML declaration with version and encoding"),
                Some(Some(encoding)) if !encoding.eq_ignore_ascii_case("utf-8") => {
                    self.fault = Fault {
                        rule: &rules::XML_ENCODING,
                        at: 0,
                        expected: Some(named_encoding(encoding)),
                    };
                    return Err(Stop);
                }
                Some(_) => self.at = end + "?>".len(),
            }
        }
        Ok(())
    }

    /// Checks that all characters are allowed in XML.
    pub(crate) fn check_characters(&mut self) -> Step<()> {
        match forbidden_character(self.text) {
            Some(at) => self.fail(&rules::XML_CHARACTER, at),
            None => Ok(()),
        }
    }

    /// The next token. Comments, processing instructions and white space between tags are passed over.
    #[inline]
    pub(crate) fn next(&mut self) -> Step<Token<'x>> {
        let start = self.at;
        let mut at = start;
        while matches!(self.byte(at), b' ' | b'\n' | b'\t' | b'\r') {
            at += 1;
        }
        if self.byte(at) == b'<' {
            match self.byte(at + 1) {
                b'/' => {
                    self.at = at;
                    return self.end_tag();
                }
                b'!' | b'?' => {}
                _ => {
                    self.at = at;
                    return self.start_tag();
                }
            }
        }
        self.other(start)
    }

    /// What is neither a tag nor white space before one.
    #[inline(never)]
    fn other(&mut self, start: usize) -> Step<Token<'x>> {
        self.at = start;
        loop {
            let rest = &self.text[self.at..];
            if rest.is_empty() {
                return self.end_of_text();
            }
            if let Some(inner) = rest.strip_prefix("<!--") {
                // A comment does not hold two hyphens (XML 1.0 section 2.5).
                match inner.find("--") {
                    None => return self.expected(self.text.len(), "-->"),
                    Some(end) if !inner[end..].starts_with("-->") => {
                        let at = self.at + "<!--".len() + end;
                        return self.expected(at, "no -- inside a comment");
                    }
                    Some(end) => self.at += "<!--".len() + end + "-->".len(),
                }
                self.comments += 1;
            } else if rest.starts_with("<?") {
                self.instruction()?;
                self.comments += 1;
            } else if let Some(inner) = rest.strip_prefix("<![CDATA[") {
                let Some(end) = inner.find("]]>") else {
                    return self.expected(self.text.len(), "]]>");
                };
                if !self.part && self.open.is_empty() {
                    return self.expected(self.at, "an element");
                }
                let start = self.at;
                self.at += "<![CDATA[".len() + end + "]]>".len();
                if inner[..end].chars().all(is_space) {
                    continue;
                }
                return Ok(Token::Text(&self.text[start..self.at]));
            } else if rest.starts_with("<!DOCTYPE") {
                return self.fail(&rules::XML_DTD, self.at);
            } else if rest.starts_with("<!") {
                return self.expected(self.at, "a tag");
            } else if rest.starts_with('<') {
                return if rest.starts_with("</") {
                    self.end_tag()
                } else {
                    self.start_tag()
                };
            } else {
                let length = memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
                let text = &rest[..length];
                if text.bytes().all(|byte| is_space(char::from(byte))) {
                    self.at += length;
                    continue;
                }
                if let Some(token) = self.text_token(text)? {
                    return Ok(token);
                }
            }
        }
    }

    /// Reads text; none if it stands for white space alone.
    fn text_token(&mut self, text: &'x str) -> Step<Option<Token<'x>>> {
        let start = self.at;
        if !self.part && self.open.is_empty() {
            let inner = text.len() - text.trim_start_matches(is_space).len();
            return if self.rooted {
                self.fail(&rules::XML_TRAILING, start + inner)
            } else {
                self.expected(start + inner, "an element")
            };
        }
        if memchr::memchr(b'>', text.as_bytes()).is_some()
            && let Some(at) = memchr::memmem::find(text.as_bytes(), b"]]>")
        {
            return self.expected(start + at, "no ]]> in text");
        }
        let mut is_blank = false;
        if memchr::memchr(b'&', text.as_bytes()).is_some() {
            self.references(text, start)?;
            // It may be white space that is written as references.
            is_blank = decode(text).chars().all(is_space);
        }
        self.at += text.len();
        Ok((!is_blank).then_some(Token::Text(text)))
    }

    fn end_of_text(&mut self) -> Step<Token<'x>> {
        if !self.open.is_empty() {
            return self.expected(self.at, "an end tag");
        }
        if !self.part && !self.rooted {
            return self.expected(self.at, "an element");
        }
        Ok(Token::Eof)
    }

    fn instruction(&mut self) -> Step<()> {
        let start = self.at;
        self.at += "<?".len();
        let target = self.name()?;
        if target.eq_ignore_ascii_case("xml") {
            return self.expected(start, "the XML declaration at the very beginning alone");
        }
        let rest = &self.text[self.at..];
        let Some(end) = rest.find("?>") else {
            return self.expected(self.text.len(), "?>");
        };
        if end > 0 && !rest.starts_with(is_space) {
            return self.expected(self.at, "white space");
        }
        self.at += end + "?>".len();
        Ok(())
    }

    /// Reads a name, which has at most one colon.
    #[inline]
    fn name(&mut self) -> Step<&'x str> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut at = start;
        while at < bytes.len() && NAME[usize::from(bytes[at])] {
            at += 1;
        }
        let name = &self.text[start..at];
        let first = name.as_bytes().first().copied().unwrap_or(b'.');
        if matches!(first, b'-' | b'.' | b'0'..=b'9') || !name.is_ascii() && !is_name(name) {
            return self.expected(start, "a name");
        }
        self.at = at;
        Ok(name)
    }

    #[inline]
    fn space(&mut self) -> bool {
        let start = self.at;
        while matches!(self.byte(self.at), b' ' | b'\n' | b'\t' | b'\r') {
            self.at += 1;
        }
        self.at > start
    }

    fn start_tag(&mut self) -> Step<Token<'x>> {
        let start = self.at;
        self.drop_ended();
        if self.open.is_empty() && !self.part {
            if self.rooted {
                return self.fail(&rules::XML_TRAILING, start);
            }
            self.rooted = true;
        }
        self.at += 1;
        let name = self.name()?;
        self.attributes.clear();
        let mut declares = false;
        let mut prefixed = memchr::memchr(b':', name.as_bytes());
        let empty = loop {
            let spaced = self.space();
            match self.byte(self.at) {
                b'>' => {
                    self.at += 1;
                    break false;
                }
                b'/' => {
                    if self.byte(self.at + 1) != b'>' {
                        return self.expected(self.at + 1, ">");
                    }
                    self.at += 2;
                    break true;
                }
                _ if !spaced => return self.expected(self.at, "an attribute, > or />"),
                _ => {
                    let attribute = self.attribute()?;
                    declares |= attribute.is_declaration();
                    if prefixed.is_none() {
                        prefixed = memchr::memchr(b':', attribute.name.as_bytes());
                    }
                    self.attributes.push(attribute);
                }
            }
        };
        let depth = self.open.len();
        if declares {
            self.declare(depth)?;
        }
        if self.attributes.len() > 1 {
            self.no_duplicates()?;
        }
        let (local, namespace) = if prefixed.is_none() {
            (name, self.namespace("").unwrap_or(""))
        } else {
            self.resolve(name, start)?
        };
        if empty {
            // Its declarations are in force until the next tag.
            self.ended = declares;
        } else {
            self.open.push(name);
        }
        Ok(Token::Start(Tag {
            at: start,
            name,
            local,
            namespace,
            empty,
        }))
    }

    #[inline]
    fn attribute(&mut self) -> Step<Attribute<'x>> {
        let at = self.at;
        let name = self.name()?;
        self.space();
        if self.byte(self.at) != b'=' {
            return self.expected(self.at, "=");
        }
        self.at += 1;
        self.space();
        let quote = self.byte(self.at);
        if !matches!(quote, b'"' | b'\'') {
            return self.expected(self.at, "a quoted value");
        }
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut end = start;
        let mut coded = false;
        let mut reference = false;
        loop {
            match bytes.get(end) {
                None => return self.expected(end, "a closing quote"),
                Some(byte) if *byte == quote => break,
                Some(b'<') => return self.expected(end, "&lt; for < in a value"),
                Some(b'&') => {
                    coded = true;
                    reference = true;
                }
                Some(b'\n' | b'\r' | b'\t') => coded = true,
                Some(_) => {}
            }
            end += 1;
        }
        let value = &self.text[start..end];
        if reference {
            self.references(value, start)?;
        }
        self.at = end + 1;
        Ok(Attribute {
            at,
            name,
            value_at: start,
            value,
            coded,
        })
    }

    /// Checks the references in a text that begins at `start`.
    fn references(&mut self, text: &str, start: usize) -> Step<()> {
        for at in memchr::memchr_iter(b'&', text.as_bytes()) {
            match reference(&text[at..]) {
                Some(Ok(_)) => {}
                Some(Err(rule)) => return self.fail(rule, start + at),
                None => return self.expected(start + at, "&amp; for &"),
            }
        }
        Ok(())
    }

    /// Notes the namespaces that the attributes of a start tag declare.
    #[cold]
    fn declare(&mut self, depth: usize) -> Step<()> {
        for index in 0..self.attributes.len() {
            let attribute = self.attributes[index];
            if !attribute.is_declaration() {
                continue;
            }
            let prefix = attribute.name.strip_prefix("xmlns:").unwrap_or("");
            let namespace = match attribute.decoded() {
                Cow::Borrowed(uri) => uri,
                Cow::Owned(uri) if uri == FHIR => FHIR,
                Cow::Owned(uri) if uri == XHTML => XHTML,
                // No other namespace matters here.
                Cow::Owned(_) => attribute.value,
            };
            let reserved = prefix == "xmlns"
                || namespace == XMLNS
                || (prefix == "xml") != (namespace == XML)
                || (!prefix.is_empty() && namespace.is_empty());
            if reserved {
                return self.expected(attribute.at, "a namespace that may be declared");
            }
            self.bindings.push(Binding {
                depth,
                prefix,
                namespace,
            });
        }
        Ok(())
    }

    /// Drops the declarations of an element that was closed by its start tag.
    #[inline]
    fn drop_ended(&mut self) {
        if self.ended {
            self.ended = false;
            self.forget(self.open.len());
        }
    }

    /// Drops the declarations of an element that is inside `depth` others.
    fn forget(&mut self, depth: usize) {
        while self
            .bindings
            .last()
            .is_some_and(|binding| binding.depth >= depth)
            && self.bindings.len() > self.outside
        {
            self.bindings.pop();
        }
    }

    /// The namespace of a prefix, or of names without one.
    pub(crate) fn namespace(&self, prefix: &str) -> Option<&'x str> {
        let found = self
            .bindings
            .iter()
            .rev()
            .find(|binding| binding.prefix == prefix);
        match found {
            Some(binding) => Some(binding.namespace),
            None if prefix == "xml" => Some(XML),
            None => None,
        }
    }

    /// Resolves the prefixes of a start tag's names.
    #[cold]
    fn resolve(&mut self, name: &'x str, start: usize) -> Step<(&'x str, &'x str)> {
        for index in 0..self.attributes.len() {
            let attribute = self.attributes[index];
            if attribute.is_declaration() {
                continue;
            }
            let Some((prefix, local)) = split(attribute.name) else {
                return self.expected(attribute.at, "a name with at most one colon");
            };
            if !prefix.is_empty() {
                let Some(namespace) = self.namespace(prefix) else {
                    return self.expected(attribute.at, "a prefix that is declared by xmlns");
                };
                // Two attributes of one namespace and local name are the same (Namespaces section 6.3).
                for other in &self.attributes[..index] {
                    if let Some((prefix, other)) = split(other.name)
                        && other == local
                        && !prefix.is_empty()
                        && self.namespace(prefix) == Some(namespace)
                    {
                        return self.expected(attribute.at, "each attribute once");
                    }
                }
            }
        }
        let Some((prefix, local)) = split(name) else {
            return self.expected(start, "a name with at most one colon");
        };
        match self.namespace(prefix) {
            Some(namespace) => Ok((local, namespace)),
            None if prefix.is_empty() => Ok((local, "")),
            None => self.expected(start, "a prefix that is declared by xmlns"),
        }
    }

    fn no_duplicates(&mut self) -> Step<()> {
        let twice = |attributes: &[Attribute<'_>], index: usize| {
            let name = attributes[index].name;
            attributes[..index]
                .iter()
                .any(|attribute| attribute.name == name)
        };
        // Sorted where there are many, so that the time stays in proportion.
        let found = if self.attributes.len() <= 16 {
            (1..self.attributes.len()).find(|index| twice(&self.attributes, *index))
        } else {
            let mut order: Vec<usize> = (0..self.attributes.len()).collect();
            order.sort_by_key(|index| self.attributes[*index].name);
            let pair = order
                .windows(2)
                .find(|pair| self.attributes[pair[0]].name == self.attributes[pair[1]].name);
            pair.map(|pair| pair[1])
        };
        match found {
            Some(index) => self.expected(self.attributes[index].at, "each attribute once"),
            None => Ok(()),
        }
    }

    fn end_tag(&mut self) -> Step<Token<'x>> {
        let start = self.at;
        self.drop_ended();
        let Some(name) = self.open.last() else {
            return self.expected(start, "an element");
        };
        let after = start + "</".len() + name.len();
        let written = self.text.get(start + "</".len()..after);
        if written != Some(*name) || NAME[usize::from(self.byte(after))] {
            return self.expected(start, "the end tag of the element that was opened last");
        }
        self.at = after;
        self.space();
        if self.byte(self.at) != b'>' {
            return self.expected(self.at, ">");
        }
        self.at += 1;
        self.open.pop();
        if !self.bindings.is_empty() {
            self.forget(self.open.len());
        }
        Ok(Token::End)
    }

    /// Reads past the element whose start tag was read last. Returns the end of its content.
    pub(crate) fn skip(&mut self, tag: &Tag<'x>) -> Step<usize> {
        if tag.empty {
            return Ok(self.at);
        }
        self.skip_to(self.open.len() - 1)
    }

    /// Reads on until so many elements are open. Returns the end of the content of the one closed last.
    pub(crate) fn skip_to(&mut self, depth: usize) -> Step<usize> {
        loop {
            let before = self.at;
            match self.next()? {
                Token::End if self.open.len() <= depth => {
                    // White space and comments may be before the end tag.
                    let end = self.text[before..self.at].rfind("</").unwrap_or(0);
                    return Ok(before + end);
                }
                Token::Eof => return self.expected(self.at, "an end tag"),
                _ => {}
            }
        }
    }
}
