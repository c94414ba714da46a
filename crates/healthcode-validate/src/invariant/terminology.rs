//! The invariants of terminology, and of what describes servers, messages and searches.

use super::Method::{Hot, Lenient};
use healthcode_r4::{CodeSystem, CodeSystemConcept, MessageDefinitionFocus};
use std::collections::HashSet;

invariants! {
    CMD_1 = "cmd-1", Error,
        "missing comment of a narrower or inexact target",
        "FHIR R4 conceptmap.html#ConceptMap: say in comment what is lost.";
    CMD_2 = "cmd-2", Error,
        "missing code of unmapped codes whose mode is fixed",
        "FHIR R4 conceptmap.html#ConceptMap: give code with mode fixed.";
    CMD_3 = "cmd-3", Error,
        "missing URL of unmapped codes whose mode is other-map",
        "FHIR R4 conceptmap.html#ConceptMap: give url with mode other-map.";
    CPB_1 = "cpb-1", Error,
        "the statement covers neither REST nor messages nor documents",
        "FHIR R4 capabilitystatement.html#CapabilityStatement: give rest, messaging or document.";
    CPB_2 = "cpb-2", Error,
        "missing description, software and implementation: the statement must have one of them",
        "FHIR R4 capabilitystatement.html#CapabilityStatement: give description, software or implementation.";
    CPB_3 = "cpb-3", Error,
        "endpoints of messaging are not allowed here: the statement is not of an instance",
        "FHIR R4 capabilitystatement.html#CapabilityStatement: set kind to instance, or leave messaging.endpoint out.";
    CPB_7 = "cpb-7", Error,
        "two documents have the same profile and mode",
        "FHIR R4 capabilitystatement.html#CapabilityStatement: leave one of them out.";
    CPB_9 = "cpb-9", Error,
        "a type of resource is described twice",
        "FHIR R4 capabilitystatement.html#CapabilityStatement: merge what is said of one type of resource.";
    CPB_12 = "cpb-12", Error,
        "a search parameter is named twice for a resource",
        "FHIR R4 capabilitystatement.html#CapabilityStatement: name each search parameter once.";
    CPB_14 = "cpb-14", Error,
        "missing implementation in a statement of an instance",
        "FHIR R4 capabilitystatement.html#CapabilityStatement: give implementation.";
    CPB_15 = "cpb-15", Error,
        "a statement of a capability must have software and no implementation",
        "FHIR R4 capabilitystatement.html#CapabilityStatement: give software, and no implementation.";
    CPB_16 = "cpb-16", Error,
        "software and implementation are not allowed here: the statement is of requirements",
        "FHIR R4 capabilitystatement.html#CapabilityStatement: leave software and implementation out.";
    CSD_1 = "csd-1", Error,
        "a code is defined twice",
        "FHIR R4 codesystem.html#CodeSystem: define each code once, at whatever level.",
        Hot(of!(CodeSystem, |system| has_distinct_codes(system)));
    MD_1 = "md-1", Error,
        "invalid maximum of a focus: expected a positive number or *",
        "FHIR R4 messagedefinition.html#MessageDefinition: set max to * or to a number above zero.",
        Lenient(of!(MessageDefinitionFocus, |focus| focus.max.as_str()
            .is_none_or(|max| max == "*" || max.parse::<i64>().is_ok_and(|max| max > 0))));
    NSD_1 = "nsd-1", Error,
        "a UUID is not allowed here: the identifier system is a root",
        "FHIR R4 namingsystem.html#NamingSystem: give a root an OID, URI or other identifier.";
    NSD_2 = "nsd-2", Error,
        "two identifiers of one type are marked as preferred",
        "FHIR R4 namingsystem.html#NamingSystem: mark at most one identifier of each type as preferred.";
    OPD_1 = "opd-1", Error,
        "a parameter has neither type nor parts",
        "FHIR R4 operationdefinition.html#OperationDefinition: give type or part.";
    OPD_2 = "opd-2", Error,
        "searchType is not allowed here: the parameter is not a string",
        "FHIR R4 operationdefinition.html#OperationDefinition: set type to string, or leave searchType out.";
    OPD_3 = "opd-3", Error,
        "target profiles are not allowed here: the parameter is not a reference",
        "FHIR R4 operationdefinition.html#OperationDefinition: set type to Reference or canonical, or leave targetProfile out.";
    SPD_1 = "spd-1", Error,
        "missing xpathUsage of an XPath",
        "FHIR R4 searchparameter.html#SearchParameter: give xpathUsage with xpath.";
    SPD_2 = "spd-2", Error,
        "chains are not allowed here: the parameter is not a reference",
        "FHIR R4 searchparameter.html#SearchParameter: set type to reference, or leave chain out.";
    TCP_1 = "tcp-1", Error,
        "missing code of a version: the code system has several",
        "FHIR R4 terminologycapabilities.html#TerminologyCapabilities: give each version its code.";
    TCP_2 = "tcp-2", Error,
        "missing description, software and implementation: the statement must have one of them",
        "FHIR R4 terminologycapabilities.html#TerminologyCapabilities: give description, software or implementation.";
    TCP_3 = "tcp-3", Error,
        "missing implementation in a statement of an instance",
        "FHIR R4 terminologycapabilities.html#TerminologyCapabilities: give implementation.";
    TCP_4 = "tcp-4", Error,
        "a statement of a capability must have software and no implementation",
        "FHIR R4 terminologycapabilities.html#TerminologyCapabilities: give software, and no implementation.";
    TCP_5 = "tcp-5", Error,
        "software and implementation are not allowed here: the statement is of requirements",
        "FHIR R4 terminologycapabilities.html#TerminologyCapabilities: leave software and implementation out.";
    VSD_1 = "vsd-1", Error,
        "an inclusion has neither a code system nor a value set",
        "FHIR R4 valueset.html#ValueSet: give system or valueSet.";
    VSD_2 = "vsd-2", Error,
        "concepts and filters are not allowed here: the inclusion has no code system",
        "FHIR R4 valueset.html#ValueSet: give system with concept or filter.";
    VSD_3 = "vsd-3", Error,
        "an inclusion has both concepts and filters",
        "FHIR R4 valueset.html#ValueSet: give either concept or filter.";
    VSD_6 = "vsd-6", Error,
        "an entry of an expansion has neither code nor display",
        "FHIR R4 valueset.html#ValueSet: give code or display.";
    VSD_9 = "vsd-9", Error,
        "missing code of an entry that can be selected",
        "FHIR R4 valueset.html#ValueSet: give code, or set abstract to true.";
    VSD_10 = "vsd-10", Error,
        "missing system of a code in the expansion",
        "FHIR R4 valueset.html#ValueSet: give system with code.";
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
