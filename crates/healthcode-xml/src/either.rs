//! Documents in JSON or XML, whichever their first character shows.

use crate::read::{from_slice_with, is_xml};
use healthcode_core::{Checked, Issue, ReadOptions, Root};
use healthcode_json::Error;

/// Reads a document in JSON or XML.
///
/// # Errors
/// As [`healthcode_xml::from_slice_with`](crate::from_slice_with) of XML, and as
/// [`healthcode_json::from_slice_with`] of everything else.
///
/// ```
/// use healthcode_json::ReadOptions;
/// use healthcode_r4::Resource;
/// use healthcode_xml::either;
///
/// for text in [r#"{"resourceType":"Patient"}"#, "<Patient xmlns='http://hl7.org/fhir'/>"] {
///     let read = either::read::<Resource>(text.as_bytes(), &ReadOptions::new())?;
///     assert_eq!(read.value.resource_type(), Some("Patient"));
/// }
/// # Ok::<(), healthcode_json::Error>(())
/// ```
pub fn read<T: Root>(text: &[u8], options: &ReadOptions) -> Result<Checked<T>, Error> {
    if is_xml(text) {
        from_slice_with(text, options)
    } else {
        healthcode_json::from_slice_with(text, options)
    }
}

/// Finds the positions of issues in the text, JSON or XML, that their value was read from. With `excerpts`,
/// issues carry the text around them.
pub fn locate(text: &[u8], issues: &mut [Issue], excerpts: bool) {
    if is_xml(text) {
        crate::locate(text, issues, excerpts);
    } else {
        healthcode_json::locate(text, issues, excerpts);
    }
}

/// What a resource in JSON or XML has: see [`outline`](crate::outline).
pub fn outline(text: &[u8], each: &mut dyn FnMut(&str, Option<&str>) -> bool) -> Option<()> {
    if is_xml(text) {
        crate::outline(text, each)
    } else {
        healthcode_json::outline(text, each)
    }
}
