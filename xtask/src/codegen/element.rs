//! The mechanics: how each type is filled and walked.

use std::fmt::Write as _;

use super::module_list;
use super::plan::{Choice, Definition, Field, MANY_TYPES, Place, Plan, Struct};
use crate::spec::facts::TypeKind;

/// The file of one definition.
pub(super) fn definition(definition: &Definition) -> String {
    let structs = definition
        .structs()
        .map(|structure| structure.name.as_str());
    let choices = definition.choices().map(|choice| choice.name.as_str());
    let mut own: Vec<_> = structs.chain(choices).collect();
    let matched = definition.structs().flat_map(|structure| &structure.fields);
    own.extend(matched.filter_map(|field| match &field.place {
        Place::Choice(name, _) => Some(name.as_str()),
        _ => None,
    }));
    let mut out = String::new();
    // A resource named `Slot` takes the name in its file.
    let slot = match own.contains(&"Slot") {
        true => "healthcode_core::Slot",
        false => "Slot",
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
    let variants = choices
        .flat_map(|choice| &choice.variants)
        .filter(|v| v.distinct);
    let (primitives, elements): (Vec<_>, Vec<_>) = variants.partition(|v| v.primitive);
    own.extend(elements.iter().map(|v| v.rust.as_str()));
    own.sort_unstable();
    own.dedup();
    let _ = match own.as_slice() {
        [one] => writeln!(out, "use crate::generated::model::{one};"),
        many => writeln!(out, "use crate::generated::model::{{{}}};", many.join(", ")),
    };
    let mut scalars: Vec<_> = primitives.iter().map(|v| v.rust.as_str()).collect();
    scalars.retain(|name| !matches!(*name, "bool" | "i32"));
    scalars.sort_unstable();
    scalars.dedup();
    let _ = match scalars.as_slice() {
        [] => Ok(()),
        [one] => writeln!(out, "use healthcode_core::{one};"),
        many => writeln!(out, "use healthcode_core::{{{}}};", many.join(", ")),
    };
}

fn write_struct(definition: &Definition, structure: &Struct, slot: &str, out: &mut String) {
    let name = &structure.name;
    let _ = writeln!(
        out,
        "\nhealthcode_core::model!({name});\n\nimpl Element for {name} {{"
    );
    let _ = writeln!(
        out,
        "    fn schema(&self) -> &'static Schema {{\n        &schema::{}::{}\n    }}\n",
        definition.module,
        structure.schema()
    );
    let _ = writeln!(
        out,
        "    fn slot<'a>(&'a mut self, key: &str) -> {slot}<'a> {{\n        match key {{"
    );
    if definition.kind == TypeKind::Resource && !structure.is_backbone() {
        let _ = writeln!(out, "            \"resourceType\" => {slot}::ResourceType,");
    }
    for field in &structure.fields {
        arms(field, out);
    }
    let many = structure
        .fields
        .iter()
        .filter_map(|field| match &field.place {
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
        let _ = match &field.place {
            Place::Attribute => {
                writeln!(out, "        s::get_attribute(out, {index}, &self.{rust});")
            }
            Place::Primitive(_) => {
                writeln!(
                    out,
                    "        s::get_primitive(out, {index}, 0, &self.{rust});"
                )
            }
            Place::Primitives(_) => {
                writeln!(
                    out,
                    "        s::get_primitives(out, {index}, &self.{rust});"
                )
            }
            Place::Element(_) => {
                writeln!(out, "        s::get_element(out, {index}, &self.{rust});")
            }
            Place::Elements(_) | Place::Resources => {
                writeln!(out, "        s::get_elements(out, {index}, &self.{rust});")
            }
            Place::Resource => {
                writeln!(out, "        s::get_resource(out, {index}, &self.{rust});")
            }
            Place::Choice(..) => writeln!(
                out,
                "        if let Some(value) = &self.{rust} {{ value.fields(out, {index}); }}"
            ),
        };
    }
    out.push_str(
        "    }\n\n    fn extras(&self) -> &Extras {\n        &self.extras\n    }\n\n    \
         fn extras_mut(&mut self) -> &mut Extras {\n        &mut self.extras\n    }\n}\n",
    );
}

/// The arms that match a field's names in JSON.
fn arms(field: &Field, out: &mut String) {
    let Field {
        json, rust, place, ..
    } = field;
    let mut arm = |key: &str, function: &str| {
        let _ = writeln!(
            out,
            "            \"{key}\" => {function}(&mut self.{rust}),"
        );
    };
    match place {
        Place::Attribute => arm(json, "s::attribute"),
        Place::Primitive(_) => {
            arm(json, "s::primitive");
            arm(&format!("_{json}"), "s::metadata");
        }
        Place::Primitives(_) => {
            arm(json, "s::primitives");
            arm(&format!("_{json}"), "s::metadata_list");
        }
        Place::Element(_) => arm(json, "s::element"),
        Place::Elements(_) => arm(json, "s::elements"),
        Place::Resource => arm(json, "s::resource"),
        Place::Resources => arm(json, "s::resources"),
        Place::Choice(name, types) if types.len() <= MANY_TYPES => {
            for (suffix, primitive) in types {
                let _ = writeln!(
                    out,
                    "            \"{json}{suffix}\" => {name}::slot(&mut self.{rust}, \"{suffix}\", false),"
                );
                if *primitive {
                    let _ = writeln!(
                        out,
                        "            \"_{json}{suffix}\" => {name}::slot(&mut self.{rust}, \"{suffix}\", true),"
                    );
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
        let name = &variant.name;
        let _ = write!(out, "    {kind} {name} = {index} \"{name}\"");
        if variant.distinct {
            let _ = write!(out, " from {}", variant.rust);
        }
        out.push_str(",\n");
    }
    out.push_str("});\n");
}
