//! Walking Bundles.

use super::reference::ReferenceTarget;
use crate::{Bundle, BundleEntry, Reference, Resource};
use healthcode_core::Element;

impl Bundle {
    /// The resources of one type, in the order of the entries.
    ///
    /// ```
    /// use healthcode_r4::{Bundle, BundleEntry, Patient, Practitioner};
    /// let mut bundle = Bundle::default();
    /// bundle.entry.push(BundleEntry::from(Practitioner::default()));
    /// assert_eq!(bundle.resources::<Practitioner>().count(), 1);
    /// assert_eq!(bundle.resources::<Patient>().count(), 0);
    /// ```
    pub fn resources<T: Element>(&self) -> impl Iterator<Item = &T> {
        let resources = self
            .entry
            .iter()
            .filter_map(|entry| entry.resource.as_ref());
        resources.filter_map(Resource::get::<T>)
    }

    /// The entry whose `fullUrl` or whose resource's type and id a reference in this Bundle names:
    /// an absolute URL or `urn:` by `fullUrl`, `Type/id` by type and id. Versions are not compared.
    ///
    /// For one look-up; looks at every entry. The rules are those of
    /// <https://hl7.org/fhir/R4/bundle.html#references>, without the base URL of the referring entry.
    #[must_use]
    pub fn resolve(&self, reference: &Reference) -> Option<&BundleEntry> {
        let text = reference.reference.as_str()?;
        let text = text.split("/_history/").next().unwrap_or(text);
        let by_url = |entry: &&BundleEntry| entry.full_url.as_str() == Some(text);
        if let Some(entry) = self.entry.iter().find(by_url) {
            return Some(entry);
        }
        let ReferenceTarget::Relative { resource_type, id } = reference.target()? else {
            return None;
        };
        self.entry.iter().find(|entry| {
            entry.resource.as_ref().is_some_and(|resource| {
                resource.resource_type() == Some(resource_type) && resource.id() == Some(id)
            })
        })
    }
}

impl<R: Into<Resource>> From<R> for BundleEntry {
    fn from(resource: R) -> Self {
        BundleEntry {
            resource: Some(resource.into()),
            ..Default::default()
        }
    }
}
