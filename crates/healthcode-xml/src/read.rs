//! Reading whole documents.

use crate::lexical::named_encoding;
use crate::locate::{locate_in, shown};
use crate::place::Place;
use crate::reader::Reader;
use crate::scanner::{FHIR, Fault, Scanner, Token};
use healthcode_core::source::{Base, Lines, excerpt};
use healthcode_core::{Checked, Detail, Issue, Path, Position, ReadOptions, Root, rules};
use healthcode_json::Error;

/// Whether a text is XML rather than JSON: whether it begins with `<`, after a byte order mark and white space.
/// Also true of XML in UTF-16 and UTF-32, which is then rejected for its encoding.
///
/// ```
/// assert!(healthcode_xml::is_xml(b"\n<Patient xmlns='http://hl7.org/fhir'/>"));
/// assert!(!healthcode_xml::is_xml(b"{}"));
/// ```
#[must_use]
pub fn is_xml(text: &[u8]) -> bool {
    let body = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    first == Some(&b'<') || is_wide(text)
}

/// Whether a text that may be anything is FHIR in XML, by its beginning: it names FHIR's namespace in its first
/// 64 KiB and is not a page of HTML. Also true of XML in UTF-16 and UTF-32, which is then rejected for its encoding.
///
/// ```
/// assert!(healthcode_xml::is_fhir(b"<!-- a --><Patient xmlns='http://hl7.org/fhir'/>"));
/// assert!(!healthcode_xml::is_fhir(b"<project/>"));
/// ```
#[must_use]
pub fn is_fhir(text: &[u8]) -> bool {
    let beginning = text.get(..64 * 1024).unwrap_or(text);
    let names_it = || memchr::memmem::find(beginning, FHIR.as_bytes()).is_some();
    is_wide(text) || is_xml(text) && !is_html(text) && names_it()
}

/// Whether a text begins as pages of HTML do.
fn is_html(text: &[u8]) -> bool {
    let start = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let start = start.trim_ascii_start();
    [&b"<!doctype html"[..], b"<html"].iter().any(|html| {
        let start = start.get(..html.len()).unwrap_or_default();
        start.eq_ignore_ascii_case(html)
    })
}

/// Whether a text is XML in an encoding of wider units than bytes.
fn is_wide(text: &[u8]) -> bool {
    wide_encoding(text).is_some()
}

/// What is expected instead of such an encoding.
pub(crate) fn wide_encoding(text: &[u8]) -> Option<&'static str> {
    if is_utf16(text) {
        Some("UTF-8, not UTF-16")
    } else if is_utf32(text) {
        Some("UTF-8, not UTF-32")
    } else {
        None
    }
}

/// Whether a text is XML in UTF-32 with a byte order mark.
fn is_utf32(text: &[u8]) -> bool {
    let starts = [b"\xff\xfe\0\0<\0\0\0".as_slice(), b"\0\0\xfe\xff\0\0\0<"];
    starts.iter().any(|start| text.starts_with(start))
}

/// Whether a text is XML in UTF-16, with or without a byte order mark.
fn is_utf16(text: &[u8]) -> bool {
    let starts = [
        b"\xff\xfe<\0".as_slice(),
        b"\xfe\xff\0<",
        b"<\0?\0",
        b"\0<\0?",
    ];
    starts.iter().any(|start| text.starts_with(start))
}

/// Reads a document, keeping and reporting everything.
///
/// # Errors
/// If the text is not well-formed XML in UTF-8, its root is not in the namespace of FHIR, or it is another
/// resource than `T`.
///
/// ```
/// use healthcode_r4::Patient;
/// let xml = br#"<Patient xmlns="http://hl7.org/fhir"><birthDate value="1980-02-29"/></Patient>"#;
/// let read = healthcode_xml::from_slice::<Patient>(xml)?;
/// assert_eq!(read.value.birth_date.as_str(), Some("1980-02-29"));
/// # Ok::<(), healthcode_json::Error>(())
/// ```
pub fn from_slice<T: Root>(xml: &[u8]) -> Result<Checked<T>, Error> {
    from_slice_with(xml, &ReadOptions::new())
}

/// Reads a document from text, keeping and reporting everything.
///
/// # Errors
/// As [`from_slice`].
pub fn from_str<T: Root>(xml: &str) -> Result<Checked<T>, Error> {
    from_slice(xml.as_bytes())
}

/// Reads a document as the options say.
///
/// # Errors
/// As [`from_slice`]; also if the text is larger than the limit, and in strict reading if there is any error.
pub fn from_slice_with<T: Root>(xml: &[u8], options: &ReadOptions) -> Result<Checked<T>, Error> {
    let limit = options.size_limit();
    if xml.len() > limit {
        let mut base = Base::after_bom(false);
        base.advance(xml.get(..limit).unwrap_or_default());
        return Err(fatal(&rules::XML_SIZE, base.position()));
    }
    let (bom, body) = match xml.strip_prefix(b"\xef\xbb\xbf") {
        Some(body) => (true, body),
        None => (false, xml),
    };
    let base = Base::after_bom(bom);
    let text = utf8(body, &base)?;
    read_in(&Place::document(text, &base), &Path::root(""), options)
}

/// How many comments and processing instructions a text has, as far as it is well-formed: they are lost when
/// it is read and written, except those in narratives. None in what is not XML.
///
/// ```
/// let xml = b"<!-- one --><Patient xmlns='http://hl7.org/fhir'><?two?></Patient>";
/// assert_eq!(healthcode_xml::comments(xml), 2);
/// ```
#[must_use]
pub fn comments(text: &[u8]) -> usize {
    let body = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let Ok(xml) = std::str::from_utf8(body) else {
        return 0;
    };
    if !is_xml(text) {
        return 0;
    }
    let mut scanner = Scanner::new(xml);
    if scanner.prolog().is_ok() {
        while !matches!(scanner.next(), Ok(Token::Eof) | Err(_)) {}
    }
    scanner.comments()
}

/// Reads a document or an element; an empty `path` stands for its own type.
pub(crate) fn read_in<T: Root>(
    place: &Place<'_>,
    path: &Path<'_>,
    options: &ReadOptions,
) -> Result<Checked<T>, Error> {
    let Place { text, base, .. } = *place;
    let mut reader = Reader::new(place.scanner(), options.depth_limit());
    let read = match place.bindings {
        None => reader.document::<T>(),
        Some(_) => reader.part::<T>(),
    };
    let Ok(value) = read else {
        return Err(fault_issue(reader.scanner(), text, base, options));
    };
    if !reader.defects() {
        return Ok(Checked::new(value, Vec::new()));
    }
    let mut issues = healthcode_json::defects::element_issues_of(value.as_element(), path);
    locate_in(place, &mut issues, options.has_excerpts());
    if options.is_strict()
        && let Some(first) = issues.iter().position(|issue| issue.severity.is_error())
    {
        return Err(Error::new(issues.swap_remove(first)));
    }
    Ok(Checked::new(value, issues))
}

fn fatal(rule: &'static healthcode_core::Rule, position: Position) -> Error {
    let mut issue = Issue::at(rule, String::new(), String::new(), Detail::None);
    issue.position = Some(position);
    Error::new(issue)
}

/// The text of bytes that are to be a document.
pub(crate) fn utf8<'x>(bytes: &'x [u8], base: &Base) -> Result<&'x str, Error> {
    if let Some(expected) = wide_encoding(bytes) {
        return Err(encoding(expected, base.position()));
    }
    if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
        return Ok(text);
    }
    let good = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => &bytes[..error.valid_up_to()],
    };
    // What is declared says more than the first byte that is not UTF-8.
    let start = std::str::from_utf8(good).unwrap_or_default();
    let mut scanner = Scanner::new(start);
    if start.contains("?>")
        && scanner.prolog().is_err()
        && scanner.fault().rule == &rules::XML_ENCODING
    {
        let expected = scanner.fault().expected;
        let expected = expected.unwrap_or_else(|| named_encoding(""));
        return Err(encoding(expected, base.position()));
    }
    let mut end = base.clone();
    end.advance(good);
    Err(encoding("UTF-8", end.position()))
}

pub(crate) fn encoding(expected: &'static str, position: Position) -> Error {
    let detail = Detail::Expected(expected);
    let mut issue = Issue::at(&rules::XML_ENCODING, String::new(), String::new(), detail);
    issue.position = Some(position);
    Error::new(issue)
}

/// The issue of a text that is not well-formed, or not FHIR.
pub(crate) fn fault_issue(
    scanner: &Scanner<'_>,
    text: &str,
    base: &Base,
    options: &ReadOptions,
) -> Error {
    let Fault { rule, at, expected } = scanner.fault();
    let rule = if text.trim_ascii().is_empty() {
        &rules::XML_TRUNCATED
    } else {
        rule
    };
    let mut path = String::new();
    for name in scanner.open() {
        let local = name.rsplit(':').next().unwrap_or_default();
        // A resource inside `contained` or `resource` is no step of its own.
        let wrapped = !path.is_empty() && local.starts_with(|c: char| c.is_ascii_uppercase());
        if wrapped || shown(local) != local {
            continue;
        }
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(local);
    }
    let detail = match expected {
        _ if is_html(text.as_bytes()) => Detail::Expected("FHIR; this begins like HTML"),
        Some(expected) => Detail::Expected(expected),
        None if rule == &rules::XML_NAMESPACE => Detail::Expected(FHIR),
        None => Detail::None,
    };
    let mut issue = Issue::at(rule, path, base.pointer.clone(), detail);
    issue.position = Some(Lines::new(text, base).position(at));
    if options.has_excerpts() {
        issue.excerpt = Some(excerpt(text, at, at + 1));
    }
    Error::new(issue)
}
