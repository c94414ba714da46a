//! References: their form, the type that they show, and whether their element takes that type.
//!
//! Facts are from FHIR R4 references.html and bundle.html#references.

pub(crate) mod check;

use crate::uri::is_absolute;
use healthcode_core::{Detail, PrimitiveKind, lexical};
use memchr::{memchr, memchr2, memchr3, memrchr};

/// A literal reference, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form<'t> {
    /// `#id`: a contained resource; with an empty id the one that contains.
    Contained(&'t str),
    /// `Type/id`.
    Relative {
        target: &'t str,
        shown: &'static str,
        version: Option<&'t str>,
    },
    /// A URL or URN, and the type that a URL shows.
    Absolute {
        url: &'t str,
        shown: Option<&'static str>,
        version: Option<&'t str>,
    },
    /// `Type?parameters`, which a transaction may have.
    Conditional(&'static str),
    /// `Type/id` of a type that R4 does not have.
    UnknownType(&'t str),
    Malformed,
}

/// The names of the types of resources that a release has, sorted.
pub(crate) type Names = &'static [&'static str];

/// The name of a type of resource, if the release has it.
pub(crate) fn type_name(name: &str, names: Names) -> Option<&'static str> {
    let index = names.binary_search(&name).ok()?;
    names.get(index).copied()
}

fn is_id(text: &str) -> bool {
    lexical::check(PrimitiveKind::Id, text).is_ok()
}

/// Whether a URL may name a version: a byte is found faster than a text.
pub(crate) fn has_history(url: &str) -> bool {
    memchr(b'_', url.as_bytes()).is_some() && url.contains("/_history/")
}

/// Splits `…/_history/version`.
pub(crate) fn split_version(text: &str) -> (&str, Option<&str>) {
    if !has_history(text) {
        return (text, None);
    }
    match text.rsplit_once("/_history/") {
        Some((target, version)) if !version.contains('/') => (target, Some(version)),
        _ => (text, None),
    }
}

/// The base, type and id of a RESTful URL: `base/Type/id`, where the base is that of a server, without
/// query and fragment (FHIR R4 references.html#literal has its regular expression).
pub(crate) fn restful(url: &str, names: Names) -> Option<(&str, &'static str, &str)> {
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return None;
    }
    let last = |text: &str| memrchr(b'/', text.as_bytes());
    let (before, id) = url.split_at(last(url)?);
    let (base, name) = before.split_at(last(before)?);
    let (name, id) = (&name[1..], &id[1..]);
    let name = type_name(name, names)?;
    (is_id(id) && !has_query(base)).then_some((base, name, id))
}

fn has_query(url: &str) -> bool {
    memchr2(b'?', b'#', url.as_bytes()).is_some()
}

/// The type of a conditional reference, `Type?parameters`, whatever its parameters hold: they are for
/// the server to read (FHIR R4 http.html#trules).
fn conditional(text: &str) -> Option<&str> {
    let end = memchr3(b'?', b'/', b'#', text.as_bytes())?;
    let (name, parameters) = text.split_at(end);
    let is_conditional = parameters.starts_with('?') && parameters.len() > 1;
    is_conditional.then_some(name)
}

/// Whether a text may be the name of a type of resource that R4 does not have.
fn is_type_like(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl<'t> Form<'t> {
    pub(crate) fn of(text: &'t str, names: Names) -> Form<'t> {
        if let Some(id) = text.strip_prefix('#') {
            return Form::Contained(id);
        }
        if is_absolute(text) {
            return Form::absolute(text, names);
        }
        if let Some(name) = conditional(text) {
            return type_name(name, names).map_or_else(|| Form::unknown(name), Form::Conditional);
        }
        let (target, version) = split_version(text);
        let Some((name, id)) = target.split_once('/') else {
            return Form::Malformed;
        };
        if !is_id(id) || !version.is_none_or(is_id) {
            return Form::Malformed;
        }
        match type_name(name, names) {
            Some(shown) => Form::Relative {
                target,
                shown,
                version,
            },
            None => Form::unknown(name),
        }
    }

    /// What is no type of R4's.
    fn unknown(name: &'t str) -> Form<'t> {
        if is_type_like(name) {
            Form::UnknownType(name)
        } else {
            Form::Malformed
        }
    }

    fn absolute(text: &'t str, names: Names) -> Form<'t> {
        // The urns of these two have a form, which a uri is held to as well.
        let good = lexical::check(PrimitiveKind::Uri, text).is_ok();
        if !good {
            return Form::Malformed;
        }
        let (url, version) = split_version(text);
        Form::Absolute {
            url,
            shown: restful(url, names).map(|(_, shown, _)| shown),
            version,
        }
    }

    /// The type that it shows by itself.
    fn shown(self) -> Option<&'static str> {
        match self {
            Form::Relative { shown, .. } | Form::Conditional(shown) => Some(shown),
            Form::Absolute { shown, .. } => shown,
            _ => None,
        }
    }
}

/// Whether an element that takes these targets takes a type.
pub(crate) fn fits(targets: &[&'static str], name: &str) -> bool {
    let takes = |target: &&str| *target == name || *target == "Resource" || target.contains(':');
    targets.is_empty() || targets.iter().any(takes)
}

/// What was expected where a type does not fit.
pub(crate) fn expected(targets: &[&'static str]) -> Detail {
    match targets {
        [one] => Detail::Expected(one),
        _ => Detail::None,
    }
}

#[cfg(test)]
mod tests;
