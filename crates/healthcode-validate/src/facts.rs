//! What the shipped tables say of extensions, value sets and code systems: for editors and documentation.

use crate::binding::{ValueSet, assigned, shipped_system_has};
use crate::extension::Definition;
use healthcode_core::Release;

/// The standard's definition of an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExtensionFacts {
    /// Its URL.
    pub url: &'static str,
    /// How often it may occur on one element; `None` for any number.
    pub max: Option<u32>,
    /// Whether it changes the meaning of the element that has it.
    pub modifier: bool,
    /// The contexts that it is allowed in, joined by commas: types, or elements of these.
    pub contexts: &'static str,
    /// The types that its value may have, joined by semicolons; empty for an extension with parts.
    pub types: &'static str,
}

impl ExtensionFacts {
    fn of(definition: &'static Definition) -> Self {
        ExtensionFacts {
            url: definition.url(),
            max: Some(definition.max()).filter(|max| *max > 0),
            modifier: definition.is_modifier(),
            contexts: definition.contexts(),
            types: definition.types(),
        }
    }
}

/// The extensions that R4 defines.
///
/// ```
/// use healthcode_validate::facts::extensions;
/// assert!(extensions().any(|extension| extension.url.ends_with("/patient-birthPlace")));
/// ```
pub fn extensions() -> impl Iterator<Item = ExtensionFacts> {
    Definition::all().iter().map(ExtensionFacts::of)
}

/// The definition of an extension in a release.
///
/// ```
/// use healthcode_core::Released;
/// use healthcode_r4::schema::R4;
/// use healthcode_validate::facts::extension;
/// let url = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace";
/// assert_eq!(extension(R4::release(), url).unwrap().types, "Address");
/// assert_eq!(extension(R4::release(), "http://a.b/c"), None);
/// ```
#[must_use]
pub fn extension(release: &'static Release, url: &str) -> Option<ExtensionFacts> {
    let definition = if is_r4(release) {
        Definition::of(url)
    } else {
        Definition::of_release(release, url)
    };
    definition.map(ExtensionFacts::of)
}

/// The codes of a value set of a release, each with its system; `None` if not all of them are known. A version
/// behind the URL is passed over.
///
/// ```
/// use healthcode_core::Released;
/// use healthcode_r4::schema::R4;
/// use healthcode_validate::facts::codes;
/// let genders = codes(R4::release(), "http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1");
/// let male = ("http://hl7.org/fhir/administrative-gender", "male");
/// assert!(genders.unwrap().contains(&male));
/// ```
#[must_use]
pub fn codes(
    release: &'static Release,
    value_set: &str,
) -> Option<Vec<(&'static str, &'static str)>> {
    let url = value_set.split('|').next()?;
    let set = if is_r4(release) {
        ValueSet::of(url)
    } else {
        ValueSet::of_release(release, url)
    };
    set.map(ValueSet::coded)
}

/// Whether a code system of a release has a code; `None` if not all of its codes are known.
///
/// ```
/// use healthcode_core::Released;
/// use healthcode_r4::schema::R4;
/// use healthcode_validate::facts::system_has;
/// let system = "http://hl7.org/fhir/administrative-gender";
/// assert_eq!(system_has(R4::release(), system, "male"), Some(true));
/// assert_eq!(system_has(R4::release(), system, "mail"), Some(false));
/// assert_eq!(system_has(R4::release(), "http://snomed.info/sct", "1"), None);
/// ```
#[must_use]
pub fn system_has(release: &'static Release, system: &str, code: &str) -> Option<bool> {
    if is_r4(release) {
        return shipped_system_has(system, code);
    }
    release.system_has(system, code)
}

/// The URL that the standard assigns to a code system which is written with https, another host name, letters of
/// another case or a slash at its end (FHIR R4 terminologies-systems.html). `None` for other systems. A URL
/// of HL7 with https need not be that of a code system.
///
/// ```
/// use healthcode_validate::facts::assigned_system;
/// assert_eq!(assigned_system("https://www.loinc.org/").as_deref(), Some("http://loinc.org"));
/// assert_eq!(assigned_system("https://example.org/codes"), None);
/// ```
#[must_use]
pub fn assigned_system(system: &str) -> Option<String> {
    assigned(system)
}

/// R4 has its tables in this crate.
fn is_r4(release: &Release) -> bool {
    release.name == "R4"
}
