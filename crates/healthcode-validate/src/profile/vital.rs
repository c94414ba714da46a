//! Vital signs: which Observations are some, and those of them that surely follow their profile.
//!
//! FHIR R4 observation-vitalsigns.html: an Observation of a vital sign has the sign's LOINC code and
//! follows the sign's profile, whether it claims it or not. There are many of them, and most are as
//! they should be: those are found by looking at their fields rather than by going along a plan.

use super::ProfileSet;
use super::resource_context::ResourceContext;
use crate::generated::profiles::VITAL_SIGNS;
use healthcode_r4::{
    CodeableConcept, Coding, Observation, ObservationComponent, ObservationComponentValue,
    ObservationEffective, ObservationValue, Quantity,
};

/// The profile that those of all vital signs are derived from.
const BASE: &str = "http://hl7.org/fhir/StructureDefinition/vitalsigns";
const LOINC: &str = "http://loinc.org";
const UCUM: &str = "http://unitsofmeasure.org";
const CATEGORIES: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
const CATEGORY: &str = "vital-signs";

/// A vital sign of R4.
#[derive(Debug)]
pub(crate) struct VitalSign {
    /// Its LOINC code.
    pub(crate) code: &'static str,
    /// The profile that fixes the code.
    pub(crate) profile: &'static str,
    /// The units of its value; empty if it has no quantity as its value.
    pub(crate) units: &'static [&'static str],
    /// The LOINC codes of its components, with the units of their values.
    pub(crate) components: &'static [(&'static str, &'static [&'static str])],
}

/// The vital signs that an Observation is of.
pub(super) fn signs(observation: &Observation) -> impl Iterator<Item = &'static VitalSign> {
    let codings = observation.code.iter().flat_map(|code| &code.coding);
    codings.filter_map(|coding| {
        let code = coding.code.as_str()?;
        let sign = VITAL_SIGNS.iter().find(|sign| sign.code == code)?;
        (coding.system.as_str() == Some(LOINC)).then_some(sign)
    })
}

impl VitalSign {
    /// Whether a claim names the profile of this sign, or that of all.
    pub(super) fn is_claimed_by(&self, canonical: &str) -> bool {
        canonical == self.profile || canonical == BASE
    }

    /// Whether a set of profiles has no definitions of its own that take the place of the sign's.
    pub(super) fn is_as_published(&self, set: &ProfileSet) -> bool {
        let mut used = [self.profile, BASE].into_iter();
        used.all(|url| set.find_added(url, None).is_none())
    }

    /// Whether an Observation of this sign surely follows the sign's profile. If not, it may still.
    pub(super) fn surely_fits(
        &self,
        observation: &Observation,
        around: &ResourceContext<'_, '_>,
    ) -> bool {
        let [category] = observation.category.as_slice() else {
            return false;
        };
        let [coding] = category.coding.as_slice() else {
            return false;
        };
        // A target that is not in the Bundle and does not show its type is not checked.
        let of_patient = |url: &str| {
            url.starts_with("Patient/")
                || match around.find(url) {
                    Some(target) => target.schema().name == "Patient",
                    None => url.starts_with("urn:"),
                }
        };
        let subject = observation.subject.as_deref();
        let subject = subject.and_then(|subject| subject.reference.as_str());
        let precise = match &observation.effective {
            // As far as the day, at least.
            Some(ObservationEffective::DateTime(time)) => {
                time.as_str().is_some_and(|time| time.len() >= 10)
            }
            Some(ObservationEffective::Period(_)) => true,
            _ => false,
        };
        is(coding, CATEGORIES, CATEGORY)
            && is_bare(coding)
            && has_once(observation.code.as_deref(), self.code)
            && subject.is_some_and(of_patient)
            && precise
            && observation.has_member.is_empty()
            && observation.derived_from.is_empty()
            && self.value_fits(observation)
    }

    fn value_fits(&self, observation: &Observation) -> bool {
        if !self.components.is_empty() {
            let components = observation.component.as_slice();
            let whole = components.len() == self.components.len() && observation.value.is_none();
            return whole
                && self.components.iter().all(|(code, units)| {
                    let mut of_code = components.iter();
                    of_code.any(|component| component_fits(component, code, units))
                });
        }
        let value = match &observation.value {
            Some(ObservationValue::Quantity(quantity)) => is_measured(quantity, self.units),
            None => observation.data_absent_reason.is_some(),
            Some(_) => false,
        };
        value && observation.component.is_empty() && !self.units.is_empty()
    }
}

fn component_fits(component: &ObservationComponent, code: &str, units: &[&str]) -> bool {
    let value = match &component.value {
        Some(ObservationComponentValue::Quantity(quantity)) => is_measured(quantity, units),
        _ => false,
    };
    value && has_once(component.code.as_deref(), code)
}

/// Whether a concept has one coding alone that is this code of LOINC's, or has its code or system.
fn has_once(concept: Option<&CodeableConcept>, code: &str) -> bool {
    let codings = concept.map_or(&[][..], |concept| &concept.coding);
    let mut of_code = codings.iter().filter(|coding| is(coding, LOINC, code));
    of_code.next().is_some_and(is_bare) && of_code.next().is_none()
}

/// Whether neither system nor code has an id or extensions, which fixed values have not.
fn is_bare(coding: &Coding) -> bool {
    coding.system.metadata_ref().is_none() && coding.code.metadata_ref().is_none()
}

fn is(coding: &Coding, system: &str, code: &str) -> bool {
    coding.code.as_str() == Some(code) && coding.system.as_str() == Some(system)
}

fn is_measured(quantity: &Quantity, units: &[&str]) -> bool {
    let has_unit = |code: &str| units.contains(&code);
    quantity.value.as_str().is_some()
        && quantity.unit.as_str().is_some()
        && quantity.system.as_str() == Some(UCUM)
        && quantity.system.metadata_ref().is_none()
        && quantity.code.metadata_ref().is_none()
        && quantity.code.as_str().is_some_and(has_unit)
}
