//! Sending: ids, retries, rate limit, redirects, limits, and what logs show.

use crate::kit::{Answer, Clock, Fake, Log, answer, ok, run, start, trust};
use bytes::Bytes;
use healthcode_extensions::ErrorCode;
use healthcode_r4::{OperationOutcome, Practitioner, Resource};
use healthcode_search::{Endpoint, Query};
use healthcode_transport::graphnet::{Graphnet, GraphnetClient};
use healthcode_transport::healthcode::{Healthcode, HealthcodeClient, Pages};
use healthcode_transport::{
    Call, Error, ErrorKind, FHIR_JSON, Idempotency, RateLimit, Retry, RetryAfter, Token,
    TransportFault, redirected,
};
use http::{HeaderName, Method, Request};
use proptest::prelude::*;
use std::time::Duration;

const PRACTITIONER: &str = r#"{"resourceType":"Practitioner","id":"SP09000"}"#;
const OUTCOME: &str = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"value",
    "details":{"coding":[{"system":"URL","code":"MSG_PARAM_INVALID"}]},"diagnostics":"Mr Clinton"}]}"#;

fn read() -> Call<Practitioner> {
    Call::resource(
        "practitioner",
        "https://api.example.org/p/SP09000?name=Clinton",
    )
    .unwrap()
}

fn write() -> Call<Practitioner> {
    read()
        .with_method(Method::POST)
        .with_body(FHIR_JSON, PRACTITIONER)
}

fn header(request: &Request<Bytes>, name: &str) -> String {
    let value = request.headers().get(name);
    value
        .map_or("-", |value| value.to_str().unwrap())
        .to_owned()
}

#[test]
fn answers() {
    let check = |status: u16, body: &str, expect: &str| {
        let shown = match read().parse(answer(status, &[], body)) {
            Ok(reply) => format!(
                "{}, {} issues",
                reply.value.id.as_str().unwrap_or("-"),
                reply.issues.len()
            ),
            Err(error) => error.to_string(),
        };
        assert_eq!(shown, expect, "{status} {body}");
    };
    check(200, PRACTITIONER, "SP09000, 0 issues");
    check(
        200,
        r#"{"resourceType":"Practitioner","id":"1","x":1}"#,
        "1, 1 issues",
    );
    check(
        200,
        OUTCOME,
        "practitioner: an OperationOutcome came instead of the answer (HTTP status 200, MSG_PARAM_INVALID)",
    );
    check(
        200,
        "{}",
        "practitioner: the body is not what was requested (HTTP status 200)",
    );
    check(
        200,
        "[]",
        "practitioner: the body is not what was requested (HTTP status 200)",
    );
    check(
        200,
        "<html>",
        "practitioner: the body is not what was requested (HTTP status 200)",
    );
    check(
        200,
        r#"{"resourceType":"Patient"}"#,
        "practitioner: the body is not what was requested (HTTP status 200)",
    );
    check(
        422,
        OUTCOME,
        "practitioner: HTTP status 422, MSG_PARAM_INVALID",
    );
    check(502, "<html>Clinton</html>", "practitioner: HTTP status 502");
    check(
        404,
        r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"value",
        "details":{"coding":[{"code":"RESOURCE_NOT_FOUND"}]}}]}"#,
        "practitioner: HTTP status 404, RESOURCE_NOT_FOUND",
    );
}

#[test]
fn outcomes_are_answers_where_they_are_asked_for() {
    let call = Call::<OperationOutcome>::resource("x", "https://api.example.org/x").unwrap();
    assert_eq!(
        call.parse(ok(OUTCOME).unwrap()).unwrap().value.issue.len(),
        1
    );
    let call = Call::<Resource>::resource("x", "https://api.example.org/x").unwrap();
    let error = call.parse(ok(OUTCOME).unwrap()).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Outcome);
    let gone = Call::delete("x", "https://api.example.org/x/1").unwrap();
    assert!(gone.parse(answer(204, &[], "")).unwrap().value.is_none());
    let fine = OUTCOME.replace("\"error\"", "\"information\"");
    assert!(gone.parse(ok(&fine).unwrap()).unwrap().value.is_some());
    assert!(gone.parse(ok(OUTCOME).unwrap()).is_err());
}

#[test]
fn errors_keep_what_there_was() {
    let long = format!("{}{}", " ".repeat(9000), OUTCOME);
    let headers = [
        ("retry-after", "7"),
        ("x-request-id", "a-b"),
        ("x-correlation-id", "9000000009"),
    ];
    let error = read().parse(answer(429, &headers, &long)).unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 429);
    assert_eq!(error.codes().collect::<Vec<_>>(), [ErrorCode::ParamInvalid]);
    assert_eq!(error.body().len(), healthcode_transport::KEPT_BODY);
    assert!(error.outcome().is_some() && error.is_retryable());
    assert_eq!(
        error.retry_after(),
        Some(RetryAfter::Delay(Duration::from_secs(7)))
    );
    assert_eq!(error.request_id(), Some("a-b"));
    assert_eq!(error.correlation_id(), None);
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains("Clinton") && !shown.contains("9000000009"),
        "{shown}"
    );
}

/// What is sent, and what the client then says, of a row of answers.
fn tried(call: &Call<Practitioner>, answers: Vec<Answer>) -> (usize, String) {
    let clock = Clock::new();
    let answers = std::sync::Mutex::new(answers);
    let fake = Fake::new(move |_, _| {
        let mut answers = answers.lock().unwrap();
        if answers.len() > 1 {
            return answers.remove(0);
        }
        match &answers[0] {
            Ok(last) => Ok(last.clone()),
            Err(fault) => Err(*fault),
        }
    });
    let result = run(fake.client(&clock).send(call));
    let ids: Vec<_> = fake
        .seen()
        .iter()
        .map(|request| header(request, "x-request-id"))
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let shown = result.map_or_else(
        |error| error.to_string(),
        |reply| reply.head.status.to_string(),
    );
    (fake.count(), shown)
}

#[test]
fn only_what_is_safe_is_sent_again() {
    let check = |call: &Call<Practitioner>, first: Answer, expect: usize| {
        let label = format!("{call:?} {first:?}");
        let (count, shown) = tried(call, vec![first, ok(PRACTITIONER)]);
        assert_eq!(count, expect, "{label}");
        assert_eq!(shown == "200 OK", expect == 2, "{label}: {shown}");
    };
    for (status, again) in [
        (400, false),
        (404, false),
        (408, true),
        (429, true),
        (500, false),
        (501, false),
        (502, true),
        (503, true),
        (504, true),
        (422, false),
    ] {
        let first = || Ok(answer(status, &[], ""));
        check(&read(), first(), if again { 2 } else { 1 });
        check(&write(), first(), 1);
        check(
            &write().with_idempotency(Idempotency::ByRequestId),
            first(),
            if again { 2 } else { 1 },
        );
        check(
            &read().with_method(Method::PUT),
            first(),
            if again { 2 } else { 1 },
        );
        check(&read().with_method(Method::PATCH), first(), 1);
    }
    for call in [read(), write()] {
        let safe = call.idempotency() != Idempotency::NotIdempotent;
        check(&call, Err(TransportFault::Connect), 2);
        check(&call, Err(TransportFault::Broken), if safe { 2 } else { 1 });
        check(
            &call,
            Err(TransportFault::Timeout),
            if safe { 2 } else { 1 },
        );
        check(&call, Err(TransportFault::TooLarge(1)), 1);
    }
    let (count, shown) = tried(&read(), vec![Ok(answer(503, &[], ""))]);
    let id = "00000000-0000-4000-8000-000000000001";
    assert_eq!(
        (count, &shown[..]),
        (
            3,
            &*format!("practitioner: HTTP status 503; request {id}; 3 attempts")
        )
    );
}

#[test]
fn waits() {
    let clock = Clock::new();
    let fake = Fake::script(vec![
        (503, &[("retry-after", "5")], ""),
        (429, &[("retry-after", "Fri, 20 Nov 2026 08:00:15 GMT")], ""),
        (200, &[], PRACTITIONER),
    ]);
    run(fake.client(&clock).send(&read())).unwrap();
    // The randomness of these tests is next to none; the date is ten seconds after the first five.
    assert_eq!(
        clock.sleeps(),
        [Duration::from_secs(5), Duration::from_secs(10)]
    );

    let full = |bytes: &mut [u8]| bytes.fill(0xff);
    let error = read().parse(answer(503, &[], "")).unwrap_err();
    let wait = |done, spent| {
        let retry = Retry {
            attempts: 9,
            ..Retry::default()
        };
        retry.wait(
            &error,
            Idempotency::Idempotent,
            done,
            Duration::from_secs(spent),
            start(),
            &full,
        )
    };
    let times: Vec<_> = (1..8)
        .map(|done| wait(done, 0).unwrap().as_millis())
        .collect();
    assert_eq!(times, [250, 500, 1000, 2000, 4000, 8000, 8000]);
    assert_eq!(wait(9, 0), None);
    assert_eq!(wait(5, 56), None);
    // A date is by the service's own clock, however wrong ours is; absurd ones are none to wait for.
    let by = |after: &str, date: Option<&str>| {
        let headers: Vec<_> = [("retry-after", after)]
            .into_iter()
            .chain(date.map(|date| ("date", date)))
            .collect();
        let error = read().parse(answer(503, &headers, "")).unwrap_err();
        let zeros = |bytes: &mut [u8]| bytes.fill(0);
        let retry = Retry::default();
        retry.wait(
            &error,
            Idempotency::Idempotent,
            1,
            Duration::ZERO,
            start(),
            &zeros,
        )
    };
    let seconds = |count| Some(Duration::from_secs(count));
    let (later, much_later) = (
        "Fri, 20 Nov 2026 10:00:10 GMT",
        "Fri, 20 Nov 2026 11:00:00 GMT",
    );
    assert_eq!(
        by(later, Some("Fri, 20 Nov 2026 10:00:00 GMT")),
        seconds(10)
    );
    assert_eq!(by(later, Some(much_later)), seconds(0));
    assert_eq!(by(later, Some("no date")), None);
    assert_eq!(by(later, None), None);
    assert_eq!(by("Fri, 20 Nov 1926 10:00:10 GMT", None), seconds(0));
    assert_eq!(by("Fri, 31 Dec 9999 23:59:59 GMT", None), None);
    assert_eq!(by("0", None), seconds(0));
    assert_eq!(by(" 59 ", None), seconds(59));
    assert_eq!(by("99999999999999999999999", None), None);
    for none in ["-5", "1.5", "5, 6", "+5", "", "soon"] {
        // As if there were none: full jitter, of which these tests take the least.
        assert_eq!(by(none, None), seconds(0), "{none}");
    }

    let late = read()
        .parse(answer(503, &[("retry-after", "61")], ""))
        .unwrap_err();
    let wait = Retry::default().wait(
        &late,
        Idempotency::Idempotent,
        1,
        Duration::ZERO,
        start(),
        &full,
    );
    assert_eq!(wait, None);
}

#[test]
fn a_service_that_is_down_is_not_burdened() {
    let clock = Clock::new();
    let fake = Fake::script(vec![(503, &[], "")]);
    let client = fake.client(&clock);
    for _ in 0..100 {
        assert!(run(client.send(&read())).is_err());
    }
    assert_eq!(fake.count(), 110);
}

#[test]
fn internal_errors_where_they_are_worth_it() {
    let clock = Clock::new();
    let fake = Fake::script(vec![(500, &[], ""), (200, &[], PRACTITIONER)]);
    let retry = Retry {
        internal_errors: true,
        ..Retry::default()
    };
    run(fake.client(&clock).with_retry(retry).send(&read())).unwrap();
    assert_eq!(fake.count(), 2);
}

#[test]
fn rate_limits() {
    let limit = RateLimit::per_second(5.0, 2);
    let waits: Vec<_> = (0..5).map(|_| limit.take(start()).as_millis()).collect();
    assert_eq!(waits, [0, 0, 200, 400, 600]);
    assert_eq!(limit.take(start() + Duration::from_secs(5)).as_millis(), 0);

    // A clock that is set back by an hour keeps nobody waiting for one; nor does it give more.
    let limit = RateLimit::per_second(5.0, 2);
    let hour = Duration::from_hours(1);
    let mut waits = Vec::new();
    for now in [
        start() + hour,
        start() + hour,
        start() + hour,
        start(),
        start(),
    ] {
        waits.push(limit.take(now).as_millis());
    }
    assert_eq!(waits, [0, 0, 200, 400, 600]);

    let clock = Clock::new();
    let fake = Fake::script(vec![(200, &[], PRACTITIONER)]);
    let client = fake
        .client(&clock)
        .with_rate_limit(RateLimit::per_second(5.0, 1));
    for _ in 0..3 {
        run(client.send(&read())).unwrap();
    }
    assert_eq!(clock.sleeps(), [Duration::from_millis(200); 2]);
}

/// The token that goes with calls here.
fn token() -> Token {
    Token::new("t0ken", start(), None)
}

#[test]
fn redirects() {
    let check = |call: &Call<Practitioner>, status: u16, location: &'static str, expect: &str| {
        let clock = Clock::new();
        let fake = Fake::new(move |_, index| match index {
            0 => Ok(answer(status, &[("location", location)], "")),
            _ => ok(PRACTITIONER),
        });
        let client = fake
            .client(&clock)
            .with_retry(Retry::never())
            .with_tokens(token());
        client.allow(&trust(&["https://other.example.org"]));
        let result = run(client.send(call));
        let seen = fake.seen();
        let last = seen.last().unwrap();
        let shown = match result {
            Ok(_) => {
                assert_eq!(header(last, "authorization"), "Bearer t0ken");
                assert_eq!(last.body(), seen[0].body());
                format!("{} {}", last.method(), last.uri())
            }
            Err(error) => {
                assert_eq!(seen.len(), 1);
                error.kind().to_string()
            }
        };
        assert_eq!(shown, expect, "{location}");
    };
    check(&read(), 301, "/moved", "GET https://api.example.org/moved");
    check(
        &write(),
        302,
        "/moved?x=1",
        "POST https://api.example.org/moved?x=1",
    );
    check(
        &write(),
        301,
        "https://other.example.org/p",
        "POST https://other.example.org/p",
    );
    check(
        &write(),
        308,
        "https://API.example.org:443/p",
        "POST https://API.example.org:443/p",
    );
    check(
        &read(),
        302,
        "https://evil.example.com/p?name=Clinton",
        "a redirect leads to https://evil.example.com, which is not trusted",
    );
    check(
        &read(),
        302,
        "http://other.example.org/p",
        "http://other.example.org is not https; http is for this machine alone, and has to be allowed",
    );
    check(
        &read(),
        302,
        "https://api.example.org:8443/p",
        "a redirect leads to https://api.example.org:8443, which is not trusted",
    );
    check(
        &read(),
        302,
        "https://user@api.example.org/p",
        "a redirect that is not followed",
    );
    check(&write(), 303, "/moved", "a redirect that is not followed");
    check(
        &read(),
        301,
        "",
        "redirects lead in a circle, or are too many",
    );
}

#[test]
fn redirects_end() {
    let clock = Clock::new();
    let fake = Fake::new(|_, index| Ok(answer(302, &[("location", &format!("/{index}"))], "")));
    let error = run(fake.client(&clock).send(&read())).unwrap_err();
    assert_eq!((error.kind(), fake.count()), (&ErrorKind::RedirectLoop, 6));
}

#[test]
fn only_trusted_and_secure_origins() {
    for (address, expect) in [
        (
            "https://evil.example.com/p",
            "p: the origin https://evil.example.com is not trusted",
        ),
        (
            "http://api.example.org/p",
            "p: http://api.example.org is not https; http is for this machine alone, and has to be allowed",
        ),
    ] {
        let clock = Clock::new();
        let fake = Fake::script(vec![(200, &[], PRACTITIONER)]);
        let call = Call::<Practitioner>::resource("p", address).unwrap();
        let error = run(fake.client(&clock).with_tokens(token()).send(&call)).unwrap_err();
        assert_eq!((error.to_string().as_str(), fake.count()), (expect, 0));
    }
}

#[test]
fn sizes_and_times_are_limited() {
    let clock = Clock::new();
    let fake = Fake::script(vec![(200, &[], PRACTITIONER)]);
    let client =
        |stack| healthcode_transport::Client::new(stack, trust(&["https://api.example.org"]));
    let small = client(fake.stack(&clock).with_max_body(10));
    let error = run(small.send(&read())).unwrap_err();
    assert_eq!((error.kind(), fake.count()), (&ErrorKind::TooLarge(10), 1));
    let limit = fake.seen()[0]
        .extensions()
        .get::<healthcode_transport::MaxBody>()
        .copied();
    assert_eq!(limit, Some(healthcode_transport::MaxBody(10)));

    // The slow answer takes a turn more, in which the clock of the test runs out.
    let slow = client(fake.clone().slow().stack(&clock));
    let error = run(slow.send(&read())).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Transport(TransportFault::Timeout));
    let patient = client(fake.slow().stack(&clock).with_timeout(None));
    run(patient.send(&read())).unwrap();
}

#[test]
fn headers_and_ids() {
    let clock = Clock::new();
    let fake = Fake::script(vec![(200, &[("x-request-id", "other-1")], PRACTITIONER)]);
    let key = HeaderName::from_static("apikey");
    let client = fake
        .client(&clock)
        .with_secret_header(key.clone(), &"s3cret".into())
        .unwrap();
    let client = client.with_correlation_id("flow-1");
    let reply = run(client.send(&read())).unwrap();
    // What was sent, whatever is mirrored.
    let first = "00000000-0000-4000-8000-000000000001";
    assert_eq!(reply.head.request_id(), Some(first));
    assert_eq!(reply.head.correlation_id(), Some("flow-1"));
    let own = read().with_text_header(key, "own").unwrap();
    let own = own
        .with_text_header(healthcode_transport::X_REQUEST_ID, "mine")
        .unwrap();
    run(client.send(&own)).unwrap();
    let seen = fake.seen();
    let row = |index: usize| {
        ["apikey", "x-request-id", "x-correlation-id"].map(|name| header(&seen[index], name))
    };
    assert_eq!(
        row(0),
        ["s3cret", "00000000-0000-4000-8000-000000000001", "flow-1"]
    );
    assert_eq!(row(1), ["own", "mine", "flow-1"]);
    assert!(seen[0].headers()["apikey"].is_sensitive());
    let (one, other) = (client.workflow(), client.workflow());
    run(one.send(&read())).unwrap();
    run(other.send(&read())).unwrap();
    let seen = fake.seen();
    assert_ne!(
        header(&seen[2], "x-correlation-id"),
        header(&seen[3], "x-correlation-id")
    );
}

#[test]
fn logs_show_no_secret_and_no_patient() {
    let log = Log::default();
    let shown = log.during(|| {
        let clock = Clock::new();
        let fake = Fake::script(vec![
            (503, &[], OUTCOME),
            (302, &[("location", "/Clinton")], ""),
            (422, &[], OUTCOME),
        ]);
        let client = fake.client(&clock).with_tokens(token());
        let error = run(client.send(&read())).unwrap_err();
        format!("{client:?} {error} {error:?} {:?} {:?}", read(), token())
    });
    let text = format!("{}{shown}", log.text());
    assert!(
        text.contains("name=\"practitioner\"") && text.contains("redirected"),
        "{text}"
    );
    for secret in ["t0ken", "Clinton", "SP09000"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn futures_can_be_sent() {
    fn sent<T: Send>(_: T) {}
    let clock = Clock::new();
    let client = Fake::script(vec![(200, &[], "")]).client(&clock);
    let call = read();
    sent(client.send(&call));
    let stack = Fake::script(vec![(200, &[], "")]).stack(&clock);
    let service = Healthcode::production();
    let healthcode = HealthcodeClient::with_tokens(service, stack.clone(), token()).unwrap();
    let endpoint = Endpoint::named("create-schedule").unwrap();
    let query = Query::of(Endpoint::named("practitioner").unwrap());
    let practitioner = Practitioner::default();
    sent(healthcode.search(&query));
    sent(healthcode.create(endpoint, &practitioner));
    sent(healthcode.update(endpoint, "1", &practitioner));
    sent(healthcode.delete(endpoint, "1"));
    sent(healthcode.pages(Pages::new(query.clone())).next_page());
    let gateway = Graphnet::new("https://gateway.example.org");
    let graphnet = GraphnetClient::with_tokens(gateway, stack, token()).unwrap();
    sent(graphnet.search("fhir", &query));
    fn shared<T: Send + Sync + 'static>() {}
    shared::<healthcode_transport::nhs::SpineClient>();
    shared::<healthcode_transport::Client>();
    shared::<Error>();
    shared::<Call<Practitioner>>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

/// What is a credential by its name is shown by nothing, however it came into the request.
#[test]
fn credentials_are_redacted_by_their_names() {
    let names = [
        "authorization",
        "proxy-authorization",
        "cookie",
        "apikey",
        "ocp-apim-subscription-key",
    ];
    let mut call = read().with_method(Method::POST);
    for name in names {
        call = call
            .with_text_header(name.parse().unwrap(), "s3cret")
            .unwrap();
    }
    let form = "client%5Fsecret=s3cret&+password=s3cret&cliEnt_id=own&code=s3cret&note";
    let request = call.with_body(healthcode_transport::FORM, form).request();
    for text in [
        healthcode_transport::show_http(&request),
        healthcode_transport::show_curl(&request),
    ] {
        assert!(!text.contains("s3cret"), "{text}");
        assert!(
            text.contains("cliEnt_id=own&code=[redacted]&note"),
            "{text}"
        );
        for name in names {
            assert!(text.contains(&format!("{name}: [redacted]")), "{text}");
        }
    }
}

/// Nothing that goes into a header or an address can begin another line.
#[test]
fn lines_cannot_be_injected() {
    for text in ["a\r\nx-other: 1", "a\nb", "a\rb", "a\0b", "a\u{7f}b"] {
        let header = read().with_text_header(http::header::ACCEPT, text);
        assert!(header.is_err(), "{text:?}");
        let address = format!("https://api.example.org/{text}");
        assert!(
            Call::<Practitioner>::resource("x", &address).is_err(),
            "{text:?}"
        );
        let secret = healthcode_transport::secret_header(&text.into());
        assert!(secret.is_err(), "{text:?}");
        let token = Token::new(text, start(), None);
        assert!(token.authorization().is_err(), "{text:?}");
        let clock = Clock::new();
        let fake = Fake::script(vec![(200, &[], PRACTITIONER)]);
        let client = fake.client(&clock).with_correlation_id(text);
        assert!(run(client.send(&read())).is_err(), "{text:?}");
        assert_eq!(fake.count(), 0);
    }
}

proptest! {
    /// Whatever a server says of where to go, credentials stay where they are trusted.
    #[test]
    fn no_location_leads_astray(location in "(https?:)?/{0,3}[a-z.@:/\\\\?#%0-9\\[\\]-]{0,30}") {
        let trusted = trust(&["https://api.example.org"]);
        let request = read().request();
        let Ok(value) = http::HeaderValue::from_str(&location) else { return Ok(()) };
        let mut response = answer(302, &[], "");
        response.headers_mut().insert("location", value);
        if let Ok(Some(next)) = redirected(&request, &response, &trusted, &[]) {
            prop_assert!(trusted.check(next.uri()).is_ok(), "{}", next.uri());
        }
    }

    /// No body makes reading fail in any other way than by an error.
    #[test]
    fn any_body_is_read(body in ".{0,60}", status in 100_u16..600) {
        let _ = read().parse(answer(status, &[], &body)).map_err(|error| format!("{error} {error:?}"));
    }
}
