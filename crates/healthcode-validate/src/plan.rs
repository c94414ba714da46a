//! [`Plan`]: the checks of the instances of a type, made once for each type.

use crate::address::Address;
use crate::field::FieldFacts;
use crate::invariant::{self, RuleCheck};
use crate::rule_set::RuleSet;
use healthcode_core::{
    Field, Invariant, PrimitiveKind, Release, Schema, SchemaKind, Type, UNBOUNDED,
};
use healthcode_r4::{Resource, schema};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasherDefault;
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

/// The rules of a type beyond those that its definition states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeRules {
    None,
    Attachment,
    Narrative,
    Reference,
    CodeableReference,
    Bundle,
    BundleEntry,
}

impl TypeRules {
    fn of(schema: &Schema) -> TypeRules {
        match schema.name {
            "Attachment" => TypeRules::Attachment,
            "Narrative" => TypeRules::Narrative,
            "Reference" => TypeRules::Reference,
            "CodeableReference" => TypeRules::CodeableReference,
            "Bundle" => TypeRules::Bundle,
            "Bundle.entry" => TypeRules::BundleEntry,
            _ => TypeRules::None,
        }
    }
}

/// The checks of every instance of a type.
pub(crate) struct Plan {
    /// The type's own rules.
    pub(crate) rules: TypeRules,
    /// Which of the fields may hold canonicals: bit *i* stands for `fields[i]`.
    pub(crate) canonicals: u64,
    /// The invariants of the type, and those of them that are on by default.
    invariants: Vec<RuleCheck>,
    on_by_default: Vec<RuleCheck>,
    /// By the index of the field.
    pub(crate) fields: Vec<FieldPlan>,
    /// Whether the type is `Coding`.
    pub(crate) is_coding: bool,
    /// Which of the fields are `extension` and `modifierExtension`: bit *i* stands for `fields[i]`.
    pub(crate) extensions: u64,
    /// Elements that have none of these fields ([`Place::present`](crate::place::Place::present)) keep all rules of the
    /// type that are on by default; all bits where there are rules of other kinds.
    with_rules: u64,
    /// Which of the fields may have too few or too many values: bit *i* stands for `fields[i]`.
    pub(crate) counted: u64,
    /// By the index of the field, its type if texts are checked for their form alone. Most texts are in such fields,
    /// and this is all of their plan that is read.
    pub(crate) texts: Vec<Option<PrimitiveKind>>,
}

/// The checks of every value of a field.
pub(crate) struct FieldPlan {
    pub(crate) facts: FieldFacts,
    /// The invariants that are declared on the field rather than on its type.
    pub(crate) invariants: Vec<RuleCheck>,
    /// By the index of the value's type: the invariants that a profile adds to it (`Age`).
    pub(crate) profiles: Vec<Vec<RuleCheck>>,
    /// By the index of the value's type: the type's schema, and its plan, once it was needed.
    values: Vec<(Option<&'static Schema>, OnceLock<Option<&'static Plan>>)>,
    /// Whether values are checked by rules of the field.
    pub(crate) is_checked: bool,
    /// Whether values may be coded elements, which are [`remembered`](crate::remembered).
    pub(crate) may_be_coded: bool,
}

impl FieldPlan {
    /// The plan of a value with this schema, as [`Plan::of`] finds it among `plans`, which this plan is of; `choice`
    /// is the index of the value's type.
    #[inline]
    pub(crate) fn of_value(
        &'static self,
        choice: u16,
        schema: &'static Schema,
        plans: &'static Plans,
    ) -> Option<&'static Plan> {
        match self.values.get(usize::from(choice)) {
            Some((Some(of), plan)) if std::ptr::eq(*of, schema) => {
                *plan.get_or_init(|| Plan::of(schema, plans))
            }
            // A resource, or a type of another release whose values have the schema of a wider one.
            _ => Plan::of(schema, plans),
        }
    }
}

impl Plan {
    /// The invariants of the type that may be reported.
    #[inline]
    pub(crate) fn invariants(&self, rules: &RuleSet) -> &[RuleCheck] {
        if rules.has_more() {
            &self.invariants
        } else {
            &self.on_by_default
        }
    }

    /// Whether an element with these fields may break a rule of the type that is on by default, beside the forms of its
    /// primitives.
    #[inline]
    pub(crate) fn checks(&self, present: u64) -> bool {
        self.with_rules == u64::MAX || self.with_rules & present != 0
    }

    /// The plan for a type of R4 or of `release`; `None` for types of other releases.
    #[inline]
    pub(crate) fn of(schema: &'static Schema, plans: &'static Plans) -> Option<&'static Plan> {
        let planned = plans.get(&(std::ptr::from_ref(schema) as usize))?;
        Some(planned.plan())
    }

    /// The field that holds elements of this type, for a type that is defined in place.
    pub(crate) fn holder(
        schema: &'static Schema,
        plans: &'static Plans,
    ) -> Option<&'static FieldPlan> {
        if schema.kind != SchemaKind::Backbone {
            return None;
        }
        let planned = plans.get(&(std::ptr::from_ref(schema) as usize))?;
        *planned.holder.get_or_init(|| {
            let (parent, name) = schema.name.rsplit_once('.')?;
            let holds = |field: &&FieldPlan| {
                let same = |other: &Schema| std::ptr::eq(other, schema);
                let definition = field.facts.definition;
                definition.name() == name
                    && definition
                        .types
                        .iter()
                        .any(|one| one.schema().is_some_and(same))
            };
            let mut parents = plans.values().filter(|plan| plan.schema.name == parent);
            parents.find_map(|parent| parent.plan().fields.iter().find(holds))
        })
    }

    fn new(schema: &'static Schema, release: Option<&'static Release>) -> Plan {
        // Codings in a concept are remembered with it.
        let is_coded = |one: &Type| match one.code {
            "CodeableConcept" => true,
            "Coding" => schema.name != "CodeableConcept",
            _ => false,
        };
        let field = |field: &&'static Field| {
            let facts = FieldFacts::new(schema, field, release);
            let invariants = invariant::checks(field.invariants, release);
            let profiles = profiles(field, release);
            FieldPlan {
                is_checked: facts.bound.is_some() || !invariants.is_empty() || !profiles.is_empty(),
                facts,
                invariants,
                profiles,
                may_be_coded: release.is_none() && field.types.iter().any(is_coded),
                values: field
                    .types
                    .iter()
                    .map(|one| (one.schema(), OnceLock::new()))
                    .collect(),
            }
        };
        let mut invariants = invariant::checks_of_type(schema, release);
        invariants.extend(invariant::checks_in_prose(schema));
        let is_primitive =
            |field: &Field| field.types.iter().all(|type_| type_.primitive.is_some());
        let is_canonical = |one: &Type| one.primitive == Some(PrimitiveKind::Canonical);
        let (mut extensions, mut canonicals, mut counted) = (0, 0, 0);
        for (index, field) in schema.fields.iter().enumerate() {
            if is_primitive(field) {
                invariants.extend(invariant::checks_of_primitive(field, release));
            }
            if matches!(field.name(), "extension" | "modifierExtension") {
                extensions |= 1 << index;
            }
            if field.types.iter().any(is_canonical) {
                canonicals |= 1 << index;
            }
            // Values that are there are one at least.
            if release.is_some() || field.min > 1 || field.max != UNBOUNDED {
                counted |= 1 << index;
            }
        }
        let fields: Vec<FieldPlan> = schema.fields.iter().map(field).collect();
        let (rules, is_coding) = (TypeRules::of(schema), schema.name == "Coding");
        let on = invariants.iter().filter(|one| one.is_on_by_default());
        let on_by_default: Vec<RuleCheck> = on.copied().collect();
        let with_rules = match rules {
            TypeRules::None | TypeRules::Bundle | TypeRules::BundleEntry if !is_coding => {
                let all = on_by_default.iter().map(RuleCheck::breakable_with);
                all.fold(canonicals | extensions, |all, one| all | one)
            }
            _ => u64::MAX,
        };
        let text = |field: &FieldPlan| match field.facts.definition.types {
            [only] if release.is_none() && field.facts.bound.is_none() => only.primitive,
            _ => None,
        };
        Plan {
            rules,
            with_rules,
            canonicals,
            invariants,
            on_by_default,
            counted,
            texts: fields.iter().map(text).collect(),
            fields,
            is_coding,
            extensions,
        }
    }
}

/// What profiles add to the types of a field. All are on one type, whose invariants they repeat.
fn profiles(field: &'static Field, release: Option<&'static Release>) -> Vec<Vec<RuleCheck>> {
    let is_profile = |schema: &Schema| match release {
        None => schema::PROFILES
            .iter()
            .any(|profile| std::ptr::eq(*profile, schema)),
        Some(release) => {
            let mut narrowed = release.narrowed.iter();
            narrowed.any(|(narrower, _)| std::ptr::eq(*narrower, schema))
        }
    };
    let mut types = field.types.iter();
    if !types.any(|one| one.schema().is_some_and(is_profile)) {
        return Vec::new();
    }
    let base = match release {
        None => schema::find("Quantity"),
        Some(release) => release.find("Quantity"),
    };
    let base = base.map_or(&[][..], |schema| schema.invariants);
    let added = |schema: &'static Schema| -> Vec<&'static Invariant> {
        let own = |invariant: &&&Invariant| !base.iter().any(|other| other.key == invariant.key);
        schema.invariants.iter().filter(own).copied().collect()
    };
    let of_type = |one: &'static Type| match one.schema() {
        Some(schema) if is_profile(schema) => invariant::checks(&added(schema), release),
        _ => Vec::new(),
    };
    let all: Vec<_> = field.types.iter().map(of_type).collect();
    if all.iter().all(Vec::is_empty) {
        Vec::new()
    } else {
        all
    }
}

/// A type, and its plan, which is made on first use: few types occur in a payload.
pub(crate) struct Planned {
    schema: &'static Schema,
    release: Option<&'static Release>,
    plan: OnceLock<Plan>,
    holder: OnceLock<Option<&'static FieldPlan>>,
}

impl Planned {
    #[inline]
    fn plan(&'static self) -> &'static Plan {
        self.plan
            .get_or_init(|| Plan::new(self.schema, self.release))
    }
}

/// The plans of all types of a release, by the address of the schema.
pub(crate) type Plans = HashMap<usize, Planned, BuildHasherDefault<Address>>;

static PLANS: LazyLock<Plans> = LazyLock::new(|| {
    let names = Resource::TYPE_NAMES.iter();
    plans_of(names.filter_map(|name| schema::find(name)), None)
});

/// The plans of R4's types.
pub(crate) fn plans_of_r4() -> &'static Plans {
    &PLANS
}

/// The plans of the types of a release other than R4.
#[cold]
pub(crate) fn plans_of_release(release: &'static Release) -> &'static Plans {
    static ALL: Mutex<Vec<(&'static Release, &'static Plans)>> = Mutex::new(Vec::new());
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    let mut made = all.iter();
    if let Some((_, plans)) = made.find(|(key, _)| std::ptr::eq(*key, release)) {
        return plans;
    }
    let resources = release.types.iter().copied();
    let plans = plans_of(
        resources.filter(|schema| schema.is_resource()),
        Some(release),
    );
    let plans: &'static Plans = Box::leak(Box::new(plans));
    all.push((release, plans));
    plans
}

/// The plans of resources, and of all types inside them.
fn plans_of(
    resources: impl Iterator<Item = &'static Schema>,
    release: Option<&'static Release>,
) -> Plans {
    let mut plans = Plans::default();
    let mut open: Vec<&'static Schema> = resources.collect();
    while let Some(schema) = open.pop() {
        let place = plans.entry(std::ptr::from_ref(schema) as usize);
        if let Entry::Vacant(place) = place {
            place.insert(Planned {
                schema,
                release,
                plan: OnceLock::new(),
                holder: OnceLock::new(),
            });
            let types = schema.fields.iter().flat_map(|field| field.types);
            open.extend(types.filter_map(Type::schema));
            // Values of a type that only narrows another have the schema of that type.
            let values = release.map(|release| release.schema_of_values(schema));
            open.extend(values);
        }
    }
    plans
}
