//! The deviations from FHIR R4 that Healthcode documents of its services.

use super::Subject;
use crate::invariant::{datatypes::CPT_2, foundation::BDL_1, foundation::DOM_3};
use crate::registry::terminology::{R4_EXTENSION_UNKNOWN, R4_EXTENSION_URL, R4_MIME_TYPE};
use crate::registry::{
    HC_BASE64_TWICE, HC_COLLECTION_TOTAL, HC_CONTACT_POINT_ID, HC_CONTAINED_PARAMETERS,
    HC_CONTENT_TYPE_CHARSET, HC_DOTTED_DATE, HC_ENTRY_BUNDLE_TYPE, HC_ENTRY_EXTENSION_URL,
    HC_FULL_URL, HC_NO_FULL_URL, HC_REFERENCE_TYPE, R4_ATTACHMENT_BASE64_TWICE, R4_DATE,
    R4_DATETIME, R4_ELEMENT_ID_REPEATED, R4_FULL_URL_ID, R4_FULL_URL_MISSING,
    R4_REFERENCE_RESOURCE, R4_REFERENCE_UNRESOLVED, R4_REQUIRED, R4_SEARCHSET_SELF,
};
use healthcode_core::{Element, PrimitiveKind, Rule, Step, lexical};
use healthcode_r4::codes::BundleType;
use healthcode_r4::{self as r4, ContactPoint, Organization, Resource};

/// The rule that is broken, where, and the rule that is reported instead, if one is.
type Deviation = (&'static Rule, Where, Option<&'static Rule>);

/// Where a rule may be broken.
enum Where {
    /// In an element of this type that passes a test.
    Type(&'static str, fn(&dyn Element) -> bool),
    /// At this path, without the numbers of its indexes, in an element that passes a test.
    Path(&'static str, fn(&dyn Element) -> bool),
    /// In a text that passes a test.
    Text(fn(&str) -> bool),
    /// In a field of this name whose text passes a test.
    Field(&'static str, fn(&str) -> bool),
    /// In an extension, no modifier, whose URL passes a test.
    Extension(fn(&str) -> bool),
    /// In a Bundle of one of these types.
    Bundle(&'static [BundleType]),
    /// In the full URL of an entry: a test of it and of the resource's id.
    FullUrl(fn(&str, &str) -> bool),
    /// In a relative reference of an entry without full URL, unless its Bundle is of this type.
    LooseReferenceBut(BundleType),
}

use BundleType::{Collection, Document, Searchset};
use Where::{Bundle, Extension, Field, FullUrl, LooseReferenceBut, Text, Type};

/// All deviations, those that are looked up most often first. The help of each `HC-…` rule names the service that it was seen in.
#[rustfmt::skip]
static DEVIATIONS: &[Deviation] = &[
    // The id says what an extension or a contact point is.
    (&R4_ELEMENT_ID_REPEATED, Type("Extension", any), None),
    (&R4_ELEMENT_ID_REPEATED, Type("ContactPoint", any), None),
    (&R4_EXTENSION_UNKNOWN, Extension(is_documented_extension), None),
    (&R4_EXTENSION_URL, Extension(is_documented_extension), None),
    (&R4_DATE, Text(is_dotted_date), Some(&HC_DOTTED_DATE)),
    (&R4_DATETIME, Text(is_dotted_date), Some(&HC_DOTTED_DATE)),
    (&R4_REQUIRED, Where::Path("Bundle.entry[].extension[].url", has_id), Some(&HC_ENTRY_EXTENSION_URL)),
    (&R4_REQUIRED, Where::Path("Bundle.entry[].resource.type", any), Some(&HC_ENTRY_BUNDLE_TYPE)),
    (&R4_MIME_TYPE, Field("contentType", is_utf_8), Some(&HC_CONTENT_TYPE_CHARSET)),
    (&R4_ATTACHMENT_BASE64_TWICE, Field("data", |_| true), Some(&HC_BASE64_TWICE)),
    (&R4_REFERENCE_RESOURCE, Text(is_added_type), Some(&HC_REFERENCE_TYPE)),
    (&R4_REFERENCE_UNRESOLVED, LooseReferenceBut(Document), Some(&HC_NO_FULL_URL)),
    (&R4_FULL_URL_ID, FullUrl(ends_in_step), Some(&HC_FULL_URL)),
    (&R4_FULL_URL_MISSING, Bundle(&[Collection, Searchset]), None),
    (&R4_SEARCHSET_SELF, Bundle(&[Searchset]), None),
    (&BDL_1, Bundle(&[Collection]), Some(&HC_COLLECTION_TOTAL)),
    (&CPT_2, Type("ContactPoint", has_id_as_system), Some(&HC_CONTACT_POINT_ID)),
    (&DOM_3, Type("Organization", contains_parameters_only), Some(&HC_CONTAINED_PARAMETERS)),
];

/// What is reported of the deviation that a broken rule is, if it is one.
pub(super) fn deviation(broken: &Rule, subject: Subject<'_>) -> Option<Option<&'static Rule>> {
    // Each rule is one static value.
    let mut rows = DEVIATIONS.iter();
    let row = rows.find(|(rule, place, _)| std::ptr::eq(*rule, broken) && place.covers(subject))?;
    Some(row.2)
}

impl Where {
    fn covers(&self, subject: Subject<'_>) -> bool {
        match (self, subject) {
            (Type(name, test), Subject::Element(element, _)) => {
                element.schema().name == *name && test(element)
            }
            (Where::Path(pattern, test), Subject::Element(element, path)) => {
                let mut path = path.to_fhirpath();
                path.retain(|c| !c.is_ascii_digit());
                path == *pattern && test(element)
            }
            (Text(test), Subject::Text(text, _)) => test(text),
            (Field(field, test), Subject::Text(text, path)) => {
                matches!(path.step(), Step::Field { name, .. } if name == *field) && test(text)
            }
            (Extension(test), Subject::Extension(url, false)) => test(url),
            (Bundle(types), Subject::Bundle(type_)) => types.contains(type_),
            (FullUrl(test), Subject::FullUrl(url, id)) => test(url, id),
            (LooseReferenceBut(but), Subject::LooseReference(type_)) => type_ != Some(but),
            _ => false,
        }
    }
}

fn any(_: &dyn Element) -> bool {
    true
}

/// Whether a text is a day in the calendar, written `dd.MM.yyyy`.
fn is_dotted_date(text: &str) -> bool {
    let &[d1, d2, b'.', m1, m2, b'.', y1, y2, y3, y4] = text.as_bytes() else {
        return false;
    };
    let date = [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2];
    str::from_utf8(&date).is_ok_and(|date| lexical::check(PrimitiveKind::Date, date).is_ok())
}

fn has_id(element: &dyn Element) -> bool {
    let extension = element.downcast_ref::<r4::Extension>();
    extension.is_some_and(|extension| extension.id.is_some())
}

fn is_utf_8(text: &str) -> bool {
    text.eq_ignore_ascii_case("UTF-8")
}

fn is_added_type(name: &str) -> bool {
    matches!(name, "Site" | "Channel" | "ReserveSlot")
}

/// Whether the last step of a web address is this one.
fn ends_in_step(url: &str, step: &str) -> bool {
    let before = url.strip_suffix(step);
    before.is_some_and(|before| before.starts_with("http") && before.ends_with('/'))
}

fn has_id_as_system(element: &dyn Element) -> bool {
    let contact = element.downcast_ref::<ContactPoint>();
    let id = contact.and_then(|contact| contact.id.as_deref());
    matches!(id, Some("phone" | "email"))
}

fn contains_parameters_only(element: &dyn Element) -> bool {
    let is_parameters = |resource: &Resource| matches!(resource, Resource::Parameters(_));
    let organization = element.downcast_ref::<Organization>();
    organization.is_some_and(|organization| organization.contained.iter().all(is_parameters))
}

/// Whether Healthcode documents an extension of this URL.
fn is_documented_extension(url: &str) -> bool {
    #[cfg(feature = "healthcode")]
    return healthcode_extensions::is_documented(url);
    #[cfg(not(feature = "healthcode"))]
    return url.is_empty();
}

#[cfg(test)]
mod tests {
    use super::DEVIATIONS;
    use crate::registry;

    #[test]
    fn each_rule_of_healthcodes_has_a_row() {
        for rule in registry::ALL
            .iter()
            .filter(|rule| rule.id.starts_with("HC-"))
        {
            let mut rows = DEVIATIONS.iter();
            assert!(rows.any(|row| row.2 == Some(rule)), "{}", rule.id);
        }
    }
}
