//! [`Plan`]: what to look at in the instances of a type, worked out once for all of R4.

use crate::invariant::{self, Check};
use healthcode_core::{Field, ResourceType, Root, Schema};
use healthcode_r4::Resource;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// What to look at in every instance of a type.
pub(crate) struct Plan {
    /// The invariants of the type.
    pub(crate) invariants: Vec<Check>,
    /// By the index of the field.
    pub(crate) fields: Vec<FieldPlan>,
}

/// What to look at in every value of a field.
pub(crate) struct FieldPlan {
    pub(crate) definition: &'static Field,
    /// The invariants that are declared on the field rather than on its type.
    pub(crate) invariants: Vec<Check>,
}

impl Plan {
    /// The plan for a type of R4; `None` for another version's.
    #[inline]
    pub(crate) fn of(schema: &'static Schema) -> Option<&'static Plan> {
        PLANS.get(&(std::ptr::from_ref(schema) as usize))
    }

    fn new(schema: &'static Schema) -> Plan {
        let field = |field: &&'static Field| FieldPlan {
            definition: field,
            invariants: invariant::checks(field.invariants),
        };
        Plan {
            invariants: invariant::checks(schema.invariants),
            fields: schema.fields.iter().map(field).collect(),
        }
    }
}

/// By the address of the schema.
static PLANS: LazyLock<HashMap<usize, Plan, BuildHasherDefault<Address>>> = LazyLock::new(|| {
    let mut plans = HashMap::default();
    let mut open: Vec<&'static Schema> = Vec::new();
    for name in Resource::TYPE_NAMES {
        open.push(Resource::of_type(Some(name)).as_element().schema());
    }
    while let Some(schema) = open.pop() {
        let place = plans.entry(std::ptr::from_ref(schema) as usize);
        if let Entry::Vacant(place) = place {
            place.insert(Plan::new(schema));
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
