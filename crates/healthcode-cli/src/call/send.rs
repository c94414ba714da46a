//! [`Service`]: a client of the environment's system, and what it sends.

use super::Target;
use super::environment::{Environment, Service as Settings};
use healthcode_r4::{Bundle, Resource};
use healthcode_sandbox::ExposeSecret;
use healthcode_search::{Query, Scope};
use healthcode_transport::graphnet::{Graphnet, GraphnetClient};
use healthcode_transport::healthcode::{Healthcode, HealthcodeClient, Pages};
use healthcode_transport::nhs::{Assertion, Pds, Platform, Sds, SignedJwt};
use healthcode_transport::{
    Client, Error, ErrorKind, FetchToken, Origin, Retry, RingSigner, SecretString, Token,
    TokenCache, Wire,
};
use healthcode_uk::OdsCode;
use std::io;
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

/// Is called when an answer, or a page of it, has come.
type Came<'a> = &'a mut dyn FnMut(()) -> io::Result<()>;

/// A client of a system.
pub(super) enum Service {
    Healthcode(HealthcodeClient),
    Graphnet(GraphnetClient),
    Nhs(Box<Nhs>),
}

/// The NHS's platform: calls with tokens, and calls that take none.
pub(super) struct Nhs {
    pds: Pds,
    sds: Sds,
    open: Client,
    signed: Client,
}

/// The product of Graphnet's that the one subscription key is for.
const PRODUCT: &str = "fhir";

fn unfit(why: &'static str) -> Error {
    Error::new(ErrorKind::Request(why))
}

/// Whether an address is http on this machine: who writes it so allows it.
fn is_http(address: &str) -> bool {
    Origin::read(address).is_ok_and(|it| !it.is_secure())
}

impl Service {
    /// A client that sends for real.
    ///
    /// # Errors
    /// If an address, a key or a code of the environment is none.
    pub(super) fn new(
        environment: &Environment,
        wire: Wire,
        restricted: bool,
    ) -> Result<Self, Error> {
        Self::of(environment, wire, restricted, false)
    }

    /// A client that asks for no token and tries nothing twice.
    ///
    /// # Errors
    /// As [`Service::new`].
    pub(super) fn dry(
        environment: &Environment,
        wire: Wire,
        restricted: bool,
    ) -> Result<Self, Error> {
        Self::of(environment, wire, restricted, true)
    }

    fn of(
        environment: &Environment,
        wire: Wire,
        restricted: bool,
        dry: bool,
    ) -> Result<Self, Error> {
        let none = || Token::new("-", SystemTime::now(), None);
        let once = |client: Client| match dry {
            true => client.retry(Retry::never()),
            false => client,
        };
        Ok(match &environment.service {
            Settings::Healthcode { key_id, key, .. } => {
                let service = healthcode(&environment.service, restricted)?;
                let client = match dry {
                    true => HealthcodeClient::with_tokens(service, wire, none())?,
                    false => HealthcodeClient::new(service, wire, key_id, key.clone())?,
                };
                Service::Healthcode(client.map_client(once))
            }
            Settings::Graphnet {
                base,
                token,
                client_id,
                client_secret,
                subscription_key,
            } => {
                let service = Graphnet::new(base)
                    .key(PRODUCT, subscription_key.clone())
                    .allow_loopback_http(is_http(base));
                let client = match dry {
                    true => GraphnetClient::with_tokens(service, wire, none())?,
                    false => {
                        GraphnetClient::new(service, wire, token, client_id, client_secret.clone())?
                    }
                };
                Service::Graphnet(client.map_client(once))
            }
            Settings::Nhs {
                base,
                api_key,
                signer,
                organization,
            } => {
                let platform = Platform::new(base).allow_loopback_http(is_http(base));
                let open = once(Client::new(wire.clone(), platform.trust()?));
                let signed = match signer {
                    None => open.clone(),
                    Some(_) if dry => open.clone().tokens(none()),
                    Some((kid, pem)) => {
                        let tokens = signed(&platform, api_key, kid, pem, wire, is_http(base))?;
                        open.clone().tokens(tokens)
                    }
                };
                let mut pds = Pds::new(platform.clone());
                if let Some(code) = organization {
                    let code = OdsCode::parse(code);
                    pds = pds.organization(code.map_err(|_| unfit("organization is no ODS code"))?);
                }
                Service::Nhs(Box::new(Nhs {
                    pds,
                    sds: Sds::new(platform, api_key.clone()),
                    open,
                    signed,
                }))
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
        came: Came<'_>,
    ) -> Result<bool, Stopped> {
        match (self, target) {
            (Service::Healthcode(client), Target::Search(query)) => {
                numbered(client, query, pages, came).await
            }
            (Service::Healthcode(client), Target::Read(endpoint, below)) => {
                let below: Vec<&str> = below.iter().map(String::as_str).collect();
                client.read::<Resource>(endpoint, &below).await?;
                came(()).map_err(Stopped::Output)?;
                Ok(false)
            }
            (Service::Graphnet(client), Target::Search(query)) => {
                linked(client, query, pages, came).await
            }
            (Service::Nhs(nhs), Target::Search(query)) => {
                let (call, client) = match name(query) {
                    "pds-patient" => (nhs.pds.search(query)?, &nhs.signed),
                    "sds-device" => (nhs.sds.devices(query)?, &nhs.open),
                    _ => (nhs.sds.endpoints(query)?, &nhs.open),
                };
                client.send(&call).await?;
                came(()).map_err(Stopped::Output)?;
                Ok(false)
            }
            (_, Target::Read(..)) => Err(unfit("the endpoint reads nothing by id").into()),
        }
    }
}

fn name(query: &Query) -> &'static str {
    match query.scope() {
        Scope::Endpoint(endpoint) => endpoint.name,
        Scope::Resource(name) => name,
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

/// Tokens of the platform, by assertions that the key signs.
fn signed(
    platform: &Platform,
    api_key: &SecretString,
    kid: &str,
    pem: &SecretString,
    wire: Wire,
    loopback_http: bool,
) -> Result<TokenCache<FetchToken<SignedJwt>>, Error> {
    let endpoint = platform.token_endpoint();
    let assertion = Assertion::new(api_key.expose_secret(), kid, endpoint);
    let grant = SignedJwt::new(assertion, RingSigner::from_pem(pem)?);
    let timer = wire.timer().clone();
    let fetch = FetchToken::new(grant, wire).allow_loopback_http(loopback_http);
    Ok(TokenCache::new(fetch, timer))
}

/// Pages by Healthcode's numbers.
async fn numbered(
    client: &HealthcodeClient,
    query: &Query,
    most: Option<usize>,
    came: Came<'_>,
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
        came(()).map_err(Stopped::Output)?;
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
    query: &Query,
    most: Option<usize>,
    came: Came<'_>,
) -> Result<bool, Stopped> {
    let mut pages = client.pages(PRODUCT, query)?;
    let mut count = 0;
    while let Some(page) = pages.next_page().await {
        let page = page?.value;
        count += 1;
        came(()).map_err(Stopped::Output)?;
        if most.is_some_and(|most| count >= most) {
            return Ok(page.next_link().is_some());
        }
    }
    Ok(false)
}
