//! [`Sandbox`], [`Running`]: starting and stopping.

use super::listen::{Port, serve};
use super::router;
use super::tls::{Certificates, Tls};
use crate::auth::jwt::PrivateKey;
use crate::auth::tokens::Tokens;
use crate::auth::used_jtis::UsedJtis;
use crate::config::{Config, Urls};
use crate::credentials::Credentials;
use crate::error::StartError;
use crate::faults::Faults;
use crate::nhs::token_exchange;
use crate::state::SandboxState;
use crate::store::disk::Disk;
use crate::store::records::Records;
use crate::store::resources::Resources;
use crate::store::search::SearchPool;
use crate::work::WorkQueue;
use secrecy::SecretString;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::runtime;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// Starts servers.
#[derive(Debug)]
pub struct Sandbox;

impl Sandbox {
    /// Starts all services on one port, on threads of their own; with TLS, the Spine's proxy on another
    /// port.
    ///
    /// # Errors
    /// If the address is not a loopback address or cannot be listened on, the store cannot be used, or
    /// the system has no threads or no randomness.
    pub fn start(config: Config) -> Result<Running, StartError> {
        if !config.address.ip().is_loopback() {
            return Err(StartError::NotLoopback(config.address));
        }
        let tls = config.tls.then(Tls::new).transpose()?;
        let (address, services) = listen(config.address)?;
        let proxy = match tls {
            Some(_) => Some(listen(SocketAddr::new(address.ip(), 0))?),
            None => None,
        };
        let urls = Urls::new(address, proxy.as_ref().map(|(address, _)| *address));
        let state = Arc::new(state(config, urls)?);
        let acceptor = |config| TlsAcceptor::from(Arc::clone(config));
        let services = Port {
            listener: services,
            tls: tls.as_ref().map(|tls| acceptor(&tls.services)),
            router: router::services(&state),
        };
        let proxy = proxy.map(|(_, listener)| Port {
            listener,
            tls: tls.as_ref().map(|tls| acceptor(&tls.proxy)),
            router: router::spine_proxy(&state),
        });
        let (stop, thread) = spawn(services, proxy, &state)?;
        Ok(Running {
            address,
            urls: state.urls.clone(),
            credentials: state.credentials.clone(),
            faults: state.faults.clone(),
            certificates: tls.map(|tls| tls.certificates),
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

fn listen(address: SocketAddr) -> io::Result<(SocketAddr, TcpListener)> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok((listener.local_addr()?, listener))
}

fn state(config: Config, urls: Urls) -> Result<SandboxState, StartError> {
    let store = config.store.as_deref();
    let store_error = |error: redb::Error| StartError::Store {
        path: store.unwrap_or(Path::new("")).to_owned(),
        cause: error.into(),
    };
    let disk = Arc::new(Disk::open(store).map_err(store_error)?);
    let resources = Resources::open(&config.data, disk.clone()).map_err(store_error)?;
    let resources = Arc::new(resources);
    let records = Records::open(&config.data, disk.clone()).map_err(store_error)?;
    Ok(SandboxState {
        urls,
        credentials: config.credentials.map_or_else(Credentials::new, Ok)?,
        token_life: config.token_life,
        key: PrivateKey::of_sandbox(),
        tokens: Tokens::default(),
        used_jtis: UsedJtis::default(),
        search: SearchPool::start(&resources)?,
        disk,
        resources,
        records,
        graphnet: config.data.graphnet,
        completed: parking_lot::Mutex::default(),
        faults: config.faults,
        work: WorkQueue::default(),
        hosts: config.hosts,
        on_request: config.on_request,
    })
}

/// Serves ports on a thread, until the sender is dropped.
fn spawn(
    services: Port,
    proxy: Option<Port>,
    state: &Arc<SandboxState>,
) -> io::Result<(watch::Sender<()>, JoinHandle<()>)> {
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("sandbox")
        .enable_all()
        .build()?;
    let (stop, stopped) = watch::channel(());
    let (state, connections) = (state.clone(), Arc::default());
    let disk = state.disk.clone();
    let serve = move |port| {
        serve(
            port,
            state.clone(),
            Arc::clone(&connections),
            stopped.clone(),
        )
    };
    let thread = thread::Builder::new().name("sandbox".to_owned());
    let thread = thread.spawn(move || {
        if let Some(proxy) = proxy {
            runtime.spawn(serve(proxy));
        }
        runtime.block_on(serve(services));
        runtime.shutdown_background();
        // Requests and searches that are still running would keep the store from the next sandbox.
        disk.close();
    })?;
    Ok((stop, thread))
}

/// Servers that run until this is dropped.
pub struct Running {
    address: SocketAddr,
    urls: Urls,
    credentials: Credentials,
    faults: Faults,
    certificates: Option<Certificates>,
    stop: Option<watch::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}
healthcode_core::debug_only!(Running { urls, credentials });

impl Running {
    /// The addresses of all services.
    #[must_use]
    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// Address and port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The faults of coming requests.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The credentials that are accepted.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The id token of a user who has signed in with CIS2, for token exchange. The user does not exist;
    /// the token is signed with the key that all sandboxes have.
    ///
    /// # Errors
    /// If it cannot be signed, because the system has no randomness.
    pub fn id_token(&self, life: Duration) -> Result<SecretString, StartError> {
        token_exchange::id_token(&self.urls.base, life)
    }

    /// What clients need for TLS, if it is on.
    #[must_use]
    pub fn certificates(&self) -> Option<&Certificates> {
        self.certificates.as_ref()
    }

    /// Waits until the servers have ended, which they do only if they cannot go on.
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
