//! The mechanics: how each type is filled and walked.

use std::fmt::Write as _;

use super::module_list;
use super::output::import;
use super::plan::{Choice, Definition, Field, MANY_TYPES, Place, Plan, Struct};
use crate::spec::facts::TypeKind;

/// The file of one definition.
pub(super) fn definition(definition: &Definition) -> String {
    let structs = definition.structs().map(|item| item.name.as_str());
    let choices = definition.choices().map(|choice| choice.name.as_str());
    let mut own: Vec<_> = structs.chain(choices).collect();
    let matched = definition.structs().flat_map(|structure| &structure.fields);
    own.extend(matched.filter_map(|field| match &field.place {
        Place::Choice(name, _) => Some(name.as_str()),
        _ => None,
    }));
    let mut out = String::new();
    // A resource named `Slot` takes the name in its file.
    let slot = if own.contains(&"Slot") {
        "healthcode_core::Slot"
    } else {
        "Slot"
    };
    import_model(&mut own, definition.choices(), &mut out);
    let import = if slot == "Slot" { ", Slot" } else { "" };
    let _ = writeln!(
        out,
        "use crate::generated::schema;\n\
         use healthcode_core::generated as s;\n\
         use healthcode_core::{{Element, Extras, Fields, Schema{import}}};"
    );
    for structure in definition.structs() {
        write_struct(definition, structure, slot, &mut out);
    }
    if definition.name == "Extension" {
        out.push_str(
            "\nimpl healthcode_core::Extensible for Extension {\n    \
             fn metadata_schema() -> &'static Schema {\n        &schema::METADATA\n    }\n}\n",
        );
    }
    for choice in definition.choices() {
        write_choice(choice, &mut out);
    }
    out
}

/// The file of the open type.
pub(super) fn open(choice: &Choice) -> String {
    let mut out = String::new();
    import_model(&mut vec![&choice.name], std::iter::once(choice), &mut out);
    write_choice(choice, &mut out);
    out
}

/// The list of all files.
pub(super) fn modules(plan: &Plan) -> String {
    let modules = plan.modules();
    module_list("How each type is filled and walked.", "mod", &modules)
}

/// Imports the version's types: `own`, and those that convert into choices.
fn import_model<'a>(
    own: &mut Vec<&'a str>,
    choices: impl Iterator<Item = &'a Choice>,
    out: &mut String,
) {
    let variants = choices.flat_map(|choice| &choice.variants);
    let variants = variants.filter(|v| v.distinct);
    let (primitives, elements): (Vec<_>, Vec<_>) = variants.partition(|v| v.primitive);
    own.extend(elements.iter().map(|v| v.rust.as_str()));
    own.sort_unstable();
    own.dedup();
    out.push_str(&import("crate::generated::model", own));
    let mut scalars: Vec<_> = primitives.iter().map(|v| v.rust.as_str()).collect();
    scalars.retain(|name| !matches!(*name, "bool" | "i32"));
    scalars.sort_unstable();
    scalars.dedup();
    out.push_str(&import("healthcode_core", &scalars));
}

fn write_struct(definition: &Definition, structure: &Struct, slot: &str, out: &mut String) {
    let (name, module, schema) = (&structure.name, &definition.module, structure.schema());
    let _ = writeln!(
        out,
        "\nhealthcode_core::model!({name});\n\nimpl Element for {name} {{\n    \
         fn schema(&self) -> &'static Schema {{\n        &schema::{module}::{schema}\n    }}\n\n    \
         fn slot<'a>(&'a mut self, key: &str) -> {slot}<'a> {{\n        match key {{"
    );
    if definition.kind == TypeKind::Resource && !structure.is_backbone() {
        let _ = writeln!(out, "            \"resourceType\" => {slot}::ResourceType,");
    }
    for field in &structure.fields {
        arms(field, out);
    }
    let many = structure.fields.iter().map(|field| (field, &field.place));
    let many = many.filter_map(|(field, place)| match place {
        Place::Choice(name, types) if types.len() > MANY_TYPES => Some((field, name)),
        _ => None,
    });
    let mut many: Vec<_> = many.collect();
    // `valueSet` would match `value`, too: try the longest name first.
    many.sort_by_key(|(field, _)| std::cmp::Reverse(field.json.len()));
    prefixes(&many, slot, out);
    out.push_str("        }\n    }\n\n");
    out.push_str("    fn fields<'a>(&'a self, out: &mut Fields<'a>) {\n");
    for (index, field) in structure.fields.iter().enumerate() {
        let rust = &field.rust;
        let call = match (&field.place, field.many) {
            (Place::Attribute, _) => "attribute(out",
            (Place::Primitive(_), false) => {
                let _ = writeln!(
                    out,
                    "        s::get_primitive(out, {index}, 0, &self.{rust});"
                );
                continue;
            }
            (Place::Primitive(_), true) => "primitives(out",
            (Place::Element(_), false) => "element(out",
            (Place::Element(_) | Place::Resource, true) => "elements(out",
            (Place::Resource, false) => "resource(out",
            (Place::Choice(..), _) => {
                let fields = format!("{{ value.fields(out, {index}); }}");
                let _ = writeln!(out, "        if let Some(value) = &self.{rust} {fields}");
                continue;
            }
        };
        let _ = writeln!(out, "        s::get_{call}, {index}, &self.{rust});");
    }
    out.push_str(
        "    }\n\n    fn extras(&self) -> &Extras {\n        &self.extras\n    }\n\n    \
         fn extras_mut(&mut self) -> &mut Extras {\n        &mut self.extras\n    }\n}\n",
    );
}

/// The arms that match a field's names in JSON.
fn arms(field: &Field, out: &mut String) {
    let Field { json, rust, .. } = field;
    let mut arm = |key: String, function: &str, more: &str| {
        let call = format!("{function}(&mut self.{rust}{more})");
        let _ = writeln!(out, "            \"{key}\" => {call},");
    };
    let s = if field.many { "s" } else { "" };
    match &field.place {
        Place::Attribute => arm(json.clone(), "s::attribute", ""),
        Place::Primitive(_) => {
            arm(json.clone(), &format!("s::primitive{s}"), "");
            let list = if field.many { "_list" } else { "" };
            arm(format!("_{json}"), &format!("s::metadata{list}"), "");
        }
        Place::Element(_) => arm(json.clone(), &format!("s::element{s}"), ""),
        Place::Resource => arm(json.clone(), &format!("s::resource{s}"), ""),
        Place::Choice(name, types) if types.len() <= MANY_TYPES => {
            let slot = format!("{name}::slot");
            for (suffix, primitive) in types {
                let key = format!("{json}{suffix}");
                if *primitive {
                    arm(key.clone(), &slot, &format!(", \"{suffix}\", false"));
                    arm(format!("_{key}"), &slot, &format!(", \"{suffix}\", true"));
                } else {
                    arm(key, &slot, &format!(", \"{suffix}\", false"));
                }
            }
        }
        Place::Choice(..) => {}
    }
}

/// The arm for all other names: those of choices of many types, or none.
fn prefixes(many: &[(&Field, &String)], slot: &str, out: &mut String) {
    let mut indent = " ".repeat(12);
    if many.is_empty() {
        let _ = writeln!(out, "{indent}_ => {slot}::Unknown,");
        return;
    }
    let mut arm = "_";
    for (field, name) in many {
        let Field { json, rust, .. } = field;
        let _ = writeln!(
            out,
            "{indent}{arm} => match s::choice_suffix(key, \"{json}\") {{"
        );
        indent += "    ";
        let _ = writeln!(
            out,
            "{indent}Some((suffix, metadata)) => {name}::slot(&mut self.{rust}, suffix, metadata),"
        );
        arm = "None";
    }
    let _ = writeln!(out, "{indent}None => {slot}::Unknown,");
    for _ in many {
        indent.truncate(indent.len() - 4);
        let _ = writeln!(out, "{indent}}},");
    }
}

fn write_choice(choice: &Choice, out: &mut String) {
    let _ = writeln!(out, "\nhealthcode_core::choice!({} {{", choice.name);
    for (index, variant) in choice.variants.iter().enumerate() {
        let kind = if variant.primitive {
            "primitive"
        } else {
            "element"
        };
        let from = if variant.distinct {
            format!(" from {}", variant.rust)
        } else {
            String::new()
        };
        let name = &variant.name;
        let _ = writeln!(out, "    {kind} {name} = {index} \"{name}\"{from},");
    }
    out.push_str("});\n");
}
