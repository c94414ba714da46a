//! [`HumanRenderer`]: issues for people, as compilers write them.

use super::place::{place, short};
use super::printable;
use super::{Folded, Renderer, Summary, source};
use healthcode_core::{Excerpt, Issue, Severity};
use std::io::{self, Write};

/// How issues are shown to people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HumanOptions {
    /// Whether to write ANSI colours.
    pub color: bool,
    /// Whether to mask values in the source lines: member names and structure stay.
    pub mask: bool,
}

/// Writes issues for people, with the line that each is about where it carries an excerpt.
#[derive(Debug)]
pub struct HumanRenderer<W> {
    out: W,
    options: HumanOptions,
    file: String,
}

impl<W: Write> HumanRenderer<W> {
    /// A renderer into `out`.
    pub fn new(out: W, options: HumanOptions) -> Self {
        HumanRenderer {
            out,
            options,
            file: String::new(),
        }
    }

    /// The start and end of a coloured text.
    fn paint(&self, code: &'static str) -> (&'static str, &'static str) {
        if self.options.color {
            (code, RESET)
        } else {
            ("", "")
        }
    }

    fn source(&mut self, issue: &Issue, excerpt: &Excerpt) -> io::Result<()> {
        let number = issue.position.map(|position| position.line.to_string());
        let number = number.unwrap_or_default();
        let margin = " ".repeat(number.len());
        let line = source::text(issue, excerpt, self.options.mask);
        let indent = " ".repeat(excerpt.caret());
        let carets = "^".repeat(excerpt.width());
        let (blue, end) = self.paint(BLUE);
        let (color, color_end) = self.paint(color_of(issue.severity));
        let line = line.trim_end();
        writeln!(self.out, "{blue}{margin} |{end}")?;
        writeln!(self.out, "{blue}{number} |{end} {line}")?;
        writeln!(
            self.out,
            "{blue}{margin} |{end} {indent}{color}{carets}{color_end}"
        )
    }
}

const RESET: &str = "\x1b[0m";
const BLUE: &str = "\x1b[1;34m";
const BOLD: &str = "\x1b[1m";

fn color_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Information => "\x1b[1;36m",
        Severity::Warning => "\x1b[1;33m",
        _ => "\x1b[1;31m",
    }
}

/// The severity as compilers call it.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Information => "note",
        Severity::Warning => "warning",
        _ => "error",
    }
}

impl<W: Write> Renderer for HumanRenderer<W> {
    fn begin_file(&mut self, file: &str) -> io::Result<()> {
        self.file = printable(file);
        Ok(())
    }

    fn issue(&mut self, issue: &Issue) -> io::Result<()> {
        let (color, color_end) = self.paint(color_of(issue.severity));
        let (bold, bold_end) = self.paint(BOLD);
        let (blue, blue_end) = self.paint(BLUE);
        let severity = word(issue.severity);
        let message = issue.message();
        let id = issue.rule.id;
        writeln!(
            self.out,
            "{color}{severity}[{id}]{color_end}{bold}: {message}{bold_end}"
        )?;
        let margin = issue.position.map_or(0, |p| p.line.to_string().len());
        let margin = " ".repeat(margin);
        write!(self.out, "{margin}{blue}-->{blue_end} {}", self.file)?;
        if let Some(position) = issue.position {
            write!(self.out, ":{position}")?;
        }
        if issue.path.is_empty() {
            writeln!(self.out)?;
        } else {
            let path = place(issue, !self.options.mask);
            writeln!(self.out, " ({})", printable(&short(&path)))?;
        }
        if let Some(excerpt) = &issue.excerpt {
            self.source(issue, excerpt)?;
        }
        writeln!(
            self.out,
            "{margin} {blue}={blue_end} help: {}",
            issue.rule.help
        )?;
        if let Some(fix) = &issue.fix {
            let (kind, message) = (fix.applicability, &fix.message);
            writeln!(self.out, "{margin} {blue}={blue_end} {kind} fix: {message}")?;
        }
        writeln!(self.out)
    }

    fn unreadable(&mut self, file: &str, reason: &str) -> io::Result<()> {
        let (color, end) = self.paint(color_of(Severity::Fatal));
        let file = printable(file);
        let reason = printable(reason);
        writeln!(
            self.out,
            "{color}error{end}: {file} cannot be read: {reason}\n"
        )
    }

    fn folded(&mut self, folded: &Folded) -> io::Result<()> {
        let (color, color_end) = self.paint(color_of(folded.severity));
        let (bold, bold_end) = self.paint(BOLD);
        let (severity, id) = (word(folded.severity), folded.rule.id);
        let text = folded.text();
        writeln!(
            self.out,
            "{color}{severity}[{id}]{color_end}{bold}: … and {text}{bold_end}\n"
        )
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        writeln!(self.out, "{summary}")?;
        if let Some(fixes) = summary.fixes() {
            writeln!(self.out, "{fixes}")?;
        }
        self.out.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
