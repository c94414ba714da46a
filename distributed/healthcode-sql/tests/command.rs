//! The command in one process: formats, exit status, and what it says about mistakes.

mod common;

use common::{SQL, example, run};
use std::process::Command;

fn sql(args: &[&str]) -> (Option<i32>, String, String) {
    let output = run(Command::new(SQL).args(args));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn formats_and_status() {
    let (view, data) = (example("readings.json"), example("observations.ndjson"));
    let query = format!(
        "select id, what, value, unit from fhir_view('{view}', '{data}') order by id, what desc"
    );
    let (status, out, error) = sql(&[&query, "--format", "csv"]);
    let rows = "id,what,value,unit\r\nbp1,systolic,128.00,mm[Hg]\r\nbp1,diastolic,82.00,mm[Hg]\r\nbp2,systolic,131.00,mm[Hg]\r\n";
    assert_eq!((status, &*out), (Some(1), rows), "{error}");
    assert!(error.contains("observations.ndjson:4: "), "{error}");
    assert!(error.contains("JSON-TRUNCATED"), "{error}");

    let all = "select 1 as a, 'x' as b, null as c, true as d, [1, 2] as e, 1.5 as f";
    let (status, out, _) = sql(&[all, "--format", "ndjson"]);
    let row = "{\"a\":1,\"b\":\"x\",\"c\":null,\"d\":true,\"e\":[1,2],\"f\":1.5}\n";
    assert_eq!((status, &*out), (Some(0), row));
    let (status, out, _) = sql(&["select 1 as a; select 2 as b"]);
    assert_eq!(status, Some(0));
    assert!(out.contains("| a |") && out.contains("| b |"), "{out}");
    let (status, out, _) = sql(&["select 1 as a where false"]);
    assert_eq!(status, Some(0));
    assert!(out.contains("| a |"), "{out}");
}

#[test]
fn mistakes() {
    for (args, expected) in [
        (&["selec 1"][..], "invalid SQL"),
        (&[""], "missing query"),
        (
            &["select * from fhir_view('x.json', 'y')"],
            "x.json: no such file or bundled view",
        ),
        (&["select * from nowhere"], "nowhere"),
        (
            &["select 1", "--ballista", "df://127.0.0.1:9"],
            "no scheduler answers there",
        ),
        (&["select 1", "--ballista", "nowhere"], "nowhere"),
        (&["select 1", "--format", "xml"], "--format"),
    ] {
        let (status, out, error) = sql(args);
        assert_eq!(status, Some(2), "{args:?}: {error}");
        assert!(error.contains(expected), "{args:?}: {error}");
        assert_eq!(out, "", "{args:?}");
    }
}
