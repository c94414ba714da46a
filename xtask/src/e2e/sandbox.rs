//! The sandbox as others see it: curl, Chromium and `healthcode call` search in it, and what they have
//! kept of that is validated by `healthcode validate`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use toml::Table;

use super::devtools::Page;
use super::har;

/// What searches are sent by all, with how many entries they have at least.
const SEARCHES: &[&str] = &["family=Smith&page=1&count=5", "gender=female&count=20"];

const INTERACTION: &str = "urn:nhs:names:services:gpconnect:fhir:rest:read:patient-1";

pub(super) fn run(root: &Path) -> Result<()> {
    let curl = super::program(&["curl"], "curl")?;
    let server = Server::start(super::build_command(root)?)?;
    let exchanges = by_curl(&server, curl)?;
    println!("sandbox: curl: {exchanges} exchanges");
    let exchanges = by_chromium(&server)?;
    println!("sandbox: Chromium: {exchanges} exchanges");
    let exchanges = by_call(&server)?;
    println!("sandbox: healthcode call: {exchanges} exchanges");
    Ok(())
}

/// A running sandbox, in a folder with what it has printed; ended with the value.
struct Server {
    child: Child,
    command: PathBuf,
    folder: TempDir,
    told: Table,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(command: PathBuf) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut child = Command::new(&command)
            .arg("sandbox")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot run healthcode sandbox")?;
        let out = child.stdout.take().context("no output")?;
        let mut told = String::new();
        for line in BufReader::new(out).lines() {
            let line = line?;
            if line.starts_with("# Serving") {
                break;
            }
            told.push_str(&line);
            told.push('\n');
        }
        fs::write(folder.path().join("sandbox.toml"), &told)?;
        Ok(Server {
            child,
            command,
            told: told.parse().context("what the sandbox prints")?,
            folder,
        })
    }

    fn text(&self, table: &str, key: &str) -> Result<&str> {
        let text = self.told.get(table).and_then(|it| it.get(key)?.as_str());
        text.with_context(|| format!("the sandbox prints no {table}.{key}"))
    }

    /// Runs the command here; gives its output if it has this status.
    fn healthcode(&self, args: &[&str], codes: &[i32]) -> Result<String> {
        let mut command = Command::new(&self.command);
        let output = command
            .args(args)
            .current_dir(self.folder.path())
            .output()?;
        let code = output.status.code().unwrap_or(-1);
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(
            codes.contains(&code),
            "healthcode {}: {code}: {error}",
            args.join(" ")
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    /// That a capture has these addresses' exchanges, and no error or unknown call among them; what
    /// validate says of bodies is the sandbox's data.
    fn validate(&self, name: &str) -> Result<()> {
        let out = self.healthcode(&["validate", "--format", "ndjson", name], &[0, 1])?;
        let mut lines = 0;
        for line in out.lines() {
            let issue: Value = serde_json::from_str(line)?;
            let Some(rule) = issue["rule"].as_str() else {
                continue;
            };
            lines += 1;
            let own = ["EXCHANGE-", "QUERY-", "SLIP-"]
                .iter()
                .any(|it| rule.starts_with(it));
            let grave = ["error", "fatal"].iter().any(|it| issue["severity"] == *it);
            let wrong = (own && grave)
                || rule.starts_with("SLIP-")
                || [
                    "EXCHANGE-UNKNOWN",
                    "EXCHANGE-CREDENTIALS",
                    "EXCHANGE-ANSWER-MATCH",
                ]
                .contains(&rule);
            ensure!(!wrong, "{name}: {issue}");
        }
        // The documented dates and samples are always noted: it was read.
        ensure!(lines > 0, "{name}: nothing was found: {out}");
        Ok(())
    }

    fn secrets(&self) -> Result<Vec<&str>> {
        let names = [
            ("healthcode", "key"),
            ("nhs", "api_key"),
            ("graphnet", "client_secret"),
            ("graphnet", "subscription_key"),
        ];
        names.iter().map(|it| self.text(it.0, it.1)).collect()
    }

    /// Keeps a capture, and validates it.
    fn keep(&self, name: &str, text: &str) -> Result<()> {
        for secret in self.secrets()? {
            ensure!(!text.contains(secret), "{name} has a secret");
        }
        fs::write(self.folder.path().join(name), text)?;
        self.validate(name)
    }
}

/// Runs curl; gives its output.
fn curl_output(curl: &str, args: &[&str]) -> Result<String> {
    let output = Command::new(curl)
        .args([
            "--silent",
            "--show-error",
            "--noproxy",
            "*",
            "--max-time",
            "60",
        ])
        .args(args)
        .output()
        .context("cannot run curl")?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "curl: {error}");
    Ok(String::from_utf8(output.stdout)?)
}

fn json_member(text: &str, name: &str) -> Result<String> {
    let json: Value = serde_json::from_str(text)?;
    let member = json[name].as_str().map(str::to_owned);
    member.with_context(|| format!("no {name} in the answer"))
}

/// What a user types into a terminal, and sees there.
fn by_curl(server: &Server, curl: &str) -> Result<usize> {
    let site = server.text("healthcode", "site")?;
    let (id, key) = (
        server.text("healthcode", "key_id")?,
        server.text("healthcode", "key")?,
    );
    let sign_on = curl_output(curl, &[server.text("healthcode", "sign_on")?])?;
    let endpoint = json_member(&sign_on, "token_endpoint")?;
    let user = format!("{id}:{key}");
    let token = [
        "--user",
        &user,
        "--data",
        "grant_type=client_credentials",
        &endpoint,
    ];
    let token = json_member(&curl_output(curl, &token)?, "access_token")?;
    let (gateway, own) = (
        server.text("graphnet", "token")?,
        server.text("graphnet", "client_id")?,
    );
    let form = format!(
        "grant_type=client_credentials&client_id={own}&client_secret={}",
        server.text("graphnet", "client_secret")?
    );
    let care = json_member(
        &curl_output(curl, &["--data", &form, gateway])?,
        "access_token",
    )?;

    let discovery = server.text("healthcode", "discovery")?.to_owned();
    let document = curl_output(curl, &[&discovery])?;
    let search = json_member(&document, "search_practitioner_endpoint")?;
    let mut requests: Vec<(String, Vec<(&str, String)>)> = vec![(discovery, Vec::new())];
    let bearer = |token: &str| ("Authorization", format!("Bearer {token}"));
    for query in SEARCHES {
        let headers = vec![
            bearer(&token),
            ("SU-SiteId", site.to_owned()),
            ("HC-API-Version", "1".to_owned()),
            ("Content-Type", "application/fhir+json".to_owned()),
        ];
        requests.push((format!("{search}?{query}"), headers));
    }
    let device = format!(
        "{}/spine-directory/FHIR/R4/Device?organization=https://fhir.nhs.uk/Id/ods-organization-code%7CA20047\
         &identifier=https://fhir.nhs.uk/Id/nhsServiceInteractionId%7C{INTERACTION}",
        server.text("nhs", "base")?
    );
    requests.push((
        device,
        vec![("apikey", server.text("nhs", "api_key")?.to_owned())],
    ));

    let mut transcript = String::new();
    for (url, headers) in &requests {
        let headers: Vec<_> = headers
            .iter()
            .map(|it| format!("{}: {}", it.0, it.1))
            .collect();
        let mut args = vec!["--include", url.as_str()];
        let mut typed = format!("$ curl -i '{url}'");
        for header in &headers {
            args.extend(["--header", header.as_str()]);
            let name = header.split(':').next().unwrap_or_default();
            let secret = ["Authorization", "apikey"].contains(&name);
            let shown = if secret {
                format!("{name}: [redacted]")
            } else {
                header.clone()
            };
            typed.push_str(&format!(" \\\n  -H '{shown}'"));
        }
        let out = curl_output(curl, &args)?;
        ensure!(out.starts_with("HTTP/1.1 200 "), "{url}: {out}");
        transcript.push_str(&format!("{typed}\n{out}\n"));
    }
    // Graphnet's base is not published, so that validate cannot know it; curl can.
    let url = format!("{}/Patient?family=Smith", server.text("graphnet", "base")?);
    let care = format!("Authorization: Bearer {care}");
    let product = server.text("graphnet", "subscription_key")?;
    let product = format!("Ocp-Apim-Subscription-Key: {product}");
    let out = curl_output(curl, &["--header", &care, "--header", &product, &url])?;
    ensure!(out.contains("\"Smith\""), "{out}");
    ensure!(!transcript.contains(&token), "the transcript has a token");
    server.keep("curl.txt", &transcript)?;
    Ok(requests.len() + 1)
}

/// A page of the sandbox's origin, which asks for a token and searches.
fn by_chromium(server: &Server) -> Result<usize> {
    let mut page = Page::open()?;
    let discovery = server.text("healthcode", "discovery")?;
    page.command("Page.navigate", json!({"url": discovery}))?;
    page.wait("Page.loadEventFired")?;
    let settings = json!({
        "id": server.text("healthcode", "key_id")?,
        "key": server.text("healthcode", "key")?,
        "site": server.text("healthcode", "site")?,
        "searches": SEARCHES,
    });
    let script = SCRIPT.replace("SETTINGS", &settings.to_string());
    let found = page.evaluate(&script)?;
    let counts = found.as_array().context("no answers")?;
    ensure!(
        counts.len() == SEARCHES.len() && counts.iter().all(|it| it.as_u64() > Some(0)),
        "entries by search: {found}"
    );
    let har = har::of(&mut page)?;
    let entries = har["log"]["entries"].as_array().map_or(0, Vec::len);
    ensure!(
        entries > SEARCHES.len(),
        "the capture has {entries} exchanges"
    );
    server.keep("chromium.har", &har.to_string())?;
    Ok(entries)
}

const SCRIPT: &str = r#"(async settings => {
    const discovery = JSON.parse(document.body.innerText);
    const endpoint = location.origin + "/sso/token";
    const form = new URLSearchParams({grant_type: "client_credentials",
        client_id: settings.id, client_secret: settings.key});
    const token = await (await fetch(endpoint, {method: "POST", body: form})).json();
    const counts = [];
    for (const query of settings.searches) {
        const answer = await fetch(discovery.search_practitioner_endpoint + "?" + query, {headers: {
            "Authorization": "Bearer " + token.access_token, "SU-SiteId": settings.site,
            "HC-API-Version": "1", "Accept": "application/fhir+json"}});
        if (answer.status != 200) throw new Error("status " + answer.status);
        counts.push((await answer.json()).entry.length);
    }
    return counts;
})(SETTINGS)"#;

/// Our own command, of all systems.
fn by_call(server: &Server) -> Result<usize> {
    let device = [
        "organization=https://fhir.nhs.uk/Id/ods-organization-code|A20047",
        &format!("identifier=https://fhir.nhs.uk/Id/nhsServiceInteractionId|{INTERACTION}"),
    ];
    let calls: &[(&str, &[&str])] = &[
        (
            "practitioner",
            &["gender=female", "count=20", "--pages", "3"],
        ),
        (
            "practitioner-role",
            &[
                "--restricted",
                "near=51.5,-0.12,20km",
                "_sort=distance:asc",
                "count=10",
            ],
        ),
        ("sds-device", &device),
        (
            "pds-patient",
            &["family=Smith", "gender=female", "birthdate=2010-10-22"],
        ),
    ];
    let mut exchanges = 0;
    for (endpoint, args) in calls {
        let name = format!("{endpoint}.har");
        let call = [
            "call",
            "--sandbox",
            "sandbox.toml",
            endpoint,
            "--capture",
            &name,
        ];
        let out = server.healthcode(&[&call[..], args].concat(), &[0])?;
        ensure!(
            out.contains("\"resourceType\": \"Bundle\""),
            "{endpoint}: {out}"
        );
        let har = fs::read_to_string(server.folder.path().join(&name))?;
        for secret in server.secrets()? {
            ensure!(!har.contains(secret), "{name} has a secret");
        }
        let json: Value = serde_json::from_str(&har)?;
        exchanges += json["log"]["entries"].as_array().map_or(0, Vec::len);
        server.validate(&name)?;
    }
    Ok(exchanges)
}
