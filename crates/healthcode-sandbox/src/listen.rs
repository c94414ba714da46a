//! Sockets: connections, with TLS or without, and faults that their requests meet.

use crate::answer::Answer;
use crate::faults::{self, Fault, Service};
use crate::form::bearer;
use crate::server::{Seen, Shared, masked};
use crate::ssp;
use axum::Router;
use axum::body::{Body, to_bytes};
use http::Request;
use http::header::CONTENT_LENGTH;
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::fmt;
use std::net::TcpListener;
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

/// How long a client may take until it has sent a head, or TLS stands.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn accept(port: Port, shared: Arc<Shared>, mut stopped: watch::Receiver<()>) {
    let Port {
        listener,
        tls,
        front,
    } = port;
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
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
        let _ = stream.set_nodelay(true);
        let (tls, front, shared) = (tls.clone(), front.clone(), shared.clone());
        tokio::spawn(async move {
            let Some(tls) = tls else {
                return connection(TokioIo::new(stream), front, shared).await;
            };
            // Who shows no certificate, or another's, has heard so by TLS.
            if let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, tls.accept(stream)).await {
                connection(TokioIo::new(stream), front, shared).await;
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

async fn connection(stream: impl Read + Write + Unpin, front: Front, shared: Arc<Shared>) {
    let service = service_fn(move |request| {
        let (front, shared) = (front.clone(), shared.clone());
        async move { serve(request, front, &shared).await }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new());
    builder.header_read_timeout(PATIENCE);
    // What went wrong with a connection is the client's to see.
    let _ = builder.serve_connection(stream, service).await;
}

async fn serve(
    request: Request<Incoming>,
    front: Front,
    shared: &Shared,
) -> Result<Answer, Closed> {
    let begun = Instant::now();
    let Some(tell) = &shared.on_request else {
        return meet(request.map(Body::new), front, shared).await;
    };
    let (method, path) = (request.method().clone(), masked(request.uri().path()));
    let answer = meet(request.map(Body::new), front, shared).await;
    tell(&Seen {
        method,
        path,
        status: answer.as_ref().ok().map(|it| it.status().as_u16()),
        took: begun.elapsed(),
    });
    answer
}

/// Answers, unless a fault waits for the request.
async fn meet(request: Request<Body>, front: Front, shared: &Shared) -> Result<Answer, Closed> {
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
            ssp::answer(shared, request, ended).await
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
