//! The payloads that Healthcode documents.

use crate::{check, check_by};
use healthcode_validate::Policy;

macro_rules! documented {
    ($name:literal) => {
        include_str!(concat!(
            "../../../../tests/fixtures/documented/",
            $name,
            ".response.json"
        ))
    };
}

const PRACTITIONER: &str = documented!("restricted-ppr.search-practitioner");
const ROLE: &str = documented!("restricted-ppr.search-practitionerrole");
const PHOTO: &str = documented!("restricted-ppr.get-profile-photo");

#[test]
fn practitioner() {
    let issues = |contact, date| {
        [
            (contact, "Bundle.entry[0].resource.telecom[0]", 161, 1),
            (contact, "Bundle.entry[0].resource.telecom[1]", 165, 1),
            (date, "Bundle.entry[0].resource.birthDate", 183, 14),
        ]
    };
    let own = ("R4-SEARCHSET-SELF", "Bundle.link", 1, 1);
    // Extensions are called by what they are, so that two have the same id.
    let id = "Bundle.entry[0].resource.extension[2].extension[0].id";
    let mut expected = vec![own, ("R4-ELEMENT-ID-REPEATED", id, 42, 7)];
    expected.extend(issues("cpt-2", "R4-DATE"));
    check(PRACTITIONER, &expected);
    let documented = issues("HC-CONTACT-POINT-ID", "HC-DOTTED-DATE");
    check_by(Policy::Healthcode, PRACTITIONER, &documented);
}

#[test]
fn practitioner_role() {
    // The practitioner and the location are not in the Bundle, whose entries have no full URLs.
    let at = |rule| {
        [
            (
                rule,
                "Bundle.entry[0].resource.practitioner.reference",
                42,
                14,
            ),
            (
                rule,
                "Bundle.entry[0].resource.location[0].reference",
                58,
                14,
            ),
            (
                rule,
                "Bundle.entry[1].resource.practitioner.reference",
                100,
                14,
            ),
            (
                rule,
                "Bundle.entry[1].resource.location[0].reference",
                116,
                14,
            ),
        ]
    };
    let mut expected = vec![("R4-SEARCHSET-SELF", "Bundle.link", 1, 1)];
    expected.extend(at("R4-REFERENCE-UNRESOLVED"));
    let id = "Bundle.entry[1].resource.extension[1].id";
    expected.insert(3, ("R4-ELEMENT-ID-REPEATED", id, 86, 7));
    check(ROLE, &expected);
    check_by(Policy::Healthcode, ROLE, &at("HC-NO-FULL-URL"));
}

#[test]
fn photo() {
    let kind = |rule| (rule, "Parameters.parameter[0].value.contentType", 7, 16);
    let data = ("R4-BASE64", "Parameters.parameter[0].value.data", 8, 9);
    check(PHOTO, &[kind("R4-MIME-TYPE"), data]);
    let noted = [kind("HC-CONTENT-TYPE-CHARSET"), data];
    check_by(Policy::Healthcode, PHOTO, &noted);
}
