//! [`Call`]: a request that is ready but for credentials, and how its answer is read.

use crate::body;
use crate::error::{Error, ErrorKind};
use crate::origin::uri;
use crate::reply::{Head, Reply};
use crate::stu3::Stu3Resource;
use bytes::Bytes;
use healthcode_core::{Checked, Extra, ExtraKind, ReadOptions, Root, SchemaKind};
use healthcode_extensions::Verdict;
use healthcode_r4::{OperationOutcome, Resource};
pub use healthcode_search::service::{FHIR_JSON, FHIR_XML, FORM, JSON};
use healthcode_search::{Encoded, Endpoint, Query, Scope};
use healthcode_xml::either;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use std::any::TypeId;

/// The endpoint of a query.
pub(crate) fn endpoint_of(query: &Query) -> Result<&'static Endpoint, Error> {
    match query.scope() {
        Scope::Endpoint(endpoint) => Ok(endpoint),
        _ => Err(Error::new(ErrorKind::Request(
            "invalid query: expected one of an endpoint",
        ))),
    }
}

/// A query of a call, encoded.
pub(crate) fn encoded(query: &Query, call: &'static str) -> Result<Encoded, Error> {
    query.encode().map_err(|error| Error::from(error).of(call))
}

/// Whether a call may be sent again when it is not known what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// Yes: it changes nothing, or the same twice over.
    Idempotent,
    /// Yes, with the same `X-Request-ID`, by which the service recognises it.
    ByRequestId,
    /// No: it may be done twice. It is sent again only if it was certainly not done: nothing was
    /// sent, or the token was refused.
    NotIdempotent,
}

impl Idempotency {
    /// What a method promises (RFC 9110, 9.2.2).
    #[must_use]
    pub fn of(method: &Method) -> Self {
        if method.is_idempotent() {
            Idempotency::Idempotent
        } else {
            Idempotency::NotIdempotent
        }
    }
}

/// The resource that an answer has to be: another one, however valid, is of somebody else.
#[derive(Clone)]
pub(crate) struct ExpectedResource {
    resource: String,
    id: Option<String>,
    identify: fn(&Bytes) -> Identity,
}

/// Type and id of a resource.
type Identity = (Option<String>, Option<String>);

impl ExpectedResource {
    /// A resource of R4.
    pub(crate) fn new(resource: &str, id: Option<&str>) -> Self {
        ExpectedResource {
            resource: resource.to_owned(),
            id: id.map(str::to_owned),
            identify: |body| {
                let read = either::read::<Resource>(body, &ReadOptions::new());
                read.map_or((None, None), |read| {
                    let resource = read.value;
                    let text = |text: Option<&str>| text.map(str::to_owned);
                    (text(resource.resource_type()), text(resource.id()))
                })
            },
        }
    }

    /// A resource of STU3.
    pub(crate) fn stu3(resource: &str, id: Option<&str>) -> Self {
        ExpectedResource {
            identify: |body| {
                let read = either::read::<Stu3Resource>(body, &ReadOptions::new());
                read.map_or((None, None), |read| {
                    let resource = read.value.as_untyped();
                    let id = resource.text("id").map(str::to_owned);
                    (Some(resource.type_name().to_owned()), id)
                })
            },
            ..ExpectedResource::new(resource, id)
        }
    }

    /// Whether a body that could be read is the one.
    fn check(&self, body: &Bytes) -> Result<(), ErrorKind> {
        let (resource, id) = (self.identify)(body);
        let is_of_id = self.id.is_none() || id == self.id;
        if resource.as_ref() == Some(&self.resource) && is_of_id {
            Ok(())
        } else {
            Err(ErrorKind::OtherResource(self.resource.clone()))
        }
    }
}

/// What reads a body.
pub(crate) type Parse<T> = fn(&Head, &Bytes) -> Result<Checked<T>, ErrorKind>;

/// A call: the request but for credentials and ids, and how its answer is read.
///
/// No I/O: [`Call::request`] is sent by whatever sends HTTP, and [`Call::parse`] reads the answer.
/// A [`Client`](crate::Client) does both, and adds credentials, ids, retries and redirects.
///
/// ```
/// use bytes::Bytes;
/// use healthcode_r4::Slot;
/// use healthcode_transport::Call;
/// let call = Call::<Slot>::resource("slot", "https://api.example.org/Slot/1")?;
/// let request = call.request();
/// assert_eq!(request.uri(), "https://api.example.org/Slot/1");
///
/// let body = Bytes::from(r#"{"resourceType": "Slot", "id": "1"}"#);
/// let reply = call.parse(http::Response::new(body))?;
/// assert_eq!(reply.value.id, "1");
/// # Ok::<(), healthcode_transport::Error>(())
/// ```
pub struct Call<T> {
    name: &'static str,
    expected: Option<ExpectedResource>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    idempotency: Idempotency,
    parse: Parse<T>,
}
healthcode_core::debug_only!(Call<T> { name, method, idempotency });

impl<T> Clone for Call<T> {
    fn clone(&self) -> Self {
        Call {
            name: self.name,
            expected: self.expected.clone(),
            method: self.method.clone(),
            uri: self.uri.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
            idempotency: self.idempotency,
            parse: self.parse,
        }
    }
}

impl<T: Root> Call<T> {
    /// A GET of a resource; an OperationOutcome in its place is an error, whatever the status.
    ///
    /// # Errors
    /// If the address is no URL.
    pub fn resource(name: &'static str, address: &str) -> Result<Self, Error> {
        let call = Call::new(name, address, parse_resource::<T>)?;
        call.with_text_header(ACCEPT, FHIR_JSON)
    }
}

impl Call<serde_json::Value> {
    /// A GET of any JSON; an OperationOutcome that says that something failed is an error, whatever
    /// the status. FHIR in XML is given as JSON.
    ///
    /// # Errors
    /// If the address is no URL.
    pub fn json(name: &'static str, address: &str) -> Result<Self, Error> {
        Call::new(name, address, parse_json)?.with_text_header(ACCEPT, JSON)
    }

    /// As [`Call::json`], of FHIR of any version.
    ///
    /// # Errors
    /// If the address is no URL.
    pub fn fhir(name: &'static str, address: &str) -> Result<Self, Error> {
        Call::json(name, address)?.with_text_header(ACCEPT, FHIR_JSON)
    }
}

impl Call<Bytes> {
    /// A GET of a body, whatever it is.
    ///
    /// # Errors
    /// If the address is no URL.
    pub fn bytes(name: &'static str, address: &str) -> Result<Self, Error> {
        Call::new(name, address, |_, body| {
            Ok(Checked::new(body.clone(), Vec::new()))
        })
    }
}

impl Call<Option<OperationOutcome>> {
    /// A DELETE: success may come with an OperationOutcome that is information, or nothing.
    ///
    /// # Errors
    /// If the address is no URL.
    pub fn delete(name: &'static str, address: &str) -> Result<Self, Error> {
        let call = Call::new(name, address, parse_deleted)?;
        call.with_method(Method::DELETE)
            .with_text_header(ACCEPT, FHIR_JSON)
    }
}

impl<T> Call<T> {
    pub(crate) fn new(name: &'static str, address: &str, parse: Parse<T>) -> Result<Self, Error> {
        Ok(Call {
            name,
            expected: None,
            method: Method::GET,
            uri: uri(address).map_err(|error| Error::from(error).of(name))?,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            idempotency: Idempotency::Idempotent,
            parse,
        })
    }

    /// Sets the method, and with it whether the call may be repeated.
    #[must_use]
    pub fn with_method(mut self, method: Method) -> Self {
        self.idempotency = Idempotency::of(&method);
        self.method = method;
        self
    }

    /// Sets a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets a header from text.
    ///
    /// # Errors
    /// If the text has characters that no header may have.
    pub fn with_text_header(self, name: HeaderName, value: &str) -> Result<Self, Error> {
        let unfit = || {
            ErrorKind::Request("invalid header value: expected characters that a header may have")
        };
        match HeaderValue::from_str(value) {
            Ok(value) => Ok(self.with_header(name, value)),
            Err(_) => Err(Error::new(unfit()).of(self.name)),
        }
    }

    /// Whether it has a header.
    pub(crate) fn has_header(&self, name: &HeaderName) -> bool {
        self.headers.contains_key(name)
    }

    /// Sets the body and its media type.
    #[must_use]
    pub fn with_body(mut self, kind: &'static str, body: impl Into<Bytes>) -> Self {
        let kind = HeaderValue::from_static(kind);
        self.headers.insert(CONTENT_TYPE, kind);
        self.body = body.into();
        self
    }

    /// Sets whether the call may be repeated, where its method implies otherwise: a search by POST may.
    #[must_use]
    pub fn with_idempotency(mut self, idempotency: Idempotency) -> Self {
        self.idempotency = idempotency;
        self
    }

    /// Sets which resource the answer has to be, if that is known.
    pub(crate) fn expects(mut self, expected: Option<ExpectedResource>) -> Self {
        self.expected = expected;
        self
    }

    /// The same call at another address.
    pub(crate) fn at(mut self, uri: Uri) -> Self {
        self.uri = uri;
        self
    }

    /// Its name, as in errors and spans: that of the endpoint.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Where it goes.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Whether it may be repeated.
    #[must_use]
    pub fn idempotency(&self) -> Idempotency {
        self.idempotency
    }

    /// The request, without `Authorization` and ids, which are the client's to add.
    #[must_use]
    pub fn request(&self) -> Request<Bytes> {
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// If its status is no success, or its body is not what was requested.
    pub fn parse(&self, response: Response<Bytes>) -> Result<Reply<T>, Error> {
        let (parts, body) = response.into_parts();
        let head = Head::new(parts.status, parts.headers);
        if !head.status.is_success() {
            return Err(Error::of_response(ErrorKind::Status, &head, &body).of(self.name));
        }
        let expected = |parsed| match &self.expected {
            Some(expected) => expected.check(&body).map(|()| parsed),
            None => Ok(parsed),
        };
        match (self.parse)(&head, &body).and_then(expected) {
            Ok(read) => Ok(Reply {
                value: read.value,
                issues: read.issues,
                head,
            }),
            Err(kind) => Err(Error::of_response(kind, &head, &body).of(self.name)),
        }
    }
}

/// The OperationOutcome that a body is, if it is one.
pub(crate) fn outcome(head: &Head, body: &Bytes) -> Option<OperationOutcome> {
    let error = Error::of_response(ErrorKind::Outcome, head, body);
    error.outcome().cloned()
}

pub(crate) fn parse_resource<T: Root>(head: &Head, body: &Bytes) -> Result<Checked<T>, ErrorKind> {
    let Ok(read) = either::read::<T>(body, &ReadOptions::new()) else {
        return Err(match outcome(head, body) {
            Some(_) => ErrorKind::Outcome,
            None => ErrorKind::Body,
        });
    };
    let element = read.value.as_element();
    // Any JSON object can be read as a resource: only one with its `resourceType` counts.
    let mut kinds = element.extras().iter().map(Extra::kind);
    let is_unknown = element.schema().kind == SchemaKind::UnknownResource;
    let is_unnamed = is_unknown && element.extras().get("resourceType").is_none();
    if is_unnamed || kinds.any(|kind| kind.is_whole() || kind == ExtraKind::MissingResourceType) {
        return Err(ErrorKind::Body);
    }
    let asked_for = TypeId::of::<T>() == TypeId::of::<OperationOutcome>();
    if !asked_for && element.schema().name == "OperationOutcome" {
        return Err(ErrorKind::Outcome);
    }
    Ok(read)
}

fn failed(head: &Head, outcome: &OperationOutcome) -> bool {
    Verdict::of(outcome, Some(head.status.as_u16())) == Verdict::Failed
}

fn parse_json(head: &Head, body: &Bytes) -> Result<Checked<serde_json::Value>, ErrorKind> {
    let json = body::json(body).ok_or(ErrorKind::Body)?;
    let value: serde_json::Value =
        serde_json::from_slice(&json.value).map_err(|_| ErrorKind::Body)?;
    let kind = value.get("resourceType").and_then(|value| value.as_str());
    let outcome = match kind {
        Some("OperationOutcome") => outcome(head, body),
        _ => None,
    };
    if outcome.is_some_and(|outcome| failed(head, &outcome)) {
        return Err(ErrorKind::Outcome);
    }
    Ok(Checked::new(value, json.issues))
}

fn parse_deleted(
    head: &Head,
    body: &Bytes,
) -> Result<Checked<Option<OperationOutcome>>, ErrorKind> {
    match outcome(head, body) {
        Some(outcome) if failed(head, &outcome) => Err(ErrorKind::Outcome),
        outcome => Ok(Checked::new(outcome, Vec::new())),
    }
}
