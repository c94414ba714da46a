//! [`Plan`]: what to look at in the instances of a type, worked out once for each.

use crate::field::FieldFacts;
use crate::invariant::{self, RuleCheck};
use healthcode_core::{Field, Invariant, PrimitiveKind, Schema, SchemaKind, Type};
use healthcode_r4::{Resource, schema};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{LazyLock, OnceLock};

/// The rules of a type beyond those that its definition states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeRules {
    None,
    Attachment,
    Narrative,
    Reference,
    Bundle,
    BundleEntry,
}

impl TypeRules {
    fn of(schema: &Schema) -> TypeRules {
        match schema.name {
            "Attachment" => TypeRules::Attachment,
            "Narrative" => TypeRules::Narrative,
            "Reference" => TypeRules::Reference,
            "Bundle" => TypeRules::Bundle,
            "Bundle.entry" => TypeRules::BundleEntry,
            _ => TypeRules::None,
        }
    }
}

/// What to look at in every instance of a type.
pub(crate) struct Plan {
    /// The type's own rules.
    pub(crate) rules: TypeRules,
    /// Whether there are canonicals among its fields.
    pub(crate) canonicals: bool,
    /// The invariants of the type.
    pub(crate) invariants: Vec<RuleCheck>,
    /// By the index of the field.
    pub(crate) fields: Vec<FieldPlan>,
    /// Whether the type is `Coding`.
    pub(crate) is_coding: bool,
    /// Which of the fields are `extension` and `modifierExtension`: bit *i* stands for `fields[i]`.
    pub(crate) extensions: u64,
}

/// What to look at in every value of a field.
pub(crate) struct FieldPlan {
    pub(crate) facts: FieldFacts,
    /// The invariants that are declared on the field rather than on its type.
    pub(crate) invariants: Vec<RuleCheck>,
    /// By the index of the value's type: the invariants that a profile adds to it (`Age`).
    pub(crate) profiles: Vec<Vec<RuleCheck>>,
}

impl Plan {
    /// The plan for a type of R4; `None` for another version's.
    #[inline]
    pub(crate) fn of(schema: &'static Schema) -> Option<&'static Plan> {
        let planned = PLANS.get(&(std::ptr::from_ref(schema) as usize))?;
        Some(planned.plan())
    }

    /// The field that holds elements of this type, for a type that is defined in place.
    pub(crate) fn holder(schema: &'static Schema) -> Option<&'static FieldPlan> {
        if schema.kind != SchemaKind::Backbone {
            return None;
        }
        let planned = PLANS.get(&(std::ptr::from_ref(schema) as usize))?;
        *planned.holder.get_or_init(|| {
            let (parent, name) = schema.name.rsplit_once('.')?;
            let holds = |field: &&FieldPlan| {
                let same = |it: &Schema| std::ptr::eq(it, schema);
                let definition = field.facts.definition;
                definition.name() == name
                    && definition
                        .types
                        .iter()
                        .any(|one| one.schema.is_some_and(same))
            };
            let mut parents = PLANS.values().filter(|it| it.schema.name == parent);
            parents.find_map(|parent| parent.plan().fields.iter().find(holds))
        })
    }

    fn new(schema: &'static Schema) -> Plan {
        let field = |field: &&'static Field| FieldPlan {
            facts: FieldFacts::new(schema, field),
            invariants: invariant::checks(field.invariants),
            profiles: profiles(field),
        };
        let mut invariants = invariant::checks(schema.invariants);
        invariants.extend(invariant::checks_in_prose(schema));
        let is_primitive = |field: &Field| field.types.iter().all(|it| it.primitive.is_some());
        let mut extensions = 0;
        for (index, field) in schema.fields.iter().enumerate() {
            if is_primitive(field) {
                invariants.extend(invariant::checks_of_primitive(field));
            }
            if matches!(field.name(), "extension" | "modifierExtension") {
                extensions |= 1 << index;
            }
        }
        let is_canonical = |one: &Type| one.primitive == Some(PrimitiveKind::Canonical);
        let mut types = schema.fields.iter().flat_map(|field| field.types);
        Plan {
            rules: TypeRules::of(schema),
            canonicals: types.any(is_canonical),
            invariants,
            fields: schema.fields.iter().map(field).collect(),
            is_coding: schema.name == "Coding",
            extensions,
        }
    }
}

/// What profiles add to the types of a field. All are on one type, whose invariants they repeat.
fn profiles(field: &'static Field) -> Vec<Vec<RuleCheck>> {
    let is_profile = |schema: &Schema| schema::PROFILES.iter().any(|it| std::ptr::eq(*it, schema));
    let mut types = field.types.iter();
    if !types.any(|one| one.schema.is_some_and(is_profile)) {
        return Vec::new();
    }
    let base = schema::find("Quantity").map_or(&[][..], |schema| schema.invariants);
    let added = |schema: &'static Schema| -> Vec<&'static Invariant> {
        let own = |it: &&&Invariant| !base.iter().any(|other| other.key == it.key);
        schema.invariants.iter().filter(own).copied().collect()
    };
    let of_type = |one: &'static Type| match one.schema {
        Some(schema) if is_profile(schema) => invariant::checks(&added(schema)),
        _ => Vec::new(),
    };
    let all: Vec<_> = field.types.iter().map(of_type).collect();
    if all.iter().all(Vec::is_empty) {
        Vec::new()
    } else {
        all
    }
}

/// A type of R4, and its plan once that was wanted: few types occur in a payload.
struct Planned {
    schema: &'static Schema,
    plan: OnceLock<Plan>,
    holder: OnceLock<Option<&'static FieldPlan>>,
}

impl Planned {
    #[inline]
    fn plan(&'static self) -> &'static Plan {
        self.plan.get_or_init(|| Plan::new(self.schema))
    }
}

/// By the address of the schema.
static PLANS: LazyLock<HashMap<usize, Planned, BuildHasherDefault<Address>>> =
    LazyLock::new(|| {
        let mut plans = HashMap::default();
        let mut open: Vec<&'static Schema> = Vec::new();
        open.extend(
            Resource::TYPE_NAMES
                .iter()
                .filter_map(|name| schema::find(name)),
        );
        while let Some(schema) = open.pop() {
            let place = plans.entry(std::ptr::from_ref(schema) as usize);
            if let Entry::Vacant(place) = place {
                place.insert(Planned {
                    schema,
                    plan: OnceLock::new(),
                    holder: OnceLock::new(),
                });
                let types = schema.fields.iter().flat_map(|field| field.types);
                open.extend(types.filter_map(|one| one.schema));
            }
        }
        plans
    });

/// Hashes an address by one multiplication: addresses are apart, and nobody chooses them.
#[derive(Default)]
struct Address(u64);

impl Hasher for Address {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_usize(usize::from(byte));
        }
    }
    fn write_usize(&mut self, address: usize) {
        let mixed = (self.0 ^ address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}
