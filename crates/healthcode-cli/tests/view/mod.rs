//! `healthcode view`, and issues as a table.

use super::{Folder, run_in};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

const VIEW: &str = r#"{"resourceType": "ViewDefinition", "name": "people", "resource": "Patient", "select": [{"column": [
    {"name": "id", "path": "id", "type": "id"}, {"name": "born", "path": "birthDate", "type": "date"}]}]}"#;
const OTHER: &str = r#"{"resourceType": "https://sql-on-fhir.org/ig/StructureDefinition/ViewDefinition", "name": "slots",
    "resource": "Slot", "select": [{"column": [{"name": "id", "path": "id"}, {"name": "status", "path": "status"}]}]}"#;
const LINES: &str = "{\"resourceType\":\"Patient\",\"id\":\"a\",\"birthDate\":\"1980-02\"}\n\n\
    {\"resourceType\":\"Slot\",\"id\":\"s\",\"status\":\"free\"}\n{\"resourceType\":\"Patient\",\"id\":\"b\",\"birthDate\":\n\
    {\"resourceType\":\"Patient\",\"id\":\"c\",\"birthDate\":\"secret\"}\n";
const BUNDLE: &str = r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"d"}},
    {"resource":{"resourceType":"Patient","id":"e","birthDate":"x"}}]}"#;
const XML: &str =
    r#"<Patient xmlns="http://hl7.org/fhir"><id value="f"/><birthDate value="1999"/></Patient>"#;

fn folder() -> Folder {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed
        .write_all(b"{\"resourceType\":\"Patient\",\"id\":\"g\"}\n")
        .unwrap();
    let packed = packed.finish().unwrap();
    Folder::new(&[
        ("people.json", VIEW.as_bytes()),
        ("slots.json", OTHER.as_bytes()),
        ("data/1.ndjson", LINES.as_bytes()),
        ("data/2.json", BUNDLE.as_bytes()),
        ("data/3.xml", XML.as_bytes()),
        ("data/4.ndjson.gz", &packed),
    ])
}

#[test]
fn rows_of_all_inputs() {
    let folder = folder();
    for jobs in ["1", "4"] {
        let run = folder.run(&["view", "run", "people.json", "data", "--jobs", jobs]);
        assert_eq!(run.code, 1, "{}", run.err);
        let rows: Vec<&str> = run.out.split("\r\n").collect();
        assert_eq!(
            rows,
            ["id,born", "a,1980-02", "c,", "d,", "e,", "f,1999", "g,", ""]
        );
        let said: Vec<&str> = run.err.lines().collect();
        assert_eq!(said.len(), 3, "{}", run.err);
        assert!(
            said[0].starts_with("healthcode: data/1.ndjson:4:"),
            "{}",
            said[0]
        );
        assert!(
            said[1].starts_with("healthcode: data/1.ndjson:5:48: Patient.birthDate: invalid value"),
            "{}",
            said[1]
        );
        assert!(
            said[2].starts_with("healthcode: data/2.json:2:64: Patient.birthDate"),
            "{}",
            said[2]
        );
        assert!(!run.err.contains("secret"));
    }
    let input = LINES.as_bytes();
    let run = run_in(
        folder.path("").as_path(),
        &["view", "run", "people.json", "-", "--format", "ndjson"],
        input,
    );
    assert_eq!(
        run.out,
        "{\"id\":\"a\",\"born\":\"1980-02\"}\n{\"id\":\"c\",\"born\":null}\n"
    );
}

#[test]
fn several_views() {
    let folder = folder();
    let run = folder.run(&[
        "view",
        "run",
        "people.json",
        "slots.json",
        "claims",
        "data/1.ndjson",
        "--output",
        "out",
    ]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(run.out, "");
    assert_eq!(
        folder.read("out/people.csv"),
        "id,born\r\na,1980-02\r\nc,\r\n"
    );
    assert_eq!(folder.read("out/slots.csv"), "id,status\r\ns,free\r\n");
    assert_eq!(folder.read("out/claims.csv").lines().count(), 1);
    for (args, message) in [
        (
            &["view", "run", "people.json", "slots.json", "data"][..],
            "missing --output",
        ),
        (&["view", "run", "people.json"], "missing PATH"),
        (
            &["view", "run", "nothing", "data"],
            "no such file or bundled view",
        ),
        (
            &[
                "view",
                "run",
                "people.json",
                "people.json",
                "data",
                "-o",
                "out",
            ],
            "repeated name people",
        ),
        (&["view", "list", "nothing"], "unknown view nothing"),
    ] {
        let run = folder.run(args);
        assert_eq!(run.code, 2, "{args:?}");
        assert!(run.err.contains(message), "{}", run.err);
    }
}

#[test]
fn views_that_stop() {
    let several = VIEW
        .replace("birthDate", "name.given")
        .replace("\"date\"", "\"string\"");
    let line = r#"{"resourceType":"Patient","id":"a","name":[{"given":["Secret","X"]}]}"#;
    let folder = Folder::new(&[
        ("people.json", several.as_bytes()),
        ("slots.json", OTHER.as_bytes()),
        (
            "a.ndjson",
            format!("{{\"resourceType\":\"Slot\",\"id\":\"s\"}}\n{line}\n").as_bytes(),
        ),
    ]);
    let run = folder.run(&[
        "view",
        "run",
        "people.json",
        "slots.json",
        "a.ndjson",
        "-o",
        "out",
    ]);
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .contains("a.ndjson:2:1: the view people was stopped: column born has several values"),
        "{}",
        run.err
    );
    assert!(!run.err.contains("Secret"));
    assert!(!folder.path("out/people.csv").exists());
    assert_eq!(folder.read("out/slots.csv"), "id,status\r\ns,\r\n");
    let invalid = VIEW.replace("birthDate", "name.frist()");
    let folder = Folder::new(&[
        ("v.json", invalid.as_bytes()),
        ("a.ndjson", line.as_bytes()),
    ]);
    let run = folder.run(&["view", "run", "v.json", "a.ndjson"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(
        run.err
            .contains("v.json:2:80: select[0].column[1].path: unknown function frist()"),
        "{}",
        run.err
    );
}

#[test]
fn checks() {
    let folder = folder();
    let run = folder.run(&["view", "check", "people.json", "practitioners"]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, "people.json: no findings\npractitioners: no findings\n")
    );
    let misspelt = VIEW.replace("birthDate", "birthdate");
    let folder = Folder::new(&[("v.json", misspelt.as_bytes())]);
    let run = folder.run(&["view", "check", "v.json"]);
    assert_eq!(run.code, 1);
    assert_eq!(
        run.out,
        "v.json:2:75: select[0].column[1].path: Patient has no element birthdate; did you mean birthDate?\n"
    );
    assert_eq!(folder.run(&["view", "check", "w.json"]).code, 2);
    // The release is the one that the view states.
    let r5 = r#"{"resource": "Patient", "fhirVersion": ["5.0.0"], "select": [{"column": [{"name": "id", "path": "id"}]}]}"#;
    let r5 = r5.replace("Patient", "InventoryItem");
    let folder = Folder::new(&[("v.json", r5.as_bytes())]);
    assert_eq!(folder.run(&["view", "check", "v.json"]).code, 0);
    assert_eq!(
        folder
            .run(&["view", "check", "v.json", "--fhir-version", "r4"])
            .code,
        1
    );
}

#[test]
fn issues_are_a_table() {
    let folder = folder();
    let run = folder.run(&[
        "validate",
        "--no-config",
        "--format",
        "csv",
        "data/1.ndjson",
        "nowhere.json",
    ]);
    assert_eq!(run.code, 2);
    let rows: Vec<&str> = run.out.split("\r\n").collect();
    assert_eq!(
        rows[0],
        "file,line,column,path,pointer,rule,severity,code,message"
    );
    assert!(rows.iter().any(|row| {
        row.starts_with("data/1.ndjson,5,48,Patient.birthDate,/birthDate,R4-DATE,error,value,")
    }));
    assert!(
        rows.iter()
            .any(|row| row.starts_with("nowhere.json,,,,,,fatal,exception,cannot be read: "))
    );
    assert!(!run.out.contains("secret"));
}

#[cfg(not(feature = "parquet"))]
#[test]
fn parquet_is_a_feature() {
    let folder = folder();
    for args in [
        &["view", "run", "people.json", "data", "--format", "parquet"][..],
        &["validate", "--no-config", "--format", "parquet", "data"],
    ] {
        let run = folder.run(args);
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        assert!(
            run.err.contains("built without the feature `parquet`"),
            "{}",
            run.err
        );
    }
}

#[cfg(feature = "parquet")]
#[test]
fn parquet() {
    let folder = folder();
    let run = folder.run(&[
        "view",
        "run",
        "people.json",
        "data",
        "--format",
        "parquet",
        "-o",
        "out",
    ]);
    assert_eq!(run.code, 1, "{}", run.err);
    let bytes = std::fs::read(folder.path("out/people.parquet")).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
}

#[test]
fn what_is_not_a_resource() {
    let lines = "[1]\n{\"id\":\"x\"}\n\"t\"\n{\"resourceType\":\"Site\",\"id\":\"s\"}\n\
        {\"resourceType\":\"Patient\",\"id\":\"a\"}\n";
    let folder = Folder::new(&[
        ("people.json", VIEW.as_bytes()),
        ("1.ndjson", lines.as_bytes()),
        ("2.json", br#"[{"resourceType":"Patient","id":"b"}]"#),
    ]);
    let run = folder.run(&["view", "run", "people.json", "1.ndjson", "2.json"]);
    assert_eq!((run.code, run.out.as_str()), (1, "id,born\r\na,\r\n"));
    let places: Vec<&str> = run
        .err
        .lines()
        .filter_map(|line| line.strip_prefix("healthcode: ")?.split(": ").next())
        .collect();
    assert_eq!(
        places,
        ["1.ndjson:1:1", "1.ndjson:2:1", "1.ndjson:3:1", "2.json:1:1"],
        "{}",
        run.err
    );
}
