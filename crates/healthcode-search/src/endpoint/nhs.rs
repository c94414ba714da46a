//! The parameters of the NHS's endpoints and of Graphnet's.

use crate::definition::{Definition, ValueForm};
use crate::table::ParameterType::{Date, Reference, String, Token};
use ValueForm::{Boolean, Code, DateWithPrefix, Fhir, Integer, Keyword, Text};

const fn p(name: &'static str, form: ValueForm) -> Definition {
    Definition::new(name, form)
}

/// Patient trace, of the Personal Demographics Service.
pub(super) static PDS_PATIENT: &[Definition] = &[
    p("_fuzzy-match", Boolean),
    p("_exact-match", Boolean),
    p("_history", Boolean),
    p("_max-results", Integer(1, 50)),
    p("family", Text),
    p("given", Text).repeats(),
    p("gender", Keyword(&["male", "female", "other", "unknown"])),
    p("birthdate", DateWithPrefix).repeats(),
    p("death-date", DateWithPrefix).repeats(),
    p("address-postalcode", Text),
    p("address-postcode", Text),
    p("general-practitioner", Code),
    p("email", Text),
    p("phone", Text),
];

/// Devices, of the Spine Directory Service.
pub(super) static SDS_DEVICE: &[Definition] = &[
    p("organization", Fhir(Token)).required(),
    p("identifier", Fhir(Token)).repeats().required(),
    p("manufacturing-organization", Fhir(Token)),
];

/// Endpoints, of the Spine Directory Service.
pub(super) static SDS_ENDPOINT: &[Definition] = &[
    p("organization", Fhir(Token)),
    p("identifier", Fhir(Token)).repeats(),
];

const ID: Definition = p("_id", Fhir(Token)).many();
const IDENTIFIER: Definition = p("identifier", Fhir(Token)).many();
const CODE: Definition = p("code", Fhir(Token)).many();
const STATUS: Definition = p("status", Fhir(Token)).many();
const CATEGORY: Definition = p("category", Fhir(Token)).many();
const DATE: Definition = p("date", Fhir(Date)).many();
const PATIENT: Definition = p("patient", Fhir(Reference));
const FORMAT: Definition = p("_format", Text);
const SUMMARY: Definition = p("_summary", Keyword(&["count"]));
const COUNT: Definition = p("_count", Integer(0, u32::MAX));

const fn sort(fields: &'static [&'static str]) -> Definition {
    p(
        "_sort",
        ValueForm::Sort {
            fields,
            words: false,
        },
    )
    .list()
}

/// Graphnet's Patient.
pub(super) static PATIENTS: &[Definition] = &[
    ID,
    IDENTIFIER,
    p("nhsNumberVerificationStatus", Fhir(Token)).many(),
    p("family", Fhir(String)).many(),
    p("given", Fhir(String)).many(),
    p("gender", Fhir(Token)).many(),
    p("birthdate", Fhir(Date)).many(),
    p("_lastUpdated", Fhir(Date)).many(),
    p("getAllLinkedPatients", Boolean),
    sort(&["_lastUpdated"]),
    SUMMARY,
    FORMAT,
    COUNT,
];

/// Graphnet's AllergyIntolerance.
pub(super) static ALLERGIES: &[Definition] = &[
    PATIENT,
    ID,
    CODE,
    DATE,
    IDENTIFIER,
    sort(&["date"]),
    SUMMARY,
    FORMAT,
    COUNT,
];

/// Graphnet's Observation.
pub(super) static OBSERVATIONS: &[Definition] = &[
    PATIENT,
    ID,
    CODE,
    DATE,
    IDENTIFIER,
    CATEGORY,
    STATUS,
    p("encounter", Fhir(Reference)).many(),
    sort(&["date"]),
    SUMMARY,
    FORMAT,
    COUNT,
];

/// Graphnet's Condition.
pub(super) static CONDITIONS: &[Definition] = &[
    PATIENT,
    ID,
    CODE,
    p("onset-date", Fhir(Date)).many(),
    p("asserted-date", Fhir(Date)).many(),
    IDENTIFIER,
    CATEGORY,
    p("clinical-status", Fhir(Token)).many(),
    sort(&["onset-date", "asserted-date"]),
    SUMMARY,
    FORMAT,
    COUNT,
];

/// Graphnet's Procedure.
pub(super) static PROCEDURES: &[Definition] = &[
    PATIENT, ID, CODE, DATE, IDENTIFIER, CATEGORY, STATUS, SUMMARY, FORMAT, COUNT,
];

/// Graphnet's MedicationRequest.
pub(super) static REQUESTS: &[Definition] = &[
    PATIENT,
    ID,
    p("intent", Fhir(Token)).many().required(),
    CODE,
    p("authoredon", Fhir(Date)).many(),
    IDENTIFIER,
    STATUS,
    p("prescription-type", Fhir(Token)).many(),
    SUMMARY,
    FORMAT,
    COUNT,
];

/// Graphnet's MedicationStatement.
pub(super) static STATEMENTS: &[Definition] = &[
    PATIENT,
    ID,
    CODE,
    p("effective", Fhir(Date)).many(),
    p("last-issued", Fhir(Date)).many(),
    p("prescription-type", Fhir(Token)).many(),
    STATUS,
    IDENTIFIER,
    sort(&["effective", "last-issued", "prescription-type", "status"]),
    SUMMARY,
    FORMAT,
    COUNT,
];

/// STU3's Location, by place.
pub(super) static LOCATIONS: &[Definition] = &[
    ID,
    IDENTIFIER,
    p(
        "near",
        ValueForm::Near {
            with_distance: false,
        },
    ),
    p("near-distance", ValueForm::QuantityDistance),
    FORMAT,
    COUNT,
];
