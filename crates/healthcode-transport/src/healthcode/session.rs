//! [`HealthcodeClient`]: calls of Healthcode, sent.

use super::{Discovery, Healthcode, OpenIdConfiguration, Pages};
use crate::call::Call;
use crate::client::{Client, HttpStack};
use crate::document::Document;
use crate::error::{Error, ErrorKind};
use crate::grant::{ClientAuth, ClientCredentials, FetchToken};
use crate::origin::{Origin, uri};
use crate::pages::{PageStream, Pager};
use crate::reply::Reply;
use crate::retry::Retry;
use crate::time::BoxFuture;
use crate::token::{Token, TokenCache, TokenSource};
use crate::trust::Trust;
use healthcode_core::Root;
use healthcode_r4::{Bundle, OperationOutcome};
use healthcode_search::{Endpoint, Query};
use secrecy::SecretString;
use std::sync::Arc;

/// What may be fetched from the origin of this address.
fn trust_of(service: &Healthcode, address: &str) -> Result<Trust, Error> {
    let mut trust = service.trust.clone();
    trust.allow(Origin::read(address)?);
    Ok(trust)
}

/// The name of the call that fetches the server's configuration.
const SIGN_ON: &str = "sign-on";

/// Healthcode's sign-on server: where its tokens are, it says itself; a token is fetched with an API
/// key's id and key.
pub struct SignOn {
    configuration: Document<OpenIdConfiguration>,
    client: Client,
    id: String,
    key: SecretString,
    auth: Option<ClientAuth>,
    scope: Option<String>,
    loopback_http: bool,
}
healthcode_core::debug_only!(SignOn { auth });

impl SignOn {
    /// The sign-on server of an environment, for an API key.
    ///
    /// # Errors
    /// If its address is no URL.
    pub fn new(
        service: &Healthcode,
        stack: HttpStack,
        id: impl Into<String>,
        key: impl Into<SecretString>,
    ) -> Result<Self, Error> {
        let address = service.sign_on.clone();
        let trust = trust_of(service, &address)?;
        Ok(SignOn {
            loopback_http: trust.allows_loopback_http(),
            configuration: Document::new(SIGN_ON, address, OpenIdConfiguration::read),
            client: Client::new(stack, trust),
            id: id.into(),
            key: key.into(),
            auth: None,
            scope: None,
        })
    }

    /// Where id and key go; if it is not set, as the server's configuration says.
    #[must_use]
    pub fn auth(mut self, auth: ClientAuth) -> Self {
        self.auth = Some(auth);
        self
    }

    /// What tokens are for; nothing is documented.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// What the server says of itself, as fresh as HTTP has it.
    ///
    /// # Errors
    /// If it cannot be fetched.
    pub async fn configuration(&self) -> Result<Arc<OpenIdConfiguration>, Error> {
        self.configuration.get(&self.client).await
    }

    async fn fetch(&self) -> Result<Token, Error> {
        let configuration = self.configuration().await?;
        if !configuration.is_of(self.configuration.address()) {
            return Err(Error::new(ErrorKind::Issuer).of(SIGN_ON));
        }
        // The key goes where the document is from, or where its owner allows.
        let endpoint = uri(&configuration.token_endpoint)?;
        let trusted = self.client.trust().check(&endpoint);
        trusted.map_err(|error| error.of(SIGN_ON))?;
        let auth = self.auth.unwrap_or_else(|| configuration.client_auth());
        let endpoint = &configuration.token_endpoint;
        let mut grant = ClientCredentials::new(endpoint, &self.id, self.key.clone()).auth(auth);
        if let Some(scope) = &self.scope {
            grant = grant.scope(scope);
        }
        let fetch = FetchToken::new(grant, self.client.stack().clone());
        let fetch = fetch.allow_loopback_http(self.loopback_http);
        fetch.token(None).await
    }
}

impl TokenSource for SignOn {
    fn token<'a>(&'a self, _: Option<&'a Token>) -> BoxFuture<'a, Result<Token, Error>> {
        Box::pin(self.fetch())
    }
}

/// Sends calls to Healthcode: with the discovery document as fresh as HTTP has it, tokens that are
/// kept until they end, and all that [`Client`] does. Clones are cheap and share all of it.
#[derive(Clone)]
pub struct HealthcodeClient {
    service: Arc<Healthcode>,
    discovery: Arc<Document<Discovery>>,
    client: Client,
}
healthcode_core::debug_only!(HealthcodeClient { service, client });

impl HealthcodeClient {
    /// A client for an API key: its id and the key itself.
    ///
    /// # Errors
    /// If an address is not a URL.
    pub fn new(
        service: Healthcode,
        stack: HttpStack,
        id: impl Into<String>,
        key: impl Into<SecretString>,
    ) -> Result<Self, Error> {
        let sign_on = SignOn::new(&service, stack.clone(), id, key)?;
        let tokens = TokenCache::new(sign_on, stack.timer().clone());
        Self::with_tokens(service, stack, tokens)
    }

    /// A client with tokens of the caller's own, as of users who sign in by a browser. Put a
    /// [`TokenCache`] around what fetches them.
    ///
    /// # Errors
    /// If an address is not a URL.
    pub fn with_tokens(
        service: Healthcode,
        stack: HttpStack,
        tokens: impl TokenSource + 'static,
    ) -> Result<Self, Error> {
        let address = service.discovery.clone();
        let trust = trust_of(&service, &address)?;
        let retry = Retry {
            internal_errors: true,
            ..Retry::default()
        };
        Ok(HealthcodeClient {
            service: Arc::new(service),
            discovery: Arc::new(Document::new("discovery", address, Discovery::read)),
            client: Client::new(stack, trust)
                .with_retry(retry)
                .with_tokens(tokens),
        })
    }

    /// With another client of HTTP: its retries, its rate limit, its headers.
    #[must_use]
    pub fn map_client(mut self, change: impl FnOnce(Client) -> Client) -> Self {
        self.client = change(self.client);
        self
    }

    /// The client of HTTP.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The environment.
    #[must_use]
    pub fn service(&self) -> &Healthcode {
        &self.service
    }

    /// The discovery document, as fresh as HTTP has it.
    ///
    /// # Errors
    /// If it cannot be fetched.
    pub async fn discovery(&self) -> Result<Arc<Discovery>, Error> {
        self.discovery.get(&self.client).await
    }

    /// A search whose answer is a Bundle.
    ///
    /// # Errors
    /// As [`HealthcodeClient::query`].
    pub async fn search(&self, query: &Query) -> Result<Reply<Bundle>, Error> {
        self.query(query).await
    }

    /// A search whose answer is of any type.
    ///
    /// # Errors
    /// If there is no such call ([`Healthcode::query`]), or it failed.
    pub async fn query<T: Root>(&self, query: &Query) -> Result<Reply<T>, Error> {
        let call = self.service.query(&*self.discovery().await?, query)?;
        self.send(&call).await
    }

    /// All pages of a search, each fetched on request.
    #[must_use]
    pub fn pages(&self, pages: Pages) -> PageStream<Bundle> {
        let client = self.clone();
        PageStream::new(Numbered { client, pages })
    }

    /// A GET of what is below an endpoint: see [`Healthcode::read`].
    ///
    /// # Errors
    /// If there is no such call, or it failed.
    pub async fn read<T: Root>(
        &self,
        endpoint: &'static Endpoint,
        below: &[&str],
    ) -> Result<Reply<T>, Error> {
        let discovery = self.discovery().await?;
        let call = self.service.read(&discovery, endpoint, below)?;
        self.send(&call).await
    }

    /// A POST of a new resource: see [`Healthcode::create`].
    ///
    /// # Errors
    /// If there is no such call, or it failed.
    pub async fn create<T: Root + Sync>(
        &self,
        endpoint: &'static Endpoint,
        resource: &T,
    ) -> Result<Reply<T>, Error> {
        let discovery = self.discovery().await?;
        let call = self.service.create(&discovery, endpoint, resource)?;
        self.send(&call).await
    }

    /// A PUT of a resource: see [`Healthcode::update`].
    ///
    /// # Errors
    /// If there is no such call, or it failed.
    pub async fn update<T: Root + Sync>(
        &self,
        endpoint: &'static Endpoint,
        id: &str,
        resource: &T,
    ) -> Result<Reply<T>, Error> {
        let discovery = self.discovery().await?;
        let call = self.service.update(&discovery, endpoint, id, resource)?;
        self.send(&call).await
    }

    /// A DELETE of a resource: see [`Healthcode::delete`].
    ///
    /// # Errors
    /// If there is no such call, or it failed.
    pub async fn delete(
        &self,
        endpoint: &'static Endpoint,
        id: &str,
    ) -> Result<Reply<Option<OperationOutcome>>, Error> {
        let discovery = self.discovery().await?;
        let call = self.service.delete(&discovery, endpoint, id)?;
        self.send(&call).await
    }

    /// Sends a call that [`Healthcode`] has made. The origins in the current discovery document are trusted.
    ///
    /// # Errors
    /// If it failed.
    pub async fn send<T>(&self, call: &Call<T>) -> Result<Reply<T>, Error> {
        let discovery = self.discovery().await?;
        self.client.send_trusting(call, &discovery.trust()).await
    }
}

struct Numbered {
    client: HealthcodeClient,
    pages: Pages,
}

impl Pager for Numbered {
    type Page = Bundle;

    fn fetch(&mut self) -> Option<BoxFuture<'static, Result<Reply<Bundle>, Error>>> {
        let query = self.pages.next_query().transpose()?;
        let client = self.client.clone();
        Some(Box::pin(async move { client.search(&query?).await }))
    }

    fn accept(&mut self, page: &Bundle) -> Result<(), Error> {
        self.pages.accept(page)
    }
}
