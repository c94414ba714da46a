//! `healthcode decode`.

use crate::{Folder, gzip};
use serde_json::Value;
use std::fs;

fn documented(name: &str) -> Vec<u8> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/fixtures/documented"
    );
    fs::read(format!("{folder}/restricted-ppr.{name}.response.json")).unwrap()
}

fn folder() -> Folder {
    Folder::new(&[
        ("people.json", &documented("search-practitioner")),
        ("photo.json", &documented("get-profile-photo")),
        (
            "roles.json.gz",
            &gzip(&documented("search-practitionerrole")),
        ),
    ])
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn for_people() {
    let run = folder().run(&["decode", "."]);
    assert_eq!(
        (run.code, run.err.as_str()),
        (1, ""),
        "the photo is cut off"
    );
    insta::assert_snapshot!(run.out);
}

#[test]
fn for_programs() {
    let run = folder().run(&["decode", "--format", "json", "people.json", "roles.json.gz"]);
    assert_eq!(run.code, 0);
    insta::assert_snapshot!(run.out);
}

/// Roles are put under their practitioners, whichever input comes first; others stand alone.
#[test]
fn roles() {
    let folder = folder();
    let run = folder.run(&["decode", "--format", "json", "roles.json.gz", "people.json"]);
    let view = json(&run.out);
    assert_eq!(
        view["practitioners"][0]["roles"].as_array().unwrap().len(),
        2
    );
    assert_eq!(view["roles"], json("[]"));
    let run = folder.run(&["decode", "roles.json.gz"]);
    assert!(run.out.contains("practitioner not shown") && run.out.contains("Mr Warren Clinton"));
}

#[test]
fn photos() {
    let gif = "R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAkQBADs=";
    let photo = |title: &str| {
        format!(
            r#"{{"resourceType":"Parameters","parameter":[{{"name":"photo","valueAttachment":{{
            "contentType":"image/gif","data":"{gif}","title":"{title}"}}}}]}}"#
        )
    };
    let folder = Folder::new(&[
        ("a.json", photo("../../Face one.exe").as_bytes()),
        ("b.json", photo("face one").as_bytes()),
        ("c.json", photo("Face_One.jpg").as_bytes()),
        (
            "d.json",
            br#"{"resourceType":"Parameters","parameter":[{"name":"photo","valueAttachment":{"data":"c2VjcmV0"}}]}"#,
        ),
    ]);
    let args = [
        "decode",
        "--format",
        "json",
        "--photo-dir",
        "out/photos",
        "a.json",
        "b.json",
        "c.json",
        "d.json",
    ];
    let run = folder.run(&args);
    assert_eq!(run.code, 1, "the last is no image: {}", run.out);
    let files = |out: &str| -> Vec<String> {
        let view = json(out);
        let files = view["files"].as_array().unwrap().iter();
        files
            .map(|file| {
                file["photos"][0]["file"]
                    .as_str()
                    .unwrap_or_default()
                    .replace('\\', "/")
            })
            .collect()
    };
    assert_eq!(
        files(&run.out),
        [
            "out/photos/Face_one.gif",
            "out/photos/face_one-2.gif",
            "out/photos/Face_One-3.gif",
            "out/photos/photo.bin"
        ]
    );
    assert!(
        fs::read(folder.path("out/photos/Face_one.gif"))
            .unwrap()
            .starts_with(b"GIF89a")
    );
    assert_eq!(folder.read("out/photos/photo.bin"), "secret");

    // What is there stays there.
    fs::write(folder.path("out/photos/Face_one.gif"), "mine").unwrap();
    let run = folder.run(&args);
    assert_eq!(run.code, 2);
    assert!(run.out.contains(" exists"), "{}", run.out);
    assert_eq!(folder.read("out/photos/Face_one.gif"), "mine");
    // Without the option nothing is written.
    assert_eq!(folder.run(&["decode", "a.json"]).code, 0);
}

#[test]
fn exit_status_says_what_was_found() {
    let folder = Folder::new(&[
        ("patient.json", br#"{"resourceType":"Patient","id":"p1","birthDate":"not looked at"}"#),
        ("broken.json", b"{\"resourceType\": \"Practitioner\", 'SECRET'"),
        (
            "bad.ndjson",
            b"{\"resourceType\":\"Patient\"}\n{\"resourceType\":\"Practitioner\",\"extension\":[{\"url\":\"https://ref.api.healthcode.co.uk/extension/onlineBookingStatus\",\"valueString\":\"SECRET\"}]}\n",
        ),
    ]);
    for (args, code) in [
        (&["decode", "patient.json"][..], 0),
        (&["decode", "broken.json"], 1),
        (&["decode", "bad.ndjson"], 1),
        (&["decode", "absent.json", "patient.json"], 2),
        (&["decode"], 2),
        (&["decode", "--date-order", "year-first", "patient.json"], 2),
        (&["decode", "--fhir-version", "stu3", "patient.json"], 2),
    ] {
        assert_eq!(folder.run(args).code, code, "{args:?}");
    }
    // Errors show nothing of what payloads hold.
    let run = folder.run(&["decode", "broken.json", "bad.ndjson"]);
    assert!(
        run.out.contains("bad.ndjson:2:") && !run.out.contains("SECRET"),
        "{}",
        run.out
    );
}

/// Errors of the service, other resources, insurers and patients; nothing moves the cursor.
#[test]
fn everything_else() {
    let folder = Folder::new(&[
        (
            "error.json",
            br#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"value",
            "details":{"coding":[{"system":"URL","code":"MSG_PARAM_INVALID"}]},
            "diagnostics":"no such \u001b[2Jday","location":["Appointment"]}]}"#,
        ),
        (
            "insurers.json",
            br#"{"resourceType":"Bundle","type":"collection","total":7,"entry":[
            {"extension":[{"id":"lastUpdated","valueDateTime":"2022-06-07T18:29:15+05:30"}],
             "resource":{"resourceType":"Organization","id":"PR000003","name":"AXA Health","extension":[
                {"url":"https://ref.api.healthcode.co.uk/extension/logoLink","valueString":"a.svg"}]}},
            {"resource":{"resourceType":"Channel"}}, {"resource":{"resourceType":"Bundle"}}]}"#,
        ),
        (
            "patient.json",
            br#"{"resourceType":"Patient","name":[{"family":"Gray"}],"extension":[
            {"url":"https://ref.api.healthcode.co.uk/extension/patient/insurer","valueString":"ppp"},
            {"url":"https://ref.api.healthcode.co.uk/extension/patient/registrationid","valueString":"THI002933G"}]}"#,
        ),
        (
            "dates.json",
            br#"{"resourceType":"Practitioner","id":"SP1","birthDate":"12.31.1977"}"#,
        ),
    ]);
    let run = folder.run(&["decode", "--date-order", "month-first", "."]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(!run.out.contains('\u{1b}'));
    insta::assert_snapshot!(run.out);
}

/// An action has succeeded only where that is certain.
#[test]
fn outcomes_of_actions() {
    let issue = |severity: &str, kind: &str, code: &str| {
        let details = match code {
            "" => String::new(),
            code => format!(r#","details":{{"coding":[{{"code":"{code}"}}]}}"#),
        };
        format!(r#"{{"severity":"{severity}","code":"{kind}"{details}}}"#)
    };
    let outcome = |issues: &[String]| {
        let issues = issues.join(",");
        format!(r#"{{"resourceType":"OperationOutcome","issue":[{issues}]}}"#)
    };
    let done = || issue("information", "informational", "");
    let entry = |status: &str, outcome: &str| {
        format!(
            r#"{{"resourceType":"Bundle","type":"batch-response","entry":[
                {{"response":{{"status":"{status}","outcome":{outcome}}}}}]}}"#
        )
    };
    let check = |text: &str, expect: &str| {
        let folder = Folder::new(&[("x.json", text.as_bytes())]);
        let run = folder.run(&["decode", "x.json"]);
        let line = run
            .out
            .lines()
            .find(|line| line.contains("informat") || line.contains("warning"));
        let word = line.and_then(|line| line.split(": ").nth(1));
        assert_eq!(word, Some(expect), "{text}: {}", run.out);
        let view = json(&folder.run(&["decode", "--format", "json", "x.json"]).out);
        let found = ["failed", "succeeded"].map(|name| view["files"][0][name].as_bool().unwrap());
        assert_eq!(found, [expect == "failed", expect == "succeeded"], "{text}");
    };
    check(&outcome(&[done()]), "succeeded");
    check(
        &outcome(&[issue("warning", "informational", "")]),
        "succeeded",
    );
    check(
        &outcome(&[issue("information", "success", "RESOURCE_DELETED")]),
        "succeeded",
    );
    for refusal in [
        issue("information", "security", ""),
        issue("information", "login", ""),
        issue("warning", "expired", ""),
        issue("information", "conflict", ""),
        issue("warning", "not-found", ""),
        issue("information", "multiple-matches", ""),
        issue("information", "throttled", ""),
        // Its code is documented for refusals.
        issue("information", "informational", "RESOURCE_VERSION_MISMATCH"),
        issue("information", "processing", "MSG_PARAM_INVALID"),
    ] {
        check(&outcome(std::slice::from_ref(&refusal)), "failed");
        check(&outcome(&[done(), refusal]), "failed");
    }
    // Remarks on content, of which the status alone says what came of it.
    for remark in [
        "code-invalid",
        "business-rule",
        "incomplete",
        "value",
        "of-its-own",
    ] {
        let remark = outcome(&[issue("warning", remark, "")]);
        check(&remark, "outcome");
        check(&entry("201 Created", &remark), "succeeded");
        check(&entry("412 Precondition Failed", &remark), "failed");
        check(&entry("", &remark), "outcome");
    }
    check(&entry("400", &outcome(&[done()])), "failed");
}
