//! Services at addresses of their own, and what PDS offers beside searches and reads: against servers
//! that keep what came.

use super::foreign::{Foreign, Received};
use super::kit::Bench;
use crate::{Folder, Run};
use serde_json::{Value, json};
use std::fs;

/// PDS alone, at a base of its own, as NHS England's sandbox on this machine is.
struct Local {
    server: Foreign,
    bench: Bench,
    folder: Folder,
}

const PATIENT: &str = r#"{"resourceType":"Patient","id":"9000000009","meta":{"versionId":"7"}}"#;
const BUNDLE: &str = r#"{"resourceType":"Bundle","type":"searchset","total":0}"#;

impl Local {
    fn start(answer: impl Fn(&str) -> (u16, String) + Send + 'static) -> Self {
        let server = Foreign::start(move |_, path| answer(path));
        let settings = format!(
            "[environments.local]\nsystem = \"nhs\"\npds-base = \"{0}\"\nsds-base = \"{0}/sds\"\n\
             open = true\n",
            server.base
        );
        let folder = Folder::new(&[
            ("healthcode.toml", settings.as_bytes()),
            ("number", b"9000000009"),
            ("patch.json", br#"[{"op":"remove","path":"/telecom/0"}]"#),
        ]);
        Local {
            server,
            bench: Bench::start(),
            folder,
        }
    }

    /// One that answers as PDS does if all is well.
    fn good() -> Self {
        Local::start(|path| {
            let bundle = path.starts_with("/Coverage")
                || path.ends_with("/RelatedPerson")
                || path.contains('?');
            let body = if bundle { BUNDLE } else { PATIENT };
            (200, body.to_owned())
        })
    }

    fn call(&self, input: &str, args: &[&str]) -> Run {
        let path = self.folder.path("input");
        fs::write(&path, input).unwrap();
        let args = [&["call"], args].concat();
        let mut command = self.bench.command(&self.folder.path(""), &args);
        command.stdin(fs::File::open(path).unwrap());
        self.bench.ended(command)
    }

    /// What a good call has sent.
    fn sent(&self, input: &str, args: &[&str]) -> Vec<Received> {
        let run = self.call(input, args);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
        self.server.received()
    }

    /// A call that is not sent.
    fn refused(&self, input: &str, args: &[&str], expect: &str) {
        let run = self.call(input, args);
        assert_eq!(
            (run.code, run.out.as_str()),
            (2, ""),
            "{args:?}: {}",
            run.err
        );
        assert!(run.err.contains(expect), "{expect} in {}", run.err);
        assert!(self.server.received().is_empty(), "{args:?}");
    }
}

fn line(request: &Received) -> &str {
    request.head.lines().next().unwrap()
}

fn header<'r>(request: &'r Received, name: &str) -> Option<&'r str> {
    let mut lines = request
        .head
        .lines()
        .filter_map(|line| line.split_once(": "));
    lines
        .find(|row| row.0.eq_ignore_ascii_case(name))
        .map(|row| row.1)
}

#[test]
fn a_base_path_per_service() {
    let local = Local::good();
    let [read] = &local.sent("", &["read", "pds-patient", "@number"])[..] else {
        panic!("one request");
    };
    assert_eq!(line(read), "GET /Patient/9000000009 HTTP/1.1");
    assert!(header(read, "x-request-id").is_some());
    // No key is needed where services are open.
    assert_eq!(header(read, "authorization"), None);
    let search = ["search", "pds-patient", "family=Gray"];
    let [search] = &local.sent("", &search)[..] else {
        panic!("one request");
    };
    assert_eq!(line(search), "GET /Patient?family=Gray HTTP/1.1");
    let [related] = &local.sent("", &["pds-patient", "@number", "RelatedPerson"])[..] else {
        panic!("one request");
    };
    assert_eq!(
        line(related),
        "GET /Patient/9000000009/RelatedPerson HTTP/1.1"
    );
    let (organization, identifier) = local.bench.device();
    let look_up = ["search", "sds-device", &organization, &identifier];
    let [look_up] = &local.sent("", &look_up)[..] else {
        panic!("one request");
    };
    assert!(look_up.path.starts_with("/sds/Device?"), "{}", look_up.path);
    assert!(header(look_up, "apikey").is_some());

    // Other settings of the same kind.
    let check = |settings: &str, expect: &str| {
        let settings = format!("[environments.a]\nsystem = \"nhs\"\n{settings}");
        fs::write(local.folder.path("other.toml"), settings).unwrap();
        let args = ["read", "pds-patient", "@number", "--config", "other.toml"];
        local.refused("", &args, expect);
    };
    check(
        "pds-base = \"http://127.0.0.1:9\"\n",
        "environments.a: missing base",
    );
    check("open = true\n", "environments.a: missing base");
    check(
        "pds-base = 1\nopen = true\n",
        "invalid pds-base: expected a string",
    );
    check(
        "base = \"http://a.example\"\nopen = \"yes\"\n",
        "invalid open: expected a boolean",
    );
    check(
        "pds-base = \"a b\"\nopen = true\n",
        "invalid address: expected a URL",
    );
    check(
        "pds-base = \"http://a.example\"\nopen = true\n",
        "is not https",
    );
}

#[test]
fn coverage() {
    let local = Local::good();
    let [read] = &local.sent("9000000009", &["read", "pds-coverage", "-"])[..] else {
        panic!("one request");
    };
    assert_eq!(
        line(read),
        "GET /Coverage?subscriber:identifier=9000000009 HTTP/1.1"
    );
    let coverage = json!({
        "resourceType": "Coverage",
        "status": "active",
        "subscriber": {"identifier": {"value": "9000000009"}},
    });
    let body = coverage.to_string();
    // The version is that of what is there.
    let create = ["create", "pds-coverage", "--body", "-"];
    let [read, create_sent] = &local.sent(&body, &create)[..] else {
        panic!("two requests");
    };
    assert!(line(read).starts_with("GET /Coverage?"));
    assert_eq!(line(create_sent), "POST /Coverage HTTP/1.1");
    assert_eq!(header(create_sent, "if-match"), Some("W/\"7\""));
    assert_eq!(
        header(create_sent, "content-type"),
        Some("application/fhir+json")
    );
    assert_eq!(create_sent.body, body);
    let versioned = [&create[..], &["--if-match", "3"]].concat();
    let [only] = &local.sent(&body, &versioned)[..] else {
        panic!("one request");
    };
    assert_eq!(header(only, "if-match"), Some("W/\"3\""));

    local.refused("{}", &create, "invalid body: expected a Coverage");
    local.refused(PATIENT, &create, "invalid body: expected a Coverage");
    local.refused("{", &create, "invalid JSON");
    let unknown =
        r#"{"resourceType":"Coverage","subscriber":{"identifier":{"value":"9000000000"}}}"#;
    local.refused(unknown, &create, "expected an NHS number");
    local.refused(
        &body,
        &[&create[..], &["--dry-run"]].concat(),
        "missing --if-match",
    );
    local.refused("", &["read", "pds-coverage", "-"], "missing NHS number");
    local.refused(
        "",
        &["read", "pds-coverage", "9000000009"],
        "it is patient data",
    );
}

#[test]
fn new_patients() {
    let local = Local::good();
    let patient =
        r#"{"resourceType":"Patient", "birthDate":"2010-10-22", "multipleBirthInteger": 1.10}"#;
    let create = ["create", "pds-patient", "--body", "-"];
    let [sent] = &local.sent(patient, &create)[..] else {
        panic!("one request");
    };
    assert_eq!(line(sent), "POST /Patient HTTP/1.1");
    assert_eq!(header(sent, "content-type"), Some("application/fhir+json"));
    assert_eq!(sent.body, patient);
    let birth = r#"{"resourceType":"Bundle","type":"message","entry":[]}"#;
    let notify = ["create", "pds-birth-details", "--body", "-"];
    let [sent] = &local.sent(birth, &notify)[..] else {
        panic!("one request");
    };
    assert_eq!(line(sent), "POST /Patient/$process-birth-details HTTP/1.1");
    assert_eq!(sent.body, birth);

    local.refused(birth, &create, "invalid body: expected a Patient");
    local.refused(patient, &notify, "invalid body: expected a Bundle");
    local.refused(
        patient,
        &[&create[..], &["--if-match", "2"]].concat(),
        "--if-match is not allowed here",
    );
    local.refused(
        patient,
        &[&create[..], &["--restricted"]].concat(),
        "--restricted is not allowed here",
    );
    local.refused("", &["create", "pds-patient"], "--body <FILE>");

    // The patient is there already: the answer is an outcome with status 200.
    let local = Local::start(|_| {
        let outcome = json!({"resourceType": "OperationOutcome", "issue": [{
            "severity": "information", "code": "informational",
            "details": {"coding": [{"code": "SINGLE_MATCH"}]},
        }]});
        (200, outcome.to_string())
    });
    let run = local.call(patient, &create);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.out.contains("SINGLE_MATCH"), "{}", run.out);
    assert!(
        run.err.contains("The patient has a record already"),
        "{}",
        run.err
    );
}

#[test]
fn a_patch_reads_the_version_itself() {
    let local = Local::good();
    let patch = ["patch", "pds-patient", "@number", "--body", "patch.json"];
    let [read, change] = &local.sent("", &patch)[..] else {
        panic!("two requests");
    };
    assert_eq!(line(read), "GET /Patient/9000000009 HTTP/1.1");
    assert_eq!(line(change), "PATCH /Patient/9000000009 HTTP/1.1");
    assert_eq!(header(change, "if-match"), Some("W/\"7\""));
    assert_ne!(header(read, "x-request-id"), header(change, "x-request-id"));
    let given = [&patch[..], &["--if-match", "2"]].concat();
    let [only] = &local.sent("", &given)[..] else {
        panic!("one request");
    };
    assert_eq!(header(only, "if-match"), Some("W/\"2\""));
    local.refused(
        "",
        &[&patch[..], &["--dry-run"]].concat(),
        "missing --if-match: --dry-run reads no version",
    );
    local.refused(
        "9000000009\n9000000017",
        &["patch", "pds-patient", "-", "--body", "patch.json"],
        "expected one line",
    );
    local.refused(
        "",
        &["patch", "sds-device", "x", "--body", "patch.json"],
        "pds-patient",
    );

    // The records were merged: somebody else's is not changed.
    let other = PATIENT.replace("9000000009", "9000000017");
    let local = Local::start(move |_| (200, other.clone()));
    let run = local.call("", &patch);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("nothing was changed"), "{}", run.err);
    assert!(!run.err.contains("settings"), "{}", run.err);
    assert_eq!(local.server.received().len(), 1);
    // What refuses the read is the answer.
    let local = Local::start(|_| (404, r#"{"resourceType":"OperationOutcome"}"#.to_owned()));
    let run = local.call("", &patch);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("OperationOutcome"), "{}", run.out);
    assert_eq!(local.server.received().len(), 1);
}

#[test]
fn several_patients() {
    let answer = |refusal: u16| {
        move |path: &str| match path {
            "/Patient/9000000017" => (
                refusal,
                r#"{"resourceType":"OperationOutcome","id":"refusal"}"#.to_owned(),
            ),
            path => {
                let number = path.rsplit('/').next().unwrap();
                (200, PATIENT.replace("9000000009", number))
            }
        }
    };
    let local = Local::start(answer(404));
    let read = ["read", "pds-patient", "-", "--format", "ndjson"];
    let two = local.call("9000000009\n900 000 0025\n", &read);
    assert_eq!((two.code, two.err.as_str()), (0, ""));
    assert_eq!(two.out.lines().count(), 2);
    local.server.received();

    // One that is unknown does not keep the others from being read.
    let run = local.call("9000000009\n9000000017\n\n9000000025\n", &read);
    assert_eq!(run.code, 1, "{}", run.err);
    let ids = run.out.lines().map(|line| {
        let resource: Value = serde_json::from_str(line).unwrap();
        resource["id"].as_str().unwrap().to_owned()
    });
    assert_eq!(
        ids.collect::<Vec<_>>(),
        ["9000000009", "refusal", "9000000025"]
    );
    assert!(run.err.starts_with("line 2:\nhealthcode: "), "{}", run.err);
    assert_eq!(local.server.received().len(), 3);

    // A refusal that is not for the patient ends it.
    let local = Local::start(answer(403));
    let run = local.call("9000000009\n9000000017\n9000000025\n", &read);
    assert_eq!(
        (run.code, run.err.contains("line 2")),
        (1, false),
        "{}",
        run.err
    );
    assert_eq!(local.server.received().len(), 2);
    // Nothing is sent if a line is wrong.
    local.refused(
        "9000000009\n9000000000\n",
        &read,
        "line 2: not an NHS number: check digit or length is wrong",
    );
}

#[test]
fn correlation_ids() {
    let local = Local::good();
    let id = "60e0b220-8136-4ca5-ae46-1d97ef59d068";
    let args = ["read", "pds-patient", "-", "--correlation-id", id];
    let sent = local.sent("9000000009\n9000000009", &args);
    assert_eq!(sent.len(), 2);
    assert!(
        sent.iter()
            .all(|one| header(one, "x-correlation-id") == Some(id))
    );
    let sent = local.sent("", &["read", "pds-patient", "@number"]);
    assert_eq!(header(&sent[0], "x-correlation-id"), None);
    for wrong in ["9000000009", "", "a b"] {
        let args = ["read", "pds-patient", "@number", "--correlation-id", wrong];
        local.refused("", &args, "invalid id: expected a UUID");
    }
    // Other services have it, too.
    let bench = Bench::start();
    for call in [
        &["search", "practitioner"][..],
        &["search", "graphnet-patient", "family=Gray"],
    ] {
        let run = bench.call(&[call, &["--correlation-id", id, "--dry-run"]].concat());
        let expect = format!("x-correlation-id: {id}");
        assert!(run.out.contains(&expect), "{} {}", run.out, run.err);
    }
}

#[test]
fn any_url_of_an_environment() {
    let local = Local::good();
    let url = |path: &str| format!("{}{path}", local.server.base);
    // The environment is the one that has the origin.
    let [sent] = &local.sent("", &["get", &url("/metadata")])[..] else {
        panic!("one request");
    };
    assert_eq!(line(sent), "GET /metadata HTTP/1.1");
    assert_eq!(header(sent, "accept"), Some("application/fhir+json"));
    assert_eq!(header(sent, "apikey"), None);
    let [sent] = &local.sent("", &["get", &url("/sds/Device/1")])[..] else {
        panic!("one request");
    };
    assert!(header(sent, "apikey").is_some());
    let [sent] = &local.sent(&url("/Patient/9000000009"), &["get", "-", "--env", "local"])[..]
    else {
        panic!("one request");
    };
    assert_eq!(line(sent), "GET /Patient/9000000009 HTTP/1.1");

    local.refused(
        "",
        &["get", &url("/Patient/9000000009")],
        "it is patient data",
    );
    local.refused(
        "",
        &["get", "http://127.0.0.2:9/metadata"],
        "has an address of the URL's origin",
    );
    local.refused(
        "",
        &["get", "metadata"],
        "has an address of the URL's origin",
    );
    local.refused("a\nb", &["get", "-"], "invalid URL: expected one line");
    local.refused(
        "",
        &["get", &url("/metadata"), "--product", "fhir"],
        "--product is not allowed here",
    );
    let run = local.call("", &["get", "http://127.0.0.2:9/x", "--env", "local"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("is not trusted"), "{}", run.err);

    // With the credentials of each system.
    let server = Foreign::start(|base, path| {
        let json = match path {
            "/discovery" => format!(r#"{{"search_practitioner_endpoint":"{base}/practitioner"}}"#),
            "/sso/.well-known/openid-configuration" => {
                format!(r#"{{"token_endpoint":"{base}/sso/token"}}"#)
            }
            "/sso/token" | "/care-token" => r#"{"access_token":"t0ken"}"#.to_owned(),
            _ => r#"{"resourceType":"CapabilityStatement"}"#.to_owned(),
        };
        (200, json)
    });
    let url = format!("{}/metadata", server.base);
    for (name, headers) in [
        ("own", &["authorization", "hc-api-version"][..]),
        ("care", &["authorization", "ocp-apim-subscription-key"]),
        ("open", &[]),
    ] {
        let run = server.call(&local.bench, "", &["get", &url, "--env", name]);
        assert_eq!(run.code, 0, "{name}: {}", run.err);
        assert!(run.out.contains("CapabilityStatement"));
        let received = server.received();
        let sent = received.iter().find(|one| one.path == "/metadata").unwrap();
        for wanted in headers {
            assert!(header(sent, wanted).is_some(), "{name}: {wanted}");
        }
        assert_eq!(header(sent, "authorization").is_some(), !headers.is_empty());
    }
    let run = server.call(&local.bench, "", &["get", &url]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("several environments are possible"),
        "{}",
        run.err
    );

    // Of a sandbox: the system is the one at the origin.
    let bench = Bench::start();
    let address = format!(
        "{}/personal-demographics/FHIR/R4/Patient/9000000009",
        bench.urls().nhs
    );
    let run = bench.call_with(&address, &["get", "-"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(run.out.contains("9000000009"));
    let graphnet = format!("{}/metadata", bench.urls().graphnet);
    let run = bench.call(&["get", &graphnet, "--dry-run"]);
    assert!(run.out.contains("ocp-apim-subscription-key"), "{}", run.err);
    let healthcode = bench
        .urls()
        .discovery
        .replace(".well-known/discovery-document.json", "x");
    let run = bench.call(&["get", &healthcode, "--dry-run"]);
    assert!(run.out.contains("hc-api-version"), "{}", run.err);
    let run = bench.call(&["get", "http://127.0.0.2:9/x"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("the sandbox has no service at this URL"),
        "{}",
        run.err
    );
}
