//! Finding UK identifiers on R4 resources.

use crate::nhs::{Asid, InteractionId, NhsNumber, OdsCode, PartyKey, SdsRoleProfileId, SdsUserId};
use crate::professional::{GmcNumber, GmpNumber, GphcNumber, HcpcNumber, NmcNumber};
use crate::{IdentifierSystem, Postcode, UkIdentifier, Written};
use healthcode_r4::codes::IdentifierUse;
use healthcode_r4::{
    Address, Coverage, Device, Endpoint, HealthcareService, Identifier, Location, Organization,
    Patient, Person, Practitioner, PractitionerRole, Reference, RelatedPerson,
};
use std::fmt;

/// An identifier that was found on a resource. `Debug` shows its system and what it means, masked
/// where that is personal.
#[derive(Clone)]
pub struct Found<'a, T> {
    /// Where it was found.
    pub identifier: &'a Identifier,
    /// What its value says.
    pub value: Written<T>,
}

impl<T: fmt::Debug> fmt::Debug for Found<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found")
            .field("system", &self.identifier.system.as_str())
            .field("value", &self.value)
            .finish()
    }
}

macro_rules! finders {
    ($($name:ident $type:ident $doc:literal;)*) => {
        $(#[doc = $doc]
        fn $name(&self) -> Option<Found<'_, $type>> {
            self.find_identifier()
        })*
    };
}

/// Looking UK identifiers up, in all URIs of their systems.
///
/// The order is: those with a value, then those without; those in use, then those marked `old`;
/// those with the URI that is written today, then those with others, in the order of
/// [`IdentifierSystem::uris`]; and as the resource has them. A value of the wrong form is found too.
///
/// ```
/// use healthcode_r4::{Identifier, Patient};
/// use healthcode_uk::{NhsNumber, UkIdentifiers};
///
/// let mut patient = Patient::default();
/// patient.identifier.push(Identifier::new("http://fhir.nhs.net/Id/nhs-number", "900 000 0009"));
/// let found = patient.nhs_number().unwrap();
/// assert_eq!(found.value.result(), Ok(&NhsNumber::parse("9000000009")?));
/// assert_eq!(found.value.as_written(), "900 000 0009");
/// # Ok::<(), healthcode_uk::IdError>(())
/// ```
pub trait UkIdentifiers {
    /// The identifiers to look at.
    fn identifiers(&self) -> &[Identifier];

    /// The first identifier of a type.
    fn find_identifier<T: UkIdentifier>(&self) -> Option<Found<'_, T>> {
        find(self.identifiers(), T::SYSTEM)
    }

    /// All identifiers of a type: a general practitioner can have several [`GmpNumber`]s.
    fn all_identifiers<T: UkIdentifier>(&self) -> Vec<Found<'_, T>> {
        let mut all: Vec<_> = ranked(self.identifiers(), T::SYSTEM).collect();
        all.sort_by_key(|(rank, _)| *rank);
        all.into_iter()
            .map(|(_, identifier)| read(identifier))
            .collect()
    }

    /// The ODS code of a site.
    fn ods_site(&self) -> Option<Found<'_, OdsCode>> {
        find(self.identifiers(), IdentifierSystem::OdsSite)
    }

    finders! {
        nhs_number NhsNumber "The NHS number of a patient.";
        ods OdsCode "The ODS code of an organisation.";
        sds_user_id SdsUserId "The user id of a practitioner.";
        sds_role_profile_id SdsRoleProfileId "The role profile id of a practitioner's role.";
        gmc GmcNumber "The GMC number of a doctor.";
        gmp GmpNumber "The first GMP number of a general practitioner.";
        nmc NmcNumber "The NMC number of a nurse or midwife.";
        gphc GphcNumber "The GPhC number of a pharmacist.";
        hcpc HcpcNumber "The HCPC number of a health or care professional.";
        asid Asid "The ASID of a device.";
        party_key PartyKey "The party key of a device or endpoint.";
        interaction_id InteractionId "The interaction id that a device's or endpoint's reference names.";
    }
}

fn find<T: UkIdentifier>(
    identifiers: &[Identifier],
    system: IdentifierSystem,
) -> Option<Found<'_, T>> {
    let (_, identifier) = ranked(identifiers, system).min_by_key(|(rank, _)| *rank)?;
    Some(read(identifier))
}

fn read<T: UkIdentifier>(identifier: &Identifier) -> Found<'_, T> {
    Found {
        identifier,
        value: T::read(identifier.value.as_str().unwrap_or_default()),
    }
}

/// The identifiers of a system, each with what puts it in order.
fn ranked(
    identifiers: &[Identifier],
    system: IdentifierSystem,
) -> impl Iterator<Item = ((bool, bool, usize), &Identifier)> {
    identifiers.iter().filter_map(move |identifier| {
        let place = system.rank(identifier.system.as_str()?)?;
        let empty = identifier.value.as_str().is_none_or(str::is_empty);
        let old = identifier.use_.value() == Some(&IdentifierUse::Old);
        Some(((empty, old, place), identifier))
    })
}

impl UkIdentifiers for [Identifier] {
    fn identifiers(&self) -> &[Identifier] {
        self
    }
}

impl UkIdentifiers for Identifier {
    fn identifiers(&self) -> &[Identifier] {
        std::slice::from_ref(self)
    }
}

/// A reference can name its target by an identifier, as those of the Spine Directory Service do.
impl UkIdentifiers for Reference {
    fn identifiers(&self) -> &[Identifier] {
        self.identifier.as_deref().map_or(&[], std::slice::from_ref)
    }
}

macro_rules! resources {
    ($($resource:ty),*) => {
        $(impl UkIdentifiers for $resource {
            fn identifiers(&self) -> &[Identifier] {
                &self.identifier
            }
        })*
    };
}

resources!(
    Coverage,
    Device,
    Endpoint,
    HealthcareService,
    Location,
    Organization,
    Patient,
    Person,
    Practitioner,
    PractitionerRole,
    RelatedPerson
);

/// What an address in the UK has.
pub trait UkAddress {
    /// The postcode, if there is one.
    ///
    /// ```
    /// use healthcode_r4::Address;
    /// use healthcode_uk::{Postcode, UkAddress};
    /// let address = Address { postal_code: "bt437bu".into(), ..Default::default() };
    /// assert_eq!(address.postcode().unwrap().result(), Ok(&Postcode::parse("BT43 7BU")?));
    /// # Ok::<(), healthcode_uk::IdError>(())
    /// ```
    fn postcode(&self) -> Option<Written<Postcode>>;
}

impl UkAddress for Address {
    fn postcode(&self) -> Option<Written<Postcode>> {
        self.postal_code.as_str().map(Postcode::from_payload)
    }
}
