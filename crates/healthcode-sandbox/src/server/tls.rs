//! [`Certificates`]: those of a private authority, which is created for one sandbox.

use crate::error::StartError;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use secrecy::SecretString;
use std::error::Error;
use std::sync::Arc;

/// What a client needs to call a sandbox over TLS. All of it is new with every start; the private keys of
/// the authority and the server are not stored.
#[derive(Clone)]
#[non_exhaustive]
pub struct Certificates {
    /// The certificate of the authority that a client must trust, in PEM.
    pub authority: String,
    /// The client certificate for the Spine's proxy, in PEM.
    pub client: String,
    /// The private key of the client certificate, in PEM.
    pub client_key: SecretString,
}
healthcode_core::debug_only!(Certificates {});

/// The TLS of both ports.
pub(crate) struct Tls {
    pub(crate) certificates: Certificates,
    /// Of the services: for any client.
    pub(crate) services: Arc<ServerConfig>,
    /// Of the Spine's proxy: for clients with a certificate of the same authority.
    pub(crate) proxy: Arc<ServerConfig>,
}

fn params(
    common_name: &str,
    names: &[&str],
    purpose: Option<ExtendedKeyUsagePurpose>,
) -> Result<CertificateParams, rcgen::Error> {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = DistinguishedName::new();
    let name = &mut params.distinguished_name;
    name.push(DnType::OrganizationName, "healthcode sandbox");
    name.push(DnType::CommonName, common_name);
    if let Some(purpose) = purpose {
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![purpose];
    } else {
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    }
    Ok(params)
}

fn config(
    server: &CertificateDer<'static>,
    key: &KeyPair,
    clients: Option<&CertificateDer<'static>>,
) -> Result<ServerConfig, Box<dyn Error + Send + Sync>> {
    let provider = Arc::new(default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone());
    let builder = builder.with_safe_default_protocol_versions()?;
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.clone())?;
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = builder.with_single_cert(vec![server.clone()], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

impl Tls {
    /// A new authority, with certificates for the names of this machine and for one client.
    pub(crate) fn new() -> Result<Self, StartError> {
        Self::issue().map_err(StartError::Tls)
    }

    fn issue() -> Result<Self, Box<dyn Error + Send + Sync>> {
        let own_params = params("sandbox authority", &[], None)?;
        let authority = CertifiedIssuer::self_signed(own_params, KeyPair::generate()?)?;
        let (server_key, client_key) = (KeyPair::generate()?, KeyPair::generate()?);
        let names = ["localhost", "127.0.0.1", "::1"];
        let server = params(
            "localhost",
            &names,
            Some(ExtendedKeyUsagePurpose::ServerAuth),
        )?;
        let server = server.signed_by(&server_key, &authority)?;
        let client = params("consumer", &[], Some(ExtendedKeyUsagePurpose::ClientAuth))?;
        let client = client.signed_by(&client_key, &authority)?;
        let services = config(server.der(), &server_key, None)?;
        let proxy = config(server.der(), &server_key, Some(authority.der()))?;
        Ok(Tls {
            certificates: Certificates {
                authority: authority.pem(),
                client: client.pem(),
                client_key: client_key.serialize_pem().into(),
            },
            services: Arc::new(services),
            proxy: Arc::new(proxy),
        })
    }
}
