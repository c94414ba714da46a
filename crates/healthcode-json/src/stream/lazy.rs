//! [`entries`]: the entries of a Bundle in memory, each with its type and id before it is read.

use crate::cursor::{Cursor, Step};
use crate::error::Error;
use crate::locate::{Base, Lines, fault_issue};
use crate::read::{read_at, utf8};
use crate::{Checked, ReadOptions};
use healthcode_core::{Path, Root};

/// The entries of a Bundle in memory. Finds where each starts and ends; reads nothing by itself.
///
/// # Errors
/// If the text is not UTF-8. A text that is not JSON shows as an error among the entries.
///
/// ```
/// use healthcode_core::UnknownResource;
/// let bundle = br#"{"resourceType":"Bundle","entry":[
///     {"resource":{"resourceType":"Patient","id":"a"}},
///     {"resource":{"resourceType":"Practitioner","id":"b"}}]}"#;
/// for entry in healthcode_json::stream::entries(bundle)? {
///     let entry = entry?;
///     if entry.resource_type() == Some("Practitioner") {
///         assert_eq!(entry.id(), Some("b"));
///         let read = entry.read_resource::<UnknownResource>().unwrap()?;
///         assert!(read.value.get("id").is_some());
///     }
/// }
/// # Ok::<(), healthcode_json::Error>(())
/// ```
pub fn entries(json: &[u8]) -> Result<Entries<'_>, Error> {
    entries_with(json, ReadOptions::new())
}

fn entries_with(json: &[u8], options: ReadOptions) -> Result<Entries<'_>, Error> {
    let body = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let base = Base::after_bom(body.len() < json.len());
    let text = utf8(body, &base, |name| name == "Bundle", &options)?;
    Ok(Entries {
        cursor: Cursor::new(text),
        lines: Lines::new(text, &base),
        base,
        options,
        state: State::Before,
        index: 0,
    })
}

/// The entries of a Bundle in memory, as [`entries`] yields them.
#[allow(missing_debug_implementations, reason = "borrows patient data")]
pub struct Entries<'j> {
    cursor: Cursor<'j>,
    lines: Lines<'j>,
    base: Base,
    options: ReadOptions,
    state: State,
    index: usize,
}

enum State {
    Before,
    Inside,
    Done,
}

impl<'j> Entries<'j> {
    /// How entries are read when they are.
    #[must_use]
    pub fn options(mut self, options: ReadOptions) -> Self {
        self.options = options;
        self
    }

    /// Goes to the first entry; false if the array is empty.
    fn open(&mut self) -> Step<bool> {
        if !self.cursor.take(b'{') {
            return self.cursor.skip().map(|_| false);
        }
        let mut more = self.cursor.first_member()?;
        while more {
            let name = self.cursor.quoted()?;
            let found = self.cursor.decoded(name) == "entry";
            self.cursor.colon()?;
            if found && self.cursor.take(b'[') {
                return Ok(self.cursor.first_item());
            }
            self.cursor.skip()?;
            more = self.cursor.next_member()?;
        }
        self.cursor.end().map(|()| false)
    }

    fn advance(&mut self) -> Step<Option<LazyEntry<'j>>> {
        let more = match self.state {
            State::Done => false,
            State::Before => self.open()?,
            State::Inside => {
                let more = self.cursor.next_item()?;
                if !more {
                    self.close()?;
                }
                more
            }
        };
        if !more {
            self.state = State::Done;
            return Ok(None);
        }
        self.state = State::Inside;
        self.cursor.peek();
        let start = self.cursor.at();
        let mut entry = LazyEntry {
            index: self.index,
            json: "",
            base: self.lines.base_at(start).clone(),
            options: self.options,
            resource: None,
            resource_type: None,
            id: None,
            full_url: None,
        };
        self.index += 1;
        members(&mut self.cursor, |cursor, name| {
            let start = cursor.at();
            match name {
                "fullUrl" => entry.full_url = text(cursor)?,
                "resource" => {
                    entry.resource_type = None;
                    entry.id = None;
                    members(cursor, |cursor, name| {
                        match name {
                            "resourceType" => entry.resource_type = text(cursor)?,
                            "id" => entry.id = text(cursor)?,
                            _ => drop(cursor.skip()?),
                        }
                        Ok(())
                    })?;
                    entry.resource = Some(&cursor.text()[start..cursor.at()]);
                }
                _ => drop(cursor.skip()?),
            }
            Ok(())
        })?;
        entry.json = &self.cursor.text()[start..self.cursor.at()];
        Ok(Some(entry))
    }

    /// Reads past what follows the entries.
    fn close(&mut self) -> Step<()> {
        while self.cursor.next_member()? {
            self.cursor.quoted()?;
            self.cursor.colon()?;
            self.cursor.skip()?;
        }
        self.cursor.end()
    }
}

impl<'j> Iterator for Entries<'j> {
    type Item = Result<LazyEntry<'j>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let advanced = self.advance();
        advanced
            .map_err(|_| {
                self.state = State::Done;
                let (rule, at) = self.cursor.fault();
                let text = self.cursor.text();
                Error::new(fault_issue(
                    rule,
                    text,
                    at,
                    &self.base,
                    |name| name == "Bundle",
                    false,
                ))
            })
            .transpose()
    }
}

/// An entry of a Bundle that has not been read.
#[allow(missing_debug_implementations, reason = "borrows patient data")]
pub struct LazyEntry<'j> {
    index: usize,
    json: &'j str,
    base: Base,
    options: ReadOptions,
    resource: Option<&'j str>,
    resource_type: Option<&'j str>,
    id: Option<&'j str>,
    full_url: Option<&'j str>,
}

impl<'j> LazyEntry<'j> {
    /// Its index in the Bundle.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// Its JSON text.
    #[must_use]
    pub fn json(&self) -> &'j str {
        self.json
    }

    /// Where its text starts, in bytes from the start of the Bundle's.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.base.offset
    }

    /// The type of its resource.
    #[must_use]
    pub fn resource_type(&self) -> Option<&'j str> {
        self.resource_type
    }

    /// The id of its resource.
    #[must_use]
    pub fn id(&self) -> Option<&'j str> {
        self.id
    }

    /// Its full URL.
    #[must_use]
    pub fn full_url(&self) -> Option<&'j str> {
        self.full_url
    }

    /// The JSON text of its resource.
    #[must_use]
    pub fn resource_json(&self) -> Option<&'j str> {
        self.resource
    }

    /// Reads the entry: a version's `BundleEntry`.
    ///
    /// # Errors
    /// If the text names another resource type than `T`; in strict reading, if there is any error.
    pub fn read<T: Root>(&self) -> Result<Checked<T>, Error> {
        let path = format!("Bundle.entry[{}]", self.index);
        let pointer = format!("/entry/{}", self.index);
        self.read_part(self.json, &path, pointer)
    }

    /// Reads its resource; `None` if it has none.
    ///
    /// # Errors
    /// As [`LazyEntry::read`], for each resource.
    #[must_use]
    pub fn read_resource<T: Root>(&self) -> Option<Result<Checked<T>, Error>> {
        let path = format!("Bundle.entry[{}].resource", self.index);
        let pointer = format!("/entry/{}/resource", self.index);
        let resource = self.resource?;
        Some(self.read_part(resource, &path, pointer))
    }

    fn read_part<T: Root>(
        &self,
        part: &str,
        path: &str,
        pointer: String,
    ) -> Result<Checked<T>, Error> {
        // A part of the entry, or the whole of it.
        let before = part.as_ptr() as usize - self.json.as_ptr() as usize;
        let mut base = self.base.clone();
        base.advance(&self.json.as_bytes()[..before]);
        base.pointer.clone_from(&pointer);
        let path = Path::with_root(path, &pointer);
        read_at(part, &base, &path, &self.options)
    }
}

/// Goes through the members of an object, with `each` at every value, which it must read past; reads
/// past another value. A name with escapes comes as "".
fn members<'j>(
    cursor: &mut Cursor<'j>,
    mut each: impl FnMut(&mut Cursor<'j>, &str) -> Step<()>,
) -> Step<()> {
    if !cursor.take(b'{') {
        return cursor.skip().map(drop);
    }
    let mut more = cursor.first_member()?;
    while more {
        let name = cursor.name()?;
        cursor.colon()?;
        cursor.peek();
        let name = if name.escaped {
            ""
        } else {
            &cursor.text()[name.start..name.end]
        };
        each(cursor, name)?;
        more = cursor.next_member()?;
    }
    Ok(())
}

/// The text of a string without escapes, which is next; reads past any value.
fn text<'j>(cursor: &mut Cursor<'j>) -> Step<Option<&'j str>> {
    if cursor.peek() != b'"' {
        return cursor.skip().map(|_| None);
    }
    let value = cursor.quoted()?;
    Ok((!value.escaped).then(|| &cursor.text()[value.start..value.end]))
}
