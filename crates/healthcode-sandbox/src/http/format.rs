//! [`Wanted`]: whether a client requests FHIR in JSON or in XML (R4 http.html#mime-type), and answers in it.

use super::form::{Form, decode};
use super::headers::media_type_of;
use super::response::Response;
use axum::body::{Body, to_bytes};
use healthcode_core::{Root, UntypedResource};
use healthcode_r4::codes::{IssueSeverity, IssueType};
use healthcode_r4::{OperationOutcome, OperationOutcomeIssue, Resource};
use healthcode_releases::Stu3;
use healthcode_search::service::{FHIR_JSON, FHIR_XML};
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use serde_json::Value;

/// The parameter that says more than `Accept` does.
const PARAMETER: &str = "_format";

/// A syntax of FHIR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    Json,
    Xml,
}

/// A release of FHIR that a service's payloads are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FhirRelease {
    R4,
    Stu3,
}

impl FhirRelease {
    /// JSON as XML: none if there is content that XML cannot hold.
    fn to_xml(self, json: &[u8]) -> Result<Option<String>, healthcode_json::Error> {
        Ok(match self {
            FhirRelease::R4 => whole_xml(&healthcode_json::from_slice::<Resource>(json)?.value),
            FhirRelease::Stu3 => {
                let read = healthcode_json::from_slice::<UntypedResource<Stu3>>(json)?;
                whole_xml(&read.value)
            }
        })
    }
}

/// The media types of FHIR: the generic ones stand for the form that FHIR has in them.
const MEDIA_TYPES: &[(&str, Syntax)] = &[
    (FHIR_JSON, Syntax::Json),
    ("application/json", Syntax::Json),
    ("text/json", Syntax::Json),
    (FHIR_XML, Syntax::Xml),
    ("application/xml", Syntax::Xml),
    ("text/xml", Syntax::Xml),
];

impl Syntax {
    /// The syntax of a media type, which is in lower case and without parameters.
    pub(crate) fn of(media_type: &str) -> Option<Self> {
        Some(entry(media_type)?.1)
    }

    /// Whether a body is in this syntax, by its beginning.
    pub(crate) fn is_of(self, body: &[u8]) -> bool {
        healthcode_xml::is_xml(body) == (self == Syntax::Xml)
    }

    /// A resource in this syntax as JSON.
    pub(crate) fn to_json(self, body: &[u8]) -> Option<Value> {
        match self {
            Syntax::Json => serde_json::from_slice(body).ok(),
            Syntax::Xml => {
                let read = healthcode_xml::from_slice::<Resource>(body).ok()?;
                serde_json::from_str(&healthcode_json::to_string(&read.value)).ok()
            }
        }
    }
}

fn entry(media_type: &str) -> Option<(&'static str, Syntax)> {
    let known = MEDIA_TYPES.iter().find(|(name, _)| *name == media_type);
    known.copied()
}

/// What a client requests: XML under a media type, or JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The media type of XML; none for JSON.
    xml: Option<&'static str>,
}

impl Wanted {
    pub(crate) const JSON: Wanted = Wanted { xml: None };

    fn of((media_type, syntax): (&'static str, Syntax)) -> Self {
        Wanted {
            xml: (syntax == Syntax::Xml).then_some(media_type),
        }
    }

    /// The format that the parameter or, without it, the header requests; JSON without both. None for formats that
    /// are not answered.
    pub(crate) fn read(uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        match parameter(uri) {
            Some(value) => Self::of_parameter(&value),
            None => Self::of_header(headers),
        }
    }

    /// As [`Wanted::read`] for a search by POST: the parameter may be in its form, too.
    pub(crate) fn read_form(uri: &Uri, headers: &HeaderMap, form: &[u8]) -> Option<Self> {
        let form = std::str::from_utf8(form).ok();
        match form.and_then(|form| parameter_of(form.trim_end())) {
            Some(value) if parameter(uri).is_none() => Self::of_parameter(&value),
            _ => Self::read(uri, headers),
        }
    }

    fn of_parameter(value: &str) -> Option<Self> {
        // A plus that is not percent-encoded stands for a space in queries.
        let value = value.replace(' ', "+").to_ascii_lowercase();
        let name = match media_type_of(&value) {
            "json" => FHIR_JSON,
            "xml" => FHIR_XML,
            name => name,
        };
        entry(name).map(Self::of)
    }

    fn of_header(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(ACCEPT).iter();
        let values = values.filter_map(|value| value.to_str().ok());
        let ranges: Vec<Range> = values
            .flat_map(|value| value.split(','))
            .filter_map(Range::read)
            .collect();
        if ranges.is_empty() {
            return Some(Self::JSON);
        }
        // The most specific range counts for a media type (RFC 9110, 12.5.1).
        let quality = |media_type: &str| {
            let fitting = ranges.iter().filter(|range| range.covers(media_type));
            let range = fitting.max_by_key(|range| range.specificity())?;
            let place = ranges.iter().position(|other| std::ptr::eq(other, range))?;
            Some((range.quality, range.specificity(), place))
        };
        let mut best: Option<((u16, u8, usize), Self)> = None;
        for found in MEDIA_TYPES {
            let Some((quality, specificity, place)) =
                quality(found.0).filter(|quality| quality.0 > 0)
            else {
                continue;
            };
            // Of equals, what is named, and then what is named first.
            let rank = (quality, specificity, usize::MAX - place);
            if best.as_ref().is_none_or(|(other, _)| rank > *other) {
                best = Some((rank, Self::of(*found)));
            }
        }
        best.map(|(_, wanted)| wanted)
    }

    /// A response in the wanted syntax, if it is FHIR.
    pub(crate) async fn written(self, response: Response, release: FhirRelease) -> Response {
        let is_fhir = response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(FHIR_JSON.as_bytes()));
        let Some(media_type) = self.xml.filter(|_| is_fhir) else {
            return response;
        };
        let (mut head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        // What is cut off by a fault stays as it is, and the answer to HEAD has no body.
        let xml = match release.to_xml(&body) {
            Ok(Some(xml)) => xml,
            Ok(None) => {
                head.status = StatusCode::NOT_ACCEPTABLE;
                no_xml()
            }
            Err(_) if body.is_empty() => String::new(),
            Err(_) => return Response::from_parts(head, Body::from(body)),
        };
        head.headers.remove(CONTENT_LENGTH);
        let media_type = HeaderValue::from_static(media_type);
        head.headers.insert(CONTENT_TYPE, media_type);
        Response::from_parts(head, Body::from(xml))
    }
}

/// A resource as XML, if nothing of it is left out.
fn whole_xml<T: Root>(resource: &T) -> Option<String> {
    let written = healthcode_xml::to_string(resource);
    written.issues.is_empty().then_some(written.value)
}

/// The error for a resource that has what its release does not define, which only JSON can hold.
fn no_xml() -> String {
    let issue = OperationOutcomeIssue {
        severity: IssueSeverity::Error.into(),
        code: IssueType::NotSupported.into(),
        diagnostics:
            "the resource has elements that FHIR does not define, which only JSON can hold".into(),
        ..OperationOutcomeIssue::default()
    };
    let outcome = OperationOutcome {
        issue: [issue].into_iter().collect(),
        ..OperationOutcome::default()
    };
    whole_xml(&outcome).unwrap_or_default()
}

/// The value of the parameter, if a query has it.
fn parameter(uri: &Uri) -> Option<String> {
    parameter_of(uri.query()?)
}

fn parameter_of(query: &str) -> Option<String> {
    let form = Form::parse(query).ok()?;
    form.get(PARAMETER).map(str::to_owned)
}

/// An address without the parameter, which no search has.
pub(crate) fn without_parameter(uri: &Uri) -> Option<Uri> {
    let query = uri.query()?;
    let is_other = |field: &&str| {
        let name = field.split('=').next().unwrap_or_default();
        decode(name).as_deref() != Some(PARAMETER)
    };
    let rest: Vec<&str> = query.split('&').filter(is_other).collect();
    let rest = rest.join("&");
    if rest == query {
        return None;
    }
    let path = uri.path();
    let text = if rest.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{rest}")
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(text.parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// A media range of `Accept`.
struct Range {
    /// In lower case.
    name: String,
    /// In thousandths.
    quality: u16,
}

impl Range {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(';');
        let name = parts.next()?.trim().to_ascii_lowercase();
        let quality = parts
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        let quality = match quality {
            Some((_, value)) => value.trim().parse::<f64>().ok()?,
            None => 1.0,
        };
        let known = name.contains('/') && (0.0..=1.0).contains(&quality);
        known.then_some(Range {
            name,
            quality: (quality * 1000.0) as u16,
        })
    }

    fn covers(&self, media_type: &str) -> bool {
        match self.name.strip_suffix("/*") {
            Some("*") => true,
            Some(group) => media_type.split('/').next() == Some(group),
            None => self.name == media_type,
        }
    }

    fn specificity(&self) -> u8 {
        match self.name.strip_suffix("/*") {
            Some("*") => 0,
            Some(_) => 1,
            None => 2,
        }
    }
}

#[cfg(test)]
mod tests;
