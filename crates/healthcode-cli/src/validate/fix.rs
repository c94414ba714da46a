//! `healthcode validate --fix` and `--diff`.

use super::Setup;
use super::baseline::{self, Baseline};
use super::checker::Engine;
use super::diff::{Shown, unified};
use crate::args::Format;
use crate::config;
use crate::engine::{self, Found, Outbox, Sink, Watched, Work};
use crate::input::{self, Input, Opened};
use crate::output::{Output, replace};
use healthcode_core::{Applicability, Issue, printable};
use healthcode_validate::render::{Renderer, Summary};
use indicatif::ProgressBar;
use std::fs;
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Corrects inputs.
struct Fixer {
    engine: Engine,
    applicability: Applicability,
    /// How a diff is shown instead of rewriting anything.
    diff: Option<Shown>,
    progress: ProgressBar,
    bytes: AtomicU64,
}

/// What has become of an input.
struct Outcome {
    issues: Vec<Issue>,
    fixed: usize,
    diff: String,
    /// The corrected text of standard input.
    text: Option<Vec<u8>>,
    /// Why it was not rewritten although that was requested.
    kept: Option<&'static str>,
    /// Why it could not be rewritten.
    error: Option<io::Error>,
}

impl Outcome {
    fn of(issues: Vec<Issue>) -> Self {
        Outcome {
            issues,
            fixed: 0,
            diff: String::new(),
            text: None,
            kept: None,
            error: None,
        }
    }
}

impl Work for Fixer {
    type Part = Outcome;

    const BATCH: usize = 1;

    const AHEAD: usize = 64;

    fn process(&self, input: &Input, outbox: &Outbox<Outcome>) -> io::Result<()> {
        let bar = self.progress.clone();
        let wrap = |reader| Box::new(Watched(reader, bar)) as Box<dyn Read>;
        let opened = input::open(input, self.engine.args(), wrap)?;
        outbox.add(vec![match reason_to_keep(input, &opened) {
            Some(reason) => self.kept(opened, reason)?,
            None => self.fixed(input, opened)?,
        }])
    }

    fn begin(&self, name: String) {
        self.progress.set_message(name);
    }
}

/// Why an input is not rewritten, if it is not.
fn reason_to_keep(input: &Input, opened: &Opened) -> Option<&'static str> {
    if opened.capture {
        return Some("a captured exchange is not rewritten");
    }
    if opened.compressed {
        return Some("a compressed input is not rewritten");
    }
    match input {
        Input::File(path, _) if !path.is_file() => Some("only regular files are rewritten"),
        _ => None,
    }
}

impl Fixer {
    /// Validates an input that is not rewritten.
    fn kept(&self, opened: Opened, reason: &'static str) -> io::Result<Outcome> {
        let mut outcome = Outcome::of(Vec::new());
        self.engine.check(opened, 1, |issues, bytes| {
            self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
            outcome.issues.extend(issues);
            engine::stopped()
        })?;
        outcome.kept = Some(reason);
        Ok(outcome)
    }

    /// Corrects an input.
    fn fixed(&self, input: &Input, opened: Opened) -> io::Result<Outcome> {
        let kind = opened.kind;
        let before = opened.whole(self.engine.args())?;
        self.bytes.fetch_add(before.len() as u64, Ordering::Relaxed);
        let (after, fixed) = self.engine.correct(kind, &before, self.applicability);
        engine::stopped()?;
        let mut outcome = Outcome::of(Vec::new());
        outcome.fixed = fixed;
        if let Some(shown) = self.diff {
            if before != after {
                let [before, after] = [&before, &after].map(|text| String::from_utf8_lossy(text));
                outcome.diff = unified(&input.name(), &before, &after, shown);
            }
            return Ok(outcome);
        }
        let mut text = after;
        match input {
            Input::File(path, _) if before != text => {
                if let Err(error) = rewrite(path, &before, &text) {
                    outcome.error = Some(error);
                    outcome.fixed = 0;
                    text = before;
                }
            }
            Input::File(..) => {}
            Input::Stdin(_) => outcome.text = Some(text.clone()),
        }
        let corrected = Opened {
            kind,
            capture: false,
            compressed: false,
            reader: Box::new(io::Cursor::new(text.clone())),
        };
        self.engine.check(corrected, 1, |issues, _| {
            outcome.issues.extend(issues);
            engine::stopped()
        })?;
        self.engine
            .attach_fixes(kind, &text, 1, &mut outcome.issues);
        Ok(outcome)
    }
}

/// Replaces a file. What a link names is rewritten, not the link.
fn rewrite(path: &Path, before: &[u8], after: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    if fs::metadata(&path)?.permissions().readonly() {
        return Err(io::Error::new(
            ErrorKind::PermissionDenied,
            "it is read-only",
        ));
    }
    replace::rewrite(&path, before, after, "")
}

/// Takes what has become of inputs.
struct Results<'b> {
    known: Option<baseline::Run<'b>>,
    /// Where issues go, unless standard output has something else.
    out: Option<Box<dyn Renderer>>,
    summary: Summary,
    name: String,
    progress: ProgressBar,
    changed: u64,
    failed: bool,
}

impl Results<'_> {
    fn take(&mut self, outcome: Outcome) -> io::Result<()> {
        let name = &self.name;
        if let Some(reason) = outcome.kept {
            note(&format!("{name}: {reason}"));
        }
        if let Some(error) = &outcome.error {
            self.failed = true;
            let error = printable(&error.to_string());
            note(&format!("{name}: cannot be rewritten: {error}"));
        }
        self.summary.fixed += outcome.fixed as u64;
        self.changed += u64::from(outcome.fixed > 0);
        let mut out = io::stdout().lock();
        out.write_all(outcome.diff.as_bytes())?;
        out.write_all(&outcome.text.unwrap_or_default())?;
        out.flush()?;
        for issue in &outcome.issues {
            if self.known.as_mut().is_some_and(|known| known.takes(issue)) {
                self.summary.known += 1;
                continue;
            }
            self.summary.count(issue.severity);
            self.summary.count_fix(issue);
            if let Some(report) = &mut self.out {
                report.issue(issue)?;
            }
        }
        Ok(())
    }
}

impl Sink<Outcome> for Results<'_> {
    fn begin(&mut self, name: &str) -> io::Result<()> {
        self.summary.files += 1;
        name.clone_into(&mut self.name);
        if let Some(known) = &mut self.known {
            known.begin(name);
        }
        self.out.as_mut().map_or(Ok(()), |out| out.begin_file(name))
    }

    fn parts(&mut self, parts: Vec<Outcome>) -> io::Result<()> {
        let bar = self.progress.clone();
        bar.suspend(|| parts.into_iter().try_for_each(|outcome| self.take(outcome)))
    }

    fn unreadable(&mut self, name: &str, error: &io::Error) -> io::Result<()> {
        self.summary.unreadable += 1;
        if let Some(known) = &mut self.known {
            known.unreadable();
        }
        if let Some(report) = &mut self.out {
            return report.unreadable(name, &error.to_string());
        }
        note(&format!(
            "{name}: cannot be read: {}",
            printable(&error.to_string())
        ));
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Renderer::end_file)
    }
}

/// Says something on standard error; nothing can be done if that is closed.
fn note(text: &str) {
    let _ = writeln!(io::stderr(), "healthcode: {text}");
}

impl Setup {
    /// Corrects inputs or shows a diff, and reports what is left. Returns the exit status.
    pub(super) fn fix(&self, inputs: Vec<Found>) -> io::Result<u8> {
        let args = &self.args;
        let stdin = inputs
            .iter()
            .any(|input| matches!(input, Ok(Input::Stdin(_))));
        if stdin && !args.fixes.diff && inputs.len() > 1 {
            let message = "--fix writes what comes from standard input to standard output: \
                           expected - as the only path";
            return Err(config::invalid(message.to_owned()));
        }
        let diff = args.fixes.diff.then(|| match io::stdout().is_terminal() {
            true => Shown::Terminal,
            false if args.show_values => Shown::Whole,
            false => Shown::Masked,
        });
        let output = Output::open(args.output.as_deref())?;
        let progress = engine::progress(&inputs);
        let jobs = engine::jobs(self.settings.jobs);
        let fixer = Arc::new(Fixer {
            engine: Engine::new(&self.validator, &self.settings),
            applicability: if args.fixes.unsafe_fixes {
                Applicability::Unsafe
            } else {
                Applicability::Safe
            },
            diff,
            progress: progress.clone(),
            bytes: AtomicU64::new(0),
        });
        let started = std::time::Instant::now();
        let reports = diff.is_none() && (!stdin || args.output.is_some());
        let report = reports.then(|| output.renderer(args)).transpose()?;
        let mut results = Results {
            out: report.map(|out| self.folding(out)),
            // A diff says nothing of the issues that are left.
            known: self
                .baseline
                .as_ref()
                .filter(|_| diff.is_none())
                .map(Baseline::run),
            summary: Summary::default(),
            name: String::new(),
            progress,
            changed: 0,
            failed: false,
        };
        let whole = engine::run(&fixer, inputs, jobs, &mut results)?;
        results.progress.finish_and_clear();
        let mut summary = results.summary;
        summary.interrupted = !whole;
        summary.bytes = fixer.bytes.load(Ordering::Relaxed);
        summary.elapsed = started.elapsed();
        if let Some(mut report) = results.out {
            report.finish(&summary)?;
            drop(report);
            output.keep(args.show_values)?;
        }
        if let Some(known) = results.known {
            known.finish(whole)?;
        }
        if !reports || args.format != Format::Human {
            let count = |number: u64, one: &str| match number {
                1 => format!("1 {one}"),
                number => format!("{number} {one}s"),
            };
            let would = if diff.is_some() { "would be " } else { "" };
            let (fixed, files) = (
                count(summary.fixed, "issue"),
                count(results.changed, "file"),
            );
            note(&format!("{fixed} {would}fixed in {files}"));
        }
        let status = self.status(&summary);
        Ok(match status {
            0 | 1 if results.failed => 2,
            0 | 1 if diff.is_some() && !args.exit_zero => u8::from(results.changed > 0),
            status => status,
        })
    }
}
