//! Texts about elements, extensions and codes.

use crate::host::Project;
use crate::place::Place;
use healthcode_core::{
    Binding, BindingStrength, Field, Release, Schema, SchemaKind, Type, UNBOUNDED,
};
use healthcode_extensions::codes;
use healthcode_uk::NhsNumber;
use healthcode_validate::facts;
use std::fmt::Write;

/// The system of NHS numbers.
pub(crate) const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

/// What an element may hold, in Markdown: `type` and cardinality in the first line, then its binding.
pub(crate) fn element(place: &Place, release: &Release) -> Option<String> {
    let (field, ty) = (place.field?, place.ty?);
    let mut text = String::new();
    let types = if field.choice && field.types.len() > 1 {
        let names: Vec<String> = field.types.iter().map(type_name).collect();
        format!("{} (of {})", type_name(ty), names.join(" | "))
    } else {
        type_name(ty)
    };
    let _ = write!(
        text,
        "`{}` · {} · {}",
        place.path,
        types,
        cardinality(field)
    );
    if place.is_metadata {
        text += " · id and extensions";
    }
    if field.modifier {
        text += " · modifier";
    }
    if field.summary {
        text += " · summary";
    }
    if let Some(binding) = place.binding {
        let _ = write!(text, "\n\n{}", bound(binding));
    }
    let rules = field.invariants.iter().map(|invariant| invariant.key);
    let rules: Vec<&str> = rules.collect();
    if !rules.is_empty() {
        let _ = write!(text, "\n\nInvariants: {}", rules.join(", "));
    }
    if let Some(definition) = place.definition()
        && let Some(page) = place.owner.and_then(|owner| page(owner, release))
    {
        let anchor = anchor(&definition, release);
        let _ = write!(text, "\n\n[{definition}]({page}#{anchor})");
    }
    Some(text)
}

/// What a type of resource is, with its page.
pub(crate) fn resource(schema: &Schema, release: &Release) -> String {
    let mut text = format!("`{}` · resource of {}", schema.name, release.name);
    if let Some(page) = page(schema, release) {
        let page = page.replace("-definitions.html", ".html");
        let _ = write!(text, "\n\n[{}]({page})", schema.name);
    }
    text
}

/// How often an element occurs: `0..*`.
pub(crate) fn cardinality(field: &Field) -> String {
    match field.max {
        UNBOUNDED => format!("{}..*", field.min),
        max => format!("{}..{max}", field.min),
    }
}

/// A type with what it may refer to: `Reference(Patient | Group)`.
pub(crate) fn type_name(ty: &Type) -> String {
    // A backbone's type is its path.
    let name = if ty.code.contains('.') {
        "BackboneElement"
    } else {
        ty.code
    };
    if ty.targets.is_empty() {
        return name.to_owned();
    }
    let targets = ty.targets.iter().map(|target| last_step(target));
    format!("{name}({})", targets.collect::<Vec<_>>().join(" | "))
}

/// What is behind the last slash.
pub(crate) fn last_step(url: &str) -> &str {
    url.rsplit_once('/').map_or(url, |(_, name)| name)
}

pub(crate) fn strength(binding: &Binding) -> &'static str {
    match binding.strength {
        BindingStrength::Required => "required",
        BindingStrength::Extensible => "extensible",
        BindingStrength::Preferred => "preferred",
        _ => "example",
    }
}

fn bound(binding: &Binding) -> String {
    let mut text = format!("Binding: {}, <{}>", strength(binding), binding.value_set);
    if !binding.max_value_set.is_empty() {
        let _ = write!(text, "; at most <{}>", binding.max_value_set);
    }
    text
}

/// The page of the specification that defines a type's elements.
fn page(schema: &Schema, release: &Release) -> Option<String> {
    let (name, _) = schema.name.split_once('.').unwrap_or((schema.name, ""));
    let file = match name {
        "Extension" => "extensibility",
        "Reference" | "CodeableReference" => "references",
        "Narrative" => "narrative",
        "Meta" => "resource",
        "Dosage" => "dosage",
        "ElementDefinition" => "elementdefinition",
        "ContactDetail"
        | "Contributor"
        | "DataRequirement"
        | "Expression"
        | "ParameterDefinition"
        | "RelatedArtifact"
        | "TriggerDefinition"
        | "UsageContext" => "metadatatypes",
        _ => match release.find(name)?.kind {
            SchemaKind::Resource => return Some(base(release, &name.to_ascii_lowercase())),
            SchemaKind::DataType => "datatypes",
            _ => return None,
        },
    };
    Some(base(release, file))
}

fn base(release: &Release, file: &str) -> String {
    format!(
        "http://hl7.org/fhir/{}/{file}-definitions.html",
        release.name
    )
}

/// The place in a page: R5 has brackets, earlier releases underscores.
fn anchor(definition: &str, release: &Release) -> String {
    if release.name == "R5" {
        return definition.replace('[', "%5B").replace(']', "%5D");
    }
    definition.replace(['[', ']'], "_")
}

/// What an extension says.
pub(crate) fn extension(
    url: &str,
    release: &'static Release,
    project: Option<&dyn Project>,
) -> Option<String> {
    let mut meanings: Vec<&str> = Vec::new();
    for (documented, meaning) in healthcode_extensions::documented() {
        if documented == url && !meanings.contains(&meaning) {
            meanings.push(meaning);
        }
    }
    if !meanings.is_empty() {
        return Some(format!("Extension of Healthcode: {}", meanings.join(" ")));
    }
    if let Some(facts) = facts::extension(release, url) {
        let mut text = format!("Extension of {}", release.name);
        if facts.modifier {
            text += " · modifier";
        }
        let max = facts.max.map_or("*".to_owned(), |max| max.to_string());
        let _ = write!(text, " · 0..{max}");
        match facts.types {
            "" => text += " · with parts",
            types => {
                let _ = write!(text, " · {}", types.replace(';', " | "));
            }
        }
        let _ = write!(text, "\n\nContext: {}", facts.contexts.replace(',', ", "));
        return Some(text);
    }
    let definition = project?.profiles().definition_of(url)?;
    if definition.type_.as_str() != Some("Extension") {
        return None;
    }
    let title = definition.title.as_str().or(definition.name.as_str());
    let mut text = format!("Extension: {}", title.unwrap_or(url));
    if let Some(description) = definition.description.as_str() {
        let _ = write!(text, "\n\n{description}");
    }
    let contexts = definition.context.iter();
    let contexts = contexts.filter_map(|context| context.expression.as_str());
    let contexts: Vec<&str> = contexts.collect();
    if !contexts.is_empty() {
        let _ = write!(text, "\n\nContext: {}", contexts.join(", "));
    }
    Some(text)
}

/// What a code of a system means, or whether the system has it.
pub(crate) fn code(
    system: &str,
    code: &str,
    release: &'static Release,
    project: Option<&dyn Project>,
) -> Option<String> {
    let own = codes::of_system(system)
        .iter()
        .find(|(one, _)| *one == code);
    let profiles = project.map(Project::profiles);
    let display = own.map(|(_, display)| *display);
    let display = display.or_else(|| profiles?.display_of(system, code));
    if let Some(display) = display {
        return Some(format!("`{code}`: {display} · <{system}>"));
    }
    let is = if facts::system_has(release, system, code)? {
        "is"
    } else {
        "is not"
    };
    Some(format!("`{code}` {is} a code of <{system}>"))
}

/// Whether a text is an NHS number.
pub(crate) fn nhs_number(text: &str) -> &'static str {
    match NhsNumber::parse(text) {
        Ok(_) => "NHS number with a correct check digit",
        Err(_) => "Invalid NHS number: expected ten digits with a correct check digit",
    }
}
