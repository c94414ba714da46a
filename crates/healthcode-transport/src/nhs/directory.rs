//! [`Sds`]: the Spine Directory Service, over FHIR.

use super::platform::{Platform, query_address};
use crate::call::Call;
use crate::error::{Error, ErrorKind};
use crate::origin::Origin;
use crate::secret::secret_header;
use crate::trust::Trust;
use healthcode_r4::{Bundle, Device, Endpoint, Extension, ExtensionSlice, OpenType, Reference};
use healthcode_search::{Query, service};
use healthcode_uk::{Asid, InteractionId, OdsCode, PartyKey, UkIdentifier, UkIdentifiers};
use http::HeaderName;
use secrecy::SecretString;
use serde_json::Value;

/// The header with an application's API key.
pub(crate) const APIKEY: HeaderName = HeaderName::from_static(service::APIKEY.lower);

const EXTENSIONS: &str = "https://fhir.nhs.uk/StructureDefinition/Extension-SDS-";

/// The directory of who offers a service, and where.
///
/// Answers are for one session: do not keep them for another patient or user, nor use a service's
/// address for another one.
///
/// ```
/// use healthcode_search::DeviceLookup;
/// use healthcode_transport::nhs::{Platform, Sds};
/// use healthcode_uk::{InteractionId, OdsCode};
/// let directory = Sds::new(Platform::sandbox(), "any");
/// let query = DeviceLookup::new()
///     .organization(&OdsCode::parse("A1001")?)
///     .service(&InteractionId::parse("urn:nhs:names:services:psis:REPC_IN150016UK05")?)
///     .build()?;
/// let call = directory.devices(&query)?;
/// assert_eq!(call.uri().path(), "/spine-directory/FHIR/R4/Device");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Sds {
    platform: Platform,
    base: String,
    key: SecretString,
}
healthcode_core::debug_only!(Sds { platform });

impl Sds {
    /// The directory of an environment, for an API key.
    #[must_use]
    pub fn new(platform: Platform, api_key: impl Into<SecretString>) -> Self {
        Sds {
            base: platform.address(service::SDS.base),
            platform,
            key: api_key.into(),
        }
    }

    /// The service at a base URL of its own: devices are at `{base}/Device`.
    #[must_use]
    pub fn with_base(mut self, base: impl Into<String>) -> Self {
        self.base = base.into();
        self
    }

    /// What a client of it trusts.
    ///
    /// # Errors
    /// If a base is not a URL.
    pub fn trust(&self) -> Result<Trust, Error> {
        let mut trust = self.platform.trust()?;
        trust.allow(Origin::read(&self.base)?);
        Ok(trust)
    }

    /// The environment.
    #[must_use]
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Look-up of devices: accredited systems, with their ASIDs.
    ///
    /// # Errors
    /// If the query is no look-up of devices, or has errors.
    pub fn devices(&self, query: &Query) -> Result<Call<Bundle>, Error> {
        self.look_up(query, "sds-device")
    }

    /// Look-up of endpoints: message handling servers, with their addresses.
    ///
    /// # Errors
    /// If the query is no look-up of endpoints, or has errors.
    pub fn endpoints(&self, query: &Query) -> Result<Call<Bundle>, Error> {
        self.look_up(query, "sds-endpoint")
    }

    /// A GET of an address that the caller has, as from a reference.
    ///
    /// # Errors
    /// If the address is not a URL.
    pub fn get(&self, address: &str) -> Result<Call<Value>, Error> {
        let call = Call::fhir("sds-get", address)?;
        Ok(call.with_header(APIKEY, secret_header(&self.key)?))
    }

    fn look_up(&self, query: &Query, name: &'static str) -> Result<Call<Bundle>, Error> {
        let (name, address) = query_address(&self.base, query, name)?;
        let call = Call::resource(name, &address)?;
        Ok(call.with_header(APIKEY, secret_header(&self.key)?))
    }
}

/// An accredited system, from a Device.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SdsDevice {
    /// Its ASID.
    pub asid: Option<Asid>,
    /// The party key of its message handling server.
    pub party_key: Option<PartyKey>,
    /// The organisation that owns it.
    pub organization: Option<OdsCode>,
    /// The organisation that made it.
    pub manufacturer: Option<OdsCode>,
    /// What it can do.
    pub interactions: Vec<InteractionId>,
}

impl SdsDevice {
    /// Reads a Device. What is not as documented is left out.
    #[must_use]
    pub fn read(device: &Device) -> Self {
        let made = format!("{EXTENSIONS}ManufacturingOrganisation");
        let made = device.extension.by_url(&made).and_then(reference);
        SdsDevice {
            asid: identifier(device),
            party_key: identifier(device),
            organization: device.owner.as_deref().and_then(referred),
            manufacturer: made.and_then(referred),
            interactions: interactions(&device.extension),
        }
    }

    /// All systems of an answer.
    #[must_use]
    pub fn all(bundle: &Bundle) -> Vec<Self> {
        bundle.resources::<Device>().map(Self::read).collect()
    }
}

/// A message handling server, from an Endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SdsEndpoint {
    /// Where it is, exactly as the directory has it: the Spine's proxy compares the text.
    pub address: Option<String>,
    /// Its party key.
    pub party_key: Option<PartyKey>,
    /// The organisation that runs it.
    pub organization: Option<OdsCode>,
    /// What it can do.
    pub interactions: Vec<InteractionId>,
    /// How messages are made reliable.
    pub reliability: Reliability,
}

impl SdsEndpoint {
    /// Reads an Endpoint. What is not as documented is left out.
    #[must_use]
    pub fn read(endpoint: &Endpoint) -> Self {
        let reliability = format!("{EXTENSIONS}ReliabilityConfiguration");
        let reliability = endpoint.extension.by_url(&reliability);
        SdsEndpoint {
            address: endpoint.address.as_str().map(str::to_owned),
            party_key: identifier(endpoint),
            organization: endpoint.managing_organization.as_deref().and_then(referred),
            interactions: interactions(&endpoint.extension),
            reliability: reliability.map(Reliability::read).unwrap_or_default(),
        }
    }

    /// All servers of an answer.
    #[must_use]
    pub fn all(bundle: &Bundle) -> Vec<Self> {
        bundle.resources::<Endpoint>().map(Self::read).collect()
    }
}

/// How messages to an endpoint are made reliable. Words and durations are as the directory has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reliability {
    /// `nhsMHSSyncReplyMode`.
    pub sync_reply_mode: Option<String>,
    /// `nhsMHSRetryInterval`, an ISO 8601 duration.
    pub retry_interval: Option<String>,
    /// `nhsMHSRetries`.
    pub retries: Option<i32>,
    /// `nhsMHSPersistDuration`, an ISO 8601 duration.
    pub persist_duration: Option<String>,
    /// `nhsMHSDuplicateElimination`.
    pub duplicate_elimination: Option<String>,
    /// `nhsMHSAckRequested`.
    pub ack_requested: Option<String>,
    /// `nhsMHSActor`.
    pub actor: Option<String>,
}

impl Reliability {
    fn read(extension: &Extension) -> Self {
        // Documents differ in the case of names.
        let part = |name: &str| {
            let same = |extension: &&Extension| {
                extension
                    .url
                    .as_deref()
                    .is_some_and(|url| url.eq_ignore_ascii_case(name))
            };
            extension.extension.iter().find(same)
        };
        let text = |name| part(name)?.text().map(str::to_owned);
        let retries = part("nhsMHSRetries").and_then(|part| match part.value.as_ref()? {
            OpenType::Integer(number) => number.get(),
            _ => part.text()?.parse().ok(),
        });
        Reliability {
            sync_reply_mode: text("nhsMHSSyncReplyMode"),
            retry_interval: text("nhsMHSRetryInterval"),
            retries,
            persist_duration: text("nhsMHSPersistDuration"),
            duplicate_elimination: text("nhsMHSDuplicateElimination"),
            ack_requested: text("nhsMHSAckRequested"),
            actor: text("nhsMHSActor"),
        }
    }
}

fn identifier<T: UkIdentifier + Clone>(resource: &impl UkIdentifiers) -> Option<T> {
    resource.find_identifier::<T>()?.value.value().cloned()
}

/// What a reference's identifier says.
fn referred<T: UkIdentifier + Clone>(reference: &Reference) -> Option<T> {
    let value = reference.identifier.as_deref()?.value.as_str()?;
    T::read(value).value().cloned()
}

fn reference(extension: &Extension) -> Option<&Reference> {
    match extension.value.as_ref()? {
        OpenType::Reference(reference) => Some(reference),
        _ => None,
    }
}

fn interactions(extensions: &[Extension]) -> Vec<InteractionId> {
    let url = format!("{EXTENSIONS}NhsServiceInteractionId");
    let all = extensions.all_by_url(&url).filter_map(reference);
    all.filter_map(referred).collect()
}

/// The only one of several; what is there twice counts once. `shown` says which the others are.
pub(super) fn only<T: PartialEq>(
    found: impl Iterator<Item = T>,
    none: &'static str,
    several: &'static str,
    shown: impl Fn(&T) -> String,
) -> Result<T, Error> {
    let mut all: Vec<T> = Vec::new();
    for one in found {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    let kind = match all.len() {
        0 => ErrorKind::NotFound(none),
        1 => {
            return all
                .pop()
                .ok_or_else(|| Error::new(ErrorKind::NotFound(none)));
        }
        _ => ErrorKind::Candidates(several, all.iter().map(shown).collect()),
    };
    Err(Error::new(kind))
}
