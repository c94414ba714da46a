//! [`ReqwestTransport`], [`TokioTimer`], [`SystemRandom`]: sending for real.

use crate::error::{Error, ErrorKind};
use crate::time::{BoxFuture, Random, Timer};
use crate::transport::{MaxBody, Transport, TransportError, TransportFault};
use bytes::Bytes;
use http::{Request, Response};
use reqwest::redirect::Policy;
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls_platform_verifier::BuilderVerifierExt;
use secrecy::{ExposeSecret, SecretString};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Sends with reqwest, hyper and rustls (TLS 1.2 and 1.3, with ring) inside a runtime of tokio. It
/// follows no redirects, uses no proxy of the environment, and keeps no cookies.
#[derive(Clone)]
pub struct ReqwestTransport(reqwest::Client);
healthcode_core::debug_only!(ReqwestTransport {});

impl ReqwestTransport {
    /// Trusts the certificates that the system trusts.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// With other certificates.
    #[must_use]
    pub fn builder() -> ReqwestBuilder {
        ReqwestBuilder {
            roots: None,
            identity: None,
            connect_timeout: Duration::from_secs(10),
        }
    }
}

/// How a [`ReqwestTransport`] does TLS.
#[derive(Clone)]
pub struct ReqwestBuilder {
    roots: Option<Vec<u8>>,
    identity: Option<(Vec<u8>, SecretString)>,
    connect_timeout: Duration,
}
healthcode_core::debug_only!(ReqwestBuilder {
    roots: |this| this.roots.is_some(),
    identity: |this| this.identity.is_some()
});

impl ReqwestBuilder {
    /// Trusts these certificate authorities, in PEM, **in place of** those of the system: a private
    /// one, such as the Spine's.
    #[must_use]
    pub fn roots(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots = Some(pem.into());
        self
    }

    /// Mutual TLS: the client's certificate with its chain, and its private key, all in PEM.
    #[must_use]
    pub fn identity(mut self, chain: impl Into<Vec<u8>>, key: SecretString) -> Self {
        self.identity = Some((chain.into(), key));
        self
    }

    /// How long connecting may take; 10 seconds if it is not set.
    #[must_use]
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = time;
        self
    }

    /// The transport.
    ///
    /// # Errors
    /// If a certificate or key is invalid, or they do not belong together.
    pub fn build(self) -> Result<ReqwestTransport, Error> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls()?)
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(self.connect_timeout)
            .build();
        let failed = |error: reqwest::Error| unfit("the client cannot be set up").because(error);
        client.map(ReqwestTransport).map_err(failed)
    }

    fn tls(&self) -> Result<ClientConfig, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let failed = |error: rustls::Error| unfit("TLS cannot be set up").because(error);
        let config = ClientConfig::builder_with_provider(provider);
        let config = config
            .with_safe_default_protocol_versions()
            .map_err(failed)?;
        let config = match &self.roots {
            None => config.with_platform_verifier().map_err(failed)?,
            Some(pem) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates(pem)? {
                    roots.add(certificate).map_err(failed)?;
                }
                config.with_root_certificates(roots)
            }
        };
        let mut config = match &self.identity {
            None => config.with_no_client_auth(),
            Some((chain, key)) => {
                let key = PrivateKeyDer::from_pem_slice(key.expose_secret().as_bytes());
                // Its error might show the key.
                let key = key.map_err(|_| unfit("invalid client key: expected PEM"))?;
                let config = config.with_client_auth_cert(certificates(chain)?, key);
                config.map_err(failed)?
            }
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

fn unfit(why: &'static str) -> Error {
    Error::new(ErrorKind::Request(why))
}

/// At least one certificate.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let all = all.unwrap_or_default();
    if all.is_empty() {
        Err(unfit("missing certificate in the PEM"))
    } else {
        Ok(all)
    }
}

fn failed(error: reqwest::Error) -> TransportError {
    let fault = if error.is_connect() {
        TransportFault::Connect
    } else if error.is_timeout() {
        TransportFault::Timeout
    } else {
        TransportFault::Broken
    };
    // URLs may hold patient data.
    TransportError::new(fault).because(error.without_url())
}

impl Transport for ReqwestTransport {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let MaxBody(limit) = MaxBody::of(&request);
            let request = reqwest::Request::try_from(request).map_err(failed)?;
            let mut response = self.0.execute(request).await.map_err(failed)?;
            let too_large = || TransportError::new(TransportFault::TooLarge(limit));
            if response
                .content_length()
                .is_some_and(|length| length > limit as u64)
            {
                return Err(too_large());
            }
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(failed)? {
                if chunk.len() > limit - body.len() {
                    return Err(too_large());
                }
                body.extend_from_slice(&chunk);
            }
            let mut answer = Response::new(Bytes::from(body));
            *answer.status_mut() = response.status();
            *answer.headers_mut() = std::mem::take(response.headers_mut());
            Ok(answer)
        })
    }
}

/// The system's clock, and tokio's sleep.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioTimer;

impl Timer for TokioTimer {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move { tokio::time::sleep(time).await })
    }
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_ok() {
            return;
        }
        // It never fails where programs run; ids still have to differ if it does.
        for (index, byte) in bytes.iter_mut().enumerate() {
            let hash = RandomState::new().hash_one((index, SystemTime::now()));
            *byte = hash.to_le_bytes()[0];
        }
    }
}
