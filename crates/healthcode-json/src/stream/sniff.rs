//! [`sniff`]: what a text is, by its beginning.

use crate::cursor::{Cursor, Step};

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A Bundle, whose type comes before its entries: fit for [`BundleReader`](super::BundleReader).
    Bundle,
    /// Several values, a line each: fit for [`NdjsonReader`](super::NdjsonReader).
    Ndjson,
    /// Anything else.
    Document,
}

/// Returns what a text is, given its beginning; a few kilobytes usually suffice.
///
/// ```
/// use healthcode_json::stream::{Kind, sniff};
/// assert_eq!(sniff(br#"{"resourceType":"Bundle","type":"searchset","entry":[{"#), Kind::Bundle);
/// assert_eq!(sniff(b"{\"resourceType\":\"A\"}\n{\"resourceT"), Kind::Ndjson);
/// assert_eq!(sniff(br#"{"resourceType":"Patient","#), Kind::Document);
/// // The first object has several lines.
/// assert_eq!(sniff(b"{\n  \"resourceType\":\"A\"\n}\n{\n"), Kind::Document);
/// ```
#[must_use]
pub fn sniff(beginning: &[u8]) -> Kind {
    let beginning = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning);
    let text = match std::str::from_utf8(beginning) {
        Ok(text) => text,
        Err(error) => {
            let good = &beginning[..error.valid_up_to()];
            std::str::from_utf8(good).unwrap_or_default()
        }
    };
    let mut cursor = Cursor::new(text);
    let mut bundle = false;
    let complete = members(&mut cursor, &mut bundle).is_ok();
    // A second object on a later line than the first, which is on one.
    let (first, rest) = text.split_at(cursor.at());
    if complete && !first.is_empty() && !first.trim_ascii_start().contains('\n') {
        let next = rest.trim_ascii_start();
        let between = &rest[..rest.len() - next.len()];
        if between.contains('\n') && next.starts_with('{') {
            return Kind::Ndjson;
        }
    }
    if bundle { Kind::Bundle } else { Kind::Document }
}

/// Reads an object; returns whether it is a Bundle that says so before its entries.
fn members(cursor: &mut Cursor<'_>, bundle: &mut bool) -> Step<()> {
    if !cursor.take(b'{') {
        cursor.skip()?;
        return Ok(());
    }
    let mut entries = false;
    let mut more = cursor.first_member()?;
    while more {
        let name = cursor.quoted()?;
        let is_type = cursor.decoded(name) == "resourceType";
        entries |= cursor.decoded(name) == "entry";
        cursor.colon()?;
        if is_type && !entries && cursor.peek() == b'"' {
            let value = cursor.quoted()?;
            *bundle |= cursor.decoded(value) == "Bundle";
        } else {
            cursor.skip()?;
        }
        more = cursor.next_member()?;
    }
    Ok(())
}
