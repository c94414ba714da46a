//! [`Service`]: a client of the environment's system, and what it sends.

use super::NOWHERE;
use super::args::CallArgs;
use super::environment::{Environment, Service as Settings};
use super::nhs::Nhs;
use super::target::Target;
use healthcode_r4::{Bundle, Resource};
use healthcode_search::Query;
use healthcode_transport::graphnet::{Graphnet, GraphnetClient};
use healthcode_transport::healthcode::{Healthcode, HealthcodeClient, Pages, SignOn};
use healthcode_transport::{
    Call, Error, ErrorKind, FetchToken, Origin, Repeat, Token, TokenCache, TokenSource, Wire,
};
use http::header::IF_MATCH;
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

/// Why no more came.
pub(super) enum Stopped {
    Call(Error),
    Output(io::Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Stopped::Call(error)
    }
}

/// What came.
pub(super) enum Came {
    /// An answer, or a page of it.
    Answer,
    /// A token: what is known of it.
    Token(Value),
    /// Another patient than was asked for, in the last answer.
    Other,
}

/// Is called when something has come.
type Tell<'a> = &'a mut dyn FnMut(Came) -> io::Result<()>;

/// A client of a system, and where its tokens come from.
pub(super) enum Service {
    Healthcode(HealthcodeClient, Tokens),
    /// With the product that is called.
    Graphnet(GraphnetClient, Graphnet, String, Tokens),
    Nhs(Box<Nhs>),
}

/// The name of calls of CareCentric APIs.
const API: &str = "graphnet-api";

/// Where tokens come from, each anew.
pub(super) type Tokens = Arc<dyn TokenSource>;

pub(super) fn unfit(why: &'static str) -> Error {
    Error::new(ErrorKind::Request(why))
}

/// Whether an address is http on this machine: who writes it so allows it.
pub(super) fn is_http(address: &str) -> bool {
    Origin::read(address).is_ok_and(|it| !it.is_secure())
}

/// What stands for a token that is not asked for.
fn none() -> Token {
    Token::new("-", SystemTime::now(), None)
}

impl Service {
    /// A client that sends for real.
    ///
    /// # Errors
    /// If an address, a key or a code of the environment is none.
    pub(super) fn new(
        environment: &Environment,
        wire: Wire,
        args: &CallArgs,
    ) -> Result<Self, Error> {
        Self::of(environment, wire, args, false)
    }

    /// A client that asks for no token.
    ///
    /// # Errors
    /// As [`Service::new`].
    pub(super) fn dry(
        environment: &Environment,
        wire: Wire,
        args: &CallArgs,
    ) -> Result<Self, Error> {
        Self::of(environment, wire, args, true)
    }

    fn of(
        environment: &Environment,
        wire: Wire,
        args: &CallArgs,
        dry: bool,
    ) -> Result<Self, Error> {
        // A dry run makes no token for a call: only `…-token` shows how one is asked for.
        let cached = |tokens: &Tokens| -> Tokens {
            match dry {
                true => Arc::new(none()),
                false => Arc::new(TokenCache::new(tokens.clone(), wire.timer().clone())),
            }
        };
        Ok(match &environment.service {
            Settings::Healthcode { key_id, key, .. } => {
                let mut service = healthcode(&environment.service, args.restricted)?;
                if dry {
                    // What stands for addresses that are not known.
                    let nowhere = format!("https://{NOWHERE}");
                    service = service.allow_origin(Origin::read(&nowhere)?);
                }
                let tokens = SignOn::new(&service, wire.clone(), key_id, key.clone())?;
                let tokens: Tokens = Arc::new(tokens);
                let kept = cached(&tokens);
                let client = HealthcodeClient::with_tokens(service, wire, kept)?;
                Service::Healthcode(client, tokens)
            }
            Settings::Graphnet {
                base,
                api,
                token,
                client_id,
                client_secret,
                subscription_key,
                product,
            } => {
                let base = api
                    .as_ref()
                    .filter(|_| args.endpoint == API)
                    .unwrap_or(base);
                let service = Graphnet::new(base)
                    .key(product, subscription_key.clone())
                    .allow_loopback_http(is_http(base));
                let grant = Graphnet::grant(token, client_id, client_secret.clone());
                let fetch = FetchToken::new(grant, wire.clone());
                let tokens: Tokens = Arc::new(fetch.allow_loopback_http(is_http(token)));
                let kept = cached(&tokens);
                let client = GraphnetClient::with_tokens(service.clone(), wire, kept)?;
                Service::Graphnet(client, service, product.clone(), tokens)
            }
            Settings::Nhs { .. } => {
                let nhs = Nhs::new(&environment.service, &wire, args.as_user, dry, cached)?;
                Service::Nhs(Box::new(nhs))
            }
        })
    }

    /// Sends, and tells of each answer; gives whether there are more pages than were wanted.
    ///
    /// # Errors
    /// If a call failed, or an answer could not be told.
    pub(super) async fn send(
        &self,
        target: &Target,
        pages: Option<usize>,
        came: Tell<'_>,
    ) -> Result<bool, Stopped> {
        if let Target::Token = target {
            let said = token(self.tokens()?).await?;
            came(Came::Token(said)).map_err(Stopped::Output)?;
            return Ok(false);
        }
        match (self, target) {
            (Service::Healthcode(client, _), Target::Search(query)) => {
                return numbered(client, query, pages, came).await;
            }
            (Service::Graphnet(client, _, product, _), Target::Search(query)) => {
                return linked(client, product, query, pages, came).await;
            }
            (Service::Healthcode(client, _), target) => write(client, target).await?,
            (Service::Graphnet(client, service, product, _), Target::Read(endpoint, below)) => {
                let (Some(kind), [id]) = (endpoint.resource, below.as_slice()) else {
                    return Err(unfit("the endpoint reads nothing by id").into());
                };
                let call = service.read(product, kind, id)?;
                client.client().send(&call).await?;
            }
            (Service::Graphnet(client, service, product, _), Target::Post(path, body)) => {
                // That it changes nothing is not known.
                let call = service.post(product, path, body.clone(), Repeat::Never)?;
                client.client().send(&call).await?;
            }
            (Service::Nhs(nhs), target) => {
                let superseded = nhs.send(target).await?;
                came(Came::Answer).map_err(Stopped::Output)?;
                if superseded {
                    came(Came::Other).map_err(Stopped::Output)?;
                }
                return Ok(false);
            }
            (Service::Graphnet(..), _) => return Err(unfit("it is no call of Graphnet's").into()),
        }
        came(Came::Answer).map_err(Stopped::Output)?;
        Ok(false)
    }

    fn tokens(&self) -> Result<&Tokens, Error> {
        match self {
            Service::Healthcode(_, tokens) | Service::Graphnet(.., tokens) => Ok(tokens),
            Service::Nhs(nhs) => nhs.tokens(),
        }
    }
}

/// What is known of a new token, but for itself.
async fn token(tokens: &Tokens) -> Result<Value, Error> {
    let token = tokens.token(None).await?;
    let left = token.expires_at().map(|it| {
        let left = it.duration_since(SystemTime::now()).unwrap_or_default();
        left.as_secs_f64().ceil()
    });
    let mut said = json!({"token_type": "Bearer", "access_token": "[redacted]"});
    if let Some(left) = left {
        said["expires_in"] = json!(left as u64);
    }
    if let Some(claims) = token.unverified_claims() {
        said["claims"] = json!(claims.to_string());
    }
    Ok(said)
}

/// What is no search of Healthcode's.
async fn write(client: &HealthcodeClient, target: &Target) -> Result<(), Error> {
    let discovery = client.discovery().await?;
    let service = client.service();
    match target {
        Target::Read(endpoint, below) => {
            let below: Vec<&str> = below.iter().map(String::as_str).collect();
            client.read::<Resource>(endpoint, &below).await.map(drop)
        }
        Target::Create(endpoint, resource) => client.create(endpoint, &**resource).await.map(drop),
        Target::Update(endpoint, id, resource, tag) => {
            let call = service.update(&discovery, endpoint, id, &**resource)?;
            client
                .send(&versioned(call, tag.as_deref())?)
                .await
                .map(drop)
        }
        Target::Delete(endpoint, id, tag) => {
            let call = service.delete(&discovery, endpoint, id)?;
            client
                .send(&versioned(call, tag.as_deref())?)
                .await
                .map(drop)
        }
        _ => Err(unfit("it is no call of Healthcode's")),
    }
}

fn versioned<T>(call: Call<T>, tag: Option<&str>) -> Result<Call<T>, Error> {
    match tag {
        Some(tag) => call.text_header(IF_MATCH, tag),
        None => Ok(call),
    }
}

fn healthcode(settings: &Settings, restricted: bool) -> Result<Healthcode, Error> {
    let Settings::Healthcode {
        addresses,
        site,
        api_version,
        allow_origins,
        ..
    } = settings
    else {
        return Err(unfit("the environment is none of Healthcode's"));
    };
    let mut service = match addresses {
        Some((discovery, sign_on)) => {
            let http = is_http(discovery) && is_http(sign_on);
            Healthcode::new(discovery, sign_on).allow_loopback_http(http)
        }
        None => Healthcode::production(),
    };
    service = service.allow_restricted(restricted);
    if let Some(site) = site {
        service = service.site_id(site);
    }
    if let Some(version) = api_version {
        service = service.api_version(version);
    }
    for origin in allow_origins {
        service = service.allow_origin(Origin::read(origin)?);
    }
    Ok(service)
}

/// Pages by Healthcode's numbers.
async fn numbered(
    client: &HealthcodeClient,
    query: &Query,
    most: Option<usize>,
    came: Tell<'_>,
) -> Result<bool, Stopped> {
    let mut pages = Pages::new(query.clone());
    let mut count = 0;
    while let Some(query) = pages.next_query()? {
        if most.is_some_and(|most| count >= most) {
            return Ok(true);
        }
        let reply = client.query::<Resource>(&query).await?;
        count += 1;
        let accepted = reply.value.get::<Bundle>().map(|it| pages.accept(it));
        came(Came::Answer).map_err(Stopped::Output)?;
        match accepted {
            Some(accepted) => accepted?,
            // No list.
            None => return Ok(false),
        }
    }
    Ok(false)
}

/// Pages by links.
async fn linked(
    client: &GraphnetClient,
    product: &str,
    query: &Query,
    most: Option<usize>,
    came: Tell<'_>,
) -> Result<bool, Stopped> {
    let mut pages = client.pages(product, query)?;
    let mut count = 0;
    while let Some(page) = pages.next_page().await {
        let page = page?.value;
        count += 1;
        came(Came::Answer).map_err(Stopped::Output)?;
        if most.is_some_and(|most| count >= most) {
            return Ok(page.next_link().is_some());
        }
    }
    Ok(false)
}
