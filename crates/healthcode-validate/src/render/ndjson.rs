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
/// the payload's JSON text. A file that could not be read gives an object whose `rule` is null.
/// Where issues are folded, the last objects have `schema_version` and `folded`, with `severity`,
/// `rule`, `path` without indexes, `more` and `files`.
#[derive(Debug)]
pub struct NdjsonRenderer<W> {
    out: W,
    show_values: bool,
    file: String,
}

impl<W: Write> NdjsonRenderer<W> {
    /// A renderer into `out`. With `show_values`, values that issues carry are written.
    pub fn new(out: W, show_values: bool) -> Self {
        NdjsonRenderer {
            out,
            show_values,
            file: String::new(),
        }
    }
}

impl<W: Write> Renderer for NdjsonRenderer<W> {
    fn begin_file(&mut self, file: &str) -> io::Result<()> {
        file.clone_into(&mut self.file);
        Ok(())
    }

    fn issue(&mut self, issue: &Issue) -> io::Result<()> {
        let mut object = Object::begin(&mut self.out)?;
        object.number("schema_version", Some(SCHEMA_VERSION))?;
        object.text("file", &self.file)?;
        object.issue(issue, self.show_values)?;
        object.end()?;
        self.out.write_all(b"\n")
    }

    fn unreadable(&mut self, file: &str, reason: &str) -> io::Result<()> {
        let mut object = Object::begin(&mut self.out)?;
        object.member("schema_version", SCHEMA_VERSION)?;
        object.member("file", file)?;
        object.member("severity", "fatal")?;
        object.member("rule", Value::Null)?;
        object.member("code", "exception")?;
        object.member("path", "")?;
        object.member("pointer", "")?;
        object.member("line", Value::Null)?;
        object.member("column", Value::Null)?;
        object.member("offset", Value::Null)?;
        object.member("message", reason)?;
        object.end()?;
        self.out.write_all(b"\n")
    }

    fn folded(&mut self, folded: &Folded) -> io::Result<()> {
        let mut object = Object::begin(&mut self.out)?;
        object.member("schema_version", SCHEMA_VERSION)?;
        object.member("folded", object::folded(folded))?;
        object.end()?;
        self.out.write_all(b"\n")
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        self.out.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
