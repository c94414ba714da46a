//! `call spine`: a provider's service, found in the directory if need be, called through the Spine's
//! proxy with an unsigned token that says who asks.

use super::environment::System;
use super::input::{Inputs, Quiet, Source, Word, source, word};
use super::service::{Service, is_http, unfit};
use super::target::{Plan, Result, Target};
use clap::Args;
use healthcode_search::service::NRL_INTERACTIONS;
use healthcode_transport::nhs::{
    Chosen, JwtClaims, Nesting, Pds, PerRequest, SpineClient, Ssp, SspRequest, UNSIGNED_LIFE,
};
use healthcode_transport::{Client, Error, Idempotency, JsonBody, Retry, Token};
use healthcode_uk::{Asid, IdError, InteractionId, OdsCode, PartyKey};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::str::FromStr;
use std::time::SystemTime;

#[derive(Debug, Args)]
pub(super) struct SpineArgs {
    /// The interaction: urn:nhs:names:services:gpconnect:fhir:rest:read:patient-1
    #[arg(long, value_name = "URN", value_parser = Quiet(id::<InteractionId>))]
    interaction: InteractionId,
    /// The path below the provider's service root; - takes it from standard input, @FILE from a file
    #[arg(long, value_name = "PATH", value_parser = Quiet(word))]
    pub(super) path: Word,
    /// The provider, whose service the directory finds
    #[arg(
        long,
        value_name = "CODE",
        value_parser = Quiet(id::<OdsCode>),
        required_unless_present = "root",
        conflicts_with = "root"
    )]
    organization: Option<OdsCode>,
    /// The party key, where the directory has several services
    #[arg(long, value_name = "KEY", value_parser = Quiet(id::<PartyKey>), conflicts_with = "root")]
    party_key: Option<PartyKey>,
    /// The service root, in place of --organization: the directory is not asked
    #[arg(long, value_name = "URL", requires = "to")]
    root: Option<String>,
    /// The provider's ASID
    #[arg(long, value_name = "ASID", value_parser = Quiet(id::<Asid>))]
    to: Option<Asid>,
    /// The claims of the unsigned token as JSON without iat and exp, who asks and why: a file, or - for
    /// standard input
    #[arg(long, value_name = "FILE", value_parser = Quiet(source))]
    claims: Source,
    /// JSON to send by POST: a file, or - for standard input; without it, the call is a GET
    #[arg(long, value_name = "FILE", value_parser = Quiet(source))]
    body: Option<Source>,
}

fn id<T: FromStr<Err = IdError>>(text: &str) -> std::result::Result<T, String> {
    text.parse().map_err(|error: IdError| error.to_string())
}

/// What is asked of a provider, and who asks.
pub(super) struct SpineCall {
    interaction: InteractionId,
    provider: Provider,
    path: String,
    body: Option<JsonBody>,
    /// The claims of the unsigned token, without its times.
    claims: Map<String, Value>,
}

/// Whose the service is.
enum Provider {
    /// An organisation's: the directory has the address.
    Of(OdsCode, Chosen),
    /// The service root and the ASID, as the directory has them.
    At(String, Asid),
}

impl SpineArgs {
    pub(super) fn plan(&self, inputs: &mut Inputs, dry: bool) -> Result<Plan> {
        let path = inputs.line(&self.path, "path")?;
        let body = match &self.body {
            Some(body) => Some(inputs.json::<Box<RawValue>>(body)?.into()),
            None => None,
        };
        let call = SpineCall {
            interaction: self.interaction.clone(),
            provider: self.provider(dry)?,
            path,
            body,
            claims: checked_claims(inputs.json(&self.claims)?)?,
        };
        Ok(Plan::of(System::Nhs, Target::Spine(Box::new(call))))
    }

    fn provider(&self, dry: bool) -> Result<Provider> {
        if let (Some(root), Some(to)) = (&self.root, &self.to) {
            return Ok(Provider::At(root.clone(), to.clone()));
        }
        let organization = self.organization.clone();
        let organization = organization.ok_or("missing --organization, or --root and --to")?;
        if dry {
            return Err(
                "--organization is not allowed here: --dry-run does not ask the directory; give \
                 --root and --to in its place"
                    .into(),
            );
        }
        let mut chosen = Chosen::default();
        if let Some(asid) = &self.to {
            chosen = chosen.asid(asid.clone());
        }
        if let Some(key) = &self.party_key {
            chosen = chosen.party_key(key.clone());
        }
        Ok(Provider::Of(organization, chosen))
    }
}

/// Claims that say who asks, without times.
fn checked_claims(claims: Value) -> Result<Map<String, Value>> {
    let Value::Object(claims) = claims else {
        return Err("--claims: invalid claims: expected a JSON object".into());
    };
    for name in ["iat", "exp"] {
        if claims.contains_key(name) {
            return Err(format!(
                "--claims: {name} is not allowed here: it is set for each request"
            )
            .into());
        }
    }
    for name in ["iss", "sub", "reason_for_request"] {
        if !claims.get(name).is_some_and(Value::is_string) {
            return Err(format!("--claims: missing {name}").into());
        }
    }
    match claims.contains_key("requested_scope") == claims.contains_key("scope") {
        true => Err(
            "--claims: invalid scope: expected either requested_scope (GP Connect) or scope (Spine \
             Core, NRL)"
                .into(),
        ),
        false => Ok(claims),
    }
}

impl SpineCall {
    /// Sends it.
    ///
    /// # Errors
    /// If there is no such provider, or the call failed.
    pub(super) async fn send(&self, service: &Service) -> std::result::Result<(), Error> {
        let Service::Nhs(nhs) = service else {
            return Err(unfit("the environment is not one of the NHS"));
        };
        let spine = nhs.spine.as_ref();
        let missing = || unfit("the environment has no proxy: a sandbox has one with --tls");
        let (proxy, own) = spine.ok_or_else(missing)?;
        let nesting = match self.interaction.as_str().starts_with(NRL_INTERACTIONS) {
            true => Nesting::Encoded,
            false => Nesting::Raw,
        };
        let ssp = Ssp::new(proxy, own.clone(), nesting).allow_loopback_http(is_http(proxy));
        let (root, to) = match &self.provider {
            Provider::At(root, to) => (root.clone(), to.clone()),
            Provider::Of(organization, chosen) => {
                let patients = Pds::new(nhs.pds.platform().clone());
                let services = (nhs.sds.clone(), patients, ssp.clone());
                let stack = || nhs.stack.clone();
                let client = SpineClient::new(services, stack(), None::<Token>, stack())?;
                let found = client.locate_chosen(organization, &self.interaction, chosen);
                let found = found.await?;
                (found.address, found.asid)
            }
        };
        let request = match &self.body {
            // Only the caller could say that it changes nothing.
            Some(body) => SspRequest::post(&self.path, body.clone(), Idempotency::NotIdempotent),
            None => SspRequest::get(&self.path),
        };
        let random = &**nhs.stack.random();
        let call = ssp.call(&to, &self.interaction, &root, &request, random)?;
        let context = Context {
            claims: self.claims.clone(),
            audience: root,
        };
        let tokens = PerRequest::new(context, nhs.stack.timer().clone());
        // Three automatic retries at most.
        let retry = Retry {
            attempts: 4,
            ..Retry::default()
        };
        let client = Client::new(nhs.stack.clone(), ssp.trust()?).with_retry(retry);
        let client = nhs.correlated(client);
        client.with_tokens(tokens).send(&call).await.map(drop)
    }
}

/// Claims of a file, with the times and, if they have none, the provider as the audience.
struct Context {
    claims: Map<String, Value>,
    audience: String,
}

impl JwtClaims for Context {
    fn claims(&self, now: SystemTime) -> Value {
        let since = now.duration_since(SystemTime::UNIX_EPOCH);
        let seconds = since.map_or(0, |time| time.as_secs());
        let mut claims = self.claims.clone();
        claims.entry("aud").or_insert_with(|| json!(self.audience));
        claims.insert("iat".to_owned(), json!(seconds));
        let end = seconds.saturating_add(UNSIGNED_LIFE.as_secs());
        claims.insert("exp".to_owned(), json!(end));
        Value::Object(claims)
    }
}
