//! A listener on the loopback that records requests.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// A request as it came.
#[derive(Debug)]
pub(super) struct Record {
    /// What stood in the request line: path and query.
    pub(super) target: String,
    pub(super) body: String,
}

/// Records all requests; answers with the page where its path is asked for.
pub(super) struct Listener {
    port: u16,
    records: Receiver<Record>,
    page: Arc<Mutex<String>>,
}

/// The path of the page.
pub(super) const PAGE: &str = "/page";

impl Listener {
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("cannot listen")?;
        let port = listener.local_addr()?.port();
        let (sender, records) = channel();
        let page = Arc::new(Mutex::new(String::new()));
        let served = Arc::clone(&page);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (sender, served) = (sender.clone(), Arc::clone(&served));
                // Browsers open connections that they do not use at once.
                std::thread::spawn(move || {
                    // A connection that fails gives no record, which is what is checked.
                    let _ = serve(stream, &sender, &served);
                });
            }
        });
        Ok(Listener {
            port,
            records,
            page,
        })
    }

    /// The address of a path here.
    pub(super) fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What is served under [`PAGE`].
    pub(super) fn set_page(&self, html: String) {
        if let Ok(mut page) = self.page.lock() {
            *page = html;
        }
    }

    /// The next request, but for those of [`PAGE`]; none when the time is over.
    pub(super) fn next(&self, deadline: Instant) -> Option<Record> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.records.recv_timeout(left) {
                Ok(record) if record.target.starts_with("/q/") => return Some(record),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
            }
        }
    }
}

fn serve(stream: TcpStream, sender: &Sender<Record>, page: &Mutex<String>) -> Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut out = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
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
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    let html = match (target.as_str(), page.lock()) {
        (PAGE, Ok(page)) => page.clone(),
        _ => String::from("ok"),
    };
    write!(
        out,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{html}",
        html.len()
    )?;
    let body = String::from_utf8_lossy(&body).into_owned();
    sender.send(Record { target, body })?;
    Ok(())
}
