//! Signed client assertions, and the grants that carry them.

use crate::error::{Error, ErrorKind};
use crate::grant::{Grant, token_request};
use crate::time::{Random, epoch_seconds, uuid};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::Request;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Signs with a private key that it keeps: RSASSA-PKCS1-v1_5 with SHA-512 (RS512).
///
/// With feature `ring` there is `RingSigner`. A key that signs only by a call elsewhere is used with
/// [`Assertion::signing_input`] in a [`TokenSource`](crate::TokenSource) of one's own.
pub trait Signer: Send + Sync {
    /// The signature.
    ///
    /// # Errors
    /// If it cannot be made: [`ErrorKind::Signer`].
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error>;
}

impl<S: Signer + ?Sized> Signer for Arc<S> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        (**self).sign(message)
    }
}

/// A client assertion of the NHS's platform: a JSON Web Token by which an application shows who it
/// is.
///
/// It is used once: the server refuses one whose `jti` it has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    api_key: String,
    key_id: String,
    audience: String,
    life: Duration,
}

impl Assertion {
    /// For an application's API key, the id of its registered key, and the exact address of the
    /// token endpoint. It lives for four and a half minutes; the server takes five at most.
    #[must_use]
    pub fn new(
        api_key: impl Into<String>,
        key_id: impl Into<String>,
        audience: impl Into<String>,
    ) -> Self {
        Assertion {
            api_key: api_key.into(),
            key_id: key_id.into(),
            audience: audience.into(),
            life: Duration::from_secs(270),
        }
    }

    /// Another life, of five minutes at most.
    #[must_use]
    pub fn life(mut self, life: Duration) -> Self {
        self.life = life.min(Duration::from_mins(5));
        self
    }

    /// What is signed: header and claims. `jti` is never used twice.
    #[must_use]
    pub fn signing_input(&self, now: SystemTime, jti: &str) -> String {
        let header = json!({"alg": "RS512", "typ": "JWT", "kid": self.key_id});
        let claims = json!({
            "iss": self.api_key,
            "sub": self.api_key,
            "aud": self.audience,
            "jti": jti,
            "exp": epoch_seconds(now) + self.life.as_secs(),
        });
        let encode = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        format!("{}.{}", encode(header), encode(claims))
    }

    /// The assertion, from what was signed and its signature.
    #[must_use]
    pub fn assemble(signing_input: &str, signature: &[u8]) -> SecretString {
        format!("{signing_input}.{}", URL_SAFE_NO_PAD.encode(signature)).into()
    }

    fn sign(
        &self,
        signer: &dyn Signer,
        now: SystemTime,
        random: &dyn Random,
    ) -> Result<SecretString, Error> {
        let input = self.signing_input(now, &uuid(random));
        let signature = signer.sign(input.as_bytes())?;
        if signature.is_empty() {
            // That would be a token that nobody has signed.
            Err(Error::new(ErrorKind::Signer))
        } else {
            Ok(Self::assemble(&input, &signature))
        }
    }
}

const ASSERTION_TYPE: (&str, &str) = (
    "client_assertion_type",
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
);

/// Client credentials with a signed assertion: how an application requests a token of its own.
#[derive(Clone)]
pub struct SignedJwt {
    assertion: Assertion,
    signer: Arc<dyn Signer>,
}
healthcode_core::debug_only!(SignedJwt {});

impl SignedJwt {
    /// With the assertion's parts, and what signs it. The token endpoint is the assertion's
    /// audience.
    #[must_use]
    pub fn new(assertion: Assertion, signer: impl Signer + 'static) -> Self {
        SignedJwt {
            assertion,
            signer: Arc::new(signer),
        }
    }
}

impl Grant for SignedJwt {
    fn request(&self, now: SystemTime, random: &dyn Random) -> Result<Request<Bytes>, Error> {
        let signed = self.assertion.sign(&*self.signer, now, random)?;
        let fields = [
            ("grant_type", "client_credentials"),
            ASSERTION_TYPE,
            ("client_assertion", signed.expose_secret()),
        ];
        token_request(&self.assertion.audience, &fields)
    }
}

/// Token exchange: how an application requests a token for a user who has signed in elsewhere, with
/// CIS2 or NHS login. The subject is the user's **id token**; their access token is refused.
#[derive(Clone)]
pub struct TokenExchange {
    client: SignedJwt,
    subject: SecretString,
}
healthcode_core::debug_only!(TokenExchange {});

impl TokenExchange {
    /// With the application's own grant, and the user's id token.
    #[must_use]
    pub fn new(client: SignedJwt, id_token: impl Into<SecretString>) -> Self {
        TokenExchange {
            client,
            subject: id_token.into(),
        }
    }
}

impl Grant for TokenExchange {
    fn request(&self, now: SystemTime, random: &dyn Random) -> Result<Request<Bytes>, Error> {
        let SignedJwt { assertion, signer } = &self.client;
        let signed = assertion.sign(&**signer, now, random)?;
        let fields = [
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ),
            (
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:id_token",
            ),
            ("subject_token", self.subject.expose_secret()),
            ASSERTION_TYPE,
            ("client_assertion", signed.expose_secret()),
        ];
        token_request(&assertion.audience, &fields)
    }
}
