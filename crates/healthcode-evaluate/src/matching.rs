//! Whether a value of a payload matches one that is searched for, by the parameter's type
//! (<https://hl7.org/fhir/R4/search.html#ptypes>).

mod amount;
mod reference;
mod token;

use super::number::Exact;
use super::source::Valued;
use super::text::fold;
use super::time::{self, Span};
use super::truth::Truth;
use super::value_set::ValueSetCodes;
use super::walk::{Found, text_at, values};
use super::{Index, Reason};
use healthcode_core::Element;
use healthcode_r4 as r4;
use healthcode_search::{Modifier, Quantity, Reference, Token, Value};
use std::rc::Rc;

/// A value that is searched for, prepared once.
#[derive(Clone, Debug)]
pub(super) enum Wanted<'q> {
    Token(&'q Token),
    /// A code of a value set.
    In(Rc<ValueSetCodes>),
    /// A code of the value set of this URL, which is not among the Bundles or does not list its codes.
    MemberOf(String),
    /// A code or one below it; or one above it.
    Subsumed(&'q Token, bool),
    TokenText(String),
    OfType(&'q str, &'q str, &'q str),
    /// Folded, and how it has to be found.
    Text(String, Part),
    /// With case and accents.
    Whole(&'q str),
    Date(Option<healthcode_search::Prefix>, Span),
    Number(Option<healthcode_search::Prefix>, Exact),
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
    /// What a value requires under a modifier; none if that is not supported.
    pub(super) fn of(value: &'q Value, modifier: Option<&'q Modifier>) -> Option<Self> {
        use Modifier as M;
        Some(match (value, modifier) {
            (Value::Text(text), None) => Wanted::Text(fold(text), Part::Start),
            (Value::Text(text), Some(M::Contains)) => Wanted::Text(fold(text), Part::Anywhere),
            (Value::Text(text), Some(M::Exact)) => Wanted::Whole(text),
            (Value::Text(text), Some(M::Text)) => Wanted::TokenText(fold(text)),
            (Value::Token(token), None | Some(M::Not)) => Wanted::Token(token),
            // A code of a closed list.
            (Value::Word(code), None) => Wanted::Whole(code),
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

    /// Whether a value that was found in an item matches.
    pub(super) fn matches(&self, value: Valued<'_>, index: &Index<'_>, item: u32) -> Truth {
        let found = value.found;
        if matches!(found, Found::Malformed) {
            return Truth::Unknown(Reason::Unreadable);
        }
        match self {
            Wanted::Token(wanted) => Truth::from(token::matches(wanted, value)),
            Wanted::In(codes) => token::is_in(codes, found),
            Wanted::MemberOf(url) => token::is_member(index.codes(), url, found),
            Wanted::Subsumed(wanted, below) => {
                token::is_subsumed(index.codes(), wanted, *below, found)
            }
            Wanted::TokenText(wanted) => Truth::from(token::described(wanted, found)),
            Wanted::OfType(system, code, value) => {
                Truth::from(token::of_type(system, code, value, found))
            }
            Wanted::Text(wanted, part) => {
                let has = |text: &str| match part {
                    Part::Start => fold(text).starts_with(wanted.as_str()),
                    Part::Anywhere => fold(text).contains(wanted.as_str()),
                };
                Truth::from(any_text(found, &has))
            }
            Wanted::Whole(wanted) => Truth::from(any_text(found, &|text| text == *wanted)),
            Wanted::Date(prefix, span) => date(found, *prefix, *span),
            Wanted::Number(prefix, wanted) => amount::number(found, *prefix, *wanted),
            Wanted::Quantity(wanted, number) => amount::quantity(wanted, *number, found),
            Wanted::Reference(wanted, target) => {
                reference::matches(wanted, *target, found, index, item)
            }
            Wanted::Identifier(wanted) => Truth::from(token::of_reference(wanted, found)),
            Wanted::Uri(wanted) => Truth::from(uri(wanted, found, index, item)),
            Wanted::Below(base) => {
                Truth::from(matches!(found, Found::Text(text) if is_below(text, base)))
            }
            Wanted::Above(uri) => {
                Truth::from(matches!(found, Found::Text(text) if is_below(uri, text)))
            }
        }
    }
}

/// Whether a URI is another or lies below it, by whole segments. URNs have none.
fn is_below(uri: &str, base: &str) -> bool {
    if uri.starts_with("urn:") {
        return uri == base;
    }
    let rest = uri.strip_prefix(base.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a reference names a server, or needs none.
fn is_absolute(text: &str) -> bool {
    healthcode_search::is_url(text) || text.starts_with('#')
}

/// A URI as a whole; a canonical one with the version that is requested, or any if none is. The version
/// of a resource's own URL is beside it.
fn uri(wanted: &str, found: Found<'_>, index: &Index<'_>, item: u32) -> bool {
    let Found::Text(text) = found else {
        return false;
    };
    if text == wanted || text.split_once('|').is_some_and(|parts| parts.0 == wanted) {
        return true;
    }
    let own = || text_at(index.element(item)?, "version");
    let versioned = |(base, version): (&str, &str)| base == text && own() == Some(version);
    wanted.rsplit_once('|').is_some_and(versioned)
}

/// Whether any text of a string, name or address is so.
fn any_text(found: Found<'_>, has: &dyn Fn(&str) -> bool) -> bool {
    const NAME: &str = "text|family|given|prefix|suffix";
    const ADDRESS: &str = "text|line|city|district|state|country|postalCode";
    let parts = |element: &dyn Element, path| {
        let mut found = values(element, path).into_iter();
        found.any(|found| matches!(found, Found::Text(text) if has(text)))
    };
    match found {
        Found::Text(text) => has(text),
        Found::Element(element) => match element.schema().name {
            "HumanName" => parts(element, NAME),
            "Address" => parts(element, ADDRESS),
            "CodeableConcept" => parts(element, "text|coding.display"),
            "Annotation" => parts(element, "text"),
            _ => false,
        },
        _ => false,
    }
}

fn date(found: Found<'_>, prefix: Option<healthcode_search::Prefix>, wanted: Span) -> Truth {
    let element = match found {
        Found::Text(text) => return time::matches(text, prefix, wanted),
        Found::Element(element) => element,
        _ => return Truth::No,
    };
    let period =
        |period: &r4::Period| match Span::between(period.start.as_str(), period.end.as_str()) {
            Some(span) => Truth::from(span.matches(prefix, wanted)),
            None => Truth::Unknown(Reason::Unreadable),
        };
    if let Some(value) = element.downcast_ref::<r4::Period>() {
        return period(value);
    }
    // A timing lasts from its first to its last event, or as long as its bounds.
    let events = values(element, "event").into_iter();
    let texts = events.filter_map(|found| match found {
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
        Some(Found::Element(element)) => element.downcast_ref().map_or(Truth::No, period),
        // It says how often or how long, and not when.
        _ if element.schema().name == "Timing" => Truth::Unknown(Reason::NotSaid),
        _ => Truth::No,
    }
}
