//! [`Plan`]: what a profile requires beyond R4's own definitions, compiled once.

use super::ProfileSet;
use super::constant::Constant;
use super::discriminator::Test;
use super::item::named;
use super::limit::{forms, limits};
use super::node::{Node, code_of, common, is_abstract, is_kind_of, schema_of, type_name};
use crate::generated::profiles::CORRECTED;
use crate::registry::profiles as rule;
use healthcode_core::{Constraint, Element, Extensible, Field, Rule, Schema, UNBOUNDED};
use healthcode_fhirpath::Expression;
use healthcode_r4::{
    ElementDefinition, ElementDefinitionSlicing, Extension, OpenType, codes, schema,
};
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::sync::{Arc, LazyLock};

/// The extension of a binding that names the value set which all codes must be from (`maxValueSet`).
const MAX_VALUE_SET: &str = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet";

/// Texts in expressions that may use the entries of a Bundle.
const LOOKING_DOWN: &[&str] = &["entry", "children", "descendants", "resolve"];

/// The requirements of a profile.
pub(super) struct Plan {
    /// The type that it is a profile of.
    pub(super) type_name: Box<str>,
    pub(super) of_type: Arc<Constraint>,
    /// The constraint of issues about what is unchecked.
    pub(super) whole: Arc<Constraint>,
    pub(super) root: Check,
}

/// The canonical URLs of profiles.
pub(super) type Urls = Vec<Box<str>>;

/// The requirements for a value.
#[derive(Default)]
pub(super) struct Check {
    /// The types that are allowed, if they are fewer than R4's.
    pub(super) types: Option<(Vec<Box<str>>, Arc<Constraint>)>,
    /// The profiles of which it must follow one, by type.
    pub(super) profiles: Vec<(Box<str>, Urls, Arc<Constraint>)>,
    /// The targets of references, if they are fewer than R4's.
    pub(super) targets: Option<(Urls, Arc<Constraint>)>,
    pub(super) fixed: Option<(Constant, Arc<Constraint>)>,
    /// Whether the fixed value is a primitive without an id and extensions.
    pub(super) is_bare: bool,
    pub(super) pattern: Option<(Constant, Arc<Constraint>)>,
    pub(super) bindings: Vec<Bound>,
    /// Invariants and limits.
    pub(super) invariants: Vec<Invariant>,
    /// The schema of its elements; that of a primitive's metadata for one.
    pub(super) schema: Option<&'static Schema>,
    pub(super) fields: Vec<FieldCheck>,
}

/// A binding of a profile that is not R4's own.
pub(super) struct Bound {
    pub(super) required: bool,
    pub(super) value_set: Box<str>,
    pub(super) constraint: Arc<Constraint>,
}

/// An invariant of a profile that is not R4's own, or a limit.
pub(super) struct Invariant {
    pub(super) rule: &'static Rule,
    pub(super) error: bool,
    /// Whether it may use the entries of a Bundle.
    pub(super) of_entries: bool,
    /// Absent if it could not be compiled.
    pub(super) expression: Option<Expression>,
    pub(super) constraint: Arc<Constraint>,
}

/// The requirements for the values of a field.
pub(super) struct FieldCheck {
    pub(super) definition: &'static Field,
    pub(super) index: usize,
    pub(super) count: Count,
    pub(super) value: Check,
    pub(super) slicing: Option<Slicing>,
}

/// How often something occurs.
#[derive(Default)]
pub(super) struct Count {
    pub(super) min: Option<(u32, Arc<Constraint>)>,
    pub(super) max: Option<(u32, Arc<Constraint>)>,
    pub(super) must_support: Option<Arc<Constraint>>,
}

/// How values are put into slices.
pub(super) struct Slicing {
    pub(super) closed: bool,
    pub(super) ordered: bool,
    /// Values in no slice must come last.
    pub(super) open_at_end: bool,
    /// Whether values that are in no slice are reported where that is requested.
    pub(super) notes_unmatched: bool,
    pub(super) constraint: Arc<Constraint>,
    pub(super) slices: Vec<Slice>,
}

pub(super) struct Slice {
    pub(super) name: Box<str>,
    pub(super) tests: Vec<Test>,
    /// The URL that an extension must have to be in the slice, where that is the only test.
    pub(super) url: Option<Box<str>>,
    pub(super) count: Count,
    pub(super) value: Check,
    /// The slicing of its values in turn.
    pub(super) slicing: Option<Slicing>,
    /// A name for the unchecked slice if its discriminators cannot be evaluated.
    pub(super) constraint: Arc<Constraint>,
}

impl Check {
    pub(super) fn is_empty(&self) -> bool {
        self.types.is_none()
            && self.profiles.is_empty()
            && self.targets.is_none()
            && self.fixed.is_none()
            && self.pattern.is_none()
            && self.bindings.is_empty()
            && self.invariants.is_empty()
            && self.fields.is_empty()
    }
}

impl FieldCheck {
    /// Whether something is reported where there are no values.
    pub(super) fn requires_values(&self) -> bool {
        self.count.requires_values() || self.slicing.as_ref().is_some_and(Slicing::requires_values)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count.is_empty() && self.value.is_empty() && self.slicing.is_none()
    }
}

impl Slicing {
    fn requires_values(&self) -> bool {
        self.slices.iter().any(Slice::requires_values)
    }
}

impl Slice {
    /// Whether something is reported where no values are in it.
    pub(super) fn requires_values(&self) -> bool {
        self.count.requires_values() || self.slicing.as_ref().is_some_and(Slicing::requires_values)
    }
}

impl Count {
    fn requires_values(&self) -> bool {
        self.min.is_some() || self.must_support.is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.min.is_none() && self.max.is_none() && self.must_support.is_none()
    }
}

/// The invariants that R4 has itself, by key.
static OWN: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let all = schema::ALL.iter().chain(schema::PROFILES);
    let mut own = HashMap::new();
    let mut open: Vec<&'static Schema> = all.copied().collect();
    while let Some(schema) = open.pop() {
        let fields = schema.fields.iter();
        let of_fields = fields.flat_map(|field| field.invariants.iter());
        for one in of_fields.chain(schema.invariants) {
            own.insert(one.key, one.expression);
        }
        for of_type in schema.fields.iter().flat_map(|field| field.types) {
            if let Some(inner) = of_type.schema()
                && inner
                    .name
                    .strip_prefix(schema.name)
                    .is_some_and(|rest| rest.starts_with('.'))
            {
                open.push(inner);
            }
        }
    }
    own
});

/// Makes the plan of one profile.
pub(super) struct Compiler<'s> {
    set: &'s ProfileSet,
    url: &'s str,
    /// The problems: the id of the element, and the problem.
    pub(super) problems: Vec<(String, String)>,
    /// All its requirements.
    pub(super) constraints: HashSet<Arc<Constraint>>,
    /// Whether requirements of profiles of types are repeated here, although the plans of these have them.
    repeats: bool,
}

/// The current element: its id, and the R4 definition of its values.
struct Place<'p> {
    id: &'p str,
    field: Option<&'static Field>,
}

impl<'s> Compiler<'s> {
    pub(super) fn new(set: &'s ProfileSet, url: &'s str) -> Self {
        Compiler {
            set,
            url,
            problems: Vec::new(),
            constraints: HashSet::new(),
            repeats: false,
        }
    }

    pub(super) fn plan(&mut self, tree: &Node) -> Plan {
        let place = Place {
            id: &tree.name,
            field: None,
        };
        let like = || schema::find(common(&tree.name)?.0);
        let inner = schema_of(&tree.name).or_else(like);
        let mut root = self.check(tree, inner, &place);
        // The type of the root is the type that the profile constrains.
        root.types = None;
        root.profiles.clear();
        Plan {
            type_name: tree.name.clone(),
            of_type: self.constraint(&tree.name, &format!("{} alone", tree.name)),
            whole: self.constraint(&tree.name, ""),
            root,
        }
    }

    fn constraint(&mut self, id: &str, text: &str) -> Arc<Constraint> {
        let constraint = Arc::new(Constraint::new(self.url, id, text));
        self.constraints.insert(Arc::clone(&constraint));
        constraint
    }

    /// The requirements for values of `node`; `inner` is the schema of their elements.
    fn check(&mut self, node: &Node, inner: Option<&'static Schema>, place: &Place<'_>) -> Check {
        let definition = &node.definition;
        let id = place.id;
        let text = |what: &str, constant: &Constant| {
            let mut text = format!("{what} {constant}");
            if text.chars().count() > 160 {
                text = text.chars().take(159).collect();
                text.push('…');
            }
            text
        };
        let fixed = Constant::in_field(definition, "fixed");
        let pattern = Constant::in_field(definition, "pattern");
        let mut check = Check {
            is_bare: named(definition, "fixed")
                .iter()
                .all(|item| item.metadata.is_none()),
            fixed: fixed.map(|value| {
                let constraint = self.constraint(id, &text("fixed as", &value));
                (value, constraint)
            }),
            pattern: pattern.map(|value| {
                let constraint = self.constraint(id, &text("with", &value));
                (value, constraint)
            }),
            bindings: self.bindings(definition, place),
            invariants: self.invariants(definition, id),
            schema: inner,
            ..Check::default()
        };
        self.types(definition, place, &mut check);
        if let Some(children) = &node.children
            && let Some(inner) = inner
        {
            for child in children {
                if &*child.name == "value" && inner.kind == healthcode_core::SchemaKind::Metadata {
                    check.invariants.extend(self.value_of_primitive(child, id));
                    continue;
                }
                if let Some(field) = self.field(child, inner, id) {
                    check.fields.push(field);
                }
            }
            self.leave_to_profile(&mut check);
        }
        check
    }

    /// The requirements for the value of a primitive, which is not an element in this model: presence or absence,
    /// and limits.
    fn value_of_primitive(&mut self, node: &Node, holder: &str) -> Vec<Invariant> {
        let id = format!("{holder}.value");
        let mut out = self.invariants(&node.definition, &id);
        let count = match (node.min(), node.max()) {
            (_, Some(0)) => Some((&rule::R4_PROFILE_MAX, "none", "hasValue().not()")),
            (1.., _) => Some((&rule::R4_PROFILE_MIN, "at least 1", "hasValue()")),
            _ => None,
        };
        out.extend(count.map(|(rule, text, expression)| Invariant {
            rule,
            error: true,
            of_entries: false,
            expression: Expression::compile(expression).ok(),
            constraint: self.constraint(&id, text),
        }));
        out
    }

    /// Leaves out the requirements of the type's only profile, whose elements the node may have inherited.
    fn leave_to_profile(&mut self, check: &mut Check) {
        if self.repeats || check.fields.is_empty() {
            return;
        }
        if let [(_, urls, _)] = check.profiles.as_slice()
            && let [url] = urls.as_slice()
            && let Some(tree) = self.set.tree(url)
        {
            let mut compiler = Compiler::new(self.set, url);
            compiler.repeats = true;
            check.subtract(&compiler.plan(&tree).root);
        }
    }

    /// The requirements for the elements of one name.
    fn field(&mut self, node: &Node, holder: &'static Schema, id: &str) -> Option<FieldCheck> {
        let id = format!("{id}.{}", node.name);
        let name = node.name.strip_suffix("[x]").unwrap_or(&node.name);
        let Some((index, field)) = holder.field(name) else {
            let text = format!("{} has no element {}", holder.name, node.name);
            self.problems.push((id, text));
            return None;
        };
        let place = Place {
            id: &id,
            field: Some(field),
        };
        let own_max = match field.max {
            UNBOUNDED => None,
            max => Some(u32::from(max)),
        };
        let count = self.count(node, &id, u32::from(field.min), own_max);
        let inner = self.inner(node, field);
        let value = self.check(node, inner, &place);
        let stated = node.definition.slicing.as_deref();
        let slicing = stated.and_then(|stated| self.slicing(node, stated, field, &id, &value));
        let check = FieldCheck {
            definition: field,
            index,
            count,
            value,
            slicing,
        };
        (!check.is_empty()).then_some(check)
    }

    fn count(&mut self, node: &Node, id: &str, min: u32, max: Option<u32>) -> Count {
        let (least, most) = (node.min(), node.max());
        let lower = match (most, max) {
            (Some(most), Some(max)) => most < max,
            (Some(_), None) => true,
            (None, _) => false,
        };
        Count {
            min: (least > min).then(|| (least, self.constraint(id, &format!("at least {least}")))),
            max: most.filter(|_| lower).map(|most| {
                let text = match most {
                    0 => "none".to_owned(),
                    most => format!("at most {most}"),
                };
                (most, self.constraint(id, &text))
            }),
            must_support: (node.definition.must_support.get() == Some(true))
                .then(|| self.constraint(id, "must be supported")),
        }
    }

    /// The schema of the elements of a node's values.
    fn inner(&self, node: &Node, field: &'static Field) -> Option<&'static Schema> {
        if let [own] = field.types
            && own.code != "Resource"
        {
            return match own.primitive {
                Some(_) => Some(<Extension as Extensible>::metadata_schema()),
                None => own.schema(),
            };
        }
        let [one] = node.definition.type_.as_slice() else {
            let all_primitive = field.types.iter().all(|one| one.primitive.is_some());
            return all_primitive.then(<Extension as Extensible>::metadata_schema);
        };
        let code = code_of(one);
        let own = field.types.iter().find(|own| own.code == code);
        match own {
            Some(own) if own.primitive.is_some() => {
                Some(<Extension as Extensible>::metadata_schema())
            }
            Some(own) if own.schema().is_some() => own.schema(),
            _ => schema_of(code).or_else(|| schema::find(common(code)?.0)),
        }
    }

    fn types(&mut self, definition: &ElementDefinition, place: &Place<'_>, check: &mut Check) {
        let id = place.id;
        let stated = &definition.type_;
        let Some(field) = place.field else { return };
        let has = |code: &str| {
            stated
                .iter()
                .any(|one| code_of(one) == code || is_abstract(code_of(one)))
        };
        let own_code = |code: &'static str| match code {
            "SimpleQuantity" | "MoneyQuantity" => "Quantity",
            code => code,
        };
        let in_place = field.types.iter().any(|one| {
            one.schema()
                .is_some_and(|s| s.kind == healthcode_core::SchemaKind::Backbone)
        });
        let resource = field.types.iter().any(|one| one.code == "Resource");
        let narrower = if resource {
            !stated.iter().any(|one| code_of(one) == "Resource")
        } else {
            field.choice && !field.types.iter().all(|one| has(own_code(one.code)))
        };
        if !stated.is_empty() && !in_place && narrower {
            let names: Vec<Box<str>> = stated.iter().map(|one| code_of(one).into()).collect();
            let text = format!("expected {}", names.join(" or "));
            check.types = Some((names, self.constraint(id, &text)));
        }
        for one in stated {
            let code = code_of(one);
            let urls: Vec<Box<str>> = one
                .profile
                .iter()
                .filter_map(|url| url.as_str())
                .map(Box::from)
                .collect();
            let own = |url: &str| {
                type_name(url).is_some_and(|name| {
                    field.types.iter().any(|own| own.code == name) || is_kind_of(code, name)
                })
            };
            if !urls.is_empty() && !urls.iter().any(|url| own(url)) {
                let constraint =
                    self.constraint(id, &format!("by the profile {}", urls.join(" or ")));
                check.profiles.push((code.into(), urls, constraint));
            }
            if matches!(code, "Reference" | "canonical") {
                self.targets(one, field, id, check);
            }
        }
    }

    fn targets(
        &mut self,
        stated: &healthcode_r4::ElementDefinitionType,
        field: &'static Field,
        id: &str,
        check: &mut Check,
    ) {
        let targets = stated.target_profile.iter().filter_map(|url| url.as_str());
        let targets: Vec<Box<str>> = targets.map(Box::from).collect();
        let code = code_of(stated);
        let own = field.types.iter().find(|own| own.code == code);
        let own = own.map_or(&[][..], |own| own.targets);
        let all = |url: &str| type_name(url).is_some_and(is_abstract);
        if targets.is_empty() || targets.iter().any(|url| all(url)) {
            return;
        }
        let among = |name: &str| targets.iter().any(|url| type_name(url) == Some(name));
        if !own.is_empty() && own.iter().all(|name| among(name)) {
            return;
        }
        let mut text = String::from("a reference to ");
        for (at, url) in targets.iter().enumerate() {
            let or = if at > 0 { " or " } else { "" };
            let _ = write!(text, "{or}{}", type_name(url).unwrap_or(url));
        }
        let constraint = self.constraint(id, &text);
        check.targets = Some((targets, constraint));
    }

    /// The binding, and the one that limits the choice of codes.
    fn bindings(&mut self, definition: &ElementDefinition, place: &Place<'_>) -> Vec<Bound> {
        let mut all: Vec<Bound> = self.binding(definition, place).into_iter().collect();
        let binding = definition.binding.as_ref();
        let extensions = binding.map_or(&[][..], |binding| &binding.extension);
        let own = place.field.and_then(|field| field.binding);
        let own = own.map(|own| own.max_value_set);
        for extension in extensions {
            let stated = match &extension.value {
                Some(OpenType::Canonical(url)) => url.as_str(),
                Some(OpenType::Uri(url)) => url.as_str(),
                _ => None,
            };
            let is_limit = extension.url.as_deref() == Some(MAX_VALUE_SET);
            // R4's own limit is checked without a profile.
            let is_own = |url: &&str| url.split('|').next() == own;
            if let Some(stated) = stated.filter(|url| is_limit && !is_own(url)) {
                all.push(Bound {
                    required: true,
                    value_set: stated.into(),
                    constraint: self.constraint(place.id, &format!("no code but from {stated}")),
                });
            }
        }
        all
    }

    fn binding(&mut self, definition: &ElementDefinition, place: &Place<'_>) -> Option<Bound> {
        use healthcode_core::BindingStrength as Own;
        let binding = definition.binding.as_ref()?;
        let required = match binding.strength.value()? {
            codes::BindingStrength::Required => true,
            codes::BindingStrength::Extensible => false,
            _ => return None,
        };
        let stated = binding.value_set.as_str()?;
        let url = stated.split('|').next().unwrap_or(stated);
        if let Some(own) = place.field.and_then(|field| field.binding)
            && own.value_set == url
            && (own.strength == Own::Required || !required)
        {
            return None;
        }
        let text = if required {
            format!("a code from {stated}")
        } else {
            format!("a code from {stated} where one fits")
        };
        Some(Bound {
            required,
            value_set: stated.into(),
            constraint: self.constraint(place.id, &text),
        })
    }

    fn invariants(&mut self, definition: &ElementDefinition, id: &str) -> Vec<Invariant> {
        let mut out = Vec::new();
        for one in &definition.constraint {
            let key = one.key.as_str().unwrap_or_default();
            let expression = one.expression.as_str().unwrap_or_default();
            // R4's invariants of all elements, or of this one, are checked without a profile; its invariants
            // of quantities in some places do not apply to others.
            let own = OWN.get(key).is_some_and(|own| *own == expression)
                && !(id == "Quantity" && matches!(key, "sqty-1" | "mqty-1"));
            if own || matches!(key, "ele-1" | "ext-1") || expression.is_empty() {
                continue;
            }
            // Others evaluate what was published, and may not agree; R4's own profiles are ours.
            let disputed = !self.set.is_own && CORRECTED.contains(&expression);
            let human = one.human.as_str().unwrap_or(expression);
            let compiled = Expression::compile(expression);
            if let Err(error) = &compiled {
                let text = format!("the expression of {key} is wrong: {error}");
                self.problems.push((id.to_owned(), text));
            }
            out.push(Invariant {
                rule: &rule::R4_PROFILE_INVARIANT,
                of_entries: LOOKING_DOWN
                    .iter()
                    .any(|function| expression.contains(function)),
                error: !disputed
                    && one.severity.value() != Some(&codes::ConstraintSeverity::Warning),
                expression: compiled.ok(),
                constraint: self.constraint(id, &format!("{key}: {human}")),
            });
        }
        let limits = limits(definition).into_iter();
        let limits = limits.map(|(text, limit)| (&rule::R4_PROFILE_LIMIT, text, limit));
        let forms = forms(definition).into_iter();
        let forms = forms.map(|(text, form)| {
            (
                &rule::R4_PROFILE_TARGET,
                format!("a reference {text}"),
                form,
            )
        });
        for (rule, text, expression) in limits.chain(forms) {
            out.push(Invariant {
                rule,
                error: true,
                of_entries: false,
                expression,
                constraint: self.constraint(id, &text),
            });
        }
        out
    }

    /// The slicing of values of `node`, whose own requirements are `whole`.
    fn slicing(
        &mut self,
        node: &Node,
        stated: &ElementDefinitionSlicing,
        field: &'static Field,
        id: &str,
        whole: &Check,
    ) -> Option<Slicing> {
        let rules = stated.rules.value().map_or("open", |rules| rules.as_str());
        let names: Vec<&str> = node.slices.iter().filter_map(Node::slice).collect();
        if names.is_empty() {
            return None;
        }
        let constraint = self.constraint(id, &format!("in one of the slices {}", names.join(", ")));
        let element = id.split_at_checked(id.rfind(':').unwrap_or(id.len()));
        let element = match node.slice() {
            Some(_) => element.map_or(id, |(element, _)| element),
            None => id,
        };
        let mut slices = Vec::new();
        for slice in &node.slices {
            let name = slice.slice().unwrap_or_default();
            let id = format!("{element}:{name}");
            let place = Place {
                id: &id,
                field: Some(field),
            };
            let mut tests = Vec::new();
            for one in &stated.discriminator {
                let test = Test::of(self.set, one, slice, field);
                if let Test::Unsupported = &test {
                    let text = "the path of a discriminator is not of the kind that slicing allows";
                    self.problems.push((id.clone(), text.to_owned()));
                }
                tests.push(test);
            }
            // A slice may state values for some discriminators, and leave the others open.
            if tests.iter().any(|test| matches!(test, Test::At(..))) {
                tests.retain(|test| *test != Test::Unknown);
            }
            if tests.is_empty() {
                tests.push(Test::Unknown);
            }
            let inner = self.inner(slice, field);
            let mut value = self.check(slice, inner, &place);
            let own = slice.definition.slicing.as_deref();
            let open = ElementDefinitionSlicing {
                rules: codes::SlicingRules::Open.into(),
                ..stated.clone()
            };
            let slicing = self.slicing(slice, own.unwrap_or(&open), field, &id, &value);
            value.subtract(whole);
            slices.push(Slice {
                name: name.into(),
                url: Test::url(&tests).map(Box::from),
                tests,
                count: self.count(slice, &id, 0, node.max()),
                value,
                slicing,
                constraint: self.constraint(&id, &format!("which values are of the slice {name}")),
            });
        }
        Some(Slicing {
            closed: rules == "closed",
            ordered: stated.ordered.get() == Some(true),
            open_at_end: rules == "openAtEnd",
            notes_unmatched: true,
            constraint,
            slices,
        })
    }
}

/// The name of a resource's type; `None` for one that R4 does not define.
pub(super) fn type_of_resource(element: &dyn Element) -> Option<&'static str> {
    let schema = element.schema();
    (schema.kind == healthcode_core::SchemaKind::Resource).then_some(schema.name)
}
