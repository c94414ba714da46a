//! OperationOutcomes with Healthcode's machine codes.

use crate::http::response::{ErrorResponse, Response, error, issue};
use crate::store::error::WriteError;
use healthcode_extensions::ErrorCode;
use http::StatusCode;
use serde_json::json;

/// An error with a machine code, and the status that is documented for it.
pub(crate) fn coded(code: &ErrorCode, diagnostics: &str) -> Response {
    let status = code.http_status().map(StatusCode::from_u16);
    let coded = json!({
        "severity": "error",
        "code": "value",
        "details": {"coding": [{"system": "URL", "code": code.as_str()}]},
        "diagnostics": diagnostics,
    });
    let status = status
        .and_then(Result::ok)
        .unwrap_or(StatusCode::BAD_REQUEST);
    issue(status, &coded)
}

/// Success, without a resource.
pub(crate) fn information(text: &str) -> Response {
    let information =
        json!({"severity": "information", "code": "informational", "diagnostics": text});
    issue(StatusCode::OK, &information)
}

/// A failure of the sandbox itself.
pub(crate) fn internal_error(text: &str) -> Response {
    error(StatusCode::INTERNAL_SERVER_ERROR, "exception", text)
}

/// A write that was refused.
pub(crate) fn write_error(refused: WriteError) -> ErrorResponse {
    let (code, text) = match refused {
        WriteError::NotFound => (ErrorCode::ReferenceIdNotFound, "unknown resource"),
        WriteError::VersionConflict => {
            let text = "the resource has another version";
            return error(StatusCode::PRECONDITION_FAILED, "conflict", text).into();
        }
        WriteError::Inactive => (ErrorCode::OpNotAllowed, "the resource is inactive"),
        WriteError::Duplicate => (
            ErrorCode::EntityAlreadyExists,
            "another resource has the same identifier or number in a register",
        ),
        WriteError::MissingReference => (
            ErrorCode::ReferenceIdNotFound,
            "invalid reference: there is no such resource",
        ),
        WriteError::Full => (ErrorCode::DatabaseError, "the sandbox is full"),
        WriteError::Disk => (ErrorCode::DatabaseError, "the disk cannot be written"),
        WriteError::Random => (ErrorCode::DatabaseError, "the system has no randomness"),
    };
    coded(&code, text).into()
}
