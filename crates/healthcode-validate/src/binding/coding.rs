//! Codings, wherever they stand: whether the system is one, and has the code.

use super::{grammar, table};
use crate::registry::terminology as rule;
use healthcode_core::{
    Detail, Element, Fields, Issue, Issues, Path, PrimitiveKind, Rule, Severity, Step, ValueRef,
    lexical,
};
use healthcode_r4::Coding;

/// Reports what is wrong with the system of a coding, or with its code or display in the system.
pub(crate) fn check_coding(
    coding: &Coding,
    resource: &dyn Element,
    path: &Path<'_>,
    issues: &mut Issues,
) {
    let Some(system) = coding.system.as_str() else {
        return;
    };
    let found = if !is_absolute(system) {
        // What begins with a number sign is a code system in the resource itself.
        (!system.is_empty() && !system.starts_with('#'))
            .then_some(("system", &rule::R4_CODING_SYSTEM_RELATIVE))
    } else if system.contains('V') && system.contains("/ValueSet/") {
        Some(("system", &rule::R4_CODING_SYSTEM_IS_VALUE_SET))
    } else if is_hl7(system)
        && let Some(code) = coding.code.as_str()
        && let Some(known) = table::System::of(system)
    {
        match known.has(code) {
            Some(false) => Some(("code", &rule::R4_CODE_SYSTEM_UNKNOWN_CODE)),
            _ => {
                let display = coding.display.as_str();
                let other = display.is_some_and(|it| !it.is_empty() && !known.calls(code, it));
                (other && !is_translated(resource)).then_some(("display", &rule::R4_CODING_DISPLAY))
            }
        }
    } else if is_unknown_of_standard(system) {
        Some(("system", &rule::R4_CODING_SYSTEM_UNKNOWN))
    } else if let Some(code) = coding.code.as_str()
        && is_malformed_unit(system, code)
    {
        Some(("code", &rule::R4_UCUM))
    } else if let Some(code) = coding.code.as_str()
        && system == URI_SYSTEM
        && !is_uri(code)
    {
        Some(("code", &rule::R4_CODE_SYSTEM_UNKNOWN_CODE))
    } else {
        None
    };
    if let Some((name, rule)) = found {
        report(name, rule, is_hl7(system), path, issues);
    }
}

/// Whether a code of UCUM's has not the form of a unit.
pub(crate) fn is_malformed_unit(system: &str, code: &str) -> bool {
    system == UCUM && !code.is_empty() && !grammar::is_unit(code)
}

/// The system whose codes and identifiers are URIs.
pub(crate) const URI_SYSTEM: &str = "urn:ietf:rfc:3986";

/// Whether a text is an absolute URI of the form that its scheme has. Letters of a UUID may be of
/// either case (RFC 4122 section 3).
pub(crate) fn is_uri(text: &str) -> bool {
    let is_good = |text: &str| lexical::check(PrimitiveKind::Uri, text).is_ok();
    let good = match text.strip_prefix("urn:uuid:") {
        Some(_) => is_good(&text.to_ascii_lowercase()),
        None => is_good(text),
    };
    good && is_absolute(text)
}

/// Whether a resource is in a language other than English, in which few codes have names.
#[cold]
fn is_translated(resource: &dyn Element) -> bool {
    let mut fields = Fields::new();
    resource.fields(&mut fields);
    let schema = resource.schema();
    let language = fields.from(0).iter().find_map(|field| match field.value {
        ValueRef::Text(text) => {
            let definition = schema.fields.get(usize::from(field.index))?;
            (definition.name() == "language").then_some(text)
        }
        _ => None,
    });
    let subtag = language.and_then(|tag| tag.split('-').next());
    subtag.is_some_and(|subtag| !subtag.eq_ignore_ascii_case("en"))
}

/// Whether a system is said to be one of the standard's own code systems, and is none. What lies
/// deeper belongs to guides and registries of HL7's.
fn is_unknown_of_standard(system: &str) -> bool {
    let name = system.strip_prefix("http://hl7.org/fhir/");
    name.is_some_and(|name| {
        !name.contains(['/', '|', '#'])
            && name != WITHOUT_CODES
            && table::System::of(system).is_none()
    })
}

/// The standard's code system that has no codes.
const WITHOUT_CODES: &str = "message-events";

const UCUM: &str = "http://unitsofmeasure.org";

pub(super) fn is_hl7(system: &str) -> bool {
    system.starts_with("http://terminology.hl7.org/") || system.starts_with("http://hl7.org/fhir/")
}

#[cold]
#[inline(never)]
fn report(name: &str, rule: &'static Rule, is_hl7: bool, path: &Path<'_>, issues: &mut Issues) {
    let mut issue = Issue::new(rule, &path.then(Step::field(name)), Detail::None);
    if rule == &rule::R4_CODING_SYSTEM_IS_VALUE_SET && !is_hl7 {
        // Only of HL7's URLs is it certain.
        issue.severity = Severity::Warning;
    }
    // The binding of what holds the coding has said as much of the same place. What was said of
    // it comes shortly before.
    let said = |other: &Issue| {
        let binding = other.rule == &rule::R4_BINDING_REQUIRED
            || other.rule == &rule::R4_BINDING_EXTENSIBLE
            || other.rule == &rule::R4_BINDING_MAXIMUM
            || other.rule == &rule::R4_UCUM;
        binding && other.pointer == issue.pointer
    };
    if !issues.iter().rev().take(32).any(said) {
        issues.push(issue);
    }
}

/// Whether a URI has a scheme (RFC 3986 section 3.1).
#[inline]
pub(crate) fn is_absolute(uri: &str) -> bool {
    if uri.starts_with("http://") || uri.starts_with("https://") || uri.starts_with("urn:") {
        return true;
    }
    let is_scheme = |scheme: &str| {
        let mut bytes = scheme.bytes();
        bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
            && bytes.all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    };
    uri.split_once(':')
        .is_some_and(|(scheme, _)| is_scheme(scheme))
}

#[cfg(test)]
mod tests {
    use super::{is_absolute, is_uri};

    #[test]
    fn schemes() {
        for (uri, expect) in [
            ("http://a.b", true),
            ("urn:oid:1.2", true),
            ("mailto:a@b", true),
            ("x+y.z-1:", true),
            ("", false),
            ("a/b:c", false),
            ("1a:b", false),
            (":x", false),
            ("ValueSet/x", false),
            ("//host/x", false),
        ] {
            assert_eq!(is_absolute(uri), expect, "{uri}");
        }
    }

    #[test]
    fn uris() {
        for (text, expect) in [
            ("http://a.b/c", true),
            ("mailto:a@b.c", true),
            ("urn:oid:1.2.3", true),
            ("urn:uuid:C757873D-ec9a-4326-a141-556f43239520", true),
            ("urn:iso-astm:E1762-95:2013", true),
            ("urn:oid:1.02", false),
            ("urn:oid:", false),
            ("urn:uuid:1", false),
            ("urn:uuid:{c757873d-ec9a-4326-a141-556f43239520}", false),
            ("1.2.3", false),
            ("c757873d-ec9a-4326-a141-556f43239520", false),
            ("http://a.b/c d", false),
            (" http://a.b", false),
            ("a/b", false),
            ("", false),
        ] {
            assert_eq!(is_uri(text), expect, "{text:?}");
        }
    }
}
