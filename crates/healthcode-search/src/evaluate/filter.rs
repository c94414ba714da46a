//! Filters: the parameters of a query that say which resources match.

use super::healthcode;
use super::matching::Wanted;
use super::sources;
use super::truth::Truth;
use super::walk::{Found, values};
use super::{Index, Reason};
use crate::dialect::Dialect;
use crate::issue::Issue;
use crate::name::{Link, Modifier};
use crate::query::{Parameter, Query};
use crate::rules;
use crate::scope::Scope;
use crate::table;
use crate::value::{Token, Value};
use healthcode_r4::Reference;

/// A parameter that has to match.
#[derive(Clone, Debug)]
pub(super) struct Filter<'q> {
    /// Its number in the query.
    pub(super) parameter: usize,
    /// The references that are followed first.
    chain: &'q [Link],
    test: Test<'q>,
}

#[derive(Clone, Debug)]
enum Test<'q> {
    /// Any value at the path, in a resource of any type that it is reached in.
    Values {
        code: &'q str,
        resource: Option<&'static str>,
        wanted: Vec<Wanted<'q>>,
        not: bool,
    },
    Missing {
        code: &'q str,
        missing: bool,
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
struct TextOf(&'static str);

impl<'q> Filter<'q> {
    /// The filter that a parameter is.
    pub(super) fn new(
        query: &'q Query,
        parameter: usize,
        it: &'q Parameter,
    ) -> Result<Self, Issue> {
        let unsupported = || Issue::new(&rules::QUERY_UNSUPPORTED).at(parameter);
        let scope = query.scope();
        let named = scope.definition(&it.name.code).map(|it| it.name);
        let unsupported = || match named {
            Some(name) => unsupported().of(name),
            None => unsupported(),
        };
        if !it.name.has.is_empty() {
            return Err(unsupported());
        }
        let test = match scope.dialect() {
            Dialect::Healthcode => {
                let searched = ["practitioner", "practitioner-role", "ice-practitioner"];
                let known = searched.contains(&scope.name());
                let found = healthcode::Wanted::of(query, &it.name.code, &it.values);
                found.filter(|_| known).map(Test::Healthcode)
            }
            Dialect::Pds => pds(&it.name.code, &it.values),
            Dialect::Sds => sds(scope.name(), &it.name.code, &it.values),
            _ => None,
        };
        let test = match test {
            Some(test) => test,
            None if matches!(scope.dialect(), Dialect::Healthcode | Dialect::Sds) => {
                return Err(unsupported());
            }
            None => Test::of_r4(it, scope).ok_or_else(unsupported)?,
        };
        Ok(Filter {
            parameter,
            chain: &it.name.chain,
            test,
        })
    }

    /// Whether an item matches.
    pub(super) fn matches(&self, index: &Index<'_>, item: u32) -> Truth {
        self.follow(self.chain, index, item)
    }

    fn follow(&self, chain: &[Link], index: &Index<'_>, item: u32) -> Truth {
        let Some((link, rest)) = chain.split_first() else {
            return self.test.matches(index, item);
        };
        let (resource, _) = index.identity(item);
        let Some(element) = index.element(item) else {
            return Truth::No;
        };
        let Some(path) = sources::path(resource, &link.reference) else {
            return Truth::Unknown(Reason::NotSaid);
        };
        let parameter = table::find(resource, &link.reference);
        let targets = values(element, path).into_iter().map(|found| {
            let reference = match found {
                Found::Element(it) => it.downcast_ref::<Reference>(),
                _ => None,
            };
            let Some(reference) = reference else {
                return Truth::No;
            };
            let wrong = |name: &str| {
                link.target.as_deref().is_some_and(|it| it != name)
                    || parameter.is_some_and(|it| !means(it, name))
            };
            match index.follow(item, reference) {
                Some(target) if wrong(index.identity(target).0) => Truth::No,
                Some(target) => self.follow(rest, index, target),
                None if named_type(reference).is_some_and(wrong) => Truth::No,
                None => Truth::Unknown(Reason::Unresolved),
            }
        });
        Truth::any(targets.collect::<Vec<_>>())
    }
}

impl<'q> Test<'q> {
    fn of_r4(parameter: &'q Parameter, scope: Scope) -> Option<Self> {
        let name = &parameter.name;
        let resource = scope_resource(scope)?;
        // Behind a chain the type is known when it is reached.
        let direct = name.chain.is_empty();
        if direct && sources::path(resource, &name.code).is_none() {
            return None;
        }
        if !direct && !reachable(name) {
            return None;
        }
        if name.modifier == Some(Modifier::Missing) {
            let Some(Value::Boolean(missing)) = parameter.values.first() else {
                return None;
            };
            return Some(Test::Missing {
                code: &name.code,
                missing: *missing,
            });
        }
        let modifier = name.modifier.as_ref();
        let wanted = parameter.values.iter().map(|it| Wanted::of(it, modifier));
        Some(Test::Values {
            code: &name.code,
            resource: direct.then_some(resource),
            wanted: wanted.collect::<Option<_>>()?,
            not: name.modifier == Some(Modifier::Not),
        })
    }

    fn matches(&self, index: &Index<'_>, item: u32) -> Truth {
        let (own, _) = index.identity(item);
        let Some(element) = index.element(item) else {
            return Truth::No;
        };
        match self {
            Test::Values {
                code,
                resource,
                wanted,
                not,
            } => {
                let resource = resource.unwrap_or(own);
                let Some(path) = sources::path(resource, code) else {
                    return Truth::Unknown(Reason::NotSaid);
                };
                let typed = table::find(resource, code);
                let found = values(element, path);
                let found = found.iter().filter(|it| !elsewhere(typed, it));
                let found = Truth::any(
                    found.flat_map(|found| wanted.iter().map(|it| it.matches(*found, index, item))),
                );
                if *not { found.not() } else { found }
            }
            Test::Missing { code, missing } => match sources::path(own, code) {
                Some(path) => Truth::from(values(element, path).is_empty() == *missing),
                None => Truth::Unknown(Reason::NotSaid),
            },
            Test::Text(TextOf(path), wanted) => {
                let found = values(element, path);
                let texts = found.iter().filter_map(|it| match it {
                    Found::Text(text) => Some(super::text::fold(text)),
                    _ => None,
                });
                let texts: Vec<_> = texts.collect();
                let has = |wanted: &String| texts.iter().any(|it| like(wanted, it));
                Truth::from(wanted.iter().any(has))
            }
            Test::Healthcode(wanted) => wanted.matches(index, item),
            Test::Owner { path, tokens } => {
                let found = values(element, path);
                Truth::any(found.iter().flat_map(|found| {
                    let tokens = tokens.iter();
                    tokens.map(|it| Wanted::Identifier(it).matches(*found, index, item))
                }))
            }
        }
    }
}

/// Whether a value is a reference that names a type which the parameter does not mean.
fn elsewhere(parameter: Option<&table::SearchParameter>, found: &Found<'_>) -> bool {
    let (Some(parameter), Found::Element(element)) = (parameter, found) else {
        return false;
    };
    let Some(reference) = element.downcast_ref::<Reference>() else {
        return false;
    };
    named_type(reference).is_some_and(|it| !means(parameter, it))
}

/// The type of resource that a reference names.
fn named_type(reference: &Reference) -> Option<&str> {
    let text = reference.reference.as_str()?;
    let named = text.rsplit('/').nth(1);
    named.filter(|it| table::is_resource(it))
}

/// Whether a parameter looks at references to the type: `patient` at those to patients alone, also where
/// the table lists groups.
pub(super) fn means(parameter: &table::SearchParameter, resource: &str) -> bool {
    match parameter.name() {
        "patient" => resource == "Patient",
        _ => parameter.targets(resource),
    }
}

/// Whether any type that a chain may lead to has the parameter in the table of sources.
fn reachable(name: &crate::name::Name) -> bool {
    let last = name.chain.last().and_then(|it| it.target.as_deref());
    match last {
        Some(target) => sources::path(target, &name.code).is_some(),
        None => table::resources().any(|it| sources::path(it, &name.code).is_some()),
    }
}

/// The type of resource that is searched.
pub(super) fn scope_resource(scope: Scope) -> Option<&'static str> {
    match scope {
        Scope::Endpoint(endpoint) => endpoint.resource,
        Scope::Resource(resource) => Some(resource),
    }
}

/// PDS compares whole names without case, and `*` stands for any text.
fn pds<'q>(name: &str, found: &'q [Value]) -> Option<Test<'q>> {
    let path = match name {
        "family" => "name.family",
        "given" => "name.given",
        "address-postalcode" | "address-postcode" => "address.postalCode",
        "email" => "telecom[email].value",
        "phone" => "telecom[phone].value",
        "general-practitioner" => {
            let tokens = found.iter().filter_map(|it| match it {
                Value::Token(token) => Some(token),
                _ => None,
            });
            return Some(Test::Owner {
                path: "generalPractitioner",
                tokens: tokens.collect(),
            });
        }
        _ => return None,
    };
    let texts = found.iter().filter_map(|it| match it {
        Value::Text(text) => Some(super::text::fold(text)),
        _ => None,
    });
    Some(Test::Text(TextOf(path), texts.collect()))
}

/// SDS searches organisations by the identifier of the reference.
fn sds<'q>(endpoint: &str, name: &'q str, found: &'q [Value]) -> Option<Test<'q>> {
    let tokens = found.iter().map(|it| match it {
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
            let services = tokens.iter().all(|it| matches!(it, Token::Coded { system, .. } if system.ends_with("nhsServiceInteractionId")));
            if services {
                "extension.value:Reference"
            } else {
                return Some(Test::Values {
                    code: name,
                    resource: None,
                    wanted: tokens.into_iter().map(Wanted::Token).collect(),
                    not: false,
                });
            }
        }
        _ => return None,
    };
    Some(Test::Owner { path, tokens })
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
