//! Healthcode: addresses by discovery, tokens from its sign-on server, and its calls.
//!
//! [`Healthcode`] makes calls without I/O; [`HealthcodeClient`] sends them, and looks everything up
//! that it needs for that.

mod discovery;
mod pages;
mod session;

pub use discovery::{Discovery, OpenIdConfiguration};
pub use pages::Pages;
pub use session::{HealthcodeClient, SignOn};

use crate::call::{Call, ExpectedResource, FHIR_JSON, FORM, Idempotency, encoded, endpoint_of};
use crate::error::{Error, ErrorKind};
use crate::origin::Origin;
use crate::trust::Trust;
use crate::url::{join, queried, segment};
use healthcode_core::Root;
use healthcode_r4::OperationOutcome;
use healthcode_search::{
    Audience, Dialect, Endpoint, Method as Verb, ParameterLocation, Query, service,
};
use http::header::CONTENT_TYPE;
use http::{HeaderName, Method};

/// The header with the site that a call is for.
pub const SU_SITE_ID: HeaderName = HeaderName::from_static(service::SU_SITE_ID.lower);
/// The header with the version of the API.
pub const HC_API_VERSION: HeaderName = HeaderName::from_static(service::HC_API_VERSION.lower);

/// An environment of Healthcode, and how it is called.
///
/// Addresses come from the discovery document alone, under the key that the
/// [table of endpoints](healthcode_search::ENDPOINTS) has.
///
/// ```
/// use healthcode_search::PractitionerSearch;
/// use healthcode_transport::healthcode::{Discovery, Healthcode};
/// use healthcode_transport::show_http;
///
/// let json = br#"{"search_practitioner_endpoint": "https://ppr.example.org/practitioner"}"#;
/// let discovery = Discovery::read(json)?;
/// let service = Healthcode::production().site_id("HC00ABC");
/// let query = PractitionerSearch::new().family("Clinton").build()?;
/// let call = service.query::<healthcode_r4::Bundle>(&discovery, &query)?;
/// assert_eq!(
///     show_http(&call.request()),
///     "GET /practitioner?family=Clinton HTTP/1.1\n\
///      host: ppr.example.org\n\
///      accept: application/fhir+json\n\
///      content-type: application/fhir+json\n\
///      hc-api-version: 1\n\
///      su-siteid: HC00ABC\n\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Healthcode {
    discovery: String,
    sign_on: String,
    site: Option<String>,
    version: String,
    trust: Trust,
    restricted: bool,
}

impl Healthcode {
    /// An environment, by the addresses of its discovery document and of its sign-on server's
    /// openid-configuration.
    #[must_use]
    pub fn new(discovery: impl Into<String>, sign_on: impl Into<String>) -> Self {
        Healthcode {
            discovery: discovery.into(),
            sign_on: sign_on.into(),
            site: None,
            version: "1".to_owned(),
            trust: Trust::new(),
            restricted: false,
        }
    }

    /// The production environment. The addresses of others are not published.
    #[must_use]
    pub fn production() -> Self {
        Healthcode::new(
            "https://api.healthcode.co.uk/.well-known/discovery-document.json",
            "https://auth.healthcode.co.uk/.well-known/openid-configuration",
        )
    }

    /// The site that calls are for: `SU-SiteId`.
    #[must_use]
    pub fn site_id(mut self, site: impl Into<String>) -> Self {
        self.site = Some(site.into());
        self
    }

    /// The version of the API, 1 unless it is set: `HC-API-Version`, which is always sent.
    #[must_use]
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Whether endpoints may be called that are reserved for Healthcode's own products.
    #[must_use]
    pub fn allow_restricted(mut self, allow: bool) -> Self {
        self.restricted = allow;
        self
    }

    /// Trusts an origin that redirects may lead to, beside those of the discovery document, or that
    /// has the sign-on server's token endpoint.
    #[must_use]
    pub fn allow_origin(mut self, origin: Origin) -> Self {
        self.trust.allow(origin);
        self
    }

    /// Whether http without TLS is taken where the service is this machine.
    #[must_use]
    pub fn allow_loopback_http(mut self, allow: bool) -> Self {
        self.trust.allow_loopback_http(allow);
        self
    }

    /// Where an endpoint is, if it may be called.
    ///
    /// # Errors
    /// If it is not one of Healthcode's, is reserved and not allowed, has no discovery key, or the
    /// document has no address for it.
    pub fn address<'a>(
        &self,
        discovery: &'a Discovery,
        endpoint: &'static Endpoint,
    ) -> Result<&'a str, Error> {
        let found = self.allowed(endpoint).and_then(|()| {
            let key = endpoint.discovery_key;
            let key = key.ok_or_else(|| Error::new(ErrorKind::NoDiscoveryKey(endpoint.name)))?;
            discovery.address(key)
        });
        found.map_err(|error| error.of(endpoint.name))
    }

    fn allowed(&self, endpoint: &'static Endpoint) -> Result<(), Error> {
        if endpoint.dialect != Dialect::Healthcode {
            return Err(Error::new(ErrorKind::Request(
                "the endpoint is not allowed here: it is not one of Healthcode's",
            )));
        }
        if endpoint.audience == Audience::Restricted && !self.restricted {
            Err(Error::new(ErrorKind::Restricted(endpoint.name)))
        } else {
            Ok(())
        }
    }

    /// A search, by GET or by a form as the endpoint's table says.
    ///
    /// # Errors
    /// If the query is not for an endpoint of Healthcode or has errors, and as
    /// [`Healthcode::address`].
    pub fn query<T: Root>(&self, discovery: &Discovery, query: &Query) -> Result<Call<T>, Error> {
        let endpoint = endpoint_of(query)?;
        let address = self.address(discovery, endpoint)?;
        let encoded = encoded(query, endpoint.name)?;
        let call = Call::resource(endpoint.name, &queried(address, &encoded.url("")))?;
        let expected = endpoint
            .response
            .map(|response| ExpectedResource::new(response, None));
        let call = call.expects(expected);
        if endpoint.parameter_location != ParameterLocation::Form {
            return self.headers(call);
        }
        let call = call
            .with_method(Method::POST)
            .with_idempotency(Idempotency::Idempotent);
        self.headers(call.with_body(FORM, encoded.as_str().to_owned()))
    }

    /// A GET of what is below an endpoint: a resource by its id, a photo by its practitioner's,
    /// a code set by its name and scheme; or of the endpoint itself, with nothing below.
    ///
    /// # Errors
    /// If a part is empty or dots, and as [`Healthcode::address`].
    pub fn read<T: Root>(
        &self,
        discovery: &Discovery,
        endpoint: &'static Endpoint,
        below: &[&str],
    ) -> Result<Call<T>, Error> {
        let address = self.below(discovery, endpoint, below)?;
        let call = Call::resource(endpoint.name, &address)?;
        let expected = read(endpoint, below);
        self.headers(call.expects(expected))
    }

    /// A GET of an address that the caller has, as from a reference.
    ///
    /// # Errors
    /// If the address is not a URL.
    pub fn get(&self, address: &str) -> Result<Call<serde_json::Value>, Error> {
        self.headers(Call::fhir("healthcode-get", address)?)
    }

    /// A POST of a new resource; the answer is the resource as it is kept, with its id. It is not
    /// repeated unless it was certainly not done.
    ///
    /// # Errors
    /// If the endpoint is not one that takes resources, and as [`Healthcode::address`].
    pub fn create<T: Root>(
        &self,
        discovery: &Discovery,
        endpoint: &'static Endpoint,
        resource: &T,
    ) -> Result<Call<T>, Error> {
        if (endpoint.method, endpoint.parameter_location) != (Verb::Post, ParameterLocation::None) {
            let unfit = "a resource is not allowed here: the endpoint takes none";
            return Err(Error::new(ErrorKind::Request(unfit)).of(endpoint.name));
        }
        let address = self.address(discovery, endpoint)?;
        let expected = endpoint
            .resource
            .map(|resource| ExpectedResource::new(resource, None));
        self.write(endpoint, address, Method::POST, resource, expected)
    }

    /// A PUT of a resource, by its id; the answer is the resource as it is kept.
    ///
    /// # Errors
    /// As [`Healthcode::read`].
    pub fn update<T: Root>(
        &self,
        discovery: &Discovery,
        endpoint: &'static Endpoint,
        id: &str,
        resource: &T,
    ) -> Result<Call<T>, Error> {
        let address = self.below(discovery, endpoint, &[id])?;
        let expected = expected_resource(endpoint, id);
        self.write(endpoint, &address, Method::PUT, resource, expected)
    }

    /// A DELETE of a resource, by its id; success comes with an OperationOutcome that is information.
    ///
    /// # Errors
    /// As [`Healthcode::read`].
    pub fn delete(
        &self,
        discovery: &Discovery,
        endpoint: &'static Endpoint,
        id: &str,
    ) -> Result<Call<Option<OperationOutcome>>, Error> {
        let address = self.below(discovery, endpoint, &[id])?;
        self.headers(Call::delete(endpoint.name, &address)?)
    }

    fn below(
        &self,
        discovery: &Discovery,
        endpoint: &'static Endpoint,
        below: &[&str],
    ) -> Result<String, Error> {
        let mut address = self.address(discovery, endpoint)?.to_owned();
        let unfit = ErrorKind::Request("invalid id: expected neither an empty text nor dots");
        for part in below {
            let part = segment(part);
            let part = part.ok_or_else(|| Error::new(unfit.clone()).of(endpoint.name))?;
            address = join(&address, &part);
        }
        Ok(address)
    }

    fn write<T: Root>(
        &self,
        endpoint: &'static Endpoint,
        address: &str,
        method: Method,
        resource: &T,
        expected: Option<ExpectedResource>,
    ) -> Result<Call<T>, Error> {
        let call = Call::resource(endpoint.name, address)?.with_method(method);
        let call = call.expects(expected);
        self.headers(call.with_body(FHIR_JSON, healthcode_json::to_vec(resource)))
    }

    /// What all calls have. The documentation shows a content type on GET, too.
    fn headers<T>(&self, call: Call<T>) -> Result<Call<T>, Error> {
        let call = if call.has_header(&CONTENT_TYPE) {
            call
        } else {
            call.with_text_header(CONTENT_TYPE, FHIR_JSON)?
        };
        let call = call.with_text_header(HC_API_VERSION, &self.version)?;
        match &self.site {
            Some(site) => call.with_text_header(SU_SITE_ID, site),
            None => Ok(call),
        }
    }
}

/// What a GET below an endpoint answers with, where the table says it: the resource of an id, unless
/// the endpoint returns something else than it is about, as photos are; and of the endpoint itself, the
/// documented type.
fn read(endpoint: &Endpoint, below: &[&str]) -> Option<ExpectedResource> {
    let Endpoint {
        resource, response, ..
    } = endpoint;
    match below {
        [id] if endpoint.parameter_location != ParameterLocation::None
            || resource.is_some() && (response.is_none() || resource == response) =>
        {
            expected_resource(endpoint, id)
        }
        [] | [_] => response.map(|response| ExpectedResource::new(response, None)),
        _ => None,
    }
}

/// The resource that an endpoint is about, with this id.
fn expected_resource(endpoint: &Endpoint, id: &str) -> Option<ExpectedResource> {
    let resource = endpoint.resource?;
    Some(ExpectedResource::new(resource, Some(id)))
}
