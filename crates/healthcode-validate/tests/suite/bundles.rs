//! The rows of the table of payload defects that are about Bundles, whole and as streams.

use crate::{check, check_by, show};
use healthcode_core::Issue;
use healthcode_json::stream::Kind;
use healthcode_r4::Bundle;
use healthcode_validate::{Policy, Validator};

/// The issues of a Bundle that is read an entry at a time, with their positions, which do not depend on
/// the number of threads.
pub(crate) fn streamed(validator: &Validator, json: &[u8]) -> Vec<Issue> {
    let run = |threads| {
        let stream = validator.stream(json).kind(Kind::Bundle).threads(threads);
        stream.whole_bundles(0).report().expect("a Bundle").issues
    };
    let issues = run(1);
    let sorted = |issues: &[Issue]| {
        let mut lines: Vec<String> = issues.iter().map(show).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&run(3)), sorted(&issues));
    issues
}

/// A Bundle is judged alike as one value, as a stream, and with its type after its entries.
#[track_caller]
fn check_bundle(policy: Policy, head: &str, entries: &str, expected: &[(&str, &str, u64, u64)]) {
    let json = format!("{{\"resourceType\":\"Bundle\",{head},\n\"entry\":[\n{entries}\n]}}");
    check_by(policy, &json, expected);
    let sorted = |issues: Vec<Issue>| {
        let mut lines: Vec<String> = issues.iter().map(show).collect();
        lines.sort();
        lines
    };
    let validator = Validator::new(policy);
    let whole = validator.read::<Bundle>(json.as_bytes()).expect("JSON");
    let whole = sorted(whole.issues);
    assert_eq!(sorted(streamed(&validator, json.as_bytes())), whole);
    let late = format!("{{\"resourceType\":\"Bundle\",\n\"entry\":[\n{entries}\n],{head}}}");
    let rules = |lines: Vec<String>| {
        let rule = |line: &String| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
        lines.iter().map(rule).collect::<Vec<_>>()
    };
    let late = rules(sorted(streamed(&validator, late.as_bytes())));
    assert_eq!(late, rules(whole));
}

const UUID: &str = "urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d";
const OTHER: &str = "urn:uuid:9c3c8a1e-5d7b-4a39-8f4e-1f2f0f6d3b77";

fn entry(members: &str) -> String {
    format!("{{{members}}}")
}

fn patient(url: &str, id: &str) -> String {
    entry(&format!(
        "\"fullUrl\":\"{url}\",\"resource\":{{\"resourceType\":\"Patient\",\"id\":\"{id}\"}}"
    ))
}

/// An entry with this full URL and a reference on the next line.
fn basic(url: &str, reference: &str) -> String {
    let url = if url.is_empty() {
        String::new()
    } else {
        format!("\"fullUrl\":\"{url}\",")
    };
    entry(&format!(
        "{url}\"resource\":{{\"resourceType\":\"Basic\",\"code\":{{\"text\":\"x\"}},\"author\":{{\n\"reference\":\"{reference}\"}}}}"
    ))
}

const COLLECTION: &str = "\"type\":\"collection\"";
const AUTHOR: &str = "Bundle.entry[0].resource.author.reference";

/// Row 39: references are looked up by the rules of full URLs.
#[test]
fn resolution() {
    let r4 = |entries: &[String], expected: &[(&str, &str, u64, u64)]| {
        check_bundle(Policy::R4, COLLECTION, &entries.join(",\n"), expected);
    };
    let base = "http://a.b/fhir/Basic/1";
    // Later and earlier entries, by their full URLs.
    r4(
        &[basic(UUID, UUID)],
        &[("R4-REFERENCE-TARGET", AUTHOR, 4, 13)],
    );
    r4(&[basic(OTHER, UUID), patient(UUID, "x")], &[]);
    r4(&[patient(UUID, "x"), basic(OTHER, UUID)], &[]);
    r4(&[basic(OTHER, "http://a.b/fhir/Patient/1")], &[]);
    r4(
        &[
            basic(OTHER, "http://a.b/documents/7"),
            patient("http://a.b/documents/7", "x"),
        ],
        &[],
    );
    // Relative to the base of a RESTful full URL, which others are not.
    r4(&[basic(base, "Patient/elsewhere")], &[]);
    let at = |rule| [(rule, AUTHOR, 4, 13)];
    for url in [
        OTHER,
        "urn:oid:1.2.3",
        "http://a.b/documents/1",
        "http://a.b/fhir?_id=Basic/1",
        "http://a.b/fhir/basic/1",
    ] {
        for target in [UUID, "http://a.b/fhir/Patient/x"] {
            for reference in ["Patient/x", "Patient/x/_history/1"] {
                r4(
                    &[basic(url, reference), patient(target, "x")],
                    &at("R4-REFERENCE-UNRESOLVED"),
                );
            }
        }
    }
    let without = basic("", "Patient/x");
    let missing = ("R4-FULL-URL-MISSING", "Bundle.entry[0]", 3, 1);
    let unresolved = ("R4-REFERENCE-UNRESOLVED", AUTHOR, 4, 13);
    r4(std::slice::from_ref(&without), &[missing, unresolved]);
    r4(&[without, patient(UUID, "x")], &[missing, unresolved]);
    // A type is known only from the entry.
    let device = entry(&format!(
        "\"fullUrl\":\"{UUID}\",\"resource\":{{\"resourceType\":\"Device\"}}"
    ));
    r4(
        &[basic(OTHER, UUID), device],
        &[("R4-REFERENCE-TARGET", AUTHOR, 4, 13)],
    );
    r4(&[basic(OTHER, UUID)], &at("R4-REFERENCE-UNRESOLVED"));
    // Healthcode's services send entries without full URLs.
    let healthcode = |entries: &[String], expected: &[(&str, &str, u64, u64)]| {
        let entries = entries.join(",\n");
        check_bundle(Policy::Healthcode, COLLECTION, &entries, expected);
    };
    healthcode(&[basic("", "Patient/x")], &at("HC-NO-FULL-URL"));
    healthcode(&[basic("", "Patient/x"), patient(UUID, "x")], &[]);
    healthcode(
        &[basic(OTHER, "Patient/x"), patient(UUID, "x")],
        &at("R4-REFERENCE-UNRESOLVED"),
    );
    // Versions.
    let versioned = |version: &str| {
        entry(&format!(
            "\"fullUrl\":\"http://a.b/fhir/Patient/1\",\"resource\":{{\"resourceType\":\"Patient\",\"id\":\"1\"{version}}}"
        ))
    };
    let of_2 = versioned(",\"meta\":{\"versionId\":\"2\"}");
    r4(&[basic(base, "Patient/1/_history/2"), of_2.clone()], &[]);
    r4(
        &[basic(base, "Patient/1/_history/3"), of_2.clone()],
        &at("R4-REFERENCE-VERSION"),
    );
    r4(&[of_2, basic(base, "Patient/1/_history/2")], &[]);
    r4(&[basic(base, "Patient/1/_history/2"), versioned("")], &[]);
    // What goes to a server is relative to it.
    for kind in ["transaction", "batch"] {
        let entry = post(&basic(OTHER, "Patient/x"));
        check_bundle(Policy::R4, &format!("\"type\":\"{kind}\""), &entry, &[]);
    }
}

/// An entry that asks a server to create what it has.
fn post(entry: &str) -> String {
    let members = entry.strip_prefix('{').expect("an object");
    format!("{{\"request\":{{\"method\":\"POST\",\"url\":\"Basic\"}},{members}")
}

/// Searches stand for references in transactions alone, whatever they search for.
#[test]
fn conditional_references() {
    let at = |rule| [(rule, AUTHOR, 4, 13)];
    for search in [
        "Patient?x=y",
        "Patient?identifier=https://a.b/ids|A/1",
        "Patient?identifier=urn:oid:1.2|x&birthdate=gt2000-01-01",
        "Patient?name=M\u{fc}ller, Eva",
        "Patient?name=a%2Fb%20c",
        "Patient?general-practitioner=Practitioner/1/_history/2",
        "Patient?organization.name=x#y",
    ] {
        let entry = post(&basic(OTHER, search));
        check_bundle(Policy::R4, "\"type\":\"transaction\"", &entry, &[]);
        let batch = "\"type\":\"batch\"";
        check_bundle(Policy::R4, batch, &entry, &at("R4-REFERENCE"));
        let entry = basic(OTHER, search);
        check_bundle(Policy::R4, COLLECTION, &entry, &at("R4-REFERENCE"));
    }
    let transaction = |reference: &str, rule| {
        let entry = post(&basic(OTHER, reference));
        check_bundle(Policy::R4, "\"type\":\"transaction\"", &entry, &at(rule));
    };
    transaction("Patient?", "R4-REFERENCE");
    transaction("Patient/_search?x=y", "R4-REFERENCE");
    transaction("Patient/1?x=y", "R4-REFERENCE");
    transaction("Pacient?x=y", "R4-REFERENCE-RESOURCE");
    transaction("Device?x=y", "R4-REFERENCE-TARGET");
    // Wherever they are.
    let deep = post(&entry(&format!(
        "\"fullUrl\":\"{UUID}\",\"resource\":{{\"resourceType\":\"Basic\",\"code\":{{\"text\":\"x\",\"extension\":[{{\"url\":\"http://hl7.org/fhir/StructureDefinition/iso21090-nullFlavor\",\"valueCode\":\"UNK\"}}]}},\"author\":{{\"reference\":\"#a\"}},\"contained\":[{{\"resourceType\":\"Patient\",\"id\":\"a\",\"managingOrganization\":{{\"reference\":\"Organization?identifier=http://a.b|1/2\"}}}}]}}"
    )));
    check_bundle(Policy::R4, "\"type\":\"transaction\"", &deep, &[]);
}

/// What the first resource of a document or message is about is in it.
#[test]
fn what_is_to_be_included() {
    let head = "\"type\":\"document\",\"identifier\":{\"system\":\"http://a.b\",\"value\":\"x\"},\"timestamp\":\"2020-01-01T00:00:00Z\"";
    let composition = |author: &str, more: &str| {
        entry(&format!(
            "\"fullUrl\":\"{OTHER}\",\"resource\":{{\"resourceType\":\"Composition\",\"id\":\"1\",\"status\":\"final\",\"type\":{{\"text\":\"x\"}},\"date\":\"2020\",\"title\":\"x\",\"author\":[{{\n\"reference\":\"{author}\"}}]{more}}}"
        ))
    };
    let author = "Bundle.entry[0].resource.author[0].reference";
    let unresolved = [("R4-REFERENCE-UNRESOLVED", author, 4, 13)];
    let error = |head: &str, entries: &str| {
        let json = format!("{{\"resourceType\":\"Bundle\",{head},\"entry\":[{entries}]}}");
        let read = Validator::new(Policy::R4).read::<Bundle>(json.as_bytes());
        assert!(!read.unwrap().is_valid(), "{json}");
    };
    for reference in [UUID, "Patient/x", "http://a.b/fhir/Patient/x"] {
        let entries = composition(reference, "");
        check_bundle(Policy::R4, head, &entries, &unresolved);
        error(head, &entries);
    }
    let present = patient("http://a.b/fhir/Patient/x", "x");
    let resolved = composition("http://a.b/fhir/Patient/x", "");
    check_bundle(
        Policy::R4,
        head,
        &[resolved, present.clone()].join(",\n"),
        &[],
    );
    // Not all that a Composition refers to is to be included.
    let related = ",\"relatesTo\":[{\"code\":\"replaces\",\"targetReference\":{\"reference\":\"http://a.b/fhir/Composition/0\"}}]";
    let resolved = composition("http://a.b/fhir/Patient/x", related);
    check_bundle(Policy::R4, head, &[resolved, present].join(",\n"), &[]);
    let message = |focus: &str| {
        entry(&format!(
            "\"fullUrl\":\"{OTHER}\",\"resource\":{{\"resourceType\":\"MessageHeader\",\"id\":\"1\",\"eventUri\":\"http://a.b/e\",\"source\":{{\"endpoint\":\"http://a.b/e\"}},\"sender\":{{\"reference\":\"http://a.b/fhir/Organization/1\"}},\"focus\":[{{\n\"reference\":\"{focus}\"}}]}}"
        ))
    };
    let head = "\"type\":\"message\"";
    let focus = "Bundle.entry[0].resource.focus[0].reference";
    for reference in [UUID, "Patient/x", "http://a.b/fhir/Patient/x"] {
        let unresolved = [("R4-REFERENCE-UNRESOLVED", focus, 4, 13)];
        check_bundle(Policy::R4, head, &message(reference), &unresolved);
        error(head, &message(reference));
    }
    let entries = [message(UUID), patient(UUID, "x")].join(",\n");
    check_bundle(Policy::R4, head, &entries, &[]);
}

/// Row 39: in documents, what does not resolve is an error.
#[test]
fn documents() {
    let head = "\"type\":\"document\",\"identifier\":{\"system\":\"http://a.b\",\"value\":\"x\"},\"timestamp\":\"2020-01-01T00:00:00Z\"";
    let composition = entry(
        "\"fullUrl\":\"http://a.b/Composition/1\",\"resource\":{\"resourceType\":\"Composition\",\"id\":\"1\",\"status\":\"final\",\"type\":{\"text\":\"x\"},\"date\":\"2020\",\"title\":\"x\",\"author\":[{\n\"reference\":\"Patient/1\"}]}",
    );
    let at = [(
        "R4-REFERENCE-UNRESOLVED",
        "Bundle.entry[0].resource.author[0].reference",
        4,
        13,
    )];
    check_bundle(Policy::R4, head, &composition, &at);
    let json = format!("{{\"resourceType\":\"Bundle\",{head},\"entry\":[{composition}]}}");
    let report = Validator::new(Policy::R4)
        .read::<Bundle>(json.as_bytes())
        .unwrap();
    assert!(!report.is_valid());
    let both = [composition, patient("http://a.b/Patient/1", "1")].join(",");
    check_bundle(Policy::R4, head, &both, &[]);
}

/// In documents all is led to from the Composition.
#[test]
fn reachability() {
    let head = "\"type\":\"document\",\"identifier\":{\"system\":\"http://a.b\",\"value\":\"x\"},\"timestamp\":\"2020-01-01T00:00:00Z\"";
    let url = |name: &str| format!("http://a.b/{name}/1");
    let of = |name: &str, members: &str| {
        entry(&format!(
            "\"fullUrl\":\"{}\",\"resource\":{{\"resourceType\":\"{name}\",\"id\":\"1\"{members}}}",
            url(name)
        ))
    };
    let to = |reference: &str| format!("{{\"reference\":\"{reference}\"}}");
    let composition = of(
        "Composition",
        &format!(
            ",\"status\":\"final\",\"type\":{{\"text\":\"x\"}},\"date\":\"2020\",\"title\":\"x\",\"author\":[{}]",
            to("http://a.b/Patient/1")
        ),
    );
    let patient = of(
        "Patient",
        &format!(",\"managingOrganization\":{}", to("Organization/1")),
    );
    let organization = of("Organization", ",\"name\":\"x\"");
    let basic = of(
        "Basic",
        &format!(
            ",\"code\":{{\"text\":\"x\"}},\"subject\":{}",
            to("Patient/1")
        ),
    );
    let agent = ",\"recorded\":\"2020-01-01T00:00:00Z\",\"agent\":[{\"who\":{\"display\":\"x\"}}]";
    let provenance = of(
        "Provenance",
        &format!("{agent},\"target\":[{}]", to("Patient/1")),
    );
    let binary = of("Binary", ",\"contentType\":\"text/css\"");
    let all = [
        composition.clone(),
        provenance.clone(),
        organization.clone(),
        patient.clone(),
        binary,
    ];
    check_bundle(Policy::R4, head, &all.join(",\n"), &[]);
    let one_more = [
        composition.clone(),
        patient.clone(),
        basic.clone(),
        organization.clone(),
    ]
    .join(",\n");
    let at = [("R4-DOCUMENT-UNREACHABLE", "Bundle.entry[2]", 5, 1)];
    check_bundle(Policy::R4, head, &one_more, &at);
    // Of what is not R4's it is not known where it leads.
    let unknown = [composition, patient, basic, organization, of("Site", "")].join(",\n");
    let report = Validator::new(Policy::R4)
        .read::<Bundle>(
            format!("{{\"resourceType\":\"Bundle\",{head},\"entry\":[{unknown}]}}").as_bytes(),
        )
        .unwrap();
    let rules: Vec<_> = report.issues.iter().map(|issue| issue.rule.id).collect();
    assert_eq!(rules, ["FHIR-RESOURCE-TYPE-UNKNOWN"]);
}

/// Row 40.
#[test]
fn invariants() {
    let r4 = |head: &str, entries: &str, expected: &[(&str, &str, u64, u64)]| {
        check_bundle(Policy::R4, head, entries, expected);
    };
    let one = patient("http://a.b/Patient/1", "1");
    r4(
        "\"type\":\"collection\",\"total\":1",
        &one,
        &[("bdl-1", "Bundle.total", 1, 54)],
    );
    check_bundle(
        Policy::Healthcode,
        "\"type\":\"collection\",\"total\":1",
        &one,
        &[("HC-COLLECTION-TOTAL", "Bundle.total", 1, 54)],
    );
    let searchset =
        "\"type\":\"searchset\",\"link\":[{\"relation\":\"self\",\"url\":\"http://a.b/Patient\"}]";
    r4(&format!("{searchset},\"total\":1"), &one, &[]);
    let with = |member: &str| format!("{},{member}}}", &one[..one.len() - 1]);
    let at = |rule| [(rule, "Bundle.entry[0]", 3, 1)];
    let search = with("\"search\":{\"mode\":\"match\"}");
    r4(COLLECTION, &search, &at("bdl-2"));
    r4(searchset, &search, &[]);
    let request = with("\"request\":{\"method\":\"PUT\",\"url\":\"Patient/1\"}");
    r4(COLLECTION, &request, &at("bdl-3"));
    r4("\"type\":\"transaction\"", &request, &[]);
    r4("\"type\":\"batch\"", &one, &at("bdl-3"));
    let response = with("\"response\":{\"status\":\"200\"}");
    r4(COLLECTION, &response, &at("bdl-4"));
    r4("\"type\":\"batch-response\"", &response, &[]);
    r4("\"type\":\"transaction-response\"", &one, &at("bdl-4"));
    r4(
        "\"type\":\"history\"",
        &one,
        &[
            ("bdl-3", "Bundle.entry[0]", 3, 1),
            ("bdl-4", "Bundle.entry[0]", 3, 1),
        ],
    );
    let twice = [one.clone(), one.clone()].join(",\n");
    r4(
        COLLECTION,
        &twice,
        &[("bdl-7", "Bundle.entry[1].fullUrl", 4, 12)],
    );
    let other = one.replace("\"id\":", "\"meta\":{\"versionId\":\"2\"},\"id\":");
    r4(COLLECTION, &[one.clone(), other].join(",\n"), &[]);
    r4(
        "\"type\":\"document\"",
        &one,
        &[
            ("bdl-9", "Bundle", 1, 1),
            ("bdl-10", "Bundle", 1, 1),
            ("bdl-11", "Bundle.entry[0]", 3, 1),
        ],
    );
    r4(
        "\"type\":\"message\"",
        &one,
        &[("bdl-12", "Bundle.entry[0]", 3, 1)],
    );
    check(
        "{\"resourceType\":\"Bundle\",\"type\":\"message\"}",
        &[("bdl-12", "Bundle", 1, 1)],
    );
    // What is not known is not judged.
    check(
        "{\"resourceType\":\"Bundle\",\"type\":\"message\",\"entry\":{}}",
        &[("FHIR-ARRAY-EXPECTED", "Bundle.entry", 1, 51)],
    );
    check(
        "{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[{\"request\":1}]}",
        &[("FHIR-NOT-OBJECT", "Bundle.entry[0].request", 1, 61)],
    );
}

/// Row 41.
#[test]
fn full_urls() {
    let at = |rule| [(rule, "Bundle.entry[0].fullUrl", 3, 12)];
    let r4 = |url: &str, expected: &[(&str, &str, u64, u64)]| {
        check_bundle(Policy::R4, COLLECTION, &patient(url, "1"), expected);
    };
    r4("http://a.b/Patient/1", &[]);
    r4(UUID, &[]);
    r4("Patient/1", &at("R4-FULL-URL"));
    r4("/Patient/1", &at("R4-FULL-URL"));
    r4("http://a.b/Patient/2", &at("R4-FULL-URL-ID"));
    r4("http://a.b/Practitioner/1", &at("R4-FULL-URL-ID"));
    r4("https://a.b:8080/x%20y/Patient/2", &at("R4-FULL-URL-ID"));
    // Addresses that are not RESTful need not end in the id.
    r4("http://a.b/1", &[]);
    r4("http://a.b/2", &[]);
    r4("https://a.b/documents/2", &[]);
    r4("http://a.b/resource?id=2", &[]);
    r4("http://a.b/resource?of=/Patient/2", &[]);
    r4("http://a.b/viewer#/Patient/2", &[]);
    r4("http://a.b/patient/2", &[]);
    r4("http://a.b/Patient/2/", &[]);
    r4("http://a.b/Patient/2_3", &[]);
    r4("urn:oid:1.2.3", &[]);
    r4("urn:nbn:de:101:1-2019", &[]);
    r4("urn:oid:1.02", &at("R4-OID"));
    r4("urn:uuid:1", &at("R4-UUID"));
    let insurer = "https://ref.api.healthcode.co.uk/organization/ins/1";
    r4(insurer, &[]);
    let policy = Policy::Healthcode;
    check_bundle(
        policy,
        COLLECTION,
        &patient(insurer, "1"),
        &at("HC-FULL-URL"),
    );
    check_bundle(policy, COLLECTION, &patient(insurer, "2"), &[]);
    let other = patient("http://a.b/Patient/1", "2");
    check_bundle(policy, COLLECTION, &other, &at("R4-FULL-URL-ID"));
}

/// Resources have a full URL but for those that are to be created, in responses, or no search's.
#[test]
fn missing_full_urls() {
    let resource = "\"resource\":{\"resourceType\":\"Patient\",\"id\":\"1\"}";
    let request = |method: &str, url: &str| {
        format!("{resource},\"request\":{{\"method\":\"{method}\",\"url\":\"{url}\"}}")
    };
    let response = format!("{resource},\"response\":{{\"status\":\"200\"}}");
    let of = |kind: &str, members: &str, expected: &[(&str, &str, u64, u64)]| {
        let head = format!("\"type\":\"{kind}\"");
        check_bundle(Policy::R4, &head, &entry(members), expected);
    };
    let missing = [("R4-FULL-URL-MISSING", "Bundle.entry[0]", 3, 1)];
    of("collection", resource, &missing);
    let head = COLLECTION;
    check_bundle(Policy::Healthcode, head, &entry(resource), &[]);
    of("transaction", &request("POST", "Patient"), &[]);
    of("batch", &request("POST", "Patient"), &[]);
    of("transaction", &request("PUT", "Patient/1"), &missing);
    of("batch", &request("PUT", "Patient?identifier=1"), &missing);
    of(
        "transaction",
        "\"request\":{\"method\":\"DELETE\",\"url\":\"Patient/1\"}",
        &[],
    );
    of("batch-response", &response, &[]);
    of("transaction-response", &response, &[]);
    let both = format!(
        "{},\"response\":{{\"status\":\"200\"}}",
        request("PUT", "Patient/1")
    );
    of("history", &both, &missing);
    of(
        "history",
        "\"request\":{\"method\":\"DELETE\",\"url\":\"Patient/1\"},\"response\":{\"status\":\"204\"}",
        &[],
    );
    // Of a search the first is reported, whether its link comes before or after.
    let search = |url: &str, expected: &[(&str, &str, u64, u64)]| {
        let head = format!(
            "\"type\":\"searchset\",\"link\":[{{\"relation\":\"self\",\"url\":\"{url}\"}}]"
        );
        let outcome = entry(
            "\"search\":{\"mode\":\"outcome\"},\"resource\":{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"information\",\"code\":\"informational\"}]}",
        );
        let entries = [
            outcome,
            patient(UUID, "1"),
            entry(resource),
            entry(resource),
        ];
        check_bundle(Policy::R4, &head, &entries.join(",\n"), expected);
        check_bundle(Policy::Healthcode, &head, &entries.join(",\n"), &[]);
    };
    let missing = [("R4-FULL-URL-MISSING", "Bundle.entry[2]", 5, 1)];
    search("http://a.b/Patient?_id=1", &missing);
    search("Patient?name=$1", &missing);
    search("http://a.b/Patient/1/$everything", &[]);
}

/// What a search has found has an id.
#[test]
fn ids_of_results() {
    let of = |kind: &str, mode: &str, members: &str, expected: &[(&str, &str, u64, u64)]| {
        let own = "\"link\":[{\"relation\":\"self\",\"url\":\"http://a.b/Patient\"}]";
        let head = format!("\"type\":\"{kind}\",{own}");
        let members =
            format!("\"fullUrl\":\"http://a.b/Patient/1\",\"resource\":{{{members}}}{mode}");
        check_bundle(Policy::R4, &head, &entry(&members), expected);
    };
    let patient = "\"resourceType\":\"Patient\"";
    let missing = [("R4-SEARCHSET-ID", "Bundle.entry[0]", 3, 1)];
    for mode in [
        "",
        ",\"search\":{\"mode\":\"match\"}",
        ",\"search\":{\"mode\":\"include\"}",
    ] {
        of("searchset", mode, patient, &missing);
        of("searchset", mode, &format!("{patient},\"id\":\"1\""), &[]);
    }
    let outcome = "\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"information\",\"code\":\"informational\"}]";
    of(
        "searchset",
        ",\"search\":{\"mode\":\"outcome\"}",
        outcome,
        &[],
    );
    of("searchset", "", outcome, &[]);
    of("collection", "", patient, &[]);
}

/// The links between pages occur once, and a search says what it has searched for.
#[test]
fn links() {
    let of = |kind: &str, relations: &[&str], expected: &[(&str, &str, u64, u64)]| {
        let link =
            |name: &&str| format!("\n{{\"relation\":\"{name}\",\"url\":\"http://a.b/Patient\"}}");
        let links: Vec<_> = relations.iter().map(link).collect();
        let json = format!(
            "{{\"resourceType\":\"Bundle\",\"type\":\"{kind}\",\"link\":[{}]}}",
            links.join(",")
        );
        check(&json, expected);
    };
    let twice = |line| [("R4-LINK-REPEATED", "Bundle.link[1].relation", line, 13)];
    for name in ["self", "first", "previous", "next", "last"] {
        of("history", &[name, name], &twice(3));
    }
    of("searchset", &["self", "self"], &twice(3));
    of("collection", &["self", "self"], &twice(3));
    of(
        "searchset",
        &["self", "next", "last", "alternate", "alternate"],
        &[],
    );
    let without = [("R4-SEARCHSET-SELF", "Bundle.link", 1, 52)];
    of("searchset", &["next"], &without);
    let bare = "{\"resourceType\":\"Bundle\",\"type\":\"searchset\"}";
    check(bare, &[("R4-SEARCHSET-SELF", "Bundle.link", 1, 1)]);
    check_by(Policy::Healthcode, bare, &[]);
}

/// Row 40: the requests of transactions.
#[test]
fn requests() {
    let request = |method: &str, url: &str| {
        entry(&format!(
            "\"request\":{{\"method\":\"{method}\",\n\"url\":\"{url}\"}}"
        ))
    };
    let transaction = "\"type\":\"transaction\"";
    let twice = [
        request("DELETE", "Patient/1"),
        request("DELETE", "Patient/1"),
    ]
    .join(",\n");
    let again = [(
        "R4-TRANSACTION-IDENTITY",
        "Bundle.entry[1].request.url",
        6,
        7,
    )];
    check_bundle(Policy::R4, transaction, &twice, &again);
    check_bundle(Policy::R4, "\"type\":\"batch\"", &twice, &[]);
    let bad = [("R4-REQUEST-URL", "Bundle.entry[0].request.url", 4, 7)];
    check_bundle(Policy::R4, transaction, &request("DELETE", "Patient"), &bad);
    let sent = |method: &str, url: &str| {
        entry(&format!(
            "\"fullUrl\":\"{UUID}\",\"resource\":{{\"resourceType\":\"Patient\",\"id\":\"1\"}},\"request\":{{\"method\":\"{method}\",\n\"url\":\"{url}\"}}"
        ))
    };
    for (method, url, fits) in [
        ("POST", "Patient", true),
        ("POST", "Observation", false),
        ("PUT", "Patient/1", true),
        ("PUT", "Patient/2", false),
        ("PUT", "Observation?code=x", false),
    ] {
        let found = if fits { &[][..] } else { &bad[..] };
        check_bundle(Policy::R4, transaction, &sent(method, url), found);
    }
}

/// Bundles inside Bundles resolve their own references.
#[test]
fn nested() {
    let inner = format!(
        "{{\"fullUrl\":\"{OTHER}\",\"resource\":{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[\n{}]}}}}",
        basic(OTHER, UUID)
    );
    let outer = patient(UUID, "x");
    check_bundle(
        Policy::R4,
        COLLECTION,
        &[outer, inner].join(",\n"),
        &[(
            "R4-REFERENCE-UNRESOLVED",
            "Bundle.entry[1].resource.entry[0].resource.author.reference",
            6,
            13,
        )],
    );
}
