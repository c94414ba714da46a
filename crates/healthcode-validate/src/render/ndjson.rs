//! [`NdjsonRenderer`]: one JSON object a line.

use super::object::{self, Object};
use super::{Folded, Renderer, SCHEMA_VERSION, Summary};
use healthcode_core::Issue;
use serde_json::Value;
use std::io::{self, Write};

/// Writes a JSON object for each issue, one a line.
///
/// Each has `schema_version`, `file`, `severity`, `rule`, `code`, `path`, `pointer`, `line`,
/// `column`, `offset`, `message`, and where there is one `detail`; with values shown, `value` is
/// the payload's JSON text. A file that could not be read yields an object whose `rule` is null.
/// Where issues are folded, the last objects have `schema_version` and `folded`, with `severity`,
/// `rule`, `path` without indexes, `more` and `files`.
#[derive(Debug)]
pub struct NdjsonRenderer<W> {
    out: W,
    show_values: bool,
    /// The object of an issue, which begins alike for all issues of a file.
    object: Object,
    /// The length of what is alike.
    start: usize,
}

impl<W: Write> NdjsonRenderer<W> {
    /// A renderer into `out`. With `show_values`, values that issues carry are written.
    pub fn new(out: W, show_values: bool) -> Self {
        let (object, start) = start_of("");
        NdjsonRenderer {
            out,
            show_values,
            object,
            start,
        }
    }
}

/// How the object of an issue in a file begins, and the length of that.
fn start_of(file: &str) -> (Object, usize) {
    let mut object = Object::new();
    object.number("schema_version", Some(SCHEMA_VERSION.into()));
    object.text("file", file);
    let start = object.len();
    (object, start)
}

/// Writes an object and the end of its line.
fn write_line(out: &mut impl Write, object: &mut Object) -> io::Result<()> {
    out.write_all(object.end().as_bytes())?;
    out.write_all(b"\n")
}

impl<W: Write> Renderer for NdjsonRenderer<W> {
    fn begin_file(&mut self, file: &str) -> io::Result<()> {
        (self.object, self.start) = start_of(file);
        Ok(())
    }

    fn issue(&mut self, issue: &Issue) -> io::Result<()> {
        self.object.truncate(self.start);
        self.object.issue(issue, self.show_values);
        write_line(&mut self.out, &mut self.object)
    }

    fn unreadable(&mut self, file: &str, reason: &str) -> io::Result<()> {
        let mut object = Object::new();
        object.member("schema_version", SCHEMA_VERSION);
        object.member("file", file);
        object.member("severity", "fatal");
        object.member("rule", Value::Null);
        object.member("code", "exception");
        object.member("path", "");
        object.member("pointer", "");
        object.member("line", Value::Null);
        object.member("column", Value::Null);
        object.member("offset", Value::Null);
        object.member("message", reason);
        write_line(&mut self.out, &mut object)
    }

    fn folded(&mut self, folded: &Folded) -> io::Result<()> {
        let mut object = Object::new();
        object.member("schema_version", SCHEMA_VERSION);
        object.member("folded", object::folded(folded));
        write_line(&mut self.out, &mut object)
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        self.out.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
