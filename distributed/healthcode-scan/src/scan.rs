//! [`Scan`]: reads files into record batches.

use crate::issues::IssueScan;
use crate::view::ViewScan;
use arrow_schema::SchemaRef;
use healthcode_json::stream::Kind;
use healthcode_views::RecordBatch;
use std::io::{self, Read};

/// A table with the columns that are wanted.
#[derive(Debug)]
pub enum Scan {
    /// The rows of a view.
    View(Box<ViewScan>),
    /// The issues that validation finds.
    Issues(Box<IssueScan>),
}

/// A text to read: a file, or a range of one.
pub struct Input<'i> {
    /// The text, decompressed.
    pub reader: Box<dyn Read + Send + 'i>,
    /// The name of the file, as it is shown.
    pub file: &'i str,
    /// Whether it is NDJSON; otherwise, what it is is recognised by its first bytes.
    pub is_ndjson: bool,
    /// The number of its first line in the file.
    pub first_line: u64,
}

/// Something that is wrong with a resource, which does not end the scan.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The line of the text that was read, from 1.
    pub line: u64,
    /// Whether the resource cannot be read; otherwise, a value is not of its column's type.
    pub is_malformed: bool,
    /// What is wrong.
    pub message: String,
}

/// Takes what comes of a scan.
pub trait Sink: Send {
    /// Takes rows.
    ///
    /// # Errors
    /// To end the scan.
    fn rows(&mut self, rows: RecordBatch) -> io::Result<()>;

    /// Takes what is wrong with a resource.
    fn problem(&mut self, problem: Problem);
}

impl Scan {
    /// The schema of the batches.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        match self {
            Scan::View(view) => view.schema(),
            Scan::Issues(issues) => issues.schema(),
        }
    }

    /// Reads a text, some hundred kilobytes at a time.
    ///
    /// # Errors
    /// If the text cannot be read, a view cannot be evaluated, or `sink` ends the scan.
    pub fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> io::Result<()> {
        match self {
            Scan::View(view) => view.read(input, sink),
            Scan::Issues(issues) => issues.read(input, sink),
        }
    }
}

/// The kind of an input, if it is known before it is read.
pub(crate) fn kind_of(input: &Input<'_>) -> Option<Kind> {
    input.is_ndjson.then_some(Kind::Ndjson)
}
