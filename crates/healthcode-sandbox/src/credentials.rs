//! [`Credentials`]: what a sandbox accepts.

use crate::auth::jwt::{PrivateKey, PublicKey, SANDBOX_KEY};
use crate::error::StartError;
use crate::random::secret;
use secrecy::SecretString;

/// The credentials that a sandbox accepts. `Debug` shows no secret.
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

/// An API key of Healthcode, and the site that it may be used for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ApiKey {
    /// The API Key Id.
    pub id: String,
    /// The API Key.
    pub key: SecretString,
    /// The site: `SU-SiteId`.
    pub site: String,
}

/// An application that is registered with the NHS's platform.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NhsApp {
    /// Its API key: issuer and subject of its assertions.
    pub api_key: SecretString,
    /// The private key, in PEM, of the first public key. All sandboxes have the same one; it is public
    /// and must not be used elsewhere.
    pub private_key: SecretString,
    /// The keys that its assertions are verified with.
    pub public_keys: Vec<PublicKey>,
}

/// A system that may call others through the Spine's proxy. It is authenticated by its certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpineSystem {
    /// Its ASID: `Ssp-From`.
    pub asid: String,
}

/// A client of Graphnet's.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GraphnetClient {
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// The key of its subscription to FHIR: `Ocp-Apim-Subscription-Key`.
    pub subscription_key: SecretString,
    /// The key of its subscription to the Demographics bundle, which is another product.
    pub demographics_key: SecretString,
}

impl Credentials {
    /// New credentials, with random secrets.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub fn new() -> Result<Self, StartError> {
        let public_key = PrivateKey::of_sandbox().map(|key| key.public("sandbox-1"));
        Ok(Credentials {
            healthcode: ApiKey {
                id: "sandbox-testkey".to_owned(),
                key: secret()?.into(),
                site: "HC00ABC".to_owned(),
            },
            nhs: NhsApp {
                api_key: secret()?.into(),
                private_key: SANDBOX_KEY.into(),
                public_keys: public_key.into_iter().collect(),
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
