//! [`Stream`]: validation of a Bundle, NDJSON or a single document from any reader, a resource at a time.

mod bundle;
mod entries;
mod groups;
mod parallel;

pub use groups::{ResourceText, for_each_group};

use crate::Validator;
use crate::remembered::Remembered;
use entries::{Json, Syntax, Xml};
use healthcode_core::{Checked, Issue};
use healthcode_json::stream::{self, Kind, NdjsonReader, sniff};
use healthcode_r4::Resource;
use std::io::{self, Cursor, Read};

/// How many bytes of a text are read to recognise its format.
const HEAD: u64 = 64 * 1024;

/// How large a Bundle may be, by default, to be validated as one value where profiles are loaded: these check
/// the targets of references between entries, and how often entries occur.
const MAX_WHOLE_BUNDLE: u64 = 16 * 1024 * 1024;

/// A validation that is about to begin; [`Validator::stream`] makes it, [`Stream::for_each`] runs it.
///
/// A Bundle is read an entry at a time and NDJSON a line at a time, so that memory does not grow with
/// the input but for about 100 bytes for each entry of a Bundle. Where [profiles](Validator::profiles) are
/// loaded, a Bundle of up to 16 MiB is read as one value instead. Everything else is one document.
///
/// ```
/// use healthcode_validate::{Policy, Validator};
///
/// let json = br#"{"resourceType": "Bundle", "type": "collection", "entry": [
///     {"fullUrl": "urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d",
///      "resource": {"resourceType": "Patient", "birthDate": "2020-02-30"}}
/// ]}"#;
/// let mut found = Vec::new();
/// let summary = Validator::new(Policy::R4).stream(&json[..]).for_each(|part| {
///     for issue in part.issues {
///         found.push(format!("{} {} {:?}", issue.rule.id, issue.path, issue.position));
///     }
///     Ok(())
/// })?;
/// assert_eq!(summary.resources, 1);
/// assert!(found[0].starts_with("R4-NO-SUCH-DAY Bundle.entry[0].resource.birthDate"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "nothing is validated before `for_each` or `report`"]
#[allow(
    missing_debug_implementations,
    reason = "the reader holds patient data"
)]
pub struct Stream<'v, R> {
    validator: &'v Validator,
    reader: R,
    options: Options,
}

/// What a [`Stream`] is to do.
struct Options {
    kind: Option<Kind>,
    threads: usize,
    whole_bundles: u64,
}

/// A part of the input that was validated: an entry, a line, a document, or what concerns a Bundle as a
/// whole.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Part {
    /// The number of the entry or line, from 0 on. `None` for a document, and for a Bundle as a whole,
    /// which may come in several parts.
    pub index: Option<usize>,
    /// The issues, in the order of the text. A part that cannot be read has one issue with the reason.
    pub issues: Vec<Issue>,
    /// How many bytes the part has; 0 for a Bundle as a whole.
    pub bytes: usize,
}

/// What was validated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamSummary {
    /// What the input is.
    pub kind: Kind,
    /// How many bytes were validated, without those between the entries of a Bundle.
    pub bytes: u64,
    /// How many entries or lines there were; 1 for a document.
    pub resources: usize,
    /// Whether there was an entry, a line or a document that is not JSON.
    pub incomplete: bool,
}

impl Validator {
    /// Prepares to validate what `reader` reads.
    pub fn stream<R: Read>(&self, reader: R) -> Stream<'_, R> {
        Stream {
            validator: self,
            reader,
            options: Options {
                kind: None,
                threads: 1,
                whole_bundles: MAX_WHOLE_BUNDLE,
            },
        }
    }
}

impl<R: Read> Stream<'_, R> {
    /// Sets the format of the input, if it is JSON. By default the format is recognised by the first 64 KiB, which
    /// also show whether the input is XML.
    pub fn kind(mut self, kind: Kind) -> Self {
        self.options.kind = Some(kind);
        self
    }

    /// How many threads validate entries or lines, the calling one among them; 0 means 1. Issues and their
    /// order do not depend on it. Several threads are worth while from some megabytes on.
    pub fn threads(mut self, threads: usize) -> Self {
        self.options.threads = threads;
        self
    }

    /// How many bytes a Bundle may have to be validated as one value where profiles are loaded, 16 MiB
    /// by default. In larger ones, what a profile requires of several entries together is not checked,
    /// which is reported (`R4-PROFILE-UNCHECKED`).
    pub fn whole_bundles(mut self, bytes: u64) -> Self {
        self.options.whole_bundles = bytes;
        self
    }

    /// Validates the input. `each` is called with every part, in the order of the text; with more than one
    /// thread it runs on any of them.
    ///
    /// # Errors
    /// If the reader fails, or `each` does, which ends the validation. Input that is not JSON is no error
    /// but has an issue that says so.
    pub fn for_each(
        mut self,
        mut each: impl FnMut(Part) -> io::Result<()> + Send,
    ) -> io::Result<StreamSummary> {
        begin(self.validator, &self.options, &mut self.reader, &mut each)
    }

    /// Validates the input, and returns its summary with all issues.
    ///
    /// # Errors
    /// If the reader fails.
    pub fn report(self) -> io::Result<Checked<StreamSummary>> {
        let mut issues = Vec::new();
        let summary = self.for_each(|mut part| {
            issues.append(&mut part.issues);
            Ok(())
        })?;
        Ok(Checked::new(summary, issues))
    }
}

/// Recognises the format of the input, and validates it. This is compiled once, for readers of all types.
fn begin(
    validator: &Validator,
    options: &Options,
    reader: &mut dyn Read,
    each: &mut (dyn FnMut(Part) -> io::Result<()> + Send),
) -> io::Result<StreamSummary> {
    let mut head = Vec::new();
    reader.take(HEAD).read_to_end(&mut head)?;
    let is_xml = healthcode_xml::is_xml(&head);
    let kind = match options.kind {
        _ if is_xml && healthcode_xml::stream::is_bundle(&head) => Kind::Bundle,
        _ if is_xml => Kind::Document,
        Some(kind) => kind,
        None => sniff(&head),
    };
    let whole = (head.len() as u64) < HEAD;
    let other = kind == Kind::Bundle && !validator.begins_as_r4(&head, whole);
    let mut reader = Cursor::new(head).chain(reader);
    let mut sink = Sink {
        validator,
        each,
        summary: StreamSummary {
            kind,
            bytes: 0,
            resources: 0,
            incomplete: false,
        },
    };
    let run = if is_xml { run::<Xml> } else { run::<Json> };
    if !other {
        run(&mut reader, options, &mut sink)?;
        return Ok(sink.summary);
    }
    // It is read as one value, of any release.
    let limit = validator.reading().size_limit() as u64;
    let text = read_up_to(&mut reader, limit)?;
    if let Some(issues) = validator.other_bundle(&text) {
        sink.part(None, issues, text.len())?;
    } else {
        let mut reader = Cursor::new(text).chain(reader);
        run(&mut reader, options, &mut sink)?;
    }
    Ok(sink.summary)
}

/// Takes issues, and counts the parts that they are of.
struct Sink<'a> {
    validator: &'a Validator,
    each: &'a mut (dyn FnMut(Part) -> io::Result<()> + Send),
    summary: StreamSummary,
}

impl Sink<'_> {
    /// Takes the issues of a document, an entry or a line.
    fn part(&mut self, index: Option<usize>, issues: Vec<Issue>, bytes: usize) -> io::Result<()> {
        self.summary.resources += 1;
        self.summary.bytes += bytes as u64;
        (self.each)(Part {
            index,
            issues,
            bytes,
        })
    }

    /// Takes issues of a Bundle as a whole.
    fn bundle(&mut self, issues: Vec<Issue>) -> io::Result<()> {
        if issues.is_empty() {
            return Ok(());
        }
        (self.each)(Part {
            index: None,
            issues,
            bytes: 0,
        })
    }

    /// The issue of what cannot be read.
    ///
    /// # Errors
    /// If the reader failed.
    fn unread(&mut self, error: stream::Error) -> io::Result<Vec<Issue>> {
        self.summary.incomplete = true;
        match error {
            stream::Error::Io(error) => Err(error),
            stream::Error::Json(error) => {
                let mut issues = vec![error.into_issue()];
                self.validator.filtered(&mut issues);
                Ok(issues)
            }
            error => Err(io::Error::other(error.to_string())),
        }
    }
}

fn run<S: Syntax>(reader: &mut dyn Read, options: &Options, sink: &mut Sink<'_>) -> io::Result<()> {
    let threads = options.threads;
    match sink.summary.kind {
        Kind::Ndjson if threads > 1 => parallel::ndjson(reader, threads, sink),
        Kind::Ndjson => ndjson(reader, sink),
        Kind::Bundle if sink.validator.has_profiles() => {
            let limit = sink.validator.reading().size_limit() as u64;
            let limit = limit.min(options.whole_bundles);
            let text = read_up_to(reader, limit)?;
            if text.len() as u64 <= limit && document(&text, sink)?.is_ok() {
                return Ok(());
            }
            by_entries::<S>(&mut Cursor::new(text).chain(reader), threads, sink)
        }
        Kind::Bundle => by_entries::<S>(reader, threads, sink),
        _ => {
            let text = read_up_to(reader, sink.validator.reading().size_limit() as u64)?;
            let Err(error) = document(&text, sink)? else {
                return Ok(());
            };
            let issues = sink.unread(error.into())?;
            sink.part(None, issues, text.len())
        }
    }
}

/// Validates a Bundle by its entries, on one thread or several.
fn by_entries<S: Syntax>(
    reader: &mut dyn Read,
    threads: usize,
    sink: &mut Sink<'_>,
) -> io::Result<()> {
    if threads > 1 {
        parallel::bundle::<S>(reader, threads, sink)
    } else {
        bundle::validate::<S>(reader, sink)
    }
}

/// The text of a reader, or one byte more than `limit` of it.
fn read_up_to(reader: &mut dyn Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    reader
        .take(limit.saturating_add(1))
        .read_to_end(&mut text)?;
    Ok(text)
}

/// Validates a text as one resource. Returns the error if it cannot be read.
fn document(text: &[u8], sink: &mut Sink<'_>) -> io::Result<Result<(), healthcode_json::Error>> {
    match sink.validator.check(text, None) {
        Ok(issues) => sink.part(None, issues, text.len()).map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

/// The issues of a line, without positions in the whole text.
fn line_issues(
    validator: &Validator,
    text: &[u8],
    read: &Checked<Resource>,
    remembered: &mut Remembered,
) -> Vec<Issue> {
    let other = validator.other_release(text, read);
    other.unwrap_or_else(|| validator.validate_next(&read.value, remembered))
}

/// Validates lines on this thread.
fn ndjson(reader: &mut dyn Read, sink: &mut Sink<'_>) -> io::Result<()> {
    let validator = sink.validator;
    let mut lines = NdjsonReader::<_, Resource>::new(reader, validator.reading());
    let mut remembered = Remembered::new();
    let mut index = 0;
    while let Some(line) = lines.next() {
        let issues = match line {
            Err(error) => sink.unread(error)?,
            Ok(read) => {
                let text = lines.last_line();
                let mut issues = line_issues(validator, text, &read, &mut remembered);
                lines.locate_in_last_line(&mut issues, validator.reading().has_excerpts());
                issues
            }
        };
        sink.part(Some(index), issues, lines.last_line().len())?;
        index += 1;
    }
    Ok(())
}
