//! Whether a Bundle answers the query that was sent: its matches, their order, and the page.
//!
//! Only what is certain is reported. What is unknown of a resource (see
//! [`healthcode_evaluate`]), queries that cannot be evaluated, and STU3's types but Patient, are
//! left out.

use super::Findings;
use crate::{Part, rules};
use healthcode_core::{Detail, Issue, Rule};
use healthcode_evaluate::{Hit, Index, Miss, Outcome};
use healthcode_extensions::Paging;
use healthcode_json::locate;
use healthcode_r4::{Bundle, BundleEntry, codes::SearchEntryMode};
use healthcode_search::{Dialect, Order, Query, Scope, Value};
use std::collections::HashSet;

/// Whether an entry was found by the query itself; others were included.
pub(super) fn is_match(entry: &BundleEntry) -> bool {
    let mode = entry.search.as_ref().and_then(|search| search.mode.value());
    !matches!(
        mode,
        Some(SearchEntryMode::Include | SearchEntryMode::Outcome)
    )
}

/// Holds a Bundle, whose text is `json`, to its query.
pub(super) fn check(query: &Query, bundle: &Bundle, json: &[u8], findings: &mut Findings<'_>) {
    let mut issues = page(query, bundle);
    if can_be_read(query.scope()) {
        let (matches, included) = parted(bundle);
        let index = Index::new([&matches], [&included]);
        issues.extend(misses(query, &index));
        issues.extend(disorder(query, &index));
        issues.extend(again(query, &index));
    }
    locate(json, &mut issues, false);
    for issue in issues {
        findings.push(Part::ResponseBody, issue);
    }
}

/// Bundles are read as R4's; of STU3 only what is alike in both.
fn can_be_read(scope: Scope) -> bool {
    match scope {
        Scope::Endpoint(endpoint) => {
            endpoint.dialect != Dialect::Stu3 || endpoint.resource == Some("Patient")
        }
        _ => true,
    }
}

/// The matches and what is included, each at its place.
fn parted(bundle: &Bundle) -> (Bundle, Bundle) {
    let keep = |matches: bool| {
        let entries = bundle.entry.iter().map(|entry| {
            if is_match(entry) == matches {
                entry.clone()
            } else {
                BundleEntry::default()
            }
        });
        Bundle {
            entry: entries.collect(),
            ..Bundle::default()
        }
    };
    (keep(true), keep(false))
}

fn at_entry(rule: &'static Rule, entry: usize, detail: Detail) -> Issue {
    let path = format!("Bundle.entry[{entry}].resource");
    Issue::at(rule, path, format!("/entry/{entry}/resource"), detail)
}

/// A parameter's name, if it is documented.
fn name(query: &Query, parameter: usize) -> Detail {
    let code = query
        .parameters()
        .get(parameter)
        .map(|parameter| &parameter.name.code);
    let found = code.and_then(|code| query.scope().definition(code));
    found.map_or(Detail::None, |found| Detail::Name(found.name))
}

/// The resources that certainly do not match, each by the first parameter.
fn misses(query: &Query, index: &Index<'_>) -> Vec<Issue> {
    let misses = index.misses(query).unwrap_or_default();
    let mut certain: Vec<_> = misses.iter().filter(|miss| miss.reason.is_none()).collect();
    certain.dedup_by_key(|miss| miss.hit.entry);
    let issue = |miss: &&Miss<'_>| {
        let detail = name(query, miss.parameter);
        at_entry(&rules::EXCHANGE_ANSWER_MATCH, miss.hit.entry, detail)
    };
    certain.iter().map(issue).collect()
}

/// A query with only these parameters of another, all of which it has.
fn only(query: &Query, names: &[&str]) -> Option<Query> {
    let mut part = Query::new(query.scope());
    for name in names {
        let mut all = query.parameters().iter();
        let found = all.find(|parameter| parameter.name.code == *name)?;
        part.push(found.name.clone(), found.values.iter().cloned())
            .ok()?;
    }
    Some(part)
}

/// The first entry that should be before the one that it follows, by the first field of `_sort`.
/// What does not have the field may be anywhere.
fn disorder(query: &Query, index: &Index<'_>) -> Option<Issue> {
    let keys = query
        .parameters()
        .iter()
        .find(|parameter| parameter.name.code == "_sort")?;
    let Some(Value::Sort(key)) = keys.values.first() else {
        return None;
    };
    if query.scope().dialect() != Dialect::Healthcode {
        return None;
    }
    let (names, field): (&[&str], _) = match &key.field[..] {
        "distance" => (&["near"], Detail::Name("distance")),
        "name" => (&[], Detail::Name("name")),
        _ => return None,
    };
    let mut part = only(query, names)?;
    part.push("_sort", [Value::Sort(key.clone())]).ok()?;
    let outcome = index.run(&part).ok()?;
    let descending = key.order == Some(Order::Descending);
    let entry = if names.is_empty() {
        by_rank(&outcome, index)
    } else {
        by_distance(&outcome, index, descending)
    };
    entry.map(|position| at_entry(&rules::EXCHANGE_ANSWER_ORDER, position, field))
}

/// The first entry of lower rank than one before it.
fn by_rank<'a>(outcome: &Outcome<'a>, index: &Index<'a>) -> Option<usize> {
    let named = |hit: &&Hit<'a>| outcome.name(index, hit).is_some();
    let ranked = outcome.entries.iter().filter(named).enumerate();
    let mut ranks: Vec<_> = ranked.map(|(rank, hit)| (hit.entry, rank)).collect();
    ranks.sort_unstable();
    let mut most = 0;
    for (entry, rank) in ranks {
        if rank < most {
            return Some(entry);
        }
        most = rank;
    }
    None
}

/// The first entry that is nearer (or farther) than one before it by more than a service's way of
/// measuring can explain: a sphere is wrong by half a percent.
fn by_distance<'a>(outcome: &Outcome<'a>, index: &Index<'a>, descending: bool) -> Option<usize> {
    let mut hits = outcome.entries.clone();
    hits.sort_by_key(|hit| hit.entry);
    let mut most: Option<f64> = None;
    for hit in &hits {
        let Some(distance) = outcome.distance(index, hit) else {
            continue;
        };
        let farther = |a: f64, b: f64| a > b * 1.01 + 1.0;
        let wrong = most.is_some_and(|before| {
            if descending {
                farther(distance, before)
            } else {
                farther(before, distance)
            }
        });
        if wrong {
            return Some(hit.entry);
        }
        most = Some(match (most, descending) {
            (Some(most), true) => most.min(distance),
            (Some(most), false) => most.max(distance),
            (None, _) => distance,
        });
    }
    None
}

/// The entries that `distinct-by` should have left out, for an earlier one has all that they have.
fn again(query: &Query, index: &Index<'_>) -> Vec<Issue> {
    let Some(part) = only(query, &["distinct-by"]) else {
        return Vec::new();
    };
    let all = index.run(&Query::new(query.scope()));
    let (Ok(all), Ok(first)) = (all, index.run(&part)) else {
        return Vec::new();
    };
    let kept: HashSet<usize> = first.entries.iter().map(|hit| hit.entry).collect();
    let entries = all.entries.iter().map(|hit| hit.entry);
    let again = entries.filter(|entry| !kept.contains(entry));
    again
        .map(|entry| {
            at_entry(
                &rules::EXCHANGE_ANSWER_DISTINCT,
                entry,
                Detail::Name("distinct-by"),
            )
        })
        .collect()
}

fn first<'q>(query: &'q Query, name: &str) -> Option<&'q Value> {
    let mut all = query.parameters().iter();
    all.find(|parameter| parameter.name.code == name)?
        .values
        .first()
}

/// Healthcode's tags say what was requested, and can be.
fn page(query: &Query, bundle: &Bundle) -> Vec<Issue> {
    if query.scope().dialect() != Dialect::Healthcode {
        return Vec::new();
    }
    let requested = |name: &str| match first(query, name) {
        Some(Value::Integer(number)) => Some(u64::from(*number)),
        _ => None,
    };
    let paging = Paging::decode(bundle).value;
    let entries = bundle.entry.iter().filter(|entry| is_match(entry)).count() as u64;
    let differs = |requested: Option<u64>, stated: Option<u64>| {
        requested
            .zip(stated)
            .is_some_and(|(requested, stated)| requested != stated)
    };
    let page = paging.page.or(requested("page")).unwrap_or(1);
    let before = page
        .saturating_sub(1)
        .saturating_mul(requested("count").unwrap_or(0));
    let more = paging
        .all
        .is_some_and(|all| entries > 0 && all < before.saturating_add(entries));
    let found = [
        (differs(requested("page"), paging.page), "page"),
        (differs(requested("count"), paging.count), "count"),
        (more, paging.all_tag.as_str()),
    ];
    let wrong = found.into_iter().filter(|check| check.0);
    let issue = |(_, tag)| {
        let path = "Bundle.meta.tag".to_owned();
        let detail = Detail::Name(tag);
        Issue::at(
            &rules::EXCHANGE_ANSWER_PAGE,
            path,
            "/meta/tag".to_owned(),
            detail,
        )
    };
    wrong.map(issue).collect()
}
