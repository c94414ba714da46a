//! [`Engine`]: threads that evaluate searches on an index of the data.

use crate::data::Data;
use healthcode_r4::Bundle;
use healthcode_search::evaluate::Index;
use healthcode_search::{Query, QueryError};
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use tokio::sync::oneshot;

const WORKERS: usize = 2;

type Found = Result<Bundle, QueryError>;

struct Job {
    query: Query,
    reply: oneshot::Sender<Found>,
}

/// Answers searches, away from the threads that serve sockets. Its threads end when it is dropped.
pub(crate) struct Engine {
    jobs: Sender<Job>,
}

impl Engine {
    /// Starts the threads; the index is made by them.
    pub(crate) fn start(data: Data) -> io::Result<Self> {
        let (jobs, queue) = channel();
        let queue = Mutex::new(queue);
        thread::Builder::new()
            .name("sandbox-search".to_owned())
            .spawn(move || {
                let index = Index::new(data.bundles.iter(), []);
                thread::scope(|scope| {
                    for _ in 1..WORKERS {
                        scope.spawn(|| work(&index, &queue));
                    }
                    work(&index, &queue);
                });
            })?;
        Ok(Engine { jobs })
    }

    /// The answer to a search; none if the threads are gone.
    pub(crate) async fn search(&self, query: Query) -> Option<Found> {
        let (reply, found) = oneshot::channel();
        self.jobs.send(Job { query, reply }).ok()?;
        found.await.ok()
    }
}

fn work(index: &Index<'_>, queue: &Mutex<Receiver<Job>>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { query, reply }) = job else {
            return;
        };
        let found = index.run(&query).map(|it| it.bundle(&query));
        // Whoever asked may have gone.
        let _ = reply.send(found);
    }
}
