//! Processes several inputs at the same time, and takes the results in the order of the inputs.

use crate::input::Input;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::output::temporary;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;

/// Set by the first Ctrl-C.
pub(crate) static STOP: AtomicBool = AtomicBool::new(false);

/// How many batches of one input wait before its worker does.
const BATCHES: usize = 16;

/// How long results may wait for their batch to fill.
const LATENCY: Duration = Duration::from_millis(50);

/// How long workers may take to stop.
const GRACE: Duration = Duration::from_millis(500);

/// The stack of a worker: resources may be nested deep, and validation recurses.
const STACK: usize = 16 * 1024 * 1024;

/// What is done with each input.
pub(crate) trait Work: Send + Sync + 'static {
    /// A part of what comes out.
    type Part: Send + 'static;

    /// How many parts make a batch.
    const BATCH: usize;

    /// How many inputs workers are ahead of the one whose results are taken.
    const AHEAD: usize;

    /// Processes an input.
    ///
    /// # Errors
    /// If it cannot be read.
    fn process(&self, input: &Input, outbox: &Outbox<Self::Part>) -> io::Result<()>;

    /// Says which input is being processed.
    fn begin(&self, name: String);
}

/// What a worker sends.
enum Event<T> {
    Parts(Vec<T>),
    Unreadable(io::Error),
    End,
}

/// Receives results.
pub(crate) trait Sink<T> {
    fn begin(&mut self, name: &str) -> io::Result<()>;
    fn parts(&mut self, parts: Vec<T>) -> io::Result<()>;
    fn unreadable(&mut self, name: &str, error: &io::Error) -> io::Result<()>;
    fn end(&mut self) -> io::Result<()>;
}

/// An input, or the name of what is not one and the reason.
pub(crate) type Found = Result<Input, (String, io::Error)>;

/// The first Ctrl-C, or signal to end, still reports what was found so far; the second ends at once.
pub(crate) fn stop_on_ctrl_c() {
    // Where it cannot be heard of, the system ends the command, as it does without this.
    let _ = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            temporary::exit();
        }
    });
}

/// A bar over the bytes of all inputs, shown when it takes long and somebody watches.
pub(crate) fn progress(inputs: &[Found]) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let sizes = inputs.iter().map(|input| input.as_ref().ok()?.size());
    let total: Option<u64> = sizes.sum();
    let template = "{bar:30} {bytes}/{total_bytes} {wide_msg}";
    let style = ProgressStyle::with_template(template);
    match (total, style) {
        (Some(total), Ok(style)) if total > 50_000_000 => ProgressBar::new(total).with_style(style),
        _ => ProgressBar::hidden(),
    }
}

/// How many workers there are, unless that is set.
pub(crate) fn jobs(set: Option<u16>) -> usize {
    let cores = || thread::available_parallelism().map_or(1, Into::into);
    set.map_or_else(cores, Into::into)
}

/// Processes inputs with `jobs` workers; `sink` receives the results in the inputs' order. False if it was
/// stopped before the end.
///
/// # Errors
/// If `sink` fails.
pub(crate) fn run<W: Work>(
    work: &Arc<W>,
    inputs: Vec<Found>,
    jobs: usize,
    sink: &mut impl Sink<W::Part>,
) -> io::Result<bool> {
    let inputs = Arc::new(inputs);
    let next = Arc::new(AtomicUsize::new(0));
    let reported = Arc::new(AtomicUsize::new(0));
    let (announce, announced) = channel();
    for _ in 0..jobs.clamp(1, inputs.len().max(1)) {
        let worker = Worker {
            work: Arc::clone(work),
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
                Some(Event::Parts(parts)) => sink.parts(parts)?,
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

/// The next message, or the result of `idle` when none comes for a while. `None` if the sender has ended, or
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

/// The messages of the worker that processes an input.
struct Feed<T> {
    events: Receiver<Event<T>>,
    held: Arc<Mutex<Vec<T>>>,
}

impl<T> Feed<T> {
    /// The parts of the next batch.
    fn held(&self) -> Option<Event<T>> {
        // Where it is locked, the worker is about to send.
        let mut held = self.held.try_lock().ok()?;
        // Nothing is sent while it is locked, and what was sent before comes first.
        if let Ok(event) = self.events.try_recv() {
            return Some(event);
        }
        (!held.is_empty()).then(|| Event::Parts(std::mem::take(&mut held)))
    }
}

/// The results of an input on their way to its [`Feed`], in batches.
pub(crate) struct Outbox<T> {
    events: SyncSender<Event<T>>,
    held: Arc<Mutex<Vec<T>>>,
    /// How many parts make a batch.
    batch: usize,
}

impl<T> Outbox<T> {
    /// Adds parts, and sends them if they fill a batch.
    pub(crate) fn add(&self, mut parts: Vec<T>) -> io::Result<()> {
        if parts.is_empty() {
            return Ok(());
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.append(&mut parts);
        if held.len() < self.batch {
            return Ok(());
        }
        self.send(&mut held)
    }

    fn flush(&self) -> io::Result<()> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        self.send(&mut held)
    }

    fn send(&self, held: &mut Vec<T>) -> io::Result<()> {
        if held.is_empty() {
            return Ok(());
        }
        let closed = |_| io::Error::other("the report has ended");
        let parts = Event::Parts(std::mem::take(held));
        self.events.send(parts).map_err(closed)
    }
}

struct Worker<W: Work> {
    work: Arc<W>,
    inputs: Arc<Vec<Found>>,
    next: Arc<AtomicUsize>,
    reported: Arc<AtomicUsize>,
    announce: Sender<(usize, Feed<W::Part>)>,
}

impl<W: Work> Worker<W> {
    fn work(self) {
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(input) = self.inputs.get(index) else {
                return;
            };
            while index > self.reported.load(Ordering::Acquire) + W::AHEAD {
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
                batch: W::BATCH,
            };
            if self.announce.send((index, Feed { events, held })).is_err() {
                return;
            }
            let processed = match input {
                Ok(input) => {
                    self.work.begin(input.name());
                    let process = || self.work.process(input, &outbox);
                    catch_unwind(AssertUnwindSafe(process)).unwrap_or_else(|_| {
                        Err(io::Error::other("processing failed; please report this"))
                    })
                }
                Err((_, error)) => Err(copy(error)),
            };
            // Sending fails if the report has ended; the worker then ends too.
            let _ = outbox.flush();
            match processed {
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

/// An error once Ctrl-C was pressed.
pub(crate) fn stopped() -> io::Result<()> {
    if STOP.load(Ordering::Relaxed) {
        return Err(io::Error::other("interrupted"));
    }
    Ok(())
}

/// Shows on a bar how many bytes have been read, and fails once Ctrl-C was pressed.
pub(crate) struct Watched(pub(crate) Box<dyn Read>, pub(crate) ProgressBar);

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        stopped()?;
        let count = self.0.read(buffer)?;
        self.1.inc(count as u64);
        Ok(count)
    }
}
