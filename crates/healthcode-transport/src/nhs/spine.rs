//! [`SpineClient`]: the documented order of a call over the Spine.

use super::directory::{Sds, SdsDevice, SdsEndpoint, only};
use super::patients::{Pds, superseded_by};
use super::proxy::{Ssp, SspRequest};
use super::unsigned::{JwtClaims, PerRequest};
use crate::client::{Client, HttpStack};
use crate::error::{Error, ErrorKind};
use crate::origin::Origin;
use crate::reply::Reply;
use crate::retry::{RateLimit, Retry};
use crate::stu3::Stu3Resource;
use crate::token::TokenSource;
use healthcode_r4::Patient;
use healthcode_search::{DeviceLookup, EndpointLookup, Query};
use healthcode_uk::{Asid, InteractionId, NhsNumber, OdsCode, PartyKey};
use std::fmt;

/// Who offers a service, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Provider {
    /// The service root, exactly as the directory has it.
    pub address: String,
    /// The system's ASID.
    pub asid: Asid,
    /// The party key of its message handling server, if it has one.
    pub party_key: Option<PartyKey>,
}

/// Which endpoint or system of an organisation is meant, where it has several.
///
/// ```
/// use healthcode_transport::nhs::Chosen;
/// use healthcode_uk::{Asid, PartyKey};
/// let chosen = Chosen::default()
///     .party_key(PartyKey::parse("YES-0000806")?)
///     .asid(Asid::parse("928942012545")?);
/// # Ok::<(), healthcode_uk::IdError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    party_key: Option<PartyKey>,
    asid: Option<Asid>,
}

impl Chosen {
    /// The one with this party key.
    #[must_use]
    pub fn party_key(mut self, party_key: PartyKey) -> Self {
        self.party_key = Some(party_key);
        self
    }

    /// The system with this ASID.
    #[must_use]
    pub fn asid(mut self, asid: Asid) -> Self {
        self.asid = Some(asid);
        self
    }
}

const NO_ENDPOINT: &str = "the directory has no endpoint for this organisation and service";
const SEVERAL_ENDPOINTS: &str =
    "the directory has several endpoints for this organisation and service";
const NEAR: &str = "the directory has no endpoint for this organisation and service; its systems, and \
                    the endpoints of their party keys, are";
const NO_SYSTEM: &str = "the directory has no system for this organisation and service";
const SEVERAL_SYSTEMS: &str = "the directory has several systems for this organisation and service";

/// The most party keys whose endpoints are looked up to be listed.
const LOOKED_UP: usize = 5;

/// An endpoint, as candidates are listed.
fn place((address, party_key): &(String, Option<PartyKey>)) -> String {
    // The directory's text is shown only if it is an address.
    let address = match Origin::read(address) {
        Ok(_) => address,
        Err(_) => "an invalid address",
    };
    keyed(address, party_key.as_ref())
}

/// A system, as candidates are listed.
fn system((asid, party_key): &(Asid, Option<PartyKey>)) -> String {
    keyed(&format!("ASID {}", asid.as_str()), party_key.as_ref())
}

fn keyed(text: &str, party_key: Option<&PartyKey>) -> String {
    match party_key {
        Some(key) => format!("{text} (party key {})", key.as_str()),
        None => text.to_owned(),
    }
}

/// Which patient is meant.
#[non_exhaustive]
pub enum Trace<'a> {
    /// The one with this number: it is read, so that it is known to be right and not superseded.
    Number(&'a NhsNumber),
    /// The only one that a search finds.
    Search(&'a Query),
}

impl fmt::Debug for Trace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Trace::Number(_) => "Number(***)",
            Trace::Search(_) => "Search(***)",
        })
    }
}

/// Calls over the Spine, in the order that the NHS documents: look the provider up in the directory,
/// trace the patient's number, make a token with the user's context, and call the address that the
/// directory gave.
///
/// The directory's answers are not kept: each call looks them up. Clones are cheap.
#[derive(Clone, Debug)]
pub struct SpineClient {
    directory: Sds,
    patients: Pds,
    proxy: Ssp,
    sds: Client,
    pds: Client,
    ssp: Client,
}

impl SpineClient {
    /// With the three services; what sends to the platform; tokens for patients, if the environment
    /// requires them; and what sends to the proxy, by mutual TLS.
    ///
    /// # Errors
    /// If an address is not a URL.
    pub fn new(
        (directory, patients, proxy): (Sds, Pds, Ssp),
        platform: HttpStack,
        tokens: Option<impl TokenSource + 'static>,
        spine: HttpStack,
    ) -> Result<Self, Error> {
        let sds = Client::new(platform.clone(), directory.trust()?);
        let pds = Client::new(platform, patients.trust()?);
        let pds = pds.with_rate_limit(RateLimit::per_second(5.0, 5));
        let pds = match tokens {
            Some(tokens) => pds.with_tokens(tokens),
            None => pds,
        };
        // Three automatic retries at most.
        let retry = Retry {
            attempts: 4,
            ..Retry::default()
        };
        let ssp = Client::new(spine, proxy.trust()?).with_retry(retry);
        Ok(SpineClient {
            directory,
            patients,
            proxy,
            sds,
            pds,
            ssp,
        })
    }

    /// With one id for all calls of a workflow.
    #[must_use]
    pub fn workflow(&self) -> Self {
        let sds = self.sds.workflow();
        let id = sds.correlation_id().unwrap_or_default().to_owned();
        SpineClient {
            sds,
            pds: self.pds.clone().with_correlation_id(&id),
            ssp: self.ssp.clone().with_correlation_id(&id),
            ..self.clone()
        }
    }

    /// The client that calls the directory.
    #[must_use]
    pub fn sds(&self) -> &Client {
        &self.sds
    }

    /// The client that requests patients.
    #[must_use]
    pub fn pds(&self) -> &Client {
        &self.pds
    }

    /// First: who offers a service of an organisation, and where.
    ///
    /// # Errors
    /// If a look-up failed, or found nothing or several: the error lists what it found
    /// ([`ErrorKind::Candidates`]), and [`SpineClient::locate_chosen`] chooses.
    pub async fn locate(
        &self,
        organization: &OdsCode,
        interaction: &InteractionId,
    ) -> Result<Provider, Error> {
        let any = Chosen::default();
        self.locate_chosen(organization, interaction, &any).await
    }

    /// As [`SpineClient::locate`], where the organisation has several endpoints or systems.
    ///
    /// # Errors
    /// As [`SpineClient::locate`].
    pub async fn locate_chosen(
        &self,
        organization: &OdsCode,
        interaction: &InteractionId,
        chosen: &Chosen,
    ) -> Result<Provider, Error> {
        let whose = |query: EndpointLookup| query.organization(organization);
        let party_key = chosen.party_key.as_ref();
        let endpoints = self.endpoints(interaction, party_key, whose).await?;
        let found = only(endpoints.into_iter(), NO_ENDPOINT, SEVERAL_ENDPOINTS, place);
        let (address, party_key) = match found {
            Ok(found) => found,
            Err(error) => {
                let none = *error.kind() == ErrorKind::NotFound(NO_ENDPOINT);
                let near = if none {
                    self.near(organization, interaction, party_key).await?
                } else {
                    None
                };
                return Err(near.unwrap_or(error).of("sds-endpoint"));
            }
        };
        let devices = self.devices(organization, interaction, party_key.as_ref());
        let systems = devices.await?.into_iter().filter(|device| {
            let asid = chosen.asid.as_ref();
            asid.is_none_or(|asid| device.0 == *asid)
        });
        let found = only(systems, NO_SYSTEM, SEVERAL_SYSTEMS, system);
        let (asid, _) = found.map_err(|error| error.of("sds-device"))?;
        Ok(Provider {
            address,
            asid,
            party_key,
        })
    }

    /// Endpoints of an interaction: addresses and party keys.
    async fn endpoints(
        &self,
        interaction: &InteractionId,
        party_key: Option<&PartyKey>,
        whose: impl FnOnce(EndpointLookup) -> EndpointLookup,
    ) -> Result<Vec<(String, Option<PartyKey>)>, Error> {
        let mut query = whose(EndpointLookup::new()).service(interaction);
        if let Some(party_key) = party_key {
            query = query.party_key(party_key);
        }
        let call = self.directory.endpoints(&query.build()?)?;
        let found = SdsEndpoint::all(&self.sds.send(&call).await?.value);
        let with_address = found.into_iter();
        Ok(with_address
            .filter_map(|endpoint| Some((endpoint.address?, endpoint.party_key)))
            .collect())
    }

    /// Systems of an organisation: ASIDs and party keys.
    async fn devices(
        &self,
        organization: &OdsCode,
        interaction: &InteractionId,
        party_key: Option<&PartyKey>,
    ) -> Result<Vec<(Asid, Option<PartyKey>)>, Error> {
        let mut query = DeviceLookup::new()
            .organization(organization)
            .service(interaction);
        if let Some(party_key) = party_key {
            query = query.party_key(party_key);
        }
        let call = self.directory.devices(&query.build()?)?;
        let found = SdsDevice::all(&self.sds.send(&call).await?.value);
        let with_asid = found.into_iter();
        Ok(with_asid
            .filter_map(|device| Some((device.asid?, device.party_key)))
            .collect())
    }

    /// What may be meant where the organisation has no endpoint: its systems, and the endpoints of
    /// their party keys, which may be run by somebody else.
    async fn near(
        &self,
        organization: &OdsCode,
        interaction: &InteractionId,
        party_key: Option<&PartyKey>,
    ) -> Result<Option<Error>, Error> {
        let systems = self.devices(organization, interaction, party_key).await?;
        let mut keys: Vec<&PartyKey> = Vec::new();
        for key in systems.iter().filter_map(|system| system.1.as_ref()) {
            if !keys.contains(&key) && keys.len() < LOOKED_UP {
                keys.push(key);
            }
        }
        let mut shown: Vec<String> = systems.iter().map(system).collect();
        for key in keys {
            let found = self.endpoints(interaction, Some(key), |query| query);
            shown.extend(found.await?.iter().map(place));
        }
        let several = (!shown.is_empty()).then_some(ErrorKind::Candidates(NEAR, shown));
        Ok(several.map(Error::new))
    }

    /// Second: the patient, with the number that is right today.
    ///
    /// # Errors
    /// If it failed, or found nobody or several.
    pub async fn trace(&self, whom: &Trace<'_>) -> Result<(NhsNumber, Patient), Error> {
        let patient = match whom {
            Trace::Number(number) => {
                let patient = self.pds.send(&self.patients.read(number)?).await?.value;
                let number = superseded_by(number, &patient).unwrap_or_else(|| (*number).clone());
                return Ok((number, patient));
            }
            Trace::Search(query) => {
                let found = self.pds.send(&self.patients.search(query)?).await?.value;
                let patients = found.resources::<Patient>().cloned();
                let several = ErrorKind::NotFound("several patients were found");
                // The error does not show who they are.
                let found = only(patients, "no patient was found", "", |_| String::new());
                found.map_err(|error| match error.kind() {
                    ErrorKind::Candidates(..) => Error::new(several),
                    _ => error,
                })
            }
        };
        let patient = patient.map_err(|error| error.of("pds-patient"))?;
        let number = patient.id.as_str().and_then(|id| NhsNumber::parse(id).ok());
        let none = || Error::new(ErrorKind::NotFound("the patient has no NHS number"));
        let number = number.ok_or_else(|| none().of("pds-patient"))?;
        Ok((number, patient))
    }

    /// Third and fourth: a token of these claims for this request, and the call itself.
    ///
    /// # Errors
    /// If it failed.
    pub async fn call(
        &self,
        provider: &Provider,
        interaction: &InteractionId,
        request: &SspRequest,
        claims: impl JwtClaims + 'static,
    ) -> Result<Reply<Stu3Resource>, Error> {
        let stack = self.ssp.stack();
        let (to, root) = (&provider.asid, &provider.address);
        let call = self
            .proxy
            .call(to, interaction, root, request, &**stack.random())?;
        let tokens = PerRequest::new(claims, stack.timer().clone());
        self.ssp.clone().with_tokens(tokens).send(&call).await
    }

    /// The whole order in one workflow. `prepare` makes the request and the claims, for the provider
    /// and the patient's number that were found.
    ///
    /// # Errors
    /// If a step failed: the error's [`call`](Error::call) says which.
    pub async fn run<C: JwtClaims + 'static>(
        &self,
        organization: &OdsCode,
        interaction: &InteractionId,
        whom: &Trace<'_>,
        prepare: impl FnOnce(&Provider, &NhsNumber) -> (SspRequest, C),
    ) -> Result<Reply<Stu3Resource>, Error> {
        let flow = self.workflow();
        let provider = flow.locate(organization, interaction).await?;
        let (number, _) = flow.trace(whom).await?;
        let (request, claims) = prepare(&provider, &number);
        flow.call(&provider, interaction, &request, claims).await
    }
}
