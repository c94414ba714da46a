//! What was sent: method, headers, parameters, body, and credentials that are still readable.

use super::recognise::{INTERACTION, SUBSCRIPTION, Step};
use super::{Call, FHIR_JSON, Findings, Part, claims_fhir, resource_type, validate};
use crate::{Body, Headers, rules};
use healthcode_core::{Detail, Issue, Rule, credentials};
use healthcode_search::rules::{QUERY_METHOD, QUERY_RESTRICTED};
use healthcode_search::{Audience, Captured, Dialect, Endpoint, ParameterLocation, Scope};
use healthcode_validate::Validator;

const PATCH: &str = "application/json-patch+json";
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

pub(super) fn check(call: &Call<'_>, validator: &Validator, findings: &mut Findings<'_>) {
    let request = &call.exchange.request;
    credentials(
        &request.headers,
        request.body.as_ref(),
        Part::Request,
        findings,
    );
    if call.is_of_sign_on() {
        return;
    }
    if !call.is_known() {
        findings.at(Part::Request, &rules::EXCHANGE_UNKNOWN, "", Detail::None);
        if let Some(body) = &request.body
            && claims_fhir(&body.bytes, &request.headers, &request.url)
        {
            validate(&body.bytes, Part::RequestBody, validator, findings);
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
    let form = request
        .headers
        .media_type()
        .is_some_and(|media_type| media_type == FORM);
    if let Some(scope) = call.scope.filter(|_| call.step == Step::Itself) {
        query(call, scope, form, findings);
    }
    body(call, form, validator, findings);
}

/// The documented method, if the request's is another.
fn other_method(call: &Call<'_>, endpoint: &Endpoint) -> Option<&'static str> {
    let methods: &[&'static str] = match (call.step, endpoint.dialect) {
        (Step::One, Dialect::Healthcode) => &["GET", "PUT", "DELETE"],
        (Step::One, Dialect::Pds) => &["GET", "PATCH"],
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

/// Header fields.
type Names = &'static [&'static str];

/// The header fields that a service asks for, and that it recommends; the sources are the pages on
/// headers of Healthcode, the portal of Graphnet, the specifications of PDS and SDS, and the guides of
/// the Spine's proxy.
fn asked(call: &Call<'_>) -> (Names, Names) {
    let request = &call.exchange.request;
    const GRAPHNET: Names = &["Authorization", SUBSCRIPTION];
    let Some(endpoint) = call.endpoint() else {
        return match call.step {
            Step::Api => (GRAPHNET, &[]),
            Step::Spine => (
                &[
                    "Authorization",
                    "Ssp-TraceID",
                    "Ssp-From",
                    "Ssp-To",
                    INTERACTION,
                ],
                &[],
            ),
            _ => (&[], &[]),
        };
    };
    match endpoint.dialect {
        Dialect::Healthcode => (&["Authorization", "SU-SiteId"], &["HC-API-Version"]),
        Dialect::Pds
            if request.method == "PATCH"
                || (call.step, request.method.as_str()) == (Step::Coverage, "POST") =>
        {
            (&["Authorization", "X-Request-ID", "If-Match"], &[])
        }
        Dialect::Pds => (&["Authorization", "X-Request-ID"], &[]),
        Dialect::Sds => (&["apikey"], &[]),
        Dialect::Stu3 if endpoint.name.starts_with("graphnet-") => (GRAPHNET, &[]),
        _ => (&[], &[]),
    }
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
    let dialect = call.endpoint().map(|endpoint| endpoint.dialect);
    let (required, recommended) = asked(call);
    let mut absent = |names: &mut dyn Iterator<Item = &&'static str>, rule: &'static Rule| {
        for name in names {
            if request
                .headers
                .get(name)
                .is_none_or(|header| header.trim().is_empty())
            {
                findings.at(Part::Request, rule, name, Detail::None);
            }
        }
    };
    let open = call.exchange.open || is_open_address(&request.url);
    let mut asked = required
        .iter()
        .filter(|name| !open || **name != "Authorization");
    absent(&mut asked, &rules::EXCHANGE_HEADER_MISSING);
    absent(&mut recommended.iter(), &rules::EXCHANGE_HEADER_RECOMMENDED);
    let mut form = |name: &str, right: fn(&str) -> bool, expected: &'static str| {
        let value = request
            .headers
            .get(name)
            .filter(|header| !header.is_empty());
        if value.is_some_and(|value| !is_redacted(value) && !right(value)) {
            let detail = Detail::Expected(expected);
            findings.at(Part::Request, &rules::EXCHANGE_HEADER_VALUE, name, detail);
        }
    };
    if required.contains(&"Authorization") {
        form("Authorization", is_bearer, "Bearer and a token");
    }
    match (dialect, call.step) {
        (Some(Dialect::Pds), _) => {
            form("X-Request-ID", is_uuid, "a UUID");
            form("If-Match", is_version, "W/ and a version in quotes");
        }
        (Some(Dialect::Sds), _) => form("X-Correlation-Id", is_uuid, "a UUID"),
        (None, Step::Spine) => form("Ssp-TraceID", is_uuid, "a UUID"),
        _ => {}
    }
    if dialect == Some(Dialect::Sds) {
        let accepts = |text: &str| {
            let media_type = text.split([';', ',']).next().unwrap_or(text).trim();
            ["application/fhir+json", "application/json", "*/*"].contains(&media_type)
        };
        if request
            .headers
            .get("accept")
            .is_some_and(|header| !accepts(header))
        {
            let detail = Detail::Expected("application/fhir+json");
            findings.at(Part::Request, &rules::EXCHANGE_MEDIA_TYPE, "Accept", detail);
        }
    }
}

/// The provider's address in the proxy's: as it is for GP Connect, percent-encoded as a whole for NRL.
fn nesting(call: &Call<'_>, findings: &mut Findings<'_>) {
    let request = &call.exchange.request;
    let after = |text: &'static str| request.url.get(8..).is_some_and(|rest| rest.contains(text));
    let (raw, encoded) = (after("/https://"), after("/https%3A%2F%2F"));
    let interaction = request.headers.get(INTERACTION).unwrap_or_default();
    let (right, expected) = if interaction.starts_with("urn:nhs:names:services:nrl:") {
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
fn query(call: &Call<'_>, scope: Scope, form: bool, findings: &mut Findings<'_>) {
    let request = &call.exchange.request;
    let parameter_location = match scope {
        Scope::Endpoint(endpoint) => endpoint.parameter_location,
        _ if request.url.contains('?') => ParameterLocation::Query,
        _ if form => ParameterLocation::Form,
        _ => ParameterLocation::None,
    };
    let body = request
        .body
        .as_ref()
        .and_then(|body| std::str::from_utf8(&body.bytes).ok());
    if parameter_location == ParameterLocation::None && !request.url.contains('?') {
        return;
    }
    let body = body.filter(|_| form || parameter_location == ParameterLocation::Form);
    let captured = Captured::request(&request.method, &request.url, body, Some(scope));
    let Ok(captured) = captured else { return };
    // That a call is restricted, or has another method, has been reported for the request.
    let known = [QUERY_RESTRICTED.id, QUERY_METHOD.id];
    let known = match scope {
        Scope::Endpoint(_) => &known[..],
        Scope::Resource(_) => &[],
    };
    let new = |found: &healthcode_search::Issue| !known.contains(&found.rule.id);
    for found in captured.issues.into_iter().filter(new) {
        let name = match (found.parameter, found.index) {
            (Some(name), _) => name.to_owned(),
            (None, Some(index)) => format!("parameter {}", index + 1),
            (None, None) => String::new(),
        };
        let detail = match (found.nearest, found.expected) {
            (Some(name), _) => Detail::Nearest(name),
            (None, Some(form)) => Detail::Expected(form),
            (None, None) => Detail::None,
        };
        findings.push(
            Part::Query,
            Issue::at(found.rule, name, String::new(), detail),
        );
    }
}

/// The body: of the right media type, and a valid resource if it is one.
fn body(call: &Call<'_>, form: bool, validator: &Validator, findings: &mut Findings<'_>) {
    let request = &call.exchange.request;
    let parameter_location = call.endpoint().map(|endpoint| endpoint.parameter_location);
    let Some(body) = &request.body else { return };
    let mut media_type = |expected| {
        let detail = Detail::Expected(expected);
        findings.at(
            Part::Request,
            &rules::EXCHANGE_MEDIA_TYPE,
            "Content-Type",
            detail,
        );
    };
    let stated = request.headers.media_type();
    if request.method == "PATCH" {
        if stated.as_deref() != Some(PATCH) {
            media_type(PATCH);
        }
        return;
    }
    let parameter_location = parameter_location.filter(|_| call.step == Step::Itself);
    match (parameter_location, form) {
        (Some(ParameterLocation::Form), false) => media_type(FORM),
        (Some(ParameterLocation::None), true) => media_type("application/fhir+json"),
        _ if form => {}
        _ => {
            let is_fhir = resource_type(&body.bytes).is_some();
            let right = stated.as_deref() == Some(FHIR_JSON);
            if is_fhir && !right {
                media_type(FHIR_JSON);
            }
            let claims = claims_fhir(&body.bytes, &request.headers, &request.url);
            if claims && !call.is_other_fhir() {
                validate(&body.bytes, Part::RequestBody, validator, findings);
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

fn is_bearer(value: &str) -> bool {
    let token = value
        .split_once(' ')
        .filter(|parts| parts.0.eq_ignore_ascii_case("bearer"));
    token.is_some_and(|(_, token)| !token.trim().is_empty() && !token.trim().contains(' '))
}

fn is_version(value: &str) -> bool {
    let version = value
        .strip_prefix("W/\"")
        .and_then(|rest| rest.strip_suffix('"'));
    version.is_some_and(|version| {
        !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn is_uuid(value: &str) -> bool {
    let groups: Vec<usize> = value.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12]
        && value
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}
