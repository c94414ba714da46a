//! Many who wait for one token.

use crate::kit::{Clock, Fake, Hours, run, start};
use crate::tokens::{grant, server, shown};
use healthcode_transport::{BoxFuture, Error, FetchToken, Token, TokenCache, TokenSource};
use proptest::prelude::*;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// Whether it was woken.
#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Polls all, each only when it was woken, until all end.
fn together<T>(futures: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    let mut tasks: Vec<_> = futures
        .into_iter()
        .map(|future| (future, Arc::new(Flag(AtomicBool::new(true))), None))
        .collect();
    for _ in 0..10_000 {
        for (future, flag, done) in &mut tasks {
            if done.is_some() || !flag.0.swap(false, Ordering::SeqCst) {
                continue;
            }
            let waker = Waker::from(flag.clone());
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                *done = Some(value);
            }
        }
        if tasks.iter().all(|task| task.2.is_some()) {
            return tasks.into_iter().map(|task| task.2.unwrap()).collect();
        }
    }
    panic!("somebody was not woken");
}

/// The one who fetches is kept, but nobody polls it any more: others wait for a time, not for ever.
#[test]
fn nobody_waits_for_ever() {
    let clock = Clock::new();
    let hours = Hours::new();
    let fake = server().slow();
    let fetch = FetchToken::new(grant(), fake.stack(&clock).with_timeout(None));
    let cache = TokenCache::new(fetch, Arc::new(hours.clone()));
    let mut first = cache.token(None);
    let mut context = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending());
    let others: Vec<_> = (0..100).map(|_| cache.token(None)).collect();
    let waiting = others.into_iter().map(|future| {
        let hours = hours.clone();
        let later = Box::pin(async move {
            crate::kit::Yield(false).await;
            hours.pass(Duration::from_secs(1));
            future.await
        });
        later as BoxFuture<'_, _>
    });
    let all: Vec<Result<Token, Error>> = together(waiting.collect());
    // One of them has fetched, for all.
    assert!(
        all.iter()
            .all(|result| shown(result.as_ref().unwrap()) == "Bearer t2")
    );
    assert_eq!(fake.count(), 2);
    // What the first one gets in the end is good for it, and takes nothing's place.
    assert!(run(first).is_ok());
    assert_eq!(shown(&run(cache.token(None)).unwrap()), "Bearer t2");
}

#[test]
fn many_wait_for_one() {
    let clock = Clock::new();
    let fake = server().slow();
    let fetch = FetchToken::new(grant(), fake.stack(&clock).with_timeout(None));
    let cache = TokenCache::new(fetch, Arc::new(Hours::new()));
    let all = together((0..1000).map(|_| cache.token(None)).collect());
    assert!(
        all.iter()
            .all(|result| shown(result.as_ref().unwrap()) == "Bearer t1")
    );
    assert_eq!(fake.count(), 1);

    // All were refused: one more, for all.
    let old = run(cache.token(None)).unwrap();
    let all = together((0..1000).map(|_| cache.token(Some(&old))).collect());
    assert!(
        all.iter()
            .all(|result| shown(result.as_ref().unwrap()) == "Bearer t2")
    );
    assert_eq!(fake.count(), 2);
    // Who learns of it late gets what there is.
    assert_eq!(shown(&run(cache.token(Some(&old))).unwrap()), "Bearer t2");
    assert_eq!(fake.count(), 2);
}

#[test]
fn an_error_is_shared_too() {
    let clock = Clock::new();
    let fake = Fake::script(vec![(400, &[], r#"{"error":"invalid_client"}"#)]).slow();
    let fetch = FetchToken::new(grant(), fake.stack(&clock).with_timeout(None));
    let cache = TokenCache::new(fetch, Arc::new(Hours::new()));
    let all = together((0..100).map(|_| cache.token(None)).collect());
    assert!(
        all.iter()
            .all(|result| result.as_ref().is_err_and(|error| error.oauth().is_some()))
    );
    assert_eq!(fake.count(), 1);
}

#[test]
fn another_goes_on_if_the_first_gives_up() {
    let clock = Clock::new();
    let fake = server().slow();
    let fetch = FetchToken::new(grant(), fake.stack(&clock).with_timeout(None));
    let cache = TokenCache::new(fetch, Arc::new(Hours::new()));
    let mut first = cache.token(None);
    let mut context = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending());
    let mut second = cache.token(None);
    let flag = Arc::new(Flag::default());
    let waker = Waker::from(flag.clone());
    let poll = |future: &mut BoxFuture<'_, _>| {
        future
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    };
    assert!(poll(&mut second));
    drop(first);
    assert!(flag.0.load(Ordering::SeqCst));
    assert_eq!(shown(&run(second).unwrap()), "Bearer t2");
}

/// Across threads, with a source that is slow for real.
#[test]
fn many_threads_wait_for_one() {
    struct Slow(AtomicUsize);
    struct Later(Arc<Mutex<(bool, Option<Waker>)>>);
    impl Future for Later {
        type Output = ();
        fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
            let mut state = self.0.lock().unwrap();
            if state.0 {
                return Poll::Ready(());
            }
            state.1 = Some(context.waker().clone());
            Poll::Pending
        }
    }
    impl TokenSource for Slow {
        fn token<'a>(&'a self, _: Option<&'a Token>) -> BoxFuture<'a, Result<Token, Error>> {
            self.0.fetch_add(1, Ordering::SeqCst);
            let state = Arc::new(Mutex::new((false, None::<Waker>)));
            let later = Later(state.clone());
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(20));
                let mut state = state.lock().unwrap();
                state.0 = true;
                if let Some(waker) = state.1.take() {
                    waker.wake();
                }
            });
            Box::pin(async move {
                later.await;
                Ok(Token::new("t", start(), None))
            })
        }
    }
    struct Thread(std::thread::Thread);
    impl Wake for Thread {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let cache = TokenCache::new(Slow(AtomicUsize::new(0)), Arc::new(Hours::new()));
    let cache = Arc::new(cache);
    let one = |cache: Arc<TokenCache<Slow>>| {
        let waker = Waker::from(Arc::new(Thread(std::thread::current())));
        let mut future = cache.token(None);
        loop {
            match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(token) => return shown(&token.unwrap()),
                Poll::Pending => std::thread::park(),
            }
        }
    };
    let threads: Vec<_> = (0..16)
        .map(|_| {
            let cache = cache.clone();
            std::thread::spawn(move || one(cache))
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), "Bearer t");
    }
}

/// A source that takes a few turns, and counts how many fetch at once.
#[derive(Default)]
struct Busy {
    now: AtomicUsize,
    most: AtomicUsize,
}

struct Count<'a>(&'a Busy);

impl Drop for Count<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

impl TokenSource for Busy {
    fn token<'a>(&'a self, _: Option<&'a Token>) -> BoxFuture<'a, Result<Token, Error>> {
        Box::pin(async move {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            let _count = Count(self);
            for _ in 0..3 {
                crate::kit::Yield(false).await;
            }
            Ok(Token::new("t", start(), None))
        })
    }
}

proptest! {
    /// Whichever future is polled or gives up, and when: one fetches at a time, and nobody waits for ever.
    #[test]
    fn nobody_is_forgotten(steps in prop::collection::vec((0_usize..6, 0_u8..4), 0..40)) {
        let source = Arc::new(Busy::default());
        let cache = TokenCache::new(source.clone(), Arc::new(Hours::new()));
        let mut waiting: Vec<Option<BoxFuture<'_, _>>> = (0..6).map(|_| Some(cache.token(None))).collect();
        let flags: Vec<_> = (0..6).map(|_| Arc::new(Flag(AtomicBool::new(true)))).collect();
        let poll = |waiting: &mut Vec<Option<BoxFuture<'_, Result<Token, Error>>>>, index: usize| {
            let waker = Waker::from(flags[index].clone());
            flags[index].0.store(false, Ordering::SeqCst);
            let ready = waiting[index].as_mut().is_some_and(|future| {
                future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready()
            });
            if ready {
                waiting[index] = None;
            }
        };
        for (index, what) in steps {
            match what {
                0 => waiting[index] = None,
                _ => poll(&mut waiting, index),
            }
        }
        // From now on, only those who were woken are polled.
        for _ in 0..100 {
            for (index, flag) in flags.iter().enumerate() {
                if flag.0.load(Ordering::SeqCst) {
                    poll(&mut waiting, index);
                }
            }
        }
        prop_assert!(waiting.iter().all(Option::is_none));
        prop_assert!(source.most.load(Ordering::SeqCst) <= 1);
    }
}
