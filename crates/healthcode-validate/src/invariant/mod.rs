//! The invariants of the definitions: a row for each, under its own key, and how elements are checked.
//!
//! A row has the key, the severity, the title and the help of the rule. Those of invariants that are
//! checked by evaluating their expressions are in `expressions.tsv`; the others have a `Method` and are
//! in the modules below. An invariant is broken where its expression returns false. One that compares (`=`, `!=`,
//! `<`, `<=`, `>`, `>=`, `~`) is broken too where it returns an empty result, since a value that it compares is
//! absent or cannot be compared. Other invariants with an empty result are kept: they check membership or
//! patterns, and required elements that are absent have an issue of their own.
//!
//! Functions are kept where evaluation would cost more than 0.5 % of the instructions that validating
//! a Synthea Bundle or a Healthcode search takes.
//!
//! `matches` searches for the pattern anywhere in the text, as FHIRPath's own test suite does, so that
//! the invariants on names (such as `adf-0`), `eld-19` and `eld-20` accept almost any name. A key
//! that R4 assigns to several invariants (`inv-1`) is one rule, whose title and help cover them all.

/// Makes the rules of a group of invariants, and `ROWS`: each rule with its [`Method`]. An invariant with `if` is kept
/// by all elements without this field, one with `unless` by all elements with that field.
macro_rules! invariants {
    ($($name:ident = $key:literal, $severity:ident $([$default:ident])?, $title:literal, $help:literal, $method:expr
        $(, if $field:literal)? $(, unless $other:literal)?;)+) => {
        healthcode_core::rule_registry! {
            $($name = $key, $severity $([$default])?, "invariant", $title, $help;)+
        }

        pub(super) static ROWS: &[(&healthcode_core::Rule, $crate::invariant::Method, $crate::invariant::Kept)] = &[$(
            (&$name, $method, $crate::invariant::Kept::of(&[$($field)?], &[$($other)?])),
        )+];
    };
}

/// An [`InvariantFn`] for elements of one type. Elements of other types keep the invariant.
macro_rules! of {
    ($type:ty, |$value:ident $(, $place:ident)?| $holds:expr) => {
        |place: &$crate::place::Place<'_, '_>| {
            $(let $place = place;)?
            place.get::<$type>().is_none_or(|$value| $holds)
        }
    };
}

pub mod administrative;
pub mod clinical;
mod contained;
pub mod datatypes;
pub mod definitions;
mod exists;
pub mod foundation;
mod prose;

use crate::element::is_whole;
use crate::place::Place;
use crate::policy::Subject;
use healthcode_core::{
    Detail, Field, Invariant, Issues, Release, Rule, RuleDefault, Schema, Severity, Step, ValueRef,
};
use healthcode_fhirpath::{Environment, Expression, Node};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

/// Whether an element keeps an invariant.
type InvariantFn = fn(&Place<'_, '_>) -> bool;

/// How elements are checked for an invariant.
#[derive(Clone, Copy)]
enum Method {
    /// By its expression.
    Expression,
    /// By a function that returns the same as the expression: real payloads have many such elements, or
    /// very large ones.
    Hot(InvariantFn),
    /// By a function that returns the same as the expression if all values that it compares are present.
    Lenient(InvariantFn),
    /// By a function for the text of the invariant, from which its expression differs.
    Meaning(InvariantFn),
    /// By the `BundleChecker`, with narratives, or in `prose.rs`.
    Elsewhere,
}

/// Which elements keep an invariant, whatever else they are.
#[derive(Clone, Copy, Default)]
struct Kept {
    /// Those without this field.
    without: Option<&'static str>,
    /// Those with this field.
    with: Option<&'static str>,
}

impl Kept {
    /// What a row states with `if` and `unless`, each with a field at most.
    const fn of(without: &[&'static str], with: &[&'static str]) -> Kept {
        Kept {
            without: Kept::field(without),
            with: Kept::field(with),
        }
    }

    const fn field(fields: &[&'static str]) -> Option<&'static str> {
        match fields {
            [field] => Some(field),
            _ => None,
        }
    }
}

/// An invariant, and how elements are checked for it.
struct Row {
    rule: &'static Rule,
    method: Method,
    kept: Kept,
    /// Whether an empty result keeps the invariant though its expression compares.
    lenient: bool,
    expression: OnceLock<Option<Compiled>>,
}

/// An expression of an invariant.
struct Compiled {
    expression: Expression,
    kept_if_empty: bool,
}

/// The rules that are checked by their expressions.
static EXPRESSIONS: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let rows = include_str!("expressions.tsv").lines().skip(1);
    let rule = |row: &'static str| {
        let mut cells = row.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        let (key, severity) = (cell(), cell());
        let severity = match severity {
            "warning" => Severity::Warning,
            _ => Severity::Error,
        };
        Rule::new(key, severity, RuleDefault::On, "invariant", cell(), cell())
    };
    rows.map(rule).collect()
});

/// All rules that are invariants: those of what all resources share first, and those without a function
/// last.
pub(crate) fn all() -> impl Iterator<Item = &'static Rule> + Clone {
    let groups = [
        foundation::ALL,
        datatypes::ALL,
        administrative::ALL,
        clinical::ALL,
        definitions::ALL,
    ];
    groups.into_iter().flatten().copied().chain(&*EXPRESSIONS)
}

/// The rows, by their keys.
static ROWS: LazyLock<HashMap<&str, Row>> = LazyLock::new(|| {
    let groups = [
        foundation::ROWS,
        datatypes::ROWS,
        administrative::ROWS,
        clinical::ROWS,
        definitions::ROWS,
    ];
    let rows = groups.into_iter().flatten().copied();
    let evaluated = EXPRESSIONS.iter();
    let rows = rows.chain(evaluated.map(|rule| (rule, Method::Expression, Kept::default())));
    let rows = rows.map(|(rule, method, kept)| Row {
        rule,
        method,
        kept,
        lenient: false,
        expression: OnceLock::new(),
    });
    rows.map(|row| (row.rule.id, row)).collect()
});

/// Whether the elements of one type are checked by the expression of this invariant, or by a function that returns
/// the same.
#[doc(hidden)]
#[must_use]
pub fn follows_expression(key: &str) -> bool {
    ROWS.get(key)
        .is_some_and(|row| !matches!(row.method, Method::Meaning(_) | Method::Elsewhere))
}

/// A check of an element.
#[derive(Clone, Copy)]
enum Check {
    /// The function must return true.
    Predicate(InvariantFn),
    /// The expression of the row must be true.
    Expression(&'static Row, &'static str),
    /// The function reports issues itself, under the rule.
    Report(fn(&'static Rule, &Place<'_, '_>, &mut Issues)),
}

/// A rule and its check.
#[derive(Clone, Copy)]
pub(crate) struct RuleCheck {
    rule: &'static Rule,
    check: Check,
    /// The field that it is declared on, where the values of that are no elements.
    field: Option<&'static Field>,
    /// Elements that have none of these fields ([`Place::present`]) keep it; 0 if any element may break it.
    only_with: u64,
    /// Elements that have one of these fields keep it.
    kept_with: u64,
}

/// The checks of the invariants of a type.
pub(crate) fn checks_of_type(
    schema: &'static Schema,
    release: Option<&'static Release>,
) -> Vec<RuleCheck> {
    checks_at(None, Some(schema), schema.invariants, release)
}

/// The checks of these invariants.
pub(crate) fn checks(
    invariants: &[&'static Invariant],
    release: Option<&'static Release>,
) -> Vec<RuleCheck> {
    checks_at(None, None, invariants, release)
}

/// The checks of the invariants of a field that holds primitives, to be made where the field is.
pub(crate) fn checks_of_primitive(
    field: &'static Field,
    release: Option<&'static Release>,
) -> Vec<RuleCheck> {
    checks_at(Some(field), None, field.invariants, release)
}

/// The bit that the field of this name has in [`Place::present`]; 0 if the type has no such field.
fn bit(schema: &Schema, name: &str) -> u64 {
    schema.field(name).map_or(0, |(index, _)| 1 << index)
}

/// The rule of R4's invariant of this key, if its expression is this one.
fn rule_of_r4(key: &str, expression: &str) -> Option<&'static Rule> {
    static EXPRESSIONS: LazyLock<HashSet<(&str, &str)>> = LazyLock::new(|| {
        let mut found = HashSet::new();
        let mut open: Vec<&'static Schema> = healthcode_r4::schema::ALL.to_vec();
        let mut seen = HashSet::new();
        while let Some(schema) = open.pop() {
            if !seen.insert(std::ptr::from_ref(schema).addr()) {
                continue;
            }
            let of_fields = schema.fields.iter().flat_map(|field| field.invariants);
            let all = schema.invariants.iter().chain(of_fields);
            found.extend(all.map(|one| (one.key, one.expression)));
            let types = schema.fields.iter().flat_map(|field| field.types);
            open.extend(types.filter_map(healthcode_core::Type::schema));
        }
        found
    });
    let row = ROWS.get(key)?;
    EXPRESSIONS.contains(&(key, expression)).then_some(row.rule)
}

/// The rule of an invariant of a release: that of R4's invariant, if it is the same.
fn rule_of_release(one: &'static Invariant, release: &'static Release) -> &'static Rule {
    static RULES: Mutex<BTreeMap<(&str, &str, &str), &Rule>> = Mutex::new(BTreeMap::new());
    let default = if one.best_practice {
        RuleDefault::BestPractice
    } else {
        RuleDefault::On
    };
    let severity = if one.error {
        Severity::Error
    } else {
        Severity::Warning
    };
    if let Some(rule) = rule_of_r4(one.key, one.expression)
        && rule.severity == severity
        && rule.default == default
    {
        return rule;
    }
    let mut rules = RULES.lock().unwrap_or_else(PoisonError::into_inner);
    let (name, key, expression) = (release.name, one.key, one.expression);
    rules.entry((name, key, expression)).or_insert_with(|| {
        let title = format!("the invariant {key} of FHIR {name} is broken");
        let help = format!("FHIR {name}: this expression gives false: {expression}");
        let (title, help) = (title.leak(), help.leak());
        let rule = Rule::new(key, severity, default, "invariant", title, help);
        Box::leak(Box::new(rule))
    })
}

/// Whether an invariant of a release other than R4 is kept where it has nothing to compare, or compares what is in no
/// order: as in R4, or as the ranges of R4 (R4B's `inv-2` is of `RatioRange`).
fn is_lenient(key: &str) -> bool {
    let row = ROWS.get(key);
    row.is_some_and(|row| matches!(row.method, Method::Lenient(_))) || key == "inv-2"
}

/// The check of an invariant of a release other than R4.
fn check_of_release(
    field: Option<&'static Field>,
    invariant: &'static Invariant,
    release: &'static Release,
) -> Option<RuleCheck> {
    // These are checked with all elements, and with narratives.
    if matches!(invariant.key, "ele-1" | "txt-1" | "txt-2") {
        return None;
    }
    let rule = rule_of_release(invariant, release);
    if invariant.key == "ref-1" {
        // STU3's expression searches the resource itself, and R4B's compares even if there is no reference.
        return Some(RuleCheck {
            rule,
            check: Check::Predicate(prose::refers_to_contained),
            field,
            only_with: 0,
            kept_with: 0,
        });
    }
    let row: &'static Row = Box::leak(Box::new(Row {
        rule,
        method: Method::Expression,
        kept: Kept::default(),
        lenient: is_lenient(invariant.key),
        expression: OnceLock::new(),
    }));
    Some(RuleCheck {
        rule,
        check: Check::Expression(row, invariant.expression),
        field,
        only_with: 0,
        kept_with: 0,
    })
}

/// The checks of a type beside the invariants of its definition.
pub(crate) fn checks_in_prose(schema: &Schema) -> impl Iterator<Item = RuleCheck> {
    let checks = prose::of(schema).into_iter();
    checks.map(|(rule, check, only_with)| RuleCheck {
        rule,
        check,
        field: None,
        only_with,
        kept_with: 0,
    })
}

fn checks_at(
    field: Option<&'static Field>,
    schema: Option<&'static Schema>,
    invariants: &[&'static Invariant],
    release: Option<&'static Release>,
) -> Vec<RuleCheck> {
    if let Some(release) = release {
        let all = invariants.iter();
        return all
            .filter_map(|one| check_of_release(field, one, release))
            .collect();
    }
    let bit_of = |name: Option<&str>| {
        schema
            .zip(name)
            .map_or(0, |(schema, name)| bit(schema, name))
    };
    let check = |invariant: &&'static Invariant| {
        let row = ROWS.get(invariant.key)?;
        let check = match row.method {
            Method::Hot(holds) | Method::Lenient(holds) | Method::Meaning(holds) => {
                Check::Predicate(holds)
            }
            Method::Expression => Check::Expression(row, invariant.expression),
            Method::Elsewhere => return None,
        };
        Some(RuleCheck {
            rule: row.rule,
            check,
            field,
            only_with: bit_of(row.kept.without),
            kept_with: bit_of(row.kept.with),
        })
    };
    invariants.iter().filter_map(check).collect()
}

impl Row {
    /// Whether the expression, which is compiled when it is first needed, is true of an element, or of
    /// the value of one of its fields.
    #[cold]
    #[inline(never)]
    fn holds(
        &self,
        text: &str,
        field: Option<&Field>,
        place: &Place<'_, '_>,
        issues: &mut Issues,
    ) -> bool {
        let compile = || {
            Some(Compiled {
                expression: Expression::compile(text).ok()?,
                kept_if_empty: self.lenient || !compares(text),
            })
        };
        let node = match field {
            Some(field) => primitive(field, place),
            None => Some(Node::root(place.element)),
        };
        let (Some(compiled), Some(node)) = (self.expression.get_or_init(compile), node) else {
            return true;
        };
        let mut environment = Environment::new(place.resource).casts_filter(true);
        environment.set_root_resource(place.root);
        environment.at(node);
        // It has steps of its own; too few are noted as for the expressions of profiles.
        match place
            .budget
            .evaluate_boolean(&compiled.expression, &environment)
        {
            Ok(Some(kept)) => kept,
            Ok(None) => compiled.kept_if_empty,
            Err(_) => {
                if let Some(issue) = place.budget.issue(place.path) {
                    issues.push(issue);
                }
                true
            }
        }
    }
}

/// The value of a field that holds one primitive.
fn primitive<'v>(definition: &Field, place: &Place<'_, 'v>) -> Option<Node<'v>> {
    let fields = &place.schema.fields;
    let mut values = place.fields.iter();
    let value = values.find(|field| {
        matches!(field.value, ValueRef::Text(_))
            && std::ptr::eq(fields[usize::from(field.index)], definition)
    })?;
    let position = (value.index, value.choice);
    let value = Some(value.value);
    Some(Node::primitive(place.element, position, 0, value, None))
}

/// Whether an expression compares, outside of its texts.
fn compares(expression: &str) -> bool {
    let outside = expression.split('\'').step_by(2);
    let mut characters = outside.flat_map(str::chars);
    characters.any(|c| "=<>~".contains(c))
}

/// Reports the invariants that an element does not keep.
///
/// An element that could not be read completely is not checked: it has issues from reading.
#[inline]
pub(crate) fn check(checks: &[RuleCheck], place: &Place<'_, '_>, issues: &mut Issues) {
    if checks.is_empty() || !is_whole(place.element) {
        return;
    }
    for one in checks {
        if one.is_kept_with(place.present) {
            debug_assert!(one.is_kept(place), "{} is broken", one.rule.id);
            continue;
        }
        match one.check {
            Check::Report(find) => find(one.rule, place, issues),
            _ if is_off(one.rule, place) => {}
            Check::Predicate(holds) if holds(place) => {}
            Check::Expression(row, text) if row.holds(text, one.field, place, issues) => {}
            Check::Predicate(_) | Check::Expression(..) => report(one, place, issues),
        }
    }
}

impl RuleCheck {
    pub(crate) fn is_on_by_default(&self) -> bool {
        self.rule.default == RuleDefault::On
    }

    /// Whether elements with these fields keep it.
    #[inline]
    fn is_kept_with(&self, present: u64) -> bool {
        (self.only_with != 0 && self.only_with & present == 0) || self.kept_with & present != 0
    }

    /// An element with none of these fields keeps it; all bits if any element may break it.
    pub(crate) fn breakable_with(&self) -> u64 {
        if self.only_with == 0 {
            u64::MAX
        } else {
            self.only_with
        }
    }

    /// Whether an element keeps it, whatever its fields are.
    #[cold]
    fn is_kept(&self, place: &Place<'_, '_>) -> bool {
        let mut issues = Issues::new();
        match self.check {
            Check::Report(find) => find(self.rule, place, &mut issues),
            Check::Predicate(holds) => return holds(place),
            Check::Expression(row, text) => return row.holds(text, self.field, place, &mut issues),
        }
        issues.is_empty()
    }
}

/// Whether a rule is off by default, and was not enabled.
#[inline]
fn is_off(rule: &'static Rule, place: &Place<'_, '_>) -> bool {
    rule.default != RuleDefault::On && !place.rules.reports(rule)
}

#[cold]
#[inline(never)]
fn report(check: &RuleCheck, place: &Place<'_, '_>, issues: &mut Issues) {
    let field = check.field;
    let path = field.map(|field| place.path.child(Step::field(field.name())));
    let path = path.as_ref().unwrap_or(place.path);
    let (policy, subject) = (place.rules.policy, Subject::Element(place.element, path));
    policy.report(check.rule, path, Detail::None, subject, issues);
}
