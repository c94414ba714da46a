//! JSON Web Tokens: taken apart, verified and signed with RSA.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RsaPublicKeyComponents};
use serde_json::{Map, Value};
use std::fmt;

/// A token as it came. Nothing of it is believed until [`Jwt::verifies`] says so.
pub(crate) struct Jwt<'a> {
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jwt<'a> {
    /// Three parts, of which the first two are JSON objects; the third may be empty.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let object = |part: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
            serde_json::from_slice(&bytes).ok()
        };
        Some(Jwt {
            header: object(header)?,
            claims: object(claims)?,
            signed,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// Whether it is a token of the Spine, which is not signed and says nothing but that.
    pub(crate) fn is_unsigned(&self) -> bool {
        let expect = crate::context::header();
        expect.as_object() == Some(&self.header) && self.signature.is_empty()
    }

    /// Whether it says that it is signed by RS512, and is so by this key. Unsigned tokens never are.
    pub(crate) fn verifies(&self, key: &PublicKey) -> bool {
        let algorithm = self.header.get("alg").and_then(Value::as_str);
        let parts = RsaPublicKeyComponents {
            n: &key.n,
            e: &key.e,
        };
        let signed = self.signed.as_bytes();
        let verified = parts.verify(&RSA_PKCS1_2048_8192_SHA512, signed, &self.signature);
        algorithm == Some("RS512") && verified.is_ok()
    }
}

/// An RSA key that tokens are verified with.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Its id: `kid`.
    pub id: String,
    n: Vec<u8>,
    e: Vec<u8>,
}

impl PublicKey {
    /// A key of a JSON Web Key (RFC 7517): `kid`, `n` and `e`. None if it is no RSA key.
    #[must_use]
    pub fn from_jwk(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let number = |name| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        let is_rsa = text("kty") == Some("RSA");
        is_rsa.then_some(PublicKey {
            id: text("kid")?.to_owned(),
            n: number("n")?,
            e: number("e")?,
        })
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The private key that every sandbox has. It is public: it proves nothing to anyone else.
pub(crate) const SANDBOX_KEY: &str = include_str!("sandbox-key.pem");

/// A private key that signs by RS256.
pub(crate) struct PrivateKey {
    key: KeyPair,
}

impl PrivateKey {
    /// The sandbox's own.
    pub(crate) fn own() -> Option<Self> {
        let lines = SANDBOX_KEY.lines().filter(|it| !it.starts_with('-'));
        let der = STANDARD.decode(lines.collect::<String>()).ok()?;
        let key = KeyPair::from_pkcs8(&der).ok()?;
        Some(PrivateKey { key })
    }

    pub(crate) fn public(&self, id: &str) -> PublicKey {
        let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(self.key.public());
        let id = id.to_owned();
        PublicKey { id, n, e }
    }

    /// A token signed by RS256.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> Option<String> {
        let encode = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        let random = SystemRandom::new();
        let made = self.key.sign(
            &RSA_PKCS1_SHA256,
            &random,
            signed.as_bytes(),
            &mut signature,
        );
        made.ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::RSA_PKCS1_2048_8192_SHA256;
    use serde_json::json;

    #[test]
    fn only_rs512_is_taken() {
        let own = PrivateKey::own().unwrap();
        let public = own.public("k");
        let text = own
            .sign(&json!({"alg": "RS256"}), &json!({"sub": "x"}))
            .unwrap();
        let token = Jwt::read(&text).unwrap();
        let parts = RsaPublicKeyComponents {
            n: &public.n,
            e: &public.e,
        };
        let signed = token.signed.as_bytes();
        assert!(
            parts
                .verify(&RSA_PKCS1_2048_8192_SHA256, signed, &token.signature)
                .is_ok()
        );
        assert!(!token.verifies(&public));
        // Saying so is not enough.
        let text = own.sign(&json!({"alg": "RS512"}), &json!({})).unwrap();
        assert!(!Jwt::read(&text).unwrap().verifies(&public));
        let (signed, _) = text.rsplit_once('.').unwrap();
        assert!(!Jwt::read(&format!("{signed}.")).unwrap().verifies(&public));
        for bad in [
            "",
            "a.b",
            "e30.e30",
            "e30.e30.!",
            "W10.e30.",
            "e30.e30.e30.e30",
        ] {
            assert!(Jwt::read(bad).is_none(), "{bad}");
        }
    }
}
