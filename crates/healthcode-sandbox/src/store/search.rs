//! [`Engine`]: threads that evaluate searches on an index of the data.

use crate::store::resources::Register;
use healthcode_r4::Bundle;
use healthcode_search::evaluate::Index;
use healthcode_search::{Query, QueryError};
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use tokio::sync::oneshot;

const WORKERS: usize = 2;

type Found = Result<Bundle, QueryError>;

struct Job {
    query: Query,
    reply: oneshot::Sender<Found>,
}

/// Answers searches, away from the threads that serve sockets. Its threads end when it is dropped.
/// Each has an index of what there is, and makes another one when something was written since.
pub(crate) struct Engine {
    jobs: Sender<Job>,
}

impl Engine {
    /// Starts the threads.
    pub(crate) fn start(register: &Arc<Register>) -> io::Result<Self> {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..WORKERS {
            let (register, queue) = (register.clone(), queue.clone());
            thread::Builder::new()
                .name("sandbox-search".to_owned())
                .spawn(move || work(&register, &queue))?;
        }
        Ok(Engine { jobs })
    }

    /// The answer to a search; none if the threads are gone.
    pub(crate) async fn search(&self, query: Query) -> Option<Found> {
        let (reply, found) = oneshot::channel();
        self.jobs.send(Job { query, reply }).ok()?;
        found.await.ok()
    }
}

fn work(register: &Register, queue: &Mutex<Receiver<Job>>) {
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
    let mut waiting = None;
    loop {
        let (generation, bundles) = register.bundles();
        let index = Index::new(bundles.iter().map(|it| &**it), []);
        let answer = |Job { query, reply }: Job| {
            let found = index.run(&query).map(|it| it.bundle(&query));
            // Whoever asked may have gone.
            let _ = reply.send(found);
        };
        waiting.take().into_iter().for_each(answer);
        while waiting.is_none() {
            match next() {
                Ok(job) if register.generation() == generation => answer(job),
                Ok(job) => waiting = Some(job),
                Err(_) => return,
            }
        }
    }
}
