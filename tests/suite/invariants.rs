//! How validation checks invariants (by hand-written functions, by `BundleChecker`, by expressions where it
//! meets an element) against all expressions, evaluated here over the official examples as they are and
//! as they should not be.

use crate::common::check_all;
use crate::mutations::mutation;
use healthcode_core::{
    Element, ExtraKind, Field, FieldRef, Fields, Invariant, Path, Root, Schema, Step, ValueRef,
};
use healthcode_fhirpath::{Environment, Expression, Node};
use healthcode_json::defects::step;
use healthcode_r4::codes::BundleType;
use healthcode_r4::{
    Bundle, MedicationDispense, MessageDefinitionFocus, Quantity, Range, Resource, Task, schema,
};
use healthcode_tests::spec_examples;
use healthcode_validate::invariant::follows_expression;
use healthcode_validate::{Policy, Validator};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

/// Whether a rule is checked by what it means rather than by its expression, or with narratives.
fn is_otherwise(key: &str) -> bool {
    !follows_expression(key) && !key.starts_with("bdl-")
}

/// Whether a rule is of a Bundle as a whole, and reported for the entry or member that breaks it.
fn is_of_bundle(key: &str) -> bool {
    !follows_expression(key) && key.starts_with("bdl-")
}

/// Whether an expression compares, so that it counts as broken where its result is empty.
fn compares(expression: &str) -> bool {
    let outside = expression.split('\'').step_by(2);
    let mut parts = outside.flat_map(|part| part.chars());
    parts.any(|c| "=<>~".contains(c))
}

/// Whether an expression that compares is kept all the same where its result is empty: what is compared
/// has no value, or may be less precise.
fn is_kept_by_nothing(key: &str, element: &dyn Element) -> bool {
    let has = |has: bool| !has;
    if let Some(task) = element.downcast_ref::<Task>() {
        return has(task.last_modified.value().is_some() && task.authored_on.value().is_some());
    }
    if let Some(dispense) = element.downcast_ref::<MedicationDispense>() {
        return has(
            dispense.when_prepared.value().is_some() && dispense.when_handed_over.value().is_some()
        );
    }
    if let Some(focus) = element.downcast_ref::<MessageDefinitionFocus>() {
        return has(focus.max.value().is_some());
    }
    if let (Some(range), "rng-2") = (element.downcast_ref::<Range>(), key) {
        let valued = |bound: &Option<Box<Quantity>>| {
            bound
                .iter()
                .all(|quantity| quantity.value.value().is_some())
        };
        return has(valued(&range.low) && valued(&range.high));
    }
    matches!(key, "per-1" | "tim-4" | "tim-5" | "ras-2")
}

/// Every expression, compiled.
static EXPRESSIONS: LazyLock<HashMap<&'static str, Expression>> = LazyLock::new(|| {
    let mut all = HashMap::new();
    let mut add = |invariants: &[&'static Invariant]| {
        for invariant in invariants
            .iter()
            .filter(|invariant| !invariant.key.starts_with("txt-"))
        {
            let compiled = Expression::compile(invariant.expression);
            all.insert(
                invariant.expression,
                compiled.unwrap_or_else(|e| panic!("{}: {e}", invariant.key)),
            );
        }
    };
    let mut seen = BTreeSet::new();
    let mut open: Vec<&'static Schema> = [schema::ALL, schema::PROFILES].concat();
    while let Some(schema) = open.pop() {
        if seen.insert(std::ptr::from_ref(schema) as usize) {
            add(schema.invariants);
            for field in schema.fields {
                add(field.invariants);
                open.extend(field.types.iter().filter_map(healthcode_core::Type::schema));
            }
        }
    }
    all
});

/// What a resource breaks, by the expressions: keys and paths.
struct Judge<'v> {
    environment: Environment<'v>,
    fields: Fields<'v>,
    found: BTreeSet<(&'static str, String)>,
    /// The Bundles that are not judged as a whole: of no type that R4 has, or not read wholly.
    unclear: BTreeSet<String>,
}

impl<'v> Judge<'v> {
    /// What is broken, and the Bundles that are not judged as a whole.
    fn all(root: &'v dyn Element) -> (BTreeSet<(&'static str, String)>, BTreeSet<String>) {
        let mut judge = Judge {
            environment: Environment::new(root).casts_filter(true),
            fields: Fields::new(),
            found: BTreeSet::new(),
            unclear: BTreeSet::new(),
        };
        let path = Path::root(root.schema().name);
        judge.element(Node::root(root), root, None, (root, root), &path);
        let Judge { found, unclear, .. } = judge;
        let found = found
            .into_iter()
            .filter(|(key, path)| !(is_of_bundle(key) && unclear.contains(path)));
        (found.collect(), unclear)
    }

    fn keeps(&mut self, invariant: &Invariant, node: Node<'v>, around: Resources<'v>) -> bool {
        self.environment.at(node);
        self.environment.set_resource(around.0);
        self.environment.set_root_resource(around.1);
        let Some(expression) = EXPRESSIONS.get(invariant.expression) else {
            return true;
        };
        match expression.evaluate_boolean(&self.environment) {
            Ok(Some(kept)) => kept,
            Ok(None) if compares(invariant.expression) => node
                .as_element()
                .is_some_and(|element| is_kept_by_nothing(invariant.key, element)),
            Ok(None) => true,
            // More items than an operator takes.
            Err(_) => true,
        }
    }

    fn judge(
        &mut self,
        invariants: &[&'static Invariant],
        node: Node<'v>,
        around: Resources<'v>,
        path: &Path<'_>,
    ) {
        for invariant in invariants {
            if !is_otherwise(invariant.key) && !self.keeps(invariant, node, around) {
                self.found.insert((invariant.key, path.to_fhirpath()));
            }
        }
    }

    fn element(
        &mut self,
        node: Node<'v>,
        element: &'v dyn Element,
        holder: Option<(&'static Field, FieldRef<'v>)>,
        around: Resources<'v>,
        path: &Path<'_>,
    ) {
        let schema = element.schema();
        let around = match (schema.is_resource(), holder) {
            (true, Some((field, _))) if field.name() == "contained" => (element, around.1),
            (true, _) => (element, element),
            (false, _) => around,
        };
        if let Some(bundle) = element.downcast_ref::<Bundle>()
            && !is_clear(bundle)
        {
            self.unclear.insert(path.to_fhirpath());
        }
        let start = self.fields.len();
        element.fields(&mut self.fields);
        if is_whole(element) {
            self.judge(schema.invariants, node, around, path);
            if let Some((field, place)) = holder {
                self.judge(field.invariants, node, around, path);
                let type_ = field
                    .types
                    .get(usize::from(place.choice))
                    .and_then(healthcode_core::Type::schema);
                if let Some(profile) = type_
                    && profile.name != schema.name
                {
                    self.judge(profile.invariants, node, around, path);
                }
            }
            self.primitives(element, start, around, path);
        }
        for at in start..self.fields.len() {
            let field = self.fields.get(at);
            let definition = schema.fields[usize::from(field.index)];
            let here = (field.index, field.choice);
            let place = path.child(step(definition, field.choice, false));
            let mut go = |index: usize, child: &'v dyn Element, path: &Path<'_>, held: bool| {
                let node = Node::element(element, here, index, child);
                let holder = held.then_some((definition, field));
                self.element(node, child, holder, around, path);
            };
            match field.value {
                ValueRef::Element(child) => go(0, child, &place, true),
                ValueRef::Metadata(child) => go(0, child, &place, false),
                ValueRef::Elements(items) => {
                    for index in 0..items.count() {
                        let place = place.child(Step::Index(index));
                        go(index, items.element_at(index), &place, true);
                    }
                }
                ValueRef::Primitives(items) => {
                    for index in 0..items.count() {
                        if let Some(child) = items.metadata_at(index) {
                            go(index, child, &place.child(Step::Index(index)), false);
                        }
                    }
                }
                _ => {}
            }
        }
        self.fields.truncate(start);
    }

    /// The invariants that are declared on primitives.
    fn primitives(
        &mut self,
        element: &'v dyn Element,
        start: usize,
        around: Resources<'v>,
        path: &Path<'_>,
    ) {
        for at in start..self.fields.len() {
            let field = self.fields.get(at);
            let definition = element.schema().fields[usize::from(field.index)];
            if let ValueRef::Text(_) = field.value
                && !definition.invariants.is_empty()
            {
                let here = (field.index, field.choice);
                let node = Node::primitive(element, here, 0, Some(field.value), None);
                let place = path.child(step(definition, field.choice, false));
                self.judge(definition.invariants, node, around, &place);
            }
        }
    }
}

/// `%resource` and `%rootResource`.
type Resources<'v> = (&'v dyn Element, &'v dyn Element);

/// Whether an element was read wholly: others are not judged.
fn is_whole(element: &dyn Element) -> bool {
    !element.extras().iter().any(|extra| {
        let kind = extra.kind();
        kind.is_whole()
            || matches!(
                kind,
                ExtraKind::WrongShape | ExtraKind::Repeated | ExtraKind::SecondChoice
            )
    })
}

/// Whether a Bundle is of a type that R4 has, and was read wholly with its entries.
fn is_clear(bundle: &Bundle) -> bool {
    let type_ = bundle.type_.value();
    type_.is_some_and(|type_| !matches!(type_, BundleType::Unrecognized(_)))
        && is_whole(bundle)
        && bundle.entry.iter().all(|entry| is_whole(entry))
}

/// The Bundle of a place in it that a rule of Bundles is reported for.
fn bundle_of(path: &str) -> &str {
    let path = path.strip_suffix(".fullUrl").unwrap_or(path);
    let path = path.strip_suffix(".total").unwrap_or(path);
    match path.rsplit_once(".entry[") {
        Some((bundle, index)) if index.find(']') == Some(index.len() - 1) => bundle,
        _ => path,
    }
}

/// That validation and the expressions find the same in a payload.
fn agree(json: &[u8]) -> Result<(), String> {
    let read = healthcode_json::from_slice::<Resource>(json).map_err(|e| e.to_string())?;
    let element = read.value.as_element();
    let (expected, unclear) = Judge::all(element);
    let validator = Validator::new(Policy::R4).best_practice(true);
    let report = validator.validate(&read.value);
    let is_key = |id: &str| id.starts_with(|c: char| c.is_ascii_lowercase());
    let issues = report.issues.into_iter();
    let found: BTreeSet<_> = issues
        .filter(|issue| is_key(issue.rule.id) && !is_otherwise(issue.rule.id))
        .map(|issue| match issue.rule.id {
            key if is_of_bundle(key) => (key, bundle_of(&issue.path).to_owned()),
            key => (key, issue.path),
        })
        .filter(|(key, path)| !(is_of_bundle(key) && unclear.contains(path)))
        .collect();
    if found == expected {
        return Ok(());
    }
    let missing: Vec<_> = expected.difference(&found).take(5).collect();
    let extra: Vec<_> = found.difference(&expected).take(5).collect();
    Err(format!(
        "validation misses {missing:?}, and has more: {extra:?}"
    ))
}

#[test]
fn validation_follows_expressions_on_examples() {
    if let Some(examples) = spec_examples("invariants::validation_follows_expressions_on_examples")
    {
        check_all(examples, |e| e.name.clone(), |e| agree(&e.json));
    }
}

/// Examples are changed in several places at once. What fails is made smaller: fewer changes, earlier
/// ones. The changes are the same each time, unless `PROPTEST_CASES` says how many to try.
#[test]
fn validation_follows_expressions_on_changed_examples() {
    let Some(examples) =
        spec_examples("invariants::validation_follows_expressions_on_changed_examples")
    else {
        return;
    };
    let small: Vec<_> = examples.iter().filter(|e| e.json.len() < 60_000).collect();
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = match std::env::var_os("PROPTEST_CASES") {
        Some(_) => TestRunner::new(config),
        None => TestRunner::new_with_rng(
            Config {
                cases: 4000,
                ..config
            },
            TestRng::deterministic_rng(RngAlgorithm::ChaCha),
        ),
    };
    let cases = (any::<Index>(), vec(mutation(), 1..6));
    let result = runner.run(&cases, |(example, mutations)| {
        let example = small[example.index(small.len())];
        let mut value: Value = serde_json::from_slice(&example.json).expect("JSON");
        for mutation in &mutations {
            mutation.apply(&mut value);
        }
        agree(value.to_string().as_bytes())
            .map_err(|message| TestCaseError::fail(format!("{}: {message}", example.name)))
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}
