//! Writing exchanges into a HAR file (HTTP Archive 1.2), for its owner alone and without credentials.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use healthcode_transport::is_credential;
use http::{HeaderMap, Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// What is written in place of a credential.
const REDACTED: &str = "[redacted]";

/// A HAR file that is being written. An exchange is written as soon as it is over.
pub(super) struct Har {
    out: BufWriter<File>,
    entries: usize,
    fault: Option<io::Error>,
    /// Whether the service takes calls without credentials.
    open: bool,
}

impl Har {
    /// A new file that only its owner can read. An existing file is not touched, nor the target of a
    /// link.
    ///
    /// `open` marks the exchanges as made with a service that takes calls without credentials.
    ///
    /// # Errors
    /// If there is something by this name, or it cannot be made.
    pub(super) fn create(path: &Path, open: bool) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| {
            let name = path.display();
            match error.kind() {
                ErrorKind::AlreadyExists => io::Error::new(
                    error.kind(),
                    format!("{name} exists already; a capture overwrites nothing"),
                ),
                kind => io::Error::new(kind, format!("{name}: {error}")),
            }
        })?;
        let mut out = BufWriter::new(file);
        let creator = json!({"name": "healthcode call", "version": env!("CARGO_PKG_VERSION")});
        write!(
            out,
            r#"{{"log":{{"version":"1.2","creator":{creator},"entries":["#
        )?;
        Ok(Har {
            out,
            entries: 0,
            fault: None,
            open,
        })
    }

    /// Adds an exchange; without an answer if none came. [`Har::finish`] reports what fails.
    pub(super) fn add(
        &mut self,
        request: &Request<Bytes>,
        response: Option<&Response<Bytes>>,
        began: SystemTime,
        took: Duration,
    ) {
        if self.fault.is_none() {
            let mut entry = entry(request, response, began, took);
            if self.open {
                entry["_open"] = true.into();
            }
            self.fault = self.append(&entry).err();
        }
    }

    fn append(&mut self, entry: &Value) -> io::Result<()> {
        let between = if self.entries == 0 { "\n" } else { ",\n" };
        self.entries += 1;
        write!(self.out, "{between}{entry}")?;
        self.out.flush()
    }

    /// Ends the file; returns how many exchanges it has.
    ///
    /// # Errors
    /// If anything could not be written.
    pub(super) fn finish(&mut self) -> io::Result<usize> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        self.out.write_all(b"\n]}}\n")?;
        self.out.flush()?;
        Ok(self.entries)
    }
}

fn entry(
    request: &Request<Bytes>,
    response: Option<&Response<Bytes>>,
    began: SystemTime,
    took: Duration,
) -> Value {
    let secrets = secrets(request.headers());
    let time = took.as_secs_f64() * 1000.0;
    let mut sent = json!({
        "method": request.method().as_str(),
        "url": request.uri().to_string(),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(request.headers(), &[]),
        "queryString": query(request.uri().query().unwrap_or_default()),
        "headersSize": -1,
        "bodySize": request.body().len(),
    });
    if !request.body().is_empty() {
        let text = String::from_utf8_lossy(request.body());
        sent["postData"] = json!({
            "mimeType": media_type(request.headers()),
            "params": [],
            "text": text,
        });
    }
    json!({
        "startedDateTime": DateTime::<Utc>::from(began).to_rfc3339_opts(SecondsFormat::Millis, true),
        "time": time,
        "request": sent,
        "response": response.map_or_else(unanswered, |response| answer(response, &secrets)),
        "cache": {},
        "timings": {"send": 0, "wait": time, "receive": 0},
    })
}

fn answer(response: &Response<Bytes>, secrets: &[String]) -> Value {
    let body = response.body();
    let mut content = json!({"size": body.len(), "mimeType": media_type(response.headers())});
    if let Ok(text) = std::str::from_utf8(body) {
        content["text"] = without(text, secrets).into();
    } else {
        content["text"] = STANDARD.encode(body).into();
        content["encoding"] = "base64".into();
    }
    let location = response.headers().get(http::header::LOCATION);
    let location = location
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    json!({
        "status": response.status().as_u16(),
        "statusText": response.status().canonical_reason().unwrap_or_default(),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(response.headers(), secrets),
        "content": content,
        "redirectURL": without(location, secrets),
        "headersSize": -1,
        "bodySize": body.len(),
    })
}

/// As browsers write it where no answer came.
fn unanswered() -> Value {
    json!({
        "status": 0,
        "statusText": "",
        "httpVersion": "",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": ""},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    })
}

/// The credentials of a request, which an answer might mirror.
fn secrets(headers: &HeaderMap) -> Vec<String> {
    let values = headers.iter().filter(|header| header.1.is_sensitive());
    let texts = values.filter_map(|header| header.1.to_str().ok());
    let bare = texts.map(|text| text.rsplit(' ').next().unwrap_or(text).to_owned());
    bare.filter(|secret| secret.len() > 3).collect()
}

fn without(text: &str, secrets: &[String]) -> String {
    let redact = |text: String, secret: &String| text.replace(secret.as_str(), REDACTED);
    secrets.iter().fold(text.to_owned(), redact)
}

fn headers(headers: &HeaderMap, secrets: &[String]) -> Value {
    let pairs = headers.iter().map(|(name, value)| {
        let value = if is_credential(name, value) {
            REDACTED.to_owned()
        } else {
            without(&String::from_utf8_lossy(value.as_bytes()), secrets)
        };
        json!({"name": name.as_str(), "value": value})
    });
    pairs.collect()
}

fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get(http::header::CONTENT_TYPE);
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// The pairs of a query, decoded.
fn query(text: &str) -> Value {
    let decoded = |part: &str| {
        let part = part.replace('+', " ");
        percent_decode_str(&part).decode_utf8_lossy().into_owned()
    };
    let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        json!({"name": decoded(name), "value": decoded(value)})
    });
    pairs.collect()
}
