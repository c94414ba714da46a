//! Sockets: connections, with TLS or without, and faults that their requests meet.

use crate::faults::{self, Fault, Service};
use crate::http::answer::{Answer, plain};
use crate::http::form::bearer;
use crate::nhs::spine_proxy;
use crate::server::connections::Place;
use crate::server::host;
use crate::server::sandbox::{Seen, Shared, masked};
use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{Request, StatusCode};
use hyper::body::{Body as _, Incoming};
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::fmt;
use std::future::poll_fn;
use std::net::TcpListener;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tower_service::Service as _;

/// What stands behind a port.
#[derive(Clone)]
pub(crate) enum Front {
    /// Everything that has a path of its own.
    Services(Router),
    /// The Spine's proxy, whose paths are addresses of others.
    Proxy,
}

/// A port.
pub(crate) struct Port {
    pub(crate) listener: TcpListener,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) front: Front,
}

impl Port {
    pub(crate) fn new(listener: TcpListener, tls: Option<TlsAcceptor>, front: Front) -> Self {
        Port {
            listener,
            tls,
            front,
        }
    }
}

/// How long a client may take until it has sent a head, or then a body, or TLS stands.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most that a head may have: what is in it is looked at before anybody is known.
const HEAD: usize = 64 << 10;

/// The most that a body may have.
const BODY: usize = 2 << 20;

/// The most that a request for a token may have, of whomever it is.
const TOKEN_BODY: usize = 64 << 10;

pub(crate) async fn accept(port: Port, shared: Arc<Shared>, mut stopped: watch::Receiver<()>) {
    let Port {
        listener,
        tls,
        front,
    } = port;
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    let connections = &shared.connections;
    loop {
        let accepted = tokio::select! {
            _ = stopped.changed() => return,
            accepted = listener.accept() => accepted,
        };
        // Without file handles there are none for a while.
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let place = loop {
            if let Some(place) = connections.enter() {
                break place;
            }
            tokio::select! {
                _ = stopped.changed() => return,
                () = tokio::time::sleep(Duration::from_millis(10)) => {}
            }
        };
        let _ = stream.set_nodelay(true);
        let (tls, front, shared) = (tls.clone(), front.clone(), shared.clone());
        tokio::spawn(async move {
            let serving = async {
                let Some(tls) = tls else {
                    return connection(TokioIo::new(stream), front, shared, &place).await;
                };
                // Who shows no certificate, or another's, has heard so by TLS.
                if let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, tls.accept(stream)).await {
                    connection(TokioIo::new(stream), front, shared, &place).await;
                }
            };
            tokio::select! {
                () = serving => {}
                () = place.over() => {}
            }
        });
    }
}

/// A connection that is closed on purpose.
#[derive(Debug)]
struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed on purpose")
    }
}

impl std::error::Error for Closed {}

async fn connection(
    stream: impl Read + Write + Unpin,
    front: Front,
    shared: Arc<Shared>,
    place: &Arc<Place>,
) {
    let service = service_fn(move |request| {
        let (front, shared, place) = (front.clone(), shared.clone(), place.clone());
        async move { serve(request, front, &shared, &place).await }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new());
    builder.header_read_timeout(PATIENCE);
    builder.max_buf_size(HEAD);
    // What went wrong with a connection is the client's to see.
    let _ = builder.serve_connection(stream, service).await;
}

async fn serve(
    request: Request<Incoming>,
    front: Front,
    shared: &Arc<Shared>,
    place: &Arc<Place>,
) -> Result<Answer, Closed> {
    let begun = Instant::now();
    let Some(tell) = &shared.on_request else {
        return whole(request, front, shared, place).await;
    };
    let (method, path) = (request.method().clone(), masked(request.uri().path()));
    let answer = whole(request, front, shared, place).await;
    tell(&Seen {
        method,
        path,
        status: answer.as_ref().ok().map(|it| it.status().as_u16()),
        took: begun.elapsed(),
    });
    answer
}

/// Answers once all of the request is there.
async fn whole(
    request: Request<Incoming>,
    front: Front,
    shared: &Arc<Shared>,
    place: &Arc<Place>,
) -> Result<Answer, Closed> {
    let (head, body) = request.into_parts();
    if let Err(refused) = host::check(head.version, &head.uri, &head.headers, &shared.hosts) {
        return Ok(*refused);
    }
    let (most, kept) = allowed(&head, &front, shared);
    let read = tokio::time::timeout(PATIENCE, read(body, most, kept)).await;
    let _answering = place.answer().ok_or(Closed)?;
    match read {
        Ok(Ok(body)) => {
            let request = Request::from_parts(head, Body::from(body));
            meet(request, front, shared).await
        }
        Ok(Err(Unread::Broken)) => Err(Closed),
        Ok(Err(Unread::TooLarge)) => {
            let text = format!("the body is larger than {most} bytes");
            Ok(plain(StatusCode::PAYLOAD_TOO_LARGE, "too-long", &text))
        }
        Err(_) => {
            let text = "the body did not come in time";
            Ok(plain(StatusCode::REQUEST_TIMEOUT, "timeout", text))
        }
    }
}

/// The most that a request's body may have, and whether it is kept: only of those who are known, or who
/// ask for a token. All others are refused whatever they send.
fn allowed(head: &Parts, front: &Front, shared: &Shared) -> (usize, bool) {
    let Front::Services(_) = front else {
        return (spine_proxy::LIMIT, true);
    };
    match Service::of(head.uri.path()) {
        Some(Service::SignOn | Service::NhsToken | Service::GraphnetToken) => (TOKEN_BODY, true),
        _ => {
            let token = bearer(&head.headers);
            (BODY, token.is_some_and(|it| shared.tokens.has(it)))
        }
    }
}

/// Why there is no body.
enum Unread {
    TooLarge,
    Broken,
}

/// A body; an empty one in its place unless it is kept.
async fn read(mut body: Incoming, most: usize, kept: bool) -> Result<Vec<u8>, Unread> {
    if body.size_hint().lower() > most as u64 {
        return Err(Unread::TooLarge);
    }
    let (mut size, mut out) = (0_usize, Vec::new());
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else {
            continue;
        };
        size = size.saturating_add(data.len());
        if size > most {
            return Err(Unread::TooLarge);
        }
        if kept {
            out.extend_from_slice(&data);
        }
    }
    Ok(out)
}

/// Answers, unless a fault waits for the request.
async fn meet(
    request: Request<Body>,
    front: Front,
    shared: &Arc<Shared>,
) -> Result<Answer, Closed> {
    let service = match front {
        Front::Services(_) => Service::of(request.uri().path()),
        Front::Proxy => Some(Service::Ssp),
    };
    let (wait, fault) = service.map_or((Duration::ZERO, None), |it| shared.faults.meet(it));
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    let instead = service.zip(fault);
    if let Some(answer) = instead.and_then(|it| faults::answer(it.0, it.1)) {
        return Ok(answer);
    }
    match fault {
        Some(Fault::Dropped) => return Err(Closed),
        Some(Fault::ExpiredToken) => {
            if let Some(token) = bearer(request.headers()) {
                shared.tokens.end(token);
            }
        }
        _ => {}
    }
    let answer = match front {
        Front::Services(mut router) => {
            let Ok(answer) = router.call(request).await;
            answer
        }
        Front::Proxy => {
            let ended = fault == Some(Fault::ExpiredToken);
            spine_proxy::answer(shared, request, ended).await
        }
    };
    if fault != Some(Fault::MalformedBody) {
        return Ok(answer);
    }
    let (mut head, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.remove(CONTENT_LENGTH);
    let half = body.slice(..body.len() / 2);
    Ok(Answer::from_parts(head, Body::from(half)))
}
