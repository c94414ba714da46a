//! The invariants of administrative and financial resources.

use super::Method::Hot;
use super::exists::{Exists, is};
use healthcode_r4::{Address, ContactPoint, Organization};

invariants! {
    APP_1 = "app-1", Error,
        "a participant has neither type nor actor",
        "FHIR R4 appointment.html#Appointment: give type or actor.";
    APP_2 = "app-2", Error,
        "the appointment has only one of start and end",
        "FHIR R4 appointment.html#Appointment: give both start and end, or neither.";
    APP_3 = "app-3", Error,
        "the appointment has no time, and its status asks for one",
        "FHIR R4 appointment.html#Appointment: give start and end, unless it is proposed, cancelled or on the waitlist.";
    APP_4 = "app-4", Error,
        "a reason of cancellation stands in an appointment that was not cancelled",
        "FHIR R4 appointment.html#Appointment: set status to cancelled or no-show, or leave cancelationReason out.";
    APR_1 = "apr-1", Error,
        "the response says neither who responds nor as what",
        "FHIR R4 appointmentresponse.html#AppointmentResponse: give participantType or actor.";
    CES_1 = "ces-1", Error,
        "an item names both a category and a product, or neither",
        "FHIR R4 coverageeligibilityresponse.html#CoverageEligibilityResponse: give either category or productOrService.";
    IPN_1 = "ipn-1", Error,
        "the plan has neither name nor identifier",
        "FHIR R4 insuranceplan.html#InsurancePlan: give name or identifier.";
    LNK_1 = "lnk-1", Error,
        "the linkage has fewer than two items",
        "FHIR R4 linkage.html#Linkage: link at least two items.";
    ORG_1 = "org-1", Error,
        "the organization has neither name nor identifier",
        "FHIR R4 organization.html#Organization: give name or identifier.",
        Hot(of!(Organization, |organization| organization.identifier.exists() || organization.name.exists()));
    ORG_2 = "org-2", Error,
        "an organization has a home address",
        "FHIR R4 organization.html#Organization: give the address another use, such as work.",
        Hot(of!(Address, |address| !is(&address.use_, &["home"])));
    ORG_3 = "org-3", Error,
        "an organization has a contact point for home",
        "FHIR R4 organization.html#Organization: give the contact point another use, such as work.",
        Hot(of!(ContactPoint, |contact| !is(&contact.use_, &["home"])));
    PPC_1 = "ppc-1", Error,
        "the consent names no policy",
        "FHIR R4 consent.html#Consent: give policy or policyRule.";
    PPC_2 = "ppc-2", Error,
        "a consent to privacy names no patient",
        "FHIR R4 consent.html#Consent: give patient.";
    PPC_3 = "ppc-3", Error,
        "a consent to research names no patient",
        "FHIR R4 consent.html#Consent: give patient.";
    PPC_4 = "ppc-4", Error,
        "an advance directive names no patient",
        "FHIR R4 consent.html#Consent: give patient.";
    PPC_5 = "ppc-5", Error,
        "a consent to treatment names no patient",
        "FHIR R4 consent.html#Consent: give patient.";
    SEV_1 = "sev-1", Error,
        "an entity has both a name and a query",
        "FHIR R4 auditevent.html#AuditEvent: give either name or query.";
}
