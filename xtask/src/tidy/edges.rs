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
mod tests {
    use super::*;

    const TABLE: &str = "text\n## Edges\n\nText.\n\n| crate | may depend on | impure |\n|---|---|---|\n\
        | `healthcode-a` | nothing | no |\n\
        | `healthcode-b` | a, c; d (feature `x`); e in tests | yes |\n\nMore.\n| `no` | row | no |\n";

    #[test]
    fn rows_are_read() {
        let edges = parse(TABLE).unwrap();
        assert_eq!(edges.len(), 2);
        assert!(edges["healthcode-a"].pure && edges["healthcode-a"].to.is_empty());
        let row = &edges["healthcode-b"];
        assert!(!row.pure);
        let expected = [("a", false), ("c", false), ("d", true)];
        let expected = expected.map(|(name, optional)| (format!("healthcode-{name}"), optional));
        assert_eq!(row.to, BTreeMap::from(expected));
    }

    #[test]
    fn bad_tables_are_refused() {
        for (text, problem) in [
            ("text", "missing section"),
            ("\n## Edges\ntext", "missing table"),
            ("\n## Edges\n| `a` | nothing |", "three cells"),
            ("\n## Edges\n| `a` | nothing | maybe |", "yes or no"),
        ] {
            let error = format!("{:#}", parse(text).unwrap_err());
            assert!(error.contains(problem), "{error}");
        }
    }

    #[test]
    fn manifests_are_held_to_their_row() {
        let row = &parse(TABLE).unwrap()["healthcode-b"];
        let faults = |text: &str| row.faults("healthcode-b", &text.parse().unwrap());
        let sound = "healthcode-a.workspace = true\nhealthcode-c.workspace = true\n\
            healthcode-d = { workspace = true, optional = true }\nserde = \"1\"\n";
        let manifest = format!("[dev-dependencies]\nhealthcode-z = \"1\"\n[dependencies]\n{sound}");
        assert!(faults(&manifest).is_empty());
        for (line, fault) in [
            (
                "healthcode-e.workspace = true",
                "must not depend on healthcode-e",
            ),
            ("xtask.workspace = true", "must not depend on xtask"),
        ] {
            assert_eq!(
                faults(&format!("{manifest}{line}")),
                [format!("healthcode-b: {fault}")]
            );
        }
        assert_eq!(faults(&manifest.replace(", optional = true", "")).len(), 1);
        assert_eq!(
            faults(&manifest.replace("healthcode-a.workspace = true\n", "")).len(),
            1
        );
    }
}
