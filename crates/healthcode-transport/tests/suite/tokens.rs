//! Tokens: how long they live, who fetches them, and what answers are.

use crate::kit::{Clock, Fake, answer, ok, run, start};
use base64::Engine;
use healthcode_r4::Slot;
use healthcode_transport::{
    Call, ClientAuth, ClientCredentials, Error, ErrorKind, FetchToken, Grant, Retry, SecretString,
    Token, TokenAnswer, TokenCache, TokenSource, show_http,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const TOKEN: &str = "https://auth.example.org/token";
const SLOT: &str = r#"{"resourceType":"Slot"}"#;

pub(crate) fn grant() -> ClientCredentials {
    ClientCredentials::new(TOKEN, "id", "s3cret")
}

/// An unsigned JSON Web Token with this payload.
fn jwt(payload: &str) -> String {
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.c2ln", encode(r#"{"alg":"RS256"}"#), encode(payload))
}

#[test]
fn requests() {
    let nothing = |_: &mut [u8]| {};
    let request = grant().request(start(), &nothing).unwrap();
    insta::assert_snapshot!(show_http(&request), @r"
    POST /token HTTP/1.1
    host: auth.example.org
    content-type: application/x-www-form-urlencoded
    accept: application/json
    authorization: [redacted]

    grant_type=client_credentials
    ");
    // RFC 6749 encodes both before they are joined.
    let odd = ClientCredentials::new(TOKEN, "a:b", "p%s d")
        .request(start(), &nothing)
        .unwrap();
    let value = odd.headers()["authorization"].to_str().unwrap();
    let text = base64::engine::general_purpose::STANDARD
        .decode(&value[6..])
        .unwrap();
    assert_eq!(text, b"a%3Ab:p%25s%20d");
    let body = grant()
        .auth(ClientAuth::Body)
        .scope("a b")
        .request(start(), &nothing)
        .unwrap();
    let expect = "grant_type=client_credentials&client_id=id&client_secret=s3cret&scope=a%20b";
    assert_eq!(body.body(), expect);
    assert!(!body.headers().contains_key("authorization"));
}

#[test]
fn lifetimes() {
    let exp = start()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs()
        + 600;
    let with_exp = jwt(&format!(r#"{{"exp":{exp}}}"#));
    let check = |fields: &str, date: &str, expect: u64| {
        let body = format!(r#"{{"token_type":"Bearer",{fields}}}"#);
        let headers = [("date", date)];
        let answer = TokenAnswer::read(answer(200, &headers, &body)).unwrap();
        let token = answer.into_token(start(), Duration::from_secs(42));
        let life = token.expires_at().unwrap().duration_since(start()).unwrap();
        assert_eq!(life, Duration::from_secs(expect), "{fields}");
    };
    check(r#""access_token":"x","expires_in":172800"#, "", 172_800);
    check(
        r#""access_token":"x","expires_in":"599","refresh_count":"0""#,
        "",
        599,
    );
    check(r#""access_token":"x","expires_in":" 599 ""#, "", 599);
    check(r#""access_token":"x""#, "", 42);
    check(
        r#""access_token":"x","expires_in":null,"refresh_token":null"#,
        "",
        42,
    );
    check(r#""access_token":"x","expires_in":-1"#, "", 42);
    check(r#""access_token":"x","expires_in":"soon""#, "", 42);
    check(
        &format!(r#""access_token":"{with_exp}","refresh_token":null"#),
        "",
        600,
    );
    check(
        &format!(r#""access_token":"{with_exp}","expires_in":1"#),
        "",
        1,
    );
    // The server's clock is five minutes ahead of ours: the token still lives for five minutes.
    check(
        &format!(r#""access_token":"{with_exp}""#),
        "Fri, 20 Nov 2026 08:05:00 GMT",
        300,
    );
}

#[test]
fn answers_without_a_token() {
    let check = |status: u16, body: &str, expect: &str| {
        let error = TokenAnswer::read(answer(status, &[], body)).unwrap_err();
        assert_eq!(error.to_string(), expect, "{body}");
        assert!(!format!("{error:?}").contains("s3cret"));
        error
    };
    check(
        200,
        "{}",
        "missing token in the answer of the token endpoint (HTTP status 200)",
    );
    check(
        200,
        r#"{"access_token":"s3cret","token_type":"mac"}"#,
        "missing token in the answer of the token endpoint (HTTP status 200)",
    );
    check(
        200,
        r#"{"access_token":""}"#,
        "missing token in the answer of the token endpoint (HTTP status 200)",
    );
    check(
        200,
        "<html>",
        "missing token in the answer of the token endpoint (HTTP status 200)",
    );
    let error = check(
        401,
        r#"{"error":"invalid_client","error_description":"s3cret","message_id":"m"}"#,
        "the token endpoint refused the request (HTTP status 401), invalid_client",
    );
    let oauth = error.oauth().unwrap();
    assert_eq!(
        (&oauth.error[..], oauth.message_id.as_deref()),
        ("invalid_client", Some("m"))
    );
}

/// A token endpoint that issues `t1`, `t2`, … for 599 seconds.
pub(crate) fn server() -> Fake {
    Fake::new(|_, index| {
        ok(&format!(
            r#"{{"access_token":"t{}","expires_in":"599"}}"#,
            index + 1
        ))
    })
}

fn cache(fake: &Fake, clock: &Clock) -> TokenCache<FetchToken<ClientCredentials>> {
    let fetch = FetchToken::new(grant(), fake.stack(clock));
    TokenCache::new(fetch, Arc::new(clock.clone()))
}

pub(crate) fn shown(token: &Token) -> String {
    let value = token.authorization().unwrap();
    value.to_str().unwrap().to_owned()
}

#[test]
fn kept_until_shortly_before_the_end() {
    let (clock, fake) = (Clock::new(), server());
    let cache = cache(&fake, &clock);
    let token = || shown(&run(cache.token(None)).unwrap());
    assert_eq!(token(), "Bearer t1");
    clock.pass(Duration::from_secs(539));
    assert_eq!((token(), fake.count()), ("Bearer t1".into(), 1));
    // A tenth of its life before its end.
    clock.pass(Duration::from_millis(100));
    assert_eq!((token(), fake.count()), ("Bearer t2".into(), 2));
}

#[test]
fn the_old_one_is_used_up_if_there_is_no_new_one() {
    let clock = Clock::new();
    let fake = Fake::new(|_, index| match index {
        0 => ok(r#"{"access_token":"t1","expires_in":599}"#),
        _ => Ok(answer(400, &[], r#"{"error":"invalid_request"}"#)),
    });
    let cache = cache(&fake, &clock);
    let token = || run(cache.token(None));
    token().unwrap();
    clock.pass(Duration::from_secs(545));
    assert_eq!(
        (shown(&token().unwrap()), fake.count()),
        ("Bearer t1".into(), 2)
    );
    // It is not requested again at once.
    assert_eq!(
        (shown(&token().unwrap()), fake.count()),
        ("Bearer t1".into(), 2)
    );
    clock.pass(Duration::from_secs(6));
    assert_eq!(
        (shown(&token().unwrap()), fake.count()),
        ("Bearer t1".into(), 3)
    );
    clock.pass(Duration::from_mins(1));
    let error = token().unwrap_err();
    assert_eq!(
        (error.kind(), error.oauth().unwrap().error.as_str()),
        (&ErrorKind::Token, "invalid_request")
    );
}

#[test]
fn a_token_that_is_over_at_once_is_none() {
    let clock = Clock::new();
    let fake = Fake::script(vec![(200, &[], r#"{"access_token":"t","expires_in":0}"#)]);
    let error = run(cache(&fake, &clock).token(None)).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NoToken);
}

#[test]
fn each_attempt_is_made_anew() {
    struct Numbered(AtomicUsize);
    impl Grant for Numbered {
        fn request(
            &self,
            now: std::time::SystemTime,
            random: &dyn healthcode_transport::Random,
        ) -> Result<http::Request<bytes::Bytes>, Error> {
            let number = self.0.fetch_add(1, Ordering::SeqCst);
            grant()
                .scope(format!("s{number}"))
                .auth(ClientAuth::Body)
                .request(now, random)
        }
    }
    let clock = Clock::new();
    let fake = Fake::script(vec![
        (503, &[("retry-after", "1")], ""),
        (200, &[], r#"{"access_token":"t"}"#),
    ]);
    let fetch = FetchToken::new(Numbered(AtomicUsize::new(0)), fake.stack(&clock));
    run(fetch.token(None)).unwrap();
    let bodies: Vec<_> = fake
        .seen()
        .iter()
        .map(|request| request.body().clone())
        .collect();
    assert!(bodies[0].ends_with(b"scope=s0") && bodies[1].ends_with(b"scope=s1"));

    let fake = Fake::script(vec![(
        302,
        &[("location", "https://evil.example.com/")],
        "",
    )]);
    let fetch = FetchToken::new(grant(), fake.stack(&clock)).with_retry(Retry::never());
    let error = run(fetch.token(None)).unwrap_err();
    assert_eq!((error.kind(), fake.count()), (&ErrorKind::Token, 1));
}

#[test]
fn one_other_token_after_401() {
    let check = |good_from: usize, calls: usize, tokens: usize, expect: &str| {
        let clock = Clock::new();
        let auth = server();
        let api = Fake::new(move |request, _| {
            let bearer = request.headers()["authorization"].to_str().unwrap();
            let number: usize = bearer.trim_start_matches("Bearer t").parse().unwrap();
            if number >= good_from {
                ok(SLOT)
            } else {
                Ok(answer(401, &[], ""))
            }
        });
        let client = api.client(&clock).with_tokens(cache(&auth, &clock));
        let call = Call::<Slot>::resource("slot", "https://api.example.org/Slot/1").unwrap();
        // Also what must not be done twice: it was not carried out.
        let call = call.with_method(http::Method::POST);
        let result = run(client.send(&call)).map(|_| "good".to_owned());
        let shown = result.unwrap_or_else(|error| {
            error.kind().to_string() + &error.status().unwrap().to_string()
        });
        assert_eq!(
            (api.count(), auth.count(), &shown[..]),
            (calls, tokens, expect)
        );
    };
    check(1, 1, 1, "good");
    check(2, 2, 2, "good");
    check(3, 2, 2, "401 Unauthorized");
}

#[test]
fn the_same_token_is_not_sent_again_after_401() {
    let clock = Clock::new();
    let api = Fake::script(vec![(401, &[], "")]);
    let client = api
        .client(&clock)
        .with_tokens(Token::new("t", start(), None));
    let call = Call::<Slot>::resource("slot", "https://api.example.org/Slot/1").unwrap();
    assert!(run(client.send(&call)).is_err());
    assert_eq!(api.count(), 1);
}

#[test]
fn a_refusal_after_a_retry() {
    let clock = Clock::new();
    let auth = server();
    let api = Fake::script(vec![(503, &[], ""), (401, &[], ""), (200, &[], SLOT)]);
    // Without a cache: the token that was fetched for the refused one is used.
    let fetch = FetchToken::new(grant(), auth.stack(&clock));
    let call = Call::<Slot>::resource("slot", "https://api.example.org/Slot/1").unwrap();
    run(api.client(&clock).with_tokens(fetch).send(&call)).unwrap();
    let sent: Vec<_> = api
        .seen()
        .iter()
        .map(|request| request.headers()["authorization"].clone())
        .collect();
    assert_eq!(
        (sent.as_slice(), auth.count()),
        (
            ["Bearer t1", "Bearer t2", "Bearer t3"]
                .map(|value| value.parse().unwrap())
                .as_slice(),
            3
        )
    );
}

#[test]
fn errors_say_what_the_token_claims() {
    let clock = Clock::new();
    let token = jwt(r#"{"aud":"gateway","scope":"patient","sub":"Clinton"}"#);
    let fake = Fake::script(vec![(
        403,
        &[],
        "{\"statusCode\":403,\"message\":\"Clinton\"}",
    )]);
    let call = Call::json("graphnet", "https://api.example.org/Patient").unwrap();
    let client = fake
        .client(&clock)
        .with_tokens(Token::new(token, start(), None));
    let plain = run(client.send(&call)).unwrap_err();
    assert!(plain.claims().is_none());
    let error = run(client.include_claims_in_errors(true).send(&call)).unwrap_err();
    assert_eq!(error.claims().unwrap().get("sub").unwrap(), "Clinton");
    assert_eq!(
        error.to_string(),
        "graphnet: HTTP status 403; the token says, unverified: aud = gateway, scope = patient; \
         request 00000000-0000-4000-8000-000000000002"
    );
    assert!(!format!("{error:?}").contains("Clinton"));
}

/// Claims are untrusted: they neither end a line of a log nor fill it.
#[test]
fn claims_stay_in_one_line() {
    let payload = r#"{"aud":"a\nERROR b\u001b[1m\u202ec","scope":["x\u2028y"],"role":"LONG"}"#;
    let payload = payload.replace("LONG", &"r".repeat(5000));
    let claims = healthcode_transport::UnverifiedClaims::read(&jwt(&payload).into()).unwrap();
    let text = claims.to_string();
    assert!(text.len() < 600, "{}", text.len());
    assert!(
        text.contains("aud = a\u{fffd}ERROR b\u{fffd}[1m\u{fffd}c"),
        "{text}"
    );
    assert!(
        !text
            .chars()
            .any(|character| character.is_control() || character == '\u{2028}')
    );
}

#[test]
fn secrets_are_not_shown() {
    let stack = server().stack(&Clock::new());
    let token = Token::new("s3cret", start(), None);
    let secret = SecretString::from("s3cret");
    let answer = TokenAnswer::read(answer(
        200,
        &[],
        r#"{"access_token":"s3cret","refresh_token":"s3cret"}"#,
    ));
    let text = format!("{:?} {token:?} {secret:?} {answer:?} {stack:?}", grant());
    assert!(!text.contains("s3cret"), "{text}");
}
