//! The declarations: structs, and the enums of choice elements.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::output::import;
use super::plan::{CORE_TYPES, Choice, Definition, Field, Item, OPEN_TYPE, Place, Plan, Struct};
use super::{Version, module_list};
use crate::spec::facts::TypeKind;

/// The file of one definition.
pub(super) fn definition(version: &Version, definition: &Definition) -> String {
    let mut used = Imports {
        declares_list: definition
            .structs()
            .any(|structure| structure.name == "List"),
        ..Imports::default()
    };
    let mut body = String::new();
    for item in &definition.items {
        body.push('\n');
        match item {
            Item::Struct(item) => structure(version, definition, item, &mut used, &mut body),
            Item::Choice(choice) => {
                let path = &choice.path;
                let _ = writeln!(body, "/// The value of `{path}`, one of several types.");
                enumeration(choice, path, &mut used, &mut body);
            }
        }
    }
    for item in &definition.items {
        let (Item::Struct(Struct { name, .. }) | Item::Choice(Choice { name, .. })) = item;
        used.version.remove(name.as_str());
    }
    used.imports() + &body
}

/// The file of the open type.
pub(super) fn open(version: &Version, choice: &Choice) -> String {
    let mut used = Imports::default();
    let mut body = format!(
        "\n/// The value of an element that may be of any data type, such as `{}`:\n\
         /// <{}datatypes.html#open>.\n",
        choice.path, version.base
    );
    enumeration(choice, "value[x]", &mut used, &mut body);
    used.imports() + &body
}

/// The list of all files.
pub(super) fn modules(plan: &Plan) -> String {
    let modules = plan.modules();
    let exports = modules.iter().map(|module| format!("pub use {module}::*;"));
    module_list("Resources and data types.", "mod", &modules)
        + &exports.collect::<Vec<_>>().join("\n")
}

fn structure(
    version: &Version,
    definition: &Definition,
    item: &Struct,
    used: &mut Imports,
    out: &mut String,
) {
    let page = format!("<{}{}>", version.base, definition.page);
    let what = match (item.is_backbone(), definition.kind) {
        (true, _) => format!("a part of [`{}`]", definition.name),
        (_, TypeKind::Resource) => format!("a resource: {page}"),
        _ => format!("a data type: {page}"),
    };
    let _ = writeln!(
        out,
        "/// `{}`, {what}.\n#[derive(Clone, Default)]",
        item.path
    );
    let _ = writeln!(out, "pub struct {} {{", item.name);
    for field in &item.fields {
        let _ = writeln!(out, "    /// {}", documentation(field));
        let _ = writeln!(out, "    pub {}: {},", field.rust, used.place(field));
    }
    used.name("Extras");
    out.push_str("    /// What the payload held beside these.\n    pub extras: Extras,\n}\n");
}

fn documentation(field: &Field) -> String {
    let types = match &field.place {
        Place::Choice(name, _) if name == OPEN_TYPE => format!("[{}](OpenType)", field.types),
        _ => field.types.clone(),
    };
    let mut text = format!("`{}`: {}..{}, {types}", field.path, field.min, field.max);
    if let Some((binding, _)) = &field.binding {
        text.push_str(", ");
        text.push_str(binding);
    }
    text + "."
}

fn enumeration(choice: &Choice, path: &str, used: &mut Imports, out: &mut String) {
    let element = path.rsplit('.').next().unwrap_or_default();
    let element = element.trim_end_matches("[x]");
    out.push_str("#[derive(Clone)]\n");
    let _ = writeln!(out, "pub enum {} {{", choice.name);
    for variant in &choice.variants {
        let rust = used.name(&variant.rust);
        let held = if variant.primitive {
            used.primitive(&rust)
        } else {
            format!("Box<{rust}>")
        };
        let (name, code) = (&variant.name, &variant.code);
        let _ = writeln!(
            out,
            "    /// `{element}{name}`: `{code}`.\n    {name}({held}),"
        );
    }
    out.push_str("}\n");
}

/// The names that a file uses, by where they come from.
#[derive(Default)]
struct Imports {
    core: BTreeSet<String>,
    version: BTreeSet<String>,
    root: BTreeSet<String>,
    /// Whether the file declares a `List` of its own: the resource.
    declares_list: bool,
}

impl Imports {
    /// Notes a type's name.
    fn name(&mut self, name: &str) -> String {
        if name.starts_with("codes::") {
            self.root.insert("codes".to_owned());
        } else if CORE_TYPES.contains(&name) {
            self.core.insert(name.to_owned());
        } else if name != "bool" && name != "i32" {
            self.version.insert(name.to_owned());
        }
        name.to_owned()
    }

    fn primitive(&mut self, rust: &str) -> String {
        self.root.insert("Primitive".to_owned());
        format!("Primitive<{}>", self.name(rust))
    }

    fn list(&mut self, of: &str) -> String {
        if self.declares_list {
            return format!("healthcode_core::List<{of}>");
        }
        self.core.insert("List".to_owned());
        format!("List<{of}>")
    }

    /// The type of a field.
    fn place(&mut self, field: &Field) -> String {
        let of = match &field.place {
            Place::Attribute => self.name("Str"),
            Place::Primitive(rust) => self.primitive(rust),
            Place::Element(name) | Place::Choice(name, _) => self.name(name),
            Place::Resource => {
                self.root.insert("Resource".to_owned());
                "Resource".to_owned()
            }
        };
        match &field.place {
            _ if field.many => self.list(&of),
            Place::Primitive(_) => of,
            Place::Element(_) => format!("Option<Box<{of}>>"),
            _ => format!("Option<{of}>"),
        }
    }

    fn imports(&self) -> String {
        let mut text = String::new();
        for (from, names) in [
            ("super", &self.version),
            ("crate", &self.root),
            ("healthcode_core", &self.core),
        ] {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            text += &import(from, &names);
        }
        text
    }
}
