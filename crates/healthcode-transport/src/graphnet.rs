//! Graphnet (CareCentric): a FHIR API of STU3 behind a gateway with subscription keys.
//!
//! Base URLs are not published: the caller provides them. [`Graphnet`] makes calls without I/O;
//! [`GraphnetClient`] sends them.

use crate::call::{Call, ExpectedResource, Idempotency, JSON, encoded, endpoint_of};
use crate::client::{Client, HttpStack};
use crate::error::{Error, ErrorKind};
use crate::grant::{ClientAuth, ClientCredentials, FetchToken};
use crate::json::JsonBody;
use crate::origin::{resolve, uri};
use crate::pages::{PageStream, Pager};
use crate::reply::Reply;
use crate::secret::secret_header;
use crate::stu3::{Stu3Resource, next_link};
use crate::time::BoxFuture;
use crate::token::{TokenCache, TokenSource};
use crate::trust::Trust;
use crate::url::{join, queried, segment};
use healthcode_search::{ParameterLocation, Query, service};
use http::{HeaderName, Method};
use secrecy::SecretString;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};

/// The header with the key of a subscription to a product of the gateway.
pub const SUBSCRIPTION_KEY: HeaderName = HeaderName::from_static(service::SUBSCRIPTION_KEY.lower);

/// Graphnet's gateway: where it is, and the subscription keys by their products.
///
/// ```
/// use healthcode_search::{Query, Scope};
/// use healthcode_transport::graphnet::Graphnet;
/// use healthcode_transport::show_http;
///
/// let gateway = Graphnet::new("https://gateway.example.org/fhir").key("fhir", "k3y");
/// let mut query = Query::new(Scope::named("graphnet-patient")?);
/// query.set("family", "Smith")?;
/// let call = gateway.search("fhir", &query)?;
/// assert_eq!(
///     show_http(&call.request()),
///     "GET /fhir/Patient?family=Smith HTTP/1.1\n\
///      host: gateway.example.org\n\
///      accept: application/fhir+json\n\
///      ocp-apim-subscription-key: [redacted]\n\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Graphnet {
    base: String,
    keys: BTreeMap<String, SecretString>,
    loopback_http: bool,
}
healthcode_core::debug_only!(Graphnet {
    base,
    products: |this| this.keys.keys()
});

impl Graphnet {
    /// The gateway at a base URL.
    #[must_use]
    pub fn new(base: impl Into<String>) -> Self {
        Graphnet {
            base: base.into(),
            keys: BTreeMap::new(),
            loopback_http: false,
        }
    }

    /// With the key of the subscription to a product.
    #[must_use]
    pub fn key(mut self, product: impl Into<String>, key: impl Into<SecretString>) -> Self {
        self.keys.insert(product.into(), key.into());
        self
    }

    /// Whether http without TLS is taken where the gateway is this machine.
    #[must_use]
    pub fn allow_loopback_http(mut self, allow: bool) -> Self {
        self.loopback_http = allow;
        self
    }

    /// A search; the answer is a Bundle of STU3, whose elements are found by name.
    ///
    /// # Errors
    /// If the query is not for Graphnet or has errors, or there is no key for the product.
    pub fn search(&self, product: &str, query: &Query) -> Result<Call<Stu3Resource>, Error> {
        let endpoint = endpoint_of(query)?;
        let own = endpoint.dialect == service::GRAPHNET.dialect
            && endpoint.parameter_location == ParameterLocation::Query;
        let Some(path) = endpoint.path.filter(|_| own) else {
            return Err(Error::new(ErrorKind::Request(
                "the endpoint is not allowed here: it is not one of Graphnet's",
            )));
        };
        let encoded = encoded(query, endpoint.name)?;
        let address = queried(&join(&self.base, path), &encoded.url(""));
        let call = Call::resource(endpoint.name, &address)?;
        let expected = endpoint
            .response
            .map(|response| ExpectedResource::stu3(response, None));
        self.keyed(product, call.expects(expected))
    }

    /// A read of a resource by its id.
    ///
    /// # Errors
    /// If type or id is empty or dots, or there is no key for the product.
    pub fn read(
        &self,
        product: &str,
        resource: &str,
        id: &str,
    ) -> Result<Call<Stu3Resource>, Error> {
        let unfit = || {
            Error::new(ErrorKind::Request(
                "invalid type or id: expected neither an empty text nor dots",
            ))
        };
        let expected = ExpectedResource::stu3(resource, Some(id));
        let resource = segment(resource).ok_or_else(unfit)?;
        let id = segment(id).ok_or_else(unfit)?;
        let address = join(&join(&self.base, &resource), &id);
        let call = Call::resource("graphnet-read", &address)?;
        self.keyed(product, call.expects(Some(expected)))
    }

    /// A GET of a resource at an address that the caller has, as from a reference.
    ///
    /// # Errors
    /// If the address is not a URL, or there is no key for the product.
    pub fn get(&self, product: &str, address: &str) -> Result<Call<Stu3Resource>, Error> {
        self.keyed(product, Call::resource("graphnet-get", address)?)
    }

    /// A GET of an address of a CareCentric API, whose answers are JSON that is no FHIR.
    ///
    /// # Errors
    /// If the address is not a URL, or there is no key for the product.
    pub fn get_json(&self, product: &str, address: &str) -> Result<Call<Value>, Error> {
        self.keyed(product, Call::json("graphnet-api", address)?)
    }

    /// A call of a CareCentric API, which is no FHIR: JSON by POST to a path below the base, such as
    /// Find Patient. That it only looks up, the caller says by `idempotency`.
    ///
    /// # Errors
    /// If there is no key for the product.
    pub fn post(
        &self,
        product: &str,
        path: &str,
        body: impl Into<JsonBody>,
        idempotency: Idempotency,
    ) -> Result<Call<Value>, Error> {
        let call = Call::json("graphnet-api", &join(&self.base, path))?.with_method(Method::POST);
        let call = call.with_body(JSON, body.into());
        self.keyed(product, call.with_idempotency(idempotency))
    }

    fn keyed<T>(&self, product: &str, call: Call<T>) -> Result<Call<T>, Error> {
        let missing = ErrorKind::Request("missing subscription key for this product");
        let key = self
            .keys
            .get(product)
            .ok_or_else(|| Error::new(missing).of(call.name()))?;
        Ok(call.with_header(SUBSCRIPTION_KEY, secret_header(key)?))
    }

    /// The grant of a system's tokens: client credentials in the form. Its answers have no lifetime;
    /// the token's claim `exp` states it.
    #[must_use]
    pub fn grant(
        endpoint: impl Into<String>,
        id: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> ClientCredentials {
        ClientCredentials::new(endpoint, id, secret).auth(ClientAuth::Body)
    }
}

/// What the gateway says of an error, which is no FHIR (the usual form of Azure API Management).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GatewayError {
    /// The status, as the body has it.
    pub status: Option<u64>,
    /// Free text.
    pub message: String,
}
healthcode_core::debug_only!(GatewayError { status });

impl GatewayError {
    /// What the gateway said, if the error's body has its form.
    #[must_use]
    pub fn of(error: &Error) -> Option<Self> {
        let json: Value = serde_json::from_slice(error.body()).ok()?;
        Some(GatewayError {
            status: json.get("statusCode").and_then(Value::as_u64),
            message: json.get("message")?.as_str()?.to_owned(),
        })
    }
}

/// Sends calls to Graphnet. Errors with status 401 and 403 say what the token's claims authorise,
/// unverified. Clones are cheap and share tokens and limits.
#[derive(Clone, Debug)]
pub struct GraphnetClient {
    service: Graphnet,
    client: Client,
}

impl GraphnetClient {
    /// A client for a system: `endpoint` is where its tokens are.
    ///
    /// # Errors
    /// If the base is no URL.
    pub fn new(
        service: Graphnet,
        stack: HttpStack,
        endpoint: impl Into<String>,
        id: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> Result<Self, Error> {
        let grant = Graphnet::grant(endpoint, id, secret);
        let fetch = FetchToken::new(grant, stack.clone());
        let fetch = fetch.allow_loopback_http(service.loopback_http);
        let tokens = TokenCache::new(fetch, stack.timer().clone());
        Self::with_tokens(service, stack, tokens)
    }

    /// A client with tokens of the caller's own, as of users. Put a [`TokenCache`] around what
    /// fetches them.
    ///
    /// # Errors
    /// If the base is no URL.
    pub fn with_tokens(
        service: Graphnet,
        stack: HttpStack,
        tokens: impl TokenSource + 'static,
    ) -> Result<Self, Error> {
        let trust = Trust::of(&service.base, service.loopback_http)?;
        let client = Client::new(stack, trust)
            .with_tokens(tokens)
            .include_claims_in_errors(true);
        Ok(GraphnetClient { service, client })
    }

    /// With another client of HTTP: its retries, its rate limit, its headers.
    #[must_use]
    pub fn map_client(mut self, change: impl FnOnce(Client) -> Client) -> Self {
        self.client = change(self.client);
        self
    }

    /// The gateway.
    #[must_use]
    pub fn service(&self) -> &Graphnet {
        &self.service
    }

    /// The client of HTTP, which sends the calls that [`Graphnet`] makes.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A search: see [`Graphnet::search`].
    ///
    /// # Errors
    /// If there is no such call, or it failed.
    pub async fn search(&self, product: &str, query: &Query) -> Result<Reply<Stu3Resource>, Error> {
        self.client
            .send(&self.service.search(product, query)?)
            .await
    }

    /// A read: see [`Graphnet::read`].
    ///
    /// # Errors
    /// If there is no such call, or it failed.
    pub async fn read(
        &self,
        product: &str,
        resource: &str,
        id: &str,
    ) -> Result<Reply<Stu3Resource>, Error> {
        self.client
            .send(&self.service.read(product, resource, id)?)
            .await
    }

    /// All pages of a search, by the links to the next one, which are followed as they are: but not
    /// to other origins, not in a circle, and not beyond 10,000 pages.
    ///
    /// # Errors
    /// If there is no such call.
    pub fn pages(&self, product: &str, query: &Query) -> Result<PageStream<Stu3Resource>, Error> {
        let first = self.service.search(product, query)?;
        Ok(PageStream::new(Linked {
            client: self.client.clone(),
            been: HashSet::from([first.uri().to_string()]),
            next: Some(first),
            unfit: None,
        }))
    }
}

const MAX_PAGES: usize = 10_000;

struct Linked {
    client: Client,
    next: Option<Call<Stu3Resource>>,
    been: HashSet<String>,
    /// What is wrong with the link to the next page; the page that has it is given first.
    unfit: Option<Error>,
}

impl Pager for Linked {
    type Page = Stu3Resource;

    fn fetch(&mut self) -> Option<BoxFuture<'static, Result<Reply<Stu3Resource>, Error>>> {
        if let Some(error) = self.unfit.take() {
            return Some(Box::pin(async move { Err(error) }));
        }
        let call = self.next.clone()?;
        let client = self.client.clone();
        Some(Box::pin(async move { client.send(&call).await }))
    }

    fn accept(&mut self, page: &Stu3Resource) -> Result<(), Error> {
        if let Some((call, link)) = self.next.take().zip(next_link(page)) {
            match self.after(call, link) {
                Ok(next) => self.next = Some(next),
                Err(error) => self.unfit = Some(error),
            }
        }
        Ok(())
    }
}

impl Linked {
    /// The call of the next page.
    fn after(&mut self, call: Call<Stu3Resource>, link: &str) -> Result<Call<Stu3Resource>, Error> {
        let paging = |why| Error::new(ErrorKind::Paging(why)).of(call.name());
        let unfit = || paging("the link to the next page is no URL");
        let next = resolve(call.uri(), link).ok_or_else(unfit)?.to_string();
        if self.been.len() >= MAX_PAGES {
            return Err(paging("there are more pages than may be fetched"));
        }
        if !self.been.insert(next.clone()) {
            return Err(paging("the links of pages lead in a circle"));
        }
        self.client
            .trust()
            .check(&uri(&next)?)
            .map_err(|error| error.of(call.name()))?;
        Ok(call.at(uri(&next)?))
    }
}
