//! A sandbox, clients for it, and bare requests.

use healthcode_sandbox::{Config, Running, Sandbox};
use healthcode_transport::healthcode::{Healthcode, HealthcodeClient};
use healthcode_transport::{ReqwestTransport, SystemRandom, TokioTimer, Wire};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) fn start() -> Running {
    Sandbox::start(Config::default()).unwrap()
}

pub(crate) fn wire() -> Wire {
    Wire::new(ReqwestTransport::new().unwrap(), TokioTimer, SystemRandom)
}

pub(crate) fn service(sandbox: &Running) -> Healthcode {
    let urls = sandbox.urls();
    Healthcode::new(&urls.discovery, &urls.sign_on)
        .site_id(&sandbox.credentials().healthcode.site)
        .allow_restricted(true)
        .allow_loopback_http(true)
}

pub(crate) fn client(sandbox: &Running) -> HealthcodeClient {
    let own = &sandbox.credentials().healthcode;
    HealthcodeClient::new(service(sandbox), wire(), &own.id, own.key.clone()).unwrap()
}

/// A bare answer.
pub(crate) struct Bare {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Bare {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The code of the first issue's first coding.
    pub(crate) fn code(&self) -> Option<String> {
        let json = self.json();
        let code = json.pointer("/issue/0/details/coding/0/code")?;
        code.as_str().map(str::to_owned)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|it| it.split_once(": "));
        let found = lines.find(|it| it.0.eq_ignore_ascii_case(name));
        found.map(|it| it.1)
    }
}

/// Sends a request as it stands, on a connection of its own.
pub(crate) async fn send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
) -> Bare {
    let (host, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let body = body.unwrap_or_default();
    let mut text = format!("{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    Bare {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

pub(crate) const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
