//! [`Release`]: a release of FHIR.

use healthcode_r4::schema;
use healthcode_views::{Version, versions};

/// A release of FHIR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Release {
    Stu3,
    R4,
    R4b,
    R5,
}

impl Release {
    /// The release that a view states, or R4.
    pub(crate) fn of_view(text: &str) -> Self {
        let stated = versions(text);
        let known = [
            ("4.0", Release::R4),
            ("4.3", Release::R4b),
            ("5.0", Release::R5),
            ("3.0", Release::Stu3),
        ];
        let is_stated = |number: &str| stated.iter().any(|one| one.starts_with(number));
        let found = known.into_iter().find(|(number, _)| is_stated(number));
        found.map_or(Release::R4, |(_, release)| release)
    }

    /// The release of this name: `STU3`.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "STU3" => Release::Stu3,
            "R4B" => Release::R4b,
            "R5" => Release::R5,
            _ => Release::R4,
        }
    }

    /// Its types.
    pub(crate) fn version(self) -> Version {
        let (number, find): (_, fn(&str) -> _) = match self {
            Release::R4 => (schema::VERSION, schema::find),
            Release::Stu3 => ("3.0.2", |name| healthcode_releases::stu3().find(name)),
            Release::R4b => ("4.3.0", |name| healthcode_releases::r4b().find(name)),
            Release::R5 => ("5.0.0", |name| healthcode_releases::r5().find(name)),
        };
        Version { number, find }
    }
}
