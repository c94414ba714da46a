//! What safe and unsafe fixes make of payloads.

use healthcode_fix::{Applicability, correct, verified};
use healthcode_validate::{Policy, Validator};

fn validator() -> Validator {
    let validator = Validator::new(Policy::R4);
    validator.with("R4-PADDED-STRING").expect("a rule")
}

/// Corrects a payload, compares the result, and corrects the result again.
fn check(applicability: Applicability, before: &str, expect: &str) {
    let validator = validator();
    let validate = |text: &[u8]| validator.check(text, None).ok();
    let corrected = correct(before.as_bytes(), applicability, &validate);
    let after = String::from_utf8(corrected.text.clone()).expect("UTF-8");
    assert_eq!(after, expect, "{before}");
    assert_eq!(corrected.fixed == 0, before == after, "{before}");
    let again = correct(&corrected.text, applicability, &validate);
    assert_eq!(again.text, corrected.text, "{before}");
    let mut issues = corrected.issues;
    verified(&corrected.text, &mut issues, &validate);
    let left = issues.iter().filter_map(|issue| issue.fix.as_ref());
    assert!(
        !left
            .into_iter()
            .any(|fix| fix.applicability <= applicability),
        "{before}"
    );
}

#[test]
fn safe_json() {
    for (before, after) in [
        // Arrays.
        (r#"{"name":{"text":"x"}}"#, r#"{"name":[{"text":"x"}]}"#),
        (
            r#"{"name":[{"given":"A"}]}"#,
            r#"{"name":[{"given":["A"]}]}"#,
        ),
        (
            r#"{"name":{"family":"x","given":[]},"link":{"other":[]}}"#,
            r#"{"name":[{"family":"x"}]}"#,
        ),
        (r#"{"name":{},"active":true}"#, r#"{"active":true}"#),
        (
            r#"{"name":[{"text":"x","given":""}]}"#,
            r#"{"name":[{"text":"x"}]}"#,
        ),
        (r#"{"active":[true]}"#, r#"{"active":true}"#),
        (r#"{"active":[ "true" ]}"#, r#"{"active":true}"#),
        (r#"{"active":[true,false]}"#, r#"{"active":[true,false]}"#),
        (
            r#"{"maritalStatus":[ {"text":"x"} ]}"#,
            r#"{"maritalStatus":{"text":"x"}}"#,
        ),
        (r#"{"maritalStatus":["x"]}"#, r#"{"maritalStatus":["x"]}"#),
        // Quotes.
        (r#"{"active":"true"}"#, r#"{"active":true}"#),
        (r#"{"active":"True"}"#, r#"{"active":"True"}"#),
        (r#"{"active":"1"}"#, r#"{"active":"1"}"#),
        (
            r#"{"telecom":[{"system":"sms","rank":"2"}]}"#,
            r#"{"telecom":[{"system":"sms","rank":2}]}"#,
        ),
        (
            r#"{"multipleBirthInteger":"2.0"}"#,
            r#"{"multipleBirthInteger":"2.0"}"#,
        ),
        (
            r#"{"multipleBirthInteger":"02"}"#,
            r#"{"multipleBirthInteger":"02"}"#,
        ),
        (r#"{"name":[{"family":1}]}"#, r#"{"name":[{"family":1}]}"#),
        // What is empty.
        (r#"{"link":[],"active":true}"#, r#"{"active":true}"#),
        (
            r#"{"active":true , "maritalStatus":{} }"#,
            r#"{"active":true }"#,
        ),
        (
            r#"{"active":true,"name":[{"family":""}]}"#,
            r#"{"active":true}"#,
        ),
        (
            r#"{"active":true,"name":[{"family":"","given":[""]}]}"#,
            r#"{"active":true}"#,
        ),
        (
            r#"{"name":[{},{"text":"x"},null]}"#,
            r#"{"name":[{"text":"x"}]}"#,
        ),
        (
            r#"{"name":[{"given":["A",""]}]}"#,
            r#"{"name":[{"given":["A"]}]}"#,
        ),
        (
            r#"{"name":[{"given":["A",""],"_given":[null,{"id":"x","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}]}]}"#,
            r#"{"name":[{"given":["A",null],"_given":[null,{"id":"x","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}]}]}"#,
        ),
        (
            r#"{"active":null,"_gender":null,"gender":"male"}"#,
            r#"{"gender":"male"}"#,
        ),
        // Without its value the extension would be invalid.
        (
            r#"{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName","valueString":""}]}"#,
            r#"{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName","valueString":""}]}"#,
        ),
        (r#"{"communication":[{"language":{}}]}"#, "{}"),
        (
            r#"{"communication":[{"language":{},"preferred":true}]}"#,
            r#"{"communication":[{"language":{},"preferred":true}]}"#,
        ),
        // Arrays of values and of metadata.
        (
            r#"{"name":[{"given":["A","B"],"_given":[null,{"id":"x"},null]}]}"#,
            r#"{"name":[{"given":["A","B"],"_given":[null,{"id":"x"}]}]}"#,
        ),
        (
            r#"{"name":[{"given":["A",null],"_given":[{"id":"x"},null]}]}"#,
            r#"{"name":[{"given":["A"],"_given":[{"id":"x"}]}]}"#,
        ),
        (
            r#"{"name":[{"given":["A","B"],"_given":[{"id":"x"}]}]}"#,
            r#"{"name":[{"given":["A","B"],"_given":[{"id":"x"}]}]}"#,
        ),
        // Names.
        (r#"{"active":true,"active":true}"#, r#"{"active":true}"#),
        (
            r#"{"active":true,"active":false}"#,
            r#"{"active":true,"active":false}"#,
        ),
        // Dates.
        (
            r#"{"birthDate":"1974-1-5"}"#,
            r#"{"birthDate":"1974-01-05"}"#,
        ),
        (
            r#"{"birthDate":" 1974-01-05"}"#,
            r#"{"birthDate":"1974-01-05"}"#,
        ),
        (
            r#"{"birthDate":"1974-2-30"}"#,
            r#"{"birthDate":"1974-2-30"}"#,
        ),
        (r#"{"birthDate":"9.5.1974"}"#, r#"{"birthDate":"9.5.1974"}"#),
        (
            r#"{"deceasedDateTime":"2020-1-5T10:00:00Z"}"#,
            r#"{"deceasedDateTime":"2020-01-05T10:00:00Z"}"#,
        ),
        // White space.
        (
            r#"{"name":[{"family":"\tLee "}]}"#,
            r#"{"name":[{"family":"Lee"}]}"#,
        ),
        (
            r#"{"name":[{"family":"L\"e\\ "}]}"#,
            r#"{"name":[{"family":"L\"e\\"}]}"#,
        ),
        (r#"{"language":"en-GB "}"#, r#"{"language":"en-GB"}"#),
        (r#"{"language":"en  GB"}"#, r#"{"language":"en  GB"}"#),
        // Codes.
        (r#"{"gender":"Male"}"#, r#"{"gender":"male"}"#),
        (r#"{"gender":"M"}"#, r#"{"gender":"M"}"#),
        (
            r#"{"maritalStatus":{"coding":[{"system":"https://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"M"}]}}"#,
            r#"{"maritalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"M"}]}}"#,
        ),
        (
            r#"{"maritalStatus":{"coding":[{"system":"http://hl7.org/fhir/ValueSet/marital-status","code":"M"}]}}"#,
            r#"{"maritalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"M"}]}}"#,
        ),
        (
            r#"{"maritalStatus":{"coding":[{"system":"http://hl7.org/fhir/ValueSet/marital-status","code":"q"}]}}"#,
            r#"{"maritalStatus":{"coding":[{"system":"http://hl7.org/fhir/ValueSet/marital-status","code":"q"}]}}"#,
        ),
        (
            r#"{"maritalStatus":{"coding":[{"system":"http://www.LOINC.org/","code":"1-8"}]}}"#,
            r#"{"maritalStatus":{"coding":[{"system":"http://loinc.org","code":"1-8"}]}}"#,
        ),
        (
            r#"{"maritalStatus":{"coding":[{"system":"http://snomed.info/sct/83821000000107","code":"1"}]}}"#,
            r#"{"maritalStatus":{"coding":[{"system":"http://snomed.info/sct/83821000000107","code":"1"}]}}"#,
        ),
    ] {
        let [before, after] = [before, after].map(|json| {
            let rest = json.strip_prefix('{').expect("an object");
            let comma = if rest.starts_with('}') { "" } else { "," };
            format!("{{\"resourceType\":\"Patient\"{comma}{rest}")
        });
        check(Applicability::Safe, &before, &after);
    }
}

#[test]
fn safe_bundles() {
    let upper = "urn:uuid:C757873D-EC9A-4326-A141-556F43239520";
    let lower = upper.to_ascii_lowercase();
    let bundle = |url: &str, reference: &str| {
        format!(
            r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"fullUrl":"{url}","resource":{{"resourceType":"Patient","name":[{{"text":"{upper}"}}]}}}},{{"fullUrl":"urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d","resource":{{"resourceType":"Basic","code":{{"text":"x"}},"subject":{{"reference":"{reference}"}}}}}}]}}"#
        )
    };
    check(
        Applicability::Safe,
        &bundle(upper, upper),
        &bundle(&lower, &lower),
    );
    check(
        Applicability::Safe,
        &bundle(upper, &lower),
        &bundle(&lower, &lower),
    );
    let searchset = |first: &str, second: &str, kind: &str| {
        format!(
            "{{\n \"resourceType\" : \"Bundle\",\n \"type\" : \"{kind}\",\n \"link\":[{{\"relation\":\"self\",\"url\":\"Patient\"}}],\n \"entry\" : [{{\n  {first}\"resource\" : {{\"resourceType\" : \"Patient\",\"id\":\"1\"}}\n }}, {{\n  {second}\"resource\" : {{\"resourceType\" : \"Patient\",\"id\":\"2\"}}\n }}]\n}}\n"
        )
    };
    let url = |id: &str| format!("\"fullUrl\" : \"http://example.org/fhir/Patient/{id}\",\n  ");
    for (first, second, kind, expect) in [
        ("", url("2"), "searchset", Some((url("1"), url("2")))),
        (
            "\"fullUrl\" : \"Patient/1\",\n  ",
            url("2"),
            "searchset",
            Some((url("1"), url("2"))),
        ),
        // Nothing shows which server it is, or that all are of one.
        ("", String::new(), "searchset", None),
        ("", url("2"), "collection", None),
        (
            "\"fullUrl\" : \"Patient/3\",\n  ",
            url("2"),
            "searchset",
            None,
        ),
    ] {
        let before = searchset(first, &second, kind);
        let after = expect.map(|(first, second)| searchset(&first, &second, kind));
        check(
            Applicability::Safe,
            &before,
            after.as_deref().unwrap_or(&before),
        );
    }
    let versioned = r#"{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://example.org/Patient/1/_history/2","resource":{"resourceType":"Patient","id":"1"}}]}"#;
    check(
        Applicability::Safe,
        versioned,
        &versioned.replace("/_history/2", ""),
    );
    // Entries of a response belong to those of a request by number.
    let response = r#"{"resourceType":"Bundle","type":"batch-response","entry":[{"response":{"status":"200"}},{}]}"#;
    check(Applicability::Safe, response, response);
}

#[test]
fn marks_and_lines_stay() {
    let text = "\u{feff}{\r\n  \"resourceType\": \"Patient\",\r\n  \"link\": [],\r\n  \"active\": \"true\"\r\n}\r\n";
    let expect = "\u{feff}{\r\n  \"resourceType\": \"Patient\",\r\n  \"active\": true\r\n}\r\n";
    check(Applicability::Safe, text, expect);
    let xml = "\u{feff}<Patient xmlns='http://hl7.org/fhir'>\r\n  <link/>\r\n  <active value=' true'/>\r\n  <birthDate value='1974-1-5'/>\r\n</Patient>\r\n";
    let expect = "\u{feff}<Patient xmlns='http://hl7.org/fhir'>\r\n  <active value=' true'/>\r\n  <birthDate value='1974-01-05'/>\r\n</Patient>\r\n";
    check(Applicability::Safe, xml, expect);
}

#[test]
fn safe_xml() {
    for (before, after) in [
        (
            r#"<gender value="Male"/><active value="true"/>"#,
            r#"<active value="true"/><gender value="male"/>"#,
        ),
        (
            "\n  <birthDate value=\"1974-1-5\"/>\n  <name>\n    <given value=\"A\"/>\n    <family value=\"L\"/>\n  </name>\n",
            "\n  <name>\n    <family value=\"L\"/>\n    <given value=\"A\"/>\n  </name>\n  <birthDate value=\"1974-01-05\"/>\n",
        ),
        // It would be uncertain what the comment is about.
        (
            r#"<gender value="male"/><!-- a --><active value="true"/>"#,
            r#"<gender value="male"/><!-- a --><active value="true"/>"#,
        ),
        (
            r#"<!-- a --><gender value="male"/><active value="true"/>"#,
            r#"<!-- a --><gender value="male"/><active value="true"/>"#,
        ),
        (
            r#"<gender value="male"/><active value="true"/> <!-- a -->"#,
            r#"<gender value="male"/><active value="true"/> <!-- a -->"#,
        ),
        (
            r#"<colour value="red"/><gender value="male"/><active value="true"/>"#,
            r#"<colour value="red"/><gender value="male"/><active value="true"/>"#,
        ),
        (
            r#"<name><family value=""/></name><gender value="male"/>"#,
            r#"<gender value="male"/>"#,
        ),
        (
            r#"<name><family value="O'L&amp;e "/></name>"#,
            r#"<name><family value="O'L&amp;e"/></name>"#,
        ),
        // In a resource inside another.
        (
            r##"<contained><Basic><id value="a"/><created value="2020-1-5"/><code><text value="x"/></code></Basic></contained><managingOrganization><reference value="#a"/></managingOrganization>"##,
            r##"<contained><Basic><id value="a"/><code><text value="x"/></code><created value="2020-01-05"/></Basic></contained><managingOrganization><reference value="#a"/></managingOrganization>"##,
        ),
    ] {
        let document =
            |inner: &str| format!("<Patient xmlns=\"http://hl7.org/fhir\">{inner}</Patient>");
        let (before, after) = (document(before), document(after));
        check(Applicability::Safe, &before, &after);
    }
    let with = r#"<Patient xmlns="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir patient.xsd"><active value="true"/></Patient>"#;
    let without = r#"<Patient xmlns="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><active value="true"/></Patient>"#;
    check(Applicability::Safe, with, without);
}

#[test]
fn guesses() {
    let system = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus";
    let coding = |coding: &str| {
        format!(
            r#"{{"resourceType":"Patient","maritalStatus":{{"coding":[{{"system":"{system}",{coding}}}]}}}}"#
        )
    };
    let patient = |member: &str| format!(r#"{{"resourceType":"Patient",{member}}}"#);
    for (before, after) in [
        (
            coding(r#""code":"M","display":"Single""#),
            coding(r#""code":"M""#),
        ),
        (coding(r#""code":"m""#), coding(r#""code":"M""#)),
        (coding(r#""code":"x""#), coding(r#""code":"x""#)),
        (
            patient(r#""birthDate":"09.05.1977""#),
            patient(r#""birthDate":"1977-05-09""#),
        ),
        (
            patient(r#""birthDate":"05.13.1977""#),
            patient(r#""birthDate":"05.13.1977""#),
        ),
        (
            patient(r#""photo":[{"contentType":"image/gif","data":"UjBsR09EbGg="}]"#),
            patient(r#""photo":[{"contentType":"image/gif","data":"R0lGODlh"}]"#),
        ),
        (
            patient(r#""birthdate":"1977""#),
            patient(r#""birthDate":"1977""#),
        ),
        (
            patient(r#""birthdate":"1977","birthDate":"1978""#),
            patient(r#""birthdate":"1977","birthDate":"1978""#),
        ),
        (
            patient(r#""name":[{"family":1}]"#),
            patient(r#""name":[{"family":"1"}]"#),
        ),
        (
            patient(r#""name":[{"given":["A","B"],"_given":[{"id":"x"}]}]"#),
            patient(r#""name":[{"given":["A","B"],"_given":[{"id":"x"}, null]}]"#),
        ),
    ] {
        check(Applicability::Unsafe, &before, &after);
        check(Applicability::Safe, &before, &before);
    }
}

#[test]
fn other_texts_stay() {
    for text in [
        "",
        "{",
        "[]",
        "null",
        "\"a\"",
        "<",
        "<a>",
        "\u{feff}",
        "{\"resourceType\":1}",
    ] {
        check(Applicability::Unsafe, text, text);
    }
}
