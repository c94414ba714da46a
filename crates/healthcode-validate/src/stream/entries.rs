//! [`Entries`]: a Bundle of either syntax, an entry at a time.

use crate::bundle::{BundleChecker, EntryText};
use healthcode_core::{Checked, Issue, Position, ReadOptions, Root};
use healthcode_json::stream::Error;
use healthcode_r4::{Bundle, BundleEntry, Meta};
use std::io::Read;

/// An entry that was cut out of a Bundle, to be read on another thread.
pub(super) trait Piece: Send {
    fn text(&self) -> &[u8];
    fn position(&self) -> Position;
    fn read<T: Root>(&self, options: &ReadOptions) -> Result<Checked<T>, healthcode_json::Error>;
    /// The position of the string with this content, if that is easy to find.
    fn find(&self, content: &str) -> Option<Position>;
    fn locate(&self, issues: &mut [Issue], excerpts: bool);
}

/// A syntax of Bundles.
pub(super) trait Syntax {
    type Piece: Piece;
    type Entries<'r>: Entries<Piece = Self::Piece>;

    /// A checker of Bundles in it.
    fn checker() -> BundleChecker;

    fn begin(reader: &mut dyn Read, options: ReadOptions) -> Self::Entries<'_>;
}

/// The entries of a Bundle, and then the text around them.
pub(super) trait Entries: Sized {
    type Piece: Piece;

    /// The Bundle's metadata and type, where these come before what has been read of it.
    fn head(&self) -> (Option<Meta>, Option<String>);
    /// Takes the next entry without reading it.
    fn cut(&mut self) -> Option<Result<Self::Piece, Error>>;
    /// Reads the next entry.
    fn read_next(&mut self) -> Option<Result<Checked<BundleEntry>, Error>>;
    /// The bytes of the entry that was read last.
    fn last_entry(&self) -> &[u8];
    fn last_entry_position(&mut self) -> Position;
    /// The position of the string with this content in it, if that is easy to find.
    fn find_in_last_entry(&mut self, content: &str) -> Option<Position>;
    fn locate_in_last_entry(&mut self, issues: &mut [Issue], excerpts: bool);
    fn finish_with(
        self,
        check: impl FnOnce(&Bundle) -> Vec<Issue>,
        excerpts: bool,
    ) -> Result<Checked<Bundle>, Error>;
}

/// The last entry of a [`BundleChecker`], read from a Bundle.
pub(super) struct LastEntry<'e, E>(pub(super) &'e mut E);

impl<E: Entries> EntryText for LastEntry<'_, E> {
    fn position(&mut self) -> Position {
        self.0.last_entry_position()
    }
    fn find(&mut self, content: &str) -> Option<Position> {
        self.0.find_in_last_entry(content)
    }
    fn locate(&mut self, issues: &mut [Issue]) {
        self.0.locate_in_last_entry(issues, false);
    }
}

impl<P: Piece> EntryText for &P {
    fn position(&mut self) -> Position {
        Piece::position(*self)
    }
    fn find(&mut self, content: &str) -> Option<Position> {
        Piece::find(*self, content)
    }
    fn locate(&mut self, issues: &mut [Issue]) {
        Piece::locate(*self, issues, false);
    }
}

macro_rules! piece {
    ($name:ty, $find:expr) => {
        impl Piece for $name {
            fn text(&self) -> &[u8] {
                self.text()
            }
            fn position(&self) -> Position {
                self.position()
            }
            fn read<T: Root>(
                &self,
                options: &ReadOptions,
            ) -> Result<Checked<T>, healthcode_json::Error> {
                self.read(options)
            }
            fn find(&self, content: &str) -> Option<Position> {
                $find(self, content)
            }
            fn locate(&self, issues: &mut [Issue], excerpts: bool) {
                self.locate(issues, excerpts);
            }
        }
    };
}

piece!(
    healthcode_json::stream::Piece,
    healthcode_json::stream::Piece::find
);
// Issues in XML have an XPath, which takes going through the entry.
piece!(healthcode_xml::stream::Piece, |_, _| None);

/// JSON.
pub(super) struct Json;

type JsonEntries<'r> = healthcode_json::stream::BundleReader<&'r mut dyn Read, BundleEntry>;

impl Syntax for Json {
    type Piece = healthcode_json::stream::Piece;
    type Entries<'r> = JsonEntries<'r>;

    fn checker() -> BundleChecker {
        BundleChecker::new()
    }

    fn begin(reader: &mut dyn Read, options: ReadOptions) -> Self::Entries<'_> {
        JsonEntries::new(reader, options)
    }
}

impl Entries for JsonEntries<'_> {
    type Piece = healthcode_json::stream::Piece;

    fn head(&self) -> (Option<Meta>, Option<String>) {
        let meta = self.member_before("meta");
        let meta = meta.and_then(|json| healthcode_json::from_slice(json).ok());
        let code = self.member_before("type").map(String::from_utf8_lossy);
        let code = code.map(|code| code.trim_matches('"').to_owned());
        (meta.map(Checked::into_value), code)
    }
    fn cut(&mut self) -> Option<Result<Self::Piece, Error>> {
        self.cut()
    }
    fn read_next(&mut self) -> Option<Result<Checked<BundleEntry>, Error>> {
        self.next()
    }
    fn last_entry(&self) -> &[u8] {
        self.last_entry()
    }
    fn last_entry_position(&mut self) -> Position {
        self.last_entry_position()
    }
    fn find_in_last_entry(&mut self, content: &str) -> Option<Position> {
        self.find_in_last_entry(content)
    }
    fn locate_in_last_entry(&mut self, issues: &mut [Issue], excerpts: bool) {
        self.locate_in_last_entry(issues, excerpts);
    }
    fn finish_with(
        self,
        check: impl FnOnce(&Bundle) -> Vec<Issue>,
        excerpts: bool,
    ) -> Result<Checked<Bundle>, Error> {
        self.finish_with(check, excerpts)
    }
}

/// XML.
pub(super) struct Xml;

impl Syntax for Xml {
    type Piece = healthcode_xml::stream::Piece;
    type Entries<'r> = XmlEntries<'r>;

    fn checker() -> BundleChecker {
        BundleChecker::new().in_xml()
    }

    fn begin(reader: &mut dyn Read, options: ReadOptions) -> Self::Entries<'_> {
        XmlEntries {
            reader: healthcode_xml::stream::BundleReader::new(reader, options),
            options,
            last: None,
        }
    }
}

/// The entries of a Bundle in XML, and the one that was read last.
pub(super) struct XmlEntries<'r> {
    reader: healthcode_xml::stream::BundleReader<&'r mut dyn Read>,
    options: ReadOptions,
    last: Option<healthcode_xml::stream::Piece>,
}

impl Entries for XmlEntries<'_> {
    type Piece = healthcode_xml::stream::Piece;

    fn head(&self) -> (Option<Meta>, Option<String>) {
        let Some(bundle) = self.reader.before::<Bundle>() else {
            return (None, None);
        };
        let code = bundle.type_.as_str().map(str::to_owned);
        (bundle.meta.map(|meta| *meta), code)
    }
    fn cut(&mut self) -> Option<Result<Self::Piece, Error>> {
        self.reader.cut()
    }
    fn read_next(&mut self) -> Option<Result<Checked<BundleEntry>, Error>> {
        self.last = None;
        match self.reader.cut()? {
            Err(error) => Some(Err(error)),
            Ok(piece) => {
                let read = piece.read(&self.options).map_err(Error::from);
                self.last = Some(piece);
                Some(read)
            }
        }
    }
    fn last_entry(&self) -> &[u8] {
        self.last.as_ref().map_or(&[], |piece| piece.text())
    }
    fn last_entry_position(&mut self) -> Position {
        let position = self
            .last
            .as_ref()
            .map(healthcode_xml::stream::Piece::position);
        position.unwrap_or(Position::new(0, 1, 1))
    }
    fn find_in_last_entry(&mut self, _: &str) -> Option<Position> {
        None
    }
    fn locate_in_last_entry(&mut self, issues: &mut [Issue], excerpts: bool) {
        if let Some(piece) = &self.last {
            piece.locate(issues, excerpts);
        }
    }
    fn finish_with(
        self,
        check: impl FnOnce(&Bundle) -> Vec<Issue>,
        excerpts: bool,
    ) -> Result<Checked<Bundle>, Error> {
        self.reader.finish_with(check, excerpts)
    }
}
