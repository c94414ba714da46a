//! [`LoadedExtension`]: the contexts and parts of an extension whose definition was loaded.

use super::ProfileSet;
use super::constant::Constant;
use super::node::{Node, type_name};
use healthcode_fhirpath::Expression;
use healthcode_r4::StructureDefinition;
use healthcode_r4::codes::{ExtensionContextType, SlicingRules};

/// How deep the parts of parts are looked at.
const DEPTH: u32 = 16;

/// The definition of an extension.
#[derive(Debug)]
pub(crate) struct LoadedExtension {
    pub(crate) url: Box<str>,
    pub(crate) modifier: bool,
    /// Where it may be; anywhere if the list is empty.
    pub(crate) contexts: Vec<Context>,
    /// What holds for the element that has the extension; `None` for an expression that is wrong.
    pub(crate) invariants: Vec<Option<Expression>>,
    pub(crate) parts: Option<Parts>,
}

/// A place where an extension may be.
#[derive(Debug)]
pub(crate) enum Context {
    /// The elements at this path, or of this type.
    Element(Box<str>),
    /// The extension of this URL.
    Extension(Box<str>),
    /// What the expression selects in the resource; `None` for one that is wrong.
    FhirPath(Option<Expression>),
    /// A context of unknown kind.
    Unknown,
}

/// The parts that a complex extension names, by their URLs.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) named: Vec<(Box<str>, Option<Parts>)>,
}

impl LoadedExtension {
    pub(super) fn new(
        set: &ProfileSet,
        definition: &StructureDefinition,
        tree: Option<&Node>,
    ) -> LoadedExtension {
        let compile = |text: Option<&str>| Expression::compile(text?).ok();
        let contexts = definition.context.iter().map(|context| {
            match (context.type_.value(), context.expression.as_str()) {
                (Some(ExtensionContextType::Element), Some(id)) => Context::of_element(set, id),
                (Some(ExtensionContextType::Extension), Some(url)) => {
                    Context::Extension(url.into())
                }
                (Some(ExtensionContextType::Fhirpath), text) => Context::FhirPath(compile(text)),
                _ => Context::Unknown,
            }
        });
        let invariants = definition.context_invariant.iter();
        LoadedExtension {
            url: definition.url.as_str().unwrap_or_default().into(),
            modifier: tree.is_some_and(|tree| tree.definition.is_modifier == true),
            contexts: contexts.collect(),
            invariants: invariants
                .map(|invariant| compile(invariant.as_str()))
                .collect(),
            parts: tree.and_then(|tree| Parts::of(tree, 0)),
        }
    }
}

impl Context {
    /// The place that the id of an element means, which is a type, a path, or `[url]#[path]`
    /// (FHIR R4 defining-extensions.html#context). The names of slices in it are passed over.
    fn of_element(set: &ProfileSet, id: &str) -> Context {
        let path = match id.rsplit_once('#') {
            Some((_, path)) => Some(path.into()),
            None if id.contains('/') => {
                let of_standard = type_name(id).map(Box::from);
                of_standard.or_else(|| set.type_of(id))
            }
            None => Some(id.into()),
        };
        let Some(path) = path else {
            return Context::Unknown;
        };
        let steps = path.split('.').filter_map(|step| step.split(':').next());
        Context::Element(steps.collect::<Vec<_>>().join(".").into())
    }
}

impl Parts {
    /// The parts that an extension names; `None` if it may have others, or that is not known.
    fn of(node: &Node, depth: u32) -> Option<Parts> {
        if depth > DEPTH {
            return None;
        }
        let list = node.child("extension")?;
        let slicing = list.definition.slicing.as_ref();
        let closed =
            slicing.is_some_and(|slicing| slicing.rules.value() == Some(&SlicingRules::Closed));
        // What is not named is reported as more than there may be, or as in no slice.
        if closed || list.max() == Some(0) {
            return None;
        }
        let mut parts = Parts::default();
        for slice in &list.slices {
            parts.add(slice, depth)?;
        }
        Some(parts)
    }

    /// Adds the part that a slice names; `None` if it names none.
    fn add(&mut self, slice: &Node, depth: u32) -> Option<()> {
        if let Some(url) = slice.child("url").and_then(|url| {
            let fixed = Constant::in_field(&url.definition, "fixed");
            fixed.or_else(|| Constant::in_field(&url.definition, "pattern"))
        }) {
            let inner = Parts::of(slice, depth + 1);
            self.named.push((url.as_text()?.into(), inner));
            return Some(());
        }
        // An extension of its own has an absolute URL.
        let of_profile = slice
            .definition
            .type_
            .iter()
            .any(|one| !one.profile.is_empty());
        of_profile.then_some(())
    }
}
