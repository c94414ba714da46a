//! Validates several inputs at the same time, and reports issues in the order of the inputs.

use super::capture;
use crate::args::InputArgs;
use crate::input::{self, Input};
use healthcode_core::Issue;
use healthcode_validate::{Filter, Validator};
use indicatif::ProgressBar;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Set by the first Ctrl-C.
pub(super) static STOP: AtomicBool = AtomicBool::new(false);

/// How many batches of issues of one input wait before its worker does.
const BATCHES: usize = 16;

/// How many issues make a batch.
const BATCH: usize = 256;

/// How long issues may wait for their batch to fill.
const LATENCY: Duration = Duration::from_millis(50);

/// How many inputs workers are ahead of the one that is being reported.
const AHEAD: usize = 1024;

/// How long workers may take to stop.
const GRACE: Duration = Duration::from_millis(500);

/// The stack of a worker: resources may be nested deep, and validation recurses.
const STACK: usize = 16 * 1024 * 1024;

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

/// What a worker sends.
enum Event {
    Issues(Vec<Issue>),
    Unreadable(io::Error),
    End,
}

/// Receives reports.
pub(super) trait Sink {
    fn begin(&mut self, name: &str) -> io::Result<()>;
    fn issues(&mut self, issues: Vec<Issue>) -> io::Result<()>;
    fn unreadable(&mut self, name: &str, error: &io::Error) -> io::Result<()>;
    fn end(&mut self) -> io::Result<()>;
}

/// An input, or the name of what is not one and the reason.
pub(super) type Found = Result<Input, (String, io::Error)>;

/// Validates inputs with `jobs` workers; `sink` receives the issues in the inputs' order. False if it was
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
    let reported = Arc::new(AtomicUsize::new(0));
    let (announce, announced) = channel();
    for _ in 0..jobs.clamp(1, inputs.len().max(1)) {
        let worker = Worker {
            checker: Arc::clone(checker),
            inputs: Arc::clone(&inputs),
            next: Arc::clone(&next),
            reported: Arc::clone(&reported),
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
        let feed = loop {
            if let Some(feed) = waiting.remove(&index) {
                break feed;
            }
            match receive(&announced, &mut deadline, || None) {
                Some((index, feed)) => drop(waiting.insert(index, feed)),
                None => return Ok(false),
            }
        };
        let name = match input {
            Ok(input) => input.name(),
            Err((name, _)) => name.clone(),
        };
        sink.begin(&name)?;
        loop {
            match receive(&feed.events, &mut deadline, || feed.held()) {
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
        reported.store(index + 1, Ordering::Release);
    }
    Ok(true)
}

/// The next message, or what `idle` gives when none comes for a while. `None` if the sender has ended, or
/// does not end in time after Ctrl-C.
fn receive<T>(
    messages: &Receiver<T>,
    deadline: &mut Option<Instant>,
    idle: impl Fn() -> Option<T>,
) -> Option<T> {
    loop {
        match messages.recv_timeout(LATENCY) {
            Ok(message) => return Some(message),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => {
                if let Some(message) = idle() {
                    return Some(message);
                }
                if STOP.load(Ordering::Relaxed) {
                    // Reading standard input cannot be interrupted.
                    let end = *deadline.get_or_insert_with(|| Instant::now() + GRACE);
                    if Instant::now() >= end {
                        return None;
                    }
                }
            }
        }
    }
}

/// The messages of the worker that validates an input.
struct Feed {
    events: Receiver<Event>,
    held: Arc<Mutex<Vec<Issue>>>,
}

impl Feed {
    /// The issues of the next batch.
    fn held(&self) -> Option<Event> {
        // Where it is locked, the worker is about to send.
        let mut held = self.held.try_lock().ok()?;
        // Nothing is sent while it is locked, and what was sent before comes first.
        if let Ok(event) = self.events.try_recv() {
            return Some(event);
        }
        (!held.is_empty()).then(|| Event::Issues(std::mem::take(&mut held)))
    }
}

/// The issues of an input on their way to its [`Feed`], in batches.
struct Outbox {
    events: SyncSender<Event>,
    held: Arc<Mutex<Vec<Issue>>>,
}

impl Outbox {
    /// Adds issues, and sends them if they fill a batch.
    fn add(&self, mut issues: Vec<Issue>) -> io::Result<()> {
        if issues.is_empty() {
            return Ok(());
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.append(&mut issues);
        match held.len() {
            0..BATCH => Ok(()),
            _ => self.send(&mut held),
        }
    }

    fn flush(&self) -> io::Result<()> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        self.send(&mut held)
    }

    fn send(&self, held: &mut Vec<Issue>) -> io::Result<()> {
        if held.is_empty() {
            return Ok(());
        }
        let closed = |_| io::Error::other("the report has ended");
        let issues = Event::Issues(std::mem::take(held));
        self.events.send(issues).map_err(closed)
    }
}

struct Worker {
    checker: Arc<Checker>,
    inputs: Arc<Vec<Found>>,
    next: Arc<AtomicUsize>,
    reported: Arc<AtomicUsize>,
    announce: Sender<(usize, Feed)>,
}

impl Worker {
    fn work(self) {
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(input) = self.inputs.get(index) else {
                return;
            };
            while index > self.reported.load(Ordering::Acquire) + AHEAD {
                thread::sleep(Duration::from_millis(1));
            }
            if STOP.load(Ordering::Relaxed) {
                return;
            }
            let (sender, events) = sync_channel(BATCHES);
            let held = Arc::new(Mutex::default());
            let outbox = Outbox {
                events: sender,
                held: Arc::clone(&held),
            };
            if self.announce.send((index, Feed { events, held })).is_err() {
                return;
            }
            let checked = match input {
                Ok(input) => {
                    self.checker.progress.set_message(input.name());
                    let check = || self.checker.check(input, &outbox);
                    catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| {
                        Err(io::Error::other("validation failed; please report this"))
                    })
                }
                Err((_, error)) => Err(copy(error)),
            };
            // Sending fails if the report has ended; the worker then ends too.
            let _ = outbox.flush();
            match checked {
                Err(_) if STOP.load(Ordering::Relaxed) => return,
                Err(error) => drop(outbox.events.send(Event::Unreadable(error))),
                Ok(()) => {}
            }
            let _ = outbox.events.send(Event::End);
        }
    }
}

fn copy(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), error.to_string())
}

impl Checker {
    fn check(&self, input: &Input, outbox: &Outbox) -> io::Result<()> {
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
}

/// An error once Ctrl-C was pressed.
fn stopped() -> io::Result<()> {
    if STOP.load(Ordering::Relaxed) {
        return Err(io::Error::other("interrupted"));
    }
    Ok(())
}

/// Shows on a bar how many bytes have been read, and fails once Ctrl-C was pressed.
struct Watched(Box<dyn Read>, ProgressBar);

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        stopped()?;
        let count = self.0.read(buffer)?;
        self.1.inc(count as u64);
        Ok(count)
    }
}
