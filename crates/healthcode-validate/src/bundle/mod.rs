//! [`BundleChecker`]: the rules of Bundles, entry by entry, in linear time.
//!
//! Facts are from FHIR R4 bundle.html, http.html#transaction, documents.html and messaging.html.
//!
//! What depends on entries that come later, or on a `Bundle.type` that may stand after the entries,
//! is deferred: of each entry its type, its keys and its place are kept, and of each reference that
//! does not resolve yet its key and its place.

mod deferred;
mod finish;
mod index;
mod request;

use crate::Policy;
use crate::reference::{self, Form};
use crate::registry as rule;
use deferred::{Deferred, Kind, Sites, Spot};
use healthcode_core::{Detail, Issue, Path, Position, Step};
use healthcode_r4::codes::BundleType;
use healthcode_r4::{BundleEntry, Resource};
use index::{Found, Index};
use std::fmt::Write;

/// What is known of a Bundle whose entries are gone through one at a time.
///
/// [`Validator::validate_entry`](crate::Validator::validate_entry) feeds it, and
/// [`Validator::validate_bundle`](crate::Validator::validate_bundle) says what is wrong with the
/// Bundle as a whole. It takes at most 200 bytes for an entry, and 48 for each reference that does
/// not resolve in what came before it. A Bundle that is validated as one value goes the same way.
///
/// ```
/// use healthcode_json::stream::BundleReader;
/// use healthcode_r4::{Bundle, BundleEntry};
/// use healthcode_validate::{BundleChecker, Policy, Validator};
///
/// let json = br#"{"resourceType": "Bundle", "entry": [{
///     "fullUrl": "urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d",
///     "resource": {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference":
///         "urn:uuid:17121321-4af5-424c-a0e1-ed3aab1c349d"}}
/// }], "type": "collection"}"#;
/// let validator = Validator::new(Policy::R4);
/// let mut checker = BundleChecker::new();
/// let mut reader = BundleReader::<_, BundleEntry>::new(&json[..], Default::default());
/// while let Some(entry) = reader.next() {
///     assert_eq!(validator.validate_entry(&mut checker, &entry?.value), []);
///     // For issues that are known at the end only: where they are.
///     let mut deferred = checker.deferred();
///     reader.locate_in_last_entry(&mut deferred, false);
///     checker.place(reader.last_entry_position(), deferred);
/// }
/// let bundle = reader.finish::<Bundle>()?;
/// let issues = validator.validate_bundle(&mut checker, &bundle.value);
/// assert_eq!(issues[0].rule.id, "R4-REFERENCE-UNRESOLVED");
/// assert_eq!(issues[0].path, "Bundle.entry[0].resource.subject.reference");
/// assert_eq!(issues[0].position.unwrap().line, 4);
/// # Ok::<(), healthcode_json::stream::Error>(())
/// ```
#[derive(Default)]
pub struct BundleChecker {
    /// The FHIRPath and the JSON pointer of the Bundle.
    path: String,
    pointer: String,
    /// The Bundle's type, where it is known before the entries.
    known: Option<BundleType>,
    entries: Vec<Entry>,
    /// Where the entries are, where that is told.
    spots: Vec<Spot>,
    index: Index,
    deferred: Vec<Deferred>,
    /// How many were deferred before the last entry.
    before: usize,
    sites: Sites,
    /// The base of the full URL of the entry that is open, if it is a server's; else empty.
    base: String,
    open: bool,
    scratch: String,
}

/// What is kept of an entry.
struct Entry {
    /// The type of its resource, by its place in [`Resource::TYPE_NAMES`].
    type_index: u16,
    /// Whether it has a search, a request, a response; whether it is to be judged by that.
    search: bool,
    request: bool,
    response: bool,
    whole: bool,
}

/// The index of a type that is absent or unknown.
const NO_TYPE: u16 = u16::MAX;

impl BundleChecker {
    /// A checker of a Bundle that is a document of its own.
    #[must_use]
    pub fn new() -> Self {
        BundleChecker::at(&Path::root("Bundle"))
    }

    /// A checker of the Bundle at this place.
    pub(crate) fn at(path: &Path<'_>) -> Self {
        BundleChecker {
            path: path.to_fhirpath(),
            pointer: path.to_pointer(),
            ..BundleChecker::default()
        }
    }

    /// How many entries there were.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// Tells the Bundle's type before its entries, which saves work and memory.
    pub fn expect_type(&mut self, code: &str) {
        let code = BundleType::from(code);
        self.known = Some(code).filter(|code| !matches!(code, BundleType::Unrecognized(_)));
    }

    /// Counts an entry that cannot be read.
    pub fn skip_entry(&mut self) {
        self.before = self.deferred.len();
        self.entries.push(Entry {
            type_index: NO_TYPE,
            search: false,
            request: false,
            response: false,
            whole: false,
        });
    }

    /// Where the next entry stands: its FHIRPath and JSON pointer.
    pub(crate) fn next_place(&self) -> (String, String) {
        let index = self.entries.len();
        let path = format!("{}.entry[{index}]", self.path);
        (path, format!("{}/entry/{index}", self.pointer))
    }

    /// The places in the last entry of what can be judged at the end only, as issues whose positions
    /// are to be found, for [`BundleChecker::place`].
    #[must_use]
    pub fn deferred(&self) -> Vec<Issue> {
        let last = self.deferred.get(self.before..).unwrap_or_default();
        last.iter()
            .map(|one| self.issue(&rule::R4_REFERENCE_UNRESOLVED, one))
            .collect()
    }

    /// Takes the position of the last entry, and of the places in it that
    /// [`BundleChecker::deferred`] gave, in any order.
    pub fn place(&mut self, entry: Position, mut deferred: Vec<Issue>) {
        let last = self.entries.len().saturating_sub(1);
        self.spots.resize(last, Spot::default());
        self.spots.push(Spot::of(entry));
        deferred.sort_by(|a, b| a.pointer.cmp(&b.pointer));
        for at in self.before..self.deferred.len() {
            let Some(one) = self.deferred.get(at) else {
                continue;
            };
            let pointer = self.place_of(one).1;
            if let Ok(found) = deferred.binary_search_by(|issue| issue.pointer.cmp(&pointer))
                && let Some(position) = deferred.get(found).and_then(|issue| issue.position)
                && let Some(one) = self.deferred.get_mut(at)
            {
                one.spot = Spot::of(position);
            }
        }
    }

    /// Begins an entry: what is wrong with its full URL, and what it can be found by.
    pub(crate) fn open_entry(
        &mut self,
        entry: &BundleEntry,
        whole: bool,
        path: &Path<'_>,
        policy: Policy,
        issues: &mut Vec<Issue>,
    ) {
        self.before = self.deferred.len();
        self.open = true;
        self.base.clear();
        let resource = entry.resource.as_ref();
        let name = resource
            .and_then(Resource::resource_type)
            .and_then(reference::type_name);
        let type_index = name.map_or(NO_TYPE, type_index);
        self.entries.push(Entry {
            type_index,
            search: entry.search.is_some(),
            request: entry.request.is_some(),
            response: entry.response.is_some(),
            whole,
        });
        let mut id = resource.and_then(Resource::id);
        let version = resource
            .and_then(Resource::meta)
            .and_then(|meta| meta.version_id.as_str());
        if let Some(url) = entry.full_url.as_str()
            && !url.is_empty()
        {
            judge_full_url(url, name, id, path, policy, issues);
            if let Some((base, _, last)) = reference::restful(url) {
                self.base.push_str(base);
                id = id.or(Some(last));
            }
            let key = index::key(url);
            if !self.index.add(key, type_index, version) {
                self.defer(
                    Kind::Repeated,
                    (key, 0),
                    &[],
                    &path.then(Step::field("fullUrl")),
                );
            }
        }
        if let (Some(name), Some(id)) = (name, id) {
            self.scratch.clear();
            let _ = write!(self.scratch, "{name}/{id}");
            self.index.add_id(index::key(&self.scratch), version);
        }
        if let Some(request) = entry.request.as_deref() {
            self.request(request, path);
        }
    }

    pub(crate) fn close_entry(&mut self) {
        self.open = false;
    }

    /// Takes a reference in the entry that is open; `path` is that of its element.
    pub(crate) fn reference(
        &mut self,
        form: Form<'_>,
        targets: &'static [&'static str],
        path: &Path<'_>,
        issues: &mut Vec<Issue>,
    ) {
        if !self.open {
            return;
        }
        let (kind, key, version, shown) = match form {
            Form::Contained(_) | Form::UnknownType(_) | Form::Malformed => return,
            Form::Conditional(_) => (Kind::Conditional, 0, None, true),
            Form::Relative {
                target, version, ..
            } if self.base.is_empty() => (Kind::Loose, index::key(target), version, true),
            Form::Relative {
                target, version, ..
            } => {
                self.scratch.clear();
                let _ = write!(self.scratch, "{}/{target}", self.base);
                (Kind::Based, index::key(&self.scratch), version, true)
            }
            Form::Absolute {
                url,
                shown,
                version,
            } => {
                let urn = url.starts_with("urn:uuid:") || url.starts_with("urn:oid:");
                let kind = if urn { Kind::Urn } else { Kind::Absolute };
                if shown.is_some() && version.is_none() {
                    return;
                }
                (kind, index::key(url), version, shown.is_some())
            }
        };
        let version = version.map_or(0, index::key);
        if !kind.can_matter(self.known.as_ref(), version != 0) {
            return;
        }
        match self.find(kind, key, version) {
            Found::Yes(type_index) => {
                if let Some(name) = name_of(type_index)
                    && !shown
                    && !reference::fits(targets, name)
                {
                    let path = path.then(Step::field("reference"));
                    let detail = reference::expected(targets);
                    issues.push(Issue::new(&rule::R4_REFERENCE_TARGET, &path, detail));
                }
            }
            Found::No | Found::OtherVersion => {
                let path = path.then(Step::field("reference"));
                self.defer(kind, (key, version), targets, &path);
            }
        }
    }

    fn find(&self, kind: Kind, key: u64, version: u64) -> Found {
        match kind {
            Kind::Conditional => Found::No,
            Kind::Loose => self.index.find_id(key, version),
            _ => self.index.find(key, version),
        }
    }

    /// Puts off what can be judged at the end only.
    fn defer(
        &mut self,
        kind: Kind,
        (key, version): (u64, u64),
        targets: &'static [&'static str],
        path: &Path<'_>,
    ) {
        let (path, pointer) = (path.to_fhirpath(), path.to_pointer());
        let entry = self.entries.len().saturating_sub(1);
        let digits = entry.checked_ilog10().unwrap_or(0) as usize + 1;
        let path_start = self.path.len() + ".entry[]".len() + digits;
        let pointer_start = self.pointer.len() + "/entry/".len() + digits;
        let path = path.get(path_start..).unwrap_or_default();
        let pointer = pointer.get(pointer_start..).unwrap_or_default();
        self.deferred.push(Deferred {
            kind,
            entry: u32::try_from(entry).unwrap_or(u32::MAX),
            site: self.sites.index_of(path, pointer, targets),
            key,
            version,
            spot: Spot::default(),
        });
    }

    /// The FHIRPath and JSON pointer of something deferred.
    fn place_of(&self, one: &Deferred) -> (String, String) {
        let site = self.sites.get(one.site);
        let path = format!("{}.entry[{}]{}", self.path, one.entry, site.path);
        let pointer = format!("{}/entry/{}{}", self.pointer, one.entry, site.pointer);
        (path, pointer)
    }

    fn issue(&self, rule: &'static healthcode_core::Rule, one: &Deferred) -> Issue {
        let (path, pointer) = self.place_of(one);
        let mut issue = Issue::at(rule, path, pointer, Detail::None);
        issue.position = one.spot.position();
        issue
    }
}

impl std::fmt::Debug for BundleChecker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BundleChecker")
            .field("entries", &self.entries.len())
            .field("deferred", &self.deferred.len())
            .finish_non_exhaustive()
    }
}

fn type_index(name: &str) -> u16 {
    let index = Resource::TYPE_NAMES.binary_search(&name).ok();
    index
        .and_then(|index| u16::try_from(index).ok())
        .unwrap_or(NO_TYPE)
}

fn name_of(type_index: u16) -> Option<&'static str> {
    Resource::TYPE_NAMES.get(usize::from(type_index)).copied()
}

/// Reports a full URL that is relative, or is not that of its resource.
pub(crate) fn judge_full_url(
    url: &str,
    name: Option<&'static str>,
    id: Option<&str>,
    path: &Path<'_>,
    policy: Policy,
    issues: &mut Vec<Issue>,
) {
    let mut report = |rule, detail| {
        let path = path.then(Step::field("fullUrl"));
        issues.push(Issue::new(rule, &path, detail));
    };
    if !reference::is_absolute(url) {
        let detail = Detail::Expected("an absolute URL or a urn:uuid:");
        return report(&rule::R4_FULL_URL, detail);
    }
    let web = url.starts_with("http://") || url.starts_with("https://");
    // That it names no version is what the invariant bdl-8 says.
    if !web || url.contains("/_history/") {
        return;
    }
    let (Some(name), Some(id)) = (name, id) else {
        return;
    };
    let before = url
        .strip_suffix(id)
        .and_then(|before| before.strip_suffix('/'));
    let of_type = |before: &str| before.rsplit('/').next() == Some(name);
    match before {
        Some(before) if of_type(before) => {}
        Some(_) if policy == Policy::Healthcode => report(&rule::HC_FULL_URL, Detail::None),
        _ => report(&rule::R4_FULL_URL_ID, Detail::None),
    }
}
