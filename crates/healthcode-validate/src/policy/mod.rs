//! [`Policy`]: how documented deviations are judged, and which rules are reported in their place.

mod healthcode;

use healthcode_core::{Detail, Element, Issue, Issues, Path, Rule};
use healthcode_r4::codes::BundleType;

/// How documented deviations from R4 are judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Policy {
    /// FHIR R4 as it is written.
    #[default]
    R4,
    /// FHIR R4, with the deviations that Healthcode documents of its services: these are reported
    /// as `HC-…`, for information.
    Healthcode,
}

/// Where a rule is broken: what rows of deviations are compared with.
#[derive(Clone, Copy)]
pub(crate) enum Subject<'a> {
    /// An element, and the path that is reported.
    Element(&'a dyn Element, &'a Path<'a>),
    /// A text, and the path that is reported.
    Text(&'a str, &'a Path<'a>),
    /// The URL of an extension, and whether it is a modifier.
    Extension(&'a str, bool),
    /// A Bundle of this type.
    Bundle(&'a BundleType),
    /// The full URL of an entry, and the id of its resource.
    FullUrl(&'a str, &'a str),
    /// A relative reference of an entry without full URL, in a Bundle of this type.
    LooseReference(Option<&'a BundleType>),
}

impl Policy {
    /// The rule that is reported where a rule is broken: itself or another. `None` where nothing is.
    pub(crate) fn reported(
        self,
        broken: &'static Rule,
        subject: Subject<'_>,
    ) -> Option<&'static Rule> {
        self.deviation(broken, subject).unwrap_or(Some(broken))
    }

    /// What a documented deviation is reported as, if at all. `None` where there is no deviation.
    pub(crate) fn deviation(
        self,
        broken: &'static Rule,
        subject: Subject<'_>,
    ) -> Option<Option<&'static Rule>> {
        match self {
            Policy::R4 => None,
            Policy::Healthcode => healthcode::deviation(broken, subject),
        }
    }

    /// Reports a broken rule as [`Policy::reported`] says. The detail is that of the rule itself.
    #[cold]
    #[inline(never)]
    pub(crate) fn report(
        self,
        broken: &'static Rule,
        path: &Path<'_>,
        detail: Detail,
        subject: Subject<'_>,
        issues: &mut Issues,
    ) {
        match self.deviation(broken, subject) {
            None => issues.push(Issue::new(broken, path, detail)),
            Some(Some(rule)) => issues.push(Issue::new(rule, path, Detail::None)),
            Some(None) => {}
        }
    }

    /// Whether relative references between entries without full URLs lead to type and id.
    pub(crate) fn resolves_loose_references(self) -> bool {
        self == Policy::Healthcode
    }
}
