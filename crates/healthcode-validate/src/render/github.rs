//! [`GithubRenderer`]: annotations of GitHub Actions.

use super::place::{place, short};
use super::{Folded, Renderer, Summary, printable};
use healthcode_core::{Issue, Severity};
use std::io::{self, Write};

/// Writes workflow commands that GitHub Actions shows as annotations at the lines they name:
/// `::error file=a.json,line=3,col=9,title=R4-DATE::…`, also `::warning` and `::notice`. The last
/// line is the summary, as text.
///
/// Values are never shown, nor names of members that may be values.
///
/// GitHub shows no more than ten annotations of each kind for a step; the log has them all.
#[derive(Debug)]
pub struct GithubRenderer<W> {
    out: W,
    file: String,
}

impl<W: Write> GithubRenderer<W> {
    /// A renderer into `out`.
    pub fn new(out: W) -> Self {
        GithubRenderer {
            out,
            file: String::new(),
        }
    }
}

/// The text of a command's message.
fn data(text: &str) -> String {
    let escaped = text
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    printable(&escaped)
}

/// The value of a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Information => "notice",
        Severity::Warning => "warning",
        _ => "error",
    }
}

impl<W: Write> Renderer for GithubRenderer<W> {
    fn begin_file(&mut self, file: &str) -> io::Result<()> {
        self.file = property(file);
        Ok(())
    }

    fn issue(&mut self, issue: &Issue) -> io::Result<()> {
        let command = command(issue.severity);
        write!(self.out, "::{command} file={}", self.file)?;
        if let Some(position) = issue.position {
            write!(self.out, ",line={},col={}", position.line, position.column)?;
        }
        let mut text = issue.message();
        if !issue.path.is_empty() {
            text += " at ";
            text += &short(&place(issue, false));
        }
        let title = property(issue.rule.id);
        writeln!(self.out, ",title={title}::{}", data(&text))
    }

    fn unreadable(&mut self, file: &str, reason: &str) -> io::Result<()> {
        let (file, reason) = (property(file), data(reason));
        writeln!(self.out, "::error file={file}::cannot be read: {reason}")
    }

    fn folded(&mut self, folded: &Folded) -> io::Result<()> {
        let command = command(folded.severity);
        let title = property(folded.rule.id);
        let text = data(&format!("{}: {}", folded.rule.title, folded.text()));
        writeln!(self.out, "::{command} title={title}::{text}")
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        writeln!(self.out, "{summary}")?;
        self.out.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
