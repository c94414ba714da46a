//! Twins for administrative and other resources.

use crate::invariant::given::{Given, coded, in_order, is, is_not};
use crate::place::Place;
use healthcode_r4::{
    Address, Appointment, AppointmentParticipant, AppointmentResponse, AuditEventEntity, Consent,
    ContactPoint, CoverageEligibilityResponseInsuranceItem, InsurancePlan, Linkage, Measure,
    MeasureReport, Organization, ParametersParameter, Task, TestReportSetupAction,
    TestReportTestAction,
};

const WITHOUT_TIME: &[&str] = &["proposed", "cancelled", "waitlist"];

twins! {
    "app-1": AppointmentParticipant, |it| it.type_.given() || it.actor.given();
    "app-2": Appointment, |it| it.start.given() == it.end.given();
    "app-3": Appointment, |it| (it.start.given() && it.end.given())
        || !is_not(&it.status, WITHOUT_TIME);
    "app-4": Appointment, |it| !it.cancelation_reason.given()
        || is(&it.status, &["no-show", "cancelled"]);
    "apr-1": AppointmentResponse, |it| it.participant_type.given() || it.actor.given();
    "ces-1": CoverageEligibilityResponseInsuranceItem, |it| it.category.given()
        != it.product_or_service.given();
    "inv-2": TestReportTestAction, |it| it.operation.given() != it.assert.given();
    "ipn-1": InsurancePlan, |it| it.identifier.given() || it.name.given();
    "lnk-1": Linkage, |it| it.item.len() > 1;
    "mea-1": Measure, |it| it.group.iter().flat_map(|group| group.stratifier.iter()).all(|it| {
        (it.code.given() || it.description.given() || it.criteria.given()) != it.component.given()
    });
    "mrp-1": MeasureReport, |it| is_not(&it.type_, &["data-collection"]) || !it.group.given();
    "mrp-2": MeasureReport, |it| it.group.iter()
        .flat_map(|group| group.stratifier.iter())
        .flat_map(|stratifier| stratifier.stratum.iter())
        .all(|stratum| stratum.value.given() != stratum.component.given());
    "org-1": Organization, |it| it.identifier.given() || it.name.given();
    "org-2": Address, |it| !is(&it.use_, &["home"]);
    "org-3": ContactPoint, |it| !is(&it.use_, &["home"]);
    "ppc-1": Consent, |it| it.policy.given() || it.policy_rule.given();
    "ppc-2": Consent, |it| names_patient(it, "patient-privacy");
    "ppc-3": Consent, |it| names_patient(it, "research");
    "ppc-4": Consent, |it| names_patient(it, "adr");
    "ppc-5": Consent, |it| names_patient(it, "treatment");
    "sev-1": AuditEventEntity, |it| !it.name.given() || !it.query.given();
}

/// Whether a consent of this scope names its patient. The code system is what the definition has.
fn names_patient(it: &Consent, scope: &str) -> bool {
    it.patient.given() || !coded(&it.scope, "something", &[scope])
}

/// The key stands for three rules, of three types.
pub(super) fn inv_1(place: &Place<'_, '_>) -> bool {
    if let Some(it) = place.get::<ParametersParameter>() {
        let contents = [it.value.given(), it.resource.given(), it.part.given()];
        contents.into_iter().filter(|given| *given).count() == 1
    } else if let Some(it) = place.get::<TestReportSetupAction>() {
        it.operation.given() != it.assert.given()
    } else if let Some(it) = place.get::<Task>() {
        in_order(&it.authored_on, &it.last_modified)
    } else {
        true
    }
}
