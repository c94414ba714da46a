//! Over TLS: all steps of a call over the Spine, and the errors of its proxy.

use crate::assertions::signer;
use crate::kit::{Sandbox, spied};
use crate::watch;
use healthcode_sandbox::{Certificates, Config, Fault, Running, Service};
use healthcode_search::PatientTrace;
use healthcode_transport::nhs::{
    Assertion, GpConnectClaims, GpConnectDevice, GpConnectOrganization, GpConnectPractitioner,
    JwtClaims, Nesting, Pds, PerRequest, Platform, Provider, Reason, Sds, SignedJwt, SpineClaims,
    SpineClient, SpineUser, Ssp, SspRequest, Trace,
};
use healthcode_transport::{
    Client, Error, ErrorKind, FHIR_JSON, FHIR_XML, FetchToken, HttpStack, Idempotency, Reply,
    ReqwestTransport, Stu3Resource, SystemRandom, TokenCache, TokioTimer,
};
use healthcode_uk::{Asid, InteractionId, NhsNumber, OdsCode, SdsRoleProfileId, SdsUserId};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const CONNECT: &str = "urn:nhs:names:services:gpconnect:fhir:";
const LOCATOR: &str = "urn:nhs:names:services:nrl:SspRetrieval.read";

fn start() -> Running {
    let mut config = Config::default();
    config.tls = true;
    let sandbox = Sandbox::start(config).unwrap();
    let key = &sandbox.certificates().unwrap().client_key;
    let lines = key.expose_secret().lines();
    lines
        .filter(|line| !line.starts_with('-'))
        .for_each(watch::secret);
    sandbox
}

fn stack(authority: &str, client: Option<&Certificates>) -> HttpStack {
    let mut builder = ReqwestTransport::builder().roots(authority);
    if let Some(own) = client {
        builder = builder.identity(own.client.as_str(), own.client_key.clone());
    }
    spied(builder)
}

/// A client with another wire for the proxy than for the platform.
fn client(sandbox: &Running, asid: &str, nesting: Nesting, spine: HttpStack) -> SpineClient {
    let urls = sandbox.urls();
    let own = &sandbox.certificates().unwrap().authority;
    let platform = Platform::new(&urls.nhs);
    let key = sandbox.credentials().nhs.api_key.expose_secret();
    let assertion = Assertion::new(key, "sandbox-1", platform.token_endpoint());
    let grant = SignedJwt::new(assertion, signer(sandbox));
    let tokens = TokenCache::new(
        FetchToken::new(grant, stack(own, None)),
        Arc::new(TokioTimer),
    );
    let services = (
        Sds::new(platform.clone(), "any".to_owned()),
        Pds::new(platform),
        Ssp::new(
            urls.spine.as_deref().unwrap(),
            Asid::parse(asid).unwrap(),
            nesting,
        ),
    );
    SpineClient::new(services, stack(own, None), Some(tokens), spine).unwrap()
}

fn usual(sandbox: &Running, nesting: Nesting) -> SpineClient {
    let own = sandbox.certificates().unwrap();
    let asid = &sandbox.credentials().spine.asid;
    client(sandbox, asid, nesting, stack(&own.authority, Some(own)))
}

fn gp_connect(provider: &Provider) -> GpConnectClaims {
    GpConnectClaims {
        issuer: "https://consumer.example.nhs.uk".into(),
        audience: provider.address.clone(),
        scope: "patient/*.read".into(),
        device: GpConnectDevice {
            system: "https://consumer.example.nhs.uk/id".into(),
            value: "1".into(),
            model: "Model".into(),
            version: "1.0".into(),
        },
        organization: GpConnectOrganization {
            code: OdsCode::parse("A20047").unwrap(),
            name: "A practice".into(),
        },
        practitioner: GpConnectPractitioner {
            id: "1".into(),
            user: SdsUserId::no_smartcard(),
            role: SdsRoleProfileId::no_smartcard(),
            local: ("https://consumer.example.nhs.uk/user".into(), "u1".into()),
            family: "Jones".into(),
            given: vec!["Claire".into()],
            prefix: vec!["Dr".into()],
        },
    }
}

fn locator(provider: &Provider) -> SpineClaims {
    SpineClaims {
        issuer: "https://consumer.example.nhs.uk".into(),
        audience: provider.address.clone(),
        scope: "patient/*.read".into(),
        system: Asid::parse("200000000205").unwrap(),
        organization: OdsCode::parse("A20047").ok(),
        user: SpineUser::Professional {
            role: SdsRoleProfileId::parse("555021935107").unwrap(),
            reason: Reason::DirectCare,
        },
    }
}

fn structured(number: &NhsNumber) -> SspRequest {
    let identifier =
        json!({"system": "https://fhir.nhs.uk/Id/nhs-number", "value": number.expose()});
    let body = json!({"resourceType": "Parameters", "parameter": [
        {"name": "patientNHSNumber", "valueIdentifier": identifier},
    ]});
    SspRequest::post(
        "Patient/$gpc.getstructuredrecord",
        body,
        Idempotency::Idempotent,
    )
}

fn interaction(text: &str) -> InteractionId {
    InteractionId::parse(text).unwrap()
}

fn practice() -> OdsCode {
    OdsCode::parse("A20047").unwrap()
}

async fn record(client: &SpineClient) -> Result<Reply<Stu3Resource>, Error> {
    let number = NhsNumber::parse("9000000009").unwrap();
    let interaction = interaction(&format!("{CONNECT}operation:gpc.getstructuredrecord-1"));
    let prepare =
        |provider: &Provider, number: &NhsNumber| (structured(number), gp_connect(provider));
    client
        .run(&practice(), &interaction, &Trace::Number(&number), prepare)
        .await
}

/// The id of a Bundle's first resource.
fn first_id(found: &Reply<Stu3Resource>) -> Option<&str> {
    let entry = found.value.as_untyped().get("entry")?;
    entry.get("resource")?.text("id")
}

fn code(error: &Error) -> Option<String> {
    let outcome = error.outcome()?;
    let details = outcome.issue[0].details.as_ref()?;
    details.coding[0].code.as_str().map(str::to_owned)
}

/// SDS look-up, PDS trace, token, call; with both nestings, whose tokens differ.
#[tokio::test]
async fn the_whole_order() {
    let sandbox = start();
    assert!(sandbox.urls().discovery.starts_with("https://127.0.0.1:"));
    let client = usual(&sandbox, Nesting::Raw);
    let found = record(&client).await.unwrap();
    assert_eq!(found.head.headers["cache-control"], "no-store");
    assert_eq!(first_id(&found), Some("9000000009"));
    // By a trace, and by the interactions of REST.
    let trace = PatientTrace::new()
        .family("Smith")
        .given("Jane")
        .build()
        .unwrap();
    let read = interaction(&format!("{CONNECT}rest:read:patient-1"));
    let prepare = |provider: &Provider, number: &NhsNumber| {
        let request = SspRequest::get(format!("Patient/{}", number.expose()));
        (request, gp_connect(provider))
    };
    let found = client
        .run(&practice(), &read, &Trace::Search(&trace), prepare)
        .await
        .unwrap();
    let patient = found.value.as_untyped();
    assert_eq!(patient.type_name(), "Patient");
    assert_eq!(patient.text("id"), Some("9000000009"));
    let search = interaction(&format!("{CONNECT}rest:search:patient-1"));
    let provider = client.locate(&practice(), &search).await.unwrap();
    for (number, count) in [("9000000084", 1), ("9434765919", 0), ("9000000017", 0)] {
        let request = SspRequest::get(format!(
            "Patient?identifier=https://fhir.nhs.uk/Id/nhs-number%7C{number}"
        ));
        let found = client
            .call(&provider, &search, &request, gp_connect(&provider))
            .await
            .unwrap();
        let total = found.value.as_untyped().integer("total");
        assert_eq!(total, Some(count), "{number}");
    }
    // A record of the National Record Locator.
    let client = usual(&sandbox, Nesting::Encoded);
    let retrieval = interaction(LOCATOR);
    let provider = client.locate(&practice(), &retrieval).await.unwrap();
    let request = SspRequest::get("1");
    let found = client
        .call(&provider, &retrieval, &request, locator(&provider))
        .await
        .unwrap();
    let binary = found.value.as_untyped();
    assert_eq!(binary.type_name(), "Binary");
    assert!(binary.has("content"));
}

/// A practice accepts and returns XML, as GP Connect documents it.
#[tokio::test]
async fn in_xml() {
    let sandbox = start();
    let own = sandbox.certificates().unwrap();
    let client = usual(&sandbox, Nesting::Raw);
    let number = NhsNumber::parse("9000000009").unwrap();
    let asid = Asid::parse(&sandbox.credentials().spine.asid).unwrap();
    let url = sandbox.urls().spine.as_deref().unwrap();
    let sender = |ssp: &Ssp| {
        let wire = stack(&own.authority, Some(own));
        Client::new(wire, ssp.trust().unwrap()).with_xml()
    };

    let of = interaction(&format!("{CONNECT}operation:gpc.getstructuredrecord-1"));
    let provider = client.locate(&practice(), &of).await.unwrap();
    let ssp = Ssp::new(url, asid.clone(), Nesting::Raw);
    let (to, root) = (&provider.asid, &provider.address);
    let call = ssp
        .call(to, &of, root, &structured(&number), &SystemRandom)
        .unwrap();
    let body = |number: &str| {
        format!(
            "<Parameters xmlns='http://hl7.org/fhir'><parameter><name value='patientNHSNumber'/><valueIdentifier>\
             <system value='https://fhir.nhs.uk/Id/nhs-number'/><value value='{number}'/></valueIdentifier>\
             </parameter></Parameters>"
        )
    };
    let tokens = PerRequest::new(gp_connect(&provider), Arc::new(TokioTimer));
    let surgery = sender(&ssp).with_tokens(tokens);
    let sent = call.clone().with_body(FHIR_XML, body(number.expose()));
    let found = surgery.send(&sent).await.unwrap();
    assert_eq!(found.head.headers["content-type"], FHIR_XML);
    assert_eq!(first_id(&found), Some(number.expose()));
    // Errors are in XML too.
    let sent = call.clone().with_body(FHIR_XML, body("1"));
    let error = surgery.send(&sent).await.unwrap_err();
    assert_eq!(code(&error).as_deref(), Some("INVALID_VALUE"));
    assert!(error.body().starts_with(b"<OperationOutcome"));
    for (kind, text) in [
        (FHIR_XML, "{}"),
        (FHIR_JSON, "<Parameters/>"),
        ("text/plain", "{}"),
    ] {
        let sent = call.clone().with_body(kind, text);
        let error = surgery.send(&sent).await.unwrap_err();
        assert_eq!(code(&error).as_deref(), Some("BAD_REQUEST"), "{kind}");
    }

    // The Binary of a pointer has STU3's content, which R4 does not define.
    let client = usual(&sandbox, Nesting::Encoded);
    let of = interaction(LOCATOR);
    let provider = client.locate(&practice(), &of).await.unwrap();
    let ssp = Ssp::new(url, asid, Nesting::Encoded);
    let (to, root) = (&provider.asid, &provider.address);
    let request = SspRequest::get("1");
    let call = ssp.call(to, &of, root, &request, &SystemRandom).unwrap();
    let tokens = PerRequest::new(locator(&provider), Arc::new(TokioTimer));
    let found = sender(&ssp).with_tokens(tokens).send(&call).await.unwrap();
    assert_eq!(found.head.headers["content-type"], FHIR_XML);
    assert!(found.issues.is_empty() && found.value.as_untyped().has("content"));
}

/// TLS fails without a certificate, and with one of another authority.
#[tokio::test]
async fn certificates() {
    let (sandbox, other) = (start(), start());
    let (own, foreign) = (
        sandbox.certificates().unwrap(),
        other.certificates().unwrap(),
    );
    let shown = format!("{sandbox:?} {own:?}");
    assert!(!shown.contains("PRIVATE") && !shown.contains(own.client_key.expose_secret()));
    let asid = &sandbox.credentials().spine.asid;
    for (spine, what) in [
        (stack(&own.authority, None), "no certificate"),
        (
            stack(&own.authority, Some(foreign)),
            "another's certificate",
        ),
        (stack(&foreign.authority, Some(own)), "another authority"),
    ] {
        let client = client(&sandbox, asid, Nesting::Raw, spine);
        let error = record(&client).await.unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Transport(_)),
            "{what}: {error}"
        );
        assert_eq!(error.call(), Some("ssp"), "{what}");
    }
    // A client that does not trust the authority does not call the platform.
    let platform = Platform::new(&sandbox.urls().nhs);
    let stranger = Client::new(stack(&foreign.authority, None), platform.trust().unwrap())
        .with_retry(healthcode_transport::Retry::never());
    let number = NhsNumber::parse("9000000009").unwrap();
    let error = stranger
        .send(&Pds::new(platform).read(&number).unwrap())
        .await
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Transport(_)), "{error}");
    // Without TLS there is no proxy.
    assert_eq!(crate::kit::start().urls().spine, None);
}

type Bend = fn(&mut Value);

/// Claims with a change.
struct Bent<C>(C, Bend);

impl<C: JwtClaims> JwtClaims for Bent<C> {
    fn claims(&self, now: SystemTime) -> Value {
        let mut claims = self.0.claims(now);
        self.1(&mut claims);
        claims
    }
}

#[tokio::test]
async fn asids_addresses_and_interactions() {
    let sandbox = start();
    let own = sandbox.certificates().unwrap();
    let spine = || stack(&own.authority, Some(own));
    let good = usual(&sandbox, Nesting::Raw);
    let read = interaction(&format!("{CONNECT}rest:read:patient-1"));
    let provider = good.locate(&practice(), &read).await.unwrap();
    let check = async |client: &SpineClient,
                       change: fn(&mut Provider),
                       of: &InteractionId,
                       path: &str,
                       status: u16,
                       expect: &str| {
        let mut provider = provider.clone();
        change(&mut provider);
        let claims = gp_connect(&provider);
        let request = SspRequest::get(path);
        let found = client.call(&provider, of, &request, claims).await;
        let found = match found {
            Ok(_) => (200, String::new()),
            Err(error) => (
                error.status().unwrap().as_u16(),
                code(&error).unwrap_or_default(),
            ),
        };
        assert_eq!(found, (status, expect.to_owned()), "{path} {}", of.as_str());
    };
    let same: fn(&mut Provider) = |_| {};
    let patient = "Patient/9000000009";
    check(&good, same, &read, patient, 200, "").await;
    let asid = "ASID_CHECK_FAILED";
    let other = client(&sandbox, "200000000206", Nesting::Raw, spine());
    check(&other, same, &read, patient, 403, asid).await;
    let elsewhere: fn(&mut Provider) =
        |provider| provider.asid = Asid::parse("928942012547").unwrap();
    check(&good, elsewhere, &read, patient, 403, asid).await;
    // That system offers other interactions.
    let records: fn(&mut Provider) =
        |provider| provider.asid = Asid::parse("928942012546").unwrap();
    check(&good, records, &read, patient, 403, asid).await;
    let book = interaction(&format!("{CONNECT}rest:create:appointment-1"));
    check(&good, same, &book, patient, 403, asid).await;
    // The address must be the directory's text, not an equivalent one.
    let port: fn(&mut Provider) =
        |provider| provider.address = provider.address.replace(".uk/", ".uk:443/");
    check(&good, port, &read, patient, 404, "NO_RECORD_FOUND").await;
    let encoded = client(&sandbox, "200000000205", Nesting::Encoded, spine());
    check(&encoded, same, &read, patient, 400, "BAD_REQUEST").await;
    let search = interaction(&format!("{CONNECT}rest:search:patient-1"));
    check(&good, same, &search, patient, 400, "BAD_REQUEST").await;
    check(
        &good,
        same,
        &read,
        "Patient?identifier=x",
        400,
        "BAD_REQUEST",
    )
    .await;
    check(
        &good,
        same,
        &read,
        "Patient/9000000000",
        400,
        "INVALID_VALUE",
    )
    .await;
    check(
        &good,
        same,
        &read,
        "Patient/9111231130",
        404,
        "NO_RECORD_FOUND",
    )
    .await;
    check(
        &good,
        same,
        &read,
        "Patient/9000000025",
        403,
        "NO_PATIENT_CONSENT",
    )
    .await;
}

/// The user's context, claim by claim.
#[tokio::test]
async fn claims_case_by_case() {
    let sandbox = start();
    let raw = usual(&sandbox, Nesting::Raw);
    let read = interaction(&format!("{CONNECT}rest:read:patient-1"));
    let provider = raw.locate(&practice(), &read).await.unwrap();
    let request = SspRequest::get("Patient/9000000009");
    let bends: [Bend; 21] = [
        |claims| claims["iss"] = json!(""),
        |claims| claims["sub"] = json!("2"),
        |claims| claims["aud"] = json!("https://provider.example.nhs.uk/A20047/STU3/1/gpconnect/"),
        |claims| claims["exp"] = json!(claims["iat"].as_u64().unwrap() + 299),
        |claims| claims["exp"] = json!((claims["iat"].as_u64().unwrap() + 300).to_string()),
        |claims| claims["iat"] = json!(null),
        |claims| (claims["iat"], claims["exp"]) = (json!(1), json!(301)),
        |claims| {
            (claims["iat"], claims["exp"]) = (json!(9_999_999_700_u64), json!(10_000_000_000_u64));
        },
        |claims| claims["reason_for_request"] = json!("secondaryuses"),
        |claims| claims["requested_scope"] = json!("patient/*.write"),
        |claims| claims["requested_scope"] = json!("organization/*.read"),
        |claims| claims["requesting_device"] = json!(null),
        |claims| claims["requesting_device"]["model"] = json!(""),
        |claims| claims["requesting_device"]["resourceType"] = json!("Patient"),
        |claims| claims["requesting_organization"]["name"] = json!(null),
        |claims| claims["requesting_organization"]["identifier"][0]["system"] = json!("x"),
        |claims| claims["requesting_practitioner"]["id"] = json!("2"),
        |claims| claims["requesting_practitioner"]["name"] = json!([]),
        |claims| {
            drop(
                claims["requesting_practitioner"]["identifier"]
                    .as_array_mut()
                    .unwrap()
                    .remove(0),
            );
        },
        |claims| {
            drop(
                claims["requesting_practitioner"]["identifier"]
                    .as_array_mut()
                    .unwrap()
                    .remove(1),
            );
        },
        |claims| {
            drop(
                claims["requesting_practitioner"]["identifier"]
                    .as_array_mut()
                    .unwrap()
                    .remove(2),
            );
        },
    ];
    let call = async |bend| {
        let claims = Bent(gp_connect(&provider), bend);
        raw.call(&provider, &read, &request, claims).await
    };
    assert!(call(|_| {}).await.is_ok());
    for (at, bend) in bends.into_iter().enumerate() {
        let error = call(bend).await.expect_err(&format!("case {at}"));
        let found = (error.status().map(|status| status.as_u16()), code(&error));
        assert_eq!(found, (Some(400), Some("BAD_REQUEST".into())), "case {at}");
    }
    // The plain claims of the Spine.
    let encoded = usual(&sandbox, Nesting::Encoded);
    let retrieval = interaction(LOCATOR);
    let provider = encoded.locate(&practice(), &retrieval).await.unwrap();
    let request = SspRequest::get("1");
    let number = "https://fhir.nhs.uk/Id/nhs-number|9000000009";
    let bends: [(Bend, bool); 12] = [
        (|_| {}, true),
        (|claims| claims["sub"] = json!("x"), false),
        (|claims| claims["scope"] = json!("patient/*.write"), false),
        (|claims| claims["scope"] = json!("x patient/*.read"), true),
        (
            |claims| claims["requesting_system"] = json!("200000000205"),
            false,
        ),
        (
            |claims| {
                claims["requesting_system"] = json!("https://fhir.nhs.uk/Id/accredited-system|1");
            },
            false,
        ),
        (
            |claims| claims["requesting_organization"] = json!(null),
            false,
        ),
        (|claims| claims["requesting_patient"] = json!("x|1"), false),
        (
            |claims| claims["reason_for_request"] = json!("patientaccess"),
            false,
        ),
        (
            |claims| claims["reason_for_request"] = json!("secondaryuses"),
            true,
        ),
        (|claims| claims["act"] = json!({"sub": "x"}), false),
        (
            |claims| {
                let members = claims.as_object_mut().unwrap();
                members.remove("requesting_user");
                let patient = "https://fhir.nhs.uk/Id/nhs-number|9000000009";
                claims["requesting_patient"] = json!(patient);
                claims["sub"] = json!(patient);
                claims["reason_for_request"] = json!("patientaccess");
                claims["act"] = json!({"sub": "x"});
            },
            true,
        ),
    ];
    for (at, (bend, good)) in bends.into_iter().enumerate() {
        let claims = Bent(locator(&provider), bend);
        let done = encoded.call(&provider, &retrieval, &request, claims).await;
        let status = done.as_ref().err().and_then(Error::status);
        assert_eq!(
            status.map(|status| status.as_u16()),
            (!good).then_some(400),
            "case {at}"
        );
        if let Err(error) = done {
            assert!(!error.to_string().contains(number));
        }
    }
    // One set of claims instead of the other.
    let wrong = raw
        .call(&provider, &retrieval, &request, gp_connect(&provider))
        .await;
    assert_eq!(
        wrong.unwrap_err().status().map(|status| status.as_u16()),
        Some(400)
    );
}

/// Faults of the proxy. Each attempt has a new token, so a retry recovers from an expired one.
#[tokio::test]
async fn faults_of_the_proxy() {
    let sandbox = start();
    let client = usual(&sandbox, Nesting::Raw);
    for fault in [
        Fault::Unavailable(Some(Duration::ZERO)),
        Fault::Throttled(Some(Duration::ZERO)),
        Fault::Dropped,
        Fault::Latency(Duration::from_millis(50)),
    ] {
        sandbox.faults().add(Service::Ssp, fault, 1);
        record(&client).await.unwrap();
        assert_eq!(sandbox.faults().left(), 0, "{fault:?}");
    }
    sandbox.faults().add(Service::Ssp, Fault::ExpiredToken, 1);
    let error = record(&client).await.unwrap_err();
    assert_eq!(code(&error).as_deref(), Some("BAD_REQUEST"));
    sandbox.faults().add(Service::Ssp, Fault::MalformedBody, 1);
    assert_eq!(record(&client).await.unwrap_err().kind(), &ErrorKind::Body);
}
