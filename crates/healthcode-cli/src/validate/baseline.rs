//! Known issues: `--baseline` and `--write-baseline`.
//!
//! An issue is known by its file, rule, path without indexes, and fingerprint, and by how many of it there are.
//! None of these depends on lines or on values, so that a list of known issues stays true when a payload is
//! formatted or gets another entry, and can be published.

use crate::config::invalid;
use crate::engine::Found;
use crate::input::{Input, shown};
use crate::output::replace;
use healthcode_core::Issue;
use healthcode_validate::index_free;
use healthcode_validate::render::fingerprint;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The version of the file's form.
const VERSION: u32 = 1;

/// The file that is written unless another one is named.
const NAME: &str = "healthcode-baseline.json";

/// How large the file may be.
const LARGEST: u64 = 256 * 1024 * 1024;

/// How many resolved issues are listed.
const LISTED: usize = 50;

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    version: u32,
    issues: Vec<Entry>,
}

/// Issues of a rule at a path of a file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    file: String,
    rule: String,
    path: String,
    fingerprint: String,
    count: u64,
}

/// What known issues are alike in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    file: String,
    rule: String,
    path: String,
    fingerprint: String,
}

impl Kind {
    fn of(file: &str, issue: &Issue) -> Self {
        let path = index_free(&issue.shown_path());
        let constraint = issue.constraint.iter();
        let of_profile = constraint.flat_map(|one| [&*one.profile, &*one.element]);
        let fingerprint = fingerprint([issue.rule.id, &path].into_iter().chain(of_profile));
        Kind {
            file: file.to_owned(),
            rule: issue.rule.id.to_owned(),
            path,
            fingerprint,
        }
    }
}

/// Inputs without the files of known issues that folders have.
pub(super) fn left_out(mut inputs: Vec<Found>, baseline: Option<&Baseline>) -> Vec<Found> {
    let own = baseline.map(|baseline| [Some(&baseline.path), baseline.target.as_ref()]);
    let own = own.into_iter().flatten().flatten();
    let own: Vec<PathBuf> = own.filter_map(|path| path.canonicalize().ok()).collect();
    inputs.retain(|input| match input {
        Ok(Input::File(path, Some(_))) => {
            let is_own = || path.canonicalize().is_ok_and(|path| own.contains(&path));
            !path.ends_with(NAME) && (own.is_empty() || !is_own())
        }
        _ => true,
    });
    inputs
}

/// Where known issues are listed, and which they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Baseline {
    path: PathBuf,
    /// The folder that names of files are relative to.
    folder: PathBuf,
    known: BTreeMap<Kind, u64>,
    /// The file that all issues are written into, if that was requested.
    target: Option<PathBuf>,
}

impl Baseline {
    /// The known issues of a file, and the file to be written; `None` if there is neither.
    ///
    /// # Errors
    /// If the file cannot be read, or is no list of known issues.
    pub(super) fn load(
        path: Option<&Path>,
        write: Option<&Option<PathBuf>>,
    ) -> io::Result<Option<Self>> {
        let target = write.map(|named| {
            let named = named.as_deref().or(path);
            named.unwrap_or(Path::new(NAME)).to_owned()
        });
        let Some(main) = path.or(target.as_deref()) else {
            return Ok(None);
        };
        let mut known = BTreeMap::new();
        // A file that is about to be made need not be there.
        if let Some(path) = path.filter(|path| write.is_none() || path.exists()) {
            for entry in read(path)? {
                let kind = Kind {
                    file: entry.file,
                    rule: entry.rule,
                    path: entry.path,
                    fingerprint: entry.fingerprint,
                };
                *known.entry(kind).or_default() += entry.count;
            }
        }
        Ok(Some(Baseline {
            folder: folder_of(target.as_deref().unwrap_or(main)),
            path: main.to_owned(),
            known,
            target,
        }))
    }

    /// Begins a run.
    pub(super) fn run(&self) -> Run<'_> {
        Run {
            baseline: self,
            left: self.known.clone(),
            found: BTreeMap::new(),
            checked: BTreeSet::new(),
            file: String::new(),
            unreadable: false,
        }
    }

    /// The name of a file from the folder of known issues.
    fn relative(&self, name: &str) -> String {
        let inside = Path::new(name).canonicalize().ok();
        let inside = inside.and_then(|path| {
            let path = path.strip_prefix(&self.folder).ok()?;
            let steps = path.iter().map(|step| step.to_string_lossy());
            Some(steps.collect::<Vec<_>>().join("/"))
        });
        inside.unwrap_or_else(|| name.to_owned())
    }
}

/// The folder of a file, whether the file is there or not.
fn folder_of(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|path| !path.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

fn read(path: &Path) -> io::Result<Vec<Entry>> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", shown(path)));
    let mut text = Vec::new();
    let file = File::open(path).map_err(named)?;
    file.take(LARGEST).read_to_end(&mut text).map_err(named)?;
    let contents: Contents = serde_json::from_slice(&text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let message = "expected a file that --write-baseline has written";
        invalid(format!(
            "{}: invalid baseline at {place}: {message}",
            shown(path)
        ))
    })?;
    if contents.version != VERSION {
        let message = format!(
            "{}: unsupported version {} of baselines: expected {VERSION}; write it again",
            shown(path),
            contents.version
        );
        return Err(invalid(message));
    }
    Ok(contents.issues)
}

/// Which issues a run finds.
pub(super) struct Run<'b> {
    baseline: &'b Baseline,
    /// How many known issues of each kind have not been found yet.
    left: BTreeMap<Kind, u64>,
    found: BTreeMap<Kind, u64>,
    checked: BTreeSet<String>,
    file: String,
    unreadable: bool,
}

impl Run<'_> {
    /// Begins a file.
    pub(super) fn begin(&mut self, name: &str) {
        self.file = self.baseline.relative(name);
        self.checked.insert(self.file.clone());
    }

    /// Whether an issue of the file that has begun is known, or becomes so.
    pub(super) fn takes(&mut self, issue: &Issue) -> bool {
        let kind = Kind::of(&self.file, issue);
        if self.baseline.target.is_some() {
            *self.found.entry(kind).or_default() += 1;
            return true;
        }
        match self.left.get_mut(&kind) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }

    /// Notes that the file that has begun could not be read: what is left of it is not resolved.
    pub(super) fn unreadable(&mut self) {
        self.checked.remove(&self.file);
        self.unreadable = true;
    }

    /// Writes the list of known issues if that was requested; else says which of them are resolved. `whole` is
    /// false for a run that was interrupted.
    ///
    /// # Errors
    /// If the list cannot be written.
    pub(super) fn finish(self, whole: bool) -> io::Result<()> {
        match &self.baseline.target {
            Some(_) if !whole => note("the baseline was not written: the run was interrupted"),
            Some(_) if self.unreadable => {
                note("the baseline was not written: an input could not be read");
            }
            Some(target) => self.write(target)?,
            None if whole => self.resolved(),
            None => {}
        }
        Ok(())
    }

    fn write(&self, target: &Path) -> io::Result<()> {
        // What is known of files that were not looked at stays.
        let mut all: BTreeMap<&Kind, u64> = BTreeMap::new();
        for (kind, count) in &self.baseline.known {
            if !self.checked.contains(&kind.file) && !self.is_gone(&kind.file) {
                all.insert(kind, *count);
            }
        }
        let count: u64 = self.found.values().sum();
        all.extend(self.found.iter().map(|(kind, count)| (kind, *count)));
        let mut text = format!("{{\n  \"version\": {VERSION},\n  \"issues\": [");
        for (index, (kind, count)) in all.into_iter().enumerate() {
            let entry = Entry {
                file: kind.file.clone(),
                rule: kind.rule.clone(),
                path: kind.path.clone(),
                fingerprint: kind.fingerprint.clone(),
                count,
            };
            text.push_str(if index == 0 { "\n    " } else { ",\n    " });
            text.push_str(&serde_json::to_string(&entry)?);
        }
        text.push_str("\n  ]\n}\n");
        replace::write(target, text.as_bytes())
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", shown(target))))?;
        let plural = if count == 1 { "" } else { "s" };
        note(&format!(
            "{count} known issue{plural} written to {}",
            shown(target)
        ));
        Ok(())
    }

    /// Whether a file of the folder is there no more.
    fn is_gone(&self, file: &str) -> bool {
        file != "-" && !self.baseline.folder.join(file).exists()
    }

    fn resolved(&self) {
        let is_looked_at =
            |kind: &Kind| self.checked.contains(&kind.file) || self.is_gone(&kind.file);
        let resolved = self.left.iter();
        let resolved = resolved.filter(|(kind, count)| **count > 0 && is_looked_at(kind));
        let resolved: Vec<(&Kind, &u64)> = resolved.collect();
        let total: u64 = resolved.iter().map(|(_, count)| **count).sum();
        if total == 0 {
            return;
        }
        let are = if total == 1 { "issue is" } else { "issues are" };
        let path = shown(&self.baseline.path);
        note(&format!(
            "{total} known {are} resolved; --write-baseline removes them from {path}:"
        ));
        for (kind, count) in resolved.iter().take(LISTED) {
            let at = if kind.path.is_empty() { "" } else { " at " };
            let times = if **count == 1 {
                String::new()
            } else {
                format!(" ({count})")
            };
            let text = format!("{} in {}{at}{}{times}", kind.rule, kind.file, kind.path);
            let _ = writeln!(io::stderr(), "  {}", healthcode_core::printable(&text));
        }
        if let Some(more) = resolved.len().checked_sub(LISTED).filter(|more| *more > 0) {
            let _ = writeln!(io::stderr(), "  … and {more} more");
        }
    }
}

/// Says something on standard error; nothing can be done if that is closed.
fn note(text: &str) {
    let _ = writeln!(io::stderr(), "healthcode: {text}");
}
