//! The NHS's platform: assertions, patients, the directory; and tokens that are not signed.

use crate::kit::{Clock, Counting, Fake, answer, ok, run, start};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use healthcode_search::{DeviceLookup, EndpointLookup, PatientTrace};
use healthcode_transport::nhs::{
    Assertion, GpConnectClaims, GpConnectDevice, GpConnectOrganization, GpConnectPractitioner,
    JwtClaims, Pds, Platform, Reason, RefusedToken, Sds, SdsDevice, SdsEndpoint, SignedJwt, Signer,
    SpineClaims, SpineUser, TokenExchange, check_unsigned, superseded_by,
};
use healthcode_transport::{
    Client, Error, ErrorKind, FetchToken, Grant, Idempotency, SecretString, TokenSource,
    UnverifiedClaims, show_http,
};
use healthcode_uk::{
    Asid, InteractionId, NhsNumber, OdsCode, PartyKey, SdsRoleProfileId, SdsUserId,
};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;

const INTERACTION: &str =
    "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1";

/// Signs with the length of what it signs.
struct Length;

impl Signer for Length {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok((message.len() as u32).to_be_bytes().to_vec())
    }
}

fn assertion() -> Assertion {
    Assertion::new(
        "api-key",
        "test-1",
        Platform::integration().token_endpoint(),
    )
}

fn number() -> NhsNumber {
    NhsNumber::parse("9000000009").unwrap()
}

/// The fields of a form, in their order.
fn fields(body: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(body).unwrap();
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8()
            .unwrap()
            .into_owned()
    };
    let pairs = text.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[test]
fn signed_assertions() {
    let random = Counting::default();
    let grant = SignedJwt::new(assertion(), Length);
    let request = grant.request(start(), &random).unwrap();
    insta::assert_snapshot!("signed", show_http(&request));
    let fields = fields(request.body());
    let token = &fields[2].1;
    assert_eq!(
        part(token, 0),
        json!({"alg": "RS512", "typ": "JWT", "kid": "test-1"})
    );
    let now = start()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    assert_eq!(
        part(token, 1),
        json!({
            "iss": "api-key", "sub": "api-key",
            "aud": "https://int.api.service.nhs.uk/oauth2/token",
            "jti": "00000000-0000-4000-8000-000000000001",
            "exp": now + 270,
        })
    );
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    assert_eq!(signature, (input.len() as u32).to_be_bytes());

    let exchange = TokenExchange::new(grant, "id-t0ken");
    let request = exchange.request(start(), &random).unwrap();
    insta::assert_snapshot!("exchange", show_http(&request));
    assert!(!show_http(&request).contains("id-t0ken"));
    assert!(
        request
            .body()
            .windows(8)
            .any(|window| window == b"id-t0ken")
    );
    assert!(!format!("{exchange:?}").contains("id-t0ken"));

    struct Broken(Option<Vec<u8>>);
    impl Signer for Broken {
        fn sign(&self, _: &[u8]) -> Result<Vec<u8>, Error> {
            self.0.clone().ok_or_else(|| Error::new(ErrorKind::Signer))
        }
    }
    // What is not signed is not sent.
    for broken in [Broken(None), Broken(Some(Vec::new()))] {
        let error = SignedJwt::new(assertion(), broken)
            .request(start(), &random)
            .unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Signer);
    }
    let long = assertion().life(Duration::from_mins(15));
    let claims = part(&long.signing_input(start(), "x"), 1);
    assert_eq!(claims["exp"], json!(now + 300));
}

#[test]
fn a_fresh_jti_for_each_attempt() {
    let clock = Clock::new();
    let fake = Fake::script(vec![
        (503, &[("retry-after", "1")], ""),
        (429, &[], ""),
        (
            200,
            &[],
            r#"{"access_token":"t","expires_in":"599","token_type":"Bearer","issued_at":"1795161600000"}"#,
        ),
    ]);
    let fetch = FetchToken::new(SignedJwt::new(assertion(), Length), fake.stack(&clock));
    let token = run(fetch.token(None)).unwrap();
    let life = token.expires_at().unwrap().duration_since(start()).unwrap();
    assert!(life >= Duration::from_secs(599));
    let jtis: HashSet<_> = fake
        .seen()
        .iter()
        .map(|request| part(&fields(request.body())[2].1, 1)["jti"].clone())
        .collect();
    assert_eq!(jtis.len(), 3);
}

fn sds() -> Sds {
    Sds::new(Platform::sandbox(), "k3y")
}

fn pds() -> Pds {
    let pds = Pds::new(Platform::integration());
    pds.role(SdsRoleProfileId::parse("555021935107").unwrap())
        .organization(OdsCode::parse("Y12345").unwrap())
}

#[test]
fn requests() {
    let ods = OdsCode::parse("A1001").unwrap();
    let interaction = InteractionId::parse(INTERACTION).unwrap();
    let party = PartyKey::parse("A1001-0000806").unwrap();
    let devices = DeviceLookup::new()
        .organization(&ods)
        .service(&interaction)
        .party_key(&party);
    let endpoints = EndpointLookup::new()
        .organization(&ods)
        .service(&interaction);
    let trace = PatientTrace::new()
        .family("Sm*th")
        .given("Jane")
        .build()
        .unwrap();
    let patch = [json!({"op": "replace", "path": "/gender", "value": "other"})];
    let update = pds().update(&number(), "W/\"2\"", &patch).unwrap();
    assert_eq!(update.idempotency(), Idempotency::ByRequestId);
    let requests = [
        sds().devices(&devices.build().unwrap()).unwrap().request(),
        sds()
            .endpoints(&endpoints.clone().build().unwrap())
            .unwrap()
            .request(),
        pds().read(&number()).unwrap().request(),
        pds().search(&trace).unwrap().request(),
        pds().related(&number()).unwrap().request(),
        update.request(),
        pds()
            .create(json!({"resourceType": "Patient"}))
            .unwrap()
            .request(),
        pds()
            .create_from_birth(json!({"resourceType": "Bundle"}))
            .unwrap()
            .request(),
        pds().coverage(&number()).unwrap().request(),
        pds()
            .add_coverage("W/\"2\"", json!({"resourceType": "Coverage"}))
            .unwrap()
            .request(),
        pds().get("https://a.example/b").unwrap().request(),
        sds().get("https://a.example/b").unwrap().request(),
    ];
    let shown: Vec<_> = requests.iter().map(show_http).collect();
    insta::assert_snapshot!("requests", shown.join("\n----\n"));
    // All of them may be repeated, those that create by their request id.
    let new = pds().create(json!({})).unwrap();
    let birth = pds().create_from_birth(json!({})).unwrap();
    assert_eq!(
        (new.idempotency(), birth.idempotency()),
        (Idempotency::ByRequestId, Idempotency::ByRequestId)
    );
    assert!(
        sds().devices(&endpoints.build().unwrap()).is_err()
            && pds().search(&pds_of_others()).is_err()
    );
}

/// Services at bases of their own: the origins are trusted, and no other.
#[test]
fn bases_of_services() {
    let platform = Platform::integration().allow_loopback_http(true);
    let pds = Pds::new(platform.clone()).with_base("http://localhost:9000/");
    let sds = Sds::new(platform, "k3y").with_base("http://127.0.0.1:9001/sds");
    let read = pds.read(&number()).unwrap();
    assert_eq!(read.uri(), "http://localhost:9000/Patient/9000000009");
    let trace = PatientTrace::new().family("Smith").build().unwrap();
    let search = pds.search(&trace).unwrap();
    assert_eq!(search.uri(), "http://localhost:9000/Patient?family=Smith");
    let devices = DeviceLookup::new()
        .organization(&OdsCode::parse("A1001").unwrap())
        .service(&InteractionId::parse(INTERACTION).unwrap());
    let devices = sds.devices(&devices.build().unwrap()).unwrap();
    assert_eq!(devices.uri().path(), "/sds/Device");
    let trust = pds.trust().unwrap();
    assert!(trust.check(read.uri()).is_ok());
    assert!(trust.check(devices.uri()).is_err());
    assert!(sds.trust().unwrap().check(devices.uri()).is_ok());
    assert!(
        Pds::new(Platform::integration())
            .with_base("a b")
            .trust()
            .is_err()
    );
}

fn pds_of_others() -> healthcode_search::Query {
    healthcode_search::PractitionerSearch::new()
        .build()
        .unwrap()
}

#[test]
fn what_the_directory_says() {
    let device = r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Device",
        "identifier":[{"system":"https://fhir.nhs.uk/Id/nhsSpineASID","value":"928942012545"},
            {"system":"https://fhir.nhs.uk/Id/nhsMhsPartyKey","value":"YES-0000806"}],
        "owner":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"YES"}},
        "extension":[
            {"url":"https://fhir.nhs.uk/StructureDefinition/Extension-SDS-ManufacturingOrganisation",
                "valueReference":{"identifier":{"value":"LSP04"}}},
            {"url":"https://fhir.nhs.uk/StructureDefinition/Extension-SDS-NhsServiceInteractionId",
                "valueReference":{"identifier":{"value":"urn:nhs:names:services:psis:REPC_IN150016UK05"}}},
            {"url":"https://fhir.nhs.uk/StructureDefinition/Extension-SDS-NhsServiceInteractionId",
                "valueReference":{"identifier":{"value":"nonsense"}}}]}}]}"#;
    let bundle = healthcode_json::from_slice(device.as_bytes())
        .unwrap()
        .value;
    insta::assert_debug_snapshot!("device", SdsDevice::all(&bundle));
    let endpoint = r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Endpoint",
        "address":"https://gp.example.nhs.uk:443//root",
        "managingOrganization":{"identifier":{"value":"YES"}},
        "identifier":[{"system":"https://fhir.nhs.uk/Id/nhsMhsPartyKey","value":"YES-0000806"}],
        "extension":[{"url":"https://fhir.nhs.uk/StructureDefinition/Extension-SDS-ReliabilityConfiguration",
            "extension":[{"url":"nhsMHSSyncReplyMode","valueString":"MSHSignalsOnly"},
                {"url":"nhsMHSRetryInterval","valueString":"PT1M"},{"url":"nhsMHSRetries","valueInteger":2},
                {"url":"nhsMHSActor","valueString":"urn:oasis:names:tc:ebxml-msg:actor:toPartyMSH"}]}]}},
        {"resource":{"resourceType":"Endpoint"}}]}"#;
    let bundle = healthcode_json::from_slice(endpoint.as_bytes())
        .unwrap()
        .value;
    insta::assert_debug_snapshot!("endpoint", SdsEndpoint::all(&bundle));
}

/// A client of patients with these answers.
fn patients(fake: &Fake, clock: &Clock) -> Client {
    Client::new(fake.stack(clock), Platform::integration().trust().unwrap())
}

#[test]
fn the_same_request_id_in_retries() {
    let clock = Clock::new();
    let fake = Fake::script(vec![
        (503, &[("retry-after", "5")], ""),
        (
            200,
            &[("etag", "W/\"3\"")],
            r#"{"resourceType":"Patient","id":"9000000009"}"#,
        ),
    ]);
    let call = pds().update(&number(), "W/\"2\"", &[]).unwrap();
    let reply = run(patients(&fake, &clock).send(&call)).unwrap();
    assert_eq!(reply.head.etag(), Some("W/\"3\""));
    assert_eq!(clock.sleeps(), [Duration::from_secs(5)]);
    let seen = fake.seen();
    let id = |index: usize| seen[index].headers()["x-request-id"].clone();
    assert_eq!(
        (id(0), seen[0].headers()["if-match"].clone()),
        (id(1), "W/\"2\"".parse().unwrap())
    );
    assert!(superseded_by(&number(), &reply.value).is_none());
}

#[test]
fn outcomes_of_patients() {
    let outcome = |code: &str| {
        format!(
            r#"{{"resourceType":"OperationOutcome","issue":[{{"severity":"error","code":"value","details":{{"coding":[
            {{"system":"https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode","code":"{code}"}}]}}}}]}}"#
        )
    };
    let check = |status: u16, code: &str, expect: &str| {
        let body = outcome(code);
        let clock = Clock::new();
        let fake = Fake::new(move |_, _| Ok(answer(status, &[], &body)));
        let query = PatientTrace::new().family("Smith").build().unwrap();
        let error = run(patients(&fake, &clock).send(&pds().search(&query).unwrap())).unwrap_err();
        let shown = error.to_string();
        assert_eq!(shown.split("; request").next().unwrap(), expect);
    };
    check(
        200,
        "TOO_MANY_MATCHES",
        "pds-patient: an OperationOutcome came instead of the answer (HTTP status 200, TOO_MANY_MATCHES)",
    );
    check(
        404,
        "INVALIDATED_RESOURCE",
        "pds-patient: HTTP status 404, INVALIDATED_RESOURCE",
    );
    check(
        400,
        "9000000009",
        "pds-patient: HTTP status 400, a code that is not documented",
    );
}

fn gp_connect() -> GpConnectClaims {
    GpConnectClaims {
        issuer: "https://consumer.example.nhs.uk/".into(),
        audience: "https://gp.example.nhs.uk/T99999/STU3/1".into(),
        scope: "patient/*.read".into(),
        device: GpConnectDevice {
            system: "https://consumer.example.nhs.uk/Id/device".into(),
            value: "CONS-APP-4".into(),
            model: "Consumer".into(),
            version: "5.3.0".into(),
        },
        organization: GpConnectOrganization {
            code: OdsCode::parse("T99999").unwrap(),
            name: "Consumer".into(),
        },
        practitioner: GpConnectPractitioner {
            id: "10019".into(),
            user: SdsUserId::parse("111222333444").unwrap(),
            role: SdsRoleProfileId::no_smartcard(),
            local: (
                "https://consumer.example.nhs.uk/Id/user".into(),
                "98ed4f78".into(),
            ),
            family: "Jones".into(),
            given: vec!["Claire".into()],
            prefix: vec!["Dr".into()],
        },
    }
}

fn spine(user: SpineUser) -> SpineClaims {
    SpineClaims {
        issuer: "https://consumer.example.nhs.uk/".into(),
        audience: "https://nrl.example.nhs.uk/STU3".into(),
        scope: "patient/DocumentReference.read".into(),
        system: Asid::parse("200000000205").unwrap(),
        organization: Some(OdsCode::parse("RR8").unwrap()),
        user,
    }
}

#[test]
fn unsigned_tokens() {
    let token = gp_connect().token(start());
    let text = token.secret().expose_secret();
    assert!(text.ends_with('.') && text.matches('.').count() == 2);
    let header = URL_SAFE_NO_PAD
        .decode(text.split('.').next().unwrap())
        .unwrap();
    assert_eq!(header, br#"{"alg":"none","typ":"JWT"}"#);
    insta::assert_snapshot!(
        "gp-connect",
        serde_json::to_string_pretty(&part(text, 1)).unwrap()
    );
    assert!(!format!("{token:?} {:?}", gp_connect()).contains("Jones"));

    let users = [
        SpineUser::Professional {
            role: SdsRoleProfileId::parse("555021935107").unwrap(),
            reason: Reason::DirectCare,
        },
        SpineUser::Patient {
            number: number(),
            delegate: Some("carer".into()),
        },
        SpineUser::Unattended {
            reason: Reason::SecondaryUses,
        },
    ];
    for user in &users {
        assert!(
            !format!("{user:?}").contains("555021935107")
                && !format!("{user:?}").contains("9000000009")
        );
    }
    let claims: Vec<_> = users
        .into_iter()
        .map(|user| spine(user).claims(start()))
        .collect();
    for claim_set in &claims {
        let own = ["requesting_user", "requesting_patient", "requesting_system"];
        let own = own.iter().find_map(|name| claim_set.get(name)).unwrap();
        assert_eq!(&claim_set["sub"], own);
        assert!(
            claim_set.get("requesting_user").is_none()
                || claim_set.get("requesting_patient").is_none()
        );
        assert_eq!(
            claim_set["exp"].as_u64().unwrap() - claim_set["iat"].as_u64().unwrap(),
            300
        );
    }
    insta::assert_snapshot!("spine", serde_json::to_string_pretty(&claims).unwrap());
}

#[test]
fn what_a_server_takes() {
    let good = gp_connect()
        .token(start())
        .secret()
        .expose_secret()
        .to_owned();
    let made = |header: &str, claims: &str, signature: &str| {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{signature}", encode(header), encode(claims))
    };
    let none = r#"{"alg":"none","typ":"JWT"}"#;
    let check = |token: &str, after: i64, expect: Result<(), RefusedToken>| {
        let now = if after < 0 {
            start() - Duration::from_secs(after.unsigned_abs())
        } else {
            start() + Duration::from_secs(after.unsigned_abs())
        };
        let found = check_unsigned(&SecretString::from(token), now).map(|_: UnverifiedClaims| ());
        assert_eq!(found, expect, "{token}");
    };
    check(&good, 0, Ok(()));
    check(&good, 300, Ok(()));
    check(&good, 301, Err(RefusedToken::Expired));
    check(&good, -61, Err(RefusedToken::Early));
    check(good.trim_end_matches('.'), 0, Err(RefusedToken::Malformed));
    check(&format!("{good}c2ln"), 0, Err(RefusedToken::Header));
    check(&format!("{good}."), 0, Err(RefusedToken::Malformed));
    check("", 0, Err(RefusedToken::Malformed));
    check(
        &made(r#"{"alg":"RS512","typ":"JWT"}"#, "{}", ""),
        0,
        Err(RefusedToken::Header),
    );
    check(
        &made(r#"{"alg":"none","typ":"JWT","kid":"x"}"#, "{}", ""),
        0,
        Err(RefusedToken::Header),
    );
    check(&made(none, "{}", ""), 0, Err(RefusedToken::Times));
    check(
        &made(none, r#"{"iat":1,"exp":302}"#, ""),
        0,
        Err(RefusedToken::Times),
    );
    check(
        &made(none, r#"{"iat":"1","exp":301}"#, ""),
        0,
        Err(RefusedToken::Times),
    );
    check(
        &made(none, r#"{"iat":301,"exp":1}"#, ""),
        0,
        Err(RefusedToken::Times),
    );
    check(&made(none, "[]", ""), 0, Err(RefusedToken::Malformed));
}

#[test]
fn sandboxes_without_tokens() {
    let clock = Clock::new();
    let fake = Fake::new(|_, _| ok(r#"{"resourceType":"Patient","id":"9000000017"}"#));
    let trust = Platform::sandbox().trust().unwrap();
    let call = Pds::new(Platform::sandbox()).read(&number()).unwrap();
    let reply = run(Client::new(fake.stack(&clock), trust).send(&call)).unwrap();
    assert!(!fake.seen()[0].headers().contains_key("authorization"));
    assert_eq!(
        superseded_by(&number(), &reply.value).unwrap().expose(),
        "9000000017"
    );
}

proptest! {
    /// Whatever a value holds, a filter stays one filter.
    #[test]
    fn filters_hold_any_text(text in ".{0,40}") {
        let escaped = healthcode_transport::nhs::ldap::escape(&text);
        prop_assert!(!escaped.contains(['(', ')', '*', '\0']));
        let mut parts = escaped.split('\\');
        let mut back = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            back.push(u8::from_str_radix(&part[..2], 16).unwrap() as char);
            back.push_str(&part[2..]);
        }
        prop_assert_eq!(back, text);
    }

    /// No text makes the checks fail otherwise than by an error.
    #[test]
    fn any_text_is_checked(text in "[a-zA-Z0-9._=-]{0,60}") {
        let secret = SecretString::from(text);
        prop_assert!(check_unsigned(&secret, start()).is_err());
    }
}
