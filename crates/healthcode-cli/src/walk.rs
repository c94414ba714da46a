//! Going through the resources of an input, however they come: what `validate` and `decode` share.

use crate::args::InputArgs;
use crate::input;
use healthcode_core::{Issue, Path, Position, Step};
use healthcode_json::stream::{self, BundleReader, Kind, NdjsonReader};
use healthcode_json::{from_slice, locate};
use healthcode_r4::{Bundle, BundleEntry, Meta, Resource};
use std::io::{self, Read};

/// What a command does with what it meets. The issues that looking gives get their positions and are
/// reported.
pub(crate) trait Visitor {
    /// Looks at a resource that is a document or a line.
    fn resource(&mut self, resource: &Resource) -> Vec<Issue>;

    /// Begins a Bundle, whose type and whose claims to profiles are given where they come before the
    /// entries.
    fn begin_bundle(&mut self, _code: Option<&str>, _meta: Option<&Meta>) {}

    /// Looks at an entry of a Bundle, which stands at `path`.
    fn entry(&mut self, entry: &BundleEntry, path: &Path<'_>) -> Vec<Issue>;

    /// Is told of an entry that cannot be read.
    fn broken_entry(&mut self) {}

    /// The places in the last entry for which issues may come at the end of the Bundle.
    fn deferred(&mut self) -> Vec<Issue> {
        Vec::new()
    }

    /// Takes the position of the last entry, and of the places that [`Visitor::deferred`] gave.
    fn place(&mut self, _entry: Position, _deferred: Vec<Issue>) {}

    /// Looks at a Bundle without its entries, of which there were so many. Issues that have a
    /// position keep it.
    fn bundle(&mut self, bundle: &Bundle, entries: usize) -> Vec<Issue>;

    /// Takes issues, in the order of the text.
    ///
    /// # Errors
    /// If they cannot be written.
    fn report(&mut self, issues: Vec<Issue>) -> io::Result<()>;

    /// Is told of the bytes of a document, an entry or a line.
    fn passed(&mut self, _bytes: usize) {}
}

/// How inputs are gone through.
pub(crate) struct Walk<'a> {
    pub(crate) inputs: &'a InputArgs,
    /// Whether issues carry the text around them.
    pub(crate) excerpts: bool,
}

impl Walk<'_> {
    /// Goes through an input of this kind.
    ///
    /// # Errors
    /// If it cannot be read, or issues cannot be reported.
    pub(crate) fn go(
        &self,
        kind: Kind,
        reader: Box<dyn Read>,
        visitor: &mut impl Visitor,
    ) -> io::Result<()> {
        match kind {
            Kind::Bundle => self.bundle(reader, visitor),
            Kind::Ndjson => self.ndjson(reader, visitor),
            _ => self.document(reader, visitor),
        }
    }

    fn document(&self, reader: Box<dyn Read>, visitor: &mut impl Visitor) -> io::Result<()> {
        let limit = self.inputs.resource_bytes();
        let mut text = Vec::new();
        reader
            .take(limit.saturating_add(1))
            .read_to_end(&mut text)?;
        match self.text(&text, visitor)? {
            Ok(()) => Ok(()),
            Err(error) => {
                visitor.passed(text.len());
                visitor.report(vec![error.into_issue()])
            }
        }
    }

    /// Goes through a Bundle as one value if it has at most `most` bytes and can be read so. If not,
    /// gives back what it is to be read from.
    ///
    /// # Errors
    /// If it cannot be read, or issues cannot be reported.
    pub(crate) fn whole_bundle(
        &self,
        mut reader: Box<dyn Read>,
        most: u64,
        visitor: &mut impl Visitor,
    ) -> io::Result<Option<Box<dyn Read>>> {
        let most = most.min(self.inputs.resource_bytes());
        let mut text = Vec::new();
        let limit = most.saturating_add(1);
        reader.by_ref().take(limit).read_to_end(&mut text)?;
        let whole = (text.len() as u64) < limit;
        if whole && self.text(&text, visitor)?.is_ok() {
            return Ok(None);
        }
        Ok(Some(Box::new(io::Cursor::new(text).chain(reader))))
    }

    /// Looks at a resource whose text is there. Gives the error if it cannot be read.
    fn text(
        &self,
        text: &[u8],
        visitor: &mut impl Visitor,
    ) -> io::Result<Result<(), healthcode_json::Error>> {
        let options = input::options(self.inputs).excerpts(self.excerpts);
        let read = match options.from_slice::<Resource>(text) {
            Err(error) => return Ok(Err(error)),
            Ok(read) => read,
        };
        visitor.passed(text.len());
        let mut issues = visitor.resource(&read.value);
        locate(text, &mut issues, self.excerpts);
        // What only the text shows; the rest of reading's issues is looked for in the value.
        let kept = |issue: &Issue| issue.rule.id == "JSON-BOM";
        let mut all: Vec<Issue> = read.issues.into_iter().filter(kept).collect();
        all.append(&mut issues);
        visitor.report(all)?;
        Ok(Ok(()))
    }

    fn ndjson(&self, reader: Box<dyn Read>, visitor: &mut impl Visitor) -> io::Result<()> {
        let options = input::options(self.inputs).excerpts(self.excerpts);
        let mut lines = NdjsonReader::<_, Resource>::new(reader, options);
        while let Some(line) = lines.next() {
            match line {
                Err(error) => fault(error, visitor)?,
                Ok(read) => {
                    let mut issues = visitor.resource(&read.value);
                    lines.locate_in_last_line(&mut issues, self.excerpts);
                    visitor.report(issues)?;
                }
            }
            visitor.passed(lines.last_line().len());
        }
        Ok(())
    }

    fn bundle(&self, reader: Box<dyn Read>, visitor: &mut impl Visitor) -> io::Result<()> {
        let options = input::options(self.inputs).excerpts(self.excerpts);
        let mut entries = BundleReader::<_, BundleEntry>::new(reader, options);
        let mut index = 0usize;
        let mut broken = false;
        while let Some(entry) = entries.next() {
            if index == 0 {
                let code = entries.member_before("type");
                let code = code.and_then(|code| std::str::from_utf8(code).ok());
                let meta = meta_of(&entries);
                visitor.begin_bundle(code.map(|code| code.trim_matches('"')), meta.as_ref());
            }
            match entry {
                Err(error) => {
                    broken = true;
                    visitor.broken_entry();
                    fault(error, visitor)?;
                }
                Ok(read) => {
                    let bundle = Path::root("Bundle");
                    let list = bundle.then(Step::field("entry"));
                    let mut issues = visitor.entry(&read.value, &list.then(Step::Index(index)));
                    entries.locate_in_last_entry(&mut issues, self.excerpts);
                    visitor.report(issues)?;
                    let mut deferred = visitor.deferred();
                    entries.locate_in_last_entry(&mut deferred, false);
                    visitor.place(entries.last_entry_position(), deferred);
                }
            }
            visitor.passed(entries.last_entry().len());
            index += 1;
        }
        if index == 0 {
            visitor.begin_bundle(None, None);
        }
        self.end_of_bundle(entries, broken, visitor)
    }

    /// Looks at a Bundle all of whose entries have gone by; `broken` says that one could not be read.
    pub(crate) fn end_of_bundle(
        &self,
        entries: BundleReader<Box<dyn Read>, BundleEntry>,
        broken: bool,
        visitor: &mut impl Visitor,
    ) -> io::Result<()> {
        let index = BundleReader::count(&entries);
        let mut placed = Vec::new();
        let check = |bundle: &Bundle| {
            let issues = visitor.bundle(bundle, index);
            let (known, rest) = issues.into_iter().partition(|i| i.position.is_some());
            placed = known;
            rest
        };
        match entries.finish_with(check, self.excerpts) {
            Ok(read) => {
                placed.extend(read.issues);
                visitor.report(placed)
            }
            // What is broken has been said already.
            Err(stream::Error::Json(_)) if broken => Ok(()),
            Err(error) => fault(error, visitor),
        }
    }
}

/// The `meta` of a Bundle, where it came before the entries.
pub(crate) fn meta_of(entries: &BundleReader<Box<dyn Read>, BundleEntry>) -> Option<Meta> {
    let text = entries.member_before("meta")?;
    Some(from_slice::<Meta>(text).ok()?.value)
}

pub(crate) fn fault(error: stream::Error, visitor: &mut impl Visitor) -> io::Result<()> {
    match error {
        stream::Error::Io(error) => Err(error),
        stream::Error::Json(error) => visitor.report(vec![error.into_issue()]),
        error => Err(io::Error::other(error.to_string())),
    }
}
