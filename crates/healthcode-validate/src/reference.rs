//! References: their form, the type that they show, and whether their element takes that type.
//!
//! Facts are from FHIR R4 references.html and bundle.html#references.

use crate::bundle::BundleChecker;
use crate::place::Place;
use crate::policy::Subject;
use crate::registry as rule;
use healthcode_core::{Detail, FieldRef, Issue, Issues, PrimitiveKind, Step, ValueRef, lexical};
use healthcode_json::defects::step;
use healthcode_r4::{Reference, Resource};

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

/// Whether a text begins with the scheme of a URI.
pub(crate) fn is_absolute(text: &str) -> bool {
    let scheme = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let end = text.bytes().position(|byte| !scheme(byte));
    let letter = text.starts_with(|c: char| c.is_ascii_alphabetic());
    letter && end.is_some_and(|end| text.as_bytes().get(end) == Some(&b':'))
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

/// Reports what is wrong with a reference, and gives it to the Bundle around it.
pub(crate) fn judge(
    place: &Place<'_, '_>,
    bundle: Option<&mut BundleChecker>,
    issues: &mut Issues,
) {
    let Some(reference) = place.get::<Reference>() else {
        return;
    };
    let targets = place.holder.map_or(&[][..], |holder| holder.targets);
    let stated = reference.type_.as_str().and_then(|name| {
        let name = name.strip_prefix("http://hl7.org/fhir/StructureDefinition/");
        type_name(name.or(reference.type_.as_str())?)
    });
    let unfit = |name: Option<&str>| name.is_some_and(|name| !fits(targets, name));
    let mut report = |rule, field, detail| {
        let path = place.path.child(Step::field(field));
        issues.push(Issue::new(rule, &path, detail));
    };
    if unfit(stated) {
        report(&rule::R4_REFERENCE_TARGET, "type", expected(targets));
    }
    let text = reference.reference.as_str().unwrap_or_default();
    if text.is_empty() {
        return;
    }
    let form = Form::of(text);
    let mut shown = form.shown();
    match form {
        Form::Malformed => {
            let detail = Detail::Expected("Type/id, an absolute URL or URN, or #id");
            return report(&rule::R4_REFERENCE, "reference", detail);
        }
        Form::UnknownType(name) => {
            let nearest = healthcode_core::nearest(name, Resource::TYPE_NAMES.iter().copied());
            let detail = nearest.map_or(Detail::None, Detail::Nearest);
            let path = place.path.child(Step::field("reference"));
            let (rule, subject) = (&rule::R4_REFERENCE_RESOURCE, Subject::Text(name, &path));
            let policy = place.rules.policy;
            return policy.report(rule, &path, detail, subject, issues);
        }
        Form::Contained("") if place.root.schema().is_resource() => {
            shown = type_name(place.root.schema().name);
        }
        // One that is not contained is reported by the invariant ref-1.
        Form::Contained(id) => shown = place.contained(id).map(|it| it.schema().name),
        _ => {}
    }
    if unfit(shown) {
        report(&rule::R4_REFERENCE_TARGET, "reference", expected(targets));
    }
    if let (Some(stated), Some(shown)) = (stated, shown)
        && stated != shown
    {
        report(&rule::R4_REFERENCE_TYPE, "type", Detail::Expected(shown));
    }
    match bundle {
        Some(bundle) => bundle.reference(form, place.holder, place.path),
        None if matches!(form, Form::Conditional(_)) => {
            let detail = Detail::Expected("Type/id, an absolute URL or URN, or #id");
            report(&rule::R4_REFERENCE, "reference", detail);
        }
        None => {}
    }
}

/// Reports canonicals that point at a contained resource which is not there, or of another type.
pub(crate) fn judge_canonicals<'v>(place: &Place<'_, 'v>, issues: &mut Issues) {
    if !place.root.schema().is_resource() {
        return;
    }
    let mut judge = |field: &FieldRef<'v>, value, index: Option<usize>| {
        let ValueRef::Text(text) = value else {
            return;
        };
        let Some(id) = text.strip_prefix('#') else {
            return;
        };
        let definition = &place.schema.fields[field.index as usize];
        if let Some(one) = definition.types.get(field.choice as usize)
            && one.primitive == Some(PrimitiveKind::Canonical)
        {
            let path = place.path.child(step(definition, field.choice, false));
            let path = match index {
                Some(index) => &path.child(Step::Index(index)),
                None => &path,
            };
            match place.contained(id).map(|it| it.schema().name) {
                None => {
                    let rule = &rule::R4_CONTAINED_UNKNOWN;
                    issues.push(Issue::new(rule, path, Detail::None));
                }
                Some(name) if !fits(one.targets, name) => {
                    let detail = expected(one.targets);
                    issues.push(Issue::new(&rule::R4_REFERENCE_TARGET, path, detail));
                }
                Some(_) => {}
            }
        }
    };
    for field in place.fields {
        match field.value {
            ValueRef::Primitives(items) => {
                for index in 0..items.count() {
                    if let Some(value) = items.value_at(index) {
                        judge(field, value, Some(index));
                    }
                }
            }
            value => judge(field, value, None),
        }
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
