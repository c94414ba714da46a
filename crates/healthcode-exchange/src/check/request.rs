//! What was sent: method, headers, parameters, body, and credentials that are still readable.

use super::recognise::Step;
use super::{Call, Findings, as_json, claims_fhir, fhir_type, resource_type, validate};
use crate::{Body, Headers, Part, rules};
use healthcode_core::{Detail, Issue, credentials};
use healthcode_search::rules::{QUERY_METHOD, QUERY_RESTRICTED};
use healthcode_search::service::{
    FHIR_JSON, FORM, Header, HeaderForm, JSON, JSON_PATCH, NRL_INTERACTIONS, Need,
    SSP_INTERACTION_ID,
};
use healthcode_search::{Audience, Captured, Dialect, Endpoint, ParameterLocation, Scope};
use healthcode_validate::Validator;

pub(super) fn check(call: &Call<'_>, validator: &Validator, findings: &mut Findings<'_>) {
    let request = &call.exchange.request;
    let body = request.body.as_ref();
    credentials(&request.headers, body, Part::Request, findings);
    if call.is_of_sign_on() {
        return;
    }
    if !call.is_known() {
        findings.at(Part::Request, &rules::EXCHANGE_UNKNOWN, "", Detail::None);
        if let Some(body) = body
            && claims_fhir(&body.bytes, &request.headers, &request.url)
        {
            let version = call.version(&request.headers);
            validate(&body.bytes, version, Part::RequestBody, validator, findings);
        }
        return;
    }
    if let Some(endpoint) = call.endpoint() {
        if endpoint.audience == Audience::Restricted {
            findings.at(Part::Request, &rules::EXCHANGE_RESTRICTED, "", Detail::None);
        }
        if let Some(expected) = other_method(call, endpoint) {
            let expected = Detail::Expected(expected);
            findings.at(Part::Request, &rules::EXCHANGE_METHOD, "", expected);
        }
    }
    headers(call, findings);
    if call.step == Step::Spine {
        nesting(call, findings);
    }
    if let Some(scope) = call.scope.filter(|_| call.step == Step::Itself) {
        query(call, scope, findings);
    }
    self::body(call, validator, findings);
}

/// The documented method, if the request's is another.
fn other_method(call: &Call<'_>, endpoint: &Endpoint) -> Option<&'static str> {
    let methods = match (call.step, endpoint.service) {
        (Step::One, Some(service)) => service.methods,
        (Step::New, _) => &["POST"],
        (Step::Coverage, _) => &["GET", "POST"],
        (Step::Itself, _) => &[endpoint.method.as_str()],
        _ => &["GET"],
    };
    let found = call.exchange.request.method.as_str();
    methods
        .first()
        .copied()
        .filter(|_| !methods.contains(&found))
}

/// Whether services at an address are tried without credentials: on this machine, or in a sandbox.
fn is_open_address(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |parts| parts.1);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or(host),
    };
    let host = host.to_ascii_lowercase();
    let loopback = host.strip_prefix("127.").is_some_and(|rest| {
        let plain = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        rest.bytes().all(plain)
    });
    loopback
        || matches!(host.as_str(), "localhost" | "::1")
        || host.ends_with(".localhost")
        || host.split('.').next() == Some("sandbox")
}

fn headers(call: &Call<'_>, findings: &mut Findings<'_>) {
    let request = &call.exchange.request;
    let documented = call.service().map_or(&[][..], |service| service.headers);
    let value = |header: &Header| {
        let value = request.headers.get(header.name).map(str::trim);
        value.filter(|value| !value.is_empty())
    };
    let open = call.exchange.open || is_open_address(&request.url);
    let method = request.method.as_str();
    let changes = method == "PATCH" || (call.step, method) == (Step::Coverage, "POST");
    for header in documented.iter().filter(|header| value(header).is_none()) {
        let rule = match header.need {
            Need::Required if open && header.form == HeaderForm::Bearer => continue,
            Need::Required => &rules::EXCHANGE_HEADER_MISSING,
            Need::RequiredToChange if changes => &rules::EXCHANGE_HEADER_MISSING,
            Need::Recommended => &rules::EXCHANGE_HEADER_RECOMMENDED,
            _ => continue,
        };
        findings.at(Part::Request, rule, header.name, Detail::None);
    }
    for header in documented {
        if value(header).is_some_and(|value| !is_redacted(value) && !header.form.matches(value)) {
            let rule = &rules::EXCHANGE_HEADER_VALUE;
            let detail = Detail::Expected(header.form.expected());
            findings.at(Part::Request, rule, header.name, detail);
        }
    }
    let accepts = |text: &str| {
        let media_type = text.split([';', ',']).next().unwrap_or(text).trim();
        [FHIR_JSON, JSON, "*/*"].contains(&media_type)
    };
    let accept = request.headers.get("accept");
    if call.dialect() == Some(Dialect::Sds) && accept.is_some_and(|header| !accepts(header)) {
        let detail = Detail::Expected(FHIR_JSON);
        findings.at(Part::Request, &rules::EXCHANGE_MEDIA_TYPE, "Accept", detail);
    }
}

/// The provider's address in the proxy's: as it is for GP Connect, percent-encoded as a whole for NRL.
fn nesting(call: &Call<'_>, findings: &mut Findings<'_>) {
    let request = &call.exchange.request;
    let after = |text: &'static str| request.url.get(8..).is_some_and(|rest| rest.contains(text));
    let (raw, encoded) = (after("/https://"), after("/https%3A%2F%2F"));
    let interaction = request
        .headers
        .get(SSP_INTERACTION_ID.name)
        .unwrap_or_default();
    let (right, expected) = if interaction.starts_with(NRL_INTERACTIONS) {
        (
            encoded,
            "the provider's address, percent-encoded as a whole",
        )
    } else {
        (raw, "the provider's address as the directory has it")
    };
    if !right && !is_redacted(&request.url) {
        let detail = Detail::Expected(expected);
        findings.at(Part::Request, &rules::EXCHANGE_NESTING, "", detail);
    }
}

/// The parameters, by the search crate; its issues show names and places, never values.
fn query(call: &Call<'_>, scope: Scope, findings: &mut Findings<'_>) {
    // Links to other pages are opaque (R4 http.html#paging).
    if call.is_linked {
        return;
    }
    let request = &call.exchange.request;
    let form = request.is_form();
    let parameter_location = match scope {
        Scope::Endpoint(endpoint) => endpoint.parameter_location,
        _ if request.url.contains('?') => ParameterLocation::Query,
        _ if form => ParameterLocation::Form,
        _ => ParameterLocation::None,
    };
    if parameter_location == ParameterLocation::None && !request.url.contains('?') {
        return;
    }
    let in_body = form || parameter_location == ParameterLocation::Form;
    let body = request.text().filter(|_| in_body);
    let captured = Captured::request(&request.method, &request.url, body, Some(scope));
    let Ok(captured) = captured else { return };
    // That a call is restricted, or has another method, has been reported for the request.
    let known = [QUERY_RESTRICTED.id, QUERY_METHOD.id];
    let known = match scope {
        Scope::Endpoint(_) => &known[..],
        _ => &[],
    };
    let new = |found: &Issue| !known.contains(&found.rule.id);
    for issue in captured.issues.into_iter().filter(new) {
        findings.push(Part::Query, issue);
    }
}

/// The body: of the right media type, and a valid resource if it is one.
fn body(call: &Call<'_>, validator: &Validator, findings: &mut Findings<'_>) {
    let request = &call.exchange.request;
    let parameter_location = call.endpoint().map(|endpoint| endpoint.parameter_location);
    let Some(body) = &request.body else { return };
    let mut media_type = |expected| {
        let detail = Detail::Expected(expected);
        let rule = &rules::EXCHANGE_MEDIA_TYPE;
        findings.at(Part::Request, rule, "Content-Type", detail);
    };
    let stated = request.headers.media_type();
    if request.method == "PATCH" {
        if stated.as_deref() != Some(JSON_PATCH) {
            media_type(JSON_PATCH);
        }
        return;
    }
    let parameter_location = parameter_location.filter(|_| call.step == Step::Itself);
    match (parameter_location, request.is_form()) {
        (Some(ParameterLocation::Form), false) => media_type(FORM),
        (Some(ParameterLocation::None), true) => media_type(FHIR_JSON),
        (_, true) => {}
        (_, false) => {
            let is_fhir = resource_type(&as_json(&body.bytes)).is_some();
            let right = fhir_type(&body.bytes);
            if is_fhir && stated.as_deref() != Some(right) {
                media_type(right);
            }
            let claims = claims_fhir(&body.bytes, &request.headers, &request.url);
            if claims {
                let version = call.version(&request.headers);
                validate(&body.bytes, version, Part::RequestBody, validator, findings);
            }
        }
    }
}

/// Credentials that can be read: in headers, forms and token answers.
pub(super) fn credentials(
    headers: &Headers,
    body: Option<&Body>,
    part: Part,
    findings: &mut Findings<'_>,
) {
    for name in credentials::HEADERS {
        let value = headers.get(name);
        let value = value.map(|value| {
            value
                .trim_start_matches("Bearer ")
                .trim_start_matches("Basic ")
        });
        if value.is_some_and(|value| !value.is_empty() && !is_redacted(value)) {
            findings.at(part, &rules::EXCHANGE_CREDENTIALS, name, Detail::None);
        }
    }
    let text = body
        .and_then(|body| std::str::from_utf8(&body.bytes).ok())
        .unwrap_or_default();
    for name in credentials::FIELDS {
        if secret(text, name).is_some_and(|secret| !secret.is_empty() && !is_redacted(secret)) {
            findings.at(part, &rules::EXCHANGE_CREDENTIALS, name, Detail::None);
        }
    }
}

/// The value of a form's field or of a JSON string member of this name, as it is written.
fn secret<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let quoted = format!("\"{name}\"");
    if let Some(at) = text.find(&quoted) {
        let rest = text
            .get(at + quoted.len()..)?
            .trim_start()
            .strip_prefix(':')?;
        let rest = rest.trim_start().strip_prefix('"')?;
        return rest.split('"').next();
    }
    text.split('&')
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Whether a value was made unreadable, or is a placeholder.
fn is_redacted(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let marks = ["redacted", "...", "***", "…", "xxxx", "removed"];
    marks.iter().any(|mark| lower.contains(mark))
        || lower.contains(['<', '{', '$'])
        || lower.bytes().all(|byte| byte == b'*' || byte == b'x')
}
