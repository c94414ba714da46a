//! STU3's definitions in R4's form.
//!
//! What differs in STU3: the type of an element is repeated for each of its targets, profiles are
//! single, value sets are a URI or a reference, attributes of XML are marked by their representation
//! alone, and the contexts of an extension have one kind.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

/// Translates a StructureDefinition.
pub(super) fn translate(definition: &mut Value) -> Result<()> {
    let definition = definition.as_object_mut().context("not an object")?;
    if let Some(kind) = definition.remove("contextType") {
        let kind = match kind.as_str() {
            Some("resource" | "datatype") => "element",
            Some("extension") => "extension",
            other => anyhow::bail!("unknown type of context {other:?}"),
        };
        let contexts = definition.get("context").and_then(Value::as_array);
        let places = contexts.into_iter().flatten().filter_map(Value::as_str);
        // Some contexts are several, and any place is written as `*` or `Any`.
        let places = places.flat_map(|all| all.split(',')).map(|place| {
            let place = place.trim();
            let place = place.strip_prefix('@').unwrap_or(place);
            let place = match place {
                "*" | "Any" => "Element",
                place => place,
            };
            json!({"type": kind, "expression": place})
        });
        let contexts = places.collect();
        definition.insert("context".to_owned(), contexts);
    }
    let expressions = definition.get_mut("contextInvariant");
    let expressions = expressions.and_then(Value::as_array_mut);
    for expression in expressions.into_iter().flatten() {
        let words: Vec<&str> = expression
            .as_str()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        *expression = json!(words.join(" "));
    }
    for view in ["snapshot", "differential"] {
        let elements = definition.get_mut(view);
        let elements = elements.and_then(|view| view.get_mut("element"));
        for element in elements.and_then(Value::as_array_mut).into_iter().flatten() {
            let element = element.as_object_mut().context("not an object")?;
            translate_element(element);
        }
    }
    Ok(())
}

fn translate_element(element: &mut Map<String, Value>) {
    let path = element.get("path").and_then(Value::as_str);
    let is_value = path.is_some_and(|path| {
        let (owner, name) = path.split_once('.').unwrap_or_default();
        name == "value" && owner.starts_with(|c: char| c.is_ascii_lowercase())
    });
    let marked = element.get("representation").and_then(Value::as_array);
    let is_attribute = marked.is_some_and(|all| all.iter().any(|one| one == "xmlAttr"));
    if let Some(Value::Array(types)) = element.get_mut("type") {
        let mut merged: Vec<Value> = Vec::new();
        for mut one in std::mem::take(types) {
            for name in ["profile", "targetProfile"] {
                if let Some(single) = one.get_mut(name)
                    && single.is_string()
                {
                    *single = json!([single.take()]);
                }
            }
            if is_value {
                one["code"] = json!("http://hl7.org/fhirpath/System.String");
            } else if is_attribute {
                let code = one["code"].take();
                one["code"] = json!("http://hl7.org/fhirpath/System.String");
                one["extension"] = json!([{
                    "url": "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type",
                    "valueString": code,
                }]);
            }
            let same = merged.iter_mut().find(|other| other["code"] == one["code"]);
            match same {
                None => merged.push(one),
                Some(other) => {
                    for name in ["profile", "targetProfile"] {
                        if let Some(Value::Array(more)) = one.get_mut(name) {
                            let more = std::mem::take(more);
                            match other.get_mut(name) {
                                Some(Value::Array(all)) => all.extend(more),
                                _ => other[name] = Value::Array(more),
                            }
                        }
                    }
                }
            }
        }
        *types = merged;
    }
    if let Some(Value::Object(binding)) = element.get_mut("binding") {
        let uri = binding.remove("valueSetUri");
        let reference = binding.remove("valueSetReference");
        let reference =
            reference.and_then(|mut reference| Some(reference.get_mut("reference")?.take()));
        if let Some(url) = uri.or(reference) {
            binding.insert("valueSet".to_owned(), url);
        }
        let extensions = binding.get_mut("extension").and_then(Value::as_array_mut);
        for extension in extensions.into_iter().flatten() {
            if let Some(reference) = extension.get_mut("valueReference") {
                extension["valueCanonical"] = reference["reference"].take();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_merged_and_attributes_are_system_types() {
        let mut definition = json!({
            "contextType": "datatype",
            "context": ["*,@B"],
            "snapshot": {"element": [
                {"path": "A.id", "representation": ["xmlAttr"], "type": [{"code": "string"}]},
                {"path": "A.b", "type": [
                    {"code": "Reference", "targetProfile": "x"},
                    {"code": "Reference", "targetProfile": "y"},
                    {"code": "Quantity", "profile": "z"},
                ], "binding": {"valueSetReference": {"reference": "v"}}},
                {"path": "code.value", "type": [{"_code": {}}]},
            ]},
        });
        translate(&mut definition).unwrap();
        assert_eq!(
            definition["context"],
            json!([
                {"type": "element", "expression": "Element"},
                {"type": "element", "expression": "B"},
            ])
        );
        let elements = &definition["snapshot"]["element"];
        let system = "http://hl7.org/fhirpath/System.String";
        assert_eq!(elements[0]["type"][0]["code"], system);
        assert_eq!(
            elements[0]["type"][0]["extension"][0]["valueString"],
            "string"
        );
        assert_eq!(elements[1]["type"][0]["targetProfile"], json!(["x", "y"]));
        assert_eq!(elements[1]["type"][1]["profile"], json!(["z"]));
        assert_eq!(elements[1]["binding"]["valueSet"], "v");
        assert_eq!(elements[2]["type"][0]["code"], system);
    }
}
