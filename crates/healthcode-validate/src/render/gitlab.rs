//! [`GitlabRenderer`]: a report of GitLab's code quality.

use super::place::{place, short};
use super::{Folded, Renderer, Summary, fingerprint};
use healthcode_core::{Issue, Severity, printable_json};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{self, Write};

/// Writes an array of objects with the fields that GitLab documents for code quality: `description`, `check_name`,
/// `fingerprint`, `severity`, `location.path` and `location.lines.begin`.
///
/// A fingerprint is made of file, rule and path, and a number if several issues have the same, so that it stays when
/// lines move. Values are never shown, nor names of members that may be values. Paths of files are written as they
/// were given: GitLab compares them with those of the repository.
#[derive(Debug)]
pub struct GitlabRenderer<W> {
    out: W,
    file: String,
    any: bool,
    /// How often a fingerprint was made of the same parts.
    seen: HashMap<String, u32>,
}

impl<W: Write> GitlabRenderer<W> {
    /// A renderer into `out`.
    pub fn new(out: W) -> Self {
        GitlabRenderer {
            out,
            file: String::new(),
            any: false,
            seen: HashMap::new(),
        }
    }

    fn add(
        &mut self,
        (description, check): (String, &str),
        severity: &str,
        path: &str,
        line: u64,
    ) -> io::Result<()> {
        let same = fingerprint([self.file.as_str(), check, path]);
        let number = self.seen.entry(same).or_default();
        *number += 1;
        let own = fingerprint([self.file.as_str(), check, path, &number.to_string()]);
        let value: Value = json!({
            "description": description,
            "check_name": check,
            "fingerprint": own,
            "severity": severity,
            "location": {"path": self.file, "lines": {"begin": line}},
        });
        let start = if self.any { ",\n" } else { "[\n" };
        self.any = true;
        let text = value.to_string();
        write!(self.out, "{start}{}", printable_json(&text))
    }
}

fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Information => "info",
        Severity::Warning => "minor",
        Severity::Error => "major",
        _ => "critical",
    }
}

impl<W: Write> Renderer for GitlabRenderer<W> {
    fn begin_file(&mut self, file: &str) -> io::Result<()> {
        file.strip_prefix("./")
            .unwrap_or(file)
            .clone_into(&mut self.file);
        Ok(())
    }

    fn issue(&mut self, issue: &Issue) -> io::Result<()> {
        let path = place(issue, false);
        let mut text = issue.message();
        if !path.is_empty() {
            text += " at ";
            text += &short(&path);
        }
        let line = issue.position.map_or(1, |position| position.line);
        self.add((text, issue.rule.id), name(issue.severity), &path, line)
    }

    fn unreadable(&mut self, _: &str, reason: &str) -> io::Result<()> {
        let text = format!("cannot be read: {reason}");
        self.add((text, "unreadable"), "blocker", "", 1)
    }

    fn folded(&mut self, folded: &Folded) -> io::Result<()> {
        let text = format!("{}: {}", folded.rule.title, folded.text());
        self.add((text, folded.rule.id), name(folded.severity), "", 1)
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        let end: &[u8] = if self.any { b"\n]\n" } else { b"[]\n" };
        self.out.write_all(end)?;
        self.out.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
