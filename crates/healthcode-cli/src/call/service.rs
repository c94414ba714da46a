//! [`Service`]: the clients of an environment's system, and what they report.

use super::environment::{
    Environment, GraphnetSettings, HealthcodeSettings, NhsSettings, Settings, is_below,
};
use crate::args::call::AccountArgs;
use healthcode_sandbox::ExposeSecret;
use healthcode_search::{Query, service};
use healthcode_transport::graphnet::{Graphnet, GraphnetClient};
use healthcode_transport::healthcode::{Healthcode, HealthcodeClient, SignOn};
use healthcode_transport::nhs::{Assertion, Pds, Platform, Sds, SignedJwt, Signer, TokenExchange};
use healthcode_transport::{
    Client, Error, ErrorKind, FetchToken, HttpStack, Origin, RateLimit, RingSigner, SecretString,
    Token, TokenCache, TokenSource,
};
use healthcode_uk::{Asid, OdsCode, SdsRoleProfileId};
use serde_json::Value;
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

/// Why sending ended.
pub(super) enum SendError {
    Call(Error),
    Output(io::Error),
}

impl From<Error> for SendError {
    fn from(error: Error) -> Self {
        SendError::Call(error)
    }
}

/// What happened.
pub(super) enum CallEvent {
    /// An answer came, or a page of it.
    Answer,
    /// A token came: what is known of it.
    Token(Value),
    /// The last answer is another patient than was requested.
    Superseded,
    /// There are more pages than were wanted.
    MorePages,
    /// The call for the patient in this line failed; others follow.
    Failed(usize, Error),
}

/// Is called when something has happened.
pub(super) type OnEvent<'a> = &'a mut dyn FnMut(CallEvent) -> io::Result<()>;

/// Reports an event.
///
/// # Errors
/// If it could not be printed.
pub(super) fn output(on_event: OnEvent<'_>, event: CallEvent) -> Result<(), SendError> {
    on_event(event).map_err(SendError::Output)
}

/// A host that does not exist (RFC 6761), for addresses that only the discovery document has.
pub(super) const NOWHERE: &str = "discovery.invalid";

/// Where tokens come from, each anew.
type Tokens = Arc<dyn TokenSource>;

pub(super) fn unfit(reason: &'static str) -> Error {
    Error::new(ErrorKind::Request(reason))
}

/// Whether an address is http: the settings name it, and so allow it on this machine.
pub(super) fn is_http(address: &str) -> bool {
    Origin::read(address).is_ok_and(|origin| !origin.is_secure())
}

/// The clients of a system.
pub(super) enum Service {
    Healthcode(Box<HealthcodeService>),
    Graphnet(Box<GraphnetService>),
    Nhs(Box<NhsService>),
}

pub(super) struct HealthcodeService {
    pub(super) client: HealthcodeClient,
    tokens: Tokens,
}

pub(super) struct GraphnetService {
    pub(super) client: GraphnetClient,
    pub(super) product: String,
    /// Whether it calls the CareCentric APIs, whose answers are no FHIR.
    pub(super) is_api: bool,
    tokens: Tokens,
}

/// The NHS's platform, and the Spine behind its proxy.
pub(super) struct NhsService {
    pub(super) pds: Pds,
    pub(super) sds: Sds,
    sds_base: String,
    /// Without tokens.
    open: Client,
    /// With tokens, if the environment takes them.
    pub(super) signed: Client,
    tokens: Option<Tokens>,
    /// The Spine's proxy, and the consumer's own ASID.
    pub(super) spine: Option<(String, Asid)>,
    pub(super) stack: HttpStack,
    correlation: Option<String>,
    xml: bool,
}

/// How a service is called.
pub(super) struct ServiceOptions<'a> {
    pub(super) account: &'a AccountArgs,
    /// Whether a call is one of Graphnet's CareCentric APIs, which are at this address.
    pub(super) is_api: &'a dyn Fn(&str) -> bool,
    /// Whether nothing is sent: then no token is fetched for a call, and no signature is made.
    pub(super) dry: bool,
    pub(super) correlation: Option<&'a str>,
    /// Whether FHIR is requested in XML.
    pub(super) xml: bool,
}

impl ServiceOptions<'_> {
    fn cached(&self, tokens: &Tokens, stack: &HttpStack) -> Tokens {
        if self.dry {
            Arc::new(Token::new("-", SystemTime::now(), None))
        } else {
            Arc::new(TokenCache::new(tokens.clone(), stack.timer().clone()))
        }
    }

    /// A client with the id of the workflow.
    fn correlated(&self, client: Client) -> Client {
        correlated(client, self.correlation)
    }

    /// A client with the id of the workflow, for a service that may have XML.
    fn prepared(&self, client: Client) -> Client {
        in_syntax(self.correlated(client), self.xml)
    }
}

fn correlated(client: Client, id: Option<&str>) -> Client {
    match id {
        Some(id) => client.with_correlation_id(id),
        None => client,
    }
}

fn in_syntax(client: Client, xml: bool) -> Client {
    if xml { client.with_xml() } else { client }
}

impl Service {
    /// The clients of an environment.
    ///
    /// # Errors
    /// If an address, a key or a code of the environment is invalid.
    pub(super) fn new(
        environment: &Environment,
        stack: HttpStack,
        options: &ServiceOptions<'_>,
    ) -> Result<Self, Error> {
        Ok(match &environment.settings {
            Settings::Healthcode(settings) => {
                Service::Healthcode(Box::new(HealthcodeService::new(settings, stack, options)?))
            }
            Settings::Graphnet(settings) => {
                Service::Graphnet(Box::new(GraphnetService::new(settings, stack, options)?))
            }
            Settings::Nhs(settings) => {
                Service::Nhs(Box::new(NhsService::new(settings, stack, options)?))
            }
        })
    }

    /// Where tokens come from.
    ///
    /// # Errors
    /// If the environment takes none.
    pub(super) fn tokens(&self) -> Result<&Tokens, Error> {
        match self {
            Service::Healthcode(service) => Ok(&service.tokens),
            Service::Graphnet(service) => Ok(&service.tokens),
            Service::Nhs(service) => {
                let none = || unfit("an environment that is open takes no tokens");
                service.tokens.as_ref().ok_or_else(none)
            }
        }
    }
}

impl HealthcodeService {
    fn new(
        settings: &HealthcodeSettings,
        stack: HttpStack,
        options: &ServiceOptions<'_>,
    ) -> Result<Self, Error> {
        let mut service = match (&settings.discovery, &settings.sign_on) {
            (Some(discovery), Some(sign_on)) => {
                let http = is_http(discovery) && is_http(sign_on);
                Healthcode::new(discovery, sign_on).allow_loopback_http(http)
            }
            _ => Healthcode::production(),
        };
        service = service.allow_restricted(options.account.restricted);
        if let Some(site) = &settings.site {
            service = service.site_id(site);
        }
        if let Some(version) = &settings.api_version {
            service = service.api_version(version);
        }
        for origin in &settings.allow_origins {
            service = service.allow_origin(Origin::read(origin)?);
        }
        if options.dry {
            // Stands for addresses that are not known.
            service = service.allow_origin(Origin::read(&format!("https://{NOWHERE}"))?);
        }
        let key_id = settings.key_id.as_deref().unwrap_or_default();
        let sign_on = SignOn::new(&service, stack.clone(), key_id, settings.key.clone())?;
        let tokens: Tokens = Arc::new(sign_on);
        let cached = options.cached(&tokens, &stack);
        let client = HealthcodeClient::with_tokens(service, stack, cached)?;
        Ok(HealthcodeService {
            client: client.map_client(|client| options.prepared(client)),
            tokens,
        })
    }
}

impl GraphnetService {
    fn new(
        settings: &GraphnetSettings,
        stack: HttpStack,
        options: &ServiceOptions<'_>,
    ) -> Result<Self, Error> {
        let api = settings.api.as_ref().filter(|api| (options.is_api)(api));
        let base = api.unwrap_or(&settings.base);
        let product = options.account.product.as_deref().unwrap_or("fhir");
        let service = Graphnet::new(base)
            .key(product, settings.subscription_key.clone())
            .allow_loopback_http(is_http(base));
        let (address, id) = (&settings.token, &settings.client_id);
        let grant = Graphnet::grant(address, id, settings.client_secret.clone());
        let fetch = FetchToken::new(grant, stack.clone()).allow_loopback_http(is_http(address));
        let tokens: Tokens = Arc::new(fetch);
        let cached = options.cached(&tokens, &stack);
        let client = GraphnetClient::with_tokens(service, stack, cached)?;
        Ok(GraphnetService {
            client: client.map_client(|client| options.prepared(client)),
            product: product.to_owned(),
            is_api: api.is_some(),
            tokens,
        })
    }
}

/// Stands for a signature that a dry run does not make.
struct Unsigned;

impl Signer for Unsigned {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(b"-".to_vec())
    }
}

impl NhsService {
    fn new(
        settings: &NhsSettings,
        stack: HttpStack,
        options: &ServiceOptions<'_>,
    ) -> Result<Self, Error> {
        let base = settings.platform();
        let own = [&settings.pds_base, &settings.sds_base]
            .into_iter()
            .flatten();
        let http = own.chain([base]).any(|address| is_http(address));
        let platform = Platform::new(base.as_str()).allow_loopback_http(http);
        let mut pds = Pds::new(platform.clone());
        let mut sds = Sds::new(platform.clone(), settings.api_key.clone());
        if let Some(base) = &settings.pds_base {
            pds = pds.with_base(base);
        }
        if let Some(base) = &settings.sds_base {
            sds = sds.with_base(base);
        }
        if let Some(code) = &settings.organization {
            let code = OdsCode::parse(code);
            let invalid = |_| unfit("invalid organization: expected an ODS code");
            pds = pds.organization(code.map_err(invalid)?);
        }
        if let Some(role) = &settings.role {
            let role = SdsRoleProfileId::parse(role);
            pds = pds.role(role.map_err(|_| unfit("invalid role: expected a role profile id"))?);
        }
        let mut trust = pds.trust()?;
        trust.allow_all(&sds.trust()?);
        let open = options.correlated(Client::new(stack.clone(), trust));
        let tokens = platform_tokens(settings, &platform, &stack, options)?;
        let signed = match &tokens {
            Some(tokens) => open.clone().with_tokens(options.cached(tokens, &stack)),
            None => open.clone(),
        };
        // SDS, which the open client calls, documents that it refuses all but JSON.
        let signed = in_syntax(signed, options.xml);
        let spine = match (&settings.proxy, &settings.asid) {
            (Some(proxy), Some(asid)) => {
                let asid =
                    Asid::parse(asid).map_err(|_| unfit("invalid asid: expected an ASID"))?;
                Some((proxy.clone(), asid))
            }
            _ => None,
        };
        Ok(NhsService {
            sds_base: match &settings.sds_base {
                Some(base) => base.clone(),
                None => platform.address(service::SDS.base),
            },
            pds,
            sds,
            open,
            // PDS takes five calls a second of an application.
            signed: signed.with_rate_limit(RateLimit::per_second(5.0, 5)),
            tokens,
            spine,
            stack,
            correlation: options.correlation.map(str::to_owned),
            xml: options.xml,
        })
    }

    /// A client with the id of the workflow, for a service that may have XML.
    pub(super) fn prepared(&self, client: Client) -> Client {
        in_syntax(correlated(client, self.correlation.as_deref()), self.xml)
    }

    /// Sends a search of PDS or SDS.
    ///
    /// # Errors
    /// If there is no such call, or it failed.
    pub(super) async fn search(&self, query: &Query) -> Result<(), Error> {
        let (client, call) = match query.scope().name() {
            "pds-patient" => (&self.signed, self.pds.search(query)?),
            "sds-device" => (&self.open, self.sds.devices(query)?),
            _ => (&self.open, self.sds.endpoints(query)?),
        };
        client.send(&call).await.map(drop)
    }

    /// Sends a GET to an address: with the API key below SDS's base, and as to PDS elsewhere.
    ///
    /// # Errors
    /// If the origin is not trusted, or the call failed.
    pub(super) async fn get(&self, url: &str) -> Result<(), Error> {
        let (client, call) = if is_below(url, &self.sds_base) {
            (&self.open, self.sds.get(url)?)
        } else {
            (&self.signed, self.pds.get(url)?)
        };
        client.send(&call).await.map(drop)
    }
}

/// Tokens of the platform, by assertions that the key signs; for a user, by an exchange of the id token.
fn platform_tokens(
    settings: &NhsSettings,
    platform: &Platform,
    stack: &HttpStack,
    options: &ServiceOptions<'_>,
) -> Result<Option<Tokens>, Error> {
    let as_user = options.account.as_user;
    let (Some(kid), Some(key)) = (&settings.kid, &settings.private_key) else {
        return if as_user {
            Err(unfit("an environment that is open takes no tokens"))
        } else {
            Ok(None)
        };
    };
    let endpoint = platform.token_endpoint();
    let http = is_http(&endpoint);
    let assertion = Assertion::new(settings.api_key.expose_secret(), kid, endpoint);
    let grant = if options.dry {
        SignedJwt::new(assertion, Unsigned)
    } else {
        SignedJwt::new(assertion, RingSigner::from_pem(key)?)
    };
    let id_token = settings.id_token.as_ref();
    Ok(Some(if as_user {
        let id_token: &SecretString = id_token.ok_or_else(|| unfit("missing id token"))?;
        let grant = TokenExchange::new(grant, id_token.clone());
        Arc::new(FetchToken::new(grant, stack.clone()).allow_loopback_http(http))
    } else {
        Arc::new(FetchToken::new(grant, stack.clone()).allow_loopback_http(http))
    }))
}
