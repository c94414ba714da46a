//! TLS: private authorities, and certificates of clients.

use crate::server::{Server, answer};
use crate::watch::Spy;
use healthcode_r4::Patient;
use healthcode_transport::{
    Call, Client, ErrorKind, HttpStack, Origin, ReqwestTransport, Retry, SecretString,
    SystemRandom, TokioTimer, Trust,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::sync::Arc;

/// A certificate authority, and what it has issued.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Authority(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    fn issue(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.0).unwrap(), key)
    }
}

/// A server that takes certificates of this authority and no others.
fn server(authority: &Authority) -> Server {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.0.der().clone()).unwrap();
    let clients = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
    let (certificate, key) = authority.issue("localhost");
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients.build().unwrap())
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    Server::start(Some(Arc::new(config)), |_| {
        answer("200 OK", &[], r#"{"resourceType":"Patient"}"#)
    })
}

async fn call(server: &Server, transport: ReqwestTransport) -> Result<(), ErrorKind> {
    let url = server.url("https", "/Patient/1");
    let mut trust = Trust::new();
    trust.allow(Origin::read(&url).unwrap());
    let client = Client::new(
        HttpStack::new(Spy(transport), TokioTimer, SystemRandom),
        trust,
    )
    .with_retry(Retry::never());
    let call = Call::<Patient>::resource("patient", &url).unwrap();
    client
        .send(&call)
        .await
        .map(drop)
        .map_err(|error| error.kind().clone())
}

fn pem(key: &KeyPair) -> SecretString {
    let text = key.serialize_pem();
    let lines = text.lines().filter(|line| !line.starts_with('-'));
    lines.for_each(crate::watch::secret);
    text.into()
}

#[tokio::test]
async fn both_sides_show_who_they_are() {
    let (own, other) = (Authority::new(), Authority::new());
    let server = server(&own);
    let (certificate, key) = own.issue("client");
    let (foreign, foreign_key) = other.issue("client");
    let builder = ReqwestTransport::builder;
    let good = builder()
        .roots(own.0.pem())
        .identity(certificate.pem(), pem(&key));
    assert!(!format!("{good:?}").contains("PRIVATE"));
    assert_eq!(call(&server, good.build().unwrap()).await, Ok(()));
    for bad in [
        builder().roots(own.0.pem()),
        builder()
            .roots(own.0.pem())
            .identity(foreign.pem(), pem(&foreign_key)),
        builder()
            .roots(other.0.pem())
            .identity(certificate.pem(), pem(&key)),
        builder().identity(certificate.pem(), pem(&key)),
    ] {
        let result = call(&server, bad.build().unwrap()).await;
        assert!(matches!(result, Err(ErrorKind::Transport(_))), "{result:?}");
    }
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn what_is_no_certificate() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue("client");
    let (_, other) = authority.issue("client");
    let check = |roots: &str, chain: &str, key: SecretString, expect: &str| {
        let builder = ReqwestTransport::builder()
            .roots(roots)
            .identity(chain, key);
        let error = builder.build().unwrap_err();
        assert_eq!(error.to_string(), expect);
    };
    let (root, own) = (authority.0.pem(), certificate.pem());
    check("", &own, pem(&key), "missing certificate in the PEM");
    check(
        &root,
        "nonsense",
        pem(&key),
        "missing certificate in the PEM",
    );
    check(
        &root,
        &own,
        "nonsense".into(),
        "invalid client key: expected PEM",
    );
    check(&root, &own, pem(&other), "TLS cannot be set up");
}
