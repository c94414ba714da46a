//! Identifiers on R4 resources.
#![cfg(feature = "r4")]

use healthcode_r4::codes::IdentifierUse;
use healthcode_r4::{
    Device, Identifier, Organization, Patient, Practitioner, Primitive, Reference, list,
};
use healthcode_uk::*;

fn patient(identifiers: &[(&str, &str)]) -> Patient {
    let identifiers = identifiers.iter();
    Patient {
        identifier: identifiers.map(|(s, v)| Identifier::new(s, v)).collect(),
        ..Default::default()
    }
}

/// Which NHS number is found first, as written, and whether it is one.
fn check(patient: &Patient, expect: Option<(&str, Result<&str, Problem>)>) {
    let found = patient.nhs_number();
    let result = found.as_ref().map(|found| {
        let number = found.value.result().map(NhsNumber::expose);
        (found.value.as_written(), number.map_err(|e| e.problem()))
    });
    assert_eq!(result, expect);
}

const NEW: &str = systems::NHS_NUMBER;
const OLD: &str = "http://fhir.nhs.net/Id/nhs-number";

#[test]
fn nhs_numbers_are_found_in_order() {
    let good = Some(("9000000009", Ok("9000000009")));
    check(&patient(&[]), None);
    check(&patient(&[("urn:mrn", "9000000009")]), None);
    check(&patient(&[(NEW, "9000000009"), (NEW, "9000000017")]), good);
    check(&patient(&[(OLD, "9000000017"), (NEW, "9000000009")]), good);
    check(
        &patient(&[
            ("http://fhir.nhs.uk/Id/nhs-number", "9000000009"),
            (OLD, "9000000017"),
        ]),
        good,
    );
    check(&patient(&[(OLD, "9000000009"), (NEW, "")]), good);
    check(
        &patient(&[(OLD, "900 000 0009")]),
        Some(("900 000 0009", Ok("9000000009"))),
    );
    // The wrong form is found, not passed over.
    let wrong = Some(("6101231234", Err(Problem::CheckDigit)));
    check(&patient(&[(NEW, "6101231234"), (OLD, "9000000009")]), wrong);

    let mut replaced = patient(&[(NEW, "9000000017"), (OLD, "9000000009")]);
    replaced.identifier[0].use_ = IdentifierUse::Old.into();
    check(&replaced, good);

    let mut absent = patient(&[(NEW, "")]);
    absent.identifier[0].value = Primitive::default();
    check(&absent, Some(("", Err(Problem::Empty))));
}

#[test]
fn what_is_made_is_found() {
    let practitioner = Practitioner {
        identifier: list![
            GmcNumber::parse("1234567").unwrap().to_identifier(),
            GmpNumber::parse("G3030293").unwrap().to_identifier(),
            NmcNumber::parse("71A2998E").unwrap().to_identifier(),
            GphcNumber::parse("2033467").unwrap().to_identifier(),
            HcpcNumber::parse("PH095159").unwrap().to_identifier(),
            SdsUserId::parse("200009876204").unwrap().to_identifier(),
            SdsRoleProfileId::no_smartcard().to_identifier(),
            GmpNumber::parse("G9999998").unwrap().to_identifier(),
        ],
        ..Default::default()
    };
    let first = &practitioner.identifier[0];
    assert_eq!(
        first.system.as_str(),
        Some("https://fhir.hl7.org.uk/Id/gmc-number")
    );
    assert_eq!(
        (first.value.as_str(), first.use_.value()),
        (Some("1234567"), None)
    );
    macro_rules! found {
        ($($finder:ident $text:literal)*) => {
            $(assert_eq!(practitioner.$finder().unwrap().value.result().unwrap(), &$text.parse().unwrap());)*
        };
    }
    found!(gmc "1234567" gmp "G3030293" nmc "71A2998E" gphc "2033467" hcpc "PH095159"
        sds_user_id "200009876204" sds_role_profile_id "UNK");
    let all = practitioner.all_identifiers::<GmpNumber>();
    let all: Vec<_> = all.iter().map(|found| found.value.as_written()).collect();
    assert_eq!(all, ["G3030293", "G9999998"]);
    assert!(practitioner.identifier.gmc().is_some() && practitioner.ods().is_none());
}

#[test]
fn organisations_and_devices() {
    let code = OdsCode::parse("A1001").unwrap();
    let organization = Organization {
        identifier: list![
            code.to_site_identifier(),
            Identifier::new("https://fhir.nhs.uk/Id/ods-organisation-code", "rr8")
        ],
        ..Default::default()
    };
    assert_eq!(organization.ods_site().unwrap().value.value(), Some(&code));
    assert_eq!(
        organization.ods().unwrap().value.value(),
        Some(&OdsCode::parse("RR8").unwrap())
    );

    let device = Device {
        identifier: list![
            Identifier::new("https://fhir.nhs.uk/Id/accredited-system", "200000000205"),
            PartyKey::parse("YES-0000806").unwrap().to_identifier(),
        ],
        ..Default::default()
    };
    assert_eq!(device.asid().unwrap().value.as_written(), "200000000205");
    assert_eq!(
        device.party_key().unwrap().value.as_written(),
        "YES-0000806"
    );

    let id = InteractionId::parse("urn:nhs:names:services:gp2gp:RCMR_IN010000UK05").unwrap();
    let reference = Reference {
        identifier: Some(Box::new(id.to_identifier())),
        ..Default::default()
    };
    assert_eq!(reference.interaction_id().unwrap().value.value(), Some(&id));
    assert!(reference.ods().is_none() && Reference::default().ods().is_none());
}

#[test]
fn found_shows_no_number() {
    let patient = patient(&[(NEW, "9000000009")]);
    let shown = format!("{:?}", patient.nhs_number().unwrap());
    assert_eq!(
        shown,
        "Found { system: Some(\"https://fhir.nhs.uk/Id/nhs-number\"), value: Written(Ok(NhsNumber(***))) }"
    );
}
