//! What is more than a search: reads, writes, tokens, users, products, and providers behind the proxy.

use super::kit::{Bench, serve};
use crate::{Folder, Run};
use serde_json::{Value, json};
use std::fs;

fn json_of(run: &Run) -> Value {
    assert_eq!(run.code, 0, "{} {}", run.out, run.err);
    serde_json::from_str(&run.out).unwrap()
}

/// Standard error is empty: only the answer is printed.
fn quiet(run: Run) -> Value {
    assert_eq!(run.err, "", "{}", run.out);
    json_of(&run)
}

fn text(json: &Value, pointer: &str) -> String {
    let found = json.pointer(pointer).and_then(Value::as_str);
    found
        .unwrap_or_else(|| panic!("{pointer} in {json}"))
        .to_owned()
}

#[test]
fn resources_of_healthcode() {
    let bench = Bench::start();
    let file = |name: &str, json: &Value| fs::write(bench.path(name), json.to_string()).unwrap();
    let own = bench.practitioner();
    let read = quiet(bench.call(&["practitioner", &own]));
    assert_eq!(
        (text(&read, "/resourceType"), text(&read, "/id")),
        ("Practitioner".into(), own.clone())
    );

    let actor = format!("Practitioner/{own}");
    file(
        "new.json",
        &json!({"resourceType": "Schedule", "actor": [{"reference": actor}]}),
    );
    let made = quiet(bench.call(&["create-schedule", "--body", "new.json"]));
    let id = text(&made, "/id");
    assert_eq!(text(&made, "/meta/versionId"), "1");
    assert_eq!(quiet(bench.call(&["create-schedule", &id])), made);

    let mut changed = made.clone();
    changed["comment"] = json!("now");
    file("changed.json", &changed);
    let update = [
        "create-schedule",
        &id,
        "--update",
        "--body",
        "changed.json",
        "--if-match",
    ];
    let with = |version: &'static str| [&update[..], &[version]].concat();
    assert_eq!(text(&quiet(bench.call(&with("1"))), "/meta/versionId"), "2");
    // The same once more is not done: the version is another by now.
    let run = bench.call(&with("1"));
    assert_eq!(run.code, 1);
    assert!(
        run.out.contains("OperationOutcome") && run.err.contains("HTTP status 4"),
        "{}",
        run.err
    );
    // A version may be written as HTTP has it, and may be left out.
    assert_eq!(
        text(&quiet(bench.call(&with("W/\"2\""))), "/meta/versionId"),
        "3"
    );
    assert_eq!(
        text(&quiet(bench.call(&update[..5])), "/meta/versionId"),
        "4"
    );

    let body = changed.to_string();
    let made = quiet(bench.call_with(&body, &["create-schedule", "--body", "-"]));
    assert_ne!(text(&made, "/id"), id);

    let delete = ["create-schedule", &id, "--delete", "--if-match"];
    assert_eq!(bench.call(&[&delete[..], &["3"]].concat()).code, 1);
    let outcome = quiet(bench.call(&[&delete[..], &["4"]].concat()));
    assert_eq!(text(&outcome, "/issue/0/severity"), "information");
    let run = bench.call(&["create-schedule", &id]);
    assert_eq!(run.code, 1);
    assert!(
        run.err.contains("MSG_REFERENCE_ID_NOT_FOUND"),
        "{}",
        run.err
    );
}

const RELATED: &str = "9000000009";

#[test]
fn patients_by_number() {
    let bench = Bench::start();
    fs::write(bench.path("number.txt"), "\n 9000000009 \n").unwrap();
    let read = quiet(bench.call_with("900 000 0009\n", &["pds-patient", "-"]));
    assert_eq!(text(&read, "/id"), RELATED);
    assert_eq!(quiet(bench.call(&["pds-patient", "@number.txt"])), read);
    assert_eq!(
        quiet(bench.call(&["pds-patient", "@number.txt", "--as-user"])),
        read
    );
    let related = quiet(bench.call(&["pds-patient", "@number.txt", "RelatedPerson"]));
    assert_eq!(text(&related, "/resourceType"), "Bundle");

    // Parameters come the same way, among those of the command line.
    fs::write(
        bench.path("who.txt"),
        "family=Smith\r\nbirthdate=2010-10-22\r\n",
    )
    .unwrap();
    let found = quiet(bench.call(&["pds-patient", "@who.txt", "gender=female"]));
    assert_eq!(text(&found, "/entry/0/resource/id"), RELATED);
    let input = "identifier=https://fhir.nhs.uk/Id/nhs-number|9000000009";
    let found = quiet(bench.call_with(input, &["graphnet-patient", "-"]));
    assert_eq!(text(&found, "/entry/0/resource/id"), RELATED);
    assert_eq!(
        quiet(bench.call(&["graphnet-patient", "@number.txt"]))["id"],
        RELATED
    );

    // A change of the version that was read.
    let version = text(&read, "/meta/versionId");
    let patch = json!([{"op": "replace", "path": "/gender", "value": "unknown"}]);
    fs::write(bench.path("patch.json"), patch.to_string()).unwrap();
    let update = [
        "pds-patient",
        "@number.txt",
        "--update",
        "--body",
        "patch.json",
        "--if-match",
        &version,
    ];
    assert_eq!(text(&quiet(bench.call(&update)), "/gender"), "unknown");
    let run = bench.call(&update);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("RESOURCE_VERSION_MISMATCH"), "{}", run.err);
    // As it is sent, in patches.
    let patches = json!({"patches": patch});
    let next = (version.parse::<u64>().unwrap() + 1).to_string();
    let update = [
        "pds-patient",
        "@number.txt",
        "--update",
        "--body",
        "-",
        "--if-match",
        &next,
    ];
    quiet(bench.call_with(&patches.to_string(), &update));

    // A record that was merged with another: that is said, and of whom it is not.
    let run = bench.call_with("9000000017", &["pds-patient", "-"]);
    assert_eq!(json_of(&run)["id"], RELATED);
    let expect = "warning: the records were merged: the patient has another NHS number now\n";
    assert_eq!(run.err, expect);
}

#[test]
fn tokens_alone() {
    let bench = Bench::start();
    let check = |args: &[&str], claims: bool| {
        let said = quiet(bench.call(args));
        assert_eq!(
            (&said["token_type"], &said["access_token"]),
            (&json!("Bearer"), &json!("[redacted]"))
        );
        assert!(
            said["expires_in"]
                .as_u64()
                .is_some_and(|seconds| seconds > 60),
            "{said}"
        );
        assert_eq!(said.get("claims").is_some(), claims, "{said}");
    };
    check(&["healthcode-token"], false);
    check(&["nhs-token"], false);
    check(&["nhs-token", "--as-user"], false);
    check(&["graphnet-token"], true);
}

#[test]
fn products_of_graphnet() {
    let bench = Bench::start();
    let find = |product: &[&str]| {
        let args = ["graphnet-api", "PatientSearch", "--body", "-"];
        let body = r#"{"NhsNumber": "9000000009", "PageSize": 5}"#;
        bench.call_with(body, &[&args, product].concat())
    };
    let found = quiet(find(&["--product", "demographics"]));
    assert_eq!(found["TotalItemCount"], 1);
    assert_eq!(found["PatientCollection"][0]["NhsNumber"], RELATED);
    let run = find(&[]);
    assert_eq!(run.code, 1);
    assert!(
        run.out.contains("due to invalid subscription key"),
        "{}",
        run.out
    );
    assert!(run.err.contains("HTTP status 401"), "{}", run.err);
    let run = find(&["--product", "pathology"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .contains("expected fhir or demographics, which the sandbox has"),
        "{}",
        run.err
    );
}

fn claims() -> Value {
    json!({
        "iss": "https://consumer.example.nhs.uk",
        "sub": "1",
        "reason_for_request": "directcare",
        "requested_scope": "patient/*.read",
        "requesting_device": {
            "resourceType": "Device",
            "identifier": [{"system": "https://consumer.example.nhs.uk/id", "value": "1"}],
            "model": "Model",
            "version": "1.0",
        },
        "requesting_organization": {
            "resourceType": "Organization",
            "identifier": [{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "A20047"}],
            "name": "A practice",
        },
        "requesting_practitioner": {
            "resourceType": "Practitioner",
            "id": "1",
            "identifier": [
                {"system": "https://fhir.nhs.uk/Id/sds-user-id", "value": "UNK"},
                {"system": "https://fhir.nhs.uk/Id/sds-role-profile-id", "value": "UNK"},
                {"system": "https://consumer.example.nhs.uk/user", "value": "u1"},
            ],
            "name": [{"family": "Jones", "given": ["Claire"], "prefix": ["Dr"]}],
        },
    })
}

const READ: &str = "interaction=urn:nhs:names:services:gpconnect:fhir:rest:read:patient-1";
const STRUCTURED: &str =
    "interaction=urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1";
const RECORD: &str = "interaction=urn:nhs:names:services:nrl:SspRetrieval.read";

/// By mutual TLS, from the directory to the provider; and what the capture of it has.
#[test]
fn providers_behind_the_proxy() {
    let bench = Bench::start();
    let _server = serve(&bench, &["--tls", "--tls-dir", "tls"], "tls.toml");
    fs::write(bench.path("claims.json"), claims().to_string()).unwrap();
    let mut flat = claims();
    flat["scope"] = flat["requested_scope"].take();
    flat.as_object_mut()
        .unwrap()
        .retain(|name, _| !name.starts_with("request"));
    for (name, value) in [
        (
            "requesting_system",
            "https://fhir.nhs.uk/Id/accredited-system|200000000205",
        ),
        (
            "requesting_organization",
            "https://fhir.nhs.uk/Id/ods-organization-code|A20047",
        ),
        (
            "requesting_user",
            "https://fhir.nhs.uk/Id/sds-role-profile-id|555021935107",
        ),
        (
            "sub",
            "https://fhir.nhs.uk/Id/sds-role-profile-id|555021935107",
        ),
    ] {
        flat[name] = json!(value);
    }
    fs::write(bench.path("flat.json"), flat.to_string()).unwrap();
    fs::write(bench.path("path.txt"), "path=Patient/9000000009").unwrap();
    let parameters = json!({"resourceType": "Parameters", "parameter": [{
        "name": "patientNHSNumber",
        "valueIdentifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": RELATED},
    }]});
    fs::write(bench.path("parameters.json"), parameters.to_string()).unwrap();
    let call = |claims: &str, words: &[&str]| {
        let args = ["call", "--sandbox", "tls.toml", "ssp", "--claims", claims];
        bench.run(&bench.folder(), &[&args, words].concat(), &[])
    };
    let practice = "organization=A20047";
    let run = call(
        "claims.json",
        &[READ, practice, "@path.txt", "--capture", "ssp.har"],
    );
    assert_eq!(json_of(&run)["id"], RELATED);
    let har = fs::read_to_string(bench.path("ssp.har")).unwrap();
    assert_eq!(bench.leak(&har, &[]), None);
    assert!(har.contains("ssp-traceid") && har.contains("928942012545"));
    let har: Value = serde_json::from_str(&har).unwrap();
    assert_eq!(har["log"]["entries"].as_array().unwrap().len(), 3);
    let run = bench.run(
        &bench.folder(),
        &["validate", "--format", "ndjson", "ssp.har"],
        &[],
    );
    let wrong = run
        .out
        .lines()
        .filter(|line| line.contains("EXCHANGE-") && line.contains("\"error\""));
    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<&str>::new());

    let structured = [
        STRUCTURED,
        practice,
        "path=Patient/$gpc.getstructuredrecord",
        "--body",
        "parameters.json",
    ];
    let found = quiet(call("claims.json", &structured));
    assert_eq!(found["entry"][0]["resource"]["id"], RELATED);
    // What is known is not looked up in the directory.
    let known = [
        "root=https://provider.example.nhs.uk/A20047/STU3/1/gpconnect",
        "to=928942012545",
    ];
    let found = quiet(call(
        "claims.json",
        &[READ, known[0], known[1], "@path.txt"],
    ));
    assert_eq!(found["id"], RELATED);
    let found = quiet(call("flat.json", &[RECORD, practice, "path=documents/1"]));
    assert_eq!(found["resourceType"], "Binary");
    // Claims of the other kind are refused by the proxy, which says why.
    let run = call("flat.json", &[READ, practice, "@path.txt"]);
    assert_eq!(run.code, 1);
    assert!(
        run.out.contains("OperationOutcome") && run.err.contains("BAD_REQUEST"),
        "{}",
        run.err
    );
    // Without a proxy nothing is sent.
    let args = [
        "ssp",
        "--claims",
        "claims.json",
        READ,
        practice,
        "@path.txt",
    ];
    let run = bench.call(&args);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("a sandbox has one with --tls"),
        "{}",
        run.err
    );
}

#[test]
fn what_cannot_be_meant() {
    let bench = Bench::start();
    let before = bench.requests();
    for (name, text) in [
        ("patient.json", r#"{"resourceType": "Patient"}"#),
        ("none.json", r#"{"a": 1}"#),
        ("bad.json", "{\n  "),
        ("number", "9000000009"),
        ("claims.json", &claims().to_string()),
        ("timed.json", r#"{"iat": 1}"#),
        (
            "scopes.json",
            r#"{"iss": "a", "sub": "b", "reason_for_request": "c"}"#,
        ),
    ] {
        fs::write(bench.path(name), text).unwrap();
    }
    let check = |args: &[&str], expect: &str| {
        let run = bench.call(args);
        assert_eq!(
            (run.code, run.out.as_str()),
            (2, ""),
            "{args:?} {}",
            run.err
        );
        assert!(run.err.contains(expect), "{expect} in {}", run.err);
        assert!(!run.err.contains("9000000009"), "{}", run.err);
    };
    // An NHS number is not for the command line.
    check(
        &["pds-patient", "9000000009"],
        "give the word by - (a line of standard input) or @FILE",
    );
    check(
        &[
            "graphnet-patient",
            "identifier=https://fhir.nhs.uk/Id/nhs-number|9000000009",
        ],
        "an NHS number is not allowed here: it is patient data",
    );
    check(&["pds-patient", "@nothing"], "nothing: No such file");
    check(
        &["pds-patient", "-", "--update", "--body", "-"],
        "standard input can be read only once",
    );
    check(
        &["pds-patient", "SP00001"],
        "not an NHS number: check digit or length is wrong",
    );
    check(
        &["pds-patient", "@number", "Coverage"],
        "line 2: not an NHS number",
    );
    check(
        &["pds-patient", "@number", "family=Smith"],
        "parameters are for call search",
    );
    check(&["pds-patient", "@number", "--delete"], "deletes nothing");
    check(&["pds-patient", "@number", "--update"], "--body <FILE>");
    check(
        &["pds-patient", "@number", "--update", "--body", "none.json"],
        "expected an array of operations",
    );
    check(&["sds-device", "x"], "it reads nothing by id");
    check(
        &["graphnet-patient", "@number", "--delete"],
        "it is only read",
    );
    check(&["graphnet-patient", "a", "b"], "takes one id");
    check(&["find-member", "x"], "reads nothing by id");
    check(
        &["practitioner", "SP1", "family=Smith"],
        "parameters are for call search",
    );
    check(
        &["practitioner", "--update", "--body", "patient.json"],
        "<ID>",
    );
    check(&["create-schedule", "1", "--update"], "--body <FILE>");
    check(
        &["create-schedule", "--body", "patient.json"],
        "expected a Schedule; found a Patient",
    );
    check(
        &["create-schedule", "--body", "none.json"],
        "not a resource of FHIR R4",
    );
    check(&["create-schedule", "--body", "bad.json"], "bad.json: ");
    check(
        &["create-schedule", "1", "--update", "--delete"],
        "cannot be used with",
    );
    // What would be passed over is refused.
    check(
        &["practitioner", "--body", "patient.json"],
        "practitioner is not allowed here: it takes no resource",
    );
    check(
        &["practitioner", "SP1", "--if-match", "1"],
        "unexpected argument '--if-match'",
    );
    check(
        &["practitioner", "--as-user"],
        "--as-user is not allowed here: it is for the NHS's platform",
    );
    check(
        &["pds-patient", "family=Smith", "--product", "x"],
        "--product is not allowed here: it is for Graphnet",
    );
    check(
        &["practitioner", "--claims", "claims.json"],
        "unexpected argument '--claims'",
    );
    check(
        &["nhs-token", "family=Smith"],
        "nhs-token takes no parameters",
    );
    check(&["graphnet-api", "x"], "--body <FILE>");
    check(&["graphnet-api", "--body", "none.json"], "<PATH>");
    check(
        &["graphnet-api", "x", "--body", "bad.json"],
        "bad.json: line 2, column 2: invalid JSON",
    );
    let ssp = |words: &[&str], expect: &str| check(&[&["ssp"], words].concat(), expect);
    ssp(&["path=x"], "--interaction <URN>");
    ssp(&[READ], "--path <PATH>");
    ssp(&["x"], "ssp takes NAME=VALUE");
    ssp(&["interaction=x", "path=x"], "--interaction <URN>: ");
    ssp(
        &[
            READ,
            "path=x",
            "organization=A20047",
            "root=https://a.example",
            "to=928942012545",
            "--claims",
            "claims.json",
        ],
        "cannot be used with",
    );
    ssp(&[READ, "path=x", "root=https://a.example"], "--to <ASID>");
    ssp(&[READ, "path=x", "organization=A20047"], "--claims <FILE>");
    ssp(&[READ, READ, "path=x"], "cannot be used multiple times");
    ssp(
        &[READ, "path=x", "organization=A20047", "more=1"],
        "unexpected argument '--more'",
    );
    let claimed = |file: &str, expect: &str| {
        ssp(
            &[READ, "path=x", "organization=A20047", "--claims", file],
            expect,
        );
    };
    claimed(
        "timed.json",
        "iat is not allowed here: it is set for each request",
    );
    claimed("none.json", "missing iss");
    claimed("scopes.json", "expected either requested_scope");
    claimed("bad.json", "invalid JSON");
    assert_eq!(bench.requests(), before);
}

/// Of every verb the exact request, with neither credentials nor any that are needed.
#[test]
fn dry_runs() {
    let bench = Bench::start();
    let settings = "[environments.uat]\nsystem = \"healthcode\"\nsite = \"HC00ABC\"\n\
        [environments.int]\nsystem = \"nhs\"\nbase = \"https://int.api.service.nhs.uk\"\nkid = \"int-1\"\n\
        private-key-file = \"none.pem\"\nrole = \"555021935107\"\n\
        proxy = \"https://proxy.example.nhs.uk\"\nasid = \"200000000205\"\n\
        [environments.care]\nsystem = \"graphnet\"\nbase = \"https://gateway.example.org/fhir\"\n\
        api = \"https://gateway.example.org/api\"\ntoken = \"https://sso.example.org/token\"\n\
        client-id = \"own\"\n";
    let files = [
        ("healthcode.toml", settings.to_owned()),
        (
            "schedule.json",
            r#"{"resourceType":"Schedule","actor":[{"display":"O'Neil"}]}"#.to_owned(),
        ),
        ("number", "9000000009".to_owned()),
        (
            "patch.json",
            r#"[{"op":"remove","path":"/telecom/0"}]"#.to_owned(),
        ),
        ("find.json", r#"{"Surname":"Smith"}"#.to_owned()),
        ("claims.json", claims().to_string()),
    ];
    let files = files
        .each_ref()
        .map(|(name, text)| (*name, text.as_bytes()));
    let folder = Folder::new(&files);
    let dry = |args: &[&str]| {
        let run = bench.run(&folder.path(""), &[&["call"], args].concat(), &[]);
        assert_eq!(run.code, 0, "{args:?}: {}", run.err);
        assert_eq!(run.err.lines().count(), 1, "{args:?}: {}", run.err);
        // Ids are new each time.
        let mut out = run.out;
        for name in ["x-request-id: ", "ssp-traceid: "] {
            if let Some((before, after)) = out.clone().split_once(name) {
                out = format!("{before}{name}UUID{}", &after[36..]);
            }
        }
        out
    };
    let mut all = String::new();
    let calls: &[&[&str]] = &[
        &["practitioner", "SP00001"],
        &["create-schedule", "--body", "schedule.json"],
        &[
            "create-schedule",
            "S1",
            "--update",
            "--body",
            "schedule.json",
            "--if-match",
            "3",
        ],
        &["create-schedule", "S1", "--delete"],
        &["pds-patient", "@number"],
        &["pds-patient", "@number", "RelatedPerson", "--as-user"],
        &[
            "pds-patient",
            "@number",
            "--update",
            "--body",
            "patch.json",
            "--if-match",
            "2",
        ],
        &["graphnet-patient", "p1", "--product", "fhir"],
        &[
            "graphnet-api",
            "PatientSearch",
            "--body",
            "find.json",
            "--product",
            "demographics",
        ],
        &[
            "ssp",
            READ,
            "root=https://gp.example.nhs.uk/A20047/STU3/1",
            "to=928942012545",
            "path=Patient/1",
            "--claims",
            "claims.json",
        ],
        &["healthcode-token"],
        &["nhs-token"],
        &["nhs-token", "--as-user"],
        &["graphnet-token"],
    ];
    for call in calls {
        for form in ["--dry-run", "--dry-run=curl"] {
            let text = dry(&[call, &[form][..]].concat());
            all.push_str(&format!(
                "# {} {form}\n{}\n\n",
                call.join(" "),
                text.trim_end()
            ));
        }
    }
    insta::assert_snapshot!("dry_runs", all);
    let run = bench.run(
        &folder.path(""),
        &[
            "call",
            "ssp",
            "--dry-run",
            READ,
            "organization=A20047",
            "path=x",
            "--claims",
            "claims.json",
        ],
        &[],
    );
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("--dry-run does not use the directory"),
        "{}",
        run.err
    );
}

/// Products and users of environments: each has a secret of its own, in a variable.
#[test]
fn secrets_of_products_and_users() {
    let bench = Bench::start();
    let (urls, own) = (bench.urls(), bench.credentials());
    let settings = format!(
        "[environments.care]\nsystem = \"graphnet\"\nbase = {:?}\napi = {:?}\ntoken = {:?}\n\
         client-id = {:?}\n[environments.int]\nsystem = \"nhs\"\nbase = {:?}\nkid = \"sandbox-1\"\n\
         private-key-file = \"key.pem\"\n",
        urls.graphnet, urls.graphnet_api, urls.graphnet_token, own.graphnet.client_id, urls.nhs,
    );
    let folder = Folder::new(&[
        ("healthcode.toml", settings.as_bytes()),
        ("key.pem", bench.secret("private_key").as_bytes()),
        ("find.json", br#"{"NhsNumber":"9000000009"}"#),
        ("number", b"9000000009"),
    ]);
    let id_token = bench.printed_value("id_token");
    let secret = (
        "HEALTHCODE_CARE_CLIENT_SECRET",
        bench.secret("client_secret"),
    );
    let find = ["graphnet-api", "PatientSearch", "--body", "find.json"];
    let product = [&find[..], &["--product", "demographics"]].concat();
    let fhir = (
        "HEALTHCODE_CARE_SUBSCRIPTION_KEY",
        bench.secret("subscription_key"),
    );
    let demographics = (
        "HEALTHCODE_CARE_SUBSCRIPTION_KEY_DEMOGRAPHICS",
        bench.secret("demographics_key"),
    );
    let nhs = ("HEALTHCODE_INT_API_KEY", bench.secret("api_key"));
    let user = ["pds-patient", "@number", "--as-user"];
    let check = |args: &[&str], secrets: &[(&str, String)], code: i32, expect: &str| {
        let run = bench.run(&folder.path(""), &[&["call"], args].concat(), secrets);
        assert_eq!(run.code, code, "{args:?} {}", run.err);
        assert!(
            format!("{}{}", run.out, run.err).contains(expect),
            "{expect} in {}",
            run.err
        );
        assert!(!id_token.is_empty() && !run.err.contains(&id_token));
    };
    check(
        &product,
        &[secret.clone(), demographics],
        0,
        "\"TotalItemCount\": 1",
    );
    check(
        &find,
        &[secret.clone(), fhir.clone()],
        1,
        "invalid subscription key",
    );
    check(
        &product,
        &[secret, fhir],
        2,
        "missing variable HEALTHCODE_CARE_SUBSCRIPTION_KEY_DEMOGRAPHICS",
    );
    check(
        &user,
        &[nhs.clone(), ("HEALTHCODE_INT_ID_TOKEN", id_token.clone())],
        0,
        "\"Patient\"",
    );
    check(
        &user,
        std::slice::from_ref(&nhs),
        2,
        "missing variable HEALTHCODE_INT_ID_TOKEN",
    );
    let wrong = [nhs, ("HEALTHCODE_INT_ID_TOKEN", "access-token".to_owned())];
    check(&user, &wrong, 1, "it says: Malformed JWT in subject_token");
}
