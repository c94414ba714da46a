//! [`BundleReader`]: the entries of a Bundle, one at a time.

use super::source::Source;
use super::{Error, Piece};
use crate::locate::{Base, is_type, only_string};
use crate::read::{read_at, utf8, with_issues};
use crate::{Checked, ReadOptions, issues_of};
use healthcode_core::{Detail, Issue, Path, Position, Root, rules};
use std::io;
use std::marker::PhantomData;
use std::ops::Range;

/// Reads a Bundle an entry at a time, in memory for the largest entry.
///
/// `E` is a version's `BundleEntry`. Iterating yields the entries; [`BundleReader::finish`] then
/// returns what is around them. Positions are those of the whole text. An entry whose brackets
/// match but that is not JSON is an error for that entry alone.
///
/// ```
/// use healthcode_core::UnknownResource;
/// use healthcode_json::stream::BundleReader;
/// let text = br#"{"resourceType":"Bundle","entry":[{"resourceType":"A"},{"resourceType":"B"}],"total":2}"#;
/// // Entries are read as resources here for want of a model; use `healthcode_r4::BundleEntry`.
/// let mut reader = BundleReader::<_, UnknownResource>::new(&text[..], Default::default());
/// assert_eq!(reader.by_ref().count(), 2);
/// let bundle = reader.finish::<UnknownResource>()?;
/// assert_eq!(bundle.value.get("total"), Some("2"));
/// # Ok::<(), healthcode_json::stream::Error>(())
/// ```
#[allow(
    missing_debug_implementations,
    reason = "holds a buffer of patient data"
)]
pub struct BundleReader<R, E> {
    source: Source<R>,
    options: ReadOptions,
    state: State,
    index: usize,
    /// The members around the entries, as they are written, and where: a name with its colon, its value,
    /// and so on.
    members: Vec<(Vec<u8>, Base)>,
    /// Where the Bundle's object starts.
    start: Base,
    issues: Vec<Issue>,
    /// The entry that was read last, in the source's buffer.
    entry: Range<usize>,
    value: PhantomData<fn() -> E>,
}

enum State {
    Before,
    /// A member may follow; `true` if one came before.
    Members(bool),
    /// An entry may follow; `true` if one came before.
    Entries(bool),
    Done,
    Failed,
}

impl<R: io::Read, E: Root> BundleReader<R, E> {
    /// A reader of the Bundle that `reader` returns. Entries, and each other member, may have
    /// [`ReadOptions::max_size`] bytes.
    pub fn new(reader: R, options: ReadOptions) -> Self {
        BundleReader {
            source: Source::new(reader, options.size_limit()),
            options,
            state: State::Before,
            index: 0,
            members: Vec::new(),
            start: Base::default(),
            issues: Vec::new(),
            entry: 0..0,
            value: PhantomData,
        }
    }

    /// How many entries have been read.
    #[must_use]
    pub fn entry_count(&self) -> usize {
        self.index
    }

    /// The bytes of the entry that was read last.
    #[must_use]
    pub fn last_entry(&self) -> &[u8] {
        self.source.taken(&self.entry)
    }

    /// Finds positions in the entry that was read last for issues whose pointers are those of the
    /// whole Bundle, as `/entry/7/resource/birthDate`.
    pub fn locate_in_last_entry(&mut self, issues: &mut [Issue], excerpts: bool) {
        if self.index == 0 || issues.is_empty() {
            return;
        }
        let base = self.entry_base(self.index - 1);
        if let Ok(text) = simdutf8::basic::from_utf8(self.last_entry()) {
            crate::locate::locate_from(text, &base, issues, excerpts);
        }
    }

    /// The position of the string with this content in the entry that was read last. `None` also if this
    /// shows only when going through the entry, as where it has several such strings.
    pub fn find_in_last_entry(&mut self, content: &str) -> Option<Position> {
        let base = self.source.base_at(self.entry.start).clone();
        only_string(self.last_entry(), &base, content)
    }

    /// Where the entry that was read last starts.
    pub fn last_entry_position(&mut self) -> Position {
        self.source.base_at(self.entry.start).position()
    }

    /// The JSON text of a member of the Bundle, if it came before what has been read of it.
    #[must_use]
    pub fn member_before(&self, name: &str) -> Option<&[u8]> {
        let is_it = |pair: &&[(Vec<u8>, Base)]| {
            let key = pair.first().map_or(&b""[..], |(key, _)| key);
            key.strip_prefix(b"\"")
                .and_then(|key| key.strip_suffix(b"\":"))
                == Some(name.as_bytes())
        };
        let pair = self.members.chunks(2).find(is_it)?;
        pair.get(1).map(|(value, _)| &value[..])
    }

    /// Takes the next entry without reading it. After an error, no entry follows.
    pub fn cut(&mut self) -> Option<Result<Piece, Error>> {
        self.entry = 0..0;
        let piece = match self.advance() {
            Ok(false) => return None,
            Ok(true) => self.cut_entry(),
            Err(error) => Err(error),
        };
        if piece.is_err() {
            self.state = State::Failed;
        }
        Some(piece)
    }

    fn cut_entry(&mut self) -> Result<Piece, Error> {
        let index = self.index;
        self.index += 1;
        self.source.peek()?;
        let length = self.source.value()?;
        self.entry = self.source.take(length);
        let base = self.source.base_at(self.entry.start).clone();
        let text = self.source.keep(self.entry.clone());
        Ok(Piece::new(text, base, Some(index)))
    }

    /// Where the entry that was read last is, and its pointer.
    fn entry_base(&mut self, index: usize) -> Base {
        let mut base = self.source.base_at(self.entry.start).clone();
        base.pointer = format!("/entry/{index}");
        base
    }

    /// Goes to the next entry; false at the end.
    fn advance(&mut self) -> Result<bool, Error> {
        loop {
            match self.state {
                State::Before => {
                    if self.source.take_bom()? {
                        let path = Path::root("Bundle");
                        let mut issue = Issue::new(&rules::JSON_BOM, &path, Detail::None);
                        issue.position = Some(Position::new(0, 1, 1));
                        self.issues.push(issue);
                    }
                    self.source.peek()?;
                    self.start = self.source.base().clone();
                    self.source.expect(b'{')?;
                    self.state = State::Members(false);
                }
                State::Members(before) => {
                    if !self.member(before)? {
                        return Ok(false);
                    }
                }
                State::Entries(before) => {
                    if self.source.peek()? == Some(b']') {
                        self.source.take(1);
                        self.state = State::Members(true);
                        continue;
                    }
                    if before {
                        self.source.expect(b',')?;
                        self.source.peek()?;
                    }
                    self.state = State::Entries(true);
                    return Ok(true);
                }
                State::Done | State::Failed => return Ok(false),
            }
        }
    }

    /// Reads a member, up to the first entry if it is that; false at the end of the Bundle.
    fn member(&mut self, before: bool) -> Result<bool, Error> {
        if self.source.peek()? == Some(b'}') {
            self.source.take(1);
            self.state = State::Done;
            if self.source.peek()?.is_some() {
                return Err(self.source.fault(&rules::JSON_TRAILING, 0));
            }
            return Ok(false);
        }
        if before {
            self.source.expect(b',')?;
        }
        if self.source.peek()? != Some(b'"') {
            return Err(self.source.fault(&rules::JSON_SYNTAX, 0));
        }
        let base = self.source.base().clone();
        let name = self.take_value()?;
        let entries = name == b"\"entry\"";
        self.source.expect(b':')?;
        self.source.peek()?;
        let has_entries = self.source.rest().first() == Some(&b'[') && {
            while self.source.rest().len() < 2 && self.source.fill()? {}
            true
        };
        if entries && has_entries && self.index == 0 {
            let value_base = self.source.base().clone();
            self.source.take(1);
            if self.source.peek()? == Some(b']') {
                self.source.take(1);
                self.members.push((b"\"entry\":".to_vec(), base));
                self.members.push((b"[]".to_vec(), value_base));
                self.state = State::Members(true);
            } else {
                self.state = State::Entries(false);
            }
            return Ok(true);
        }
        if entries && self.index > 0 {
            let path = Path::root("Bundle");
            let place = path.child(healthcode_core::Step::field("entry"));
            let mut issue = Issue::new(&rules::JSON_REPEATED_NAME, &place, Detail::None);
            issue.occurrence = 1;
            issue.position = Some(base.position());
            self.issues.push(issue);
            self.take_value()?;
        } else {
            let mut text = name;
            text.push(b':');
            self.members.push((text, base));
            let base = self.source.base().clone();
            let value = self.take_value()?;
            self.members.push((value, base));
        }
        self.state = State::Members(true);
        Ok(true)
    }

    fn take_value(&mut self) -> Result<Vec<u8>, Error> {
        let length = self.source.value()?;
        let value = self.source.take(length);
        Ok(self.source.taken(&value).to_vec())
    }

    fn read_entry(&mut self) -> Result<Checked<E>, Error> {
        let index = self.index;
        self.index += 1;
        self.source.peek()?;
        if let Some(read) = self.source.begin(&self.options) {
            self.entry = self.source.take(read.length);
            if !read.defects {
                return Ok(Checked::new(read.value, Vec::new()));
            }
            return self.in_entry(index, |text, base, path, options| {
                with_issues(read.value, text, base, path, options)
            });
        }
        // It is only partly there, or not as it should be: find its end by its brackets.
        let length = self.source.value()?;
        self.entry = self.source.take(length);
        self.in_entry(index, read_at)
    }

    /// Has `read` look at the text of the entry that has been taken.
    fn in_entry(
        &mut self,
        index: usize,
        read: impl FnOnce(&str, &Base, &Path<'_>, &ReadOptions) -> Result<Checked<E>, crate::Error>,
    ) -> Result<Checked<E>, Error> {
        let base = self.entry_base(index);
        let text = if let Some(text) = self.source.taken_text(&self.entry) {
            text
        } else {
            let bytes = self.source.taken(&self.entry);
            utf8(bytes, &base, is_type::<E>, &self.options)?
        };
        let path = format!("Bundle.entry[{index}]");
        let path = Path::with_root(&path, &base.pointer);
        Ok(read(text, &base, &path, &self.options)?)
    }

    /// Reads what is left of the text and returns the Bundle without its entries: a version's
    /// `Bundle`. Entries that have not been read are passed over unread.
    ///
    /// # Errors
    /// If the bytes cannot be got, or the text around the entries is not JSON.
    pub fn finish<B: Root>(self) -> Result<Checked<B>, Error> {
        self.finish_with(|bundle| issues_of(bundle), false)
    }

    /// As [`BundleReader::finish`], with other issues than those of reading: those that `check`
    /// finds in the Bundle without its entries, each of which gets its position.
    ///
    /// # Errors
    /// As [`BundleReader::finish`].
    pub fn finish_with<B: Root>(
        mut self,
        check: impl FnOnce(&B) -> Vec<Issue>,
        excerpts: bool,
    ) -> Result<Checked<B>, Error> {
        while self.advance()? {
            self.source.peek()?;
            let length = self.source.value()?;
            self.source.take(length);
            self.index += 1;
        }
        let mut text = String::from("{");
        let mut starts = Vec::new();
        for (index, (member, base)) in self.members.iter().enumerate() {
            if index > 0 && index % 2 == 0 {
                text.push(',');
            }
            starts.push((text.len(), base));
            text.push_str(utf8(member, base, is_type::<B>, &self.options)?);
        }
        text.push('}');
        let options = self.options.strict(false);
        let read = read_at::<B>(&text, &Base::default(), &Path::root(""), &options);
        let mut read = match read {
            Ok(read) => read,
            Err(error) => {
                let mut issue = error.into_issue();
                relocate(&mut issue, &text, &starts, &self.start);
                return Err(crate::Error::new(issue).into());
            }
        };
        read.issues = check(&read.value);
        crate::locate::locate_from(&text, &Base::default(), &mut read.issues, excerpts);
        for issue in &mut read.issues {
            relocate(issue, &text, &starts, &self.start);
        }
        let mut issues = self.issues;
        issues.append(&mut read.issues);
        if self.options.is_strict()
            && let Some(first) = issues.iter().position(|issue| issue.severity.is_error())
        {
            return Err(crate::Error::new(issues.swap_remove(first)).into());
        }
        Ok(Checked::new(read.value, issues))
    }
}

/// Turns a position in the text that is put together of members into one in the whole text.
fn relocate(issue: &mut Issue, text: &str, starts: &[(usize, &Base)], bundle: &Base) {
    let Some(position) = issue.position else {
        return;
    };
    let offset = position.offset as usize;
    let member = starts.iter().rev().find(|(start, _)| *start <= offset);
    let (start, base) = match member {
        Some((start, base)) => (*start, *base),
        None => (0, bundle),
    };
    let mut base = base.clone();
    base.advance(&text.as_bytes()[start..offset.clamp(start, text.len())]);
    issue.position = Some(base.position());
}

impl<R: io::Read, E: Root> Iterator for BundleReader<R, E> {
    type Item = Result<Checked<E>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = match self.advance() {
            Ok(false) => return None,
            Ok(true) => {
                self.entry = 0..0;
                self.read_entry()
            }
            Err(error) => {
                self.entry = 0..0;
                Err(error)
            }
        };
        // After an entry that is not JSON the next one can still be found; a fault between the
        // entries, or of the input, ends the stream.
        if entry.is_err() && self.entry.is_empty() {
            self.state = State::Failed;
        }
        Some(entry)
    }
}
