//! `healthcode sandbox`, over a socket.

mod kill;

use crate::Folder;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};

/// A running command, ended with the value.
struct Server {
    child: Child,
    /// Reads what it logs, or the command would wait once the pipe is full.
    log: Option<JoinHandle<String>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(folder: &Folder, args: &[&str]) -> (Self, toml::Table) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_healthcode"))
            .arg("sandbox")
            .args(args)
            .current_dir(folder.path(""))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let lines = lines.map(Result::unwrap);
        let printed: Vec<_> = lines.take_while(|line| !line.starts_with('#')).collect();
        let mut stderr = child.stderr.take().unwrap();
        let log = thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        let log = Some(log);
        let printed = toml::from_str(&printed.join("\n")).unwrap();
        (Server { child, log }, printed)
    }

    /// Ends the command with SIGKILL, and returns what it logged.
    fn kill(&mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log.take().unwrap().join().unwrap()
    }
}

/// Sends a request, on a connection of its own.
fn send(method: &str, url: &str, headers: &str, body: &str) -> String {
    let (host, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn body(answer: &str) -> serde_json::Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn serves_what_it_prints_and_logs_nothing_personal() {
    let bundle = r#"{"resourceType":"Bundle","type":"collection","entry":[
        {"resource":{"resourceType":"Practitioner","id":"P1","name":[{"family":"Secretname"}]}}]}"#;
    let folder = Folder::new(&[("data/a.json", bundle.as_bytes())]);
    let (mut server, printed) = Server::start(&folder, &["--data", "data", "--nhs-key", "key.pem"]);
    let text = |table: &str, name: &str| printed[table][name].as_str().unwrap().to_owned();
    assert!(
        folder
            .read("key.pem")
            .starts_with("-----BEGIN PRIVATE KEY-----")
    );
    assert_eq!(text("nhs", "kid"), "sandbox-1");

    let sign_on = body(&send("GET", &text("healthcode", "sign_on"), "", ""));
    let (id, key) = (text("healthcode", "key_id"), text("healthcode", "key"));
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={key}");
    let media = "content-type: application/x-www-form-urlencoded\r\n";
    let endpoint = sign_on["token_endpoint"].as_str().unwrap();
    let token = body(&send("POST", endpoint, media, &form));
    let token = token["access_token"].as_str().unwrap();
    let discovery = body(&send("GET", &text("healthcode", "discovery"), "", ""));
    let search = discovery["search_practitioner_endpoint"].as_str().unwrap();
    let site = text("healthcode", "site");
    let headers = format!("authorization: Bearer {token}\r\nsu-siteid: {site}\r\n");
    let found = body(&send(
        "GET",
        &format!("{search}?family=Secretname"),
        &headers,
        "",
    ));
    assert_eq!(found["entry"][0]["resource"]["id"], "P1");
    let patient = format!(
        "{}/personal-demographics/FHIR/R4/Patient/9000000009",
        text("nhs", "base")
    );
    assert!(send("GET", &patient, "", "").starts_with("HTTP/1.1 401 "));

    let log = server.kill();
    assert!(log.contains("200 GET /healthcode/practitioner "), "{log}");
    assert!(
        log.contains("401 GET /personal-demographics/FHIR/R4/Patient/{id} "),
        "{log}"
    );
    for secret in ["Secretname", "9000000009", token, &key, "?"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[test]
fn what_it_cannot_start_with() {
    let folder = Folder::new(&[("data/a.json", b"{}")]);
    let run = folder.run(&["sandbox", "--data", "data"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.ends_with("a.json: is not a Bundle\n"),
        "{}",
        run.err
    );
    let folder_of = Folder::new(&[("data/a.json", b"{\"a\""), ("store", b"nonsense")]);
    let run = folder_of.run(&["sandbox", "--data", "data"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("a.json: is not a Bundle: "), "{}", run.err);
    let run = folder_of.run(&["sandbox", "--store", "store"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("the store store cannot be used: "),
        "{}",
        run.err
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = folder.run(&["sandbox", "--port", &port]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("cannot listen"), "{}", run.err);
}

#[test]
fn certificates_are_written_and_the_key_is_not_shown() {
    let folder = Folder::new(&[]);
    let (_server, printed) = Server::start(&folder, &["--tls", "--tls-dir", "tls"]);
    let text = |table: &str, name: &str| printed[table][name].as_str().unwrap().to_owned();
    assert!(text("healthcode", "discovery").starts_with("https://127.0.0.1:"));
    assert!(text("spine", "proxy").starts_with("https://127.0.0.1:"));
    assert!(text("tls", "authority").ends_with("authority.pem"));
    for name in ["authority.pem", "client.pem"] {
        let pem = folder.read(&format!("tls/{name}"));
        assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{name}");
    }
    let key = folder.read("tls/client-key.pem");
    assert!(key.starts_with("-----BEGIN PRIVATE KEY-----"));
    assert!(!format!("{printed:?}").contains("PRIVATE"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = std::fs::metadata(text("spine", "client_key")).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
    // Without TLS nobody is answered.
    let url = text("healthcode", "discovery").replace("https://", "http://");
    let answer = std::panic::catch_unwind(|| send("GET", &url, "", ""));
    assert!(answer.map_or(true, |answer| !answer.contains("200 OK")));
    let run = folder.run(&["sandbox", "--tls-dir", "tls"]);
    assert_eq!(run.code, 2);
}
