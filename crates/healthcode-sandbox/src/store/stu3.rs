//! Resources of STU3 as JSON: patients in the form of STU3, and how resources are compared with the
//! parameters of a search (STU3 search.html#ptypes).

use crate::json::{NHS_NUMBER, insert, items, text};
use healthcode_evaluate::period_matches;
use healthcode_search::{Modifier, Parameter, Reference, Token, Value as Wanted};
use serde_json::{Value, json};
use std::cmp::Ordering;

/// The elements of a patient that STU3 has in the same form.
const PATIENT: [&str; 10] = [
    "id",
    "identifier",
    "active",
    "name",
    "telecom",
    "gender",
    "birthDate",
    "deceasedBoolean",
    "deceasedDateTime",
    "address",
];
/// The same of a reference.
const REFERENCE: [&str; 3] = ["reference", "identifier", "display"];

/// The extension for the status of an NHS number, and the system of its codes.
const VERIFICATION: [&str; 2] = [
    "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-NHSNumberVerificationStatus-1",
    "https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1",
];

/// A patient of R4 as one of STU3, under a profile. Extensions are of R4's profiles, and left out.
pub(crate) fn patient(r4: &Value, profile: &str) -> Value {
    let version = text(r4, "/meta/versionId").unwrap_or("1");
    let mut meta = json!({"versionId": version, "profile": [profile]});
    if let Some(updated) = text(r4, "/meta/lastUpdated") {
        insert(&mut meta, "lastUpdated", json!(updated));
    }
    let mut out = json!({"resourceType": "Patient", "meta": meta});
    for name in PATIENT {
        if let Some(value) = r4.get(name) {
            insert(&mut out, name, without_extensions(value));
        }
    }
    // R4 has this use in addition.
    for address in list_mut(&mut out, "address") {
        if text(address, "/use") == Some("billing")
            && let Some(members) = address.as_object_mut()
        {
            members.remove("use");
        }
    }
    let [url, system] = VERIFICATION;
    for identifier in list_mut(&mut out, "identifier") {
        if text(identifier, "/system") == Some(NHS_NUMBER) {
            let verified = json!({"coding": [{"system": system, "code": "01"}]});
            let extension = json!([{"url": url, "valueCodeableConcept": verified}]);
            insert(identifier, "extension", extension);
        }
    }
    let practices: Vec<_> = items(r4, "/generalPractitioner").map(reference).collect();
    if !practices.is_empty() {
        insert(&mut out, "generalPractitioner", json!(practices));
    }
    if let Some(organization) = r4.get("managingOrganization") {
        insert(&mut out, "managingOrganization", reference(organization));
    }
    let links = items(r4, "/link").filter_map(|link| {
        let (other, kind) = (link.get("other")?, text(link, "/type")?);
        Some(json!({"other": reference(other), "type": kind}))
    });
    let links: Vec<_> = links.collect();
    if !links.is_empty() {
        insert(&mut out, "link", json!(links));
    }
    out
}

fn list_mut<'a>(json: &'a mut Value, name: &str) -> impl Iterator<Item = &'a mut Value> {
    let list = json.get_mut(name).and_then(Value::as_array_mut);
    list.into_iter().flatten()
}

fn without_extensions(json: &Value) -> Value {
    match json {
        Value::Array(list) => list.iter().map(without_extensions).collect(),
        Value::Object(members) => {
            let kept = members
                .iter()
                .filter(|(name, _)| *name != "extension" && !name.starts_with('_'));
            let kept = kept.map(|(name, value)| (name.clone(), without_extensions(value)));
            Value::Object(kept.collect())
        }
        other => other.clone(),
    }
}

/// A reference without the members that R4 adds.
fn reference(r4: &Value) -> Value {
    let mut out = json!({});
    for name in REFERENCE {
        if let Some(value) = r4.get(name) {
            insert(&mut out, name, without_extensions(value));
        }
    }
    out
}

/// Where a parameter of a type finds its values; none if it is not supported. A step in brackets takes
/// the extensions whose URL ends in its name.
pub(crate) fn paths(kind: &str, parameter: &str) -> Option<&'static [&'static str]> {
    Some(match (kind, parameter) {
        (_, "_id") => &["id"],
        (_, "_lastUpdated") => &["meta.lastUpdated"],
        (_, "identifier") => &["identifier"],
        ("Patient", "family") => &["name.family"],
        ("Patient", "given") => &["name.given"],
        ("Patient", "gender") => &["gender"],
        ("Patient", "birthdate") => &["birthDate"],
        ("Patient", "nhsNumberVerificationStatus") => &[
            "identifier.[Extension-CareConnect-NHSNumberVerificationStatus-1].valueCodeableConcept",
        ],
        (_, "patient") => &["subject", "patient"],
        ("MedicationRequest" | "MedicationStatement", "code") => {
            &["contained.code", "medicationCodeableConcept"]
        }
        ("MedicationRequest" | "MedicationStatement", "prescription-type") => {
            &["[Extension-Prescription-Type].valueCodeableConcept"]
        }
        (_, "code") => &["code"],
        (_, "status") => &["status"],
        (_, "category") => &["category"],
        ("AllergyIntolerance", "date") => &["assertedDate"],
        ("Observation", "date") => &["effectiveDateTime", "effectivePeriod"],
        ("Observation", "encounter") => &["context"],
        ("Condition", "onset-date") => &["onsetDateTime", "onsetPeriod"],
        ("Condition", "asserted-date") => &["assertedDate"],
        ("Condition", "clinical-status") => &["clinicalStatus"],
        ("Procedure", "date") => &["performedDateTime", "performedPeriod"],
        ("MedicationRequest", "intent") => &["intent"],
        ("MedicationRequest", "authoredon") => &["authoredOn"],
        ("MedicationStatement", "effective") => &["effectiveDateTime", "effectivePeriod"],
        ("MedicationStatement", "last-issued") => {
            &["[Extension-MedicationStatementLastIssueDate].valueDateTime"]
        }
        _ => return None,
    })
}

/// The parameter that results of a type are sorted by unless a search says otherwise: the latest first.
pub(crate) fn usual_order(kind: &str) -> Option<&'static str> {
    match kind {
        "AllergyIntolerance" | "Observation" | "Procedure" => Some("date"),
        "Condition" => Some("onset-date"),
        "MedicationRequest" => Some("authoredon"),
        "MedicationStatement" => Some("effective"),
        _ => None,
    }
}

/// Adds the values that a path leads to.
fn select<'a>(json: &'a Value, path: &str, found: &mut Vec<&'a Value>) {
    if let Value::Array(list) = json {
        for item in list {
            select(item, path, found);
        }
        return;
    }
    if path.is_empty() {
        found.push(json);
        return;
    }
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    if let Some(name) = step
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
    {
        let extensions = items(json, "/extension").filter(|extension| {
            let url = text(extension, "/url").unwrap_or_default();
            url.rsplit('/').next() == Some(name)
        });
        for extension in extensions {
            select(extension, rest, found);
        }
    } else if let Some(value) = json.get(step) {
        select(value, rest, found);
    }
}

fn values<'a>(resource: &'a Value, paths: &[&str]) -> Vec<&'a Value> {
    let mut found = Vec::new();
    for path in paths {
        select(resource, path, &mut found);
    }
    found
}

/// Whether a resource of a type matches a parameter, whose chain is left out; `None` if that is not
/// supported.
pub(crate) fn matches(resource: &Value, kind: &str, parameter: &Parameter) -> Option<bool> {
    let found = values(resource, paths(kind, &parameter.name.code)?);
    let modifier = parameter.name.modifier.as_ref();
    let mut matching = false;
    for wanted in &parameter.values {
        for value in &found {
            matching |= matches_value(value, wanted, modifier)?;
        }
        // Whether it is supported does not depend on the resource.
        matches_value(&Value::Null, wanted, modifier)?;
    }
    Some(matching)
}

fn matches_value(found: &Value, wanted: &Wanted, modifier: Option<&Modifier>) -> Option<bool> {
    let lower = |text: &str| text.to_lowercase();
    Some(match (wanted, modifier) {
        (Wanted::Token(token), None) => has_token(found, token),
        // The code of a closed list.
        (Wanted::Word(code), None) => found.as_str() == Some(code),
        (Wanted::Text(wanted), Some(Modifier::Text)) => {
            let wanted = lower(wanted);
            let codings = items(found, "/coding").filter_map(|coding| text(coding, "/display"));
            let mut texts = codings.chain(text(found, "/text"));
            texts.any(|text| lower(text).contains(&wanted))
        }
        (Wanted::Text(wanted), modifier) => {
            let found = found.as_str().unwrap_or_default();
            match modifier {
                None => lower(found).starts_with(&lower(wanted)),
                Some(Modifier::Contains) => lower(found).contains(&lower(wanted)),
                Some(Modifier::Exact) => *found == **wanted,
                _ => return None,
            }
        }
        (Wanted::Date(prefix, wanted), None) => {
            let (start, end) = match found {
                Value::String(date) => (Some(&**date), Some(&**date)),
                Value::Object(_) => (text(found, "/start"), text(found, "/end")),
                _ => return Some(false),
            };
            period_matches(start, end, *prefix, wanted) == Some(true)
        }
        (Wanted::Reference(wanted), None) => refers_to(found, wanted),
        _ => return None,
    })
}

fn has_token(found: &Value, wanted: &Token) -> bool {
    // A code without a system of its own has that of its value set.
    if let Some(found) = found.as_str() {
        return match wanted {
            Token::Code(code) | Token::Coded { code, .. } => *found == **code,
            _ => false,
        };
    }
    let codings = items(found, "/coding");
    // An identifier has a value where a coding has a code.
    let own = found.get("coding").is_none().then_some(found);
    let mut all = codings.chain(own);
    all.any(|one| {
        let code = text(one, "/code").or_else(|| text(one, "/value"));
        let system = text(one, "/system");
        match wanted {
            Token::Code(wanted) => code == Some(wanted),
            Token::Coded {
                system: of,
                code: wanted,
            } => system == Some(of) && code == Some(wanted),
            Token::NoSystem(wanted) => system.is_none() && code == Some(wanted),
            Token::System(of) => system == Some(of),
            _ => false,
        }
    })
}

/// Whether a reference is to what is wanted: by its last two segments, which are type and id.
fn refers_to(found: &Value, wanted: &Reference) -> bool {
    let found = text(found, "/reference").unwrap_or_default();
    let mut segments = found.rsplit('/');
    let (Some(id), Some(kind)) = (segments.next(), segments.next()) else {
        return false;
    };
    match wanted {
        Reference::Id(wanted) => *id == **wanted,
        Reference::Typed {
            resource,
            id: wanted,
        } => *kind == **resource && *id == **wanted,
        Reference::Url(url) => url.ends_with(&format!("/{kind}/{id}")),
        _ => false,
    }
}

/// How resources of a type are ordered by a parameter: those without a value come last.
pub(crate) fn compare(
    kind: &str,
    (parameter, descending): (&str, bool),
    left: &Value,
    right: &Value,
) -> Ordering {
    let key = |resource| {
        let found = values(resource, paths(kind, parameter).unwrap_or_default());
        let key = found.first().copied().and_then(|value| match value {
            Value::String(text) => Some(text.as_str()),
            other => text(other, "/start").or_else(|| text(other, "/coding/0/code")),
        });
        key.map(str::to_owned)
    };
    match (key(left), key(right)) {
        (Some(left), Some(right)) if descending => right.cmp(&left),
        (Some(left), Some(right)) => left.cmp(&right),
        (left, right) => right.is_some().cmp(&left.is_some()),
    }
}
