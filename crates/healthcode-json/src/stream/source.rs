//! [`Source`]: bytes from a reader, with the position of what has been taken.

use super::Error;
use crate::error::Error as JsonError;
use crate::locate::Base;
use healthcode_core::{Detail, Issue, Rule, rules};
use std::io::{ErrorKind, Read};

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
    /// Where `start` is in the whole input.
    base: Base,
    limit: usize,
}

impl<R: Read> Source<R> {
    pub(crate) fn new(reader: R, limit: usize) -> Self {
        Source {
            reader,
            buffer: Vec::new(),
            filled: 0,
            start: 0,
            ended: false,
            base: Base::default(),
            limit,
        }
    }

    /// What is in the buffer and not taken.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.buffer[self.start..self.filled]
    }

    /// Where the next byte is in the whole input.
    pub(crate) fn base(&self) -> &Base {
        &self.base
    }

    /// Gets more bytes; false at the end of the input.
    pub(crate) fn fill(&mut self) -> Result<bool, Error> {
        if self.ended {
            return Ok(false);
        }
        if self.start > 0 && (self.start == self.filled || self.filled == self.buffer.len()) {
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

    /// Takes `count` bytes.
    pub(crate) fn take(&mut self, count: usize) {
        let passed = &self.buffer[self.start..self.start + count];
        self.base.advance(passed);
        self.start += count;
    }

    /// Passes a byte order mark over, which is no column of its line.
    pub(crate) fn take_bom(&mut self) -> Result<bool, Error> {
        while self.rest().len() < 3 && self.fill()? {}
        let found = self.rest().starts_with(b"\xef\xbb\xbf");
        if found {
            self.start += 3;
            self.base.offset += 3;
        }
        Ok(found)
    }

    /// Passes white space over and gives the next byte; `None` at the end.
    pub(crate) fn peek(&mut self) -> Result<Option<u8>, Error> {
        loop {
            let space = |b: &u8| !matches!(b, b' ' | b'\n' | b'\r' | b'\t');
            match self.rest().iter().position(space) {
                Some(count) => {
                    self.take(count);
                    return Ok(self.rest().first().copied());
                }
                None => {
                    self.take(self.rest().len());
                    if !self.fill()? {
                        return Ok(None);
                    }
                }
            }
        }
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
        base.advance(&self.rest()[..ahead.min(self.rest().len())]);
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
