//! What the services say of errors: [`ErrorCode`], [`ErrorResponse`].

use crate::rules;
use crate::spine::SpineCode;
#[cfg(feature = "serde")]
use healthcode_core::{Checked, Extra, ExtraKind};
use healthcode_core::{Detail, Issue, Path, Step};
use healthcode_r4::{OperationOutcome, OperationOutcomeIssue};
use std::fmt;

healthcode_core::code_enum! {
    /// The code of an error: `OperationOutcome.issue.details.coding.code`.
    ///
    /// The documentation has as its system the literal text `URL`.
    ErrorCode, "URL", {
        /// `MSG_CANT_PARSE_CONTENT`, 400: the content could not be parsed.
        CantParseContent = "MSG_CANT_PARSE_CONTENT",
        /// `MSG_MISSING_MANDATORY_PARAM`, 400: a mandatory parameter is missing.
        MissingMandatoryParam = "MSG_MISSING_MANDATORY_PARAM",
        /// `MSG_INVALID_FORMAT`, 400: a parameter is not valid.
        InvalidFormat = "MSG_INVALID_FORMAT",
        /// `MSG_PARAM_EMPTY`, 400: a parameter is empty.
        ParamEmpty = "MSG_PARAM_EMPTY",
        /// `MSG_OP_NOT_ALLOWED`, 400: an inactive resource is not updated.
        OpNotAllowed = "MSG_OP_NOT_ALLOWED",
        /// `MSG_ENTITY_ALREADY_EXISTS`, 422: it is in the database already.
        EntityAlreadyExists = "MSG_ENTITY_ALREADY_EXISTS",
        /// `MSG_PARAM_INVALID`, 422: a parameter's content is not valid.
        ParamInvalid = "MSG_PARAM_INVALID",
        /// `MSG_REFERENCE_ID_NOT_FOUND`, 422: an id that is referred to was not found.
        ReferenceIdNotFound = "MSG_REFERENCE_ID_NOT_FOUND",
        /// `MSG_DATABASE_ERROR`, 422: the database failed.
        DatabaseError = "MSG_DATABASE_ERROR",
        /// `MSG_DATE_FORMAT`: a date has the wrong form; a 4xx status, which one is not documented.
        DateFormat = "MSG_DATE_FORMAT",
    }
}

impl ErrorCode {
    /// The HTTP status that the code is documented to come with, where one is.
    ///
    /// ```
    /// use healthcode_extensions::ErrorCode;
    /// assert_eq!(ErrorCode::from("MSG_PARAM_INVALID").http_status(), Some(422));
    /// assert_eq!(ErrorCode::from("MSG_DATE_FORMAT").http_status(), None);
    /// ```
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::CantParseContent
            | Self::MissingMandatoryParam
            | Self::InvalidFormat
            | Self::ParamEmpty
            | Self::OpNotAllowed => Some(400),
            Self::EntityAlreadyExists
            | Self::ParamInvalid
            | Self::ReferenceIdNotFound
            | Self::DatabaseError => Some(422),
            Self::DateFormat | Self::Unrecognized(_) => None,
        }
    }
}

/// The machine codes of an issue of an OperationOutcome, in the order of its codings.
///
/// ```
/// use healthcode_extensions::{ErrorCode, error_codes};
/// use healthcode_r4::{CodeableConcept, OperationOutcomeIssue};
/// let issue = OperationOutcomeIssue {
///     details: Some(CodeableConcept::from_code("URL", "MSG_DATE_FORMAT").into()),
///     ..Default::default()
/// };
/// assert_eq!(error_codes(&issue).next(), Some(ErrorCode::DateFormat));
/// ```
pub fn error_codes(issue: &OperationOutcomeIssue) -> impl Iterator<Item = ErrorCode> {
    let codings = issue.details.iter().flat_map(|details| &details.coding);
    codings.filter_map(|coding| coding.code.as_str().map(ErrorCode::from))
}

/// What an OperationOutcome says of the action that it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It was done.
    Succeeded,
    /// It was not done.
    Failed,
    /// The outcome alone does not decide it: the HTTP status would.
    Undecided,
}

impl Verdict {
    /// Judges an outcome, with the status of the answer if that is known.
    ///
    /// A severity alone decides nothing but a failure: PDS refuses updates with `information`. A
    /// status from 400, an issue that is an error, or one whose type says that something was not done,
    /// is a failure; without a status so is one with a documented code of a refusal. All else is
    /// success where the status is one, or where the issues are informational; without a status
    /// remarks on content are undecided.
    ///
    /// ```
    /// use healthcode_extensions::Verdict;
    /// use healthcode_r4::OperationOutcome;
    /// let read = |code: &str| -> OperationOutcome {
    ///     let issue = format!(r#"{{"severity":"information","code":"{code}"}}"#);
    ///     let json = format!(r#"{{"resourceType":"OperationOutcome","issue":[{issue}]}}"#);
    ///     serde_json::from_str(&json).unwrap()
    /// };
    /// assert_eq!(Verdict::of(&read("informational"), None), Verdict::Succeeded);
    /// assert_eq!(Verdict::of(&read("forbidden"), Some(200)), Verdict::Failed);
    /// assert_eq!(Verdict::of(&read("code-invalid"), None), Verdict::Undecided);
    /// assert_eq!(Verdict::of(&read("code-invalid"), Some(200)), Verdict::Succeeded);
    /// ```
    #[must_use]
    pub fn of(outcome: &OperationOutcome, status: Option<u16>) -> Self {
        let failed = |issue: &OperationOutcomeIssue| {
            !is_remark(issue) || is_one_of(issue, NOT_DONE) || status.is_none() && is_refusal(issue)
        };
        if status.is_some_and(|status| status >= 400) || outcome.issue.iter().any(failed) {
            return Verdict::Failed;
        }
        let informational = |issue: &OperationOutcomeIssue| is_one_of(issue, DONE);
        let all = !outcome.issue.is_empty() && outcome.issue.iter().all(informational);
        if all || status.is_some_and(|status| (200..300).contains(&status)) {
            Verdict::Succeeded
        } else {
            Verdict::Undecided
        }
    }
}

/// Types of issues that say that all went well; the second one is of later versions of FHIR.
const DONE: &[&str] = &["informational", "success"];

/// Types of issues that say that something was not done, rather than what was noticed while it was.
const NOT_DONE: &[&str] = &[
    "security",
    "login",
    "unknown",
    "expired",
    "forbidden",
    "not-supported",
    "duplicate",
    "multiple-matches",
    "not-found",
    "deleted",
    "too-costly",
    "conflict",
    "transient",
    "lock-error",
    "no-store",
    "exception",
    "timeout",
    "throttled",
];

fn is_one_of(issue: &OperationOutcomeIssue, types: &[&str]) -> bool {
    let code = issue.code.as_str();
    code.is_some_and(|code| types.contains(&code))
}

/// Whether an issue is no error by its severity, of which later versions of FHIR have one of success.
fn is_remark(issue: &OperationOutcomeIssue) -> bool {
    let severity = issue.severity.as_str();
    matches!(severity, Some("information" | "warning" | "success"))
}

/// Whether an issue has a documented code of a refusal.
fn is_refusal(issue: &OperationOutcomeIssue) -> bool {
    let refuses = |code: ErrorCode| match &code {
        ErrorCode::Unrecognized(text) => SpineCode::named(text).is_some_and(SpineCode::is_refusal),
        _ => true,
    };
    error_codes(issue).any(refuses)
}

/// Whether an OperationOutcome says by itself that something failed: see [`Verdict::of`].
#[must_use]
pub fn is_failure(outcome: &OperationOutcome) -> bool {
    Verdict::of(outcome, None) == Verdict::Failed
}

/// Reports the codes that are documented for another HTTP status than `status`.
#[must_use]
pub fn check_status(outcome: &OperationOutcome, status: u16) -> Vec<Issue> {
    let root = Path::root("OperationOutcome");
    let list = root.child(Step::field("issue"));
    let mut issues = Vec::new();
    for (index, issue) in outcome.issue.iter().enumerate() {
        let other = |code: ErrorCode| code.http_status().is_some_and(|wanted| wanted != status);
        if error_codes(issue).any(other) {
            let place = list.child(Step::Index(index));
            let details = place.child(Step::field("details"));
            issues.push(Issue::new(&rules::HC_ERROR_STATUS, &details, Detail::None));
        }
    }
    issues
}

/// An answer that is no success: its status, its body, and the OperationOutcome if that is one.
///
/// Neither `Debug` nor `Display` show the body or what the outcome says in free text.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct ErrorResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body as it came. The documentation's own sample is no JSON, for its quotes.
    pub body: Vec<u8>,
    /// The outcome, if the body is one.
    pub outcome: Option<OperationOutcome>,
}

impl ErrorResponse {
    /// An answer whose body has been read already, or is no OperationOutcome.
    #[must_use]
    pub fn new(status: u16, body: Vec<u8>, outcome: Option<OperationOutcome>) -> Self {
        ErrorResponse {
            status,
            body,
            outcome,
        }
    }

    /// Reads a body; codes that are documented for another status are reported.
    ///
    /// ```
    /// use healthcode_extensions::{ErrorCode, ErrorResponse};
    /// let body = br#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"value",
    ///     "details":{"coding":[{"system":"URL","code":"MSG_DATE_FORMAT"}]}}]}"#;
    /// let answer = ErrorResponse::from_body(400, body.to_vec()).value;
    /// assert_eq!(answer.codes().collect::<Vec<_>>(), [ErrorCode::DateFormat]);
    ///
    /// let answer = ErrorResponse::from_body(502, b"<html>Bad Gateway</html>".to_vec()).value;
    /// assert!(answer.outcome.is_none() && answer.body.starts_with(b"<html>"));
    /// ```
    #[cfg(feature = "serde")]
    #[must_use]
    pub fn from_body(status: u16, body: Vec<u8>) -> Checked<Self> {
        let outcome: Option<OperationOutcome> = serde_json::from_slice(&body).ok();
        // Any JSON can be read as an outcome: only one with its `resourceType` counts.
        let says_so = |outcome: &OperationOutcome| {
            let mut kinds = outcome.extras.iter().map(Extra::kind);
            !kinds.any(|kind| kind.is_whole() || kind == ExtraKind::MissingResourceType)
        };
        let outcome = outcome.filter(says_so);
        let issues = match &outcome {
            Some(outcome) => check_status(outcome, status),
            None => Vec::new(),
        };
        Checked::new(ErrorResponse::new(status, body, outcome), issues)
    }

    /// All machine codes, in their order.
    pub fn codes(&self) -> impl Iterator<Item = ErrorCode> {
        let issues = self.outcome.iter().flat_map(|outcome| &outcome.issue);
        issues.flat_map(error_codes)
    }
}

impl fmt::Debug for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorResponse")
            .field("status", &self.status)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("outcome", &self.outcome.is_some())
            .finish()
    }
}

/// The status and the documented codes: other text may be anything.
impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP status {}", self.status)?;
        for code in self.codes() {
            match code {
                ErrorCode::Unrecognized(text) => match SpineCode::named(&text) {
                    Some(code) => write!(f, ", {}", code.as_str())?,
                    None => write!(f, ", a code that is not documented")?,
                },
                code => write!(f, ", {code}")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for ErrorResponse {}
