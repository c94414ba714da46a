//! The table of search parameters: for each type of resource the names, types and expressions.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result, bail};

use super::Version;
use super::names;
use super::output::Output;
use crate::spec::facts::{Facts, SearchParameterFact, TypeKind};

/// The files of the table.
pub(super) fn output(version: &Version, facts: &Facts) -> Result<Output> {
    let kinds = facts.search_parameters.iter();
    let kinds = kinds.map(|fact| (fact.id.as_str(), fact.kind.as_str()));
    let kinds: BTreeMap<&str, &str> = kinds.collect();
    let bases = facts.types.iter();
    let bases = bases.filter(|fact| fact.kind == TypeKind::Resource && !fact.is_abstract);
    let bases = bases.map(|fact| (fact.name.as_str(), Vec::new()));
    let mut bases: BTreeMap<&str, Vec<&SearchParameterFact>> = bases.collect();
    for fact in &facts.search_parameters {
        bases.entry(&fact.base).or_default().push(fact);
    }
    let mut out = String::from(
        "use crate::table::{ParameterType::*, SearchParameter, composite, parameter, reference};\n\n\
         /// By type of resource, each with its parameters, both in order of their names.\n\
         #[rustfmt::skip]\n\
         pub(crate) static RESOURCES: &[(&str, &[SearchParameter])] = &[\n",
    );
    for (base, parameters) in &mut bases {
        parameters.sort_by(|a, b| a.code.cmp(&b.code));
        let _ = writeln!(out, "    (\"{base}\", &[");
        for fact in parameters.iter() {
            let row = row(fact, &kinds).with_context(|| format!("{base}.{}", fact.code))?;
            let _ = writeln!(out, "        {row},");
        }
        out.push_str("    ]),\n");
    }
    out.push_str("];\n");
    let mut output = Output::default();
    let name = version.name;
    let title = format!("//! Search parameters of {}.\n\n", name.to_uppercase());
    output.add(&format!("{name}.rs"), &format!("{title}{out}"));
    output.add(
        "mod.rs",
        &format!("//! Tables of search parameters.\n\n#![allow(clippy::enum_glob_use)]\n\npub(crate) mod {name};"),
    );
    Ok(output)
}

/// What expressions of R4 say, and what was meant: type names that no type has.
const SLIPS: [(&str, &str); 1] = [(".as(DateTime)", ".as(dateTime)")];

/// Composites of two parts whose parameters R4 names in the wrong order.
const CROSSED: [&str; 1] = ["DocumentReference-relationship"];

fn corrected(expression: &str) -> String {
    let mut text = expression.to_owned();
    for (slip, meant) in SLIPS {
        text = text.replace(slip, meant);
    }
    text
}

/// A parameter's line.
fn row(fact: &SearchParameterFact, kinds: &BTreeMap<&str, &str>) -> Result<String> {
    let code = &fact.code;
    let quoted = |texts: &[String]| {
        let texts: Vec<_> = texts.iter().map(|text| format!("{text:?}")).collect();
        texts.join(", ")
    };
    let expression = corrected(fact.expression.as_deref().unwrap_or_default());
    Ok(match fact.kind.as_str() {
        "reference" => {
            let targets = quoted(&fact.targets);
            format!("reference({code:?}, &[{targets}], {expression:?})")
        }
        "composite" => {
            let parts = fact.components.iter();
            let parts = parts.map(|component| corrected(&component.expression));
            let parts = quoted(&parts.collect::<Vec<_>>());
            let types = fact.components.iter().map(|part| {
                let id = part.parameter.as_str();
                let kind = kinds
                    .get(id)
                    .with_context(|| format!("there is no parameter {id}"))?;
                variant(kind)
            });
            let mut types = types.collect::<Result<Vec<_>>>()?;
            if CROSSED.contains(&fact.id.as_str()) {
                types.reverse();
            }
            let types = types.join(", ");
            format!("composite({code:?}, &[{types}], {expression:?}, &[{parts}])")
        }
        // Spelling and sound are compared as each server likes.
        kind if fact.usage.as_deref() == Some("phonetic") => {
            format!("parameter({code:?}, {}, \"\")", variant(kind)?)
        }
        kind => format!("parameter({code:?}, {}, {expression:?})", variant(kind)?),
    })
}

/// The type's variant.
fn variant(kind: &str) -> Result<String> {
    match kind {
        "number" | "date" | "string" | "token" | "reference" | "composite" | "quantity" | "uri"
        | "special" => Ok(names::capital(kind)),
        _ => bail!("there is no type {kind} of search parameters"),
    }
}
