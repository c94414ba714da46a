//! What a sandbox is started with, and what it tells: [`Config`], [`Credentials`], [`Urls`].

use crate::auth::jwt::{PrivateKey, PublicKey, SANDBOX_KEY};
use crate::data::Data;
use crate::faults::Faults;
use crate::server::sandbox::Seen;
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::SecretString;
use std::fmt::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What is told of each request.
pub type Tell = Arc<dyn Fn(&Seen) + Send + Sync>;

/// How a sandbox is started.
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// Where it listens: an address of loopback. With port 0, the default, a free one is taken.
    pub address: SocketAddr,
    /// What it serves.
    pub data: Data,
    /// Whether all addresses are https, with certificates of a private authority that is made for
    /// this sandbox ([`Running::certificates`](crate::Running::certificates)). Only then is there
    /// the Spine's proxy, which wants the client's certificate, too.
    pub tls: bool,
    /// Names of this machine that requests may have in `Host`, beside `localhost` and addresses of
    /// loopback: where a proxy or a file of hosts leads here. Without ports.
    pub hosts: Vec<String>,
    /// The file that keeps what is written, made if there is none; without it what was written is
    /// gone with the sandbox. Two sandboxes cannot have one file at the same time.
    pub store: Option<PathBuf>,
    /// What it takes for credentials; new ones unless they are set.
    pub credentials: Option<Credentials>,
    /// How long tokens live: ten minutes by default.
    pub token_life: Duration,
    /// What goes wrong on purpose: nothing by default.
    pub faults: Faults,
    /// Is told of each request once it is answered.
    pub on_request: Option<Tell>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: Data::generated(),
            tls: false,
            hosts: Vec::new(),
            store: None,
            credentials: None,
            token_life: Duration::from_secs(600),
            faults: Faults::new(),
            on_request: None,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("address", &self.address)
            .field("data", &self.data)
            .field("tls", &self.tls)
            .field("hosts", &self.hosts)
            .field("store", &self.store)
            .field("token_life", &self.token_life)
            .finish_non_exhaustive()
    }
}

/// An API key of Healthcode: what signs on, and the site that it may be used for.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// The API Key Id.
    pub id: String,
    /// The API Key.
    pub key: SecretString,
    /// The site: `SU-SiteId`.
    pub site: String,
}

/// What a sandbox takes for credentials. `Debug` shows no secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Credentials {
    /// Healthcode's.
    pub healthcode: ApiKey,
    /// The NHS's.
    pub nhs: NhsApp,
    /// The Spine's.
    pub spine: SpineSystem,
    /// Graphnet's.
    pub graphnet: GraphnetClient,
}

/// A system that may call others through the Spine's proxy. Who it is, its certificate shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpineSystem {
    /// Its ASID: `Ssp-From`.
    pub asid: String,
}

/// An application that is registered with the NHS's platform.
#[derive(Clone, Debug)]
pub struct NhsApp {
    /// Its API key: issuer and subject of its assertions.
    pub api_key: SecretString,
    /// The private key, in PEM, that belongs to the first of the public ones. Every sandbox has the
    /// same; it is public, and good for nothing else.
    pub private_key: SecretString,
    /// Keys that assertions are verified with.
    pub public_keys: Vec<PublicKey>,
}

/// A client of Graphnet's.
#[derive(Clone, Debug)]
pub struct GraphnetClient {
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// The key of its subscription: `Ocp-Apim-Subscription-Key`.
    pub subscription_key: SecretString,
    /// The key of the subscription to the Demographics bundle, which is another product.
    pub demographics_key: SecretString,
}

impl Credentials {
    /// New ones, with random secrets.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub fn new() -> Result<Self, StartError> {
        Ok(Credentials {
            healthcode: ApiKey {
                id: "sandbox-testkey".to_owned(),
                key: secret()?.into(),
                site: "HC00ABC".to_owned(),
            },
            nhs: NhsApp {
                api_key: secret()?.into(),
                private_key: SANDBOX_KEY.into(),
                public_keys: PrivateKey::own()
                    .map(|it| it.public("sandbox-1"))
                    .into_iter()
                    .collect(),
            },
            spine: SpineSystem {
                asid: "200000000205".to_owned(),
            },
            graphnet: GraphnetClient {
                client_id: "sandbox-client".to_owned(),
                client_secret: secret()?.into(),
                subscription_key: secret()?.into(),
                demographics_key: secret()?.into(),
            },
        })
    }
}

/// 128 random bits in hexadecimal.
pub(crate) fn secret() -> Result<String, StartError> {
    let mut bytes = [0; 16];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| StartError::Random)?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// Where a sandbox is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Urls {
    /// Scheme, host and port, without a path.
    pub base: String,
    /// Healthcode's discovery document.
    pub discovery: String,
    /// The openid-configuration of Healthcode's sign-on server.
    pub sign_on: String,
    /// The NHS's platform: what its paths begin after.
    pub nhs: String,
    /// The NHS's token endpoint: the audience of assertions.
    pub nhs_token: String,
    /// The Spine's proxy: what addresses of providers are put behind. Only with TLS.
    pub spine: Option<String>,
    /// Graphnet's FHIR API.
    pub graphnet: String,
    /// Graphnet's CareCentric APIs.
    pub graphnet_api: String,
    /// Graphnet's token endpoint.
    pub graphnet_token: String,
}

impl Urls {
    pub(crate) fn new(address: SocketAddr, proxy: Option<SocketAddr>) -> Self {
        let scheme = if proxy.is_some() { "https" } else { "http" };
        let base = format!("{scheme}://{address}");
        Urls {
            discovery: format!("{base}/healthcode/.well-known/discovery-document.json"),
            sign_on: format!("{base}/sso/.well-known/openid-configuration"),
            nhs: base.clone(),
            spine: proxy.map(|it| format!("https://{it}")),
            nhs_token: format!("{base}/oauth2/token"),
            graphnet: format!("{base}/graphnet/fhir/STU3"),
            graphnet_api: format!("{base}/graphnet/api"),
            graphnet_token: format!("{base}/graphnet/oauth/token"),
            base,
        }
    }
}

/// Why a sandbox did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The address is not one of loopback.
    NotLoopback(SocketAddr),
    /// The address could not be listened on, or a thread not be started.
    Io(std::io::Error),
    /// The store is in use, is no store, or cannot be read or written.
    Store {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Certificates could not be made.
    Tls(Box<dyn std::error::Error + Send + Sync>),
    /// The system has no randomness.
    Random,
}

impl StartError {
    /// The error of the system, if it is one.
    ///
    /// # Errors
    /// If it is not.
    pub fn into_io(self) -> Result<std::io::Error, Self> {
        match self {
            StartError::Io(error) => Ok(error),
            other => Err(other),
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::NotLoopback(address) => {
                write!(
                    f,
                    "{address} is not of this machine alone; a sandbox listens on loopback"
                )
            }
            StartError::Io(_) => f.write_str("the sandbox cannot listen"),
            StartError::Store { path, source } => {
                write!(f, "the store {} cannot be used: {source}", path.display())
            }
            StartError::Tls(_) => f.write_str("certificates could not be made"),
            StartError::Random => f.write_str("the system has no randomness"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            StartError::Io(error) => Some(error),
            StartError::Tls(error) => Some(&**error),
            _ => None,
        }
    }
}

impl From<std::io::Error> for StartError {
    fn from(error: std::io::Error) -> Self {
        StartError::Io(error)
    }
}
