//! Reads captures, whatever their form.

use crate::capture::{Capture, CaptureError};
use crate::{har, transcript};
use std::borrow::Cow;

impl Capture {
    /// Reads a HAR file, or what curl printed (`-i` or `-v`), the command before it.
    ///
    /// What surrounds an exchange in a transcript is passed over: meters, notes, prompts, colours, what
    /// `script` writes. Lines that are not understood, and parts of a HAR file that are not as they
    /// should be, are findings of the check.
    ///
    /// # Errors
    /// If it is neither, or a transcript without any exchange.
    pub fn read(bytes: &[u8]) -> Result<Self, CaptureError> {
        let bytes = &*utf8(bytes);
        if Capture::is_har(bytes) {
            return har::read(bytes);
        }
        if !transcript::begins(bytes) {
            return Err(CaptureError::NoCapture);
        }
        let capture = transcript::read(bytes);
        if capture.exchanges.is_empty() {
            Err(CaptureError::NoExchange)
        } else {
            Ok(capture)
        }
    }

    /// Whether a file begins as a HAR file does: a JSON object whose first member is `log`.
    #[must_use]
    pub fn is_har(start: &[u8]) -> bool {
        let start = utf8(start);
        let rest = start.trim_ascii_start().strip_prefix(b"{");
        let rest = rest.and_then(|rest| rest.trim_ascii_start().strip_prefix(b"\"log\""));
        rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
    }

    /// Whether a file begins as what curl prints does: with a command behind any prompt, a status line,
    /// a line of `curl -v` or of its meter, or the beginning of a recording.
    #[must_use]
    pub fn is_transcript(start: &[u8]) -> bool {
        transcript::begins(&utf8(start))
    }
}

/// The text in UTF-8 without a byte order mark; PowerShell writes UTF-16.
fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => return rest.into(),
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return bytes.into(),
    };
    let (pairs, _) = bytes.as_chunks::<2>();
    let units = pairs.iter().skip(1).map(|pair| unit(*pair));
    let text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
    text.collect::<String>().into_bytes().into()
}
