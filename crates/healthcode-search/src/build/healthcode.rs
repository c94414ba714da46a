//! Builders of Healthcode's calls.

use super::builder;
use crate::Near;

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
        set page(u32) "page" "Which page, from 1.";
        set count(u32) "count" "How many a page has.";
        set gender(text) "gender" "The gender: `male`.";
        set profession(text) "profession" "The profession's code: `00U`.";
        set specialty(text) "specialty" "The specialty's code: `0003A`.";
        set subspecialty(text) "subspecialty" "The subspecialty's code: `0000L`.";
        set insurer_recognition_status(text) "insurer-recognition-status" "Whether an insurer recognises them: `Y`.";
        set insurer_provider_number(text) "insurer-provider-number" "Their number with an insurer.";
        set insurer(text) "insurer" "The insurer's code: `nuh`.";
        set address_postalcode(text) "address-postalcode" "The postcode of a location.";
        set family(text) "family" "The surname.";
        set given(text) "given" "The first name.";
        set is_onlinebooking_available(bool) "is-onlinebooking-available" "Whether they have active eBooking schedules.";
        set regulator_reference(text) "regulator-reference" "Their number with the regulator.";
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
        join practitioner(text) "practitioner" "A practitioner's id; or another, too.";
        set location(text) "location" "A location's id.";
        set ages_treated(text) "ages-treated" "The code of an age group: `C0`.";
        set near(Near) "near" "Around which point, and how far.";
        set near_distance(number) "near-distance" "How far from `near`, which wins if it says itself.";
        set address_postalcode(text) "address-postalcode" "The postcode of the location.";
        set specialty(text) "specialty" "The specialty's code: `0003A`.";
        set subspecialty(text) "subspecialty" "The subspecialty's code: `0000L`.";
        set is_onlinebooking_available(bool) "is-onlinebooking-available" "Whether there are future schedules.";
        join insurer(text) "insurer" "An insurer's code; or another, too.";
        set profession(text) "profession" "The profession's code: `00U`.";
        set gender(text) "gender" "The gender: in the documented sample only.";
        set family(text) "family" "The surname: in the documented sample only.";
        set given(text) "given" "The first name: in the documented sample only.";
        join sort(sort) "_sort" "By `distance` or `name`; then by another.";
        set include(names) "_include" "What is included: `practitioner`, `location`.";
        set distinct_by(word) "distinct-by" "The first role for each `practitioner` or `location`.";
        set page(u32) "page" "Which page, from 1: in no documented table.";
        set count(u32) "count" "How many a page has: in no documented table.";
    }
}

builder! {
    /// Search Practitioner of ICE: `search_booking_practitioner_endpoint`. Documented as reserved
    /// for Healthcode's own products; but for `family`, only its sample could be read.
    IcePractitionerSearch of "ice-practitioner" {
        set family(text) "family" "The surname.";
        set given(text) "given" "The first name.";
        set gender(text) "gender" "The gender.";
        set id(text) "id" "The practitioner's id: `SP09001`.";
        set site(text) "site" "The site's id: `HC0000A`.";
        set profession(text) "profession" "The profession's code: `00U`.";
        set registeredno(text) "registeredno" "The number with the regulator.";
        set channel(text) "channel" "The channel's id.";
        set location(text) "location" "The location's id: `HP005001`.";
        set postcode(text) "postcode" "The postcode.";
        set near(Near) "near" "Around which point, and how far.";
        set since(date) "_since" "Created or updated after; of the last 90 days.";
        set page(u32) "page" "Which page, from 1.";
        set count(u32) "count" "How many a page has.";
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
        set insurer_identifier(text) "insurerIdentifier" "The insurer's code: `bup`. Mandatory.";
        set first_name(text) "firstName" "The first name or its first letter.";
        set last_name(text) "lastName" "The surname.";
        set sex(text) "sex" "The sex: `Male`.";
        set date_of_birth(date) "dateOfbirth" "The day of birth.";
        set post_code(text) "postCode" "The postcode.";
        set membership_number(text) "membershipNumber" "The number of the membership.";
        set group_id(text) "groupId" "The group's id.";
        set policy_active_on(date) "policyActiveOn" "A day on which the policy is active.";
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
        set page(u32) "page" "Which page, from 1.";
        set count(u32) "count" "How many a page has.";
        set insurer_identifier(text) "insurerIdentifier" "The insurer's code: `slh`. Mandatory.";
        join sort(sort) "_sort" "By `createdOn`.";
        set since(date) "_since" "Created or updated after; of the last 90 days.";
        set provider(text) "provider" "The provider's id: `P162345`.";
        set invoice_number(text) "invoiceNumber" "The invoice's number.";
        set patient_name(text) "patientName" "The patient's name.";
        set membership_number(text) "membershipNumber" "The number of the membership.";
        set date_created(days) "dateCreated" "Created from a day to a day.";
        set date_paid(days) "datePaid" "Paid from a day to a day.";
        set payment_amount(amount) "paymentAmount" "The amount paid, and how it compares.";
        set amount_invoiced(amount) "amountInvoiced" "The amount invoiced, and how it compares.";
        set payment_reference(text) "paymentReference" "The payment's reference.";
        set has_short_fall(bool) "hasShortFall" "Whether less was paid than invoiced.";
    }
}
