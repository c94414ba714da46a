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
    AIT_1 = "ait-1", Error,
        "missing clinicalStatus of the allergy",
        "FHIR R4 allergyintolerance.html#AllergyIntolerance: give clinicalStatus, unless the record was entered in error.";
    AIT_2 = "ait-2", Error,
        "clinicalStatus is not allowed here: the allergy was entered in error",
        "FHIR R4 allergyintolerance.html#AllergyIntolerance: leave clinicalStatus out.";
    CPL_3 = "cpl-3", Error,
        "an activity has both a detail and a reference",
        "FHIR R4 careplan.html#CarePlan: give either detail or reference.",
        Hot(of!(CarePlanActivity, |activity| !activity.detail.exists() || !activity.reference.exists()));
    CTM_1 = "ctm-1", Error,
        "onBehalfOf is not allowed here: the member is not a practitioner",
        "FHIR R4 careteam.html#CareTeam: leave onBehalfOf out, or make the member a Practitioner.",
        Meaning(of!(CareTeamParticipant, |participant, place| !participant.on_behalf_of.exists()
            || member(participant, place).is_none_or(|member| member.schema().name == "Practitioner")));
    CMP_1 = "cmp-1", Error,
        "a section has neither text nor entries nor sections",
        "FHIR R4 composition.html#Composition: fill the section or leave it out.";
    CMP_2 = "cmp-2", Error,
        "emptyReason is not allowed here: the section has entries",
        "FHIR R4 composition.html#Composition: leave emptyReason out.";
    CON_1 = "con-1", Error,
        "a stage has neither summary nor assessment",
        "FHIR R4 condition.html#Condition: give summary or assessment, or leave the stage out.";
    CON_2 = "con-2", Error,
        "an evidence has neither code nor detail",
        "FHIR R4 condition.html#Condition: give code or detail, or leave the evidence out.";
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
            || coded(&condition.clinical_status, STATUS, ENDED)));
    CON_5 = "con-5", Error,
        "clinicalStatus is not allowed here: the condition was entered in error",
        "FHIR R4 condition.html#Condition: leave clinicalStatus out.",
        Hot(of!(Condition, |condition| !condition.clinical_status.exists()
            || !coded(&condition.verification_status, VERIFIED, IN_ERROR)));
    FHS_1 = "fhs-1", Error,
        "a relative has both an age and a birth date",
        "FHIR R4 familymemberhistory.html#FamilyMemberHistory: give either age[x] or born[x].";
    FHS_2 = "fhs-2", Error,
        "estimatedAge is not allowed here: there is no age",
        "FHIR R4 familymemberhistory.html#FamilyMemberHistory: give age[x], or leave estimatedAge out.";
    GOL_1 = "gol-1", Error,
        "missing measure of a target that has a value",
        "FHIR R4 goal.html#Goal: give measure with detail[x].";
    GRP_1 = "grp-1", Error,
        "members are not allowed here: the group is descriptive",
        "FHIR R4 group.html#Group: set actual to true, or leave member out.";
    IMM_1 = "imm-1", Error,
        "an education has neither a documentType nor a reference",
        "FHIR R4 immunization.html#Immunization: give documentType or reference.";
    IMR_1 = "imr-1", Error,
        "a recommendation has neither a vaccine code nor a target disease",
        "FHIR R4 immunizationrecommendation.html#ImmunizationRecommendation: give vaccineCode or targetDisease.";
    LST_1 = "lst-1", Error,
        "emptyReason is not allowed here: the list has entries",
        "FHIR R4 list.html#List: leave emptyReason out.";
    LST_2 = "lst-2", Error,
        "deleted is not allowed here: the list is not a list of changes",
        "FHIR R4 list.html#List: set mode to changes, or leave deleted out.";
    LST_3 = "lst-3", Error,
        "a date is not allowed here: the list is not a working list",
        "FHIR R4 list.html#List: set mode to working, or leave date out of the entries.";
    MAD_1 = "mad-1", Error,
        "a dosage has neither dose nor rate",
        "FHIR R4 medicationadministration.html#MedicationAdministration: give dose or rate[x].";
    MDD_1 = "mdd-1", Error,
        "the medication was handed over before it was prepared",
        "FHIR R4 medicationdispense.html#MedicationDispense: correct whenHandedOver or whenPrepared.",
        Lenient(of!(MedicationDispense, |dispense| {
            in_order(&dispense.when_prepared, &dispense.when_handed_over)
        }));
    MSQ_3 = "msq-3", Error,
        "the coordinate system is neither 0-based nor 1-based",
        "FHIR R4 molecularsequence.html#MolecularSequence: set coordinateSystem to 0 or 1.";
    MSQ_5 = "msq-5", Error,
        "a reference sequence must have both chromosome and genome build, or neither",
        "FHIR R4 molecularsequence.html#MolecularSequence: give both chromosome and genomeBuild, or neither.";
    MSQ_6 = "msq-6", Error,
        "a reference sequence must be given in exactly one way",
        "FHIR R4 molecularsequence.html#MolecularSequence: give one of genomeBuild, referenceSeqId, referenceSeqPointer and referenceSeqString.";
    NOR_1 = "nor-1", Warning,
        "the order has neither diet nor supplement nor formula",
        "FHIR R4 nutritionorder.html#NutritionOrder: give oralDiet, supplement or enteralFormula.";
    OBS_3 = "obs-3", Error,
        "a reference range has neither bounds nor text",
        "FHIR R4 observation.html#Observation: give low, high or text.";
    OBS_6 = "obs-6", Error,
        "dataAbsentReason is not allowed here: there is a value",
        "FHIR R4 observation.html#Observation: give either value[x] or dataAbsentReason.",
        Hot(of!(Observation, |observation| !observation.data_absent_reason.exists() || !observation.value.exists()));
    OBS_7 = "obs-7", Error,
        "a value is not allowed here: a component has the same code as the observation",
        "FHIR R4 observation.html#Observation: give the value once, and components codes of their own.",
        Hot(of!(Observation, |observation| !observation.value.exists()
            || !observation.component.exists()
            || !repeats_code(observation)));
    PAT_1 = "pat-1", Error,
        "a contact of a patient has no name, telecom, address or organization",
        "FHIR R4 patient.html#Patient: give the contact a name, telecom, address or organization.";
    PRR_1 = "prr-1", Error,
        "details of an order are not allowed here: the order has no code",
        "FHIR R4 servicerequest.html#ServiceRequest: give code with orderDetail.",
        Hot(of!(ServiceRequest, |request| !request.order_detail.exists() || request.code.exists()));
    QRS_1 = "qrs-1", Error,
        "an item has both an answer and items of its own",
        "FHIR R4 questionnaireresponse.html#QuestionnaireResponse: put the items that depend on the answer into the answer.";
    RAS_1 = "ras-1", Error,
        "the bounds of a probability must be percentages",
        "FHIR R4 riskassessment.html#RiskAssessment: give low and high % as code, with http://unitsofmeasure.org as system.";
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
    RQG_1 = "rqg-1", Error,
        "an action must have exactly one of a resource and actions",
        "FHIR R4 requestgroup.html#RequestGroup: give either resource or action.";
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
