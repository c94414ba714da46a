//! Signs of the release of a payload: the release that it states, and the members that a release does not define.

use healthcode_core::{Element, ExtraKind, Fields, PrimitiveItems, SchemaKind, ValueRef, XmlExtra};

/// How many misfits a resource counts as if the release does not define its type.
const UNKNOWN_TYPE: usize = 8;

/// How many entries of a Bundle are searched for a stated release.
const MAX_ENTRIES: usize = 64;

/// What a value has that its release does not define.
pub(crate) enum Misfit<'v> {
    /// A resource of a type that the release lacks.
    Type,
    /// A member of this name.
    Member(&'v str),
    /// A value of another shape.
    Shape,
}

/// The number of misfits in a value; see [`Misfit`].
pub(crate) fn misfits(element: &dyn Element) -> usize {
    let mut found = 0;
    each_misfit(element, &mut |misfit| {
        found += match misfit {
            Misfit::Type => UNKNOWN_TYPE,
            Misfit::Member(_) | Misfit::Shape => 1,
        };
    });
    found
}

/// Calls `each` with what a value has that its release does not define.
pub(crate) fn each_misfit<'v>(element: &'v dyn Element, each: &mut dyn FnMut(Misfit<'v>)) {
    visit(element, &mut Fields::new(), each);
}

fn visit<'v>(element: &'v dyn Element, fields: &mut Fields<'v>, each: &mut dyn FnMut(Misfit<'v>)) {
    if element.schema().kind == SchemaKind::UnknownResource {
        return each(Misfit::Type);
    }
    for extra in element.extras() {
        match extra.kind() {
            ExtraKind::Unknown => each(Misfit::Member(extra.key())),
            kind if is_of_other_shape(kind, extra.json()) => each(Misfit::Shape),
            _ => {}
        }
    }
    let start = fields.len();
    element.fields(fields);
    for at in start..fields.len() {
        match fields.get(at).value {
            ValueRef::Element(child) | ValueRef::Metadata(child) => visit(child, fields, each),
            ValueRef::Elements(items) => {
                for index in 0..items.count() {
                    visit(items.element_at(index), fields, each);
                }
            }
            ValueRef::Primitives(items) => {
                for index in 0..items.count() {
                    if let Some(metadata) = items.metadata_at(index) {
                        visit(metadata, fields, each);
                    }
                }
            }
            _ => {}
        }
    }
    fields.truncate(start);
}

fn is_of_other_shape(kind: ExtraKind, json: &str) -> bool {
    match kind {
        ExtraKind::WrongShape | ExtraKind::NotObject => true,
        // Names of elements are not looked at.
        ExtraKind::Xml(XmlExtra::Element | XmlExtra::Repeated) => true,
        // An object or array in the place of a primitive.
        ExtraKind::Value => json.starts_with(['{', '[']),
        _ => false,
    }
}

/// The release that the extensions of a resource, or of an entry of a Bundle, suggest by their URLs
/// (`https://fhir.nhs.uk/STU3/StructureDefinition/...`). A payload of another release may have such extensions too.
#[cold]
pub(crate) fn suggested(element: &dyn Element) -> Option<&'static str> {
    let mut fields = Fields::new();
    element.fields(&mut fields);
    let schema = element.schema();
    fields.since(0).iter().find_map(|field| {
        let definition = schema.fields.get(usize::from(field.index))?;
        let ValueRef::Elements(items) = field.value else {
            return None;
        };
        let mut items = (0..items.count().min(MAX_ENTRIES)).map(|index| items.element_at(index));
        match definition.name() {
            "extension" => items.find_map(|extension| of_segment(url(extension)?)),
            "identifier" => items.find_map(suggested),
            "entry" if schema.name == "Bundle" => items.filter_map(resource).find_map(suggested),
            _ => None,
        }
    })
}

/// The URL of an extension.
fn url(extension: &dyn Element) -> Option<&str> {
    let mut fields = Fields::new();
    extension.fields(&mut fields);
    let schema = extension.schema();
    fields.since(0).iter().find_map(|field| match field.value {
        ValueRef::Text(text) => {
            let definition = schema.fields.get(usize::from(field.index))?;
            (definition.name() == "url").then_some(text)
        }
        _ => None,
    })
}

/// The release that a resource, or an entry of a Bundle, states: by its profiles, or by `fhirVersion`.
pub(crate) fn stated(element: &dyn Element) -> Option<&'static str> {
    let mut fields = Fields::new();
    element.fields(&mut fields);
    let schema = element.schema();
    for field in fields.since(0) {
        let definition = schema.fields.get(usize::from(field.index))?;
        let found = match (definition.name(), field.value) {
            ("meta", ValueRef::Element(meta)) => by_profiles(meta),
            // A number of DSTU2 in a payload that has another release's members is a mistake, as in examples of STU3.
            ("fhirVersion", ValueRef::Text(version)) => {
                of_version(version).filter(|name| *name != "DSTU2")
            }
            // An ImplementationGuide may be for several.
            ("fhirVersion", ValueRef::Primitives(versions)) => of_all(versions),
            ("entry", ValueRef::Elements(entries)) if schema.name == "Bundle" => {
                let entries =
                    (0..entries.count().min(MAX_ENTRIES)).map(|index| entries.element_at(index));
                entries.filter_map(resource).find_map(stated)
            }
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The release that all of several version numbers name.
fn of_all(versions: &dyn PrimitiveItems) -> Option<&'static str> {
    let mut names = (0..versions.count()).map(|index| match versions.value_at(index) {
        Some(ValueRef::Text(version)) => of_version(version),
        _ => None,
    });
    let first = names.next()?;
    names.all(|name| name == first).then_some(first)?
}

/// The entries of a Bundle that state a release, by their numbers.
pub(crate) fn stated_by_entries(bundle: &dyn Element) -> Vec<(usize, &'static str)> {
    let mut fields = Fields::new();
    bundle.fields(&mut fields);
    let schema = bundle.schema();
    let mut found = Vec::new();
    for field in fields.since(0) {
        let definition = schema.fields.get(usize::from(field.index));
        if let ValueRef::Elements(entries) = field.value
            && definition.is_some_and(|field| field.name() == "entry")
        {
            let resources = (0..entries.count())
                .filter_map(|index| Some((index, resource(entries.element_at(index))?)));
            found
                .extend(resources.filter_map(|(index, resource)| Some((index, stated(resource)?))));
        }
    }
    found
}

/// The resource of an entry.
fn resource(entry: &dyn Element) -> Option<&dyn Element> {
    let mut fields = Fields::new();
    entry.fields(&mut fields);
    let schema = entry.schema();
    let is_resource = |index: u16| {
        let definition = schema.fields.get(usize::from(index));
        definition.is_some_and(|field| field.name() == "resource")
    };
    let mut fields = fields.since(0).iter();
    fields.find_map(|field| match field.value {
        ValueRef::Element(resource) if is_resource(field.index) => Some(resource),
        _ => None,
    })
}

fn by_profiles(meta: &dyn Element) -> Option<&'static str> {
    let mut fields = Fields::new();
    meta.fields(&mut fields);
    let schema = meta.schema();
    fields.since(0).iter().find_map(|field| {
        let definition = schema.fields.get(usize::from(field.index))?;
        match field.value {
            ValueRef::Primitives(items) if definition.name() == "profile" => {
                let mut texts = (0..items.count()).filter_map(|index| items.value_at(index));
                texts.find_map(|text| match text {
                    ValueRef::Text(canonical) => of_canonical(canonical),
                    _ => None,
                })
            }
            _ => None,
        }
    })
}

/// The release that a segment of a URL names.
fn of_segment(url: &str) -> Option<&'static str> {
    url.split('/').find_map(|segment| match segment {
        "DSTU2" | "dstu2" => Some("DSTU2"),
        "STU3" | "stu3" => Some("STU3"),
        "R4" => Some("R4"),
        "R4B" => Some("R4B"),
        "R5" => Some("R5"),
        _ => None,
    })
}

/// The release that a canonical URL names.
fn of_canonical(canonical: &str) -> Option<&'static str> {
    let segment = of_segment(canonical);
    if segment.is_some() {
        return segment;
    }
    let rest = canonical.strip_prefix("http://hl7.org/fhir/")?;
    let (first, _) = rest.split_once('/')?;
    if first == "StructureDefinition" {
        return of_version(canonical.split_once('|')?.1);
    }
    of_version(first)
}

/// The name of the release with a version number: `3.0` or `3.0.1`.
pub(crate) fn of_version(version: &str) -> Option<&'static str> {
    let mut numbers = version.trim().split(['.', '-']);
    match (numbers.next()?, numbers.next()?) {
        ("0" | "1", _) => Some("DSTU2"),
        ("3", "0") => Some("STU3"),
        ("4", "0") => Some("R4"),
        ("4", "1" | "3") => Some("R4B"),
        ("5", "0") => Some("R5"),
        ("6", _) => Some("R6"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonicals() {
        for (canonical, expect) in [
            (
                "https://fhir.nhs.uk/STU3/StructureDefinition/A-1",
                Some("STU3"),
            ),
            (
                "http://hl7.org/fhir/3.0/StructureDefinition/Goal",
                Some("STU3"),
            ),
            (
                "http://hl7.org/fhir/StructureDefinition/Goal|3.0.1",
                Some("STU3"),
            ),
            ("http://hl7.org/fhir/StructureDefinition/Goal", None),
            (
                "http://hl7.org/fhir/us/core/StructureDefinition/a|3.0.1",
                None,
            ),
            (
                "http://hl7.org/fhir/5.0/StructureDefinition/Goal",
                Some("R5"),
            ),
            (
                "http://hl7.org/fhir/StructureDefinition/Goal|4.3.0",
                Some("R4B"),
            ),
            ("http://a.b/3.0/x", None),
        ] {
            assert_eq!(of_canonical(canonical), expect, "{canonical}");
        }
        assert_eq!(of_version("6.0.0-ballot3"), Some("R6"));
        assert_eq!(of_version("4.0"), Some("R4"));
        assert_eq!(of_version("4"), None);
    }
}
