//! [`Buffer`]: JSON text, token by token.

use crate::scan;

/// Bytes that are staged before they go to the end of the text.
const STAGE: usize = 2048;

/// Bytes that may be written after [`Buffer::make_room`], and past the end of what is used.
const ROOM: usize = 64;

/// Bytes of a string that are taken at a time.
const PART: usize = STAGE - 4 * ROOM;

/// Places in the stage, a power of two: a place that is cut to fewer needs no check of bounds. None
/// is ever cut, since the stage is emptied at half of them.
const PLACES: usize = 2 * STAGE;

/// JSON text that grows at its end.
///
/// Tokens are short, so they are laid out in a stage of fixed size, in moves of fixed width that
/// may write past their token's end; whatever comes next overwrites that. Each value is followed
/// by a comma, which the bracket that closes takes back.
#[derive(Debug)]
pub(crate) struct Buffer {
    text: Vec<u8>,
    stage: Box<[u8; PLACES + ROOM]>,
    /// How much of the stage is used. All but the last byte of the text may have left the stage.
    at: usize,
    /// Spaces of indentation a level; `None` for compact text.
    indent: Option<u8>,
    level: usize,
}

impl Buffer {
    /// Goes on at the end of `text`.
    pub(crate) fn new(text: Vec<u8>, indent: Option<u8>) -> Self {
        Buffer {
            text,
            stage: Box::new([0; PLACES + ROOM]),
            at: 0,
            indent,
            level: 0,
        }
    }

    /// The text, without the comma after its only value.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.take_comma();
        self.text.extend_from_slice(&self.stage[..self.at]);
        self.text
    }

    #[inline(always)]
    fn make_room(&mut self) {
        if self.at >= STAGE {
            self.flush();
        }
    }

    /// Empties the stage but for its last byte.
    #[cold]
    #[inline(never)]
    fn flush(&mut self) {
        if let Some(last) = self.at.checked_sub(1) {
            self.append(last);
            self.stage[0] = self.stage[last];
            self.at = 1;
        }
    }

    /// Appends the first `count` bytes of the stage.
    fn append(&mut self, count: usize) {
        if self.text.capacity() - self.text.len() < count {
            // Fourfold until that is much: each time, all that there is may have to be copied.
            let more = match self.text.len() {
                large @ 16_000_000.. => large,
                len => 3 * len,
            };
            self.text.reserve(count.max(more));
        }
        self.text.extend_from_slice(&self.stage[..count]);
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

    #[inline(always)]
    fn take_comma(&mut self) -> bool {
        let is_comma = self.at > 0 && self.stage[(self.at - 1) % PLACES] == b',';
        self.at -= usize::from(is_comma);
        is_comma
    }

    /// Opens an object or an array.
    #[inline]
    pub(crate) fn open(&mut self, bracket: u8) {
        self.make_room();
        self.byte(bracket);
        if self.indent.is_some() {
            self.level += 1;
        }
    }

    /// Closes an object or an array.
    #[inline]
    pub(crate) fn close(&mut self, bracket: u8) {
        self.make_room();
        let filled = self.take_comma();
        if self.indent.is_some() {
            self.level -= 1;
            if filled {
                self.new_line();
            }
        }
        self.byte(bracket);
        self.byte(b',');
    }

    /// Begins an item of an array, or the name of a member.
    #[inline(always)]
    pub(crate) fn item(&mut self) {
        if self.indent.is_some() {
            self.new_line();
        }
    }

    #[inline(never)]
    fn new_line(&mut self) {
        self.make_room();
        self.byte(b'\n');
        for _ in 0..self.level * usize::from(self.indent.unwrap_or(0)) {
            self.make_room();
            self.byte(b' ');
        }
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
        self.make_room();
        self.byte(b'"');
        if let Some(prefix) = prefix {
            self.byte(prefix);
        }
        self.text(name);
        if !suffix.is_empty() {
            self.text(suffix);
        }
        self.make_room();
        self.byte(b'"');
        self.byte(b':');
        self.after_colon();
    }

    /// A member's name, of any text.
    pub(crate) fn any_key(&mut self, key: &str) {
        self.item();
        self.string(key);
        self.take_comma();
        self.byte(b':');
        self.after_colon();
    }

    #[inline(always)]
    fn after_colon(&mut self) {
        if self.indent.is_some() {
            self.make_room();
            self.byte(b' ');
        }
    }

    /// A value that is JSON text already.
    #[inline]
    pub(crate) fn raw(&mut self, json: &str) {
        self.text(json);
        self.make_room();
        self.byte(b',');
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
        self.make_room();
        for digit in &digits[at..] {
            self.byte(*digit);
        }
        self.byte(b',');
    }

    #[inline(always)]
    fn text(&mut self, text: &str) {
        self.make_room();
        let bytes = text.as_bytes();
        let (at, len) = (self.at, bytes.len());
        if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>())
            && len <= 16
        {
            self.put(at, first);
            self.put(at + len - 8, last);
        } else if let (Some(first), Some(last)) =
            (bytes.first_chunk::<16>(), bytes.last_chunk::<16>())
            && len <= 32
        {
            self.put(at, first);
            self.put(at + len - 16, last);
        } else if let (Some(first), Some(last)) =
            (bytes.first_chunk::<4>(), bytes.last_chunk::<4>())
            && len < 8
        {
            self.put(at, first);
            self.put(at + len - 4, last);
        } else {
            return self.odd_text(bytes);
        }
        self.at += len;
    }

    /// Text that is long, or very short.
    #[inline(never)]
    fn odd_text(&mut self, bytes: &[u8]) {
        if bytes.len() <= ROOM {
            for byte in bytes {
                self.byte(*byte);
            }
        } else if let Some((last, rest)) = bytes.split_last() {
            self.append(self.at);
            self.text.extend_from_slice(rest);
            self.stage[0] = *last;
            self.at = 1;
        }
    }

    /// A string.
    #[inline(never)]
    pub(crate) fn string(&mut self, text: &str) {
        self.make_room();
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
        self.byte(b'"');
        let mut rest = text.as_bytes();
        while let Some(special) = self.plain(rest) {
            if let Some(byte) = rest.get(special) {
                self.escape(*byte);
            }
            rest = rest.get(special + 1..).unwrap_or_default();
            self.make_room();
        }
        self.byte(b'"');
        self.byte(b',');
    }

    /// Takes text up to the first byte that must be escaped, and says where that is.
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
            self.make_room();
        }
        self.plain_part(bytes).map(|special| before + special)
    }

    /// As [`Buffer::plain`], for no more text than fits.
    #[inline(always)]
    fn plain_part(&mut self, bytes: &[u8]) -> Option<usize> {
        const WIDTH: usize = scan::WIDTH;
        let (start, len) = (self.at, bytes.len());
        let mut done = 0;
        if let Some(last) = bytes.last_chunk::<WIDTH>() {
            while let Some(block) = bytes[done..].first_chunk::<WIDTH>() {
                self.put(start + done, block);
                let plain = scan::before_special(block);
                done += plain;
                if plain < WIDTH {
                    self.at = start + done;
                    return Some(done);
                }
            }
            // What is left, in a block that overlaps the one before.
            let at = len - WIDTH;
            self.put(start + at, last);
            done = at + scan::before_special(last);
        } else if let (Some(first), Some(last)) =
            (bytes.first_chunk::<8>(), bytes.last_chunk::<8>())
            && !scan::any_special(*first)
            && !scan::any_special(*last)
        {
            self.put(start, first);
            self.put(start + len - 8, last);
            done = len;
        } else if let (Some(first), Some(last)) =
            (bytes.first_chunk::<4>(), bytes.last_chunk::<4>())
            && len < 8
            && !scan::any_special(joined(*first, *last))
        {
            self.put(start, first);
            self.put(start + len - 4, last);
            done = len;
        } else {
            for byte in bytes {
                if scan::is_special(*byte) {
                    break;
                }
                self.stage[(start + done) % PLACES] = *byte;
                done += 1;
            }
        }
        self.at = start + done;
        (done < len).then_some(done)
    }

    #[cold]
    #[inline(never)]
    fn escape(&mut self, byte: u8) {
        let (escape, length) = escaped(byte);
        self.put(self.at, &escape);
        self.at += length;
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
