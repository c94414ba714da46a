//! The rows.

use super::DocCoverage::{Full, NameOnly, Partial};
use super::service::{self, HEALTHCODE, PDS, SDS, Service, base};
use super::{Endpoint, Method, graphnet as own, parameters};
use crate::build::{
    DeviceLookup, EndpointLookup, FindMember, IcePractitionerSearch, PatientTrace,
    PractitionerRoleSearch, PractitionerSearch, RemittanceSearch,
};
use crate::dialect::Dialect;

const fn row(name: &'static str, title: &'static str, service: &'static Service) -> Endpoint {
    Endpoint::new(name, title, service.dialect).service(service)
}

const fn graphnet(name: &'static str, path: &'static str) -> Endpoint {
    row(name, "Graphnet FHIR API", &service::GRAPHNET)
        .path(path)
        .response("Bundle")
        .coverage(Full)
}

/// All endpoints; of two with one discovery key, the public one comes first.
#[rustfmt::skip]
pub static ENDPOINTS: &[Endpoint] = &[
    row("practitioner", "Search Practitioners", &HEALTHCODE).key("search_practitioner_endpoint")
        .parameters(PractitionerSearch::PARAMETERS).response("Bundle").resource("Practitioner"),
    row("practitioner-restricted", "Get/Search Practitioner", &HEALTHCODE).key("search_practitioner_endpoint")
        .parameters(PractitionerSearch::PARAMETERS).response("Bundle").resource("Practitioner").coverage(Full).restricted(),
    row("practitioner-photo", "Get Profile Photo", &HEALTHCODE).key("get_practitionerphoto_endpoint")
        .no_parameters(Method::Get).response("Parameters").coverage(Full).restricted(),
    row("practitioner-role", "Get/Search PractitionerRole", &HEALTHCODE).key("search_practitionerrole_endpoint")
        .parameters(PractitionerRoleSearch::PARAMETERS).response("Bundle").resource("PractitionerRole").coverage(Full).restricted(),
    row("create-schedule", "Create schedule", &HEALTHCODE).key("create_schedule_endpoint")
        .no_parameters(Method::Post).response("Schedule").resource("Schedule"),
    row("ice-practitioner-read", "Get Practitioner (ICE)", &HEALTHCODE).key("get_booking_practitioner_endpoint")
        .no_parameters(Method::Get).resource("Practitioner").restricted(),
    row("ice-practitioner", "Search Practitioner (ICE)", &HEALTHCODE).key("search_booking_practitioner_endpoint")
        .parameters(IcePractitionerSearch::PARAMETERS).resource("Practitioner").restricted(),
    row("find-member", "Find Member", &HEALTHCODE).key("find_member_endpoint")
        .form().parameters(FindMember::PARAMETERS).resource("Coverage"),
    row("list-insurers", "List Insurers", &HEALTHCODE).path("/insurers")
        .parameters(parameters::PAGES).response("Bundle").resource("Organization").restricted(),
    row("remittance-summary", "Search Remittance Summary", &HEALTHCODE).key("search_remittance_summary_endpoint")
        .form().parameters(RemittanceSearch::PARAMETERS).resource("PaymentReconciliation"),
    row("remittance-detail", "Search Remittance Detail", &HEALTHCODE).key("search_remittance_detail_advanced_endpoint")
        .no_parameters(Method::Post).resource("ClaimResponse").coverage(NameOnly),
    row("remittance-read", "Get remittance", &HEALTHCODE).key("get_remittance_endpoint")
        .no_parameters(Method::Get).coverage(NameOnly),
    row("pending-remittances", "List Pending Remittances", &HEALTHCODE).key("list_pending_remittances_endpoint")
        .parameters(parameters::PAGES).response("Bundle").resource("Bundle").restricted(),
    row("remittance-details", "Get Remittance Details", &HEALTHCODE).key("get_remittance_details_endpoint")
        .no_parameters(Method::Get).coverage(NameOnly).restricted(),
    row("code-sets", "Retrieve Master Code Sets", &HEALTHCODE).key("codes_valueset_namespace")
        .no_parameters(Method::Get),
    row("edi-insurers", "List EDI Insurers", &HEALTHCODE).key("list_organization_endpoint")
        .no_parameters(Method::Get).response("Bundle").resource("Organization").restricted(),
    row("effective-prices", "Retrieve Effective Prices", &HEALTHCODE).key("get_effective_prices_endpoint")
        .parameters(parameters::PRICES).response("Bundle").resource("Contract").restricted(),
    row("create-patient", "Create Patient (ePx)", &HEALTHCODE).key("create_patient_endpoint")
        .no_parameters(Method::Post).resource("Patient").restricted(),
    row("pds-patient", "Search for a patient (PDS)", &PDS).path(concat!(base!(pds), "/Patient"))
        .parameters(PatientTrace::PARAMETERS).response("Bundle").resource("Patient").coverage(Full),
    row("sds-device", "Get Device (SDS)", &SDS).path(concat!(base!(sds), "/Device"))
        .parameters(DeviceLookup::PARAMETERS).response("Bundle").resource("Device").coverage(Full),
    row("sds-endpoint", "Get Endpoint (SDS)", &SDS).path(concat!(base!(sds), "/Endpoint"))
        .parameters(EndpointLookup::PARAMETERS).response("Bundle").resource("Endpoint").coverage(Full),
    graphnet("graphnet-patient", "/Patient").parameters(own::PATIENTS).resource("Patient"),
    graphnet("graphnet-allergy", "/AllergyIntolerance").parameters(own::ALLERGIES).resource("AllergyIntolerance"),
    graphnet("graphnet-observation", "/Observation").parameters(own::OBSERVATIONS).resource("Observation"),
    graphnet("graphnet-condition", "/Condition").parameters(own::CONDITIONS).resource("Condition"),
    graphnet("graphnet-procedure", "/Procedure").parameters(own::PROCEDURES).resource("Procedure"),
    graphnet("graphnet-medication-request", "/MedicationRequest").parameters(own::REQUESTS).resource("MedicationRequest"),
    graphnet("graphnet-medication-statement", "/MedicationStatement").parameters(own::STATEMENTS).resource("MedicationStatement"),
    Endpoint::new("stu3-location", "Location by place (STU3)", Dialect::Stu3).path("/Location")
        .parameters(own::LOCATIONS).response("Bundle").resource("Location").coverage(Partial),
];
