//! Codes of errors that the NHS's services document: [`SpineCode`].

/// A code that PDS, SDS or the Spine behind them documents, in the coding of an issue's details.
///
/// ```
/// use healthcode_extensions::SpineCode;
/// let code = SpineCode::named("FORBIDDEN_UPDATE").unwrap();
/// assert!(code.is_refusal());
/// assert!(!SpineCode::named("RESOURCE_DELETED").unwrap().is_refusal());
/// assert_eq!(SpineCode::named("SOMETHING_ELSE"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpineCode {
    code: &'static str,
    refusal: bool,
}

impl SpineCode {
    /// The code of this name, if it is documented.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let found = |list: &[&'static str], refusal| {
            let at = list.binary_search(&name).ok()?;
            let code = list.get(at)?;
            Some(SpineCode { code, refusal })
        };
        found(REFUSALS, true).or_else(|| found(DONE, false))
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.code
    }

    /// Whether it says that something was not done, whatever the severity beside it.
    #[must_use]
    pub fn is_refusal(self) -> bool {
        self.refusal
    }
}

/// What was not done. Sorted: the specifications of PDS and SDS, their servers' own tables, and UK
/// Core's CodeSystem of these codes.
static REFUSALS: &[&str] = &[
    "ACCESS_DENIED",
    "ACCESS_DENIED_SSL",
    "ADDITIONAL_PROPERTIES",
    "ASID_CHECK_FAILED",
    "AUTHOR_CREDENTIALS_ERROR",
    "BAD_REQUEST",
    "CONFLICTING_VALUES",
    "DUPLICATE_REJECTED",
    "FAILURE_TO_PROCESS_MESSAGE",
    "FHIR_CONSTRAINT_VIOLATION",
    "FLAG_ALREADY_SET",
    "FORBIDDEN_UPDATE",
    "INSERT_BIRTH_DEATH_STATUS_INCONSISTENT",
    "INTERNAL_SERVER_ERROR",
    "INVALIDATED_RESOURCE",
    "INVALID_CODE_SYSTEM",
    "INVALID_CODE_VALUE",
    "INVALID_CREATE",
    "INVALID_ELEMENT",
    "INVALID_IDENTIFIER_SYSTEM",
    "INVALID_IDENTIFIER_VALUE",
    "INVALID_METHOD",
    "INVALID_NHS_NUMBER",
    "INVALID_PARAMETER",
    "INVALID_PATIENT_DEMOGRAPHICS",
    "INVALID_REQUEST_MESSAGE",
    "INVALID_REQUEST_STATE",
    "INVALID_REQUEST_TYPE",
    "INVALID_RESOURCE",
    "INVALID_RESOURCE_ID",
    "INVALID_SEARCH_DATA",
    "INVALID_UPDATE",
    "INVALID_VALUE",
    "MESSAGE_NOT_WELL_FORMED",
    "MISSING_OR_INVALID_HEADER",
    "MISSING_VALUE",
    "MSG_RESOURCE_ID_FAIL",
    "MULTIPLE_MATCHES",
    "NOT_IMPLEMENTED",
    "NO_ORGANISATIONAL_CONSENT",
    "NO_PATIENT_CONSENT",
    "NO_RECORD_FOUND",
    "NO_RELATIONSHIP",
    "ORGANISATION_NOT_FOUND",
    "PATIENT_NOT_FOUND",
    "PATIENT_SENSITIVE",
    "POLLING_ID_NOT_FOUND",
    "POLLING_MESSAGE_FAILURE",
    "PRACTITIONER_NOT_FOUND",
    "PRECONDITION_FAILED",
    "REFERENCE_NOT_FOUND",
    "REQUEST_UNMATCHED",
    "RESOURCE_NOT_FOUND",
    "RESOURCE_VERSION_MISMATCH",
    "SERVICE_UNAVAILABLE",
    "SINGLE_MATCH",
    "TOO_FEW_VALUES_SUBMITTED",
    "TOO_MANY_MATCHES",
    "TOO_MANY_REQUESTS",
    "TOO_MANY_VALUES_SUBMITTED",
    "UNABLE_TO_CALL_SERVICE",
    "UNSUPPORTED_CHARACTERS_IN_FIELD",
    "UNSUPPORTED_SERVICE",
    "UNSUPPORTED_VALUE",
    "VALIDATION_ERROR",
];

/// What was done. Sorted.
static DONE: &[&str] = &["RESOURCE_CREATED", "RESOURCE_DELETED", "RESOURCE_UPDATED"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_have_each_code_once() {
        for list in [REFUSALS, DONE] {
            assert!(list.is_sorted_by(|left, right| left < right));
        }
        for (list, refusal) in [(REFUSALS, true), (DONE, false)] {
            for code in list {
                let found = SpineCode::named(code);
                assert_eq!(found.map(SpineCode::as_str), Some(*code));
                assert_eq!(found.map(SpineCode::is_refusal), Some(refusal), "{code}");
            }
        }
        for none in ["", "access_denied", "ACCESS_DENIED ", "MSG_PARAM_INVALID"] {
            assert_eq!(SpineCode::named(none), None, "{none}");
        }
    }
}
