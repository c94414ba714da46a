//! [`NdjsonReader`]: resources, one a line.

use super::source::Source;
use super::{Error, Piece};
use crate::locate::is_type;
use crate::read::{read_at, read_clean, utf8};
use crate::{Checked, ReadOptions};
use healthcode_core::{Issue, Path, Root, rules};
use std::io;
use std::marker::PhantomData;
use std::ops::Range;

/// Reads newline-delimited JSON, a resource at a time, in memory for the longest line.
///
/// Blank lines are passed over. A line that is not JSON is an error for that line alone; reading
/// goes on with the next. Positions are those of the whole text.
///
/// ```
/// use healthcode_core::UnknownResource;
/// use healthcode_json::stream::NdjsonReader;
/// let text = b"{\"resourceType\":\"A\"}\n{\"resourceType\":\"B\"}\n";
/// let reader = NdjsonReader::<_, UnknownResource>::new(&text[..], Default::default());
/// let types: Vec<_> = reader.map(|read| read.unwrap().value.resource_type()).collect();
/// assert_eq!(types, [Some("A".into()), Some("B".into())]);
/// ```
#[allow(
    missing_debug_implementations,
    reason = "holds a buffer of patient data"
)]
pub struct NdjsonReader<R, T> {
    source: Source<R>,
    options: ReadOptions,
    started: bool,
    failed: bool,
    /// The line that was read last, in the source's buffer.
    line: Range<usize>,
    value: PhantomData<fn() -> T>,
}

impl<R: io::Read, T: Root> NdjsonReader<R, T> {
    /// A reader of lines.
    pub fn new(reader: R, options: ReadOptions) -> Self {
        NdjsonReader {
            source: Source::new(reader, options.size_limit()),
            options,
            started: false,
            failed: false,
            line: 0..0,
            value: PhantomData,
        }
    }

    /// The bytes of the line that was read last.
    #[must_use]
    pub fn last_line(&self) -> &[u8] {
        self.source.taken(&self.line)
    }

    /// Finds positions in the line that was read last for issues of its resource.
    pub fn locate_in_last_line(&mut self, issues: &mut [Issue], excerpts: bool) {
        if self.line.is_empty() || issues.is_empty() {
            return;
        }
        let base = self.source.base_at(self.line.start).clone();
        if let Ok(text) = simdutf8::basic::from_utf8(self.last_line()) {
            crate::locate::locate_from(text, &base, issues, excerpts);
        }
    }

    /// Takes the next line without reading it. After an error, no line follows.
    pub fn cut(&mut self) -> Option<Result<Piece, Error>> {
        if let Err(error) = self.next_line()? {
            return Some(Err(error));
        }
        let base = self.source.base_at(self.line.start).clone();
        let text = self.source.keep(self.line.clone());
        Some(Ok(Piece::new(text, base, None)))
    }

    /// Takes the next line; `None` at the end, and after an error.
    fn next_line(&mut self) -> Option<Result<(), Error>> {
        if self.failed {
            return None;
        }
        match self.take_line() {
            Err(error) => {
                self.line = 0..0;
                self.failed = true;
                Some(Err(error))
            }
            Ok(taken) => taken.then_some(Ok(())),
        }
    }

    /// Takes the next line that is not blank; false at the end.
    fn take_line(&mut self) -> Result<bool, Error> {
        if !self.started {
            self.started = true;
            self.source.take_bom()?;
        }
        if self.source.peek()?.is_none() {
            return Ok(false);
        }
        let mut scanned = 0;
        let length = loop {
            let rest = self.source.rest();
            if let Some(ahead) = memchr::memchr(b'\n', &rest[scanned..]) {
                break scanned + ahead;
            }
            scanned = rest.len();
            if scanned > self.options.size_limit() {
                return Err(self
                    .source
                    .fault(&rules::JSON_SIZE, self.options.size_limit()));
            }
            if !self.source.fill()? {
                break scanned;
            }
        };
        self.line = self.source.take(length);
        Ok(true)
    }
}

impl<R: io::Read, T: Root> Iterator for NdjsonReader<R, T> {
    type Item = Result<Checked<T>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Err(error) = self.next_line()? {
            return Some(Err(error));
        }
        // Lines and columns are counted when they are wanted.
        if let Some(text) = self.source.taken_text(&self.line)
            && let Some(value) = read_clean(text, &self.options)
        {
            return Some(Ok(Checked::new(value, Vec::new())));
        }
        let base = self.source.base_at(self.line.start).clone();
        let text = utf8(self.last_line(), &base, is_type::<T>, &self.options);
        let read = |text: &str| read_at(text, &base, &Path::root(""), &self.options);
        Some(text.and_then(read).map_err(Error::from))
    }
}
