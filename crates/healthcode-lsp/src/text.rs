//! [`Text`]: the text of a document, and where its lines and characters are.

use lsp_types::{
    Position, PositionEncodingKind, Range as LspRange, TextDocumentContentChangeEvent,
};
use std::ops::Range;

/// What the columns of positions count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Bytes of UTF-8.
    Utf8,
    /// Units of UTF-16: the protocol's default.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

impl Encoding {
    /// The first encoding of those that a client offers that costs least; UTF-16 if it offers none.
    pub(crate) fn negotiate(offered: Option<&[PositionEncodingKind]>) -> Encoding {
        let offered = offered.unwrap_or_default();
        if offered.contains(&PositionEncodingKind::UTF8) {
            Encoding::Utf8
        } else if offered.is_empty() || offered.contains(&PositionEncodingKind::UTF16) {
            Encoding::Utf16
        } else if offered.contains(&PositionEncodingKind::UTF32) {
            Encoding::Utf32
        } else {
            Encoding::Utf16
        }
    }

    pub(crate) fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    /// How many columns a byte of UTF-8 adds: those of its character, at the first byte of it.
    fn width(self, byte: u8) -> usize {
        let is_first = usize::from(byte & 0xc0 != 0x80);
        match self {
            Encoding::Utf8 => 1,
            Encoding::Utf16 => is_first + usize::from(byte >= 0xf0),
            Encoding::Utf32 => is_first,
        }
    }
}

/// A text, the starts of its lines, and how many columns there are before each block of bytes: lines may be long.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    text: String,
    lines: Vec<usize>,
    blocks: Vec<usize>,
    encoding: Encoding,
}

/// The bytes of a block.
const BLOCK: usize = 512;

impl Text {
    pub(crate) fn new(text: String, encoding: Encoding) -> Text {
        let mut text = Text {
            text,
            lines: Vec::new(),
            blocks: Vec::new(),
            encoding,
        };
        text.index();
        text
    }

    fn index(&mut self) {
        self.lines = line_starts(&self.text);
        self.blocks.clear();
        let mut columns = 0;
        for block in self.text.as_bytes().chunks(BLOCK) {
            self.blocks.push(columns);
            columns += self.width(block);
        }
        self.blocks.push(columns);
    }

    fn width(&self, bytes: &[u8]) -> usize {
        bytes.iter().map(|byte| self.encoding.width(*byte)).sum()
    }

    /// How many columns there are before a byte, of all lines.
    fn columns(&self, offset: usize) -> usize {
        let block = offset / BLOCK;
        let rest = self.text.as_bytes().get(block * BLOCK..offset);
        let before = self.blocks.get(block).copied().unwrap_or_default();
        before + rest.map_or(0, |rest| self.width(rest))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The text of a range; empty if it is not one of this text.
    pub(crate) fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// The position of a byte. Past the end it is the end; within a character, the character's start.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_of(offset);
        let start = self.lines.get(line).copied().unwrap_or_default();
        let column = match self.text.as_bytes().get(start..offset) {
            Some(before) if before.len() <= BLOCK => self.width(before),
            _ => self.columns(offset).saturating_sub(self.columns(start)),
        };
        Position::new(narrow(line), narrow(column))
    }

    fn line_of(&self, offset: usize) -> usize {
        let line = self.lines.partition_point(|start| *start <= offset);
        line.saturating_sub(1)
    }

    /// The line of a byte.
    pub(crate) fn line(&self, offset: usize) -> u32 {
        narrow(self.line_of(offset))
    }

    pub(crate) fn range(&self, range: Range<usize>) -> LspRange {
        LspRange::new(self.position(range.start), self.position(range.end))
    }

    /// The byte of a position. A column past the end of its line is the end of the line, and a line
    /// past the end is the end of the text.
    pub(crate) fn offset(&self, position: Position) -> usize {
        let line = position.line as usize;
        let Some(&start) = self.lines.get(line) else {
            return self.text.len();
        };
        let end = self.lines.get(line + 1).copied();
        let end = end.unwrap_or(self.text.len());
        let end = start + self.slice(start..end).trim_end_matches(['\r', '\n']).len();
        let wanted = self
            .columns(start)
            .saturating_add(position.character as usize);
        // The last block that begins at the column, or before.
        let block = self.blocks.partition_point(|columns| *columns <= wanted);
        let from = (block.saturating_sub(1) * BLOCK).clamp(start, end);
        let mut columns = self.columns(from);
        let bytes = self.text.as_bytes().get(from..end).unwrap_or_default();
        let past = bytes.iter().position(|byte| {
            let width = self.encoding.width(*byte);
            columns += width;
            width > 0 && columns > wanted
        });
        let mut offset = past.map_or(end, |past| from + past);
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }

    /// Makes the changes that a client sends, one after the other.
    pub(crate) fn apply(&mut self, changes: Vec<TextDocumentContentChangeEvent>) {
        for change in changes {
            match change.range {
                None => self.text = change.text,
                Some(range) => {
                    let (start, end) = (self.offset(range.start), self.offset(range.end));
                    let (start, end) = (start.min(end), start.max(end));
                    self.text.replace_range(start..end, &change.text);
                }
            }
            self.index();
        }
    }
}

/// Where lines start. Lines end in a line feed, a carriage return, or both.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut lines = vec![0];
    for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
        if bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n') {
            continue;
        }
        lines.push(at + 1);
    }
    lines
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions() {
        let text = "{\r\n \"é\": \"😀!\"\n}\rx";
        for (encoding, character, line, column) in [
            (Encoding::Utf8, '!', 1, 12),
            (Encoding::Utf16, '!', 1, 9),
            (Encoding::Utf32, '!', 1, 8),
            (Encoding::Utf16, 'x', 3, 0),
        ] {
            let offset = text.find(character).unwrap();
            let text = Text::new(text.to_owned(), encoding);
            let position = Position::new(line, column);
            assert_eq!(text.position(offset), position, "{encoding:?}");
            assert_eq!(text.offset(position), offset, "{encoding:?}");
        }
        let text = Text::new(text.to_owned(), Encoding::Utf16);
        let end = text.as_str().len();
        assert_eq!(text.offset(Position::new(9, 0)), end);
        assert_eq!(text.offset(Position::new(0, 99)), 1);
        // Within a pair of surrogates.
        let emoji = text.as_str().find('😀').unwrap();
        assert_eq!(text.offset(Position::new(1, 8)), emoji);
        assert_eq!(text.position(emoji + 1), Position::new(1, 7));
        assert_eq!(text.position(99), Position::new(3, 1));
    }

    /// Positions of long lines, at the edges of blocks and within characters.
    #[test]
    fn long_lines() {
        let text = "a\n".to_owned() + &"aé😀".repeat(400) + "\r\nx";
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let text = Text::new(text.clone(), encoding);
            let mut columns = 0;
            for (at, c) in text.as_str().char_indices().skip(2) {
                if c == '\r' {
                    break;
                }
                let position = Position::new(1, columns);
                assert_eq!(text.position(at), position, "{encoding:?}");
                assert_eq!(text.offset(position), at, "{encoding:?}");
                columns += match encoding {
                    Encoding::Utf8 => c.len_utf8(),
                    Encoding::Utf16 => c.len_utf16(),
                    Encoding::Utf32 => 1,
                } as u32;
            }
            let end = text.as_str().find('\r').unwrap();
            assert_eq!(text.offset(Position::new(1, columns + 9)), end);
        }
    }

    #[test]
    fn changes() {
        let mut text = Text::new("a\nb\n".to_owned(), Encoding::Utf16);
        let change = |range, text: &str| TextDocumentContentChangeEvent {
            range,
            range_length: None,
            text: text.to_owned(),
        };
        let at = |line, character| Position::new(line, character);
        // The end before the start, and places that are not there.
        for (range, inserted, expect) in [
            (Some(LspRange::new(at(1, 0), at(1, 1))), "c\nd", "a\nc\nd\n"),
            (Some(LspRange::new(at(2, 1), at(0, 0))), "", "\n"),
            (Some(LspRange::new(at(7, 7), at(9, 9))), "x", "\nx"),
            (None, "é", "é"),
        ] {
            text.apply(vec![change(range, inserted)]);
            assert_eq!(text.as_str(), expect);
        }
    }
}
