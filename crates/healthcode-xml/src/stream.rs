//! [`BundleReader`]: the entries of a Bundle in XML, one at a time.

use crate::locate::locate_in;
use crate::place::Place;
use crate::read::{encoding, fault_issue, read_in, utf8};
use crate::scanner::{FHIR, Scanner, Token};
use healthcode_core::source::Base;
use healthcode_core::{
    Checked, Detail, Issue, Path, Position, ReadOptions, Root, Schema, Step, rules,
};
use healthcode_json::Error as XmlError;
use healthcode_json::stream::Error;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::Arc;

/// How many bytes are read at a time.
const CHUNK: usize = 64 * 1024;

/// An element inside the root of a Bundle.
struct Child {
    name: String,
    /// How many elements of its name come before it.
    item: usize,
    position: Position,
}

impl Child {
    /// Those of `children` that come after an element that they should precede, by the schema of the Bundle.
    fn out_of_order(children: &[Child], schema: &Schema) -> Vec<Issue> {
        let mut furthest = 0;
        let mut issues = Vec::new();
        for child in children {
            let Some((index, field)) = schema.field(&child.name) else {
                continue;
            };
            if index >= furthest {
                furthest = index;
                continue;
            }
            let root = Path::root(schema.name);
            let path = root.child(Step::field(field.name()));
            let item = path.child(Step::Index(child.item));
            let path = if field.repeats() { &item } else { &path };
            let mut issue = Issue::new(&rules::FHIR_XML_ORDER, path, Detail::None);
            issue.position = Some(child.position);
            let mut xpath = format!("/f:{}/f:{}", schema.name, child.name);
            if field.repeats() {
                xpath.push_str(&format!("[{}]", child.item + 1));
            }
            issue.xpath = Some(xpath.into());
            issues.push(issue);
        }
        issues
    }
}

/// Whether a text, given its beginning, is a Bundle in XML.
///
/// ```
/// let beginning = b"<?xml version='1.0'?><Bundle xmlns='http://hl7.org/fhir'><type value='";
/// assert!(healthcode_xml::stream::is_bundle(beginning));
/// ```
#[must_use]
pub fn is_bundle(beginning: &[u8]) -> bool {
    let body = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning);
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&body[..error.valid_up_to()]).unwrap_or_default(),
    };
    let mut scanner = Scanner::new(text);
    scanner.prolog().is_ok()
        && matches!(scanner.next(), Ok(Token::Start(tag)) if tag.local == "Bundle" && tag.namespace == FHIR)
}

/// Reads a Bundle in XML an entry at a time. Memory is needed for the largest entry and the text around the
/// entries. Positions are those of the whole text.
///
/// ```
/// use healthcode_r4::{Bundle, BundleEntry};
/// use healthcode_xml::stream::BundleReader;
///
/// let xml = br#"<Bundle xmlns="http://hl7.org/fhir"><type value="batch"/><entry id="a"/><entry id="b"/></Bundle>"#;
/// let mut reader = BundleReader::new(&xml[..], Default::default());
/// let mut ids = Vec::new();
/// while let Some(piece) = reader.cut() {
///     ids.push(piece?.read::<BundleEntry>(&Default::default())?.value.id);
/// }
/// assert_eq!(ids.len(), 2);
/// assert_eq!(reader.finish_with(|_: &Bundle| Vec::new(), false)?.value.type_.as_str(), Some("batch"));
/// # Ok::<(), healthcode_json::stream::Error>(())
/// ```
#[allow(
    missing_debug_implementations,
    reason = "holds a buffer of patient data"
)]
pub struct BundleReader<R> {
    source: Source<R>,
    options: ReadOptions,
    /// The document without its entries, and the positions of its parts: a byte of it, and the place in the text.
    shell: Vec<u8>,
    parts: Vec<(usize, Base)>,
    /// The name of the root element, as written.
    root: String,
    /// The declarations of namespaces of the root element.
    bindings: Arc<[(String, String)]>,
    index: usize,
    /// How many elements are open.
    depth: usize,
    /// The elements inside the root: the first of each run of one name.
    children: Vec<Child>,
    /// How many elements of each name there were inside the root.
    counts: BTreeMap<String, usize>,
    ended: bool,
}

impl<R: Read> BundleReader<R> {
    /// Begins with the bytes of `reader`; the options hold for each entry.
    pub fn new(reader: R, options: ReadOptions) -> Self {
        BundleReader {
            source: Source {
                reader,
                buffer: Vec::new(),
                at: 0,
                base: Base::default(),
                ended: false,
            },
            options,
            shell: Vec::new(),
            parts: Vec::new(),
            root: String::new(),
            bindings: Arc::new([]),
            index: 0,
            depth: 0,
            children: Vec::new(),
            counts: BTreeMap::new(),
            ended: false,
        }
    }

    /// How many entries have been taken.
    #[must_use]
    pub fn entry_count(&self) -> usize {
        self.index
    }

    /// The Bundle with the members that come before its entries, or that have been read so far.
    #[must_use]
    pub fn before<B: Root>(&self) -> Option<B> {
        let mut text = std::str::from_utf8(&self.shell).ok()?.to_owned();
        text.push_str(&format!("</{}>", self.root));
        let read = crate::from_str::<B>(&text).ok()?;
        Some(read.value)
    }

    /// Takes the next entry without reading it. After an error, no entry follows.
    pub fn cut(&mut self) -> Option<Result<Piece, Error>> {
        if self.ended {
            return None;
        }
        let cut = self.advance();
        match cut {
            Ok(Some(piece)) => Some(Ok(piece)),
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(error) => {
                self.ended = true;
                Some(Err(error))
            }
        }
    }

    /// Goes to the next entry and takes it; none at the end.
    fn advance(&mut self) -> Result<Option<Piece>, Error> {
        if self.source.base.offset == 0 && self.source.at == 0 {
            self.begin()?;
        }
        loop {
            let Some(token) = self.token()? else {
                return Ok(None);
            };
            match token.kind {
                Kind::Start { empty } => {
                    if self.depth == 1 {
                        let name = self.source.name(&token);
                        if name == "entry" {
                            return self.entry(token, empty).map(Some);
                        }
                        self.child(&name);
                    }
                    self.keep(&token);
                    self.depth += usize::from(!empty);
                    if self.depth == 1 {
                        self.root()?;
                    }
                }
                Kind::End => {
                    self.depth = self.depth.saturating_sub(1);
                    self.keep(&token);
                }
                Kind::Other => self.keep(&token),
            }
        }
    }

    /// Checks the beginning of the text.
    fn begin(&mut self) -> Result<(), Error> {
        while self.source.rest().len() < 8 && self.source.fill()? {}
        if self.source.rest().starts_with(b"\xef\xbb\xbf") {
            self.source.at = 3;
            self.source.base = Base::after_bom(true);
        }
        if let Some(expected) = crate::read::wide_encoding(self.source.rest()) {
            return Err(encoding(expected, self.source.base.position()).into());
        }
        Ok(())
    }

    /// Checks the root element, whose start tag was just kept.
    fn root(&mut self) -> Result<(), Error> {
        let base = self.parts.first().map(|(_, base)| base.clone());
        let base = base.unwrap_or_default();
        let text = utf8(&self.shell, &base)?;
        let mut scanner = Scanner::new(text);
        if scanner.prolog().is_err() {
            return Err(fault_issue(&scanner, text, &base, &self.options).into());
        }
        let (name, bindings) = match scanner.next() {
            Ok(Token::Start(tag)) if tag.namespace == FHIR => {
                let owned =
                    |(prefix, namespace): (&str, &str)| (prefix.to_owned(), namespace.to_owned());
                (tag.name.to_owned(), scanner.bindings().map(owned).collect())
            }
            Ok(Token::Start(tag)) => {
                let _ = scanner.fail::<()>(&rules::XML_NAMESPACE, tag.at);
                return Err(fault_issue(&scanner, text, &base, &self.options).into());
            }
            _ => return Err(fault_issue(&scanner, text, &base, &self.options).into()),
        };
        self.root = name;
        self.bindings = bindings;
        Ok(())
    }

    /// Notes the element inside the root whose start tag is next, unless it is one more of the last ones.
    fn child(&mut self, name: &str) {
        let item = if let Some(count) = self.counts.get_mut(name) {
            *count += 1;
            *count - 1
        } else {
            self.counts.insert(name.to_owned(), 1);
            0
        };
        if self.children.last().is_none_or(|last| last.name != name) {
            self.children.push(Child {
                name: name.to_owned(),
                item,
                position: self.source.base.position(),
            });
        }
    }

    /// Takes the entry whose start tag is next.
    fn entry(&mut self, start: Markup, empty: bool) -> Result<Piece, Error> {
        let index = self.index;
        self.index += 1;
        self.child("entry");
        let mut base = self.source.base.clone();
        base.pointer = format!("/entry/{index}");
        let mut text = self.source.take(start.length).to_vec();
        let mut depth = usize::from(!empty);
        while depth > 0 {
            let Some(token) = self.token()? else {
                let position = self.source.base.position();
                return Err(fatal(&rules::XML_TRUNCATED, position));
            };
            match token.kind {
                Kind::Start { empty } => depth += usize::from(!empty),
                Kind::End => depth -= 1,
                Kind::Other => {}
            }
            text.extend_from_slice(self.source.take(token.length));
            if text.len() > self.options.size_limit() {
                return Err(fatal(&rules::XML_SIZE, base.position()));
            }
        }
        Ok(Piece {
            text,
            base,
            index,
            bindings: Arc::clone(&self.bindings),
        })
    }

    /// Moves a token to the text without entries.
    fn keep(&mut self, token: &Markup) {
        // Parts end where entries were left out.
        let follows = self.parts.last().is_some_and(|(start, base)| {
            base.offset + (self.shell.len() - start) as u64 == self.source.base.offset
        });
        if !follows {
            self.parts
                .push((self.shell.len(), self.source.base.clone()));
        }
        let taken = self.source.take(token.length);
        self.shell.extend_from_slice(taken);
    }

    /// The next token; none at the end of the text.
    fn token(&mut self) -> Result<Option<Markup>, Error> {
        loop {
            let rest = self.source.rest();
            match markup(rest, self.source.ended) {
                Some(token) => return Ok(Some(token)),
                None if self.source.ended && rest.is_empty() => return Ok(None),
                // What cannot be a token any more is left for the reader of the whole.
                None if self.source.ended => {
                    return Ok(Some(Markup {
                        kind: Kind::Other,
                        length: rest.len(),
                    }));
                }
                None if rest.len() > self.options.size_limit() => {
                    return Err(fatal(&rules::XML_SIZE, self.source.base.position()));
                }
                None => {
                    self.source.fill()?;
                }
            }
        }
    }

    /// Reads the rest of the text and returns the Bundle without its entries, with the issues that `check`
    /// finds in it, each with its position. Remaining entries are skipped.
    ///
    /// # Errors
    /// If the bytes cannot be got, or the text around the entries is not well-formed XML.
    pub fn finish_with<B: Root>(
        mut self,
        check: impl FnOnce(&B) -> Vec<Issue>,
        excerpts: bool,
    ) -> Result<Checked<B>, Error> {
        while let Some(piece) = self.cut() {
            piece?;
        }
        let start = Base::default();
        let relocated = |error: XmlError| {
            let mut issue = error.into_issue();
            relocate(&mut issue, &self.shell, &self.parts);
            Error::from(XmlError::new(issue))
        };
        let text = utf8(&self.shell, &start).map_err(relocated)?;
        let place = Place::document(text, &start);
        let options = self.options.strict(false).max_size(usize::MAX);
        let read = read_in::<B>(&place, &Path::root(""), &options).map_err(relocated)?;
        let mut issues = check(&read.value);
        locate_in(&place, &mut issues, excerpts);
        for issue in &mut issues {
            relocate(issue, &self.shell, &self.parts);
        }
        // The order of elements is checked with all children, since the text without entries lacks some.
        issues.retain(|issue| issue.rule != &rules::FHIR_XML_ORDER || !is_of_bundle(issue));
        let mut all = Child::out_of_order(&self.children, read.value.as_element().schema());
        all.append(&mut issues);
        Ok(Checked::new(read.value, all))
    }
}

/// Whether an issue is about an element inside the root.
fn is_of_bundle(issue: &Issue) -> bool {
    let mut steps = issue.pointer.split('/').skip(2);
    steps.all(|step| step.parse::<usize>().is_ok())
}

fn fatal(rule: &'static healthcode_core::Rule, position: Position) -> Error {
    let mut issue = Issue::at(rule, String::new(), String::new(), Detail::None);
    issue.position = Some(position);
    XmlError::new(issue).into()
}

/// Turns a position in the text without entries into one in the whole text.
fn relocate(issue: &mut Issue, shell: &[u8], parts: &[(usize, Base)]) {
    let Some(position) = issue.position else {
        return;
    };
    let offset = (position.offset as usize).min(shell.len());
    let part = parts.iter().rev().find(|(start, _)| *start <= offset);
    if let Some((start, base)) = part {
        let mut base = base.clone();
        base.advance(&shell[*start..offset]);
        issue.position = Some(base.position());
    }
}

/// An entry that was cut out of a Bundle and not read yet: it can go to another thread.
#[allow(missing_debug_implementations, reason = "holds patient data")]
pub struct Piece {
    text: Vec<u8>,
    base: Base,
    index: usize,
    bindings: Arc<[(String, String)]>,
}

impl Piece {
    /// Its bytes.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Where it starts in the whole text.
    #[must_use]
    pub fn position(&self) -> Position {
        self.base.position()
    }

    /// Reads it; positions are those of the whole text.
    ///
    /// # Errors
    /// If it is not UTF-8 or not well-formed XML.
    pub fn read<T: Root>(&self, options: &ReadOptions) -> Result<Checked<T>, XmlError> {
        let text = utf8(&self.text, &self.base)?;
        let path = format!("Bundle.entry[{}]", self.index);
        let path = Path::with_root(&path, &self.base.pointer);
        read_in(&self.place(text), &path, options)
    }

    /// Finds positions for its issues, whose pointers are those of the whole Bundle.
    pub fn locate(&self, issues: &mut [Issue], excerpts: bool) {
        if !issues.is_empty()
            && let Ok(text) = simdutf8::basic::from_utf8(&self.text)
        {
            locate_in(&self.place(text), issues, excerpts);
        }
    }

    fn place<'x>(&'x self, text: &'x str) -> Place<'x> {
        Place {
            text,
            base: &self.base,
            bindings: Some(&self.bindings),
            xpath: format!("/f:Bundle/f:entry[{}]", self.index + 1),
        }
    }
}

/// Bytes that have been read and not yet been taken.
struct Source<R> {
    reader: R,
    buffer: Vec<u8>,
    /// How many bytes of the buffer have been taken.
    at: usize,
    /// The position of the first byte that was not taken.
    base: Base,
    ended: bool,
}

impl<R: Read> Source<R> {
    fn rest(&self) -> &[u8] {
        &self.buffer[self.at..]
    }

    /// Reads more; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let before = self.buffer.len();
        self.buffer.resize(before + CHUNK, 0);
        let read = loop {
            match self.reader.read(&mut self.buffer[before..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.buffer
            .truncate(before + read.as_ref().copied().unwrap_or(0));
        self.ended = matches!(read, Ok(0));
        read.map(|count| count > 0)
    }

    fn take(&mut self, length: usize) -> &[u8] {
        let taken = self.at..self.at + length;
        self.base.advance(&self.buffer[taken.clone()]);
        self.at += length;
        &self.buffer[taken]
    }

    /// The name in a start tag, without its prefix.
    fn name(&self, token: &Markup) -> String {
        let tag = &self.rest()[..token.length];
        let tag = String::from_utf8_lossy(tag);
        let name = tag[1..].split([' ', '\t', '\r', '\n', '/', '>']).next();
        let name = name.unwrap_or_default();
        name.rsplit(':').next().unwrap_or_default().to_owned()
    }
}

/// A tag, text, comment or the like, by its length alone; its content is checked when it is read.
#[derive(Clone, Copy, Debug)]
struct Markup {
    kind: Kind,
    length: usize,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Start { empty: bool },
    End,
    Other,
}

/// The token that a text begins with, if it is there as a whole.
fn markup(text: &[u8], ended: bool) -> Option<Markup> {
    let other = |length| {
        Some(Markup {
            kind: Kind::Other,
            length,
        })
    };
    let until = |start: usize, end: &[u8]| {
        let found = memchr::memmem::find(text.get(start..)?, end)?;
        other(start + found + end.len())
    };
    match text {
        [] => None,
        [b'<', b'!', b'-', b'-', ..] => until(4, b"-->"),
        [b'<', b'?', ..] => until(2, b"?>"),
        [b'<', b'!', b'[', ..] => until(3, b"]]>"),
        // A comment may begin here, of which more must be seen.
        [b'<'] | [b'<', b'!'] | [b'<', b'!', b'-'] => None,
        [b'<', b'!', ..] => until(2, b">"),
        [b'<', b'/', ..] => {
            let end = memchr::memchr(b'>', text)?;
            Some(Markup {
                kind: Kind::End,
                length: end + 1,
            })
        }
        [b'<', ..] => {
            let mut at = 1;
            loop {
                at += memchr::memchr3(b'>', b'"', b'\'', text.get(at..)?)?;
                if text[at] == b'>' {
                    let empty = text[at - 1] == b'/';
                    return Some(Markup {
                        kind: Kind::Start { empty },
                        length: at + 1,
                    });
                }
                at += 2 + memchr::memchr(text[at], text.get(at + 1..)?)?;
            }
        }
        _ => match memchr::memchr(b'<', text) {
            Some(length) => other(length),
            None if ended => other(text.len()),
            None => None,
        },
    }
}
