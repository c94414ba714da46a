//! [`SpineClient`]: the documented order of a call over the Spine.

use super::directory::{Sds, SdsDevice, SdsEndpoint, only};
use super::patients::{Pds, superseded_by};
use super::proxy::{Ssp, SspRequest};
use super::unsigned::{JwtClaims, PerRequest};
use crate::client::{Client, Wire};
use crate::error::{Error, ErrorKind};
use crate::reply::Reply;
use crate::retry::{RateLimit, Retry};
use crate::stu3::Stu3;
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

/// Which patient is meant.
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
    /// wants them; and what sends to the proxy, by mutual TLS.
    ///
    /// # Errors
    /// If an address is no URL.
    pub fn new(
        (directory, patients, proxy): (Sds, Pds, Ssp),
        platform: Wire,
        tokens: Option<impl TokenSource + 'static>,
        spine: Wire,
    ) -> Result<Self, Error> {
        let sds = Client::new(platform.clone(), directory.platform().trust()?);
        let pds = Client::new(platform, patients.platform().trust()?);
        let pds = pds.rate_limit(RateLimit::per_second(5.0, 5));
        let pds = match tokens {
            Some(tokens) => pds.tokens(tokens),
            None => pds,
        };
        // Three automatic retries at most.
        let retry = Retry {
            attempts: 4,
            ..Retry::default()
        };
        let ssp = Client::new(spine, proxy.trust()?).retry(retry);
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
            pds: self.pds.clone().correlation(&id),
            ssp: self.ssp.clone().correlation(&id),
            ..self.clone()
        }
    }

    /// The client that calls the directory.
    #[must_use]
    pub fn sds(&self) -> &Client {
        &self.sds
    }

    /// The client that asks for patients.
    #[must_use]
    pub fn pds(&self) -> &Client {
        &self.pds
    }

    /// First: who offers a service of an organisation, and where.
    ///
    /// # Errors
    /// If a look-up failed, or found nothing or several.
    pub async fn locate(
        &self,
        organization: &OdsCode,
        interaction: &InteractionId,
    ) -> Result<Provider, Error> {
        let query = EndpointLookup::new()
            .organization(organization)
            .service(interaction);
        let found = self
            .sds
            .send(&self.directory.endpoints(&query.build()?)?)
            .await?;
        let endpoints = SdsEndpoint::all(&found.value).into_iter();
        let with_address = endpoints.filter_map(|it| Some((it.address?, it.party_key)));
        let endpoint = only(
            with_address,
            "the directory has no endpoint for this organisation and service",
            "the directory has several endpoints for this organisation and service",
        );
        let (address, party_key) = endpoint.map_err(|error| error.of("sds-endpoint"))?;
        let mut query = DeviceLookup::new()
            .organization(organization)
            .service(interaction);
        if let Some(party_key) = &party_key {
            query = query.party_key(party_key);
        }
        let found = self
            .sds
            .send(&self.directory.devices(&query.build()?)?)
            .await?;
        let devices = SdsDevice::all(&found.value).into_iter();
        let asid = only(
            devices.filter_map(|it| it.asid),
            "the directory has no system for this organisation and service",
            "the directory has several systems for this organisation and service",
        );
        Ok(Provider {
            address,
            asid: asid.map_err(|error| error.of("sds-device"))?,
            party_key,
        })
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
                only(
                    patients,
                    "no patient was found",
                    "several patients were found",
                )
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
    ) -> Result<Reply<Stu3>, Error> {
        let wire = self.ssp.wire();
        let (to, root) = (&provider.asid, &provider.address);
        let call = self
            .proxy
            .call(to, interaction, root, request, &**wire.random())?;
        let tokens = PerRequest::new(claims, wire.timer().clone());
        self.ssp.clone().tokens(tokens).send(&call).await
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
    ) -> Result<Reply<Stu3>, Error> {
        let flow = self.workflow();
        let provider = flow.locate(organization, interaction).await?;
        let (number, _) = flow.trace(whom).await?;
        let (request, claims) = prepare(&provider, &number);
        flow.call(&provider, interaction, &request, claims).await
    }
}
