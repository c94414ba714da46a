//! The resources of a stream in groups, for work other than validation: on several threads, with the results in
//! the order of the text.

use super::entries::{Entries, Json, Syntax, Xml};
use super::parallel::{Batches, Forwarding, Weight, in_order};
use super::{HEAD, read_up_to};
use healthcode_core::rules::JSON_TRUNCATED;
use healthcode_core::{Detail, Issue, Position, ReadOptions, Root};
use healthcode_json::Wanted;
use healthcode_json::stream::{Error, Kind, NdjsonReader, sniff};
use healthcode_r4::Bundle;
use std::cell::RefCell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

/// How many bytes make a group.
const GROUP_BYTES: usize = 256 * 1024;

/// A resource of a stream that was not read yet: a line, the entry of a Bundle, or a document.
#[allow(missing_debug_implementations, reason = "holds patient data")]
pub struct ResourceText(Content);

enum Content {
    Line(healthcode_json::stream::Piece),
    /// With its number.
    Entry(healthcode_json::stream::Piece, usize),
    XmlEntry(healthcode_xml::stream::Piece, usize),
    Document(Vec<u8>),
    Unread(Error),
}

impl ResourceText {
    /// Whether it is an entry of a Bundle, whose resource is in it.
    #[must_use]
    pub fn is_entry(&self) -> bool {
        matches!(self.0, Content::Entry(..) | Content::XmlEntry(..))
    }

    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Content::Line(piece) | Content::Entry(piece, _) => piece.text().len(),
            Content::XmlEntry(piece, _) => piece.text().len(),
            Content::Document(text) => text.len(),
            Content::Unread(_) => 0,
        }
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where it starts in the whole text.
    #[must_use]
    pub fn position(&self) -> Position {
        match &self.0 {
            Content::Line(piece) | Content::Entry(piece, _) => piece.position(),
            Content::XmlEntry(piece, _) => piece.position(),
            Content::Document(_) | Content::Unread(_) => Position::new(0, 1, 1),
        }
    }

    /// Reads what is wanted of it, or all of it if it is XML.
    ///
    /// # Errors
    /// If it is neither JSON nor XML.
    pub fn read<T: Root>(
        &self,
        options: &ReadOptions,
        wanted: &Wanted,
    ) -> Result<T, healthcode_json::Error> {
        match &self.0 {
            Content::Line(piece) | Content::Entry(piece, _) => piece.read_wanted(options, wanted),
            Content::XmlEntry(piece, _) => piece.read(options).map(|read| read.value),
            Content::Document(text) if healthcode_xml::is_xml(text) => {
                healthcode_xml::from_slice_with(text, options).map(|read| read.value)
            }
            Content::Document(text) => healthcode_json::from_slice_wanted(text, options, wanted),
            Content::Unread(error) => {
                let issue = match error {
                    Error::Json(error) => error.issue().clone(),
                    // `for_each_group` fails where the reader does.
                    _ => Issue::at(&JSON_TRUNCATED, String::new(), String::new(), Detail::None),
                };
                Err(healthcode_json::Error::new(issue))
            }
        }
    }

    /// Its pointer in the whole text; empty if it is not an entry.
    #[must_use]
    pub fn pointer(&self) -> String {
        match &self.0 {
            Content::Entry(_, index) | Content::XmlEntry(_, index) => format!("/entry/{index}"),
            _ => String::new(),
        }
    }

    /// Finds positions for issues of it, whose pointers begin with [`ResourceText::pointer`].
    pub fn locate(&self, issues: &mut [Issue]) {
        match &self.0 {
            Content::Line(piece) | Content::Entry(piece, _) => piece.locate(issues, false),
            Content::XmlEntry(piece, _) => piece.locate(issues, false),
            Content::Document(text) => healthcode_xml::either::locate(text, issues, false),
            Content::Unread(_) => {}
        }
    }
}

/// Resources that are processed together.
pub(super) struct Group(Vec<ResourceText>);

impl Weight for Group {
    fn bytes(&self) -> usize {
        self.0.iter().map(ResourceText::len).sum()
    }
}

/// Has `work` process the resources of `reader` in groups of some hundred kilobytes, on `threads` threads, the
/// calling one among them; `take` gets what comes of the groups, in the order of the text.
///
/// # Errors
/// If the reader fails, or `take` does. Text that cannot be read is no error: [`ResourceText::read`] says so.
pub fn for_each_group<T: Send>(
    mut reader: impl Read,
    kind: Option<Kind>,
    options: ReadOptions,
    threads: usize,
    work: &(impl Fn(&[ResourceText]) -> T + Sync),
    take: &mut (impl FnMut(T) -> io::Result<()> + Send),
) -> io::Result<()> {
    let mut head = Vec::new();
    reader.by_ref().take(HEAD).read_to_end(&mut head)?;
    let is_xml = healthcode_xml::is_xml(&head);
    let kind = match kind {
        _ if is_xml && healthcode_xml::stream::is_bundle(&head) => Kind::Bundle,
        _ if is_xml => Kind::Document,
        Some(kind) => kind,
        None => sniff(&head),
    };
    let mut reader = Cursor::new(head).chain(reader);
    if !matches!(kind, Kind::Bundle | Kind::Ndjson) {
        let text = read_up_to(&mut reader, options.size_limit() as u64)?;
        return take(work(&[ResourceText(Content::Document(text))]));
    }
    let reader: &mut dyn Read = &mut reader;
    if threads > 1 {
        let batches = Rc::new(Batches::default());
        let mut reader = Forwarding(reader, Rc::clone(&batches));
        let mut cut = cutter(&mut reader, kind, is_xml, options);
        let workers = (0..threads).map(|_| |_: usize, group: &Group| Ok(work(&group.0)));
        let mut take = |_: &Group, result: Result<T, Error>| match result {
            Ok(result) => take(result),
            Err(error) => Err(io::Error::other(error.to_string())),
        };
        let mut next = || next_group(&mut *cut);
        return match in_order(workers, &mut take, &mut next, &batches)? {
            None => Ok(()),
            Some(Error::Io(error)) => Err(error),
            Some(error) => Err(io::Error::other(error.to_string())),
        };
    }
    let mut cut = cutter(reader, kind, is_xml, options);
    while let Some(group) = next_group(&mut *cut) {
        match group {
            Ok(group) => take(work(&group.0))?,
            Err(Error::Io(error)) => return Err(error),
            Err(error) => return Err(io::Error::other(error.to_string())),
        }
    }
    Ok(())
}

/// Returns resources one after the other.
type Cut<'r> = Box<dyn FnMut() -> Option<ResourceText> + 'r>;

/// The next group; an error if the reader failed.
fn next_group(cut: &mut dyn FnMut() -> Option<ResourceText>) -> Option<Result<Group, Error>> {
    let mut group = Vec::new();
    let mut bytes = 0;
    while bytes < GROUP_BYTES {
        let Some(text) = cut() else {
            break;
        };
        if let Content::Unread(Error::Io(error)) = text.0 {
            return Some(Err(error.into()));
        }
        bytes += text.len() + 1;
        group.push(text);
    }
    (!group.is_empty()).then_some(Ok(Group(group)))
}

fn cutter(reader: &mut dyn Read, kind: Kind, is_xml: bool, options: ReadOptions) -> Cut<'_> {
    if kind == Kind::Ndjson {
        let mut lines = NdjsonReader::<_, Bundle>::new(reader, options);
        return Box::new(move || {
            Some(ResourceText(match lines.cut()? {
                Ok(piece) => Content::Line(piece),
                Err(error) => Content::Unread(error),
            }))
        });
    }
    if is_xml {
        entries::<Xml>(reader, options, Content::XmlEntry)
    } else {
        entries::<Json>(reader, options, Content::Entry)
    }
}

/// The entries of a Bundle, and why its text cannot be read further, if it cannot.
fn entries<'r, S: Syntax + 'r>(
    reader: &'r mut dyn Read,
    options: ReadOptions,
    content: fn(S::Piece, usize) -> Content,
) -> Cut<'r> {
    let state = RefCell::new(Some(S::begin(reader, options)));
    let mut index = 0;
    Box::new(move || {
        let mut state = state.borrow_mut();
        match state.as_mut()?.cut() {
            Some(Ok(piece)) => {
                index += 1;
                return Some(ResourceText(content(piece, index - 1)));
            }
            Some(Err(error)) => {
                *state = None;
                return Some(ResourceText(Content::Unread(error)));
            }
            None => {}
        }
        let entries = state.take()?;
        let finished = entries.finish_with(|_| Vec::new(), false);
        let error = finished.err()?;
        Some(ResourceText(Content::Unread(error)))
    })
}
