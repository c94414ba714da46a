//! [`Nhs`]: calls of the NHS: its platform, for an application or a user, and the Spine behind its proxy.

use super::environment::Service as Settings;
use super::send::{Tokens, is_http, unfit};
use super::target::{Provider, SpineCall, Target};
use healthcode_sandbox::ExposeSecret;
use healthcode_search::{Query, Scope};
use healthcode_transport::nhs::{
    Assertion, JwtClaims, Nesting, Pds, PerRequest, Platform, Sds, SignedJwt, Signer, SpineClient,
    Ssp, SspRequest, TokenExchange, superseded_by,
};
use healthcode_transport::{
    Client, Error, FetchToken, Repeat, Retry, RingSigner, SecretString, Token, Wire,
};
use healthcode_uk::{Asid, OdsCode, SdsRoleProfileId};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::SystemTime;

/// The NHS's platform: calls with tokens, and calls that take none.
pub(super) struct Nhs {
    platform: Platform,
    pds: Pds,
    sds: Sds,
    open: Client,
    signed: Client,
    tokens: Option<Tokens>,
    spine: Option<(String, Asid)>,
    wire: Wire,
}

/// What stands for a signature that a dry run does not make.
struct Unsigned;

impl Signer for Unsigned {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(b"-".to_vec())
    }
}

impl Nhs {
    /// Clients of an environment; for a user, if an id token is there.
    ///
    /// # Errors
    /// If an address, a key or a code is none.
    pub(super) fn new(
        settings: &Settings,
        wire: &Wire,
        as_user: bool,
        dry: bool,
        cached: impl Fn(&Tokens) -> Tokens,
    ) -> Result<Self, Error> {
        let Settings::Nhs {
            base,
            api_key,
            signer,
            organization,
            role,
            id_token,
            spine,
        } = settings
        else {
            return Err(unfit("the environment is none of the NHS's"));
        };
        let platform = Platform::new(base).allow_loopback_http(is_http(base));
        let open = Client::new(wire.clone(), platform.trust()?);
        let tokens = match signer {
            Some((kid, pem)) => {
                let id_token = id_token.as_ref().filter(|_| as_user);
                let id_token = match as_user {
                    true => Some(id_token.ok_or_else(|| unfit("there is no id token"))?),
                    false => None,
                };
                let pem = (!dry).then_some(pem);
                let key = (api_key, kid.as_str(), pem);
                Some(grant(&platform, key, id_token, wire, is_http(base))?)
            }
            None if as_user => return Err(unfit("an environment that is open takes no tokens")),
            None => None,
        };
        let signed = match &tokens {
            Some(tokens) => open.clone().tokens(cached(tokens)),
            None => open.clone(),
        };
        let mut pds = Pds::new(platform.clone());
        if let Some(code) = organization {
            let code = OdsCode::parse(code);
            pds = pds.organization(code.map_err(|_| unfit("organization is no ODS code"))?);
        }
        if let Some(role) = role {
            let role = SdsRoleProfileId::parse(role);
            pds = pds.role(role.map_err(|_| unfit("role is no role profile id"))?);
        }
        let asid = |text: &str| Asid::parse(text).map_err(|_| unfit("asid is no ASID"));
        let spine = spine.as_ref();
        let spine = spine.map(|(proxy, own)| Ok::<_, Error>((proxy.clone(), asid(own)?)));
        Ok(Nhs {
            sds: Sds::new(platform.clone(), api_key.clone()),
            platform,
            pds,
            open,
            signed,
            tokens,
            spine: spine.transpose()?,
            wire: wire.clone(),
        })
    }

    /// Where its tokens come from.
    ///
    /// # Errors
    /// If it takes none.
    pub(super) fn tokens(&self) -> Result<&Tokens, Error> {
        let none = || unfit("an environment that is open takes no tokens");
        self.tokens.as_ref().ok_or_else(none)
    }

    /// Sends; gives whether the answer is another patient than was asked for.
    ///
    /// # Errors
    /// If there is no such call, or it failed.
    pub(super) async fn send(&self, target: &Target) -> Result<bool, Error> {
        match target {
            Target::Search(query) => match name(query) {
                "pds-patient" => self.signed.send(&self.pds.search(query)?).await.map(drop)?,
                "sds-device" => self.open.send(&self.sds.devices(query)?).await.map(drop)?,
                _ => self
                    .open
                    .send(&self.sds.endpoints(query)?)
                    .await
                    .map(drop)?,
            },
            Target::Patient {
                number,
                related: true,
            } => self
                .signed
                .send(&self.pds.related(number)?)
                .await
                .map(drop)?,
            Target::Patient { number, .. } => {
                let patient = self.signed.send(&self.pds.read(number)?).await?.value;
                return Ok(superseded_by(number, &patient).is_some());
            }
            Target::Patch(number, operations, tag) => {
                let call = self.pds.update(number, tag, operations.clone())?;
                self.signed.send(&call).await.map(drop)?;
            }
            Target::Spine(call) => self.spine(call).await?,
            _ => return Err(unfit("it is no call of the NHS's")),
        }
        Ok(false)
    }

    /// A provider's service, found in the directory if it has to be; called by way of the proxy.
    async fn spine(&self, asked: &SpineCall) -> Result<(), Error> {
        let spine = self.spine.as_ref();
        let missing = || unfit("the environment has no proxy: a sandbox has one with --tls");
        let (proxy, own) = spine.ok_or_else(missing)?;
        let locator = asked.interaction.as_str().starts_with(LOCATOR);
        let nesting = match locator {
            true => Nesting::Encoded,
            false => Nesting::Raw,
        };
        let ssp = Ssp::new(proxy, own.clone(), nesting).allow_loopback_http(is_http(proxy));
        let (root, to) = match &asked.provider {
            Provider::At(root, to) => (root.clone(), to.clone()),
            Provider::Of(organization, chosen) => {
                let services = (
                    self.sds.clone(),
                    Pds::new(self.platform.clone()),
                    ssp.clone(),
                );
                let wire = || self.wire.clone();
                let client = SpineClient::new(services, wire(), None::<Token>, wire())?;
                let found = client.locate_chosen(organization, &asked.interaction, chosen);
                let found = found.await?;
                (found.address, found.asid)
            }
        };
        let request = match &asked.body {
            // Only the caller could say that it changes nothing.
            Some(body) => SspRequest::post(&asked.path, body.clone(), Repeat::Never),
            None => SspRequest::get(&asked.path),
        };
        let random = &**self.wire.random();
        let call = ssp.call(&to, &asked.interaction, &root, &request, random)?;
        let context = Context {
            claims: asked.claims.clone(),
            audience: root,
        };
        let tokens = PerRequest::new(context, self.wire.timer().clone());
        // Three automatic retries at most.
        let retry = Retry {
            attempts: 4,
            ..Retry::default()
        };
        let client = Client::new(self.wire.clone(), ssp.trust()?).retry(retry);
        client.tokens(tokens).send(&call).await.map(drop)
    }
}

/// What interactions of the National Record Locator begin with.
const LOCATOR: &str = "urn:nhs:names:services:nrl:";

/// Claims of a file, with the times and, if they have none, the provider as the audience.
struct Context {
    claims: Map<String, Value>,
    audience: String,
}

impl JwtClaims for Context {
    fn claims(&self, now: SystemTime) -> Value {
        let since = now.duration_since(SystemTime::UNIX_EPOCH);
        let seconds = since.map_or(0, |it| it.as_secs());
        let life = healthcode_transport::nhs::UNSIGNED_LIFE.as_secs();
        let mut claims = self.claims.clone();
        claims.entry("aud").or_insert_with(|| json!(self.audience));
        claims.insert("iat".to_owned(), json!(seconds));
        claims.insert("exp".to_owned(), json!(seconds.saturating_add(life)));
        Value::Object(claims)
    }
}

fn name(query: &Query) -> &'static str {
    match query.scope() {
        Scope::Endpoint(endpoint) => endpoint.name,
        Scope::Resource(name) => name,
    }
}

/// Tokens of the platform, by assertions that the key signs; for a user, if an id token is there.
fn grant(
    platform: &Platform,
    (api_key, kid, pem): (&SecretString, &str, Option<&SecretString>),
    id_token: Option<&SecretString>,
    wire: &Wire,
    loopback_http: bool,
) -> Result<Tokens, Error> {
    let endpoint = platform.token_endpoint();
    let assertion = Assertion::new(api_key.expose_secret(), kid, endpoint);
    let grant = match pem {
        Some(pem) => SignedJwt::new(assertion, RingSigner::from_pem(pem)?),
        None => SignedJwt::new(assertion, Unsigned),
    };
    Ok(match id_token {
        Some(id_token) => {
            let grant = TokenExchange::new(grant, id_token.clone());
            let fetch = FetchToken::new(grant, wire.clone());
            Arc::new(fetch.allow_loopback_http(loopback_http))
        }
        None => {
            let fetch = FetchToken::new(grant, wire.clone());
            Arc::new(fetch.allow_loopback_http(loopback_http))
        }
    })
}
