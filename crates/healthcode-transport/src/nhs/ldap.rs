//! Filters for the Spine Directory Service over LDAP, as text. What sends them is the caller's: it
//! takes mutual TLS, to `ldaps://` hosts inside the NHS's network.

use healthcode_uk::{InteractionId, OdsCode, PartyKey};

/// Where searches begin.
pub const BASE: &str = "ou=services, o=nhs";

/// Attributes of a message handling server. Documents differ in case: compare without it.
pub const MHS_ATTRIBUTES: &[&str] = &[
    "nhsIDCode",
    "nhsMhsCPAId",
    "nhsMHSEndPoint",
    "nhsMhsFQDN",
    "nhsMhsIN",
    "nhsMHSPartyKey",
    "nhsMHsSN",
    "nhsMhsSvcIA",
    "uniqueIdentifier",
    "nhsMHSAckRequested",
    "nhsMHSDuplicateElimination",
    "nhsMHSPersistDuration",
    "nhsMHSRetries",
    "nhsMHSRetryInterval",
    "nhsMHSSyncReplyMode",
    "nhsMhsActor",
];

/// Attributes of an accredited system. Its `uniqueIdentifier` is its ASID.
pub const AS_ATTRIBUTES: &[&str] = &[
    "uniqueIdentifier",
    "nhsIdCode",
    "nhsAsClient",
    "nhsMhsPartyKey",
    "nhsAsSvcIA",
    "nhsMhsManufacturerOrg",
];

/// Text as a value of a filter: `*`, `(`, `)`, `\` and NUL as a backslash and two digits (RFC 4515,
/// 3).
///
/// ```
/// use healthcode_transport::nhs::ldap::escape;
/// assert_eq!(escape(r"a*(b)\c"), r"a\2a\28b\29\5cc");
/// ```
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' | '(' | ')' | '\\' | '\0' => out.push_str(&format!("\\{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

fn all(parts: &[(&str, &str)]) -> String {
    let parts = parts
        .iter()
        .map(|(name, value)| format!("({name}={})", escape(value)));
    format!("(&{})", parts.collect::<String>())
}

/// The message handling server of an organisation for a service: its endpoint and party key.
///
/// ```
/// use healthcode_transport::nhs::ldap::message_handler;
/// use healthcode_uk::{InteractionId, OdsCode};
/// let interaction = InteractionId::parse("urn:nhs:names:services:psis:REPC_IN150016UK05")?;
/// assert_eq!(
///     message_handler(&OdsCode::parse("A1001")?, &interaction),
///     "(&(nhsIDCode=A1001)(objectClass=nhsMhs)\
///      (nhsMhsSvcIA=urn:nhs:names:services:psis:REPC_IN150016UK05))"
/// );
/// # Ok::<(), healthcode_uk::IdError>(())
/// ```
#[must_use]
pub fn message_handler(organization: &OdsCode, interaction: &InteractionId) -> String {
    all(&[
        ("nhsIDCode", organization.as_str()),
        ("objectClass", "nhsMhs"),
        ("nhsMhsSvcIA", interaction.as_str()),
    ])
}

/// The accredited system of an organisation behind a party key: its ASID.
///
/// ```
/// use healthcode_transport::nhs::ldap::accredited_system;
/// use healthcode_uk::{OdsCode, PartyKey};
/// assert_eq!(
///     accredited_system(&OdsCode::parse("A1001")?, &PartyKey::parse("A1001-0000806")?),
///     "(&(nhsIDCode=A1001)(objectClass=nhsAs)(nhsMHSPartyKey=A1001-0000806))"
/// );
/// # Ok::<(), healthcode_uk::IdError>(())
/// ```
#[must_use]
pub fn accredited_system(organization: &OdsCode, party_key: &PartyKey) -> String {
    all(&[
        ("nhsIDCode", organization.as_str()),
        ("objectClass", "nhsAs"),
        ("nhsMHSPartyKey", party_key.as_str()),
    ])
}

/// One's own accredited system: by the service, and the organisation that made the system.
///
/// ```
/// use healthcode_transport::nhs::ldap::own_system;
/// use healthcode_uk::{InteractionId, OdsCode};
/// let interaction = InteractionId::parse("urn:nhs:names:services:psis:REPC_IN150016UK05")?;
/// assert_eq!(
///     own_system(&OdsCode::parse("A1001")?, &interaction, &OdsCode::parse("YGM24")?),
///     "(&(nhsIDCode=A1001)(objectClass=nhsAs)\
///      (nhsAsSvcIA=urn:nhs:names:services:psis:REPC_IN150016UK05)\
///      (nhsMhsManufacturerOrg=YGM24))"
/// );
/// # Ok::<(), healthcode_uk::IdError>(())
/// ```
#[must_use]
pub fn own_system(
    organization: &OdsCode,
    interaction: &InteractionId,
    manufacturer: &OdsCode,
) -> String {
    all(&[
        ("nhsIDCode", organization.as_str()),
        ("objectClass", "nhsAs"),
        ("nhsAsSvcIA", interaction.as_str()),
        ("nhsMhsManufacturerOrg", manufacturer.as_str()),
    ])
}
