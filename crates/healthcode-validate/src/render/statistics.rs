//! [`StatisticsRenderer`]: how often each rule was broken.

use super::{Folded, Renderer, Summary, printable};
use healthcode_core::{Issue, Rule, Severity};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Writes for people how often each rule was broken and in how many files, the gravest and the most
/// frequent first, instead of the issues themselves.
///
/// ```
/// use healthcode_validate::Validator;
/// use healthcode_validate::render::{Renderer, StatisticsRenderer, Summary};
/// let json = br#"{"resourceType": "Patient", "id": "a b", "name": [{"given": ["", ""]}]}"#;
/// let report = Validator::default().read::<healthcode_r4::Patient>(json)?;
/// let mut out = Vec::new();
/// let mut renderer = StatisticsRenderer::new(&mut out);
/// let mut summary = Summary::default();
/// summary.files = 1;
/// renderer.begin_file("a.json")?;
/// for issue in &report.issues {
///     summary.count(issue.severity);
///     renderer.issue(issue)?;
/// }
/// renderer.end_file()?;
/// renderer.finish(&summary)?;
/// assert_eq!(
///     String::from_utf8(out)?,
///     "issues  files  severity  rule\n\
///      \u{20}    2      1  error     R4-EMPTY-STRING  empty text is not allowed here\n\
///      \u{20}    1      1  error     R4-ID            invalid id\n\n\
///      3 errors, 0 warnings in 1 file\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct StatisticsRenderer<W> {
    out: W,
    file: u64,
    rules: BTreeMap<&'static str, Row>,
}

#[derive(Debug)]
struct Row {
    rule: &'static Rule,
    severity: Severity,
    issues: u64,
    files: u64,
    /// The number of the file that was counted last.
    last: u64,
}

impl<W: Write> StatisticsRenderer<W> {
    /// A renderer into `out`.
    pub fn new(out: W) -> Self {
        StatisticsRenderer {
            out,
            file: 0,
            rules: BTreeMap::new(),
        }
    }

    fn row(&mut self, rule: &'static Rule, severity: Severity) -> &mut Row {
        let row = self.rules.entry(rule.id).or_insert(Row {
            rule,
            severity,
            issues: 0,
            files: 0,
            last: 0,
        });
        row.severity = row.severity.max(severity);
        row
    }
}

impl<W: Write> Renderer for StatisticsRenderer<W> {
    fn begin_file(&mut self, _file: &str) -> io::Result<()> {
        self.file += 1;
        Ok(())
    }

    fn issue(&mut self, issue: &Issue) -> io::Result<()> {
        let file = self.file;
        let row = self.row(issue.rule, issue.severity);
        row.issues += 1;
        row.files += u64::from(row.last != file);
        row.last = file;
        Ok(())
    }

    fn unreadable(&mut self, file: &str, reason: &str) -> io::Result<()> {
        let (file, reason) = (printable(file), printable(reason));
        writeln!(self.out, "error: {file} cannot be read: {reason}\n")
    }

    fn folded(&mut self, folded: &Folded) -> io::Result<()> {
        let row = self.row(folded.rule, folded.severity);
        row.issues += folded.more;
        row.files = row.files.max(folded.files);
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let mut rows: Vec<_> = self.rules.values().collect();
        let grave = |row: &&Row| Reverse((row.severity.min(Severity::Error), row.issues));
        // What is as grave and as frequent stays in the order of ids.
        rows.sort_by_key(grave);
        let width = rows.iter().map(|row| row.rule.id.len()).max();
        if let Some(width) = width {
            writeln!(self.out, "issues  files  severity  rule")?;
            for row in rows {
                let (issues, files) = (row.issues, row.files);
                let severity = match row.severity {
                    Severity::Information => "note",
                    Severity::Warning => "warning",
                    _ => "error",
                };
                let (id, title) = (row.rule.id, row.rule.title);
                writeln!(
                    self.out,
                    "{issues:6}  {files:5}  {severity:8}  {id:width$}  {title}"
                )?;
            }
            writeln!(self.out)?;
        }
        writeln!(self.out, "{summary}")?;
        self.out.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
