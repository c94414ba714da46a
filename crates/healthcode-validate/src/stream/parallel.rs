//! Validation of entries or lines on several threads: the calling thread cuts the text into pieces, all threads read
//! and validate these, and whichever has the next results takes them, in the order of the pieces.
//!
//! What a thread has in its cache is best used there: that is why no thread only cuts, or only takes results.

use super::entries::{Entries, Piece, Syntax};
use super::{Sink, bundle};
use crate::Validator;
use crate::bundle::{BundleChecker, EntryFacts};
use crate::remembered::Remembered;
use healthcode_core::Issue;
use healthcode_json::stream::{self, NdjsonReader};
use healthcode_r4::{BundleEntry, Resource};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// How many bytes go to a worker at a time; a larger piece goes alone.
const BATCH_BYTES: usize = 64 * 1024;

/// Resources may be nested deep, and validation recurses.
const STACK: usize = 16 * 1024 * 1024;

/// Validates lines.
pub(super) fn ndjson(reader: &mut dyn Read, threads: usize, sink: &mut Sink<'_>) -> io::Result<()> {
    let validator = sink.validator;
    let batches = Rc::new(Batches::default());
    let reader = Forwarding(reader, Rc::clone(&batches));
    let mut lines = NdjsonReader::<_, Resource>::new(reader, validator.reading());
    let remembered = Remembered::new();
    let workers = (0..threads).map(|_| {
        let mut remembered = remembered.clone();
        move |_: usize, piece: &Line| {
            let read = piece.read::<Resource>(&validator.reading())?;
            let mut issues = super::line_issues(validator, piece.text(), &read, &mut remembered);
            piece.locate(&mut issues, validator.reading().has_excerpts());
            Ok(issues)
        }
    });
    let mut index = 0;
    let mut take = |piece: &Line, outcome: Result<Vec<Issue>, stream::Error>| {
        let issues = outcome.or_else(|error| sink.unread(error))?;
        index += 1;
        sink.part(Some(index - 1), issues, piece.text().len())
    };
    let ended = in_order(workers, &mut take, &mut || lines.cut(), &batches)?;
    match ended {
        None => Ok(()),
        Some(error) => {
            let issues = sink.unread(error)?;
            sink.part(Some(index), issues, 0)
        }
    }
}

/// Validates a Bundle.
pub(super) fn bundle<S: Syntax>(
    reader: &mut dyn Read,
    threads: usize,
    sink: &mut Sink<'_>,
) -> io::Result<()> {
    let validator = sink.validator;
    let batches = Rc::new(Batches::default());
    let mut reader = Forwarding(reader, Rc::clone(&batches));
    let mut entries = S::begin(&mut reader, validator.reading());
    let first = entries.cut();
    let mut checker = Box::new(S::checker());
    if first.is_some() {
        bundle::expect(&mut checker, &entries);
    }
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            let mut own = Some(Box::new(checker.for_worker()));
            move |index: usize, piece: &S::Piece| entry(validator, &mut own, index, piece)
        })
        .collect();
    let mut first = Some(first);
    let mut cut = || first.take().unwrap_or_else(|| entries.cut());
    let mut index = 0;
    let mut take = |piece: &S::Piece, outcome: Result<(Vec<Issue>, EntryFacts), stream::Error>| {
        let issues = match outcome {
            Err(error) => {
                checker.skip_entry();
                sink.unread(error)?
            }
            Ok((mut issues, facts)) => {
                let mut related = validator.relate_entry(&mut checker, &facts);
                if !related.is_empty() {
                    piece.locate(&mut related, validator.reading().has_excerpts());
                    issues.append(&mut related);
                    issues.sort_by_key(|issue| issue.position.map(|position| position.offset));
                }
                checker.place(&mut { piece });
                issues
            }
        };
        index += 1;
        sink.part(Some(index - 1), issues, piece.text().len())
    };
    let ended = in_order(workers.into_iter(), &mut take, &mut cut, &batches)?;
    if let Some(error) = ended {
        checker.skip_entry();
        let issues = sink.unread(error)?;
        sink.part(Some(index), issues, 0)?;
    }
    bundle::finish(entries, checker, sink)
}

/// Validates an entry by itself; its facts are for [`Validator::relate_entry`].
fn entry(
    validator: &Validator,
    own: &mut Option<Box<BundleChecker>>,
    index: usize,
    piece: &impl Piece,
) -> Result<(Vec<Issue>, EntryFacts), stream::Error> {
    let read = piece.read::<BundleEntry>(&validator.reading())?;
    let checker = own.take().unwrap_or_default();
    let (mut issues, facts, checker) = validator.validate_entry_alone(checker, index, &read.value);
    *own = Some(checker);
    piece.locate(&mut issues, validator.reading().has_excerpts());
    Ok((issues, facts))
}

/// A line that was cut out of NDJSON.
type Line = stream::Piece;

/// What is processed, by its size.
pub(super) trait Weight: Send {
    fn bytes(&self) -> usize;
}

impl<P: Piece> Weight for P {
    fn bytes(&self) -> usize {
        self.text().len()
    }
}

/// Pieces that are processed together.
struct Batch<P> {
    pieces: Vec<P>,
    /// The numbers of the batch and of its first piece.
    number: usize,
    first: usize,
}

/// Pieces with what came of them.
type Results<P, T> = Vec<(P, Result<T, stream::Error>)>;

/// What the threads share.
struct Shared<P, T> {
    state: Mutex<State<P, T>>,
    /// Notified when there is a batch, and when there will be no more.
    added: Condvar,
    /// Notified when results were taken.
    taken: Condvar,
}

struct State<P, T> {
    /// Batches that no thread processes yet.
    waiting: VecDeque<Batch<P>>,
    /// Whether there will be no more batches.
    complete: bool,
    /// Results by the numbers of their batches; `None` if processing failed.
    results: BTreeMap<usize, Option<Results<P, T>>>,
    /// The number of the batch whose results are taken next.
    next: usize,
    /// Why results are not taken any more.
    failure: Option<io::Error>,
}

impl<P, T> Shared<P, T> {
    fn lock(&self) -> MutexGuard<'_, State<P, T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, batch: Batch<P>) {
        self.lock().waiting.push_back(batch);
        self.added.notify_one();
    }

    /// The next batch, once there is one; `None` if there will be no more.
    fn next_batch(&self) -> Option<Batch<P>> {
        let mut state = self.lock();
        loop {
            if let Some(batch) = state.waiting.pop_front() {
                return Some(batch);
            }
            if state.complete {
                return None;
            }
            let waited = self.added.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The next batch if more than `most` are waiting. Waits while there are more results than that: those of one batch
    /// may be late.
    fn surplus(&self, most: usize) -> Option<Batch<P>> {
        let mut state = self.lock();
        loop {
            if state.waiting.len() > most {
                return state.waiting.pop_front();
            }
            if state.results.len() <= most {
                return None;
            }
            let waited = self.taken.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes the results that are next, unless another thread does so.
    fn take_results<F>(&self, take: &Mutex<F>)
    where
        F: FnMut(&P, Result<T, stream::Error>) -> io::Result<()>,
    {
        while let Ok(mut take) = take.try_lock() {
            loop {
                let mut state = self.lock();
                let next = state.next;
                let Some(results) = state.results.remove(&next) else {
                    break;
                };
                state.next += 1;
                let has_failed = state.failure.is_some();
                drop(state);
                if !has_failed && let Err(error) = take_each(results, &mut *take) {
                    self.lock().failure = Some(error);
                }
                self.taken.notify_all();
            }
            drop(take);
            // Those that came before the lock was free for their thread.
            let state = self.lock();
            if !state.results.contains_key(&state.next) {
                return;
            }
        }
    }
}

fn take_each<P, T>(
    results: Option<Results<P, T>>,
    take: &mut impl FnMut(&P, Result<T, stream::Error>) -> io::Result<()>,
) -> io::Result<()> {
    let failed = |what| io::Error::other(format!("{what} failed; please report this"));
    let results = results.ok_or_else(|| failed("validation"))?;
    let taken = catch_unwind(AssertUnwindSafe(|| {
        let mut results = results.into_iter();
        results.try_for_each(|(piece, result)| take(&piece, result))
    }));
    taken.unwrap_or_else(|_| Err(failed("reporting")))
}

/// Collects pieces into batches. A batch is handed over before more input is waited for.
pub(super) struct Batches<P, T> {
    pieces: RefCell<Vec<P>>,
    bytes: Cell<usize>,
    /// The numbers of the next batch and of its first piece.
    number: Cell<usize>,
    first: Cell<usize>,
    /// The number of the next batch when a piece was added last.
    seen: Cell<usize>,
    shared: Arc<Shared<P, T>>,
}

impl<P, T> Default for Batches<P, T> {
    fn default() -> Self {
        let state = State {
            waiting: VecDeque::new(),
            complete: false,
            results: BTreeMap::new(),
            next: 0,
            failure: None,
        };
        Batches {
            pieces: RefCell::default(),
            bytes: Cell::default(),
            number: Cell::default(),
            first: Cell::default(),
            seen: Cell::default(),
            shared: Arc::new(Shared {
                state: Mutex::new(state),
                added: Condvar::new(),
                taken: Condvar::new(),
            }),
        }
    }
}

impl<P: Weight, T> Batches<P, T> {
    /// Adds a piece; true if batches were handed over since the last one was added.
    fn push(&self, piece: P) -> bool {
        self.bytes.set(self.bytes.get() + piece.bytes());
        self.pieces.borrow_mut().push(piece);
        if self.bytes.get() >= BATCH_BYTES {
            self.hand_over();
        }
        self.number.get() != self.seen.replace(self.number.get())
    }

    fn hand_over(&self) {
        let pieces = self.pieces.take();
        if pieces.is_empty() {
            return;
        }
        self.bytes.set(0);
        let number = self.number.replace(self.number.get() + 1);
        let first = self.first.replace(self.first.get() + pieces.len());
        self.shared.add(Batch {
            pieces,
            number,
            first,
        });
    }
}

/// Hands over the pieces that are there before it waits for more input.
pub(super) struct Forwarding<'r, P, T>(pub(super) &'r mut dyn Read, pub(super) Rc<Batches<P, T>>);

impl<P: Weight, T> Read for Forwarding<'_, P, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1.hand_over();
        self.0.read(buffer)
    }
}

/// Has workers process the pieces that `cut` returns, and calls `take` with each piece and its result, in
/// order. The first worker runs on this thread, the others on threads of their own; `take` runs on any of these.
/// Returns the error that ended the input.
pub(super) fn in_order<P: Weight, T: Send, W>(
    mut workers: impl Iterator<Item = W>,
    take: &mut (impl FnMut(&P, Result<T, stream::Error>) -> io::Result<()> + Send),
    cut: &mut dyn FnMut() -> Option<Result<P, stream::Error>>,
    batches: &Batches<P, T>,
) -> io::Result<Option<stream::Error>>
where
    W: FnMut(usize, &P) -> Result<T, stream::Error> + Send,
{
    let shared = &*batches.shared;
    let take = &Mutex::new(take);
    let own = workers.next();
    let others: Vec<W> = workers.collect();
    let most = 2 * (others.len() + 1);
    let ended = thread::scope(|scope| {
        for mut worker in others {
            let work = move || {
                while let Some(batch) = shared.next_batch() {
                    process(batch, &mut worker, shared, take);
                }
            };
            let builder = thread::Builder::new().stack_size(STACK);
            // Where there is no further thread, those that are there do the work.
            if builder.spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        let mut own = own;
        let mut help = |batch| {
            if let Some(worker) = &mut own {
                process(batch, worker, shared, take);
            }
        };
        let mut ended = None;
        while let Some(piece) = cut() {
            let handed_over = match piece {
                Ok(piece) => batches.push(piece),
                Err(error) => {
                    ended = Some(error);
                    break;
                }
            };
            if handed_over {
                while let Some(batch) = shared.surplus(most) {
                    help(batch);
                }
                if shared.lock().failure.is_some() {
                    break;
                }
            }
        }
        batches.hand_over();
        shared.lock().complete = true;
        shared.added.notify_all();
        while let Some(batch) = shared.next_batch() {
            help(batch);
        }
        ended
    });
    match shared.lock().failure.take() {
        Some(failure) => Err(failure),
        None => Ok(ended),
    }
}

/// Processes a batch, and takes results if its own are next.
fn process<P: Weight, T, F>(
    batch: Batch<P>,
    worker: &mut impl FnMut(usize, &P) -> Result<T, stream::Error>,
    shared: &Shared<P, T>,
    take: &Mutex<F>,
) where
    F: FnMut(&P, Result<T, stream::Error>) -> io::Result<()>,
{
    let processed = catch_unwind(AssertUnwindSafe(|| {
        let pieces = batch.pieces.into_iter().enumerate();
        let results = pieces.map(|(at, piece)| {
            let result = worker(batch.first + at, &piece);
            (piece, result)
        });
        results.collect()
    }));
    shared.lock().results.insert(batch.number, processed.ok());
    shared.take_results(take);
}
