//! The systems of identifiers, today's and older ones.

/// One row a system: variant, constant, what it identifies, and its URIs. The first URI is the one
/// to write; the others are read.
macro_rules! systems {
    ($($variant:ident $constant:ident $doc:literal $uri:literal $(, $other:literal)*;)*) => {
        /// A system of identifiers in FHIR, by whichever of its URIs it goes.
        ///
        /// Those of NHS England (`fhir.nhs.uk`), of UK Core and HL7 UK (`fhir.hl7.org.uk`), the
        /// older ones of DSTU2 (`fhir.nhs.net`), OIDs, and spellings that occur in payloads.
        ///
        /// ```
        /// use healthcode_uk::{IdentifierSystem, systems};
        /// let old = IdentifierSystem::from_uri("http://fhir.nhs.net/Id/nhs-number");
        /// assert_eq!(old, Some(IdentifierSystem::NhsNumber));
        /// assert_eq!(IdentifierSystem::NhsNumber.uri(), systems::NHS_NUMBER);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum IdentifierSystem {
            $(#[doc = $doc] $variant,)*
        }

        /// The URIs to write, one for each [`IdentifierSystem`].
        pub mod systems {
            $(#[doc = $doc] pub const $constant: &str = $uri;)*
        }

        impl IdentifierSystem {
            /// All of them.
            pub const ALL: &[IdentifierSystem] = &[$(IdentifierSystem::$variant),*];

            /// Its URIs: the one to write first, then those that are only read.
            #[must_use]
            pub const fn uris(self) -> &'static [&'static str] {
                match self {
                    $(IdentifierSystem::$variant => &[systems::$constant $(, $other)*],)*
                }
            }

            /// The URI to write.
            #[must_use]
            pub const fn uri(self) -> &'static str {
                match self {
                    $(IdentifierSystem::$variant => systems::$constant,)*
                }
            }
        }
    };
}

systems! {
    NhsNumber NHS_NUMBER "Patients: NHS number."
        "https://fhir.nhs.uk/Id/nhs-number",
        "http://fhir.nhs.net/Id/nhs-number",
        "urn:oid:2.16.840.1.113883.2.1.4.1";
    OdsOrganization ODS_ORGANIZATION "Organisations: code of the Organisation Data Service."
        "https://fhir.nhs.uk/Id/ods-organization-code",
        "http://fhir.nhs.net/Id/ods-organization-code",
        "https://fhir.nhs.uk/Id/ods-organisation-code";
    OdsSite ODS_SITE "Sites of organisations: code of the Organisation Data Service."
        "https://fhir.nhs.uk/Id/ods-site-code",
        "http://fhir.nhs.net/Id/ods-site-code";
    SdsUserId SDS_USER_ID "Staff: user id of the Spine Directory Service."
        "https://fhir.nhs.uk/Id/sds-user-id",
        "http://fhir.nhs.net/Id/sds-user-id",
        "http://fhir.nhs.net/sds-user-id",
        "urn:oid:1.2.826.0.1285.0.2.0.65";
    SdsRoleProfileId SDS_ROLE_PROFILE_ID "Roles of staff: role profile id of the Spine Directory Service."
        "https://fhir.nhs.uk/Id/sds-role-profile-id",
        "http://fhir.nhs.net/Id/sds-role-profile-id";
    Asid ASID "Systems: accredited system id; the second URI is that of token claims."
        "https://fhir.nhs.uk/Id/nhsSpineASID",
        "https://fhir.nhs.uk/Id/accredited-system";
    PartyKey PARTY_KEY "Message handling servers: party key."
        "https://fhir.nhs.uk/Id/nhsMhsPartyKey";
    InteractionId INTERACTION_ID "Services: interaction id."
        "https://fhir.nhs.uk/Id/nhsServiceInteractionId";
    MhsFqdn MHS_FQDN "Message handling servers: domain name."
        "https://fhir.nhs.uk/Id/nhsMhsFQDN";
    MhsCpaId MHS_CPA_ID "Message handling servers: contract of one interaction (CPA)."
        "https://fhir.nhs.uk/Id/nhsMhsCPAId";
    MhsId MHS_ID "Message handling servers: id."
        "https://fhir.nhs.uk/Id/nhsMHSId";
    CrossCareSetting CROSS_CARE_SETTING "Records: cross care setting identifier."
        "https://fhir.nhs.uk/Id/cross-care-setting-identifier";
    Gmc GMC "Doctors: number of the General Medical Council."
        "https://fhir.hl7.org.uk/Id/gmc-number",
        "https://fhir.nhs.uk/Id/gmc-reference-number",
        "https://fhir.nhs.uk/Id/gmc-number",
        "urn:oid:2.16.840.1.113883.2.1.3.2.4.16.63";
    Gmp GMP "General practitioners: GMP (PPD) code."
        "https://fhir.hl7.org.uk/Id/gmp-number",
        "urn:oid:2.16.840.1.113883.2.1.3.2.4.16.62";
    Nmc NMC "Nurses and midwives: PIN of the Nursing and Midwifery Council."
        "https://fhir.hl7.org.uk/Id/nmc-number";
    Gphc GPHC "Pharmacists: number of the General Pharmaceutical Council."
        "https://fhir.hl7.org.uk/Id/gphc-number";
    Hcpc HCPC "Health and care professionals: number of the HCPC."
        "https://fhir.hl7.org.uk/Id/hcpc-number";
    Gdc GDC "Dentists: number of the General Dental Council."
        "https://fhir.hl7.org.uk/Id/gdc-number";
    Ppa PPA "Prescribers: number of the Prescription Pricing Authority."
        "https://fhir.hl7.org.uk/Id/ppa-number",
        "https://fhir.nhs.uk/Id/ppa-number";
}

impl IdentifierSystem {
    /// The system that has this URI; `http` and `https` are the same, since payloads mix them up.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|system| system.rank(uri).is_some()).copied()
    }

    /// The place of a URI among those of the system.
    pub(crate) fn rank(self, uri: &str) -> Option<usize> {
        let uri = without_scheme(uri);
        self.uris()
            .iter()
            .position(|known| without_scheme(known) == uri)
    }
}

fn without_scheme(uri: &str) -> &str {
    let rest = uri.strip_prefix("https://");
    rest.or_else(|| uri.strip_prefix("http://")).unwrap_or(uri)
}
