//! How much memory a patch takes at most, counted by the allocator.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use healthcode_sandbox::{Config, ExposeSecret, Running, Sandbox};
use healthcode_transport::RingSigner;
use healthcode_transport::nhs::Signer;
use mod_alloc::ModAlloc;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

#[global_allocator]
static ALLOCATOR: ModAlloc = ModAlloc::new();

/// The multiple of a body's size that all of a request may take, client included.
const MULTIPLE: u64 = 8;
/// What it may take besides: a document of the largest size (4 MiB), in several forms.
const FORMS: u64 = 48 << 20;

fn send(sandbox: &Running, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(sandbox.address()).unwrap();
    let host = sandbox.address();
    let length = body.len();
    let head =
        format!("{head}host: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A token of the NHS, by an assertion.
fn token(sandbox: &Running) -> String {
    let own = &sandbox.credentials().nhs;
    let key = own.api_key.expose_secret();
    let end = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
        + 200;
    let header = json!({"alg": "RS512", "typ": "JWT", "kid": own.public_keys[0].id});
    let audience = &sandbox.urls().nhs_token;
    let claims = json!({"iss": key, "sub": key, "aud": audience, "jti": "1", "exp": end});
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let input = format!("{}.{}", part(&header), part(&claims));
    let signer = RingSigner::from_pem(&own.private_key).unwrap();
    let signature = URL_SAFE_NO_PAD.encode(signer.sign(input.as_bytes()).unwrap());
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let form = format!(
        "grant_type=client_credentials&client_assertion_type={kind}\
         &client_assertion={input}.{signature}"
    );
    let head = "POST /oauth2/token HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    let answer = send(sandbox, head, &form);
    let json = answer.split_once("\r\n\r\n").unwrap().1;
    let json: Value = serde_json::from_str(json).unwrap();
    json["access_token"].as_str().unwrap().to_owned()
}

/// Every way in which a patch of 1.9 MB grows: copies of what is long or many, and texts that take a
/// hundred times as much when they are read. Each is refused, or done, in bounded memory.
#[test]
fn patches_take_a_multiple_of_their_size() {
    let sandbox = Sandbox::start(Config::default()).unwrap();
    let token = token(&sandbox);
    let number = "9000000009";
    let mut count = 0;
    let mut patch = |operations: &[String]| {
        count += 1;
        let body = format!(r#"{{"patches":[{}]}}"#, operations.join(","));
        let head = format!(
            "PATCH /personal-demographics/FHIR/R4/Patient/{number} HTTP/1.1\r\n\
             authorization: Bearer {token}\r\nif-match: W/\"2\"\r\n\
             x-request-id: 60E0B220-8136-4CA5-AE46-{count:012}\r\n\
             content-type: application/json-patch+json\r\n"
        );
        let answer = send(&sandbox, &head, &body);
        (answer[9..12].to_owned(), body.len() as u64)
    };
    let add = |value: &str| format!(r#"{{"op":"add","path":"/name/0/suffix","value":{value}}}"#);
    let copy = |from: &str| {
        let path = "/name/0/suffix/-";
        format!(r#"{{"op":"copy","from":"{from}","path":"{path}"}}"#)
    };
    let many = |text: &str| {
        let count = 1_900_000 / (text.len() + 1);
        format!("[{}]", vec![text; count].join(","))
    };
    let long = format!("\"{}\"", "x".repeat(1_400_000));
    let attacks = [
        // Copies of a long text, and of everything.
        [
            vec![add(&format!("[{long}]"))],
            vec![copy("/name/0/suffix/0"); 900],
        ]
        .concat(),
        [vec![add(&format!("[{long}]"))], vec![copy(""); 900]].concat(),
        [vec![add("[]")], vec![copy(""); 900]].concat(),
        vec![copy("/name"); 5_000],
        // Little text, much memory.
        vec![add(&many(r#"{"":0}"#))],
        vec![add(&many("{}"))],
        vec![add(&many("0"))],
        vec![add(&many("[[[[[]]]]]"))],
        vec![add(&many("\"\""))],
        (0..900)
            .map(|_| add(&format!("[{}]", vec!["{}"; 600].join(","))))
            .collect(),
        vec![many("1")],
        vec![r#"{"op":"test","path":"","value":0}"#.to_owned(); 50_000],
    ];
    // For everything that is created when it is first used.
    assert_eq!(
        patch(&[r#"{"op":"test","path":"/gender","value":"x"}"#.to_owned()]).0,
        "400"
    );
    for (number, operations) in attacks.iter().enumerate() {
        let before = ALLOCATOR.snapshot();
        let (status, size) = patch(operations);
        // It grows alone: what was reached before may have been at the start.
        let peak = ALLOCATOR.snapshot().peak_bytes;
        let most = before.current_bytes + MULTIPLE * size + FORMS;
        assert!(["400", "413"].contains(&&*status), "{number}: {status}");
        assert!(
            peak <= most.max(before.peak_bytes),
            "{number}: {peak} of {most}"
        );
    }
}
