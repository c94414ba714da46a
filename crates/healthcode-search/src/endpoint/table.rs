//! The rows.

use super::DocCoverage::{Full, NameOnly, Partial};
use super::{Endpoint, Method, nhs, parameters as own};
use crate::dialect::Dialect::{self, Healthcode, Pds, Sds, Stu3};

const fn row(name: &'static str, title: &'static str, dialect: Dialect) -> Endpoint {
    Endpoint::new(name, title, dialect)
}

const fn graphnet(name: &'static str, path: &'static str) -> Endpoint {
    row(name, "Graphnet FHIR API", Stu3)
        .path(path)
        .response("Bundle")
        .coverage(Full)
}

/// All endpoints; of two with one discovery key, the public one comes first.
#[rustfmt::skip]
pub static ENDPOINTS: &[Endpoint] = &[
    row("practitioner", "Search Practitioners", Healthcode).key("search_practitioner_endpoint")
        .parameters(own::PRACTITIONER).response("Bundle").resource("Practitioner"),
    row("practitioner-restricted", "Get/Search Practitioner", Healthcode).key("search_practitioner_endpoint")
        .parameters(own::PRACTITIONER).response("Bundle").resource("Practitioner").coverage(Full).restricted(),
    row("practitioner-photo", "Get Profile Photo", Healthcode).key("get_practitionerphoto_endpoint")
        .no_parameters(Method::Get).response("Parameters").coverage(Full).restricted(),
    row("practitioner-role", "Get/Search PractitionerRole", Healthcode).key("search_practitionerrole_endpoint")
        .parameters(own::PRACTITIONER_ROLE).response("Bundle").resource("PractitionerRole").coverage(Full).restricted(),
    row("create-schedule", "Create schedule", Healthcode).key("create_schedule_endpoint")
        .no_parameters(Method::Post).response("Schedule").resource("Schedule"),
    row("ice-practitioner-read", "Get Practitioner (ICE)", Healthcode).key("get_booking_practitioner_endpoint")
        .no_parameters(Method::Get).resource("Practitioner").restricted(),
    row("ice-practitioner", "Search Practitioner (ICE)", Healthcode).key("search_booking_practitioner_endpoint")
        .parameters(own::ICE_PRACTITIONER).resource("Practitioner").restricted(),
    row("find-member", "Find Member", Healthcode).key("find_member_endpoint")
        .form().parameters(own::MEMBER).resource("Coverage"),
    row("list-insurers", "List Insurers", Healthcode).path("/insurers")
        .parameters(own::PAGES).response("Bundle").resource("Organization").restricted(),
    row("remittance-summary", "Search Remittance Summary", Healthcode).key("search_remittance_summary_endpoint")
        .form().parameters(own::REMITTANCE).resource("PaymentReconciliation"),
    row("remittance-detail", "Search Remittance Detail", Healthcode).key("search_remittance_detail_advanced_endpoint")
        .no_parameters(Method::Post).resource("ClaimResponse").coverage(NameOnly),
    row("remittance-read", "Get remittance", Healthcode).key("get_remittance_endpoint")
        .no_parameters(Method::Get).coverage(NameOnly),
    row("pending-remittances", "List Pending Remittances", Healthcode).key("list_pending_remittances_endpoint")
        .parameters(own::PAGES).response("Bundle").resource("Bundle").restricted(),
    row("remittance-details", "Get Remittance Details", Healthcode).key("get_remittance_details_endpoint")
        .no_parameters(Method::Get).coverage(NameOnly).restricted(),
    row("code-sets", "Retrieve Master Code Sets", Healthcode).key("codes_valueset_namespace")
        .no_parameters(Method::Get),
    row("edi-insurers", "List EDI Insurers", Healthcode).key("list_organization_endpoint")
        .no_parameters(Method::Get).response("Bundle").resource("Organization").restricted(),
    row("effective-prices", "Retrieve Effective Prices", Healthcode).key("get_effective_prices_endpoint")
        .parameters(own::PRICES).response("Bundle").resource("Contract").restricted(),
    row("create-patient", "Create Patient (ePx)", Healthcode).key("create_patient_endpoint")
        .no_parameters(Method::Post).resource("Patient").restricted(),
    row("pds-patient", "Search for a patient (PDS)", Pds).path("/personal-demographics/FHIR/R4/Patient")
        .parameters(nhs::PDS_PATIENT).response("Bundle").resource("Patient").coverage(Full),
    row("sds-device", "Get Device (SDS)", Sds).path("/spine-directory/FHIR/R4/Device")
        .parameters(nhs::SDS_DEVICE).response("Bundle").resource("Device").coverage(Full),
    row("sds-endpoint", "Get Endpoint (SDS)", Sds).path("/spine-directory/FHIR/R4/Endpoint")
        .parameters(nhs::SDS_ENDPOINT).response("Bundle").resource("Endpoint").coverage(Full),
    graphnet("graphnet-patient", "/Patient").parameters(nhs::PATIENTS).resource("Patient"),
    graphnet("graphnet-allergy", "/AllergyIntolerance").parameters(nhs::ALLERGIES).resource("AllergyIntolerance"),
    graphnet("graphnet-observation", "/Observation").parameters(nhs::OBSERVATIONS).resource("Observation"),
    graphnet("graphnet-condition", "/Condition").parameters(nhs::CONDITIONS).resource("Condition"),
    graphnet("graphnet-procedure", "/Procedure").parameters(nhs::PROCEDURES).resource("Procedure"),
    graphnet("graphnet-medication-request", "/MedicationRequest").parameters(nhs::REQUESTS).resource("MedicationRequest"),
    graphnet("graphnet-medication-statement", "/MedicationStatement").parameters(nhs::STATEMENTS).resource("MedicationStatement"),
    row("stu3-location", "Location by place (STU3)", Stu3).path("/Location")
        .parameters(nhs::LOCATIONS).response("Bundle").resource("Location").coverage(Partial),
];
