//! A server on this machine with scripted answers, in plain or over TLS.

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What a server does with a request, which it gets as it came: an answer, or `None` to hang up.
type Handler = dyn Fn(&str) -> Option<String> + Send + Sync;

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) fn start(
        tls: Option<Arc<ServerConfig>>,
        handler: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        crate::watch::on();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let (log, handler): (_, Arc<Handler>) = (seen.clone(), Arc::new(handler));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, log, handler) = (tls.clone(), log.clone(), handler.clone());
                std::thread::spawn(move || match tls {
                    None => serve(stream, &log, &*handler),
                    Some(tls) => {
                        let connection = ServerConnection::new(tls).unwrap();
                        serve(StreamOwned::new(connection, stream), &log, &*handler);
                    }
                });
            }
        });
        Server { address, seen }
    }

    pub(crate) fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://localhost:{}{path}", self.address.port())
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

trait Socket: Read + Write {}
impl Socket for TcpStream {}
impl Socket for StreamOwned<ServerConnection, TcpStream> {}

/// One request a connection.
fn serve(mut stream: impl Socket, log: &Mutex<Vec<String>>, handler: &Handler) {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(count) => text.extend_from_slice(&buffer[..count]),
        }
        let shown = String::from_utf8_lossy(&text);
        let Some((head, body)) = shown.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            break;
        }
    }
    let request = String::from_utf8_lossy(&text).into_owned();
    log.lock().unwrap().push(request.clone());
    if let Some(answer) = handler(&request) {
        let _ = stream.write_all(answer.as_bytes());
        let _ = stream.flush();
    }
}

/// An answer of HTTP/1.1.
pub(crate) fn answer(status: &str, headers: &[(&str, &str)], body: &str) -> Option<String> {
    let mut out = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    Some(format!("{out}\r\n{body}"))
}
