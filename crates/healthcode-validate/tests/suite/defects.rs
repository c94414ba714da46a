//! Payloads that break invariants: with the rule, the path and the position of each issue.

use crate::invariants::CASES;
use crate::{check, check_by};
use healthcode_validate::{Policy, Validator};

/// The rows of the table of defects that are invariants, with path and position.
#[test]
#[rustfmt::skip]
fn defects() {
    let basic = |members: &str| format!("{{\"resourceType\":\"Basic\",\"code\":{{\"text\":\"a\"}},\n{members}}}");
    let patient = |members: &str| format!("{{\"resourceType\":\"Patient\",\n{members}}}");
    for (json, expected) in [
        // 34
        (basic(r#""extension":[{"url":"http://a.b"}]"#), ("ext-1", "Basic.extension[0]", 2, 14)),
        (basic(r#""extension":[{"url":"http://a.b","valueCode":"a","extension":[{"url":"http://a.b","valueCode":"a"}]}]"#), ("ext-1", "Basic.extension[0]", 2, 14)),
        (patient(r#""_birthDate":{"extension":[{"url":"http://a.b"}]}"#), ("ext-1", "Patient.birthDate.extension[0]", 2, 28)),
        (patient(r#""name":[{"given":["a"],"_given":[{"extension":[{"url":"http://a.b"}]}]}]"#), ("ext-1", "Patient.name[0].given[0].extension[0]", 2, 48)),
        // 37
        (basic(r##""subject":{"reference":"#a"},"contained":[{"resourceType":"Patient","id":"a","contained":[{"resourceType":"Patient","id":"b","extension":[{"url":"http://a.b/e","valueReference":{"reference":"#"}}]}]}]"##), ("dom-2", "Basic", 1, 1)),
        (basic(r#""contained":[{"resourceType":"Patient","id":"a"}]"#), ("dom-3", "Basic", 1, 1)),
        (basic(r##""subject":{"reference":"#a"},"contained":[{"resourceType":"Patient","id":"a","meta":{"versionId":"1"}}]"##), ("dom-4", "Basic", 1, 1)),
        (basic(r##""subject":{"reference":"#a"},"contained":[{"resourceType":"Patient","id":"a","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]}}]"##), ("dom-5", "Basic", 1, 1)),
        // 38
        (basic(r##""subject":{"reference":"#a"}"##), ("ref-1", "Basic.subject", 2, 11)),
        (basic(r##""subject":{"reference":"#b"},"contained":[{"resourceType":"Patient","id":"b","managingOrganization":{"reference":"#c"}}]"##), ("ref-1", "Basic.contained[0].managingOrganization", 2, 101)),
        // 42
        (patient(r#""name":[{"period":{"start":"2020","end":"2019"}}]"#), ("per-1", "Patient.name[0].period", 2, 19)),
        (basic(r#""extension":[{"url":"http://a.b","valueRange":{"low":{"value":2},"high":{"value":1}}}]"#), ("rng-2", "Basic.extension[0].value", 2, 47)),
        (basic(r#""extension":[{"url":"http://a.b","valueRatio":{"denominator":{"value":2}}}]"#), ("rat-1", "Basic.extension[0].value", 2, 47)),
        (basic(r#""extension":[{"url":"http://a.b","valueQuantity":{"code":"mg"}}]"#), ("qty-3", "Basic.extension[0].value", 2, 50)),
        (basic(r#""extension":[{"url":"http://a.b","valueRange":{"low":{"comparator":"<"}}}]"#), ("sqty-1", "Basic.extension[0].value.low", 2, 54)),
        // 43
        (patient(r#""telecom":[{"value":"1"}]"#), ("cpt-2", "Patient.telecom[0]", 2, 12)),
        (patient(r#""contact":[{"gender":"male"}]"#), ("pat-1", "Patient.contact[0]", 2, 12)),
        ("{\"resourceType\":\"Organization\",\n\"active\":true}".to_owned(), ("org-1", "Organization", 1, 1)),
        ("{\"resourceType\":\"Observation\",\n\"status\":\"final\",\"code\":{\"text\":\"a\"},\"valueString\":\"a\",\"dataAbsentReason\":{\"text\":\"a\"}}".to_owned(), ("obs-6", "Observation", 1, 1)),
        ("{\"resourceType\":\"Observation\",\n\"status\":\"final\",\"code\":{\"coding\":[{\"system\":\"http://a.b\",\"code\":\"a\"}]},\"valueString\":\"a\",\"component\":[{\"code\":{\"coding\":[{\"system\":\"http://a.b\",\"code\":\"a\"}]}}]}".to_owned(), ("obs-7", "Observation", 1, 1)),
    ] {
        check(&json, &[expected]);
    }
    // 44
    for (key, at, breaks, _) in CASES.iter().filter(|case| case.0.starts_with("tim-")) {
        let json = at.payload(breaks).replace("Basic\",", "Basic\",\"code\":{\"text\":\"a\"},");
        let column = json.find("\"repeat\":").unwrap() as u64 + 10;
        check(&json, &[(key, "Basic.extension[0].value.repeat", 1, column)]);
    }
}

#[test]
#[rustfmt::skip]
fn bundles() {
    let bundle = |type_: &str, members: &str| format!("{{\"resourceType\":\"Bundle\",\"type\":\"{type_}\"{members}}}");
    let request = r#""request":{"method":"GET","url":"Basic"}"#;
    let response = r#""response":{"status":"200"}"#;
    let basic = r#""resource":{"resourceType":"Basic","code":{"text":"a"}}"#;
    let identifier = r#""identifier":{"system":"urn:u","value":"a"}"#;
    let timestamp = r#""timestamp":"2020-01-01T00:00:00Z""#;
    let composition = r#""resource":{"resourceType":"Composition","status":"final","type":{"text":"a"},"date":"2020","author":[{"display":"a"}],"title":"a"}"#;
    let header = r#""resource":{"resourceType":"MessageHeader","eventUri":"u","source":{"endpoint":"u"}}"#;
    let versioned = r#""resource":{"resourceType":"Basic","meta":{"versionId":"1"},"code":{"text":"a"}}"#;
    // What identifies entries, and links, are not the subject here.
    let others = ["R4-FULL-URL-MISSING", "R4-SEARCHSET-ID", "R4-SEARCHSET-SELF"];
    let validator = others.iter().fold(Validator::new(Policy::R4), |all, rule| all.without(rule).unwrap());
    for (type_, members, expected) in [
        ("collection", r#","total":1"#.to_owned(), Some(("bdl-1", "Bundle.total"))),
        ("searchset", r#","total":1"#.to_owned(), None),
        ("collection", format!(r#","entry":[{{{basic},"search":{{"mode":"match"}}}}]"#), Some(("bdl-2", "Bundle.entry[0]"))),
        ("searchset", format!(r#","entry":[{{{basic},"search":{{"mode":"match"}}}}]"#), None),
        ("transaction", format!(r#","entry":[{{{basic},{request}}},{{{basic}}}]"#), Some(("bdl-3", "Bundle.entry[1]"))),
        ("collection", format!(r#","entry":[{{{basic},{request}}},{{{basic}}}]"#), Some(("bdl-3", "Bundle.entry[0]"))),
        ("batch", format!(r#","entry":[{{{request}}}]"#), None),
        ("batch-response", format!(r#","entry":[{{{response}}},{{{basic}}}]"#), Some(("bdl-4", "Bundle.entry[1]"))),
        ("searchset", format!(r#","entry":[{{{basic},{response}}}]"#), Some(("bdl-4", "Bundle.entry[0]"))),
        ("history", format!(r#","entry":[{{{request},{response}}}]"#), None),
        ("collection", r#","entry":[{"fullUrl":"http://x/u"}]"#.to_owned(), Some(("bdl-5", "Bundle.entry[0]"))),
        ("collection", format!(r#","entry":[{{"fullUrl":"http://x/u",{basic}}},{{"fullUrl":"http://x/u",{basic}}}]"#), Some(("bdl-7", "Bundle.entry[1].fullUrl"))),
        ("collection", format!(r#","entry":[{{"fullUrl":"http://x/u",{basic}}},{{"fullUrl":"http://x/u",{versioned}}},{{{basic}}},{{{basic}}}]"#), None),
        ("collection", format!(r#","entry":[{{"fullUrl":"http://x/Basic/1/_history/2",{basic}}}]"#), Some(("bdl-8", "Bundle.entry[0]"))),
        ("document", format!(r#",{timestamp},"entry":[{{{composition}}}]"#), Some(("bdl-9", "Bundle"))),
        ("document", format!(r#",{identifier},"entry":[{{{composition}}}]"#), Some(("bdl-10", "Bundle"))),
        ("document", format!(r#",{identifier},{timestamp},"entry":[{{{basic}}},{{{composition}}}]"#), Some(("bdl-11", "Bundle.entry[0]"))),
        ("document", format!(r#",{identifier},{timestamp},"entry":[{{{composition}}}]"#), None),
        ("message", format!(r#","entry":[{{{composition}}},{{{header}}}]"#), Some(("bdl-12", "Bundle.entry[0]"))),
        ("message", format!(r#","entry":[{{{header}}}]"#), None),
    ] {
        let json = bundle(type_, &members);
        let at = |path| 1 + match path {
            "Bundle" => 0,
            "Bundle.total" => json.find("1}").unwrap() as u64,
            "Bundle.entry[0]" => json.find("[{").unwrap() as u64 + 1,
            "Bundle.entry[1]" => json.find("},{").unwrap() as u64 + 2,
            _ => json.rfind("\"http").unwrap() as u64,
        };
        let expected: Vec<_> = expected.map(|(rule, path)| (rule, path, 1, at(path))).into_iter().collect();
        crate::check_with(&validator, &json, &expected);
        let issues = crate::bundles::streamed(&validator, json.as_bytes());
        assert_eq!(issues.iter().map(|issue| issue.rule.id).collect::<Vec<_>>(), expected.iter().map(|row| row.0).collect::<Vec<_>>(), "{json}");
    }
}

/// What Healthcode documents of its payloads, and no more, is for information.
#[test]
#[rustfmt::skip]
fn documented_deviations() {
    let bundle = |type_: &str| format!(r#"{{"resourceType":"Bundle","type":"{type_}","total":1}}"#);
    let organization = |contained: &str| format!(r#"{{"resourceType":"Organization","name":"a","contained":[{contained}]}}"#);
    let parameters = r#"{"resourceType":"Parameters","id":"a"}"#;
    let telecom = |id: &str| format!(r#"{{"resourceType":"Patient","telecom":[{{"id":"{id}","value":"1"}}]}}"#);
    for (json, rule, under_policy, path, column) in [
        (bundle("collection"), "bdl-1", "HC-COLLECTION-TOTAL", "Bundle.total", 54),
        (bundle("batch"), "bdl-1", "bdl-1", "Bundle.total", 49),
        (organization(parameters), "dom-3", "HC-CONTAINED-PARAMETERS", "Organization", 1),
        (organization(&format!(r#"{parameters},{{"resourceType":"Basic","id":"b","code":{{"text":"a"}}}}"#)), "dom-3", "dom-3", "Organization", 1),
        (telecom("phone"), "cpt-2", "HC-CONTACT-POINT-ID", "Patient.telecom[0]", 38),
        (telecom("x"), "cpt-2", "cpt-2", "Patient.telecom[0]", 38),
    ] {
        check(&json, &[(rule, path, 1, column)]);
        check_by(Policy::Healthcode, &json, &[(under_policy, path, 1, column)]);
    }
}
