//! [`WorkQueue`]: slow work, away from the threads that serve sockets.

use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Bodies are parsed and validated, and the disk is written, on a few blocking threads: clients that
/// send much wait for each other, and nobody else waits for them.
pub(crate) struct WorkQueue(Arc<Semaphore>);

/// The most tasks that run at the same time.
const MAX_TASKS: usize = 4;

impl Default for WorkQueue {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        WorkQueue(Arc::new(Semaphore::new(cores.min(MAX_TASKS))))
    }
}

impl WorkQueue {
    /// Runs a task when it is its turn; `None` if it was cancelled or panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        task: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let permit = self.0.clone().acquire_owned().await.ok()?;
        let running = spawn_blocking(move || {
            // Held until the task ends, even if its caller has gone.
            let _permit = permit;
            task()
        });
        running.await.ok()
    }
}
