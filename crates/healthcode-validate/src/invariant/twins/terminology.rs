//! Twins for terminology, and for what describes servers, messages, operations and searches.

use crate::invariant::given::{Given, distinct, is, is_not};
use healthcode_r4::{
    CapabilityStatement, CapabilityStatementRest, CapabilityStatementRestResource, CodeSystem,
    CodeSystemConcept, ConceptMapGroupElementTarget, ConceptMapGroupUnmapped,
    MessageDefinitionFocus, NamingSystem, OperationDefinitionParameter, SearchParameter,
    TerminologyCapabilities, TerminologyCapabilitiesCodeSystem, ValueSetComposeInclude,
    ValueSetExpansionContains,
};

twins! {
    "cmd-1": ConceptMapGroupElementTarget, |it| it.comment.given()
        || !is(&it.equivalence, &["narrower", "inexact"]);
    "cmd-2": ConceptMapGroupUnmapped, |it| is_not(&it.mode, &["fixed"]) || it.code.given();
    "cmd-3": ConceptMapGroupUnmapped, |it| is_not(&it.mode, &["other-map"]) || it.url.given();
    "cpb-1": CapabilityStatement, |it| it.rest.given()
        || it.messaging.given()
        || it.document.given();
    "cpb-2": CapabilityStatement, |it| it.description.given()
        || it.software.given()
        || it.implementation.given();
    "cpb-3": CapabilityStatement, |it| is(&it.kind, &["instance"])
        || !it.messaging.iter().any(|messaging| messaging.endpoint.given());
    "cpb-7": CapabilityStatement, |it| distinct(it.document.iter().map(|document| {
        (document.profile.as_str(), document.mode.as_str())
    }));
    "cpb-9": CapabilityStatementRest, |it| distinct(it.resource.iter().filter_map(|resource| {
        resource.type_.as_str()
    }));
    "cpb-12": CapabilityStatementRestResource, |it| {
        distinct(it.search_param.iter().filter_map(|parameter| parameter.name.as_str()))
    };
    "cpb-14": CapabilityStatement, |it| is_not(&it.kind, &["instance"]) || it.implementation.given();
    "cpb-15": CapabilityStatement, |it| is_not(&it.kind, &["capability"])
        || (!it.implementation.given() && it.software.given());
    "cpb-16": CapabilityStatement, |it| is_not(&it.kind, &["requirements"])
        || (!it.implementation.given() && !it.software.given());
    "csd-1": CodeSystem, |it| {
        let mut codes = Vec::new();
        concept_codes(&it.concept, &mut codes);
        distinct(codes.into_iter())
    };
    "md-1": MessageDefinitionFocus, |it| it.max.as_str()
        .is_none_or(|max| max == "*" || max.parse::<i64>().is_ok_and(|max| max > 0));
    "nsd-1": NamingSystem, |it| is_not(&it.kind, &["root"])
        || it.unique_id.iter().all(|unique| is_not(&unique.type_, &["uuid"]));
    "nsd-2": NamingSystem, |it| distinct(it.unique_id.iter()
        .filter(|unique| unique.preferred == true)
        .filter_map(|unique| unique.type_.as_str()));
    "opd-1": OperationDefinitionParameter, |it| it.type_.given() || it.part.given();
    "opd-2": OperationDefinitionParameter, |it| !it.search_type.given()
        || is(&it.type_, &["string"]);
    "opd-3": OperationDefinitionParameter, |it| !it.target_profile.given()
        || is(&it.type_, &["Reference", "canonical"]);
    "spd-1": SearchParameter, |it| !it.xpath.given() || it.xpath_usage.given();
    "spd-2": SearchParameter, |it| !it.chain.given() || is(&it.type_, &["reference"]);
    "tcp-1": TerminologyCapabilitiesCodeSystem, |it| it.version.len() <= 1
        || it.version.iter().all(|version| version.code.given());
    "tcp-2": TerminologyCapabilities, |it| it.description.given()
        || it.software.given()
        || it.implementation.given();
    "tcp-3": TerminologyCapabilities, |it| is_not(&it.kind, &["instance"])
        || it.implementation.given();
    "tcp-4": TerminologyCapabilities, |it| is_not(&it.kind, &["capability"])
        || (!it.implementation.given() && it.software.given());
    "tcp-5": TerminologyCapabilities, |it| is_not(&it.kind, &["requirements"])
        || (!it.implementation.given() && !it.software.given());
    "vsd-1": ValueSetComposeInclude, |it| it.value_set.given() || it.system.given();
    "vsd-2": ValueSetComposeInclude, |it| (!it.concept.given() && !it.filter.given())
        || it.system.given();
    "vsd-3": ValueSetComposeInclude, |it| !it.concept.given() || !it.filter.given();
    "vsd-6": ValueSetExpansionContains, |it| it.code.given() || it.display.given();
    "vsd-9": ValueSetExpansionContains, |it| it.code.given() || it.abstract_ == true;
    "vsd-10": ValueSetExpansionContains, |it| !it.code.given() || it.system.given();
}

/// The codes of concepts and the concepts below them.
fn concept_codes<'v>(concepts: &'v [CodeSystemConcept], codes: &mut Vec<&'v str>) {
    for concept in concepts {
        codes.extend(concept.code.as_str());
        concept_codes(&concept.concept, codes);
    }
}
