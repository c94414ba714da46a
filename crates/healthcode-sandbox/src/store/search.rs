//! [`SearchPool`]: threads that evaluate searches.

use super::resources::Resources;
use healthcode_evaluate::Index;
use healthcode_r4::Bundle;
use healthcode_search::{Query, QueryError};
use parking_lot::Mutex;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use tokio::sync::oneshot;

const THREADS: usize = 2;

type Found = Result<Bundle, QueryError>;

struct Job {
    query: Query,
    reply: oneshot::Sender<Found>,
}

/// Evaluates searches, away from the threads that serve sockets. Each of its threads has an index of
/// the resources, and builds a new one when something was written since. They end when it is dropped.
pub(crate) struct SearchPool {
    jobs: Sender<Job>,
}

impl SearchPool {
    /// Starts the threads.
    pub(crate) fn start(resources: &Arc<Resources>) -> io::Result<Self> {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..THREADS {
            let (resources, queue) = (resources.clone(), queue.clone());
            thread::Builder::new()
                .name("sandbox-search".to_owned())
                .spawn(move || run(&resources, &queue))?;
        }
        Ok(SearchPool { jobs })
    }

    /// The result of a search; `None` if the threads have ended.
    pub(crate) async fn search(&self, query: Query) -> Option<Found> {
        let (reply, found) = oneshot::channel();
        self.jobs.send(Job { query, reply }).ok()?;
        found.await.ok()
    }
}

fn run(resources: &Resources, queue: &Mutex<Receiver<Job>>) {
    let next = || queue.lock().recv();
    let mut waiting = None;
    loop {
        let (generation, bundles) = resources.bundles();
        let index = Index::new(bundles.iter().map(|bundle| &**bundle), []);
        let answer = |Job { query, reply }: Job| {
            let found = index.run(&query).map(|matches| matches.bundle(&query));
            // The caller may have gone.
            let _ = reply.send(found);
        };
        waiting.take().into_iter().for_each(answer);
        while waiting.is_none() {
            match next() {
                Ok(job) if resources.generation() == generation => answer(job),
                Ok(job) => waiting = Some(job),
                Err(_) => return,
            }
        }
    }
}
