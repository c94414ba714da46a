//! Twins for Bundles.

use crate::entries::{Counts, First};
use crate::invariant::given::{Given, distinct, is, is_not};
use crate::place::Place;
use healthcode_r4::{Bundle, BundleEntry, Resource};

const WITH_TOTAL: &[&str] = &["searchset", "history"];
const REQUESTS: &[&str] = &["batch", "transaction", "history"];
const RESPONSES: &[&str] = &["batch-response", "transaction-response", "history"];

twins! {
    "bdl-1": Bundle, |it| !it.total.given() || !is_not(&it.type_, WITH_TOTAL);
    "bdl-2": Bundle, |it, place| !is_not(&it.type_, &["searchset"])
        || counts(it, place).searches == 0;
    "bdl-3": Bundle, |it, place| {
        let counts = counts(it, place);
        all_or_none(is(&it.type_, REQUESTS), is_not(&it.type_, REQUESTS), counts.requests, counts.all)
    };
    "bdl-4": Bundle, |it, place| {
        let counts = counts(it, place);
        all_or_none(is(&it.type_, RESPONSES), is_not(&it.type_, RESPONSES), counts.responses, counts.all)
    };
    "bdl-5": BundleEntry, |it| it.resource.given() || it.request.given() || it.response.given();
    "bdl-7": Bundle, |it, place| is(&it.type_, &["history"]) || match place.entries {
        Some(entries) => !entries.repeated,
        None => distinct(it.entry.iter().filter_map(identity)),
    };
    "bdl-8": BundleEntry, |it| it.full_url.as_str().is_none_or(|url| !url.contains("/_history/"));
    "bdl-9": Bundle, |it| !is(&it.type_, &["document"]) || it.identifier.as_ref()
        .is_some_and(|identifier| identifier.system.given() && identifier.value.given());
    "bdl-10": Bundle, |it| !is(&it.type_, &["document"]) || it.timestamp.value().is_some();
    "bdl-11": Bundle, |it, place| !is(&it.type_, &["document"])
        || counts(it, place).first == First::Composition;
    "bdl-12": Bundle, |it, place| !is(&it.type_, &["message"])
        || counts(it, place).first == First::MessageHeader;
}

fn counts(bundle: &Bundle, place: &Place<'_, '_>) -> Counts {
    match place.entries {
        Some(entries) => entries.counts,
        None => Counts::of(&bundle.entry),
    }
}

/// Whether all entries have something that they must have, or none has what it must not.
fn all_or_none(must: bool, must_not: bool, have: usize, all: usize) -> bool {
    (!must || have == all) && (!must_not || have == 0)
}

/// What tells an entry from others: URL and version.
pub(crate) fn identity(entry: &BundleEntry) -> Option<(&str, &str)> {
    let url = entry.full_url.as_str()?;
    let meta = entry.resource.as_ref().and_then(Resource::meta);
    let version = meta.and_then(|meta| meta.version_id.as_str());
    Some((url, version.unwrap_or_default()))
}
