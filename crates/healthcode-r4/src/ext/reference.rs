//! What references point at.

use crate::Reference;

/// What a literal reference points at (<https://hl7.org/fhir/R4/references.html#literal>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReferenceTarget<'a> {
    /// `#id`: a resource contained in the same one; an empty id is that one itself.
    Contained(&'a str),
    /// `Type/id`, with or without a version.
    Relative {
        /// The type's name.
        resource_type: &'a str,
        /// The logical id.
        id: &'a str,
    },
    /// An absolute URL, or a `urn:`.
    Absolute(&'a str),
}

impl Reference {
    /// A relative reference.
    ///
    /// ```
    /// use healthcode_r4::Reference;
    /// assert_eq!(Reference::to("Patient", "p1").reference, *"Patient/p1");
    /// ```
    #[must_use]
    pub fn to(resource_type: &str, id: &str) -> Self {
        Reference {
            reference: format!("{resource_type}/{id}").into(),
            ..Default::default()
        }
    }

    /// What it points at; `None` if it has no literal reference, or one of another form.
    #[must_use]
    pub fn target(&self) -> Option<ReferenceTarget<'_>> {
        let text = self.reference.as_str()?;
        if let Some(id) = text.strip_prefix('#') {
            return Some(ReferenceTarget::Contained(id));
        }
        if text.contains(':') {
            return Some(ReferenceTarget::Absolute(text));
        }
        let mut parts = text.split('/');
        let (resource_type, id) = (parts.next()?, parts.next()?);
        let good = match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => true,
            (Some("_history"), Some(version), None) => !version.is_empty(),
            _ => false,
        };
        let target = ReferenceTarget::Relative { resource_type, id };
        (good && !resource_type.is_empty() && !id.is_empty()).then_some(target)
    }
}
