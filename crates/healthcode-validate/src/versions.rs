//! [`FhirVersion`]: the release that payloads must have, and [`Supported`]: releases beside R4.

use healthcode_core::{Checked, ReadOptions, Release, Released, Untyped, UntypedResource};
use healthcode_json::Error;
use healthcode_xml::either;

/// The release of FHIR that payloads must have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FhirVersion {
    /// The release is found for each payload, by what it states and by its members; R4 if these show no other.
    Auto,
    /// STU3.
    Stu3,
    /// R4.
    #[default]
    R4,
    /// R4B.
    R4b,
    /// R5.
    R5,
}

impl FhirVersion {
    /// The name of the release.
    pub(crate) fn name(self) -> &'static str {
        match self {
            FhirVersion::Stu3 => "STU3",
            FhirVersion::R4b => "R4B",
            FhirVersion::R5 => "R5",
            FhirVersion::R4 | FhirVersion::Auto => "R4",
        }
    }
}

/// A release other than R4 that a [`Validator`](crate::Validator) can validate: `Supported::of::<Stu3>()`.
#[derive(Clone, Copy, Debug)]
pub struct Supported {
    release: fn() -> &'static Release,
    pub(crate) name: fn() -> &'static str,
    pub(crate) may_have_member: fn(&str) -> bool,
    pub(crate) read: fn(&[u8], &ReadOptions) -> Result<Checked<Untyped>, Error>,
}

impl Supported {
    /// The release that `R` stands for.
    #[must_use]
    pub const fn of<R: Released>() -> Self {
        Supported {
            release: R::release,
            name: R::name,
            may_have_member: R::may_have_member,
            read: |text, options| {
                let read = either::read::<UntypedResource<R>>(text, options)?;
                Ok(Checked::new(read.value.into_untyped(), read.issues))
            },
        }
    }

    /// The release.
    #[must_use]
    pub fn release(&self) -> &'static Release {
        (self.release)()
    }
}

/// The releases that a validator allows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Versions {
    pub(crate) wanted: FhirVersion,
    pub(crate) supported: &'static [Supported],
}

impl Versions {
    /// Whether payloads may be of other releases than R4.
    pub(crate) fn are_several(&self) -> bool {
        !self.supported.is_empty()
    }
}
