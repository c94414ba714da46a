//! Twins for guides, maps and test scripts.

use crate::invariant::given::{Given, is, is_not};
use healthcode_r4::{
    ImplementationGuide, ImplementationGuideDefinition, StructureMapGroupRuleTarget,
    TestScriptMetadata, TestScriptSetupAction, TestScriptSetupActionAssert as Assert,
    TestScriptSetupActionOperation as Operation, TestScriptTestAction, TestScriptVariable,
};
use std::collections::HashSet;

twins! {
    "ig-1": ImplementationGuideDefinition, |it| {
        let groupings = it.grouping.iter();
        let ids: HashSet<&str> = groupings.filter_map(|grouping| grouping.id.as_deref()).collect();
        it.resource.iter()
            .filter_map(|resource| resource.grouping_id.as_str())
            .all(|id| ids.contains(id))
    };
    "ig-2": ImplementationGuide, |it| {
        let own: HashSet<&str> = it.fhir_version.iter().filter_map(|own| own.as_str()).collect();
        it.definition.iter()
            .flat_map(|definition| definition.resource.iter())
            .flat_map(|resource| resource.fhir_version.iter())
            .filter_map(|version| version.as_str())
            .all(|version| own.contains(version))
    };
    "smp-1": StructureMapGroupRuleTarget, |it| !it.element.given() || it.context.given();
    "smp-2": StructureMapGroupRuleTarget, |it| !it.context.given() || it.context_type.given();
    "tst-1": TestScriptSetupAction, |it| it.operation.given() != it.assert.given();
    "tst-2": TestScriptTestAction, |it| it.operation.given() != it.assert.given();
    "tst-3": TestScriptVariable, |it| !it.expression.given()
        || !it.header_field.given()
        || !it.path.given();
    "tst-4": TestScriptMetadata, |it| it.capability.iter()
        .any(|capability| capability.required.given() || capability.validated.given());
    "tst-5": Assert, |it| tests_one_thing(it);
    "tst-6": Assert, |it| tests_one_thing(it);
    "tst-7": Operation, |it| is_on_something(it);
    "tst-8": Operation, |it| is_on_something(it);
    "tst-9": Operation, |it| is_on_something(it);
    "tst-10": Assert, |it| compares_wholly(it);
    "tst-11": Assert, |it| compares_wholly(it);
    "tst-12": Assert, |it| fits_direction(it);
    "tst-13": Assert, |it| fits_direction(it);
}

fn tests_one_thing(it: &Assert) -> bool {
    let tested = [
        it.content_type.given(),
        it.expression.given(),
        it.header_field.given(),
        it.minimum_id.given(),
        it.navigation_links.given(),
        it.path.given(),
        it.request_method.given(),
        it.resource.given(),
        it.response_code.given(),
        it.response.given(),
        it.validate_profile_id.given(),
    ];
    it.extension.given() || tested.into_iter().filter(|given| *given).count() <= 1
}

fn is_on_something(it: &Operation) -> bool {
    let named = [it.target_id.given(), it.url.given(), it.params.given()];
    let of_system = &["capabilities", "search", "transaction", "history"];
    it.source_id.given()
        || named.into_iter().filter(|given| *given).count() == 1
        || it
            .type_
            .as_ref()
            .is_some_and(|type_| is(&type_.code, of_system))
}

fn compares_wholly(it: &Assert) -> bool {
    let with = it.compare_to_source_expression.given() || it.compare_to_source_path.given();
    it.compare_to_source_id.given() == with
}

fn fits_direction(it: &Assert) -> bool {
    if is(&it.direction, &["request"]) {
        !it.response.given() && !it.response_code.given()
    } else {
        !is_not(&it.direction, &["response"])
    }
}
