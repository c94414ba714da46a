//! The rules of profiles: `R4-PROFILE-…`.

healthcode_core::rule_registry! {
    R4_PROFILE_MIN = "R4-PROFILE-MIN", Error, "required",
        "the profile requires more occurrences",
        "FHIR R4 profiling.html#cardinality: a profile can raise the minimum of an element or slice. Add what is missing, or do not claim the profile.";
    R4_PROFILE_MAX = "R4-PROFILE-MAX", Error, "structure",
        "the profile allows fewer occurrences",
        "FHIR R4 profiling.html#cardinality: a profile can lower the maximum of an element or slice; 0 prohibits it.";
    R4_PROFILE_FIXED = "R4-PROFILE-FIXED", Error, "value",
        "the value differs from the profile's fixed value",
        "FHIR R4 elementdefinition-definitions.html#ElementDefinition.fixed_x_: the value is exactly the profile's, with nothing more in it.";
    R4_PROFILE_PATTERN = "R4-PROFILE-PATTERN", Error, "value",
        "the value does not match the profile's pattern",
        "FHIR R4 elementdefinition-definitions.html#ElementDefinition.pattern_x_: all that the pattern states is there; there may be more.";
    R4_PROFILE_TYPE = "R4-PROFILE-TYPE", Error, "structure",
        "a value of this type is not allowed here by the profile",
        "FHIR R4 profiling.html#resources: a profile can restrict the types of a choice element, and is itself a profile of one type.";
    R4_PROFILE_TARGET = "R4-PROFILE-TARGET", Error, "structure",
        "a reference to this resource is not allowed here by the profile",
        "FHIR R4 references.html: a profile can restrict what a reference points at, by type or by profile. What is contained or in the same Bundle is held to the profile.";
    R4_PROFILE_BINDING = "R4-PROFILE-BINDING", Error, "code-invalid",
        "the code is not in the value set that the profile requires",
        "FHIR R4 terminologies.html#required. An extensible binding of a profile is reported as a warning.";
    R4_PROFILE_INVARIANT = "R4-PROFILE-INVARIANT", Error, "invariant",
        "an invariant of the profile fails",
        "FHIR R4 conformance-rules.html#constraints: the expression in the profile is true of each occurrence. One of severity warning is reported as a warning.";
    R4_PROFILE_LIMIT = "R4-PROFILE-LIMIT", Error, "value",
        "the value is beyond the limit that the profile sets",
        "FHIR R4 elementdefinition-definitions.html#ElementDefinition.minValue_x_, .maxValue_x_, .maxLength: the least and greatest value, and the greatest number of characters.";
    R4_PROFILE_SLICE_CLOSED = "R4-PROFILE-SLICE-CLOSED", Error, "structure",
        "the value matches no slice, and the profile's slicing is closed",
        "FHIR R4 profiling.html#slicing: closed slicing allows only values that its discriminators put into a slice.";
    R4_PROFILE_SLICE_ORDER = "R4-PROFILE-SLICE-ORDER", Error, "structure",
        "the value is not in the order of the profile's slices",
        "FHIR R4 profiling.html#slicing: in ordered slicing values come in the order of the slices; with openAtEnd, values of no slice come last.";
    R4_PROFILE_SLICE_UNMATCHED = "R4-PROFILE-SLICE-UNMATCHED", Information [Off], "informational",
        "the value matches no slice; the profile's slicing is open",
        "FHIR R4 profiling.html#slicing: allowed. Off unless requested.";
    R4_PROFILE_MUST_SUPPORT = "R4-PROFILE-MUST-SUPPORT", Information [Off], "informational",
        "an element that the profile marks as must-support is absent",
        "FHIR R4 conformance-rules.html#mustSupport: what support means, the profile's guide says; an absent value is not an error. Off unless requested.";
    R4_PROFILE_UNKNOWN = "R4-PROFILE-UNKNOWN", Warning, "not-found",
        "the profile is not loaded, so the resource is not checked against it",
        "FHIR R4 profiling.html#resources: meta.profile claims conformance to profiles. Load its StructureDefinition to have the claim checked.";
    R4_PROFILE_UNCHECKED = "R4-PROFILE-UNCHECKED", Information, "incomplete",
        "part of the profile could not be checked",
        "FHIR R4 profiling.html: value sets that are not loaded, profiles of what references point at outside the payload, discriminators that lead there, and expressions that could not be evaluated are not checked.";
    R4_PROFILE_DEFINITION = "R4-PROFILE-DEFINITION", Error, "invalid",
        "invalid profile: it cannot be used as written",
        "FHIR R4 profiling.html and elementdefinition.html. What of the profile is understood is still applied.";
}
