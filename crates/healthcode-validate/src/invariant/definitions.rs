//! The invariants of questionnaires, tests, guides and other definitions.

use super::Method::{Hot, Meaning};
use super::exists::{Exists, is};
use healthcode_r4::{
    ImplementationGuide, ImplementationGuideDefinition, QuestionnaireItem,
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
    MEA_1 = "mea-1", Error,
        "a stratifier must have exactly one of criteria and components",
        "FHIR R4 measure.html#Measure: give either code, description or criteria, or component.";
    MRP_1 = "mrp-1", Error,
        "groups are not allowed here: the report only collects data",
        "FHIR R4 measurereport.html#MeasureReport: leave group out, or correct the type.";
    MRP_2 = "mrp-2", Error,
        "a stratum must have exactly one of a value and components",
        "FHIR R4 measurereport.html#MeasureReport: give either value or component.";
    QUE_1 = "que-1", Error,
        "a group has no items, or a display item has items",
        "FHIR R4 questionnaire.html#Questionnaire: give items to groups only.";
    QUE_2 = "que-2", Error,
        "two items have the same linkId",
        "FHIR R4 questionnaire.html#Questionnaire: give each item a linkId of its own.";
    QUE_3 = "que-3", Error,
        "a code is not allowed here: the item is a display item",
        "FHIR R4 questionnaire.html#Questionnaire: leave code out of display items.";
    QUE_4 = "que-4", Error,
        "an item has both answerOption and answerValueSet",
        "FHIR R4 questionnaire.html#Questionnaire: give either answerOption or answerValueSet.";
    QUE_5 = "que-5", Error,
        "answer options are not allowed here: the item's type does not take choices",
        "FHIR R4 questionnaire.html#Questionnaire: leave answerOption and answerValueSet out, or correct the type.";
    QUE_6 = "que-6", Error,
        "required and repeats are not allowed here: the item is a display item",
        "FHIR R4 questionnaire.html#Questionnaire: leave required and repeats out of display items.";
    QUE_7 = "que-7", Error,
        "invalid answer of a condition: the operator exists requires a boolean",
        "FHIR R4 questionnaire.html#Questionnaire: give answerBoolean with the operator exists.",
        Meaning(of!(QuestionnaireItemEnableWhen, |condition| !is(&condition.operator, &["exists"])
            || matches!(condition.answer, None | Some(Answer::Boolean(_)))));
    QUE_8 = "que-8", Error,
        "an initial value is not allowed here: the item is a group or display item",
        "FHIR R4 questionnaire.html#Questionnaire: leave initial out of groups and display items.";
    QUE_9 = "que-9", Error,
        "readOnly is not allowed here: the item is a display item",
        "FHIR R4 questionnaire.html#Questionnaire: leave readOnly out of display items.";
    QUE_10 = "que-10", Error,
        "maxLength is not allowed here: the item's type has no length",
        "FHIR R4 questionnaire.html#Questionnaire: leave maxLength out.";
    QUE_11 = "que-11", Error,
        "initial is not allowed here: the item has answer options",
        "FHIR R4 questionnaire.html#Questionnaire: mark the option as initially selected, and leave initial out.";
    QUE_12 = "que-12", Error,
        "missing enableBehavior of several conditions",
        "FHIR R4 questionnaire.html#Questionnaire: give enableBehavior.",
        Meaning(of!(QuestionnaireItem, |item| {
            item.enable_when.len() <= 1 || item.enable_behavior.exists()
        }));
    QUE_13 = "que-13", Error,
        "several initial values are not allowed here: the item does not repeat",
        "FHIR R4 questionnaire.html#Questionnaire: set repeats to true, or give one initial value.";
    SMP_1 = "smp-1", Error,
        "missing reference of a target that names an element",
        "FHIR R4 structuremap.html#StructureMap: give context with element.";
    SMP_2 = "smp-2", Error,
        "missing context type of a target that names a context",
        "FHIR R4 structuremap.html#StructureMap: give contextType with context.";
    TST_1 = "tst-1", Error,
        "an action of setup must have exactly one of operation and assert",
        "FHIR R4 testscript.html#TestScript: give each action either operation or assert.";
    TST_2 = "tst-2", Error,
        "an action of a test must have exactly one of operation and assert",
        "FHIR R4 testscript.html#TestScript: give each action either operation or assert.";
    TST_3 = "tst-3", Error,
        "a variable has an expression, a headerField and a path",
        "FHIR R4 testscript.html#TestScript: give one of expression, headerField and path.";
    TST_4 = "tst-4", Error,
        "a capability is neither required nor validated",
        "FHIR R4 testscript.html#TestScript: set required or validated of a capability.";
    TST_5 = "tst-5", Error,
        "an assertion tests several things at once",
        "FHIR R4 testscript.html#TestScript: test one thing in each assertion.";
    TST_6 = "tst-6", Error,
        "an assertion of a test tests several things at once",
        "FHIR R4 testscript.html#TestScript: test one thing in each assertion.";
    TST_7 = "tst-7", Error,
        "missing target of an operation",
        "FHIR R4 testscript.html#TestScript: give sourceId, or one of targetId, url and params.";
    TST_8 = "tst-8", Error,
        "missing target of an operation of a test",
        "FHIR R4 testscript.html#TestScript: give sourceId, or one of targetId, url and params.";
    TST_9 = "tst-9", Error,
        "missing target of an operation of teardown",
        "FHIR R4 testscript.html#TestScript: give sourceId, or one of targetId, url and params.";
    TST_10 = "tst-10", Error,
        "missing half of the comparison in an assertion of setup",
        "FHIR R4 testscript.html#TestScript: give compareToSourceId with compareToSourceExpression or compareToSourcePath.";
    TST_11 = "tst-11", Error,
        "missing half of the comparison in an assertion of a test",
        "FHIR R4 testscript.html#TestScript: give compareToSourceId with compareToSourceExpression or compareToSourcePath.";
    TST_12 = "tst-12", Error,
        "an assertion of setup about a request tests the response",
        "FHIR R4 testscript.html#TestScript: leave response and responseCode out, or set direction to response.";
    TST_13 = "tst-13", Error,
        "an assertion of a test about a request tests the response",
        "FHIR R4 testscript.html#TestScript: leave response and responseCode out, or set direction to response.";
}
