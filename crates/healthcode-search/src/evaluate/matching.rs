//! Whether a value of a payload matches one that is searched for, by the parameter's type
//! (<https://hl7.org/fhir/R4/search.html#ptypes>).

use super::number::Exact;
use super::text::fold;
use super::time::{self, Span};
use super::truth::Truth;
use super::walk::{Found, values};
use super::{Index, Reason};
use crate::name::Modifier;
use crate::value::{Quantity, Reference, Token, Value};
use healthcode_core::Element;
use healthcode_r4 as r4;

/// A value that is searched for, prepared once.
#[derive(Clone, Debug)]
pub(super) enum Wanted<'q> {
    Token(&'q Token),
    TokenText(String),
    OfType(&'q str, &'q str, &'q str),
    /// Folded, and how it has to be found.
    Text(String, Part),
    /// With case and accents.
    Exact(&'q str),
    Date(Option<crate::Prefix>, Span),
    Number(Option<crate::Prefix>, Exact),
    Quantity(&'q Quantity, Exact),
    /// The reference, and the type that it has to be of.
    Reference(&'q Reference, Option<&'q str>),
    /// The identifier of what is referred to.
    Identifier(&'q Token),
    Uri(&'q str),
    /// A URI that begins with it, or that it begins with.
    Below(&'q str),
    Above(&'q str),
}

/// Where text has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Start,
    Anywhere,
}

impl<'q> Wanted<'q> {
    /// What a value asks for under a modifier; none if that is not supported.
    pub(super) fn of(value: &'q Value, modifier: Option<&'q Modifier>) -> Option<Self> {
        use Modifier as M;
        Some(match (value, modifier) {
            (Value::Text(text), None) => Wanted::Text(fold(text), Part::Start),
            (Value::Text(text), Some(M::Contains)) => Wanted::Text(fold(text), Part::Anywhere),
            (Value::Text(text), Some(M::Exact)) => Wanted::Exact(text),
            (Value::Text(text), Some(M::Text)) => Wanted::TokenText(fold(text)),
            (Value::Token(token), None | Some(M::Not)) => Wanted::Token(token),
            (Value::Token(token), Some(M::Identifier)) => Wanted::Identifier(token),
            (
                Value::OfType {
                    system,
                    code,
                    value,
                },
                Some(M::OfType),
            ) => Wanted::OfType(system, code, value),
            (Value::Date(prefix, date), None) => Wanted::Date(*prefix, Span::of(date.as_str())?),
            (Value::Number(prefix, number), None) => {
                Wanted::Number(*prefix, Exact::parse(number.as_str())?)
            }
            (Value::Quantity(quantity), None) => {
                Wanted::Quantity(quantity, Exact::parse(quantity.number.as_str())?)
            }
            (Value::Reference(reference), None) => Wanted::Reference(reference, None),
            (Value::Reference(reference), Some(M::Type(name))) => {
                Wanted::Reference(reference, Some(name))
            }
            (Value::Uri(uri), None) => Wanted::Uri(uri),
            (Value::Uri(uri), Some(M::Below)) => Wanted::Below(uri),
            (Value::Uri(uri), Some(M::Above)) => Wanted::Above(uri),
            _ => return None,
        })
    }

    /// Whether what was found in an item matches.
    pub(super) fn matches(&self, found: Found<'_>, index: &Index<'_>, item: u32) -> Truth {
        if matches!(found, Found::Malformed) {
            return Truth::Unknown(Reason::Unreadable);
        }
        match self {
            Wanted::Token(wanted) => Truth::from(token(wanted, found)),
            Wanted::TokenText(wanted) => Truth::from(described(wanted, found)),
            Wanted::OfType(system, code, value) => Truth::from(of_type(system, code, value, found)),
            Wanted::Text(wanted, part) => {
                let has = |text: &str| match part {
                    Part::Start => fold(text).starts_with(wanted.as_str()),
                    Part::Anywhere => fold(text).contains(wanted.as_str()),
                };
                Truth::from(any_text(found, &has))
            }
            Wanted::Exact(wanted) => Truth::from(any_text(found, &|text| text == *wanted)),
            Wanted::Date(prefix, span) => date(found, *prefix, *span),
            Wanted::Number(prefix, wanted) => match found {
                Found::Integer(number) => number_matches(&number.to_string(), *prefix, *wanted),
                Found::Decimal(text) => number_matches(text, *prefix, *wanted),
                _ => Truth::No,
            },
            Wanted::Quantity(wanted, number) => quantity(wanted, *number, found),
            Wanted::Reference(wanted, target) => {
                Truth::from(reference(wanted, *target, found, index, item))
            }
            Wanted::Identifier(wanted) => {
                let own = match found {
                    Found::Element(it) => it.downcast_ref::<r4::Reference>(),
                    _ => None,
                };
                let identifier = own.and_then(|it| it.identifier.as_deref());
                Truth::from(identifier.is_some_and(|it| identifier_is(wanted, it)))
            }
            Wanted::Uri(wanted) => Truth::from(matches!(found, Found::Text(it) if it == *wanted)),
            Wanted::Below(base) => {
                Truth::from(matches!(found, Found::Text(it) if is_below(it, base)))
            }
            Wanted::Above(uri) => {
                Truth::from(matches!(found, Found::Text(it) if is_below(uri, it)))
            }
        }
    }
}

/// Whether a URI is another or lies below it, by whole segments.
fn is_below(uri: &str, base: &str) -> bool {
    let rest = uri.strip_prefix(base.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn number_matches(text: &str, prefix: Option<crate::Prefix>, wanted: Exact) -> Truth {
    match Exact::parse(text) {
        Some(number) => Truth::from(number.matches(prefix, wanted)),
        None => Truth::Unknown(Reason::Unreadable),
    }
}

/// Whether a system and a code are what a token asks for.
fn is(wanted: &Token, system: Option<&str>, code: Option<&str>) -> bool {
    match wanted {
        Token::Code(it) => code == Some(it),
        Token::NoSystem(it) => system.is_none() && code == Some(it),
        Token::System(it) => system == Some(it),
        Token::Coded {
            system: own,
            code: it,
        } => system == Some(own) && code == Some(it),
    }
}

/// An element of the type `code` has no system of its own: those of FHIR's own systems are compared by
/// code.
fn is_code(wanted: &Token, code: &str) -> bool {
    let own = |system: &str| {
        let fhir = ["http://hl7.org/fhir/", "http://terminology.hl7.org/"];
        fhir.iter().any(|it| system.starts_with(it))
    };
    match wanted {
        Token::Code(it) | Token::NoSystem(it) => it == code,
        Token::System(system) => own(system),
        Token::Coded { system, code: it } => own(system) && it == code,
    }
}

fn coding_is(wanted: &Token, coding: &r4::Coding) -> bool {
    is(wanted, coding.system.as_str(), coding.code.as_str())
}

fn identifier_is(wanted: &Token, it: &r4::Identifier) -> bool {
    is(wanted, it.system.as_str(), it.value.as_str())
}

fn token(wanted: &Token, found: Found<'_>) -> bool {
    match found {
        Found::Text(text) => is_code(wanted, text),
        Found::Boolean(value) => is_code(wanted, if value { "true" } else { "false" }),
        Found::Element(element) => {
            if let Some(it) = element.downcast_ref::<r4::CodeableConcept>() {
                it.coding.iter().any(|it| coding_is(wanted, it))
            } else if let Some(it) = element.downcast_ref::<r4::Coding>() {
                coding_is(wanted, it)
            } else if let Some(it) = element.downcast_ref::<r4::Identifier>() {
                identifier_is(wanted, it)
            } else if let Some(it) = element.downcast_ref::<r4::ContactPoint>() {
                matches!((wanted, it.value.as_str()), (Token::Code(code), Some(it)) if code == it)
            } else {
                false
            }
        }
        _ => false,
    }
}

/// Whether the text beside a code begins so.
fn described(wanted: &str, found: Found<'_>) -> bool {
    let begins = |text: Option<&str>| text.is_some_and(|it| fold(it).starts_with(wanted));
    let Found::Element(element) = found else {
        return false;
    };
    if let Some(it) = element.downcast_ref::<r4::CodeableConcept>() {
        begins(it.text.as_str()) || it.coding.iter().any(|it| begins(it.display.as_str()))
    } else if let Some(it) = element.downcast_ref::<r4::Coding>() {
        begins(it.display.as_str())
    } else if let Some(it) = element.downcast_ref::<r4::Identifier>() {
        let kind = it.type_.as_deref();
        kind.is_some_and(|it| begins(it.text.as_str()))
    } else {
        false
    }
}

fn of_type(system: &str, code: &str, value: &str, found: Found<'_>) -> bool {
    let identifier = match found {
        Found::Element(it) => it.downcast_ref::<r4::Identifier>(),
        _ => None,
    };
    identifier.is_some_and(|it| {
        let kind = it.type_.as_deref();
        let wanted = Token::coded(system, code);
        let typed = kind.is_some_and(|it| it.coding.iter().any(|it| coding_is(&wanted, it)));
        typed && it.value.as_str() == Some(value)
    })
}

/// Whether any text of a string, name or address is so.
fn any_text(found: Found<'_>, has: &dyn Fn(&str) -> bool) -> bool {
    const NAME: &str = "text|family|given|prefix|suffix";
    const ADDRESS: &str = "text|line|city|district|state|country|postalCode";
    let parts = |element: &dyn Element, path| {
        let mut found = values(element, path).into_iter();
        found.any(|it| matches!(it, Found::Text(text) if has(text)))
    };
    match found {
        Found::Text(text) => has(text),
        Found::Element(element) => match element.schema().name {
            "HumanName" => parts(element, NAME),
            "Address" => parts(element, ADDRESS),
            _ => false,
        },
        _ => false,
    }
}

fn date(found: Found<'_>, prefix: Option<crate::Prefix>, wanted: Span) -> Truth {
    let element = match found {
        Found::Text(text) => return time::matches(text, prefix, wanted),
        Found::Element(element) => element,
        _ => return Truth::No,
    };
    let period = |it: &r4::Period| match Span::between(it.start.as_str(), it.end.as_str()) {
        Some(span) => Truth::from(span.matches(prefix, wanted)),
        None => Truth::Unknown(Reason::Unreadable),
    };
    if let Some(it) = element.downcast_ref::<r4::Period>() {
        return period(it);
    }
    // A timing lasts from its first to its last event, or as long as its bounds.
    let events = values(element, "event").into_iter();
    let texts = events.filter_map(|it| match it {
        Found::Text(text) => Span::of(text),
        _ => None,
    });
    let whole = texts.reduce(|a, b| Span {
        start: a.start.min(b.start),
        end: a.end.max(b.end),
    });
    if let Some(span) = whole {
        return Truth::from(span.matches(prefix, wanted));
    }
    match values(element, "repeat.bounds:Period").first() {
        Some(Found::Element(it)) => it.downcast_ref().map_or(Truth::No, period),
        _ => Truth::No,
    }
}

/// Units are compared as they are; none is converted.
fn quantity(wanted: &Quantity, number: Exact, found: Found<'_>) -> Truth {
    let Found::Element(element) = found else {
        return Truth::No;
    };
    let text = |name| match values(element, name).first() {
        Some(Found::Text(text) | Found::Decimal(text)) => Some(*text),
        _ => None,
    };
    let (system, code) = (text("system"), text("code|currency"));
    let unit = match &wanted.unit {
        None => true,
        Some((own, unit)) if own.is_empty() => {
            code == Some(unit) || text("unit") == Some(unit.as_str())
        }
        Some((own, unit)) => system == Some(own) && code == Some(unit),
    };
    match text("value") {
        Some(value) if unit => number_matches(value, wanted.prefix, number),
        _ => Truth::No,
    }
}

fn reference(
    wanted: &Reference,
    target: Option<&str>,
    found: Found<'_>,
    index: &Index<'_>,
    item: u32,
) -> bool {
    let text = match found {
        Found::Text(text) => Some(text),
        Found::Element(it) => {
            let reference = it.downcast_ref::<r4::Reference>();
            reference.and_then(|it| it.reference.as_str())
        }
        _ => None,
    };
    let Some(text) = text else {
        return false;
    };
    let text = text.split("/_history/").next().unwrap_or(text);
    let resolved = index.resolve(item, text);
    let same = |resource: Option<&str>, id: &str| {
        let resolved = resolved.is_some_and(|it| {
            let (name, own) = index.identity(it);
            resource.is_none_or(|it| it == name) && own == Some(id)
        });
        let mut parts = text.rsplit('/');
        let written = parts.next() == Some(id)
            && match (resource, parts.next()) {
                (Some(resource), Some(before)) => resource == before,
                (None, Some(_)) => true,
                (_, None) => false,
            };
        resolved || written
    };
    match wanted {
        Reference::Id(id) => same(target, id),
        Reference::Typed { resource, id } => {
            target.is_none_or(|it| resource == it) && same(Some(resource), id)
        }
        Reference::Url(url) => {
            let full = resolved.and_then(|it| index.full_url(it));
            *url == text || full.is_some_and(|it| *url == it)
        }
    }
}
