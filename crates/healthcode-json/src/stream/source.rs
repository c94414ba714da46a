//! [`Source`]: bytes from a reader, with the position of what has been taken.

use super::Error;
use crate::ReadOptions;
use crate::error::Error as JsonError;
use crate::locate::Base;
use crate::read::{Beginning, begin};
use healthcode_core::scan::{Brackets, find_not_space};
use healthcode_core::{Detail, Issue, Root, Rule, rules};
use std::collections::VecDeque;
use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::sync::Arc;

/// How much is read at a time.
const CHUNK: usize = 128 * 1024;

/// A window over the bytes of a reader.
pub(crate) struct Source<R> {
    reader: R,
    buffer: Buffer,
    /// The first byte of the buffer that has not been taken.
    start: usize,
    ended: bool,
    /// Where in the buffer, at or before `start`, lines and columns have been counted up to.
    counted: usize,
    /// Where `counted` is in the whole input.
    base: Base,
    limit: usize,
}

impl<R: Read> Source<R> {
    pub(crate) fn new(reader: R, limit: usize) -> Self {
        Source {
            reader,
            buffer: Buffer::new(),
            start: 0,
            ended: false,
            counted: 0,
            base: Base::default(),
            limit,
        }
    }

    /// What is in the buffer and not taken.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.buffer.bytes()[self.start..]
    }

    /// What has been taken, while nothing has been read after it.
    pub(crate) fn taken(&self, range: &Range<usize>) -> &[u8] {
        self.buffer.bytes().get(range.clone()).unwrap_or_default()
    }

    /// What has been taken, to be kept: later bytes go to a buffer of their own.
    pub(crate) fn keep(&self, range: Range<usize>) -> Kept {
        Kept {
            content: self.buffer.content.clone(),
            range,
        }
    }

    /// As [`Source::taken`], if it is known to be UTF-8.
    pub(crate) fn taken_text(&self, range: &Range<usize>) -> Option<&str> {
        self.buffer.text()?.get(range.clone())
    }

    /// Where the next byte is in the whole input.
    pub(crate) fn base(&mut self) -> &Base {
        self.base_at(self.start)
    }

    /// Where a byte of the buffer is in the whole input; it must not be before one that was
    /// in an earlier call.
    pub(crate) fn base_at(&mut self, at: usize) -> &Base {
        debug_assert!(self.counted <= at, "counted past {at}");
        let between = self
            .buffer
            .bytes()
            .get(self.counted..at)
            .unwrap_or_default();
        self.base.advance(between);
        self.counted += between.len();
        &self.base
    }

    /// Gets more bytes; false at the end of the input.
    pub(crate) fn fill(&mut self) -> Result<bool, Error> {
        if self.ended {
            return Ok(false);
        }
        if self.start > 0 {
            self.base_at(self.start);
            self.counted = 0;
            self.buffer.forget(self.start);
            self.start = 0;
        }
        if self.rest().len() > self.limit {
            return Err(self.fault(&rules::JSON_SIZE, self.limit));
        }
        self.ended = !self.buffer.fill(&mut self.reader)?;
        Ok(!self.ended)
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

    /// Passes white space over and returns the next byte; `None` at the end.
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
    pub(crate) fn begin<T: Root>(&self, options: &ReadOptions) -> Option<Beginning<T>> {
        begin(self.buffer.text()?.get(self.start..)?, options)
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
        let bytes = self.buffer.bytes();
        let at = bytes.len().min(self.start + ahead);
        base.advance(bytes.get(self.counted..at).unwrap_or_default());
        issue.position = Some(base.position());
        Error::Json(JsonError::new(issue))
    }
}

/// Bytes that were read and not yet forgotten.
struct Buffer {
    content: Content,
    /// The chunk that was read last; between chunks, the beginning of a character that it cut.
    chunk: Box<[u8]>,
    pending: usize,
    used: Used,
}

/// A part of a buffer that was kept, or all of it.
#[derive(Clone)]
enum Content {
    /// All of it is UTF-8, which is checked as it comes.
    Text(Arc<String>),
    /// Something was not: what follows may be, but is checked when it is read.
    Bytes(Arc<Vec<u8>>),
}

impl Default for Content {
    fn default() -> Self {
        Content::Text(Arc::default())
    }
}

impl Content {
    fn bytes(&self) -> &[u8] {
        match self {
            Content::Text(text) => text.as_bytes(),
            Content::Bytes(bytes) => bytes,
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Content::Text(text) => Some(text),
            Content::Bytes(_) => None,
        }
    }
}

/// Bytes that are kept beyond the next ones.
pub(super) struct Kept {
    content: Content,
    range: Range<usize>,
}

impl Kept {
    pub(super) fn bytes(&self) -> &[u8] {
        self.content
            .bytes()
            .get(self.range.clone())
            .unwrap_or_default()
    }

    /// The text, if it is known to be UTF-8.
    pub(super) fn text(&self) -> Option<&str> {
        self.content.text()?.get(self.range.clone())
    }
}

/// Texts that were kept, whose memory is used again once they are not.
#[derive(Default)]
struct Used(VecDeque<Arc<String>>);

impl Used {
    /// How many are remembered, and how large they may be.
    const MOST: usize = 16;
    const LARGEST: usize = 4 * CHUNK;

    /// A text that can be changed: the same one if nobody else keeps it, else a copy. Its first `from` bytes are dropped.
    fn own<'t>(&mut self, text: &'t mut Arc<String>, from: usize) -> &'t mut String {
        if Arc::get_mut(text).is_none() {
            // The one that was used last is the likeliest to be in the cache still.
            let free = self
                .0
                .iter_mut()
                .rposition(|one| Arc::get_mut(one).is_some());
            let mut copy = free.and_then(|at| self.0.remove(at)).unwrap_or_default();
            let own = Arc::make_mut(&mut copy);
            own.clear();
            let rest = text.get(from..).unwrap_or_default();
            own.reserve(rest.len() + CHUNK);
            own.push_str(rest);
            let used = std::mem::replace(text, copy);
            if used.capacity() <= Used::LARGEST {
                self.0.push_back(used);
                self.0.truncate(Used::MOST);
            }
            return Arc::make_mut(text);
        }
        let own = Arc::make_mut(text);
        own.drain(..from);
        own
    }
}

impl Buffer {
    fn new() -> Self {
        Buffer {
            content: Content::default(),
            chunk: vec![0; CHUNK].into(),
            pending: 0,
            used: Used::default(),
        }
    }

    fn bytes(&self) -> &[u8] {
        self.content.bytes()
    }

    fn text(&self) -> Option<&str> {
        self.content.text()
    }

    /// Drops the first `count` bytes.
    fn forget(&mut self, count: usize) {
        if let Content::Text(text) = &mut self.content
            && text.is_char_boundary(count)
        {
            self.used.own(text, count);
        } else {
            self.change_bytes(|bytes| drop(bytes.drain(..count)));
        }
    }

    /// Changes the content to something that may not be UTF-8.
    fn change_bytes(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = match std::mem::take(&mut self.content) {
            Content::Text(text) => Arc::unwrap_or_clone(text).into_bytes(),
            Content::Bytes(bytes) => Arc::unwrap_or_clone(bytes),
        };
        change(&mut bytes);
        self.content = Content::Bytes(Arc::new(bytes));
    }

    /// Gets more; false at the end of the input.
    fn fill(&mut self, reader: &mut impl Read) -> Result<bool, Error> {
        let count = loop {
            match reader.read(&mut self.chunk[self.pending..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
                Ok(count) => break count,
            }
        };
        let length = self.pending + count;
        let chunk = &self.chunk[..length];
        self.pending = 0;
        if let Content::Text(text) = &mut self.content {
            let text = self.used.own(text, 0);
            match simdutf8::compat::from_utf8(chunk) {
                Ok(chunk) => {
                    text.push_str(chunk);
                    return Ok(length > 0);
                }
                Err(error) if error.error_len().is_none() && count > 0 => {
                    let (valid, cut) = chunk.split_at(error.valid_up_to());
                    text.push_str(simdutf8::basic::from_utf8(valid).unwrap_or_default());
                    self.pending = cut.len();
                    self.chunk.copy_within(length - self.pending..length, 0);
                    return Ok(true);
                }
                Err(_) => {}
            }
        }
        let chunk = std::mem::take(&mut self.chunk);
        self.change_bytes(|bytes| bytes.extend_from_slice(&chunk[..length]));
        self.chunk = chunk;
        Ok(length > 0)
    }
}

/// How far into a value a scan has come.
#[derive(Default)]
struct Scan {
    /// The object or array that the value is.
    brackets: Option<Brackets>,
    in_string: bool,
    started: bool,
}

impl Scan {
    /// Whether the value is, so far, a number or a word.
    fn is_scalar(&self) -> bool {
        self.started && self.brackets.is_none() && !self.in_string
    }

    /// Goes on from `at`; returns the end of the value if it is in `bytes`.
    fn advance(&mut self, bytes: &[u8], at: &mut usize) -> Option<usize> {
        if let Some(brackets) = &mut self.brackets {
            return brackets.close(bytes, at);
        }
        while *at < bytes.len() {
            if self.in_string {
                match memchr::memchr2(b'"', b'\\', &bytes[*at..]) {
                    None => {
                        *at = bytes.len();
                        return None;
                    }
                    Some(ahead) if bytes[*at + ahead] == b'"' => return Some(*at + ahead + 1),
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
                // A word or number that runs into a string, an object or an array ends there.
                b'"' | b'{' | b'[' if self.started => return Some(*at),
                b'"' => self.in_string = true,
                b'{' | b'[' => {
                    *at += 1;
                    return self.brackets.insert(Brackets::new()).close(bytes, at);
                }
                b'}' | b']' | b',' | b' ' | b'\n' | b'\r' | b'\t' => return Some(*at),
                _ => {}
            }
            self.started = true;
            *at += 1;
        }
        None
    }
}
