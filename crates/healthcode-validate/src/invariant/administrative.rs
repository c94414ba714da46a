//! The invariants of administrative and financial resources.

use super::Method::Hot;
use super::exists::{Exists, is};
use healthcode_r4::{Address, ContactPoint, Organization};

invariants! {
    ORG_1 = "org-1", Error,
        "the organization has neither name nor identifier",
        "FHIR R4 organization.html#Organization: give name or identifier.",
        Hot(of!(Organization, |organization| organization.identifier.exists() || organization.name.exists()));
    ORG_2 = "org-2", Error,
        "an organization has a home address",
        "FHIR R4 organization.html#Organization: give the address another use, such as work.",
        Hot(of!(Address, |address| !is(&address.use_, &["home"])));
    ORG_3 = "org-3", Error,
        "an organization has a contact point for home",
        "FHIR R4 organization.html#Organization: give the contact point another use, such as work.",
        Hot(of!(ContactPoint, |contact| !is(&contact.use_, &["home"])));
}
