//! Checking many inputs at the same time, and hearing of what is found in their order.

use super::capture;
use crate::args::InputArgs;
use crate::input::{self, Input, Opened};
use crate::walk::{Visitor, Walk};
use healthcode_core::{Issue, Path, Position, Root};
use healthcode_r4::{Bundle, BundleEntry, Resource};
use healthcode_validate::{BundleChecker, Filter, Validator};
use indicatif::ProgressBar;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Whether somebody wants it to end.
pub(super) static STOP: AtomicBool = AtomicBool::new(false);

/// How many reports of one input wait to be taken before its worker waits.
const REPORTS: usize = 64;

/// How many inputs workers are ahead of the one whose reports are taken.
const AHEAD: usize = 1024;

/// How long those who were told to stop may take.
const GRACE: Duration = Duration::from_millis(500);

/// Resources may be nested deep, and walks over them recurse.
const STACK: usize = 16 * 1024 * 1024;

/// How inputs are checked.
pub(super) struct Checker {
    pub(super) args: InputArgs,
    pub(super) excerpts: bool,
    pub(super) validator: Validator,
    pub(super) filter: Filter,
    pub(super) progress: ProgressBar,
    pub(super) bytes: AtomicU64,
}

/// What is heard of an input.
enum Event {
    Issues(Vec<Issue>),
    Unreadable(io::Error),
    End,
}

/// Takes what is found.
pub(super) trait Sink {
    fn begin(&mut self, name: &str) -> io::Result<()>;
    fn issues(&mut self, issues: Vec<Issue>) -> io::Result<()>;
    fn unreadable(&mut self, name: &str, error: &io::Error) -> io::Result<()>;
    fn end(&mut self) -> io::Result<()>;
}

/// An input, or why there is none.
pub(super) type Found = Result<Input, (String, io::Error)>;

/// Checks inputs with so many workers, and tells `sink` in the inputs' order. False if it was
/// stopped before the end.
///
/// # Errors
/// If `sink` fails.
pub(super) fn run(
    checker: &Arc<Checker>,
    inputs: Vec<Found>,
    jobs: usize,
    sink: &mut impl Sink,
) -> io::Result<bool> {
    let inputs = Arc::new(inputs);
    let next = Arc::new(AtomicUsize::new(0));
    let taken = Arc::new(AtomicUsize::new(0));
    let (announce, announced) = channel();
    for _ in 0..jobs.clamp(1, inputs.len().max(1)) {
        let worker = Worker {
            checker: Arc::clone(checker),
            inputs: Arc::clone(&inputs),
            next: Arc::clone(&next),
            taken: Arc::clone(&taken),
            announce: announce.clone(),
        };
        thread::Builder::new()
            .stack_size(STACK)
            .spawn(move || worker.work())?;
    }
    drop(announce);
    let mut waiting = BTreeMap::new();
    let mut deadline = None;
    for (index, input) in inputs.iter().enumerate() {
        let events = loop {
            if let Some(events) = waiting.remove(&index) {
                break events;
            }
            match hear(&announced, &mut deadline) {
                Some((index, events)) => drop(waiting.insert(index, events)),
                None => return Ok(false),
            }
        };
        let name = match input {
            Ok(input) => input.name(),
            Err((name, _)) => name.clone(),
        };
        sink.begin(&name)?;
        loop {
            match hear(&events, &mut deadline) {
                Some(Event::Issues(issues)) => sink.issues(issues)?,
                Some(Event::Unreadable(error)) => sink.unreadable(&name, &error)?,
                Some(Event::End) => break,
                None => {
                    sink.end()?;
                    return Ok(false);
                }
            }
        }
        sink.end()?;
        taken.store(index + 1, Ordering::Release);
    }
    Ok(true)
}

/// The next message; none if whoever should send it has stopped, or does not for too long.
fn hear<T>(messages: &Receiver<T>, deadline: &mut Option<Instant>) -> Option<T> {
    loop {
        match messages.recv_timeout(Duration::from_millis(50)) {
            Ok(message) => return Some(message),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) if STOP.load(Ordering::Relaxed) => {
                // Reading standard input cannot be interrupted.
                let end = *deadline.get_or_insert_with(|| Instant::now() + GRACE);
                if Instant::now() >= end {
                    return None;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

struct Worker {
    checker: Arc<Checker>,
    inputs: Arc<Vec<Found>>,
    next: Arc<AtomicUsize>,
    taken: Arc<AtomicUsize>,
    announce: Sender<(usize, Receiver<Event>)>,
}

impl Worker {
    fn work(self) {
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(input) = self.inputs.get(index) else {
                return;
            };
            while index > self.taken.load(Ordering::Acquire) + AHEAD {
                thread::sleep(Duration::from_millis(1));
            }
            if STOP.load(Ordering::Relaxed) {
                return;
            }
            let (sender, events) = sync_channel(REPORTS);
            if self.announce.send((index, events)).is_err() {
                return;
            }
            let checked = match input {
                Ok(input) => {
                    self.checker.progress.set_message(input.name());
                    let check = || self.checker.check(input, &sender);
                    catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| {
                        Err(io::Error::other("checking it failed; please report that"))
                    })
                }
                Err((_, error)) => Err(copy(error)),
            };
            // Nobody hears of it if the receiver is gone, and then nobody wants to.
            match checked {
                Err(_) if STOP.load(Ordering::Relaxed) => return,
                Err(error) => drop(sender.send(Event::Unreadable(error))),
                Ok(()) => {}
            }
            let _ = sender.send(Event::End);
        }
    }
}

fn copy(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), error.to_string())
}

impl Checker {
    fn check(&self, input: &Input, events: &SyncSender<Event>) -> io::Result<()> {
        let bar = self.progress.clone();
        let wrap = |reader| Box::new(Watched(reader, bar)) as Box<dyn Read>;
        let opened = input::open(input, &self.args, wrap)?;
        let Opened { kind, reader, .. } = opened;
        let walk = Walk {
            inputs: &self.args,
            excerpts: self.excerpts,
        };
        let mut teller = Teller {
            checker: self,
            bundle: BundleChecker::new(),
            events,
        };
        if opened.capture {
            let limit = self.args.resource_bytes();
            return capture::check(reader, limit, &self.validator, &mut teller);
        }
        walk.go(kind, reader, &mut teller)
    }
}

/// Checks what one input holds, and tells what it finds.
struct Teller<'c> {
    checker: &'c Checker,
    /// What is known of the Bundle that is going by.
    bundle: BundleChecker,
    events: &'c SyncSender<Event>,
}

impl Visitor for Teller<'_> {
    fn resource(&mut self, resource: &Resource) -> Vec<Issue> {
        let element = resource.as_element();
        let path = Path::root(element.schema().name);
        self.checker.validator.validate_element(element, &path)
    }

    fn begin_bundle(&mut self, code: Option<&str>) {
        self.bundle = BundleChecker::new();
        if let Some(code) = code {
            self.bundle.expect_type(code);
        }
    }

    fn entry(&mut self, entry: &BundleEntry, _: &Path<'_>) -> Vec<Issue> {
        let validator = &self.checker.validator;
        validator.validate_entry(&mut self.bundle, entry)
    }

    fn broken_entry(&mut self) {
        self.bundle.skip_entry();
    }

    fn deferred(&mut self) -> Vec<Issue> {
        self.bundle.deferred()
    }

    fn place(&mut self, entry: Position, deferred: Vec<Issue>) {
        self.bundle.place(entry, deferred);
    }

    fn bundle(&mut self, bundle: &Bundle, _: usize) -> Vec<Issue> {
        let validator = &self.checker.validator;
        validator.validate_bundle(&mut self.bundle, bundle)
    }

    fn report(&mut self, mut issues: Vec<Issue>) -> io::Result<()> {
        stopped()?;
        self.checker.filter.apply(&mut issues);
        if issues.is_empty() {
            return Ok(());
        }
        let gone = |_| io::Error::other("nobody listens");
        self.events.send(Event::Issues(issues)).map_err(gone)
    }

    fn passed(&mut self, bytes: usize) {
        let all = &self.checker.bytes;
        all.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// An error if it is to end.
fn stopped() -> io::Result<()> {
    if STOP.load(Ordering::Relaxed) {
        return Err(io::Error::other("interrupted"));
    }
    Ok(())
}

/// Tells a bar how many bytes have been read, and fails when it is to end.
struct Watched(Box<dyn Read>, ProgressBar);

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        stopped()?;
        let count = self.0.read(buffer)?;
        self.1.inc(count as u64);
        Ok(count)
    }
}
