//! A listener on the loopback that records requests.

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use tiny_http::{Response, Server};

/// How long a client may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A request as it was received.
#[derive(Debug)]
pub(super) struct Request {
    /// The target of the request line: path and query.
    pub(super) target: String,
    pub(super) body: String,
}

/// Records all requests.
pub(super) struct Listener {
    address: String,
    requests: Receiver<Result<Request>>,
}

impl Listener {
    pub(super) fn start() -> Result<Self> {
        let server =
            Server::http("127.0.0.1:0").map_err(|error| anyhow!("cannot listen: {error}"))?;
        let address = format!("http://{}/", server.server_addr());
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            for request in server.incoming_requests() {
                if sender.send(serve(request)).is_err() {
                    break;
                }
            }
        });
        Ok(Listener { address, requests })
    }

    /// The address to send requests to.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The next request.
    pub(super) fn next(&self) -> Result<Request> {
        let request = self.requests.recv_timeout(TIMEOUT);
        request.context("no request was received")?
    }
}

fn serve(mut request: tiny_http::Request) -> Result<Request> {
    let target = request.url().to_owned();
    let mut body = String::new();
    request.as_reader().read_to_string(&mut body)?;
    request.respond(Response::empty(204))?;
    Ok(Request { target, body })
}
