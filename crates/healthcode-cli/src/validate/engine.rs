//! Checking many inputs at the same time, and hearing of what is found in their order.

use super::{capture, pieces};
use crate::args::InputArgs;
use crate::input::{self, Input, Opened};
use crate::walk::{Visitor, Walk};
use healthcode_core::{Issue, Path, Position, Root};
use healthcode_json::stream::Kind;
use healthcode_r4::{Bundle, BundleEntry, Meta, Resource};
use healthcode_validate::{BundleChecker, Filter, Validator};
use indicatif::ProgressBar;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Whether somebody wants it to end.
pub(super) static STOP: AtomicBool = AtomicBool::new(false);

/// How many reports of one input wait to be taken before its worker waits.
const REPORTS: usize = 16;

/// How many issues are told at a time.
const HELD: usize = 256;

/// How many inputs workers are ahead of the one whose reports are taken.
const AHEAD: usize = 1024;

/// How large a Bundle may be to be checked as one value where profiles are loaded: these ask what
/// references between entries lead to, and how often entries occur.
const WHOLE: u64 = 16 * 1024 * 1024;

/// How long those who were told to stop may take.
const GRACE: Duration = Duration::from_millis(500);

/// Resources may be nested deep, and walks over them recurse.
pub(super) const STACK: usize = 16 * 1024 * 1024;

/// How inputs are checked.
pub(super) struct Checker {
    pub(super) args: InputArgs,
    pub(super) excerpts: bool,
    pub(super) validator: Validator,
    pub(super) filter: Filter,
    pub(super) progress: ProgressBar,
    pub(super) bytes: AtomicU64,
    /// How many threads look at the entries or lines of one input.
    pub(super) threads: usize,
    /// Whether something may be asked of several entries of a Bundle together.
    pub(super) across_entries: bool,
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
        let outbox = Arc::new(Outbox {
            events: events.clone(),
            held: Mutex::default(),
        });
        let checked = self.check_with(input, &outbox);
        // What was found before it failed is told as well.
        checked.and(outbox.flush())
    }

    fn check_with(&self, input: &Input, outbox: &Arc<Outbox>) -> io::Result<()> {
        let (bar, out) = (self.progress.clone(), Arc::clone(outbox));
        let wrap = |reader| Box::new(Watched(reader, bar, out)) as Box<dyn Read>;
        let opened = input::open(input, &self.args, wrap)?;
        let Opened {
            kind, mut reader, ..
        } = opened;
        let walk = Walk {
            inputs: &self.args,
            excerpts: self.excerpts,
        };
        let mut teller = Teller {
            checker: self,
            bundle: BundleChecker::new(),
            failed: None,
            outbox,
        };
        if opened.capture {
            let limit = self.args.resource_bytes();
            return capture::check(reader, limit, &self.validator, &mut teller);
        }
        if kind == Kind::Bundle && self.across_entries {
            match walk.whole_bundle(reader, WHOLE, &mut teller)? {
                Some(rest) => reader = rest,
                None => return Ok(()),
            }
        }
        match kind {
            Kind::Bundle | Kind::Ndjson if self.threads > 1 => {
                pieces::go(&walk, kind, reader, self.threads, &mut teller)
            }
            _ => walk.go(kind, reader, &mut teller),
        }
    }
}

/// Checks what one input holds, and tells what it finds.
pub(super) struct Teller<'c> {
    pub(super) checker: &'c Checker,
    /// What is known of the Bundle that is going by.
    pub(super) bundle: BundleChecker,
    /// What went wrong when it could not be said.
    failed: Option<io::Error>,
    pub(super) outbox: &'c Outbox,
}

/// Issues that go to who tells of them, many at a time: before more of the input is waited for.
pub(super) struct Outbox {
    events: SyncSender<Event>,
    held: Mutex<Vec<Issue>>,
}

impl Outbox {
    fn tell(&self, mut issues: Vec<Issue>) -> io::Result<()> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.append(&mut issues);
        match held.len() {
            0..HELD => Ok(()),
            _ => self.send(&mut held),
        }
    }

    /// Sends what is held.
    pub(super) fn flush(&self) -> io::Result<()> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        self.send(&mut held)
    }

    /// Sends while it is locked, or what comes later could overtake it.
    fn send(&self, held: &mut Vec<Issue>) -> io::Result<()> {
        if held.is_empty() {
            return Ok(());
        }
        let gone = |_| io::Error::other("nobody listens");
        let issues = Event::Issues(std::mem::take(held));
        self.events.send(issues).map_err(gone)
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

/// The issues of a resource that is a document or a line.
pub(super) fn of_resource(validator: &Validator, resource: &Resource) -> Vec<Issue> {
    let element = resource.as_element();
    let path = Path::root(element.schema().name);
    validator.validate_element(element, &path)
}

impl Visitor for Teller<'_> {
    fn resource(&mut self, resource: &Resource) -> Vec<Issue> {
        of_resource(&self.checker.validator, resource)
    }

    fn begin_bundle(&mut self, code: Option<&str>, meta: Option<&Meta>) {
        self.bundle = BundleChecker::new();
        let claims = meta.iter().flat_map(|meta| &meta.profile);
        let claims = claims.filter_map(|canonical| canonical.as_str());
        self.bundle.expect_profiles(claims);
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
        let mut known = std::mem::take(&mut self.bundle);
        let (mut open, mut told) = (Vec::new(), Ok(()));
        let validator = &self.checker.validator;
        validator.validate_bundle_with(&mut known, bundle, &mut |issues| {
            let placed = |issue: &Issue| issue.position.is_some();
            let (placed, mut rest) = issues.into_iter().partition(placed);
            open.append(&mut rest);
            if told.is_ok() {
                told = self.report(placed);
            }
        });
        self.failed = told.err();
        open
    }

    fn report(&mut self, mut issues: Vec<Issue>) -> io::Result<()> {
        stopped()?;
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.checker.filter.apply(&mut issues);
        self.outbox.tell(issues)
    }

    fn passed(&mut self, bytes: usize) {
        let all = &self.checker.bytes;
        all.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// An error if it is to end.
pub(super) fn stopped() -> io::Result<()> {
    if STOP.load(Ordering::Relaxed) {
        return Err(io::Error::other("interrupted"));
    }
    Ok(())
}

/// Tells a bar how many bytes have been read, and fails when it is to end.
struct Watched(Box<dyn Read>, ProgressBar, Arc<Outbox>);

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        stopped()?;
        self.2.flush()?;
        let count = self.0.read(buffer)?;
        self.1.inc(count as u64);
        Ok(count)
    }
}
