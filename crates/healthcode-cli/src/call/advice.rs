//! What to do about a call that failed.

use super::environment::{Environment, Settings};
use healthcode_extensions::SpineCode;
use healthcode_transport::{Error, ErrorKind, TransportFault};
use healthcode_validate::render::printable;
use std::io::{self, Write};
use std::time::SystemTime;

/// Writes why a call failed, and what helps. Of what the service wrote, only known codes and the token
/// endpoint's description are repeated, which have no patient data.
pub(super) fn write(
    error: &Error,
    environment: &Environment,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "healthcode: {error}")?;
    // No request to a token endpoint has patient data.
    let description = error.oauth().and_then(|oauth| oauth.description.as_deref());
    let description =
        description.filter(|text| text.len() < 300 && !environment.contains_secret(text));
    if let Some(text) = description.filter(|_| *error.kind() == ErrorKind::Token) {
        writeln!(out, "    it says: {}", printable(text))?;
    }
    if let Some(cause) = cause(error) {
        writeln!(out, "    because: {cause}")?;
    }
    writeln!(out, "    {}", advice(error, environment))
}

/// What the network said, without addresses: the last cause.
fn cause(error: &Error) -> Option<String> {
    if !matches!(error.kind(), ErrorKind::Transport(_)) {
        return None;
    }
    let mut last: &dyn std::error::Error = std::error::Error::source(error)?;
    while let Some(next) = last.source() {
        last = next;
    }
    Some(last.to_string())
}

fn advice(error: &Error, environment: &Environment) -> String {
    let name = &environment.name;
    let text = match error.kind() {
        ErrorKind::Transport(TransportFault::Connect) => {
            "Nothing was sent. Is the address right, and the service up? A private authority is \
             trusted by ca-file."
        }
        ErrorKind::Transport(_) => "No answer came. Try again.",
        ErrorKind::TooLarge(_) => "Request fewer entries: count=, _count= or narrower parameters.",
        ErrorKind::Origin(_) | ErrorKind::Redirect(Some(_)) => {
            "Credentials go to no other origin. If it is the service's own, add it to allow-origins \
             of the environment."
        }
        ErrorKind::Redirect(None) | ErrorKind::RedirectLoop => {
            "The service's redirects are not followed: report them to its operator."
        }
        ErrorKind::Insecure(_) => {
            "Write https addresses; http is for addresses of this machine that the environment has."
        }
        ErrorKind::MissingKey(_) | ErrorKind::NoDiscoveryKey(_) => {
            "The environment does not offer this endpoint, or its discovery document has changed."
        }
        ErrorKind::Restricted(_) => "--restricted calls it for those who may use it.",
        ErrorKind::Token | ErrorKind::NoToken | ErrorKind::Signer => {
            return format!("No token was given. {}", credentials(environment));
        }
        ErrorKind::Paging(_) => "What came so far is printed. Request single pages by page=.",
        ErrorKind::Outcome => by_code(error)
            .unwrap_or("What the service says of it is printed in place of the answer."),
        ErrorKind::Candidates(..) => {
            "Choose one: --party-key KEY and --to ASID beside --organization, or --root URL and --to \
             ASID in its place."
        }
        ErrorKind::NotFound(_) => {
            "Check --organization, --interaction, --party-key and --to: healthcode call search with \
             sds-endpoint and sds-device lists what the directory has. --root URL and --to ASID call \
             no directory."
        }
        ErrorKind::OtherResource(_) => {
            "It is not printed: it may be of somebody else. Check the id, and report it to the service's operator."
        }
        ErrorKind::Issuer => {
            "No key was sent. Check sign-on of the environment: its issuer has to be the address that \
             stands before /.well-known (OpenID Connect Discovery 1.0, 4.3)."
        }
        ErrorKind::Body => "Keep it with --capture FILE.har and try healthcode validate FILE.har.",
        ErrorKind::Status => return by_status(error, environment),
        ErrorKind::Answer(_) => "healthcode call read shows what the service has now.",
        ErrorKind::Request(_) => {
            return format!("Check what was given, and the settings of the environment {name}.");
        }
        _ => return format!("Check the settings of the environment {name}."),
    };
    text.to_owned()
}

fn by_status(error: &Error, environment: &Environment) -> String {
    let wait = error
        .head()
        .and_then(|head| head.retry_delay(SystemTime::now()));
    let wait = wait.map(|delay| delay.as_secs());
    let status = error.status().map(|status| status.as_u16());
    if let Some(text) = by_code(error).filter(|_| wait.is_none()) {
        return text.to_owned();
    }
    let text = match (status, wait) {
        (Some(401), _) => return format!("The token was refused. {}", credentials(environment)),
        (Some(403), _) => {
            "The credentials are not for this call: check the site, organisation or product, and what \
             the account may use."
        }
        (Some(404), _) => "There is nothing under this address or id.",
        (Some(409 | 412), _) => {
            "It has another version by now: read it again, and use the new ETag."
        }
        (Some(429 | 503), Some(seconds)) => {
            return format!("The service asks to come back in {seconds} s.");
        }
        (Some(429), None) => "Too many calls: wait, and request larger pages.",
        (Some(500..), _) => "The fault is the service's; the same call may succeed later.",
        _ => {
            "The request was refused; what the service says of it is printed, if it is FHIR. \
             healthcode call --dry-run shows the request."
        }
    };
    text.to_owned()
}

/// What helps against a refusal with one of the NHS's documented codes, where the code says more than
/// the status.
fn by_code(error: &Error) -> Option<&'static str> {
    let codes = error.codes();
    let mut known = codes.filter_map(|code| Some(SpineCode::named(code.as_str())?.as_str()));
    known.find_map(advice_of)
}

fn advice_of(code: &str) -> Option<&'static str> {
    Some(match code {
        "FORBIDDEN_UPDATE" => {
            "The credentials are good, but this change is not permitted to the user or application: \
             the answer says which one. Leave it out of the patch."
        }
        "RESOURCE_VERSION_MISMATCH" => {
            "The record has changed since it was read: read it again, check the change against it, \
             and send it with the new ETag as --if-match."
        }
        "PRECONDITION_FAILED" => {
            "A required header is missing or malformed: If-Match is the ETag of the last read, \
             W/\"2\"."
        }
        "INVALID_UPDATE" => {
            "The patch cannot be applied: the answer says why. To change or remove an item of a list, \
             give its id or url in the same patch."
        }
        "INVALIDATED_RESOURCE" => {
            "The record has been invalidated, and no other one has taken its place: trace the patient \
             by name and birth date."
        }
        "RESOURCE_NOT_FOUND"
        | "NO_RECORD_FOUND"
        | "PATIENT_NOT_FOUND"
        | "ORGANISATION_NOT_FOUND"
        | "PRACTITIONER_NOT_FOUND"
        | "REFERENCE_NOT_FOUND" => "There is no record of this number or id.",
        "INVALID_RESOURCE_ID" | "INVALID_NHS_NUMBER" => {
            "Not an NHS number: check digit or length is wrong."
        }
        "TOO_MANY_MATCHES" | "MULTIPLE_MATCHES" => {
            "Narrow the search: given, gender, address-postalcode; or raise _max-results, which is for \
             users."
        }
        "SINGLE_MATCH" => "The patient has a record already: read that one.",
        "INVALID_SEARCH_DATA" | "MISSING_VALUE" => {
            "Something is missing: the answer says what. A search of PDS takes at least family and \
             birthdate, a fuzzy one also given, or gender and address-postalcode."
        }
        "UNSUPPORTED_SERVICE" | "NOT_IMPLEMENTED" | "INVALID_METHOD" => {
            "The service does not offer this call, or not without parameters."
        }
        "ADDITIONAL_PROPERTIES" => {
            "A parameter or element is not one of the service's: the answer says which."
        }
        "INVALID_VALUE"
        | "UNSUPPORTED_VALUE"
        | "UNSUPPORTED_CHARACTERS_IN_FIELD"
        | "INVALID_PARAMETER"
        | "INVALID_IDENTIFIER_SYSTEM"
        | "INVALID_IDENTIFIER_VALUE"
        | "TOO_FEW_VALUES_SUBMITTED"
        | "TOO_MANY_VALUES_SUBMITTED"
        | "VALIDATION_ERROR" => "A value is not one that the service takes: the answer says which.",
        "ASID_CHECK_FAILED" => {
            "The ASID is not authorised for this interaction: check asid of the environment, and to."
        }
        "NO_PATIENT_CONSENT"
        | "NO_ORGANISATIONAL_CONSENT"
        | "PATIENT_SENSITIVE"
        | "NO_RELATIONSHIP" => "The record is not shared: the credentials are good.",
        "ACCESS_DENIED_SSL" => {
            "The client certificate is not one of the Spine's, or TLS is too old: check \
             client-certificate-file."
        }
        "UNABLE_TO_CALL_SERVICE" | "SERVICE_UNAVAILABLE" => {
            "The service did not finish in time, and may still do it: the same call may be sent again."
        }
        _ => return None,
    })
}

/// Where the credentials are set.
fn credentials(environment: &Environment) -> String {
    if environment.name == "sandbox" {
        return "Those of a sandbox end with it: is the file of the one that is running?"
            .to_owned();
    }
    let name = &environment.name;
    let settings = match &environment.settings {
        Settings::Healthcode(_) => "key-id and the variable of the key",
        Settings::Nhs(_) => "kid, private-key-file and the variable of the api-key",
        Settings::Graphnet(_) => {
            "client-id and the variables of client-secret and subscription-key"
        }
    };
    format!("Check {settings} of the environment {name}.")
}
