//! `cargo xtask codegen`: from the facts of a release to the Rust code of its crate.
//!
//! [`plan`] works out every Rust type, field and name; [`model`] writes the declarations,
//! [`element`] the mechanics, [`schema`] the static tables, [`codes`] the enumerations of codes,
//! [`resource`] the `Resource` enum, [`search`] the table of search
//! parameters, [`terminology`] the tables of codes and extensions. What is wrong with the definitions is put right in
//! [`fixups`].

mod codes;
mod element;
mod fixups;
mod model;
mod names;
mod output;
mod packed;
mod plan;
mod profiles;
mod resource;
mod schema;
mod search;
mod tables;
mod terminology;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::spec::facts::{Facts, TypeKind};
use output::Output;
use plan::Plan;

/// A release and the crate that is generated for it.
#[derive(Debug)]
pub(crate) struct Version {
    /// Its name: `r4`.
    pub(crate) name: &'static str,
    /// The folder of its facts, in the workspace.
    pub(crate) facts: &'static str,
    /// The folder of generated code, in the workspace.
    pub(crate) out: &'static str,
    /// Where its pages of the specification are.
    pub(crate) base: &'static str,
    /// The folder of its generated search parameters, if they are generated.
    pub(crate) search: Option<&'static str>,
    /// The folder of its generated tables of terminology, if they are generated.
    pub(crate) terminology: Option<&'static str>,
}

/// All that is generated.
const VERSIONS: &[Version] = &[
    Version {
        name: "r4",
        facts: "xtask/spec/r4",
        out: "crates/healthcode-r4/src/generated",
        base: "https://hl7.org/fhir/R4/",
        search: Some("crates/healthcode-search/src/generated"),
        terminology: Some("crates/healthcode-validate/src/generated"),
    },
    Version {
        name: "stu3",
        facts: "xtask/spec/stu3",
        out: "crates/healthcode-stu3/src/generated",
        base: "https://hl7.org/fhir/STU3/",
        search: None,
        terminology: None,
    },
    Version {
        name: "r4b",
        facts: "xtask/spec/r4b",
        out: "crates/healthcode-r4b/src/generated",
        base: "https://hl7.org/fhir/R4B/",
        search: None,
        terminology: None,
    },
    Version {
        name: "r5",
        facts: "xtask/spec/r5",
        out: "crates/healthcode-r5/src/generated",
        base: "https://hl7.org/fhir/R5/",
        search: None,
        terminology: None,
    },
    Version {
        name: "toy",
        facts: "xtask/spec/toy",
        out: "tests/toy/src/generated",
        base: "https://example.org/toy/",
        search: None,
        terminology: None,
    },
];

/// A release whose types are read without structs, and the file of its packed tables.
struct PackedVersion {
    name: &'static str,
    facts: &'static str,
}

/// The folder of the packed tables.
const PACKED: &str = "crates/healthcode-releases/src/generated";

/// All that is packed.
const PACKED_VERSIONS: &[PackedVersion] = &[
    PackedVersion {
        name: "r4b",
        facts: "xtask/spec/r4b",
    },
    PackedVersion {
        name: "r5",
        facts: "xtask/spec/r5",
    },
    PackedVersion {
        name: "stu3",
        facts: "xtask/spec/stu3",
    },
];

/// Writes the packed tables of all releases, or returns those that are out of date.
fn pack(root: &Path, check: bool) -> Result<Vec<String>> {
    let mut files = crate::files::Files::new();
    for version in PACKED_VERSIONS {
        let mut facts = Facts::load(&root.join(version.facts))?;
        fixups::apply(version.name, &mut facts)?;
        let table = packed::table(version.name, &facts);
        let table = table.with_context(|| format!("cannot pack {}", version.name))?;
        files.insert(format!("{}.txt", version.name), table);
    }
    let differing = crate::files::write(&root.join(PACKED), &files, check)?;
    Ok(differing
        .iter()
        .map(|name| format!("{PACKED}/{name}"))
        .collect())
}

/// Runs `cargo xtask codegen` for the named release, or for all.
pub(crate) fn run(only: Option<&str>, check: bool) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = root.parent().context("xtask is in no workspace")?;
    let wanted = |version: &&Version| only.is_none_or(|only| only == version.name);
    let mut versions = VERSIONS.iter().filter(wanted).peekable();
    let packs = |version: &PackedVersion| only.is_none_or(|only| only == version.name);
    let packs = PACKED_VERSIONS.iter().any(packs);
    if versions.peek().is_none() && !packs {
        bail!("unknown release");
    }
    let mut stale = Vec::new();
    if packs {
        stale.extend(pack(root, check)?);
    }
    for version in versions {
        let facts = Facts::load(&root.join(version.facts))?;
        let mut outputs = Vec::new();
        if let Some(folder) = version.search {
            outputs.push((folder, search::output(version, &facts)?));
        }
        if let Some(folder) = version.terminology {
            outputs.push((folder, terminology::output(&facts)?));
        }
        let plan =
            planned(version, facts).with_context(|| format!("cannot generate {}", version.name))?;
        outputs.insert(0, (version.out, render(version, &plan)));
        for (folder, output) in outputs {
            let differing = output.write(&root.join(folder), check)?;
            if !check && folder == version.out {
                let (counts, changed, all) = (counts(&plan), differing.len(), output.len());
                let name = version.name;
                println!("{name}: {counts}; {changed} of {all} files changed");
            }
            stale.extend(differing.iter().map(|name| format!("{folder}/{name}")));
        }
    }
    if check && !stale.is_empty() {
        bail!(
            "out of date (run `cargo xtask codegen`):\n{}",
            stale.join("\n")
        );
    }
    Ok(())
}

/// Works out what to generate from the facts, with their defects put right.
fn planned(version: &Version, mut facts: Facts) -> Result<Plan> {
    fixups::apply(version.name, &mut facts)?;
    plan::plan(&facts)
}

/// All files of a version.
fn render(version: &Version, plan: &Plan) -> Output {
    let mut output = Output::default();
    let shared = schema::SharedFields::new(plan);
    for definition in &plan.definitions {
        let file = format!("{}.rs", definition.module);
        if definition.kind != TypeKind::Profile {
            output.add(
                &format!("model/{file}"),
                &model::definition(version, definition),
            );
            output.add(&format!("element/{file}"), &element::definition(definition));
        }
        output.add(
            &format!("schema/{file}"),
            &schema::definition(definition, &shared),
        );
    }
    if let Some(open) = &plan.open {
        output.add("model/open_type.rs", &model::open(version, open));
        output.add("element/open_type.rs", &element::open(open));
    }
    for code_enum in plan.enums.by_name() {
        output.add(
            &format!("codes/{}.rs", code_enum.module),
            &codes::enumeration(code_enum),
        );
    }
    output.add("model/mod.rs", &model::modules(plan));
    output.add("element/mod.rs", &element::modules(plan));
    output.add("schema/mod.rs", &schema::modules(plan));
    output.add("schema/fields.rs", &shared.file());
    output.add("schema/types.rs", &schema::types(plan));
    output.add("schema/bindings.rs", &schema::bindings(plan));
    output.add("schema/invariants.rs", &schema::invariants(plan));
    output.add("codes/mod.rs", &codes::modules(plan));
    output.add("resource.rs", &resource::resource(plan));
    output.add(
        "mod.rs",
        "//! What is made from the definitions.\n\n\
         // Names of invariants and types are as FHIR writes them.\n\
         #![allow(clippy::doc_markdown, clippy::wildcard_imports)]\n\n\
         pub mod codes;\nmod element;\npub(crate) mod model;\nmod resource;\npub(crate) mod schema;\n\n\
         pub use resource::Resource;",
    );
    output
}

/// The beginning of a `mod.rs`: its title, and the files beside it, each declared by `keyword`.
fn module_list(title: &str, keyword: &str, modules: &[&str]) -> String {
    let mut out = format!("//! {title}\n\n");
    for module in modules {
        let _ = writeln!(out, "{keyword} {module};");
    }
    out.push('\n');
    out
}

/// What the plan holds, in words.
fn counts(plan: &Plan) -> String {
    let declared = plan.definitions.iter();
    let declared = declared.filter(|d| d.kind != TypeKind::Profile);
    let structs: Vec<_> = declared.flat_map(plan::Definition::structs).collect();
    let schemas = plan.definitions.iter().flat_map(plan::Definition::structs);
    let choices: usize = plan.definitions.iter().map(|d| d.choices().count()).sum();
    format!(
        "{} structs with {} fields, {} choice enums, {} code enums, {} schemas, {} type lists, {} bindings, {} invariants",
        structs.len(),
        structs.iter().map(|item| item.fields.len()).sum::<usize>(),
        choices + usize::from(plan.open.is_some()),
        plan.enums.by_name().len(),
        schemas.count(),
        plan.tables.type_lists().len(),
        plan.tables.bindings.len(),
        plan.tables.invariants.len(),
    )
}

#[cfg(test)]
mod tests;
