//! What everything says in its logs, ours and that of all below: no secret, and no patient. The watch
//! sees to that in all tests; here are words that only this one has.

use crate::server::{Server, answer};
use crate::sockets::stack;
use crate::watch;
use healthcode_r4::Patient;
use healthcode_transport::{
    Call, Client, ClientCredentials, FetchToken, Origin, Retry, TokenCache, Trust,
};

#[tokio::test]
async fn logs_show_no_secret_and_no_patient() {
    watch::secret("l0g-s3cret-l0g");
    watch::secret("l0g-t0ken-l0g");
    let server = Server::start(None, |request| match request.starts_with("POST /token") {
        true => answer(
            "200 OK",
            &[],
            r#"{"access_token":"l0g-t0ken-l0g","expires_in":60}"#,
        ),
        false if request.contains("Patient/9434765919") => answer(
            "302 Found",
            &[("location", "/Patient/9990548609?name=Clint0n")],
            "",
        ),
        false => answer("503 Busy", &[], r#"{"name":"Clint0n"}"#),
    });
    let grant =
        ClientCredentials::new(server.url("http", "/token"), "l0g-client", "l0g-s3cret-l0g");
    let fetch = FetchToken::new(grant, stack()).allow_loopback_http(true);
    let tokens = TokenCache::new(fetch, stack().timer().clone());
    let mut trust = Trust::new();
    trust.allow(Origin::read(&server.url("http", "/")).unwrap());
    trust.allow_loopback_http(true);
    let retry = Retry {
        base: std::time::Duration::ZERO,
        ..Retry::default()
    };
    let client = Client::new(stack(), trust)
        .with_tokens(tokens)
        .with_retry(retry);
    let url = server.url("http", "/Patient/9434765919?family=Clint0n");
    let call = Call::<Patient>::resource("patient", &url).unwrap();
    let error = client.send(&call).await.unwrap_err();
    assert_eq!((error.attempts(), server.seen().len()), (3, 7));
    tracing::info!("{error} {error:?} {client:?} {call:?}");

    // Ours and what is below us both were heard.
    let log = watch::log();
    assert!(
        log.contains("redirected") && log.contains("reqwest"),
        "{log}"
    );
    for secret in ["bDBn", "Clint0n", "9990548609"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
