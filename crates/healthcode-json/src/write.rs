//! Writing any element as JSON.

use healthcode_core::Root;
pub use healthcode_core::json::write_element;

/// Writes a value as compact JSON.
#[must_use]
pub fn to_vec<T: Root>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    write_element(value.as_element(), &mut out, None);
    out
}

/// Writes a value as JSON with two spaces of indentation.
#[must_use]
pub fn to_vec_pretty<T: Root>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    write_element(value.as_element(), &mut out, Some(2));
    out
}

/// Writes a value as compact JSON text.
///
/// What the payload held beside the schema is written back: see [`healthcode_core::Extras`].
#[must_use]
pub fn to_string<T: Root>(value: &T) -> String {
    text(to_vec(value))
}

/// Writes a value as JSON text with two spaces of indentation.
#[must_use]
pub fn to_string_pretty<T: Root>(value: &T) -> String {
    text(to_vec_pretty(value))
}

fn text(bytes: Vec<u8>) -> String {
    // Everything written is text; the check costs a few per cent of the writing.
    String::from_utf8(bytes).unwrap_or_default()
}
