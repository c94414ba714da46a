//! [`HtmlRenderer`]: a report in one file, for people who do not live in a terminal.

use super::markup::Escaped;
use super::place::{place, short};
use super::{Folded, Renderer, Summary, source};
use healthcode_core::{Issue, Rule, Severity};
use std::fmt::Write as _;
use std::io::{self, Write};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// The most issues that a page lists; browsers do not take many more. The others are counted.
const MOST: u64 = 20_000;

/// Writes an HTML page: numbers, a table of rules, and the issues by file, which can be filtered by
/// severity, rule, file and text. It fetches nothing, follows the reader's light or dark setting,
/// and without scripts it is a list. The page is held in memory until the end.
#[derive(Debug)]
pub struct HtmlRenderer<W> {
    out: W,
    mask: bool,
    body: String,
    file: String,
    /// Whether the file that has begun has a section yet.
    open: bool,
    files: Vec<String>,
    rules: Vec<(&'static Rule, u64)>,
    issues: u64,
    folded: String,
}

impl<W: Write> HtmlRenderer<W> {
    /// A renderer into `out`. With `mask`, values in the source lines are masked.
    pub fn new(out: W, mask: bool) -> Self {
        HtmlRenderer {
            out,
            mask,
            body: String::new(),
            file: String::new(),
            open: false,
            files: Vec::new(),
            rules: Vec::new(),
            issues: 0,
            folded: String::new(),
        }
    }

    /// Begins the section of a file when there is something to put into it.
    fn open(&mut self) {
        if self.open {
            return;
        }
        self.open = true;
        self.files.push(self.file.clone());
        let (number, file) = (self.files.len(), Escaped(&self.file));
        // Writing to a string does not fail.
        let _ = writeln!(self.body, "<section id=\"f{number}\"><h2>{file}</h2>");
    }

    fn count(&mut self, rule: &'static Rule, more: u64) {
        match self.rules.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, count)) => *count += more,
            None => self.rules.push((rule, more)),
        }
    }

    fn source(&mut self, issue: &Issue) {
        let Some(excerpt) = &issue.excerpt else {
            return;
        };
        let line = source::line(issue, excerpt, self.mask);
        let number = issue.position.map(|position| position.line);
        let number = number.map(|line| line.to_string()).unwrap_or_default();
        // What is marked at the end of a line may have no character.
        let marked = if line.marked.is_empty() {
            " "
        } else {
            &line.marked
        };
        let (before, marked, after) =
            (Escaped(&line.before), Escaped(marked), Escaped(&line.after));
        let _ = writeln!(
            self.body,
            "<pre><span class=\"number\">{number} │ </span>{before}<mark>{marked}</mark>{after}</pre>"
        );
    }

    fn head(&self, summary: &Summary) -> String {
        let mut out = String::from(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>FHIR validation report</title>\n<style>\n",
        );
        out += STYLE;
        out += "</style>\n</head>\n<body>\n<header>\n<h1>FHIR validation report</h1>\n";
        let text = summary.to_string();
        let _ = writeln!(out, "<p class=\"soft\">{}</p>", Escaped(&text));
        out += "<ul class=\"tiles\">\n";
        for (class, count, what) in [
            ("", summary.files, "files"),
            ("error", summary.errors, "errors"),
            ("warning", summary.warnings, "warnings"),
            ("information", summary.information, "notes"),
            ("error", summary.unreadable, "unreadable"),
        ] {
            // What did not occur is not alarming.
            let class = if count == 0 { "" } else { class };
            let _ = writeln!(out, "<li class=\"{class}\"><b>{count}</b>{what}</li>");
        }
        out += "</ul>\n";
        if self.rules.is_empty() {
            out += "</header>\n";
            return out;
        }
        let mut rules = self.rules.clone();
        rules.sort_by_key(|(rule, count)| (std::cmp::Reverse(*count), rule.id));
        out += "<table>\n<thead><tr><th>Rule</th><th>What it found</th><th class=\"count\">Issues</th></tr></thead>\n<tbody>\n";
        for (rule, count) in &rules {
            let (id, title) = (Escaped(rule.id), Escaped(rule.title));
            let _ = writeln!(
                out,
                "<tr><td><a href=\"#issues\" data-rule=\"{id}\"><code>{id}</code></a></td><td>{title}</td><td class=\"count\">{count}</td></tr>"
            );
        }
        out += "</tbody>\n</table>\n</header>\n<form id=\"issues\" hidden>\n";
        for (value, what) in [
            ("error", "errors"),
            ("warning", "warnings"),
            ("information", "notes"),
        ] {
            let _ = writeln!(
                out,
                "<label><input type=\"checkbox\" name=\"severity\" value=\"{value}\" checked> {what}</label>"
            );
        }
        out += "<label>Rule <select name=\"rule\"><option value=\"\">all</option>";
        for (rule, _) in &rules {
            let id = Escaped(rule.id);
            let _ = write!(out, "<option>{id}</option>");
        }
        out +=
            "</select></label>\n<label>File <select name=\"file\"><option value=\"\">all</option>";
        for (index, file) in self.files.iter().enumerate() {
            let (number, file) = (index + 1, Escaped(file));
            let _ = write!(out, "<option value=\"f{number}\">{file}</option>");
        }
        out += "</select></label>\n<label>Text <input type=\"search\" name=\"text\" placeholder=\"file, path, message\"></label>\n<button type=\"reset\">Reset</button> <output id=\"shown\" class=\"soft\"></output>\n</form>\n";
        out
    }
}

/// The severity as pages show it: what could not be read is an error.
fn class(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Information => ("information", "note"),
        Severity::Warning => ("warning", "warning"),
        _ => ("error", "error"),
    }
}

impl<W: Write> Renderer for HtmlRenderer<W> {
    fn begin_file(&mut self, file: &str) -> io::Result<()> {
        file.clone_into(&mut self.file);
        self.open = false;
        Ok(())
    }

    fn issue(&mut self, issue: &Issue) -> io::Result<()> {
        self.count(issue.rule, 1);
        self.issues += 1;
        if self.issues > MOST {
            return Ok(());
        }
        self.open();
        let (class, severity) = class(issue.severity);
        let (text, path) = (issue.message(), short(&place(issue, !self.mask)));
        let (id, text, path) = (Escaped(issue.rule.id), Escaped(&text), Escaped(&path));
        let _ = writeln!(
            self.body,
            "<article class=\"{class}\" data-severity=\"{class}\" data-rule=\"{id}\">\n<h3><span class=\"severity\">{severity}</span> {text}</h3>\n<p class=\"soft\"><code>{id}</code>"
        );
        if let Some(position) = issue.position {
            let (line, column) = (position.line, position.column);
            let _ = write!(self.body, " · line {line}, column {column}");
        }
        let _ = writeln!(self.body, " · <code>{path}</code></p>");
        self.source(issue);
        let help = Escaped(issue.rule.help);
        let _ = writeln!(
            self.body,
            "<details><summary>How to fix it</summary><p>{help}</p></details>\n</article>"
        );
        Ok(())
    }

    fn unreadable(&mut self, _file: &str, reason: &str) -> io::Result<()> {
        self.open();
        let reason = Escaped(reason);
        let _ = writeln!(
            self.body,
            "<article class=\"error\" data-severity=\"error\" data-rule=\"\"><h3><span class=\"severity\">error</span> the file cannot be read</h3><p>{reason}</p></article>"
        );
        Ok(())
    }

    fn end_file(&mut self) -> io::Result<()> {
        if self.open {
            self.body.push_str("</section>\n");
        }
        Ok(())
    }

    fn folded(&mut self, folded: &Folded) -> io::Result<()> {
        self.count(folded.rule, folded.more);
        let (id, text) = (folded.rule.id, folded.text());
        let _ = writeln!(
            self.folded,
            "<li><code>{}</code>: {}</li>",
            Escaped(id),
            Escaped(&text)
        );
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let head = self.head(summary);
        self.out.write_all(head.as_bytes())?;
        self.out.write_all(b"<main>\n")?;
        if self.body.is_empty() {
            self.out.write_all(b"<p>No issues were found.</p>\n")?;
        }
        self.out.write_all(self.body.as_bytes())?;
        if self.issues > MOST {
            let more = self.issues - MOST;
            writeln!(self.out, "<p>… and {more} more issues, counted above.</p>")?;
        }
        self.out.write_all(b"</main>\n")?;
        if !self.folded.is_empty() {
            let folded = &self.folded;
            write!(
                self.out,
                "<footer>\n<h2>More of the same</h2>\n<ul>\n{folded}</ul>\n</footer>\n"
            )?;
        }
        if !self.rules.is_empty() {
            write!(self.out, "<script>\n{SCRIPT}</script>\n")?;
        }
        self.out.write_all(b"</body>\n</html>\n")?;
        self.out.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
