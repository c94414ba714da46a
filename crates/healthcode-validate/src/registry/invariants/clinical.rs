//! The invariants of clinical resources.

healthcode_core::rule_registry! {
    AIT_1 = "ait-1", Error, "invariant",
        "the allergy has no clinical status",
        "FHIR R4 allergyintolerance.html#AllergyIntolerance: give clinicalStatus, unless the record was entered in error.";
    AIT_2 = "ait-2", Error, "invariant",
        "an allergy that was entered in error has a clinical status",
        "FHIR R4 allergyintolerance.html#AllergyIntolerance: leave clinicalStatus out.";
    CPL_3 = "cpl-3", Error, "invariant",
        "an activity is both described and referred to",
        "FHIR R4 careplan.html#CarePlan: give either detail or reference.";
    CTM_1 = "ctm-1", Error, "invariant",
        "a member who is no practitioner acts on behalf of an organization",
        "FHIR R4 careteam.html#CareTeam: leave onBehalfOf out, or make the member a Practitioner.";
    CMP_1 = "cmp-1", Error, "invariant",
        "a section has neither text nor entries nor sections",
        "FHIR R4 composition.html#Composition: fill the section or leave it out.";
    CMP_2 = "cmp-2", Error, "invariant",
        "a section that has entries says why it is empty",
        "FHIR R4 composition.html#Composition: leave emptyReason out.";
    CON_1 = "con-1", Error, "invariant",
        "a stage has neither summary nor assessment",
        "FHIR R4 condition.html#Condition: give summary or assessment, or leave the stage out.";
    CON_2 = "con-2", Error, "invariant",
        "an evidence has neither code nor detail",
        "FHIR R4 condition.html#Condition: give code or detail, or leave the evidence out.";
    CON_3 = "con-3", Warning, "invariant",
        "the condition has no clinical status",
        "FHIR R4 condition.html#Condition: give clinicalStatus to an entry of a problem list, unless it was entered in error.";
    CON_4 = "con-4", Error, "invariant",
        "the condition has ended, and its status does not say so",
        "FHIR R4 condition.html#Condition: set clinicalStatus to inactive, resolved or remission, or leave abatement[x] out.";
    CON_5 = "con-5", Error, "invariant",
        "a condition that was entered in error has a clinical status",
        "FHIR R4 condition.html#Condition: leave clinicalStatus out.";
    FHS_1 = "fhs-1", Error, "invariant",
        "both age and birth of the relative are given",
        "FHIR R4 familymemberhistory.html#FamilyMemberHistory: give either age[x] or born[x].";
    FHS_2 = "fhs-2", Error, "invariant",
        "an age is called an estimate, and there is none",
        "FHIR R4 familymemberhistory.html#FamilyMemberHistory: give age[x], or leave estimatedAge out.";
    GOL_1 = "gol-1", Error, "invariant",
        "a target has a value and does not say of which measure",
        "FHIR R4 goal.html#Goal: give measure with detail[x].";
    GRP_1 = "grp-1", Error, "invariant",
        "a group that only describes has members",
        "FHIR R4 group.html#Group: set actual to true, or leave member out.";
    IMM_1 = "imm-1", Error, "invariant",
        "an education names neither document nor reference",
        "FHIR R4 immunization.html#Immunization: give documentType or reference.";
    IMR_1 = "imr-1", Error, "invariant",
        "a recommendation names neither vaccine nor disease",
        "FHIR R4 immunizationrecommendation.html#ImmunizationRecommendation: give vaccineCode or targetDisease.";
    LST_1 = "lst-1", Error, "invariant",
        "a list that has entries says why it is empty",
        "FHIR R4 list.html#List: leave emptyReason out.";
    LST_2 = "lst-2", Error, "invariant",
        "an entry is marked as deleted in a list that is no list of changes",
        "FHIR R4 list.html#List: set mode to changes, or leave deleted out.";
    LST_3 = "lst-3", Error, "invariant",
        "an entry has a date in a list that is no working list",
        "FHIR R4 list.html#List: set mode to working, or leave date out of the entries.";
    MAD_1 = "mad-1", Error, "invariant",
        "a dosage has neither dose nor rate",
        "FHIR R4 medicationadministration.html#MedicationAdministration: give dose or rate[x].";
    MDD_1 = "mdd-1", Error, "invariant",
        "the medication was handed over before it was prepared",
        "FHIR R4 medicationdispense.html#MedicationDispense: mend whenHandedOver or whenPrepared.";
    MSQ_3 = "msq-3", Error, "invariant",
        "the coordinate system is neither 0-based nor 1-based",
        "FHIR R4 molecularsequence.html#MolecularSequence: set coordinateSystem to 0 or 1.";
    MSQ_5 = "msq-5", Error, "invariant",
        "a reference sequence has only one of chromosome and genome build",
        "FHIR R4 molecularsequence.html#MolecularSequence: give both chromosome and genomeBuild, or neither.";
    MSQ_6 = "msq-6", Error, "invariant",
        "a reference sequence is not given in exactly one way",
        "FHIR R4 molecularsequence.html#MolecularSequence: give one of genomeBuild, referenceSeqId, referenceSeqPointer and referenceSeqString.";
    NOR_1 = "nor-1", Warning, "invariant",
        "the order has neither diet nor supplement nor formula",
        "FHIR R4 nutritionorder.html#NutritionOrder: give oralDiet, supplement or enteralFormula.";
    OBS_3 = "obs-3", Error, "invariant",
        "a reference range has neither bounds nor text",
        "FHIR R4 observation.html#Observation: give low, high or text.";
    OBS_6 = "obs-6", Error, "invariant",
        "there is a value, and a reason why it is absent",
        "FHIR R4 observation.html#Observation: give either value[x] or dataAbsentReason.";
    OBS_7 = "obs-7", Error, "invariant",
        "a component has the code of the observation, which has a value itself",
        "FHIR R4 observation.html#Observation: give the value once, and components codes of their own.";
    PAT_1 = "pat-1", Error, "invariant",
        "a contact of a patient says neither who it is nor how to reach them",
        "FHIR R4 patient.html#Patient: give the contact a name, telecom, address or organization.";
    PRR_1 = "prr-1", Error, "invariant",
        "details of an order stand without its code",
        "FHIR R4 servicerequest.html#ServiceRequest: give code with orderDetail.";
    QRS_1 = "qrs-1", Error, "invariant",
        "an item has both an answer and items of its own",
        "FHIR R4 questionnaireresponse.html#QuestionnaireResponse: put the items that depend on the answer into the answer.";
    RAS_1 = "ras-1", Error, "invariant",
        "the bounds of a probability are no percentages",
        "FHIR R4 riskassessment.html#RiskAssessment: give low and high % as code, with http://unitsofmeasure.org as system.";
    RAS_2 = "ras-2", Error, "invariant",
        "a probability is above 100",
        "FHIR R4 riskassessment.html#RiskAssessment: give a percentage of at most 100.";
    RQG_1 = "rqg-1", Error, "invariant",
        "an action has both a resource and actions, or neither",
        "FHIR R4 requestgroup.html#RequestGroup: give either resource or action.";
}
