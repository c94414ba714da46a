//! A sandbox of this process, and the command that calls it: what it writes is searched for secrets.

use crate::{Folder, Run};
use healthcode_sandbox::{
    Config, Credentials, ExposeSecret, Fault, Running, Sandbox, Service, Urls,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A running command, ended with the value.
pub(crate) struct Server(std::process::Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs `healthcode sandbox` with these options until it serves; what it prints goes to `name`.
pub(crate) fn serve(bench: &Bench, options: &[&str], name: &str) -> Server {
    let mut command = bench.command(&bench.folder(), &[&["sandbox"], options].concat());
    let printed = fs::File::create(bench.path(name)).unwrap();
    command.stdout(printed).stderr(Stdio::null());
    let server = Server(command.spawn().unwrap());
    let begun = Instant::now();
    let serves =
        || fs::read_to_string(bench.path(name)).is_ok_and(|text| text.contains("# Serving"));
    while !serves() {
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "it does not start"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    server
}

pub(crate) struct Bench {
    sandbox: Running,
    folder: Folder,
    requests: Arc<AtomicUsize>,
}

impl Bench {
    pub(crate) fn start() -> Self {
        let requests = Arc::<AtomicUsize>::default();
        let seen = requests.clone();
        let mut config = Config::default();
        config.on_request = Some(Arc::new(move |_| {
            seen.fetch_add(1, Ordering::SeqCst);
        }));
        let sandbox = Sandbox::start(config).unwrap();
        let (urls, own) = (sandbox.urls(), sandbox.credentials());
        // As healthcode sandbox prints it.
        let printed = format!(
            "[healthcode]\ndiscovery = {:?}\nsign_on = {:?}\nsite = {:?}\nkey_id = {:?}\nkey = {:?}\n\
             [nhs]\nbase = {:?}\napi_key = {:?}\nkid = {:?}\nid_token = {:?}\n\
             [graphnet]\nbase = {:?}\napi = {:?}\ntoken = {:?}\nclient_id = {:?}\nclient_secret = {:?}\n\
             subscription_key = {:?}\ndemographics_key = {:?}\n",
            urls.discovery,
            urls.sign_on,
            own.healthcode.site,
            own.healthcode.id,
            own.healthcode.key.expose_secret(),
            urls.nhs,
            own.nhs.api_key.expose_secret(),
            own.nhs.public_keys[0].id,
            sandbox
                .id_token(Duration::from_hours(1))
                .unwrap()
                .expose_secret(),
            urls.graphnet,
            urls.graphnet_api,
            urls.graphnet_token,
            own.graphnet.client_id,
            own.graphnet.client_secret.expose_secret(),
            own.graphnet.subscription_key.expose_secret(),
            own.graphnet.demographics_key.expose_secret(),
        );
        let folder = Folder::new(&[("sandbox.toml", printed.as_bytes())]);
        Bench {
            sandbox,
            folder,
            requests,
        }
    }

    pub(crate) fn urls(&self) -> &Urls {
        self.sandbox.urls()
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        self.sandbox.credentials()
    }

    /// How many requests the sandbox has answered.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// A secret, by its name in what the sandbox prints.
    pub(crate) fn secret(&self, name: &str) -> String {
        let own = self.credentials();
        let secret = match name {
            "key" => &own.healthcode.key,
            "api_key" => &own.nhs.api_key,
            "private_key" => &own.nhs.private_key,
            "client_secret" => &own.graphnet.client_secret,
            "subscription_key" => &own.graphnet.subscription_key,
            "demographics_key" => &own.graphnet.demographics_key,
            _ => panic!("{name}"),
        };
        secret.expose_secret().to_owned()
    }

    /// From now on every call but those for tokens fails this way; with `None`, no call does.
    pub(crate) fn faults(&self, fault: Option<Fault>) {
        let faults = self.sandbox.faults();
        faults.clear();
        if let Some(fault) = fault {
            for service in [
                Service::Healthcode,
                Service::Sds,
                Service::Pds,
                Service::Graphnet,
            ] {
                faults.add(service, fault, 1000);
            }
        }
    }

    /// The id of a practitioner.
    pub(crate) fn practitioner(&self) -> String {
        let run = self.call(&["practitioner", "count=1", "--format", "ndjson"]);
        let json: serde_json::Value = serde_json::from_str(run.out.trim()).unwrap();
        json["id"].as_str().unwrap().to_owned()
    }

    /// Organisation and service of a device.
    pub(crate) fn device(&self) -> (String, String) {
        let interaction = "urn:nhs:names:services:gpconnect:fhir:rest:read:patient-1";
        (
            "organization=https://fhir.nhs.uk/Id/ods-organization-code|A20047".to_owned(),
            format!("identifier=https://fhir.nhs.uk/Id/nhsServiceInteractionId|{interaction}"),
        )
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path("")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path(name)
    }

    /// A value of what the sandbox has printed, by its name.
    pub(crate) fn printed_value(&self, name: &str) -> String {
        let text = self.folder.read("sandbox.toml");
        let value = |line: &str| Some(line.strip_prefix(name)?.strip_prefix(" = ")?.to_owned());
        let value = text.lines().find_map(value).unwrap();
        value.trim_matches('"').to_owned()
    }

    /// The file with what the sandbox has printed.
    pub(crate) fn printed(&self) -> String {
        self.folder.path("sandbox.toml").display().to_string()
    }

    /// Calls an endpoint of the sandbox.
    pub(crate) fn call(&self, args: &[&str]) -> Run {
        let args = [&["call", "--sandbox", "sandbox.toml"], args].concat();
        self.run(&self.folder.path(""), &args, &[])
    }

    /// The command, to be run in a folder with these variables and no others of ours.
    pub(crate) fn command(&self, folder: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_healthcode"));
        command
            .args(args)
            .current_dir(folder)
            .env("RUST_LOG", "trace")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Calls an endpoint of the sandbox, with something on standard input.
    pub(crate) fn call_with(&self, input: &str, args: &[&str]) -> Run {
        let path = self.path("input");
        fs::write(&path, input).unwrap();
        let args = [&["call", "--sandbox", "sandbox.toml"], args].concat();
        let mut command = self.command(&self.folder(), &args);
        command.stdin(fs::File::open(path).unwrap());
        self.ended(command)
    }

    pub(crate) fn run(&self, folder: &Path, args: &[&str], variables: &[(&str, String)]) -> Run {
        let mut command = self.command(folder, args);
        command.envs(variables.iter().map(|variable| (variable.0, &variable.1)));
        self.ended(command)
    }

    pub(crate) fn ended(&self, mut command: Command) -> Run {
        let output = command.output().unwrap();
        let run = Run {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        self.check(&run);
        run
    }

    /// Nothing that a run writes has a secret, and its errors have no patient.
    pub(crate) fn check(&self, run: &Run) {
        assert_eq!(self.leak(&run.out, &[]), None, "on standard output");
        assert_eq!(self.leak(&run.err, PATIENTS), None, "on standard error");
    }

    /// The first secret or other word that a text has and should not have.
    pub(crate) fn leak(&self, text: &str, words: &[&str]) -> Option<String> {
        let names = [
            "key",
            "api_key",
            "private_key",
            "client_secret",
            "subscription_key",
            "demographics_key",
        ];
        let mut secrets: Vec<String> = names.iter().map(|name| self.secret(name)).collect();
        // Any line of the key.
        let key = self.secret("private_key");
        secrets.extend(key.lines().skip(1).take(3).map(str::to_owned));
        secrets.extend(words.iter().map(|word| (*word).to_owned()));
        secrets
            .into_iter()
            .find(|secret| text.contains(secret))
            .or_else(|| token(text))
    }
}

/// Names and numbers of patients that tests request.
const PATIENTS: &[&str] = &["Smith", "9000000009", "2010-10-22"];

/// What looks like a token of a sandbox: 32 hexadecimal digits, a JWT, or what follows Bearer.
fn token(text: &str) -> Option<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    let hex = |word: &&str| word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let jwt = |word: &&str| word.starts_with("eyJ") && word.contains('.');
    let found = words
        .into_iter()
        .find(|word| hex(word) || jwt(word))
        .map(str::to_owned);
    let bearer = text.split("Bearer ").nth(1);
    found.or_else(|| {
        bearer
            .filter(|bearer| !bearer.starts_with("[redacted]"))
            .map(str::to_owned)
    })
}

/// How many entries the Bundles of an output have.
pub(crate) fn count(out: &str) -> usize {
    let pages = serde_json::Deserializer::from_str(out).into_iter::<serde_json::Value>();
    let entries = pages.map(|page| page.unwrap()["entry"].as_array().map_or(0, Vec::len));
    entries.sum()
}

/// That a leak would be found.
#[test]
fn leaks_are_found() {
    let bench = Bench::start();
    for name in [
        "key",
        "api_key",
        "private_key",
        "client_secret",
        "subscription_key",
    ] {
        let secret = bench.secret(name);
        assert!(
            bench.leak(&format!("a {secret} b"), &[]).is_some(),
            "{name}"
        );
    }
    let key = bench.secret("private_key");
    assert!(bench.leak(key.lines().nth(2).unwrap(), &[]).is_some());
    assert!(
        bench
            .leak("x=0123456789abcdef0123456789abcdef;", &[])
            .is_some()
    );
    assert!(bench.leak("eyJhbGciOiJub25lIn0.eyJ9.", &[]).is_some());
    assert!(bench.leak("authorization: Bearer x", &[]).is_some());
    assert!(bench.leak("family=Smith", PATIENTS).is_some());
    assert_eq!(
        bench.leak("authorization: Bearer [redacted]", PATIENTS),
        None
    );
    assert_eq!(
        bench.leak("request 626a9446-4781-445c-a729-0016b4271372", PATIENTS),
        None
    );
}
