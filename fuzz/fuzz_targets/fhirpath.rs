//! Any expression over a patient, an observation and a Bundle: nothing panics or runs away, what
//! compiles prints as itself, and truth agrees with the items.
#![no_main]

use healthcode_core::Root;
use healthcode_fhirpath::{Environment, Expression, Item, Places, Temporal};
use healthcode_r4::Resource;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static RESOURCES: LazyLock<Vec<Resource>> = LazyLock::new(|| {
    [
        r##"{"resourceType":"Patient","id":"p","active":true,"birthDate":"1974-12-25",
            "_birthDate":{"id":"b","extension":[{"url":"http://a","valueInteger":7}]},
            "name":[{"use":"official","family":"A","given":["B",null],"_given":[null,{"id":"g"}]}],
            "contained":[{"resourceType":"Organization","id":"o"}],
            "managingOrganization":{"reference":"#o"},"deceasedDateTime":"2020-01"}"##,
        r#"{"resourceType":"Observation","status":"final","code":{"text":"x"},
            "valueQuantity":{"value":1.50,"system":"http://unitsofmeasure.org","code":"kg"},
            "effectivePeriod":{"start":"2020","end":"2020-01-01T00:00:00Z"},
            "component":[{"valueTime":"10:30:00"},{"valueString":"y"}]}"#,
        r#"{"resourceType":"Bundle","type":"history","entry":[{"fullUrl":"urn:a",
            "resource":{"resourceType":"Basic","id":"x"}},{"resource":{"resourceType":"No"}}]}"#,
    ]
    .into_iter()
    .filter_map(|json| Some(healthcode_json::from_str(json).ok()?.value))
    .collect()
});

fuzz_target!(|data: &[u8]| {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let Ok(expression) = Expression::compile(text) else {
        return;
    };
    let printed = Expression::compile(&expression.to_string());
    assert_eq!(printed.as_ref(), Ok(&expression));
    for resource in RESOURCES.iter() {
        let root = resource.as_element();
        for strict in [false, true] {
            let mut environment = Environment::new(root).max_steps(20_000).strict(strict);
            if let Some(now) = Temporal::from_unix(1_700_000_000, 0) {
                environment = environment.now(now);
            }
            let items = expression.evaluate(&environment);
            let truth = expression.evaluate_boolean(&environment);
            if let (Ok(items), Ok(Some(_))) = (&items, &truth) {
                assert_eq!(items.len(), 1);
            }
            if let Ok(items) = &items {
                let nodes = items.iter().filter_map(Item::as_node).copied();
                let _ = Places::find(root, nodes);
            }
        }
    }
});
