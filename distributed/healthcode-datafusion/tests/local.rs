//! Tables in one process: rows, ranges, projection, limit, and what is wrong with files.

use datafusion::arrow::array::{Array, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::{SessionConfig, SessionContext};
use healthcode_core::Root;
use healthcode_datafusion::{Engine, register};
use healthcode_r4::{Resource, schema};
use healthcode_validate::{FhirVersion, Policy, Validator};
use healthcode_views::{Csv, RunOptions, Version, View, issues};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

const VERSION: Version = Version {
    number: schema::VERSION,
    find: schema::find,
};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/examples")
        .join(name)
}

/// Observations: two, and a Patient, again and again with other ids.
fn observations(count: usize) -> String {
    let text = fs::read_to_string(example("observations.ndjson")).unwrap();
    let whole: Vec<&str> = text.lines().take(3).collect();
    let round = |round| {
        whole
            .iter()
            .map(move |line| line.replace("bp", &format!("bp{round}-")) + "\n")
    };
    (0..count).flat_map(round).collect()
}

fn context(partitions: usize, from: usize) -> SessionContext {
    let config = SessionConfig::new()
        .with_target_partitions(partitions)
        .with_repartition_file_min_size(from);
    let context = SessionContext::new_with_config(config);
    register(&context, &Arc::new(Engine::new(None)));
    context
}

async fn query(context: &SessionContext, sql: &str) -> Vec<RecordBatch> {
    context.sql(sql).await.unwrap().collect().await.unwrap()
}

/// The rows as text, sorted.
fn sorted(batches: &[RecordBatch]) -> Vec<String> {
    let options = FormatOptions::default();
    let mut rows = Vec::new();
    for batch in batches {
        let columns = batch.columns().iter();
        let columns: Vec<_> = columns
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap())
            .collect();
        for row in 0..batch.num_rows() {
            let cells: Vec<String> = columns
                .iter()
                .map(|column| column.value(row).to_string())
                .collect();
            rows.push(cells.join(","));
        }
    }
    rows.sort();
    rows
}

/// What the library writes for NDJSON, sorted, without the header.
fn library_rows(view: &str, ndjson: &str) -> Vec<String> {
    let view = View::compile(view, VERSION).unwrap();
    let mut options = RunOptions::default();
    options.exact_decimals = true;
    let mut csv = Csv::new(Vec::new());
    for line in ndjson.lines() {
        let Ok(read) = healthcode_json::from_str::<Resource>(line) else {
            continue;
        };
        let resource = read.value.as_element();
        view.rows(resource, &options, &mut csv, &mut |_| {})
            .unwrap();
    }
    let text = String::from_utf8(csv.into_inner()).unwrap();
    let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
    rows.sort();
    rows
}

/// With text columns alone, so that the same values have the same text.
const VIEW: &str = r#"{"resourceType": "ViewDefinition", "resource": "Observation", "select": [
    {"column": [{"name": "id", "path": "getResourceKey()"}, {"name": "patient", "path": "subject.getReferenceKey(Patient)"}]},
    {"forEach": "component", "column": [
        {"name": "what", "path": "code.text"}, {"name": "value", "path": "value.ofType(Quantity).value"}]}]}"#;

fn write(folder: &TempDir, name: &str, text: &[u8]) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[tokio::test]
async fn rows_are_those_of_the_library_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let view = write(&folder, "v.json", VIEW.as_bytes());
    let text = observations(100);
    let expected = library_rows(VIEW, &text);
    assert_eq!(expected.len(), 300);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let entries: Vec<String> = text
        .lines()
        .map(|line| format!(r#"{{"resource": {line}}}"#))
        .collect();
    let bundle = format!(
        r#"{{"resourceType": "Bundle", "type": "collection", "entry": [{}]}}"#,
        entries.join(",\n")
    );
    let files = [
        ("a.ndjson", text.clone().into_bytes()),
        ("b.ndjson.gz", gzip.finish().unwrap()),
        (
            "c.ndjson.zst",
            zstd::encode_all(text.as_bytes(), 1).unwrap(),
        ),
        ("d.json", bundle.into_bytes()),
        // By its content, not by its name.
        ("e.ndjson", zstd::encode_all(text.as_bytes(), 1).unwrap()),
    ];
    for (name, bytes) in files {
        let path = write(&folder, name, &bytes);
        for partitions in [1, 3] {
            let context = context(partitions, 1);
            let sql = format!("select * from fhir_view('{view}', '{path}')");
            let rows = sorted(&query(&context, &sql).await);
            assert_eq!(rows, expected, "{name}, {partitions} partitions");
        }
    }
    let glob = format!("{}/[abd].*", folder.path().display());
    let sql = format!("select count(*) from fhir_view('{view}', '{glob}')");
    let context = context(4, 1);
    assert_eq!(sorted(&query(&context, &sql).await), ["900"]);
}

#[tokio::test]
async fn ranges_of_any_size_give_the_same_rows_and_issues() {
    let folder = tempfile::tempdir().unwrap();
    let view = write(&folder, "v.json", VIEW.as_bytes());
    let text = observations(3).replace("bp2-1", "bp2-1\u{e9}")
        + "{\"resourceType\": \"Patient\",\n\n"
        + &observations(1);
    let path = write(&folder, "a.ndjson", text.as_bytes());
    let rows = format!("select * from fhir_view('{view}', '{path}')");
    let found = format!("select * from fhir_issues('{path}')");
    let one = context(1, 1);
    let expected = sorted(&query(&one, &rows).await);
    let expected_issues = sorted(&query(&one, &found).await);
    assert_eq!(expected, library_rows(VIEW, &text));
    assert_eq!(expected_issues, library_issues(&path, &text));
    for partitions in 2..=60 {
        let context = context(partitions, 1);
        assert_eq!(
            sorted(&query(&context, &rows).await),
            expected,
            "{partitions}"
        );
        let issues = sorted(&query(&context, &found).await);
        assert_eq!(issues, expected_issues, "{partitions}");
    }
}

/// The issues that the library finds, as rows.
fn library_issues(file: &str, text: &str) -> Vec<String> {
    static SUPPORTED: [healthcode_validate::Supported; 0] = [];
    let validator = Validator::new(Policy::R4).fhir_version(FhirVersion::Auto, &SUPPORTED);
    let mut rows = Vec::new();
    let stream = validator.stream(text.as_bytes());
    let stream = stream.kind(healthcode_json::stream::Kind::Ndjson);
    stream
        .for_each(|part| {
            for issue in &part.issues {
                let cells = issues::row(file, issue, false);
                let cells = cells.iter().map(|cell| match cell {
                    healthcode_views::Cell::Text(text) => text.to_string(),
                    healthcode_views::Cell::Integer(number) => number.to_string(),
                    _ => String::new(),
                });
                rows.push(cells.collect::<Vec<_>>().join(","));
            }
            Ok(())
        })
        .unwrap();
    rows.sort();
    rows
}

/// The value of a counter of the scan.
fn counter(plan: &Arc<dyn ExecutionPlan>, name: &str) -> usize {
    let own = plan.metrics().and_then(|metrics| metrics.sum_by_name(name));
    let inner: usize = plan
        .children()
        .into_iter()
        .map(|child| counter(child, name))
        .sum();
    own.map_or(0, |value| value.as_usize()) + inner
}

#[tokio::test]
async fn projection_and_limit_reach_the_scan() {
    let folder = tempfile::tempdir().unwrap();
    let view = write(&folder, "v.json", VIEW.as_bytes());
    let text = observations(3000);
    let path = write(&folder, "a.ndjson", text.as_bytes());
    let context = context(1, 1);
    for (sql, shown, rows, bytes) in [
        (
            "value",
            "projection=[value], partitions=1",
            9000,
            text.len()..text.len() + 1,
        ),
        (
            "value, id",
            "projection=[id, value], partitions=1",
            9000,
            text.len()..text.len() + 1,
        ),
        (
            "count(*)",
            "projection=[], partitions=1",
            1,
            text.len()..text.len() + 1,
        ),
        (
            "patient {limit 3}",
            "projection=[patient], limit=3, partitions=1",
            3,
            1..600_000,
        ),
    ] {
        let (columns, limit) = sql.split_once('{').unwrap_or((sql, ""));
        let limit = limit.trim_end_matches('}');
        let sql = format!("select {columns} from fhir_view('{view}', '{path}') {limit}");
        let explained = sorted(&query(&context, &format!("explain {sql}")).await).join("\n");
        assert!(explained.contains(shown), "{explained}");
        let frame = context.sql(&sql).await.unwrap();
        let plan = frame.create_physical_plan().await.unwrap();
        let found = collect(Arc::clone(&plan), context.task_ctx())
            .await
            .unwrap();
        let count: usize = found.iter().map(RecordBatch::num_rows).sum();
        assert_eq!(count, rows, "{sql}");
        let read = counter(&plan, "bytes_scanned");
        assert!(
            bytes.contains(&read),
            "{sql}: {read} bytes of {}",
            text.len()
        );
    }
    let sql = format!("explain analyze select count(*) from fhir_view('{view}', '{path}')");
    let explained = sorted(&query(&context, &sql).await).join("\n");
    assert!(explained.contains("bytes_scanned="), "{explained}");
}

#[tokio::test]
async fn what_is_malformed_does_not_end_a_query() {
    let folder = tempfile::tempdir().unwrap();
    let view = example("readings.json").display().to_string();
    let path = example("observations.ndjson").display().to_string();
    let context = context(1, 1);
    let sql = format!("select id, value from fhir_view('{view}', '{path}')");
    let frame = context.sql(&sql).await.unwrap();
    let plan = frame.create_physical_plan().await.unwrap();
    let rows = collect(Arc::clone(&plan), context.task_ctx())
        .await
        .unwrap();
    assert_eq!(sorted(&rows), ["bp1,128.00", "bp1,82.00", "bp2,131.00"]);
    assert_eq!(counter(&plan, "malformed"), 1);
    let sql = format!("select at from fhir_view('{view}', '{path}')");
    let frame = context.sql(&sql).await.unwrap();
    let plan = frame.create_physical_plan().await.unwrap();
    collect(Arc::clone(&plan), context.task_ctx())
        .await
        .unwrap();
    assert_eq!(counter(&plan, "misfits"), 1);
    // Empty files, and files that are something else, have no rows.
    let empty = write(&folder, "empty.ndjson", b"");
    let binary = write(&folder, "binary.ndjson", &[0, 255, 10, 1, 10, 7]);
    for path in [empty, binary] {
        let sql = format!("select * from fhir_view('{view}', '{path}')");
        assert!(sorted(&query(&context, &sql).await).is_empty(), "{path}");
    }
    // A compressed file that is cut off is an error: its rows are not complete.
    let cut = zstd::encode_all(observations(100).as_bytes(), 1).unwrap();
    let path = write(&folder, "cut.ndjson.zst", &cut[..cut.len() / 2]);
    let sql = format!("select * from fhir_view('{view}', '{path}')");
    let error = context
        .sql(&sql)
        .await
        .unwrap()
        .collect()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("cut.ndjson.zst"), "{error}");
}

#[tokio::test]
async fn mistakes_are_said_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let view = example("readings.json").display().to_string();
    let misspelt = write(
        &folder,
        "bad.json",
        br#"{"resource": "Pasient", "select": []}"#,
    );
    let none = folder.path().join("none").display().to_string();
    let context = context(1, 1);
    for (sql, expected) in [
        (
            "fhir_view('nothing', 'a.ndjson')".to_owned(),
            "nothing: no such file or bundled view",
        ),
        (
            format!("fhir_view('{misspelt}', 'a.ndjson')"),
            "unknown type Pasient",
        ),
        (format!("fhir_view('{view}', '{none}')"), "no such files"),
        (
            format!("fhir_view('{view}')"),
            "expected a view, and a path",
        ),
        (
            format!("fhir_view('{view}', 7)"),
            "invalid argument 2 of fhir_view(): expected a text",
        ),
        (
            "fhir_issues()".to_owned(),
            "missing arguments of fhir_issues()",
        ),
        (
            "fhir_issues('a.ndjson', 'r5')".to_owned(),
            "unknown policy r5: expected r4 or healthcode",
        ),
        ("fhir_issues('gs://a/b')".to_owned(), "unknown store"),
        (
            "fhir_issues('a.ndjson', 'r4', 'no.such.package#1')".to_owned(),
            "no.such.package",
        ),
    ] {
        let sql = format!("select * from {sql}");
        let error = match context.sql(&sql).await {
            Ok(frame) => frame.collect().await.unwrap_err(),
            Err(error) => error,
        };
        assert!(error.to_string().contains(expected), "{sql}: {error}");
    }
}

#[tokio::test]
async fn functions_take_resources_as_text() {
    let context = context(1, 1);
    let patient =
        r#"{"resourceType": "Patient", "name": [{"given": ["Ann", "Bea"]}], "active": true}"#;
    let sql = format!(
        "select fhirpath('{patient}', 'name.given')[2] as second, fhirpath('{patient}', 'name')[1] as name, \
         cardinality(fhirpath('{patient}', 'name.given.count() | active')) as items, fhir_valid('{patient}') as valid, \
         fhir_valid('{{}}') as empty, fhir_valid(cast(null as varchar)) as nothing"
    );
    let rows = sorted(&query(&context, &sql).await);
    let name = r#"{"given":["Ann","Bea"]}"#;
    assert_eq!(rows, [format!("Bea,{name},2,true,false,")]);
    for (sql, expected) in [
        (
            format!("select fhirpath('{patient}', 'name.')"),
            "fhirpath(): ",
        ),
        (
            "select fhirpath('{', 'name')".to_owned(),
            "the resource cannot be read",
        ),
    ] {
        let error = match context.sql(&sql).await {
            Ok(frame) => frame.collect().await.unwrap_err(),
            Err(error) => error,
        };
        assert!(error.to_string().contains(expected), "{sql}: {error}");
    }
}

#[tokio::test]
async fn issues_are_a_table() {
    let path = example("patient.json").display().to_string();
    let context = context(2, 1);
    let sql = format!("select line, rule, severity from fhir_issues('{path}')");
    let batches = query(&context, &sql).await;
    let lines: &Int64Array = batches[0].column(0).as_any().downcast_ref().unwrap();
    let rules: &StringArray = batches[0].column(1).as_any().downcast_ref().unwrap();
    assert_eq!((lines.value(0), rules.value(0)), (5, "FHIR-UNKNOWN-MEMBER"));
    assert_eq!(rules.len(), 3);
    let sql =
        format!("select rule, count(*) from fhir_issues('{path}', 'healthcode') group by rule");
    assert_eq!(sorted(&query(&context, &sql).await).len(), 3);
}
