//! [`Buffer`]: JSON text, token by token.

use crate::scan;

/// Bytes that are staged before they go to the end of the text.
const STAGE: usize = 4096;

/// Bytes that [`Buffer::make_room`] makes sure of.
const ROOM: usize = 64;

/// JSON text that grows at its end.
///
/// Tokens are short, so they are laid out in a stage of fixed size, in moves of fixed width that
/// may write past their token's end; whatever comes next overwrites that. Each value is followed
/// by a comma, which the bracket that closes takes back.
#[derive(Debug)]
pub(crate) struct Buffer {
    text: Vec<u8>,
    stage: Box<[u8; STAGE]>,
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
            stage: Box::new([0; STAGE]),
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
        if self.at > STAGE - ROOM {
            self.flush();
        }
    }

    /// Empties the stage but for its last byte.
    #[cold]
    #[inline(never)]
    fn flush(&mut self) {
        if let Some(last) = self.at.checked_sub(1) {
            self.text.extend_from_slice(&self.stage[..last]);
            self.stage[0] = self.stage[last];
            self.at = 1;
        }
    }

    #[inline(always)]
    fn put<const N: usize>(&mut self, at: usize, block: &[u8; N]) {
        if let Some(place) = self.stage[at..].first_chunk_mut() {
            *place = *block;
        }
    }

    #[inline(always)]
    fn byte(&mut self, byte: u8) {
        self.stage[self.at] = byte;
        self.at += 1;
    }

    fn take_comma(&mut self) -> bool {
        let is_comma = self.at > 0 && self.stage[self.at - 1] == b',';
        if is_comma {
            self.at -= 1;
        }
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
    #[inline]
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
    #[inline]
    pub(crate) fn key(&mut self, key: &str) {
        self.item();
        self.text(key);
        self.after_colon();
    }

    /// A member's name in pieces, none of which has a character to escape.
    pub(crate) fn key_of(&mut self, pieces: [&str; 3]) {
        self.item();
        self.make_room();
        self.byte(b'"');
        for piece in pieces {
            self.text(piece);
        }
        self.text("\":");
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

    #[inline]
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

    #[inline]
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
        let place = &mut self.stage[self.at..];
        if let Some(place) = place.get_mut(..bytes.len()) {
            place.copy_from_slice(bytes);
            self.at += bytes.len();
        } else if let Some((last, rest)) = bytes.split_last() {
            self.text.extend_from_slice(&self.stage[..self.at]);
            self.text.extend_from_slice(rest);
            self.stage[0] = *last;
            self.at = 1;
        }
    }

    /// A string.
    #[inline(never)]
    pub(crate) fn string(&mut self, text: &str) {
        self.make_room();
        self.byte(b'"');
        let mut rest = text.as_bytes();
        while let Some(block) = rest.first_chunk::<{ scan::WIDTH }>() {
            self.put(self.at, block);
            let plain = scan::before_special(block);
            self.at += plain;
            if plain == scan::WIDTH {
                rest = &rest[plain..];
            } else {
                self.escape(block[plain]);
                rest = &rest[plain + 1..];
            }
            self.make_room();
        }
        self.end_of_string(rest);
        self.byte(b'"');
        self.byte(b',');
    }

    /// The end of a string, which is shorter than a block.
    #[inline(always)]
    fn end_of_string(&mut self, rest: &[u8]) {
        let (at, len) = (self.at, rest.len());
        if let (Some(first), Some(last)) = (rest.first_chunk::<8>(), rest.last_chunk::<8>()) {
            if !scan::any_special(*first) && !scan::any_special(*last) {
                self.put(at, first);
                self.put(at + len - 8, last);
                self.at += len;
                return;
            }
        } else if let (Some(first), Some(last)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>())
        {
            let mut both = [0; 8];
            both[..4].copy_from_slice(first);
            both[4..].copy_from_slice(last);
            if !scan::any_special(both) {
                self.put(at, first);
                self.put(at + len - 4, last);
                self.at += len;
                return;
            }
        }
        for byte in rest {
            if scan::is_special(*byte) {
                self.escape(*byte);
                self.make_room();
            } else {
                self.byte(*byte);
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn escape(&mut self, byte: u8) {
        const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";
        match byte {
            b'"' => self.put(self.at, b"\\\""),
            b'\\' => self.put(self.at, b"\\\\"),
            b'\n' => self.put(self.at, b"\\n"),
            b'\r' => self.put(self.at, b"\\r"),
            b'\t' => self.put(self.at, b"\\t"),
            control => {
                let high = HEXADECIMAL[usize::from(control >> 4)];
                let low = HEXADECIMAL[usize::from(control & 15)];
                self.put(self.at, &[b'\\', b'u', b'0', b'0', high, low]);
                self.at += 4;
            }
        }
        self.at += 2;
    }
}
