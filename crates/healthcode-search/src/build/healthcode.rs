//! Builders of Healthcode's calls.

use super::builder;
use crate::Near;
use crate::definition::ValueForm::{
    self, Boolean, DateRange, DateTime, Distance, Fhir, Keyword, Text,
};
use crate::endpoint::parameters::{COUNT, INSURER, NEAR, ONLINE, PAGE, p, sort};
use crate::table::ParameterType::Number;

builder! {
    /// Search Practitioners of the Private Practice Register: `search_practitioner_endpoint`.
    ///
    /// ```
    /// use healthcode_search::PractitionerSearch;
    /// let query = PractitionerSearch::new().family("Clinton").address_postalcode("W1H 3DA").build()?;
    /// assert_eq!(query.encode()?.as_str(), "address-postalcode=W1H%203DA&family=Clinton");
    /// # Ok::<(), healthcode_search::QueryError>(())
    /// ```
    PractitionerSearch of "practitioner" {
        set page(u32) PAGE.sample_only(), "Which page, from 1.";
        set count(u32) COUNT.sample_only(), "How many a page has.";
        set gender(text) p("gender", Text), "The gender: `male`.";
        set profession(text) p("profession", Text), "The profession's code: `00U`.";
        set specialty(text) p("specialty", Text), "The specialty's code: `0003A`.";
        set subspecialty(text) p("subspecialty", Text), "The subspecialty's code: `0000L`.";
        set insurer_recognition_status(text) p("insurer-recognition-status", Text), "Whether an insurer recognises them: `Y`.";
        set insurer_provider_number(text) p("insurer-provider-number", Text), "Their number with an insurer.";
        set insurer(text) p("insurer", Text), "The insurer's code: `nuh`.";
        set address_postalcode(text) p("address-postalcode", Text), "The postcode of a location.";
        set family(text) p("family", Text), "The surname.";
        set given(text) p("given", Text), "The first name.";
        set is_onlinebooking_available(bool) ONLINE, "Whether they have active eBooking schedules.";
        set regulator_reference(text) p("regulator-reference", Text), "Their number with the regulator.";
    }
}

builder! {
    /// Search PractitionerRole: `search_practitionerrole_endpoint`. Documented as reserved for
    /// Healthcode's own products.
    ///
    /// ```
    /// use healthcode_search::{Distance, Near, Order, Position, PractitionerRoleSearch, Unit};
    /// let near = Near {
    ///     position: Position::new(53.385225, -2.231105)?,
    ///     distance: Some(Distance::new(200.0, Unit::Miles)?),
    /// };
    /// let query = PractitionerRoleSearch::new().near(near).sort(("distance", Order::Descending)).build()?;
    /// assert_eq!(query.encode()?.as_str(), "near=53.385225:-2.231105:200:mi&_sort=distance:desc");
    ///
    /// // No point to measure from.
    /// assert!(PractitionerRoleSearch::new().sort(("distance", Order::Descending)).build().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    PractitionerRoleSearch of "practitioner-role" {
        join practitioner(text) p("practitioner", Text).list(), "A practitioner's id; each call adds one.";
        set location(text) p("location", Text), "A location's id.";
        set ages_treated(text) p("ages-treated", Text), "The code of an age group: `C0`.";
        set near(Near) NEAR, "Around which point, and how far.";
        set near_distance(number) p("near-distance", Distance), "How far from `near`; a distance in `near` has precedence.";
        set address_postalcode(text) p("address-postalcode", Text), "The postcode of the location.";
        set specialty(text) p("specialty", Text), "The specialty's code: `0003A`.";
        set subspecialty(text) p("subspecialty", Text), "The subspecialty's code: `0000L`.";
        set is_onlinebooking_available(bool) ONLINE, "Whether there are future schedules.";
        join insurer(text) p("insurer", Text).list(), "An insurer's code; each call adds one.";
        set profession(text) p("profession", Text), "The profession's code: `00U`.";
        set gender(text) p("gender", Text).sample_only(), "The gender: in the documented sample only.";
        set family(text) p("family", Text).sample_only(), "The surname: in the documented sample only.";
        set given(text) p("given", Text).sample_only(), "The first name: in the documented sample only.";
        join sort(sort) p("_sort", ValueForm::Sort { fields: &["distance", "name"], words: true, }).list(), "By `distance` or `name`; each call adds a key.";
        set include(names) p("_include", ValueForm::KeywordList(&["practitioner", "location"])), "What is included: `practitioner`, `location`.";
        set distinct_by(word) p("distinct-by", Keyword(&["practitioner", "location"])), "The first role for each `practitioner` or `location`.";
        set page(u32) PAGE.sample_only(), "Which page, from 1: in no documented table.";
        set count(u32) COUNT.sample_only(), "How many a page has: in no documented table.";
    }
}

builder! {
    /// Search Practitioner of ICE: `search_booking_practitioner_endpoint`. Documented as reserved
    /// for Healthcode's own products; but for `family`, only its sample could be read.
    IcePractitionerSearch of "ice-practitioner" {
        set family(text) p("family", Text), "The surname.";
        set given(text) p("given", Text).sample_only(), "The first name.";
        set gender(text) p("gender", Text).sample_only(), "The gender.";
        set id(text) p("id", Text).sample_only(), "The practitioner's id: `SP09001`.";
        set site(text) p("site", Text).sample_only(), "The site's id: `HC0000A`.";
        set profession(text) p("profession", Text).sample_only(), "The profession's code: `00U`.";
        set registeredno(text) p("registeredno", Text).sample_only(), "The number with the regulator.";
        set channel(text) p("channel", Text).sample_only(), "The channel's id.";
        set location(text) p("location", Text).sample_only(), "The location's id: `HP005001`.";
        set postcode(text) p("postcode", Text).sample_only(), "The postcode.";
        set near(Near) NEAR.sample_only(), "Around which point, and how far.";
        set since(date) p("_since", DateTime).sample_only(), "Created or updated after; of the last 90 days.";
        set page(u32) PAGE.sample_only(), "Which page, from 1.";
        set count(u32) COUNT.sample_only(), "How many a page has.";
    }
}

builder! {
    /// Find Member: `find_member_endpoint`, with a form body. What is mandatory beside the insurer
    /// depends on the insurer.
    ///
    /// ```
    /// use healthcode_search::{DateTime, FindMember};
    /// let query = FindMember::new()
    ///     .insurer_identifier("bup")
    ///     .last_name("Gray")
    ///     .date_of_birth(DateTime::day("1998-08-08")?)
    ///     .build()?;
    /// assert_eq!(query.encode()?.as_str(), "insurerIdentifier=bup&lastName=Gray&dateOfbirth=1998-08-08");
    /// assert!(FindMember::new().last_name("Gray").build().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    FindMember of "find-member" {
        set insurer_identifier(text) INSURER, "The insurer's code: `bup`. Mandatory.";
        set first_name(text) p("firstName", Text), "The first name or its first letter.";
        set last_name(text) p("lastName", Text), "The surname.";
        set sex(text) p("sex", Text), "The sex: `Male`.";
        set date_of_birth(date) p("dateOfbirth", ValueForm::Date), "The day of birth.";
        set post_code(text) p("postCode", Text), "The postcode.";
        set membership_number(text) p("membershipNumber", Text), "The number of the membership.";
        set group_id(text) p("groupId", Text), "The group's id.";
        set policy_active_on(date) p("policyActiveOn", ValueForm::Date), "A day on which the policy is active.";
    }
}

builder! {
    /// Search Remittance Summary: `search_remittance_summary_endpoint`, with a form body. From
    /// `provider` on, filters are documented for an advanced tier only.
    ///
    /// ```
    /// use healthcode_search::{DateTime, Decimal, Prefix, RemittanceSearch};
    /// let query = RemittanceSearch::new()
    ///     .insurer_identifier("slh")
    ///     .date_paid((DateTime::day("2025-01-01")?, DateTime::day("2025-01-03")?))
    ///     .payment_amount((Some(Prefix::Ge), Decimal::parse("1500.00")?))
    ///     .build()?;
    /// assert_eq!(
    ///     query.encode()?.as_str(),
    ///     "insurerIdentifier=slh&datePaid=2025-01-01_2025-01-03&paymentAmount=ge1500.00"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    RemittanceSearch of "remittance-summary" {
        set page(u32) PAGE, "Which page, from 1.";
        set count(u32) COUNT, "How many a page has.";
        set insurer_identifier(text) INSURER, "The insurer's code: `slh`. Mandatory.";
        join sort(sort) sort(&["createdOn"]), "By `createdOn`.";
        set since(date) p("_since", DateTime), "Created or updated after; of the last 90 days.";
        set provider(text) p("provider", Text), "The provider's id: `P162345`.";
        set invoice_number(text) p("invoiceNumber", Text), "The invoice's number.";
        set patient_name(text) p("patientName", Text), "The patient's name.";
        set membership_number(text) p("membershipNumber", Text), "The number of the membership.";
        set date_created(days) p("dateCreated", DateRange), "Created from a day to a day.";
        set date_paid(days) p("datePaid", DateRange), "Paid from a day to a day.";
        set payment_amount(amount) p("paymentAmount", Fhir(Number)), "The amount paid, and how it compares.";
        set amount_invoiced(amount) p("amountInvoiced", Fhir(Number)), "The amount invoiced, and how it compares.";
        set payment_reference(text) p("paymentReference", Text), "The payment's reference.";
        set has_short_fall(bool) p("hasShortFall", Boolean), "Whether less was paid than invoiced.";
    }
}
