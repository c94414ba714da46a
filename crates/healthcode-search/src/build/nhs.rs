//! Builders of the NHS's calls.

use super::builder;
use healthcode_uk::{InteractionId, OdsCode, PartyKey};

builder! {
    /// Patient trace: a search of the Personal Demographics Service.
    ///
    /// ```
    /// use healthcode_search::{DateTime, PatientTrace, Prefix};
    /// let query = PatientTrace::new()
    ///     .family("Smith")
    ///     .gender("female")
    ///     .birthdate((Some(Prefix::Eq), DateTime::day("2010-10-22")?))
    ///     .build()?;
    /// assert_eq!(query.encode()?.as_str(), "family=Smith&gender=female&birthdate=eq2010-10-22");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    PatientTrace of "pds-patient" {
        set fuzzy_match(bool) "_fuzzy-match" "Whether names may differ a little; not with `*`.";
        set exact_match(bool) "_exact-match" "Whether only exact matches are wanted.";
        set history(bool) "_history" "Whether former names and addresses match, too.";
        set max_results(u32) "_max-results" "How many at most, 1 to 50; 1 for applications without user.";
        set family(text) "family" "The surname; `*` stands for any text, from the third character on.";
        add given(text) "given" "A first name; and another.";
        set gender(word) "gender" "The gender: `male`, `female`, `other` or `unknown`.";
        add birthdate(day) "birthdate" "The day of birth; twice for a range.";
        add death_date(day) "death-date" "The day of death; twice for a range.";
        set address_postalcode(text) "address-postalcode" "The postcode.";
        set address_postcode(text) "address-postcode" "The postcode, under a deprecated name; not both.";
        set general_practitioner(bare OdsCode) "general-practitioner" "The practice's ODS code.";
        set email(text) "email" "The email address.";
        set phone(text) "phone" "The telephone number.";
    }
}

builder! {
    /// Device look-up of the Spine Directory Service: whose system offers a service.
    ///
    /// ```
    /// use healthcode_search::DeviceLookup;
    /// use healthcode_uk::{InteractionId, OdsCode};
    /// let query = DeviceLookup::new()
    ///     .organization(&OdsCode::parse("A1001")?)
    ///     .service(&InteractionId::parse("urn:nhs:names:services:psis:REPC_IN150016UK05")?)
    ///     .build()?;
    /// assert_eq!(
    ///     query.encode()?.as_str(),
    ///     "organization=https://fhir.nhs.uk/Id/ods-organization-code%7CA1001&\
    ///      identifier=https://fhir.nhs.uk/Id/nhsServiceInteractionId%7C\
    ///      urn:nhs:names:services:psis:REPC_IN150016UK05"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    DeviceLookup of "sds-device" {
        set organization(identifier OdsCode) "organization" "The organisation. Mandatory.";
        add service(identifier InteractionId) "identifier" "The service. Mandatory.";
        add party_key(identifier PartyKey) "identifier" "The message handling system's party.";
        set manufacturing_organization(identifier OdsCode) "manufacturing-organization" "The system's maker.";
    }
}

builder! {
    /// Endpoint look-up of the Spine Directory Service: where a service is. It takes two of
    /// organisation, service and party, or all three.
    EndpointLookup of "sds-endpoint" {
        set organization(identifier OdsCode) "organization" "The organisation.";
        add service(identifier InteractionId) "identifier" "The service.";
        add party_key(identifier PartyKey) "identifier" "The message handling system's party.";
    }
}
