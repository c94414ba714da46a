//! Rules that are checked where they are requested: what FHIR R4 lets pass, and a project may not.

healthcode_core::rule_registry! {
    R4_PADDED_STRING = "R4-PADDED-STRING", Warning [Off], "value",
        "the text starts or ends with white space",
        "FHIR R4 datatypes.html#string: allowed in a string, where it is seldom meant and hinders comparing. Off unless requested.";
    HC_IDENTIFIER_SYSTEM = "HC-IDENTIFIER-SYSTEM", Warning [Off], "incomplete",
        "missing system of the identifier",
        "FHIR R4 datatypes.html#Identifier: without a system, others cannot know what the value identifies. Off unless requested.";
    HC_NHS_NUMBER = "HC-NHS-NUMBER", Warning [Off], "value",
        "invalid NHS number",
        "NHS Data Dictionary, NHS NUMBER: ten digits without spaces, the last a modulus 11 check digit. Off unless requested.";
}
