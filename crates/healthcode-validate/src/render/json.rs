//! [`JsonRenderer`]: one JSON document.

use super::object::{self, Object};
use super::{Folded, Renderer, SCHEMA_VERSION, Summary};
use healthcode_core::{Issue, printable_json};
use std::io::{self, Write};

/// Writes one JSON document: `schema_version`, `files`, where issues are folded `folded`, `summary`.
///
/// Each of the `files` has `file`, `issues` and, if it could not be read, `error`. Issues have the
/// members of [`NdjsonRenderer`](super::NdjsonRenderer)'s objects, except `schema_version` and
/// `file`.
#[derive(Debug)]
pub struct JsonRenderer<W> {
    out: W,
    show_values: bool,
    begun: bool,
    files: bool,
    issues: bool,
    error: Option<String>,
    folded: Vec<serde_json::Value>,
}

impl<W: Write> JsonRenderer<W> {
    /// A renderer into `out`. With `show_values`, values that issues carry are written.
    pub fn new(out: W, show_values: bool) -> Self {
        JsonRenderer {
            out,
            show_values,
            begun: false,
            files: false,
            issues: false,
            error: None,
            folded: Vec::new(),
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        write!(
            self.out,
            "{{\"schema_version\":{SCHEMA_VERSION},\"files\":["
        )
    }
}

impl<W: Write> Renderer for JsonRenderer<W> {
    fn begin_file(&mut self, file: &str) -> io::Result<()> {
        self.begin()?;
        let separator = if self.files { ",\n" } else { "\n" };
        self.files = true;
        self.issues = false;
        let file = serde_json::Value::from(file).to_string();
        let file = printable_json(&file);
        write!(self.out, "{separator}{{\"file\":{file},\"issues\":[")
    }

    fn issue(&mut self, issue: &Issue) -> io::Result<()> {
        let separator = if self.issues { ",\n" } else { "\n" };
        self.issues = true;
        self.out.write_all(separator.as_bytes())?;
        let mut object = Object::new();
        object.issue(issue, self.show_values);
        self.out.write_all(object.end().as_bytes())
    }

    fn unreadable(&mut self, _file: &str, reason: &str) -> io::Result<()> {
        self.error = Some(reason.to_owned());
        Ok(())
    }

    fn end_file(&mut self) -> io::Result<()> {
        self.out.write_all(b"]")?;
        if let Some(error) = self.error.take() {
            let error = serde_json::Value::from(error).to_string();
            write!(self.out, ",\"error\":{}", printable_json(&error))?;
        }
        self.out.write_all(b"}")
    }

    fn folded(&mut self, folded: &Folded) -> io::Result<()> {
        self.folded.push(object::folded(folded));
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.begin()?;
        self.out.write_all(b"\n],")?;
        if !self.folded.is_empty() {
            let folded = serde_json::Value::from(std::mem::take(&mut self.folded)).to_string();
            write!(self.out, "\"folded\":{},", printable_json(&folded))?;
        }
        self.out.write_all(b"\"summary\":")?;
        let mut object = Object::new();
        object.member("files", summary.files);
        object.member("errors", summary.errors);
        object.member("warnings", summary.warnings);
        object.member("information", summary.information);
        object.member("unreadable", summary.unreadable);
        object.member("interrupted", summary.interrupted);
        if summary.known > 0 {
            object.member("known", summary.known);
        }
        self.out.write_all(object.end().as_bytes())?;
        self.out.write_all(b"}\n")?;
        self.out.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
