//! Positions of issues: JSON pointers into bytes, lines and columns of XML text, in one scan of it.

use crate::lexical::decode;
use crate::place::Place;
use crate::scanner::{Attribute, Scanner, Tag, Token};
use healthcode_core::source::{Base, Lines, excerpt};
use healthcode_core::{Issue, is_plain_name, push_number};
use std::fmt::Write;

/// Finds the positions of issues in the XML text that their value was read from.
///
/// An issue whose place is not in the text (a missing element) gets the position of the nearest place around
/// it. Does nothing for text that is not well-formed XML. With `excerpts`, issues carry the text around them.
pub fn locate(xml: &[u8], issues: &mut [Issue], excerpts: bool) {
    let body = xml.strip_prefix(b"\xef\xbb\xbf").unwrap_or(xml);
    let base = Base::after_bom(body.len() < xml.len());
    if let Ok(text) = simdutf8::basic::from_utf8(body) {
        locate_in(&Place::document(text, &base), issues, excerpts);
    }
}

/// As [`locate`], for a text at its place in a larger one; sorts the issues by position.
pub(crate) fn locate_in(place: &Place<'_>, issues: &mut [Issue], excerpts: bool) {
    if issues.is_empty() {
        return;
    }
    let Place { text, base, .. } = *place;
    let mut targets: Vec<Target> = issues
        .iter()
        .enumerate()
        .map(|(index, issue)| {
            let pointer = issue.pointer.strip_prefix(base.pointer.as_str());
            Target {
                // A primitive's value and metadata are one element of XML.
                pointer: pointer.unwrap_or("").replace("/_", "/"),
                occurrence: issue.occurrence as usize,
                at_name: issue.at_name,
                within: issue.within as usize,
                index,
                found: (0, 0),
                xpath: String::new(),
            }
        })
        .collect();
    targets.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    let mut finder = Finder {
        scanner: place.scanner(),
        targets,
        frames: Vec::new(),
        xpath: &place.xpath,
    };
    finder.run();
    let mut places: Vec<_> = finder
        .targets
        .into_iter()
        .map(|target| (target.index, target.found, target.xpath))
        .collect();
    places.sort_by_key(|(index, (start, _), _)| (*start, *index));
    let mut lines = Lines::new(text, base);
    for (index, (start, end), xpath) in places {
        let issue = &mut issues[index];
        issue.position = Some(lines.position(start));
        issue.xpath = (!xpath.is_empty()).then(|| xpath.into_boxed_str());
        if excerpts {
            issue.excerpt = Some(excerpt(text, start, end));
        }
    }
    issues.sort_by_key(|issue| issue.position.map(|position| position.offset));
}

struct Target {
    pointer: String,
    occurrence: usize,
    at_name: bool,
    within: usize,
    index: usize,
    /// Start and end of the best place so far.
    found: (usize, usize),
    /// The XPath of that place.
    xpath: String,
}

/// An open element that has targets inside.
struct Frame<'x> {
    pointer: String,
    xpath: String,
    /// How often each name of a child has occurred.
    counts: Vec<(&'x str, usize)>,
    /// Whether it is a resource or the root.
    resource: bool,
}

struct Finder<'x> {
    scanner: Scanner<'x>,
    targets: Vec<Target>,
    frames: Vec<Frame<'x>>,
    /// The XPath of the outermost element; empty for a document.
    xpath: &'x str,
}

impl<'x> Finder<'x> {
    /// Reads all tags, up to the end or the first place that is not well-formed.
    fn run(&mut self) {
        if self.scanner.prolog().is_err() {
            return;
        }
        while let Ok(token) = self.scanner.next() {
            match token {
                Token::Start(tag) => {
                    if self.start(tag).is_none() {
                        return;
                    }
                }
                Token::End => drop(self.frames.pop()),
                Token::Text(_) => {}
                Token::Eof => return,
            }
        }
    }

    /// Notes the targets of the element whose start tag was read. `None` if the text is not well-formed.
    fn start(&mut self, tag: Tag<'x>) -> Option<()> {
        let resource = tag.local.starts_with(|c: char| c.is_ascii_uppercase());
        let Some(parent) = self.frames.last_mut() else {
            let xpath = if self.xpath.is_empty() {
                step("", tag.local)
            } else {
                self.xpath.to_owned()
            };
            let root = Frame {
                pointer: String::new(),
                xpath,
                counts: Vec::new(),
                resource: self.xpath.is_empty(),
            };
            return self.enter(tag, root, 0);
        };
        if resource && !parent.resource {
            // A resource inside `contained` or `resource`: its place is that of the element around it.
            let inner = Frame {
                pointer: parent.pointer.clone(),
                xpath: step(&parent.xpath, tag.local),
                counts: Vec::new(),
                resource: true,
            };
            return self.enter(tag, inner, 0);
        }
        let count = if let Some((_, count)) = parent
            .counts
            .iter_mut()
            .find(|(name, _)| *name == tag.local)
        {
            *count += 1;
            *count - 1
        } else {
            parent.counts.push((tag.local, 1));
            0
        };
        let single = format!("{}/{}", parent.pointer, tag.local);
        let mut item = format!("{single}/");
        push_number(&mut item, count);
        let xpath = step(&parent.xpath, tag.local);
        let (is_item, is_single) = (self.any_inside(&item), self.any_inside(&single));
        if is_item {
            // The list itself may be a target too.
            if count == 0 {
                self.found_exactly(&single, count, tag, &xpath);
            }
            let frame = Frame {
                pointer: item,
                xpath: format!("{xpath}[{}]", count + 1),
                counts: Vec::new(),
                resource: false,
            };
            return self.enter(tag, frame, 0);
        }
        if is_single {
            let numbered = format!("{single}/0");
            if count == 0 && !self.any_inside(&numbered) {
                let frame = Frame {
                    pointer: single,
                    xpath,
                    counts: Vec::new(),
                    resource: false,
                };
                return self.enter(tag, frame, count);
            }
            self.found_exactly(&single, count, tag, &format!("{xpath}[{}]", count + 1));
        }
        self.scanner.skip(&tag).ok().map(drop)
    }

    /// Whether there are targets at or below `pointer`.
    fn any_inside(&self, pointer: &str) -> bool {
        self.targets[self.first(pointer)..]
            .iter()
            .take_while(|target| target.pointer.starts_with(pointer))
            .any(|target| is_below(&target.pointer, pointer))
    }

    /// The index of the first target whose pointer is not before `pointer`.
    fn first(&self, pointer: &str) -> usize {
        self.targets
            .partition_point(|target| target.pointer.as_str() < pointer)
    }

    /// Notes the place of the targets at this element itself.
    fn found_exactly(&mut self, pointer: &str, occurrence: usize, tag: Tag<'x>, xpath: &str) {
        let end = self.scanner.at();
        let value = self.value();
        let from = self.first(pointer);
        for target in &mut self.targets[from..] {
            if target.pointer != pointer {
                break;
            }
            if target.occurrence == occurrence {
                target.place(tag, end, value, xpath);
            }
        }
    }

    fn value(&self) -> Option<Attribute<'x>> {
        let mut attributes = self.scanner.attributes().iter();
        attributes
            .find(|attribute| attribute.name == "value")
            .copied()
    }

    /// Enters an element: notes its place for the targets in it, and its attributes.
    fn enter(&mut self, tag: Tag<'x>, frame: Frame<'x>, occurrence: usize) -> Option<()> {
        let end = self.scanner.at();
        let value = self.value();
        let from = self.first(&frame.pointer);
        let mut below = false;
        for target in &mut self.targets[from..] {
            if !target.pointer.starts_with(frame.pointer.as_str()) {
                break;
            }
            if target.pointer == frame.pointer {
                if target.occurrence == occurrence {
                    target.place(tag, end, value, &frame.xpath);
                }
                continue;
            }
            if !is_below(&target.pointer, &frame.pointer) {
                continue;
            }
            below = true;
            target.found = (tag.at, end);
            target.xpath.clone_from(&frame.xpath);
            let rest = &target.pointer[frame.pointer.len() + 1..];
            let of_name =
                |attribute: &&Attribute<'_>| attribute.name.rsplit(':').next() == Some(rest);
            if let Some(attribute) = self.scanner.attributes().iter().find(of_name) {
                let length = attribute.source(self.scanner.text()).len();
                target.found = (attribute.at, attribute.at + length);
                target.xpath = format!("{}/@{}", frame.xpath, shown(rest));
            }
        }
        if tag.empty {
            return Some(());
        }
        if below {
            self.frames.push(frame);
            return Some(());
        }
        self.scanner.skip(&tag).ok().map(drop)
    }
}

impl Target {
    /// Sets the place to the element of this start tag, which ends at `end`.
    fn place(&mut self, tag: Tag<'_>, end: usize, value: Option<Attribute<'_>>, xpath: &str) {
        self.xpath.clear();
        self.xpath.push_str(xpath);
        self.found = (tag.at, end);
        match value {
            Some(value) if !self.at_name => {
                let start = value.value_at();
                let within = inside(value.value, self.within);
                self.found = (start + within, start + value.value.len().max(within));
                self.xpath.push_str("/@value");
            }
            // A place in a narrative, whose text is the element itself.
            None if self.within > 0 => self.found = (tag.at + self.within, tag.at + self.within),
            _ => {}
        }
    }
}

/// The index in the written value of the character that has `bytes` bytes before it in the decoded value.
fn inside(value: &str, bytes: usize) -> usize {
    if bytes == 0 {
        return 0;
    }
    let ends = value.char_indices().map(|(at, c)| at + c.len_utf8());
    let mut ends = ends.filter(|end| {
        let written = &value[..*end];
        // Not inside a reference.
        written
            .rfind('&')
            .is_none_or(|at| written[at..].contains(';'))
    });
    ends.find(|end| decode(&value[..*end]).len() >= bytes)
        .unwrap_or(value.len())
}

/// Whether a pointer is `outer` or lies below it.
fn is_below(pointer: &str, outer: &str) -> bool {
    let rest = pointer.strip_prefix(outer);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// An XPath with a step to an element of FHIR, whose prefix is `f`.
fn step(xpath: &str, name: &str) -> String {
    let mut out = xpath.to_owned();
    let prefix = if name == "div" { "h" } else { "f" };
    let _ = write!(out, "/{prefix}:{}", shown(name));
    out
}

/// A name, unless it may be a value of the payload.
pub(crate) fn shown(name: &str) -> &str {
    // Names of types begin with a capital letter.
    let rest = name.strip_prefix(|c: char| c.is_ascii_uppercase());
    if rest.is_some_and(|rest| rest.is_empty() || is_plain_name(rest)) || is_plain_name(name) {
        name
    } else {
        "*"
    }
}
