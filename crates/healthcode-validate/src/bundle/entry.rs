//! [`EntryView`]: what the rules of Bundles need of an entry, for entries of all releases.

use healthcode_core::{Element, SchemaKind, Untyped};
use healthcode_r4::codes::{HTTPVerb, SearchEntryMode};
use healthcode_r4::{BundleEntry, Resource};

/// An entry of a Bundle.
pub(crate) struct EntryView<'e> {
    pub(super) full_url: Option<&'e str>,
    /// Whether `fullUrl` has neither a value nor an extension.
    pub(super) url_is_empty: bool,
    pub(super) resource: Option<ResourceView<'e>>,
    pub(super) request: Option<RequestView<'e>>,
    /// Whether the entry has `search`.
    pub(super) search: bool,
    pub(super) mode: Option<SearchEntryMode>,
    pub(super) response: bool,
}

/// A resource in an entry.
#[derive(Clone, Copy)]
pub(crate) struct ResourceView<'e> {
    pub(super) name: Option<&'e str>,
    pub(super) id: Option<&'e str>,
    pub(super) version: Option<&'e str>,
    /// Whether the release does not define its type.
    pub(super) unknown: bool,
}

/// The request of an entry.
pub(crate) struct RequestView<'e> {
    pub(super) url: Option<&'e str>,
    pub(super) method: Option<HTTPVerb>,
}

impl<'e> EntryView<'e> {
    /// The view of an entry; `None` if the element is not an entry of a Bundle.
    pub(crate) fn of(element: &'e dyn Element) -> Option<EntryView<'e>> {
        match element.downcast_ref::<BundleEntry>() {
            Some(entry) => Some(EntryView::of_r4(entry)),
            None => EntryView::of_untyped(element.downcast_ref()?),
        }
    }

    fn of_r4(entry: &'e BundleEntry) -> EntryView<'e> {
        let request = entry.request.as_deref();
        EntryView {
            full_url: entry.full_url.as_str(),
            url_is_empty: entry.full_url.is_empty(),
            resource: entry.resource.as_ref().map(ResourceView::of_r4),
            request: request.map(|request| RequestView {
                url: request.url.as_str(),
                method: request.method.value().cloned(),
            }),
            search: entry.search.is_some(),
            mode: entry
                .search
                .as_deref()
                .and_then(|search| search.mode.value().cloned()),
            response: entry.response.is_some(),
        }
    }

    #[cold]
    fn of_untyped(entry: &'e Untyped) -> Option<EntryView<'e>> {
        if entry.schema().name != "Bundle.entry" {
            return None;
        }
        let full_url = entry.text("fullUrl");
        let search = entry.get("search");
        Some(EntryView {
            full_url,
            url_is_empty: full_url.is_none() && !entry.has("fullUrl"),
            resource: entry.get("resource").map(ResourceView::of_untyped),
            request: entry.get("request").map(|request| RequestView {
                url: request.text("url"),
                method: request.text("method").map(HTTPVerb::from),
            }),
            search: search.is_some(),
            mode: search
                .and_then(|search| search.text("mode"))
                .map(SearchEntryMode::from),
            response: entry.get("response").is_some(),
        })
    }
}

impl<'e> ResourceView<'e> {
    pub(super) fn of_r4(resource: &'e Resource) -> ResourceView<'e> {
        ResourceView {
            name: resource.resource_type(),
            id: resource.id(),
            version: resource.meta().and_then(|meta| meta.version_id.as_str()),
            unknown: matches!(resource, Resource::Unknown(_)),
        }
    }

    fn of_untyped(resource: &'e Untyped) -> ResourceView<'e> {
        let schema = resource.schema();
        let known = schema.kind == SchemaKind::Resource;
        ResourceView {
            name: known.then_some(schema.name),
            id: resource.text("id"),
            version: resource.get("meta").and_then(|meta| meta.text("versionId")),
            unknown: !known,
        }
    }
}
