//! Environments: what is called, and with which credentials. Settings come from `healthcode.toml`,
//! secrets from environment variables alone.

mod sandbox;

use crate::config::{find, invalid};
use crate::input::small_text as read;
use healthcode_core::nearest;
use healthcode_sandbox::ExposeSecret;
use healthcode_search::{Dialect, Endpoint};
use healthcode_transport::SecretString;
use std::io;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

pub(super) use sandbox::of_sandbox;

/// A system whose endpoints are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    Healthcode,
    Nhs,
    Graphnet,
}

impl System {
    const ALL: [System; 3] = [System::Healthcode, System::Nhs, System::Graphnet];

    /// That of an endpoint.
    pub(super) fn of(endpoint: &Endpoint) -> Option<Self> {
        match endpoint.dialect {
            Dialect::Healthcode => Some(System::Healthcode),
            Dialect::Pds | Dialect::Sds => Some(System::Nhs),
            Dialect::Stu3 if endpoint.name.starts_with("graphnet-") => Some(System::Graphnet),
            _ => None,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            System::Healthcode => "healthcode",
            System::Nhs => "nhs",
            System::Graphnet => "graphnet",
        }
    }

    /// The settings that an environment of it may have, beside those of all.
    fn settings(self) -> &'static [&'static str] {
        match self {
            System::Healthcode => &[
                "discovery",
                "sign-on",
                "key-id",
                "site",
                "api-version",
                "allow-origins",
            ],
            System::Nhs => &[
                "base",
                "kid",
                "private-key-file",
                "organization",
                "role",
                "open",
                "proxy",
                "asid",
            ],
            System::Graphnet => &["base", "api", "token", "client-id"],
        }
    }

    /// What is secret of it: never a setting.
    fn secrets(self) -> &'static [&'static str] {
        match self {
            System::Healthcode => &["key"],
            System::Nhs => &["api-key", "id-token"],
            System::Graphnet => &["client-secret", "subscription-key"],
        }
    }
}

/// The settings of all environments.
const SHARED: &[&str] = &[
    "system",
    "ca-file",
    "client-certificate-file",
    "client-key-file",
];

/// What is called.
pub(super) struct Environment {
    pub(super) name: String,
    pub(super) service: Service,
    /// The authorities to trust in place of the system's.
    pub(super) roots: Option<PathBuf>,
    /// Certificate and key of the client.
    pub(super) identity: Option<(PathBuf, PathBuf)>,
}

impl Environment {
    /// Whether its services take calls without credentials (`open = true`).
    pub(super) fn is_open(&self) -> bool {
        matches!(self.service, Service::Nhs { signer: None, .. })
    }

    /// Whether a text has one of its secrets.
    pub(super) fn is_betrayed_by(&self, text: &str) -> bool {
        let secrets = match &self.service {
            Service::Healthcode { key, .. } => vec![key],
            Service::Nhs {
                api_key,
                signer,
                id_token,
                ..
            } => {
                let key = signer.as_ref().map(|it| &it.1);
                std::iter::once(api_key)
                    .chain(key)
                    .chain(id_token)
                    .collect()
            }
            Service::Graphnet {
                client_secret,
                subscription_key,
                ..
            } => vec![client_secret, subscription_key],
        };
        secrets.iter().any(|it| text.contains(it.expose_secret()))
    }
}

/// How a system is called. Secrets that a dry run does not need are `-`.
pub(super) enum Service {
    Healthcode {
        /// The discovery document and the sign-on server, if not production's.
        addresses: Option<(String, String)>,
        key_id: String,
        key: SecretString,
        site: Option<String>,
        api_version: Option<String>,
        allow_origins: Vec<String>,
    },
    Nhs {
        base: String,
        api_key: SecretString,
        /// The key's id and the key itself; without them no token is asked for.
        signer: Option<(String, SecretString)>,
        organization: Option<String>,
        /// The user's role.
        role: Option<String>,
        /// The user's id token, if there is one to be exchanged.
        id_token: Option<SecretString>,
        /// The Spine's proxy, and the consumer's own ASID.
        spine: Option<(String, String)>,
    },
    Graphnet {
        base: String,
        /// The base of the CareCentric APIs, if it is another.
        api: Option<String>,
        token: String,
        client_id: String,
        client_secret: SecretString,
        subscription_key: SecretString,
        /// What that key is for.
        product: String,
    },
}

type Result<T> = std::result::Result<T, String>;

/// Which environment is meant.
pub(super) struct Choice<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) config: Option<&'a Path>,
    pub(super) system: System,
    /// Whether nothing is sent, so that secrets may be absent.
    pub(super) dry: bool,
    /// Whether a user's id token is needed.
    pub(super) as_user: bool,
    /// Which of Graphnet's products is called.
    pub(super) product: Option<&'a str>,
}

impl Choice<'_> {
    /// The environment, from the file of settings and the environment's variables.
    ///
    /// # Errors
    /// If there is none, or a setting or a secret is absent or cannot be meant.
    pub(super) fn find(&self) -> io::Result<Environment> {
        let Some(path) = find(self.config)? else {
            return Err(invalid(
                self.none("there is no healthcode.toml here or around"),
            ));
        };
        let at = |error: String| invalid(format!("{}: {error}", path.display()));
        let text = read(&path)?;
        // What is at fault is not shown: it may be a secret.
        let file = text.parse::<Table>().map_err(|error| {
            let start = error.span().map_or(0, |it| it.start);
            let before = text.get(..start).unwrap_or_default();
            at(format!(
                "line {}: no TOML",
                before.matches('\n').count() + 1
            ))
        })?;
        let empty = Table::new();
        let all = match file.get("environments") {
            None => &empty,
            Some(it) => it
                .as_table()
                .ok_or_else(|| at("environments: expected a table".to_owned()))?,
        };
        let (name, table) = self.choose(all).map_err(at)?;
        let settings = Settings {
            name,
            table,
            system: self.system,
            folder: path.parent().unwrap_or(Path::new("")),
            dry: self.dry,
            as_user: self.as_user,
            product: self.product,
        };
        let found = settings.environment();
        found.map_err(|error| at(format!("environments.{name}: {error}")))
    }

    fn none(&self, why: &str) -> String {
        format!(
            "{why}; healthcode call needs [environments.NAME] with system = \"{}\", or --sandbox: \
             healthcode help call",
            self.system.as_str()
        )
    }

    fn choose<'t>(&self, all: &'t Table) -> Result<(&'t str, &'t Table)> {
        let table = |name: &str, value: &'t Value| {
            let table = value.as_table();
            table.ok_or_else(|| format!("environments.{name}: expected a table"))
        };
        if let Some(name) = self.name {
            let Some((name, value)) = all.iter().find(|it| it.0 == name) else {
                let names: Vec<&str> = all.keys().map(String::as_str).collect();
                let names = names.join(", ");
                return Err(format!(
                    "there is no environment {name}; there are: {names}"
                ));
            };
            return Ok((name, table(name, value)?));
        }
        let own =
            |it: &Value| it.get("system").and_then(Value::as_str) == Some(self.system.as_str());
        let mut found = all.iter().filter(|it| own(it.1));
        match (found.next(), found.next()) {
            (Some((name, value)), None) => Ok((name, table(name, value)?)),
            (None, _) => Err(self.none("no environment is of the endpoint's system")),
            (Some((first, _)), Some((second, _))) => Err(format!(
                "several environments may be meant: say --env {first}, --env {second} ..."
            )),
        }
    }
}

/// The settings of one environment.
struct Settings<'a> {
    name: &'a str,
    table: &'a Table,
    system: System,
    folder: &'a Path,
    dry: bool,
    as_user: bool,
    product: Option<&'a str>,
}

impl Settings<'_> {
    fn environment(&self) -> Result<Environment> {
        self.check()?;
        let identity = match (
            self.file("client-certificate-file")?,
            self.file("client-key-file")?,
        ) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => {
                return Err("client-certificate-file and client-key-file go together".to_owned());
            }
        };
        Ok(Environment {
            name: self.name.to_owned(),
            service: self.service()?,
            roots: self.file("ca-file")?,
            identity,
        })
    }

    /// That all settings are known, of the system that is called, and none is a secret.
    fn check(&self) -> Result<()> {
        let system = self.needed("system")?;
        let Some(found) = System::ALL.into_iter().find(|it| it.as_str() == system) else {
            return Err("system: expected healthcode, nhs or graphnet".to_owned());
        };
        if found != self.system {
            let expected = self.system.as_str();
            return Err(format!(
                "it is of the system {system}; the endpoint is of {expected}"
            ));
        }
        let known = || SHARED.iter().chain(self.system.settings()).copied();
        for key in self.table.keys() {
            if self.system.secrets().contains(&key.as_str()) {
                let variable = self.variable(key);
                return Err(format!(
                    "{key} is a secret: keep it in the variable {variable}"
                ));
            }
            if !known().any(|it| it == key) {
                return Err(match nearest(key, known()) {
                    Some(name) => format!("{key}: there is no such setting; did you mean {name}?"),
                    None => format!("{key}: there is no such setting"),
                });
            }
        }
        Ok(())
    }

    fn service(&self) -> Result<Service> {
        Ok(match self.system {
            System::Healthcode => Service::Healthcode {
                addresses: match (self.text("discovery")?, self.text("sign-on")?) {
                    (Some(discovery), Some(sign_on)) => Some((discovery, sign_on)),
                    (None, None) => None,
                    _ => return Err("discovery and sign-on go together".to_owned()),
                },
                key_id: match self.dry {
                    true => self.text("key-id")?.unwrap_or_default(),
                    false => self.needed("key-id")?,
                },
                key: self.secret("key")?,
                site: self.text("site")?,
                api_version: self.text("api-version")?,
                allow_origins: self.list("allow-origins")?,
            },
            System::Nhs => Service::Nhs {
                base: self.needed("base")?,
                api_key: self.secret("api-key")?,
                signer: self.signer()?,
                organization: self.text("organization")?,
                role: self.text("role")?,
                id_token: match self.as_user {
                    true => Some(self.secret("id-token")?),
                    false => None,
                },
                spine: match (self.text("proxy")?, self.text("asid")?) {
                    (Some(proxy), Some(asid)) => Some((proxy, asid)),
                    (None, None) => None,
                    _ => return Err("proxy and asid go together".to_owned()),
                },
            },
            System::Graphnet => Service::Graphnet {
                base: self.needed("base")?,
                api: self.text("api")?,
                token: self.needed("token")?,
                client_id: self.needed("client-id")?,
                client_secret: self.secret("client-secret")?,
                subscription_key: match self.product {
                    Some(name) => self.secret(&format!("subscription-key-{name}"))?,
                    None => self.secret("subscription-key")?,
                },
                product: self.product.unwrap_or("fhir").to_owned(),
            },
        })
    }

    fn signer(&self) -> Result<Option<(String, SecretString)>> {
        let open = self.table.get("open").map(Value::as_bool);
        match open {
            Some(Some(true)) => return Ok(None),
            None | Some(Some(false)) => {}
            Some(None) => return Err("open: expected true or false".to_owned()),
        }
        let needed = || {
            "kid and private-key-file are needed to sign for tokens, or open = true where none are \
             taken"
                .to_owned()
        };
        let kid = self.text("kid")?.ok_or_else(needed)?;
        let path = self.file("private-key-file")?.ok_or_else(needed)?;
        if self.dry {
            return Ok(Some((kid, "-".into())));
        }
        let pem = read(&path).map_err(|error| format!("private-key-file: {error}"))?;
        Ok(Some((kid, pem.into())))
    }

    fn text(&self, key: &str) -> Result<Option<String>> {
        let text = |value: &Value| match value.as_str() {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => Err(format!("{key}: expected a string")),
        };
        self.table.get(key).map(text).transpose()
    }

    fn needed(&self, key: &str) -> Result<String> {
        self.text(key)?.ok_or_else(|| format!("{key} is missing"))
    }

    fn list(&self, key: &str) -> Result<Vec<String>> {
        let fault = || format!("{key}: expected an array of strings");
        let Some(value) = self.table.get(key) else {
            return Ok(Vec::new());
        };
        let items = value.as_array().ok_or_else(fault)?.iter();
        items
            .map(|it| it.as_str().map(str::to_owned).ok_or_else(fault))
            .collect()
    }

    /// A file; a relative path is from the folder of the settings.
    fn file(&self, key: &str) -> Result<Option<PathBuf>> {
        Ok(self.text(key)?.map(|path| self.folder.join(path)))
    }

    /// The variable of a secret: `HEALTHCODE_UAT_KEY`.
    fn variable(&self, key: &str) -> String {
        let text = format!("HEALTHCODE_{}_{key}", self.name);
        let word = |c: char| match c.is_ascii_alphanumeric() {
            true => c.to_ascii_uppercase(),
            false => '_',
        };
        text.chars().map(word).collect()
    }

    fn secret(&self, key: &str) -> Result<SecretString> {
        if self.dry {
            return Ok("-".into());
        }
        let variable = self.variable(key);
        match std::env::var(&variable) {
            Ok(secret) if !secret.is_empty() => Ok(secret.into()),
            Err(std::env::VarError::NotUnicode(_)) => Err(format!("{variable} is no text")),
            _ => Err(format!(
                "the variable {variable} is not set; it has the {key}"
            )),
        }
    }
}
