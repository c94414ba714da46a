//! [`Summary`]: how many files and issues there were.

use healthcode_core::{Issue, Severity};
use std::fmt;
use std::time::Duration;

/// How many files and issues there were.
///
/// ```
/// use healthcode_core::Severity;
/// use healthcode_validate::render::Summary;
/// let mut summary = Summary::default();
/// summary.files = 3;
/// summary.bytes = 1_200_000;
/// summary.elapsed = std::time::Duration::from_millis(34);
/// summary.count(Severity::Error);
/// summary.count(Severity::Error);
/// summary.count(Severity::Warning);
/// assert_eq!(summary.to_string(), "2 errors, 1 warning in 3 files (1.2 MB, 34 ms)");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Files, readable or not.
    pub files: u64,
    /// Issues that are errors or fatal.
    pub errors: u64,
    /// Issues that are warnings.
    pub warnings: u64,
    /// Issues for information.
    pub information: u64,
    /// Files that could not be read.
    pub unreadable: u64,
    /// Issues that were known before, and are neither shown nor counted otherwise.
    pub known: u64,
    /// Issues that have been corrected.
    pub fixed: u64,
    /// Issues that have a safe fix.
    pub fixable: u64,
    /// Issues that have an unsafe fix.
    pub fixable_unsafely: u64,
    /// Whether it was ended before all was read.
    pub interrupted: bool,
    /// Bytes that were read, decompressed; 0 if unknown.
    pub bytes: u64,
    /// The time it took; 0 if unknown.
    pub elapsed: Duration,
}

impl Summary {
    /// Counts the fix of an issue, if it has one.
    pub fn count_fix(&mut self, issue: &Issue) {
        match &issue.fix {
            Some(fix) if fix.is_safe() => self.fixable += 1,
            Some(_) => self.fixable_unsafely += 1,
            None => {}
        }
    }

    /// In words, how many issues were corrected or have fixes: `3 fixable with --fix, 1 more with --unsafe-fixes`;
    /// `None` if there are no such issues.
    #[must_use]
    pub fn fixes(&self) -> Option<String> {
        let mut words = Vec::new();
        if self.fixed > 0 {
            words.push(format!("{} fixed", self.fixed));
        }
        if self.fixable > 0 {
            words.push(format!("{} fixable with --fix", self.fixable));
        }
        match (self.fixable, self.fixable_unsafely) {
            (_, 0) => {}
            (0, count) => words.push(format!("{count} fixable with --fix --unsafe-fixes")),
            (_, count) => words.push(format!("{count} more with --unsafe-fixes")),
        }
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// Counts an issue.
    pub fn count(&mut self, severity: Severity) {
        match severity {
            Severity::Information => self.information += 1,
            Severity::Warning => self.warnings += 1,
            _ => self.errors += 1,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.interrupted {
            f.write_str("interrupted, found so far: ")?;
        }
        let errors = counted(self.errors, "error");
        let warnings = counted(self.warnings, "warning");
        write!(f, "{errors}, {warnings}")?;
        if self.information > 0 {
            write!(f, ", {}", counted(self.information, "note"))?;
        }
        if self.known > 0 {
            write!(f, ", {} known left out", self.known)?;
        }
        write!(f, " in {}", counted(self.files, "file"))?;
        if self.unreadable > 0 {
            write!(f, ", {} unreadable", self.unreadable)?;
        }
        let mut about = Vec::new();
        if self.bytes > 0 {
            about.push(size(self.bytes));
        }
        if !self.elapsed.is_zero() {
            about.push(time(self.elapsed));
        }
        if !about.is_empty() {
            write!(f, " ({})", about.join(", "))?;
        }
        Ok(())
    }
}

fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

#[allow(clippy::cast_precision_loss, reason = "shown with one digit")]
fn size(bytes: u64) -> String {
    let mut size = bytes as f64 / 1000.0;
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    for unit in ["kB", "MB", "GB"] {
        if size < 999.95 {
            return format!("{size:.1} {unit}");
        }
        size /= 1000.0;
    }
    format!("{size:.1} TB")
}

fn time(elapsed: Duration) -> String {
    match elapsed.as_millis() {
        0 => format!("{} µs", elapsed.as_micros()),
        millis @ 1..1000 => format!("{millis} ms"),
        1000..60_000 => format!("{:.1} s", elapsed.as_secs_f64()),
        _ => format!(
            "{} min {} s",
            elapsed.as_secs() / 60,
            elapsed.as_secs() % 60
        ),
    }
}
