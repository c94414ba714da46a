//! Codes, identifiers and other values with a system and a code.

use super::super::source::Valued;
use super::super::text::fold;
use super::super::truth::Truth;
use super::super::value_set::ValueSetCodes;
use super::super::walk::Found;
use crate::Reason;
use healthcode_core::PrimitiveKind;
use healthcode_fhirpath::Terminology;
use healthcode_r4 as r4;
use healthcode_search::Token;

/// Whether a system and a code match a token.
fn is(wanted: &Token, system: Option<&str>, code: Option<&str>) -> bool {
    match wanted {
        Token::Code(wanted) => code == Some(wanted),
        Token::NoSystem(wanted) => system.is_none() && code == Some(wanted),
        Token::System(wanted) => system == Some(wanted),
        Token::Coded {
            system: own,
            code: wanted,
        } => system == Some(own) && code == Some(wanted),
        _ => false,
    }
}

/// Whether a system is such as elements of the type `code` have: FHIR's own, or those of languages, media
/// types, currencies and units.
fn own_system(system: &str) -> bool {
    const OWN: [&str; 5] = [
        "http://hl7.org/fhir/",
        "http://terminology.hl7.org/",
        "http://unitsofmeasure.org",
        "urn:ietf:",
        "urn:iso:",
    ];
    OWN.iter().any(|prefix| system.starts_with(prefix))
}

/// An element of the type `code` has no system of its own: it is compared by code.
fn is_code(wanted: &Token, code: &str) -> bool {
    match wanted {
        Token::Code(wanted) | Token::NoSystem(wanted) => wanted == code,
        Token::System(system) => own_system(system),
        Token::Coded {
            system,
            code: wanted,
        } => own_system(system) && wanted == code,
        _ => false,
    }
}

fn coding_is(wanted: &Token, coding: &r4::Coding) -> bool {
    is(wanted, coding.system.as_str(), coding.code.as_str())
}

fn identifier_is(wanted: &Token, identifier: &r4::Identifier) -> bool {
    is(
        wanted,
        identifier.system.as_str(),
        identifier.value.as_str(),
    )
}

/// Whether a value matches a token: with case, but for strings
/// (<https://hl7.org/fhir/R4/search.html#token>).
pub(super) fn matches(wanted: &Token, value: Valued<'_>) -> bool {
    match value.found {
        Found::Text(text) if value.kind == Some(PrimitiveKind::String) => {
            matches!(wanted, Token::Code(wanted) | Token::NoSystem(wanted) if same_text(wanted, text))
        }
        Found::Text(text) => is_code(wanted, text),
        Found::Boolean(value) => is_code(wanted, if value { "true" } else { "false" }),
        Found::Element(element) => {
            if let Some(concept) = element.downcast_ref::<r4::CodeableConcept>() {
                concept
                    .coding
                    .iter()
                    .any(|coding| coding_is(wanted, coding))
            } else if let Some(coding) = element.downcast_ref::<r4::Coding>() {
                coding_is(wanted, coding)
            } else if let Some(identifier) = element.downcast_ref::<r4::Identifier>() {
                identifier_is(wanted, identifier)
            } else if let Some(contact) = element.downcast_ref::<r4::ContactPoint>() {
                matches!((wanted, contact.value.as_str()), (Token::Code(code), Some(value)) if code == value)
            } else {
                false
            }
        }
        _ => false,
    }
}

/// Whether the text beside a code begins so.
pub(super) fn described(wanted: &str, found: Found<'_>) -> bool {
    let begins = |text: Option<&str>| text.is_some_and(|text| fold(text).starts_with(wanted));
    let Found::Element(element) = found else {
        return false;
    };
    if let Some(concept) = element.downcast_ref::<r4::CodeableConcept>() {
        begins(concept.text.as_str())
            || concept
                .coding
                .iter()
                .any(|coding| begins(coding.display.as_str()))
    } else if let Some(coding) = element.downcast_ref::<r4::Coding>() {
        begins(coding.display.as_str())
    } else if let Some(identifier) = element.downcast_ref::<r4::Identifier>() {
        let kind = identifier.type_.as_deref();
        kind.is_some_and(|kind| begins(kind.text.as_str()))
    } else {
        false
    }
}

pub(super) fn of_type(system: &str, code: &str, value: &str, found: Found<'_>) -> bool {
    let identifier = match found {
        Found::Element(element) => element.downcast_ref::<r4::Identifier>(),
        _ => None,
    };
    identifier.is_some_and(|identifier| {
        let kind = identifier.type_.as_deref();
        let wanted = Token::coded(system, code);
        let typed =
            kind.is_some_and(|kind| kind.coding.iter().any(|coding| coding_is(&wanted, coding)));
        typed && identifier.value.as_str() == Some(value)
    })
}

/// Whether the identifier of what is referred to is such.
pub(super) fn of_reference(wanted: &Token, found: Found<'_>) -> bool {
    let own = match found {
        Found::Element(element) => element.downcast_ref::<r4::Reference>(),
        _ => None,
    };
    let identifier = own.and_then(|reference| reference.identifier.as_deref());
    identifier.is_some_and(|identifier| identifier_is(wanted, identifier))
}

/// Whether a value has a code of a value set.
pub(super) fn is_in(codes: &ValueSetCodes, found: Found<'_>) -> Truth {
    let coding = |coding: &r4::Coding| {
        let code = coding.code.as_str();
        Truth::from(code.is_some_and(|code| codes.has(coding.system.as_str(), code)))
    };
    match found {
        Found::Text(code) if codes.has_code(code, own_system) => Truth::Yes,
        Found::Text(_) if codes.has_whole(own_system) => Truth::Unknown(Reason::NotSaid),
        Found::Element(element) => match element.downcast_ref::<r4::CodeableConcept>() {
            Some(concept) => Truth::any(concept.coding.iter().map(coding)),
            None => element.downcast_ref().map_or(Truth::No, coding),
        },
        _ => Truth::No,
    }
}

/// Of what is not decided.
fn decided(answer: Option<bool>) -> Truth {
    answer.map_or(Truth::Unknown(Reason::Terminology), Truth::from)
}

/// Whether any coding of a value is such; `code` decides for an element of the type `code`.
fn any_coding(
    found: Found<'_>,
    code: impl Fn(&str) -> Truth,
    coding: impl Fn(&r4::Coding) -> Truth,
) -> Truth {
    match found {
        Found::Text(text) => code(text),
        Found::Element(element) => match element.downcast_ref::<r4::CodeableConcept>() {
            Some(concept) => Truth::any(concept.coding.iter().map(coding)),
            None => element.downcast_ref().map_or(Truth::No, coding),
        },
        _ => Truth::No,
    }
}

/// Whether a value has a code of a value set, as its definition decides.
pub(super) fn is_member(
    terminology: Option<&dyn Terminology>,
    value_set: &str,
    found: Found<'_>,
) -> Truth {
    let has = |system: Option<&str>, code: &str| {
        decided(
            terminology.and_then(|terminology| terminology.value_set_has(value_set, system, code)),
        )
    };
    any_coding(
        found,
        |code| has(None, code),
        |coding| match (coding.system.as_str(), coding.code.as_str()) {
            (Some(system), Some(code)) => has(Some(system), code),
            // Its meaning is in no value set.
            _ => Truth::No,
        },
    )
}

/// Whether a value has the code of a token or one below it in its system's hierarchy; or one above it.
pub(super) fn is_subsumed(
    terminology: Option<&dyn Terminology>,
    wanted: &Token,
    below: bool,
    found: Found<'_>,
) -> Truth {
    let (in_system, code) = match wanted {
        Token::Code(code) | Token::NoSystem(code) => (None, code),
        Token::Coded { system, code } => (Some(&**system), code),
        _ => return Truth::No,
    };
    let of_system = |system: &str, own: &str| {
        let (lower, upper) = if below {
            (own, &**code)
        } else {
            (&**code, own)
        };
        decided(terminology.and_then(|terminology| terminology.is_or_below(system, lower, upper)))
    };
    any_coding(
        found,
        |own| match in_system {
            _ if is_code(wanted, own) => Truth::Yes,
            Some(in_system) if own_system(in_system) => of_system(in_system, own),
            Some(_) => Truth::No,
            // The system of the element is not known.
            None => Truth::Unknown(Reason::Terminology),
        },
        |coding| match (coding.system.as_str(), coding.code.as_str()) {
            _ if coding_is(wanted, coding) => Truth::Yes,
            (Some(system), Some(own))
                if in_system.is_none_or(|in_system| in_system == system)
                    && !matches!(wanted, Token::NoSystem(_)) =>
            {
                of_system(system, own)
            }
            _ => Truth::No,
        },
    )
}

fn same_text(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}
