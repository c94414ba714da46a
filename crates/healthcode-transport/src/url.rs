//! Percent-encoding.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// RFC 3986's unreserved characters stay.
const COMPONENT: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Text as one part of a URL or form.
pub(crate) fn encode_component(text: &str) -> String {
    utf8_percent_encode(text, &COMPONENT).to_string()
}

/// An id as the last part of an address; `None` if it would be another part of it.
pub(crate) fn segment(id: &str) -> Option<String> {
    (!matches!(id, "" | "." | "..")).then(|| encode_component(id))
}

/// An address with another part after it, and one slash between them.
pub(crate) fn join(address: &str, part: &str) -> String {
    format!(
        "{}/{}",
        address.trim_end_matches('/'),
        part.trim_start_matches('/')
    )
}
