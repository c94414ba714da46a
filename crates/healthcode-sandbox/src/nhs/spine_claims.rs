//! The user's context: the Spine's tokens, which nobody has signed. Their form, times and claims are
//! checked as they are documented; that they are true is not.

use crate::auth::jwt::Jwt;
use crate::store::records::{items, text};
use serde_json::{Value, json};

/// How long such a token lives, exactly.
const LIFE: i64 = 300;
/// How much clocks may differ.
const SKEW: i64 = 60;
const ORGANIZATION: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
const USER: &str = "https://fhir.nhs.uk/Id/sds-user-id";
const ROLE: &str = "https://fhir.nhs.uk/Id/sds-role-profile-id";
const NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
const SYSTEM: &str = "https://fhir.nhs.uk/Id/accredited-system";

/// Which claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claims {
    /// GP Connect 1.x: resources of STU3.
    GpConnect,
    /// The Spine and the National Record Locator: flat text.
    Spine,
}

/// What a request is, for claims to fit it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// The provider's service root.
    pub(crate) root: &'a str,
    /// The consumer's ASID.
    pub(crate) from: &'a str,
    /// The scope that has to be asked for.
    pub(crate) scope: &'a str,
}

type Checked = Result<(), &'static str>;

/// What is wrong with a token, if something is.
pub(crate) fn check(token: &str, claims: Claims, asked: &Asked<'_>, now: i64) -> Checked {
    let token = Jwt::read(token).ok_or("the token is no JWT of three parts")?;
    if !token.is_unsigned() {
        return Err("the token's header is not that of an unsigned one, or it has a signature");
    }
    let all = Value::Object(token.claims);
    let time = |name: &str| all.get(name).and_then(Value::as_i64);
    let (Some(from), Some(until)) = (time("iat"), time("exp")) else {
        return Err("iat or exp is no whole number");
    };
    if until.checked_sub(from) != Some(LIFE) {
        return Err("exp is not five minutes after iat");
    }
    if until <= now {
        return Err("the token has expired");
    }
    if from > now.saturating_add(SKEW) {
        return Err("the token was issued in future");
    }
    if filled(&all, "/iss").is_none() || filled(&all, "/aud").is_none() {
        return Err("iss or aud is missing");
    }
    match claims {
        Claims::GpConnect => gp_connect(&all, asked),
        Claims::Spine => spine(&all, asked),
    }
}

/// A text that is there and not empty.
fn filled<'a>(json: &'a Value, pointer: &str) -> Option<&'a str> {
    text(json, pointer).filter(|it| !it.is_empty())
}

fn gp_connect(all: &Value, asked: &Asked<'_>) -> Checked {
    let none = Value::Null;
    let part = |name: &str, kind: &str| {
        let part = all.get(name).unwrap_or(&none);
        (text(part, "/resourceType") == Some(kind)).then_some(part)
    };
    if text(all, "/aud") != Some(asked.root) {
        return Err("aud is not the provider's service root");
    }
    if text(all, "/reason_for_request") != Some("directcare") {
        return Err("reason_for_request is not directcare");
    }
    if text(all, "/requested_scope") != Some(asked.scope) {
        return Err("requested_scope does not fit the request");
    }
    let named = |it: &Value| filled(it, "/system").is_some() && filled(it, "/value").is_some();
    let device = part("requesting_device", "Device").ok_or("requesting_device is no Device")?;
    let complete = filled(device, "/model").is_some() && filled(device, "/version").is_some();
    if !complete || !items(device, "identifier").any(named) {
        return Err("requesting_device has no identifier, model or version");
    }
    let organization = part("requesting_organization", "Organization")
        .ok_or("requesting_organization is no Organization")?;
    let has = |it: &Value, system: &str| {
        items(it, "identifier").any(|it| text(it, "/system") == Some(system) && named(it))
    };
    if filled(organization, "/name").is_none() || !has(organization, ORGANIZATION) {
        return Err("requesting_organization has no name or ODS code");
    }
    let user = part("requesting_practitioner", "Practitioner")
        .ok_or("requesting_practitioner is no Practitioner")?;
    if filled(user, "/id").is_none() || text(user, "/id") != text(all, "/sub") {
        return Err("sub is not the id of requesting_practitioner");
    }
    if filled(user, "/name/0/family").is_none() {
        return Err("requesting_practitioner has no name");
    }
    let local = |it: &&Value| {
        let system = text(it, "/system");
        system != Some(USER) && system != Some(ROLE) && named(it)
    };
    if !has(user, USER) || !has(user, ROLE) || items(user, "identifier").filter(local).count() == 0
    {
        return Err("requesting_practitioner has no user id, role id or local id");
    }
    Ok(())
}

fn spine(all: &Value, asked: &Asked<'_>) -> Checked {
    let joined = |name: &str, system: &str| {
        let (found, value) = all.get(name)?.as_str()?.split_once('|')?;
        (found == system && !value.is_empty()).then_some(value)
    };
    if joined("requesting_system", SYSTEM) != Some(asked.from) {
        return Err("requesting_system is not the ASID of Ssp-From");
    }
    if joined("requesting_organization", ORGANIZATION).is_none() {
        return Err("requesting_organization is missing");
    }
    let mut scopes = text(all, "/scope").unwrap_or_default().split(' ');
    if !scopes.any(|it| it == asked.scope) {
        return Err("scope does not fit the request");
    }
    let (user, patient) = (all.get("requesting_user"), all.get("requesting_patient"));
    if user.is_some() && patient.is_some() {
        return Err("requesting_user and requesting_patient are both there");
    }
    if (user.is_some() && joined("requesting_user", ROLE).is_none())
        || (patient.is_some() && joined("requesting_patient", NUMBER).is_none())
    {
        return Err("who asks is not told by system and value");
    }
    if user.or(patient).or(all.get("requesting_system")) != all.get("sub") {
        return Err("sub is not who asks");
    }
    let reason = text(all, "/reason_for_request");
    let fits = match patient {
        Some(_) => reason == Some("patientaccess"),
        None => matches!(reason, Some("directcare" | "secondaryuses")),
    };
    if !fits {
        return Err("reason_for_request does not fit who asks");
    }
    match (all.get("act"), patient) {
        (Some(_), None) => Err("act is there without requesting_patient"),
        _ => Ok(()),
    }
}

/// The header, with nothing else in it.
pub(crate) fn header() -> Value {
    json!({"alg": "none", "typ": "JWT"})
}
