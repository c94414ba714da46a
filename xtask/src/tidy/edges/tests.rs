//! Tests of `edges.rs`.

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
