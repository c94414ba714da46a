//! The NHS: its platform and the Spine.

/// Codes of errors that the NHS's services document.
const CODES: &[&str] = &[
    "ACCESS_DENIED",
    "ACCESS_DENIED_SSL",
    "ADDITIONAL_PROPERTIES",
    "ASID_CHECK_FAILED",
    "BAD_REQUEST",
    "INVALIDATED_RESOURCE",
    "INVALID_RESOURCE_ID",
    "INVALID_SEARCH_DATA",
    "INVALID_VALUE",
    "MISSING_VALUE",
    "NO_PATIENT_CONSENT",
    "NO_RECORD_FOUND",
    "PRECONDITION_FAILED",
    "RESOURCE_NOT_FOUND",
    "RESOURCE_VERSION_MISMATCH",
    "SERVICE_UNAVAILABLE",
    "TOO_MANY_MATCHES",
    "TOO_MANY_REQUESTS",
    "UNABLE_TO_CALL_SERVICE",
    "UNSUPPORTED_SERVICE",
];

/// A code that is documented, so that it may be shown.
pub(crate) fn known_code(code: &str) -> Option<&'static str> {
    CODES.iter().find(|it| **it == code).copied()
}
