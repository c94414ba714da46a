//! `call spine`: a provider's service, found in the directory if need be, called through the Spine's
//! proxy with an unsigned token that names the requester.

use super::input::{Inputs, parse};
use super::plan::{Plan, Result};
use super::service::{Service, is_http, unfit};
use crate::args::call::{AccountArgs, SpineArgs, System};
use healthcode_search::service::NRL_INTERACTIONS;
use healthcode_transport::nhs::{
    Chosen, JwtClaims, Nesting, Pds, PerRequest, SpineClient, Ssp, SspRequest, UNSIGNED_LIFE,
};
use healthcode_transport::{Client, Error, Idempotency, JsonBody, Retry, Token};
use healthcode_uk::{Asid, InteractionId, OdsCode};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::time::SystemTime;

/// What is requested of a provider, and by whom.
pub(super) struct SpineCall {
    interaction: InteractionId,
    provider: Provider,
    path: String,
    body: Option<JsonBody>,
    /// The claims of the unsigned token, without its times.
    claims: Map<String, Value>,
}

/// Where the service is.
enum Provider {
    /// The directory has the address of this organisation's.
    Of(OdsCode, Chosen),
    /// At this service root, with this ASID, as the directory has them.
    At(String, Asid),
}

impl SpineArgs {
    pub(super) fn plan(&self, inputs: &mut Inputs, dry: bool) -> Result<Plan<SpineCall>> {
        let path = inputs.line(&self.path, "path")?;
        let body = match &self.body {
            Some(body) => Some(parse::<Box<RawValue>>(body, &inputs.fhir(body)?)?.into()),
            None => None,
        };
        let call = SpineCall {
            interaction: self.interaction.clone(),
            provider: self.provider(dry)?,
            path,
            body,
            claims: checked_claims(inputs.json(&self.claims)?)?,
        };
        Ok(Plan::of(System::Nhs, AccountArgs::default(), call))
    }

    fn provider(&self, dry: bool) -> Result<Provider> {
        if let (Some(root), Some(to)) = (&self.root, &self.to) {
            return Ok(Provider::At(root.clone(), to.clone()));
        }
        let organization = self.organization.clone();
        let organization = organization.ok_or("missing --organization, or --root and --to")?;
        if dry {
            return Err(
                "--organization is not allowed here: --dry-run does not use the directory; give \
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

/// Claims that name the requester, without times.
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
    if claims.contains_key("requested_scope") == claims.contains_key("scope") {
        let error = "--claims: invalid scope: expected either requested_scope (GP Connect) or scope \
                     (Spine Core, NRL)";
        return Err(error.into());
    }
    Ok(claims)
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
        let nesting = if self.interaction.as_str().starts_with(NRL_INTERACTIONS) {
            Nesting::Encoded
        } else {
            Nesting::Raw
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
        let client = nhs.prepared(client);
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
