//! The releases of FHIR beside R4, and payloads of any release.

use crate::args::FhirVersionArg;
use healthcode_core::{Element, Issue, ReadOptions, Root, Schema, Untyped};
use healthcode_r4::{Resource, schema};
use healthcode_releases::{R4b, R5, Stu3};
use healthcode_validate::{FhirVersion, Policy, Supported, Validator};
use healthcode_xml::either;

/// The releases that are supported beside R4.
static SUPPORTED: [Supported; 3] = [
    Supported::of::<Stu3>(),
    Supported::of::<R4b>(),
    Supported::of::<R5>(),
];

/// The validator, for payloads of the release that `--fhir-version` names.
pub(crate) fn with_version(validator: Validator, version: FhirVersionArg) -> Validator {
    let version = match version {
        FhirVersionArg::Auto => FhirVersion::Auto,
        FhirVersionArg::Stu3 => FhirVersion::Stu3,
        FhirVersionArg::R4 => FhirVersion::R4,
        FhirVersionArg::R4b => FhirVersion::R4b,
        FhirVersionArg::R5 => FhirVersion::R5,
    };
    validator.fhir_version(version, &SUPPORTED)
}

/// Reads payloads of any release.
pub(crate) struct Reader {
    validator: Validator,
    options: ReadOptions,
}

/// A resource of any release.
pub(crate) enum AnyResource {
    R4(Box<Resource>),
    Other(Box<Untyped>),
}

impl Reader {
    pub(crate) fn new(version: FhirVersionArg, options: ReadOptions) -> Self {
        let validator = Validator::new(Policy::R4).read_options(options);
        Reader {
            validator: with_version(validator, version),
            options,
        }
    }

    /// Reads a payload in JSON or XML.
    ///
    /// # Errors
    /// If it is neither, or has a release that is not wanted or not supported.
    pub(crate) fn read(&self, text: &[u8]) -> Result<AnyResource, String> {
        let read = either::read::<Resource>(text, &self.options);
        let read = read.map_err(|error| error.to_string())?;
        match self.validator.untyped(text, &read) {
            Ok(Some(other)) => Ok(AnyResource::Other(Box::new(other))),
            Ok(None) => Ok(AnyResource::R4(Box::new(read.value))),
            Err(name) => Err(format!(
                "FHIR {name} is not allowed here: see --fhir-version"
            )),
        }
    }
}

impl AnyResource {
    pub(crate) fn as_element(&self) -> &dyn Element {
        match self {
            AnyResource::R4(resource) => resource.as_element(),
            AnyResource::Other(element) => element.as_element(),
        }
    }

    /// The issues for content of XML that JSON has no form for.
    pub(crate) fn left_out_of_json(&self) -> Vec<Issue> {
        match self {
            AnyResource::R4(resource) => healthcode_xml::left_out_of_json(&**resource),
            AnyResource::Other(element) => healthcode_xml::left_out_of_json(&**element),
        }
    }

    /// The version of its release, and a function that finds the types of that release.
    pub(crate) fn types(&self) -> Types {
        types(match self {
            AnyResource::R4(_) => FhirVersionArg::R4,
            AnyResource::Other(element) => match element.release().name {
                "STU3" => FhirVersionArg::Stu3,
                "R4B" => FhirVersionArg::R4b,
                _ => FhirVersionArg::R5,
            },
        })
    }
}

/// The version of a release, and a function that finds its types.
pub(crate) type Types = (&'static str, fn(&str) -> Option<&'static Schema>);

/// The types of a release; of R4 if none is named.
pub(crate) fn types(release: FhirVersionArg) -> Types {
    match release {
        FhirVersionArg::Auto | FhirVersionArg::R4 => (schema::VERSION, schema::find),
        FhirVersionArg::Stu3 => ("3.0.2", |name| healthcode_releases::stu3().find(name)),
        FhirVersionArg::R4b => ("4.3.0", |name| healthcode_releases::r4b().find(name)),
        FhirVersionArg::R5 => ("5.0.0", |name| healthcode_releases::r5().find(name)),
    }
}
