//! The registry of rules.

use healthcode_extensions::rules::ALL;

/// To update: `UPDATE_RULES=1 cargo test -p healthcode-extensions`, and read the difference.
#[test]
fn snapshot() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/rules.txt");
    let lines = ALL.iter().map(|rule| {
        let severity = rule.severity;
        format!("{} {severity} {} {}\n", rule.id, rule.code, rule.title)
    });
    let now: String = lines.collect();
    if std::env::var_os("UPDATE_RULES").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let before = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        now == before,
        "the registry differs from rules.txt; if that is meant, run UPDATE_RULES=1 cargo test \
         -p healthcode-extensions and commit it. Ids are never reused.\n{now}"
    );
}

#[test]
fn prose() {
    for rule in ALL {
        assert!(!rule.title.ends_with('.'), "{}: title", rule.id);
        assert!(rule.help.ends_with('.'), "{}: help", rule.id);
    }
}
