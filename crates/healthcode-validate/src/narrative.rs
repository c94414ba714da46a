//! The XHTML of narratives: `Narrative.div`, checked in one pass and without allocation.
//!
//! Facts are from FHIR R4 narrative.html#xhtml and its schema of XHTML.

mod content;

use crate::invariant::datatypes as invariants;
use crate::place::Place;
use crate::registry as rule;
use content::{ANCHOR, Content, DIV, element};
use healthcode_core::{Detail, Issue, Issues, Rule, Step};
use healthcode_r4::Narrative;
use std::fmt;

/// The greatest number of elements that may be open inside each other.
const DEPTH: usize = 128;

/// The namespace of XHTML.
const NAMESPACE: &[u8] = b"http://www.w3.org/1999/xhtml";

/// What is wrong with a narrative's XHTML: the first defect there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Defect {
    /// What it is.
    pub kind: DefectKind,
    /// Bytes of the text before its place.
    pub offset: usize,
    /// The element or attribute at fault, where its name is one of HTML's.
    pub name: Option<&'static str>,
}

/// The ways in which a narrative's XHTML can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DefectKind {
    /// It is not well-formed XML.
    NotWellFormed,
    /// It holds a character that XML does not allow.
    Character,
    /// It holds an entity other than the five of XML.
    Entity,
    /// It is not one `div` in the namespace of XHTML.
    NotDiv,
    /// It holds an element that narratives may not have.
    Element,
    /// It holds an attribute that narratives may not have, or a link that runs a script.
    Attribute,
    /// It has neither text nor an image.
    Empty,
    /// It has an element, or text, in one that may not hold it.
    Content,
}

impl fmt::Display for DefectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotWellFormed => "not well-formed XML",
            Self::Character => "a character that XML does not allow",
            Self::Entity => "an entity that XML does not know",
            Self::NotDiv => "not a div in the namespace of XHTML",
            Self::Element => "an element that is not allowed",
            Self::Attribute => "an attribute that is not allowed",
            Self::Empty => "no content",
            Self::Content => "an element or text where it is not allowed",
        })
    }
}

/// Judges the XHTML of a narrative, as `htmlChecks()` does in the invariants txt-1 and txt-2, and what
/// its elements hold.
///
/// # Errors
/// The first thing that is wrong with it; what is in the wrong element comes last.
///
/// ```
/// use healthcode_validate::narrative::{self, DefectKind};
/// let div = |inner| format!(r#"<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>"#);
/// assert!(narrative::check(&div("<p>John &amp; Jane</p>")).is_ok());
/// let defect = narrative::check(&div("<script>x()</script>")).unwrap_err();
/// assert_eq!(defect.kind, DefectKind::Element);
/// assert_eq!((defect.name, defect.offset), (Some("script"), 42));
/// let defect = narrative::check(&div("&reg;")).unwrap_err();
/// assert_eq!(defect.kind, DefectKind::Entity);
/// ```
pub fn check(div: &str) -> Result<(), Defect> {
    let (result, scanner) = scan(div);
    result?;
    scanner.misplaced.map_or(Ok(()), Err)
}

/// Reads a narrative, as far as it is well-formed.
fn scan(div: &str) -> (Result<(), Defect>, Scanner<'_>) {
    let mut scanner = Scanner::new(div.as_bytes(), 0);
    // Without a branch for each byte, so that it is done in vectors.
    let control = |byte: u8| byte < 0x20 && byte != b'\n' && byte != b'\r' && byte != b'\t';
    let bad = |part: &[u8]| part.iter().fold(false, |bad, byte| bad | control(*byte));
    if scanner.text.chunks(256).any(bad)
        && let Some(at) = div.bytes().position(control)
    {
        return (Err(Defect::new(DefectKind::Character, at)), scanner);
    }
    (scanner.document(), scanner)
}

/// Reports what is wrong with the XHTML of a narrative.
pub(crate) fn check_element(place: &Place<'_, '_>, issues: &mut Issues) {
    if let Some(narrative) = place.view::<Narrative>()
        && let Some(div) = narrative.div.value()
        && !div.is_empty()
    {
        let (result, scanner) = scan(div);
        if let Some(defect) = scanner.misplaced {
            issues.push(defect.issue(place));
        }
        for (id, offset) in &scanner.images {
            if place.root.schema().is_resource() && !place.has_id(id) {
                let rule = &rule::R4_NARRATIVE_IMAGE;
                issues.push(issue_within(rule, Detail::None, *offset, place));
            }
        }
        if let Err(defect) = result {
            issues.push(defect.issue(place));
        }
    }
}

/// An issue of this place in the narrative.
fn issue_within(
    rule: &'static Rule,
    detail: Detail,
    offset: usize,
    place: &Place<'_, '_>,
) -> Issue {
    let mut issue = Issue::new(rule, &place.path.child(Step::field("div")), detail);
    issue.within = u32::try_from(offset).unwrap_or(u32::MAX);
    issue
}

impl Defect {
    #[cold]
    fn issue(self, place: &Place<'_, '_>) -> Issue {
        let known = self.name.map(Detail::Name);
        let (rule, detail) = match self.kind {
            DefectKind::NotWellFormed => (&rule::R4_NARRATIVE_XML, Detail::None),
            DefectKind::Character => (&rule::R4_CONTROL_CHARACTER, Detail::None),
            DefectKind::Entity => (&rule::R4_NARRATIVE_ENTITY, Detail::None),
            DefectKind::NotDiv => (&rule::R4_NARRATIVE_DIV, Detail::None),
            DefectKind::Element => (
                &invariants::TXT_1,
                known.unwrap_or(Detail::Expected("an element for formatting")),
            ),
            DefectKind::Attribute => (
                &invariants::TXT_1,
                known.unwrap_or(Detail::Expected("an attribute of XHTML")),
            ),
            DefectKind::Empty => (&invariants::TXT_2, Detail::None),
            DefectKind::Content => (
                &rule::R4_NARRATIVE_CONTENT,
                known.unwrap_or(Detail::Expected("elements alone, no text")),
            ),
        };
        issue_within(rule, detail, self.offset, place)
    }

    fn new(kind: DefectKind, offset: usize) -> Self {
        Defect {
            kind,
            offset,
            name: None,
        }
    }

    /// The same, with the name that the text has, if it is one of HTML's.
    fn named(mut self, name: &[u8], known: &[&'static str]) -> Self {
        let same = |one: &&&'static str| one.as_bytes().eq_ignore_ascii_case(name);
        self.name = known.iter().find(same).copied();
        self
    }
}

struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
    /// Whether there was text that is not white space, or an image.
    content: bool,
    /// What the element that is open may hold.
    holds: Content,
    /// How many `a` are open.
    anchors: usize,
    /// The first element, or text, in an element that may not hold it.
    misplaced: Option<Defect>,
    /// The images in the resource itself, by their ids, and where they are referred to.
    images: Vec<(&'t str, usize)>,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t [u8], at: usize) -> Self {
        Scanner {
            text,
            at,
            content: false,
            holds: Content::of(DIV),
            anchors: 0,
            misplaced: None,
            images: Vec::new(),
        }
    }

    fn document(&mut self) -> Result<(), Defect> {
        self.declaration()?;
        self.around()?;
        if self.peek() != Some(b'<') {
            return Err(self.defect(DefectKind::NotDiv));
        }
        // The elements that are open, by their index in `ELEMENTS`.
        let mut open = [DIV; DEPTH];
        let mut depth = usize::from(self.start_tag(true)?.is_some());
        while depth > 0 {
            let holders = open.get(..depth).unwrap_or_default();
            self.holds = Content::of_last(holders);
            self.text()?;
            let after = self.text.get(self.at + 1).copied();
            match (self.peek(), after) {
                (Some(b'&'), _) => {
                    self.content = true;
                    self.text_at(self.at);
                    self.reference()?;
                }
                (Some(_), Some(b'/')) => {
                    depth -= 1;
                    let opened = open.get(depth).copied();
                    self.end_tag(opened)?;
                    self.anchors -= usize::from(opened == Some(ANCHOR));
                }
                (Some(_), Some(b'!')) => self.comment()?,
                (Some(_), Some(_)) => {
                    let start = self.at;
                    if let Some(element) = self.start_tag(false)? {
                        match open.get_mut(depth) {
                            Some(place) => {
                                *place = element;
                                self.anchors += usize::from(element == ANCHOR);
                            }
                            None => return Err(Defect::new(DefectKind::NotWellFormed, start)),
                        }
                        depth += 1;
                    }
                }
                _ => return Err(Defect::new(DefectKind::NotWellFormed, self.text.len())),
            }
        }
        self.around()?;
        if self.at < self.text.len() {
            return Err(self.defect(DefectKind::NotWellFormed));
        }
        if !self.content {
            return Err(Defect::new(DefectKind::Empty, 0));
        }
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn defect(&self, kind: DefectKind) -> Defect {
        Defect::new(kind, self.at)
    }

    fn malformed<T>(&self) -> Result<T, Defect> {
        Err(self.defect(DefectKind::NotWellFormed))
    }

    fn space(&mut self) -> bool {
        let start = self.at;
        while let Some(byte) = self.peek()
            && is_space(byte)
        {
            self.at += 1;
        }
        self.at > start
    }

    /// Reads past an XML declaration, with which well-formed XML may begin.
    fn declaration(&mut self) -> Result<(), Defect> {
        if !self.rest().starts_with(b"<?xml") {
            return Ok(());
        }
        self.at += b"<?xml".len();
        let mut missing: &[&[u8]] = &[b"version", b"encoding", b"standalone"];
        while self.space() && self.peek() != Some(b'?') {
            let start = self.at;
            let name = self.name()?;
            // The version comes first and is required; the others may be absent.
            let Some(skipped) = missing.iter().position(|known| *known == name) else {
                return Err(Defect::new(DefectKind::NotWellFormed, start));
            };
            if missing.len() == 3 && skipped > 0 {
                return Err(Defect::new(DefectKind::NotWellFormed, start));
            }
            missing = missing.get(skipped + 1..).unwrap_or_default();
            self.value()?;
        }
        if missing.len() == 3 || !self.rest().starts_with(b"?>") {
            return self.malformed();
        }
        self.at += b"?>".len();
        Ok(())
    }

    /// Takes note of text that begins here, or of an element that does.
    #[inline]
    fn text_at(&mut self, offset: usize) {
        if !self.holds.has_text() && self.misplaced.is_none() {
            self.misplaced = Some(Defect::new(DefectKind::Content, offset));
        }
    }

    /// Reads past white space and comments, which may be around the `div`.
    fn around(&mut self) -> Result<(), Defect> {
        self.space();
        while self.rest().starts_with(b"<!--") {
            self.comment()?;
            self.space();
        }
        Ok(())
    }

    /// Reads past text, up to a tag or a reference.
    fn text(&mut self) -> Result<(), Defect> {
        if !self.content || !self.holds.has_text() {
            self.space();
            if !matches!(self.peek(), None | Some(b'<' | b'&')) {
                self.content = true;
                self.text_at(self.at);
            }
        }
        let rest = self.rest();
        let end = memchr::memchr2(b'<', b'&', rest).unwrap_or(rest.len());
        // It ends a CDATA section, and is nowhere else.
        if let Some(at) = memchr::memmem::find(rest.get(..end).unwrap_or_default(), b"]]>") {
            self.at += at;
            return self.malformed();
        }
        self.at += end;
        if self.at == self.text.len() {
            return self.malformed();
        }
        Ok(())
    }

    /// Reads past a comment or a CDATA section.
    fn comment(&mut self) -> Result<(), Defect> {
        let rest = self.rest();
        let end = if rest.starts_with(b"<!--") {
            let inner = rest.get(4..).unwrap_or_default();
            let end =
                memchr::memmem::find(inner, b"--").filter(|at| inner.get(at + 2) == Some(&b'>'));
            end.map(|at| at + 7)
        } else if rest.starts_with(b"<![CDATA[") {
            self.content = true;
            self.text_at(self.at);
            memchr::memmem::find(rest, b"]]>").map(|at| at + 3)
        } else {
            None
        };
        match end {
            Some(end) => self.at += end,
            None => return self.malformed(),
        }
        Ok(())
    }

    /// Reads past a reference to a character or an entity.
    fn reference(&mut self) -> Result<(), Defect> {
        let rest = self.rest().get(1..).unwrap_or_default();
        let Some(length) = rest.iter().take(32).position(|byte| *byte == b';') else {
            return self.malformed();
        };
        let name = rest.get(..length).unwrap_or_default();
        let good = match name {
            b"amp" | b"lt" | b"gt" | b"quot" | b"apos" => true,
            [b'#', b'x', digits @ ..] => is_character(digits, 16),
            [b'#', digits @ ..] => is_character(digits, 10),
            _ if !name.is_empty() && name.iter().all(u8::is_ascii_alphanumeric) => {
                return Err(self.defect(DefectKind::Entity));
            }
            _ => false,
        };
        if !good {
            return self.malformed();
        }
        self.at += length + 2;
        Ok(())
    }

    /// Reads a name.
    fn name(&mut self) -> Result<&'t [u8], Defect> {
        let rest = self.rest();
        let part = |byte: &u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.' | 0x80..)
        };
        let length = rest
            .iter()
            .position(|byte| !part(byte))
            .unwrap_or(rest.len());
        let name = rest.get(..length).unwrap_or_default();
        match name.first() {
            None | Some(b'0'..=b'9' | b'-' | b'.') => self.malformed(),
            Some(_) => {
                self.at += length;
                Ok(name)
            }
        }
    }

    /// Reads a tag; returns its element if that is open then.
    fn start_tag(&mut self, outermost: bool) -> Result<Option<u8>, Defect> {
        let start = self.at;
        self.at += 1;
        let name = self.name()?;
        if outermost && name != b"div" {
            return Err(Defect::new(DefectKind::NotDiv, start));
        }
        let Some(element) = element(name) else {
            return Err(Defect::new(DefectKind::Element, start).named(name, NOT_ALLOWED));
        };
        let allowed = self.holds.has(element) && (element != ANCHOR || self.anchors == 0);
        if !allowed && !outermost && self.misplaced.is_none() {
            let mut defect = Defect::new(DefectKind::Content, start);
            defect.name = content::name(element);
            self.misplaced = Some(defect);
        }
        self.content |= name == b"img";
        let attributes = self.at;
        let mut count = 0;
        let mut namespace = false;
        let opens = loop {
            let space = self.space();
            match self.peek() {
                Some(b'>') => {
                    self.at += 1;
                    break true;
                }
                Some(b'/') => {
                    if self.text.get(self.at + 1) != Some(&b'>') {
                        return self.malformed();
                    }
                    self.at += 2;
                    break false;
                }
                Some(_) if space => {
                    let name_at = self.at;
                    let attribute = self.name()?;
                    // Only declarations of namespaces can be more than a few.
                    if (1..64).contains(&count) && self.is_repeated(attributes, name_at, attribute)
                    {
                        return Err(Defect::new(DefectKind::NotWellFormed, name_at));
                    }
                    count += 1;
                    let value = self.value()?;
                    if attribute == b"xmlns" {
                        if value != NAMESPACE {
                            return Err(Defect::new(DefectKind::NotDiv, start));
                        }
                        namespace = true;
                    } else if !attribute.starts_with(b"xmlns:")
                        && (!is_allowed(name, attribute) || runs_script(attribute, value))
                    {
                        let defect = Defect::new(DefectKind::Attribute, name_at);
                        return Err(defect.named(attribute, EVENTS));
                    } else if attribute == b"src"
                        && let Some(id) = value.trim_ascii().strip_prefix(b"#")
                        && let Ok(id) = std::str::from_utf8(id)
                    {
                        self.images.push((id, name_at));
                    }
                }
                _ => return self.malformed(),
            }
        };
        if outermost && !namespace {
            return Err(Defect::new(DefectKind::NotDiv, start));
        }
        Ok(opens.then_some(element))
    }

    /// Whether an attribute of this name is between `start` and `end`, in the same tag.
    fn is_repeated(&self, start: usize, end: usize, name: &[u8]) -> bool {
        let mut before = Scanner::new(self.text.get(..end).unwrap_or_default(), start);
        loop {
            before.space();
            match before.name() {
                Ok(other) if other == name => return true,
                Ok(_) if before.value().is_ok() => {}
                _ => return false,
            }
        }
    }

    /// Reads the `=` and value of an attribute.
    fn value(&mut self) -> Result<&'t [u8], Defect> {
        self.space();
        if self.peek() != Some(b'=') {
            return self.malformed();
        }
        self.at += 1;
        self.space();
        let Some(quote @ (b'"' | b'\'')) = self.peek() else {
            return self.malformed();
        };
        self.at += 1;
        let start = self.at;
        loop {
            let rest = self.rest();
            let Some(ahead) = memchr::memchr3(quote, b'&', b'<', rest) else {
                return self.malformed();
            };
            self.at += ahead;
            match rest.get(ahead) {
                Some(b'&') => self.reference()?,
                Some(b'<') => return self.malformed(),
                _ => break,
            }
        }
        let value = self.text.get(start..self.at).unwrap_or_default();
        self.at += 1;
        Ok(value)
    }

    /// Reads the end tag of the element that is open.
    fn end_tag(&mut self, opened: Option<u8>) -> Result<(), Defect> {
        let start = self.at;
        self.at += 2;
        let name = self.name()?;
        self.space();
        if self.peek() != Some(b'>') || element(name) != opened {
            return Err(Defect::new(DefectKind::NotWellFormed, start));
        }
        self.at += 1;
        Ok(())
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether digits stand for a character that XML allows.
fn is_character(digits: &[u8], radix: u32) -> bool {
    let digits = std::str::from_utf8(digits).unwrap_or_default();
    let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u32::from_str_radix(digits, radix).ok().filter(|_| plain);
    number.and_then(char::from_u32).is_some_and(|c| {
        let control = c < ' ' && !matches!(c, '\t' | '\n' | '\r');
        !control && c != '\u{fffe}' && c != '\u{ffff}'
    })
}

/// Elements of HTML that narratives may not have.
const NOT_ALLOWED: &[&str] = &[
    "script", "style", "form", "input", "button", "select", "option", "textarea", "label",
    "fieldset", "object", "param", "applet", "embed", "frame", "frameset", "iframe", "noscript",
    "head", "body", "html", "title", "base", "link", "meta", "font", "basefont", "center", "u",
    "s", "strike", "dir", "menu", "isindex", "svg", "math", "audio", "video", "canvas",
];

/// Attributes that run scripts.
const EVENTS: &[&str] = &[
    "onclick",
    "ondblclick",
    "onmousedown",
    "onmouseup",
    "onmouseover",
    "onmousemove",
    "onmouseout",
    "onkeypress",
    "onkeydown",
    "onkeyup",
    "onload",
    "onunload",
    "onerror",
    "onfocus",
    "onblur",
    "onchange",
    "onsubmit",
    "onreset",
    "onselect",
    "onabort",
    "onresize",
    "onscroll",
    "href",
    "src",
    "action",
    "target",
];

/// Whether an element may have an attribute.
fn is_allowed(element: &[u8], attribute: &[u8]) -> bool {
    match attribute {
        b"title" | b"style" | b"class" | b"id" | b"lang" | b"xml:lang" | b"xml:space" | b"dir"
        | b"accesskey" | b"tabindex" | b"span" | b"width" | b"align" | b"valign" | b"char"
        | b"charoff" | b"abbr" | b"axis" | b"headers" | b"scope" | b"rowspan" | b"colspan" => true,
        b"name" => matches!(element, b"a" | b"map" | b"img"),
        b"href" | b"shape" | b"coords" => matches!(element, b"a" | b"area"),
        b"charset" | b"type" | b"hreflang" | b"rel" | b"rev" => element == b"a",
        b"src" | b"longdesc" | b"height" | b"usemap" | b"ismap" => element == b"img",
        b"alt" => matches!(element, b"img" | b"area"),
        b"border" => matches!(element, b"img" | b"table"),
        b"cite" => matches!(element, b"blockquote" | b"q" | b"del" | b"ins"),
        b"datetime" => matches!(element, b"del" | b"ins"),
        b"nohref" => element == b"area",
        b"summary" | b"frame" | b"rules" | b"cellspacing" | b"cellpadding" => element == b"table",
        b"nowrap" => matches!(element, b"td" | b"th"),
        _ => false,
    }
}

/// Whether a link runs a script.
fn runs_script(attribute: &[u8], value: &[u8]) -> bool {
    if !matches!(attribute, b"href" | b"src") {
        return false;
    }
    let value = value.trim_ascii_start();
    let scheme = |name: &[u8]| {
        value
            .get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    scheme(b"javascript:") || scheme(b"vbscript:")
}

#[cfg(test)]
mod tests;
