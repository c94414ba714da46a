//! Places in texts: bytes, lines and columns, and the lines that excerpts show.

use crate::{Excerpt, Position, is_steering};

/// The greatest width of an excerpt, in columns.
const WINDOW: usize = 120;

/// The greatest number of characters of a value that an excerpt shows.
const VALUE: usize = 200;

/// Where a text is inside a larger one.
#[derive(Clone, Debug, Default)]
pub struct Base {
    /// Bytes before it.
    pub offset: u64,
    /// Line ends before it.
    pub lines: u64,
    /// Unicode scalars between the last of these and it.
    pub columns: u64,
    /// The JSON pointer of its value in the larger text.
    pub pointer: String,
}

/// Turns ascending byte offsets into positions.
#[derive(Clone)]
pub struct Lines<'j> {
    text: &'j str,
    /// How far the text has been counted.
    at: usize,
    /// The place of `at` in the larger text.
    base: Base,
}

impl<'j> Lines<'j> {
    #[must_use]
    pub fn new(text: &'j str, base: &Base) -> Self {
        Lines {
            text,
            at: 0,
            base: base.clone(),
        }
    }

    /// The place of a byte, which is not before that of the last call.
    pub fn base_at(&mut self, offset: usize) -> &Base {
        let offset = self.text.floor_char_boundary(offset).max(self.at);
        self.base.advance(&self.text.as_bytes()[self.at..offset]);
        self.at = offset;
        &self.base
    }

    pub fn position(&mut self, offset: usize) -> Position {
        self.base_at(offset).position()
    }
}

impl Base {
    /// The start of a text, or what is after its byte order mark, which is no column.
    #[must_use]
    pub fn after_bom(bom: bool) -> Self {
        Base {
            offset: if bom { 3 } else { 0 },
            ..Base::default()
        }
    }

    /// Moves over `passed`.
    pub fn advance(&mut self, passed: &[u8]) {
        self.offset += passed.len() as u64;
        match memchr::memrchr(b'\n', passed) {
            Some(last) => {
                self.lines += memchr::memchr_iter(b'\n', passed).count() as u64;
                self.columns = characters(&passed[last + 1..]);
            }
            None => self.columns += characters(passed),
        }
    }

    /// The position of the byte that is here.
    #[must_use]
    pub fn position(&self) -> Position {
        Position::new(self.offset, self.lines + 1, self.columns + 1)
    }
}

/// How many Unicode scalars start in a part of a text.
fn characters(text: &[u8]) -> u64 {
    // So few at a time that a byte holds their number: it is counted in vectors of bytes.
    let count = |part: &[u8]| part.iter().map(|b| u8::from(*b as i8 >= -0x40)).sum::<u8>();
    text.chunks(192).map(|part| u64::from(count(part))).sum()
}

/// The line around `start`, cut to a window.
#[must_use]
pub fn excerpt(text: &str, start: usize, end: usize) -> Excerpt {
    let start = text.floor_char_boundary(start);
    let end = text.floor_char_boundary(end.clamp(start, text.len()));
    let line_end = |c: u8| c == b'\n' || c == b'\r';
    let bytes = text.as_bytes();
    // A window reaches at most so many bytes to each side, whatever the line's length.
    let reach = WINDOW * 4;
    let floor = start.saturating_sub(reach);
    let from = bytes[floor..start].iter().rposition(|b| line_end(*b));
    let from = from.map_or(text.ceil_char_boundary(floor), |at| floor + at + 1);
    let ceiling = text.floor_char_boundary(start.saturating_add(reach).min(text.len()));
    let to = bytes[start..ceiling].iter().position(|b| line_end(*b));
    let to = to.map_or(ceiling, |at| start + at);
    let before: Vec<char> = text[from..start].chars().collect();
    let after: Vec<char> = text[start..to].chars().collect();
    let wanted = text[start..end.min(to)].chars().count().max(1);
    // Keep as much before the caret as the value leaves room for, at least a third.
    let room = WINDOW.saturating_sub(wanted).max(WINDOW / 3);
    let kept_before = before.len().min(room);
    let kept_after = after.len().min(WINDOW - kept_before.min(WINDOW));
    let line: String = before[before.len() - kept_before..]
        .iter()
        .chain(&after[..kept_after])
        .map(|c| if is_steering(*c) { ' ' } else { *c })
        .collect();
    let width = wanted.min(kept_after.max(1));
    let value: String = text[start..end].chars().take(VALUE).collect();
    Excerpt::new(&line, kept_before as u32, width as u32, &value)
}
