//! References by id, by type and id, and by URL.

use super::super::source::referred;
use super::super::truth::Truth;
use super::super::walk::{Found, text_at};
use super::super::{Index, Reason};
use healthcode_search::Reference;

/// Whether a value leads to what is searched for: by what it resolves to, or as it is written. `target` is
/// the type of resource that it has to be.
pub(super) fn matches(
    wanted: &Reference,
    target: Option<&str>,
    found: Found<'_>,
    index: &Index<'_>,
    item: u32,
) -> Truth {
    let Some(text) = referred(found) else {
        return Truth::from(within(wanted, target, found));
    };
    let text = text.split("/_history/").next().unwrap_or(text);
    let resolved = index.resolve(item, text);
    let same = |resource: Option<&str>, id: &str| {
        let resolved = resolved.is_some_and(|resolved| {
            let (name, own) = index.identity(resolved);
            resource.is_none_or(|wanted| wanted == name) && own == Some(id)
        });
        let mut parts = text.rsplit('/');
        let written = parts.next() == Some(id)
            && match (resource, parts.next()) {
                (Some(resource), Some(before)) => resource == before,
                (None, Some(_)) => true,
                (_, None) => false,
            };
        // What a URN leads to has an id that is not known here.
        match resolved || written {
            false if text.starts_with("urn:") && index.resolve(item, text).is_none() => {
                Truth::Unknown(Reason::Unresolved)
            }
            same => Truth::from(same),
        }
    };
    match wanted {
        Reference::Id(id) => same(target, id),
        Reference::Typed { resource, id } => {
            if target.is_none_or(|target| resource == target) {
                same(Some(resource), id)
            } else {
                Truth::No
            }
        }
        Reference::Url(url) => {
            let full = resolved.and_then(|resolved| index.full_url(resolved));
            // Of canonical references, any version where none is requested.
            let any_version = text.split_once('|').is_some_and(|parts| *url == parts.0);
            let relative = !super::is_absolute(text)
                && url
                    .strip_suffix(text)
                    .is_some_and(|rest| rest.ends_with('/'));
            Truth::from(
                *url == text
                    || any_version
                    || full.is_some_and(|full| *url == full)
                    || (full.is_none() && relative),
            )
        }
        _ => Truth::No,
    }
}

/// Whether a value is a contained resource that the parameter refers to.
fn within(wanted: &Reference, target: Option<&str>, found: Found<'_>) -> bool {
    let Found::Element(element) = found else {
        return false;
    };
    let schema = element.schema();
    if !schema.is_resource() || target.is_some_and(|target| target != schema.name) {
        return false;
    }
    let Some(own) = text_at(element, "id") else {
        return false;
    };
    match wanted {
        Reference::Id(id) => id == own,
        Reference::Typed { resource, id } => resource == schema.name && id == own,
        _ => false,
    }
}
