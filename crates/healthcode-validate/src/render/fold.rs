//! [`Folding`]: what repeats is counted instead of shown.

use super::{Renderer, Summary};
use crate::filter::index_free;
use healthcode_core::{Issue, Rule, Severity};
use std::collections::HashMap;
use std::io;

/// The most kinds of issues that are counted apart; further kinds are shown, never folded.
const MOST: usize = 10_000;

/// Issues that were counted instead of shown: of one rule, at paths that differ in indexes only.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Folded {
    /// The rule.
    pub rule: &'static Rule,
    /// The gravest severity among them.
    pub severity: Severity,
    /// The path without indexes, and without names of members that may be values.
    pub path: String,
    /// How many there are beside those that were shown.
    pub more: u64,
    /// In how many files these are.
    pub files: u64,
}

impl Folded {
    /// In words: `41 more at Patient.name.family in 3 files`.
    #[must_use]
    pub fn text(&self) -> String {
        let at = if self.path.is_empty() { "" } else { " at " };
        let path = super::printable(&super::place::short(&self.path));
        let plural = if self.files == 1 { "" } else { "s" };
        format!(
            "{} more{at}{path} in {} file{plural}",
            self.more, self.files
        )
    }
}

/// Passes the first issues of each kind on to another renderer, and counts the others. The kind is
/// the rule and the path without indexes, in all files together. Counts come before the summary,
/// in the order in which their kinds first occurred.
///
/// ```
/// use healthcode_validate::Validator;
/// use healthcode_validate::render::{Folding, GithubRenderer, Renderer, Summary};
/// let json = br#"{"resourceType": "Patient", "name": [{"given": ["", "", "", ""]}]}"#;
/// let report = Validator::default().read::<healthcode_r4::Patient>(json)?;
/// let mut out = Vec::new();
/// let mut renderer = Folding::new(GithubRenderer::new(&mut out), 1);
/// renderer.begin_file("a.json")?;
/// for issue in &report.issues {
///     renderer.issue(issue)?;
/// }
/// renderer.end_file()?;
/// renderer.finish(&Summary::default())?;
/// let out = String::from_utf8(out)?;
/// let lines: Vec<_> = out.lines().collect();
/// assert!(lines[0].ends_with("empty text is not allowed here at Patient.name[0].given[0]"));
/// assert!(lines[1].ends_with("empty text is not allowed here: 3 more at Patient.name.given in 1 file"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Folding<R> {
    inner: R,
    shown: u64,
    file: u64,
    kinds: Vec<Kind>,
    index: HashMap<(&'static str, String), usize>,
}

#[derive(Debug)]
struct Kind {
    seen: u64,
    /// The number of the file that `folded` was last counted in.
    file: u64,
    folded: Folded,
}

impl<R: Renderer> Folding<R> {
    /// Shows so many issues of each kind.
    pub fn new(inner: R, shown: u64) -> Self {
        Folding {
            inner,
            shown,
            file: 0,
            kinds: Vec::new(),
            index: HashMap::new(),
        }
    }

    /// The kind of an issue; none if there are too many kinds.
    fn kind(&mut self, issue: &Issue) -> Option<&mut Kind> {
        let path = index_free(&issue.path);
        let full = self.kinds.len() >= MOST;
        let key = (issue.rule.id, path);
        let at = match self.index.get(&key) {
            Some(at) => *at,
            None if full => return None,
            None => {
                self.kinds.push(Kind {
                    seen: 0,
                    file: 0,
                    folded: Folded {
                        rule: issue.rule,
                        severity: issue.severity,
                        path: index_free(&issue.shown_path()),
                        more: 0,
                        files: 0,
                    },
                });
                self.index.insert(key, self.kinds.len() - 1);
                self.kinds.len() - 1
            }
        };
        self.kinds.get_mut(at)
    }
}

impl<R: Renderer> Renderer for Folding<R> {
    fn begin_file(&mut self, file: &str) -> io::Result<()> {
        self.file += 1;
        self.inner.begin_file(file)
    }

    fn issue(&mut self, issue: &Issue) -> io::Result<()> {
        let (shown, file) = (self.shown, self.file);
        if let Some(kind) = self.kind(issue) {
            kind.seen += 1;
            if kind.seen > shown {
                kind.folded.more += 1;
                kind.folded.files += u64::from(kind.file != file);
                kind.file = file;
                kind.folded.severity = kind.folded.severity.max(issue.severity);
                return Ok(());
            }
        }
        self.inner.issue(issue)
    }

    fn unreadable(&mut self, file: &str, reason: &str) -> io::Result<()> {
        self.inner.unreadable(file, reason)
    }

    fn end_file(&mut self) -> io::Result<()> {
        self.inner.end_file()
    }

    fn folded(&mut self, folded: &Folded) -> io::Result<()> {
        self.inner.folded(folded)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        for kind in &self.kinds {
            if kind.folded.more > 0 {
                self.inner.folded(&kind.folded)?;
            }
        }
        self.inner.finish(summary)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Renderer + ?Sized> Renderer for Box<R> {
    fn begin_file(&mut self, file: &str) -> io::Result<()> {
        (**self).begin_file(file)
    }

    fn issue(&mut self, issue: &Issue) -> io::Result<()> {
        (**self).issue(issue)
    }

    fn unreadable(&mut self, file: &str, reason: &str) -> io::Result<()> {
        (**self).unreadable(file, reason)
    }

    fn end_file(&mut self) -> io::Result<()> {
        (**self).end_file()
    }

    fn folded(&mut self, folded: &Folded) -> io::Result<()> {
        (**self).folded(folded)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        (**self).finish(summary)
    }

    fn flush(&mut self) -> io::Result<()> {
        (**self).flush()
    }
}
