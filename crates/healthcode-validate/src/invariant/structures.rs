//! The invariants of StructureDefinition and ElementDefinition.

use super::Method::Meaning;
use super::exists::Exists;
use healthcode_r4::ElementDefinition;

invariants! {
    ELD_1 = "eld-1", Error,
        "a slicing has neither discriminator nor description",
        "FHIR R4 elementdefinition.html#ElementDefinition: say by discriminator or description how slices differ.";
    ELD_2 = "eld-2", Error,
        "the minimum is above the maximum",
        "FHIR R4 elementdefinition.html#ElementDefinition: correct min or max.";
    ELD_3 = "eld-3", Error,
        "invalid maximum: expected a number or *",
        "FHIR R4 elementdefinition.html#ElementDefinition: set max to * or to a number of zero or more.";
    ELD_4 = "eld-4", Error,
        "aggregation is not allowed here: the type is not a reference",
        "FHIR R4 elementdefinition.html#ElementDefinition: leave aggregation out.";
    ELD_5 = "eld-5", Error,
        "an element with a contentReference defines content of its own",
        "FHIR R4 elementdefinition.html#ElementDefinition: leave type, values, lengths and binding out beside contentReference.";
    ELD_6 = "eld-6", Error,
        "a fixed value is not allowed here: the element has several types",
        "FHIR R4 elementdefinition.html#ElementDefinition: give one type with fixed[x].";
    ELD_7 = "eld-7", Error,
        "a pattern is not allowed here: the element has several types",
        "FHIR R4 elementdefinition.html#ElementDefinition: give one type with pattern[x].";
    ELD_8 = "eld-8", Error,
        "an element has both a fixed value and a pattern",
        "FHIR R4 elementdefinition.html#ElementDefinition: give either fixed[x] or pattern[x].";
    ELD_11 = "eld-11", Error,
        "a binding is not allowed here: the element's type is not coded",
        "FHIR R4 elementdefinition.html#ElementDefinition: bind code, Coding, CodeableConcept, Quantity, string or uri only.",
        // It selects whether each type is coded, and asks whether anything was selected.
        Meaning(of!(ElementDefinition, |element| !element.binding.exists()
            || !element.type_.iter().any(|type_| type_.code.exists())
            || element.type_.iter().any(|type_| type_.code.value().is_some())));
    ELD_12 = "eld-12", Error,
        "invalid value set of a binding: expected an absolute URL",
        "FHIR R4 elementdefinition.html#ElementDefinition: begin valueSet with http:, https: or urn:.";
    ELD_13 = "eld-13", Error,
        "a type is listed twice",
        "FHIR R4 elementdefinition.html#ElementDefinition: merge the profiles of one type.";
    ELD_14 = "eld-14", Error,
        "two constraints have the same key",
        "FHIR R4 elementdefinition.html#ElementDefinition: give each constraint a key of its own.";
    ELD_15 = "eld-15", Error,
        "an element has both a default value and meaningWhenMissing",
        "FHIR R4 elementdefinition.html#ElementDefinition: give either defaultValue[x] or meaningWhenMissing.";
    ELD_16 = "eld-16", Error,
        "invalid slice name: it has characters that are not allowed",
        "FHIR R4 elementdefinition.html#ElementDefinition: keep to letters, digits and / - _ [ ] @.";
    ELD_17 = "eld-17", Error,
        "target profiles are not allowed here: the type is not a reference",
        "FHIR R4 elementdefinition.html#ElementDefinition: leave targetProfile out, or set code to Reference or canonical.";
    ELD_18 = "eld-18", Error,
        "missing reason why the element is a modifier",
        "FHIR R4 elementdefinition.html#ElementDefinition: give isModifierReason.";
    ELD_19 = "eld-19", Error,
        "invalid path: it contains no name",
        "FHIR R4 elementdefinition.html#ElementDefinition: name elements by words between dots, without white space or punctuation.";
    ELD_20 = "eld-20", Warning,
        "invalid path: it contains no letter",
        "FHIR R4 elementdefinition.html#ElementDefinition: name elements by letters and digits, beginning with a letter.";
    ELD_21 = "eld-21", Warning,
        "missing expression of a constraint",
        "FHIR R4 elementdefinition.html#ElementDefinition: give its FHIRPath expression.";
    ELD_22 = "eld-22", Error,
        "sliceIsConstraining is not allowed here: the element has no slice name",
        "FHIR R4 elementdefinition.html#ElementDefinition: give sliceName with sliceIsConstraining.";
    SDF_1 = "sdf-1", Error,
        "two elements of a snapshot have the same path, and the definition is not a constraint",
        "FHIR R4 structuredefinition.html#StructureDefinition: give each element a path of its own.";
    SDF_2 = "sdf-2", Error,
        "a mapping has neither a name nor a URI",
        "FHIR R4 structuredefinition.html#StructureDefinition: give name or uri.";
    SDF_3 = "sdf-3", Error,
        "missing definition or cardinality of an element of a snapshot",
        "FHIR R4 structuredefinition.html#StructureDefinition: give definition, min and max.";
    SDF_4 = "sdf-4", Error,
        "missing base of a type that is not abstract",
        "FHIR R4 structuredefinition.html#StructureDefinition: give baseDefinition.";
    SDF_5 = "sdf-5", Error,
        "missing context of an extension's definition",
        "FHIR R4 structuredefinition.html#StructureDefinition: give context.";
    SDF_6 = "sdf-6", Error,
        "the definition has neither snapshot nor differential",
        "FHIR R4 structuredefinition.html#StructureDefinition: give snapshot or differential.";
    SDF_8 = "sdf-8", Error,
        "a path of the snapshot does not start with the defined type",
        "FHIR R4 structuredefinition.html#StructureDefinition: begin all paths with that of the first element, which is the type.";
    SDF_8A = "sdf-8a", Error,
        "a path of the differential does not start with the defined type",
        "FHIR R4 structuredefinition.html#StructureDefinition: begin all paths with the type.";
    SDF_8B = "sdf-8b", Error,
        "missing base of an element of a snapshot",
        "FHIR R4 structuredefinition.html#StructureDefinition: give base.";
    SDF_9 = "sdf-9", Error,
        "a root element has a label, code or requirements",
        "FHIR R4 structuredefinition.html#StructureDefinition: leave label, code and requirements out of the first element.";
    SDF_10 = "sdf-10", Error,
        "a binding of a snapshot has neither value set nor description",
        "FHIR R4 structuredefinition.html#StructureDefinition: give valueSet or description.";
    SDF_11 = "sdf-11", Error,
        "the first element of the snapshot is not the defined type",
        "FHIR R4 structuredefinition.html#StructureDefinition: set its path to the type.";
    SDF_14 = "sdf-14", Error,
        "missing id of an element",
        "FHIR R4 structuredefinition.html#StructureDefinition: give each element an id.";
    SDF_15 = "sdf-15", Error,
        "the first element of the snapshot has a type",
        "FHIR R4 structuredefinition.html#StructureDefinition: leave type out of the first element.";
    SDF_15A = "sdf-15a", Error,
        "the first element of the differential has a type",
        "FHIR R4 structuredefinition.html#StructureDefinition: leave type out of the first element.";
    SDF_16 = "sdf-16", Error,
        "missing or repeated id of an element of the snapshot",
        "FHIR R4 structuredefinition.html#StructureDefinition: give each element an id of its own.";
    SDF_17 = "sdf-17", Error,
        "missing or repeated id of an element of the differential",
        "FHIR R4 structuredefinition.html#StructureDefinition: give each element an id of its own.";
    SDF_18 = "sdf-18", Error,
        "contextInvariant is not allowed here: the definition is not that of an extension",
        "FHIR R4 structuredefinition.html#StructureDefinition: leave contextInvariant out.";
    SDF_19 = "sdf-19", Error,
        "invalid type: a type that FHIR itself defines uses one with another form of name",
        "FHIR R4 structuredefinition.html#StructureDefinition: name types by letters and digits, or by the URL of a FHIRPath system type.";
    SDF_20 = "sdf-20", Error,
        "slicing is not allowed here: the element is the first",
        "FHIR R4 structuredefinition.html#StructureDefinition: leave slicing out of the first element.";
    SDF_21 = "sdf-21", Error,
        "default values are not allowed here: the definition is a constraint",
        "FHIR R4 structuredefinition.html#StructureDefinition: give default values in specializations only.";
    SDF_22 = "sdf-22", Error,
        "default values are not allowed here: FHIR itself defines the type",
        "FHIR R4 structuredefinition.html#StructureDefinition: leave defaultValue[x] out.";
    SDF_23 = "sdf-23", Error,
        "a slice name is not allowed here: the element is the first",
        "FHIR R4 structuredefinition.html#StructureDefinition: leave sliceName out of the first element.";
}
