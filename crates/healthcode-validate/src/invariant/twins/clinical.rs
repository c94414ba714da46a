//! Twins for clinical resources.

use crate::invariant::given::{Given, coded, in_order, is};
use healthcode_core::Decimal;
use healthcode_json::to_vec;
use healthcode_r4::{
    AllergyIntolerance, CarePlanActivity, CareTeamParticipant, CompositionSection, Condition,
    ConditionEvidence, ConditionStage, FamilyMemberHistory, GoalTarget, Group,
    ImmunizationEducation, ImmunizationRecommendationRecommendation, List,
    MedicationAdministrationDosage, MedicationDispense, MolecularSequence,
    MolecularSequenceReferenceSeq, NutritionOrder, Observation, ObservationReferenceRange,
    PatientContact, QuestionnaireResponseItem, Range, RequestGroupAction, RiskAssessmentPrediction,
    RiskAssessmentPredictionProbability, ServiceRequest,
};
use std::cmp::Ordering;
use std::collections::HashSet;

/// How many codings are compared one by one.
const FEW: usize = 8;

const ALLERGY: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
const VERIFIED: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
const STATUS: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const IN_ERROR: &[&str] = &["entered-in-error"];
const ENDED: &[&str] = &["resolved", "remission", "inactive"];

twins! {
    "ait-1": AllergyIntolerance, |it| it.clinical_status.given()
        || coded(&it.verification_status, ALLERGY, IN_ERROR);
    "ait-2": AllergyIntolerance, |it| !it.clinical_status.given()
        || !coded(&it.verification_status, ALLERGY, IN_ERROR);
    "cpl-3": CarePlanActivity, |it| !it.detail.given() || !it.reference.given();
    "ctm-1": CareTeamParticipant, |it, place| !it.on_behalf_of.given() || it.member.as_ref()
        .and_then(|member| place.contained(member.reference.as_str()?.strip_prefix('#')?))
        .is_none_or(|member| member.schema().name == "Practitioner");
    "cmp-1": CompositionSection, |it| it.text.given() || it.entry.given() || it.section.given();
    "cmp-2": CompositionSection, |it| !it.empty_reason.given() || !it.entry.given();
    "con-1": ConditionStage, |it| it.summary.given() || it.assessment.given();
    "con-2": ConditionEvidence, |it| it.code.given() || it.detail.given();
    "con-3": Condition, |it| it.clinical_status.given()
        || coded(&it.verification_status, VERIFIED, IN_ERROR)
        || !it.category.iter().flat_map(|category| category.coding.iter())
            .any(|coding| is(&coding.code, &["problem-list-item"]));
    "con-4": Condition, |it| !it.abatement.given() || coded(&it.clinical_status, STATUS, ENDED);
    "con-5": Condition, |it| !it.clinical_status.given()
        || !coded(&it.verification_status, VERIFIED, IN_ERROR);
    "fhs-1": FamilyMemberHistory, |it| !it.age.given() || !it.born.given();
    "fhs-2": FamilyMemberHistory, |it| it.age.given() || !it.estimated_age.given();
    "gol-1": GoalTarget, |it| !it.detail.given() || it.measure.given();
    "grp-1": Group, |it| !it.member.given() || it.actual == true;
    "imm-1": ImmunizationEducation, |it| it.document_type.given() || it.reference.given();
    "imr-1": ImmunizationRecommendationRecommendation, |it| it.vaccine_code.given()
        || it.target_disease.given();
    "lst-1": List, |it| !it.empty_reason.given() || !it.entry.given();
    "lst-2": List, |it| is(&it.mode, &["changes"])
        || !it.entry.iter().any(|entry| entry.deleted.given());
    "lst-3": List, |it| is(&it.mode, &["working"])
        || !it.entry.iter().any(|entry| entry.date.given());
    "mad-1": MedicationAdministrationDosage, |it| it.dose.given() || it.rate.given();
    "mdd-1": MedicationDispense, |it| in_order(&it.when_prepared, &it.when_handed_over);
    "msq-3": MolecularSequence, |it| it.coordinate_system.get().is_some_and(|it| it == 0 || it == 1);
    "msq-5": MolecularSequenceReferenceSeq, |it| it.chromosome.given() == it.genome_build.given();
    "msq-6": MolecularSequenceReferenceSeq, |it| [
        it.genome_build.given(),
        it.reference_seq_id.given(),
        it.reference_seq_pointer.given(),
        it.reference_seq_string.given(),
    ].into_iter().filter(|given| *given).count() == 1;
    "nor-1": NutritionOrder, |it| it.oral_diet.given()
        || it.supplement.given()
        || it.enteral_formula.given();
    "obs-3": ObservationReferenceRange, |it| it.low.given() || it.high.given() || it.text.given();
    "obs-6": Observation, |it| !it.data_absent_reason.given() || !it.value.given();
    "obs-7": Observation, |it| !it.value.given() || !it.component.given() || !repeats_code(it);
    "pat-1": PatientContact, |it| it.name.given()
        || it.telecom.given()
        || it.address.given()
        || it.organization.given();
    "prr-1": ServiceRequest, |it| !it.order_detail.given() || it.code.given();
    "qrs-1": QuestionnaireResponseItem, |it| !it.answer.given() || !it.item.given();
    "ras-1": Range, |it| [&it.low, &it.high].into_iter().flatten().all(|bound| {
        is(&bound.code, &["%"]) && is(&bound.system, &["http://unitsofmeasure.org"])
    });
    "ras-2": RiskAssessmentPrediction, |it| match &it.probability {
        Some(RiskAssessmentPredictionProbability::Decimal(probability)) => probability
            .value()
            .and_then(|value| value.order(&Decimal::from("100")))
            .is_none_or(Ordering::is_le),
        _ => true,
    };
    "rqg-1": RequestGroupAction, |it| it.resource.given() != it.action.given();
}

/// Whether a component has a coding that the observation itself has.
fn repeats_code(it: &Observation) -> bool {
    let Some(code) = &it.code else {
        return false;
    };
    let components = it
        .component
        .iter()
        .filter_map(|component| component.code.as_ref());
    let mut codings = components.flat_map(|concept| concept.coding.iter());
    if code.coding.len() <= FEW {
        return codings.any(|coding| code.coding.contains(coding));
    }
    // In linear time, whatever the codings differ in.
    let own: HashSet<Vec<u8>> = code.coding.iter().map(to_vec).collect();
    codings.any(|coding| own.contains(&to_vec(coding)))
}
