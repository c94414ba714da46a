//! The table of ARCHITECTURE.md that says which crate may depend on which.
//!
//! A row has three cells: the crate, what it may depend on, and whether it may use files, clocks and
//! threads. The second cell is a list such as `core, uk; r4 (feature)`: names without `healthcode-`,
//! in groups. The crates of a group with a remark about features are optional dependencies; those of
//! a group that ends with `in tests` are not looked at.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

/// What the table says, by crate.
pub(super) type Edges = BTreeMap<String, Row>;

/// What the table says about a crate.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    /// What it may depend on, and whether the dependency is optional.
    to: BTreeMap<String, bool>,
    /// Whether it sees bytes and values only: no files, clocks or threads.
    pub(super) pure: bool,
}

/// Reads the table.
pub(super) fn read(file: &Path) -> Result<Edges> {
    fs::read_to_string(file)
        .map_err(Into::into)
        .and_then(|text| parse(&text))
        .with_context(|| format!("in {}", file.display()))
}

fn parse(text: &str) -> Result<Edges> {
    let (_, section) = text
        .split_once("\n## Edges\n")
        .context("missing section `Edges`")?;
    let rows = section
        .lines()
        .skip_while(|line| !line.starts_with("| `"))
        .take_while(|line| line.starts_with('|'));
    let edges: Edges = rows
        .map(|line| parse_row(line).with_context(|| line.to_owned()))
        .collect::<Result<_>>()?;
    ensure!(!edges.is_empty(), "missing table of edges");
    Ok(edges)
}

fn parse_row(line: &str) -> Result<(String, Row)> {
    let cells: Vec<_> = line.split('|').map(str::trim).collect();
    let ["", name, list, impure, ""] = cells[..] else {
        bail!("invalid row: expected three cells");
    };
    let mut to = BTreeMap::new();
    for group in list.split(';').map(str::trim) {
        if group == "nothing" || group.ends_with("in tests") {
            continue;
        }
        let (names, remark) = group.split_once('(').unwrap_or((group, ""));
        for name in names.split(',') {
            let name = format!("healthcode-{}", name.trim());
            to.insert(name, remark.starts_with("feature"));
        }
    }
    let pure = match impure {
        "no" => true,
        "yes" => false,
        _ => bail!("invalid last cell: expected yes or no"),
    };
    Ok((name.trim_matches('`').to_owned(), Row { to, pure }))
}

impl Row {
    /// How a crate's manifest differs from its row.
    pub(super) fn faults(&self, name: &str, manifest: &toml::Table) -> Vec<String> {
        let tables = ["dependencies", "build-dependencies"];
        let dependencies: BTreeMap<_, _> = tables
            .iter()
            .filter_map(|table| manifest.get(*table)?.as_table())
            .flatten()
            .filter(|(to, _)| to.starts_with("healthcode") || *to == "xtask")
            .map(|(to, value)| {
                let optional = value.get("optional").and_then(toml::Value::as_bool);
                (to.as_str(), optional == Some(true))
            })
            .collect();
        let mut faults = Vec::new();
        for (to, optional) in &dependencies {
            match self.to.get(*to) {
                None => faults.push(format!("{name}: must not depend on {to}")),
                Some(expected) if expected != optional => {
                    let is = if *optional { "is" } else { "is not" };
                    faults.push(format!(
                        "{name}: {to} {is} optional, unlike in the table of ARCHITECTURE.md"
                    ));
                }
                Some(_) => {}
            }
        }
        for to in self.to.keys() {
            if !dependencies.contains_key(to.as_str()) {
                faults.push(format!(
                    "{name}: does not depend on {to}, but the table of ARCHITECTURE.md says so"
                ));
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests;
