//! JSON Web Tokens: taken apart, verified and signed with RSA.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256,
    RsaPublicKeyComponents,
};
use serde_json::{Map, Value, json};

/// A signature algorithm. Unsigned tokens have none, so they can never be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// RSA with SHA-256, which sign-in servers use.
    Rs256,
    /// RSA with SHA-512, which the NHS requires for assertions.
    Rs512,
}

impl Algorithm {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Rs512 => "RS512",
        }
    }
}

/// A parsed token. Its header and claims must not be trusted before [`Jwt::verifies`] returned true.
pub(crate) struct Jwt<'a> {
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jwt<'a> {
    /// Parses three parts, of which the first two are JSON objects and the third may be empty.
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

    /// A claim; null counts as absent.
    pub(crate) fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name).filter(|claim| !claim.is_null())
    }

    /// Whether it is an unsigned token of the Spine, with no other header than [`unsigned_header`].
    pub(crate) fn is_unsigned(&self) -> bool {
        unsigned_header().as_object() == Some(&self.header) && self.signature.is_empty()
    }

    /// Whether its header names this algorithm and its signature is one by this key. Never true for
    /// unsigned tokens.
    pub(crate) fn verifies(&self, key: &PublicKey, algorithm: Algorithm) -> bool {
        let named = self.header.get("alg").and_then(Value::as_str);
        let parts = RsaPublicKeyComponents {
            n: &key.n,
            e: &key.e,
        };
        let signed = self.signed.as_bytes();
        let verification = match algorithm {
            Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
        };
        let verified = parts.verify(verification, signed, &self.signature);
        named == Some(algorithm.as_str()) && verified.is_ok()
    }
}

/// The header of an unsigned token.
pub(crate) fn unsigned_header() -> Value {
    json!({"alg": "none", "typ": "JWT"})
}

/// An RSA key that verifies tokens.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Its id: `kid`.
    pub id: String,
    n: Vec<u8>,
    e: Vec<u8>,
}
healthcode_core::debug_only!(PublicKey { id });

impl PublicKey {
    /// Reads a JSON Web Key (RFC 7517): `kid`, `n` and `e`. `None` if it is not an RSA key.
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

/// The private key that all sandboxes have. It is public, so it proves nothing elsewhere.
pub(crate) const SANDBOX_KEY: &str = include_str!("sandbox-key.pem");

/// A private key that signs with RS256.
pub(crate) struct PrivateKey {
    key: KeyPair,
}

impl PrivateKey {
    /// The key of all sandboxes.
    pub(crate) fn of_sandbox() -> Option<Self> {
        let lines = SANDBOX_KEY.lines().filter(|line| !line.starts_with('-'));
        let der = STANDARD.decode(lines.collect::<String>()).ok()?;
        let key = KeyPair::from_pkcs8(&der).ok()?;
        Some(PrivateKey { key })
    }

    pub(crate) fn public(&self, id: &str) -> PublicKey {
        let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(self.key.public());
        let id = id.to_owned();
        PublicKey { id, n, e }
    }

    /// A token signed with RS256.
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

    #[test]
    fn only_valid_signatures_are_verified() {
        let key = PrivateKey::of_sandbox().unwrap();
        let public = key.public("k");
        let text = key
            .sign(&json!({"alg": "RS256"}), &json!({"sub": "x"}))
            .unwrap();
        let token = Jwt::read(&text).unwrap();
        assert!(token.verifies(&public, Algorithm::Rs256));
        assert!(!token.verifies(&public, Algorithm::Rs512));
        // Naming the algorithm is not enough.
        let text = key.sign(&json!({"alg": "RS512"}), &json!({})).unwrap();
        let (signed, signature) = text.rsplit_once('.').unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let claims = signed.split_once('.').unwrap().1;
        for text in [
            text.clone(),
            format!("{signed}."),
            format!("{none}.{claims}."),
            format!("{none}.{claims}.{signature}"),
        ] {
            let token = Jwt::read(&text).unwrap();
            assert!(!token.verifies(&public, Algorithm::Rs512), "{text}");
            assert!(!token.verifies(&public, Algorithm::Rs256), "{text}");
        }
        assert!(
            Jwt::read(&format!("{none}.{claims}."))
                .unwrap()
                .is_unsigned()
        );
        assert!(
            !Jwt::read(&format!("{none}.{claims}.{signature}"))
                .unwrap()
                .is_unsigned()
        );
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
