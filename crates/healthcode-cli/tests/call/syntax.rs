//! `--format xml`: FHIR in XML is requested, printed, and read where it comes.

use super::kit::Bench;
use healthcode_r4::{Bundle, Practitioner, Resource, Schedule};
use std::fs;

/// The resource that a run has printed in XML.
fn resource(run: &crate::Run, code: i32) -> Resource {
    assert_eq!(run.code, code, "{} {}", run.out, run.err);
    assert!(
        run.out
            .starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<"),
        "{}",
        run.out
    );
    let read = healthcode_xml::from_str::<Resource>(&run.out).unwrap();
    assert!(read.is_valid(), "{:?}", read.issues);
    read.value
}

#[test]
fn every_system_answers_in_xml() {
    let bench = Bench::start();
    let (organization, identifier) = bench.device();
    let patient = "@patient.txt";
    let identified = "identifier=https://fhir.nhs.uk/Id/nhs-number|9000000009";
    fs::write(bench.path("patient.txt"), identified).unwrap();
    let searches: [&[&str]; 4] = [
        &["search", "practitioner", "family=Clinton"],
        &["search", "graphnet-patient", patient],
        &[
            "search",
            "pds-patient",
            "family=Smith",
            "given=jane",
            "birthdate=eq2010-10-22",
        ],
        // The directory has JSON alone, which is printed as XML.
        &["search", "sds-device", &organization, &identifier],
    ];
    for search in searches {
        let run = bench.call(&[search, &["--format", "xml"]].concat());
        assert_eq!(run.err, "", "{}", run.out);
        let in_xml = resource(&run, 0);
        let bundle = in_xml.get::<Bundle>().unwrap();
        assert!(!bundle.entry.is_empty());
        let json = bench.call(search);
        let same = healthcode_json::from_str::<Resource>(&json.out)
            .unwrap()
            .value;
        let same = same.get::<Bundle>().unwrap();
        assert_eq!(same.entry, bundle.entry, "{search:?}");
    }

    // What is requested.
    let shown = bench.call(&[
        "search",
        "practitioner",
        "family=x",
        "--dry-run",
        "--format",
        "xml",
    ]);
    assert!(
        shown.out.contains("accept: application/fhir+xml\n"),
        "{}",
        shown.out
    );
    let shown = bench.call(&[
        "search",
        "sds-device",
        &organization,
        &identifier,
        "--dry-run",
        "--format",
        "xml",
    ]);
    assert!(
        shown.out.contains("accept: application/fhir+json\n"),
        "{}",
        shown.out
    );
}

#[test]
fn resources_of_healthcode_in_xml() {
    let bench = Bench::start();
    let own = bench.practitioner();
    let read = resource(
        &bench.call(&["read", "practitioner", &own, "--format", "xml"]),
        0,
    );
    assert_eq!(read.get::<Practitioner>().unwrap().id, own.as_str());

    // A body may be a file in XML.
    let schedule = |more: &str| {
        format!(
            "<Schedule xmlns='http://hl7.org/fhir'><actor><reference value='Practitioner/{own}'/></actor>{more}</Schedule>"
        )
    };
    fs::write(bench.path("new.xml"), schedule("<comment value='a'/>")).unwrap();
    let create = [
        "create",
        "create-schedule",
        "--body",
        "new.xml",
        "--format",
        "xml",
    ];
    let made = resource(&bench.call(&create), 0);
    assert_eq!(made.get::<Schedule>().unwrap().comment, "a");
    fs::write(bench.path("new.xml"), schedule("<mood value='a'/>")).unwrap();
    let refused = bench.call(&create);
    assert_eq!(refused.code, 2);
    assert_eq!(
        refused.err,
        "healthcode: new.xml: Schedule.mood is not allowed here: the body is sent as JSON, which has no form \
         for it\n"
    );
    fs::write(bench.path("new.xml"), "<Schedule/>").unwrap();
    let refused = bench.call(&create);
    assert_eq!(refused.code, 2, "{}", refused.err);

    // A refusal is printed in XML, and its code is known.
    let run = bench.call(&["read", "create-schedule", "nobody", "--format", "xml"]);
    assert!(
        run.err.contains("MSG_REFERENCE_ID_NOT_FOUND"),
        "{}",
        run.err
    );
    assert_eq!(resource(&run, 1).resource_type(), Some("OperationOutcome"));

    // Lines of JSON need no XML.
    let run = bench.call(&[
        "search",
        "practitioner",
        "family=Clinton",
        "--format",
        "ndjson",
    ]);
    assert!(run.out.starts_with("{\"resourceType\":\"Practitioner\""));
}

/// Exchanges in XML are kept, and checked as those in JSON are.
#[test]
fn captures_in_xml() {
    let bench = Bench::start();
    let search = ["search", "practitioner", "family=Clinton"];
    let options = ["--format", "xml", "--capture", "xml.har"];
    assert_eq!(bench.call(&[&search[..], &options].concat()).code, 0);
    let har = fs::read_to_string(bench.path("xml.har")).unwrap();
    assert!(har.contains("application/fhir+xml"));
    let run = bench.run(
        &bench.folder(),
        &["validate", "--format", "ndjson", "xml.har"],
        &[],
    );
    let wrong = run
        .out
        .lines()
        .filter(|line| line.contains("EXCHANGE-") && line.contains("\"error\""));
    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<&str>::new());
}
