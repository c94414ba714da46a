//! [`Buffer`]: XML text, tag by tag.

use crate::lexical::forbidden_character;
use healthcode_core::Field;
use healthcode_core::stage::{ROOM, Stage};

/// The longest value that is laid out in the stage.
const MAX_STAGED: usize = 1024;

/// Bytes in a block that is checked at once.
const BLOCK: usize = 16;

/// XML text that grows at its end.
#[derive(Debug)]
pub(crate) struct Buffer {
    stage: Stage,
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
            stage: Stage::new(Vec::new()),
            indent,
            level: 0,
        }
    }

    pub(crate) fn finish(self) -> String {
        // All that was written was text.
        String::from_utf8(self.stage.finish()).unwrap_or_default()
    }

    pub(crate) fn is_outermost(&self) -> bool {
        self.level == 0
    }

    /// Text that is already XML.
    pub(crate) fn raw(&mut self, text: &str) {
        self.stage.make_room();
        self.stage.odd_bytes(text.as_bytes());
    }

    /// Starts a new line, with indentation.
    #[inline(always)]
    pub(crate) fn new_line(&mut self) {
        if let Some(width) = self.indent {
            self.stage.new_line(width * self.level);
        }
    }

    /// The beginning of a start tag.
    #[inline(always)]
    pub(crate) fn start(&mut self, name: Name) {
        self.stage.make_room();
        self.name(name, b'<');
    }

    /// An end tag.
    #[inline(always)]
    pub(crate) fn end(&mut self, name: Name) {
        self.stage.make_room();
        self.stage.byte(b'<');
        self.name(name, b'/');
        self.stage.byte(b'>');
    }

    /// A character and a name.
    #[inline(always)]
    fn name(&mut self, name: Name, character: u8) {
        let before = self.stage.at();
        if name.key.len() <= ROOM {
            // The quotes and the colon of JSON are copied too, and then overwritten.
            self.stage.bytes(name.key.as_bytes());
            self.stage.put_byte(before, character);
            self.stage
                .go_to((before + name.key.len()).saturating_sub(2));
        } else {
            self.stage.byte(character);
            self.stage
                .odd_bytes(name.key.trim_matches(['"', ':']).as_bytes());
        }
        if !name.suffix.is_empty() {
            self.stage.bytes(name.suffix.as_bytes());
        }
    }

    /// The beginning of the start tag of a resource.
    pub(crate) fn start_resource(&mut self, name: &str) {
        self.stage.make_room();
        self.stage.byte(b'<');
        self.stage.odd_bytes(name.as_bytes());
    }

    /// The end tag of a resource.
    pub(crate) fn end_resource(&mut self, name: &str) {
        self.raw("</");
        self.stage.odd_bytes(name.as_bytes());
        self.stage.byte(b'>');
    }

    /// The end of a start tag whose element has content.
    #[inline(always)]
    pub(crate) fn open(&mut self) {
        self.stage.byte(b'>');
        self.level += 1;
    }

    /// How long the text is.
    pub(crate) fn len(&self) -> usize {
        self.stage.len()
    }

    /// Reopens the last start tag, so that its element can be written without content, if all content was left out.
    #[cold]
    pub(crate) fn reopen(&mut self) {
        self.level -= 1;
        self.stage.pop();
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
        let at = self.stage.at();
        self.stage.put(at, b"/>\0\0");
        self.stage.go_to(at + 2);
    }

    /// The attribute `value`; `false` if it has characters that XML does not allow, and is left out.
    #[inline(always)]
    pub(crate) fn value(&mut self, text: &str) -> bool {
        self.attribute(Attribute::VALUE, text)
    }

    /// An attribute; `false` if it has characters that XML does not allow, and is left out.
    #[inline(always)]
    pub(crate) fn attribute(&mut self, attribute: Attribute, text: &str) -> bool {
        self.stage.make_room();
        let before = self.stage.at();
        self.stage.put(before, attribute.start);
        self.stage.go_to(before + attribute.length);
        if self.plain(text.as_bytes()) {
            self.stage.byte(b'"');
            return true;
        }
        self.stage.go_to(before);
        self.escaped_attribute(attribute.name, text)
    }

    /// An element with a value and nothing else; `false` if it has characters that XML does not allow, and is
    /// left out.
    #[inline(always)]
    pub(crate) fn primitive(&mut self, name: Name, text: &str) -> bool {
        // Names are short, so that the stage is not emptied before the end.
        if self.indent.is_none() && name.key.len() + name.suffix.len() <= ROOM {
            self.stage.make_room();
            let before = self.stage.at();
            self.name(name, b'<');
            let at = self.stage.at();
            self.stage.put(at, Attribute::VALUE.start);
            self.stage.go_to(at + Attribute::VALUE.length);
            if self.plain(text.as_bytes()) {
                let at = self.stage.at();
                self.stage.put(at, b"\"/>\0");
                self.stage.go_to(at + 3);
                return true;
            }
            self.stage.go_to(before);
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
        self.stage.byte(b' ');
        self.stage.odd_bytes(name.as_bytes());
        self.stage.byte(b'=');
        self.stage.byte(b'"');
        escape(self.stage.emptied(), text);
        self.stage.byte(b'"');
        true
    }

    /// Copies text that fits and needs no escapes; for other text, what was written past the end is ignored.
    #[inline(always)]
    fn plain(&mut self, bytes: &[u8]) -> bool {
        let (start, len) = (self.stage.at(), bytes.len());
        let (Some(b'!'..), Some(b'!'..)) = (bytes.first(), bytes.last()) else {
            return false;
        };
        if let Some(last) = bytes.last_chunk::<BLOCK>() {
            if len > MAX_STAGED {
                return false;
            }
            let mut done = 0;
            while let Some(block) = bytes[done..].first_chunk::<BLOCK>() {
                self.stage.put(start + done, block);
                if any_special(block) {
                    return false;
                }
                done += BLOCK;
            }
            // What is left, in a block that overlaps the one before.
            self.stage.put(start + len - BLOCK, last);
            if any_special(last) {
                return false;
            }
        } else if let (Some(first), Some(last)) =
            (bytes.first_chunk::<8>(), bytes.last_chunk::<8>())
        {
            self.stage.put(start, first);
            self.stage.put(start + len - 8, last);
            if any_special(&joined(*first, *last)) {
                return false;
            }
        } else if let (Some(first), Some(last)) =
            (bytes.first_chunk::<4>(), bytes.last_chunk::<4>())
        {
            self.stage.put(start, first);
            self.stage.put(start + len - 4, last);
            if any_special(first) || any_special(last) {
                return false;
            }
        } else {
            for (index, byte) in bytes.iter().enumerate() {
                if special(*byte) != 0 {
                    return false;
                }
                self.stage.put_byte(start + index, *byte);
            }
        }
        self.stage.go_to(start + len);
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
