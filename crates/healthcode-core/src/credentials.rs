//! The names under which credentials are sent, and what is shown in their place.
//!
//! For code that shows, stores or checks requests and answers. The names are those of HTTP, OAuth 2.0
//! and the services that this workspace calls.

/// What is shown in the place of a credential.
pub const REDACTED: &str = "[redacted]";

/// Headers whose values are credentials, in small letters.
pub const HEADERS: &[&str] = &[
    "apikey",
    "authorization",
    "cookie",
    "ocp-apim-subscription-key",
    "proxy-authorization",
    "set-cookie",
];

/// Fields of forms, and members of JSON, whose values are credentials.
///
/// ```
/// use healthcode_core::credentials;
/// assert!(credentials::FIELDS.contains(&"client_assertion"));
/// // A credential in the form of a token request, and a code of FHIR elsewhere.
/// assert!(!credentials::FIELDS.contains(&"code"));
/// ```
pub const FIELDS: &[&str] = &[
    "access_token",
    "actor_token",
    "client_assertion",
    "client_secret",
    "code_verifier",
    "id_token",
    "password",
    "refresh_token",
    "subject_token",
];
