//! What is timed.

use crate::Input;
use crate::contestants::{Healthcode, SerdeValue, SonicValue};
use crate::white_space::minified;
use anyhow::{Result, ensure};
use healthcode_bench_harness::reading::{Reader, kept};
use healthcode_json::stream::{BundleReader, LazyEntry, NdjsonReader, entries};
use healthcode_json::{Checked, ReadOptions, to_string};
use healthcode_r4::{Bundle, BundleEntry, Resource};
use std::cell::OnceCell;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

named! {
    /// Something to time on all documents of an input.
    Task[16] {
        /// Read with [`Healthcode`].
        Parse = "parse",
        /// The same with [`SonicValue`].
        SonicParse = "parse, sonic_rs::Value",
        /// The same with [`SerdeValue`].
        SerdeParse = "parse, serde_json::Value",
        /// Read, and drop what was read, document by document.
        ParseDrop = "parse + drop",
        /// The same with [`SonicValue`].
        SonicParseDrop = "parse + drop, sonic_rs::Value",
        /// The same with [`SerdeValue`].
        SerdeParseDrop = "parse + drop, serde_json::Value",
        /// Write as compact text.
        Write = "write",
        /// The same with [`SonicValue`].
        SonicWrite = "write, sonic_rs::Value",
        /// The same with [`SerdeValue`].
        SerdeWrite = "write, serde_json::Value",
        /// Read through `serde_json::from_str`.
        Bridge = "serde bridge",
        /// The same with [`SerdeValue`].
        SerdeParseStr = "from_str, serde_json::Value",
        /// Read a Bundle entry by entry and drop each entry.
        Stream = "stream",
        /// Find each entry of a Bundle, its type and id, without reading it.
        Lazy = "lazy entries",
        /// Read the resources as NDJSON and drop each.
        Ndjson = "ndjson",
        /// Find the entries of a Bundle, then read and drop each (or each document) on another thread.
        OneThread = "1 thread",
        /// The same on two threads.
        TwoThreads = "2 threads",
    }
}

impl Task {
    /// Those that are ours.
    pub const OURS: [Task; 9] = [
        Task::Parse,
        Task::ParseDrop,
        Task::Write,
        Task::Bridge,
        Task::Stream,
        Task::Lazy,
        Task::Ndjson,
        Task::OneThread,
        Task::TwoThreads,
    ];
}

/// How many entries or documents a thread takes at a time.
const SHARE: usize = 16;

/// An input, and what the tasks need of it.
#[allow(missing_debug_implementations, reason = "holds megabytes of payload")]
pub struct Prepared {
    input: Input,
    /// The values that are written, made when first needed.
    ours: OnceCell<Vec<Checked<Resource>>>,
    sonic: OnceCell<Vec<sonic_rs::Value>>,
    serde: OnceCell<Vec<serde_json::Value>>,
    ndjson: String,
    is_bundle: bool,
}

impl Prepared {
    /// Checks that every contestant reads the input.
    ///
    /// # Errors
    /// If one of them refuses a document.
    pub fn new(input: Input) -> Result<Self> {
        for (at, document) in input.documents.iter().enumerate() {
            for (reader, refuses) in [
                (Healthcode::NAME, Healthcode::read(document).is_none()),
                (SonicValue::NAME, SonicValue::read(document).is_none()),
                (SerdeValue::NAME, SerdeValue::read(document).is_none()),
            ] {
                let name = &input.name;
                ensure!(!refuses, "{reader} refuses document {} of {name}", at + 1);
            }
        }
        Ok(Prepared {
            ours: OnceCell::new(),
            sonic: OnceCell::new(),
            serde: OnceCell::new(),
            ndjson: ndjson(&input)?,
            is_bundle: input.bundle().is_some(),
            input,
        })
    }

    /// The input.
    #[must_use]
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// The tasks that make sense for the input: some need a Bundle.
    pub fn tasks<'t>(&self, tasks: &'t [Task]) -> impl Iterator<Item = Task> + 't {
        let is_bundle = self.is_bundle;
        let tasks = tasks.iter().copied();
        tasks.filter(move |task| is_bundle || !matches!(task, Task::Stream | Task::Lazy))
    }

    /// How many bytes of JSON a task goes through.
    #[must_use]
    pub fn bytes(&self, task: Task) -> usize {
        match task {
            Task::Ndjson => self.ndjson.len(),
            _ => self.input.bytes(),
        }
    }

    /// How often a task is to be run to go through this many bytes.
    #[must_use]
    pub fn repeats(&self, task: Task, bytes: usize) -> usize {
        bytes.div_ceil(self.bytes(task).max(1))
    }

    /// How long a task takes on all documents.
    ///
    /// # Panics
    /// If the documents are not what [`Prepared::new`] has seen.
    #[must_use]
    pub fn run(&self, task: Task) -> Duration {
        match task {
            Task::Parse => self.kept(read::<Healthcode>),
            Task::SonicParse => self.kept(read::<SonicValue>),
            Task::SerdeParse => self.kept(read::<SerdeValue>),
            Task::ParseDrop => self.kept(|document| drop(black_box(read::<Healthcode>(document)))),
            Task::SonicParseDrop => {
                self.kept(|document| drop(black_box(read::<SonicValue>(document))))
            }
            Task::SerdeParseDrop => {
                self.kept(|document| drop(black_box(read::<SerdeValue>(document))))
            }
            Task::Write => written(self.values::<Healthcode>(&self.ours), |read| {
                to_string(&read.value)
            }),
            Task::SonicWrite => written(self.values::<SonicValue>(&self.sonic), |value| {
                sonic_rs::to_string(value).expect("a Value can be written")
            }),
            Task::SerdeWrite => written(self.values::<SerdeValue>(&self.serde), |value| {
                serde_json::to_string(value).expect("a Value can be written")
            }),
            Task::Bridge => self.kept(|document| {
                serde_json::from_str::<Resource>(document).expect("the input is JSON")
            }),
            Task::SerdeParseStr => self.kept(|document| {
                serde_json::from_str::<serde_json::Value>(document).expect("the input is JSON")
            }),
            Task::Stream => self.kept(|document| stream(document.as_bytes())),
            Task::Lazy => self.kept(|document| {
                for entry in entries(document.as_bytes()).expect("the input is UTF-8") {
                    let entry = entry.expect("the input is JSON");
                    black_box((entry.resource_type(), entry.id()));
                }
            }),
            Task::Ndjson => {
                let start = Instant::now();
                let options = ReadOptions::new();
                for line in NdjsonReader::<_, Resource>::new(self.ndjson.as_bytes(), options) {
                    drop(black_box(line.expect("the input is JSON")));
                }
                start.elapsed()
            }
            Task::OneThread => self.threaded(1),
            Task::TwoThreads => self.threaded(2),
        }
    }

    fn kept<T>(&self, each: impl Fn(&str) -> T) -> Duration {
        kept(&self.input.texts(), each)
    }

    fn values<'v, R: Reader>(&self, values: &'v OnceCell<Vec<R::Value>>) -> &'v [R::Value] {
        let documents = self.input.documents.iter();
        values.get_or_init(|| documents.map(|document| read::<R>(document)).collect())
    }

    fn threaded(&self, threads: usize) -> Duration {
        let documents = &self.input.documents;
        let start = Instant::now();
        if self.is_bundle {
            let entries = entries(documents[0].as_bytes()).expect("the input is UTF-8");
            let entries: Result<Vec<LazyEntry<'_>>, _> = entries.collect();
            shared(threads, &entries.expect("the input is JSON"), |entry| {
                let read = entry.read::<BundleEntry>();
                drop(black_box(read.expect("the input is JSON")));
            });
        } else {
            shared(threads, documents, |document| {
                drop(black_box(read::<Healthcode>(document)));
            });
        }
        start.elapsed()
    }
}

/// Does `each` of `jobs` on threads.
fn shared<J: Sync>(threads: usize, jobs: &[J], each: impl Fn(&J) + Sync) {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(jobs) = jobs.get(next.fetch_add(SHARE, Ordering::Relaxed)..) {
            if jobs.is_empty() {
                break;
            }
            jobs.iter().take(SHARE).for_each(&each);
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
}

/// Reads a Bundle entry by entry, and what is around the entries.
///
/// # Panics
/// If it is not JSON, or cannot be read.
pub fn stream(bundle: impl std::io::Read) {
    let options = ReadOptions::new();
    let mut reader = BundleReader::<_, BundleEntry>::new(bundle, options);
    for entry in reader.by_ref() {
        drop(black_box(entry.expect("the input is JSON")));
    }
    black_box(reader.finish::<Bundle>().expect("the input is JSON"));
}

fn read<R: Reader>(document: &str) -> R::Value {
    R::read(document).expect("the input has been read before")
}

fn written<T>(values: &[T], each: impl Fn(&T) -> String) -> Duration {
    let start = Instant::now();
    for value in values {
        drop(black_box(each(black_box(value))));
    }
    start.elapsed()
}

/// The documents, or the resources of a Bundle, a line each.
pub(crate) fn ndjson(input: &Input) -> Result<String> {
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(&minified(text));
        out.push('\n');
    };
    match input.bundle() {
        Some(bundle) => {
            for entry in entries(bundle.as_bytes())? {
                entry?.resource_json().into_iter().for_each(&mut line);
            }
        }
        None => input.documents.iter().for_each(|document| line(document)),
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
