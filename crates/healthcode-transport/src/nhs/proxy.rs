//! [`Ssp`]: calls through the Spine's secure proxy.

use crate::call::{Call, Idempotency};
use crate::error::Error;
use crate::json::JsonBody;
use crate::stu3::Stu3Resource;
use crate::time::{Random, uuid};
use crate::trust::Trust;
use crate::url::{encode_component, join};
use healthcode_search::service;
use healthcode_uk::{Asid, InteractionId};
use http::{HeaderName, Method};

const TRACE_ID: HeaderName = HeaderName::from_static(service::SSP_TRACE_ID.lower);
const FROM: HeaderName = HeaderName::from_static(service::SSP_FROM.lower);
const TO: HeaderName = HeaderName::from_static(service::SSP_TO.lower);
const INTERACTION: HeaderName = HeaderName::from_static(service::SSP_INTERACTION_ID.lower);
const BODY: &str = "application/fhir+json;charset=utf-8";

const FROM_ASID: HeaderName = HeaderName::from_static("fromasid");
const TO_ASID: HeaderName = HeaderName::from_static("toasid");

/// A call with `fromASID` and `toASID`, as the National Record Locator requires them.
///
/// # Errors
/// None, as ASIDs are digits.
pub fn with_asids<T>(call: Call<T>, from: &Asid, to: &Asid) -> Result<Call<T>, Error> {
    let call = call.with_text_header(FROM_ASID, from.as_str())?;
    call.with_text_header(TO_ASID, to.as_str())
}

/// How the provider's address is written in the proxy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Nesting {
    /// As it is, after the proxy's own: GP Connect. The proxy compares it with the directory's text.
    Raw,
    /// Percent-encoded as a whole, as one part of the path: retrieval for NRL.
    Encoded,
}

/// The Spine's secure proxy, for one consumer. Its transport has to use mutual TLS with a
/// certificate of the Spine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ssp {
    proxy: String,
    from: Asid,
    nesting: Nesting,
    loopback_http: bool,
}

/// What is requested of a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct SspRequest {
    method: Method,
    path: String,
    body: Option<JsonBody>,
    idempotency: Idempotency,
}

impl SspRequest {
    /// A GET below the provider's service root: `Patient/1`, with its query if it has one. It is
    /// percent-encoded already.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        SspRequest {
            method: Method::GET,
            path: path.into(),
            body: None,
            idempotency: Idempotency::Idempotent,
        }
    }

    /// A POST of JSON below the provider's service root: `Patient/$gpc.getstructuredrecord`, which
    /// only reads and so may be repeated, as the caller says by `idempotency`.
    #[must_use]
    pub fn post(
        path: impl Into<String>,
        body: impl Into<JsonBody>,
        idempotency: Idempotency,
    ) -> Self {
        SspRequest {
            method: Method::POST,
            path: path.into(),
            body: Some(body.into()),
            idempotency,
        }
    }
}

impl Ssp {
    /// A proxy at its base URL, for the consumer's own ASID.
    #[must_use]
    pub fn new(proxy: impl Into<String>, from: Asid, nesting: Nesting) -> Self {
        Ssp {
            proxy: proxy.into(),
            from,
            nesting,
            loopback_http: false,
        }
    }

    /// Whether http without TLS is taken where the proxy is this machine.
    #[must_use]
    pub fn allow_loopback_http(mut self, allow: bool) -> Self {
        self.loopback_http = allow;
        self
    }

    /// What a client of it trusts: the proxy, and no provider.
    ///
    /// # Errors
    /// If its address is no URL.
    pub fn trust(&self) -> Result<Trust, Error> {
        Ok(Trust::of(&self.proxy, self.loopback_http)?)
    }

    /// The address of a provider's URL behind the proxy.
    ///
    /// ```
    /// use healthcode_transport::nhs::{Nesting, Ssp};
    /// use healthcode_uk::Asid;
    /// let asid = Asid::parse("200000000205")?;
    /// let url = "https://gp.example.nhs.uk/T99999/STU3/1/Patient/$gpc.getstructuredrecord";
    /// let address = |nesting| Ssp::new("https://proxy.example.nhs.uk", asid.clone(), nesting).address(url);
    /// assert_eq!(
    ///     address(Nesting::Raw),
    ///     "https://proxy.example.nhs.uk/https://gp.example.nhs.uk/T99999/STU3/1/Patient/$gpc.getstructuredrecord"
    /// );
    /// assert_eq!(
    ///     address(Nesting::Encoded),
    ///     "https://proxy.example.nhs.uk/https%3A%2F%2Fgp.example.nhs.uk%2FT99999%2FSTU3%2F1%2FPatient%2F%24gpc.getstructuredrecord"
    /// );
    /// # Ok::<(), healthcode_uk::IdError>(())
    /// ```
    #[must_use]
    pub fn address(&self, url: &str) -> String {
        let proxy = self.proxy.trim_end_matches('/');
        match self.nesting {
            Nesting::Raw => format!("{proxy}/{url}"),
            Nesting::Encoded => format!("{proxy}/{}", encode_component(url)),
        }
    }

    /// A call of a provider: by its ASID and its service root as the directory has them. Each has a
    /// trace id of its own. The answer is of STU3.
    ///
    /// # Errors
    /// If the parts make no URL.
    pub fn call(
        &self,
        to: &Asid,
        interaction: &InteractionId,
        service_root: &str,
        request: &SspRequest,
        random: &dyn Random,
    ) -> Result<Call<Stu3Resource>, Error> {
        let address = self.address(&join(service_root, &request.path));
        let mut call = Call::resource("ssp", &address)?
            .with_method(request.method.clone())
            .with_idempotency(request.idempotency)
            .with_text_header(TRACE_ID, &uuid(random))?
            .with_text_header(FROM, self.from.as_str())?
            .with_text_header(TO, to.as_str())?
            .with_text_header(INTERACTION, interaction.as_str())?;
        if let Some(body) = &request.body {
            call = call.with_body(BODY, body.clone());
        }
        Ok(call)
    }
}
