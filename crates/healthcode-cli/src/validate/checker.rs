//! [`Engine`]: validates what was opened; [`Checker`]: validates one input of the command.

use super::{attach, capture};
use crate::args::InputArgs;
use crate::config::Settings;
use crate::engine::{Outbox, Watched, Work, stopped};
use crate::input::{self, Input, Opened};
use healthcode_core::{Applicability, Issue};
use healthcode_json::stream::Kind;
use healthcode_validate::{Filter, Validator};
use indicatif::ProgressBar;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};

/// How large a text must be for several threads to validate it sooner than one: they have to be started.
const FOR_THREADS: usize = 4 * 1024 * 1024;

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
    /// How many bytes to expect of an input that is read whole, to find fixes for its issues: files, and documents from
    /// standard input. `None` for others: of the rest of standard input, issues are shown as they come.
    fn size_of_whole(&self, input: &Input, opened: &Opened) -> Option<usize> {
        if !self.fixes || opened.capture || opened.compressed {
            return None;
        }
        match input {
            Input::File(path, _) => {
                let data = path.metadata().ok()?;
                let is_small = data.is_file() && data.len() <= attach::LARGEST;
                usize::try_from(data.len()).ok().filter(|_| is_small)
            }
            Input::Stdin(_) => (opened.kind == Kind::Document).then_some(0),
        }
    }

    /// Validates an input whose issues are shown with fixes, unless it turns out to be larger than was expected.
    fn with_fixes(
        &self,
        mut opened: Opened,
        size: usize,
        outbox: &Outbox<Issue>,
    ) -> io::Result<()> {
        let kind = opened.kind;
        let mut text = Vec::with_capacity(size);
        let most = attach::LARGEST + 1;
        opened.reader.by_ref().take(most).read_to_end(&mut text)?;
        if text.len() as u64 == most {
            opened.reader = Box::new(io::Cursor::new(text).chain(opened.reader));
            return self.stream(opened, outbox);
        }
        let threads = if text.len() < FOR_THREADS {
            1
        } else {
            self.threads
        };
        let mut issues = Vec::new();
        let mut are_many = false;
        self.engine
            .check_payload(kind, &text[..], threads, |mut part, bytes| {
                stopped()?;
                self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
                issues.append(&mut part);
                are_many |= issues.len() > attach::MOST;
                if are_many {
                    outbox.add(std::mem::take(&mut issues))?;
                }
                Ok(())
            })?;
        if !are_many {
            self.engine.attach_fixes(kind, &text, threads, &mut issues);
        }
        outbox.add(issues)
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
        let opened = input::open(input, self.engine.args(), wrap)?;
        if let Some(size) = self.size_of_whole(input, &opened) {
            return self.with_fixes(opened, size, outbox);
        }
        self.stream(opened, outbox)
    }

    fn begin(&self, name: String) {
        self.progress.set_message(name);
    }
}
