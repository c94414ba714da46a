//! [`BundleChecker`]: the rules of Bundles, entry by entry, in linear time.
//!
//! Facts are from FHIR R4 bundle.html, http.html#transaction, documents.html and messaging.html.
//!
//! Each entry is first checked apart from the others, which yields its [`EntryFacts`], so that several
//! threads can check entries at the same time. The facts are then merged in the order of the entries.
//!
//! What depends on entries that come later is deferred: of each entry its keys are kept, and of each
//! reference that does not resolve yet its key and its place. If `Bundle.type` comes after the
//! entries, all that depends on it is deferred too, and each entry's type and place are kept.
//!
//! Keys are hashes of 64 bits with a secret of this process: among a million entries, two texts have
//! the same in one of 30 million Bundles.

mod deferred;
mod document;
mod entries;
mod entry;
mod facts;
mod finish;
mod identity;
mod index;
mod relations;
mod request;
mod xpaths;

pub(crate) use entries::Entries;
pub(crate) use entry::EntryView;
pub(crate) use facts::EntryFacts;

use crate::Policy;
use crate::policy::Subject;
use crate::profile::passed::{Passed, Sliced};
use crate::reference::{self, Names};
use crate::registry as rule;
use crate::remembered::Remembered;
use crate::uri::is_absolute;
use deferred::{CompactPosition, Deferred, Kind, Site, Sites, TextRange, Texts};
use document::Links;
use facts::Fact;
use healthcode_core::{Detail, Issue, Issues, Path, Position, Release, Step};
use healthcode_r4::Resource;
use healthcode_r4::codes::BundleType;
use identity::Unidentified;
use index::{Found, Index, NO_TYPE};
use request::Request;
use std::sync::Arc;
use xpaths::XPaths;

/// The state of checking a Bundle whose entries are read one at a time; used by [`crate::stream`].
///
/// It takes at most 100 bytes for an entry, 200 while its tables grow, and 48 for each reference that
/// does not resolve in what came before it; where it is or may be a document, 16 more for each
/// reference. A Bundle that is validated as one value is checked in the same way.
#[derive(Default)]
pub(crate) struct BundleChecker {
    /// The FHIRPath and the JSON pointer of the Bundle.
    path: Arc<str>,
    pointer: Arc<str>,
    /// The Bundle's type, where it is known before the entries.
    known: Option<BundleType>,
    /// How many entries there were.
    count: usize,
    /// The entries; only the first where the Bundle is known before them to be no document.
    entries: Vec<Entry>,
    /// Where these are, where that is known.
    spots: Vec<CompactPosition>,
    /// The first entry without full URL, and where it is.
    without_url: Option<(usize, CompactPosition)>,
    index: Index,
    deferred: Vec<Deferred>,
    /// How many were deferred before the last entry.
    before: usize,
    /// The texts of those that the last entry deferred.
    last: Vec<TextRange>,
    texts: Texts,
    sites: Sites,
    /// Whether the Bundle is in XML, and the XPaths of what was deferred.
    is_xml: bool,
    xpaths: XPaths,
    /// The base of the full URL of the entry that is open, if it is a server's; else empty.
    base: String,
    /// Whether the entry that is open has a full URL.
    has_url: bool,
    open: bool,
    /// The address of the path of the entry that is open.
    opened_at: usize,
    /// The facts of the entry that is open, or of the last one.
    facts: EntryFacts,
    /// Whether only facts of single entries are collected.
    apart: bool,
    scratch: String,
    /// The profiles that the Bundle claims, where it does so before the entries.
    claims: Vec<Box<str>>,
    /// The slices of the Bundle's profiles that the next entry is in.
    sliced: Vec<Sliced>,
    /// The slices that the entries so far are in.
    passed: Passed,
    /// The references between entries, while this may be a document.
    links: Links,
    /// The release of the Bundle; R4 where none is given.
    release: Option<&'static Release>,
    /// Types that were looked up, each at the place that its name says.
    types: [Option<(&'static str, u16)>; TYPES],
    /// The coded elements of entries that had no issue.
    pub(crate) remembered: Remembered,
}

/// How many types of resources are kept that were looked up.
const TYPES: usize = 16;

/// How many deferred checks of one entry are found by their texts.
const FOUND_BY_TEXT: usize = 8;

/// The text of the last entry of a [`BundleChecker`].
pub(crate) trait EntryText {
    /// Where it starts.
    fn position(&mut self) -> Position;
    /// The position of the string in it with this content; `None` also if that is not easily found.
    fn find(&mut self, content: &str) -> Option<Position>;
    /// Finds positions, and XPaths, for issues of it.
    fn locate(&mut self, issues: &mut [Issue]);
}

/// The facts of an entry that are kept to the end.
#[derive(Clone, Copy, Default)]
struct Entry {
    /// The type of its resource, by its place in [`Resource::TYPE_NAMES`].
    type_index: u16,
    /// Which identity it lacks.
    unidentified: Unidentified,
    /// Whether it has a search, a request, a response; whether these are checked.
    search: bool,
    request: bool,
    response: bool,
    whole: bool,
}

impl BundleChecker {
    /// The path of a Bundle that is a document of its own.
    pub(crate) const ROOT: Path<'static> = Path::root("Bundle");

    /// A checker of a Bundle that is a document of its own.
    pub(crate) fn new() -> Self {
        BundleChecker {
            remembered: Remembered::new(),
            ..BundleChecker::at(&BundleChecker::ROOT)
        }
    }

    /// A checker of the Bundle at this place.
    pub(crate) fn at(path: &Path<'_>) -> Self {
        BundleChecker {
            path: path.to_fhirpath().into(),
            pointer: path.to_pointer().into(),
            ..BundleChecker::default()
        }
    }

    /// Notes that the Bundle is in XML, so that issues have an XPath.
    pub(crate) fn in_xml(mut self) -> Self {
        self.is_xml = true;
        self
    }

    /// Sets the release of the Bundle, if it is another one than R4.
    pub(crate) fn of_release(mut self, release: Option<&'static Release>) -> Self {
        self.release = release;
        self
    }

    /// The names of the types that resources may have.
    fn names(&self) -> Names {
        self.release
            .map_or(Resource::TYPE_NAMES, |release| release.resources)
    }

    /// The name of a type of resource, and its place among the names, if the release has the type.
    fn type_of(&mut self, name: &str) -> Option<(&'static str, u16)> {
        let first = name.bytes().next().unwrap_or_default();
        let slot = (usize::from(first) + name.len()) % TYPES;
        if let Some((known, index)) = self.types[slot]
            && known == name
        {
            return Some((known, index));
        }
        let names = self.names();
        let index = names.binary_search(&name).ok()?;
        let found = (names[index], u16::try_from(index).ok()?);
        self.types[slot] = Some(found);
        Some(found)
    }

    fn name_of(&self, type_index: u16) -> Option<&'static str> {
        self.names().get(usize::from(type_index)).copied()
    }

    /// Takes the Bundle's type before its entries, which saves work and memory.
    pub(crate) fn expect_type(&mut self, code: &str) {
        let code = BundleType::from(code);
        self.known = Some(code).filter(|code| !matches!(code, BundleType::Unrecognized(_)));
    }

    /// Takes the canonical URLs in the Bundle's `meta.profile` before its entries. Entries are not checked
    /// by profiles that are named after them.
    pub(crate) fn expect_profiles<'a>(&mut self, canonicals: impl IntoIterator<Item = &'a str>) {
        self.claims = canonicals.into_iter().map(Box::from).collect();
    }

    /// The profiles that the Bundle is known to claim.
    pub(crate) fn claims(&self) -> &[Box<str>] {
        &self.claims
    }

    /// Sets the slices of the Bundle's profiles that the next entry is in.
    pub(crate) fn slice_next(&mut self, sliced: Vec<Sliced>) {
        self.sliced = sliced;
    }

    /// The slices of the Bundle's profiles that entries are in.
    pub(crate) fn passed(&self) -> &Passed {
        &self.passed
    }

    /// Counts an entry that cannot be read.
    pub(crate) fn skip_entry(&mut self) {
        self.begin();
        self.keep(Entry {
            type_index: NO_TYPE,
            ..Entry::default()
        });
    }

    /// Begins an entry: what was deferred belongs to those before it.
    fn begin(&mut self) {
        self.before = self.deferred.len();
        self.last.clear();
        self.texts.clear();
    }

    fn keep(&mut self, entry: Entry) {
        if self.may_be_document() || self.entries.is_empty() {
            self.entries.push(entry);
        }
        self.count += 1;
    }

    /// The number of the next entry.
    pub(crate) fn next_index(&self) -> usize {
        self.count
    }

    /// Notes where the last entry is, and where in it the checks that were deferred.
    pub(crate) fn place(&mut self, entry: &mut dyn EntryText) {
        let last = self.count.saturating_sub(1);
        if last < self.entries.len() {
            self.spots.resize(last, CompactPosition::default());
            self.spots.push(CompactPosition::of(entry.position()));
        }
        if let Some((index, spot)) = &mut self.without_url
            && *index == last
        {
            *spot = CompactPosition::of(entry.position());
        }
        // All by pointers take one pass over the entry, each by its text another.
        let few = self.last.len() <= FOUND_BY_TEXT;
        let mut left = Vec::new();
        for (at, text) in (self.before..self.deferred.len()).zip(&self.last) {
            let text = self.texts.get(*text);
            match few.then(|| entry.find(text)).flatten() {
                Some(position) => self.deferred[at].spot = CompactPosition::of(position),
                None => left.push(at),
            }
        }
        if !left.is_empty() {
            self.place_by_pointers(&left, entry);
        }
    }

    /// Finds where these deferred checks are by going through the entry.
    #[cold]
    fn place_by_pointers(&mut self, deferred: &[usize], entry: &mut dyn EntryText) {
        let rule = &rule::R4_REFERENCE_UNRESOLVED;
        let issue = |at: &usize| self.issue(rule, &self.deferred[*at]);
        let mut issues: Vec<Issue> = deferred.iter().map(issue).collect();
        entry.locate(&mut issues);
        issues.sort_by(|a, b| a.pointer.cmp(&b.pointer));
        for at in deferred {
            let pointer = self.pointer_of(&self.deferred[*at]);
            if let Ok(found) = issues.binary_search_by(|issue| issue.pointer.cmp(&pointer))
                && let Some(position) = issues[found].position
            {
                let one = &mut self.deferred[*at];
                one.spot = CompactPosition::of(position);
                let xpath = issues[found].xpath.as_deref();
                one.xpath = self.xpaths.number_of(xpath, one.entry as usize);
            }
        }
    }

    /// Takes the facts of the next entry, and reports its issues beside the entries before it.
    pub(crate) fn take(&mut self, facts: &EntryFacts, policy: Policy, issues: &mut Issues) {
        let index = self.count;
        self.begin();
        self.passed.count();
        if !facts.sliced.is_empty() {
            self.take_slices(&facts.sliced, index, issues);
        }
        self.keep(facts.entry);
        if self.may_be_document() {
            self.links.add(index, facts);
        }
        if self.without_url.is_none() && facts.entry.unidentified.is_without_url() {
            self.without_url = Some((index, CompactPosition::default()));
        }
        if let Some(known) = &self.known {
            self.presence(index, facts.entry, known, policy, issues);
        }
        if facts.url != 0
            && !self
                .index
                .add(facts.url, facts.entry.type_index, facts.version)
        {
            let site = self.fixed_site(1, ".fullUrl", "/fullUrl");
            let fact = Fact::of(Kind::Repeated, facts.url, site);
            self.settle(fact, "", policy, issues);
        }
        if facts.id != 0 && policy.resolves_loose_references() {
            self.index.add_id(facts.id, facts.version);
        }
        let unfit = match facts.request {
            Request::Unfit => Some(Kind::RequestUrl),
            Request::Of(key) if !self.index.add_request(key) => Some(Kind::RepeatedRequest),
            Request::Of(_) | Request::None => None,
        };
        if let Some(kind) = unfit {
            let site = self.fixed_site(2, ".request.url", "/request/url");
            self.settle(Fact::of(kind, 0, site), "", policy, issues);
        }
        for fact in &facts.references {
            match self.find(fact.kind, fact.key, fact.version, policy) {
                Found::Yes(type_index) => {
                    if fact.shown {
                        continue;
                    }
                    let targets = fact.targets;
                    if self
                        .name_of(type_index)
                        .is_some_and(|name| !reference::fits(targets, name))
                    {
                        let one = self.deferred_of(*fact);
                        let mut issue = self.issue(&rule::R4_REFERENCE_TARGET, &one);
                        issue.detail = reference::expected(targets);
                        issues.push(issue);
                    }
                }
                Found::No | Found::OtherVersion => {
                    self.settle(*fact, facts.texts.get(fact.text), policy, issues);
                }
            }
        }
    }

    /// Takes the slices that the entry of this number is in.
    #[cold]
    fn take_slices(&mut self, sliced: &[Sliced], index: usize, issues: &mut Issues) {
        let mut broken = Vec::new();
        self.passed.take(sliced, &mut |rule, constraint| {
            broken.push((rule, Arc::clone(constraint)));
        });
        for (rule, constraint) in broken {
            let mut issue = self.of_entry(rule, index);
            issue.constraint = Some(constraint);
            issues.push(issue);
        }
    }

    /// Whether this is or may be a document.
    fn may_be_document(&self) -> bool {
        matches!(self.known, None | Some(BundleType::Document))
    }

    fn fixed_site(&mut self, hash: u64, path: &str, pointer: &str) -> u32 {
        self.sites.index_of(hash, || Site {
            path: path.to_owned(),
            pointer: pointer.to_owned(),
            targets: &[],
        })
    }

    /// Looks up the target of a reference. A relative reference in an entry without a RESTful full URL has no target,
    /// unless the policy resolves it by type and id.
    fn find(&self, kind: Kind, key: u64, version: u64, policy: Policy) -> Found {
        match kind {
            Kind::Conditional | Kind::Rootless => Found::No,
            Kind::Loose if policy.resolves_loose_references() => self.index.find_id(key, version),
            Kind::Loose => Found::No,
            _ => self.index.find(key, version),
        }
    }

    /// Makes a check of the last entry if that is possible already, or defers it. `text` is that of a reference.
    fn settle(&mut self, fact: Fact, text: &str, policy: Policy, issues: &mut Issues) {
        let one = self.deferred_of(fact);
        if fact.kind.is_of_type() && self.known.is_some() {
            if let Some((rule, detail)) = self.broken_rule(&one, self.known.as_ref(), policy) {
                let mut issue = self.issue(rule, &one);
                issue.detail = detail;
                issues.push(issue);
            }
            return;
        }
        self.deferred.push(one);
        self.last.push(self.texts.add(text));
    }

    fn deferred_of(&self, fact: Fact) -> Deferred {
        Deferred {
            kind: fact.kind,
            included: fact.included,
            xpath: 0,
            entry: u32::try_from(self.count.saturating_sub(1)).unwrap_or(u32::MAX),
            site: fact.site,
            key: fact.key,
            version: fact.version,
            spot: CompactPosition::default(),
        }
    }

    /// The FHIRPath and JSON pointer of a deferred check.
    fn place_of(&self, one: &Deferred) -> (String, String) {
        let site = self.sites.get(one.site);
        let path = format!("{}.entry[{}]{}", self.path, one.entry, site.path);
        (path, self.pointer_of(one))
    }

    fn pointer_of(&self, one: &Deferred) -> String {
        let site = self.sites.get(one.site);
        format!("{}/entry/{}{}", self.pointer, one.entry, site.pointer)
    }

    fn issue(&self, rule: &'static healthcode_core::Rule, one: &Deferred) -> Issue {
        let (path, pointer) = self.place_of(one);
        let mut issue = Issue::at(rule, path, pointer, Detail::None);
        issue.position = one.spot.position();
        issue.xpath = self.xpaths.get(one.xpath, one.entry as usize);
        issue
    }
}

impl std::fmt::Debug for BundleChecker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BundleChecker")
            .field("entries", &self.count)
            .field("deferred", &self.deferred.len())
            .finish_non_exhaustive()
    }
}

/// Reports a full URL that is relative, or is a RESTful one and not that of its resource.
pub(crate) fn check_full_url(
    url: &str,
    resource: Option<(&'static str, &str)>,
    names: Names,
    path: &Path<'_>,
    policy: Policy,
    issues: &mut Issues,
) {
    let mut report = |rule, detail| {
        let path = path.child(Step::field("fullUrl"));
        issues.push(Issue::new(rule, &path, detail));
    };
    if !is_absolute(url) {
        let detail = Detail::Expected("an absolute URL or a urn:uuid:");
        return report(&rule::R4_FULL_URL, detail);
    }
    let Some((name, id)) = resource else {
        return;
    };
    // The invariant bdl-8 reports a version in it.
    match reference::restful(url, names) {
        Some((_, named, last)) if named != name || last != id => {
            report(&rule::R4_FULL_URL_ID, Detail::None);
        }
        // R4 does not require this of other URLs; a policy may report it.
        None => {
            let deviation = policy.deviation(&rule::R4_FULL_URL_ID, Subject::FullUrl(url, id));
            if let Some(Some(rule)) = deviation {
                report(rule, Detail::None);
            }
        }
        _ => {}
    }
}
