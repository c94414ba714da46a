//! The views: what Healthcode's extensions say, as tables.

use crate::codes::{
    AgesTreated, CodeSystem, IndemnityStatus, Insurer, Profession, RecognitionStatus,
    RegulatoryBody, Specialty, Subspecialty,
};
use crate::dates::ServiceDate;
use crate::view::{Coded, HasExtensions, Item, ViewDef, extension_view, sealed_holder};
use healthcode_core::{DateTime, List, Str};
use healthcode_r4::{
    BundleEntry, Extension, Organization, Patient, Practitioner, PractitionerRole,
};

extension_view! {
    /// The extensions of a Practitioner of the Private Practice Register.
    PractitionerExtensions, resource {
        /// Indemnity: `indemnityStatus`.
        indemnity_status: One<IndemnityStatus> = url "indemnityStatus" id "indemnityStatus";
        /// Whether appointments can be booked online: `onlineBookingStatus`.
        online_booking: One<bool> = url "onlineBookingStatus" id "isOnlineBookingAvailable";
        /// Professions, each with its specialty: `profession`.
        professions: Many<ProfessionGroup> = url "profession" id "profession";
        /// Entries in registers: `registrationnumbers`.
        registrations: Many<Registration> = url "registrationnumbers" id "registrationnumbers";
        /// Recognition by insurers: `insurers`.
        insurers: Many<InsurerRecognition> = url "insurers" id "insurers";
    }
}

extension_view! {
    /// A profession, with a specialty and a subspecialty of it: the children of `profession`.
    ProfessionGroup, group {
        /// The profession: `profession`, the url of the group itself.
        profession: One<Coded<Profession>> = url "profession" id "profession", required;
        /// The specialty: `specialty`.
        specialty: One<Coded<Specialty>> = url "specialty" id "specialty";
        /// The subspecialty: `subspecialty`.
        subspecialty: One<Coded<Subspecialty>> = url "subspecialty" id "subspecialty";
    }
    key |group| {
        let profession = group.profession.as_ref()?.code.as_str();
        let specialty = group.specialty.as_ref().map(|item| item.code.as_str());
        let subspecialty = group.subspecialty.as_ref().map(|item| item.code.as_str());
        Some([profession, specialty.unwrap_or_default(), subspecialty.unwrap_or_default()])
    }
}

extension_view! {
    /// An entry in a regulator's register: the children of `registrationnumbers`.
    Registration, group {
        /// The regulator: `regulatorybody`.
        body: One<Coded<RegulatoryBody>> = url "regulatorybody" id "regulatorybody", required;
        /// The number in the register: `regulatorreference`.
        reference: One<Str> = url "regulatorreference" id "regulatorreference", required;
        /// The day of the entry: `registrationdate`.
        date: One<ServiceDate> = url "registrationdate" id "registrationdate";
    }
    key |group| Some([group.body.as_ref()?.code.as_str(), group.reference.as_deref()?, ""])
}

extension_view! {
    /// An insurer's recognition of a practitioner: the children of `insurers`.
    InsurerRecognition, group {
        /// The insurer: `insurer`.
        insurer: One<Coded<Insurer>> = url "insurer" id "insurer", required;
        /// The practitioner's number at the insurer: `insurerprovidercode`.
        provider_code: One<Str> = url "insurerprovidercode" id "insurerprovidercode";
        /// Whether the insurer recognises the practitioner: `recognitionstatus`.
        status: One<Coded<RecognitionStatus>> = url "recognitionstatus" id "recognitionstatus", required;
    }
    key |group| Some([group.insurer.as_ref()?.code.as_str(), "", ""])
}

extension_view! {
    /// The extensions of a PractitionerRole.
    PractitionerRoleExtensions, resource {
        /// The ages treated in this role: `agestreated`.
        ages_treated: Many<Coded<AgesTreated>> = url "agestreated" id "agestreated";
    }
}

extension_view! {
    /// The extensions of an insurer's Organization.
    OrganizationExtensions, resource {
        /// Where its logo is: `logoLink`, a path such as `assets/insurer-logos/aviva.svg`, relative
        /// to a place that is not documented.
        logo_link: One<Str> = url "logoLink";
    }
}

extension_view! {
    /// The extensions of a Patient that a practice system creates.
    PatientExtensions, resource {
        /// The insurer: `patient/insurer`, a code as lossless text.
        insurer: One<Insurer> = url "patient/insurer";
        /// The membership number: `patient/registrationid`.
        registration_id: One<Str> = url "patient/registrationid";
        /// The number under which the insurer authorised treatment: `patient/authorizationno`.
        authorization_number: One<Str> = url "patient/authorizationno";
    }
}

extension_view! {
    /// The extensions of an entry of a Bundle.
    BundleEntryExtensions, resource {
        /// When the entry's resource was last changed. The extension has no url, which FHIR
        /// requires: the service names it by its id.
        last_updated: One<DateTime> = no_url "lastUpdated" id "lastUpdated";
    }
}

impl PractitionerExtensions {
    /// What an insurer says of the practitioner; the first group that names it.
    #[must_use]
    pub fn recognition(&self, insurer: &Insurer) -> Option<&InsurerRecognition> {
        self.recognitions(insurer).next()
    }

    fn recognitions(&self, insurer: &Insurer) -> impl Iterator<Item = &InsurerRecognition> {
        let groups = self.insurers.iter().map(|item| &**item);
        groups.filter(move |group| is_code(&group.insurer, insurer))
    }

    /// Whether every group that names the insurer, and at least one, says that it recognises the
    /// practitioner.
    #[must_use]
    pub fn is_recognised_by(&self, insurer: &Insurer) -> bool {
        let mut groups = self.recognitions(insurer).peekable();
        let any = groups.peek().is_some();
        any && groups.all(|group| is_code(&group.status, &RecognitionStatus::Recognised))
    }

    /// The practitioner's number in a regulator's register; the first one.
    #[must_use]
    pub fn registration_number(&self, body: &RegulatoryBody) -> Option<&str> {
        let mut groups = self.registrations.iter();
        let group = groups.find(|group| is_code(&group.body, body))?;
        group.reference.as_ref().map(|item| item.as_str())
    }
}

fn is_code<C: CodeSystem>(coded: &Option<Item<Coded<C>>>, code: &C) -> bool {
    coded.as_ref().is_some_and(|item| item.code == *code)
}

const VIEWS: [&ViewDef; 8] = [
    &PractitionerExtensions::DEFINITION,
    &ProfessionGroup::DEFINITION,
    &Registration::DEFINITION,
    &InsurerRecognition::DEFINITION,
    &PractitionerRoleExtensions::DEFINITION,
    &OrganizationExtensions::DEFINITION,
    &PatientExtensions::DEFINITION,
    &BundleEntryExtensions::DEFINITION,
];

/// The urls of the extensions that Healthcode documents, each with a line on what it says. A url may come twice,
/// with the meaning that it has in each place.
///
/// ```
/// let mut all = healthcode_extensions::documented();
/// let insurers = all.find(|(url, _)| url.ends_with("/extension/insurers")).unwrap();
/// assert_eq!(insurers.1, "Recognition by insurers: `insurers`.");
/// ```
pub fn documented() -> impl Iterator<Item = (&'static str, &'static str)> {
    let fields = VIEWS.into_iter().flat_map(|view| view.fields);
    fields.filter_map(|field| Some((field.url?, field.summary.trim_start())))
}

/// Whether an extension of this url is among those that Healthcode documents.
///
/// ```
/// use healthcode_extensions::is_documented;
/// assert!(is_documented("https://ref.api.healthcode.co.uk/extension/insurers"));
/// assert!(!is_documented("https://ref.api.healthcode.co.uk/extension/insurances"));
/// ```
#[must_use]
pub fn is_documented(url: &str) -> bool {
    let mut fields = VIEWS.into_iter().flat_map(|view| view.fields);
    fields.any(|field| field.url == Some(url))
}

macro_rules! carriers {
    ($($carrier:ty => $view:ty,)+) => {$(
        impl sealed_holder::Sealed for $carrier {}

        impl HasExtensions for $carrier {
            type View = $view;
            fn extensions(&self) -> &List<Extension> {
                &self.extension
            }
            fn extensions_mut(&mut self) -> &mut List<Extension> {
                &mut self.extension
            }
        }
    )+};
}

carriers! {
    Practitioner => PractitionerExtensions,
    PractitionerRole => PractitionerRoleExtensions,
    Organization => OrganizationExtensions,
    Patient => PatientExtensions,
    BundleEntry => BundleEntryExtensions,
}
