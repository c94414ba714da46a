//! [`Checker`]: validates one input.

use super::capture;
use crate::args::InputArgs;
use crate::engine::{Outbox, Watched, Work, stopped};
use crate::input::{self, Input};
use healthcode_core::Issue;
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
    pub(super) filter: Filter,
    pub(super) progress: ProgressBar,
    pub(super) bytes: AtomicU64,
    /// How many threads validate the entries or lines of one input.
    pub(super) threads: usize,
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
        let stream = self.validator.stream(opened.reader).kind(opened.kind);
        stream.threads(self.threads).for_each(|part| {
            stopped()?;
            self.bytes.fetch_add(part.bytes as u64, Ordering::Relaxed);
            outbox.add(part.issues)
        })?;
        Ok(())
    }

    fn begin(&self, name: String) {
        self.progress.set_message(name);
    }
}
