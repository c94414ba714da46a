//! Rows as Arrow and Parquet: the same values as in CSV.
#![cfg(feature = "arrow")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_core::Root;
use healthcode_r4::{Resource, schema};
use healthcode_views::{Batch, Misfit, Parquet, RunOptions, Version, View, arrow_schema};

const VIEW: &str = r#"{"resource": "Observation", "select": [{"column": [
    {"name": "id", "path": "id"},
    {"name": "ok", "path": "status = 'final'"},
    {"name": "n", "path": "component.count()"},
    {"name": "d", "path": "value.ofType(Quantity).value"},
    {"name": "e", "path": "value.ofType(Quantity).value", "tag": [{"name": "ansi/type", "value": "DECIMAL(5,2)"}]},
    {"name": "l", "path": "code.coding.code", "collection": true}]}]}"#;

const LINES: [&str; 3] = [
    r#"{"resourceType": "Observation", "id": "a", "status": "final", "valueQuantity": {"value": 1.50},
        "code": {"coding": [{"code": "x"}, {"code": "y"}]}, "component": [{"code": {}}]}"#,
    r#"{"resourceType": "Observation", "id": "b", "status": "amended", "valueQuantity": {"value": 1.505}}"#,
    r#"{"resourceType": "Observation", "id": "c"}"#,
];

#[test]
fn batches_and_parquet() {
    let version = Version {
        number: schema::VERSION,
        find: schema::find,
    };
    let view = View::compile(VIEW, version).unwrap();
    let types: Vec<String> = arrow_schema(view.columns())
        .fields()
        .iter()
        .map(|field| field.data_type().to_string())
        .collect();
    assert_eq!(
        types[..5],
        ["Utf8", "Boolean", "Int32", "Utf8", "Decimal128(5, 2)"]
    );
    assert!(types[5].starts_with("List(Utf8"), "{}", types[5]);
    let mut batch = Batch::new(view.columns());
    let mut options = RunOptions::default();
    options.exact_decimals = true;
    let mut misfits = Vec::new();
    for line in LINES {
        let resource = healthcode_json::from_str::<Resource>(line).unwrap().value;
        let mut note = |misfit: Misfit| misfits.push((misfit.column, misfit.expected));
        view.rows(resource.as_element(), &options, &mut batch, &mut note)
            .unwrap();
    }
    assert_eq!(
        misfits,
        [(
            4,
            "a decimal number of 5 digits, 2 after the point".to_owned()
        )]
    );
    let batch = batch.finish().unwrap();
    assert_eq!((batch.num_rows(), batch.num_columns()), (3, 6));
    // Shown as whole numbers of the last digit.
    let shown = format!("{:?}", batch.column(4));
    assert!(shown.contains(" 150,") && shown.contains("null"), "{shown}");
    let shown = format!("{:?}", batch.column(3));
    assert!(shown.contains("\"1.505\""), "{shown}");
    let mut parquet = Parquet::new(Vec::new(), view.columns()).unwrap();
    parquet.write(&batch).unwrap();
    let bytes = parquet.finish().unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
}
