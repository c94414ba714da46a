//! XML as a second syntax of the same model.

use crate::common::check_all;
use healthcode_core::Issue;
use healthcode_json::stream::Kind;
use healthcode_r4::{Patient, Resource};
use healthcode_tests::{Document, fixtures, spec_examples, tree_eq};
use healthcode_validate::{Policy, Validator};

/// JSON to XML and back is the same tree, numbers compared as text.
fn json_to_xml_and_back(document: &Document) -> Result<(), String> {
    let read = healthcode_json::from_slice::<Resource>(&document.json);
    let before = read.map_err(|error| error.to_string())?.value;
    // Layout is tried on the smaller ones.
    let mut forms = vec![healthcode_xml::to_string(&before)];
    if document.json.len() < 4096 {
        forms.push(healthcode_xml::to_string_pretty(&before));
    }
    for written in forms {
        if let Some(issue) = written.issues.first() {
            return Err(issue.to_string());
        }
        let read = healthcode_xml::from_str::<Resource>(&written.value);
        let after = read.map_err(|error| format!("{error}\n{}", written.value))?;
        let text = healthcode_json::to_string(&after.value);
        let before = healthcode_json::to_string(&before);
        tree_eq(before.as_bytes(), text.as_bytes())?;
    }
    Ok(())
}

#[test]
fn official_examples() {
    let Some(examples) = spec_examples("xml::official_examples") else {
        return;
    };
    check_all(examples, |d| d.name.clone(), json_to_xml_and_back);
}

#[test]
fn documented_payloads() {
    let documents = fixtures("documented");
    check_all(&documents, |d| d.name.clone(), json_to_xml_and_back);
}

/// What the issues of a payload are, with their places.
fn shown(issues: &[Issue]) -> Vec<String> {
    let show = |issue: &Issue| {
        let position = issue.position.map(|at| (at.offset, at.line, at.column));
        let xpath = issue.xpath.as_deref().unwrap_or("no XPath");
        format!("{} {} {position:?} {xpath}", issue.rule.id, issue.path)
    };
    let mut shown: Vec<String> = issues.iter().map(show).collect();
    shown.sort();
    shown
}

/// Entry by entry, on one thread or several, a Bundle has the same issues as when it is read whole.
fn streams_as_whole(xml: &str) {
    let validator = Validator::new(Policy::R4);
    let whole = validator.read::<Resource>(xml.as_bytes());
    let whole = whole.map_or_else(|error| vec![error.into_issue()], |read| read.issues);
    for threads in [1, 3] {
        let stream = validator.stream(xml.as_bytes()).threads(threads);
        let report = stream.report().expect("no error of input");
        assert_eq!(shown(&report.issues), shown(&whole), "{xml}");
        assert_eq!(report.value.kind, Kind::Bundle);
    }
}

#[test]
fn bundles_stream() {
    let documents = spec_examples("xml::bundles_stream").unwrap_or_default();
    let small = documents
        .iter()
        .filter(|document| document.name.starts_with("Bundle") && document.json.len() < 50_000);
    for document in small {
        let read = healthcode_json::from_slice::<Resource>(&document.json);
        let value = read.expect("an official example").value;
        streams_as_whole(&healthcode_xml::to_string(&value).value);
        streams_as_whole(&healthcode_xml::to_string_pretty(&value).value);
    }
    let entry = "<entry><resource><Patient><id value='a'/><birthDate value='1.2.80'/></Patient></resource></entry>";
    let cases = [
        format!("<Bundle xmlns='http://hl7.org/fhir'><type value='collection'/>{entry}{entry}</Bundle>"),
        format!("<!-- <entry> -->\r\n<Bundle xmlns='http://hl7.org/fhir'>\r\n<?p <entry> ?><type value='batch'/>\r\n{entry}<!-- c -->\r\n{entry}\r\n</Bundle>\r\n<!-- d -->"),
        format!("\u{feff}<Bundle xmlns='http://hl7.org/fhir'><mood/>{entry}stray<type value='x'/></Bundle>"),
        "<f:Bundle xmlns:f='http://hl7.org/fhir'><f:entry><f:fullUrl value='a>b'/></f:entry></f:Bundle>".to_owned(),
        "<Bundle xmlns='http://hl7.org/fhir'><entry x='>'/><entry>t</entry><signature/></Bundle>".to_owned(),
        "<Bundle xmlns='http://hl7.org/fhir'/>".to_owned(),
        // What only the end of a Bundle resolves has an XPath as well.
        unresolved("<type value='document'/>", ""),
        unresolved("", "<type value='document'/>"),
        unresolved("", "<type value='transaction'/>"),
    ];
    for case in &cases {
        streams_as_whole(case);
    }
}

/// A Bundle with a reference to nothing in two types of resource and in a contained one, a repeated full URL and
/// request, and an entry that nothing leads to.
fn unresolved(before: &str, after: &str) -> String {
    let reference = "<reference value='urn:uuid:00000000-0000-4000-8000-000000000000'/>";
    let entry = |url: &str, resource: &str| {
        format!(
            "<entry><fullUrl value='urn:uuid:{url}'/><resource>{resource}</resource>\
             <request><method value='PUT'/><url value='Patient/1'/></request></entry>"
        )
    };
    let composition = entry(
        "10000000-0000-4000-8000-000000000001",
        &format!("<Composition><subject>{reference}</subject></Composition>"),
    );
    let observation = format!(
        "<Observation><contained><Condition><id value='c'/><subject>{reference}</subject></Condition></contained>\
         <subject>{reference}</subject><performer>{reference}</performer><performer>{reference}</performer></Observation>"
    );
    let observation = entry("10000000-0000-4000-8000-000000000002", &observation);
    format!(
        "<Bundle xmlns='http://hl7.org/fhir'>{before}{composition}{observation}\n{observation}{after}</Bundle>"
    )
}

/// What is not well-formed is reported, and ends the stream.
#[test]
fn broken_bundles_stream() {
    let validator = Validator::new(Policy::R4);
    let cases = [
        (
            "<Bundle xmlns='http://hl7.org/fhir'><entry><a></b></entry><entry/></Bundle>",
            "XML-SYNTAX",
        ),
        (
            "<Bundle xmlns='http://hl7.org/fhir'><entry><a></a>",
            "XML-TRUNCATED",
        ),
        (
            "<Bundle xmlns='http://hl7.org/fhir'><entry/>",
            "XML-TRUNCATED",
        ),
        (
            "<Bundle xmlns='http://hl7.org/fhir'><entry/></Bundle>x",
            "XML-TRAILING",
        ),
        (
            "<Bundle xmlns='http://hl7.org/fhir'><entry/><!DOCTYPE a></Bundle>",
            "XML-DTD",
        ),
    ];
    for (xml, rule) in cases {
        let report = validator.stream(xml.as_bytes()).report().unwrap();
        let found: Vec<&str> = report.issues.iter().map(|issue| issue.rule.id).collect();
        assert!(found.contains(&rule), "{xml}: {found:?}");
    }
}

#[test]
fn what_xml_has_no_form_for_is_reported() {
    let div = r#""div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>""#;
    for (text, expect) in [
        (format!(r#"{{"status":"generated",{div}}}"#), None),
        (
            format!(r#"{{"status":"generated",{div},"_div":{{"id":"q"}}}}"#),
            Some("Patient.text.div"),
        ),
        (
            r#"{"status":"generated","_div":{"extension":[{"url":"a:b","valueCode":"c"}]}}"#
                .to_owned(),
            Some("Patient.text.div"),
        ),
    ] {
        let json = format!(r#"{{"resourceType":"Patient","text":{text}}}"#);
        let read = healthcode_json::from_str::<Patient>(&json).unwrap().value;
        let written = healthcode_xml::to_string(&read);
        let found: Vec<_> = written.issues.iter().map(|issue| &*issue.path).collect();
        assert_eq!(found, expect.into_iter().collect::<Vec<_>>(), "{json}");
    }
}
