//! Graphnet's FHIR API of STU3 in the sandbox: `healthcode call` and the captures of its searches, and
//! fhir-kit-client, a client of others.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::sandbox::{Server, json_member};
use super::{curl, run_in};

/// The patient with the most records.
const PATIENT: &str = "9000000084";

/// A search of each type.
const SEARCHES: &[&str] = &[
    "graphnet-patient @identifier",
    "graphnet-allergy @chain",
    "graphnet-observation @patient _count=5 --pages 9",
    "graphnet-condition @patient clinical-status=active",
    "graphnet-procedure @patient date=ge2000",
    "graphnet-medication-request @patient intent=order",
    "graphnet-medication-statement @patient status=active",
];

/// Words that name the patient, in files: `call` takes no NHS number from its command line.
const WORDS: &[(&str, &str)] = &[
    (
        "identifier",
        "identifier=https://fhir.nhs.uk/Id/nhs-number|9000000084",
    ),
    (
        "chain",
        "patient.identifier=https://fhir.nhs.uk/Id/nhs-number|9000000084",
    ),
    ("patient", "patient=Patient/9000000084"),
];

/// The files of the program that uses fhir-kit-client.
const PROGRAM: &[(&str, &str)] = &[
    ("package.json", include_str!("fhir_kit_client/package.json")),
    (
        "package-lock.json",
        include_str!("fhir_kit_client/package-lock.json"),
    ),
    ("search.js", include_str!("fhir_kit_client/search.js")),
];

pub(super) fn run(command: &Path) -> Result<()> {
    let server = Server::start(command)?;
    let exchanges = by_call(&server)?;
    println!("graphnet: healthcode call: {exchanges} exchanges");
    let types = by_fhir_kit_client(&server)?;
    println!("graphnet: fhir-kit-client: {types} types");
    Ok(())
}

/// Our own command: token, key of the product, search; the capture is valid STU3, and is checked as such.
fn by_call(server: &Server) -> Result<usize> {
    for (name, word) in WORDS {
        fs::write(server.folder().join(name), word)?;
    }
    let mut exchanges = 0;
    for search in SEARCHES {
        let (endpoint, _) = search.split_once(' ').unwrap_or((search, ""));
        let name = format!("{endpoint}.har");
        let options = ["call", "--sandbox", "sandbox.toml", "--capture", &name];
        let args: Vec<_> = options.into_iter().chain(search.split(' ')).collect();
        let out = server.healthcode(&args, &[0])?;
        ensure!(out.contains("\"fullUrl\""), "{endpoint}: {out}");
        let path = server.folder().join(&name);
        let har = fs::read_to_string(&path)?;
        server.ensure_no_secret(&name, &har)?;
        let errors = errors(server, &name)?;
        ensure!(errors.is_empty(), "{name}: {errors:?}");
        let json: Value = serde_json::from_str(&har)?;
        exchanges += json["log"]["entries"].as_array().map_or(0, Vec::len);
    }
    // STU3 requires an element that R4 does not define.
    let name = "graphnet-medication-statement.har";
    let har = fs::read_to_string(server.folder().join(name))?;
    let taken = r#"\"taken\":\"y\","#;
    ensure!(
        har.contains(taken),
        "{name} has no MedicationStatement.taken"
    );
    fs::write(server.folder().join("changed.har"), har.replace(taken, ""))?;
    let errors = errors(server, "changed.har")?;
    let is_missing =
        |(rule, path): &(String, String)| rule == "R4-REQUIRED" && path.ends_with(".taken");
    ensure!(
        !errors.is_empty() && errors.iter().all(is_missing),
        "changed.har: {errors:?}"
    );
    Ok(exchanges)
}

/// Rules and paths of the errors in a capture.
fn errors(server: &Server, name: &str) -> Result<Vec<(String, String)>> {
    let mut errors = Vec::new();
    for issue in server.issues(name)? {
        if matches!(issue["severity"].as_str(), Some("error" | "fatal")) {
            let text = |name: &str| issue[name].as_str().unwrap_or_default().to_owned();
            errors.push((text("rule"), text("path")));
        }
    }
    Ok(errors)
}

/// fhir-kit-client, with a token that curl gets.
fn by_fhir_kit_client(server: &Server) -> Result<usize> {
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        server.text("graphnet", "client_id")?,
        server.text("graphnet", "client_secret")?
    );
    let token = curl(&["--data", &form, server.text("graphnet", "token")?])?;
    let token = json_member(&token, "access_token")?;

    // Installed once for each change of the lock file.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let root = root.context("xtask is in no workspace")?;
    let folder = &root.join("target/tools/fhir-kit-client");
    fs::create_dir_all(folder)?;
    let lock = folder.join("package-lock.json");
    let (_, wanted) = PROGRAM[1];
    let is_installed = fs::read_to_string(&lock).is_ok_and(|found| found == wanted);
    for (name, text) in PROGRAM {
        fs::write(folder.join(name), text)?;
    }
    if !is_installed || !folder.join("node_modules/fhir-kit-client").exists() {
        let mut install = Command::new("npm");
        install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        run_in(folder, &mut install).context("npm; on Debian: apt-get install npm")?;
    }
    let mut node = Command::new("node");
    node.arg("search.js")
        .env("FHIR_BASE", server.text("graphnet", "base")?)
        .env("FHIR_TOKEN", token)
        .env("FHIR_KEY", server.text("graphnet", "subscription_key")?)
        .env("FHIR_PATIENT", PATIENT);
    let out = run_in(folder, &mut node)?;
    let types = out.lines().count();
    ensure!(
        types == SEARCHES.len(),
        "not all types were searched: {out}"
    );
    Ok(types)
}
