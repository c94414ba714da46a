//! [`Sandbox`], [`Running`]: the sockets, and who answers what.

use crate::auth::jwt::PrivateKey;
use crate::auth::tokens::Tokens;
use crate::config::{Config, Credentials, StartError, Tell, Urls};
use crate::faults::Faults;
use crate::graphnet::{fhir, find_patient};
use crate::healthcode::{crud, search, sign_on};
use crate::http::answer::plain;
use crate::nhs::pds_update::Done;
use crate::nhs::token::Used;
use crate::nhs::{pds, pds_update, sds, token, token_exchange};
use crate::server::connections::Connections;
use crate::server::listen::{Front, Port, accept};
use crate::server::tls::{Certificates, Tls};
use crate::store::disk::Disk;
use crate::store::records::Records;
use crate::store::resources::{KINDS, Register};
use crate::store::search::Engine;
use crate::work::Work;
use axum::Router;
use axum::routing::{any, get, post};
use http::{Method, StatusCode};
use secrecy::SecretString;
use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::runtime;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// What all that answer share.
pub(crate) struct Shared {
    pub(crate) urls: Urls,
    pub(crate) credentials: Credentials,
    pub(crate) token_life: Duration,
    pub(crate) register: Arc<Register>,
    pub(crate) engine: Engine,
    pub(crate) tokens: Tokens,
    pub(crate) records: Records,
    pub(crate) used: Used,
    pub(crate) done: Done,
    pub(crate) key: Option<PrivateKey>,
    pub(crate) faults: Faults,
    pub(crate) work: Work,
    pub(crate) connections: Arc<Connections>,
    pub(crate) hosts: Vec<String>,
    pub(crate) on_request: Option<Tell>,
}

/// A request that was answered, without anything that may be of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seen {
    /// The method.
    pub method: Method,
    /// The path, with `{}` in place of what is no word of the sandbox's own paths; no query.
    pub path: String,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// How long it took.
    pub took: Duration,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.took.as_secs_f64() * 1e3;
        let Seen { method, path, .. } = self;
        match self.status {
            Some(status) => write!(f, "{status} {method} {path} {millis:.1} ms"),
            None => write!(f, "--- {method} {path} {millis:.1} ms"),
        }
    }
}

/// The words that paths may have.
const WORDS: &[&str] = &[
    "healthcode",
    ".well-known",
    "discovery-document.json",
    "practitioner",
    "practitionerrole",
    "practitionerphoto",
    "schedule",
    "patient",
    "sso",
    "openid-configuration",
    "token",
    "oauth2",
    "oauth",
    "spine-directory",
    "personal-demographics",
    "FHIR",
    "R4",
    "Device",
    "Endpoint",
    "Patient",
    "RelatedPerson",
    "graphnet",
    "api",
    "PatientSearch",
    "fhir",
    "STU3",
];

pub(crate) fn masked(path: &str) -> String {
    let shown = |it| match WORDS.contains(&it) || str::is_empty(it) {
        true => it,
        false => "{}",
    };
    path.split('/').map(shown).collect::<Vec<_>>().join("/")
}

fn router(shared: Arc<Shared>) -> Router {
    let missing = || async { plain(StatusCode::NOT_FOUND, "not-found", "there is nothing here") };
    let wrong = || async {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        plain(status, "not-supported", "the endpoint has another method")
    };
    let mut router = Router::new();
    for kind in &KINDS {
        let all = format!("/healthcode/{}", kind.path);
        let one = get(move |shared, path, headers| crud::read(kind, shared, path, headers))
            .put(move |shared, path, headers, body| crud::update(kind, shared, path, headers, body))
            .delete(move |shared, path, headers| crud::delete(kind, shared, path, headers));
        let new = post(move |shared, headers, body| crud::create(kind, shared, headers, body));
        router = router.route(&format!("{all}/{{id}}"), one).route(&all, new);
    }
    router
        .route(
            "/healthcode/.well-known/discovery-document.json",
            get(search::discovery),
        )
        .route("/healthcode/practitioner", get(search::practitioners))
        .route("/healthcode/practitionerrole", get(search::roles))
        .route("/healthcode/practitionerphoto/{id}", get(search::photo))
        .route(
            "/sso/.well-known/openid-configuration",
            get(sign_on::configuration),
        )
        .route("/sso/token", post(sign_on::token))
        .route("/oauth2/token", post(token::token))
        .route("/spine-directory/FHIR/R4/{*path}", any(sds::look_up))
        .route("/personal-demographics/FHIR/R4/Patient", get(pds::search))
        .route(
            "/personal-demographics/FHIR/R4/Patient/{id}",
            get(pds::read).patch(pds_update::update),
        )
        .route(
            "/personal-demographics/FHIR/R4/Patient/{id}/RelatedPerson",
            get(pds_update::related),
        )
        .route("/graphnet/oauth/token", post(fhir::token))
        .route("/graphnet/api/PatientSearch", post(find_patient::find))
        .route("/graphnet/fhir/STU3/{kind}", get(fhir::search))
        .route("/graphnet/fhir/STU3/{kind}/{id}", get(fhir::read))
        .fallback(missing)
        .method_not_allowed_fallback(wrong)
        .with_state(shared)
}

/// Starts servers.
#[derive(Debug)]
pub struct Sandbox;

impl Sandbox {
    /// Starts all servers at one port, on threads of their own; with TLS, the Spine's proxy at
    /// another one.
    ///
    /// # Errors
    /// If the address is not one of loopback or cannot be listened on, the store cannot be used, or
    /// threads or randomness cannot be had.
    pub fn start(config: Config) -> Result<Running, StartError> {
        if !config.address.ip().is_loopback() {
            return Err(StartError::NotLoopback(config.address));
        }
        let listen = |address| {
            let listener = TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            Ok::<_, std::io::Error>((listener.local_addr()?, listener))
        };
        let (address, listener) = listen(config.address)?;
        let tls = config.tls.then(Tls::new).transpose()?;
        let proxy = match &tls {
            Some(tls) => {
                let (at, listener) = listen(SocketAddr::new(address.ip(), 0))?;
                Some((at, listener, TlsAcceptor::from(tls.mutual.clone())))
            }
            None => None,
        };
        let urls = Urls::new(address, proxy.as_ref().map(|it| it.0));
        let credentials = match config.credentials {
            Some(credentials) => credentials,
            None => Credentials::new()?,
        };
        let store = config.store.as_deref();
        let failed = |error: redb::Error| StartError::Store {
            path: store.unwrap_or(Path::new("")).to_owned(),
            source: error.into(),
        };
        let disk = Arc::new(Disk::open(store).map_err(failed)?);
        let register = Arc::new(Register::open(&config.data, disk.clone()).map_err(failed)?);
        let shared = Arc::new(Shared {
            urls: urls.clone(),
            credentials: credentials.clone(),
            token_life: config.token_life,
            engine: Engine::start(&register)?,
            register,
            records: Records::open(&config.data, disk).map_err(failed)?,
            used: Used::default(),
            done: Done::default(),
            key: PrivateKey::own(),
            tokens: Tokens::default(),
            faults: config.faults.clone(),
            work: Work::default(),
            connections: Arc::default(),
            hosts: config.hosts,
            on_request: config.on_request,
        });
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("sandbox")
            .enable_all()
            .build()?;
        let acceptor = tls.as_ref().map(|it| TlsAcceptor::from(it.open.clone()));
        let front = Front::Services(router(shared.clone()));
        let services = Port::new(listener, acceptor, front);
        let proxy = proxy.map(|(_, listener, tls)| Port::new(listener, Some(tls), Front::Proxy));
        let (stop, stopped) = watch::channel(());
        let thread = thread::Builder::new().name("sandbox".to_owned());
        let thread = thread.spawn(move || {
            if let Some(proxy) = proxy {
                runtime.spawn(accept(proxy, shared.clone(), stopped.clone()));
            }
            runtime.block_on(accept(services, shared, stopped));
            runtime.shutdown_background();
        })?;
        Ok(Running {
            address,
            faults: config.faults,
            urls,
            credentials,
            certificates: tls.map(|it| it.certificates),
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

/// Servers that run until this is dropped.
pub struct Running {
    address: SocketAddr,
    faults: Faults,
    urls: Urls,
    credentials: Credentials,
    certificates: Option<Certificates>,
    stop: Option<watch::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Where everything is.
    #[must_use]
    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// Address and port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What goes wrong on purpose.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What it takes for credentials.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The id token of a user who has signed in with CIS2, as token exchange wants it. The user does
    /// not exist; the token is signed with the key that every sandbox has.
    ///
    /// # Errors
    /// If it cannot be signed, for want of randomness.
    pub fn id_token(&self, life: Duration) -> Result<SecretString, StartError> {
        token_exchange::id_token(&self.urls.base, life)
    }

    /// What clients need for TLS, if the servers have it.
    #[must_use]
    pub fn certificates(&self) -> Option<&Certificates> {
        self.certificates.as_ref()
    }

    /// Waits until the servers have ended, which they do by themselves only if they cannot go on.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("urls", &self.urls)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}
