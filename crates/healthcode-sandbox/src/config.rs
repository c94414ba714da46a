//! [`Config`]: how a sandbox is started; [`Urls`]: where it is then.

use crate::credentials::Credentials;
use crate::data::Data;
use crate::faults::Faults;
use crate::log::OnRequest;
use healthcode_search::service;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// How a sandbox is started.
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// The loopback address to listen on. With port 0, the default, the system chooses a free port.
    pub address: SocketAddr,
    /// The data to serve.
    pub data: Data,
    /// Whether all addresses are https, with certificates of a private authority that is created for
    /// this sandbox ([`Running::certificates`](crate::Running::certificates)). The Spine's proxy, which
    /// requires a client certificate, is served only then.
    pub tls: bool,
    /// Names of this machine that `Host` may have, besides `localhost` and loopback addresses: for a
    /// proxy or a hosts file that leads here. Without ports.
    pub hosts: Vec<String>,
    /// The file that keeps what is written; it is created if it does not exist. Without it, what is
    /// written is lost with the sandbox. Two sandboxes cannot use one file at the same time; it is free
    /// once [`Running`](crate::Running) is dropped.
    pub store: Option<PathBuf>,
    /// The credentials to accept; by default, new ones.
    pub credentials: Option<Credentials>,
    /// How long tokens live: ten minutes by default.
    pub token_life: Duration,
    /// The faults to inject: none by default.
    pub faults: Faults,
    /// Called with each request once it is answered.
    pub on_request: Option<OnRequest>,
}
healthcode_core::debug_only!(Config {
    address,
    data,
    tls,
    hosts,
    store,
    token_life
});

impl Default for Config {
    fn default() -> Self {
        Config {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: Data::generated(),
            tls: false,
            hosts: Vec::new(),
            store: None,
            credentials: None,
            token_life: Duration::from_mins(10),
            faults: Faults::new(),
            on_request: None,
        }
    }
}

/// The addresses of a sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Urls {
    /// Scheme, host and port, without a path.
    pub base: String,
    /// Healthcode's discovery document.
    pub discovery: String,
    /// The openid-configuration of Healthcode's sign-on server.
    pub sign_on: String,
    /// The NHS's platform: the prefix of its paths.
    pub nhs: String,
    /// The NHS's token endpoint: the audience of assertions.
    pub nhs_token: String,
    /// The Spine's proxy: the prefix of providers' addresses. Only with TLS.
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
            nhs_token: format!("{base}/oauth2/token"),
            spine: proxy.map(|address| format!("https://{address}")),
            graphnet: format!("{base}/graphnet/fhir/STU3"),
            graphnet_api: format!("{base}/graphnet/api"),
            graphnet_token: format!("{base}/graphnet/oauth/token"),
            base,
        }
    }

    /// The PDS address of patients.
    pub(crate) fn pds_patients(&self) -> String {
        format!("{}{}/Patient", self.base, service::PDS.base)
    }
}
