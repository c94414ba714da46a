//! [`Checker`]: validates one input.

use super::{attach, capture};
use crate::args::InputArgs;
use crate::engine::{Outbox, Watched, Work, stopped};
use crate::input::{self, Input, Opened};
use healthcode_core::Issue;
use healthcode_json::stream::Kind;
use healthcode_validate::{Filter, Validator};
use indicatif::ProgressBar;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};

/// How inputs are validated.
pub(super) struct Checker {
    pub(super) args: InputArgs,
    /// With the filter.
    pub(super) validator: Validator,
    /// Without it: a capture's issues get the paths that it matches afterwards.
    pub(super) captures: Validator,
    /// As that, without excerpts: finds all issues, whatever is shown.
    pub(super) plain: Validator,
    pub(super) fixes: Fixes,
    pub(super) filter: Filter,
    pub(super) progress: ProgressBar,
    pub(super) bytes: AtomicU64,
    /// How many threads validate the entries or lines of one input.
    pub(super) threads: usize,
}

/// The inputs whose issues are shown with fixes, unless they are large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fixes {
    /// None: the format has no place for them.
    Never,
    /// Files, and documents from standard input: of the rest of standard input, issues are shown as they come.
    OfFiles,
    /// All.
    All,
}

impl Checker {
    /// Whether an input is read whole, to find fixes for its issues.
    fn wants_fixes(&self, input: &Input, opened: &Opened) -> bool {
        let comes_whole = match input {
            Input::File(path, _) => {
                let data = path.metadata();
                data.is_ok_and(|data| data.is_file() && data.len() <= attach::LARGEST)
            }
            Input::Stdin => self.fixes == Fixes::All || opened.kind == Kind::Document,
        };
        self.fixes != Fixes::Never && !opened.compressed && comes_whole
    }

    /// Validates an input whose issues are shown with fixes, unless it turns out to be large.
    fn with_fixes(&self, opened: Opened, outbox: &Outbox<Issue>) -> io::Result<()> {
        let kind = opened.kind;
        let mut reader = opened.reader;
        let mut text = Vec::new();
        let most = attach::LARGEST + 1;
        reader.by_ref().take(most).read_to_end(&mut text)?;
        if text.len() as u64 == most {
            return self.stream(io::Cursor::new(text).chain(reader), kind, outbox);
        }
        let mut issues = Vec::new();
        let mut are_many = false;
        let stream = self.validator.stream(&text[..]).kind(kind);
        stream.threads(self.threads).for_each(|mut part| {
            stopped()?;
            self.bytes.fetch_add(part.bytes as u64, Ordering::Relaxed);
            issues.append(&mut part.issues);
            are_many |= issues.len() > attach::MOST;
            if are_many {
                outbox.add(std::mem::take(&mut issues))?;
            }
            Ok(())
        })?;
        if !are_many {
            attach::attach(&self.plain, &self.filter, kind, &text, &mut issues);
        }
        outbox.add(issues)
    }

    /// Validates an input, and sends issues as they are found.
    fn stream(&self, reader: impl Read, kind: Kind, outbox: &Outbox<Issue>) -> io::Result<()> {
        let stream = self.validator.stream(reader).kind(kind);
        stream.threads(self.threads).for_each(|part| {
            stopped()?;
            self.bytes.fetch_add(part.bytes as u64, Ordering::Relaxed);
            outbox.add(part.issues)
        })?;
        Ok(())
    }
}

impl Work for Checker {
    type Part = Issue;

    const BATCH: usize = 256;

    const AHEAD: usize = 1024;

    fn process(&self, input: &Input, outbox: &Outbox<Issue>) -> io::Result<()> {
        let bar = self.progress.clone();
        let wrap = |reader| Box::new(Watched(reader, bar)) as Box<dyn Read>;
        let opened = input::open(input, &self.args, wrap)?;
        if opened.capture {
            let limit = self.args.resource_bytes();
            let (mut issues, bytes) = capture::check(opened.reader, limit, &self.captures)?;
            self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
            self.filter.apply(&mut issues);
            return outbox.add(issues);
        }
        if self.wants_fixes(input, &opened) {
            return self.with_fixes(opened, outbox);
        }
        self.stream(opened.reader, opened.kind, outbox)
    }

    fn begin(&self, name: String) {
        self.progress.set_message(name);
    }
}
