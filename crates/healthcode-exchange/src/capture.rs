//! [`Capture`]: exchanges as they were recorded.

use healthcode_core::{Detail, Issue, Position, Rule, Severity};
use healthcode_search::service::FORM;
use serde_json::Value;
use std::fmt;

/// The exchanges of a capture, in its order.
#[derive(Debug)]
#[non_exhaustive]
pub struct Capture {
    /// The exchanges.
    pub exchanges: Vec<Exchange>,
    /// What could not be read.
    pub(crate) faults: Vec<Fault>,
}

/// Something in a capture that could not be read.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) rule: &'static Rule,
    /// The exchange that it is in, or is beside.
    pub(crate) exchange: usize,
    pub(crate) part: Part,
    /// JSON pointer of the place, in a HAR file.
    pub(crate) pointer: String,
    pub(crate) expected: Option<&'static str>,
    pub(crate) position: Option<Position>,
    /// Whether something may be missing for it; else it is worth knowing only.
    pub(crate) certain: bool,
}

impl Fault {
    /// The fault as an issue of the check.
    pub(crate) fn issue(&self) -> Issue {
        let detail = self.expected.map_or(Detail::None, Detail::Expected);
        let mut issue = Issue::at(self.rule, String::new(), self.pointer.clone(), detail);
        if !self.certain {
            issue.severity = Severity::Information;
        }
        issue.position = self.position;
        issue
    }
}

/// The part of an exchange that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The capture itself: what of it could not be read.
    Capture,
    /// The request: its method, address and headers.
    Request,
    /// The request's parameters, in its URL or body.
    Query,
    /// The resource that the request's body is.
    RequestBody,
    /// The answer: its status and headers.
    Response,
    /// The resource that the answer's body is.
    ResponseBody,
}

impl Part {
    /// Its name in paths: `response.body`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Part::Capture => "capture",
            Part::Request => "request",
            Part::Query => "request.query",
            Part::RequestBody => "request.body",
            Part::Response => "response",
            Part::ResponseBody => "response.body",
        }
    }
}

/// A request and its answer.
#[derive(Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// The request.
    pub request: Request,
    /// The answer, unless there was none.
    pub response: Option<Response>,
    /// JSON pointer of the exchange in the capture; empty where that is no JSON.
    pub pointer: String,
    /// Whether the service takes calls without credentials, as a capture of `healthcode call` says
    /// where that is set (`open = true`).
    pub open: bool,
    /// Whether there is anything of it; else a fault says why not.
    pub(crate) readable: bool,
}

impl Exchange {
    /// The addresses of other pages, if the answer is a Bundle in JSON.
    pub(crate) fn links(&self) -> Vec<String> {
        let body = self
            .response
            .as_ref()
            .and_then(|response| response.body.as_ref());
        let json = body.and_then(|body| serde_json::from_slice::<Value>(&body.bytes).ok());
        let links = json.as_ref().and_then(|json| json.get("link")?.as_array());
        let urls = links
            .into_iter()
            .flatten()
            .filter_map(|link| link.get("url")?.as_str());
        urls.map(|url| joined(&self.request.url, url)).collect()
    }

    /// Where the answer redirects to.
    pub(crate) fn redirect(&self) -> Option<String> {
        let response = self.response.as_ref()?;
        let location = response.headers.get("location")?;
        let redirects = (300..400).contains(&response.status);
        redirects.then(|| joined(&self.request.url, location))
    }
}

/// A request as it was sent.
#[derive(Default)]
#[non_exhaustive]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// The URL, as it was written.
    pub url: String,
    /// The headers.
    pub headers: Headers,
    /// The body, if there was one.
    pub body: Option<Body>,
}
healthcode_core::debug_only!(Request {
    method,
    headers,
    body
});

impl Request {
    /// The body, if it is text.
    pub(crate) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.body.as_ref()?.bytes).ok()
    }

    /// Whether the body is a form.
    pub(crate) fn is_form(&self) -> bool {
        self.headers.media_type().as_deref() == Some(FORM)
    }
}

/// An answer as it came.
#[derive(Default)]
#[non_exhaustive]
pub struct Response {
    /// The HTTP status; 0 where the capture does not say it.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The body, decoded from transfer and content encodings; `None` if it was empty.
    pub body: Option<Body>,
    /// Whether it is a proxy's answer to a request for a connection.
    pub(crate) tunnel: bool,
}
healthcode_core::debug_only!(Response {
    status,
    headers,
    body
});

impl Response {
    /// Whether the body came in chunks.
    pub(crate) fn is_chunked(&self) -> bool {
        let coding = self.headers.get("transfer-encoding");
        coding.is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"))
    }
}

/// A body.
#[derive(Default)]
#[non_exhaustive]
pub struct Body {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where its parts are in the capture, if they do.
    places: Vec<Place>,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.bytes.len())
    }
}

/// Where a part of a body is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Its beginning in the body.
    pub(crate) body: Position,
    /// Its beginning in the capture.
    pub(crate) capture: Position,
    /// Whether it is there unchanged.
    pub(crate) verbatim: bool,
}

impl Body {
    pub(crate) fn new(bytes: Vec<u8>) -> Option<Self> {
        Body::placed(bytes, Vec::new())
    }

    pub(crate) fn placed(bytes: Vec<u8>, places: Vec<Place>) -> Option<Self> {
        (!bytes.is_empty()).then_some(Body { bytes, places })
    }

    /// Where a position in the body is in the capture, if the body is there.
    #[must_use]
    pub fn position(&self, inside: Position) -> Option<Position> {
        let after = self
            .places
            .partition_point(|place| place.body.offset <= inside.offset);
        let place = self.places.get(after.checked_sub(1)?)?;
        if !place.verbatim {
            return Some(place.capture);
        }
        let lines = inside.line.saturating_sub(place.body.line);
        let column = match lines {
            0 => place.capture.column + inside.column.saturating_sub(place.body.column),
            _ => inside.column,
        };
        let offset = place.capture.offset + (inside.offset - place.body.offset);
        Some(Position::new(offset, place.capture.line + lines, column))
    }

    /// Whether it is in the capture, unchanged but for what was cut out.
    pub(crate) fn is_placed(&self) -> bool {
        !self.places.is_empty() && self.places.iter().all(|place| place.verbatim)
    }
}

/// Header fields, in their order.
#[derive(Clone, Default)]
pub struct Headers {
    pub(crate) fields: Vec<(String, String)>,
    /// The media type of the body where no field has it: HAR files state it beside the text.
    pub(crate) stated: Option<String>,
}

impl Headers {
    /// The value of the first field of this name; names have no case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        let found = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// All fields: names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn push(&mut self, name: &str, value: &str) {
        self.fields
            .push((name.trim().to_owned(), value.trim().to_owned()));
    }

    /// The media type of `Content-Type`, without parameters and in lower case.
    pub(crate) fn media_type(&self) -> Option<String> {
        let value = self.get("content-type").or(self.stated.as_deref())?;
        let media_type = value.split(';').next().unwrap_or(value);
        Some(media_type.trim().to_ascii_lowercase())
    }

    /// The version of FHIR that the media type states: `3.0`.
    pub(crate) fn fhir_version(&self) -> Option<&str> {
        let value = self.get("content-type").or(self.stated.as_deref())?;
        value.split(';').skip(1).find_map(|parameter| {
            let (name, version) = parameter.split_once('=')?;
            let is_version = name.trim().eq_ignore_ascii_case("fhirVersion");
            is_version.then(|| version.trim().trim_matches('"'))
        })
    }
}

/// A URL relative to another one.
fn joined(base: &str, location: &str) -> String {
    if location.contains("://") {
        return location.to_owned();
    }
    let start = base.find("://").map_or(0, |at| at + 3);
    let path = base.get(start..).and_then(|rest| rest.find('/'));
    let path = path.map_or(base.len(), |at| start + at);
    let origin = base.get(..path).unwrap_or_default();
    if let Some(rest) = location.strip_prefix("//") {
        let scheme = base.split("://").next().unwrap_or("https");
        return format!("{scheme}://{rest}");
    }
    if location.starts_with('/') {
        return format!("{origin}{location}");
    }
    let address = base.split(['?', '#']).next().unwrap_or(base);
    if location.starts_with('?') {
        return format!("{address}{location}");
    }
    let folder = address.rfind('/').filter(|at| *at >= path);
    let folder = folder.map_or(origin, |at| address.get(..at).unwrap_or(origin));
    format!("{folder}/{location}")
}

/// Why a file is no capture. It shows nothing of the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// It begins neither as a HAR file nor as what curl prints.
    #[error("invalid capture: expected a HAR file, or what curl -i or -v prints")]
    NoCapture,
    /// It is a transcript without any exchange.
    #[error("missing exchange: expected a command, or what curl -i or -v prints")]
    NoExchange,
    /// It is a HAR file that is broken here.
    #[error("this HAR file is broken at line {line}, column {column}")]
    Har {
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
}

impl CaptureError {
    /// Where a HAR file is broken, by line and column; the offset is not known.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::NoCapture | Self::NoExchange => None,
            Self::Har { line, column } => Some(Position::new(0, *line as u64, *column as u64)),
        }
    }
}

/// The names alone: values are credentials and ids.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.fields.iter().map(|(name, _)| name))
            .finish()
    }
}
