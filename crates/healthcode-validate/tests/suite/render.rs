//! One snapshot for each renderer.

use healthcode_core::Issue;
use healthcode_r4::{OperationOutcome, Resource};
use healthcode_validate::render::{
    GithubRenderer, HtmlRenderer, HumanOptions, HumanRenderer, JsonRenderer, JunitRenderer,
    NdjsonRenderer, OutcomeRenderer, Renderer, SarifRenderer, Summary,
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
    match validator.read::<Resource>(json.as_bytes()) {
        Ok(read) => read.issues,
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
    let mut options = HumanOptions::default();
    options.mask = true;
    let shown = human(options);
    assert!(!shown.contains("SECRET"), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn colours_are_all_that_colour_adds() {
    let mut options = HumanOptions::default();
    options.color = true;
    let colored = human(options);
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

/// What a renderer writes of the payloads; it shows no values.
macro_rules! written {
    ($make:expr) => {{
        let mut out = Vec::new();
        render(&mut out, |out| Box::new($make(out)));
        let out = String::from_utf8(out).unwrap();
        assert!(!out.contains("SECRET"), "{out}");
        out
    }};
}

/// What all renderers write of what is folded.
#[test]
fn folded() {
    use healthcode_validate::render::Folding;
    let json = r#"{"resourceType":"Patient","name":[{"given":["",""]},{"given":["",""]}]}"#;
    let blank = r#"{"resourceType":"Patient","name":[{"given":[""," "]},{"given":[" "]}]}"#;
    let mut all = String::new();
    let run = |make: &dyn for<'w> Fn(&'w mut Vec<u8>) -> Box<dyn Renderer + 'w>| {
        let mut out = Vec::new();
        let mut renderer = Folding::new(make(&mut out), 1);
        for (file, json) in [("a.json", json), ("b.json", blank)] {
            renderer.begin_file(file).unwrap();
            for issue in Validator::default()
                .read::<Resource>(json.as_bytes())
                .unwrap()
                .issues
            {
                renderer.issue(&issue).unwrap();
            }
            renderer.end_file().unwrap();
        }
        renderer.finish(&Summary::default()).unwrap();
        drop(renderer);
        String::from_utf8(out).unwrap()
    };
    for text in [
        run(&|out| Box::new(HumanRenderer::new(out, HumanOptions::default()))),
        run(&|out| Box::new(NdjsonRenderer::new(out, false))),
        run(&|out| Box::new(JsonRenderer::new(out, false))),
        run(&|out| Box::new(SarifRenderer::new(out, false))),
        run(&|out| Box::new(JunitRenderer::new(out))),
        run(&|out| Box::new(GithubRenderer::new(out))),
        run(&|out| Box::new(OutcomeRenderer::new(out))),
        run(&|out| Box::new(HtmlRenderer::new(out, true))),
    ] {
        let more = |line: &&str| line.contains(" more at") || line.contains("\"more\"");
        for line in text.lines().filter(more) {
            all += line.split("\"files\":[").last().unwrap();
            all.push('\n');
        }
        all.push('\n');
    }
    insta::assert_snapshot!(all);
}

#[test]
fn sarif() {
    let out = written!(|out| SarifRenderer::new(out, false));
    serde_json::from_str::<serde_json::Value>(&out).unwrap();
    insta::assert_snapshot!(out);
    let mut out = Vec::new();
    render(&mut out, |out| Box::new(SarifRenderer::new(out, true)));
    assert!(String::from_utf8(out).unwrap().contains("SECRET"));
}

#[test]
fn junit() {
    insta::assert_snapshot!(written!(JunitRenderer::new));
}

#[test]
fn github() {
    insta::assert_snapshot!(written!(GithubRenderer::new));
}

#[test]
fn github_escapes() {
    let mut out = Vec::new();
    let mut renderer = GithubRenderer::new(&mut out);
    let file = "50%, a:b\n.json";
    renderer.begin_file(file).unwrap();
    renderer.unreadable(file, "100%\r\nno").unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "::error file=50%25%2C a%3Ab%0A.json::cannot be read: 100%25%0D%0Ano\n"
    );
}

#[test]
fn outcome() {
    let out = written!(OutcomeRenderer::new);
    let report = Validator::new(Policy::R4)
        .read::<OperationOutcome>(out.as_bytes())
        .unwrap();
    assert!(report.issues.is_empty(), "{:?}", report.issues);
    assert_eq!(report.value.issue.len(), 8);
    insta::assert_snapshot!(out);
}

#[test]
fn outcome_of_nothing() {
    let mut out = Vec::new();
    OutcomeRenderer::new(&mut out)
        .finish(&Summary::default())
        .unwrap();
    let report = Validator::new(Policy::R4)
        .read::<OperationOutcome>(&out)
        .unwrap();
    assert!(report.issues.is_empty(), "{:?}", report.issues);
    assert_eq!(report.value.issue.len(), 1);
}

#[test]
fn html() {
    let out = written!(|out| HtmlRenderer::new(out, true));
    // The style and the script are files of their own.
    let cut = |text: &str, tag: &str| {
        let (start, end) = (format!("<{tag}>"), format!("</{tag}>"));
        let (before, rest) = text.split_once(&start).unwrap();
        let (inside, after) = rest.split_once(&end).unwrap();
        assert!(!inside.contains("http") && !inside.contains("url("));
        format!("{before}{start}{end}{after}")
    };
    let out = cut(&cut(&out, "style"), "script");
    assert!(!out.contains("src=") && !out.contains("<link"), "{out}");
    insta::assert_snapshot!(out);
}

#[test]
fn html_escapes() {
    let mut out = Vec::new();
    render(&mut out, |out| {
        let mut renderer = HtmlRenderer::new(out, false);
        let bad = "{\"resourceType\": \"Patient\",\n\"</pre><script>\": \"<img src=x>\"}";
        renderer.begin_file("<i>&.json").unwrap();
        for issue in issues(bad) {
            renderer.issue(&issue).unwrap();
        }
        renderer.end_file().unwrap();
        Box::new(renderer)
    });
    let out = String::from_utf8(out).unwrap();
    assert!(!out.contains("<img") && !out.contains("<i>"), "{out}");
    assert_eq!(out.matches("<script>").count(), 1);
    assert!(out.contains("&lt;img src=x&gt;"));
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
