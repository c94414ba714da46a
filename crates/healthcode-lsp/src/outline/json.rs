//! The outline of JSON.

use super::{Builder, Kind, Node};
use std::ops::Range;

/// The nodes of a text; of one in which each line is a value if `lines` is set.
pub(super) fn read(text: &str, lines: bool) -> Vec<Node> {
    let mut reader = Reader {
        bytes: text.as_bytes(),
        at: 0,
        builder: Builder::default(),
        name: None,
    };
    reader.read(lines);
    reader.builder.nodes
}

/// A name that was read, whose value follows.
struct Name {
    /// With its quotes.
    at: Range<usize>,
    colon: bool,
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    builder: Builder,
    name: Option<Name>,
}

impl Reader<'_> {
    fn read(&mut self, lines: bool) {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\n' | b'\r' if lines => {
                    self.close_all();
                    self.at += 1;
                }
                b'{' | b'[' => {
                    let kind = if byte == b'{' {
                        Kind::Object
                    } else {
                        Kind::Array
                    };
                    let id = self.value(kind, self.at..self.at + 1);
                    self.builder.open(id);
                    self.at += 1;
                }
                b'}' | b']' => self.close(byte),
                b'"' => self.string(),
                b',' => {
                    self.missing();
                    self.at += 1;
                }
                b':' => {
                    if let Some(name) = &mut self.name {
                        name.colon = true;
                    }
                    self.at += 1;
                }
                // A byte order mark, too.
                b' ' | b'\t' | b'\n' | b'\r' | 0xef | 0xbb | 0xbf => self.at += 1,
                _ => self.literal(),
            }
        }
        self.close_all();
    }

    fn is_in_object(&self) -> bool {
        self.builder
            .top()
            .is_some_and(|node| node.kind == Kind::Object)
    }

    fn string(&mut self) {
        let start = self.at;
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.at += 1;
                    break;
                }
                b'\n' | b'\r' => break,
                b'\\'
                    if self
                        .bytes
                        .get(self.at + 1)
                        .is_some_and(|byte| *byte >= b' ') =>
                {
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.bytes.len());
        self.word(Kind::String, start..self.at);
    }

    fn literal(&mut self) {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let ends = |byte: &u8| {
            matches!(byte, b'{' | b'}' | b'[' | b']' | b'"' | b',' | b':') || *byte <= b' '
        };
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        self.at += length.max(1);
        self.word(Kind::Literal, start..self.at);
    }

    /// A string or literal: a name, or a value.
    fn word(&mut self, kind: Kind, at: Range<usize>) {
        let is_name = self.is_in_object()
            && match &self.name {
                None => true,
                // What has a colon behind it is a name in any case.
                Some(name) => !name.colon || self.has_colon(),
            };
        if is_name {
            self.missing();
            self.name = Some(Name { at, colon: false });
        } else {
            self.value(kind, at);
        }
    }

    fn has_colon(&self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let next = rest.iter().find(|byte| **byte > b' ');
        next == Some(&b':')
    }

    /// Adds a value under the name that was read.
    fn value(&mut self, kind: Kind, at: Range<usize>) -> u32 {
        let name = self.name.take().map(|name| name.at);
        let full = name.as_ref().map_or(at.start, |name| name.start)..at.end;
        let id = self.builder.add(kind, self.without_quotes(name), full, at);
        let index = self.builder.counts.last_mut().map_or(0, |(count, _)| {
            *count += 1;
            *count - 1
        });
        let in_array = self
            .builder
            .top()
            .is_some_and(|top| top.kind == Kind::Array);
        if let Some(node) = self.builder.node(id).filter(|_| in_array) {
            node.index = index;
        }
        id
    }

    fn without_quotes(&self, name: Option<Range<usize>>) -> Range<usize> {
        let Some(name) = name else {
            return self.at..self.at;
        };
        if self.bytes.get(name.start) != Some(&b'"') {
            return name;
        }
        let is_closed = name.len() > 1 && self.bytes.get(name.end - 1) == Some(&b'"');
        name.start + 1..name.end - usize::from(is_closed)
    }

    /// Adds a member without a value, if a name was read.
    fn missing(&mut self) {
        if let Some(name) = &self.name {
            let end = name.at.end;
            self.value(Kind::Missing, end..end);
        }
    }

    fn close(&mut self, byte: u8) {
        self.missing();
        let kind = if byte == b'}' {
            Kind::Object
        } else {
            Kind::Array
        };
        let nodes = &self.builder.nodes;
        let is_one = |id: &&u32| {
            nodes
                .get(**id as usize)
                .is_some_and(|node| node.kind == kind)
        };
        // The innermost one, unless a bracket is missing there, or there is one too many here.
        if self.builder.open.iter().rev().take(2).any(|id| is_one(&id)) {
            if self.builder.top().is_some_and(|top| top.kind != kind) {
                self.builder.close(self.at);
            }
            self.builder.close(self.at + 1);
        }
        self.at += 1;
    }

    fn close_all(&mut self) {
        self.missing();
        while !self.builder.open.is_empty() {
            self.builder.close(self.at);
        }
    }
}
