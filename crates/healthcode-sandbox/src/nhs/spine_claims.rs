//! The Spine's tokens, which carry the user's context and are not signed. Their form, times and claims are
//! checked as documented; whether they are true is not.

use crate::auth::jwt::Jwt;
use crate::json::{NHS_NUMBER, filled, items, text};
use serde_json::Value;

/// The exact life of a token, in seconds.
const LIFE: i64 = 300;
/// How far the clock of another system may be ahead, in seconds.
const SKEW: i64 = 60;
const ORGANIZATION: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
const USER: &str = "https://fhir.nhs.uk/Id/sds-user-id";
const ROLE: &str = "https://fhir.nhs.uk/Id/sds-role-profile-id";
const SYSTEM: &str = "https://fhir.nhs.uk/Id/accredited-system";

/// A set of claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClaimSet {
    /// GP Connect 1.x: resources of STU3.
    GpConnect,
    /// The Spine and the National Record Locator: plain text.
    Spine,
}

/// What the claims must say of the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected<'a> {
    /// The provider's service root.
    pub(crate) root: &'a str,
    /// The consumer's ASID.
    pub(crate) from: &'a str,
    /// The scope of the request.
    pub(crate) scope: &'a str,
}

type Checked = Result<(), &'static str>;

fn ensure(is_right: bool, text: &'static str) -> Checked {
    is_right.then_some(()).ok_or(text)
}

/// Checks a token.
///
/// # Errors
/// The first error in it.
pub(crate) fn check(token: &str, set: ClaimSet, expected: &Expected<'_>, now: i64) -> Checked {
    let token = Jwt::read(token).ok_or("invalid token: expected a JWT of three parts")?;
    ensure(
        token.is_unsigned(),
        "invalid token: expected the header of an unsigned one, and no signature",
    )?;
    let claims = Value::Object(token.claims);
    let time = |name: &str| {
        let time = claims.get(name).and_then(Value::as_i64);
        time.ok_or("invalid iat or exp: expected a whole number")
    };
    let (issued, expiry) = (time("iat")?, time("exp")?);
    let is_exact = expiry.checked_sub(issued) == Some(LIFE);
    ensure(is_exact, "invalid exp: expected five minutes after iat")?;
    ensure(expiry > now, "the token has expired")?;
    let is_past = issued <= now.saturating_add(SKEW);
    ensure(is_past, "invalid iat: it is in the future")?;
    let is_filled = |name| filled(&claims, name).is_some();
    ensure(is_filled("/iss") && is_filled("/aud"), "missing iss or aud")?;
    match set {
        ClaimSet::GpConnect => check_gp_connect(&claims, expected),
        ClaimSet::Spine => check_spine(&claims, expected),
    }
}

fn check_gp_connect(claims: &Value, expected: &Expected<'_>) -> Checked {
    let is = |name, value| text(claims, name) == Some(value);
    ensure(
        is("/aud", expected.root),
        "invalid aud: expected the provider's service root",
    )?;
    ensure(
        is("/reason_for_request", "directcare"),
        "invalid reason_for_request: expected directcare",
    )?;
    ensure(
        is("/requested_scope", expected.scope),
        "invalid requested_scope: expected that of the request",
    )?;
    let resource = |name: &str, type_name: &str| {
        let resource = claims.get(name)?;
        (text(resource, "/resourceType") == Some(type_name)).then_some(resource)
    };
    let is_filled = |part: &Value, pointer: &str| filled(part, pointer).is_some();
    let is_complete = |part: &Value| is_filled(part, "/system") && is_filled(part, "/value");
    let has = |resource: &Value, system: &str| {
        let mut identifiers = items(resource, "/identifier");
        identifiers.any(|part| text(part, "/system") == Some(system) && is_complete(part))
    };
    let device = resource("requesting_device", "Device");
    let device = device.ok_or("invalid requesting_device: expected a Device")?;
    ensure(
        is_filled(device, "/model")
            && is_filled(device, "/version")
            && items(device, "/identifier").any(is_complete),
        "missing identifier, model or version of requesting_device",
    )?;
    let organization = resource("requesting_organization", "Organization");
    let organization =
        organization.ok_or("invalid requesting_organization: expected an Organization")?;
    ensure(
        is_filled(organization, "/name") && has(organization, ORGANIZATION),
        "missing name or ODS code of requesting_organization",
    )?;
    let user = resource("requesting_practitioner", "Practitioner");
    let user = user.ok_or("invalid requesting_practitioner: expected a Practitioner")?;
    ensure(
        is_filled(user, "/id") && text(user, "/id") == text(claims, "/sub"),
        "invalid sub: expected the id of requesting_practitioner",
    )?;
    ensure(
        is_filled(user, "/name/0/family"),
        "missing name of requesting_practitioner",
    )?;
    let is_local = |identifier: &Value| {
        let system = text(identifier, "/system");
        ![Some(USER), Some(ROLE)].contains(&system) && is_complete(identifier)
    };
    ensure(
        has(user, USER) && has(user, ROLE) && items(user, "/identifier").any(is_local),
        "missing user id, role id or local id of requesting_practitioner",
    )
}

fn check_spine(claims: &Value, expected: &Expected<'_>) -> Checked {
    let value = |name: &str, system: &str| {
        let (found, value) = claims.get(name)?.as_str()?.split_once('|')?;
        (found == system && !value.is_empty()).then_some(value)
    };
    ensure(
        value("requesting_system", SYSTEM) == Some(expected.from),
        "invalid requesting_system: expected the ASID of Ssp-From",
    )?;
    ensure(
        value("requesting_organization", ORGANIZATION).is_some(),
        "missing requesting_organization",
    )?;
    let mut scopes = text(claims, "/scope").unwrap_or_default().split(' ');
    ensure(
        scopes.any(|scope| scope == expected.scope),
        "invalid scope: expected that of the request",
    )?;
    let (user, patient) = (
        claims.get("requesting_user"),
        claims.get("requesting_patient"),
    );
    ensure(
        user.is_none() || patient.is_none(),
        "requesting_patient is not allowed here: requesting_user is there, too",
    )?;
    ensure(
        (user.is_none() || value("requesting_user", ROLE).is_some())
            && (patient.is_none() || value("requesting_patient", NHS_NUMBER).is_some()),
        "invalid requesting_user or requesting_patient: expected system|value",
    )?;
    let requester = user.or(patient).or(claims.get("requesting_system"));
    ensure(
        requester == claims.get("sub"),
        "invalid sub: expected the requesting user, patient or system",
    )?;
    let reasons: &[&str] = match patient {
        Some(_) => &["patientaccess"],
        None => &["directcare", "secondaryuses"],
    };
    let reason = text(claims, "/reason_for_request");
    ensure(
        reason.is_some_and(|reason| reasons.contains(&reason)),
        "invalid reason_for_request: expected one for the requester",
    )?;
    ensure(
        claims.get("act").is_none() || patient.is_some(),
        "act is not allowed here: requesting_patient is missing",
    )
}
