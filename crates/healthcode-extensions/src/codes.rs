//! Healthcode's code systems and the codes of them that are documented.
//!
//! All of them are open: the documentation shows samples, and new codes may come at any time. Each
//! is an enumeration with a variant for every documented code and `Unrecognized` for all others.
//!
//! ```
//! use healthcode_extensions::codes::{CodeSystem, Insurer};
//! assert_eq!(Insurer::from("nuh"), Insurer::Aviva);
//! assert_eq!(Insurer::Aviva.display(), Some("Aviva"));
//! let other = Insurer::from("xyz");
//! assert_eq!((other.as_str(), other.display()), ("xyz", None));
//! ```

use healthcode_core::CodeEnum;

/// A code of one of Healthcode's systems.
pub trait CodeSystem: CodeEnum {
    /// The system's URI, as codings have it.
    const SYSTEM: &'static str = Self::VALUE_SET;

    /// What the documentation shows for the code.
    fn display(&self) -> Option<&'static str>;
}

/// Makes the enumerations of this module: a code and its display for each variant.
macro_rules! code_systems {
    ($($(#[$doc:meta])* $name:ident = $system:literal { $($(#[$more:meta])* $variant:ident = $code:literal $display:literal,)+ })+) => {$(
        healthcode_core::code_enum! {
            $(#[$doc])*
            $name, $system, {
                $(
                    #[doc = concat!("`", $code, "`: ", $display, ".")]
                    $(#[$more])*
                    $variant = $code,
                )+
            }
        }

        impl CodeSystem for $name {
            fn display(&self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($display),)+
                    Self::Unrecognized(_) => None,
                }
            }
        }
    )+

    /// The documented codes of the code system with this URI, each with its display; empty for a system that is
    /// none of Healthcode's.
    ///
    /// ```
    /// use healthcode_extensions::codes::of_system;
    /// let insurers = of_system("https://ref.api.healthcode.co.uk/insurer");
    /// assert!(insurers.contains(&("nuh", "Aviva")));
    /// ```
    #[must_use]
    pub fn of_system(system: &str) -> &'static [(&'static str, &'static str)] {
        match system {
            $($system => &[$(($code, $display)),+],)+
            _ => &[],
        }
    }

    /// The URIs of Healthcode's code systems.
    pub const SYSTEMS: &[&str] = &[$($system),+];
    };
}

code_systems! {
    /// A practitioner's profession.
    Profession = "https://ref.api.healthcode.co.uk/profession" {
        Surgeon = "00U" "Surgeon",
    }
    /// A profession's specialty.
    Specialty = "https://ref.api.healthcode.co.uk/specialty" {
        TraumaAndOrthopaedics = "0003A" "Trauma & Orthopaedics",
    }
    /// A specialty's subspecialty.
    Subspecialty = "https://ref.api.healthcode.co.uk/subspecialty" {
        Hip = "0000L" "Hip",
    }
    /// A body that registers practitioners.
    RegulatoryBody = "https://ref.api.healthcode.co.uk/regulatorybody" {
        Gmc = "GMC" "General Medical Council",
    }
    /// An insurer or payor, by the codes of the clearing service. An insurer's Organization has
    /// another id beside it, such as `PR000003`.
    Insurer = "https://ref.api.healthcode.co.uk/insurer" {
        Bupa = "bup" "Bupa",
        BupaGlobal = "bui" "Bupa Global",
        AxaHealth = "ppp" "AXA Health",
        Aviva = "nuh" "Aviva",
        VitalityHealth = "slh" "Vitality Health",
        CignaInternational = "cin" "Cigna International",
        TrustInHealth = "tih" "Trust In Health",
        Wpa = "wpa" "WPA",
        Patientzone = "pzo" "Patientzone",
    }
    /// Whether an insurer recognises a practitioner.
    RecognitionStatus = "https://ref.api.healthcode.co.uk/recognitionstatus" {
        Recognised = "Y" "Recognised",
    }
    /// The ages that a practitioner treats in a role.
    AgesTreated = "https://ref.api.healthcode.co.uk/agestreated" {
        Years0To3 = "C0" "0-3 Years",
        Years4To12 = "C1" "4-12 Years",
    }
    /// A practitioner's qualification.
    Qualification = "https://ref.api.healthcode.co.uk/qualification" {
        Frcs = "FRCS" "Fellow Royal College of Surgeons",
    }
}

/// The system of the insurer codes in `Organization.identifier`.
pub const INSURER_ID_SYSTEM: &str = "https://ref.api.healthcode.co.uk/insurer-id";

healthcode_core::code_enum! {
    /// A practitioner's indemnity status: a letter without a code system.
    IndemnityStatus, "", {
        /// `N`: the only one in the documentation, which does not say what it means.
        N = "N",
    }
}

healthcode_core::code_enum! {
    /// The kind of a Contract. The service uses this value set's URL as the codings' system.
    ContractType, "https://contracts.api.healthcode.co.uk/valueset/contract-type", {
        /// `PRICING`: prices.
        Pricing = "PRICING",
    }
}

healthcode_core::code_enum! {
    /// A set of codes that the reference service returns; the names have no system.
    CodeSet, "", {
        /// `service-category`: service categories.
        ServiceCategory = "service-category",
        /// `service-type`: service codes.
        ServiceType = "service-type",
        /// `procedure-code`: procedures.
        ProcedureCode = "procedure-code",
        /// `condition-code`: diagnoses.
        ConditionCode = "condition-code",
        /// `practitioner-role`: professions.
        PractitionerRole = "practitioner-role",
        /// `practitioner-specialty`: specialties, also of one profession.
        PractitionerSpecialty = "practitioner-specialty",
        /// `practitioner-subspecialty`: subspecialties.
        PractitionerSubspecialty = "practitioner-subspecialty",
    }
}

impl CodeSet {
    /// The schemes that the documentation names for the set; none where it has none.
    ///
    /// ```
    /// use healthcode_extensions::codes::{CodeScheme, CodeSet};
    /// assert_eq!(CodeSet::ConditionCode.schemes(), [CodeScheme::Icd9, CodeScheme::Icd10]);
    /// ```
    #[must_use]
    pub fn schemes(&self) -> &'static [CodeScheme] {
        match self {
            Self::ServiceCategory | Self::ServiceType => &[CodeScheme::Isc],
            Self::ProcedureCode => &[CodeScheme::Ccsd, CodeScheme::Bupa9],
            Self::ConditionCode => &[CodeScheme::Icd9, CodeScheme::Icd10],
            _ => &[],
        }
    }
}

healthcode_core::code_enum! {
    /// A scheme of a [`CodeSet`].
    CodeScheme, "", {
        /// `ISC`: services.
        Isc = "ISC",
        /// `CCSD`: procedures.
        Ccsd = "CCSD",
        /// `9BUPP`: procedures.
        Bupa9 = "9BUPP",
        /// `ICD9`: diagnoses.
        Icd9 = "ICD9",
        /// `ICD10`: diagnoses.
        Icd10 = "ICD10",
    }
}
