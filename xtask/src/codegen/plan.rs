//! What is to be generated, worked out from the facts: every Rust type, field and name.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};

use super::names::{self, Unique};
use super::tables::{CodeEnums, Tables};
use crate::spec::facts::{ElementFact, Facts, InvariantFact, Max, TypeFact, TypeKind};

/// Choices of more types than this are matched by prefix, not by one arm for each type; and those
/// that have the types of extensions share one enum, the open type.
pub(super) const MANY_TYPES: usize = 13;

/// The element whose types are the open type.
const OPEN_ELEMENT: &str = "Extension.value[x]";

/// The enum for `value[x]` of any type.
pub(super) const OPEN_TYPE: &str = "OpenType";

/// Types that `healthcode_core` defines; all others are the version's own.
pub(super) const CORE_TYPES: &[&str] = &[
    "Base64Binary",
    "Canonical",
    "Code",
    "Date",
    "DateTime",
    "Decimal",
    "Extras",
    "Id",
    "Instant",
    "Integer64",
    "Markdown",
    "Oid",
    "Str",
    "Time",
    "Uri",
    "Url",
    "Uuid",
    "Xhtml",
];

/// Names that the crate root has beside the generated types and [`CORE_TYPES`].
const RESERVED: &[&str] = &["Metadata", OPEN_TYPE, "Primitive", "Resource"];

/// Everything to be generated for one release.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Resources and data types, by name.
    pub(super) definitions: Vec<Definition>,
    /// The open type, if any element has it.
    pub(super) open: Option<Choice>,
    /// The tables that schemas share.
    pub(super) tables: Tables,
    /// The enumerations of codes.
    pub(super) enums: CodeEnums,
}

impl Plan {
    /// The names of the files that its Rust types are in.
    pub(super) fn modules(&self) -> Vec<&str> {
        let declared = self.definitions.iter();
        let declared = declared.filter(|definition| definition.kind != TypeKind::Profile);
        let open = self.open.as_ref().map(|_| "open_type");
        let mut modules: Vec<_> = declared
            .map(|definition| definition.module.as_str())
            .chain(open)
            .collect();
        modules.sort_unstable();
        modules
    }
}

/// A resource, data type, or profile on a data type.
#[derive(Debug)]
pub(super) struct Definition {
    /// Its name: `HumanName`.
    pub(super) name: String,
    /// The name of its files: `human_name`.
    pub(super) module: String,
    /// What kind of type it is. A profile has a schema, but no Rust type.
    pub(super) kind: TypeKind,
    /// Its page, relative to the release's folder.
    pub(super) page: String,
    /// Structs and enums, in the definition's order.
    pub(super) items: Vec<Item>,
}

impl Definition {
    /// Its structs.
    pub(super) fn structs(&self) -> impl Iterator<Item = &Struct> {
        self.items.iter().filter_map(|item| match item {
            Item::Struct(structure) => Some(structure),
            Item::Choice(_) => None,
        })
    }

    /// Its choice enums.
    pub(super) fn choices(&self) -> impl Iterator<Item = &Choice> {
        self.items.iter().filter_map(|item| match item {
            Item::Choice(choice) => Some(choice),
            Item::Struct(_) => None,
        })
    }
}

/// A Rust type to be declared.
#[derive(Debug)]
pub(super) enum Item {
    /// A struct.
    Struct(Struct),
    /// An enum of the types of a choice element.
    Choice(Choice),
}

/// A struct and its schema.
#[derive(Debug)]
pub(super) struct Struct {
    /// Its path: `Patient`, `Patient.contact`.
    pub(super) path: String,
    /// Its name: `PatientContact`.
    pub(super) name: String,
    /// Its fields, in the definition's order.
    pub(super) fields: Vec<Field>,
    /// The statics of the invariants of every instance.
    pub(super) invariants: Vec<String>,
}

impl Struct {
    /// The name of its schema.
    pub(super) fn schema(&self) -> String {
        names::screaming(&self.path)
    }

    /// Whether it is defined inside another type.
    pub(super) fn is_backbone(&self) -> bool {
        self.path.contains('.')
    }
}

/// A field of a struct.
#[derive(Debug)]
pub(super) struct Field {
    /// Its path: `Patient.deceased[x]`.
    pub(super) path: String,
    /// Its name in JSON, without the type of a choice: `deceased`.
    pub(super) json: String,
    /// Its name in Rust.
    pub(super) rust: String,
    /// The least number of values.
    pub(super) min: u32,
    /// The greatest number of values.
    pub(super) max: Max,
    /// How Rust holds it.
    pub(super) place: Place,
    /// Whether it holds a list of such.
    pub(super) many: bool,
    /// Its types in words.
    pub(super) types: String,
    /// The static of its types.
    pub(super) types_static: String,
    /// Whether its value changes the meaning of what surrounds it.
    pub(super) modifier: bool,
    /// Whether it is part of summaries.
    pub(super) summary: bool,
    /// The binding in words, and its static.
    pub(super) binding: Option<(String, String)>,
    /// The statics of the invariants declared on it.
    pub(super) invariants: Vec<String>,
}

/// How Rust holds an element.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    /// `Option<Str>`: text without metadata.
    Attribute,
    /// A primitive of this Rust type.
    Primitive(String),
    /// An element of this Rust type.
    Element(String),
    /// A resource.
    Resource,
    /// A choice: the enum, and the suffixes of its types with whether each is primitive.
    Choice(String, Vec<(String, bool)>),
}

/// An enum of the types of a choice element.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Choice {
    /// The path of the element; of the first one for the open type.
    pub(super) path: String,
    /// Its name.
    pub(super) name: String,
    /// Its variants, in the definition's order.
    pub(super) variants: Vec<Variant>,
}

/// A variant of a choice enum.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Variant {
    /// Its name, which is also the suffix in JSON: `Quantity`.
    pub(super) name: String,
    /// The FHIR type: `Quantity`, `dateTime`.
    pub(super) code: String,
    /// The Rust type: `Quantity`, `DateTime`, `bool`.
    pub(super) rust: String,
    /// Whether the type is primitive.
    pub(super) primitive: bool,
    /// Whether no other variant has the same Rust type.
    pub(super) distinct: bool,
}

/// Works out what is to be generated.
pub(super) fn plan(facts: &Facts) -> Result<Plan> {
    let elements = facts.elements.iter();
    let mut planner = Planner {
        facts,
        types: facts.types.iter().map(|t| (t.name.as_str(), t)).collect(),
        paths: elements.map(|e| (e.path.as_str(), e)).collect(),
        plan: Plan {
            enums: CodeEnums::new(facts)?,
            ..Plan::default()
        },
        names: Unique::default(),
    };
    for name in CORE_TYPES.iter().chain(RESERVED) {
        planner.names.take(name, "the crate's own")?;
    }
    for fact in &facts.types {
        if fact.kind != TypeKind::Primitive && !fact.is_abstract {
            let definition = planner
                .definition(fact)
                .with_context(|| format!("in {}", fact.name))?;
            planner.plan.definitions.push(definition);
        }
    }
    let mut modules = Unique::default();
    for definition in &planner.plan.definitions {
        modules.take(&definition.module, &definition.name)?;
    }
    Ok(planner.plan)
}

struct Planner<'a> {
    facts: &'a Facts,
    types: BTreeMap<&'a str, &'a TypeFact>,
    paths: BTreeMap<&'a str, &'a ElementFact>,
    plan: Plan,
    names: Unique,
}

impl<'a> Planner<'a> {
    fn definition(&mut self, fact: &'a TypeFact) -> Result<Definition> {
        let prefix = format!("{}.", fact.name);
        let elements = self.facts.elements.iter();
        let elements: Vec<_> = elements.filter(|e| e.path.starts_with(&prefix)).collect();
        let parents: BTreeSet<&str> = elements.iter().filter_map(|e| parent(&e.path)).collect();
        let mut items = Vec::new();
        let declare = fact.kind != TypeKind::Profile;
        self.structure(&fact.name, &elements, declare, &mut items)?;
        for element in &elements {
            if parents.contains(element.path.as_str()) {
                ensure!(
                    is_backbone(element),
                    "`{}` has elements but is no backbone",
                    element.path
                );
                self.structure(&element.path, &elements, declare, &mut items)?;
            } else if is_backbone(element) {
                bail!("`{}` has no elements", element.path);
            } else if element.path.ends_with("[x]") {
                let choice = self.choice(element)?;
                if choice.name == OPEN_TYPE {
                    self.plan.open.get_or_insert(choice);
                } else {
                    self.names.take(&choice.name, &choice.path)?;
                    items.push(Item::Choice(choice));
                }
            }
        }
        Ok(Definition {
            name: fact.name.clone(),
            module: names::field(&fact.name),
            kind: fact.kind,
            page: fact.page.clone(),
            items,
        })
    }

    /// Adds the struct for `path`.
    fn structure(
        &mut self,
        path: &str,
        elements: &[&'a ElementFact],
        declare: bool,
        items: &mut Vec<Item>,
    ) -> Result<()> {
        let name = names::type_name(path);
        if declare {
            self.names.take(&name, path)?;
        }
        let mut rust_names = Unique::default();
        rust_names.take("extras", "what the payload held beside these")?;
        let mut fields = Vec::new();
        for element in elements.iter().filter(|e| parent(&e.path) == Some(path)) {
            let field = self
                .field(element)
                .with_context(|| format!("in `{}`", element.path))?;
            rust_names.take(&field.rust, &field.path)?;
            fields.push(field);
        }
        let invariants = if path.contains('.') {
            Vec::new()
        } else {
            self.type_invariants(path)?
        };
        items.push(Item::Struct(Struct {
            path: path.to_owned(),
            name,
            fields,
            invariants,
        }));
        Ok(())
    }

    /// The invariants of a type and its bases, those of the bases first.
    fn type_invariants(&mut self, name: &str) -> Result<Vec<String>> {
        let mut statics = Vec::new();
        let mut next = Some(name);
        while let Some(name) = next {
            let element = self.paths.get(name).context("no element for the type")?;
            let of_type = self.plan.tables.invariants(self.facts, element)?;
            statics.splice(0..0, of_type.into_iter().map(|(name, _)| name));
            next = self.types[name].base.as_deref();
        }
        Ok(statics)
    }

    fn field(&mut self, element: &'a ElementFact) -> Result<Field> {
        let last = element.path.rsplit('.').next().unwrap_or_default();
        let json = last.trim_end_matches("[x]");
        let many = element.max != Max::Count(1) && element.max != Max::Count(0);
        let place = self.place(element, many)?;
        let types_static = self.types_static(element)?;
        let binding = match element.strength {
            Some(_) => Some(self.plan.tables.binding(element)?),
            None => None,
        };
        Ok(Field {
            path: element.path.clone(),
            json: json.to_owned(),
            rust: names::field(json),
            min: element.min,
            max: element.max,
            place,
            many,
            types: if self.is_open(element) {
                "any type".to_owned()
            } else {
                types_in_words(element)
            },
            types_static,
            modifier: element.flags.modifier,
            summary: element.flags.summary,
            binding,
            invariants: self.field_invariants(element)?,
        })
    }

    /// The invariants declared on an element, and on the one whose content it shares.
    fn field_invariants(&mut self, element: &ElementFact) -> Result<Vec<String>> {
        let mut rules = self.plan.tables.invariants(self.facts, element)?;
        if let Some(path) = &element.content_reference {
            let shared = self.referenced(path)?;
            let shared = self.plan.tables.invariants(self.facts, shared)?;
            // TestScript repeats shared rules under other keys.
            let own: Vec<_> = rules.iter().map(|(_, rule)| &rule.expression).collect();
            let new = |rule: &InvariantFact| !own.contains(&&rule.expression);
            let shared: Vec<_> = shared.into_iter().filter(|(_, rule)| new(rule)).collect();
            rules.extend(shared);
        }
        Ok(rules.into_iter().map(|(name, _)| name).collect())
    }

    fn referenced(&self, path: &str) -> Result<&'a ElementFact> {
        let element = self.paths.get(path);
        let element = element.with_context(|| format!("unknown element `{path}`"))?;
        ensure!(
            is_backbone(element),
            "`{path}` is referred to but is no backbone"
        );
        Ok(element)
    }

    fn place(&self, element: &ElementFact, many: bool) -> Result<Place> {
        if let Some(path) = &element.content_reference {
            ensure!(
                element.types.is_empty(),
                "has both types and a content reference"
            );
            self.referenced(path)?;
            return Ok(Place::Element(names::type_name(path)));
        }
        if element.path.ends_with("[x]") {
            ensure!(!many, "is a choice that repeats");
            let choice = self.choice(element)?;
            let suffixes = choice
                .variants
                .iter()
                .map(|v| (v.name.clone(), v.primitive));
            return Ok(Place::Choice(choice.name, suffixes.collect()));
        }
        let [one] = element.types.as_slice() else {
            bail!("has {} types but is no choice", element.types.len());
        };
        if one.code.starts_with("System.") {
            ensure!(!many, "is an attribute that repeats");
            // The ids of resources are elements in XML.
            return Ok(match one.fhir_type.as_deref() {
                Some("id") => Place::Primitive(scalar("id")?),
                _ => Place::Attribute,
            });
        }
        if is_backbone(element) {
            return Ok(Place::Element(names::type_name(&element.path)));
        }
        if one.code == "Resource" {
            return Ok(Place::Resource);
        }
        let (rust, primitive) = self.rust_type(&one.code)?;
        if !primitive {
            return Ok(Place::Element(rust));
        }
        let coded = self.plan.enums.of(element);
        let rust = coded.map_or(rust, |name| format!("codes::{name}"));
        Ok(Place::Primitive(rust))
    }

    /// The Rust type for a FHIR type, and whether it is primitive.
    fn rust_type(&self, code: &str) -> Result<(String, bool)> {
        let fact = self.types.get(code);
        let fact = fact.with_context(|| format!("unknown type `{code}`"))?;
        Ok(match fact.kind {
            TypeKind::Primitive => (scalar(code)?, true),
            TypeKind::Complex if !fact.is_abstract => (code.to_owned(), false),
            TypeKind::Profile => {
                let base = fact.base.clone();
                let base = base.with_context(|| format!("`{code}` has no base"))?;
                (base, false)
            }
            TypeKind::Complex | TypeKind::Resource => bail!("`{code}` cannot be an element's type"),
        })
    }

    fn choice(&self, element: &ElementFact) -> Result<Choice> {
        let mut variants = Vec::new();
        let mut names = Unique::default();
        for one in &element.types {
            let (rust, primitive) = self.rust_type(&one.code)?;
            let name = names::capital(&one.code);
            names.take(&name, &one.code)?;
            variants.push(Variant {
                name,
                code: one.code.clone(),
                rust,
                primitive,
                distinct: false,
            });
        }
        let count = |rust: &str| variants.iter().filter(|v| v.rust == rust).count();
        let distinct: Vec<_> = variants.iter().map(|v| count(&v.rust) == 1).collect();
        for (variant, distinct) in variants.iter_mut().zip(distinct) {
            variant.distinct = distinct;
        }
        ensure!(variants.len() > 1, "is a choice of one type");
        let name = if self.is_open(element) {
            OPEN_TYPE.to_owned()
        } else {
            names::type_name(&element.path)
        };
        Ok(Choice {
            path: element.path.clone(),
            name,
            variants,
        })
    }

    /// Whether an element has the types that extensions have, and these are many. R4B has lists of many types
    /// that lack a few of these.
    fn is_open(&self, element: &ElementFact) -> bool {
        let codes = |element: &ElementFact| -> Vec<String> {
            element.types.iter().map(|one| one.code.clone()).collect()
        };
        let open = self.paths.get(OPEN_ELEMENT);
        element.types.len() > MANY_TYPES && open.is_some_and(|open| codes(open) == codes(element))
    }

    /// The static for the types of an element.
    fn types_static(&mut self, element: &ElementFact) -> Result<String> {
        let mut rows = Vec::new();
        if let Some(path) = &element.content_reference {
            rows.push(complex_row(path));
        }
        for one in &element.types {
            rows.push(self.type_row(element, one)?);
        }
        let plain = element.types.iter().all(|t| t.targets.is_empty());
        let name = match (element.types.as_slice(), &element.content_reference) {
            ([], Some(path)) => names::screaming(path),
            ([_], _) if is_backbone(element) => names::screaming(&element.path),
            ([one], _) if plain => {
                let code = one.fhir_type.as_ref().unwrap_or(&one.code);
                names::screaming(one.profiles.first().unwrap_or(code))
            }
            ([one], _) if one.targets.len() <= 2 => {
                let names = one.targets.iter().filter_map(|t| t.rsplit('/').next());
                let targets: Vec<_> = names.map(names::screaming).collect();
                let code = names::screaming(&one.code);
                format!("{code}_TO_{}", targets.join("_OR_"))
            }
            _ if self.is_open(element) => names::screaming(OPEN_TYPE),
            _ => names::screaming(&element.path),
        };
        self.plan.tables.types(name, rows)
    }

    /// One type as an expression.
    fn type_row(&self, element: &ElementFact, one: &crate::spec::facts::TypeRef) -> Result<String> {
        if is_backbone(element) {
            return Ok(complex_row(&element.path));
        }
        if one.code == "Resource" {
            return Ok("Type::resource()".to_owned());
        }
        let code = match &one.fhir_type {
            Some(fhir_type) => fhir_type,
            None if one.code.starts_with("System.") => bail!("has a system type and no FHIR type"),
            None => &one.code,
        };
        let mut row = match self.types.get(code.as_str()).map(|t| t.kind) {
            Some(TypeKind::Primitive) => {
                let kind = names::capital(code);
                format!("Type::primitive(\"{code}\", \"{kind}\", PrimitiveKind::{kind})")
            }
            Some(TypeKind::Complex | TypeKind::Profile) => match one.profiles.as_slice() {
                [] => complex_row(code),
                [profile] => {
                    let fact = self.types.get(profile.as_str());
                    let profiled = fact.is_some_and(|t| t.base.as_ref() == Some(code));
                    ensure!(profiled, "`{profile}` is no profile on `{code}`");
                    format!("{}.suffixed(\"{code}\")", complex_row(profile))
                }
                _ => bail!("has a type with several profiles"),
            },
            _ => bail!("unknown type `{code}`"),
        };
        // A reference to `Resource` is one to anything.
        let targets: Vec<_> = one.targets.iter().map(|t| format!("\"{t}\"")).collect();
        if !targets.is_empty() && one.targets != ["Resource"] {
            row += &format!(".targets(&[{}])", targets.join(", "));
        }
        Ok(row)
    }
}

/// A type or backbone as an expression.
fn complex_row(path: &str) -> String {
    let module = names::field(path.split('.').next().unwrap_or_default());
    let schema = names::screaming(path);
    format!("Type::complex(\"{path}\", &super::{module}::{schema})")
}

/// The Rust type that holds a primitive's value.
fn scalar(code: &str) -> Result<String> {
    let name = match code {
        "boolean" => return Ok("bool".to_owned()),
        "integer" | "positiveInt" | "unsignedInt" => return Ok("i32".to_owned()),
        "string" => "Str".to_owned(),
        code => names::capital(code),
    };
    ensure!(
        CORE_TYPES.contains(&name.as_str()),
        "no Rust type for the primitive `{code}`"
    );
    Ok(name)
}

/// The path of the type that has this element.
fn parent(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(parent, _)| parent)
}

/// Whether the element is defined in place.
fn is_backbone(element: &ElementFact) -> bool {
    matches!(element.types.as_slice(), [one] if one.code == "BackboneElement" || one.code == "Element")
}

/// The types of an element as documentation.
fn types_in_words(element: &ElementFact) -> String {
    if let Some(path) = &element.content_reference {
        return format!("as `{path}`");
    }
    let types = element.types.iter().map(|one| {
        let code = match &one.fhir_type {
            Some(fhir_type) => fhir_type,
            None => one.profiles.first().unwrap_or(&one.code),
        };
        let targets = one.targets.iter().map(|target| {
            if target.contains(':') {
                format!("<{target}>")
            } else {
                format!("`{target}`")
            }
        });
        let targets: Vec<_> = targets.collect();
        let to = if targets.is_empty() { "" } else { " to " };
        format!("`{code}`{to}{}", targets.join(", "))
    });
    types.collect::<Vec<_>>().join(" or ")
}
