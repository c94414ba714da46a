//! [`Capture`]: exchanges as they were recorded.

use crate::{har, transcript};
use healthcode_core::Position;
use std::fmt;

/// The exchanges of a capture, in its order.
#[derive(Debug)]
#[non_exhaustive]
pub struct Capture {
    /// The exchanges.
    pub exchanges: Vec<Exchange>,
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
}

/// A request as it was sent.
#[non_exhaustive]
#[derive(Default)]
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

/// An answer as it came.
#[non_exhaustive]
#[derive(Default)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The body, decoded from transfer and content encodings; `None` if it was empty.
    pub body: Option<Body>,
}

/// A body.
#[non_exhaustive]
pub struct Body {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where it begins in the capture, if it stands there as it is.
    pub start: Option<Position>,
}

impl Body {
    pub(crate) fn new(bytes: Vec<u8>) -> Option<Self> {
        (!bytes.is_empty()).then_some(Body { bytes, start: None })
    }
}

/// Header fields, in their order.
#[derive(Clone, Default)]
pub struct Headers(pub(crate) Vec<(String, String)>);

impl Headers {
    /// The value of the first field of this name; names have no case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.iter();
        let found = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// All fields: names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn push(&mut self, name: &str, value: &str) {
        self.0
            .push((name.trim().to_owned(), value.trim().to_owned()));
    }

    /// The media type of `Content-Type`, without parameters and in lower case.
    pub(crate) fn media_type(&self) -> Option<String> {
        let value = self.get("content-type")?;
        let media_type = value.split(';').next().unwrap_or(value);
        Some(media_type.trim().to_ascii_lowercase())
    }
}

impl Capture {
    /// Reads a HAR file, or what curl printed (`-i` or `-v`), the command before it.
    ///
    /// # Errors
    /// If it is neither.
    pub fn read(bytes: &[u8]) -> Result<Self, CaptureError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if Capture::is_har(bytes) {
            return har::read(bytes);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| CaptureError::NoCapture)?;
        match Capture::is_transcript(bytes) {
            true => Ok(transcript::read(text)),
            false => Err(CaptureError::NoCapture),
        }
    }

    /// Whether a file begins as a HAR file does: a JSON object whose first member is `log`.
    #[must_use]
    pub fn is_har(start: &[u8]) -> bool {
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        let rest = start.trim_ascii_start().strip_prefix(b"{");
        let rest = rest.and_then(|rest| rest.trim_ascii_start().strip_prefix(b"\"log\""));
        rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
    }

    /// Whether a file begins as what curl prints does: with a command, a status line, or a line of
    /// `curl -v`.
    #[must_use]
    pub fn is_transcript(start: &[u8]) -> bool {
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        let start = start.trim_ascii_start();
        let prompt = start.strip_prefix(b"$").unwrap_or(start).trim_ascii_start();
        let command = prompt.strip_prefix(b"curl");
        command.is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace))
            || start.starts_with(b"HTTP/")
            || [&b"* "[..], b"> ", b"< "]
                .iter()
                .any(|mark| start.starts_with(mark))
    }
}

/// Why a file is no capture. It shows nothing of the file.
#[derive(Debug)]
#[non_exhaustive]
pub enum CaptureError {
    /// It begins neither as a HAR file nor as what curl prints.
    NoCapture,
    /// It is a HAR file that is broken here.
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
            Self::NoCapture => None,
            Self::Har { line, column } => Some(Position::new(0, *line as u64, *column as u64)),
        }
    }
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCapture => f.write_str(
                "this is no capture: it begins neither as a HAR file nor as what curl -i or -v prints",
            ),
            Self::Har { line, column } => {
                write!(f, "this HAR file is broken at line {line}, column {column}")
            }
        }
    }
}

impl std::error::Error for CaptureError {}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("headers", &self.headers)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body", &self.body)
            .finish()
    }
}

/// The names alone: values are credentials and ids.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.bytes.len())
    }
}
