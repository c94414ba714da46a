//! A sandbox, clients for it, and plain requests; the watch reads all that is logged.

use crate::watch;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use healthcode_sandbox::{Config, Running, StartError};
use healthcode_transport::healthcode::{Healthcode, HealthcodeClient};
use healthcode_transport::{HttpStack, ReqwestBuilder, ReqwestTransport, SystemRandom, TokioTimer};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) fn start() -> Running {
    Sandbox::start(Config::default()).unwrap()
}

/// Starts sandboxes whose secrets are known to the watch. Tests use it instead of the crate's own.
pub(crate) struct Sandbox;

impl Sandbox {
    pub(crate) fn start(config: Config) -> Result<Running, StartError> {
        watch::on();
        let sandbox = healthcode_sandbox::Sandbox::start(config)?;
        let own = sandbox.credentials();
        for secret in [
            &own.healthcode.key,
            &own.nhs.api_key,
            &own.graphnet.client_secret,
            &own.graphnet.subscription_key,
        ] {
            watch::secret(secret.expose_secret());
        }
        let basic = format!(
            "{}:{}",
            own.healthcode.id,
            own.healthcode.key.expose_secret()
        );
        watch::secret(STANDARD.encode(basic).trim_end_matches('='));
        let client_key = sandbox
            .certificates()
            .map(|certificates| certificates.client_key.expose_secret());
        let keys = [Some(own.nhs.private_key.expose_secret()), client_key];
        let lines = keys.into_iter().flatten().flat_map(str::lines);
        lines
            .filter(|line| !line.starts_with('-'))
            .for_each(watch::secret);
        Ok(sandbox)
    }
}

/// The body of a request for a token by client credentials.
pub(crate) fn client_credentials(id: &str, secret: &SecretString) -> String {
    let secret = secret.expose_secret();
    format!("grant_type=client_credentials&client_id={id}&client_secret={secret}")
}

/// Requests a token from Healthcode's token endpoint.
pub(crate) async fn healthcode_token(sandbox: &Running) -> Bare {
    let own = &sandbox.credentials().healthcode;
    let body = client_credentials(&own.id, &own.key);
    let url = format!("{}/sso/token", sandbox.urls().base);
    send("POST", &url, &[FORM], Some(&body)).await
}

/// The header value in which the token of a response is sent.
pub(crate) fn bearer(token: &Value) -> String {
    format!("Bearer {}", token["access_token"].as_str().unwrap())
}

/// A wire that the watch sees.
pub(crate) fn stack() -> HttpStack {
    spied(ReqwestTransport::builder())
}

/// A wire of a builder, such as one with certificates, that the watch sees.
pub(crate) fn spied(builder: ReqwestBuilder) -> HttpStack {
    watch::on();
    let transport = watch::Spy(builder.build().unwrap());
    HttpStack::new(transport, TokioTimer, SystemRandom)
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
    HealthcodeClient::new(service(sandbox), stack(), &own.id, own.key.clone()).unwrap()
}

/// A plain response.
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
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }
}

/// Sends a request on a new connection.
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
        if name.eq_ignore_ascii_case("authorization") {
            watch::secret(value.rsplit(' ').next().unwrap_or_default());
        }
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    watch::form(body);
    let mut stream = TcpStream::connect(host).await.unwrap();
    let (mut reader, mut writer) = stream.split();
    let mut answer = Vec::new();
    // A body that is too large is answered before all of it has come, and then the connection is closed.
    let (_, _) = tokio::join!(
        writer.write_all(text.as_bytes()),
        reader.read_to_end(&mut answer)
    );
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    watch::tokens(body.as_bytes());
    Bare {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

pub(crate) const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
