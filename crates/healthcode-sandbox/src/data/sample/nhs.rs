//! The NHS's part of the data: patients, and one practice's entries in the directory.

use crate::store::records::NHS_NUMBER;
use serde_json::{Value, json};

/// The patients of the NHS's own sandbox, and some with names that several have.
pub(super) fn patients() -> Vec<Value> {
    let address = json!([{
        "use": "home", "line": ["1 Trevelyan Square", "Boar Lane"], "postalCode": "LS1 6AE",
    }]);
    let practice = json!([{"type": "Organization", "identifier": {
        "system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "Y12345",
    }}]);
    let patient = |number: &str, family: &str, given: &str, born: &str, code: &str| {
        json!({
            "resourceType": "Patient",
            "id": number,
            "identifier": [{"system": NHS_NUMBER, "value": number}],
            "meta": {"versionId": "2", "security": [{
                "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": code,
            }]},
            "name": [{"use": "usual", "family": family, "given": [given]}],
            "gender": "female",
            "birthDate": born,
            "address": address,
            "telecom": [{"system": "phone", "use": "home", "value": "01632960587"}],
            "generalPractitioner": practice,
        })
    };
    let minimal = json!({
        "resourceType": "Patient", "id": "9000000033",
        "identifier": [{"system": NHS_NUMBER, "value": "9000000033"}],
        "meta": {"versionId": "1", "security": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "U",
        }]},
    });
    let superseded = json!({
        "resourceType": "Patient", "id": "9000000017", "meta": {"versionId": "3"},
        "link": [{"type": "replaced-by", "other": {"reference": "Patient/9000000009"}}],
    });
    let mother = json!({
        "resourceType": "RelatedPerson", "id": "RP000001",
        "patient": {"type": "Patient", "reference": "Patient/9000000009"},
        "relationship": [{"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "MTH",
        }]}],
        "name": [{"use": "usual", "family": "Smith", "given": ["Ada"]}],
    });
    vec![
        mother,
        patient("9000000009", "Smith", "Jane", "2010-10-22", "U"),
        patient("9000000025", "Smythe", "Janet", "2005-06-16", "R"),
        minimal,
        superseded,
        patient("9000000084", "Smith", "Amelia", "1971-01-01", "U"),
        patient("9876543210", "Smith", "Noor", "1984-02-29", "U"),
    ]
}

/// A practice with two systems, and an endpoint for each of their interactions.
pub(super) fn directory() -> Vec<Value> {
    let spine = |name: &str| format!("https://fhir.nhs.uk/Id/{name}");
    let reference =
        |name: &str, value: &str| json!({"identifier": {"system": spine(name), "value": value}});
    let extension = |url: &str, reference: Value| {
        let url = format!("https://fhir.nhs.uk/StructureDefinition/Extension-SDS-{url}");
        json!({"url": url, "valueReference": reference})
    };
    let identifier = |name: &str, value: &str| json!({"system": spine(name), "value": value});
    let connect = |it| format!("urn:nhs:names:services:gpconnect:fhir:{it}");
    let names = [
        connect("rest:read:patient-1"),
        connect("rest:search:patient-1"),
        connect("operation:gpc.getstructuredrecord-1"),
    ];
    let system = |at: usize, asid: &str, party: &str, names: &[String], address: &str| {
        let interaction = |it: &String| {
            let interaction = reference("nhsServiceInteractionId", it);
            extension("NhsServiceInteractionId", interaction)
        };
        let made = reference("ods-organization-code", "YGA");
        let mut extensions = vec![extension("ManufacturingOrganisation", made)];
        extensions.extend(names.iter().map(interaction));
        let device = json!({
            "resourceType": "Device",
            "id": format!("F0F0E921-92CA-4A88-A550-2DBB36F7{at:04}"),
            "extension": extensions,
            "identifier": [identifier("nhsSpineASID", asid), identifier("nhsMhsPartyKey", party)],
            "owner": reference("ods-organization-code", "A20047"),
        });
        let mut out = vec![device];
        out.extend(names.iter().enumerate().map(|(number, name)| {
            json!({
                "resourceType": "Endpoint",
                "id": format!("DA1BBE4F-FB2B-4EEE-8CF9-54D4D4E8{:04}", at + number),
                "extension": [interaction(name)],
                "identifier": [identifier("nhsMhsPartyKey", party)],
                "status": "active",
                "connectionType": {
                    "system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type",
                    "code": "hl7-fhir-msg",
                },
                "payloadType": [{"coding": [{
                    "system": "http://terminology.hl7.org/CodeSystem/endpoint-payload-type",
                    "code": "any",
                }]}],
                "managingOrganization": reference("ods-organization-code", "A20047"),
                "address": address,
            })
        }));
        out
    };
    let root = "https://provider.example.nhs.uk/A20047";
    let records = ["urn:nhs:names:services:nrl:SspRetrieval.read".to_owned()];
    let mut out = system(
        0,
        "928942012545",
        "A20047-821948",
        &names,
        &format!("{root}/STU3/1/gpconnect"),
    );
    out.extend(system(
        10,
        "928942012546",
        "A20047-821949",
        &records,
        &format!("{root}/records"),
    ));
    out
}
