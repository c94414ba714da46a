//! Where views come from, and the release of FHIR that they are for.

use crate::args::FhirVersionArg;
use crate::{input, releases};
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

    /// The release that an option names, or else the view; never `Auto`.
    pub(super) fn release(&self, version: FhirVersionArg) -> FhirVersionArg {
        if version != FhirVersionArg::Auto {
            return version;
        }
        let stated = versions(&self.text);
        let known = [
            ("4.0", FhirVersionArg::R4),
            ("4.3", FhirVersionArg::R4b),
            ("5.0", FhirVersionArg::R5),
            ("3.0", FhirVersionArg::Stu3),
        ];
        let is_stated = |number: &str| stated.iter().any(|one| one.starts_with(number));
        let found = known.into_iter().find(|(number, _)| is_stated(number));
        found.map_or(FhirVersionArg::R4, |(_, release)| release)
    }
}

/// The types of a release, for views over its resources.
pub(super) fn version(release: FhirVersionArg) -> Version {
    let (number, find) = releases::types(release);
    Version { number, find }
}
