//! Profiles: each rule broken and kept, slicing by each discriminator, and faulty profiles.

use healthcode_core::{Issue, Severity};
use healthcode_r4::{Resource, StructureDefinition};
use healthcode_validate::{Policy, ProfileSet, Validator};
use std::sync::Arc;

/// A profile of `of_type` at `http://a.b/<name>` with these elements as its differential.
pub(crate) fn profile(name: &str, of_type: &str, elements: &str) -> String {
    format!(
        r#"{{"resourceType":"StructureDefinition","url":"http://a.b/{name}","version":"1","name":"P",
        "status":"draft","kind":"resource","abstract":false,"type":"{of_type}",
        "baseDefinition":"http://hl7.org/fhir/StructureDefinition/{of_type}",
        "derivation":"constraint","differential":{{"element":[{elements}]}}}}"#
    )
}

pub(crate) fn set_of(resources: &[String]) -> ProfileSet {
    let mut set = ProfileSet::new();
    for resource in resources {
        set.read(resource.as_bytes()).expect("JSON");
    }
    set
}

/// The issues of profiles: severity but for errors, rule and path.
pub(crate) fn found(validator: &Validator, json: &str) -> Vec<String> {
    let report = validator.read::<Resource>(json.as_bytes()).expect("JSON");
    let of_profiles = |issue: &&Issue| issue.rule.id.starts_with("R4-PROFILE-");
    let show = |issue: &Issue| {
        assert!(issue.position.is_some(), "{issue}");
        assert!(!issue.to_string().contains("SECRET"), "{issue}");
        let severity = match issue.severity {
            Severity::Error => String::new(),
            other => format!("{other} "),
        };
        let rule = issue.rule.id.trim_start_matches("R4-PROFILE-");
        format!("{severity}{rule} {}", issue.path)
    };
    let mut found: Vec<String> = report.issues.iter().filter(of_profiles).map(show).collect();
    found.sort();
    found
}

/// A profile `p` of a type, other resources, and what payloads are reported for.
#[track_caller]
pub(crate) fn check(of_type: &str, elements: &str, others: &[String], cases: &[(&str, &[&str])]) {
    let mut resources = others.to_vec();
    resources.push(profile("p", of_type, elements));
    let set = set_of(&resources);
    let problems = set.problems("http://a.b/p");
    assert!(problems.is_empty(), "{problems:#?}");
    let validator = Validator::new(Policy::R4)
        .profiles(Arc::new(set))
        .profile("http://a.b/p")
        .unwrap();
    for (members, expected) in cases {
        let json = format!("{{\"resourceType\":\"{of_type}\"{members}}}");
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found(&validator, &json), expected, "{members}");
    }
}

pub(crate) const CODED: &str = r#","status":"final","code":{"text":"x"}"#;

pub(crate) fn observation(members: &str) -> String {
    format!("{CODED},{members}")
}

#[test]
fn cardinality() {
    check(
        "Patient",
        r#"{"id":"Patient.name","path":"Patient.name","min":1,"max":"2"},
           {"id":"Patient.name.family","path":"Patient.name.family","min":1},
           {"id":"Patient.photo","path":"Patient.photo","max":"0"},
           {"id":"Patient.birthDate","path":"Patient.birthDate","min":1}"#,
        &[],
        &[
            (r#","name":[{"family":"x"}],"birthDate":"1970""#, &[]),
            (
                r#","name":[{"_family":{"extension":[{"url":"http://a","valueCode":"x"}]}}],"_birthDate":{"id":"x"}"#,
                &[],
            ),
            ("", &["MIN Patient.name", "MIN Patient.birthDate"]),
            (
                r#","name":[{"text":"x"}],"birthDate":"1970""#,
                &["MIN Patient.name[0].family"],
            ),
            (
                r#","name":[{"family":"x"},{"family":"y"},{"family":"z"}],"birthDate":"1970""#,
                &["MAX Patient.name[2]"],
            ),
            (
                r#","name":[{"family":"x"}],"birthDate":"1970","photo":[{"url":"http://a"}]"#,
                &["MAX Patient.photo[0]"],
            ),
            // What is there in another shape has been reported for it.
            (r#","name":{"family":"x"},"birthDate":"1970""#, &[]),
        ],
    );
}

#[test]
fn fixed_values_and_patterns() {
    check(
        "Observation",
        r#"{"id":"Observation.status","path":"Observation.status","fixedCode":"final"},
           {"id":"Observation.language","path":"Observation.language","fixedCode":"en","_fixedCode":{"id":"x"}},
           {"id":"Observation.category","path":"Observation.category","patternCodeableConcept":{"coding":[{"system":"http://s","code":"a"}]}},
           {"id":"Observation.bodySite","path":"Observation.bodySite","fixedCodeableConcept":{"coding":[{"system":"http://s","code":"b"}]}},
           {"id":"Observation.value[x]","path":"Observation.value[x]","patternQuantity":{"value":1.50,"unit":"mg"}}"#,
        &[],
        &[
            (CODED, &[]),
            (
                r#","status":"SECRET","code":{"text":"x"}"#,
                &["FIXED Observation.status"],
            ),
            (
                r#","_status":{"id":"x"},"code":{"text":"x"}"#,
                &["FIXED Observation.status"],
            ),
            (
                &observation(
                    r#""category":[{"text":"t","coding":[{"code":"z"},{"code":"a","system":"http://s","display":"d"}]}]"#,
                ),
                &[],
            ),
            (
                &observation(r#""category":[{"coding":[{"code":"a"},{"system":"http://s"}]}]"#),
                &["PATTERN Observation.category[0]"],
            ),
            (
                &observation(r#""bodySite":{"coding":[{"code":"b","system":"http://s"}]}"#),
                &[],
            ),
            (
                &observation(
                    r#""bodySite":{"coding":[{"code":"b","system":"http://s","display":"d"}]}"#,
                ),
                &["FIXED Observation.bodySite"],
            ),
            (
                &observation(
                    r#""bodySite":{"coding":[{"code":"b","system":"http://s"}],"text":"t"}"#,
                ),
                &["FIXED Observation.bodySite"],
            ),
            // An id or extension that the fixed value does not have.
            (
                r#","status":"final","_status":{"extension":[{"url":"http://x","valueCode":"x"}]},"code":{"text":"x"}"#,
                &["FIXED Observation.status"],
            ),
            (
                &observation(
                    r#""bodySite":{"coding":[{"code":"b","_code":{"id":"x"},"system":"http://s"}]}"#,
                ),
                &["FIXED Observation.bodySite"],
            ),
            (
                &observation(r#""language":"en","_language":{"id":"x"}"#),
                &[],
            ),
            (
                &observation(
                    r#""category":[{"coding":[{"code":"a","_code":{"id":"x"},"system":"http://s"}]}]"#,
                ),
                &[],
            ),
            (
                &observation(r#""valueQuantity":{"value":1.50,"unit":"mg","code":"mg"}"#),
                &[],
            ),
            // Digits that are written count.
            (
                &observation(r#""valueQuantity":{"value":1.5,"unit":"mg"}"#),
                &["PATTERN Observation.value"],
            ),
            (
                &observation(r#""valueString":"1.50""#),
                &["PATTERN Observation.value"],
            ),
        ],
    );
}

#[test]
fn types_and_targets() {
    check(
        "Observation",
        r#"{"id":"Observation.subject","path":"Observation.subject","type":[{"code":"Reference","targetProfile":["http://hl7.org/fhir/StructureDefinition/Patient"]}]},
           {"id":"Observation.value[x]","path":"Observation.value[x]","type":[{"code":"Quantity"},{"code":"string"}]},
           {"id":"Observation.contained","path":"Observation.contained","type":[{"code":"Patient"}]},
           {"id":"Observation.effectiveDateTime","path":"Observation.effectiveDateTime"}"#,
        &[],
        &[
            (
                &observation(r#""subject":{"reference":"Patient/1"},"valueString":"x""#),
                &[],
            ),
            (
                &observation(r#""subject":{"reference":"http://s/fhir/Patient/1/_history/2"}"#),
                &[],
            ),
            (
                &observation(r#""subject":{"reference":"Group/1"}"#),
                &["TARGET Observation.subject.reference"],
            ),
            (
                &observation(r#""subject":{"type":"Group","reference":"urn:uuid:0"}"#),
                &["TARGET Observation.subject.reference"],
            ),
            // A value whose type is unknown is not checked.
            (&observation(r#""subject":{"reference":"urn:uuid:0"}"#), &[]),
            (
                &observation(
                    r##""subject":{"reference":"#p"},"contained":[{"resourceType":"Patient","id":"p"}]"##,
                ),
                &[],
            ),
            (
                &observation(
                    r##""subject":{"reference":"#p"},"contained":[{"resourceType":"Group","id":"p","type":"person","actual":true}]"##,
                ),
                &[
                    "TYPE Observation.contained[0]",
                    "TARGET Observation.subject.reference",
                ],
            ),
            (
                &observation(r#""valueBoolean":true"#),
                &["TYPE Observation.value"],
            ),
            (&observation(r#""effectiveDateTime":"2020""#), &[]),
            (
                &observation(r#""effectiveInstant":"2020-01-01T00:00:00Z""#),
                &["TYPE Observation.effective"],
            ),
        ],
    );
}

#[test]
fn bindings() {
    let sets = [
        r#"{"resourceType":"ValueSet","url":"http://v/listed","status":"active","compose":{"include":[{"system":"http://s","concept":[{"code":"a"},{"code":"b"}]}],"exclude":[{"system":"http://s","concept":[{"code":"b"}]}]}}"#,
        r#"{"resourceType":"ValueSet","url":"http://v/expanded","status":"active","expansion":{"timestamp":"2020","contains":[{"system":"http://s","code":"c","contains":[{"system":"http://s","code":"d"}]}]}}"#,
        r#"{"resourceType":"ValueSet","url":"http://v/all","status":"active","compose":{"include":[{"system":"http://t"},{"valueSet":["http://v/listed"]}]}}"#,
        r#"{"resourceType":"CodeSystem","url":"http://t","status":"active","content":"complete","concept":[{"code":"x","concept":[{"code":"y"}]}]}"#,
        r#"{"resourceType":"ValueSet","url":"http://v/folded","status":"active","compose":{"include":[{"system":"http://u"}]}}"#,
        r#"{"resourceType":"CodeSystem","url":"http://u","status":"active","content":"complete","caseSensitive":false,"concept":[{"code":"x"}]}"#,
        r#"{"resourceType":"ValueSet","url":"http://v/filter","status":"active","compose":{"include":[{"system":"http://t","filter":[{"property":"p","op":"=","value":"v"}]}]}}"#,
    ]
    .map(str::to_owned);
    let bound = |strength: &str, set: &str| {
        format!(
            r#"{{"id":"Observation.code","path":"Observation.code","binding":{{"strength":"{strength}","valueSet":"{set}"}}}}"#
        )
    };
    let coded = |coding: &str| format!(r#","status":"final","code":{{"coding":[{coding}]}}"#);
    let broken: &[&str] = &["BINDING Observation.code"];
    for (strength, set, coding, expected) in [
        (
            "required",
            "http://v/listed|1",
            r#"{"system":"http://s","code":"a"}"#,
            &[][..],
        ),
        (
            "required",
            "http://v/listed",
            r#"{"system":"http://s","code":"b"}"#,
            broken,
        ),
        (
            "required",
            "http://v/listed",
            r#"{"system":"http://z","code":"a"}"#,
            broken,
        ),
        (
            "required",
            "http://v/listed",
            r#"{"system":"http://s","code":"A"}"#,
            broken,
        ),
        (
            "required",
            "http://v/listed",
            r#"{"system":"http://z","code":"q"},{"system":"http://s","code":"a"}"#,
            &[],
        ),
        (
            "required",
            "http://v/listed",
            r#"{"display":"SECRET"}"#,
            broken,
        ),
        (
            "required",
            "http://v/expanded",
            r#"{"system":"http://s","code":"d"}"#,
            &[],
        ),
        (
            "required",
            "http://v/expanded",
            r#"{"system":"http://s","code":"e"}"#,
            broken,
        ),
        (
            "required",
            "http://v/folded",
            r#"{"system":"http://u","code":"X"}"#,
            &[],
        ),
        (
            "required",
            "http://v/folded",
            r#"{"system":"http://u","code":"y"}"#,
            broken,
        ),
        (
            "required",
            "http://v/all",
            r#"{"system":"http://t","code":"X"}"#,
            broken,
        ),
        (
            "required",
            "http://v/all",
            r#"{"system":"http://t","code":"y"}"#,
            &[],
        ),
        (
            "required",
            "http://v/all",
            r#"{"system":"http://s","code":"a"}"#,
            &[],
        ),
        (
            "required",
            "http://v/all",
            r#"{"system":"http://s","code":"z"}"#,
            broken,
        ),
        (
            "required",
            "http://v/filter",
            r#"{"system":"http://t","code":"z"}"#,
            broken,
        ),
        (
            "required",
            "http://v/filter",
            r#"{"system":"http://t","code":"x"}"#,
            &["information UNCHECKED Observation"],
        ),
        // R4's own value sets need not be loaded.
        (
            "required",
            "http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1",
            r#"{"system":"http://hl7.org/fhir/administrative-gender","code":"male"}"#,
            &[],
        ),
        (
            "required",
            "http://hl7.org/fhir/ValueSet/administrative-gender",
            r#"{"system":"http://hl7.org/fhir/administrative-gender","code":"M"}"#,
            broken,
        ),
        (
            "required",
            "http://v/nowhere",
            r#"{"system":"http://t","code":"x"}"#,
            &["information UNCHECKED Observation"],
        ),
        (
            "extensible",
            "http://v/listed",
            r#"{"system":"http://s","code":"z"}"#,
            &["warning BINDING Observation.code"],
        ),
        ("extensible", "http://v/listed", r#"{"display":"d"}"#, &[]),
        (
            "preferred",
            "http://v/listed",
            r#"{"system":"http://s","code":"z"}"#,
            &[],
        ),
    ] {
        check(
            "Observation",
            &bound(strength, set),
            &sets,
            &[(&coded(coding), expected)],
        );
    }
}

#[test]
fn types_with_profiles() {
    let others = [
        profile(
            "named",
            "HumanName",
            r#"{"id":"HumanName.family","path":"HumanName.family","min":1}"#,
        ),
        profile(
            "worded",
            "HumanName",
            r#"{"id":"HumanName.text","path":"HumanName.text","min":1}"#,
        ),
        profile(
            "e",
            "Extension",
            r#"{"id":"Extension.url","path":"Extension.url","fixedUri":"http://a.b/e"},
               {"id":"Extension.value[x]","path":"Extension.value[x]","min":1,"type":[{"code":"boolean"}]}"#,
        ),
    ];
    check(
        "Patient",
        r#"{"id":"Patient.name","path":"Patient.name","type":[{"code":"HumanName","profile":["http://a.b/named","http://a.b/worded"]}]},
           {"id":"Patient.contact.name","path":"Patient.contact.name","type":[{"code":"HumanName","profile":["http://a.b/named"]}]},
           {"id":"Patient.extension:e","path":"Patient.extension","sliceName":"e","min":1,"max":"1","type":[{"code":"Extension","profile":["http://a.b/e"]}]},
           {"id":"Patient.birthDate.extension:other","path":"Patient.birthDate.extension","sliceName":"other","min":1,"type":[{"code":"Extension","profile":["http://nowhere/e"]}]}"#,
        &others,
        &[
            (
                r#","extension":[{"url":"http://a.b/e","valueBoolean":true}],"name":[{"family":"x"},{"text":"x"}]"#,
                &[],
            ),
            (
                r#","extension":[{"url":"http://a.b/e","valueBoolean":true},{"url":"http://x","valueCode":"x"}],"name":[{"given":["x"]}],"contact":[{"name":{"text":"x"}}]"#,
                &["TYPE Patient.name[0]", "MIN Patient.contact[0].name.family"],
            ),
            ("", &["MIN Patient.extension"]),
            (
                r#","extension":[{"url":"http://a.b/e","valueString":"x"}]"#,
                &["TYPE Patient.extension[0].value"],
            ),
            (
                r#","extension":[{"url":"http://a.b/e","valueBoolean":true}],"birthDate":"1970""#,
                &["MIN Patient.birthDate.extension"],
            ),
            (
                r#","extension":[{"url":"http://a.b/e","valueBoolean":true}],"birthDate":"1970","_birthDate":{"extension":[{"url":"http://nowhere/e","valueCode":"x"}]}"#,
                &["information UNCHECKED Patient"],
            ),
        ],
    );
}

#[test]
fn off_unless_asked_for() {
    let set = set_of(&[profile(
        "p",
        "Patient",
        r#"{"id":"Patient.gender","path":"Patient.gender","mustSupport":true},
           {"id":"Patient.telecom","path":"Patient.telecom","slicing":{"discriminator":[{"type":"value","path":"system"}],"rules":"open"}},
           {"id":"Patient.telecom:phone","path":"Patient.telecom","sliceName":"phone"},
           {"id":"Patient.telecom:phone.system","path":"Patient.telecom.system","patternCode":"phone"}"#,
    )]);
    let validator = Validator::new(Policy::R4)
        .profiles(Arc::new(set))
        .profile("http://a.b/p")
        .unwrap();
    let json = r#"{"resourceType":"Patient","telecom":[{"system":"sms","value":"1"}]}"#;
    assert_eq!(found(&validator, json), [""; 0]);
    let validator = validator
        .with("R4-PROFILE-MUST-SUPPORT")
        .unwrap()
        .with("R4-PROFILE-SLICE-UNMATCHED")
        .unwrap();
    assert_eq!(
        found(&validator, json),
        [
            "information MUST-SUPPORT Patient.gender",
            "information SLICE-UNMATCHED Patient.telecom[0]"
        ]
    );
}

/// Row 52 of the table of payload defects, and what else `meta.profile` may claim.
#[test]
fn claims() {
    let set = set_of(&[profile(
        "p",
        "Patient",
        r#"{"id":"Patient.gender","path":"Patient.gender","min":1}"#,
    )]);
    let validator = Validator::new(Policy::R4).profiles(Arc::new(set));
    let claimed =
        |url: &str| format!(r#"{{"resourceType":"Patient","meta":{{"profile":["{url}"]}}}}"#);
    let base = |name: &str| claimed(&format!("http://hl7.org/fhir/StructureDefinition/{name}"));
    for (json, expected) in [
        (claimed("http://a.b/p"), &["MIN Patient.gender"][..]),
        (claimed("http://a.b/p|1"), &["MIN Patient.gender"]),
        (claimed("http://a.b/p|2"), &["warning UNKNOWN Patient.meta.profile[0]"]),
        (claimed("http://nowhere/SECRET"), &["warning UNKNOWN Patient.meta.profile[0]"]),
        (base("Patient"), &[]),
        (base("DomainResource"), &[]),
        (base("Group"), &["TYPE Patient.meta.profile[0]"]),
        (
            r#"{"resourceType":"Group","type":"person","actual":true,"meta":{"profile":["http://a.b/p"]}}"#.to_owned(),
            &["TYPE Group"],
        ),
        (
            r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","meta":{"profile":["http://a.b/p"]},"contained":[{"resourceType":"Patient","meta":{"profile":["http://a.b/p","http://a.b/p"]}}]}}]}"#.to_owned(),
            &["MIN Bundle.entry[0].resource.contained[0].gender", "MIN Bundle.entry[0].resource.gender"],
        ),
    ] {
        assert_eq!(found(&validator, &json), expected, "{json}");
    }
    // Without any profiles a claim is not checked either.
    let json = claimed("http://a.b/p");
    let expected = ["warning UNKNOWN Patient.meta.profile[0]"];
    assert_eq!(found(&Validator::new(Policy::R4), &json), expected);
}

/// What payloads are reported for by the profiles of what Healthcode documents. All are warnings:
/// documentation is no rule.
#[test]
fn healthcode() {
    let set = ProfileSet::healthcode();
    assert_eq!(set.len(), 9);
    for url in set.urls() {
        assert_eq!(set.problems(url), [], "{url}");
        assert!(set.generate(url).is_some(), "{url}");
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/profiles/healthcode");
    let mut files = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let json = std::fs::read(file.unwrap().path()).unwrap();
        let report = Validator::new(Policy::R4).read::<Resource>(&json).unwrap();
        assert_eq!(report.issues, []);
        let definition = report.value.get::<StructureDefinition>().unwrap();
        assert!(set.contains(definition.url.as_str().unwrap()));
        files += 1;
    }
    assert_eq!(files, set.len());
    let validator = Validator::new(Policy::Healthcode);
    let extension = |resource: &str, name: &str, rest: &str| {
        format!(
            r#"{{"resourceType":"{resource}","extension":[{{"url":"https://ref.api.healthcode.co.uk/extension/{name}",{rest}}}]}}"#
        )
    };
    let inner = |name: &str, rest: &str| {
        format!(
            r#""extension":[{{"url":"https://ref.api.healthcode.co.uk/extension/{name}",{rest}}}]"#
        )
    };
    let coded = |system: &str| {
        format!(
            r#""valueCodeableConcept":{{"coding":[{{"system":"https://ref.api.healthcode.co.uk/{system}","code":"SECRET"}}]}}"#
        )
    };
    for (json, expected) in [
        (extension("Practitioner", "indemnityStatus", r#""valueString":"N""#), &[][..]),
        (
            extension("Practitioner", "indemnityStatus", r#""valueBoolean":false"#),
            &["warning TYPE Practitioner.extension[0].value"],
        ),
        (extension("Practitioner", "unheardOf", r#""valueBoolean":false"#), &[]),
        // One URL with two meanings: the place decides.
        (
            extension("Practitioner", "profession", &inner("profession", &coded("profession"))),
            &[],
        ),
        (
            extension("Practitioner", "profession", &coded("profession")),
            &[
                "warning MAX Practitioner.extension[0].value",
                "warning MIN Practitioner.extension[0].extension",
            ],
        ),
        (
            extension("Practitioner", "profession", &inner("specialty", &coded("subspecialty"))),
            &["warning FIXED Practitioner.extension[0].extension[0].value.coding[0].system"],
        ),
        (
            extension("Practitioner", "registrationnumbers", &inner("registrationdate", r#""valueDate":"1997-05-08""#)),
            &["warning TYPE Practitioner.extension[0].extension[0].value"],
        ),
        (extension("PractitionerRole", "agestreated", &coded("agestreated")), &[]),
        (
            extension("PractitionerRole", "agestreated", r#""valueCodeableConcept":{"text":"SECRET"}"#),
            &["warning MIN PractitionerRole.extension[0].value.coding"],
        ),
        (
            r#"{"resourceType":"Organization","name":"x","contained":[{"resourceType":"Parameters","parameter":[{"name":"Postcode","valueBoolean":true},{"name":"Sex","valueString":"SECRET"}]}]}"#.to_owned(),
            &["warning TYPE Organization.contained[0].parameter[1].value"],
        ),
        (
            r#"{"resourceType":"Bundle","type":"collection","meta":{"tag":[{"code":"page","display":"1"},{"code":"count"},{"code":"other"},{"code":"page","display":"2"}]}}"#.to_owned(),
            &["warning MAX Bundle.meta.tag[3]", "warning MIN Bundle.meta.tag[1].display"],
        ),
        (
            r#"{"resourceType":"Bundle","type":"collection","entry":[{"extension":[{"id":"lastUpdated","valueString":"2022-06-07"}],"resource":{"resourceType":"Basic","code":{"text":"x"}}}]}"#.to_owned(),
            &["warning TYPE Bundle.entry[0].extension[0].value"],
        ),
        (
            r#"{"resourceType":"Parameters","parameter":[{"name":"photo","valueString":"SECRET"},{"name":"other","valueString":"x"}]}"#.to_owned(),
            &["warning TYPE Parameters.parameter[0].value"],
        ),
        (
            r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"value","details":{"coding":[{"display":"SECRET"}]}}]}"#.to_owned(),
            &["warning MIN OperationOutcome.issue[0].details.coding[0].code"],
        ),
        (
            r#"{"resourceType":"Appointment","status":"booked","participant":[{"status":"accepted","actor":{"reference":"Location/1"}}]}"#.to_owned(),
            &["warning MIN Appointment.participant"],
        ),
        (
            r##"{"resourceType":"Appointment","status":"booked","contained":[{"resourceType":"Patient","id":"p"}],"participant":[{"status":"accepted","actor":{"reference":"#p"}}]}"##.to_owned(),
            &[],
        ),
        (
            r#"{"resourceType":"Patient","extension":[{"url":"https://ref.api.healthcode.co.uk/extension/patient/insurer","valueCode":"ppp"}]}"#.to_owned(),
            &["warning TYPE Patient.extension[0].value"],
        ),
    ] {
        assert_eq!(found(&validator, &json), expected, "{json}");
        // Only the policy has them.
        assert_eq!(found(&Validator::new(Policy::R4), &json), [""; 0], "{json}");
    }
}

#[test]
fn invariants() {
    let others = [profile(
        "grown",
        "Patient",
        r#"{"id":"Patient.active","path":"Patient.active","min":1}"#,
    )];
    check(
        "Patient",
        r#"{"id":"Patient","path":"Patient","constraint":[
             {"key":"a-1","severity":"error","human":"named or known by a number","expression":"name.exists() or identifier.exists()"},
             {"key":"a-2","severity":"warning","human":"of known gender","expression":"gender.exists()"}]},
           {"id":"Patient.name","path":"Patient.name","constraint":[
             {"key":"a-3","severity":"error","human":"use is not old","expression":"use != 'old' or (%resource.active.exists() and %resource.active = false)"}]},
           {"id":"Patient.birthDate","path":"Patient.birthDate","constraint":[
             {"key":"a-4","severity":"error","human":"in this century","expression":"$this >= @2000"}]},
           {"id":"Patient.link.other","path":"Patient.link.other","constraint":[
             {"key":"a-5","severity":"error","human":"to one who is grown","expression":"resolve().conformsTo('http://a.b/grown')"}]},
           {"id":"Patient.contact","path":"Patient.contact","constraint":[
             {"key":"a-6","severity":"error","human":"known","expression":"today() > @2000-01-01"},
             {"key":"pat-1","severity":"error","human":"as R4 has it","expression":"name.exists() or telecom.exists() or address.exists() or organization.exists()"}]}"#,
        &others,
        &[
            (
                r#","gender":"male","name":[{"use":"usual"}],"birthDate":"2001-01-01""#,
                &[],
            ),
            ("", &["INVARIANT Patient", "warning INVARIANT Patient"]),
            (
                r#","gender":"male","name":[{"text":"x","use":"usual"},{"text":"x","use":"old"}]"#,
                &["INVARIANT Patient.name[1]"],
            ),
            (
                r#","gender":"male","active":false,"name":[{"text":"x","use":"old"}]"#,
                &[],
            ),
            (
                r#","gender":"male","name":[{"use":"usual"}],"birthDate":"1999""#,
                &["INVARIANT Patient.birthDate"],
            ),
            (
                r##","gender":"male","name":[{"use":"usual"}],"contained":[{"resourceType":"Patient","id":"a","active":true},{"resourceType":"Patient","id":"b"}],"link":[{"type":"seealso","other":{"reference":"#a"}},{"type":"seealso","other":{"reference":"#b"}}]"##,
                &["INVARIANT Patient.link[1].other"],
            ),
            // An expression with an empty result is not true.
            (
                r#","gender":"male","name":[{"text":"x"}]"#,
                &["INVARIANT Patient.name[0]"],
            ),
            // What the payload does not hold is not judged.
            (
                r#","gender":"male","name":[{"use":"usual"}],"link":[{"type":"seealso","other":{"reference":"Patient/1"}}]"#,
                &["information UNCHECKED Patient"],
            ),
            // There is no clock, and R4's own invariants are said once, under their own ids.
            (
                r#","gender":"male","name":[{"use":"usual"}],"contact":[{"gender":"male"}]"#,
                &["information UNCHECKED Patient"],
            ),
        ],
    );
    let set = set_of(&[profile(
        "p",
        "Patient",
        r#"{"id":"Patient","path":"Patient","constraint":[{"key":"a-1","severity":"error","human":"h","expression":"name.exist()"}]}"#,
    )]);
    let problems = set.problems("http://a.b/p");
    assert!(
        problems[0]
            .to_string()
            .contains("the expression of a-1 is wrong: 1:6"),
        "{}",
        problems[0]
    );
}

/// Profiles that name themselves, and values that are nested as deep as can be.
#[test]
fn nesting_is_bounded() {
    let set = set_of(&[
        profile(
            "e",
            "Extension",
            r#"{"id":"Extension.extension:e","path":"Extension.extension","sliceName":"e","type":[{"code":"Extension","profile":["http://a.b/e"]}]},
               {"id":"Extension.extension:e.extension.extension.extension","path":"Extension.extension.extension.extension.extension"},
               {"id":"Extension.url","path":"Extension.url","fixedUri":"http://a.b/e"}"#,
        ),
        profile(
            "p",
            "Patient",
            r#"{"id":"Patient.extension:e","path":"Patient.extension","sliceName":"e","type":[{"code":"Extension","profile":["http://a.b/e"]}]},
               {"id":"Patient.name","path":"Patient.name","slicing":{"discriminator":[{"type":"profile","path":"extension"},{"type":"value","path":"extension.extension.extension.url"}],"rules":"open"}},
               {"id":"Patient.name:n","path":"Patient.name","sliceName":"n"},
               {"id":"Patient.name:n.extension","path":"Patient.name.extension","type":[{"code":"Extension","profile":["http://a.b/e"]}]}"#,
        ),
    ]);
    let validator = Validator::new(Policy::R4)
        .max_depth(512)
        .profiles(Arc::new(set))
        .profile("http://a.b/p")
        .unwrap();
    let nested = |levels: usize, innermost: &str| {
        let open = r#"{"url":"http://a.b/e","extension":["#.repeat(levels);
        format!("{open}{innermost}{}", "]}".repeat(levels))
    };
    let run = move || {
        for levels in [10, 250] {
            let inner = nested(levels, r#"{"url":"http://a.b/other"}"#);
            let json = format!(
                r#"{{"resourceType":"Patient","extension":[{inner}],"name":[{{"extension":[{inner}]}}]}}"#
            );
            let found = found(&validator, &json);
            let unchecked = found.iter().any(|line| line.contains("UNCHECKED"));
            assert!(unchecked || levels < 250, "{found:?}");
        }
    };
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(run);
    thread.unwrap().join().unwrap();
}
