//! Environments: what is called, and with which credentials. Settings come from `healthcode.toml`,
//! secrets from environment variables alone. All of them are read before any work starts.

mod sandbox;

use crate::args::call::{AccountArgs, System};
use crate::config::{find, invalid, read};
use crate::input::{shown, small_text};
use healthcode_sandbox::ExposeSecret;
use healthcode_transport::{Origin, SecretString};
use serde::Deserialize;
use std::io;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

pub(super) use sandbox::of_sandbox;

impl System {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            System::Healthcode => "healthcode",
            System::Nhs => "nhs",
            System::Graphnet => "graphnet",
        }
    }

    /// What is secret of it, and so never a setting.
    fn secrets(self) -> &'static [&'static str] {
        match self {
            System::Healthcode => &["key"],
            System::Nhs => &["api-key", "id-token"],
            System::Graphnet => &["client-secret", "subscription-key"],
        }
    }
}

/// What is called.
pub(super) struct Environment {
    pub(super) name: String,
    /// The file that has it.
    pub(super) file: PathBuf,
    pub(super) settings: Settings,
    /// The authorities to trust in place of the system's.
    pub(super) roots: Option<PathBuf>,
    /// Certificate and key of the client.
    pub(super) identity: Option<(PathBuf, PathBuf)>,
}

/// How a system is called.
pub(super) enum Settings {
    Healthcode(HealthcodeSettings),
    Nhs(NhsSettings),
    Graphnet(GraphnetSettings),
}

/// Stands for a secret that is not needed.
const ABSENT: &str = "-";

fn absent() -> SecretString {
    ABSENT.into()
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct HealthcodeSettings {
    /// The discovery document and the sign-on server, if not production's.
    pub(super) discovery: Option<String>,
    pub(super) sign_on: Option<String>,
    pub(super) key_id: Option<String>,
    pub(super) site: Option<String>,
    pub(super) api_version: Option<String>,
    #[serde(default)]
    pub(super) allow_origins: Vec<String>,
    #[serde(skip, default = "absent")]
    pub(super) key: SecretString,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct NhsSettings {
    /// The platform.
    base: Option<String>,
    /// The services, where they are not at their paths on the platform.
    pub(super) pds_base: Option<String>,
    pub(super) sds_base: Option<String>,
    /// Whether no token is requested.
    #[serde(default)]
    open: bool,
    pub(super) kid: Option<String>,
    private_key_file: Option<PathBuf>,
    pub(super) organization: Option<String>,
    /// The user's role.
    pub(super) role: Option<String>,
    /// The Spine's proxy, and the consumer's own ASID.
    pub(super) proxy: Option<String>,
    pub(super) asid: Option<String>,
    #[serde(skip, default = "absent")]
    pub(super) api_key: SecretString,
    /// What signs for tokens; without it no token is requested.
    #[serde(skip)]
    pub(super) private_key: Option<SecretString>,
    /// The user's id token, if there is one to be exchanged.
    #[serde(skip)]
    pub(super) id_token: Option<SecretString>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct GraphnetSettings {
    pub(super) base: String,
    /// The base of the CareCentric APIs, if it is another.
    pub(super) api: Option<String>,
    pub(super) token: String,
    pub(super) client_id: String,
    #[serde(skip, default = "absent")]
    pub(super) client_secret: SecretString,
    /// The key of the product that is called.
    #[serde(skip, default = "absent")]
    pub(super) subscription_key: SecretString,
}

/// The settings of all environments.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Shared {
    system: System,
    ca_file: Option<PathBuf>,
    client_certificate_file: Option<PathBuf>,
    client_key_file: Option<PathBuf>,
}

const SHARED: &[&str] = &[
    "system",
    "ca-file",
    "client-certificate-file",
    "client-key-file",
];

impl NhsSettings {
    /// The base of the platform, or of the one service that is called where no token is requested.
    pub(super) fn platform(&self) -> &String {
        const NONE: &String = &String::new();
        let bases = [&self.base, &self.pds_base, &self.sds_base];
        bases.into_iter().flatten().next().unwrap_or(NONE)
    }
}

impl Environment {
    /// The system that it is of.
    pub(super) fn system(&self) -> System {
        match self.settings {
            Settings::Healthcode(_) => System::Healthcode,
            Settings::Nhs(_) => System::Nhs,
            Settings::Graphnet(_) => System::Graphnet,
        }
    }

    /// Whether its services take calls without credentials (`open = true`).
    pub(super) fn is_open(&self) -> bool {
        matches!(&self.settings, Settings::Nhs(nhs) if nhs.private_key.is_none())
    }

    /// Whether a text contains one of its secrets.
    pub(super) fn contains_secret(&self, text: &str) -> bool {
        let secrets = match &self.settings {
            Settings::Healthcode(healthcode) => vec![&healthcode.key],
            Settings::Nhs(nhs) => {
                let optional = [&nhs.private_key, &nhs.id_token].into_iter().flatten();
                optional.chain([&nhs.api_key]).collect()
            }
            Settings::Graphnet(graphnet) => {
                vec![&graphnet.client_secret, &graphnet.subscription_key]
            }
        };
        let secrets = secrets.iter().map(|secret| secret.expose_secret());
        secrets
            .filter(|secret| *secret != ABSENT)
            .any(|secret| text.contains(secret))
    }
}

type Result<T> = std::result::Result<T, String>;

/// Which environment is meant.
pub(super) struct Choice<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) config: Option<&'a Path>,
    /// The system that is called, if that is known.
    pub(super) system: Option<System>,
    /// The URL that is called, if that is known.
    pub(super) url: Option<&'a str>,
    /// Whether nothing is sent, so that secrets may be absent.
    pub(super) dry: bool,
    pub(super) account: &'a AccountArgs,
}

impl Choice<'_> {
    /// The environment, from the file of settings and the environment's variables.
    ///
    /// # Errors
    /// If the environment is unknown, or a setting or a secret is missing or invalid.
    pub(super) fn find(&self) -> io::Result<Environment> {
        let Some(path) = find(self.config)? else {
            return Err(invalid(
                self.missing("there is no healthcode.toml here or in a parent folder"),
            ));
        };
        let at = |error: String| invalid(format!("{}: {error}", shown(&path)));
        let text = small_text(&path)?;
        // The line is not shown: it may have a secret.
        let file = text.parse::<Table>().map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            at(format!("line {line}: invalid TOML"))
        })?;
        let empty = Table::new();
        let all = match file.get("environments") {
            None => &empty,
            Some(value) => value
                .as_table()
                .ok_or_else(|| at("invalid environments: expected a table".to_owned()))?,
        };
        let (name, table) = self.choose(all).map_err(at)?;
        let environment = self.environment(&path, name, table);
        environment.map_err(|error| at(format!("environments.{name}: {error}")))
    }

    fn missing(&self, reason: &str) -> String {
        let system = self.system.map_or_else(
            || "healthcode\", \"nhs\" or \"graphnet".to_owned(),
            |system| system.as_str().to_owned(),
        );
        format!(
            "{reason}; healthcode call needs [environments.NAME] with system = \"{system}\", or \
             --sandbox: healthcode help call"
        )
    }

    fn choose<'t>(&self, all: &'t Table) -> Result<(&'t str, &'t Table)> {
        let table = |name: &'t String, value: &'t Value| match value.as_table() {
            Some(table) => Ok((name.as_str(), table)),
            None => Err(format!("invalid environments.{name}: expected a table")),
        };
        if let Some(name) = self.name {
            let Some((name, value)) = all.iter().find(|row| row.0 == name) else {
                let names: Vec<&str> = all.keys().map(String::as_str).collect();
                return Err(format!(
                    "unknown environment {name}: expected one of {}",
                    names.join(", ")
                ));
            };
            return table(name, value);
        }
        let mut found = all.iter().filter(|row| self.may_be(row.1));
        match (found.next(), found.next()) {
            (Some((name, value)), None) => table(name, value),
            (None, _) => Err(self.missing(match self.url {
                Some(_) => "no environment has an address of the URL's origin",
                None => "no environment is of the endpoint's system",
            })),
            (Some((first, _)), Some((second, _))) => Err(format!(
                "missing --env: several environments are possible, such as {first} and {second}"
            )),
        }
    }

    /// Whether an environment is of the system that is called, or has the origin of the URL.
    fn may_be(&self, environment: &Value) -> bool {
        if let Some(system) = self.system {
            let own = environment.get("system").and_then(Value::as_str);
            return own == Some(system.as_str());
        }
        let origin = self.url.and_then(|url| Origin::read(url).ok());
        let addresses = ["base", "pds-base", "sds-base", "api", "discovery"];
        let mut addresses = addresses
            .iter()
            .filter_map(|key| environment.get(key)?.as_str());
        origin.is_some() && addresses.any(|address| Origin::read(address).ok() == origin)
    }

    /// An environment's settings and secrets.
    fn environment(&self, file: &Path, name: &str, table: &Table) -> Result<Environment> {
        let (shared, own): (Table, Table) = table
            .clone()
            .into_iter()
            .partition(|row| SHARED.contains(&row.0.as_str()));
        for (key, value) in table {
            if value.as_str() == Some("") {
                return Err(format!(
                    "invalid {key}: expected a string that is not empty"
                ));
            }
        }
        let shared: Shared = read(shared)?;
        if let Some(system) = self.system.filter(|system| *system != shared.system) {
            return Err(format!(
                "invalid system: the environment is of {}, but the endpoint is of {}",
                shared.system.as_str(),
                system.as_str()
            ));
        }
        let secrets = Secrets {
            environment: name,
            dry: self.dry,
        };
        let secret_key = own
            .keys()
            .find(|key| shared.system.secrets().contains(&key.as_str()));
        if let Some(key) = secret_key {
            return Err(format!(
                "{key} is not allowed here: it is a secret, which is kept in the variable {}",
                secrets.variable(key)
            ));
        }
        let folder = file.parent().unwrap_or(Path::new(""));
        let settings = match shared.system {
            System::Healthcode => self.healthcode(read(own)?, &secrets)?,
            System::Nhs => self.nhs(read(own)?, &secrets, folder)?,
            System::Graphnet => self.graphnet(read(own)?, &secrets)?,
        };
        let identity = match (shared.client_certificate_file, shared.client_key_file) {
            (Some(certificate), Some(key)) => Some((folder.join(certificate), folder.join(key))),
            (None, None) => None,
            (Some(_), None) => return Err("missing client-key-file".to_owned()),
            (None, Some(_)) => return Err("missing client-certificate-file".to_owned()),
        };
        Ok(Environment {
            name: name.to_owned(),
            file: file.to_owned(),
            settings,
            roots: shared.ca_file.map(|path| folder.join(path)),
            identity,
        })
    }

    fn healthcode(&self, mut own: HealthcodeSettings, secrets: &Secrets<'_>) -> Result<Settings> {
        match (&own.discovery, &own.sign_on) {
            (Some(_), None) => return Err("missing sign-on, which discovery needs".to_owned()),
            (None, Some(_)) => return Err("missing discovery, which sign-on needs".to_owned()),
            _ => {}
        }
        if own.key_id.is_none() && !self.dry {
            return Err("missing key-id".to_owned());
        }
        own.key = secrets.get("key")?;
        Ok(Settings::Healthcode(own))
    }

    fn nhs(&self, mut own: NhsSettings, secrets: &Secrets<'_>, folder: &Path) -> Result<Settings> {
        if own.base.is_none() && !(own.open && (own.pds_base.is_some() || own.sds_base.is_some())) {
            return Err("missing base".to_owned());
        }
        match (&own.proxy, &own.asid) {
            (Some(_), None) => return Err("missing asid, which proxy needs".to_owned()),
            (None, Some(_)) => return Err("missing proxy, which asid needs".to_owned()),
            _ => {}
        }
        if own.open {
            // Open services take any key.
            own.api_key = secrets.get("api-key").unwrap_or_else(|_| absent());
        } else {
            own.api_key = secrets.get("api-key")?;
            let (Some(_), Some(path)) = (&own.kid, &own.private_key_file) else {
                return Err(
                    "missing kid or private-key-file, which sign for tokens; open = true is for \
                     services that take none"
                        .to_owned(),
                );
            };
            own.private_key = Some(if self.dry {
                absent()
            } else {
                let key = small_text(&folder.join(path));
                key.map_err(|error| format!("invalid private-key-file: {error}"))?
                    .into()
            });
        }
        if self.account.as_user {
            own.id_token = Some(secrets.get("id-token")?);
        }
        Ok(Settings::Nhs(own))
    }

    fn graphnet(&self, mut own: GraphnetSettings, secrets: &Secrets<'_>) -> Result<Settings> {
        own.client_secret = secrets.get("client-secret")?;
        own.subscription_key = match &self.account.product {
            Some(product) => secrets.get(&format!("subscription-key-{product}"))?,
            None => secrets.get("subscription-key")?,
        };
        Ok(Settings::Graphnet(own))
    }
}

/// Whether an address is a base, or below it.
pub(super) fn is_below(url: &str, base: &str) -> bool {
    let rest = url.strip_prefix(base.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// The secrets of an environment: each in a variable of its own.
struct Secrets<'a> {
    environment: &'a str,
    dry: bool,
}

impl Secrets<'_> {
    /// The variable of a secret: `HEALTHCODE_UAT_KEY`.
    fn variable(&self, key: &str) -> String {
        let text = format!("HEALTHCODE_{}_{key}", self.environment);
        let word = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        };
        text.chars().map(word).collect()
    }

    fn get(&self, key: &str) -> Result<SecretString> {
        if self.dry {
            return Ok(absent());
        }
        let variable = self.variable(key);
        match std::env::var(&variable) {
            Ok(secret) if !secret.is_empty() => Ok(secret.into()),
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(format!("invalid variable {variable}: expected UTF-8"))
            }
            _ => Err(format!("missing variable {variable}, which has the {key}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_below_a_base() {
        for (url, base, expect) in [
            ("http://a.example/b/c", "http://a.example/b", true),
            ("http://a.example/b?c=d", "http://a.example/b/", true),
            ("http://a.example/b", "http://a.example/b", true),
            ("http://a.example/bc", "http://a.example/b", false),
            ("http://a.example.org/b", "http://a.example", false),
        ] {
            assert_eq!(is_below(url, base), expect, "{url} {base}");
        }
    }
}
