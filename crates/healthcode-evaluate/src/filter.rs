//! Filters: the parameters of a query that say which resources match, with their chains.

use super::criterion::{self, Criterion};
use super::effort::{Effort, MAX_CHAIN};
use super::healthcode;
use super::source::{Source, Sources, named_type, referred};
use super::truth::Truth;
use super::walk::Found;
use super::{Index, Reason};
use healthcode_search::{Dialect, Has, Link, Parameter, Query, QueryError, Scope, rules};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

/// A parameter that has to match.
#[derive(Debug)]
pub(super) struct Filter<'q> {
    /// Its number in the query.
    pub(super) parameter: usize,
    step: Step<'q>,
}

/// What is required of a resource, or of those that it refers to or that refer to it.
#[derive(Debug)]
enum Step<'q> {
    Criterion(Criterion<'q>),
    Link {
        link: &'q Link,
        sources: Sources<'q>,
        then: Box<Step<'q>>,
        /// Of each item that is referred to, whether it matches what comes next.
        known: RefCell<HashMap<u32, Truth>>,
    },
    Has {
        /// The type of resource that refers.
        resource: &'static str,
        source: Source,
        then: Box<Step<'q>>,
        known: OnceCell<Referring>,
    },
}

/// Of each item that is referred to, whether one of those which refer to it matches.
#[derive(Debug, Default)]
struct Referring {
    truths: HashMap<u32, Truth>,
    /// Whether there was no resource of the type that refers.
    none_given: bool,
    /// Whether there were too many references to follow them all.
    incomplete: bool,
}

impl<'q> Filter<'q> {
    /// The filter that a parameter is.
    pub(super) fn new(
        query: &'q Query,
        index: &Index<'_>,
        at: usize,
        parameter: &'q Parameter,
    ) -> Result<Self, QueryError> {
        let unsupported = || unsupported(query, at, parameter);
        let scope = query.scope();
        let plain = parameter.name.is_plain();
        let criterion = match scope.dialect() {
            Dialect::Healthcode => {
                let searched = ["practitioner", "practitioner-role", "ice-practitioner"];
                let known = searched.contains(&scope.name()) || parameter.name.code == "_since";
                let found = healthcode::Wanted::of(query, &parameter.name.code, &parameter.values);
                found.filter(|_| known).map(Criterion::Healthcode)
            }
            Dialect::Pds => criterion::pds(&parameter.name.code, &parameter.values),
            Dialect::Sds => criterion::sds(scope.name(), &parameter.name.code, &parameter.values),
            _ => None,
        };
        let step = match criterion {
            Some(criterion) if plain => Step::Criterion(criterion),
            _ if matches!(scope.dialect(), Dialect::Healthcode | Dialect::Sds) => {
                return Err(unsupported());
            }
            _ if parameter.name.has.len() + parameter.name.chain.len() > MAX_CHAIN => {
                return Err(unsupported());
            }
            _ => Step::has(&parameter.name.has, parameter, index, scope_resource(scope))
                .ok_or_else(unsupported)?,
        };
        Ok(Filter {
            parameter: at,
            step,
        })
    }

    /// Whether an item matches.
    pub(super) fn matches(&self, index: &Index<'_>, effort: &Effort, item: u32) -> Truth {
        self.step.matches(index, effort, item)
    }
}

impl<'q> Step<'q> {
    /// The step of a parameter; none if that is not supported for any type of resource that it may be
    /// applied to. `resource` is the type where it is known.
    fn has(
        has: &'q [Has],
        parameter: &'q Parameter,
        index: &Index<'_>,
        resource: Option<&'static str>,
    ) -> Option<Self> {
        let Some((first, rest)) = has.split_first() else {
            return Step::chain(&parameter.name.chain, parameter, index, resource);
        };
        let resource = healthcode_search::resource(&first.resource)?;
        Some(Step::Has {
            resource,
            source: Source::of(resource, &first.reference)?,
            then: Box::new(Step::has(rest, parameter, index, Some(resource))?),
            known: OnceCell::new(),
        })
    }

    fn chain(
        chain: &'q [Link],
        parameter: &'q Parameter,
        index: &Index<'_>,
        resource: Option<&'static str>,
    ) -> Option<Self> {
        let supported = |name: &str| match resource {
            Some(resource) => Source::of(resource, name).is_some(),
            None => {
                healthcode_search::resources().any(|resource| Source::of(resource, name).is_some())
            }
        };
        let Some((link, rest)) = chain.split_first() else {
            let criterion = Criterion::of_r4(parameter, index)?;
            return supported(&parameter.name.code).then_some(Step::Criterion(criterion));
        };
        if !supported(&link.reference) {
            return None;
        }
        let target = link.target.as_deref().and_then(healthcode_search::resource);
        Some(Step::Link {
            link,
            sources: Sources::new(&link.reference),
            then: Box::new(Step::chain(rest, parameter, index, target)?),
            known: RefCell::default(),
        })
    }

    fn matches(&self, index: &Index<'_>, effort: &Effort, item: u32) -> Truth {
        match self {
            Step::Criterion(criterion) => criterion.matches(index, item),
            Step::Link {
                link,
                sources,
                then,
                known,
            } => {
                let then = |target: u32| {
                    if let Some(truth) = known.borrow().get(&target) {
                        return *truth;
                    }
                    let truth = then.matches(index, effort, target);
                    known.borrow_mut().insert(target, truth);
                    truth
                };
                follow(link, sources, &then, (index, effort), item)
            }
            Step::Has {
                resource,
                source,
                then,
                known,
            } => {
                let known = known.get_or_init(|| {
                    let then = |item: u32| then.matches(index, effort, item);
                    referring(resource, source, &then, (index, effort))
                });
                match known.truths.get(&item) {
                    Some(Truth::Yes) => Truth::Yes,
                    _ if known.incomplete => Truth::Unknown(Reason::TooMany),
                    Some(truth) => *truth,
                    None if known.none_given => Truth::Unknown(Reason::NoneGiven),
                    None => Truth::No,
                }
            }
        }
    }
}

/// Whether what an item refers to matches.
fn follow(
    link: &Link,
    sources: &Sources<'_>,
    then: &dyn Fn(u32) -> Truth,
    (index, effort): (&Index<'_>, &Effort),
    item: u32,
) -> Truth {
    if effort.is_spent() {
        return Truth::Unknown(Reason::TooMany);
    }
    let (resource, _) = index.identity(item);
    let Some(element) = index.element(item) else {
        return Truth::No;
    };
    let Some(source) = sources.of(resource) else {
        return Truth::Unknown(Reason::NotSaid);
    };
    let wrong = |name: &str| {
        link.target.as_deref().is_some_and(|wanted| wanted != name) || !source.means(name)
    };
    let values = source.values(element).into_iter();
    Truth::any(values.map(|value| {
        if !effort.follow() {
            return Truth::Unknown(Reason::TooMany);
        }
        let Some(text) = referred(value.found) else {
            return match value.found {
                Found::Malformed => Truth::Unknown(Reason::Unreadable),
                // A resource within another, or an identifier alone.
                _ => Truth::Unknown(Reason::Unresolved),
            };
        };
        match index.resolve(item, text) {
            Some(target) if wrong(index.identity(target).0) => Truth::No,
            Some(target) => then(target),
            None if named_type(value.found).is_some_and(wrong) => Truth::No,
            None => Truth::Unknown(Reason::Unresolved),
        }
    }))
}

/// Of each item that resources of a type refer to, whether one of these matches.
fn referring(
    resource: &str,
    source: &Source,
    then: &dyn Fn(u32) -> Truth,
    (index, effort): (&Index<'_>, &Effort),
) -> Referring {
    let mut known = Referring {
        none_given: true,
        ..Referring::default()
    };
    for item in index.all_of_type(resource) {
        known.none_given = false;
        let Some(element) = index.element(item) else {
            continue;
        };
        let mut truth = None;
        for value in source.values(element) {
            if !effort.follow() {
                known.incomplete = true;
                return known;
            }
            let target = referred(value.found).and_then(|text| index.resolve(item, text));
            let Some(target) = target.filter(|target| source.means(index.identity(*target).0))
            else {
                continue;
            };
            let truth = *truth.get_or_insert_with(|| then(item));
            let before = known.truths.entry(target).or_insert(Truth::No);
            *before = Truth::any([*before, truth]);
        }
    }
    known
}

/// An issue that a parameter is not supported.
pub(super) fn unsupported(query: &Query, at: usize, parameter: &Parameter) -> QueryError {
    let error = QueryError::new(&rules::QUERY_UNSUPPORTED).at(at);
    match query.scope().definition(&parameter.name.code) {
        Some(definition) => error.of(definition.name),
        None => error,
    }
}

/// The type of resource that is searched.
pub(super) fn scope_resource(scope: Scope) -> Option<&'static str> {
    match scope {
        Scope::Endpoint(endpoint) => endpoint.resource,
        Scope::Resource(resource) => Some(resource),
        _ => None,
    }
}
