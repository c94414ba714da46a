//! What identifies the resource of an entry: the full URL, and the id in the results of a search.
//!
//! Facts are from FHIR R4 bundle-definitions.html#Bundle.entry.fullUrl and
//! resource-definitions.html#Resource.id.

use super::entry::EntryView;
use crate::Policy;
use crate::policy::Subject;
use crate::registry as rule;
use healthcode_core::{Rule, Severity};
use healthcode_r4::codes::{BundleType, HTTPVerb, SearchEntryMode};

/// Which identity the resource of an entry lacks.
#[derive(Clone, Copy, Default)]
pub(super) struct Unidentified {
    /// The entry has a resource and no full URL.
    url: bool,
    /// No full URL is required: the resource is not created yet, is a patch, or reports on the search itself.
    excused: bool,
    /// The resource has no id, and is not an `OperationOutcome` of the search itself.
    id: bool,
    /// The entry says that its resource matches a search, or is included with those that do.
    found: bool,
}

impl Unidentified {
    pub(super) fn of(entry: &EntryView<'_>) -> Unidentified {
        let Some(resource) = &entry.resource else {
            return Unidentified::default();
        };
        let url = entry.url_is_empty;
        let id = resource.id.is_none();
        if !url && !id {
            return Unidentified::default();
        }
        let request = entry.request.as_ref();
        let method = request.and_then(|request| request.method.as_ref());
        let mode = entry.mode.as_ref();
        let of_search =
            resource.name == Some("OperationOutcome") || mode == Some(&SearchEntryMode::Outcome);
        Unidentified {
            url,
            excused: of_search || matches!(method, Some(HTTPVerb::Post | HTTPVerb::Patch)),
            id: id && !of_search && !resource.unknown,
            found: mode.is_some(),
        }
    }

    /// The rule that this breaks in a Bundle of this type, and the severity.
    ///
    /// The results of a search may be those of an operation, whose resources need no identity; an answer
    /// in a batch or transaction is identified by its response.
    pub(super) fn fault(
        self,
        kind: &BundleType,
        policy: Policy,
    ) -> Option<(&'static Rule, Severity)> {
        use BundleType::{Batch, Collection, Document, History, Message, Searchset, Transaction};
        let identified = match kind {
            Document | Message | History | Collection => true,
            Batch | Transaction => !self.excused,
            _ => false,
        };
        if self.url && identified {
            let rule = policy.reported(&rule::R4_FULL_URL_MISSING, Subject::Bundle(kind));
            return rule.map(|rule| (rule, Severity::Error));
        }
        if self.id && *kind == Searchset {
            let severity = if self.found {
                Severity::Error
            } else {
                Severity::Warning
            };
            return Some((&rule::R4_SEARCHSET_ID, severity));
        }
        None
    }

    /// Whether the results of a search that is no operation lack a full URL.
    pub(super) fn is_without_url(self) -> bool {
        self.url && !self.excused
    }
}
