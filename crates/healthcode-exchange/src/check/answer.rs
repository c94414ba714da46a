//! What came back: status, type, size, and the body.

use super::recognise::Step;
use super::request::FORM;
use super::{
    Call, Findings, Part, claims_fhir, is_json, request, resource_type, satisfies, validate,
};
use crate::{Headers, Response, rules};
use healthcode_core::{Detail, Issue, Severity};
use healthcode_extensions::{check_status, is_failure};
use healthcode_r4::{Bundle, OperationOutcome};
use healthcode_search::{Captured, Dialect, Query, Value};
use healthcode_validate::Validator;

pub(super) fn check(call: &Call<'_>, validator: &Validator, findings: &mut Findings<'_>) {
    let Some(response) = &call.exchange.response else {
        findings.at(Part::Response, &rules::EXCHANGE_NO_ANSWER, "", Detail::None);
        return;
    };
    request::credentials(
        &response.headers,
        response.body.as_ref(),
        Part::Response,
        findings,
    );
    if call.is_of_sign_on() {
        return;
    }
    let redirects = matches!(response.status, 301 | 302 | 307 | 308);
    if redirects && response.headers.get("location").is_none_or(str::is_empty) {
        findings.at(
            Part::Response,
            &rules::EXCHANGE_REDIRECT,
            "Location",
            Detail::None,
        );
    }
    correlation(call, response, findings);
    let media_type = response.headers.media_type();
    let body = response.body.as_ref().map(|body| body.bytes.as_slice());
    if body.is_some_and(|body| is_compressed(body, &response.headers)) {
        let rule = &rules::EXCHANGE_BODY_ENCODED;
        findings.at(Part::Response, rule, "Content-Encoding", Detail::None);
        return;
    }
    let json = body.filter(|_| is_json(media_type.as_deref()));
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
    if named.is_some() && media_type.is_some_and(|media_type| media_type != "application/fhir+json")
    {
        let detail = Detail::Expected("application/fhir+json");
        findings.at(
            Part::Response,
            &rules::EXCHANGE_ANSWER_MEDIA_TYPE,
            "Content-Type",
            detail,
        );
    }
    // Without a resource's type it is FHIR only where that was asked for, or stated.
    let expected = call.scope.is_some() && response.status < 300;
    let url = &call.exchange.request.url;
    let is_fhir = |json: &&[u8]| expected || claims_fhir(json, &response.headers, url);
    if let Some(json) = json.filter(is_fhir).filter(|_| !call.is_other_fhir()) {
        validate(json, Part::ResponseBody, validator, findings);
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

/// An OperationOutcome that says of an error does not go with a status of success; PDS does so.
fn success(call: &Call<'_>, json: &[u8], findings: &mut Findings<'_>) {
    if read_outcome(json).is_some_and(|outcome| is_failure(&outcome)) {
        let mut issue = Issue::at(
            &rules::EXCHANGE_STATUS,
            String::new(),
            String::new(),
            Detail::None,
        );
        if call
            .endpoint()
            .is_some_and(|endpoint| endpoint.dialect == Dialect::Pds)
        {
            issue.severity = Severity::Information;
        }
        findings.push(Part::Response, issue);
    }
}

/// An error of a FHIR service has an OperationOutcome; gateways and proxies before it have none.
fn failure(call: &Call<'_>, outcome: Option<&[u8]>, status: u16, findings: &mut Findings<'_>) {
    let healthcode = call
        .endpoint()
        .is_some_and(|endpoint| endpoint.dialect == Dialect::Healthcode);
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
            let mut issue = Issue::at(
                &rules::EXCHANGE_STATUS,
                String::new(),
                String::new(),
                Detail::None,
            );
            if is_gateway(status) {
                issue.severity = Severity::Warning;
            }
            issue.detail = Detail::Expected("an OperationOutcome");
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
    let form = request
        .body
        .as_ref()
        .and_then(|body| std::str::from_utf8(&body.bytes).ok());
    let form = form.filter(|_| {
        request
            .headers
            .media_type()
            .is_some_and(|media_type| media_type == FORM)
    });
    let captured = Captured::request(&request.method, &request.url, form, Some(call.scope?));
    Some(captured.ok()?.query)
}

/// The matches of a page are not more than asked for.
fn size(query: &Query, bundle: &Bundle, findings: &mut Findings<'_>) {
    let asked = query.parameters().iter().find_map(|parameter| {
        let counts = matches!(
            parameter.name.code.as_str(),
            "count" | "_count" | "_max-results"
        );
        match parameter.values.first() {
            Some(Value::Integer(asked)) if counts => usize::try_from(*asked).ok(),
            _ => None,
        }
    });
    let matches = bundle
        .entry
        .iter()
        .filter(|entry| satisfies::is_match(entry));
    if asked.is_some_and(|asked| asked > 0 && matches.count() > asked) {
        findings.at(
            Part::ResponseBody,
            &rules::EXCHANGE_ANSWER_SIZE,
            "Bundle.entry",
            Detail::None,
        );
    }
}

/// Ids that a service mirrors are those of the request.
fn correlation(call: &Call<'_>, response: &Response, findings: &mut Findings<'_>) {
    let mirrors = call
        .endpoint()
        .is_some_and(|endpoint| matches!(endpoint.dialect, Dialect::Pds | Dialect::Sds));
    for name in ["X-Request-ID", "X-Correlation-ID"] {
        let sent = call.exchange.request.headers.get(name);
        let got = response.headers.get(name);
        if mirrors
            && sent
                .zip(got)
                .is_some_and(|(sent, got)| !sent.eq_ignore_ascii_case(got))
        {
            findings.at(
                Part::Response,
                &rules::EXCHANGE_CORRELATION,
                name,
                Detail::None,
            );
        }
    }
}
