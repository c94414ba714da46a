//! The Spine's tokens, which carry the user's context and are not signed. Their form, times and claims are
//! checked as documented; whether they are true is not.

use crate::auth::jwt::Jwt;
use crate::store::json::{NHS_NUMBER, filled, items, text};
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

/// Checks a token.
///
/// # Errors
/// The first error in it.
pub(crate) fn check(token: &str, set: ClaimSet, expected: &Expected<'_>, now: i64) -> Checked {
    let token = Jwt::read(token).ok_or("invalid token: expected a JWT of three parts")?;
    if !token.is_unsigned() {
        return Err("invalid token: expected the header of an unsigned one, and no signature");
    }
    let claims = Value::Object(token.claims);
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    let (Some(issued), Some(expiry)) = (time("iat"), time("exp")) else {
        return Err("invalid iat or exp: expected a whole number");
    };
    if expiry.checked_sub(issued) != Some(LIFE) {
        return Err("invalid exp: expected five minutes after iat");
    }
    if expiry <= now {
        return Err("the token has expired");
    }
    if issued > now.saturating_add(SKEW) {
        return Err("invalid iat: it is in the future");
    }
    if filled(&claims, "/iss").is_none() || filled(&claims, "/aud").is_none() {
        return Err("missing iss or aud");
    }
    match set {
        ClaimSet::GpConnect => check_gp_connect(&claims, expected),
        ClaimSet::Spine => check_spine(&claims, expected),
    }
}

fn check_gp_connect(claims: &Value, expected: &Expected<'_>) -> Checked {
    let resource = |name: &str, of: &str| {
        let resource = claims.get(name)?;
        (text(resource, "/resourceType") == Some(of)).then_some(resource)
    };
    let is_complete = |identifier: &Value| {
        filled(identifier, "/system").is_some() && filled(identifier, "/value").is_some()
    };
    let has = |resource: &Value, system: &str| {
        items(resource, "/identifier").any(|identifier| {
            text(identifier, "/system") == Some(system) && is_complete(identifier)
        })
    };
    if text(claims, "/aud") != Some(expected.root) {
        return Err("invalid aud: expected the provider's service root");
    }
    if text(claims, "/reason_for_request") != Some("directcare") {
        return Err("invalid reason_for_request: expected directcare");
    }
    if text(claims, "/requested_scope") != Some(expected.scope) {
        return Err("invalid requested_scope: expected that of the request");
    }
    let device = resource("requesting_device", "Device");
    let device = device.ok_or("invalid requesting_device: expected a Device")?;
    if filled(device, "/model").is_none()
        || filled(device, "/version").is_none()
        || !items(device, "/identifier").any(is_complete)
    {
        return Err("missing identifier, model or version of requesting_device");
    }
    let organization = resource("requesting_organization", "Organization");
    let organization =
        organization.ok_or("invalid requesting_organization: expected an Organization")?;
    if filled(organization, "/name").is_none() || !has(organization, ORGANIZATION) {
        return Err("missing name or ODS code of requesting_organization");
    }
    let user = resource("requesting_practitioner", "Practitioner");
    let user = user.ok_or("invalid requesting_practitioner: expected a Practitioner")?;
    if filled(user, "/id").is_none() || text(user, "/id") != text(claims, "/sub") {
        return Err("invalid sub: expected the id of requesting_practitioner");
    }
    if filled(user, "/name/0/family").is_none() {
        return Err("missing name of requesting_practitioner");
    }
    let is_local = |identifier: &Value| {
        let system = text(identifier, "/system");
        ![Some(USER), Some(ROLE)].contains(&system) && is_complete(identifier)
    };
    match has(user, USER) && has(user, ROLE) && items(user, "/identifier").any(is_local) {
        true => Ok(()),
        false => Err("missing user id, role id or local id of requesting_practitioner"),
    }
}

fn check_spine(claims: &Value, expected: &Expected<'_>) -> Checked {
    let value = |name: &str, system: &str| {
        let (found, value) = claims.get(name)?.as_str()?.split_once('|')?;
        (found == system && !value.is_empty()).then_some(value)
    };
    if value("requesting_system", SYSTEM) != Some(expected.from) {
        return Err("invalid requesting_system: expected the ASID of Ssp-From");
    }
    if value("requesting_organization", ORGANIZATION).is_none() {
        return Err("missing requesting_organization");
    }
    let mut scopes = text(claims, "/scope").unwrap_or_default().split(' ');
    if !scopes.any(|scope| scope == expected.scope) {
        return Err("invalid scope: expected that of the request");
    }
    let (user, patient) = (
        claims.get("requesting_user"),
        claims.get("requesting_patient"),
    );
    if user.is_some() && patient.is_some() {
        return Err("requesting_patient is not allowed here: requesting_user is there, too");
    }
    if (user.is_some() && value("requesting_user", ROLE).is_none())
        || (patient.is_some() && value("requesting_patient", NHS_NUMBER).is_none())
    {
        return Err("invalid requesting_user or requesting_patient: expected system|value");
    }
    if user.or(patient).or(claims.get("requesting_system")) != claims.get("sub") {
        return Err("invalid sub: expected the requesting user, patient or system");
    }
    let reasons: &[&str] = match patient {
        Some(_) => &["patientaccess"],
        None => &["directcare", "secondaryuses"],
    };
    if !text(claims, "/reason_for_request").is_some_and(|reason| reasons.contains(&reason)) {
        return Err("invalid reason_for_request: expected one for the requester");
    }
    match claims.get("act").is_some() && patient.is_none() {
        true => Err("act is not allowed here: requesting_patient is missing"),
        false => Ok(()),
    }
}
