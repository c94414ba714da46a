//! Rule ids are unique, whichever crate has the rule.

use std::collections::HashSet;

#[test]
fn ids_are_unique() {
    let mut seen = HashSet::new();
    let own = healthcode_extensions::rules::ALL.iter().copied();
    let queries = healthcode_search::rules::ALL.iter().copied();
    for rule in healthcode_validate::rules().chain(own).chain(queries) {
        assert!(seen.insert(rule.id), "{} is there twice", rule.id);
    }
    assert!(seen.contains("R4-DATE") && seen.contains("HC-EXTENSION-VALUE"));
}
