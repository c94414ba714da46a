//! What `healthcode package` prints.

use crate::args::TableFormat;
use crate::output::{fit, print_json};
use comfy_table::Table;
use healthcode_core::printable;
use healthcode_json::to_string_pretty;
use healthcode_package::{Cache, Candidate, Origin, Packages};
use healthcode_r4::{ElementDefinition, StructureDefinitionSnapshot};
use healthcode_validate::ProfileSet;
use serde::Serialize;
use std::io::{self, Write};
use std::process::ExitCode;

/// A package.
#[derive(Serialize)]
struct PackageRow<'p> {
    name: &'p str,
    version: &'p str,
    /// Where it was read from.
    place: String,
    /// The package that depends on it; absent for one that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    dependency_of: Option<&'p str>,
    profiles: usize,
    value_sets: usize,
    code_systems: usize,
    dependencies: Vec<String>,
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table
}

fn print(mut table: Table) -> io::Result<()> {
    fit(&mut table);
    writeln!(io::stdout().lock(), "{table}")
}

/// Lists packages with what they depend on.
pub(super) fn list(packages: &Packages, format: TableFormat) -> io::Result<ExitCode> {
    let rows = packages.packages().iter().map(|package| {
        let manifest = package.manifest();
        let [profiles, value_sets, code_systems] = package.counts();
        let dependencies = manifest.dependencies.iter();
        PackageRow {
            name: &manifest.name,
            version: &manifest.version,
            place: printable(&package.place().display().to_string()),
            dependency_of: match package.origin() {
                Origin::Given => None,
                Origin::Dependency { of, .. } => Some(of),
            },
            profiles,
            value_sets,
            code_systems,
            dependencies: dependencies
                .map(|one| format!("{}#{}", one.name, one.version))
                .collect(),
        }
    });
    let rows: Vec<PackageRow<'_>> = rows.collect();
    match format {
        TableFormat::Json => print_json(&rows)?,
        TableFormat::Human => {
            let mut table = table();
            table.set_header([
                "PACKAGE",
                "VERSION",
                "PROFILES",
                "VALUE SETS",
                "CODE SYSTEMS",
                "WHY",
            ]);
            for row in &rows {
                let why = match row.dependency_of {
                    Some(of) => format!("{of} depends on it"),
                    None => "named".to_owned(),
                };
                table.add_row([
                    printable(row.name),
                    printable(row.version),
                    row.profiles.to_string(),
                    row.value_sets.to_string(),
                    row.code_systems.to_string(),
                    why,
                ]);
            }
            print(table)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists what is in the cache.
pub(super) fn cached(cache: &Cache, format: TableFormat) -> io::Result<ExitCode> {
    #[derive(Serialize)]
    struct Row<'c> {
        name: &'c str,
        version: &'c str,
    }
    let rows = cache
        .packages()
        .map(|(name, version)| Row { name, version });
    let rows: Vec<Row<'_>> = rows.collect();
    match format {
        TableFormat::Json => print_json(&rows)?,
        TableFormat::Human if rows.is_empty() => {
            writeln!(
                io::stdout().lock(),
                "no packages in the cache {}",
                cache.place()
            )?;
        }
        TableFormat::Human => {
            let mut table = table();
            table.set_header(["PACKAGE", "VERSION"]);
            for row in &rows {
                table.add_row([printable(row.name), printable(row.version)]);
            }
            print(table)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A definition of a package.
#[derive(Serialize)]
struct DefinitionRow<'p> {
    kind: &'static str,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'p str>,
    package: String,
    file: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'p str>,
}

impl<'p> DefinitionRow<'p> {
    fn new(url: &str, of: &'p Candidate<'p>) -> Self {
        DefinitionRow {
            kind: of.kind.as_str(),
            url: url.split('|').next().unwrap_or(url).to_owned(),
            version: of.version,
            package: of.package.label(),
            file: of.file,
            reason: Some(&of.reason),
        }
    }
}

/// Lists the definitions of packages.
pub(super) fn definitions(packages: &Packages, format: TableFormat) -> io::Result<ExitCode> {
    let rows = packages
        .definitions()
        .map(|(url, one)| (url.to_owned(), one));
    let rows: Vec<_> = rows.collect();
    let rows = rows.iter().map(|(url, one)| DefinitionRow {
        reason: None,
        ..DefinitionRow::new(url, one)
    });
    let rows: Vec<DefinitionRow<'_>> = rows.collect();
    match format {
        TableFormat::Json => print_json(&rows)?,
        TableFormat::Human => {
            let mut table = table();
            table.set_header(["KIND", "URL", "VERSION", "PACKAGE"]);
            for row in &rows {
                table.add_row([
                    row.kind.to_owned(),
                    printable(&row.url),
                    printable(row.version.unwrap_or_default()),
                    row.package.clone(),
                ]);
            }
            print(table)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What is printed of a URL that is not known; the status is 1.
fn unknown(url: &str) -> io::Result<ExitCode> {
    writeln!(
        io::stderr(),
        "healthcode: unknown canonical URL: {}",
        printable(url)
    )?;
    Ok(ExitCode::from(1))
}

/// Prints which definition a URL stands for.
pub(super) fn resolve(packages: &Packages, url: &str, format: TableFormat) -> io::Result<ExitCode> {
    let Some(found) = packages.resolve(url) else {
        return unknown(url);
    };
    let row = DefinitionRow {
        reason: None,
        ..DefinitionRow::new(url, &found)
    };
    match format {
        TableFormat::Json => print_json(&row)?,
        TableFormat::Human => {
            let version = row
                .version
                .map_or_else(String::new, |version| format!("|{version}"));
            let canonical = printable(&format!("{}{version}", row.url));
            let mut out = io::stdout().lock();
            writeln!(out, "{} {canonical}", row.kind)?;
            writeln!(out, "  in {} of {}", printable(row.file), row.package)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints why a URL stands for one definition and not for others.
pub(super) fn why(packages: &Packages, url: &str, format: TableFormat) -> io::Result<ExitCode> {
    let all = packages.candidates(url);
    if all.is_empty() {
        return unknown(url);
    }
    if let TableFormat::Json = format {
        let rows: Vec<_> = all.iter().map(|one| DefinitionRow::new(url, one)).collect();
        print_json(&rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut out = io::stdout().lock();
    let url = printable(url.split('|').next().unwrap_or(url));
    for one in &all {
        let version = one.version.unwrap_or("without version");
        let (kind, package) = (one.kind.as_str(), one.package.label());
        writeln!(out, "{kind} {url} {} in {package}", printable(version))?;
        writeln!(out, "  {}", one.reason)?;
        match one.package.origin() {
            Origin::Given => writeln!(out, "  {package} was named")?,
            Origin::Dependency { of, requested } => {
                writeln!(
                    out,
                    "  {of} depends on {package}, as {}",
                    printable(requested)
                )?;
            }
        }
        for (of, requested) in packages.replaced_by(one.package) {
            let requested = printable(requested);
            writeln!(
                out,
                "  {of} requests version {requested}, which it replaces"
            )?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the snapshot of a profile.
pub(super) fn snapshot(set: &ProfileSet, url: &str, format: TableFormat) -> io::Result<ExitCode> {
    let Some(definition) = set.definition_of(url) else {
        return unknown(url);
    };
    let problems = set.problems(url);
    for issue in &problems {
        let text = issue
            .constraint
            .as_deref()
            .map_or("", |constraint| &*constraint.text);
        let element = issue
            .constraint
            .as_deref()
            .map_or("", |constraint| &*constraint.element);
        writeln!(
            io::stderr(),
            "healthcode: warning: {}: {}",
            printable(element),
            printable(text)
        )?;
    }
    let published = definition.snapshot.as_ref();
    let elements = set.generate(url).filter(|elements| elements.len() > 1);
    let elements = elements.or_else(|| Some(published?.element.to_vec()));
    let Some(elements) = elements else {
        writeln!(
            io::stderr(),
            "healthcode: there is no snapshot of {}",
            printable(url)
        )?;
        return Ok(ExitCode::from(1));
    };
    match format {
        TableFormat::Json => {
            let mut definition = definition.clone();
            definition.snapshot = Some(Box::new(StructureDefinitionSnapshot {
                element: elements.into(),
                ..StructureDefinitionSnapshot::default()
            }));
            writeln!(io::stdout().lock(), "{}", to_string_pretty(&definition))?;
        }
        TableFormat::Human => {
            let mut table = table();
            table.set_header(["ELEMENT", "CARD.", "TYPE", "FLAGS", "BINDING"]);
            for element in &elements {
                table.add_row(row(element));
            }
            print(table)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The row of an element: id, cardinality, types, whether it must be supported or modifies, binding.
fn row(element: &ElementDefinition) -> [String; 5] {
    let id = element.id.as_deref().or(element.path.as_str());
    let last = |url: &str| url.rsplit('/').next().unwrap_or(url).to_owned();
    let types = element.type_.iter().map(|one| {
        let code = last(one.code.as_str().unwrap_or_default());
        let profiles = one.profile.iter().chain(&one.target_profile);
        let profiles: Vec<String> = profiles.filter_map(|url| url.as_str()).map(last).collect();
        if profiles.is_empty() {
            code
        } else {
            format!("{code}({})", profiles.join(" | "))
        }
    });
    let types = match element.content_reference.as_str() {
        Some(reference) => vec![reference.to_owned()],
        None => types.collect(),
    };
    let flags = [
        (element.must_support.get() == Some(true), "S"),
        (element.is_modifier.get() == Some(true), "?!"),
        (element.fixed.is_some(), "fixed"),
        (element.pattern.is_some(), "pattern"),
        (element.slicing.is_some(), "sliced"),
    ];
    let flags = flags
        .iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, flag)| *flag);
    let binding = element
        .binding
        .as_deref()
        .map_or_else(String::new, |binding| {
            let strength = binding.strength.as_str().unwrap_or_default();
            format!(
                "{strength} {}",
                binding.value_set.as_str().unwrap_or_default()
            )
        });
    let min = element.min.get().unwrap_or_default();
    let max = element.max.as_str().unwrap_or("*");
    [
        printable(id.unwrap_or_default()),
        printable(&format!("{min}..{max}")),
        printable(&types.join(", ")),
        flags.collect::<Vec<_>>().join(" "),
        printable(binding.trim()),
    ]
}
