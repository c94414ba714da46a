//! Reading whole documents.

use crate::defects::element_issues_of;
use crate::error::Error;
use crate::locate::{Base, Knows, fault_issue, knows, locate_from};
use crate::reader::Reader;
use healthcode_core::{Detail, Issue, Path, Position, Root, rules};

/// A value, and what is wrong with the text it was read from.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Read<T> {
    /// The value, with everything that was in the text.
    pub value: T,
    /// What was wrong, in the order of the text.
    pub issues: Vec<Issue>,
}

impl<T> Read<T> {
    /// A value with its issues.
    #[must_use]
    pub fn new(value: T, issues: Vec<Issue>) -> Self {
        Read { value, issues }
    }

    /// Whether there is no error among the issues.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        !self.issues.iter().any(|issue| issue.severity.is_error())
    }

    /// The value, without its issues.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }
}

/// How to read.
///
/// ```
/// use healthcode_core::UnknownResource;
/// use healthcode_json::ReadOptions;
/// let json = r#"{"resourceType": "Channel"}"#;
/// let read = ReadOptions::new().from_str::<UnknownResource>(json)?;
/// assert_eq!(read.issues[0].rule.id, "FHIR-RESOURCE-TYPE-UNKNOWN");
///
/// let strict = ReadOptions::new().strict(true).max_depth(64);
/// let error = strict.from_str::<UnknownResource>(json).unwrap_err();
/// assert_eq!(error.to_string(), read.issues[0].to_string());
/// # Ok::<(), healthcode_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ReadOptions {
    pub(crate) strict: bool,
    pub(crate) max_depth: u32,
    pub(crate) max_size: usize,
    pub(crate) excerpts: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            strict: false,
            max_depth: Self::DEFAULT_DEPTH,
            max_size: usize::MAX,
            excerpts: false,
        }
    }
}

impl ReadOptions {
    /// How deep elements may be nested, unless another limit is set.
    pub const DEFAULT_DEPTH: u32 = 128;

    /// The greatest nesting limit that can be set.
    pub const MAX_DEPTH: u32 = 512;

    /// The defaults: keep and report everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the first error among the issues is an [`Error`].
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// How deep elements may be nested, up to [`ReadOptions::MAX_DEPTH`]. What lies deeper is kept
    /// as text and reported.
    #[must_use]
    pub fn max_depth(mut self, depth: u32) -> Self {
        self.max_depth = depth.clamp(1, Self::MAX_DEPTH);
        self
    }

    /// How many bytes a document, or an entry of a stream, may have.
    #[must_use]
    pub fn max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes;
        self
    }

    /// How many bytes a resource may have.
    #[must_use]
    pub fn size_limit(&self) -> usize {
        self.max_size
    }

    /// Whether issues carry the text around them. It shows what the payload holds.
    #[must_use]
    pub fn excerpts(mut self, excerpts: bool) -> Self {
        self.excerpts = excerpts;
        self
    }

    /// Reads a document.
    ///
    /// # Errors
    /// If the text is not UTF-8 or not JSON, is larger than the limit, or names another resource
    /// type than `T`; in strict reading, if there is any error.
    pub fn from_slice<T: Root>(&self, json: &[u8]) -> Result<Read<T>, Error> {
        self.check_size(json)?;
        let (bom, body) = match json.strip_prefix(b"\xef\xbb\xbf") {
            Some(body) => (true, body),
            None => (false, json),
        };
        let base = Base::after_bom(bom);
        self.document(self.utf8(body, &base, knows::<T>)?, &base)
    }

    /// Reads a document from text.
    ///
    /// # Errors
    /// As [`ReadOptions::from_slice`].
    pub fn from_str<T: Root>(&self, json: &str) -> Result<Read<T>, Error> {
        self.check_size(json.as_bytes())?;
        let (bom, body) = match json.strip_prefix('\u{feff}') {
            Some(body) => (true, body),
            None => (false, json),
        };
        self.document(body, &Base::after_bom(bom))
    }

    fn check_size(&self, json: &[u8]) -> Result<(), Error> {
        if json.len() <= self.max_size {
            return Ok(());
        }
        let allowed = json.get(..self.max_size).unwrap_or_default();
        let body = allowed.strip_prefix(b"\xef\xbb\xbf");
        let mut end = Base::after_bom(body.is_some());
        end.advance(body.unwrap_or(allowed));
        let place = String::new();
        let mut issue = Issue::at(&rules::JSON_SIZE, place.clone(), place, Detail::None);
        issue.position = Some(end.position());
        Err(Error::new(issue))
    }

    /// Reads a whole document, which stands after a byte order mark if it does not start at 0.
    fn document<T: Root>(&self, text: &str, base: &Base) -> Result<Read<T>, Error> {
        let mut read: Read<T> = self.read_at(text, base, &Path::root(""))?;
        if base.offset > 0 {
            let path = Path::root(read.value.as_element().schema().name);
            let mut issue = Issue::new(&rules::JSON_BOM, &path, Detail::None);
            issue.position = Some(Position::new(0, 1, 1));
            read.issues.insert(0, issue);
        }
        Ok(read)
    }

    /// The text of bytes that are to be a document; `knows` says which types there are.
    pub(crate) fn utf8<'j>(
        &self,
        bytes: &'j [u8],
        base: &Base,
        knows: Knows,
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
                let mut issue = fault_issue(rule, good, at, base, knows, self.excerpts);
                if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
                    issue.detail = Detail::Expected("UTF-8; this begins like UTF-16");
                }
                Err(Error::new(issue))
            }
        }
    }

    /// Reads a document that stands inside a larger text, at `base`; `path` is its place there,
    /// an empty one standing for the document's own type.
    pub(crate) fn read_at<T: Root>(
        &self,
        text: &str,
        base: &Base,
        path: &Path<'_>,
    ) -> Result<Read<T>, Error> {
        let mut reader = Reader::new(text, self.max_depth);
        let Ok(value) = reader.document::<T>() else {
            let (rule, at) = reader.fault();
            let issue = fault_issue(rule, text, at, base, knows::<T>, self.excerpts);
            return Err(Error::new(issue));
        };
        if !reader.defects() {
            return Ok(Read::new(value, Vec::new()));
        }
        self.with_issues(value, text, base, path)
    }

    /// Reads the object that `text` begins with; whatever follows it is not looked at. `None` if
    /// there is no such object, or only a part of one.
    pub(crate) fn begin<T: Root>(&self, text: &str) -> Option<Beginning<T>> {
        if !text.starts_with('{') {
            return None;
        }
        let mut reader = Reader::new(text, self.max_depth);
        let value = reader.value().ok()?;
        Some(Beginning {
            value,
            length: reader.at(),
            defects: reader.defects(),
        })
    }

    /// A value that has defects, with its issues.
    pub(crate) fn with_issues<T: Root>(
        &self,
        value: T,
        text: &str,
        base: &Base,
        path: &Path<'_>,
    ) -> Result<Read<T>, Error> {
        let mut issues = element_issues_of(value.as_element(), path);
        locate_from(text, base, &mut issues, self.excerpts);
        if self.strict
            && let Some(first) = issues.iter().position(|issue| issue.severity.is_error())
        {
            return Err(Error::new(issues.swap_remove(first)));
        }
        Ok(Read::new(value, issues))
    }
}

/// A value that stood at the beginning of a text.
pub(crate) struct Beginning<T> {
    pub(crate) value: T,
    /// Bytes of its text.
    pub(crate) length: usize,
    /// Its issues are worth looking for.
    pub(crate) defects: bool,
}

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
pub fn from_slice<T: Root>(json: &[u8]) -> Result<Read<T>, Error> {
    ReadOptions::new().from_slice(json)
}

/// Reads a document from text, keeping and reporting everything.
///
/// # Errors
/// As [`from_slice`].
pub fn from_str<T: Root>(json: &str) -> Result<Read<T>, Error> {
    ReadOptions::new().from_str(json)
}
