//! Validation of entries or lines on several threads: the calling thread cuts the text into pieces, workers
//! read and validate these, and one more thread takes the results in the order of the pieces.

use super::entries::{Entries, Piece, Syntax};
use super::{Sink, bundle};
use crate::Validator;
use crate::bundle::{BundleChecker, EntryFacts};
use crate::remembered::Remembered;
use healthcode_core::Issue;
use healthcode_json::stream::{self, NdjsonReader};
use healthcode_r4::{BundleEntry, Resource};
use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How many bytes go to a worker at a time; a larger piece goes alone.
const BATCH_BYTES: usize = 256 * 1024;

/// Resources may be nested deep, and validation recurses.
const STACK: usize = 16 * 1024 * 1024;

/// Validates lines.
pub(super) fn ndjson(reader: &mut dyn Read, threads: usize, sink: &mut Sink<'_>) -> io::Result<()> {
    let validator = sink.validator;
    let batches = Rc::new(Batches::default());
    let reader = Forwarding(reader, Rc::clone(&batches));
    let mut lines = NdjsonReader::<_, Resource>::new(reader, validator.reading());
    let workers = (0..threads).map(|_| {
        let mut remembered = Remembered::new();
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

/// Pieces that go to a worker together, the number of the first, and where the results go.
struct Batch<P, T> {
    pieces: Vec<P>,
    first: usize,
    results: SyncSender<Results<P, T>>,
}

/// A line that was cut out of NDJSON.
type Line = stream::Piece;

type Results<P, T> = Vec<(P, Result<T, stream::Error>)>;

/// The queue of batches for the workers, and that of their results, in the order of the batches.
type Queues<P, T> = (SyncSender<Batch<P, T>>, SyncSender<Receiver<Results<P, T>>>);

/// What is sent to workers, by its size.
pub(super) trait Weight: Send {
    fn bytes(&self) -> usize;
}

impl<P: Piece> Weight for P {
    fn bytes(&self) -> usize {
        self.text().len()
    }
}

/// Collects pieces into batches. A batch is sent on before more input is waited for.
pub(super) struct Batches<P, T> {
    pieces: RefCell<Vec<P>>,
    bytes: Cell<usize>,
    /// The number of the first piece of the next batch.
    first: Cell<usize>,
    queues: RefCell<Option<Queues<P, T>>>,
}

impl<P, T> Default for Batches<P, T> {
    fn default() -> Self {
        Batches {
            pieces: RefCell::default(),
            bytes: Cell::default(),
            first: Cell::default(),
            queues: RefCell::default(),
        }
    }
}

impl<P: Weight, T> Batches<P, T> {
    fn push(&self, piece: P) {
        self.bytes.set(self.bytes.get() + piece.bytes());
        self.pieces.borrow_mut().push(piece);
        if self.bytes.get() >= BATCH_BYTES {
            self.send();
        }
    }

    fn send(&self) {
        let pieces = self.pieces.take();
        if pieces.is_empty() {
            return;
        }
        self.bytes.set(0);
        let first = self.first.replace(self.first.get() + pieces.len());
        let (results, expected) = sync_channel(1);
        let batch = Batch {
            pieces,
            first,
            results,
        };
        let mut queues = self.queues.borrow_mut();
        let sent = queues
            .as_ref()
            .is_some_and(|(work, order)| work.send(batch).is_ok() && order.send(expected).is_ok());
        if !sent {
            *queues = None;
        }
    }

    /// Whether the receiver has ended.
    fn are_unwanted(&self) -> bool {
        self.queues.borrow().is_none()
    }
}

/// Sends on the pieces that are there before it waits for more input.
pub(super) struct Forwarding<'r, P, T>(pub(super) &'r mut dyn Read, pub(super) Rc<Batches<P, T>>);

impl<P: Weight, T> Read for Forwarding<'_, P, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1.send();
        self.0.read(buffer)
    }
}

/// Has workers process the pieces that `cut` gives, and calls `take` with each piece and its result, in
/// order. Gives the error that ended the input.
pub(super) fn in_order<P: Weight, T: Send, W>(
    workers: impl Iterator<Item = W>,
    take: &mut (impl FnMut(&P, Result<T, stream::Error>) -> io::Result<()> + Send),
    cut: &mut dyn FnMut() -> Option<Result<P, stream::Error>>,
    batches: &Batches<P, T>,
) -> io::Result<Option<stream::Error>>
where
    W: FnMut(usize, &P) -> Result<T, stream::Error> + Send,
{
    let workers: Vec<W> = workers.collect();
    let (work, queue) = sync_channel::<Batch<P, T>>(workers.len());
    let (order, expected) = sync_channel::<Receiver<Results<P, T>>>(workers.len() * 2);
    let queue = Mutex::new(queue);
    thread::scope(|scope| {
        for mut worker in workers {
            let queue = &queue;
            let work = move || process(queue, &mut worker);
            let builder = thread::Builder::new().stack_size(STACK);
            builder.spawn_scoped(scope, work)?;
        }
        let taking = scope.spawn(move || {
            for results in expected {
                // The sender is dropped without a result if the worker panicked.
                let failed = |_| io::Error::other("validation failed; please report this");
                for (piece, result) in results.recv().map_err(failed)? {
                    take(&piece, result)?;
                }
            }
            Ok(())
        });
        *batches.queues.borrow_mut() = Some((work, order));
        let mut ended = None;
        while ended.is_none() && !batches.are_unwanted() {
            match cut() {
                None => break,
                Some(Err(error)) => ended = Some(error),
                Some(Ok(piece)) => batches.push(piece),
            }
        }
        batches.send();
        // The threads end when the queues do.
        *batches.queues.borrow_mut() = None;
        match taking.join() {
            Ok(taken) => taken.map(|()| ended),
            Err(_) => Err(io::Error::other("reporting failed; please report this")),
        }
    })
}

/// Processes batches until there are no more.
fn process<P: Weight, T>(
    queue: &Mutex<Receiver<Batch<P, T>>>,
    worker: &mut impl FnMut(usize, &P) -> Result<T, stream::Error>,
) {
    loop {
        let batch = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Batch {
            pieces,
            first,
            results,
        }) = batch
        else {
            return;
        };
        let processed = catch_unwind(AssertUnwindSafe(|| {
            let pieces = pieces.into_iter().enumerate();
            pieces
                .map(|(at, piece)| {
                    let result = worker(first + at, &piece);
                    (piece, result)
                })
                .collect()
        }));
        if let Ok(processed) = processed {
            let _ = results.send(processed);
        }
    }
}
