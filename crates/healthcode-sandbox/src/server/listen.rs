//! Ports and their connections, with TLS or without.

use super::connections::{Connections, Slot};
use super::intake::{CLIENT_TIMEOUT, CloseConnection};
use crate::http::response::Response;
use crate::log::LoggedRequest;
use crate::state::SandboxState;
use axum::Router;
use axum::extract::MatchedPath;
use http::Request;
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tower_service::Service as _;

/// A port.
pub(crate) struct Port {
    pub(crate) listener: TcpListener,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) router: Router,
}

/// The largest head, which is parsed before the client is known.
const MAX_HEAD: usize = 64 << 10;

/// Serves a port until `stopped` changes.
pub(crate) async fn serve(
    port: Port,
    state: Arc<SandboxState>,
    connections: Arc<Connections>,
    mut stopped: watch::Receiver<()>,
) {
    let Ok(listener) = tokio::net::TcpListener::from_std(port.listener) else {
        return;
    };
    loop {
        let accepted = tokio::select! {
            _ = stopped.changed() => return,
            accepted = listener.accept() => accepted,
        };
        // There may be no file handle left for a while.
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let slot = loop {
            if let Some(slot) = connections.add() {
                break slot;
            }
            tokio::select! {
                _ = stopped.changed() => return,
                () = tokio::time::sleep(Duration::from_millis(10)) => {}
            }
        };
        let _ = stream.set_nodelay(true);
        let (tls, router, state) = (port.tls.clone(), port.router.clone(), state.clone());
        tokio::spawn(async move {
            let serving = async {
                let Some(tls) = tls else {
                    return connection(TokioIo::new(stream), router, state, &slot).await;
                };
                // TLS has refused clients without a certificate of the authority.
                let accepted = tokio::time::timeout(CLIENT_TIMEOUT, tls.accept(stream)).await;
                if let Ok(Ok(stream)) = accepted {
                    connection(TokioIo::new(stream), router, state, &slot).await;
                }
            };
            tokio::select! {
                () = serving => {}
                () = slot.evicted() => {}
            }
        });
    }
}

async fn connection(
    stream: impl Read + Write + Unpin,
    router: Router,
    state: Arc<SandboxState>,
    slot: &Arc<Slot>,
) {
    let service = service_fn(move |request| {
        let (router, state, slot) = (router.clone(), state.clone(), slot.clone());
        async move { respond(request, router, &state, slot).await }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new());
    builder.header_read_timeout(CLIENT_TIMEOUT);
    builder.max_buf_size(MAX_HEAD);
    // An error of a connection is for its client to see.
    let _ = builder.serve_connection(stream, service).await;
}

/// The error that makes hyper close a connection.
#[derive(Debug, thiserror::Error)]
#[error("closed on purpose")]
struct ClosedByFault;

async fn respond(
    mut request: Request<Incoming>,
    mut router: Router,
    state: &SandboxState,
    slot: Arc<Slot>,
) -> Result<Response, ClosedByFault> {
    let begun = Instant::now();
    let method = request.method().clone();
    request.extensions_mut().insert(slot);
    let Ok(response) = router.call(request).await;
    let is_closed = response.extensions().get::<CloseConnection>().is_some();
    if let Some(on_request) = &state.on_request {
        let route = response.extensions().get::<MatchedPath>();
        on_request(&LoggedRequest {
            method,
            path: route.map_or("/{}", MatchedPath::as_str).to_owned(),
            status: (!is_closed).then(|| response.status().as_u16()),
            took: begun.elapsed(),
        });
    }
    if is_closed {
        Err(ClosedByFault)
    } else {
        Ok(response)
    }
}
