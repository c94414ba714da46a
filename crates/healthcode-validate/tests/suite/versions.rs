//! The row of the table of payload defects that is about other FHIR versions.

use crate::check;

/// Row 53.
#[test]
fn other_versions() {
    check(
        "{\"resourceType\":\"Patient\",\n\"animal\":{\"species\":{\"text\":\"x\"}}}",
        &[
            ("R4-OTHER-VERSION", "Patient", 1, 1),
            ("FHIR-UNKNOWN-MEMBER", "Patient.animal", 2, 1),
        ],
    );
    check(
        "{\"resourceType\":\"ReferralRequest\"}",
        &[
            ("R4-OTHER-VERSION", "Resource", 1, 1),
            ("FHIR-RESOURCE-TYPE-UNKNOWN", "Resource.resourceType", 1, 17),
        ],
    );
    // Once for each resource, and by shape.
    check(
        "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"fullUrl\":\"http://a.b/c\",\"resource\":\n{\"resourceType\":\"Encounter\",\"status\":\"planned\",\"class\":[{\"text\":\"x\"}],\"admission\":{\"id\":\"x\"}}}]}",
        &[
            ("R4-OTHER-VERSION", "Bundle.entry[0].resource", 2, 1),
            (
                "FHIR-ARRAY-UNEXPECTED",
                "Bundle.entry[0].resource.class",
                2,
                56,
            ),
            (
                "FHIR-UNKNOWN-MEMBER",
                "Bundle.entry[0].resource.admission",
                2,
                71,
            ),
        ],
    );
    // A slip is no other version.
    check(
        "{\"resourceType\":\"Patient\",\n\"animals\":[]}",
        &[("FHIR-UNKNOWN-MEMBER", "Patient.animals", 2, 1)],
    );
}

/// Row 28: the size of an attachment.
#[test]
fn attachment_size() {
    let photo = |size: &str, data: &str| {
        format!(
            "{{\"resourceType\":\"Patient\",\"photo\":[{{\"contentType\":\"image/png\",\"data\":\"{data}\",\n\"size\":{size}}}]}}"
        )
    };
    check(&photo("3", "QUJD"), &[]);
    check(&photo("1", "QQ=="), &[]);
    check(
        &photo("4", "QUJD"),
        &[("R4-ATTACHMENT-SIZE", "Patient.photo[0].size", 2, 8)],
    );
}
