//! `healthcode call`, against sandboxes of this process. Whatever it writes is searched for secrets,
//! and standard error for patients too, after every run.

mod capture;
mod foreign;
mod forms;
mod kit;
mod services;
mod syntax;
mod verbs;

use crate::Folder;
use healthcode_sandbox::Fault;
use kit::{Bench, count, serve};
use std::fs;
use std::time::Duration;

#[test]
fn every_system_answers() {
    let bench = Bench::start();
    let check = |args: &[&str], expect: &[&str]| {
        let run = bench.call(args);
        assert_eq!(
            (run.code, run.err.as_str()),
            (0, ""),
            "{args:?} {}",
            run.out
        );
        for text in expect {
            assert!(run.out.contains(text), "{text} in {}", run.out);
        }
    };
    check(
        &["practitioner", "count=200", "family=Smith"],
        &["\"Practitioner\"", "\"family\": \"Smith\""],
    );
    check(
        &[
            "practitioner-role",
            "--restricted",
            "near=51.5,-0.12,20km",
            "sort=distance:asc",
            "count=100",
        ],
        &["\"PractitionerRole\""],
    );
    check(
        &[
            "practitioner-photo",
            "--restricted",
            bench.practitioner().as_str(),
        ],
        &["\"Parameters\"", "\"photo\""],
    );
    check(
        &[
            "pds-patient",
            "family=Smith",
            "gender=female",
            "birthdate=2010-10-22",
        ],
        &["9000000009"],
    );
    check(&["graphnet-patient", "family=Smith"], &["\"Smith\""]);
    let device = bench.device();
    check(
        &["sds-device", &device.0, &device.1, "--format", "ndjson"],
        &["{\"resourceType\":\"Device\""],
    );
}

/// What `healthcode sandbox` prints is what `--sandbox` takes, over TLS too.
#[test]
fn a_sandbox_of_its_own() {
    let bench = Bench::start();
    for options in [&[][..], &["--tls", "--tls-dir", "tls"]] {
        let _server = serve(&bench, options, "printed.toml");
        for args in [
            &["practitioner", "family=Smith"][..],
            &["pds-patient", "family=Smith", "birthdate=2010-10-22"],
            &["graphnet-patient", "family=Smith"],
        ] {
            let args = [&["call", "--sandbox", "printed.toml"], args].concat();
            let run = bench.run(&bench.folder(), &args, &[]);
            assert_eq!(
                (run.code, run.err.as_str()),
                (0, ""),
                "{args:?} {options:?}"
            );
            assert!(count(&run.out) > 0, "{args:?}");
        }
    }
}

#[test]
fn pages_are_followed() {
    let bench = Bench::start();
    let query = [
        "practitioner",
        "gender=female",
        "count=7",
        "--format",
        "ndjson",
    ];
    let check = |pages: &[&str], expect: Option<usize>, more: bool| {
        let run = bench.call(&[&query[..], pages].concat());
        assert_eq!(run.code, 0, "{}", run.err);
        assert_eq!(run.err.contains("--pages all"), more, "{}", run.err);
        let lines = run.out.lines().count();
        assert!(
            run.out
                .lines()
                .all(|line| line.starts_with("{\"resourceType\":\"Practitioner\""))
        );
        expect.inspect(|expect| assert_eq!(lines, *expect));
        lines
    };
    check(&[], Some(7), true);
    check(&["--pages", "2"], Some(14), true);
    let all = check(&["--pages", "all"], None, false);
    assert!(all > 14);
    check(&["--pages", "9999"], Some(all), false);

    // As documents, one a page; what has no more pages is one.
    let check = |args: &[&str], expect: usize| {
        let run = bench.call(args);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
        let pages = serde_json::Deserializer::from_str(&run.out).into_iter::<serde_json::Value>();
        let pages: Vec<_> = pages.map(Result::unwrap).collect();
        assert!(pages.iter().all(|page| page["resourceType"] == "Bundle"));
        assert_eq!(pages.len(), expect, "{args:?}");
    };
    let count = format!("count={}", all.div_ceil(3));
    check(
        &["practitioner", "gender=female", &count, "--pages", "all"],
        3,
    );
    check(&["graphnet-patient", "family=Smith", "--pages", "all"], 1);
    let run = bench.call(&["practitioner", "--pages", "0"]);
    assert_eq!(run.code, 2);
}

#[test]
fn environments_of_the_settings() {
    let bench = Bench::start();
    let (urls, own) = (bench.urls(), bench.credentials());
    let settings = format!(
        r#"
        policy = "healthcode"
        [environments.shared-care]
        system = "graphnet"
        base = "{}"
        token = "{}"
        client-id = "{}"
        [environments.local]
        system = "healthcode"
        discovery = "{}"
        sign-on = "{}"
        key-id = "{}"
        site = "{}"
        [environments.int]
        system = "nhs"
        base = "{}"
        kid = "sandbox-1"
        private-key-file = "key.pem"
        organization = "A20047"
        "#,
        urls.graphnet,
        urls.graphnet_token,
        own.graphnet.client_id,
        urls.discovery,
        urls.sign_on,
        own.healthcode.id,
        own.healthcode.site,
        urls.nhs,
    );
    let folder = Folder::new(&[
        ("healthcode.toml", settings.as_bytes()),
        ("key.pem", bench.secret("private_key").as_bytes()),
        ("in/x.json", crate::PATIENT.as_bytes()),
    ]);
    let secrets = [
        ("HEALTHCODE_LOCAL_KEY", "key"),
        ("HEALTHCODE_INT_API_KEY", "api_key"),
        ("HEALTHCODE_SHARED_CARE_CLIENT_SECRET", "client_secret"),
        (
            "HEALTHCODE_SHARED_CARE_SUBSCRIPTION_KEY",
            "subscription_key",
        ),
    ];
    let secrets = secrets.map(|(name, secret)| (name, bench.secret(secret)));
    for args in [
        &["call", "practitioner", "family=Smith"][..],
        &["call", "--env", "local", "practitioner", "family=Smith"],
        &[
            "call",
            "--env",
            "int",
            "pds-patient",
            "family=Smith",
            "birthdate=2010-10-22",
        ],
        &["call", "graphnet-patient", "family=Smith"],
    ] {
        let run = bench.run(&folder.path("in"), args, &secrets);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
        assert!(count(&run.out) > 0, "{args:?}");
    }
    // What the token endpoint says of an assertion.
    let other = settings.replace("sandbox-1", "sandbox-2");
    fs::write(folder.path("other.toml"), other).unwrap();
    let args = [
        "call",
        "--config",
        "other.toml",
        "pds-patient",
        "family=Smith",
        "--capture",
        "x.har",
    ];
    let run = bench.run(&folder.path(""), &args, &secrets);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(
        run.err.contains(
            "it says: Invalid 'kid' header in client_assertion JWT - no matching public key"
        ),
        "{}",
        run.err
    );
    assert!(
        run.err
            .contains("Check kid, private-key-file and the variable of the api-key")
    );
    let har: serde_json::Value = serde_json::from_str(&folder.read("x.har")).unwrap();
    assert_eq!(har["log"]["entries"], serde_json::json!([]));
    // With an invalid key nothing is sent and no capture is begun.
    fs::write(folder.path("key.pem"), "no key").unwrap();
    let args = [
        "call",
        "--env",
        "int",
        "pds-patient",
        "family=Smith",
        "--capture",
        "y.har",
    ];
    let run = bench.run(&folder.path(""), &args, &secrets);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("could not be signed") && !folder.path("y.har").exists());
    // Other commands read the same file.
    let run = bench.run(&folder.path("in"), &["validate", "x.json"], &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    // Without a secret nothing is sent.
    let before = bench.requests();
    let run = bench.run(&folder.path(""), &["call", "practitioner"], &[]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.ends_with(
            "environments.local: missing variable HEALTHCODE_LOCAL_KEY, which has the key\n"
        ),
        "{}",
        run.err
    );
    assert_eq!(bench.requests(), before);
}

#[test]
fn settings_that_cannot_be_meant() {
    let bench = Bench::start();
    let check = |settings: &str, args: &[&str], expect: &str| {
        let folder = Folder::new(&[("healthcode.toml", settings.as_bytes())]);
        let run = bench.run(
            &folder.path(""),
            &[&["call", "practitioner"], args].concat(),
            &[],
        );
        assert_eq!(run.code, 2, "{settings}");
        assert!(run.err.contains(expect), "{expect} in {}", run.err);
        assert!(!run.err.contains("s3cret"), "{}", run.err);
    };
    let healthcode = "[environments.uat]\nsystem = \"healthcode\"\n";
    check(
        "",
        &[],
        "needs [environments.NAME] with system = \"healthcode\", or --sandbox",
    );
    check(
        "[environments.a]\nsystem = \"nhs\"",
        &[],
        "no environment is of the endpoint's system",
    );
    check(
        "[environments.a]\nsystem = \"nhs\"",
        &["--env", "a"],
        "invalid system: the environment is of nhs, but the endpoint is of healthcode",
    );
    check(
        "[environments.a]\nsystem = \"x\"",
        &["--env", "a"],
        "invalid system: expected one of healthcode, nhs, graphnet",
    );
    check(
        healthcode,
        &["--env", "ua"],
        "unknown environment ua: expected one of uat",
    );
    check(healthcode, &[], "environments.uat: missing key-id");
    check(
        &format!("{healthcode}sitt = \"A\""),
        &[],
        "environments.uat: unknown setting sitt: expected one of discovery, sign-on, key-id, site,",
    );
    check(
        &format!("{healthcode}sitt = \"A\""),
        &[],
        "; did you mean site?",
    );
    check(
        &format!("{healthcode}site = 1"),
        &["--dry-run"],
        "healthcode.toml: environments.uat: invalid site: expected a string",
    );
    check(
        &format!("{healthcode}discovery = \"https://a\""),
        &["--dry-run"],
        "missing sign-on, which discovery needs",
    );
    check(
        &format!("{healthcode}site = \"\""),
        &["--dry-run"],
        "invalid site: expected a string that is not empty",
    );
    check(
        &format!("{healthcode}allow-origins = [\"https://a\", 1]"),
        &["--dry-run"],
        "invalid allow-origins[1]: expected a string",
    );
    // A value is not repeated: it may be a secret in the wrong place.
    check(
        &format!("{healthcode}allow-origins = \"s3cret\""),
        &["--dry-run"],
        "invalid allow-origins: expected an array",
    );
    check(
        &format!("{healthcode}client-key-file = \"k.pem\""),
        &["--dry-run"],
        "missing client-certificate-file",
    );
    check(
        &format!("{healthcode}key = \"s3cret\""),
        &[],
        "key is not allowed here: it is a secret, which is kept in the variable HEALTHCODE_UAT_KEY",
    );
    check(
        &format!("{healthcode}key = s3cret"),
        &[],
        "healthcode.toml: line 3: invalid TOML",
    );
    check(
        "[environments.a]\nsystem=\"healthcode\"\n[environments.b]\nsystem=\"healthcode\"",
        &[],
        "missing --env: several environments are possible, such as a and b",
    );
    check(
        "environments = 1",
        &[],
        "invalid environments: expected a table",
    );
    let folder = Folder::new(&[("printed", b"[nhs]")]);
    let run = bench.run(
        &folder.path(""),
        &["call", "practitioner", "--sandbox", "printed"],
        &[],
    );
    assert!(
        run.err
            .ends_with("missing healthcode: expected the output of healthcode sandbox\n")
    );
}

#[test]
fn dry_runs_send_nothing_and_need_no_secret() {
    let bench = Bench::start();
    let settings = "[environments.uat]\nsystem = \"healthcode\"\nsite = \"HC00ABC\"\n\
        [environments.int]\nsystem = \"nhs\"\nbase = \"https://int.api.service.nhs.uk\"\nkid = \"int-1\"\n\
        private-key-file = \"none.pem\"\norganization = \"A20047\"\n\
        [environments.care]\nsystem = \"graphnet\"\nbase = \"https://gateway.example.org/fhir\"\n\
        token = \"https://sso.example.org/token\"\nclient-id = \"own\"\n";
    let discovery = br#"{"search_practitioner_endpoint": "https://ppr.example.org/practitioner"}"#;
    let folder = Folder::new(&[
        ("healthcode.toml", settings.as_bytes()),
        ("d.json", discovery),
    ]);
    let dry = |args: &[&str]| {
        let run = bench.run(&folder.path(""), &[&["call"], args].concat(), &[]);
        assert_eq!(run.code, 0, "{}", run.err);
        // Which environment is meant, and where it is from.
        let file = folder.path("healthcode.toml").display().to_string();
        assert!(
            run.err.starts_with("healthcode: environment "),
            "{}",
            run.err
        );
        assert!(run.err.ends_with(&format!(" of {file}\n")), "{}", run.err);
        let id = run
            .out
            .lines()
            .find(|line| line.contains("x-request-id: "))
            .unwrap();
        let id = id
            .split("x-request-id: ")
            .nth(1)
            .unwrap()
            .get(..36)
            .unwrap();
        run.out.replace(id, "UUID")
    };
    insta::assert_snapshot!(dry(&["practitioner", "family=Smith & Sons", "--dry-run"]), @r"
    GET {search_practitioner_endpoint}?family=Smith%20%26%20Sons HTTP/1.1
    accept: application/fhir+json
    content-type: application/fhir+json
    hc-api-version: 1
    su-siteid: HC00ABC
    x-request-id: UUID
    authorization: [redacted]
    ");
    insta::assert_snapshot!(dry(&["practitioner", "--dry-run=curl", "--discovery", "d.json"]), @r"
    curl --globoff --path-as-is --request GET \
      --url 'https://ppr.example.org/practitioner' \
      --header 'accept: application/fhir+json' \
      --header 'content-type: application/fhir+json' \
      --header 'hc-api-version: 1' \
      --header 'su-siteid: HC00ABC' \
      --header 'x-request-id: UUID' \
      --header 'authorization: [redacted]'
    ");
    insta::assert_snapshot!(dry(&["find-member", "--dry-run", "insurerIdentifier=bup", "lastName=O'Neil"]), @r"
    POST {find_member_endpoint} HTTP/1.1
    accept: application/fhir+json
    content-type: application/x-www-form-urlencoded
    hc-api-version: 1
    su-siteid: HC00ABC
    x-request-id: UUID
    authorization: [redacted]

    insurerIdentifier=bup&lastName=O%27Neil
    ");
    insta::assert_snapshot!(dry(&["code-sets", "procedure-code", "CCSD", "--dry-run"]), @r"
    GET {codes_valueset_namespace}/procedure-code/CCSD HTTP/1.1
    accept: application/fhir+json
    content-type: application/fhir+json
    hc-api-version: 1
    su-siteid: HC00ABC
    x-request-id: UUID
    authorization: [redacted]
    ");
    insta::assert_snapshot!(dry(&["pds-patient", "family=Smith", "--dry-run"]), @r"
    GET /personal-demographics/FHIR/R4/Patient?family=Smith HTTP/1.1
    host: int.api.service.nhs.uk
    accept: application/fhir+json
    nhsd-end-user-organisation-ods: A20047
    x-request-id: UUID
    authorization: [redacted]
    ");
    insta::assert_snapshot!(dry(&["graphnet-patient", "family=Smith", "--dry-run"]), @r"
    GET /fhir/Patient?family=Smith HTTP/1.1
    host: gateway.example.org
    accept: application/fhir+json
    ocp-apim-subscription-key: [redacted]
    x-request-id: UUID
    authorization: [redacted]
    ");
    // That it would not be called is not hidden.
    let run = bench.run(
        &folder.path(""),
        &[
            "call",
            "remittance-read",
            "--dry-run",
            "--discovery",
            "d.json",
        ],
        &[],
    );
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .contains("has no address under get_remittance_endpoint"),
        "{}",
        run.err
    );
}

#[test]
fn what_is_not_called() {
    let bench = Bench::start();
    let before = bench.requests();
    let check = |args: &[&str], expect: &str| {
        let run = bench.call(args);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}");
        assert!(run.err.contains(expect), "{expect} in {}", run.err);
    };
    check(
        &["practitioner-role"],
        "reserved for Healthcode's own products, and external integrators must not",
    );
    check(
        &["practitioner-restricted"],
        "; practitioner is the public call of the same address. --restricted",
    );
    check(&["practitionr"], "QUERY-ENDPOINT");
    check(&["practitioner", "familly=Smith"], "QUERY-NAME");
    check(
        &["Patient", "family=Smith"],
        "not an endpoint but a type of resource",
    );
    check(&["stu3-location"], "it belongs to no known service");
    check(&["create-schedule"], "--body <FILE>");
    check(&["code-sets", "name=value"], "it takes no parameters");
    assert_eq!(bench.requests(), before);
    check(
        &["practitioner-photo", "--restricted", ".."],
        "invalid id: expected neither an empty text nor dots",
    );
}

#[test]
fn failures_say_what_to_do() {
    let bench = Bench::start();
    let check = |fault: Option<Fault>, args: &[&str], out: &str, expect: &[&str]| {
        bench.faults(fault);
        let run = bench.call(args);
        assert_eq!(run.code, 1, "{args:?}: {}", run.err);
        assert!(run.out.contains(out), "{out} in {}", run.out);
        for text in expect {
            assert!(run.err.contains(text), "{text} in {}", run.err);
        }
    };
    let outcome = "\"resourceType\": \"OperationOutcome\"";
    check(
        None,
        &["practitioner-photo", "--restricted", "nobody"],
        outcome,
        &[
            "HTTP status 422",
            "MSG_REFERENCE_ID_NOT_FOUND",
            "; request ",
            "is printed",
        ],
    );
    check(
        None,
        &["code-sets", "procedure-code"],
        "",
        &["under codes_valueset_namespace", "has changed"],
    );
    let busy = Fault::Unavailable(Some(Duration::from_hours(1)));
    check(
        Some(busy),
        &["practitioner"],
        outcome,
        &["HTTP status 503", "asks to come back in 3600 s"],
    );
    check(
        Some(Fault::Dropped),
        &["practitioner"],
        "",
        &["the connection broke", "; 3 attempts", "Try again"],
    );
    check(
        Some(Fault::MalformedBody),
        &["practitioner"],
        "",
        &["not what was requested", "--capture"],
    );
    bench.faults(None);
    let other = Bench::start();
    let run = bench.run(
        &bench.folder(),
        &["call", "practitioner", "--sandbox", &other.printed()],
        &[],
    );
    assert_eq!(run.code, 0);
    let printed = other.printed();
    drop(other);
    let run = bench.run(
        &bench.folder(),
        &["call", "practitioner", "--sandbox", &printed],
        &[],
    );
    assert_eq!(run.code, 2, "its folder is gone: {}", run.err);
}

#[test]
fn http_is_for_this_machine_alone() {
    let bench = Bench::start();
    let settings = "[environments.a]\nsystem = \"healthcode\"\nkey-id = \"x\"\n\
        discovery = \"http://api.example.org/d\"\nsign-on = \"http://api.example.org/s\"\n";
    let folder = Folder::new(&[("healthcode.toml", settings.as_bytes())]);
    let secret = [("HEALTHCODE_A_KEY", "s3cret".to_owned())];
    let run = bench.run(&folder.path(""), &["call", "practitioner"], &secret);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("http://api.example.org is not https"),
        "{}",
        run.err
    );
    assert!(!run.err.contains("s3cret"));
}
