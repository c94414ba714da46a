//! Twins for StructureDefinition and ElementDefinition.

use crate::invariant::given::{Given, distinct, is, is_not};
use crate::place::Place;
use healthcode_r4::{
    ElementDefinition, ElementDefinitionBinding, ElementDefinitionConstraint,
    ElementDefinitionSlicing, ElementDefinitionType, StructureDefinition,
    StructureDefinitionDifferential, StructureDefinitionMapping, StructureDefinitionSnapshot,
};

const REFERENCES: &[&str] = &["Reference", "canonical"];
const FHIR: &str = "http://hl7.org/fhir/StructureDefinition";
const SYSTEM_TYPE: &str = "http://hl7.org/fhirpath/System.";

twins! {
    "eld-1": ElementDefinitionSlicing, |it| it.discriminator.given() || it.description.given();
    "eld-2": ElementDefinition, |it| !it.min.given() || !it.max.given() || it.max == "*"
        || it.min.get().zip(number(it.max.as_str())).is_some_and(|(min, max)| i64::from(min) <= max);
    "eld-3": ElementDefinition, |it| !is_not(&it.max, &["*"])
        || number(it.max.as_str()).is_some_and(|max| max >= 0);
    "eld-4": ElementDefinitionType, |it| !it.aggregation.given() || is(&it.code, REFERENCES);
    "eld-5": ElementDefinition, |it| !it.content_reference.given() || !(
        it.type_.given()
            || it.default_value.given()
            || it.fixed.given()
            || it.pattern.given()
            || it.example.given()
            || it.min_value.given()
            || it.max_value.given()
            || it.max_length.given()
            || it.binding.given()
    );
    "eld-6": ElementDefinition, |it| !it.fixed.given() || it.type_.len() <= 1;
    "eld-7": ElementDefinition, |it| !it.pattern.given() || it.type_.len() <= 1;
    "eld-8": ElementDefinition, |it| !it.pattern.given() || !it.fixed.given();
    // It selects whether each type is coded, and asks whether anything was selected.
    "eld-11": ElementDefinition, |it| !it.binding.given()
        || !it.type_.iter().any(|type_| type_.code.given())
        || it.type_.iter().any(|type_| type_.code.value().is_some());
    "eld-12": ElementDefinitionBinding, |it| it.value_set.as_str().is_none_or(|url| {
        ["http:", "https", "urn:"].into_iter().any(|start| url.starts_with(start))
    });
    "eld-13": ElementDefinition, |it| distinct(it.type_.iter().filter_map(|it| it.code.as_str()));
    "eld-14": ElementDefinition, |it| {
        distinct(it.constraint.iter().filter_map(|constraint| constraint.key.as_str()))
    };
    "eld-15": ElementDefinition, |it| !it.default_value.given()
        || !it.meaning_when_missing.given();
    "eld-16": ElementDefinition, |it| it.slice_name.as_str().is_none_or(|name| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_[]@".contains(&byte);
        !name.is_empty() && name.bytes().all(allowed)
    });
    "eld-17": ElementDefinitionType, |it| !it.target_profile.given()
        || is(&it.code, REFERENCES);
    "eld-18": ElementDefinition, |it| it.is_modifier != true || it.is_modifier_reason.given();
    // The patterns of these two are not anchored.
    "eld-19": ElementDefinition, |it| it.path.as_str().is_none_or(|path| {
        path.chars().any(|c| !c.is_whitespace() && !".,:;'\"/|?!@#$%&*()[]{}".contains(c))
    });
    "eld-20": ElementDefinition, |it| it.path.as_str().is_none_or(|path| {
        path.bytes().any(|byte| byte.is_ascii_alphabetic())
    });
    "eld-21": ElementDefinitionConstraint, |it| it.expression.given();
    "eld-22": ElementDefinition, |it| !it.slice_is_constraining.given() || it.slice_name.given();

    "sdf-1": StructureDefinition, |it| is(&it.derivation, &["constraint"])
        || distinct(snapshot(it).iter().filter_map(|element| element.path.as_str()));
    "sdf-2": StructureDefinitionMapping, |it| it.name.given() || it.uri.given();
    "sdf-3": StructureDefinitionSnapshot, |it| it.element.iter().all(|element| {
        element.definition.given() && element.min.given() && element.max.given()
    });
    "sdf-4": StructureDefinition, |it| it.abstract_ == true || it.base_definition.given();
    "sdf-5": StructureDefinition, |it| is_not(&it.type_, &["Extension"])
        || is(&it.derivation, &["specialization"])
        || it.context.given();
    "sdf-6": StructureDefinition, |it| it.snapshot.given() || it.differential.given();
    "sdf-8": StructureDefinitionSnapshot, |it, place| starts_alike(&it.element, place, |path, type_| {
        path == type_
    }, |first| first);
    "sdf-8a": StructureDefinitionDifferential, |it, place| starts_alike(&it.element, place, |path, type_| {
        path.starts_with(type_)
    }, |first| first.split('.').next().unwrap_or_default());
    "sdf-8b": StructureDefinitionSnapshot, |it| it.element.iter().all(|it| it.base.given());
    "sdf-9": StructureDefinition, |it| roots(snapshot(it)).chain(roots(differential(it)))
        .all(|root| !root.label.given() && !root.code.given() && !root.requirements.given());
    "sdf-10": ElementDefinition, |it| it.binding.as_ref().is_none_or(|binding| {
        binding.value_set.given() || binding.description.given()
    });
    "sdf-11": StructureDefinition, |it| is_logical(it) || !it.snapshot.given() || snapshot(it)
        .first()
        .and_then(|first| Some((first.path.as_str()?, it.type_.as_str()?)))
        .is_some_and(|(path, type_)| path == type_);
    "sdf-14": StructureDefinition, |it| snapshot(it).iter().chain(differential(it))
        .all(|element| element.id.is_some());
    "sdf-15": StructureDefinition, |it| is_logical(it)
        || snapshot(it).first().is_none_or(|first| !first.type_.given());
    "sdf-15a": StructureDefinition, |it| is_logical(it)
        || differential(it).first().is_none_or(|first| {
            let below = first.path.as_str().is_some_and(|path| path.contains('.'));
            below || !first.type_.given()
        });
    "sdf-16": StructureDefinition, |it| has_own_ids(snapshot(it));
    "sdf-17": StructureDefinition, |it| has_own_ids(differential(it));
    "sdf-18": StructureDefinition, |it| !it.context_invariant.given()
        || is(&it.type_, &["Extension"]);
    "sdf-19": StructureDefinition, |it| !is_of_fhir(it)
        || (types(differential(it)).all(|code| is_type_name(code, false))
            && types(snapshot(it)).all(|code| is_type_name(code, true)));
    "sdf-20": StructureDefinitionDifferential, |it| roots(&it.element).all(|it| !it.slicing.given());
    "sdf-21": StructureDefinition, |it| is(&it.derivation, &["specialization"])
        || !differential(it).iter().any(|element| element.default_value.given());
    "sdf-22": StructureDefinition, |it| !is_of_fhir(it) || !snapshot(it).iter()
        .chain(differential(it))
        .any(|element| element.default_value.given());
    "sdf-23": StructureDefinition, |it| snapshot(it).iter().chain(differential(it)).all(|element| {
        !element.slice_name.given() || element.path.as_str().is_some_and(|path| path.contains('.'))
    });
}

/// What FHIRPath's `toInteger` takes.
fn number(text: Option<&str>) -> Option<i64> {
    text.and_then(|text| text.parse().ok())
}

fn snapshot(it: &StructureDefinition) -> &[ElementDefinition] {
    it.snapshot
        .as_ref()
        .map_or(&[], |snapshot| &snapshot.element)
}

fn differential(it: &StructureDefinition) -> &[ElementDefinition] {
    it.differential
        .as_ref()
        .map_or(&[], |differential| &differential.element)
}

fn is_root(element: &ElementDefinition) -> bool {
    element
        .path
        .as_str()
        .is_some_and(|path| !path.contains('.'))
}

fn roots(elements: &[ElementDefinition]) -> impl Iterator<Item = &ElementDefinition> {
    elements.iter().filter(|element| is_root(element))
}

fn is_logical(it: &StructureDefinition) -> bool {
    is(&it.kind, &["logical"])
}

fn is_of_fhir(it: &StructureDefinition) -> bool {
    it.url.as_str().is_some_and(|url| url.starts_with(FHIR))
}

fn has_own_ids(elements: &[ElementDefinition]) -> bool {
    let ids = || elements.iter().filter_map(|element| element.id.as_ref());
    ids().count() == elements.len() && distinct(ids())
}

/// Whether the first path fits the type that is defined, unless that is a logical one, and all others
/// begin with what `start` takes of the first.
fn starts_alike(
    elements: &[ElementDefinition],
    place: &Place<'_, '_>,
    fits: impl Fn(&str, &str) -> bool,
    start: impl Fn(&str) -> &str,
) -> bool {
    let path = elements.first().and_then(|first| first.path.as_str());
    let rest = elements.get(1..).unwrap_or_default();
    let definition = place.resource.downcast_ref::<StructureDefinition>();
    let first_fits = definition.is_none_or(|it| {
        let both = path.zip(it.type_.as_str());
        is_logical(it) || both.is_some_and(|(path, type_)| fits(path, type_))
    });
    let start = start(path.unwrap_or_default());
    let below = |path: &str| {
        path.strip_prefix(start)
            .is_some_and(|rest| rest.starts_with('.'))
    };
    first_fits
        && rest
            .iter()
            .all(|element| element.path.as_str().is_some_and(below))
}

fn types(elements: &[ElementDefinition]) -> impl Iterator<Item = &str> {
    let types = elements.iter().flat_map(|element| element.type_.iter());
    types.filter_map(|type_| type_.code.as_str())
}

/// Whether a type's code is a name, in which there may be dots, or the URL of a system type.
fn is_type_name(code: &str, dots: bool) -> bool {
    let name = |byte: u8| byte.is_ascii_alphanumeric() || (dots && byte == b'.');
    let of_system = |rest: &str| {
        rest.len() > 1
            && rest.starts_with(|c: char| c.is_ascii_uppercase())
            && rest.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    (!code.is_empty() && code.bytes().all(name))
        || code.strip_prefix(SYSTEM_TYPE).is_some_and(of_system)
}
