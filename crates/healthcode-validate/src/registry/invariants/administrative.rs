//! The invariants of administrative and financial resources.

healthcode_core::rule_registry! {
    APP_1 = "app-1", Error, "invariant",
        "a participant has neither type nor actor",
        "FHIR R4 appointment.html#Appointment: give type or actor.";
    APP_2 = "app-2", Error, "invariant",
        "the appointment has only one of start and end",
        "FHIR R4 appointment.html#Appointment: give both start and end, or neither.";
    APP_3 = "app-3", Error, "invariant",
        "the appointment has no time, and its status asks for one",
        "FHIR R4 appointment.html#Appointment: give start and end, unless it is proposed, cancelled or on the waitlist.";
    APP_4 = "app-4", Error, "invariant",
        "a reason of cancellation stands in an appointment that was not cancelled",
        "FHIR R4 appointment.html#Appointment: set status to cancelled or no-show, or leave cancelationReason out.";
    APR_1 = "apr-1", Error, "invariant",
        "the response says neither who responds nor as what",
        "FHIR R4 appointmentresponse.html#AppointmentResponse: give participantType or actor.";
    CES_1 = "ces-1", Error, "invariant",
        "an item names both a category and a product, or neither",
        "FHIR R4 coverageeligibilityresponse.html#CoverageEligibilityResponse: give either category or productOrService.";
    IPN_1 = "ipn-1", Error, "invariant",
        "the plan has neither name nor identifier",
        "FHIR R4 insuranceplan.html#InsurancePlan: give name or identifier.";
    LNK_1 = "lnk-1", Error, "invariant",
        "the linkage has fewer than two items",
        "FHIR R4 linkage.html#Linkage: link at least two items.";
    ORG_1 = "org-1", Error, "invariant",
        "the organization has neither name nor identifier",
        "FHIR R4 organization.html#Organization: give name or identifier.";
    ORG_2 = "org-2", Error, "invariant",
        "an organization has a home address",
        "FHIR R4 organization.html#Organization: give the address another use, such as work.";
    ORG_3 = "org-3", Error, "invariant",
        "an organization has a contact point for home",
        "FHIR R4 organization.html#Organization: give the contact point another use, such as work.";
    PPC_1 = "ppc-1", Error, "invariant",
        "the consent names no policy",
        "FHIR R4 consent.html#Consent: give policy or policyRule.";
    PPC_2 = "ppc-2", Error, "invariant",
        "a consent to privacy names no patient",
        "FHIR R4 consent.html#Consent: give patient.";
    PPC_3 = "ppc-3", Error, "invariant",
        "a consent to research names no patient",
        "FHIR R4 consent.html#Consent: give patient.";
    PPC_4 = "ppc-4", Error, "invariant",
        "an advance directive names no patient",
        "FHIR R4 consent.html#Consent: give patient.";
    PPC_5 = "ppc-5", Error, "invariant",
        "a consent to treatment names no patient",
        "FHIR R4 consent.html#Consent: give patient.";
    SEV_1 = "sev-1", Error, "invariant",
        "an entity has both a name and a query",
        "FHIR R4 auditevent.html#AuditEvent: give either name or query.";
}
