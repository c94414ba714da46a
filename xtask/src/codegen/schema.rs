//! The statics that say what the definitions say.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::module_list;
use super::names;
use super::output::import;
use super::plan::{Definition, Field, Place, Plan, Struct};
use crate::spec::facts::{Max, TypeKind};

/// The statics of the fields that several types share, by the expressions that they hold.
///
/// Most fields of R4 are of this sort: `id`, `extension`, `meta`, `identifier`...
pub(super) struct SharedFields(BTreeMap<String, String>);

impl SharedFields {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut names = BTreeMap::<String, Vec<&str>>::new();
        let structs = plan.definitions.iter().flat_map(Definition::structs);
        for field in structs.flat_map(|structure| &structure.fields) {
            names.entry(row(field)).or_default().push(&field.path);
        }
        let several = names.into_iter().filter(|(_, paths)| paths.len() > 1);
        let named = several.map(|(row, paths)| (row, names::screaming(paths[0])));
        SharedFields(named.collect())
    }

    /// The file of the statics.
    pub(super) fn file(&self) -> String {
        let by_name = self.0.iter().map(|(row, name)| (name.clone(), row.clone()));
        let body = statics("Field", &by_name.collect());
        let about = "//! The fields that several types share, each with the name of the first.\n\n";
        format!("{about}{}\n{body}", imports(&body, &[]))
    }

    /// The expression for a field.
    fn reference(&self, field: &Field) -> String {
        let row = row(field);
        match self.0.get(&row) {
            Some(name) => format!("&fields::{name}"),
            None => format!("&{row}"),
        }
    }
}

/// The file of one definition.
pub(super) fn definition(definition: &Definition, shared: &SharedFields) -> String {
    let mut body = String::new();
    for structure in definition.structs() {
        write_struct(definition, structure, shared, &mut body);
    }
    imports(&body, &["Schema", "SchemaKind"]) + &body
}

/// What a file of fields imports: `always` from the core, and what `body` uses.
fn imports(body: &str, always: &[&str]) -> String {
    let tables = ["bindings", "fields", "invariants", "types"].into_iter();
    let tables: Vec<_> = tables
        .filter(|table| body.contains(&format!("&{table}::")))
        .collect();
    let mut core = always.to_vec();
    for (name, use_of_it) in [("Field", "Field::new"), ("UNBOUNDED", "UNBOUNDED")] {
        if body.contains(use_of_it) {
            core.push(name);
        }
    }
    core.sort_unstable();
    import("super", &tables) + &format!("use healthcode_core::{{{}}};\n", core.join(", "))
}

fn write_struct(
    definition: &Definition,
    structure: &Struct,
    shared: &SharedFields,
    out: &mut String,
) {
    let kind = match (structure.is_backbone(), definition.kind) {
        (true, _) => "Backbone",
        (_, TypeKind::Resource) => "Resource",
        _ => "DataType",
    };
    let _ = writeln!(
        out,
        "\npub(crate) static {}: Schema = Schema::new(\"{}\", SchemaKind::{kind}, &[",
        structure.schema(),
        structure.path
    );
    for field in &structure.fields {
        let _ = writeln!(out, "    {},", shared.reference(field));
    }
    let _ = writeln!(out, "], &[{}]);", references(&structure.invariants));
}

fn row(field: &Field) -> String {
    let max = match field.max {
        Max::Count(max) => max.to_string(),
        Max::Unbounded => "UNBOUNDED".to_owned(),
    };
    let mut row = format!(
        "Field::new(\"\\\"{}\\\":\", {}, {max}, &types::{})",
        field.json, field.min, field.types_static
    );
    if matches!(field.place, Place::Choice(..)) {
        row += ".choice()";
    }
    if field.modifier {
        row += ".modifier()";
    }
    if field.summary {
        row += ".summary()";
    }
    if let Some((_, binding)) = &field.binding {
        let _ = write!(row, ".bound(&bindings::{binding})");
    }
    if !field.invariants.is_empty() {
        let _ = write!(row, ".invariants(&[{}])", references(&field.invariants));
    }
    row
}

fn references(invariants: &[String]) -> String {
    let references = invariants.iter().map(|name| format!("&invariants::{name}"));
    references.collect::<Vec<_>>().join(", ")
}

/// The list of all files, and of all types.
pub(super) fn modules(plan: &Plan) -> String {
    let mut modules: Vec<_> = plan.definitions.iter().map(|d| d.module.as_str()).collect();
    modules.extend(["bindings", "fields", "invariants", "types"]);
    modules.sort_unstable();
    let title = "What the definitions say, as static tables.";
    let mut out = module_list(title, "pub(crate) mod", &modules);
    out.push_str(
        "use healthcode_core::{Field, Schema, SchemaKind, UNBOUNDED};\n\n\
         /// The id and extensions of a primitive.\n\
         pub(crate) static METADATA: Schema = Schema::new(\"Element\", SchemaKind::Metadata, &[\n    \
         &Field::new(\"\\\"id\\\":\", 0, 1, &types::STRING),\n    \
         &Field::new(\"\\\"extension\\\":\", 0, UNBOUNDED, &types::EXTENSION),\n\
         ], &[]);\n\n",
    );
    let (profiles, types): (Vec<_>, Vec<_>) = plan
        .definitions
        .iter()
        .partition(|d| d.kind == TypeKind::Profile);
    out.push_str("/// Resources and data types, by name.\n");
    list("ALL", &types, &mut out);
    out.push_str("\n/// Profiles on data types that elements have as their types, by name.\n");
    list("PROFILES", &profiles, &mut out);
    out
}

fn list(name: &str, definitions: &[&Definition], out: &mut String) {
    let _ = writeln!(out, "pub static {name}: &[&Schema] = &[");
    for definition in definitions {
        let schema = names::screaming(&definition.name);
        let _ = writeln!(out, "    &{}::{schema},", definition.module);
    }
    out.push_str("];\n");
}

/// The lists of types.
pub(super) fn types(plan: &Plan) -> String {
    let mut out = String::from(
        "//! The types of elements. A list that several elements share has the name of the first.\n\n\
         use healthcode_core::{PrimitiveKind, Type};\n\n",
    );
    for (name, rows) in plan.tables.type_lists() {
        let list = match rows {
            [row] => row.clone(),
            rows => format!("\n    {},\n", rows.join(",\n    ")),
        };
        let count = rows.len();
        let _ = writeln!(out, "pub(crate) static {name}: [Type; {count}] = [{list}];");
    }
    out
}

/// The bindings.
pub(super) fn bindings(plan: &Plan) -> String {
    let about = "//! The bindings of elements to value sets. Required ones have the value set's name alone.\n\n\
         use healthcode_core::{Binding, BindingStrength};\n\n";
    about.to_owned() + &statics("Binding", &plan.tables.bindings)
}

fn statics(kind: &str, rows: &BTreeMap<String, String>) -> String {
    let rows = rows.iter();
    rows.map(|(name, row)| format!("pub(crate) static {name}: {kind} = {row};\n"))
        .collect()
}

/// The invariants.
pub(super) fn invariants(plan: &Plan) -> String {
    let about = "//! The invariants, each with: key, whether breaking it is an error, whether it is best\n\
         //! practice, FHIRPath expression.\n\nuse healthcode_core::Invariant;\n\n";
    about.to_owned() + &statics("Invariant", &plan.tables.invariants)
}
