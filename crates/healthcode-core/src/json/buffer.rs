//! [`Buffer`]: JSON text, token by token.

use crate::scan;
use crate::stage::{ROOM, STAGE, Stage};

/// Bytes of a string that are taken at a time.
const PART: usize = STAGE - 4 * ROOM;

/// JSON text that grows at its end. Each value is followed by a comma, which the bracket that closes takes back.
#[derive(Debug)]
pub(crate) struct Buffer {
    stage: Stage,
    /// Spaces of indentation a level; `None` for compact text.
    indent: Option<u8>,
    level: usize,
}

impl Buffer {
    /// Goes on at the end of `text`.
    pub(crate) fn new(text: Vec<u8>, indent: Option<u8>) -> Self {
        Buffer {
            stage: Stage::new(text),
            indent,
            level: 0,
        }
    }

    /// The text, without the comma after its only value.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.take_comma();
        self.stage.finish()
    }

    #[inline(always)]
    fn take_comma(&mut self) -> bool {
        let is_comma = self.stage.last() == Some(b',');
        self.stage.go_to(self.stage.at() - usize::from(is_comma));
        is_comma
    }

    /// Opens an object or an array.
    #[inline]
    pub(crate) fn open(&mut self, bracket: u8) {
        self.stage.make_room();
        self.stage.byte(bracket);
        if self.indent.is_some() {
            self.level += 1;
        }
    }

    /// Closes an object or an array.
    #[inline]
    pub(crate) fn close(&mut self, bracket: u8) {
        self.stage.make_room();
        let filled = self.take_comma();
        if self.indent.is_some() {
            self.level -= 1;
            if filled {
                self.new_line();
            }
        }
        self.stage.byte(bracket);
        self.stage.byte(b',');
    }

    /// Begins an item of an array, or the name of a member.
    #[inline(always)]
    pub(crate) fn item(&mut self) {
        if self.indent.is_some() {
            self.new_line();
        }
    }

    fn new_line(&mut self) {
        let spaces = self.level * usize::from(self.indent.unwrap_or(0));
        self.stage.new_line(spaces);
    }

    /// A member's name, which is quoted and followed by its colon.
    #[inline(always)]
    pub(crate) fn key(&mut self, key: &str) {
        self.item();
        self.text(key);
        self.after_colon();
    }

    /// A member's name in pieces, none of which has a character to escape.
    pub(crate) fn key_of(&mut self, prefix: Option<u8>, name: &str, suffix: &str) {
        self.item();
        self.stage.make_room();
        self.stage.byte(b'"');
        if let Some(prefix) = prefix {
            self.stage.byte(prefix);
        }
        self.text(name);
        if !suffix.is_empty() {
            self.text(suffix);
        }
        self.stage.make_room();
        self.stage.byte(b'"');
        self.stage.byte(b':');
        self.after_colon();
    }

    /// A member's name, of any text.
    pub(crate) fn any_key(&mut self, key: &str) {
        self.item();
        self.string(key);
        self.take_comma();
        self.stage.byte(b':');
        self.after_colon();
    }

    #[inline(always)]
    fn after_colon(&mut self) {
        if self.indent.is_some() {
            self.stage.make_room();
            self.stage.byte(b' ');
        }
    }

    /// A value that is JSON text already.
    #[inline]
    pub(crate) fn raw(&mut self, json: &str) {
        self.text(json);
        self.stage.make_room();
        self.stage.byte(b',');
    }

    /// A number.
    #[inline(never)]
    pub(crate) fn integer(&mut self, number: i32) {
        let mut digits = [0; 11];
        let mut at = digits.len();
        let mut rest = number.unsigned_abs();
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            at -= 1;
            digits[at] = b'-';
        }
        self.stage.make_room();
        for digit in &digits[at..] {
            self.stage.byte(*digit);
        }
        self.stage.byte(b',');
    }

    #[inline(always)]
    fn text(&mut self, text: &str) {
        self.stage.make_room();
        self.stage.bytes(text.as_bytes());
    }

    /// A string.
    #[inline(never)]
    pub(crate) fn string(&mut self, text: &str) {
        self.stage.make_room();
        self.string_here(text);
    }

    /// A member that is a string; its name is quoted and followed by its colon.
    #[inline(always)]
    pub(crate) fn string_member(&mut self, key: &str, text: &str) {
        self.key(key);
        self.string_here(text);
    }

    #[inline(always)]
    fn string_here(&mut self, text: &str) {
        self.stage.byte(b'"');
        let mut rest = text.as_bytes();
        while let Some(special) = self.plain(rest) {
            if let Some(byte) = rest.get(special) {
                self.escape(*byte);
            }
            rest = rest.get(special + 1..).unwrap_or_default();
            self.stage.make_room();
        }
        self.stage.byte(b'"');
        self.stage.byte(b',');
    }

    /// Takes text up to the first byte that must be escaped, and returns where that is.
    #[inline(always)]
    fn plain(&mut self, mut bytes: &[u8]) -> Option<usize> {
        let mut before = 0;
        while bytes.len() > PART {
            let (first, rest) = bytes.split_at(PART);
            if let Some(special) = self.plain_part(first) {
                return Some(before + special);
            }
            before += PART;
            bytes = rest;
            self.stage.make_room();
        }
        self.plain_part(bytes).map(|special| before + special)
    }

    /// As [`Buffer::plain`], for no more text than fits.
    #[inline(always)]
    fn plain_part(&mut self, bytes: &[u8]) -> Option<usize> {
        const WIDTH: usize = scan::WIDTH;
        let (start, len) = (self.stage.at(), bytes.len());
        let mut done = 0;
        if let Some(last) = bytes.last_chunk::<WIDTH>() {
            while let Some(block) = bytes[done..].first_chunk::<WIDTH>() {
                self.stage.put(start + done, block);
                let plain = scan::before_special(block);
                done += plain;
                if plain < WIDTH {
                    self.stage.go_to(start + done);
                    return Some(done);
                }
            }
            // What is left, in a block that overlaps the one before.
            let at = len - WIDTH;
            self.stage.put(start + at, last);
            done = at + scan::before_special(last);
        } else if let (Some(first), Some(last)) =
            (bytes.first_chunk::<8>(), bytes.last_chunk::<8>())
            && !scan::any_special(*first)
            && !scan::any_special(*last)
        {
            self.stage.put(start, first);
            self.stage.put(start + len - 8, last);
            done = len;
        } else if let (Some(first), Some(last)) =
            (bytes.first_chunk::<4>(), bytes.last_chunk::<4>())
            && len < 8
            && !scan::any_special(joined(*first, *last))
        {
            self.stage.put(start, first);
            self.stage.put(start + len - 4, last);
            done = len;
        } else {
            for byte in bytes {
                if scan::is_special(*byte) {
                    break;
                }
                self.stage.put_byte(start + done, *byte);
                done += 1;
            }
        }
        self.stage.go_to(start + done);
        (done < len).then_some(done)
    }

    #[cold]
    #[inline(never)]
    fn escape(&mut self, byte: u8) {
        let (escape, length) = escaped(byte);
        let at = self.stage.at();
        self.stage.put(at, &escape);
        self.stage.go_to(at + length);
    }
}

/// Writes a JSON string at the end of `text`.
pub fn write_string(text: &mut Vec<u8>, string: &str) {
    let bytes = string.as_bytes();
    text.push(b'"');
    let mut from = 0;
    loop {
        let end = scan::find_special(bytes, from);
        text.extend_from_slice(&bytes[from..end]);
        let Some(byte) = bytes.get(end) else { break };
        let (escape, length) = escaped(*byte);
        text.extend_from_slice(&escape[..length]);
        from = end + 1;
    }
    text.push(b'"');
}

/// What stands for a byte that must be escaped, and how long it is.
fn escaped(byte: u8) -> ([u8; 6], usize) {
    const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        control => {
            let high = HEXADECIMAL[usize::from(control >> 4)];
            let low = HEXADECIMAL[usize::from(control & 15)];
            return ([b'\\', b'u', b'0', b'0', high, low], 6);
        }
    };
    ([b'\\', short, 0, 0, 0, 0], 2)
}

fn joined(first: [u8; 4], last: [u8; 4]) -> [u8; 8] {
    let (first, last) = (u32::from_le_bytes(first), u32::from_le_bytes(last));
    (u64::from(first) | u64::from(last) << 32).to_le_bytes()
}

#[cfg(test)]
mod tests;
