//! [`Connections`]: how many may be open, and which one is closed for another.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Notify;

/// The most connections that are open at the same time, of both ports. Many systems allow 1,024 file
/// handles.
const MAX_CONNECTIONS: usize = 256;

/// The open connections.
///
/// A connection waits for its client to send a request or to read a response. If there are
/// [`MAX_CONNECTIONS`], the one that has waited longest is closed for a new one, so that slow clients,
/// however many, keep nobody else out. A connection is never closed while its request is being responded
/// to.
#[derive(Default)]
pub(crate) struct Connections(Mutex<Open>);

#[derive(Default)]
struct Open {
    /// The waiting connections, in the order in which they began to wait.
    waiting: BTreeMap<u64, Arc<Notify>>,
    /// The number of connections that are being responded to.
    responding: usize,
    /// How often a connection began to wait.
    turns: u64,
}

impl Open {
    fn wait(&mut self, evict: Arc<Notify>) -> u64 {
        self.turns += 1;
        self.waiting.insert(self.turns, evict);
        self.turns
    }
}

impl Connections {
    /// Adds a connection, which waits for its client; `None` while all others are being responded to.
    pub(crate) fn add(self: &Arc<Self>) -> Option<Arc<Slot>> {
        let mut open = self.0.lock();
        if open.waiting.len() + open.responding >= MAX_CONNECTIONS {
            open.waiting.pop_first()?.1.notify_one();
        }
        let evict = Arc::new(Notify::new());
        let turn = open.wait(evict.clone());
        Some(Arc::new(Slot {
            connections: self.clone(),
            evict,
            activity: Mutex::new(Activity::Waiting(turn)),
        }))
    }
}

/// What a connection does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Activity {
    Waiting(u64),
    Responding,
}

/// The slot of a connection, which is free again when it is dropped.
pub(crate) struct Slot {
    connections: Arc<Connections>,
    evict: Arc<Notify>,
    activity: Mutex<Activity>,
}

impl Slot {
    /// Returns when the connection must be closed.
    pub(crate) async fn evicted(&self) {
        self.evict.notified().await;
    }

    /// Marks the connection as being responded to until the guard is dropped; `None` if it must be closed.
    pub(crate) fn respond(self: &Arc<Self>) -> Option<Responding> {
        let mut activity = self.activity.lock();
        let Activity::Waiting(turn) = *activity else {
            return None;
        };
        let mut open = self.connections.0.lock();
        open.waiting.remove(&turn)?;
        open.responding += 1;
        *activity = Activity::Responding;
        Some(Responding(self.clone()))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let activity = *self.activity.lock();
        let mut open = self.connections.0.lock();
        match activity {
            Activity::Waiting(turn) => drop(open.waiting.remove(&turn)),
            Activity::Responding => open.responding = open.responding.saturating_sub(1),
        }
    }
}

/// A guard while a request is being responded to.
pub(crate) struct Responding(Arc<Slot>);

impl Drop for Responding {
    fn drop(&mut self) {
        let mut activity = self.0.activity.lock();
        let mut open = self.0.connections.0.lock();
        open.responding = open.responding.saturating_sub(1);
        *activity = Activity::Waiting(open.wait(self.0.evict.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    /// Whether a connection must be closed.
    fn is_evicted(slot: &Slot) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        pin!(slot.evicted()).poll(&mut context).is_ready()
    }

    #[test]
    fn the_one_that_waits_longest_is_closed() {
        let all = Arc::new(Connections::default());
        let mut slots: Vec<_> = (0..MAX_CONNECTIONS).map(|_| all.add().unwrap()).collect();
        // The first one is being responded to; the second one was, and waits again.
        let first = slots[0].respond().unwrap();
        drop(slots[1].respond().unwrap());
        let new = all.add().unwrap();
        assert!(is_evicted(&slots[2]) && slots[2].respond().is_none());
        assert!(!is_evicted(&slots[0]) && !is_evicted(&slots[1]) && !is_evicted(&new));
        // A free slot is used first.
        drop(slots.pop());
        let other = all.add().unwrap();
        assert!(slots.iter().skip(3).all(|slot| !is_evicted(slot)));
        // While all are being responded to, none can be added.
        drop((first, slots, new, other));
        let counts = |open: &Open| (open.waiting.len(), open.responding);
        assert_eq!(counts(&all.0.lock()), (0, 0));
        let slots: Vec<_> = (0..MAX_CONNECTIONS).map(|_| all.add().unwrap()).collect();
        let mut responding: Vec<_> = slots.iter().map(|slot| slot.respond().unwrap()).collect();
        assert!(all.add().is_none());
        responding.pop();
        assert!(all.add().is_some());
    }
}
