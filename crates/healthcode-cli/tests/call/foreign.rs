//! Servers that are not ours: what they answer amiss, and the refusals that they document.

use crate::call::kit::Bench;
use crate::{Folder, Run};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A server that answers a path with a status and a body, and keeps the requests that came.
pub(super) struct Foreign {
    pub(super) base: String,
    came: Arc<Mutex<Vec<Received>>>,
}

/// A request that came.
pub(super) struct Received {
    pub(super) path: String,
    /// The request line and the headers.
    pub(super) head: String,
    pub(super) body: String,
}

type Answer = (u16, String);

impl Foreign {
    pub(super) fn start(answer: impl Fn(&str, &str) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let came = Arc::<Mutex<Vec<Received>>>::default();
        let (kept, own) = (came.clone(), base.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let received = request(&stream);
                let (status, json) = answer(&own, &received.path);
                kept.lock().unwrap().push(received);
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: application/fhir+json\r\n\
                     etag: W/\"7\"\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    json.len()
                );
                let _ = (&stream).write_all(format!("{head}{json}").as_bytes());
            }
        });
        Foreign { base, came }
    }

    /// The bodies that were sent to a path.
    fn bodies(&self, path: &str) -> Vec<String> {
        let came = self.came.lock().unwrap();
        let own = came.iter().filter(|request| request.path.starts_with(path));
        own.map(|request| request.body.clone()).collect()
    }

    /// The requests that came since the last time.
    pub(super) fn received(&self) -> Vec<Received> {
        std::mem::take(&mut *self.came.lock().unwrap())
    }

    /// The command, with environments of this server.
    pub(super) fn call(&self, bench: &Bench, input: &str, args: &[&str]) -> Run {
        let base = &self.base;
        let settings = format!(
            "[environments.own]\nsystem = \"healthcode\"\nkey-id = \"x\"\n\
             discovery = \"{base}/discovery\"\nsign-on = \"{base}/sso/.well-known/openid-configuration\"\n\
             [environments.open]\nsystem = \"nhs\"\nbase = \"{base}\"\nopen = true\n\
             proxy = \"{base}/proxy\"\nasid = \"200000000205\"\n\
             [environments.care]\nsystem = \"graphnet\"\nbase = \"{base}/care\"\n\
             token = \"{base}/care-token\"\nclient-id = \"x\"\n"
        );
        let claims = r#"{"iss":"a","sub":"b","reason_for_request":"directcare","scope":"c"}"#;
        let files = [
            ("healthcode.toml", settings.as_str()),
            ("input", input),
            ("number", "9000000009"),
            ("claims.json", claims),
        ];
        let folder = Folder::new(&files.map(|file| (file.0, file.1.as_bytes())));
        let secrets = [
            ("HEALTHCODE_OWN_KEY", "s3cret-of-ours".to_owned()),
            ("HEALTHCODE_OPEN_API_KEY", "any-key".to_owned()),
            ("HEALTHCODE_CARE_CLIENT_SECRET", "s3cret".to_owned()),
            ("HEALTHCODE_CARE_SUBSCRIPTION_KEY", "k3y".to_owned()),
        ];
        let run = bench.run(&folder.path(""), &[&["call"], args].concat(), &secrets);
        assert!(!run.err.contains("s3cret"), "{}", run.err);
        run
    }
}

/// The one request of a connection.
fn request(stream: &TcpStream) -> Received {
    let mut reader = BufReader::new(stream);
    let (mut path, mut head, mut length) = (String::new(), String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 || line == "\r\n" {
            break;
        }
        if path.is_empty() {
            path = line.split(' ').nth(1).unwrap().to_owned();
        }
        head.push_str(&line);
        let (name, value) = line.split_once(": ").unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    Received { path, head, body }
}

fn outcome(severity: &str, kind: &str, code: &str) -> String {
    format!(
        r#"{{"resourceType":"OperationOutcome","issue":[{{"severity":"{severity}","code":"{kind}",
            "details":{{"coding":[{{"code":"{code}"}}]}}}}]}}"#
    )
}

const UPDATE: &[&str] = &[
    "pds-patient",
    "@number",
    "--update",
    "--body",
    "input",
    "--if-match",
    "2",
];
const REMOVE: &str = r#"[{"op":"remove","path":"/birthDate"}]"#;

/// Each documented code is named, with what helps against it; what the service says is printed.
#[test]
fn documented_refusals() {
    let bench = Bench::start();
    let check = |status: u16, code: &str, expect: &str, never: &str| {
        let body = outcome("information", "forbidden", code);
        let server = Foreign::start(move |_, _| (status, body.clone()));
        let run = server.call(&bench, REMOVE, UPDATE);
        assert_eq!(run.code, 1, "{code}: {}", run.err);
        assert!(run.out.contains(code), "{code}: {}", run.out);
        assert!(run.err.contains(code), "{code}: {}", run.err);
        assert!(!run.err.contains("not documented"), "{code}: {}", run.err);
        assert!(run.err.contains(expect), "{code}: {}", run.err);
        assert!(never.is_empty() || !run.err.contains(never), "{}", run.err);
    };
    let good = "The credentials are good";
    check(403, "FORBIDDEN_UPDATE", good, "check the site");
    check(403, "NO_PATIENT_CONSENT", "not shared", "check the site");
    check(
        403,
        "ACCESS_DENIED",
        "The credentials are not for this call",
        "",
    );
    check(401, "ACCESS_DENIED", "The token was refused", "");
    check(409, "RESOURCE_VERSION_MISMATCH", "read it again", "");
    check(409, "RESOURCE_VERSION_MISMATCH", "new ETag", "");
    check(412, "PRECONDITION_FAILED", "If-Match", "");
    check(400, "INVALID_UPDATE", "its id or url", "");
    check(404, "INVALIDATED_RESOURCE", "has been invalidated", "");
    check(404, "RESOURCE_NOT_FOUND", "no record", "");
    check(400, "TOO_MANY_VALUES_SUBMITTED", "A value is not one", "");
    check(
        400,
        "UNSUPPORTED_CHARACTERS_IN_FIELD",
        "A value is not one",
        "",
    );
    check(
        400,
        "ADDITIONAL_PROPERTIES",
        "is not one of the service's",
        "",
    );
    check(400, "INVALID_METHOD", "does not offer", "");
    check(200, "TOO_MANY_MATCHES", "Narrow the search", "");
    check(
        406,
        "MISSING_OR_INVALID_HEADER",
        "The request was refused",
        "",
    );
    check(
        500,
        "INTERNAL_SERVER_ERROR",
        "The fault is the service's",
        "",
    );
    // One that nobody documents is not shown on standard error.
    let body = outcome("error", "value", "OF_ITS_OWN");
    let server = Foreign::start(move |_, _| (400, body.clone()));
    let run = server.call(&bench, REMOVE, UPDATE);
    assert!(
        run.err.contains("a code that is not documented"),
        "{}",
        run.err
    );
    assert!(!run.err.contains("OF_ITS_OWN"), "{}", run.err);
}

/// Bodies are sent as they are written.
#[test]
fn digits_are_kept() {
    let bench = Bench::start();
    let patient = r#"{"resourceType":"Patient","id":"9000000009"}"#;
    let server = Foreign::start(move |base, path| {
        let json = match path {
            "/discovery" => format!(r#"{{"create_schedule_endpoint":"{base}/schedule"}}"#),
            "/sso/.well-known/openid-configuration" => {
                format!(r#"{{"issuer":"{base}/sso","token_endpoint":"{base}/sso/token"}}"#)
            }
            "/sso/token" | "/care-token" => r#"{"access_token":"t0ken"}"#.to_owned(),
            "/schedule" => r#"{"resourceType":"Schedule","id":"1"}"#.to_owned(),
            _ => patient.to_owned(),
        };
        (200, json)
    });
    let ssp = [
        "ssp",
        "interaction=urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1",
        "root=https://gp.example.nhs.uk/T1/STU3/1",
        "to=928942012545",
        "path=Patient/$gpc.getstructuredrecord",
        "--claims",
        "claims.json",
        "--body",
        "input",
    ];
    let api = ["graphnet-api", "Find", "--body", "input"];
    let schedule = ["create-schedule", "--body", "input"];
    for number in [
        "1.10",
        "0.000",
        "-1.0e+2",
        "1E400",
        "123456789012345678901234567890.123456789012345678901234567890",
    ] {
        let check = |path: &str, args: &[&str], body: &str| {
            let run = server.call(&bench, body, args);
            assert_eq!(run.code, 0, "{args:?}: {}", run.err);
            let sent = server.bodies(path).pop().unwrap();
            assert!(sent.contains(&format!(":{number}")), "{path}: {sent}");
        };
        let patch = format!(r#"[{{"op":"add","path":"/x","value":{{"v":{number}}}}}]"#);
        check("/personal-demographics", UPDATE, &patch);
        let patches = format!(r#" {{"patches": {patch}, "more": 1}} "#);
        check("/personal-demographics", UPDATE, &patches);
        check("/care/Find", &api, &format!(r#"{{"A":{{"b":{number}}}}}"#));
        check("/proxy/", &ssp, &format!(r#"{{"a":[1,{{"b":{number}}}]}}"#));
        let extension = format!(r#"[{{"url":"http://a.example/b","valueDecimal":{number}}}]"#);
        let body = format!(
            r#"{{"resourceType":"Schedule","extension":{extension},"actor":[{{"display":"x"}}]}}"#
        );
        check("/schedule", &schedule, &body);
    }
    // What is no array of operations, or sets what a closed list has not, is not sent.
    let check = |body: &str, expect: &str| {
        let before = server.bodies("/").len();
        let run = server.call(&bench, body, UPDATE);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{body}: {}", run.err);
        assert!(run.err.contains(expect), "{body}: {}", run.err);
        assert_eq!(server.bodies("/").len(), before);
    };
    check("[]", "expected an array of operations");
    check("{}", "expected an array of operations");
    check(r#"{"patches": {}}"#, "expected an array of operations");
    check("5", "expected an array of operations");
    check(r#"[{"op""#, "input: line 1, column 6: invalid JSON");
    check(
        r#"[{"op":"test","path":"/gender","value":"x"},{"op":"add","path":"/gender","value":"Q"}]"#,
        "operation 2: invalid value of gender: expected one of male, female, other, unknown",
    );
}

const TRUE: &str = r#"{"resourceType":"Practitioner","id":"SP1"}"#;

/// The answer to a read is what was requested, or nothing.
#[test]
fn other_resources_are_no_answer() {
    let bench = Bench::start();
    let server = |body: &'static str| {
        Foreign::start(move |base, path| {
            let json = match path {
                "/discovery" => format!(
                    r#"{{"search_practitioner_endpoint":"{base}/practitioner",
                        "create_schedule_endpoint":"{base}/schedule"}}"#
                ),
                "/sso/.well-known/openid-configuration" => {
                    format!(r#"{{"token_endpoint":"{base}/sso/token"}}"#)
                }
                "/sso/token" | "/care-token" => r#"{"access_token":"t0ken"}"#.to_owned(),
                _ => body.to_owned(),
            };
            (200, json)
        })
    };
    let check = |body: &'static str, args: &[&str], expect: Option<&str>| {
        let run = server(body).call(&bench, r#"{"resourceType":"Schedule","id":"S1"}"#, args);
        match expect {
            None => assert_eq!(run.code, 0, "{args:?} {body}: {}", run.err),
            Some(expect) => {
                assert_eq!((run.code, run.out.as_str()), (1, ""), "{args:?} {body}");
                let expect = format!("the answer is not the {expect} that was requested");
                assert!(run.err.contains(&expect), "{body}: {}", run.err);
            }
        }
    };
    let read = &["practitioner", "SP1"];
    check(TRUE, read, None);
    for other in [
        r#"{"resourceType":"Patient","id":"SP1"}"#,
        r#"{"resourceType":"Practitioner","id":"SP2"}"#,
        r#"{"resourceType":"Practitioner","id":"sp1"}"#,
        r#"{"resourceType":"Practitioner"}"#,
        r#"{"resourceType":"Bundle","type":"searchset"}"#,
        r#"{"resourceType":"Channel","id":"SP1"}"#,
    ] {
        check(other, read, Some("Practitioner"));
    }
    check(TRUE, &["practitioner", "family=Smith"], Some("Bundle"));
    let update = &["create-schedule", "S1", "--update", "--body", "input"];
    check(r#"{"resourceType":"Schedule","id":"S1"}"#, update, None);
    check(
        r#"{"resourceType":"Schedule","id":"S2"}"#,
        update,
        Some("Schedule"),
    );
    let create = &["create-schedule", "--body", "input"];
    check(r#"{"resourceType":"Schedule","id":"S9"}"#, create, None);
    check(TRUE, create, Some("Schedule"));
    let care = &["graphnet-patient", "p1"];
    check(r#"{"resourceType":"Patient","id":"p1"}"#, care, None);
    check(
        r#"{"resourceType":"Patient","id":"p2"}"#,
        care,
        Some("Patient"),
    );
    check(TRUE, care, Some("Patient"));
    check(TRUE, &["graphnet-patient", "family=Smith"], Some("Bundle"));
    let trace = &["pds-patient", "@number"];
    check(
        r#"{"resourceType":"Patient","id":"9000000009"}"#,
        trace,
        None,
    );
    // Another number is that of a merged record, which a warning names.
    check(
        r#"{"resourceType":"Patient","id":"9000000017"}"#,
        trace,
        None,
    );
    check(
        r#"{"resourceType":"Patient","id":"p1"}"#,
        trace,
        Some("Patient"),
    );
    check(r#"{"resourceType":"Patient"}"#, trace, Some("Patient"));
}

/// The key goes where the configuration was fetched from; and what is no answer is not printed as one.
#[test]
fn servers_of_tokens() {
    let bench = Bench::start();
    let check = |configuration: &'static str, token: &'static str, code: i32, expect: &str| {
        let server = Foreign::start(move |base, path| match path {
            "/discovery" => (
                200,
                format!(r#"{{"search_practitioner_endpoint":"{base}/practitioner"}}"#),
            ),
            "/sso/.well-known/openid-configuration" => (200, configuration.replace("BASE", base)),
            "/practitioner/SP1" => (200, TRUE.to_owned()),
            _ => (200, token.to_owned()),
        });
        let run = server.call(&bench, "", &["practitioner", "SP1"]);
        assert_eq!(run.code, code, "{configuration}: {}", run.err);
        assert!(run.err.contains(expect), "{configuration}: {}", run.err);
        assert_eq!(
            run.out.is_empty(),
            code != 0,
            "{configuration}: {}",
            run.out
        );
        let requested = server.bodies("/sso/token").len();
        assert_eq!(requested > 0, !token.is_empty(), "{configuration}");
    };
    let good = r#"{"access_token":"t0ken"}"#;
    let own = r#"{"issuer":"BASE/sso","token_endpoint":"BASE/sso/token"}"#;
    check(own, good, 0, "");
    check(
        r#"{"issuer":"BASE/sso/","token_endpoint":"BASE/sso/token"}"#,
        good,
        0,
        "",
    );
    check(r#"{"token_endpoint":"BASE/sso/token"}"#, good, 0, "");
    for issuer in [
        "https://evil.example",
        "BASE",
        "BASE/sso/b",
        "BASE/sso?a=b",
        "",
        "sso",
    ] {
        let text = format!(r#"{{"issuer":"{issuer}","token_endpoint":"BASE/sso/token"}}"#);
        check(text.leak(), "", 1, "is of another issuer");
    }
    let elsewhere = "the origin https://evil.example is not trusted";
    check(
        r#"{"issuer":"BASE/sso","token_endpoint":"https://evil.example/t"}"#,
        "",
        1,
        elsewhere,
    );
    check(
        r#"{"token_endpoint":"https://evil.example/t"}"#,
        "",
        1,
        elsewhere,
    );
    check(
        r#"{"token_endpoint":"http://evil.example/t"}"#,
        "",
        2,
        "is not https",
    );
    // Success without a token, and with something else.
    for none in [
        "{}",
        r#"{"resourceType":"Patient","id":"1"}"#,
        r#"{"access_token":""}"#,
        "<html>",
    ] {
        check(own, none, 1, "missing token");
    }
}

/// What the directory has is listed where it is not definite, with the options that choose.
#[test]
fn candidates_of_the_directory() {
    let bench = Bench::start();
    let bundle = |entries: &[String]| {
        let entries: Vec<_> = entries
            .iter()
            .map(|resource| format!(r#"{{"resource":{resource}}}"#))
            .collect();
        format!(
            r#"{{"resourceType":"Bundle","type":"searchset","entry":[{}]}}"#,
            entries.join(",")
        )
    };
    let identifier = |system: &str, value: &str| {
        format!(r#"{{"system":"https://fhir.nhs.uk/Id/{system}","value":"{value}"}}"#)
    };
    let endpoint = move |address: &str, key: &str| {
        let key = identifier("nhsMhsPartyKey", key);
        format!(r#"{{"resourceType":"Endpoint","address":"{address}","identifier":[{key}]}}"#)
    };
    let device = move |asid: &str, key: &str| {
        let all = [
            identifier("nhsSpineASID", asid),
            identifier("nhsMhsPartyKey", key),
        ];
        format!(
            r#"{{"resourceType":"Device","identifier":[{}]}}"#,
            all.join(",")
        )
    };
    // Two endpoints of A1001 and two systems of one of them; none of B2002, whose system's party key
    // is somebody else's; nothing of C3003.
    let server = Foreign::start(move |_, path| {
        let of = |text: &str| path.contains(text);
        let first = endpoint("https://one.example.nhs.uk/A/1", "AAA-000001");
        let second = endpoint("https://two.example.nhs.uk/A/1", "BBB-000002");
        let json = match path {
            _ if path.starts_with("/proxy/") => {
                return (200, r#"{"resourceType":"Patient","id":"1"}"#.to_owned());
            }
            _ if of("/Endpoint?") && of("AAA-000001") => bundle(&[first]),
            _ if of("/Endpoint?") && of("BBB-000002") => bundle(&[second]),
            _ if of("/Endpoint?") && of("CCC-000003") => {
                bundle(&[endpoint("https://other.example.nhs.uk", "CCC-000003")])
            }
            _ if of("/Endpoint?") && of("A1001") => bundle(&[first.clone(), second, first]),
            _ if of("/Device?") && of("A1001") && of("AAA-000001") => bundle(&[
                device("111111111111", "AAA-000001"),
                device("222222222222", "AAA-000001"),
            ]),
            _ if of("/Device?") && of("A1001") => bundle(&[device("333333333333", "BBB-000002")]),
            _ if of("/Device?") && of("B2002") => bundle(&[device("444444444444", "CCC-000003")]),
            _ => bundle(&[]),
        };
        (200, json)
    });
    let interaction = "interaction=urn:nhs:names:services:gpconnect:fhir:rest:read:patient-1";
    let call = |words: &[&str]| {
        let args = [
            "ssp",
            interaction,
            "path=Patient/1",
            "--claims",
            "claims.json",
        ];
        server.call(&bench, "", &[&args, words].concat())
    };
    let check = |words: &[&str], expect: &[&str]| {
        let run = call(words);
        assert_eq!(
            (run.code, run.out.as_str()),
            (1, ""),
            "{words:?}: {}",
            run.err
        );
        for text in expect {
            assert!(run.err.contains(text), "{words:?}: {text} in {}", run.err);
        }
    };
    let options =
        "--party-key KEY and --to ASID beside --organization, or --root URL and --to ASID";
    check(
        &["organization=A1001"],
        &[
            "several endpoints for this organisation and service: \
             https://one.example.nhs.uk/A/1 (party key AAA-000001), \
             https://two.example.nhs.uk/A/1 (party key BBB-000002)",
            options,
        ],
    );
    check(
        &["organization=A1001", "party-key=AAA-000001"],
        &[
            "several systems",
            "ASID 111111111111 (party key AAA-000001), ASID 222222222222 (party key AAA-000001)",
            options,
        ],
    );
    check(
        &["organization=B2002"],
        &[
            "no endpoint for this organisation and service",
            "ASID 444444444444 (party key CCC-000003), \
             https://other.example.nhs.uk (party key CCC-000003)",
            options,
        ],
    );
    check(
        &["organization=C3003"],
        &[
            "no endpoint",
            "sds-endpoint and sds-device lists",
            "--root URL and --to ASID",
        ],
    );
    check(
        &[
            "organization=A1001",
            "party-key=BBB-000002",
            "to=111111111111",
        ],
        &["no system"],
    );
    for chosen in [
        &["organization=A1001", "party-key=BBB-000002"][..],
        &[
            "organization=A1001",
            "party-key=AAA-000001",
            "to=222222222222",
        ],
        &["root=https://one.example.nhs.uk/A/1", "to=111111111111"],
    ] {
        let run = call(chosen);
        assert_eq!(run.code, 0, "{chosen:?}: {}", run.err);
    }
    let run = call(&[
        "root=https://one.example.nhs.uk/A/1",
        "to=111111111111",
        "party-key=AAA-1",
    ]);
    assert_eq!(run.code, 2, "{}", run.err);
}

/// What a closed list of PDS has not is not sent.
#[test]
fn closed_lists() {
    let bench = Bench::start();
    let found = r#"{"resourceType":"Bundle","type":"searchset","total":0}"#;
    let server = Foreign::start(move |_, _| (200, found.to_owned()));
    let check = |word: &str, expect: Option<&str>| {
        let run = server.call(&bench, "", &["pds-patient", "family=Gray", word]);
        let sent = server.came.lock().unwrap().drain(..).count();
        match expect {
            None => assert_eq!((run.code, sent), (0, 1), "{word}: {}", run.err),
            Some(expect) => {
                assert_eq!((run.code, sent), (2, 0), "{word}: {}", run.err);
                assert!(run.err.contains(expect), "{word}: {}", run.err);
            }
        }
    };
    for gender in ["male", "female", "other", "unknown"] {
        check(&format!("gender={gender}"), None);
    }
    for gender in ["mal", "Male", "f", "male,female", "non-binary"] {
        check(&format!("gender={gender}"), Some("QUERY-VALUE"));
    }
    check("_max-results=50", None);
    check("_max-results=51", Some("a whole number from 1 to 50"));
    check("_exact-match=yes", Some("true or false"));
    check("birthdate=gt2010-10-22", Some("with eq, ge or le"));
}
