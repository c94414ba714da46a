//! The sandbox as others see it: curl and `healthcode call` search in it, and `healthcode validate`
//! checks the transcripts and HAR files of these searches.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use toml::Table;
use url::Url;

use super::curl;

/// The searches that curl sends.
const SEARCHES: &[&str] = &["family=Smith&page=1&count=5", "gender=female&count=20"];

/// What a device is looked for by.
fn device_parameters() -> [(&'static str, &'static str); 2] {
    let service = "https://fhir.nhs.uk/Id/nhsServiceInteractionId|\
        urn:nhs:names:services:gpconnect:fhir:rest:read:patient-1";
    [
        (
            "organization",
            "https://fhir.nhs.uk/Id/ods-organization-code|A20047",
        ),
        ("identifier", service),
    ]
}

pub(super) fn run(command: &Path) -> Result<()> {
    let server = Server::start(command)?;
    let exchanges = by_curl(&server)?;
    println!("sandbox: curl: {exchanges} exchanges");
    let exchanges = by_call(&server)?;
    println!("sandbox: healthcode call: {exchanges} exchanges");
    Ok(())
}

/// A running sandbox, in a folder with what it has printed; ended with the value.
pub(super) struct Server {
    child: Child,
    command: PathBuf,
    folder: TempDir,
    settings: Table,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    pub(super) fn start(command: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut child = Command::new(command)
            .arg("sandbox")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot run healthcode sandbox")?;
        let out = child.stdout.take().context("no output")?;
        let mut settings = String::new();
        for line in BufReader::new(out).lines() {
            let line = line?;
            if line.starts_with("# Serving") {
                break;
            }
            settings.push_str(&line);
            settings.push('\n');
        }
        fs::write(folder.path().join("sandbox.toml"), &settings)?;
        Ok(Server {
            child,
            command: command.to_owned(),
            settings: settings.parse().context("what the sandbox prints")?,
            folder,
        })
    }

    /// The folder that the command runs in.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A setting that the sandbox has printed.
    pub(super) fn text(&self, table: &str, key: &str) -> Result<&str> {
        let table_of = self.settings.get(table);
        let text = table_of.and_then(|table| table.get(key)?.as_str());
        text.with_context(|| format!("the sandbox prints no {table}.{key}"))
    }

    /// Runs the command here; returns its output if it has this status.
    pub(super) fn healthcode(&self, args: &[&str], codes: &[i32]) -> Result<String> {
        let mut command = Command::new(&self.command);
        command.args(args).current_dir(self.folder.path());
        let output = command.output()?;
        let code = output.status.code().unwrap_or(-1);
        let error = String::from_utf8_lossy(&output.stderr);
        let shown = args.join(" ");
        ensure!(codes.contains(&code), "healthcode {shown}: {code}: {error}");
        Ok(String::from_utf8(output.stdout)?)
    }

    /// What the command finds in a capture.
    pub(super) fn issues(&self, name: &str) -> Result<Vec<Value>> {
        let out = self.healthcode(&["validate", "--format", "ndjson", name], &[0, 1])?;
        let issues = out.lines().map(serde_json::from_str);
        Ok(issues.collect::<serde_json::Result<_>>()?)
    }

    /// That a capture has these addresses' exchanges, and no error or unknown call among them; what
    /// validate says of bodies is the sandbox's data.
    fn validate(&self, name: &str) -> Result<()> {
        let mut lines = 0;
        for issue in self.issues(name)? {
            let Some(rule) = issue["rule"].as_str() else {
                continue;
            };
            lines += 1;
            let severity = issue["severity"].as_str().unwrap_or_default();
            let wrong = match rule.split_once('-') {
                Some(("SLIP", _)) => true,
                Some(("EXCHANGE", "UNKNOWN" | "CREDENTIALS" | "ANSWER-MATCH")) => true,
                Some(("EXCHANGE" | "QUERY", _)) => matches!(severity, "error" | "fatal"),
                _ => false,
            };
            ensure!(!wrong, "{name}: {issue}");
        }
        // The documented dates and samples are always noted: it was read.
        ensure!(lines > 0, "{name}: nothing was found");
        Ok(())
    }

    fn secrets(&self) -> Result<Vec<&str>> {
        let names = [
            ("healthcode", "key"),
            ("nhs", "api_key"),
            ("graphnet", "client_secret"),
            ("graphnet", "subscription_key"),
        ];
        let secrets = names.iter().map(|(table, key)| self.text(table, key));
        secrets.collect()
    }

    /// That a capture's text has no secret.
    pub(super) fn ensure_no_secret(&self, name: &str, text: &str) -> Result<()> {
        for secret in self.secrets()? {
            ensure!(!text.contains(secret), "{name} has a secret");
        }
        Ok(())
    }

    /// Looks for secrets in a capture's text, and validates it.
    fn check(&self, name: &str, text: &str) -> Result<()> {
        self.ensure_no_secret(name, text)?;
        self.validate(name)
    }

    /// Keeps a capture, and checks it.
    fn keep(&self, name: &str, text: &str) -> Result<()> {
        fs::write(self.folder.path().join(name), text)?;
        self.check(name, text)
    }
}

/// A text member of an answer.
pub(super) fn json_member(text: &str, name: &str) -> Result<String> {
    let json: Value = serde_json::from_str(text)?;
    let member = json[name].as_str().map(str::to_owned);
    member.with_context(|| format!("no {name} in the answer"))
}

/// A request that curl sends, and its response.
struct Exchange<'a> {
    url: &'a str,
    /// Names and values, `[redacted]` for credentials.
    headers: Vec<(&'a str, &'a str)>,
    /// Status line, headers and body as curl prints them.
    response: String,
}

impl<'a> Exchange<'a> {
    fn send(url: &'a str, headers: &'a [(&'a str, String)]) -> Result<Self> {
        let mut args = vec!["--include".to_owned(), url.to_owned()];
        for (name, value) in headers {
            args.extend(["--header".to_owned(), format!("{name}: {value}")]);
        }
        let response = curl(&args)?;
        ensure!(response.starts_with("HTTP/1.1 200 "), "{url}: {response}");
        let shown = |(name, value): &'a (&'a str, String)| match *name {
            "Authorization" | "apikey" => (*name, "[redacted]"),
            name => (name, value.as_str()),
        };
        Ok(Exchange {
            url,
            headers: headers.iter().map(shown).collect(),
            response,
        })
    }

    /// What a user types into a terminal, and sees there.
    fn transcript(&self) -> String {
        let mut command = format!("$ curl -i '{}'", self.url);
        for (name, value) in &self.headers {
            command.push_str(&format!(" \\\n  -H '{name}: {value}'"));
        }
        format!("{command}\n{}\n", self.response)
    }

    /// The exchange as an entry of a HAR file.
    fn har(&self) -> Result<Value> {
        let (head, body) = self
            .response
            .split_once("\r\n\r\n")
            .context("invalid response: expected an empty line")?;
        let pair = |(name, value): (&str, &str)| json!({"name": name, "value": value});
        let response_headers = head.lines().filter_map(|line| line.split_once(": "));
        Ok(json!({
            "request": {
                "method": "GET",
                "url": self.url,
                "headers": self.headers.iter().copied().map(pair).collect::<Vec<_>>(),
            },
            "response": {
                "status": 200,
                "headers": response_headers.map(pair).collect::<Vec<_>>(),
                "content": {"mimeType": "application/fhir+json", "text": body},
            },
        }))
    }
}

/// curl, as a user of each service runs it.
fn by_curl(server: &Server) -> Result<usize> {
    let id = server.text("healthcode", "key_id")?;
    let key = server.text("healthcode", "key")?;
    let sign_on = curl(&[server.text("healthcode", "sign_on")?])?;
    let endpoint = json_member(&sign_on, "token_endpoint")?;
    let user = format!("{id}:{key}");
    let grant = "grant_type=client_credentials";
    let token = curl(&["--user", &user, "--data", grant, &endpoint])?;
    let token = json_member(&token, "access_token")?;

    let discovery = server.text("healthcode", "discovery")?;
    let document = curl(&[discovery])?;
    let search = json_member(&document, "search_practitioner_endpoint")?;
    let mut requests = vec![(discovery.to_owned(), Vec::new())];
    for query in SEARCHES {
        let url = Url::parse(&format!("{search}?{query}"))?;
        let headers = vec![
            ("Authorization", format!("Bearer {token}")),
            ("SU-SiteId", server.text("healthcode", "site")?.to_owned()),
            ("HC-API-Version", "1".to_owned()),
            ("Content-Type", "application/fhir+json".to_owned()),
        ];
        requests.push((url.into(), headers));
    }
    let mut device = Url::parse(server.text("nhs", "base")?)?;
    device
        .path_segments_mut()
        .map_err(|()| anyhow!("invalid base of the NHS"))?
        .extend(["spine-directory", "FHIR", "R4", "Device"]);
    device.query_pairs_mut().extend_pairs(device_parameters());
    let key = server.text("nhs", "api_key")?.to_owned();
    requests.push((device.into(), vec![("apikey", key)]));

    let requests = requests.iter();
    let exchanges = requests.map(|(url, headers)| Exchange::send(url, headers));
    let exchanges = exchanges.collect::<Result<Vec<_>>>()?;
    let transcript: String = exchanges.iter().map(Exchange::transcript).collect();
    let shows_token = transcript.contains(&token);
    ensure!(!shows_token, "the transcript has a token");
    server.keep("curl.txt", &transcript)?;
    let entries = exchanges.iter().map(Exchange::har);
    let entries = entries.collect::<Result<Vec<_>>>()?;
    let creator = json!({"name": "curl", "version": ""});
    let har = json!({"log": {"version": "1.2", "creator": creator, "entries": entries}});
    server.keep("curl.har", &har.to_string())?;
    graphnet_by_curl(server)?;
    Ok(exchanges.len() + 1)
}

/// Graphnet's base is not published, so `validate` does not have it; curl can be sent there.
fn graphnet_by_curl(server: &Server) -> Result<()> {
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        server.text("graphnet", "client_id")?,
        server.text("graphnet", "client_secret")?
    );
    let token = curl(&["--data", &form, server.text("graphnet", "token")?])?;
    let token = json_member(&token, "access_token")?;
    let url = format!("{}/Patient?family=Smith", server.text("graphnet", "base")?);
    let authorization = format!("Authorization: Bearer {token}");
    let key = server.text("graphnet", "subscription_key")?;
    let key = format!("Ocp-Apim-Subscription-Key: {key}");
    let out = curl(&["--header", &authorization, "--header", &key, &url])?;
    ensure!(out.contains("\"Smith\""), "{out}");
    Ok(())
}

/// Our own command, of all systems.
fn by_call(server: &Server) -> Result<usize> {
    let [organization, interaction] =
        device_parameters().map(|(name, value)| format!("{name}={value}"));
    let device = format!("sds-device {organization} {interaction}");
    let mut exchanges = 0;
    for call in [
        "practitioner gender=female count=20 --pages 3",
        "practitioner-role --restricted near=51.5,-0.12,20km _sort=distance:asc count=10",
        &device,
        "pds-patient family=Smith gender=female birthdate=2010-10-22",
    ] {
        let (endpoint, _) = call.split_once(' ').unwrap_or((call, ""));
        let name = format!("{endpoint}.har");
        let options = ["call", "--sandbox", "sandbox.toml", "--capture", &name];
        let args: Vec<_> = options.into_iter().chain(call.split(' ')).collect();
        let out = server.healthcode(&args, &[0])?;
        let is_bundle = out.contains("\"resourceType\": \"Bundle\"");
        ensure!(is_bundle, "{endpoint}: {out}");
        let har = fs::read_to_string(server.folder.path().join(&name))?;
        server.check(&name, &har)?;
        let json: Value = serde_json::from_str(&har)?;
        exchanges += json["log"]["entries"].as_array().map_or(0, Vec::len);
    }
    Ok(exchanges)
}
