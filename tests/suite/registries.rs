//! The registries of rules, whichever crate has them.

use healthcode_core::Rule;
use std::collections::HashSet;
use std::path::Path;

/// Each registry, beside the folder of its crate, whose `rules.txt` lists it.
fn registries() -> [(&'static str, Vec<&'static Rule>); 4] {
    [
        (
            "healthcode-validate",
            healthcode_validate::rules().collect(),
        ),
        (
            "healthcode-extensions",
            healthcode_extensions::rules::ALL.to_vec(),
        ),
        ("healthcode-search", healthcode_search::rules::ALL.to_vec()),
        (
            "healthcode-exchange",
            healthcode_exchange::rules::ALL.to_vec(),
        ),
    ]
}

#[test]
fn ids_are_unique() {
    let mut seen = HashSet::new();
    for rule in registries().into_iter().flat_map(|(_, rules)| rules) {
        assert!(seen.insert(rule.id), "{} is there twice", rule.id);
    }
    for id in ["R4-DATE", "HC-EXTENSION-VALUE", "SLIP-SPACE"] {
        assert!(seen.contains(id), "{id}");
    }
}

/// To update: `UPDATE_RULES=1 cargo test -p healthcode-tests registries`, and read the difference.
#[test]
fn rules_are_listed() {
    for (name, rules) in registries() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../crates")
            .join(name)
            .join("rules.txt");
        let lines = rules.iter().map(|rule| {
            let severity = rule.severity;
            format!("{} {severity} {} {}\n", rule.id, rule.code, rule.title)
        });
        let now: String = lines.collect();
        if std::env::var_os("UPDATE_RULES").is_some() {
            std::fs::write(&path, &now).unwrap();
        }
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            now == before,
            "the registry of {name} differs from its rules.txt; if that is meant, run UPDATE_RULES=1 \
             cargo test -p healthcode-tests registries and commit it. Ids are never reused.\n{now}"
        );
    }
}

#[test]
fn prose() {
    for rule in registries().into_iter().flat_map(|(_, rules)| rules) {
        assert!(!rule.title.ends_with('.'), "{}: title", rule.id);
        assert!(rule.help.ends_with('.'), "{}: help", rule.id);
    }
}
