//! [`Engine`]: validates what was opened; [`Checker`]: validates one input of the command.

use super::{attach, capture};
use crate::args::InputArgs;
use crate::config::Settings;
use crate::engine::{Outbox, Watched, Work, stopped};
use crate::input::{self, Input, Opened, Stamp};
use healthcode_core::{Applicability, Issue};
use healthcode_json::stream::Kind;
use healthcode_validate::{Filter, Validator};
use indicatif::ProgressBar;
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// How large a text must be for several threads to validate it sooner than one: they have to be started.
const FOR_THREADS: u64 = 4 * 1024 * 1024;

/// How payloads and captures are validated.
pub(crate) struct Engine {
    args: InputArgs,
    /// With the filter.
    validator: Validator,
    /// Without it: a capture's issues get the paths that it matches afterwards.
    captures: Validator,
    /// As that, without excerpts: finds all issues, whatever is shown.
    plain: Validator,
    filter: Filter,
}

impl Engine {
    /// With a validator that has no filter yet.
    pub(crate) fn new(validator: &Validator, settings: &Settings) -> Engine {
        Engine {
            args: settings.inputs.clone(),
            validator: validator.clone().filter(settings.filter.clone()),
            captures: validator.clone(),
            plain: validator.clone().excerpts(false),
            filter: settings.filter.clone(),
        }
    }

    pub(crate) fn args(&self) -> &InputArgs {
        &self.args
    }

    /// Validates what was opened; `each` receives issues as they are found, with the bytes that they are of.
    ///
    /// # Errors
    /// If it cannot be read, or `each` fails.
    pub(crate) fn check(
        &self,
        opened: Opened,
        threads: usize,
        mut each: impl FnMut(Vec<Issue>, usize) -> io::Result<()> + Send,
    ) -> io::Result<()> {
        if opened.capture {
            let limit = self.args.resource_bytes();
            let (mut issues, bytes) = capture::check(opened.reader, limit, &self.captures)?;
            self.filter.apply(&mut issues);
            return each(issues, bytes);
        }
        self.check_payload(opened.kind, opened.reader, threads, each)
    }

    /// As [`Engine::check`], of what is not a capture.
    fn check_payload(
        &self,
        kind: Kind,
        reader: impl Read,
        threads: usize,
        mut each: impl FnMut(Vec<Issue>, usize) -> io::Result<()> + Send,
    ) -> io::Result<()> {
        let stream = self.validator.stream(reader).kind(kind);
        let mut each = |part: healthcode_validate::Part| each(part.issues, part.bytes);
        stream.threads(threads).for_each(&mut each)?;
        Ok(())
    }

    /// Adds to issues of a text the fixes that they have, unless the text or their number is large.
    pub(crate) fn attach_fixes(
        &self,
        kind: Kind,
        text: &[u8],
        threads: usize,
        issues: &mut [Issue],
    ) {
        if text.len() as u64 <= attach::LARGEST && issues.len() <= attach::MOST {
            let check = attach::Check {
                validator: &self.plain,
                kind,
                threads,
            };
            attach::attach(&check, &self.filter, text, issues);
        }
    }

    /// A text with the fixes of its issues, and how many these are.
    pub(super) fn correct(
        &self,
        kind: Kind,
        text: &[u8],
        applicability: Applicability,
    ) -> (Vec<u8>, usize) {
        let check = attach::Check {
            validator: &self.plain,
            kind,
            threads: 1,
        };
        attach::corrected(&check, &self.filter, text, applicability)
    }
}

/// What a file has; `None` if it was changed since it had this stamp.
fn unchanged(path: &Path, stamp: Stamp) -> Option<Vec<u8>> {
    let text = fs::read(path).ok()?;
    let is_same = text.len() as u64 == stamp.1 && input::stamp(path) == Some(stamp);
    is_same.then_some(text)
}

/// Validates the inputs of the command.
pub(super) struct Checker {
    pub(super) engine: Engine,
    /// Whether issues are shown with fixes, unless the input is large.
    pub(super) fixes: bool,
    pub(super) progress: ProgressBar,
    pub(super) bytes: AtomicU64,
    /// How many threads validate the entries or lines of one input.
    pub(super) threads: usize,
}

impl Checker {
    /// Validates a file whose issues are shown with fixes. It is read again if some may have fixes, so that others, which
    /// most are, are not held in memory.
    fn file(
        &self,
        opened: Opened,
        path: &Path,
        stamp: Stamp,
        outbox: &Outbox<Issue>,
    ) -> io::Result<()> {
        let (kind, threads) = (opened.kind, self.threads_for(stamp.1));
        let mut issues = self.kept(kind, opened.reader, threads, outbox)?;
        if attach::may_have_fixes(&issues)
            && let Some(text) = unchanged(path, stamp)
        {
            self.engine.attach_fixes(kind, &text, threads, &mut issues);
        }
        outbox.add(issues)
    }

    /// Validates a document from standard input whose issues are shown with fixes, unless it is large.
    fn document(&self, mut opened: Opened, outbox: &Outbox<Issue>) -> io::Result<()> {
        let mut text = Vec::new();
        let most = attach::LARGEST + 1;
        opened.reader.by_ref().take(most).read_to_end(&mut text)?;
        if text.len() as u64 == most {
            opened.reader = Box::new(io::Cursor::new(text).chain(opened.reader));
            return self.stream(opened, outbox);
        }
        let (kind, threads) = (opened.kind, self.threads_for(text.len() as u64));
        let mut issues = self.kept(kind, &text[..], threads, outbox)?;
        self.engine.attach_fixes(kind, &text, threads, &mut issues);
        outbox.add(issues)
    }

    /// How many threads validate so many bytes.
    fn threads_for(&self, bytes: u64) -> usize {
        if bytes < FOR_THREADS { 1 } else { self.threads }
    }

    /// The issues of an input that is not a capture; none if they are too many to be kept, which are sent without fixes.
    fn kept(
        &self,
        kind: Kind,
        reader: impl Read,
        threads: usize,
        outbox: &Outbox<Issue>,
    ) -> io::Result<Vec<Issue>> {
        let mut issues = Vec::new();
        let mut are_many = false;
        let keep = |mut part: Vec<Issue>, bytes: usize| {
            stopped()?;
            self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
            issues.append(&mut part);
            are_many |= issues.len() > attach::MOST;
            if are_many {
                outbox.add(std::mem::take(&mut issues))?;
            }
            Ok(())
        };
        self.engine.check_payload(kind, reader, threads, keep)?;
        Ok(issues)
    }

    /// Validates an input, and sends issues as they are found.
    fn stream(&self, opened: Opened, outbox: &Outbox<Issue>) -> io::Result<()> {
        self.engine.check(opened, self.threads, |issues, bytes| {
            stopped()?;
            self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
            outbox.add(issues)
        })
    }
}

impl Work for Checker {
    type Part = Issue;

    const BATCH: usize = 256;

    const AHEAD: usize = 1024;

    fn process(&self, input: &Input, outbox: &Outbox<Issue>) -> io::Result<()> {
        let bar = self.progress.clone();
        let wrap = |reader| Box::new(Watched(reader, bar)) as Box<dyn Read>;
        // Of a pipe there is nothing to be read again.
        let stamp = match input {
            Input::File(path, _) if self.fixes && !input::is_special(path) => input::stamp(path),
            _ => None,
        };
        let opened = input::open(input, self.engine.args(), wrap)?;
        match (input, stamp) {
            _ if !self.fixes || opened.capture || opened.compressed => self.stream(opened, outbox),
            (Input::File(path, _), Some(stamp)) if stamp.1 <= attach::LARGEST => {
                self.file(opened, path, stamp, outbox)
            }
            (Input::Stdin(_), _) if opened.kind == Kind::Document => self.document(opened, outbox),
            // Issues of what else comes from standard input are shown as they come.
            _ => self.stream(opened, outbox),
        }
    }

    fn begin(&self, name: String) {
        self.progress.set_message(name);
    }
}

#[cfg(test)]
mod tests {
    use super::{input, unchanged};
    use std::fs;
    use std::time::Duration;

    #[test]
    fn files_that_were_changed_are_not_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        fs::write(&file, "{}").unwrap();
        let stamp = input::stamp(&file).unwrap();
        assert_eq!(unchanged(&file, stamp).as_deref(), Some(&b"{}"[..]));
        fs::write(&file, "{ }").unwrap();
        assert_eq!(unchanged(&file, stamp), None);
        let stamp = input::stamp(&file).unwrap();
        let handle = fs::File::options().write(true).open(&file).unwrap();
        handle
            .set_modified(stamp.0 + Duration::from_secs(1))
            .unwrap();
        assert_eq!(unchanged(&file, stamp), None);
        fs::remove_file(&file).unwrap();
        assert_eq!(unchanged(&file, stamp), None);
    }
}
