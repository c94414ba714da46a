//! A store like S3 on loopback (moto's server) has the same rows as files. It is `HEALTHCODE_MOTO`, or `moto_server`
//! where that is installed: `pip install 'moto[server]'`.

mod common;

use common::{Process, example, free_port, query, run, sorted, wait_for, write_observations};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

/// Sends a request, and returns the first line of the answer.
fn put(port: u16, path: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = body.len();
    let authorization = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request";
    let head = format!(
        "PUT {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {authorization}\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_store_gives_the_same_rows_as_files() {
    let moto = std::env::var("HEALTHCODE_MOTO").unwrap_or_else(|_| "moto_server".to_owned());
    let probe = Command::new(&moto)
        .arg("--help")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !probe.is_ok_and(|status| status.success()) {
        println!("SKIPPED: moto_server is not installed: set HEALTHCODE_MOTO");
        return;
    }
    let port = free_port();
    let mut server = Command::new(&moto);
    server.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
    let _server = Process::start(server.stdout(Stdio::null()).stderr(Stdio::null()));
    wait_for(port);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data.ndjson");
    write_observations(&data, 400);
    let text = fs::read(&data).unwrap();
    let packed = zstd::encode_all(&*text, 1).unwrap();
    fs::write(folder.path().join("more.ndjson.zst"), &packed).unwrap();
    assert!(put(port, "/fhir", b"").contains("200"));
    assert!(put(port, "/fhir/in/data.ndjson", &text).contains("200"));
    assert!(put(port, "/fhir/in/more.ndjson.zst", &packed).contains("200"));
    assert!(put(port, "/fhir/other.ndjson", &text).contains("200"));
    let view = example("readings.json");
    for (files, objects) in [
        ("data.ndjson", "s3://fhir/in/data.ndjson"),
        ("", "s3://fhir/in/"),
        ("*.zst", "s3://fhir/in/*.zst"),
    ] {
        let local = folder.path().join(files).display().to_string();
        for (columns, function) in [
            ("*", format!("fhir_view('{view}', 'FILES')")),
            ("line, rule, path", "fhir_issues('FILES')".to_owned()),
        ] {
            let sql =
                |files: &str| format!("select {columns} from {}", function.replace("FILES", files));
            let expected = sorted(&run(&mut query(&sql(&local), None)));
            assert!(expected.len() > 400, "{local}: {}", expected.len());
            let mut command = query(&sql(objects), None);
            command
                .env("AWS_ENDPOINT", format!("http://127.0.0.1:{port}"))
                .env("AWS_ALLOW_HTTP", "true")
                .env("AWS_REGION", "us-east-1")
                .env("AWS_ACCESS_KEY_ID", "test")
                .env("AWS_SECRET_ACCESS_KEY", "test");
            assert_eq!(sorted(&run(&mut command)), expected, "{objects}");
        }
    }
}
