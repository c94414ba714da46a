//! A transport with scripted answers, a clock that stands still, and futures without a runtime.

use bytes::Bytes;
use healthcode_transport::{
    BoxFuture, Client, HttpStack, Origin, Random, Timer, Transport, TransportError, TransportFault,
    Trust,
};
use http::{Request, Response};
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};
use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Metadata, Subscriber};

pub(crate) const START: SystemTime = SystemTime::UNIX_EPOCH;

/// 2026-11-20T08:00:00Z.
#[expect(clippy::duration_suboptimal_units, reason = "seconds of Unix time")]
pub(crate) fn start() -> SystemTime {
    START + Duration::from_secs(1_795_161_600)
}

/// A clock that goes on when somebody sleeps.
#[derive(Clone)]
pub(crate) struct Clock(Arc<Mutex<(SystemTime, Vec<Duration>)>>);

impl Clock {
    pub(crate) fn new() -> Self {
        Clock(Arc::new(Mutex::new((start(), Vec::new()))))
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.0.lock().unwrap().0 += time;
    }

    /// The sleeps so far.
    pub(crate) fn sleeps(&self) -> Vec<Duration> {
        self.0.lock().unwrap().1.clone()
    }
}

impl Timer for Clock {
    fn now(&self) -> SystemTime {
        self.0.lock().unwrap().0
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut state = self.0.lock().unwrap();
            state.0 += time;
            state.1.push(time);
        })
    }
}

/// A clock whose sleepers sleep until time has passed; it wakes them.
#[derive(Clone)]
pub(crate) struct Hours(Clock, Arc<Mutex<Vec<Waker>>>);

impl Hours {
    pub(crate) fn new() -> Self {
        Hours(Clock::new(), Arc::default())
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.0.pass(time);
        let wakers = std::mem::take(&mut *self.1.lock().unwrap());
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl Timer for Hours {
    fn now(&self) -> SystemTime {
        self.0.now()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        let until = self.now() + time;
        Box::pin(std::future::poll_fn(move |context| {
            if self.now() >= until {
                return Poll::Ready(());
            }
            self.1.lock().unwrap().push(context.waker().clone());
            Poll::Pending
        }))
    }
}

/// Random bytes that count, so that each id differs and all are known.
#[derive(Clone, Default)]
pub(crate) struct Counting(Arc<AtomicU64>);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        bytes.fill(0);
        for (byte, part) in bytes.iter_mut().rev().zip(number.to_le_bytes()) {
            *byte = part;
        }
    }
}

pub(crate) type Answer = Result<Response<Bytes>, TransportFault>;
/// Status, headers and body.
type Scripted = (u16, &'static [(&'static str, &'static str)], &'static str);
type Handler = dyn Fn(&Request<Bytes>, usize) -> Answer + Send + Sync;

/// Answers as its handler says, and keeps the requests.
#[derive(Clone)]
pub(crate) struct Fake {
    handler: Arc<Handler>,
    seen: Arc<Mutex<Vec<Request<Bytes>>>>,
    /// Whether an answer takes another turn.
    slow: bool,
}

impl Fake {
    /// The handler gets the request, and how many came before it.
    pub(crate) fn new(
        handler: impl Fn(&Request<Bytes>, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Fake {
            handler: Arc::new(handler),
            seen: Arc::default(),
            slow: false,
        }
    }

    /// These answers, in their order, and the last one again and again.
    pub(crate) fn script(answers: Vec<Scripted>) -> Self {
        Fake::new(move |_, index| {
            let (status, headers, body) = answers[index.min(answers.len() - 1)];
            Ok(answer(status, headers, body))
        })
    }

    pub(crate) fn slow(mut self) -> Self {
        self.slow = true;
        self
    }

    pub(crate) fn seen(&self) -> Vec<Request<Bytes>> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    pub(crate) fn stack(&self, clock: &(impl Timer + Clone + 'static)) -> HttpStack {
        HttpStack::new(self.clone(), clock.clone(), Counting::default())
    }

    pub(crate) fn client(&self, clock: &Clock) -> Client {
        Client::new(self.stack(clock), trust(&["https://api.example.org"]))
    }
}

pub(crate) fn trust(origins: &[&str]) -> Trust {
    let mut trust = Trust::new();
    for origin in origins {
        trust.allow(Origin::read(origin).unwrap());
    }
    trust
}

pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Bytes::from(body.to_owned())).unwrap()
}

pub(crate) fn ok(body: &str) -> Answer {
    Ok(answer(200, &[], body))
}

impl Transport for Fake {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let index = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(request.clone());
            seen.len() - 1
        };
        Box::pin(async move {
            if self.slow {
                Yield(false).await;
            }
            (self.handler)(&request, index).map_err(TransportError::new)
        })
    }
}

/// Takes one more turn.
pub(crate) struct Yield(pub(crate) bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Polls until it ends.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    for _ in 0..10_000 {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
    panic!("it does not end");
}

/// What spans and events say.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<String>>);

impl Log {
    pub(crate) fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }

    /// Runs with it as the subscriber.
    pub(crate) fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        tracing::subscriber::with_default(Capture(self.clone(), AtomicU64::new(1)), work)
    }
}

struct Capture(Log, AtomicU64);

impl Visit for &Log {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = self.0.lock().unwrap();
        text.push_str(&format!(" {}={value:?}", field.name()));
    }
}

impl Subscriber for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.0.0.lock().unwrap().push_str("\nspan");
        span.record(&mut &self.0);
        Id::from_u64(self.1.fetch_add(1, Ordering::SeqCst))
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.0.0.lock().unwrap().push_str("\nrecord");
        values.record(&mut &self.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.0.0.lock().unwrap().push_str("\nevent");
        event.record(&mut &self.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
