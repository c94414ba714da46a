//! The whole order of a call over the Spine.

use crate::kit::{Answer, Clock, Fake, Log, answer, ok, run, start};
use healthcode_search::PatientTrace;
use healthcode_transport::nhs::{
    JwtClaims, Nesting, Pds, Platform, Reason, Sds, SpineClaims, SpineClient, SpineUser, Ssp,
    SspRequest, Trace, check_unsigned,
};
use healthcode_transport::{Idempotency, SecretString, Token};
use healthcode_uk::{Asid, InteractionId, NhsNumber, OdsCode, SdsRoleProfileId};
use http::Request;

const INTERACTION: &str =
    "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1";
const ROOT: &str = "https://gp.example.nhs.uk:443/T99999//STU3/1/gpconnect";

fn endpoint(party: &str) -> String {
    format!(
        r#"{{"resource":{{"resourceType":"Endpoint","address":"{ROOT}","identifier":[
        {{"system":"https://fhir.nhs.uk/Id/nhsMhsPartyKey","value":"{party}"}}]}}}}"#
    )
}

fn device(asid: &str) -> String {
    format!(
        r#"{{"resource":{{"resourceType":"Device","identifier":[
        {{"system":"https://fhir.nhs.uk/Id/nhsSpineASID","value":"{asid}"}}]}}}}"#
    )
}

fn bundle(entries: &[String]) -> String {
    if entries.is_empty() {
        r#"{"resourceType":"Bundle","total":0}"#.to_owned()
    } else {
        format!(
            r#"{{"resourceType":"Bundle","entry":[{}]}}"#,
            entries.join(",")
        )
    }
}

/// What the services have.
#[derive(Clone)]
struct World {
    endpoints: Vec<String>,
    devices: Vec<String>,
    patients: Vec<&'static str>,
    proxy: u16,
}

impl World {
    fn usual() -> Self {
        World {
            endpoints: vec![endpoint("T99999-000080")],
            devices: vec![device("918999198993")],
            patients: vec!["9000000009"],
            proxy: 200,
        }
    }

    fn answer(&self, request: &Request<bytes::Bytes>, count: usize) -> Answer {
        let patient = |id: &&str| format!(r#"{{"resourceType":"Patient","id":"{id}"}}"#);
        let path = request.uri().path();
        let entry = |id: &&str| format!(r#"{{"resource":{}}}"#, patient(id));
        match path.rsplit('/').next().unwrap() {
            "Endpoint" => ok(&bundle(&self.endpoints)),
            "Device" => ok(&bundle(&self.devices)),
            "Patient" => ok(&bundle(
                &self.patients.iter().map(entry).collect::<Vec<_>>(),
            )),
            "$gpc.getstructuredrecord" if self.proxy == 503 && count < 5 => {
                Ok(answer(503, &[], ""))
            }
            "$gpc.getstructuredrecord" => ok(r#"{"resourceType":"Bundle","total":1}"#),
            _ => match self.patients.first() {
                Some(id) => ok(&patient(id)),
                None => Ok(answer(404, &[], "")),
            },
        }
    }
}

fn number() -> NhsNumber {
    NhsNumber::parse("9000000009").unwrap()
}

fn client(fake: &Fake, clock: &Clock) -> SpineClient {
    let platform = Platform::integration();
    let asid = Asid::parse("200000000205").unwrap();
    let services = (
        Sds::new(platform.clone(), "k3y"),
        Pds::new(platform),
        Ssp::new("https://proxy.example.nhs.uk/", asid, Nesting::Raw),
    );
    let stack = fake.stack(clock);
    let token = Token::new("t0ken", start(), None);
    SpineClient::new(services, stack.clone(), Some(token), stack).unwrap()
}

fn claims(audience: &str) -> SpineClaims {
    SpineClaims {
        issuer: "https://consumer.example.nhs.uk".into(),
        audience: audience.into(),
        scope: "patient/*.read".into(),
        system: Asid::parse("200000000205").unwrap(),
        organization: None,
        user: SpineUser::Professional {
            role: SdsRoleProfileId::parse("555021935107").unwrap(),
            reason: Reason::DirectCare,
        },
    }
}

/// A future that may go to another thread.
fn sent<T: Send>(future: T) -> T {
    future
}

fn go(world: World, whom: &Trace<'_>) -> (Fake, Result<Option<i32>, String>) {
    let clock = Clock::new();
    let fake = Fake::new(move |request, count| world.answer(request, count));
    let client = client(&fake, &clock);
    let interaction = InteractionId::parse(INTERACTION).unwrap();
    let ods = OdsCode::parse("T99999").unwrap();
    let reply = run(sent(client.run(
        &ods,
        &interaction,
        whom,
        |provider, number| {
            let body = serde_json::json!({"resourceType": "Parameters", "nhs": number.expose()});
            let request = SspRequest::post(
                "Patient/$gpc.getstructuredrecord",
                body,
                Idempotency::Idempotent,
            );
            (request, claims(&provider.address))
        },
    )));
    let shown = reply
        .map(|reply| reply.value.as_untyped().integer("total"))
        .map_err(|error| {
            let shown = error.to_string();
            shown.split("; request").next().unwrap().to_owned()
        });
    (fake, shown)
}

#[test]
fn in_the_documented_order() {
    let log = Log::default();
    log.during(|| {
        let (fake, result) = go(World::usual(), &Trace::Number(&number()));
        assert_eq!(result, Ok(Some(1)));
        let seen = fake.seen();
        let uris: Vec<_> = seen
            .iter()
            .map(|request| format!("{} {}", request.method(), request.uri()))
            .collect();
        insta::assert_snapshot!("order", uris.join("\n"));
        let header =
            |index: usize, name: &str| seen[index].headers()[name].to_str().unwrap().to_owned();
        assert_eq!(
            (header(0, "apikey"), header(2, "authorization")),
            ("k3y".into(), "Bearer t0ken".into())
        );
        let flow = header(0, "x-correlation-id");
        assert!((0..4).all(|index| header(index, "x-correlation-id") == flow));
        let last = &seen[3];
        for (name, expect) in [
            ("ssp-from", "200000000205"),
            ("ssp-to", "918999198993"),
            ("ssp-interactionid", INTERACTION),
            ("content-type", "application/fhir+json;charset=utf-8"),
        ] {
            assert_eq!(last.headers()[name], expect);
        }
        assert!(last.headers().contains_key("ssp-traceid"));
        let token = header(3, "authorization");
        let token = SecretString::from(token.trim_start_matches("Bearer "));
        let claims = check_unsigned(&token, start()).unwrap();
        assert_eq!(claims.get("aud").unwrap(), ROOT);
    });
    for secret in ["t0ken", "k3y", "9000000009", "555021935107", "eyJ"] {
        assert!(!log.text().contains(secret), "{secret}");
    }
}

#[test]
fn patients_are_traced() {
    let query = PatientTrace::new()
        .family("Smith")
        .gender("female")
        .build()
        .unwrap();
    let sent = |fake: &Fake| fake.seen().last().unwrap().body().clone();
    let (fake, result) = go(World::usual(), &Trace::Search(&query));
    assert!(
        result.is_ok()
            && sent(&fake).ends_with(br#""nhs":"9000000009","resourceType":"Parameters"}"#)
    );
    // The one that was requested has been superseded.
    let world = World {
        patients: vec!["9000000017"],
        ..World::usual()
    };
    let (fake, _) = go(world, &Trace::Number(&number()));
    assert!(
        sent(&fake)
            .windows(10)
            .any(|window| window == b"9000000017")
    );
}

#[test]
fn what_is_not_definite_is_not_called() {
    let query = PatientTrace::new().family("Smith").build().unwrap();
    let check = |change: fn(&mut World), expect: &str| {
        let mut world = World::usual();
        change(&mut world);
        let (fake, result) = go(world, &Trace::Search(&query));
        let error = result.unwrap_err();
        assert!(error.starts_with(expect), "{expect} in {error}");
        assert!(
            fake.seen()
                .iter()
                .all(|request| !request.headers().contains_key("ssp-to"))
        );
    };
    check(
        |world| world.endpoints.clear(),
        "sds-endpoint: the directory has no endpoint for this organisation and service; its \
         systems, and the endpoints of their party keys, are: ASID 918999198993",
    );
    check(
        |world| world.endpoints.push(endpoint("T99999-000081")),
        "sds-endpoint: the directory has several endpoints for this organisation and service: \
         https://",
    );
    check(
        |world| world.devices.clear(),
        "sds-device: the directory has no system for this organisation and service",
    );
    check(
        |world| world.devices.push(device("918999198994")),
        "sds-device: the directory has several systems for this organisation and service: ASID \
         918999198993",
    );
    check(
        |world| world.patients.clear(),
        "pds-patient: no patient was found",
    );
    check(
        |world| world.patients.push("9000000017"),
        "pds-patient: several patients were found",
    );
    check(
        |world| world.patients = vec!["x"],
        "pds-patient: the patient has no NHS number",
    );
}

#[test]
fn a_new_token_for_each_attempt() {
    let clock = Clock::new();
    let first = claims(ROOT).token(start());
    clock.pass(std::time::Duration::from_secs(1));
    use healthcode_transport::Timer;
    use secrecy::ExposeSecret;
    let second = claims(ROOT).token(clock.now());
    assert_ne!(
        first.secret().expose_secret(),
        second.secret().expose_secret()
    );
    let world = World {
        proxy: 503,
        ..World::usual()
    };
    let (fake, result) = go(world, &Trace::Number(&number()));
    assert_eq!((result, fake.count()), (Ok(Some(1)), 6));
    let seen = fake.seen();
    let ids: Vec<_> = seen[3..]
        .iter()
        .map(|request| request.headers()["ssp-traceid"].clone())
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
}
