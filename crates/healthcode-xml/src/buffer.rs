//! [`Buffer`]: XML text, tag by tag.

use crate::lexical::forbidden_character;
use healthcode_core::Field;

/// Bytes that are staged before they go to the end of the text.
const STAGE: usize = 2048;

/// Bytes that may be written past the end of what is used.
const ROOM: usize = 64;

/// The longest value that is laid out in the stage.
const MAX_STAGED: usize = 1024;

/// Places in the stage, a power of two: a place that is cut to fewer needs no check of bounds. None is ever
/// cut, since the stage is emptied before it is full.
const PLACES: usize = 2 * STAGE;

/// Bytes in a block that is checked at once.
const BLOCK: usize = 16;

/// XML text that grows at its end.
///
/// As in the writer of JSON, tokens are short, so they are laid out in a stage of fixed size, in moves of fixed
/// width that may write past their token's end; whatever comes next overwrites that.
#[derive(Debug)]
pub(crate) struct Buffer {
    text: Vec<u8>,
    stage: Box<[u8; PLACES + ROOM]>,
    /// How much of the stage is used.
    at: usize,
    /// Spaces of indentation a level; `None` for no white space between elements.
    indent: Option<usize>,
    level: usize,
}

/// The name of an element: in quotes and with a colon, as [`Field`] holds it for JSON, and what a choice adds to
/// it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name {
    key: &'static str,
    suffix: &'static str,
}

impl Name {
    #[inline(always)]
    pub(crate) fn new(definition: &'static Field, choice: u16) -> Self {
        let suffix = if definition.choice {
            definition.types[usize::from(choice)].suffix
        } else {
            ""
        };
        Name {
            key: definition.key,
            suffix,
        }
    }
}

/// The beginning of an attribute of FHIR elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute {
    start: &'static [u8; 8],
    length: usize,
    name: &'static str,
}

impl Attribute {
    const VALUE: Attribute = Attribute::new(b" value=\"", 8, "value");
    pub(crate) const ID: Attribute = Attribute::new(b" id=\"\0\0\0", 5, "id");
    pub(crate) const URL: Attribute = Attribute::new(b" url=\"\0\0", 6, "url");

    const fn new(start: &'static [u8; 8], length: usize, name: &'static str) -> Self {
        Attribute {
            start,
            length,
            name,
        }
    }
}

impl Buffer {
    pub(crate) fn new(indent: Option<usize>) -> Self {
        Buffer {
            text: Vec::new(),
            stage: Box::new([0; PLACES + ROOM]),
            at: 0,
            indent,
            level: 0,
        }
    }

    pub(crate) fn finish(mut self) -> String {
        self.flush();
        // All that was written was text.
        String::from_utf8(self.text).unwrap_or_default()
    }

    pub(crate) fn is_outermost(&self) -> bool {
        self.level == 0
    }

    #[inline(always)]
    fn make_room(&mut self) {
        if self.at >= STAGE {
            self.flush();
        }
    }

    #[cold]
    #[inline(never)]
    fn flush(&mut self) {
        let staged = self.stage.get(..self.at).unwrap_or_default();
        if self.text.capacity() - self.text.len() < staged.len() {
            // The capacity grows fourfold while it is small, since each growth may copy the whole text.
            let more = match self.text.len() {
                large @ 16_000_000.. => large,
                len => 3 * len,
            };
            self.text.reserve(staged.len().max(more));
        }
        self.text.extend_from_slice(staged);
        self.at = 0;
    }

    #[inline(always)]
    fn put<const N: usize>(&mut self, at: usize, block: &[u8; N]) {
        const { assert!(N <= ROOM) };
        if let Some(place) = self.stage[at % PLACES..].first_chunk_mut() {
            *place = *block;
        }
    }

    #[inline(always)]
    fn byte(&mut self, byte: u8) {
        self.stage[self.at % PLACES] = byte;
        self.at += 1;
    }

    /// Short text, for which there is room.
    #[inline(always)]
    fn short(&mut self, bytes: &[u8]) {
        let (at, len) = (self.at, bytes.len());
        if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>())
            && len <= 16
        {
            self.put(at, first);
            self.put(at + len - 8, last);
        } else if let (Some(first), Some(last)) =
            (bytes.first_chunk::<4>(), bytes.last_chunk::<4>())
            && len < 8
        {
            self.put(at, first);
            self.put(at + len - 4, last);
        } else if let (Some(first), Some(last)) =
            (bytes.first_chunk::<16>(), bytes.last_chunk::<16>())
            && len <= 32
        {
            self.put(at, first);
            self.put(at + len - 16, last);
        } else {
            return self.odd(bytes);
        }
        self.at += len;
    }

    /// Text of any length.
    #[inline(never)]
    fn odd(&mut self, bytes: &[u8]) {
        if bytes.len() <= ROOM {
            for byte in bytes {
                self.byte(*byte);
            }
        } else {
            self.flush();
            self.text.extend_from_slice(bytes);
        }
    }

    /// Text that is already XML.
    pub(crate) fn raw(&mut self, text: &str) {
        self.make_room();
        self.odd(text.as_bytes());
    }

    /// Starts a new line, with indentation.
    #[inline(always)]
    pub(crate) fn new_line(&mut self) {
        if let Some(width) = self.indent {
            self.indented(width);
        }
    }

    #[inline(never)]
    fn indented(&mut self, width: usize) {
        self.make_room();
        self.byte(b'\n');
        for _ in 0..width * self.level {
            self.make_room();
            self.byte(b' ');
        }
    }

    /// The beginning of a start tag.
    #[inline(always)]
    pub(crate) fn start(&mut self, name: Name) {
        self.make_room();
        self.name(name, b'<');
    }

    /// An end tag.
    #[inline(always)]
    pub(crate) fn end(&mut self, name: Name) {
        self.make_room();
        self.byte(b'<');
        self.name(name, b'/');
        self.byte(b'>');
    }

    /// A character and a name.
    #[inline(always)]
    fn name(&mut self, name: Name, character: u8) {
        let before = self.at;
        if name.key.len() <= ROOM {
            // The quotes and the colon of JSON are copied too, and then overwritten.
            self.short(name.key.as_bytes());
            self.stage[before % PLACES] = character;
            self.at = (before + name.key.len()).saturating_sub(2);
        } else {
            self.byte(character);
            self.odd(name.key.trim_matches(['"', ':']).as_bytes());
        }
        if !name.suffix.is_empty() {
            self.short(name.suffix.as_bytes());
        }
    }

    /// The beginning of the start tag of a resource.
    pub(crate) fn start_resource(&mut self, name: &str) {
        self.make_room();
        self.byte(b'<');
        self.odd(name.as_bytes());
    }

    /// The end tag of a resource.
    pub(crate) fn end_resource(&mut self, name: &str) {
        self.raw("</");
        self.odd(name.as_bytes());
        self.byte(b'>');
    }

    /// The end of a start tag whose element has content.
    #[inline(always)]
    pub(crate) fn open(&mut self) {
        self.byte(b'>');
        self.level += 1;
    }

    /// How long the text is.
    pub(crate) fn len(&self) -> usize {
        self.text.len() + self.at
    }

    /// Reopens the last start tag, so that its element can be written without content, if all content was left out.
    #[cold]
    pub(crate) fn reopen(&mut self) {
        self.level -= 1;
        match self.at.checked_sub(1) {
            Some(at) => self.at = at,
            None => drop(self.text.pop()),
        }
    }

    /// Ends a level of indentation, and starts a new line for the end tag.
    #[inline(always)]
    pub(crate) fn close(&mut self) {
        self.level -= 1;
        self.new_line();
    }

    /// The end of a start tag whose element has no content.
    #[inline(always)]
    pub(crate) fn close_empty(&mut self) {
        self.put(self.at, b"/>\0\0");
        self.at += 2;
    }

    /// The attribute `value`; `false` if it has characters that XML does not allow, and is left out.
    #[inline(always)]
    pub(crate) fn value(&mut self, text: &str) -> bool {
        self.attribute(Attribute::VALUE, text)
    }

    /// An attribute; `false` if it has characters that XML does not allow, and is left out.
    #[inline(always)]
    pub(crate) fn attribute(&mut self, attribute: Attribute, text: &str) -> bool {
        self.make_room();
        let before = self.at;
        self.put(before, attribute.start);
        self.at += attribute.length;
        if self.plain(text.as_bytes()) {
            self.byte(b'"');
            return true;
        }
        self.at = before;
        self.escaped_attribute(attribute.name, text)
    }

    /// An element with a value and nothing else; `false` if it has characters that XML does not allow, and is
    /// left out.
    #[inline(always)]
    pub(crate) fn primitive(&mut self, name: Name, text: &str) -> bool {
        // Names are short, so that the stage is not emptied before the end.
        if self.indent.is_none() && name.key.len() + name.suffix.len() <= ROOM {
            self.make_room();
            let before = self.at;
            self.name(name, b'<');
            self.put(self.at, Attribute::VALUE.start);
            self.at += Attribute::VALUE.length;
            if self.plain(text.as_bytes()) {
                self.put(self.at, b"\"/>\0");
                self.at += 3;
                return true;
            }
            self.at = before;
        }
        self.odd_primitive(name, text)
    }

    #[inline(never)]
    fn odd_primitive(&mut self, name: Name, text: &str) -> bool {
        if forbidden_character(text).is_some() {
            return false;
        }
        self.new_line();
        self.start(name);
        self.value(text);
        self.close_empty();
        true
    }

    #[inline(never)]
    fn escaped_attribute(&mut self, name: &str, text: &str) -> bool {
        if forbidden_character(text).is_some() {
            return false;
        }
        self.byte(b' ');
        self.odd(name.as_bytes());
        self.byte(b'=');
        self.byte(b'"');
        self.flush();
        escape(&mut self.text, text);
        self.byte(b'"');
        true
    }

    /// Copies text that fits and needs no escapes; for other text, what was written past the end is ignored.
    #[inline(always)]
    fn plain(&mut self, bytes: &[u8]) -> bool {
        let (start, len) = (self.at, bytes.len());
        let (Some(b'!'..), Some(b'!'..)) = (bytes.first(), bytes.last()) else {
            return false;
        };
        if let Some(last) = bytes.last_chunk::<BLOCK>() {
            if len > MAX_STAGED {
                return false;
            }
            let mut done = 0;
            while let Some(block) = bytes[done..].first_chunk::<BLOCK>() {
                self.put(start + done, block);
                if any_special(block) {
                    return false;
                }
                done += BLOCK;
            }
            // What is left, in a block that overlaps the one before.
            self.put(start + len - BLOCK, last);
            if any_special(last) {
                return false;
            }
        } else if let (Some(first), Some(last)) =
            (bytes.first_chunk::<8>(), bytes.last_chunk::<8>())
        {
            self.put(start, first);
            self.put(start + len - 8, last);
            if any_special(&joined(*first, *last)) {
                return false;
            }
        } else if let (Some(first), Some(last)) =
            (bytes.first_chunk::<4>(), bytes.last_chunk::<4>())
        {
            self.put(start, first);
            self.put(start + len - 4, last);
            if any_special(first) || any_special(last) {
                return false;
            }
        } else {
            for (index, byte) in bytes.iter().enumerate() {
                if special(*byte) != 0 {
                    return false;
                }
                self.stage[(start + index) % PLACES] = *byte;
            }
        }
        self.at = start + len;
        true
    }
}

fn joined(first: [u8; 8], last: [u8; 8]) -> [u8; BLOCK] {
    let (first, last) = (u64::from_le_bytes(first), u64::from_le_bytes(last));
    (u128::from(first) | u128::from(last) << 64).to_le_bytes()
}

/// Not 0 if a byte must be escaped, or begins a character that XML may not allow. Without branches, so that the
/// compiler vectorises it.
#[inline(always)]
fn special(byte: u8) -> u8 {
    let control = byte < b' ';
    let bracket = byte | 2 == b'>';
    let quote_or_reference = byte | 4 == b'&';
    let rare = byte == 0xef;
    u8::from(control) | u8::from(bracket) | u8::from(quote_or_reference) | u8::from(rare)
}

/// Whether any byte of a block is special.
#[inline(always)]
fn any_special<const N: usize>(block: &[u8; N]) -> bool {
    block.iter().fold(0, |any, byte| any | special(*byte)) != 0
}

/// Writes text into an attribute's value. Line ends, tabs and spaces at the ends become references, for XML
/// would make spaces of them, or strip them.
fn escape(out: &mut Vec<u8>, text: &str) {
    let start = text.len() - text.trim_start_matches(' ').len();
    let end = text.trim_end_matches(' ').len();
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let reference: &[u8] = match byte {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&quot;",
            b'\t' => b"&#9;",
            b'\n' => b"&#10;",
            b'\r' => b"&#13;",
            b' ' if at < start || at >= end => b"&#32;",
            _ => continue,
        };
        out.extend_from_slice(&text.as_bytes()[from..at]);
        out.extend_from_slice(reference);
        from = at + 1;
    }
    out.extend_from_slice(&text.as_bytes()[from..]);
}

#[cfg(test)]
mod tests;
