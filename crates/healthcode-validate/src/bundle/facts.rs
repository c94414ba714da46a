//! The facts of one entry, without the others.

use super::deferred::{Kind, Site, TextRange, Texts, is_closed, site_hash};
use super::entry::EntryView;
use super::identity::Unidentified;
use super::index::{self, NO_TYPE};
use super::request::Request;
use super::{BundleChecker, Entry, check_full_url};
use crate::Policy;
use crate::field::FieldFacts;
use crate::profile::passed::Sliced;
use crate::reference::{self, Form};
use healthcode_core::{Issues, Path, Step};
use std::sync::Arc;

/// What the checks of a Bundle need to know about one entry: keys and places, no text of the payload.
///
/// [`Validator::validate_entry_alone`](crate::Validator::validate_entry_alone) returns it.
#[derive(Clone, Default)]
pub(crate) struct EntryFacts {
    pub(super) entry: Entry,
    /// The keys of its full URL, its type and id (where that may matter), and its version; 0 for none.
    pub(super) url: u64,
    pub(super) id: u64,
    pub(super) version: u64,
    pub(super) request: Request,
    /// Its references that must be checked with other entries.
    pub(super) references: Vec<Fact>,
    /// The texts of these.
    pub(super) texts: Texts,
    /// The keys of all targets of its references, if the Bundle is or may be a document.
    pub(super) links: Vec<u64>,
    /// How it fits the profiles of the Bundle.
    pub(super) sliced: Vec<Sliced>,
}

/// A reference or another fact that is checked with the rest of the Bundle.
#[derive(Clone, Copy)]
pub(super) struct Fact {
    pub(super) kind: Kind,
    /// Whether its target must be in the same document or message.
    pub(super) included: bool,
    /// Whether the type of its target has been checked, since the reference shows it.
    pub(super) shown: bool,
    /// Where in the entry, and its text.
    pub(super) site: u32,
    /// The types that its target may have.
    pub(super) targets: &'static [&'static str],
    pub(super) text: TextRange,
    pub(super) key: u64,
    /// The hash of a version; 0 for none.
    pub(super) version: u64,
}

impl Fact {
    pub(super) fn of(kind: Kind, key: u64, site: u32) -> Self {
        Fact {
            kind,
            included: false,
            shown: true,
            site,
            targets: &[],
            text: TextRange::default(),
            key,
            version: 0,
        }
    }
}

impl std::fmt::Debug for EntryFacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EntryFacts")
            .field("references", &self.references.len())
            .finish_non_exhaustive()
    }
}

/// Whether the targets of a field must be in the same Bundle, if the Bundle is a document or message
/// and its first resource has the field (FHIR R4 documents.html#content, messaging.html#message).
fn is_included(holder: &FieldFacts) -> bool {
    let names: &[&str] = match holder.owner.name {
        "Composition" => &["subject", "encounter", "author", "custodian"],
        "Composition.attester" => &["party"],
        "Composition.event" => &["detail"],
        "Composition.section" => &["author", "focus", "entry"],
        "MessageHeader" => &["focus"],
        _ => return false,
    };
    names.contains(&holder.definition.name())
}

impl BundleChecker {
    /// Begins an entry: checks its full URL, and notes the keys that references can find it by.
    pub(crate) fn open_entry(
        &mut self,
        entry: &EntryView<'_>,
        whole: bool,
        path: &Path<'_>,
        policy: Policy,
        issues: &mut Issues,
    ) {
        self.open = true;
        self.opened_at = std::ptr::from_ref(path).addr();
        self.base.clear();
        self.has_url = false;
        let resource = entry.resource;
        let names = self.names();
        let known = resource.and_then(|resource| self.type_of(resource.name?));
        let name = known.map(|(name, _)| name);
        let mut id = resource.and_then(|resource| resource.id);
        let version = resource.and_then(|resource| resource.version);
        // The memory of the last entry's facts is used again.
        let facts = &mut self.facts;
        facts.entry = Entry {
            type_index: known.map_or(NO_TYPE, |(_, index)| index),
            unidentified: Unidentified::of(entry),
            search: entry.search,
            request: entry.request.is_some(),
            response: entry.response,
            whole,
        };
        (facts.url, facts.id) = (0, 0);
        facts.version = version.map_or(0, index::key);
        facts.request = entry.request.as_ref().map_or(Request::None, |request| {
            Request::of(request, resource, names)
        });
        facts.references.clear();
        facts.texts.clear();
        facts.links.clear();
        facts.sliced.clear();
        if let Some(url) = entry.full_url
            && !url.is_empty()
        {
            self.has_url = true;
            check_full_url(url, name.zip(id), names, path, policy, issues);
            if let Some((base, _, last)) = reference::restful(url, names) {
                self.base.push_str(base);
                id = id.or(Some(last));
            }
            self.facts.url = index::key(url);
        }
        if let (Some(name), Some(id)) = (name, id)
            && (policy.resolves_loose_references() || self.may_be_document())
        {
            self.scratch.clear();
            self.scratch.extend([name, "/", id]);
            self.facts.id = index::key(&self.scratch);
        }
    }

    /// Ends an entry: reports its issues beside the entries before it.
    pub(crate) fn close_entry(&mut self, policy: Policy, issues: &mut Issues) {
        self.open = false;
        self.facts.sliced.append(&mut self.sliced);
        if !self.apart {
            let facts = std::mem::take(&mut self.facts);
            self.take(&facts, policy, issues);
            // The memory is used again.
            self.facts = facts;
        }
    }

    /// Notes a reference in the open entry, by its text and the form of that; `path` is that of its element.
    pub(crate) fn reference(
        &mut self,
        (text, form): (&str, Form<'_>),
        holder: Option<&FieldFacts>,
        path: &Path<'_>,
    ) {
        if !self.open {
            return;
        }
        let targets = holder.map_or(&[][..], |holder| holder.targets);
        let included = self.count == 0 && holder.is_some_and(is_included);
        let (kind, key, version, shown) = match form {
            Form::Contained(_) | Form::UnknownType(_) | Form::Malformed => return,
            Form::Conditional(_) => (Kind::Conditional, 0, None, true),
            Form::Relative {
                target, version, ..
            } if self.base.is_empty() => {
                let kind = if self.has_url {
                    Kind::Rootless
                } else {
                    Kind::Loose
                };
                (kind, index::key(target), version, true)
            }
            Form::Relative {
                target, version, ..
            } => {
                self.scratch.clear();
                self.scratch.extend([&self.base, "/", target]);
                (Kind::Based, index::key(&self.scratch), version, true)
            }
            Form::Absolute {
                url,
                shown,
                version,
            } => {
                let urn = url.starts_with("urn:uuid:") || url.starts_with("urn:oid:");
                let kind = if urn { Kind::Urn } else { Kind::Absolute };
                let key = index::key(url);
                let included = included && self.known.as_ref().is_none_or(is_closed);
                if shown.is_some() && version.is_none() && !included {
                    self.link(key);
                    return;
                }
                (kind, key, version, shown.is_some())
            }
        };
        self.link(key);
        let version = version.map_or(0, index::key);
        if !kind.can_matter(self.known.as_ref(), version != 0, included) {
            return;
        }
        let site = self.site(&path.child(Step::field("reference")), targets);
        let text = self.facts.texts.add(text);
        self.facts.references.push(Fact {
            kind,
            included,
            shown,
            site,
            targets,
            text,
            key,
            version,
        });
    }

    fn link(&mut self, key: u64) {
        if self.may_be_document() {
            self.facts.links.push(key);
        }
    }

    /// The number of a place in the entry that is open.
    fn site(&mut self, path: &Path<'_>, targets: &'static [&'static str]) -> u32 {
        let hash = site_hash(self.opened_at, path, targets);
        let digits = self.count.checked_ilog10().unwrap_or(0) as usize + 1;
        let path_start = self.path.len() + ".entry[]".len() + digits;
        let pointer_start = self.pointer.len() + "/entry/".len() + digits;
        self.sites.index_of(hash, || {
            let after = |text: String, start| text.get(start..).unwrap_or_default().to_owned();
            Site {
                path: after(path.to_fhirpath(), path_start),
                pointer: after(path.to_pointer(), pointer_start),
                targets,
            }
        })
    }

    /// A checker for a worker that validates single entries of this Bundle by themselves.
    pub(crate) fn for_worker(&self) -> BundleChecker {
        BundleChecker {
            path: Arc::clone(&self.path),
            pointer: Arc::clone(&self.pointer),
            known: self.known.clone(),
            claims: self.claims.clone(),
            sites: self.sites.clone(),
            release: self.release,
            remembered: self.remembered.clone(),
            apart: true,
            ..BundleChecker::default()
        }
    }

    /// Goes to the entry of this number.
    pub(crate) fn go_to(&mut self, index: usize) {
        self.count = index;
    }

    /// The facts of the last entry, without more memory than they need: it is another thread that frees it.
    pub(crate) fn facts(&self) -> EntryFacts {
        self.facts.clone()
    }
}
