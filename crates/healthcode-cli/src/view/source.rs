//! Where views come from, and the release of FHIR that they are for.

use crate::args::FhirVersionArg;
use crate::input;
use healthcode_r4::schema;
use healthcode_views::{Version, bundled, versions};
use std::io;
use std::path::Path;

/// The text of a view.
pub(super) struct Source {
    /// As it was given.
    pub(super) name: String,
    pub(super) text: String,
    pub(super) is_bundled: bool,
}

impl Source {
    /// The file of this name, or the bundled view.
    ///
    /// # Errors
    /// If there is neither.
    pub(super) fn open(name: &str) -> io::Result<Self> {
        let path = Path::new(name);
        if !path.exists()
            && let Some(text) = bundled::find(name)
        {
            return Ok(Source {
                name: name.to_owned(),
                text: text.to_owned(),
                is_bundled: true,
            });
        }
        let read = input::small_text(path);
        let text = read.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                let shown = input::shown(path);
                let message =
                    format!("{shown}: no such file or bundled view; see `healthcode view list`");
                io::Error::new(error.kind(), message)
            }
            _ => error,
        })?;
        Ok(Source {
            name: name.to_owned(),
            text,
            is_bundled: false,
        })
    }

    /// Whether an argument names a bundled view, or a file with a `ViewDefinition`.
    pub(super) fn is_view(name: &Path) -> bool {
        if !name.exists() {
            return name
                .to_str()
                .is_some_and(|name| bundled::find(name).is_some());
        }
        if !name.is_file() {
            return false;
        }
        let Ok(text) = input::small(name) else {
            return false;
        };
        let mut found = false;
        healthcode_json::outline(&text, &mut |member, value| {
            if member == "resourceType" {
                found = value.is_some_and(healthcode_views::is_view_type);
            }
            member != "resourceType"
        });
        found
    }
}

/// A release of FHIR that payloads are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Release {
    R4,
    Stu3,
    R4b,
    R5,
}

impl Release {
    /// The release that an option names, or that a view states.
    pub(super) fn of(version: FhirVersionArg, source: &Source) -> Self {
        match version {
            FhirVersionArg::R4 => Release::R4,
            FhirVersionArg::Stu3 => Release::Stu3,
            FhirVersionArg::R4b => Release::R4b,
            FhirVersionArg::R5 => Release::R5,
            FhirVersionArg::Auto => {
                let stated = versions(&source.text);
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
        }
    }

    pub(super) fn version(self) -> Version {
        match self {
            Release::R4 => Version {
                number: schema::VERSION,
                find: schema::find,
            },
            Release::Stu3 => Version {
                number: "3.0.2",
                find: |name| healthcode_releases::stu3().find(name),
            },
            Release::R4b => Version {
                number: "4.3.0",
                find: |name| healthcode_releases::r4b().find(name),
            },
            Release::R5 => Version {
                number: "5.0.0",
                find: |name| healthcode_releases::r5().find(name),
            },
        }
    }
}
