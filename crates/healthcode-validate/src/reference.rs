//! References: their form, the type that they show, and whether their element takes that type.
//!
//! Facts are from FHIR R4 references.html and bundle.html#references.

pub(crate) mod check;

use crate::uri::is_absolute;
use healthcode_core::{Detail, PrimitiveKind, lexical};
use healthcode_r4::Resource;

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

/// The name of a type of resource, if R4 has it.
pub(crate) fn type_name(name: &str) -> Option<&'static str> {
    let names = Resource::TYPE_NAMES;
    let index = names.binary_search(&name).ok()?;
    names.get(index).copied()
}

fn is_id(text: &str) -> bool {
    lexical::check(PrimitiveKind::Id, text).is_ok()
}

/// Splits `…/_history/version`.
pub(crate) fn split_version(text: &str) -> (&str, Option<&str>) {
    // A byte is found faster than a text.
    if !text.contains('_') {
        return (text, None);
    }
    match text.rsplit_once("/_history/") {
        Some((target, version)) if !version.contains('/') => (target, Some(version)),
        _ => (text, None),
    }
}

/// The base, type and id of a RESTful URL: `base/Type/id`, where the base is that of a server, without
/// query and fragment (FHIR R4 references.html#literal has its regular expression).
pub(crate) fn restful(url: &str) -> Option<(&str, &'static str, &str)> {
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return None;
    }
    let (before, id) = url.rsplit_once('/')?;
    let (base, name) = before.rsplit_once('/')?;
    let name = type_name(name)?;
    (is_id(id) && !base.contains(['?', '#'])).then_some((base, name, id))
}

/// The type of a conditional reference, `Type?parameters`, whatever its parameters hold: they are for
/// the server to read (FHIR R4 http.html#trules).
fn conditional(text: &str) -> Option<&str> {
    let (name, parameters) = text.split_once(['?', '/', '#'])?;
    let is_conditional = text.as_bytes().get(name.len()) == Some(&b'?') && !parameters.is_empty();
    is_conditional.then_some(name)
}

/// Whether a text may be the name of a type of resource that R4 does not have.
fn is_type_like(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl<'t> Form<'t> {
    pub(crate) fn of(text: &'t str) -> Form<'t> {
        if let Some(id) = text.strip_prefix('#') {
            return Form::Contained(id);
        }
        if is_absolute(text) {
            return Form::absolute(text);
        }
        if let Some(name) = conditional(text) {
            return type_name(name).map_or_else(|| Form::unknown(name), Form::Conditional);
        }
        let (target, version) = split_version(text);
        let Some((name, id)) = target.split_once('/') else {
            return Form::Malformed;
        };
        if !is_id(id) || !version.is_none_or(is_id) {
            return Form::Malformed;
        }
        match type_name(name) {
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

    fn absolute(text: &'t str) -> Form<'t> {
        // The urns of these two have a form, which a uri is held to as well.
        let good = lexical::check(PrimitiveKind::Uri, text).is_ok();
        if !good {
            return Form::Malformed;
        }
        let (url, version) = split_version(text);
        Form::Absolute {
            url,
            shown: restful(url).map(|(_, shown, _)| shown),
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
mod tests {
    use super::Form;

    #[test]
    fn forms() {
        let shown = |text| match Form::of(text) {
            Form::Contained(id) => format!("contained {id}"),
            Form::Relative {
                target,
                shown,
                version,
            } => format!("relative {target} {shown} {version:?}"),
            Form::Absolute {
                url,
                shown,
                version,
            } => format!("absolute {url} {shown:?} {version:?}"),
            Form::Conditional(name) => format!("conditional {name}"),
            Form::UnknownType(name) => format!("unknown {name}"),
            Form::Malformed => "malformed".to_owned(),
        };
        for (text, expect) in [
            ("#", "contained "),
            ("#a b", "contained a b"),
            ("Patient/1", "relative Patient/1 Patient None"),
            (
                "Patient/1/_history/2",
                "relative Patient/1 Patient Some(\"2\")",
            ),
            (
                "http://a.b/fhir/Patient/1",
                "absolute http://a.b/fhir/Patient/1 Some(\"Patient\") None",
            ),
            (
                "https://a.b/Patient/1/_history/2",
                "absolute https://a.b/Patient/1 Some(\"Patient\") Some(\"2\")",
            ),
            (
                "https://a.b/patient/1",
                "absolute https://a.b/patient/1 None None",
            ),
            (
                "ftp://a.b/Patient/1",
                "absolute ftp://a.b/Patient/1 None None",
            ),
            ("urn:oid:1.2.3", "absolute urn:oid:1.2.3 None None"),
            (
                "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
                "absolute urn:uuid:c757873d-ec9a-4326-a141-556f43239520 None None",
            ),
            ("Patient?identifier=a|b", "conditional Patient"),
            ("Patient?identifier=http://a.b/c|1", "conditional Patient"),
            (
                "Patient?name=a/b _history/ \u{e9}%20#1",
                "conditional Patient",
            ),
            (
                "Patient?organization=Organization/1/_history/2",
                "conditional Patient",
            ),
            ("Patient?", "malformed"),
            ("?identifier=a", "malformed"),
            ("patient?identifier=a", "malformed"),
            ("Patient/1?identifier=a", "malformed"),
            ("Patient/_search?identifier=a", "malformed"),
            (
                "https://a.b/Patient?x=Patient/1",
                "absolute https://a.b/Patient?x=Patient/1 None None",
            ),
            (
                "https://a.b/#/Patient/1",
                "absolute https://a.b/#/Patient/1 None None",
            ),
            ("Site/HC010EO", "unknown Site"),
            ("urn:uuid:x", "malformed"),
            ("urn:oid:01", "malformed"),
            ("http://a b", "malformed"),
            ("Patient", "malformed"),
            ("Patient/", "malformed"),
            ("/Patient/1", "malformed"),
            ("../Patient/1", "malformed"),
            ("Patient/1/2", "malformed"),
            ("Patient/a_b", "malformed"),
            ("Patient/1/_history/", "malformed"),
            ("patient/1", "malformed"),
            ("Site?x=y", "unknown Site"),
            ("John Smith", "malformed"),
        ] {
            assert_eq!(shown(text), expect, "{text}");
        }
    }
}
