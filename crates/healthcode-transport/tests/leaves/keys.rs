//! Keys of ring.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use healthcode_transport::nhs::{Assertion, SignedJwt, Signer};
use healthcode_transport::{ErrorKind, Grant, RingSigner, SecretString, SystemRandom};
use ring::signature::{RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents};
use std::time::SystemTime;

/// A key that was made for these tests and is used nowhere else.
const KEY: &str = include_str!("test-key.pem");

fn signer() -> RingSigner {
    RingSigner::from_pem(&SecretString::from(KEY)).unwrap()
}

/// Whether the registered key verifies a signature.
fn verifies(message: &[u8], signature: &[u8]) -> bool {
    let jwk = signer().public_jwk("test-1");
    let part = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let key = RsaPublicKeyComponents {
        n: part("n"),
        e: part("e"),
    };
    key.verify(&RSA_PKCS1_2048_8192_SHA512, message, signature)
        .is_ok()
}

#[test]
fn what_is_signed_is_verified() {
    let grant = SignedJwt::new(
        Assertion::new("app", "test-1", "https://a.example/token"),
        signer(),
    );
    let request = grant.request(SystemTime::now(), &SystemRandom).unwrap();
    let body = std::str::from_utf8(request.body()).unwrap();
    let (_, token) = body.split_once("&client_assertion=").unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    assert!(verifies(input.as_bytes(), &signature));
    assert!(!verifies(b"something else", &signature));
}

#[test]
fn both_forms_of_keys() {
    let der: String = KEY.lines().filter(|line| !line.starts_with('-')).collect();
    // The header of PKCS#8 around a key of this size.
    let inner = STANDARD.encode(&STANDARD.decode(der).unwrap()[26..]);
    let pem = format!("-----BEGIN RSA PRIVATE KEY-----\n{inner}\n-----END RSA PRIVATE KEY-----\n");
    let signature = RingSigner::from_pem(&pem.into())
        .unwrap()
        .sign(b"x")
        .unwrap();
    assert!(verifies(b"x", &signature));
    for text in [
        "",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n***\n-----END PRIVATE KEY-----",
        &KEY.replace("PRIVATE", "PUBLIC"),
    ] {
        let error = RingSigner::from_pem(&text.into()).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Signer);
    }
    assert_eq!(format!("{:?}", signer()), "RingSigner { .. }");
}
