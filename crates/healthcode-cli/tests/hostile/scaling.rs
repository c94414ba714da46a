//! Work and memory by the size of the input: twice the input takes at most 2.3 times the instructions,
//! and memory is at most a multiple of it. Both are counted by valgrind; without it the tests are skipped.

use crate::Folder;
use std::io::Write;
use std::process::Command;

/// How many times the work twice the input may take.
const TWICE: f64 = 2.3;

/// How many times the input's bytes its values and issues may take: an element of a few hundred bytes
/// for the two bytes of `0,`, and what a list holds while it grows.
const TIMES: u64 = 500;

/// What the listed issues of a resource, their excerpts and the command itself may take.
const BASE: u64 = 32 << 20;

/// How the payload is validated.
const VALIDATE: [&str; 7] = [
    "validate",
    "--no-config",
    "--jobs",
    "1",
    "--format",
    "statistics",
    "a.json",
];

/// The last number of the line of valgrind's report that has `mark`.
fn counted(folder: &Folder, tool: &[&str], mark: &str) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(tool)
        .arg(env!("CARGO_BIN_EXE_healthcode"))
        .args(VALIDATE)
        .current_dir(folder.path("."))
        .output();
    let Ok(output) = output else {
        let _ = writeln!(std::io::stderr(), "SKIPPED: valgrind is not installed");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = text.lines().find(|line| line.contains(mark));
    let line = line.unwrap_or_else(|| panic!("no {mark} in {text}"));
    let number = line.split(mark).nth(1)?.trim_start_matches([':', ' ']);
    let number = number.split(' ').next()?.replace(',', "");
    Some(number.parse().unwrap())
}

fn instructions(json: &str) -> Option<u64> {
    let folder = Folder::new(&[("a.json", json.as_bytes())]);
    let tool = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
    counted(&folder, &tool, "Collected")
}

fn peak(json: &str) -> Option<u64> {
    let folder = Folder::new(&[("a.json", json.as_bytes())]);
    let tool = ["--tool=dhat", "--dhat-out-file=/dev/null"];
    counted(&folder, &tool, "At t-gmax")
}

/// Lists of so many items, each made of its number.
fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(",")
}

fn codings(count: usize, start: usize) -> String {
    list(count, |number| {
        format!(
            r#"{{"system":"http://a.example","code":"c{}"}}"#,
            start + number
        )
    })
}

/// Payloads for which checks compare many with many.
fn payloads(count: usize) -> Vec<(&'static str, String)> {
    let components = list(count, |number| {
        format!(
            r#"{{"code":{{"coding":[{}]}},"valueInteger":1}}"#,
            codings(1, 1_000_000 + number)
        )
    });
    vec![
        (
            "obs-7",
            format!(
                r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{}]}},"valueInteger":1,"component":[{components}]}}"#,
                codings(count, 0)
            ),
        ),
        (
            "ig-1",
            format!(
                r#"{{"resourceType":"ImplementationGuide","definition":{{"grouping":[{}],"resource":[{}]}}}}"#,
                list(count, |number| format!(
                    r#"{{"id":"g{number}","name":"g"}}"#
                )),
                list(count, |_| format!(
                    r#"{{"groupingId":"g{}","reference":{{"reference":"Basic/a"}}}}"#,
                    count - 1
                ))
            ),
        ),
        (
            "ig-2",
            format!(
                r#"{{"resourceType":"ImplementationGuide","fhirVersion":[{}],"definition":{{"resource":[{{"reference":{{"reference":"Basic/a"}},"fhirVersion":[{}]}}]}}}}"#,
                list(count, |number| format!("\"v{number}\"")),
                list(count, |_| format!("\"v{}\"", count - 1))
            ),
        ),
        (
            "sdf-8",
            format!(
                r#"{{"resourceType":"StructureDefinition","url":"http://a.example/s","name":"S","status":"draft","kind":"resource","abstract":false,"type":"Patient","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","derivation":"constraint","differential":{{"element":[{{"id":"Patient","path":"Patient"}},{}]}}}}"#,
                list(count, |number| format!(
                    r#"{{"id":"Patient.name:n{number}","path":"Patient.name","sliceName":"n{number}"}}"#
                ))
            ),
        ),
        (
            "contained",
            format!(
                r#"{{"resourceType":"Patient","contained":[{}],"generalPractitioner":[{}]}}"#,
                list(count, |number| format!(
                    r#"{{"resourceType":"Practitioner","id":"p{number}"}}"#
                )),
                list(count, |number| format!(r##"{{"reference":"#p{number}"}}"##))
            ),
        ),
        (
            "que-2",
            format!(
                r#"{{"resourceType":"Questionnaire","status":"draft","item":[{}]}}"#,
                list(count, |number| format!(
                    r#"{{"linkId":"i{number}","type":"string"}}"#
                ))
            ),
        ),
        (
            "extensions",
            format!(
                r#"{{"resourceType":"Patient","extension":[{}]}}"#,
                list(count, |number| format!(
                    r#"{{"url":"http://a.example/{number}","valueInteger":1}}"#
                ))
            ),
        ),
        (
            "repeated names",
            format!(
                r#"{{"resourceType":"Patient",{}}}"#,
                list(count, |number| format!(r#""x{}":{number}"#, number / 2))
            ),
        ),
        (
            "narrative",
            format!(
                r#"{{"resourceType":"Patient","text":{{"status":"generated","div":"<div xmlns='http://www.w3.org/1999/xhtml'>{}</div>"}}}}"#,
                "<p id='a'>\\u00e9<x/></p>".repeat(count)
            ),
        ),
        (
            "entries",
            format!(
                r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#,
                list(count, |number| format!(
                    r#"{{"fullUrl":"http://a.example/Patient/{number}","resource":{{"resourceType":"Patient","id":"{number}","managingOrganization":{{"reference":"Organization/{number}"}}}}}}"#
                ))
            ),
        ),
    ]
}

#[test]
fn twice_the_input() {
    const COUNT: usize = 150;
    let Some(start) = instructions(r#"{"resourceType":"Basic","id":"a"}"#) else {
        return;
    };
    for ((what, once), (_, twice)) in payloads(COUNT).into_iter().zip(payloads(2 * COUNT)) {
        let work = |json: &str| instructions(json).unwrap().saturating_sub(start) as f64;
        let (once, twice) = (work(&once), work(&twice));
        assert!(
            twice <= once * TWICE,
            "{what}: {once} and {twice} instructions"
        );
    }
}

/// The most memory that payloads with much wrong take.
#[test]
fn memory() {
    for (what, start, item, end) in [
        (
            "empty objects",
            r#"{"resourceType":"Patient","contact":["#,
            "{}",
            "]}",
        ),
        (
            "no objects",
            r#"{"resourceType":"Patient","contact":["#,
            "0",
            "]}",
        ),
        (
            "strings",
            r#"{"resourceType":"Patient","name":[{"given":["#,
            "\"\"",
            "]}]}",
        ),
        (
            "elements of definitions",
            r#"{"resourceType":"StructureDefinition","snapshot":{"element":["#,
            "{}",
            "]}}",
        ),
        (
            "entries",
            r#"{"resourceType":"Bundle","type":"batch","entry":["#,
            "{}",
            "]}",
        ),
    ] {
        let json = format!("{start}{}{end}", list(6_000, |_| item.to_owned()));
        let Some(peak) = peak(&json) else {
            return;
        };
        let most = BASE + TIMES * json.len() as u64;
        assert!(peak <= most, "{what}: {peak} bytes for {}", json.len());
    }
}
