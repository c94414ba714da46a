//! The values that an element may have.

use crate::definition::container;
use crate::document::Document;
use crate::facts;
use crate::hover::{holder, outline_name};
use crate::outline::{Id, Kind, Node};
use crate::place::Place;
use healthcode_core::BindingStrength;
use healthcode_extensions::codes;
use healthcode_validate::facts as tables;
use lsp_types::CompletionItemKind;

/// A value and what there is to say of it.
pub(super) struct Value {
    pub(super) text: String,
    pub(super) detail: Option<String>,
    pub(super) kind: CompletionItemKind,
}

impl Value {
    fn new(text: &str, detail: Option<&str>, kind: CompletionItemKind) -> Value {
        Value {
            text: text.to_owned(),
            detail: detail.map(str::to_owned),
            kind,
        }
    }
}

/// The values that are possible at a node.
pub(super) fn at(document: &Document, id: Id) -> Vec<Value> {
    let Some(node) = document.outline().get(id) else {
        return Vec::new();
    };
    let place = document.places().of(id);
    let is_root_type = place.names_type
        || place.owner.is_none() && outline_name(document, id, node) == "resourceType";
    if is_root_type {
        let names = document.release().resources.iter();
        return names
            .map(|name| Value::new(name, None, CompletionItemKind::CLASS))
            .collect();
    }
    let owner = place.owner.map_or("", |owner| owner.name);
    match (owner, outline_name(document, id, node)) {
        ("Extension", "url") => extensions(document),
        ("Reference", "reference") => references(document, id, node),
        ("Coding" | "Quantity", "code") => coded(document, id, node, &place),
        ("Coding", "system") => systems(document, &place),
        _ if node.kind == Kind::Object => Vec::new(),
        _ => required(document, &place),
    }
}

/// The codes of a required binding, and true and false.
fn required(document: &Document, place: &Place) -> Vec<Value> {
    let Some(ty) = place.ty else {
        return Vec::new();
    };
    if ty.code == "boolean" && document.syntax == crate::outline::Syntax::Xml {
        let words = ["true", "false"].iter();
        return words
            .map(|word| Value::new(word, None, CompletionItemKind::VALUE))
            .collect();
    }
    let binding = place.binding.filter(|_| ty.primitive.is_some());
    let Some(binding) = binding.filter(|binding| binding.strength == BindingStrength::Required)
    else {
        return Vec::new();
    };
    let codes = tables::codes(document.release(), binding.value_set);
    let codes = codes.unwrap_or_default().into_iter();
    codes
        .map(|(system, code)| Value::new(code, Some(system), CompletionItemKind::ENUM_MEMBER))
        .collect()
}

/// The codes of a coding: those of its system, or of the binding.
fn coded(document: &Document, id: Id, node: &Node, place: &Place) -> Vec<Value> {
    let outline = document.outline();
    let holder = holder(document, id, node);
    let system =
        holder.and_then(|holder| outline.text_of(document.text.as_str(), holder, "system"));
    let own = system.map(codes::of_system).unwrap_or_default();
    if !own.is_empty() {
        let own = own.iter();
        return own
            .map(|(code, display)| Value::new(code, Some(display), CompletionItemKind::ENUM_MEMBER))
            .collect();
    }
    let codes = place
        .binding
        .and_then(|binding| tables::codes(document.release(), binding.value_set));
    let codes = codes.unwrap_or_default().into_iter();
    let codes = codes.filter(|(of, _)| system.is_none_or(|system| system == *of));
    codes
        .map(|(system, code)| Value::new(code, Some(system), CompletionItemKind::ENUM_MEMBER))
        .collect()
}

/// The code systems of the binding; without one, Healthcode's.
fn systems(document: &Document, place: &Place) -> Vec<Value> {
    let codes = place
        .binding
        .and_then(|binding| tables::codes(document.release(), binding.value_set));
    let mut systems: Vec<&str> = codes
        .unwrap_or_default()
        .into_iter()
        .map(|(system, _)| system)
        .collect();
    systems.dedup();
    if systems.is_empty() {
        systems.extend(codes::SYSTEMS);
    }
    systems
        .into_iter()
        .map(|system| Value::new(system, None, CompletionItemKind::MODULE))
        .collect()
}

/// The URLs of extensions: Healthcode's, those of loaded packages, and those of R4.
fn extensions(document: &Document) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    for (url, meaning) in healthcode_extensions::documented() {
        if values.last().is_none_or(|last| last.text != url) {
            values.push(Value::new(
                url,
                Some(meaning),
                CompletionItemKind::REFERENCE,
            ));
        }
    }
    let of_packages = document.project().map(crate::host::Project::extensions);
    let of_packages = of_packages.unwrap_or_default().iter();
    values.extend(of_packages.map(|url| Value::new(url, None, CompletionItemKind::REFERENCE)));
    values.extend(tables::extensions().map(|extension| {
        Value::new(
            extension.url,
            Some(extension.contexts),
            CompletionItemKind::REFERENCE,
        )
    }));
    values
}

/// The resources that a reference may be to: entries of the Bundle, and resources that are contained.
fn references(document: &Document, id: Id, node: &Node) -> Vec<Value> {
    let places = document.places();
    let of_reference = holder(document, id, node).map(|holder| places.of(holder));
    let targets = of_reference
        .and_then(|place| place.ty)
        .map_or(&[][..], |ty| ty.targets);
    let fits = |name: &str| {
        let mut types = targets.iter().map(|target| facts::last_step(target));
        targets.is_empty() || types.any(|one| one == name || one == "Resource")
    };
    let container = container(document, id);
    let mut values = Vec::new();
    for entry in document.entries() {
        if !fits(&entry.type_name) {
            continue;
        }
        let name = entry.type_name.as_str();
        if let Some(around) = entry.container {
            if Some(around) == container
                && let Some(own) = &entry.id
            {
                let text = format!("#{own}");
                values.push(Value::new(&text, Some(name), CompletionItemKind::REFERENCE));
            }
            continue;
        }
        if Some(entry.node) == container && entry.full_url.is_none() {
            continue;
        }
        if let Some(url) = &entry.full_url {
            values.push(Value::new(url, Some(name), CompletionItemKind::REFERENCE));
        }
        if let Some(own) = &entry.id {
            let text = format!("{name}/{own}");
            values.push(Value::new(&text, Some(name), CompletionItemKind::REFERENCE));
        }
    }
    values
}
