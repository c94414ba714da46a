//! [`Piece`]: a part of a stream, to be read elsewhere.

use super::source::Kept;
use crate::error::Error;
use crate::locate::{Base, is_type, locate_from, only_string};
use crate::read::{read_at, read_clean, read_wanted, utf8};
use crate::{Checked, ReadOptions, Wanted};
use healthcode_core::{Issue, Path, Position, Root};

/// An entry or a line that was cut out of a stream and not read yet: it can go to another thread.
///
/// ```
/// use healthcode_core::UnknownResource;
/// use healthcode_json::{ReadOptions, stream::NdjsonReader};
/// let text = b"{\"resourceType\":\"A\"}\n{\"resourceType\":\"B\"}\n";
/// let mut reader = NdjsonReader::<_, UnknownResource>::new(&text[..], ReadOptions::new());
/// let mut pieces = Vec::new();
/// while let Some(piece) = reader.cut() {
///     pieces.push(piece?);
/// }
/// assert_eq!(pieces[1].position().line, 2);
/// let read = pieces[1].read::<UnknownResource>(&ReadOptions::new())?;
/// assert_eq!(read.value.resource_type().as_deref(), Some("B"));
/// # Ok::<(), healthcode_json::stream::Error>(())
/// ```
#[allow(missing_debug_implementations, reason = "holds patient data")]
pub struct Piece {
    text: Kept,
    /// Without the pointer.
    base: Base,
    /// The number of the entry, if it is one.
    entry: Option<usize>,
}

impl Piece {
    pub(super) fn new(text: Kept, base: Base, entry: Option<usize>) -> Self {
        Piece { text, base, entry }
    }

    fn base(&self) -> Base {
        let mut base = self.base.clone();
        if let Some(index) = self.entry {
            base.pointer = format!("/entry/{index}");
        }
        base
    }

    /// Its bytes.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        self.text.bytes()
    }

    /// Where it starts in the whole text.
    #[must_use]
    pub fn position(&self) -> Position {
        self.base.position()
    }

    /// Reads it as its stream would have: positions are those of the whole text.
    ///
    /// # Errors
    /// If it is not UTF-8 or not JSON, or names another resource type than `T`.
    pub fn read<T: Root>(&self, options: &ReadOptions) -> Result<Checked<T>, Error> {
        if let Some(text) = self.text.text()
            && let Some(value) = read_clean(text, options)
        {
            return Ok(Checked::new(value, Vec::new()));
        }
        let base = self.base();
        let text = match self.text.text() {
            Some(text) => text,
            None => utf8(self.text(), &base, is_type::<T>, options)?,
        };
        let path = self.entry.map(|index| format!("Bundle.entry[{index}]"));
        let path = path.as_deref().unwrap_or_default();
        read_at(text, &base, &Path::with_root(path, &base.pointer), options)
    }

    /// The position of the string with this content. `None` also if this shows only when going through the
    /// piece, as where it has several such strings.
    #[must_use]
    pub fn find(&self, content: &str) -> Option<Position> {
        only_string(self.text(), &self.base, content)
    }

    /// Reads what is wanted of it, without looking for what is wrong with it.
    ///
    /// # Errors
    /// As [`Piece::read`].
    pub fn read_wanted<T: Root>(&self, options: &ReadOptions, wanted: &Wanted) -> Result<T, Error> {
        read_wanted(self.text(), &self.base, options, wanted)
    }

    /// Finds positions for issues of it, whose pointers are those of the whole text for an entry, and
    /// of the resource for a line.
    pub fn locate(&self, issues: &mut [Issue], excerpts: bool) {
        if !issues.is_empty()
            && let Ok(text) = simdutf8::basic::from_utf8(self.text())
        {
            locate_from(text, &self.base(), issues, excerpts);
        }
    }
}
