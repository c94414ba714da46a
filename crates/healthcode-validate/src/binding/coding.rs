//! Codings, wherever they stand: whether the system is one, and has the code.

use super::{grammar, table};
use crate::registry::terminology as rule;
use healthcode_core::{Detail, Issue, Issues, Path, Rule, Severity, Step};
use healthcode_r4::Coding;

/// Reports what is wrong with the system of a coding, or with its code in the system.
pub(crate) fn check_coding(coding: &Coding, path: &Path<'_>, issues: &mut Issues) {
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
        && table::system_has(system, code) == Some(false)
    {
        Some(("code", &rule::R4_CODE_SYSTEM_UNKNOWN_CODE))
    } else if let Some(code) = coding.code.as_str()
        && is_malformed_unit(system, code)
    {
        Some(("code", &rule::R4_UCUM))
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
    use super::is_absolute;

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
}
