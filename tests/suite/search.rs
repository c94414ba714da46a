//! R4's search parameters on the official examples: each is evaluated, and those whose expression is a
//! plain path find what a plain walk through the JSON text finds.

use healthcode_core::{Schema, SchemaKind};
use healthcode_evaluate::Index;
use healthcode_r4::{Bundle, BundleEntry, Resource, schema};
use healthcode_search::{
    Name, ParameterType, Query, Reference, Scope, SearchParameter, Token, Value, search_parameters,
};
use healthcode_tests::spec_examples;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The examples of a type of resource.
#[derive(Default)]
struct Examples {
    bundle: Bundle,
    trees: Vec<Json>,
}

fn by_type() -> Option<BTreeMap<&'static str, Examples>> {
    let mut all: BTreeMap<&'static str, Examples> = BTreeMap::new();
    for example in spec_examples("search::official")? {
        let read = healthcode_json::from_slice::<Resource>(&example.json);
        let resource = read.expect("a resource").value;
        let schema = resource.as_element_schema();
        let tree = serde_json::from_slice(&example.json).expect("JSON");
        let examples = all.entry(schema.name).or_default();
        examples.trees.push(tree);
        examples.bundle.entry.push(BundleEntry {
            resource: Some(resource),
            ..BundleEntry::default()
        });
    }
    Some(all)
}

trait SchemaOf {
    fn as_element_schema(&self) -> &'static Schema;
}

impl SchemaOf for Resource {
    fn as_element_schema(&self) -> &'static Schema {
        healthcode_core::Root::as_element(self).schema()
    }
}

/// The path of an expression that is no more than one, without choices of types.
fn path(resource: &'static str, parameter: &SearchParameter) -> Option<Vec<&'static str>> {
    let mut segments = parameter.expression()?.split('.');
    let first = segments.next()?;
    let plain = |segment: &&str| segment.bytes().all(|b| b.is_ascii_alphabetic());
    let segments: Vec<_> = segments.collect();
    if ![resource, "Resource"].contains(&first) || !segments.iter().all(plain) {
        return None;
    }
    let mut here = schema::find(resource);
    for segment in &segments {
        let (_, field) = here?.field(segment)?;
        if field.choice {
            return None;
        }
        here = field.types.first()?.schema();
    }
    Some(segments)
}

fn walk<'j>(tree: &'j Json, path: &[&str], out: &mut Vec<&'j Json>) {
    match (tree, path) {
        (Json::Array(items), _) => items.iter().for_each(|item| walk(item, path, out)),
        (Json::Null, _) => {}
        (tree, []) => out.push(tree),
        (tree, [first, rest @ ..]) => {
            if let Some(next) = tree.get(first) {
                walk(next, rest, out);
            }
        }
    }
}

/// The codes of a value, in whatever system.
fn codes(value: &Json) -> Vec<String> {
    let text = |value: &Json| value.as_str().map(str::to_owned);
    match value {
        Json::String(text) => vec![text.clone()],
        Json::Bool(value) => vec![value.to_string()],
        value => match value.get("coding") {
            Some(Json::Array(codings)) => {
                let codes = codings
                    .iter()
                    .filter_map(|coding| text(coding.get("code")?));
                codes.collect()
            }
            _ if value.get("resourceType").is_some() => Vec::new(),
            _ => {
                // Coding; or Identifier and ContactPoint.
                let code = value.get("code").or_else(|| value.get("value"));
                code.and_then(text).into_iter().collect()
            }
        },
    }
}

/// What values are compared by, and the value to search for; none if that is more than a plain walk tells.
fn plain(kind: ParameterType, value: &Json) -> Vec<(String, Value)> {
    let text = value.as_str();
    match kind {
        ParameterType::Token => {
            let codes = codes(value).into_iter();
            let token = |code: String| {
                let value = Value::Token(Token::Code(code.as_str().into()));
                (code, value)
            };
            codes.map(token).collect()
        }
        ParameterType::Uri => {
            let uri = text.filter(|text| !text.contains('|'));
            uri.map(|uri| (uri.to_owned(), Value::Uri(uri.into())))
                .into_iter()
                .collect()
        }
        ParameterType::String => {
            // Letters alone, in lower case, so that nothing of it is folded but the case.
            let plain = |word: &&str| word.bytes().all(|b| b.is_ascii_alphabetic());
            let word = text
                .and_then(|text| text.split_whitespace().next())
                .filter(plain);
            let folded = word.map(str::to_ascii_lowercase);
            folded
                .map(|word| {
                    (
                        word.clone(),
                        Value::Text(word.to_ascii_uppercase().as_str().into()),
                    )
                })
                .into_iter()
                .collect()
        }
        ParameterType::Reference => {
            let text = value.get("reference").and_then(Json::as_str);
            let parts = text.and_then(|text| text.split_once('/'));
            let sound = |parts: &(&str, &str)| {
                parts.0.bytes().all(|b| b.is_ascii_alphabetic())
                    && schema::find(parts.0)
                        .is_some_and(|schema| schema.kind == SchemaKind::Resource)
                    && parts
                        .1
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            };
            let wanted = |(resource, id): (&str, &str)| {
                let reference = Reference::Typed {
                    resource: resource.into(),
                    id: id.into(),
                };
                (format!("{resource}/{id}"), Value::Reference(reference))
            };
            parts.filter(sound).map(wanted).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a value is one that is searched for.
fn is(kind: ParameterType, value: &Json, wanted: &str) -> bool {
    match kind {
        ParameterType::Token => codes(value).iter().any(|code| code == wanted),
        ParameterType::Uri => {
            let text = value.as_str().unwrap_or_default();
            text == wanted || text.split('|').next() == Some(wanted)
        }
        ParameterType::String => {
            let folded = value.as_str().unwrap_or_default().to_lowercase();
            let words: Vec<_> = folded.split_whitespace().collect();
            words.join(" ").starts_with(wanted)
        }
        _ => {
            let text = value.get("reference").and_then(Json::as_str);
            let text = text.and_then(|text| text.split("/_history/").next());
            text.is_some_and(|text| text == wanted || text.ends_with(&format!("/{wanted}")))
        }
    }
}

fn run(index: &Index<'_>, resource: &str, name: &str, value: Value) -> (Vec<usize>, usize) {
    let mut query = Query::new(Scope::resource(resource).expect("a type"));
    query.push(Name::from(name), [value]).expect("a value");
    let outcome = index.run(&query);
    let outcome = outcome.unwrap_or_else(|error| panic!("{resource}?{name}: {error}"));
    let found = outcome.entries.iter().map(|hit| hit.entry).collect();
    (found, outcome.unknown.len())
}

#[test]
fn official() {
    let Some(all) = by_type() else { return };
    let (mut paths, mut queries, mut evaluated) = (0, 0, 0);
    for (resource, examples) in &all {
        let index = Index::new([&examples.bundle], []);
        for parameter in search_parameters(resource) {
            let (name, kind) = (parameter.name(), parameter.parameter_type());
            let composite = matches!(kind, ParameterType::Composite | ParameterType::Special);
            if parameter.expression().is_none() || composite {
                continue;
            }
            let missing = format!("{name}:missing");
            let there = run(&index, resource, &missing, Value::Boolean(false)).0;
            let not = run(&index, resource, &missing, Value::Boolean(true)).0;
            assert_eq!(there.len() + not.len(), examples.trees.len());
            evaluated += usize::from(!there.is_empty());
            let Some(path) = path(resource, parameter) else {
                continue;
            };
            paths += 1;
            let values = examples.trees.iter().map(|tree| {
                let mut found = Vec::new();
                walk(tree, &path, &mut found);
                found
            });
            let values: Vec<_> = values.collect();
            let matching = |is: &dyn Fn(&Json) -> bool| {
                let any = |pair: &(usize, &Vec<&Json>)| pair.1.iter().any(|value| is(value));
                let found = values.iter().enumerate().filter(any);
                found.map(|pair| pair.0).collect::<Vec<_>>()
            };
            assert_eq!(there, matching(&|_| true), "{resource}?{missing}");
            let mut wanted: BTreeMap<String, Value> = BTreeMap::new();
            for value in values.iter().flatten() {
                if wanted.len() < 5 {
                    wanted.extend(plain(kind, value));
                }
            }
            for (text, value) in wanted {
                let (found, unknown) = run(&index, resource, name, value);
                let expected = matching(&|value| is(kind, value, &text));
                assert_eq!((found, unknown), (expected, 0), "{resource}?{name}={text}");
                queries += 1;
            }
        }
    }
    assert!(evaluated > 900 && paths > 1000 && queries > 1500);
}
