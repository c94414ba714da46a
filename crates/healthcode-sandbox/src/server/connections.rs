//! [`Connections`]: how many there are at most, and which one makes room for another.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The most connections that are open at the same time, of both ports. File handles are few: 1,024 on
/// many systems.
pub(crate) const MOST: usize = 256;

/// The open connections.
///
/// One that waits for its client, which has to send something or to read the answer, makes room for a
/// new one where there are [`MOST`] of them: the one that has waited longest. So clients that are slow,
/// however many they are, keep nobody else out. Requests that are being answered are not broken off.
#[derive(Default)]
pub(crate) struct Connections(Mutex<Open>);

#[derive(Default)]
struct Open {
    /// Those that wait for their clients, in the order in which they began to.
    waiting: BTreeMap<u64, Arc<Notify>>,
    answering: usize,
    /// How often a connection began to wait so far.
    turns: u64,
}

impl Open {
    fn wait(&mut self, over: Arc<Notify>) -> u64 {
        self.turns += 1;
        self.waiting.insert(self.turns, over);
        self.turns
    }
}

impl Connections {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Room for a connection, which waits for its client; none while all others are being answered.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<Arc<Place>> {
        let mut open = self.lock();
        if open.waiting.len() + open.answering >= MOST {
            open.waiting.pop_first()?.1.notify_one();
        }
        let over = Arc::new(Notify::new());
        let turn = open.wait(over.clone());
        let all = self.clone();
        let turn = Mutex::new(Turn::Waiting(turn));
        Some(Arc::new(Place { all, over, turn }))
    }
}

/// What a connection does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Waiting(u64),
    Answering,
}

/// The place of a connection; free again with the value.
pub(crate) struct Place {
    all: Arc<Connections>,
    over: Arc<Notify>,
    turn: Mutex<Turn>,
}

impl Place {
    /// Returns when the connection has to make room.
    pub(crate) async fn over(&self) {
        self.over.notified().await;
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that a request has come and is being answered, as long as the value lives; none if the
    /// connection has to make room.
    pub(crate) fn answer(self: &Arc<Self>) -> Option<Answering> {
        let mut turn = self.turn();
        let Turn::Waiting(number) = *turn else {
            return None;
        };
        let mut open = self.all.lock();
        open.waiting.remove(&number)?;
        open.answering += 1;
        *turn = Turn::Answering;
        Some(Answering(self.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let turn = *self.turn();
        let mut open = self.all.lock();
        match turn {
            Turn::Waiting(number) => drop(open.waiting.remove(&number)),
            Turn::Answering => open.answering = open.answering.saturating_sub(1),
        }
    }
}

/// A request that is being answered.
pub(crate) struct Answering(Arc<Place>);

impl Drop for Answering {
    fn drop(&mut self) {
        let mut turn = self.0.turn();
        let mut open = self.0.all.lock();
        open.answering = open.answering.saturating_sub(1);
        *turn = Turn::Waiting(open.wait(self.0.over.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    /// Whether a place has to make room.
    fn is_over(place: &Place) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        pin!(place.over()).poll(&mut context).is_ready()
    }

    #[test]
    fn the_one_that_waits_longest_makes_room() {
        let all = Arc::new(Connections::default());
        let mut places: Vec<_> = (0..MOST).map(|_| all.enter().unwrap()).collect();
        // The first one is being answered, the second was and waits again.
        let first = places[0].answer().unwrap();
        drop(places[1].answer().unwrap());
        let new = all.enter().unwrap();
        assert!(is_over(&places[2]) && places[2].answer().is_none());
        assert!(!is_over(&places[0]) && !is_over(&places[1]) && !is_over(&new));
        // One that is gone makes room, too; nobody else has to.
        drop(places.pop());
        let other = all.enter().unwrap();
        assert!(places.iter().skip(3).all(|it| !is_over(it)));
        // While all are being answered there is no room.
        drop((first, places, new, other));
        let counts = |open: &Open| (open.waiting.len(), open.answering);
        assert_eq!(counts(&all.lock()), (0, 0));
        let places: Vec<_> = (0..MOST).map(|_| all.enter().unwrap()).collect();
        let mut answered: Vec<_> = places.iter().map(|it| it.answer().unwrap()).collect();
        assert!(all.enter().is_none());
        answered.pop();
        assert!(all.enter().is_some());
    }
}
