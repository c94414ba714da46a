//! Reading whole documents.

use crate::defects::element_issues_of;
use crate::error::Error;
use crate::locate::{Base, IsType, fault_issue, is_type, locate_from};
use crate::reader::Reader;
use crate::wanted::Wanted;
use healthcode_core::scan::find_not_space;
use healthcode_core::{Checked, Detail, Issue, Path, Position, ReadOptions, Root, rules};

/// Reads a document, keeping and reporting everything.
///
/// # Errors
/// If the bytes are not UTF-8 or not JSON, or name another resource type than `T`.
///
/// ```
/// use healthcode_core::UnknownResource;
/// let read = healthcode_json::from_slice::<UnknownResource>(br#"{"resourceType":"Slot"}"#)?;
/// assert_eq!(read.value.resource_type().as_deref(), Some("Slot"));
/// # Ok::<(), healthcode_json::Error>(())
/// ```
pub fn from_slice<T: Root>(json: &[u8]) -> Result<Checked<T>, Error> {
    from_slice_with(json, &ReadOptions::new())
}

/// Reads a document from text, keeping and reporting everything.
///
/// # Errors
/// As [`from_slice`].
pub fn from_str<T: Root>(json: &str) -> Result<Checked<T>, Error> {
    from_str_with(json, &ReadOptions::new())
}

/// Reads a document as the options say.
///
/// ```
/// use healthcode_core::UnknownResource;
/// use healthcode_json::{ReadOptions, from_slice, from_slice_with};
/// let json = br#"{"resourceType": "Channel"}"#;
/// let read = from_slice::<UnknownResource>(json)?;
/// assert_eq!(read.issues[0].rule.id, "FHIR-RESOURCE-TYPE-UNKNOWN");
///
/// let strict = ReadOptions::new().strict(true).max_depth(64);
/// let error = from_slice_with::<UnknownResource>(json, &strict).unwrap_err();
/// assert_eq!(error.to_string(), read.issues[0].to_string());
/// # Ok::<(), healthcode_json::Error>(())
/// ```
///
/// # Errors
/// If the text is not UTF-8 or not JSON, is larger than the limit, or names another resource
/// type than `T`; in strict reading, if there is any error.
pub fn from_slice_with<T: Root>(json: &[u8], options: &ReadOptions) -> Result<Checked<T>, Error> {
    check_size(json, options.size_limit())?;
    let (bom, body) = match json.strip_prefix(b"\xef\xbb\xbf") {
        Some(body) => (true, body),
        None => (false, json),
    };
    let base = Base::after_bom(bom);
    document(utf8(body, &base, is_type::<T>, options)?, &base, options)
}

/// Reads a document from text as the options say.
///
/// # Errors
/// As [`from_slice_with`].
pub fn from_str_with<T: Root>(json: &str, options: &ReadOptions) -> Result<Checked<T>, Error> {
    check_size(json.as_bytes(), options.size_limit())?;
    let (bom, body) = match json.strip_prefix('\u{feff}') {
        Some(body) => (true, body),
        None => (false, json),
    };
    document(body, &Base::after_bom(bom), options)
}

/// Reads what is wanted of a document, without looking for what is wrong with it.
///
/// # Errors
/// As [`from_slice_with`], but never for an issue.
pub fn from_slice_wanted<T: Root>(
    json: &[u8],
    options: &ReadOptions,
    wanted: &Wanted,
) -> Result<T, Error> {
    check_size(json, options.size_limit())?;
    let body = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let base = Base::after_bom(body.len() < json.len());
    read_wanted(body, &base, options, wanted)
}

/// As [`from_slice_wanted`], of a document inside a larger text, at `base`.
pub(crate) fn read_wanted<T: Root>(
    json: &[u8],
    base: &Base,
    options: &ReadOptions,
    wanted: &Wanted,
) -> Result<T, Error> {
    let text = utf8(json, base, is_type::<T>, options)?;
    let mut reader = Reader::of_wanted(text, options.depth_limit(), wanted);
    reader.document().map_err(|_| {
        let (rule, at) = reader.fault();
        let excerpts = options.has_excerpts();
        Error::new(fault_issue(rule, text, at, base, is_type::<T>, excerpts))
    })
}

fn check_size(json: &[u8], max_size: usize) -> Result<(), Error> {
    if json.len() <= max_size {
        return Ok(());
    }
    let allowed = json.get(..max_size).unwrap_or_default();
    let body = allowed.strip_prefix(b"\xef\xbb\xbf");
    let mut end = Base::after_bom(body.is_some());
    end.advance(body.unwrap_or(allowed));
    let place = String::new();
    let mut issue = Issue::at(&rules::JSON_SIZE, place.clone(), place, Detail::None);
    issue.position = Some(end.position());
    Err(Error::new(issue))
}

/// Reads a whole document, which is after a byte order mark if it does not start at 0.
fn document<T: Root>(text: &str, base: &Base, options: &ReadOptions) -> Result<Checked<T>, Error> {
    let mut read: Checked<T> = read_at(text, base, &Path::root(""), options)?;
    if base.offset > 0 {
        let path = Path::root(read.value.as_element().schema().name);
        let mut issue = Issue::new(&rules::JSON_BOM, &path, Detail::None);
        issue.position = Some(Position::new(0, 1, 1));
        read.issues.insert(0, issue);
    }
    Ok(read)
}

/// The text of bytes that are to be a document; `is_type` is true for the names of types.
pub(crate) fn utf8<'j>(
    bytes: &'j [u8],
    base: &Base,
    is_type: IsType,
    options: &ReadOptions,
) -> Result<&'j str, Error> {
    if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
        return Ok(text);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            let good = &bytes[..error.valid_up_to()];
            let good = std::str::from_utf8(good).unwrap_or_default();
            let (rule, at) = (&rules::JSON_UTF8, good.len());
            let mut issue = fault_issue(rule, good, at, base, is_type, options.has_excerpts());
            if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
                issue.detail = Detail::Expected("UTF-8; this begins like UTF-16");
            }
            Err(Error::new(issue))
        }
    }
}

/// Reads a document that is inside a larger text, at `base`; `path` is its place there,
/// an empty one standing for the document's own type.
pub(crate) fn read_at<T: Root>(
    text: &str,
    base: &Base,
    path: &Path<'_>,
    options: &ReadOptions,
) -> Result<Checked<T>, Error> {
    let mut reader = Reader::new(text, options.depth_limit());
    let Ok(value) = reader.document::<T>() else {
        let (rule, at) = reader.fault();
        let issue = fault_issue(rule, text, at, base, is_type::<T>, options.has_excerpts());
        return Err(Error::new(issue));
    };
    if !reader.defects() {
        return Ok(Checked::new(value, Vec::new()));
    }
    with_issues(value, text, base, path, options)
}

/// Reads the object that `text` begins with; whatever follows it is not looked at. `None` if
/// there is no such object, or only a part of one.
pub(crate) fn begin<T: Root>(text: &str, options: &ReadOptions) -> Option<Beginning<T>> {
    if !text.starts_with('{') {
        return None;
    }
    let mut reader = Reader::new(text, options.depth_limit());
    let value = reader.value().ok()?;
    Some(Beginning {
        value,
        length: reader.at(),
        defects: reader.defects(),
    })
}

/// Reads a text that is an object as it should be, with white space behind it at most; `None` if it is not.
pub(crate) fn read_clean<T: Root>(text: &str, options: &ReadOptions) -> Option<T> {
    let read = begin(text, options)?;
    let is_whole = find_not_space(text.as_bytes(), read.length) == text.len();
    (!read.defects && is_whole).then_some(read.value)
}

/// A value that has defects, with its issues.
pub(crate) fn with_issues<T: Root>(
    value: T,
    text: &str,
    base: &Base,
    path: &Path<'_>,
    options: &ReadOptions,
) -> Result<Checked<T>, Error> {
    let mut issues = element_issues_of(value.as_element(), path);
    locate_from(text, base, &mut issues, options.has_excerpts());
    if options.is_strict()
        && let Some(first) = issues.iter().position(|issue| issue.severity.is_error())
    {
        return Err(Error::new(issues.swap_remove(first)));
    }
    Ok(Checked::new(value, issues))
}

/// A value that was at the beginning of a text.
pub(crate) struct Beginning<T> {
    pub(crate) value: T,
    /// Bytes of its text.
    pub(crate) length: usize,
    /// Its issues are worth looking for.
    pub(crate) defects: bool,
}
