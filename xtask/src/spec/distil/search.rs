//! Search parameters.
//!
//! The package holds more search parameters than the base standard has: the rule for the base
//! standard's is that the specification's own collection, `Bundle-searchParams.json`, lists them.
//! Left out are examples, parameters of profiles and for extensions (some without a base),
//! and `_filter`, which the collection lacks.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};

use crate::spec::definitions::{self, SearchParameter};
use crate::spec::facts::{Component, SearchParameterFact, TypeFact, TypeKind};
use crate::spec::package::Package;

/// What the URLs of the standard's search parameters begin with.
const PREFIX: &str = "http://hl7.org/fhir/SearchParameter/";

/// Distils the base standard's search parameters.
pub(super) fn distil(
    package: &Package,
    types: &[TypeFact],
    findings: &mut Vec<String>,
) -> Result<Vec<SearchParameterFact>> {
    let resources: BTreeSet<&str> = types
        .iter()
        .filter(|fact| fact.kind == TypeKind::Resource)
        .map(|fact| fact.name.as_str())
        .collect();
    let concrete: BTreeSet<&str> = types
        .iter()
        .filter(|fact| fact.kind == TypeKind::Resource && !fact.is_abstract)
        .map(|fact| fact.name.as_str())
        .collect();
    let mut facts = Vec::new();
    for url in &package.base_search_parameters {
        let parameter = package
            .search_parameters
            .get(url)
            .with_context(|| format!("the package has no {url}"))?;
        let id = short(url)?;
        ensure!(!parameter.base.is_empty(), "{url} has no base");
        let expression = parameter.expression.as_deref();
        findings.extend(unused(parameter, &resources));
        for base in &parameter.base {
            let own = expression.map(|expression| alternatives_of(expression, base, &resources));
            if own == Some(None) {
                findings.push(format!(
                    "search parameter {id}: no alternative starts at {base}: {}",
                    expression.unwrap_or_default()
                ));
            }
            facts.push(SearchParameterFact {
                base: base.clone(),
                code: parameter.code.clone(),
                id: id.to_owned(),
                kind: parameter.r#type.clone(),
                expression: own.flatten().or_else(|| expression.map(str::to_owned)),
                usage: parameter.xpath_usage.clone(),
                targets: targets(&parameter.target, &concrete),
                comparators: parameter.comparator.clone(),
                modifiers: parameter.modifier.clone(),
                multiple_or: parameter.multiple_or,
                multiple_and: parameter.multiple_and,
                components: parameter
                    .component
                    .iter()
                    .map(component)
                    .collect::<Result<_>>()?,
            });
        }
    }
    facts.sort_by(|a, b| (&a.base, &a.code).cmp(&(&b.base, &b.code)));
    Ok(facts)
}

fn short(url: &str) -> Result<&str> {
    url.strip_prefix(PREFIX)
        .with_context(|| format!("{url} is not the standard's"))
}

fn component(component: &definitions::Component) -> Result<Component> {
    ensure!(
        !component.expression.contains(';'),
        "an expression that cannot be written: {}",
        component.expression
    );
    Ok(Component {
        parameter: short(&component.definition)?.to_owned(),
        expression: component.expression.clone(),
    })
}

/// The targets in order; more than half of all resources are `*` and those that are missing.
fn targets(targets: &[String], concrete: &BTreeSet<&str>) -> Vec<String> {
    let listed: BTreeSet<&str> = targets.iter().map(String::as_str).collect();
    if listed.len() * 2 > concrete.len() && listed.is_subset(concrete) {
        let missing = concrete.difference(&listed).map(|name| format!("-{name}"));
        std::iter::once("*".to_owned()).chain(missing).collect()
    } else {
        listed.into_iter().map(str::to_owned).collect()
    }
}

/// The alternatives of a union: split at each `|` outside brackets and strings.
fn alternatives(expression: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut quoted) = (0, 0u32, false);
    let mut previous = ' ';
    for (index, character) in expression.char_indices() {
        match character {
            '\'' if previous != '\\' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                parts.push(expression[start..index].trim());
                start = index + 1;
            }
            _ => {}
        }
        previous = character;
    }
    parts.push(expression[start..].trim());
    parts
}

/// The name an alternative starts with: `Patient` of `(Patient.deceased as dateTime)`.
pub(crate) fn first_name(alternative: &str) -> &str {
    let text = alternative.trim_start_matches(['(', ' ']);
    let end = text.find(|c: char| !c.is_ascii_alphanumeric());
    &text[..end.unwrap_or(text.len())]
}

/// The alternatives of an expression that start at `base`; the whole expression if any
/// alternative starts at something else than a type; nothing if none starts at `base`.
fn alternatives_of(expression: &str, base: &str, resources: &BTreeSet<&str>) -> Option<String> {
    let parts = alternatives(expression);
    if parts
        .iter()
        .any(|part| !resources.contains(first_name(part)))
    {
        return Some(expression.to_owned());
    }
    let own: Vec<_> = parts
        .into_iter()
        .filter(|part| first_name(part) == base)
        .collect();
    (!own.is_empty()).then(|| own.join(" | "))
}

/// Alternatives that start at a type which is not a base.
fn unused(parameter: &SearchParameter, resources: &BTreeSet<&str>) -> Option<String> {
    let expression = parameter.expression.as_deref()?;
    let unused: Vec<_> = alternatives(expression)
        .into_iter()
        .filter(|part| !parameter.base.iter().any(|base| base == first_name(part)))
        .map(|part| {
            let known = resources.contains(first_name(part));
            format!("{part}{}", if known { "" } else { " (not a resource)" })
        })
        .collect();
    (!unused.is_empty()).then(|| {
        format!(
            "search parameter {}: alternatives for types that are not its base: {}",
            parameter.url.rsplit('/').next().unwrap_or_default(),
            unused.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNION: &str = "A.x | (B.y as Q | B.z) | A.u.where(v = 'a|b\\'|') | (A.w as date)";

    #[test]
    fn unions_are_split_at_the_top_only() {
        assert_eq!(
            alternatives(UNION),
            [
                "A.x",
                "(B.y as Q | B.z)",
                "A.u.where(v = 'a|b\\'|')",
                "(A.w as date)"
            ]
        );
    }

    #[test]
    fn expressions_are_reduced_to_their_base() {
        let resources = ["A", "B", "C"].into();
        let own = |expression, base| alternatives_of(expression, base, &resources);
        assert_eq!(own(UNION, "B").as_deref(), Some("(B.y as Q | B.z)"));
        assert_eq!(own("A.x | B.y | A.z", "A").as_deref(), Some("A.x | A.z"));
        assert_eq!(own("A.x | B.y", "C"), None);
        assert_eq!(own("x | B.y", "C").as_deref(), Some("x | B.y"));
    }

    #[test]
    fn many_targets_are_abbreviated() {
        let concrete = ["A", "B", "C"].into();
        let cell = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
            targets(&names, &concrete).join(",")
        };
        assert_eq!(cell(&["C", "A", "B"]), "*");
        assert_eq!(cell(&["C", "A"]), "*,-B");
        assert_eq!(cell(&["C"]), "C");
        assert_eq!(cell(&[]), "");
    }
}
