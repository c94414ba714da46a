//! Checking the entries of one Bundle, or the lines of one NDJSON, on many threads: one cuts the text
//! into pieces, others read and validate these, and one hears of them in their order.

use super::engine::{STACK, Teller, of_resource, stopped};
use crate::input;
use crate::walk::{Visitor, Walk, fault, meta_of};
use healthcode_core::Issue;
use healthcode_json::ReadOptions;
use healthcode_json::stream::{self, BundleReader, Kind, NdjsonReader, Piece};
use healthcode_r4::{BundleEntry, Resource};
use healthcode_validate::{BundleChecker, EntryFacts, Validator};
use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How many bytes go to a thread at a time, or what is larger alone.
const SHARE: usize = 256 * 1024;

/// Goes through a Bundle or NDJSON.
///
/// # Errors
/// If it cannot be read, or issues cannot be reported.
pub(super) fn go(
    walk: &Walk<'_>,
    kind: Kind,
    reader: Box<dyn Read>,
    threads: usize,
    teller: &mut Teller<'_>,
) -> io::Result<()> {
    let options = input::options(walk.inputs).excerpts(walk.excerpts);
    let checker = teller.checker;
    let shares = Rc::new(Shares::default());
    let reader = Box::new(Forwarding(reader, Rc::clone(&shares)));
    let reader: Box<dyn Read> = reader;
    let examiner = Examiner {
        validator: &checker.validator,
        options,
        excerpts: walk.excerpts,
    };
    if kind == Kind::Ndjson {
        let mut lines = NdjsonReader::<_, Resource>::new(reader, options);
        let ended = in_pieces(
            &examiner,
            threads,
            teller,
            &mut || lines.cut(),
            &shares,
            None,
        )?;
        return ended.map_or(Ok(()), |error| fault(error, teller));
    }
    let mut entries = BundleReader::<_, BundleEntry>::new(reader, options);
    let first = entries.cut();
    let code = entries.member_before("type");
    let code = code.and_then(|code| std::str::from_utf8(code).ok());
    let code = code.filter(|_| first.is_some());
    let meta = meta_of(&entries).filter(|_| first.is_some());
    teller.begin_bundle(code.map(|code| code.trim_matches('"')), meta.as_ref());
    let scout = || checker.validator.scout(&teller.bundle);
    let scouts: Vec<BundleChecker> = (0..threads).map(|_| scout()).collect();
    let mut first = Some(first);
    let mut next = || first.take().unwrap_or_else(|| entries.cut());
    let mut broken = false;
    let mut told = Entries {
        teller: &mut *teller,
        broken: &mut broken,
    };
    let ended = in_pieces(
        &examiner,
        threads,
        &mut told,
        &mut next,
        &shares,
        Some(scouts),
    )?;
    if let Some(error) = ended {
        broken = true;
        teller.broken_entry();
        fault(error, teller)?;
    }
    walk.end_of_bundle(entries, broken, teller)
}

/// What threads do with pieces.
struct Examiner<'c> {
    validator: &'c Validator,
    options: ReadOptions,
    excerpts: bool,
}

/// What came of a piece.
enum Outcome {
    Checked(Vec<Issue>, Option<EntryFacts>),
    Broken(stream::Error),
}

/// Pieces that go to a thread together, the number of the first, and who is to hear of them.
struct Share {
    pieces: Vec<Piece>,
    first: usize,
    answer: SyncSender<Examined>,
}

/// Hears of pieces in their order.
trait Hearer {
    fn hear(&mut self, piece: &Piece, outcome: Outcome, examiner: &Examiner<'_>) -> io::Result<()>;

    /// All that is there has been heard of.
    fn pause(&mut self) -> io::Result<()>;
}

impl Hearer for Teller<'_> {
    fn hear(&mut self, piece: &Piece, outcome: Outcome, _: &Examiner<'_>) -> io::Result<()> {
        stopped()?;
        match outcome {
            Outcome::Checked(issues, _) => self.report(issues)?,
            Outcome::Broken(error) => fault(error, self)?,
        }
        self.passed(piece.text().len());
        Ok(())
    }

    fn pause(&mut self) -> io::Result<()> {
        self.outbox.flush()
    }
}

/// The entries of a Bundle, of which it says whether one was broken.
struct Entries<'t, 'c> {
    teller: &'t mut Teller<'c>,
    broken: &'t mut bool,
}

impl Hearer for Entries<'_, '_> {
    fn hear(&mut self, piece: &Piece, outcome: Outcome, examiner: &Examiner<'_>) -> io::Result<()> {
        let teller = &mut *self.teller;
        match outcome {
            Outcome::Broken(error) => {
                *self.broken = true;
                teller.broken_entry();
                fault(error, teller)?;
            }
            Outcome::Checked(mut issues, facts) => {
                let facts = facts.unwrap_or_default();
                let mut related = examiner.validator.relate_entry(&mut teller.bundle, &facts);
                if !related.is_empty() {
                    piece.locate(&mut related, examiner.excerpts);
                    issues.append(&mut related);
                    issues.sort_by_key(|issue| issue.position.map(|position| position.offset));
                }
                teller.report(issues)?;
                let mut deferred = teller.deferred();
                piece.locate(&mut deferred, false);
                teller.place(piece.position(), deferred);
            }
        }
        teller.passed(piece.text().len());
        Ok(())
    }

    fn pause(&mut self) -> io::Result<()> {
        self.teller.pause()
    }
}

impl Examiner<'_> {
    fn examine(&self, piece: &Piece, scout: Option<(&mut BundleChecker, usize)>) -> Outcome {
        let checked = match scout {
            Some((scout, index)) => piece.read::<BundleEntry>(&self.options).map(|read| {
                let validator = self.validator;
                let (issues, facts) = validator.validate_entry_apart(scout, index, &read.value);
                (issues, Some(facts))
            }),
            None => {
                let read = piece.read::<Resource>(&self.options);
                read.map(|read| (of_resource(self.validator, &read.value), None))
            }
        };
        match checked {
            Err(error) => Outcome::Broken(error.into()),
            Ok((mut issues, facts)) => {
                piece.locate(&mut issues, self.excerpts);
                Outcome::Checked(issues, facts)
            }
        }
    }

    /// Takes shares until there are no more.
    fn work(&self, shares: &Mutex<Receiver<Share>>, mut scout: Option<BundleChecker>) {
        loop {
            let share = shares.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(share) = share else {
                return;
            };
            let Share {
                pieces,
                first,
                answer,
            } = share;
            let examined = catch_unwind(AssertUnwindSafe(|| {
                let pieces = pieces.into_iter().enumerate();
                pieces
                    .map(|(at, piece)| {
                        let scout = scout.as_mut().map(|scout| (scout, first + at));
                        let outcome = self.examine(&piece, scout);
                        (piece, outcome)
                    })
                    .collect()
            }));
            // Whoever is to hear of it learns from the silence that it failed.
            if let Ok(examined) = examined {
                let _ = answer.send(examined);
            }
        }
    }
}

type Examined = Vec<(Piece, Outcome)>;

/// Where shares go, and where what comes of them is heard of.
type To = (SyncSender<Share>, SyncSender<Receiver<Examined>>);

/// Pieces on their way to the threads, in shares. What is there goes on its way before more is waited
/// for.
#[derive(Default)]
struct Shares {
    pieces: RefCell<Vec<Piece>>,
    bytes: Cell<usize>,
    /// The number of the next piece.
    first: Cell<usize>,
    /// To the threads, and to who hears of it.
    to: RefCell<Option<To>>,
}

impl Shares {
    fn push(&self, piece: Piece) {
        self.bytes.set(self.bytes.get() + piece.text().len());
        self.pieces.borrow_mut().push(piece);
        if self.bytes.get() >= SHARE {
            self.flush();
        }
    }

    fn flush(&self) {
        let pieces = self.pieces.take();
        if pieces.is_empty() {
            return;
        }
        self.bytes.set(0);
        let first = self.first.replace(self.first.get() + pieces.len());
        let (answer, examined) = sync_channel(1);
        let share = Share {
            pieces,
            first,
            answer,
        };
        let mut to = self.to.borrow_mut();
        let sent = to
            .as_ref()
            .is_some_and(|(work, order)| work.send(share).is_ok() && order.send(examined).is_ok());
        if !sent {
            *to = None;
        }
    }

    /// Whether nobody takes them any more.
    fn are_unwanted(&self) -> bool {
        self.to.borrow().is_none()
    }
}

/// Sends on what has been cut before it waits for more.
struct Forwarding(Box<dyn Read>, Rc<Shares>);

impl Read for Forwarding {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1.flush();
        self.0.read(buffer)
    }
}

/// Has pieces examined, and tells `hearer` in their order. Gives the error that ended the stream.
fn in_pieces(
    examiner: &Examiner<'_>,
    threads: usize,
    hearer: &mut (impl Hearer + Send),
    cut: &mut dyn FnMut() -> Option<Result<Piece, stream::Error>>,
    shares: &Shares,
    scouts: Option<Vec<BundleChecker>>,
) -> io::Result<Option<stream::Error>> {
    let (work, taken) = sync_channel::<Share>(threads);
    let (order, answers) = sync_channel::<Receiver<Examined>>(threads * 2);
    let taken = Mutex::new(taken);
    thread::scope(|scope| {
        let mut scouts = scouts.map(Vec::into_iter);
        for _ in 0..threads {
            let scout = scouts.as_mut().and_then(Iterator::next);
            let taken = &taken;
            let work = move || examiner.work(taken, scout);
            let builder = thread::Builder::new().stack_size(STACK);
            builder.spawn_scoped(scope, work)?;
        }
        let hearing = scope.spawn(move || {
            for examined in answers {
                stopped()?;
                let failed = "checking it failed; please report that";
                let examined = examined.recv().map_err(|_| io::Error::other(failed))?;
                for (piece, outcome) in examined {
                    hearer.hear(&piece, outcome, examiner)?;
                }
                hearer.pause()?;
            }
            Ok(())
        });
        *shares.to.borrow_mut() = Some((work, order));
        let mut ended = None;
        while ended.is_none() && !shares.are_unwanted() {
            match cut() {
                None => break,
                Some(Err(error)) => ended = Some(error),
                Some(Ok(piece)) => shares.push(piece),
            }
        }
        shares.flush();
        // Nothing more comes, which ends the threads.
        *shares.to.borrow_mut() = None;
        match hearing.join() {
            Ok(heard) => heard.map(|()| ended),
            Err(_) => Err(io::Error::other("telling of it failed; please report that")),
        }
    })
}
