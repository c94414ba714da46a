//! [`Source`]: bytes from a reader, with the position of what has been taken.

use super::Error;
use crate::ReadOptions;
use crate::error::Error as JsonError;
use crate::locate::Base;
use crate::read::Beginning;
use healthcode_core::scan::find_not_space;
use healthcode_core::{Detail, Issue, Root, Rule, rules};
use std::io::{ErrorKind, Read};
use std::ops::Range;

/// How much is read at a time.
const CHUNK: usize = 256 * 1024;

/// A window over the bytes of a reader.
pub(crate) struct Source<R> {
    reader: R,
    buffer: Vec<u8>,
    /// How much of the buffer has been read into.
    filled: usize,
    /// The first byte of the buffer that has not been taken.
    start: usize,
    ended: bool,
    /// Where in the buffer, at or before `start`, lines and columns have been counted up to.
    counted: usize,
    /// Where `counted` is in the whole input.
    base: Base,
    limit: usize,
    /// How many bytes to look for the next object in.
    window: usize,
}

/// The least number of bytes that an object is looked for in.
const WINDOW: usize = 4096;

impl<R: Read> Source<R> {
    pub(crate) fn new(reader: R, limit: usize) -> Self {
        Source {
            reader,
            buffer: Vec::new(),
            filled: 0,
            start: 0,
            ended: false,
            counted: 0,
            base: Base::default(),
            limit,
            window: WINDOW,
        }
    }

    /// What is in the buffer and not taken.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.buffer[self.start..self.filled]
    }

    /// What has been taken, while nothing has been asked for after it.
    pub(crate) fn taken(&self, range: &Range<usize>) -> &[u8] {
        self.buffer.get(range.clone()).unwrap_or_default()
    }

    /// Where the next byte is in the whole input.
    pub(crate) fn base(&mut self) -> &Base {
        self.base_at(self.start)
    }

    /// Where a byte of the buffer is in the whole input; it must not stand before one that was
    /// asked for earlier.
    pub(crate) fn base_at(&mut self, at: usize) -> &Base {
        debug_assert!(self.counted <= at, "counted past {at}");
        let between = self.buffer.get(self.counted..at).unwrap_or_default();
        self.base.advance(between);
        self.counted += between.len();
        &self.base
    }

    /// Gets more bytes; false at the end of the input.
    pub(crate) fn fill(&mut self) -> Result<bool, Error> {
        if self.ended {
            return Ok(false);
        }
        if self.start > 0 && (self.start == self.filled || self.filled == self.buffer.len()) {
            self.base_at(self.start);
            self.counted = 0;
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
        }
        let length = self.filled;
        if length - self.start > self.limit {
            return Err(self.fault(&rules::JSON_SIZE, self.limit));
        }
        // Grows with what is wanted, so that one large value is not copied over and over; bytes
        // stay where they are, and initialised, while there is room.
        if self.buffer.len() == length {
            self.buffer.resize(length + CHUNK.max(length / 2), 0);
        }
        let count = loop {
            match self.reader.read(&mut self.buffer[length..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
                Ok(count) => break count,
            }
        };
        self.filled = length + count;
        self.ended = count == 0;
        Ok(count > 0)
    }

    /// Takes `count` bytes, and says where they are in the buffer.
    pub(crate) fn take(&mut self, count: usize) -> Range<usize> {
        let start = self.start;
        self.start += count;
        start..self.start
    }

    /// Passes a byte order mark over, which is no column of its line.
    pub(crate) fn take_bom(&mut self) -> Result<bool, Error> {
        while self.rest().len() < 3 && self.fill()? {}
        let found = self.rest().starts_with(b"\xef\xbb\xbf");
        if found {
            self.base_at(self.start);
            self.start += 3;
            self.counted += 3;
            self.base.offset += 3;
        }
        Ok(found)
    }

    /// Passes white space over and gives the next byte; `None` at the end.
    pub(crate) fn peek(&mut self) -> Result<Option<u8>, Error> {
        loop {
            let rest = self.rest();
            let spaces = find_not_space(rest, 0);
            let found = rest.get(spaces).copied();
            self.take(spaces);
            if found.is_some() || !self.fill()? {
                return Ok(found);
            }
        }
    }

    /// Reads the object that is next, if all of it is in the buffer already and is as it should be.
    /// Nothing is taken.
    pub(crate) fn begin<T: Root>(&mut self, options: &ReadOptions) -> Option<Beginning<T>> {
        let rest = &self.buffer[self.start..self.filled];
        let mut end = rest.len().min(self.window);
        // Not in the middle of a character.
        while end > 0 && rest.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
            end -= 1;
        }
        let found = simdutf8::basic::from_utf8(&rest[..end])
            .ok()
            .and_then(|text| options.begin(text));
        // UTF-8 is checked many times faster than an object is read, so that the window may be wide.
        let length = found.as_ref().map_or(self.window, |found| found.length);
        self.window = (self.window - self.window / 8)
            .max(length.saturating_mul(3))
            .max(WINDOW);
        found
    }

    /// Takes `byte`, which must come next after white space.
    pub(crate) fn expect(&mut self, byte: u8) -> Result<(), Error> {
        match self.peek()? {
            Some(found) if found == byte => {
                self.take(1);
                Ok(())
            }
            Some(_) => Err(self.fault(&rules::JSON_SYNTAX, 0)),
            None => Err(self.fault(&rules::JSON_TRUNCATED, 0)),
        }
    }

    /// The length of the JSON value that is next, all of which is then in the buffer. Brackets and
    /// strings are matched; whether what is between them is JSON is for the reader to say.
    pub(crate) fn value(&mut self) -> Result<usize, Error> {
        let mut scan = Scan::default();
        let mut at = 0;
        loop {
            if let Some(end) = scan.advance(self.rest(), &mut at) {
                return Ok(end);
            }
            if at > self.limit {
                return Err(self.fault(&rules::JSON_SIZE, self.limit));
            }
            if !self.fill()? {
                // A bare number or word ends with the input.
                if scan.is_scalar() && at > 0 {
                    return Ok(at);
                }
                return Err(self.fault(&rules::JSON_TRUNCATED, self.rest().len()));
            }
        }
    }

    /// An error `ahead` bytes after the next one.
    pub(crate) fn fault(&self, rule: &'static Rule, ahead: usize) -> Error {
        let mut issue = Issue::at(rule, String::new(), self.base.pointer.clone(), Detail::None);
        let mut base = self.base.clone();
        let at = self.filled.min(self.start + ahead);
        base.advance(self.buffer.get(self.counted..at).unwrap_or_default());
        issue.position = Some(base.position());
        Error::Json(JsonError::new(issue))
    }
}

/// How far into a value a scan has come.
#[derive(Default)]
struct Scan {
    depth: usize,
    in_string: bool,
    started: bool,
}

impl Scan {
    /// Whether the value is, so far, a number or a word.
    fn is_scalar(&self) -> bool {
        self.started && self.depth == 0 && !self.in_string
    }

    /// Goes on from `at`; gives the end of the value if it is in `bytes`.
    fn advance(&mut self, bytes: &[u8], at: &mut usize) -> Option<usize> {
        while *at < bytes.len() {
            if self.in_string {
                match memchr::memchr2(b'"', b'\\', &bytes[*at..]) {
                    None => {
                        *at = bytes.len();
                        return None;
                    }
                    Some(ahead) if bytes[*at + ahead] == b'"' => {
                        *at += ahead + 1;
                        self.in_string = false;
                        if self.depth == 0 {
                            return Some(*at);
                        }
                    }
                    Some(ahead) => {
                        if *at + ahead + 1 >= bytes.len() {
                            // The escaped character has not arrived; come back to the escape.
                            *at += ahead;
                            return None;
                        }
                        *at += ahead + 2;
                    }
                }
                continue;
            }
            match bytes[*at] {
                b'"' => {
                    // A word or number that runs into a string ends there.
                    if self.is_scalar() {
                        return Some(*at);
                    }
                    self.in_string = true;
                }
                b'{' | b'[' => {
                    if self.is_scalar() {
                        return Some(*at);
                    }
                    self.depth += 1;
                }
                b'}' | b']' => {
                    if self.depth == 0 {
                        return Some(*at);
                    }
                    self.depth -= 1;
                    if self.depth == 0 {
                        *at += 1;
                        return Some(*at);
                    }
                }
                b',' | b' ' | b'\n' | b'\r' | b'\t' if self.depth == 0 => return Some(*at),
                _ => {}
            }
            self.started = true;
            *at += 1;
        }
        None
    }
}
