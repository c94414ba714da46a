//! The invariants of guides, questionnaires, structures, code systems and other definitions.

use super::Method::{Hot, Lenient, Meaning};
use super::exists::{Exists, is};
use healthcode_r4::{
    CodeSystem, CodeSystemConcept, ElementDefinition, ImplementationGuide,
    ImplementationGuideDefinition, MessageDefinitionFocus, QuestionnaireItem,
    QuestionnaireItemEnableWhen, QuestionnaireItemEnableWhenAnswer as Answer,
};
use std::collections::HashSet;

invariants! {
    IG_1 = "ig-1", Error,
        "the resource's grouping is not among those of the guide",
        "FHIR R4 implementationguide.html#ImplementationGuide: name the id of a grouping in groupingId.",
        Hot(of!(ImplementationGuideDefinition, |definition| {
            let groupings = definition.grouping.iter();
            let ids: HashSet<&str> = groupings.filter_map(|grouping| grouping.id.as_deref()).collect();
            let mut named = definition.resource.iter().filter_map(|resource| resource.grouping_id.as_str());
            named.all(|id| ids.contains(id))
        }));
    IG_2 = "ig-2", Error,
        "the resource is for a FHIR version that the guide does not support",
        "FHIR R4 implementationguide.html#ImplementationGuide: list the version in the guide's fhirVersion.",
        Hot(of!(ImplementationGuide, |guide| {
            let own: HashSet<&str> = guide.fhir_version.iter().filter_map(|own| own.as_str()).collect();
            let resources = guide.definition.iter().flat_map(|definition| definition.resource.iter());
            let mut versions = resources.flat_map(|resource| resource.fhir_version.iter());
            versions.all(|version| version.as_str().is_none_or(|version| own.contains(version)))
        }));
    QUE_7 = "que-7", Error,
        "invalid answer of a condition: the operator exists requires a boolean",
        "FHIR R4 questionnaire.html#Questionnaire: give answerBoolean with the operator exists.",
        Meaning(of!(QuestionnaireItemEnableWhen, |condition| !is(&condition.operator, &["exists"])
            || matches!(condition.answer, None | Some(Answer::Boolean(_)))));
    QUE_12 = "que-12", Error,
        "missing enableBehavior of several conditions",
        "FHIR R4 questionnaire.html#Questionnaire: give enableBehavior.",
        Meaning(of!(QuestionnaireItem, |item| {
            item.enable_when.len() <= 1 || item.enable_behavior.exists()
        }));
    ELD_11 = "eld-11", Error,
        "a binding is not allowed here: the element's type is not coded",
        "FHIR R4 elementdefinition.html#ElementDefinition: bind code, Coding, CodeableConcept, Quantity, string or uri only.",
        // It selects whether each type is coded, and tests whether anything was selected.
        Meaning(of!(ElementDefinition, |element| !element.binding.exists()
            || !element.type_.iter().any(|type_| type_.code.exists())
            || element.type_.iter().any(|type_| type_.code.value().is_some())));
    CSD_1 = "csd-1", Error,
        "a code is defined twice",
        "FHIR R4 codesystem.html#CodeSystem: define each code once, at whatever level.",
        Hot(of!(CodeSystem, |system| has_distinct_codes(system)));
    MD_1 = "md-1", Error,
        "invalid maximum of a focus: expected a positive number or *",
        "FHIR R4 messagedefinition.html#MessageDefinition: set max to * or to a number above zero.",
        Lenient(of!(MessageDefinitionFocus, |focus| focus.max.as_str()
            .is_none_or(|max| max == "*" || max.parse::<i64>().is_ok_and(|max| max > 0))));
}

/// Whether no code is defined twice. Code systems may be larger than expressions may cost.
fn has_distinct_codes(system: &CodeSystem) -> bool {
    fn add<'v>(concepts: &'v [CodeSystemConcept], codes: &mut HashSet<&'v str>) -> bool {
        concepts.iter().all(|concept| {
            let code = concept.code.as_str();
            code.is_none_or(|code| codes.insert(code)) && add(&concept.concept, codes)
        })
    }
    add(&system.concept, &mut HashSet::new())
}
