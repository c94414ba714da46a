//! A query as what is done: filter, sort, take the first of each, cut pages, include.

use super::Index;
use super::effort::{Effort, MAX_FOLLOWED};
use super::filter::{Filter, scope_resource, unsupported};
use super::include::Following;
use super::order::{Distinct, Key, Measure, Sorted, distinct, sort};
use super::outcome::{Hit, Outcome, Reason, Unknown, measure};
use super::place::Point;
use super::source::Source;
use super::subset::Subset;
use super::truth::Truth;
use healthcode_search::{
    Distance, Near, Order, Parameter, Query, QueryError, SortKey, Unit, Value, rules,
};
use std::rc::Rc;

/// A resource that does not satisfy a parameter.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Miss<'a> {
    /// The resource.
    pub hit: Hit<'a>,
    /// The number of the parameter in the query.
    pub parameter: usize,
    /// Why it is unknown; `None` if it certainly does not match.
    pub reason: Option<Reason>,
}

#[derive(Debug, Default)]
struct Plan<'q> {
    resource: &'static str,
    filters: Vec<Filter<'q>>,
    near: Option<NearTo>,
    keys: Vec<(Key, Order)>,
    distinct: Option<Distinct>,
    page: Option<u32>,
    count: Option<u32>,
    no_entries: bool,
    no_total: bool,
    subset: Subset,
    includes: Vec<Following<'q>>,
}

#[derive(Clone, Copy, Debug)]
struct NearTo {
    parameter: usize,
    point: Point,
    /// In metres.
    radius: Option<f64>,
}

impl<'q> Plan<'q> {
    fn new(query: &'q Query, index: &Index<'_>) -> Result<Self, QueryError> {
        QueryError::check(query.check())?;
        let scope = query.scope();
        let unsupported = || QueryError::new(&rules::QUERY_UNSUPPORTED);
        let resource = scope_resource(scope).ok_or_else(unsupported)?;
        let mut plan = Plan {
            resource,
            ..Plan::default()
        };
        let mut issues = Vec::new();
        for (at, parameter) in query.parameters().iter().enumerate() {
            if let Err(error) = plan.add(query, index, at, parameter) {
                issues.extend(error);
            }
        }
        QueryError::check(issues)?;
        if plan.near.is_some_and(|near| near.radius.is_none())
            && let (Some(near), Some(radius)) = (&mut plan.near, beside(query))
        {
            near.radius = Some(radius);
        }
        Ok(plan)
    }

    fn add(
        &mut self,
        query: &'q Query,
        index: &Index<'_>,
        at: usize,
        parameter: &'q Parameter,
    ) -> Result<(), QueryError> {
        let unsupported = || unsupported(query, at, parameter);
        let chained = !parameter.name.chain.is_empty() || !parameter.name.has.is_empty();
        match (&parameter.name.code[..], &parameter.values[..]) {
            _ if chained => self.filters.push(Filter::new(query, index, at, parameter)?),
            ("near", [Value::Near(near)])
                if parameter.name.modifier.is_none() && self.near.is_none() =>
            {
                self.near = Some(near_to(at, near).ok_or_else(unsupported)?);
            }
            ("near-distance", _) => {}
            ("_sort", keys) => {
                for key in keys {
                    let Value::Sort(key) = key else {
                        return Err(unsupported());
                    };
                    let key = self.key(query, key).ok_or_else(unsupported)?;
                    self.keys.push(key);
                }
            }
            ("distinct-by", [Value::Word(word)]) => {
                self.distinct = Some(match &word[..] {
                    "practitioner" => Distinct::Practitioner,
                    "location" => Distinct::Location,
                    _ => return Err(unsupported()),
                });
            }
            ("page", [Value::Integer(page)]) => self.page = Some(*page),
            ("count" | "_count" | "_max-results", [Value::Integer(count)]) => {
                self.count = Some(*count);
                self.no_entries |= *count == 0;
            }
            ("_summary", [Value::Word(word)]) if word == "count" => self.no_entries = true,
            ("_summary", [Value::Word(word)]) => {
                self.subset = Subset::summary(word).ok_or_else(unsupported)?;
            }
            ("_elements", words) => {
                self.subset = Subset::elements(words, self.resource).ok_or_else(unsupported)?;
            }
            ("_total", [Value::Word(word)]) => self.no_total = word == "none",
            // How the answer is written.
            ("_format" | "_pretty", _) => {}
            ("_fuzzy-match" | "_history" | "getAllLinkedPatients", [Value::Boolean(false)])
            | ("_exact-match", [Value::Boolean(_)]) => {}
            ("_include" | "_revinclude", values) => {
                for value in values {
                    Following::add(parameter, value, &mut self.includes).ok_or_else(unsupported)?;
                }
            }
            _ => self.filters.push(Filter::new(query, index, at, parameter)?),
        }
        Ok(())
    }

    /// Whether an item satisfies each parameter, in turn.
    fn truths<'p, 'i, 'a>(
        &'p self,
        index: &'p Index<'a>,
        effort: &'p Effort,
        measure: Option<&'p mut Measure<'i, 'a>>,
        item: u32,
    ) -> impl Iterator<Item = (usize, Truth)> + use<'p, 'i, 'a, 'q> {
        let filters = self.filters.iter();
        let filters =
            filters.map(move |filter| (filter.parameter, filter.matches(index, effort, item)));
        let near = self.near.zip(measure).into_iter();
        filters.chain(
            near.map(move |(near, measure)| (near.parameter, measure.within(item, near.radius))),
        )
    }

    fn key(&self, query: &Query, key: &SortKey) -> Option<(Key, Order)> {
        let order = key.order.unwrap_or(Order::Ascending);
        let healthcode = query.scope().dialect() == healthcode_search::Dialect::Healthcode;
        let found = match &key.field[..] {
            "distance" if healthcode => Key::Distance,
            "name" if healthcode => Key::Name,
            field => {
                let source = Source::of(self.resource, field)?;
                let sorted = Sorted::by(source.parameter.parameter_type())?;
                Key::Value(Rc::new(source), sorted)
            }
        };
        Some((found, order))
    }
}

/// The distance that `near-distance` says.
fn beside(query: &Query) -> Option<f64> {
    let unit = |code: &str| match code {
        "mi" | "[mi_i]" => Some(Unit::Miles),
        "km" => Some(Unit::Kilometres),
        "m" => Some(Unit::Metres),
        _ => None,
    };
    let (number, unit) = match query.first_value("near-distance")? {
        Value::Number(_, number) => (number, None),
        Value::Quantity(quantity) => match &quantity.unit {
            Some((_, code)) => (&quantity.number, Some(unit(code)?)),
            None => (&quantity.number, Some(Unit::Kilometres)),
        },
        _ => return None,
    };
    Some(Distance::of(number.clone(), unit).ok()?.metres())
}

fn near_to(parameter: usize, near: &Near) -> Option<NearTo> {
    let position = &near.position;
    Some(NearTo {
        parameter,
        point: Point::new(position.latitude().value(), position.longitude().value())?,
        radius: near.distance.as_ref().map(Distance::metres),
    })
}

impl<'a> Index<'a> {
    /// Evaluates a query.
    ///
    /// ```
    /// use healthcode_evaluate::{Index, Reason};
    /// use healthcode_search::{Query, Scope};
    /// use healthcode_r4::Bundle;
    ///
    /// let bundle: Bundle = healthcode_json::from_slice(br#"{"resourceType": "Bundle", "type": "collection", "entry": [
    ///     {"resource": {"resourceType": "Patient", "id": "a", "birthDate": "1977-05-09"}},
    ///     {"resource": {"resourceType": "Patient", "id": "b", "birthDate": "09.05.1977"}}]}"#)?.value;
    /// let mut query = Query::new(Scope::resource("Patient")?);
    /// query.set("birthdate", "1977")?;
    ///
    /// let index = Index::new([&bundle], []);
    /// let outcome = index.run(&query)?;
    /// assert_eq!(outcome.entries[0].resource.id(), Some("a"));
    /// assert_eq!(outcome.unknown[0].reason, Reason::Unreadable);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If [`Query::check`] finds errors, or a parameter is not supported.
    pub fn run(&self, query: &Query) -> Result<Outcome<'a>, QueryError> {
        self.run_within(query, MAX_FOLLOWED)
    }

    /// Evaluates a query as [`Index::run`] does, and follows no more than so many references.
    ///
    /// # Errors
    /// As [`Index::run`].
    pub fn run_within(&self, query: &Query, references: u64) -> Result<Outcome<'a>, QueryError> {
        let plan = Plan::new(query, self)?;
        let effort = Effort::new(references);
        let mut items = self.of_type(plan.resource);
        let mut unknown = Vec::new();
        let mut measure = measure(self, plan.near.map(|near| near.point));
        items.retain(|item| {
            let mut missing = None;
            for (parameter, truth) in plan.truths(self, &effort, measure.as_mut(), *item) {
                match truth {
                    Truth::Yes => {}
                    Truth::No => return false,
                    Truth::Unknown(reason) => {
                        missing.get_or_insert((parameter, reason));
                    }
                }
            }
            if let (Some((parameter, reason)), Some(hit)) = (missing, self.hit(*item)) {
                unknown.push(Unknown {
                    hit,
                    parameter,
                    reason,
                });
            }
            missing.is_none()
        });
        sort(&mut items, &plan.keys, self, measure.as_mut());
        if let Some(by) = plan.distinct {
            distinct(&mut items, by, self);
        }
        let total = items.len();
        let size = plan.count.map_or(usize::MAX, |count| count as usize);
        let before = (plan.page.unwrap_or(1) as usize).saturating_sub(1);
        let start = match before {
            0 => 0,
            before => before.saturating_mul(size).min(total),
        };
        let end = start.saturating_add(size).min(total);
        let shown = if plan.no_entries {
            &[]
        } else {
            items.get(start..end).unwrap_or_default()
        };
        let (included, missing) = self.included(shown, &plan.includes, &effort);
        Ok(Outcome {
            entries: shown.iter().filter_map(|shown| self.hit(*shown)).collect(),
            included,
            unknown,
            missing,
            followed: effort.followed(),
            incomplete: effort.is_spent(),
            total,
            page: plan.page,
            count: plan.count,
            scope: query.scope(),
            no_total: plan.no_total,
            subset: plan.subset,
            point: plan.near.map(|near| near.point),
        })
    }

    /// Which parameters each resource does not satisfy, so that a captured answer can be held to its
    /// query: resources of the searched type in the order of the Bundles, each with every parameter
    /// that it misses or of which it is unknown.
    ///
    /// # Errors
    /// As [`Index::run`].
    pub fn misses(&self, query: &Query) -> Result<Vec<Miss<'a>>, QueryError> {
        let plan = Plan::new(query, self)?;
        let effort = Effort::new(MAX_FOLLOWED);
        let mut measure = measure(self, plan.near.map(|near| near.point));
        let mut misses = Vec::new();
        for item in self.of_type(plan.resource) {
            let Some(hit) = self.hit(item) else { continue };
            for (parameter, truth) in plan.truths(self, &effort, measure.as_mut(), item) {
                let reason = match truth {
                    Truth::Yes => continue,
                    Truth::No => None,
                    Truth::Unknown(reason) => Some(reason),
                };
                misses.push(Miss {
                    hit,
                    parameter,
                    reason,
                });
            }
        }
        misses.sort_by_key(|miss| (miss.hit.bundle, miss.hit.entry, miss.parameter));
        Ok(misses)
    }

    pub(super) fn hit(&self, item: u32) -> Option<Hit<'a>> {
        let (bundle, entry) = self.place(item);
        Some(Hit {
            bundle,
            entry,
            resource: self.resource(item)?,
            item,
            full_url: self.full_url(item),
        })
    }
}
