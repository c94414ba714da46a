//! Codings in all places: whether the system is a code system, and has the code.

use super::{grammar, table};
use crate::ProfileSet;
use crate::registry::terminology as rule;
use crate::uri::{is_absolute, is_uri};
use healthcode_core::{
    Detail, Element, Fields, Issue, Issues, Path, PrimitiveKind, Release, Rule, Severity, Step,
    ValueRef, lexical,
};
use healthcode_r4::{Coding, Quantity};

/// A display, the resource in whose language it is, and the code systems that may give it.
struct Display<'c> {
    text: &'c str,
    resource: &'c dyn Element,
    loaded: Option<&'c ProfileSet>,
}

impl Display<'_> {
    /// Whether it differs from all names that code systems give the code; `shipped` is the answer of R4's
    /// own code system, if it is one.
    fn is_other(&self, system: &str, code: &str, shipped: Option<bool>) -> bool {
        if self.text.is_empty() || shipped == Some(true) {
            return false;
        }
        let loaded = self.loaded;
        let loaded = loaded.and_then(|set| set.has_display(system, code, self.text));
        loaded.or(shipped) == Some(false) && !is_translated(self.resource)
    }
}

/// Checks the system of a coding, and its code and display in the system.
pub(crate) fn check_coding(
    coding: &Coding,
    resource: &dyn Element,
    loaded: Option<&ProfileSet>,
    path: &Path<'_>,
    issues: &mut Issues,
) {
    if let Some(system) = coding.system.as_str() {
        let display = coding.display.as_str().map(|text| Display {
            text,
            resource,
            loaded,
        });
        check(system, coding.code.as_str(), display, loaded, path, issues);
    }
}

/// Checks the system of a quantity and its code in the system, but not the form of UCUM's units.
pub(crate) fn check_quantity(quantity: &Quantity, path: &Path<'_>, issues: &mut Issues) {
    if let Some(system) = quantity.system.as_str()
        && system != UCUM
    {
        check(system, quantity.code.as_str(), None, None, path, issues);
    }
}

/// Checks the system and the code of a coding of a release other than R4.
pub(crate) fn check_coding_of(
    release: &'static Release,
    coding: &Coding,
    path: &Path<'_>,
    issues: &mut Issues,
) {
    if let Some(system) = coding.system.as_str() {
        check_code_of(release, system, coding.code.as_str(), path, issues);
    }
}

/// Checks the system of a quantity of a release other than R4, as [`check_quantity`] does.
pub(crate) fn check_quantity_of(
    release: &'static Release,
    quantity: &Quantity,
    path: &Path<'_>,
    issues: &mut Issues,
) {
    if let Some(system) = quantity.system.as_str()
        && system != UCUM
    {
        check_code_of(release, system, quantity.code.as_str(), path, issues);
    }
}

/// Checks a system and a code in it by the code systems of a release.
fn check_code_of(
    release: &'static Release,
    system: &str,
    code: Option<&str>,
    path: &Path<'_>,
    issues: &mut Issues,
) {
    let found = if !is_given(system) && !is_absolute(system) {
        (!system.is_empty() && !system.starts_with('#'))
            .then_some(("system", &rule::R4_CODING_SYSTEM_RELATIVE))
    } else if code.and_then(|code| release.system_has(system, code)) == Some(false) {
        Some(("code", &rule::R4_CODE_SYSTEM_UNKNOWN_CODE))
    } else if !is_given(system) && system.contains("/ValueSet/") {
        Some(("system", &rule::R4_CODING_SYSTEM_IS_VALUE_SET))
    } else if is_misspelt(system) {
        Some(("system", &rule::R4_CODING_SYSTEM_MISSPELT))
    } else {
        check_code(system, code, None, None)
    };
    if let Some((name, rule)) = found {
        report(name, rule, is_hl7(system), path, issues);
    }
}

/// Checks a system, a code in it, and a display in a resource.
fn check(
    system: &str,
    code: Option<&str>,
    display: Option<Display<'_>>,
    loaded: Option<&ProfileSet>,
    path: &Path<'_>,
    issues: &mut Issues,
) {
    let found = if is_given(system) {
        check_code(system, code, display, loaded)
    } else if !is_absolute(system) {
        // What begins with a number sign is a code system in the resource itself.
        (!system.is_empty() && !system.starts_with('#'))
            .then_some(("system", &rule::R4_CODING_SYSTEM_RELATIVE))
    } else if is_hl7(system)
        && let Some(code) = code
        && let Some(known) = table::System::of(system)
    {
        // A loaded code system replaces the shipped one.
        let loaded = loaded.and_then(|set| set.system_has(system, code));
        if let Some(false) = loaded.or_else(|| known.has(code)) {
            Some(("code", &rule::R4_CODE_SYSTEM_UNKNOWN_CODE))
        } else {
            let other = display.is_some_and(|display| {
                display.is_other(system, code, Some(known.calls(code, display.text)))
            });
            other.then_some(("display", &rule::R4_CODING_DISPLAY))
        }
    } else if system.contains('V') && system.contains("/ValueSet/") {
        Some(("system", &rule::R4_CODING_SYSTEM_IS_VALUE_SET))
    } else if is_unknown_of_standard(system) {
        Some(("system", &rule::R4_CODING_SYSTEM_UNKNOWN))
    } else if is_misspelt(system) {
        Some(("system", &rule::R4_CODING_SYSTEM_MISSPELT))
    } else {
        check_code(system, code, display, loaded)
    };
    if let Some((name, rule)) = found {
        report(name, rule, is_hl7(system), path, issues);
    }
}

/// Checks a code and its display in a system that is not shipped and has no issue itself.
fn check_code(
    system: &str,
    code: Option<&str>,
    display: Option<Display<'_>>,
    loaded: Option<&ProfileSet>,
) -> Option<(&'static str, &'static Rule)> {
    let code = code?;
    if is_malformed_unit(system, code) {
        Some(("code", &rule::R4_UCUM))
    } else if system == URI_SYSTEM && !is_uri(code) {
        Some(("code", &rule::R4_CODE_SYSTEM_UNKNOWN_CODE))
    } else if display.is_some_and(|display| display.is_other(system, code, None)) {
        Some(("display", &rule::R4_CODING_DISPLAY))
    } else if loaded.is_some_and(|set| set.system_has(system, code) == Some(false)) {
        Some(("code", &rule::R4_CODE_SYSTEM_UNKNOWN_CODE))
    } else {
        None
    }
}

/// Whether a UCUM code lacks the form of a unit.
pub(crate) fn is_malformed_unit(system: &str, code: &str) -> bool {
    system == UCUM && !code.is_empty() && !grammar::is_unit(code)
}

/// The system whose codes and identifiers are URIs.
pub(crate) const URI_SYSTEM: &str = "urn:ietf:rfc:3986";

/// Whether a resource is in a language other than English; few codes have displays in others.
#[cold]
fn is_translated(resource: &dyn Element) -> bool {
    let mut fields = Fields::new();
    resource.fields(&mut fields);
    let schema = resource.schema();
    let language = fields.since(0).iter().find_map(|field| match field.value {
        ValueRef::Text(text) => {
            let definition = schema.fields.get(usize::from(field.index))?;
            (definition.name() == "language").then_some(text)
        }
        _ => None,
    });
    let subtag = language.and_then(|tag| tag.split('-').next());
    subtag.is_some_and(|subtag| !subtag.eq_ignore_ascii_case("en"))
}

/// Whether a system looks like one of the standard's own code systems but is not. Longer paths belong to
/// guides and registries of HL7.
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

/// The most used systems that others define and the standard assigns a URL to (FHIR R4
/// terminologies-systems.html), without their scheme.
const GIVEN: &[&str] = &[
    "snomed.info/sct",
    "loinc.org",
    "unitsofmeasure.org",
    "www.nlm.nih.gov/research/umls/rxnorm",
];

/// Whether a system is one of these.
fn is_given(system: &str) -> bool {
    let name = system.strip_prefix("http://");
    name.is_some_and(|name| GIVEN.contains(&name))
}

/// The end of the names of HL7's hosts.
const HL7: &[u8] = b"hl7.org";

/// Whether a system is one that the standard assigns a URL to, but written otherwise: with https, another
/// host name, letters of another case, or more at its end.
fn is_misspelt(system: &str) -> bool {
    let initial = |name: &str| name.bytes().next().map(|byte| byte.to_ascii_lowercase());
    let may_be_given = |name: &str| {
        let first = initial(name);
        first == Some(b'w') || GIVEN.iter().any(|given| initial(given) == first)
    };
    // Most systems end the search here.
    let (http, https) = (
        system.strip_prefix("http://"),
        system.strip_prefix("https://"),
    );
    let may_be_hl7 = |name: &str| name.as_bytes().windows(HL7.len()).any(|part| part == HL7);
    if http.is_some_and(|name| !may_be_given(name))
        || https.is_some_and(|name| !may_be_given(name) && !may_be_hl7(name))
    {
        return false;
    }
    let Some((scheme, name)) = system.split_once(':') else {
        return false;
    };
    let Some(name) = name.strip_prefix("//").filter(|_| !is_given(system)) else {
        return false;
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return false;
    }
    let begins = |text: &str, start: &str| {
        let Some((same, more)) = text.split_at_checked(start.len()) else {
            return false;
        };
        // A dot or a hyphen here continues the host name: it is another host.
        same.eq_ignore_ascii_case(start) && !more.starts_with(['.', '-'])
    };
    let bare = name.strip_prefix("www.").unwrap_or(name);
    let is_given = |given: &&str| begins(name, given) || begins(bare, given);
    let is_hl7 = || {
        let host = || name.split('/').next().unwrap_or_default();
        let is_https = scheme == "https" && host().as_bytes().ends_with(HL7);
        is_https && table::System::of(&format!("http://{name}")).is_some()
    };
    // Systems that are no URIs have an issue of their own.
    (may_be_given(name) && GIVEN.iter().any(is_given) || is_hl7())
        && lexical::check(PrimitiveKind::Uri, system).is_ok()
}

/// The URL that the standard assigns to a system which is written with https, another host name, letters of another
/// case or a slash at its end. `None` for other systems.
pub(crate) fn assigned(system: &str) -> Option<String> {
    let (_, name) = system.split_once("://")?;
    let host = name.split('/').next().unwrap_or_default();
    if system.starts_with("https://") && host.as_bytes().ends_with(HL7) {
        return Some(format!("http://{name}"));
    }
    let name = name.trim_end_matches('/');
    let bare = name.strip_prefix("www.").unwrap_or(name);
    let is = |given: &&&str| given.eq_ignore_ascii_case(name) || given.eq_ignore_ascii_case(bare);
    GIVEN.iter().find(is).map(|given| format!("http://{given}"))
}

pub(super) fn is_hl7(system: &str) -> bool {
    system.starts_with("http://terminology.hl7.org/") || system.starts_with("http://hl7.org/fhir/")
}

#[cold]
#[inline(never)]
fn report(name: &str, rule: &'static Rule, is_hl7: bool, path: &Path<'_>, issues: &mut Issues) {
    let mut issue = Issue::new(rule, &path.child(Step::field(name)), Detail::None);
    if rule == &rule::R4_CODING_SYSTEM_IS_VALUE_SET && !is_hl7 {
        // Only for HL7's URLs this is certain.
        issue.severity = Severity::Warning;
    }
    // The binding of the element that holds the coding may have reported the same place. That issue is among
    // the last ones.
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

#[cfg(test)]
mod tests {
    use super::is_misspelt;

    #[test]
    fn misspelt_systems() {
        for (system, expect) in [
            ("http://snomed.info/sct", false),
            ("http://loinc.org", false),
            ("http://unitsofmeasure.org", false),
            ("http://www.nlm.nih.gov/research/umls/rxnorm", false),
            ("http://snomed.info/xsct", false),
            ("http://snomed.info", false),
            ("http://loinc.org.example/x", false),
            ("urn:oid:2.16.840.1.113883.6.1", false),
            ("https://fhir.nhs.uk/loinc.org", false),
            ("http://loinc.org ", false),
            (
                "http://terminology.hl7.org/CodeSystem/observation-category",
                false,
            ),
            ("https://terminology.hl7.org/CodeSystem/unheard-of", false),
            (
                "https://terminology.hl7.org/CodeSystem/observation-category",
                true,
            ),
            ("https://loinc.org", true),
            ("http://www.loinc.org", true),
            ("http://loinc.org/", true),
            ("http://loinc.org/vs/LL1-0", true),
            ("http://LOINC.org", true),
            ("HTTP://SNOMED.INFO/SCT", true),
            ("http://snomed.info/sct/83821000000107", true),
            ("http://snomed.info/sct|x", true),
            ("http://unitsofmeasure.orgx", true),
            ("https://www.nlm.nih.gov/research/umls/rxnorm", true),
        ] {
            assert_eq!(is_misspelt(system), expect, "{system}");
        }
    }
}
