//! Times all invariants of R4 on payloads: `cargo run --release --example invariants -- FILE...`
//!
//! Every element of each resource is held to the invariants of its type and of its field, as a
//! validator does it, until half a second has passed.
#![allow(
    clippy::print_stdout,
    reason = "a command speaks through its standard output"
)]

use healthcode_core::{Element, Fields, Invariant, Root, Schema, ValueRef};
use healthcode_fhirpath::{Environment, Expression, Node};
use healthcode_r4::{Resource, schema};
use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// By the address of the invariant, which is a static.
type Compiled = HashMap<usize, Expression>;

fn address(invariant: &'static Invariant) -> usize {
    std::ptr::from_ref(invariant).addr()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let started = Instant::now();
    let mut compiled = Compiled::new();
    let compile = |invariants: &[&'static Invariant], compiled: &mut Compiled| {
        for invariant in invariants {
            if let Ok(expression) = Expression::compile(invariant.expression) {
                compiled.insert(address(invariant), expression);
            }
        }
    };
    let mut schemas: Vec<&'static Schema> = schema::ALL.to_vec();
    let mut seen = Vec::new();
    while let Some(schema) = schemas.pop() {
        if seen.iter().any(|other| std::ptr::eq(*other, schema)) {
            continue;
        }
        seen.push(schema);
        compile(schema.invariants, &mut compiled);
        for field in schema.fields {
            compile(field.invariants, &mut compiled);
            schemas.extend(field.types.iter().filter_map(|t| t.schema));
        }
    }
    println!(
        "{} expressions compiled in {:?}",
        compiled.len(),
        started.elapsed()
    );
    for file in std::env::args().skip(1) {
        let text = std::fs::read(&file)?;
        let read = healthcode_json::from_slice::<Resource>(&text)?;
        let root = read.value.as_element();
        let (mut count, mut rounds) = (0_u64, 0_u64);
        let mut by_key: HashMap<&str, (u64, Duration)> = HashMap::new();
        walk(root, root, &mut |environment, invariant| {
            let Some(expression) = compiled.get(&address(invariant)) else {
                return;
            };
            let started = Instant::now();
            for _ in 0..200 {
                let _ = black_box(expression.evaluate_boolean(environment));
            }
            let entry = by_key.entry(invariant.key).or_default();
            entry.0 += 200;
            entry.1 += started.elapsed();
        });
        let started = Instant::now();
        while started.elapsed() < Duration::from_millis(500) {
            walk(root, root, &mut |environment, invariant| {
                if let Some(expression) = compiled.get(&address(invariant)) {
                    let _ = black_box(expression.evaluate_boolean(environment));
                    count += 1;
                }
            });
            rounds += 1;
        }
        let elapsed = started.elapsed().as_secs_f64();
        println!(
            "{file}: {} evaluations, {:.1} us a resource, {:.0} ns an evaluation",
            count / rounds,
            elapsed / rounds as f64 * 1e6,
            elapsed / count as f64 * 1e9,
        );
        let mut rows: Vec<_> = by_key.into_iter().collect();
        rows.sort_by_key(|(_, (_, time))| std::cmp::Reverse(*time));
        for (key, (count, time)) in rows.into_iter().take(8) {
            println!(
                "  {key}: {count} x {:.0} ns",
                time.as_secs_f64() / count as f64 * 1e9
            );
        }
    }
    Ok(())
}

type Work<'w> = &'w mut dyn FnMut(&Environment<'_>, &'static Invariant);

fn walk<'a>(root: &'a dyn Element, element: &'a dyn Element, work: Work<'_>) {
    let mut environment = Environment::new(root).casts_filter(true);
    let mut fields = Fields::new();
    inside(
        &mut environment,
        Node::root(element),
        root,
        &mut fields,
        work,
    );
}

fn inside<'a>(
    environment: &mut Environment<'a>,
    node: Node<'a>,
    resource: &'a dyn Element,
    fields: &mut Fields<'a>,
    work: Work<'_>,
) {
    let Some(element) = node.as_element() else {
        return;
    };
    let inner = if element.schema().is_resource() {
        element
    } else {
        resource
    };
    let contained = node
        .field()
        .is_some_and(|(_, field)| field.name() == "contained");
    environment.set_resource(inner);
    if element.schema().is_resource() && !contained {
        environment.set_root_resource(element);
    }
    environment.at(node);
    for invariant in element.schema().invariants {
        work(environment, invariant);
    }
    let start = fields.len();
    element.fields(fields);
    for at in start..fields.len() {
        let field = fields.get(at);
        let place = (field.index, field.choice);
        let known = element.schema().fields[usize::from(field.index)];
        let mut child = |node: Node<'a>, fields: &mut Fields<'a>, work: Work<'_>| {
            environment.at(node);
            for invariant in known.invariants {
                work(environment, invariant);
            }
            inside(environment, node, inner, fields, work);
            environment.set_resource(inner);
        };
        match field.value {
            ValueRef::Element(e) => child(Node::element(element, place, 0, e), fields, work),
            ValueRef::Elements(list) => {
                for index in 0..list.count() {
                    let node = Node::element(element, place, index, list.element_at(index));
                    child(node, fields, work);
                }
            }
            ValueRef::Metadata(_) | ValueRef::Primitives(_) => {}
            value => {
                let node = Node::primitive(element, place, 0, Some(value), None);
                child(node, fields, work);
            }
        }
    }
    fields.truncate(start);
}
