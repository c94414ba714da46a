//! One snapshot for each renderer.

use healthcode_core::Issue;
use healthcode_r4::Resource;
use healthcode_validate::render::{
    HumanOptions, HumanRenderer, JsonRenderer, NdjsonRenderer, Renderer, Summary,
};
use healthcode_validate::{Policy, Validator};
use std::time::Duration;

const GOOD: &str = r#"{"resourceType":"Patient","id":"1"}"#;
const BAD: &str = r#"{
  "resourceType": "Observation",
  "id": "SECRET id",
  "status": "final",
  "valueString": "SECRET", "subjct": {"display": "SECRET"},
  "effectiveDateTime": "SECRET",
  "component": [{"code": {"text": " "}, "valueInteger": 1.5}]
}"#;
const BROKEN: &str = "{\n\"resourceType\": \"Patient\", 'SECRET': \"SECRET\"}";

fn issues(json: &str) -> Vec<Issue> {
    let validator = Validator::new(Policy::R4).excerpts(true);
    let options = healthcode_json::ReadOptions::new().excerpts(true);
    match validator
        .read_options(options)
        .read::<Resource>(json.as_bytes())
    {
        Ok((_, report)) => report.issues,
        Err(error) => vec![error.into_issue()],
    }
}

fn render<'w>(out: &'w mut Vec<u8>, make: impl FnOnce(&'w mut Vec<u8>) -> Box<dyn Renderer + 'w>) {
    let mut renderer = make(out);
    let mut summary = Summary::default();
    for (file, json) in [
        ("good.json", GOOD),
        ("bad.json", BAD),
        ("broken.json", BROKEN),
    ] {
        summary.files += 1;
        summary.bytes += json.len() as u64;
        renderer.begin_file(file).unwrap();
        for issue in issues(json) {
            summary.count(issue.severity);
            renderer.issue(&issue).unwrap();
        }
        renderer.end_file().unwrap();
    }
    renderer.begin_file("none.json").unwrap();
    renderer.unreadable("none.json", "No such file").unwrap();
    renderer.end_file().unwrap();
    summary.files += 1;
    summary.unreadable += 1;
    summary.elapsed = Duration::from_millis(34);
    renderer.finish(&summary).unwrap();
}

fn human(options: HumanOptions) -> String {
    let mut out = Vec::new();
    render(&mut out, |out| Box::new(HumanRenderer::new(out, options)));
    String::from_utf8(out).unwrap()
}

#[test]
fn for_people() {
    insta::assert_snapshot!(human(HumanOptions::default()));
}

#[test]
fn for_people_masked() {
    let shown = human(HumanOptions {
        color: false,
        mask: true,
    });
    assert!(!shown.contains("SECRET"), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn colours_are_all_that_colour_adds() {
    let colored = human(HumanOptions {
        color: true,
        mask: false,
    });
    let mut plain = String::new();
    for (index, part) in colored.split("\x1b[").enumerate() {
        plain += if index == 0 {
            part
        } else {
            part.split_once('m').unwrap().1
        };
    }
    assert_eq!(plain, human(HumanOptions::default()));
}

#[test]
fn ndjson() {
    let mut out = Vec::new();
    render(&mut out, |out| Box::new(NdjsonRenderer::new(out, false)));
    let out = String::from_utf8(out).unwrap();
    assert!(!out.contains("SECRET"), "{out}");
    for line in out.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    insta::assert_snapshot!(out);
}

#[test]
fn json() {
    let mut out = Vec::new();
    render(&mut out, |out| Box::new(JsonRenderer::new(out, true)));
    let out = String::from_utf8(out).unwrap();
    serde_json::from_str::<serde_json::Value>(&out).unwrap();
    insta::assert_snapshot!(out);
}

#[test]
fn json_of_nothing() {
    let mut out = Vec::new();
    JsonRenderer::new(&mut out, false)
        .finish(&Summary::default())
        .unwrap();
    let document: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(document["files"], serde_json::json!([]));
}
