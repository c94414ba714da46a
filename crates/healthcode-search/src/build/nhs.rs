//! Builders of the NHS's calls.

use super::builder;
use crate::definition::ValueForm::{Boolean, Code, DateWithPrefix, Fhir, Integer, Keyword, Text};
use crate::endpoint::parameters::p;
use crate::table::ParameterType::Token;
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
        set fuzzy_match(bool) p("_fuzzy-match", Boolean), "Whether names may differ a little; not with `*`.";
        set exact_match(bool) p("_exact-match", Boolean), "Whether only exact matches are wanted.";
        set history(bool) p("_history", Boolean), "Whether former names and addresses match, too.";
        set max_results(u32) p("_max-results", Integer(1, 50)), "How many at most, 1 to 50; 1 for applications without user.";
        set family(text) p("family", Text), "The surname; `*` stands for any text, from the third character on.";
        add given(text) p("given", Text).repeats(), "A first name; and another.";
        set gender(word) p("gender", Keyword(&["male", "female", "other", "unknown"])), "The gender: `male`, `female`, `other` or `unknown`.";
        add birthdate(day) p("birthdate", DateWithPrefix).repeats(), "The day of birth; twice for a range.";
        add death_date(day) p("death-date", DateWithPrefix).repeats(), "The day of death; twice for a range.";
        set address_postalcode(text) p("address-postalcode", Text), "The postcode.";
        set address_postcode(text) p("address-postcode", Text), "The postcode, under a deprecated name; not both.";
        set general_practitioner(bare OdsCode) p("general-practitioner", Code), "The practice's ODS code.";
        set email(text) p("email", Text), "The email address.";
        set phone(text) p("phone", Text), "The telephone number.";
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
        set organization(identifier OdsCode) p("organization", Fhir(Token)).required(), "The organisation. Mandatory.";
        add service(identifier InteractionId) p("identifier", Fhir(Token)).repeats().required(), "The service. Mandatory.";
        set manufacturing_organization(identifier OdsCode) p("manufacturing-organization", Fhir(Token)), "The system's maker.";
    } also {
        add party_key(identifier PartyKey) "identifier", "The message handling system's party.";
    }
}

builder! {
    /// Endpoint look-up of the Spine Directory Service: where a service is. It takes two of
    /// organisation, service and party, or all three.
    EndpointLookup of "sds-endpoint" {
        set organization(identifier OdsCode) p("organization", Fhir(Token)), "The organisation.";
        add service(identifier InteractionId) p("identifier", Fhir(Token)).repeats(), "The service.";
    } also {
        add party_key(identifier PartyKey) "identifier", "The message handling system's party.";
    }
}
