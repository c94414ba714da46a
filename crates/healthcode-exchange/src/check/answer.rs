//! What came back: status, type, size, and the body.

use super::recognise::Step;
use super::{
    Call, Findings, as_json, claims_fhir, fhir_type, may_be_fhir, request, resource_type,
    satisfies, validate,
};
use crate::{Headers, Part, Response, rules};
use healthcode_core::{Detail, Issue, Severity};
use healthcode_extensions::{check_status, is_failure};
use healthcode_r4::{Bundle, OperationOutcome};
use healthcode_search::service::{CORRELATION_ID, FHIR_JSON, REQUEST_ID};
use healthcode_search::{Captured, Dialect, Query, Value};
use healthcode_validate::Validator;

pub(super) fn check(call: &Call<'_>, validator: &Validator, findings: &mut Findings<'_>) {
    let Some(response) = &call.exchange.response else {
        findings.at(Part::Response, &rules::EXCHANGE_NO_ANSWER, "", Detail::None);
        return;
    };
    let body = response.body.as_ref();
    request::credentials(&response.headers, body, Part::Response, findings);
    if call.is_of_sign_on() {
        return;
    }
    let redirects = matches!(response.status, 301 | 302 | 307 | 308);
    if redirects && response.headers.get("location").is_none_or(str::is_empty) {
        let rule = &rules::EXCHANGE_REDIRECT;
        findings.at(Part::Response, rule, "Location", Detail::None);
    }
    correlation(call, response, findings);
    let media_type = response.headers.media_type();
    let body = body.map(|body| body.bytes.as_slice());
    if body.is_some_and(|body| is_compressed(body, &response.headers)) {
        let rule = &rules::EXCHANGE_BODY_ENCODED;
        findings.at(Part::Response, rule, "Content-Encoding", Detail::None);
        return;
    }
    let body = body.filter(|_| may_be_fhir(media_type.as_deref()));
    let json = body.map(as_json);
    let json = json.as_deref();
    let named = json.and_then(resource_type);
    let outcome = named.as_deref() == Some("OperationOutcome");
    match response.status {
        200..300 if outcome => success(call, json.unwrap_or_default(), findings),
        200..300 => {
            let expected = call.expected();
            if let (Some(found), Some(expected)) = (&named, expected)
                && found != expected
            {
                let detail = Detail::Expected(expected);
                findings.at(Part::ResponseBody, &rules::EXCHANGE_ANSWER_TYPE, "", detail);
            }
            if named.as_deref() == Some("Bundle") && call.step == Step::Itself {
                answers(call, json.unwrap_or_default(), findings);
            }
        }
        400.. => failure(call, json.filter(|_| outcome), response.status, findings),
        _ => {}
    }
    let right = body.map_or(FHIR_JSON, fhir_type);
    if named.is_some() && media_type.is_some_and(|media_type| media_type != right) {
        let rule = &rules::EXCHANGE_ANSWER_MEDIA_TYPE;
        let detail = Detail::Expected(right);
        findings.at(Part::Response, rule, "Content-Type", detail);
    }
    // Without a resource's type it is FHIR only where that was requested, or stated.
    let expected = call.scope.is_some() && response.status < 300;
    let url = &call.exchange.request.url;
    let is_fhir = |body: &&[u8]| expected || claims_fhir(body, &response.headers, url);
    if let Some(body) = body.filter(is_fhir) {
        let version = call.version(&response.headers);
        validate(body, version, Part::ResponseBody, validator, findings);
    }
}

/// Whether a body is still as it was compressed for the way.
fn is_compressed(body: &[u8], headers: &Headers) -> bool {
    let encoding = headers.get("content-encoding");
    let encoded = encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity"));
    body.starts_with(b"\x1f\x8b") || encoded && std::str::from_utf8(body).is_err()
}

fn read_outcome(json: &[u8]) -> Option<OperationOutcome> {
    healthcode_json::from_slice(json)
        .ok()
        .map(|read| read.value)
}

/// That the status and the body contradict each other.
fn contradiction(detail: Detail) -> Issue {
    let rule = &rules::EXCHANGE_STATUS;
    Issue::at(rule, String::new(), String::new(), detail)
}

/// An OperationOutcome that says of an error does not go with a status of success; PDS does so.
fn success(call: &Call<'_>, json: &[u8], findings: &mut Findings<'_>) {
    if read_outcome(json).is_some_and(|outcome| is_failure(&outcome)) {
        let mut issue = contradiction(Detail::None);
        if call.dialect() == Some(Dialect::Pds) {
            issue.severity = Severity::Information;
        }
        findings.push(Part::Response, issue);
    }
}

/// An error of a FHIR service has an OperationOutcome; gateways and proxies before it have none.
fn failure(call: &Call<'_>, outcome: Option<&[u8]>, status: u16, findings: &mut Findings<'_>) {
    let healthcode = call.dialect() == Some(Dialect::Healthcode);
    match outcome.and_then(read_outcome) {
        Some(outcome) if healthcode => {
            for issue in check_status(&outcome, status) {
                findings.push(Part::ResponseBody, issue);
            }
        }
        Some(_) => {}
        None if call.scope.is_none() => {}
        // The gateway in front of Graphnet is no FHIR server.
        None if call.is_other_fhir() && is_gateway(status) => {}
        None => {
            let mut issue = contradiction(Detail::Expected("an OperationOutcome"));
            if is_gateway(status) {
                issue.severity = Severity::Warning;
            }
            findings.push(Part::Response, issue);
        }
    }
}

/// Whether gateways and proxies answer so by themselves.
fn is_gateway(status: u16) -> bool {
    status >= 500 || matches!(status, 401 | 403 | 407 | 408 | 429)
}

/// A Bundle is an answer to the query that was sent.
fn answers(call: &Call<'_>, json: &[u8], findings: &mut Findings<'_>) {
    let Some(query) = query(call) else { return };
    let Ok(read) = healthcode_json::from_slice::<Bundle>(json) else {
        return;
    };
    size(&query, &read.value, findings);
    satisfies::check(&query, &read.value, json, findings);
}

/// The query of a search, as far as it can be read.
fn query(call: &Call<'_>) -> Option<Query> {
    let request = &call.exchange.request;
    let form = request.text().filter(|_| request.is_form());
    let captured = Captured::request(&request.method, &request.url, form, Some(call.scope?));
    Some(captured.ok()?.query)
}

/// The matches of a page are not more than requested.
fn size(query: &Query, bundle: &Bundle, findings: &mut Findings<'_>) {
    let requested = query.parameters().iter().find_map(|parameter| {
        let counts = matches!(
            parameter.name.code.as_str(),
            "count" | "_count" | "_max-results"
        );
        match parameter.values.first() {
            Some(Value::Integer(requested)) if counts => usize::try_from(*requested).ok(),
            _ => None,
        }
    });
    let entries = bundle.entry.iter();
    let matches = entries.filter(|entry| satisfies::is_match(entry));
    if requested.is_some_and(|requested| requested > 0 && matches.count() > requested) {
        let rule = &rules::EXCHANGE_ANSWER_SIZE;
        findings.at(Part::ResponseBody, rule, "Bundle.entry", Detail::None);
    }
}

/// Ids that a service mirrors are those of the request.
fn correlation(call: &Call<'_>, response: &Response, findings: &mut Findings<'_>) {
    let mirrors = matches!(call.dialect(), Some(Dialect::Pds | Dialect::Sds));
    for name in [REQUEST_ID.name, CORRELATION_ID.name] {
        let sent = call.exchange.request.headers.get(name);
        let ids = sent.zip(response.headers.get(name));
        if mirrors && ids.is_some_and(|(sent, got)| !sent.eq_ignore_ascii_case(got)) {
            let rule = &rules::EXCHANGE_CORRELATION;
            findings.at(Part::Response, rule, name, Detail::None);
        }
    }
}
