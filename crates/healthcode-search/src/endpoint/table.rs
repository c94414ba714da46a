//! The rows.

use super::Evidence::{Named, Part, Whole};
use super::{Endpoint, Method, nhs, parameters as own};
use crate::dialect::Dialect::{self, Healthcode, Pds, Sds, Stu3};

const fn row(name: &'static str, title: &'static str, dialect: Dialect) -> Endpoint {
    Endpoint::new(name, title, dialect)
}

const fn graphnet(name: &'static str, path: &'static str) -> Endpoint {
    row(name, "Graphnet FHIR API", Stu3)
        .path(path)
        .answers("Bundle")
        .evidence(Whole)
}

/// All endpoints; of two with one discovery key, the public one comes first.
#[rustfmt::skip]
pub static ENDPOINTS: &[Endpoint] = &[
    row("practitioner", "Search Practitioners", Healthcode).key("search_practitioner_endpoint")
        .takes(own::PRACTITIONER).answers("Bundle").about("Practitioner"),
    row("practitioner-restricted", "Get/Search Practitioner", Healthcode).key("search_practitioner_endpoint")
        .takes(own::PRACTITIONER).answers("Bundle").about("Practitioner").evidence(Whole).restricted(),
    row("practitioner-photo", "Get Profile Photo", Healthcode).key("get_practitionerphoto_endpoint")
        .bare(Method::Get).answers("Parameters").evidence(Whole).restricted(),
    row("practitioner-role", "Get/Search PractitionerRole", Healthcode).key("search_practitionerrole_endpoint")
        .takes(own::PRACTITIONER_ROLE).answers("Bundle").about("PractitionerRole").evidence(Whole).restricted(),
    row("create-schedule", "Create schedule", Healthcode).key("create_schedule_endpoint")
        .bare(Method::Post).answers("Schedule").about("Schedule"),
    row("ice-practitioner-read", "Get Practitioner (ICE)", Healthcode).key("get_booking_practitioner_endpoint")
        .bare(Method::Get).about("Practitioner").restricted(),
    row("ice-practitioner", "Search Practitioner (ICE)", Healthcode).key("search_booking_practitioner_endpoint")
        .takes(own::ICE_PRACTITIONER).about("Practitioner").restricted(),
    row("find-member", "Find Member", Healthcode).key("find_member_endpoint")
        .form().takes(own::MEMBER).about("Coverage"),
    row("list-insurers", "List Insurers", Healthcode).path("/insurers")
        .takes(own::PAGES).answers("Bundle").about("Organization").restricted(),
    row("remittance-summary", "Search Remittance Summary", Healthcode).key("search_remittance_summary_endpoint")
        .form().takes(own::REMITTANCE).about("PaymentReconciliation"),
    row("remittance-detail", "Search Remittance Detail", Healthcode).key("search_remittance_detail_advanced_endpoint")
        .bare(Method::Post).about("ClaimResponse").evidence(Named),
    row("remittance-read", "Get remittance", Healthcode).key("get_remittance_endpoint")
        .bare(Method::Get).evidence(Named),
    row("pending-remittances", "List Pending Remittances", Healthcode).key("list_pending_remittances_endpoint")
        .takes(own::PAGES).answers("Bundle").about("Bundle").restricted(),
    row("remittance-details", "Get Remittance Details", Healthcode).key("get_remittance_details_endpoint")
        .bare(Method::Get).evidence(Named).restricted(),
    row("code-sets", "Retrieve Master Code Sets", Healthcode).key("codes_valueset_namespace")
        .bare(Method::Get),
    row("edi-insurers", "List EDI Insurers", Healthcode).key("list_organization_endpoint")
        .bare(Method::Get).answers("Bundle").about("Organization").restricted(),
    row("effective-prices", "Retrieve Effective Prices", Healthcode).key("get_effective_prices_endpoint")
        .takes(own::PRICES).answers("Bundle").about("Contract").restricted(),
    row("create-patient", "Create Patient (ePx)", Healthcode).key("create_patient_endpoint")
        .bare(Method::Post).about("Patient").restricted(),
    row("pds-patient", "Search for a patient (PDS)", Pds).path("/personal-demographics/FHIR/R4/Patient")
        .takes(nhs::PDS_PATIENT).answers("Bundle").about("Patient").evidence(Whole),
    row("sds-device", "Get Device (SDS)", Sds).path("/spine-directory/FHIR/R4/Device")
        .takes(nhs::SDS_DEVICE).answers("Bundle").about("Device").evidence(Whole),
    row("sds-endpoint", "Get Endpoint (SDS)", Sds).path("/spine-directory/FHIR/R4/Endpoint")
        .takes(nhs::SDS_ENDPOINT).answers("Bundle").about("Endpoint").evidence(Whole),
    graphnet("graphnet-patient", "/Patient").takes(nhs::PATIENTS).about("Patient"),
    graphnet("graphnet-allergy", "/AllergyIntolerance").takes(nhs::ALLERGIES).about("AllergyIntolerance"),
    graphnet("graphnet-observation", "/Observation").takes(nhs::OBSERVATIONS).about("Observation"),
    graphnet("graphnet-condition", "/Condition").takes(nhs::CONDITIONS).about("Condition"),
    graphnet("graphnet-procedure", "/Procedure").takes(nhs::PROCEDURES).about("Procedure"),
    graphnet("graphnet-medication-request", "/MedicationRequest").takes(nhs::REQUESTS).about("MedicationRequest"),
    graphnet("graphnet-medication-statement", "/MedicationStatement").takes(nhs::STATEMENTS).about("MedicationStatement"),
    row("stu3-location", "Location by place (STU3)", Stu3).path("/Location")
        .takes(nhs::LOCATIONS).answers("Bundle").about("Location").evidence(Part),
];
