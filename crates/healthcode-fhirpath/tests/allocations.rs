//! Evaluating the invariants of R4 allocates nothing, but for those that are named here.

use healthcode_core::{Element, Field, FieldRef, Fields, Invariant, Root, Schema, ValueRef};
use healthcode_fhirpath::{Environment, Expression, Node};
use healthcode_r4::{Resource, schema};
use mod_alloc::ModAlloc;
use std::collections::{BTreeMap, HashMap};

#[global_allocator]
static ALLOCATOR: ModAlloc = ModAlloc::new();

const RESOURCES: &[&str] = &[
    r##"{"resourceType":"Patient","id":"p","meta":{"lastUpdated":"2020-01-01T00:00:00Z"},"text":
        {"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"},
        "contained":[{"resourceType":"Organization","id":"o","name":"A"}],
        "extension":[{"url":"http://a.b","valueQuantity":{"value":1,"system":"http://unitsofmeasure.org","code":"kg"}}],
        "identifier":[{"system":"http://a.b","value":"1","period":{"start":"2020-01-01","end":"2021"}}],
        "name":[{"family":"A","given":["B","C"],"_given":[null,{"id":"x"}]}],
        "telecom":[{"system":"phone","value":"1"}],"birthDate":"1974-12-25",
        "contact":[{"name":{"text":"D"},"telecom":[{"system":"email","value":"e@f"}]}],
        "photo":[{"contentType":"image/png","data":"QUJD"}],
        "managingOrganization":{"reference":"#o"},"link":[{"other":{"reference":"Patient/q"},"type":"refer"}]}"##,
    r#"{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"1"}]},
        "subject":{"reference":"Patient/p"},"effectivePeriod":{"start":"2020-01-01T00:00:00Z","end":"2020-01-02T00:00:00Z"},
        "valueRange":{"low":{"value":1.0,"unit":"a"},"high":{"value":2.50,"unit":"a"}},
        "referenceRange":[{"low":{"value":1}}],
        "component":[{"code":{"coding":[{"system":"http://loinc.org","code":"2"}]},"valueQuantity":{"value":3}}]}"#,
    r#"{"resourceType":"MedicationRequest","status":"active","intent":"order","subject":{"reference":"Patient/p"},
        "medicationCodeableConcept":{"text":"x"},"dosageInstruction":[{"timing":{"repeat":{"frequency":1,"period":1,
        "periodUnit":"d","boundsDuration":{"value":1,"system":"http://unitsofmeasure.org","code":"d"}}},
        "doseAndRate":[{"doseQuantity":{"value":1}}]}]}"#,
    r#"{"resourceType":"Bundle","type":"searchset","total":1,"link":[{"relation":"self","url":"http://a.b"}],"entry":[
        {"fullUrl":"http://a.b/Patient/p","resource":{"resourceType":"Patient","id":"p"},"search":{"mode":"match"}},
        {"fullUrl":"http://a.b/Patient/q","resource":{"resourceType":"Patient","id":"q"},"search":{"mode":"match"}}]}"#,
    r#"{"resourceType":"Appointment","status":"booked","start":"2020-01-01T00:00:00Z","end":"2020-01-01T01:00:00Z",
        "participant":[{"actor":{"reference":"Patient/p"},"status":"accepted"}]}"#,
];

/// The invariants that allocate, and why.
const ALLOCATE: &[(&str, &str)] = &[
    (
        "bdl-7",
        "joins texts, and collects them to find those that are distinct",
    ),
    ("dom-3", "collects references, and joins # to ids"),
    ("obs-7", "collects codings to intersect them"),
    ("ref-1", "takes a part of a text"),
    ("rng-2", "quantities have units of their own"),
];

/// What is compiled, and how much each invariant allocated at most.
struct Count<'e, 'v> {
    expressions: &'e HashMap<&'static str, Expression>,
    environment: Environment<'v>,
    fields: Fields<'v>,
    most: BTreeMap<&'static str, u64>,
}

impl<'v> Count<'_, 'v> {
    fn judge(&mut self, invariants: &[&'static Invariant], node: Node<'v>) {
        for invariant in invariants {
            let Some(expression) = self.expressions.get(invariant.expression) else {
                continue;
            };
            self.environment.at(node);
            let evaluate = || expression.evaluate_boolean(&self.environment).is_ok();
            // The first time, buffers that are kept may grow. Others may allocate meanwhile.
            evaluate();
            let once = || {
                let before = ALLOCATOR.snapshot().alloc_count;
                evaluate();
                ALLOCATOR.snapshot().alloc_count - before
            };
            let least = (0..5).map(|_| once()).min().unwrap_or_default();
            let most = self.most.entry(invariant.key).or_default();
            *most = least.max(*most);
        }
    }

    fn element(
        &mut self,
        element: &'v dyn Element,
        node: Node<'v>,
        holder: Option<&'static Field>,
    ) {
        let start = self.fields.len();
        element.fields(&mut self.fields);
        let schema = element.schema();
        self.judge(schema.invariants, node);
        self.judge(holder.map_or(&[][..], |field| field.invariants), node);
        for at in start..self.fields.len() {
            let field: FieldRef<'v> = self.fields.get(at);
            let definition = schema.fields[usize::from(field.index)];
            let place = (field.index, field.choice);
            match field.value {
                ValueRef::Element(child) => {
                    let node = Node::element(element, place, 0, child);
                    self.element(child, node, Some(definition));
                }
                ValueRef::Elements(items) => {
                    for index in 0..items.count() {
                        let child = items.element_at(index);
                        let node = Node::element(element, place, index, child);
                        self.element(child, node, Some(definition));
                    }
                }
                _ => {}
            }
        }
        self.fields.truncate(start);
    }
}

#[test]
fn invariants() {
    let mut expressions = HashMap::new();
    let mut open: Vec<&'static Schema> = schema::ALL.to_vec();
    let mut seen = std::collections::HashSet::new();
    while let Some(schema) = open.pop() {
        if !seen.insert(std::ptr::from_ref(schema) as usize) {
            continue;
        }
        let of_fields = schema.fields.iter().flat_map(|field| field.invariants);
        for invariant in of_fields.chain(schema.invariants) {
            if let Ok(compiled) = Expression::compile(invariant.expression) {
                expressions.insert(invariant.expression, compiled);
            }
        }
        let types = schema.fields.iter().flat_map(|field| field.types);
        open.extend(types.filter_map(healthcode_core::Type::schema));
    }
    let mut most: BTreeMap<&str, u64> = BTreeMap::new();
    for json in RESOURCES {
        let read = healthcode_json::from_str::<Resource>(json).expect("JSON");
        assert_eq!(read.issues, [], "{json}");
        let root = read.value.as_element();
        let mut count = Count {
            expressions: &expressions,
            environment: Environment::new(root),
            fields: Fields::new(),
            most: BTreeMap::new(),
        };
        count.element(root, Node::root(root), None);
        for (key, found) in count.most {
            let most = most.entry(key).or_default();
            *most = found.max(*most);
        }
    }
    assert!(most.len() > 40, "{}", most.len());
    most.retain(|_, count| *count > 0);
    let allowed: Vec<&str> = ALLOCATE.iter().map(|(key, _)| *key).collect();
    let found: Vec<&str> = most.keys().copied().collect();
    assert_eq!(found, allowed, "{most:?}");
}
