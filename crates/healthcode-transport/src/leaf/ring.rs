//! [`RingSigner`]: signing with ring.

use crate::error::{Error, ErrorKind};
use crate::nhs::Signer;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA512;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

/// A private RSA key that signs as the NHS requires it (RS512). Of 2048 to 4096 bits.
///
/// `Debug` shows nothing of it.
pub struct RingSigner {
    key: KeyPair,
    random: SystemRandom,
}
healthcode_core::debug_only!(RingSigner {});

impl RingSigner {
    /// A key in PEM, unencrypted: `PRIVATE KEY` (PKCS#8) or `RSA PRIVATE KEY` (PKCS#1).
    ///
    /// # Errors
    /// If there is no such key in the text: [`ErrorKind::Signer`].
    pub fn from_pem(pem: &SecretString) -> Result<Self, Error> {
        let none = || Error::new(ErrorKind::Signer);
        let text = pem.expose_secret();
        let begin = text.find("-----BEGIN ").ok_or_else(none)?;
        let text = text.get(begin + 11..).ok_or_else(none)?;
        let (label, text) = text.split_once("-----").ok_or_else(none)?;
        let (body, _) = text.split_once("-----END ").ok_or_else(none)?;
        let body: String = body.split_ascii_whitespace().collect();
        let der = STANDARD.decode(body).map_err(|_| none())?;
        let key = match label {
            "PRIVATE KEY" => KeyPair::from_pkcs8(&der),
            "RSA PRIVATE KEY" => KeyPair::from_der(&der),
            _ => return Err(none()),
        };
        Ok(RingSigner {
            key: key.map_err(|error| none().because(error))?,
            random: SystemRandom::new(),
        })
    }

    /// The public key as a JSON Web Key, as it is registered with the NHS.
    #[must_use]
    pub fn public_jwk(&self, key_id: &str) -> Value {
        let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(self.key.public());
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS512",
            "kid": key_id,
            "n": URL_SAFE_NO_PAD.encode(n),
            "e": URL_SAFE_NO_PAD.encode(e),
        })
    }
}

impl Signer for RingSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        let signed = self
            .key
            .sign(&RSA_PKCS1_SHA512, &self.random, message, &mut signature);
        signed.map_err(|error| Error::new(ErrorKind::Signer).because(error))?;
        Ok(signature)
    }
}
