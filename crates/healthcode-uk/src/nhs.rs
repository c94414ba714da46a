//! Identifiers that the NHS assigns to patients, organisations, systems and staff.

use crate::error::Problem;
use crate::form::{compact, digits, fit, is_dash, is_separator, misfit};
use crate::id::identifier;

identifier! {
    /// An NHS number: ten digits, the last of them a modulus 11 check digit.
    ///
    /// Nine digits times the weights 10 to 2, summed; eleven less the remainder by 11 is the check
    /// digit, eleven being written 0 and ten having none (NHS Data Dictionary, NHS NUMBER). That it
    /// parses does not mean that it was allocated.
    ///
    /// It cannot be shown by accident:
    /// ```compile_fail
    /// println!("{}", healthcode_uk::NhsNumber::parse("9000000009").unwrap());
    /// ```
    personal NhsNumber {
        name: "NHS number",
        form: "ten digits, the last a modulus 11 check digit",
        check: check_nhs_number,
        clean: compact,
        system: NhsNumber,
    }
}

impl NhsNumber {
    /// As people read it, in plain: three, three and four digits.
    #[must_use]
    pub fn formatted(&self) -> String {
        let digits = self.expose();
        [&digits[..3], &digits[3..6], &digits[6..]].join(" ")
    }
}

fn check_nhs_number(text: &str) -> Result<(), Problem> {
    fit(text, &["##########"])?;
    let weighted = digits(text).zip((2..=10).rev());
    let sum: u32 = weighted.map(|(digit, weight)| digit * weight).sum();
    let check = 11 - sum % 11;
    if check == 10 {
        return Err(Problem::NoCheckDigit);
    }
    if digits(text).last() != Some(check % 11) {
        return Err(Problem::CheckDigit);
    }
    Ok(())
}

identifier! {
    /// An ODS code: of an organisation, or of one of its sites.
    ///
    /// Three or more capital letters and digits, such as `RR8` or `A1001`; kept this loose on
    /// purpose, since new forms are added. The Personal Demographics Service compares it without
    /// regard to case.
    open OdsCode {
        name: "ODS code",
        form: "three or more capital letters and digits, as in RR8",
        check: check_ods_code,
        clean: compact,
        system: OdsOrganization,
    }
}

#[cfg(feature = "r4")]
impl OdsCode {
    /// A FHIR identifier of a site, where [`to_identifier`](Self::to_identifier) makes one of an
    /// organisation.
    #[must_use]
    pub fn to_site_identifier(&self) -> healthcode_r4::Identifier {
        healthcode_r4::Identifier::new(crate::systems::ODS_SITE, self.as_str())
    }
}

fn check_ods_code(text: &str) -> Result<(), Problem> {
    // Its own characters as mask: what is neither letter nor digit fits nowhere.
    let mask = text.chars().map(|c| match c {
        '0'..='9' => '#',
        _ => '@',
    });
    fit(text, &[&mask.collect::<String>()])?;
    match text.len() {
        0..3 => Err(Problem::Length { found: text.len() }),
        _ => Ok(()),
    }
}

identifier! {
    /// An ASID, the id of a system that is accredited for the Spine: twelve digits, as all that are
    /// published have.
    ///
    /// Written with the system of the Spine Directory Service (`nhsSpineASID`); claims of tokens use
    /// the second URI of [`IdentifierSystem::Asid`](crate::IdentifierSystem::Asid).
    open Asid {
        name: "ASID",
        form: "twelve digits, as in 200000000205",
        check: |text| fit(text, &["############"]),
        clean: compact,
        system: Asid,
    }
}

identifier! {
    /// A party key, which names a message handling server of the Spine: an ODS code, a hyphen, and
    /// six or seven digits, such as `YES-0000806`, as all that are published have.
    open PartyKey {
        name: "party key",
        form: "an ODS code, a hyphen and six or seven digits, as in YES-0000806",
        check: check_party_key,
        clean: clean_party_key,
        system: PartyKey,
    }
}

impl PartyKey {
    /// The part before the hyphen.
    #[must_use]
    pub fn ods_code(&self) -> OdsCode {
        let end = self.0.find('-').unwrap_or(self.0.len());
        OdsCode(self.0[..end].into())
    }
}

fn check_party_key(text: &str) -> Result<(), Problem> {
    let length = text.chars().count();
    let Some((code, number)) = text.split_once('-') else {
        check_ods_code(text)?;
        return Err(Problem::Missing { character: '-' });
    };
    // What is not about one character is about the length of the whole.
    let place = |before: usize| {
        move |problem| match problem {
            Problem::Separator { position } => Problem::Separator {
                position: before + position,
            },
            Problem::Character { position } => Problem::Character {
                position: before + position,
            },
            Problem::LowerCase { position } => Problem::LowerCase {
                position: before + position,
            },
            _ => Problem::Length { found: length },
        }
    };
    check_ods_code(code).map_err(place(0))?;
    fit(number, &["######", "#######"]).map_err(place(code.len() + 1))
}

fn clean_party_key(text: &str) -> String {
    let dashes = text.chars().map(|c| if is_dash(c) { '-' } else { c });
    let kept = dashes.filter(|c| *c == '-' || !is_separator(*c));
    kept.map(|c| c.to_ascii_uppercase()).collect()
}

identifier! {
    /// An interaction id, which names what a system can do over the Spine, such as
    /// `urn:nhs:names:services:gpconnect:fhir:rest:read:metadata-1`. Case is part of it; reading
    /// leniently only trims.
    open InteractionId {
        name: "interaction id",
        form: "urn:nhs:names:services:, then a service and an interaction joined by colons",
        check: check_interaction_id,
        clean: |text| text.trim().to_owned(),
        system: InteractionId,
    }
}

const SERVICES: &str = "urn:nhs:names:services:";

impl InteractionId {
    /// The service, such as `gpconnect`.
    #[must_use]
    pub fn service(&self) -> &str {
        let rest = self.0.get(SERVICES.len()..).unwrap_or_default();
        rest.split(':').next().unwrap_or_default()
    }

    /// What follows the service, such as `fhir:rest:read:metadata-1`.
    #[must_use]
    pub fn interaction(&self) -> &str {
        let start = SERVICES.len() + self.service().len() + 1;
        self.0.get(start..).unwrap_or_default()
    }
}

fn check_interaction_id(text: &str) -> Result<(), Problem> {
    if text.is_empty() {
        return Err(Problem::Empty);
    }
    if let Some((_, problem)) = misfit(text, SERVICES) {
        return Err(problem);
    }
    let length = text.chars().count();
    if length <= SERVICES.len() {
        return Err(Problem::Length { found: length });
    }
    // Each colon is between other characters, and there is one after the service.
    let mut before = ':';
    let mut joined = false;
    for (index, c) in text.chars().enumerate().skip(SERVICES.len()) {
        let position = index + 1;
        match c {
            ':' if before != ':' && position < length => joined = true,
            'A'..='Z' | 'a'..='z' | '0'..='9' | '.' | '_' | '-' | '$' => {}
            c if is_separator(c) => return Err(Problem::Separator { position }),
            _ => return Err(Problem::Character { position }),
        }
        before = c;
    }
    if joined {
        Ok(())
    } else {
        Err(Problem::Missing { character: ':' })
    }
}

/// What stands for an SDS id where the user has no smartcard (GP Connect).
const NO_SMARTCARD: &str = "UNK";

macro_rules! no_smartcard {
    ($name:ident) => {
        impl $name {
            /// What GP Connect's tokens have for a user without smartcard: `UNK`.
            #[must_use]
            pub fn no_smartcard() -> Self {
                $name(NO_SMARTCARD.into())
            }

            /// Whether it only says that the user has no smartcard.
            #[must_use]
            pub fn is_no_smartcard(&self) -> bool {
                self.0 == NO_SMARTCARD
            }
        }
    };
}

identifier! {
    /// A user id of the Spine Directory Service, which a smartcard carries: a person.
    ///
    /// No register defines its form; ten to fourteen digits occur, nearly always twelve, or `UNK`.
    personal SdsUserId {
        name: "SDS user id",
        form: "ten to fourteen digits, or UNK where there is no smartcard",
        check: |text| fit(text, &[
            NO_SMARTCARD, "##########", "###########", "############", "#############",
            "##############",
        ]),
        clean: compact,
        system: SdsUserId,
    }
}
no_smartcard!(SdsUserId);

identifier! {
    /// A role profile id of the Spine Directory Service, a person in one role at one organisation:
    /// twelve digits, or `UNK`.
    personal SdsRoleProfileId {
        name: "SDS role profile id",
        form: "twelve digits, or UNK where there is no smartcard",
        check: |text| fit(text, &[NO_SMARTCARD, "############"]),
        clean: compact,
        system: SdsRoleProfileId,
    }
}
no_smartcard!(SdsRoleProfileId);
