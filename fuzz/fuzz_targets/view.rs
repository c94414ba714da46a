//! Any ViewDefinition over a patient and a questionnaire response: nothing panics or runs away, a view that compiles has
//! no fatal finding, and what a reader passes over changes no row.
#![no_main]

use healthcode_core::Root;
use healthcode_json::{ReadOptions, Wanted, from_slice, from_slice_wanted};
use healthcode_r4::{Resource, schema};
use healthcode_views::{Cell, Columns, Csv, RunOptions, Version, View};
use libfuzzer_sys::fuzz_target;
use std::io;

const R4: Version = Version {
    number: schema::VERSION,
    find: schema::find,
};

/// The rows that are looked at: a cross join of a small resource has many.
const MOST: usize = 1000;

const RESOURCES: [&[u8]; 2] = [
    br##"{"resourceType":"Patient","id":"p","active":true,"birthDate":"1974-12","deceasedDateTime":"x",
        "_birthDate":{"id":"b","extension":[{"url":"http://a","valueInteger":7}]},"multipleBirthInteger":2147483648,
        "name":[{"use":"official","family":"A","given":["B",null],"_given":[null,{"id":"g"}]},{"family":"C"}],
        "managingOrganization":{"reference":"Organization/o"}}"##,
    br#"{"resourceType":"QuestionnaireResponse","id":"q","status":"completed","item":[{"linkId":"1",
        "item":[{"linkId":"2","answer":[{"valueDecimal":1.50,"item":[{"linkId":"3"}]}]}]}]}"#,
];

struct Few(Csv<Vec<u8>>, usize);

impl Columns for Few {
    fn row(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        self.1 += 1;
        if self.1 > MOST {
            return Err(io::Error::other("enough"));
        }
        self.0.row(row)
    }
}

fn rows(view: &View, resource: &Resource) -> (Vec<u8>, usize) {
    let mut out = Few(Csv::new(Vec::new()), 0);
    let mut misfits = 0;
    let mut count = |_| misfits += 1;
    let _ = view.rows(
        resource.as_element(),
        &RunOptions::default(),
        &mut out,
        &mut count,
    );
    (out.0.into_inner(), misfits)
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let Ok(view) = View::compile(text, R4) else {
        return;
    };
    assert!(view.findings().iter().all(|finding| !finding.fatal));
    let mut wanted = Wanted::new();
    view.add_wanted(&mut wanted);
    for json in RESOURCES {
        let (Ok(whole), Ok(part)) = (
            from_slice::<Resource>(json),
            from_slice_wanted::<Resource>(json, &ReadOptions::new(), &wanted),
        ) else {
            continue;
        };
        assert_eq!(rows(&view, &whole.value), rows(&view, &part));
    }
});
