//! The links of a Bundle: each relation between pages may occur once, and a searchset has a link to itself.
//!
//! Facts are from FHIR R4 http.html#paging and search.html#conformance.

use crate::Policy;
use crate::policy::Subject;
use crate::registry as rule;
use healthcode_core::{Detail, Issue, Issues, Path, Step};
use healthcode_r4::Bundle;
use healthcode_r4::codes::BundleType;

/// The relations between the pages of a list, each of which has one page as its target.
const OF_PAGES: &[&str] = &["self", "first", "previous", "prev", "next", "last"];

/// Reports repeated relations, and results of a search without the query that they answer.
pub(super) fn check(
    bundle: &Bundle,
    kind: &BundleType,
    policy: Policy,
    path: &Path<'_>,
    issues: &mut Issues,
) {
    let list = path.child(Step::field("link"));
    let mut seen = [false; OF_PAGES.len()];
    for (index, link) in bundle.link.iter().enumerate() {
        let relation = link.relation.as_str().unwrap_or_default();
        let found = OF_PAGES.iter().zip(&mut seen);
        let mut found = found.filter(|(name, _)| **name == relation);
        if let Some((_, seen)) = found.next()
            && std::mem::replace(seen, true)
        {
            let path = list.child(Step::Index(index));
            let path = path.child(Step::field("relation"));
            issues.push(Issue::new(&rule::R4_LINK_REPEATED, &path, Detail::None));
        }
    }
    if *kind == BundleType::Searchset && own(bundle).is_none() {
        let (rule, subject) = (&rule::R4_SEARCHSET_SELF, Subject::Bundle(kind));
        policy.report(rule, &list, Detail::None, subject, issues);
    }
}

/// Whether a searchset says that it is the result of a search rather than of an operation.
pub(super) fn is_search(bundle: &Bundle) -> bool {
    own(bundle).is_some_and(|url| {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        !path.split('/').any(|step| step.starts_with('$'))
    })
}

/// The URL of the Bundle itself.
fn own(bundle: &Bundle) -> Option<&str> {
    let own = bundle.link.iter().find(|link| link.relation == "self");
    own?.url.as_str()
}
