//! Any StructureDefinitions, and resources that are checked against them: nothing panics, overflows
//! the stack or runs away, and what is said is the same twice.
#![no_main]

use healthcode_fuzz::definitions::Choices;
use healthcode_r4::Resource;
use healthcode_validate::{Policy, ProfileSet, Validator};
use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock};

static RESOURCES: LazyLock<Vec<Resource>> = LazyLock::new(|| {
    [
        r##"{"resourceType":"Patient","id":"p","active":true,"birthDate":"1974-12-25",
            "_birthDate":{"id":"b","extension":[{"url":"http://a","valueInteger":7}]},
            "extension":[{"url":"http://a/0","valueString":"a"},{"url":"http://a","extension":
                [{"url":"b","valueQuantity":{"value":1.5,"code":"kg"}}]}],
            "identifier":[{"system":"http://a","value":"a","type":{"coding":[{"code":"a"}]}},
                {"value":"b","period":{"start":"2020"}}],
            "name":[{"use":"official","family":"A","given":["B",null],"_given":[null,{"id":"g"}]}],
            "contained":[{"resourceType":"Organization","id":"o","name":"a"}],
            "link":[{"other":{"reference":"Patient/p"},"type":"seealso"}],
            "managingOrganization":{"reference":"#o"},"deceasedDateTime":"2020-01"}"##,
        r#"{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org",
            "code":"a"},{"system":"http://a","code":"a"}]},"subject":{"reference":"Patient/p"},
            "category":[{"text":"a"},{"coding":[{"system":"http://a","code":"male"}]}],
            "valueQuantity":{"value":1.50,"system":"http://unitsofmeasure.org","code":"kg"},
            "component":[{"code":{"text":"x"},"valueTime":"10:30:00"},{"valueString":"a"}]}"#,
        r#"{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://a/Patient/p",
            "resource":{"resourceType":"Patient","id":"p"}},{"resource":{"resourceType":"Observation",
            "status":"final","code":{"text":"a"},"subject":{"reference":"Patient/p"}}},
            {"resource":{"resourceType":"No"}}]}"#,
    ]
    .into_iter()
    .filter_map(|json| Some(healthcode_json::from_str(json).ok()?.value))
    .collect()
});

/// A text is lines of JSON; other bytes choose what definitions say.
fn load(data: &[u8]) -> ProfileSet {
    let mut set = ProfileSet::new();
    if data.first() == Some(&b'{') {
        for line in data.split(|byte| *byte == b'\n') {
            let _ = set.read(line);
        }
        return set;
    }
    let mut choices = Choices(data);
    for index in 0..1 + choices.byte() % 4 {
        let definition = choices.definition(index).to_string();
        set.read(definition.as_bytes()).expect("JSON");
    }
    set
}

fuzz_target!(|data: &[u8]| {
    let set = Arc::new(load(data));
    let mut validator = Validator::new(Policy::R4)
        .profiles(Arc::clone(&set))
        .with("R4-PROFILE-MUST-SUPPORT")
        .and_then(|validator| validator.with("R4-PROFILE-SLICE-UNMATCHED"))
        .expect("both are rules");
    for url in set.urls() {
        let _ = set.problems(url);
        let _ = set.generate(url);
        validator = validator.profile(url).expect("it is loaded");
    }
    for resource in RESOURCES.iter() {
        let report = validator.validate(resource);
        assert_eq!(report.issues, validator.validate(resource).issues);
    }
});
