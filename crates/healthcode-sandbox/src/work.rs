//! [`Work`]: what takes long, away from the threads that serve sockets.

use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Bodies are read and judged, and the disk is waited for, on threads of their own, a few at a time: who
/// sends much waits for others who do, and nobody else does.
pub(crate) struct Work(Arc<Semaphore>);

/// The most that is done at the same time.
const MOST: usize = 4;

impl Default for Work {
    fn default() -> Self {
        let own = thread::available_parallelism().map_or(1, NonZero::get);
        Work(Arc::new(Semaphore::new(own.min(MOST))))
    }
}

impl Work {
    /// Does something once it is its turn; none if that came to nothing.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let turn = self.0.clone().acquire_owned().await.ok()?;
        let done = spawn_blocking(move || {
            // It is over with the work, even if nobody waits for that any more.
            let _turn = turn;
            work()
        });
        done.await.ok()
    }
}
