//! The documented payloads: what each view says, and that it is encoded as it was.

use crate::{documented, read, there_and_back};
use healthcode_extensions::codes::{Insurer, RegulatoryBody};
use healthcode_extensions::{
    DateOrder, ExtensionView, HasExtensions, Paging, Photo, telecom_system,
};
use healthcode_r4::codes::ContactPointSystem;
use healthcode_r4::{
    Bundle, BundleEntry, Organization, Parameters, Patient, Practitioner, PractitionerRole,
};

#[test]
fn practitioner() {
    let bundle: Bundle = read(&documented("search-practitioner"));
    let practitioner = bundle.resources::<Practitioner>().next().unwrap();
    let decoded = there_and_back(practitioner);
    assert_eq!(decoded.issues, []);
    let view = &decoded.value;
    assert!(view.is_recognised_by(&Insurer::Aviva));
    assert!(!view.is_recognised_by(&Insurer::Bupa));
    let recognition = view.recognition(&Insurer::Aviva).unwrap();
    assert_eq!(
        recognition.provider_code.as_ref().unwrap().as_str(),
        "984572186"
    );
    assert_eq!(
        view.registration_number(&RegulatoryBody::Gmc),
        Some("1234567")
    );
    let date = view.registrations[0].date.as_ref().unwrap();
    assert_eq!(
        date.to_naive(DateOrder::DayFirst).unwrap().to_string(),
        "1997-05-08"
    );
    // Nothing of the sample needs more than its value to be encoded again.
    assert!(view.insurers[0].source().is_none() && view.unrecognised().is_empty());
    insta::assert_debug_snapshot!(view);
}

#[test]
fn telecom() {
    let bundle: Bundle = read(&documented("search-practitioner"));
    let practitioner = bundle.resources::<Practitioner>().next().unwrap();
    let systems: Vec<_> = practitioner.telecom.iter().map(telecom_system).collect();
    let (phone, email) = (ContactPointSystem::Phone, ContactPointSystem::Email);
    assert_eq!(systems, [Some(phone), Some(email)]);
}

#[test]
fn roles() {
    let bundle: Bundle = read(&documented("search-practitionerrole"));
    let roles: Vec<_> = bundle
        .resources::<PractitionerRole>()
        .map(there_and_back)
        .collect();
    insta::assert_debug_snapshot!(roles);
}

#[test]
fn paging() {
    for name in ["search-practitioner", "search-practitionerrole"] {
        let bundle: Bundle = read(&documented(name));
        let decoded = Paging::decode(&bundle);
        insta::assert_debug_snapshot!(format!("paging_{name}"), decoded);
        let mut again = bundle.clone();
        decoded.value.encode(&mut again);
        assert_eq!(again, bundle);
        let mut fresh = Bundle::default();
        decoded.value.encode(&mut fresh);
        assert_eq!((fresh.meta, fresh.total), (bundle.meta, bundle.total));
    }
}

/// The sample's data is base64 of base64 of a JPEG, cut off.
#[test]
fn photo() {
    let parameters: Parameters = read(&documented("get-profile-photo"));
    let decoded = Photo::decode(&parameters);
    assert!(decoded.value.bytes.starts_with(b"\xff\xd8\xff\xe0"));
    insta::assert_debug_snapshot!((&decoded.value, decoded.value.title.as_deref()));
    insta::assert_debug_snapshot!("photo_issues", shown(&decoded.issues));
}

fn shown(issues: &[healthcode_core::Issue]) -> Vec<String> {
    issues.iter().map(ToString::to_string).collect()
}

/// List Insurers: `logoLink` without an element id.
#[test]
fn organization() {
    let organization: Organization = read(
        br#"{"resourceType":"Organization","id":"PR00007D","extension":[
            {"url":"https://ref.api.healthcode.co.uk/extension/logoLink",
             "valueString":"assets/insurer-logos/aviva.svg"}],"name":"Aviva"}"#,
    );
    let decoded = there_and_back(&organization);
    assert_eq!(decoded.issues, []);
    insta::assert_debug_snapshot!(decoded.value);
}

/// Create Patient: codes and numbers as plain text.
#[test]
fn patient() {
    let patient: Patient = read(
        br#"{"resourceType":"Patient","extension":[
            {"url":"https://ref.api.healthcode.co.uk/extension/patient/insurer","valueString":"ppp"},
            {"url":"https://ref.api.healthcode.co.uk/extension/patient/registrationid","valueString":"THI002933G"},
            {"url":"https://ref.api.healthcode.co.uk/extension/patient/authorizationno","valueString":"ATH03394"}]}"#,
    );
    let decoded = there_and_back(&patient);
    assert_eq!(decoded.issues, []);
    insta::assert_debug_snapshot!(decoded.value);
}

/// List EDI Insurers: an extension of the entry, without the url that FHIR requires.
#[test]
fn entry() {
    let bundle: Bundle = read(
        br#"{"resourceType":"Bundle","type":"collection","entry":[{"extension":[
            {"id":"lastUpdated","valueDateTime":"2022-06-07T18:29:15+05:30"}],
            "resource":{"resourceType":"Organization","id":"PR000003"}}]}"#,
    );
    let entry: &BundleEntry = &bundle.entry[0];
    let decoded = entry.decode_extensions();
    assert_eq!(decoded.issues, []);
    let moment = decoded
        .value
        .last_updated
        .as_deref()
        .unwrap()
        .to_chrono()
        .unwrap();
    assert_eq!(moment.to_utc().to_string(), "2022-06-07 12:59:15 UTC");
    assert_eq!(decoded.value.encode(), entry.extension);
    insta::assert_debug_snapshot!(decoded.value);
}
