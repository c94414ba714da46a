//! The parameters of Graphnet's endpoints.

use super::parameters::{p, sort};
use crate::definition::{Definition, ValueForm};
use crate::table::ParameterType::{Date, Reference, String, Token};
use ValueForm::{Boolean, Fhir, Integer, Keyword, Text};

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
