//! [`Pds`]: the Personal Demographics Service.

use super::platform::{Platform, query_address};
use crate::call::{Call, FHIR_JSON, Idempotency, parse_resource};
use crate::error::{Error, ErrorKind};
use crate::json::JsonBody;
use crate::origin::Origin;
use crate::reply::Head;
use crate::secret::secret_header;
use crate::trust::Trust;
use crate::url::{join, queried};
use bytes::Bytes;
use healthcode_core::Checked;
use healthcode_r4::{Bundle, Patient};
use healthcode_search::Query;
use healthcode_search::service::{self, JSON_PATCH};
use healthcode_uk::{NhsNumber, OdsCode, SdsRoleProfileId};
use http::header::{ACCEPT, IF_MATCH};
use http::{HeaderName, Method};
use serde_json::Value;

const URID: HeaderName = HeaderName::from_static(service::SESSION_URID.lower);
const ORGANISATION: HeaderName = HeaderName::from_static(service::END_USER_ORGANISATION.lower);

/// The Personal Demographics Service: patients.
///
/// It requires `X-Request-ID` on every call, which a [`Client`](crate::Client) adds and keeps in
/// retries, and by which the service recognises a repeated call. It takes five calls a second from
/// one application: see [`RateLimit`](crate::RateLimit).
///
/// ```
/// use healthcode_transport::nhs::{Pds, Platform};
/// use healthcode_transport::show_http;
/// use healthcode_uk::NhsNumber;
/// let service = Pds::new(Platform::sandbox());
/// let call = service.read(&NhsNumber::parse("9000000009")?)?;
/// assert_eq!(
///     show_http(&call.request()),
///     "GET /personal-demographics/FHIR/R4/Patient/9000000009 HTTP/1.1\n\
///      host: sandbox.api.service.nhs.uk\n\
///      accept: application/fhir+json\n\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pds {
    platform: Platform,
    base: String,
    role: Option<SdsRoleProfileId>,
    organization: Option<OdsCode>,
}

impl Pds {
    /// The service of an environment.
    #[must_use]
    pub fn new(platform: Platform) -> Self {
        Pds {
            base: platform.address(service::PDS.base),
            platform,
            role: None,
            organization: None,
        }
    }

    /// The service at a base URL of its own: patients are at `{base}/Patient`. NHS England's sandbox
    /// on one's own machine is at `http://localhost:9000`.
    ///
    /// ```
    /// use healthcode_transport::nhs::{Pds, Platform};
    /// use healthcode_uk::NhsNumber;
    /// let service = Pds::new(Platform::sandbox()).with_base("http://localhost:9000");
    /// let call = service.coverage(&NhsNumber::parse("9000000009")?)?;
    /// assert_eq!(
    ///     call.uri(),
    ///     "http://localhost:9000/Coverage?subscriber:identifier=9000000009"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_base(mut self, base: impl Into<String>) -> Self {
        self.base = base.into();
        self
    }

    /// The role of the user, who has signed in with several: `NHSD-Session-URID`.
    #[must_use]
    pub fn role(mut self, role: SdsRoleProfileId) -> Self {
        self.role = Some(role);
        self
    }

    /// The user's organisation: `NHSD-End-User-Organisation-ODS`. Mandatory for applications that
    /// serve several.
    #[must_use]
    pub fn organization(mut self, code: OdsCode) -> Self {
        self.organization = Some(code);
        self
    }

    /// The environment.
    #[must_use]
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// What a client of it trusts: the platform, for tokens, and the service's own base.
    ///
    /// # Errors
    /// If a base is not a URL.
    pub fn trust(&self) -> Result<Trust, Error> {
        let mut trust = self.platform.trust()?;
        trust.allow(Origin::read(&self.base)?);
        Ok(trust)
    }

    /// A patient by number. The answer may have another one: see [`superseded_by`].
    ///
    /// # Errors
    /// If the environment's base is no URL.
    pub fn read(&self, number: &NhsNumber) -> Result<Call<Patient>, Error> {
        self.headers(patient("pds-read", &self.address(number))?)
    }

    /// A search: a trace. Too many matches are an OperationOutcome with status 200, and so an error:
    /// [`ErrorKind::Outcome`](crate::ErrorKind::Outcome).
    ///
    /// # Errors
    /// If the query is not for patients, or has errors.
    pub fn search(&self, query: &Query) -> Result<Call<Bundle>, Error> {
        let (name, address) = query_address(&self.base, query, "pds-patient")?;
        self.headers(Call::resource(name, &address)?)
    }

    /// The people who are related to a patient.
    ///
    /// # Errors
    /// As [`Pds::read`].
    pub fn related(&self, number: &NhsNumber) -> Result<Call<Bundle>, Error> {
        let address = join(&self.address(number), "RelatedPerson");
        self.headers(Call::resource("pds-related", &address)?)
    }

    /// A change of a patient: operations of JSON Patch, on the version with this `ETag`, as in
    /// [`Head::etag`](crate::Head::etag).
    ///
    /// # Errors
    /// As [`Pds::read`], and if the tag has characters that no header may have.
    pub fn update(
        &self,
        number: &NhsNumber,
        etag: &str,
        operations: impl Into<JsonBody>,
    ) -> Result<Call<Patient>, Error> {
        let patch = operations.into().member("patches");
        let call = patient("pds-update", &self.address(number))?;
        let call = call.with_method(Method::PATCH);
        let call = call.with_idempotency(Idempotency::ByRequestId);
        let call = call.with_body(JSON_PATCH, patch);
        self.headers(call.with_text_header(IF_MATCH, etag)?)
    }

    /// A new patient, who gets an NHS number. If the service has a record of the patient, it answers
    /// with an OperationOutcome: [`ErrorKind::Outcome`](crate::ErrorKind::Outcome).
    ///
    /// # Errors
    /// As [`Pds::read`].
    pub fn create(&self, patient: impl Into<JsonBody>) -> Result<Call<Patient>, Error> {
        let call = self::patient("pds-create", &join(&self.base, "Patient"))?;
        self.post(call, patient.into())
    }

    /// A new patient from the Bundle of a birth notification: `Patient/$process-birth-details`.
    ///
    /// # Errors
    /// As [`Pds::read`].
    pub fn create_from_birth(&self, birth: impl Into<JsonBody>) -> Result<Call<Patient>, Error> {
        let address = join(&self.base, "Patient/$process-birth-details");
        let call = patient("pds-birth", &address)?;
        self.post(call, birth.into())
    }

    /// The coverage of a patient who is insured in another country.
    ///
    /// # Errors
    /// As [`Pds::read`].
    pub fn coverage(&self, number: &NhsNumber) -> Result<Call<Bundle>, Error> {
        let query = format!("?subscriber:identifier={}", number.expose());
        let address = queried(&join(&self.base, "Coverage"), &query);
        self.headers(Call::resource("pds-coverage", &address)?)
    }

    /// New coverage for a patient, if the version of what is there is still the one with this `ETag`.
    ///
    /// # Errors
    /// As [`Pds::update`].
    pub fn add_coverage(
        &self,
        etag: &str,
        coverage: impl Into<JsonBody>,
    ) -> Result<Call<Bundle>, Error> {
        let call = Call::resource("pds-coverage-create", &join(&self.base, "Coverage"))?;
        let call = call.with_text_header(IF_MATCH, etag)?;
        self.post(call, coverage.into())
    }

    /// A GET of an address that the caller has, as from a reference.
    ///
    /// # Errors
    /// If the address is not a URL.
    pub fn get(&self, address: &str) -> Result<Call<Value>, Error> {
        self.headers(Call::fhir("pds-get", address)?)
    }

    /// The service recognises a repeated POST by its `X-Request-ID`.
    fn post<T>(&self, call: Call<T>, body: JsonBody) -> Result<Call<T>, Error> {
        let call = call.with_method(Method::POST);
        let call = call.with_idempotency(Idempotency::ByRequestId);
        self.headers(call.with_body(FHIR_JSON, body))
    }

    fn address(&self, number: &NhsNumber) -> String {
        join(&join(&self.base, "Patient"), number.expose())
    }

    fn headers<T>(&self, mut call: Call<T>) -> Result<Call<T>, Error> {
        if let Some(role) = &self.role {
            // It identifies the user.
            call = call.with_header(URID, secret_header(&role.expose().into())?);
        }
        match &self.organization {
            Some(code) => call.with_text_header(ORGANISATION, code.as_str()),
            None => Ok(call),
        }
    }
}

/// A GET of a patient.
fn patient(name: &'static str, address: &str) -> Result<Call<Patient>, Error> {
    let call = Call::new(name, address, parse_patient)?;
    call.with_text_header(ACCEPT, FHIR_JSON)
}

/// A patient: one with an NHS number, be it another one than was requested.
fn parse_patient(head: &Head, body: &Bytes) -> Result<Checked<Patient>, ErrorKind> {
    let read = parse_resource::<Patient>(head, body)?;
    let id = read.value.id.as_str();
    if id.is_some_and(|id| NhsNumber::parse(id).is_ok()) {
        Ok(read)
    } else {
        Err(ErrorKind::OtherResource("Patient".to_owned()))
    }
}

/// The number that has taken the place of the one that was requested, if it is another one: the
/// patient's records have been merged.
///
/// ```
/// use healthcode_r4::Patient;
/// use healthcode_transport::nhs::superseded_by;
/// use healthcode_uk::NhsNumber;
/// let requested = NhsNumber::parse("9000000009")?;
/// let patient = Patient { id: "9000000017".into(), ..Patient::default() };
/// assert_eq!(superseded_by(&requested, &patient).unwrap().expose(), "9000000017");
/// # Ok::<(), healthcode_uk::IdError>(())
/// ```
#[must_use]
pub fn superseded_by(requested: &NhsNumber, patient: &Patient) -> Option<NhsNumber> {
    let number = NhsNumber::parse(patient.id.as_str()?).ok()?;
    (number != *requested).then_some(number)
}
