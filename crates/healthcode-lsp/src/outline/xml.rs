//! The outline of XML.

use super::{Builder, Kind, Node};
use std::ops::Range;

/// The nodes of a text.
pub(super) fn read(text: &str) -> Vec<Node> {
    let mut reader = Reader {
        bytes: text.as_bytes(),
        at: 0,
        builder: Builder::default(),
    };
    reader.read();
    reader.builder.nodes
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    builder: Builder,
}

impl Reader<'_> {
    fn read(&mut self) {
        while let Some(found) = memchr::memchr(b'<', self.rest()) {
            self.at += found;
            match self.rest() {
                [b'<', b'!', b'-', b'-', ..] => self.skip(b"-->"),
                [b'<', b'!', b'[', ..] => self.skip(b"]]>"),
                [b'<', b'!', ..] => self.skip(b">"),
                [b'<', b'?', ..] => self.skip(b"?>"),
                [b'<', b'/', ..] => self.end_tag(),
                _ => self.start_tag(),
            }
        }
        self.at = self.bytes.len();
        while !self.builder.open.is_empty() {
            self.builder.close(self.at);
        }
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Passes over what ends so.
    fn skip(&mut self, end: &[u8]) {
        let rest = self.rest();
        let found = memchr::memmem::find(rest, end).map(|at| at + end.len());
        self.at += found.unwrap_or(rest.len());
    }

    fn word(&mut self) -> Range<usize> {
        let start = self.at;
        let ends =
            |byte: &u8| matches!(byte, b'<' | b'>' | b'/' | b'=' | b'"' | b'\'') || *byte <= b' ';
        let length = self.rest().iter().position(ends);
        self.at += length.unwrap_or(self.rest().len());
        start..self.at
    }

    /// The name without its prefix.
    fn local(&self, name: &Range<usize>) -> Range<usize> {
        let text = self.bytes.get(name.clone()).unwrap_or_default();
        let prefix = memchr::memchr(b':', text).map_or(0, |at| at + 1);
        name.start + prefix..name.end
    }

    fn space(&mut self) {
        let space = self.rest().iter().take_while(|byte| **byte <= b' ').count();
        self.at += space;
    }

    fn end_tag(&mut self) {
        let start = self.at;
        self.at += 2;
        let name = self.word();
        let name = self.local(&name);
        self.space();
        if self.rest().first() == Some(&b'>') {
            self.at += 1;
        }
        let text = self.bytes.get(name).unwrap_or_default();
        let is_of_name = |id: &u32| {
            let node = self.builder.nodes.get(*id as usize);
            node.is_some_and(|node| self.bytes.get(node.name()) == Some(text))
        };
        // The end tags of the innermost elements may be missing.
        let Some(levels) = self.builder.open.iter().rev().position(is_of_name) else {
            return;
        };
        for _ in 0..levels {
            self.builder.close(start);
        }
        self.builder.close(self.at);
    }

    fn start_tag(&mut self) {
        let start = self.at;
        self.at += 1;
        let name = self.word();
        let name = self.local(&name);
        let index = self.index(&name);
        let id = self
            .builder
            .add(Kind::Element, name, start..self.at, start..self.at);
        if let Some(node) = self.builder.node(id) {
            node.index = index;
        }
        self.builder.open(id);
        let mut is_empty = false;
        loop {
            self.space();
            match self.rest() {
                [b'>', ..] => {
                    self.at += 1;
                    break;
                }
                [b'/', b'>', ..] => {
                    self.at += 2;
                    is_empty = true;
                    break;
                }
                // The end of the tag is missing.
                [] | [b'<', ..] => break,
                [b'/' | b'=' | b'"' | b'\'', ..] => self.at += 1,
                _ => self.attribute(),
            }
        }
        let end = self.at;
        if let Some(node) = self.builder.node(id) {
            node.value.1 = end as u32;
            node.full.1 = end as u32;
        }
        if is_empty {
            self.builder.close(end);
        }
    }

    /// The index among consecutive elements of the same name.
    fn index(&mut self, name: &Range<usize>) -> u32 {
        let bytes = self.bytes;
        let Some((count, last)) = self.builder.counts.last_mut() else {
            return 0;
        };
        let is_same = bytes.get(super::range(*last)) == bytes.get(name.clone());
        *count = if is_same { *count + 1 } else { 0 };
        *last = (name.start as u32, name.end as u32);
        *count
    }

    fn attribute(&mut self) {
        let name = self.word();
        self.space();
        let mut value = self.at..self.at;
        if self.rest().first() == Some(&b'=') {
            self.at += 1;
            self.space();
            value = self.at..self.at;
            if let Some(&quote @ (b'"' | b'\'')) = self.rest().first() {
                self.at += 1;
                let start = self.at;
                let ends = |byte: &u8| *byte == quote || *byte == b'<';
                let length = self.rest().iter().position(ends);
                self.at += length.unwrap_or(self.rest().len());
                value = start..self.at;
                if self.rest().first() == Some(&quote) {
                    self.at += 1;
                }
            }
        }
        self.builder
            .add(Kind::Attribute, name.clone(), name.start..self.at, value);
    }
}
