//! Who requests data, and why: the two sets of claims of unsigned tokens.

use super::unsigned::{JwtClaims, times};
use healthcode_uk::{Asid, NhsNumber, OdsCode, SdsRoleProfileId, SdsUserId, systems};
use serde_json::{Value, json};
use std::fmt;
use std::time::SystemTime;

/// The consumer's system, in GP Connect's claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpConnectDevice {
    /// The system of its identifier.
    pub system: String,
    /// Its identifier.
    pub value: String,
    /// Its name.
    pub model: String,
    /// Its version.
    pub version: String,
}

/// The consumer's organisation, in GP Connect's claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpConnectOrganization {
    /// Its code.
    pub code: OdsCode,
    /// Its name.
    pub name: String,
}

/// The user, in GP Connect's claims: the person who is logged on.
///
/// `Debug` shows neither name nor local id.
#[derive(Clone, PartialEq, Eq)]
pub struct GpConnectPractitioner {
    /// The id in the consumer's system, which is the token's subject, too.
    pub id: String,
    /// The user's id, or [`SdsUserId::no_smartcard`].
    pub user: SdsUserId,
    /// The user's role, or [`SdsRoleProfileId::no_smartcard`].
    pub role: SdsRoleProfileId,
    /// The system of the consumer's own identifier, and that one.
    pub local: (String, String),
    /// The surname.
    pub family: String,
    /// The first names.
    pub given: Vec<String>,
    /// What is before the name: `Dr`.
    pub prefix: Vec<String>,
}
healthcode_core::debug_only!(GpConnectPractitioner { user, role });

/// The claims of GP Connect 1.x, with three resources of STU3 in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpConnectClaims {
    /// The consumer's address: `iss`.
    pub issuer: String,
    /// The provider's service root, as the directory has it: `aud`.
    pub audience: String,
    /// What is requested: `patient/*.read` for patients and appointments, `organization/*.read` for
    /// organisations, practitioners, locations, slots and metadata; or `.write`.
    pub scope: String,
    /// The consumer's system.
    pub device: GpConnectDevice,
    /// The consumer's organisation.
    pub organization: GpConnectOrganization,
    /// The user.
    pub practitioner: GpConnectPractitioner,
}

fn identifier(system: &str, value: &str) -> Value {
    json!({"system": system, "value": value})
}

impl JwtClaims for GpConnectClaims {
    fn claims(&self, now: SystemTime) -> Value {
        let (iat, exp) = times(now);
        let (device, user) = (&self.device, &self.practitioner);
        json!({
            "iss": self.issuer,
            "sub": user.id,
            "aud": self.audience,
            "exp": exp,
            "iat": iat,
            "reason_for_request": Reason::DirectCare.as_str(),
            "requested_scope": self.scope,
            "requesting_device": {
                "resourceType": "Device",
                "identifier": [identifier(&device.system, &device.value)],
                "model": device.model,
                "version": device.version,
            },
            "requesting_organization": {
                "resourceType": "Organization",
                "identifier": [
                    identifier(systems::ODS_ORGANIZATION, self.organization.code.as_str()),
                ],
                "name": self.organization.name,
            },
            "requesting_practitioner": {
                "resourceType": "Practitioner",
                "id": user.id,
                "identifier": [
                    identifier(systems::SDS_USER_ID, user.user.expose()),
                    identifier(systems::SDS_ROLE_PROFILE_ID, user.role.expose()),
                    identifier(&user.local.0, &user.local.1),
                ],
                "name": [{"family": user.family, "given": user.given, "prefix": user.prefix}],
            },
        })
    }
}

/// Why data is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// `directcare`.
    DirectCare,
    /// `secondaryuses`.
    SecondaryUses,
    /// `patientaccess`.
    PatientAccess,
}

impl Reason {
    /// The word in the claim.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::DirectCare => "directcare",
            Reason::SecondaryUses => "secondaryuses",
            Reason::PatientAccess => "patientaccess",
        }
    }
}

/// Who requests data, in the Spine's claims: one of three, and never both a professional and a patient.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpineUser {
    /// A professional, by role.
    Professional {
        /// The role: `requesting_user`.
        role: SdsRoleProfileId,
        /// Why; direct care, in most cases.
        reason: Reason,
    },
    /// A patient; the reason is patient access.
    Patient {
        /// The patient: `requesting_patient`.
        number: NhsNumber,
        /// Who acts for the patient, if somebody does: the subject of `act`.
        delegate: Option<String>,
    },
    /// A system alone, without a user.
    Unattended {
        /// Why.
        reason: Reason,
    },
}

impl fmt::Debug for SpineUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SpineUser::Professional { .. } => "Professional(***)",
            SpineUser::Patient { .. } => "Patient(***)",
            SpineUser::Unattended { .. } => "Unattended",
        })
    }
}

/// The claims of Spine Core and NRL: flat text, system and value joined by a pipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpineClaims {
    /// The consumer's address: `iss`.
    pub issuer: String,
    /// The service's address: `aud`.
    pub audience: String,
    /// What is requested: `patient/DocumentReference.read` for NRL, `patient/*.read` for what is
    /// fetched through the proxy.
    pub scope: String,
    /// The consumer's system.
    pub system: Asid,
    /// The consumer's organisation. NRL requires it.
    pub organization: Option<OdsCode>,
    /// Who requests the data.
    pub user: SpineUser,
}

/// The system of ASIDs in claims; in the directory it has another URI.
const ACCREDITED_SYSTEM: &str = "https://fhir.nhs.uk/Id/accredited-system";

impl JwtClaims for SpineClaims {
    fn claims(&self, now: SystemTime) -> Value {
        let (iat, exp) = times(now);
        let joined = |system: &str, value: &str| format!("{system}|{value}");
        let system = joined(ACCREDITED_SYSTEM, self.system.as_str());
        let mut claims = json!({
            "iss": self.issuer,
            "aud": self.audience,
            "exp": exp,
            "iat": iat,
            "scope": self.scope,
            "requesting_system": system,
        });
        let (subject, reason) = match &self.user {
            SpineUser::Professional { role, reason } => {
                let user = joined(systems::SDS_ROLE_PROFILE_ID, role.expose());
                claims["requesting_user"] = json!(user);
                (user, *reason)
            }
            SpineUser::Patient { number, delegate } => {
                let patient = joined(systems::NHS_NUMBER, number.expose());
                claims["requesting_patient"] = json!(patient);
                if let Some(delegate) = delegate {
                    claims["act"] = json!({"sub": delegate});
                }
                (patient, Reason::PatientAccess)
            }
            SpineUser::Unattended { reason } => (system, *reason),
        };
        claims["sub"] = json!(subject);
        claims["reason_for_request"] = json!(reason.as_str());
        if let Some(code) = &self.organization {
            let code = joined(systems::ODS_ORGANIZATION, code.as_str());
            claims["requesting_organization"] = json!(code);
        }
        claims
    }
}
