//! Types, elements and invariants, from the snapshots of structure definitions.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

use crate::spec::definitions::{
    Binding, Constraint, ElementDefinition, HL7_DEFINITION, StructureDefinition, TypeReference,
    extension_text, is_flagged, unversioned,
};
use crate::spec::facts::{ElementFact, Flags, InvariantFact, Limits, TypeFact, TypeKind, TypeRef};
use crate::spec::package::Package;

/// The profiles on `Quantity` which the standard uses as if they were types. In some releases they are
/// types whose base it is.
const PROFILES: &[&str] = &[
    "Age",
    "Count",
    "Distance",
    "Duration",
    "MoneyQuantity",
    "SimpleQuantity",
];

/// Whether a data type only narrows `Quantity`: so does `Money` in STU3.
fn narrows_quantity(definition: &StructureDefinition) -> bool {
    let base = definition.base_definition.as_deref();
    definition.kind == "complex-type"
        && base.and_then(|url| url.strip_prefix(HL7_DEFINITION)) == Some("Quantity")
}

/// The prefix of FHIRPath's own types.
const FHIRPATH: &str = "http://hl7.org/fhirpath/";

/// What structure definitions say.
pub(super) struct Structures {
    /// The types.
    pub(super) types: Vec<TypeFact>,
    /// Their elements.
    pub(super) elements: Vec<ElementFact>,
    /// The invariants that the elements declare.
    pub(super) invariants: Vec<InvariantFact>,
    /// The names of the types.
    pub(super) names: Names,
}

/// Distils types, elements and invariants.
pub(super) fn distil(package: &Package) -> Result<Structures> {
    let definitions = definitions(package);
    let names = Names(definitions.keys().map(|name| (*name).to_owned()).collect());
    let roots = Roots(&definitions);
    let mut types = Vec::new();
    let mut elements = Vec::new();
    let mut invariants = Invariants::default();
    for (name, definition) in &definitions {
        types.push(type_fact(name, definition)?);
        for element in &definition.snapshot.element {
            let path = rename(&element.path, &definition.r#type, name);
            let declared = roots.declared(definition, element);
            let fact = element_fact(path, element, &declared, &names)
                .with_context(|| format!("in {name}: {}", element.path))?;
            for constraint in declared {
                invariants.add(constraint, &fact.path);
            }
            elements.push(fact);
        }
    }
    Ok(Structures {
        types,
        elements,
        invariants: invariants.facts()?,
        names,
    })
}

/// The definitions of types, by name.
fn definitions(package: &Package) -> BTreeMap<&str, &StructureDefinition> {
    let named = package.structures.values();
    let named = named.map(|definition| (definition.name.as_str(), definition));
    let is_type = |definition: &StructureDefinition| {
        definition.kind != "logical" && definition.derivation.as_deref() != Some("constraint")
    };
    named
        .filter(|(name, definition)| is_type(definition) || PROFILES.contains(name))
        .collect()
}

/// The names of the types, with which URLs of types are shortened.
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// A type's name for its URL, or the URL of anything else.
    fn shorten(&self, url: &str) -> String {
        let url = unversioned(url);
        match url.strip_prefix(HL7_DEFINITION) {
            Some(name) if self.0.contains(name) => name.to_owned(),
            _ => url.to_owned(),
        }
    }

    /// The facts for a list of types.
    pub(super) fn type_refs(&self, types: &[TypeReference]) -> Vec<TypeRef> {
        let shorten = |urls: &[String]| urls.iter().map(|url| self.shorten(url)).collect();
        types
            .iter()
            .map(|type_ref| TypeRef {
                code: match type_ref.code.strip_prefix(FHIRPATH) {
                    Some(system_type) => system_type.to_owned(),
                    None => type_ref.code.clone(),
                },
                fhir_type: extension_text(&type_ref.extension, "structuredefinition-fhir-type")
                    .map(str::to_owned),
                profiles: shorten(&type_ref.profile),
                targets: shorten(&type_ref.target_profile),
            })
            .collect()
    }
}

/// Replaces the first step of a path: `Quantity.value` of `SimpleQuantity`.
fn rename(path: &str, from: &str, to: &str) -> String {
    match path.strip_prefix(from) {
        Some(rest) => format!("{to}{rest}"),
        None => path.to_owned(),
    }
}

fn type_fact(name: &str, definition: &StructureDefinition) -> Result<TypeFact> {
    let kind = match definition.kind.as_str() {
        _ if narrows_quantity(definition) => TypeKind::Profile,
        "primitive-type" => TypeKind::Primitive,
        "complex-type" => TypeKind::Complex,
        "resource" => TypeKind::Resource,
        kind => anyhow::bail!("{name} is of an unknown kind: {kind}"),
    };
    let base = definition.base_definition.as_deref();
    let value = format!("{name}.value");
    let elements = definition.snapshot.element.iter();
    let regex = elements
        .filter(|element| kind == TypeKind::Primitive && element.path == value)
        .flat_map(|element| &element.r#type)
        .find_map(|type_ref| extension_text(&type_ref.extension, "regex"));
    Ok(TypeFact {
        name: name.to_owned(),
        kind,
        is_abstract: definition.r#abstract,
        base: base.map(|url| url.strip_prefix(HL7_DEFINITION).unwrap_or(url).to_owned()),
        page: page(name, kind),
        regex: regex.map(str::to_owned),
    })
}

/// The page of the specification about a type. Neither resources' nor data types' definitions
/// name it, but it follows from the name; the data types outside `datatypes.html` are listed here.
fn page(name: &str, kind: TypeKind) -> String {
    let own = name.to_ascii_lowercase();
    match (kind, name) {
        (TypeKind::Resource, _)
        | (
            _,
            "BackboneElement" | "Dosage" | "Element" | "ElementDefinition" | "MarketingStatus"
            | "Population" | "ProdCharacteristic" | "ProductShelfLife" | "SubstanceAmount",
        ) => {
            format!("{own}.html")
        }
        (
            _,
            "ContactDetail"
            | "Contributor"
            | "DataRequirement"
            | "Expression"
            | "ParameterDefinition"
            | "RelatedArtifact"
            | "TriggerDefinition"
            | "UsageContext",
        ) => {
            format!("metadatatypes.html#{name}")
        }
        (_, "Extension") => format!("extensibility.html#{name}"),
        (_, "Meta") => format!("resource.html#{name}"),
        (_, "Narrative" | "xhtml") => format!("narrative.html#{name}"),
        (_, "Reference") => format!("references.html#{name}"),
        _ => format!("datatypes.html#{name}"),
    }
}

fn element_fact(
    path: String,
    element: &ElementDefinition,
    declared: &[&Constraint],
    names: &Names,
) -> Result<ElementFact> {
    let binding = element.binding.as_ref();
    let binding_text = |name| extension_text(&binding?.extension, name);
    let is_root = !path.contains('.');
    let content_reference = element.content_reference.as_deref().map(|reference| {
        let fragment = reference.find('#').map(|at| &reference[at + 1..]);
        let own = reference.starts_with(['#']) || reference.starts_with(HL7_DEFINITION);
        let target = fragment.filter(|_| own).map(str::to_owned);
        target.with_context(|| format!("a content reference elsewhere: {reference}"))
    });
    let content_reference = content_reference.transpose()?;
    ensure!(
        is_root || element.r#type.is_empty() == content_reference.is_some(),
        "neither or both of type and content reference"
    );
    let represented = |how: &str| element.representation.iter().any(|one| one == how);
    Ok(ElementFact {
        min: element.min,
        max: element.max.parse()?,
        types: names.type_refs(&element.r#type),
        content_reference,
        strength: binding.map(Binding::strength).transpose()?,
        value_set: binding.and_then(Binding::url),
        binding_name: binding_text("elementdefinition-bindingName").map(str::to_owned),
        max_value_set: binding_text("elementdefinition-maxValueSet")
            .map(|url| unversioned(url).to_owned()),
        flags: Flags {
            modifier: element.is_modifier,
            summary: element.is_summary,
            ordered: element.order_meaning.is_some(),
            translatable: is_flagged(&element.extension, "elementdefinition-translatable"),
            xml_attribute: represented("xmlAttr"),
            xhtml: represented("xhtml"),
        },
        invariants: declared.iter().map(|rule| rule.key.clone()).collect(),
        limits: Limits {
            max_length: element.max_length.map(i64::try_from).transpose()?,
            min_value: element.min_value_integer,
            max_value: element.max_value_integer,
        },
        path,
    })
}

/// The definitions, searched for the constraints on types as a whole.
struct Roots<'a>(&'a BTreeMap<&'a str, &'a StructureDefinition>);

impl<'a> Roots<'a> {
    fn constraints(&self, name: &str) -> &'a [Constraint] {
        let root = self
            .0
            .get(name)
            .and_then(|definition| definition.snapshot.element.first());
        root.map_or(&[], |root| &root.constraint)
    }

    /// The constraints which an element declares itself: snapshots repeat those of the element's
    /// type, or (on a type as a whole) of its base.
    fn declared(
        &self,
        definition: &StructureDefinition,
        element: &'a ElementDefinition,
    ) -> Vec<&'a Constraint> {
        let inherited_from: Vec<&str> = if element.path.contains('.') {
            let types = element.r#type.iter();
            types.map(|type_ref| type_ref.code.as_str()).collect()
        } else {
            let base = definition.base_definition.as_deref().unwrap_or_default();
            vec![base.strip_prefix(HL7_DEFINITION).unwrap_or(base)]
        };
        let rule = |constraint: &'a Constraint| (&constraint.key, &constraint.expression);
        let inherited = inherited_from.into_iter();
        let inherited = inherited.flat_map(|name| self.constraints(name));
        let inherited: BTreeSet<_> = inherited.map(rule).collect();
        let constraints = element.constraint.iter();
        constraints
            .filter(|constraint| constraint.key != "ele-1" || element.path == "Element")
            .filter(|constraint| !inherited.contains(&rule(constraint)))
            .collect()
    }
}

/// Collects invariants: those with the same key and content are one.
#[derive(Default)]
struct Invariants(BTreeMap<(String, String, String, bool), Vec<String>>);

impl Invariants {
    fn add(&mut self, constraint: &Constraint, path: &str) {
        let Constraint {
            key,
            expression,
            severity,
            extension,
        } = constraint.clone();
        let best_practice = is_flagged(&extension, "elementdefinition-bestpractice");
        let rule = (key, expression, severity, best_practice);
        self.0.entry(rule).or_default().push(path.to_owned());
    }

    fn facts(self) -> Result<Vec<InvariantFact>> {
        let rules = self.0.into_iter();
        let facts = rules.map(|((key, expression, severity, best_practice), paths)| {
            Ok(InvariantFact {
                severity: severity.parse().with_context(|| key.clone())?,
                key,
                best_practice,
                paths,
                expression,
            })
        });
        let mut facts = facts.collect::<Result<Vec<_>>>()?;
        // Keys in their natural order: `bdl-2` before `bdl-10`.
        facts.sort_by_cached_key(|fact| {
            let (prefix, number) = fact.key.rsplit_once('-').unwrap_or((&fact.key, ""));
            let number: u32 = number.parse().unwrap_or_default();
            let order = (prefix.to_owned(), number);
            (order, fact.key.clone(), fact.paths.clone())
        });
        Ok(facts)
    }
}

#[cfg(test)]
mod tests;
