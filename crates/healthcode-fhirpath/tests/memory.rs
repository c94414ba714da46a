//! Steps bound memory: an evaluation holds no more bytes than its steps pay for.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_core::Root;
use healthcode_fhirpath::{BYTES_PER_STEP, Environment, Expression};
use healthcode_r4::Resource;
use mod_alloc::ModAlloc;

#[global_allocator]
static ALLOCATOR: ModAlloc = ModAlloc::new();

// All in one, for other tests would allocate meanwhile.
#[test]
fn memory_is_bounded_by_steps() {
    const STEPS: u64 = 200_000;
    let names = vec![r#"{"family":"A","given":["B","C"]}"#; 10_000].join(",");
    let json = format!(r#"{{"resourceType":"Patient","name":[{names}]}}"#);
    let patient: Resource = healthcode_json::from_str(&json).unwrap().value;
    let long = "x".repeat(10_000);
    let long = format!("name.select('{long}' & $index.toString())");
    for text in [
        "name",
        "name | name.given",
        "name.combine(name).combine(name).combine(name)",
        "descendants()",
        "repeat(children())",
        "1.repeat($this + 1)",
        "name.select($this | given)",
        "name.select(given.first() & $index.toString()).distinct()",
        "name.select(%resource.name)",
        "name.sort(family, given.first(), $index)",
        "name.tail().tail().tail().skip(1).take(9000)",
        "name.family.join(',').toChars()",
        "name.family.join(',').split(',')",
        "name.aggregate($total | $index)",
        "name.aggregate($total.combine($this), {})",
        "name.family.aggregate($total & $this, '')",
        "name.family.aggregate($total + $total + $this, '')",
        "name.family.join(',').replace('A', 'ABCDEFGH')",
        "name.where(%resource.name.family ~ %resource.name.family)",
        "name.type()",
        &long,
    ] {
        let expression = Expression::compile(text).unwrap();
        let before = ALLOCATOR.snapshot().current_bytes;
        let environment = Environment::new(patient.as_element()).max_steps(STEPS);
        // Whether it comes to an end or not.
        let _ = expression.evaluate(&environment);
        // The peak is that of all so far, of which none went beyond.
        let held = ALLOCATOR.snapshot().peak_bytes.saturating_sub(before);
        assert!(held <= STEPS * BYTES_PER_STEP, "{text}: {held} bytes");
    }
}
