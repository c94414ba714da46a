//! What one parameter requires of one resource.

use super::healthcode;
use super::matching::Wanted;
use super::source::{Source, Sources, Valued, named_type, referred};
use super::truth::Truth;
use super::value_set::{self, ValueSetCodes};
use super::walk::{Found, values};
use super::{Index, Reason};
use healthcode_search::{Modifier, Parameter, Token, Value};
use std::rc::Rc;

#[derive(Debug)]
pub(super) enum Criterion<'q> {
    /// Any value of a parameter, in a resource of any type that it is reached in.
    Values {
        sources: Sources<'q>,
        wanted: Vec<Wanted<'q>>,
        not: bool,
    },
    Missing {
        sources: Sources<'q>,
        missing: bool,
    },
    /// Any element of which each part is as one of the values has it.
    Composite {
        sources: Sources<'q>,
        wanted: Vec<Vec<Wanted<'q>>>,
    },
    Text(TextOf, Vec<String>),
    Healthcode(healthcode::Wanted<'q>),
    /// By the identifier of what is referred to, or of the extension's reference.
    Owner {
        path: &'static str,
        tokens: Vec<&'q Token>,
    },
}

/// Values of the Personal Demographics Service, which may have `*`.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextOf(&'static str);

impl<'q> Criterion<'q> {
    /// The criterion of a parameter of R4 without its chain; none if that is not supported.
    pub(super) fn of_r4(parameter: &'q Parameter, index: &Index<'_>) -> Option<Self> {
        let name = &parameter.name;
        let sources = Sources::new(&name.code);
        let modifier = name.modifier.as_ref();
        match (modifier, &parameter.values[..]) {
            (Some(Modifier::Missing), [Value::Boolean(missing)]) => {
                return Some(Criterion::Missing {
                    sources,
                    missing: *missing,
                });
            }
            (None, [Value::Composite(_), ..]) => {
                let wanted = parameter.values.iter().map(|value| match value {
                    Value::Composite(parts) => {
                        parts.iter().map(|part| Wanted::of(part, None)).collect()
                    }
                    _ => None,
                });
                let wanted = wanted.collect::<Option<_>>()?;
                return Some(Criterion::Composite { sources, wanted });
            }
            _ => {}
        }
        let wanted = parameter
            .values
            .iter()
            .map(|value| match (modifier, value) {
                (Some(Modifier::In | Modifier::NotIn), Value::Uri(url)) => {
                    let set = value_set::find(index, url);
                    if let Some(codes) = set.and_then(ValueSetCodes::of) {
                        return Some(Wanted::In(Rc::new(codes)));
                    }
                    // One that is named by its id is known elsewhere by its URL.
                    let own = set.and_then(|set| set.url.as_str());
                    let url = own.filter(|own| !url.starts_with(own)).unwrap_or(url);
                    index.codes().map(|_| Wanted::MemberOf(url.to_owned()))
                }
                (Some(Modifier::Below | Modifier::Above), Value::Token(token)) => {
                    let below = matches!(modifier, Some(Modifier::Below));
                    // A system alone names no place in a hierarchy.
                    let names_code = !matches!(token, Token::System(_));
                    (names_code && index.codes().is_some())
                        .then_some(Wanted::Subsumed(token, below))
                }
                _ => Wanted::of(value, modifier),
            });
        Some(Criterion::Values {
            sources,
            wanted: wanted.collect::<Option<_>>()?,
            not: matches!(modifier, Some(Modifier::Not | Modifier::NotIn)),
        })
    }

    /// Whether an item matches.
    pub(super) fn matches(&self, index: &Index<'_>, item: u32) -> Truth {
        let (own, _) = index.identity(item);
        let Some(element) = index.element(item) else {
            return Truth::No;
        };
        let source = |sources: &Sources<'_>| sources.of(own);
        let not_said = Truth::Unknown(Reason::NotSaid);
        match self {
            Criterion::Values {
                sources,
                wanted,
                not,
            } => {
                let Some(source) = source(sources) else {
                    return not_said;
                };
                let found = source.values(element).into_iter();
                let found = found.filter(|found| !elsewhere(&source, *found, index, item));
                let found = Truth::any(found.flat_map(|found| {
                    wanted
                        .iter()
                        .map(move |wanted| wanted.matches(found, index, item))
                }));
                if *not { found.not() } else { found }
            }
            Criterion::Missing { sources, missing } => match source(sources) {
                Some(source) => {
                    let found = source.values(element).into_iter();
                    let mut found = found.filter(|found| !elsewhere(&source, *found, index, item));
                    Truth::from(found.next().is_none() == *missing)
                }
                None => not_said,
            },
            Criterion::Composite { sources, wanted } => {
                let Some(source) = source(sources) else {
                    return not_said;
                };
                let elements = source.composites(element);
                let one = |parts: &[Vec<Valued<'_>>], wanted: &[Wanted<'_>]| {
                    let pairs = parts.iter().zip(wanted);
                    let each = pairs.map(|(found, wanted)| {
                        let found = found.iter();
                        Truth::any(found.map(|found| wanted.matches(*found, index, item)))
                    });
                    Truth::all(each)
                };
                let all = elements
                    .iter()
                    .flat_map(|element| wanted.iter().map(move |w| (element, w)));
                Truth::any(all.map(|(parts, wanted)| one(parts, wanted)))
            }
            Criterion::Text(TextOf(path), wanted) => {
                let found = values(element, path);
                let texts = found.iter().filter_map(|found| match found {
                    Found::Text(text) => Some(super::text::fold(text)),
                    _ => None,
                });
                let texts: Vec<_> = texts.collect();
                let has = |wanted: &String| texts.iter().any(|text| like(wanted, text));
                Truth::from(wanted.iter().any(has))
            }
            Criterion::Healthcode(wanted) => wanted.matches(index, item),
            Criterion::Owner { path, tokens } => {
                let found = values(element, path);
                Truth::any(found.iter().flat_map(|found| {
                    let tokens = tokens.iter();
                    tokens.map(|token| {
                        Wanted::Identifier(token).matches((*found).into(), index, item)
                    })
                }))
            }
        }
    }
}

/// Whether a value is a reference to a type of resource which the parameter does not mean. One that does
/// not name its type is not.
fn elsewhere(source: &Source, value: Valued<'_>, index: &Index<'_>, item: u32) -> bool {
    let resolved = || index.resolve(item, referred(value.found)?);
    let named = named_type(value.found).or_else(|| Some(index.identity(resolved()?).0));
    named.is_some_and(|named| !source.means(named))
}

/// PDS compares whole names without case, and `*` stands for any text.
pub(super) fn pds<'q>(name: &str, found: &'q [Value]) -> Option<Criterion<'q>> {
    let path = match name {
        "family" => "name.family",
        "given" => "name.given",
        "address-postalcode" | "address-postcode" => "address.postalCode",
        "email" => "telecom[email].value",
        "phone" => "telecom[phone].value",
        "general-practitioner" => {
            let tokens = found.iter().filter_map(|value| match value {
                Value::Token(token) => Some(token),
                _ => None,
            });
            return Some(Criterion::Owner {
                path: "generalPractitioner",
                tokens: tokens.collect(),
            });
        }
        _ => return None,
    };
    let texts = found.iter().filter_map(|value| match value {
        Value::Text(text) => Some(super::text::fold(text)),
        _ => None,
    });
    Some(Criterion::Text(TextOf(path), texts.collect()))
}

/// SDS searches organisations by the identifier of the reference.
pub(super) fn sds<'q>(endpoint: &str, name: &'q str, found: &'q [Value]) -> Option<Criterion<'q>> {
    let tokens = found.iter().map(|value| match value {
        Value::Token(token) => Some(token),
        _ => None,
    });
    let tokens: Vec<_> = tokens.collect::<Option<_>>()?;
    let path = match (endpoint, name) {
        ("sds-device", "organization") => "owner",
        ("sds-device", "manufacturing-organization") => "extension.value:Reference",
        ("sds-endpoint", "organization") => "managingOrganization",
        // What a device does is an extension; its other identifiers are its own.
        (_, "identifier") => {
            let services = tokens.iter().all(|token| matches!(token, Token::Coded { system, .. } if system.ends_with("nhsServiceInteractionId")));
            if services {
                "extension.value:Reference"
            } else {
                return Some(Criterion::Values {
                    sources: Sources::new(name),
                    wanted: tokens.into_iter().map(Wanted::Token).collect(),
                    not: false,
                });
            }
        }
        _ => return None,
    };
    Some(Criterion::Owner { path, tokens })
}

/// Whether a folded text is as a folded pattern with `*` has it.
fn like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some(part) = last.replace(part) {
            let Some((_, after)) = rest.split_once(part) else {
                return false;
            };
            rest = after;
        }
    }
    match last {
        Some(last) => rest.ends_with(last),
        None => rest.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn wildcards() {
        for (pattern, text, expect) in [
            ("smith", "smith", true),
            ("smith", "smithe", false),
            ("smi*", "smith", true),
            ("smi*h", "smith", true),
            ("smi*h", "smithe", false),
            ("s*i*t*", "smithers", true),
            ("sm*", "s", false),
            ("ls1*", "ls1 6ae", true),
        ] {
            assert_eq!(super::like(pattern, text), expect, "{pattern} {text}");
        }
    }
}
