//! What is checked of the structs of a release: the official examples, and the tables.

use crate::{Document, release_examples, tree_eq};
use healthcode_core::{Release, Root, Schema, SchemaKind};
use healthcode_json::{from_slice, to_vec};
use healthcode_xml::{from_str, to_string};

/// Payloads of more bytes are not tried as XML.
const LARGE: usize = 20_000;

/// Reads all examples of a package of the folder `HEALTHCODE_RELEASES`, and writes them as they were.
///
/// # Panics
/// If one of them does not come back, or they are not as many.
pub fn check_examples<T: Root + Clone + PartialEq>(test: &str, package: &str, count: usize) {
    let Some(mut examples) = release_examples(test, package) else {
        return;
    };
    // The package of STU3 has lists of its files, too.
    examples.retain(|one| one.name.starts_with(|char: char| char.is_ascii_uppercase()));
    assert_eq!(examples.len(), count);
    let failed = examples.iter().filter_map(|example| {
        let error = comes_back::<T>(example).err()?;
        Some(format!("{}: {error}", example.name))
    });
    let failed: Vec<_> = failed.collect();
    assert!(
        failed.is_empty(),
        "{} failed:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

fn comes_back<T: Root + Clone + PartialEq>(document: &Document) -> Result<(), String> {
    let read = from_slice::<T>(&document.json).map_err(|error| error.to_string())?;
    let value = read.value;
    if value.as_element().schema().kind == SchemaKind::UnknownResource {
        return Err("a resource of unknown type".into());
    }
    tree_eq(&document.json, &to_vec(&value))?;
    if value.clone() != value {
        return Err("not equal to its clone".into());
    }
    if document.json.len() > LARGE {
        return Ok(());
    }
    let written = to_string(&value);
    if let Some(issue) = written.issues.first() {
        return Err(issue.to_string());
    }
    let after = from_str::<T>(&written.value).map_err(|error| error.to_string())?;
    tree_eq(&document.json, &to_vec(&after.value))
}

/// Compares the tables of structs with those of the release, which come from the same facts by another way.
///
/// # Panics
/// If they differ.
pub fn check_schemas(release: &'static Release, structs: &[&'static Schema]) {
    let names = |schemas: &[&Schema]| -> Vec<_> { schemas.iter().map(|one| one.name).collect() };
    assert_eq!(names(release.types), names(structs));
    for (packed, own) in release.types.iter().zip(structs) {
        let fields = |schema: &Schema| -> Vec<_> {
            let fields = schema.fields.iter();
            let fields = fields.map(|field| {
                // A profile on a data type is the type's code in one and its schema in the other.
                let types: Vec<_> = field.types.iter().map(|one| one.suffix).collect();
                let binding = field
                    .binding
                    .map(|binding| (binding.strength, binding.value_set));
                let bounds = (field.min, field.max, field.choice);
                (field.name(), bounds, types, binding)
            });
            fields.collect()
        };
        assert_eq!(fields(packed), fields(own), "{}", own.name);
    }
}
