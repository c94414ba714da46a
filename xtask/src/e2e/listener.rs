//! A listener on the loopback that records requests.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result};

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
    port: u16,
    requests: Receiver<Result<Request>>,
}

impl Listener {
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("cannot listen")?;
        let port = listener.local_addr()?.port();
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let request = stream.map_err(Into::into).and_then(serve);
                if sender.send(request).is_err() {
                    break;
                }
            }
        });
        Ok(Listener { port, requests })
    }

    /// The address to send requests to.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// The next request.
    pub(super) fn next(&self) -> Result<Request> {
        self.requests
            .recv_timeout(TIMEOUT)
            .context("no request was received")?
    }
}

fn serve(stream: TcpStream) -> Result<Request> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    let mut out = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let target = line.split(' ').nth(1).context("invalid request line")?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    let mut body = String::new();
    reader.take(length).read_to_string(&mut body)?;
    write!(
        out,
        "HTTP/1.1 204 No Content\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    )?;
    Ok(Request {
        target: target.to_owned(),
        body,
    })
}
