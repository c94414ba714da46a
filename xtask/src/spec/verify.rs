//! Proofs that facts hang together, and a search for oddities in the definitions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use anyhow::{Result, bail};

use super::facts::{ElementFact, Facts, Strength, TypeKind, ValueSetFact};
use super::package::Package;

/// Checks that everything the facts refer to is among the facts.
pub(crate) fn verify(facts: &Facts) -> Result<()> {
    let problems = problems(facts);
    if !problems.is_empty() {
        bail!("the facts contradict each other:\n{}", problems.join("\n"));
    }
    Ok(())
}

fn problems(facts: &Facts) -> Vec<String> {
    let mut problems = [
        repeated("type", &facts.types, |fact| &fact.name),
        repeated("element", &facts.elements, |element| &element.path),
        repeated("value set", &facts.value_sets, |set| &set.url),
        repeated("extension", &facts.extensions, |fact| &fact.url),
        repeated("code", &facts.codes, |code| {
            (&code.value_set, &code.system, &code.code)
        }),
        repeated("search parameter", &facts.search_parameters, |fact| {
            (&fact.base, &fact.code)
        }),
    ]
    .concat();

    let index = Index::of(facts);
    for fact in &facts.types {
        if !index.elements.contains_key(fact.name.as_str()) {
            problems.push(format!("type {} has no elements", fact.name));
        }
        let base = fact.base.as_deref();
        if let Some(base) = base.filter(|base| !index.types.contains_key(base)) {
            problems.push(format!("type {}: unknown base {base}", fact.name));
        }
    }
    for element in &facts.elements {
        element_problems(element, &index, &mut problems);
    }
    for code in &facts.codes {
        let url = code.value_set.as_str();
        if index.value_sets.get(url) != Some(&true) {
            problems.push(format!("codes of {url}, which is not complete"));
        }
    }
    let coded: BTreeSet<_> = facts.codes.iter().map(|code| &code.value_set).collect();
    for set in &facts.value_sets {
        if set.incomplete.is_none() && !coded.contains(&set.url) {
            problems.push(format!("no codes of {}", set.url));
        }
    }
    let parameters = facts.search_parameters.iter();
    let ids: BTreeSet<_> = parameters.map(|parameter| &parameter.id).collect();
    for parameter in &facts.search_parameters {
        let place = format!("search parameter {} of {}", parameter.code, parameter.base);
        let targets = parameter.targets.iter().chain([&parameter.base]);
        let targets = targets.map(|target| target.trim_start_matches('-'));
        for name in targets.filter(|target| *target != "*") {
            if index.types.get(name) != Some(&TypeKind::Resource) {
                problems.push(format!("{place}: {name} is not a resource"));
            }
        }
        for component in &parameter.components {
            if !ids.contains(&component.parameter) {
                problems.push(format!("{place}: unknown part {}", component.parameter));
            }
        }
        if (parameter.kind == "composite") == parameter.components.is_empty() {
            let problem = "composite without parts, or parts of no composite";
            problems.push(format!("{place}: {problem}"));
        }
    }
    for extension in &facts.extensions {
        let of_parts = extension.parts.iter().flat_map(|part| &part.types);
        for type_ref in extension.types.iter().chain(of_parts) {
            let (url, code) = (&extension.url, &type_ref.code);
            if !index.is_type(code) {
                problems.push(format!("extension {url}: unknown type {code}"));
            }
        }
    }
    problems
}

/// The keys that occur twice.
fn repeated<'a, T, K: Ord + Debug>(
    what: &str,
    facts: &'a [T],
    key: impl Fn(&'a T) -> K,
) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for key in facts.iter().map(key) {
        if seen.contains(&key) {
            problems.push(format!("{what} {key:?} occurs twice"));
        }
        seen.insert(key);
    }
    problems
}

/// Facts by their names.
struct Index<'a> {
    types: BTreeMap<&'a str, TypeKind>,
    elements: BTreeMap<&'a str, &'a ElementFact>,
    parents: BTreeSet<&'a str>,
    /// Whether each value set is complete.
    value_sets: BTreeMap<&'a str, bool>,
    /// How many invariants have this key and path.
    invariants: BTreeMap<(&'a str, &'a str), usize>,
}

impl<'a> Index<'a> {
    fn of(facts: &'a Facts) -> Self {
        let mut invariants = BTreeMap::new();
        for invariant in &facts.invariants {
            for path in &invariant.paths {
                let key = (invariant.key.as_str(), path.as_str());
                *invariants.entry(key).or_default() += 1;
            }
        }
        let (types, elements) = (facts.types.iter(), facts.elements.iter());
        let paths = elements.clone().map(|element| element.path.as_str());
        let parents = paths.filter_map(|path| Some(path.rsplit_once('.')?.0));
        let complete = |set: &'a ValueSetFact| (set.url.as_str(), set.incomplete.is_none());
        Self {
            types: types.map(|fact| (fact.name.as_str(), fact.kind)).collect(),
            elements: elements.map(|fact| (fact.path.as_str(), fact)).collect(),
            parents: parents.collect(),
            value_sets: facts.value_sets.iter().map(complete).collect(),
            invariants,
        }
    }

    fn is_type(&self, code: &str) -> bool {
        code.starts_with("System.") || self.types.contains_key(code)
    }

    /// The element reached from `path` by one step of a FHIRPath expression.
    fn step(&self, path: &str, name: &str) -> Option<&'a ElementFact> {
        let child = |path: &str| {
            self.elements
                .get(format!("{path}.{name}").as_str())
                .or_else(|| self.elements.get(format!("{path}.{name}[x]").as_str()))
                .copied()
        };
        let direct = child(path);
        if direct.is_some() {
            return direct;
        }
        let element = self.elements.get(path)?;
        match (&element.content_reference, element.types.as_slice()) {
            (Some(shared), _) => child(shared),
            (None, [only]) => child(&only.code),
            _ => None,
        }
    }
}

fn element_problems(element: &ElementFact, index: &Index<'_>, problems: &mut Vec<String>) {
    let path = element.path.as_str();
    let mut add = |problem: String| problems.push(format!("element {path}: {problem}"));
    for type_ref in &element.types {
        if !index.is_type(&type_ref.code) {
            add(format!("unknown type {}", type_ref.code));
        }
    }
    match path.rsplit_once('.') {
        Some((parent, _)) if !index.elements.contains_key(parent) => {
            add("its parent is missing".to_owned());
        }
        None if !index.types.contains_key(path) => add("its type is missing".to_owned()),
        _ => {}
    }
    let is_choice = path.ends_with("[x]");
    if element.types.len() > 1 && !is_choice {
        add("several types but no choice".to_owned());
    }
    let codes = element.types.iter().map(|type_ref| &type_ref.code);
    let unique: BTreeSet<_> = codes.collect();
    if unique.len() != element.types.len() {
        add("a type is listed twice".to_owned());
    }
    if let Some(shared) = element.content_reference.as_deref()
        && !index.parents.contains(shared)
    {
        add(format!("the content of {shared} is missing"));
    }
    let listed = matches!(
        element.strength,
        Some(Strength::Required | Strength::Extensible)
    );
    let bound = listed.then_some(&element.value_set);
    for url in bound.into_iter().chain([&element.max_value_set]).flatten() {
        if !index.value_sets.contains_key(url.as_str()) {
            add(format!("the value set {url} is missing"));
        }
    }
    if listed && element.value_set.is_none() {
        add("a binding to no value set".to_owned());
    }
    for key in &element.invariants {
        if index.invariants.get(&(key, path)) != Some(&1) {
            add(format!("not exactly one invariant {key}"));
        }
    }
}

/// Oddities which the facts keep as they are.
pub(crate) fn findings(facts: &Facts, package: &Package) -> Vec<String> {
    let index = Index::of(facts);
    let mut findings = Vec::new();
    for pair in facts.invariants.windows(2) {
        if pair[0].key == pair[1].key {
            let [one, other] = [0, 1].map(|at| pair[at].paths.join(", "));
            findings.push(format!(
                "invariant {}: one key for several rules, at {one} and {other}",
                pair[0].key
            ));
        }
    }
    for element in &facts.elements {
        let codable = |code: &str| {
            let codable = [
                "code",
                "Coding",
                "CodeableConcept",
                "string",
                "uri",
                "Quantity",
            ];
            codable.contains(&code)
        };
        let path = element.path.as_str();
        let mut add = |what: String| findings.push(format!("{path}: {what}"));
        let bound = element.strength.is_some();
        if let [only] = element.types.as_slice() {
            if path.ends_with("[x]") {
                add(format!("a choice of one type, {only}"));
            }
            if only.code == "code" && !bound {
                add("a code without a binding".to_owned());
            }
        }
        if bound && element.value_set.is_none() {
            add("a binding to no value set".to_owned());
        }
        let mut types = element.types.iter();
        if bound && path.contains('.') && !types.any(|type_ref| codable(&type_ref.code)) {
            add("bound, but not to be coded".to_owned());
        }
    }
    for set in &facts.value_sets {
        if let Some(why) = set.incomplete
            && set.strengths.contains(&Strength::Required)
        {
            findings.push(format!("{}: required, but incomplete: {why}", set.url));
        }
    }
    for parameter in &facts.search_parameters {
        let Some(expression) = &parameter.expression else {
            findings.push(format!("search parameter {}: no expression", parameter.id));
            continue;
        };
        for path in plain_paths(expression) {
            if let Some(problem) = unresolved(&path, &index) {
                findings.push(format!(
                    "search parameter {} of {}: {problem} in {expression}",
                    parameter.code, parameter.base
                ));
            }
        }
    }
    let left_out: Vec<_> = package
        .search_parameters
        .keys()
        .filter(|url| !package.base_search_parameters.contains(*url))
        .filter_map(|url| url.rsplit('/').next())
        .collect();
    findings.push(format!(
        "{} search parameters are not the base standard's: {}",
        left_out.len(),
        left_out.join(", ")
    ));
    findings
}

/// The dotted paths in an expression that start at a type: `Patient.name.given`.
fn plain_paths(expression: &str) -> Vec<Vec<&str>> {
    expression
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '('))
        .filter_map(|word| {
            let steps = word.trim_start_matches('(').split('.');
            // What precedes a bracket is a function.
            let steps: Vec<_> = steps.take_while(|step| !step.contains('(')).collect();
            let typed = word
                .trim_start_matches('(')
                .starts_with(|c: char| c.is_ascii_uppercase());
            (typed && steps.len() > 1).then_some(steps)
        })
        .collect()
}

/// What is wrong with a path, if its type is known and it leads nowhere.
fn unresolved(steps: &[&str], index: &Index<'_>) -> Option<String> {
    let (first, rest) = steps.split_first()?;
    index.types.get(first)?;
    let mut path = (*first).to_owned();
    for name in rest.iter().filter(|step| !step.is_empty()) {
        match index.step(&path, name) {
            Some(element) => path.clone_from(&element.path),
            None => return Some(format!("{path} has no {name}")),
        }
    }
    None
}

#[cfg(test)]
mod tests;
