//! Making extensions and looking them up.

use crate::{Extension, OpenType};

impl Extension {
    /// An extension with a value.
    ///
    /// ```
    /// use healthcode_r4::{Extension, ExtensionSlice, Patient};
    /// let mut patient = Patient::default();
    /// let url = "http://hl7.org/fhir/StructureDefinition/patient-cadavericDonor";
    /// patient.extension.push(Extension::new(url, true));
    /// assert!(patient.extension.by_url(url).is_some());
    /// ```
    #[must_use]
    pub fn new(url: &str, value: impl Into<OpenType>) -> Self {
        Extension {
            url: Some(url.into()),
            value: Some(value.into()),
            ..Default::default()
        }
    }

    /// The value's text, if it is a primitive of text: string, code, uri, date and the like.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self.value.as_ref()? {
            OpenType::String(value) => value.as_str(),
            OpenType::Code(value) => value.as_str(),
            OpenType::Markdown(value) => value.as_str(),
            OpenType::Id(value) => value.as_str(),
            OpenType::Uri(value) => value.as_str(),
            OpenType::Url(value) => value.as_str(),
            OpenType::Canonical(value) => value.as_str(),
            OpenType::Oid(value) => value.as_str(),
            OpenType::Uuid(value) => value.as_str(),
            OpenType::Date(value) => value.as_str(),
            OpenType::DateTime(value) => value.as_str(),
            OpenType::Instant(value) => value.as_str(),
            OpenType::Time(value) => value.as_str(),
            _ => None,
        }
    }
}

/// Looking extensions up.
pub trait ExtensionSlice {
    /// The first extension of this URL.
    fn by_url(&self, url: &str) -> Option<&Extension>;
    /// All extensions of this URL.
    fn all_by_url<'a>(&'a self, url: &'a str) -> impl Iterator<Item = &'a Extension>;
}

impl ExtensionSlice for [Extension] {
    fn by_url(&self, url: &str) -> Option<&Extension> {
        self.iter()
            .find(|extension| extension.url.as_deref() == Some(url))
    }

    fn all_by_url<'a>(&'a self, url: &'a str) -> impl Iterator<Item = &'a Extension> {
        self.iter()
            .filter(move |extension| extension.url.as_deref() == Some(url))
    }
}
