//! The invariants of clinical resources.

use super::Method::{Hot, Lenient, Meaning};
use super::exists::{Exists, coded, in_order, is};
use crate::place::Place;
use healthcode_core::{Decimal, Element};
use healthcode_json::to_vec;
use healthcode_r4::{
    CarePlanActivity, CareTeamParticipant, Condition, MedicationDispense, Observation,
    RiskAssessmentPrediction, RiskAssessmentPredictionProbability, ServiceRequest,
};
use std::cmp::Ordering;
use std::collections::HashSet;

/// How many codings are compared one by one.
const FEW: usize = 8;

const VERIFIED: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
const STATUS: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const IN_ERROR: &[&str] = &["entered-in-error"];
const ENDED: &[&str] = &["resolved", "remission", "inactive"];

invariants! {
    CPL_3 = "cpl-3", Error,
        "an activity has both a detail and a reference",
        "FHIR R4 careplan.html#CarePlan: give either detail or reference.",
        Hot(of!(CarePlanActivity, |activity| !activity.detail.exists() || !activity.reference.exists()));
    CTM_1 = "ctm-1", Error,
        "onBehalfOf is not allowed here: the member is not a practitioner",
        "FHIR R4 careteam.html#CareTeam: leave onBehalfOf out, or make the member a Practitioner.",
        Meaning(of!(CareTeamParticipant, |participant, place| !participant.on_behalf_of.exists()
            || member(participant, place).is_none_or(|member| member.schema().name == "Practitioner")));
    CON_3 = "con-3", Warning [BestPractice],
        "missing clinicalStatus of the condition",
        "FHIR R4 condition.html#Condition: give clinicalStatus to an entry of a problem list, unless it was entered in error.",
        Meaning(of!(Condition, |condition| condition.clinical_status.exists()
            || coded(&condition.verification_status, VERIFIED, IN_ERROR)
            || !condition.category.iter().flat_map(|category| category.coding.iter())
                .any(|coding| is(&coding.code, &["problem-list-item"]))));
    CON_4 = "con-4", Error,
        "the condition has an abatement, and its clinicalStatus is not inactive, remission or resolved",
        "FHIR R4 condition.html#Condition: set clinicalStatus to inactive, resolved or remission, or leave abatement[x] out.",
        Hot(of!(Condition, |condition| !condition.abatement.exists()
            || coded(&condition.clinical_status, STATUS, ENDED))), if "abatement";
    CON_5 = "con-5", Error,
        "clinicalStatus is not allowed here: the condition was entered in error",
        "FHIR R4 condition.html#Condition: leave clinicalStatus out.",
        Hot(of!(Condition, |condition| !condition.clinical_status.exists()
            || !coded(&condition.verification_status, VERIFIED, IN_ERROR))), if "clinicalStatus";
    MDD_1 = "mdd-1", Error,
        "the medication was handed over before it was prepared",
        "FHIR R4 medicationdispense.html#MedicationDispense: correct whenHandedOver or whenPrepared.",
        Lenient(of!(MedicationDispense, |dispense| {
            in_order(&dispense.when_prepared, &dispense.when_handed_over)
        }));
    OBS_6 = "obs-6", Error,
        "dataAbsentReason is not allowed here: there is a value",
        "FHIR R4 observation.html#Observation: give either value[x] or dataAbsentReason.",
        Hot(of!(Observation, |observation| !observation.data_absent_reason.exists() || !observation.value.exists())), if "dataAbsentReason";
    OBS_7 = "obs-7", Error,
        "a value is not allowed here: a component has the same code as the observation",
        "FHIR R4 observation.html#Observation: give the value once, and components codes of their own.",
        Hot(of!(Observation, |observation| !observation.value.exists()
            || !observation.component.exists()
            || !repeats_code(observation))), if "component";
    PRR_1 = "prr-1", Error,
        "details of an order are not allowed here: the order has no code",
        "FHIR R4 servicerequest.html#ServiceRequest: give code with orderDetail.",
        Hot(of!(ServiceRequest, |request| !request.order_detail.exists() || request.code.exists()));
    RAS_2 = "ras-2", Error,
        "a probability is above 100",
        "FHIR R4 riskassessment.html#RiskAssessment: give a percentage of at most 100.",
        // FHIRPath compares no decimals of more than 28 digits.
        Lenient(of!(RiskAssessmentPrediction, |prediction| match &prediction.probability {
            Some(RiskAssessmentPredictionProbability::Decimal(probability)) => {
                let order = probability.value().and_then(|value| value.order(&Decimal::from("100")));
                order.is_none_or(Ordering::is_le)
            }
            _ => true,
        }));
}

/// The member of a care team, where it is contained.
fn member<'v>(participant: &CareTeamParticipant, place: &Place<'_, 'v>) -> Option<&'v dyn Element> {
    let reference = participant.member.as_ref()?.reference.as_str()?;
    place.contained(reference.strip_prefix('#')?)
}

/// Whether a component has a coding that the observation itself has.
fn repeats_code(observation: &Observation) -> bool {
    let Some(code) = &observation.code else {
        return false;
    };
    let components = observation.component.iter();
    let concepts = components.filter_map(|component| component.code.as_ref());
    let mut codings = concepts.flat_map(|concept| concept.coding.iter());
    if code.coding.len() <= FEW {
        return codings.any(|coding| code.coding.contains(coding));
    }
    // In linear time, whatever the codings differ in.
    let own: HashSet<Vec<u8>> = code.coding.iter().map(to_vec).collect();
    codings.any(|coding| own.contains(&to_vec(coding)))
}
