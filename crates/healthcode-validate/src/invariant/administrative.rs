//! The invariants of administrative and financial resources.

use super::Method::Hot;
use super::exists::{Exists, is};
use healthcode_r4::{Address, ContactPoint, Organization};

invariants! {
    APP_1 = "app-1", Error,
        "a participant has neither type nor actor",
        "FHIR R4 appointment.html#Appointment: give type or actor.";
    APP_2 = "app-2", Error,
        "the appointment must have both start and end, or neither",
        "FHIR R4 appointment.html#Appointment: give both start and end, or neither.";
    APP_3 = "app-3", Error,
        "missing start and end: only a proposed, cancelled or waitlisted appointment may lack them",
        "FHIR R4 appointment.html#Appointment: give start and end, unless it is proposed, cancelled or on the waitlist.";
    APP_4 = "app-4", Error,
        "cancelationReason is not allowed here: the appointment was not cancelled",
        "FHIR R4 appointment.html#Appointment: set status to cancelled or no-show, or leave cancelationReason out.";
    APR_1 = "apr-1", Error,
        "the response has neither an actor nor a participant type",
        "FHIR R4 appointmentresponse.html#AppointmentResponse: give participantType or actor.";
    CES_1 = "ces-1", Error,
        "an item must have exactly one of category and product or service",
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
        "a consent has neither a policy nor a policyRule",
        "FHIR R4 consent.html#Consent: give policy or policyRule.";
    PPC_2 = "ppc-2", Error,
        "missing patient of a consent to privacy",
        "FHIR R4 consent.html#Consent: give patient.";
    PPC_3 = "ppc-3", Error,
        "missing patient of a consent to research",
        "FHIR R4 consent.html#Consent: give patient.";
    PPC_4 = "ppc-4", Error,
        "missing patient of an advance directive",
        "FHIR R4 consent.html#Consent: give patient.";
    PPC_5 = "ppc-5", Error,
        "missing patient of a consent to treatment",
        "FHIR R4 consent.html#Consent: give patient.";
    SEV_1 = "sev-1", Error,
        "an entity has both a name and a query",
        "FHIR R4 auditevent.html#AuditEvent: give either name or query.";
}
