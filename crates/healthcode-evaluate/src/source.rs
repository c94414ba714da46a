//! Where R4's parameters look: the FHIRPath expression of each, compiled.

use super::walk::Found;
use healthcode_core::{Element, PrimitiveKind, ValueRef};
use healthcode_fhirpath::{Collection, Environment, Expression, Item, Node};
use healthcode_r4::Reference;
use healthcode_search::{ParameterType, SearchParameter, search_parameter};
use std::cell::RefCell;
use std::rc::Rc;

/// A parameter of a type of resource, ready to be evaluated.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) parameter: &'static SearchParameter,
    expression: Expression,
    parts: Vec<Expression>,
    /// The one type of resource to which references count: `where(resolve() is Patient)`. It is checked
    /// apart from the expression, for which a reference that leads nowhere would be of no type.
    only: Option<&'static str>,
}

/// A value that a parameter looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Valued<'a> {
    pub(super) found: Found<'a>,
    /// Which primitive it is, if it is one.
    pub(super) kind: Option<PrimitiveKind>,
    /// The element it is, for what is looked up from there.
    node: Option<Node<'a>>,
}

impl<'a> From<Found<'a>> for Valued<'a> {
    fn from(found: Found<'a>) -> Self {
        Valued {
            found,
            kind: None,
            node: None,
        }
    }
}

impl Source {
    /// The parameter of this name; none if it has no expression.
    pub(super) fn of(resource: &str, name: &str) -> Option<Source> {
        let parameter = search_parameter(resource, name)?;
        if parameter.parameter_type() == ParameterType::Special {
            return None;
        }
        let (text, only) = apart(parameter.expression()?);
        let parts = parameter.component_expressions().iter();
        let parts = parts.map(|text| Expression::compile(text).ok());
        Some(Source {
            parameter,
            expression: Expression::compile(&text).ok()?,
            parts: parts.collect::<Option<_>>()?,
            only,
        })
    }

    /// Whether references to a type of resource count.
    pub(super) fn means(&self, resource: &str) -> bool {
        self.only.is_none_or(|only| only == resource)
    }

    /// The values in a resource. What cannot be evaluated is as what cannot be read.
    pub(super) fn values<'a>(&self, resource: &'a dyn Element) -> Vec<Valued<'a>> {
        let environment = Environment::new(resource).casts_filter(true);
        valued(self.expression.evaluate(&environment).ok())
    }

    /// The values of each part of a composite, for each of the elements that have them.
    pub(super) fn composites<'a>(&self, resource: &'a dyn Element) -> Vec<Vec<Vec<Valued<'a>>>> {
        let mut environment = Environment::new(resource).casts_filter(true);
        let found = valued(self.expression.evaluate(&environment).ok());
        let mut composites = Vec::with_capacity(found.len());
        for found in found {
            let Some(node) = found.node else { continue };
            environment.at(node);
            let parts = self.parts.iter();
            let parts = parts.map(|part| valued(part.evaluate(&environment).ok()));
            composites.push(parts.collect());
        }
        composites
    }
}

/// An expression without the types of resource that its references have to lead to, and that type.
fn apart(expression: &'static str) -> (String, Option<&'static str>) {
    let mut text = expression.to_owned();
    let mut only = None;
    for (at, _) in expression.match_indices(IS) {
        let rest = expression.get(at + IS.len()..).unwrap_or_default();
        if let Some((name, _)) = rest.split_once(')') {
            text = text.replace(&format!("{IS}{name})"), "");
            only = Some(name);
        }
    }
    (text, only)
}

const IS: &str = ".where(resolve() is ";

fn valued(items: Option<Collection<'_>>) -> Vec<Valued<'_>> {
    match items {
        Some(items) => items.into_iter().filter_map(value).collect(),
        None => vec![Found::Malformed.into()],
    }
}

fn value(item: Item<'_>) -> Option<Valued<'_>> {
    let node = match item {
        Item::Node(node) => node,
        Item::Boolean(value) => return Some(Found::Boolean(value).into()),
        Item::Integer(value) => return Some(Found::Integer(value).into()),
        _ => return Some(Found::Malformed.into()),
    };
    let found = match (node.as_element(), node.value()) {
        (Some(element), _) => Found::Element(element),
        (_, Some(ValueRef::Text(text))) => Found::Text(text),
        (_, Some(ValueRef::Boolean(value))) => Found::Boolean(value),
        (_, Some(ValueRef::Integer(value))) => Found::Integer(value),
        (_, Some(ValueRef::Decimal(text))) => Found::Decimal(text),
        // Extensions alone are no value.
        _ if node.metadata()?.extras().is_empty() => return None,
        _ => Found::Malformed,
    };
    Some(Valued {
        found,
        kind: node.primitive_kind(),
        node: Some(node),
    })
}

/// What has been compiled, by type of resource.
type Compiled = Vec<(&'static str, Option<Rc<Source>>)>;

/// A parameter in resources of whatever type it is met in.
#[derive(Clone, Debug)]
pub(super) struct Sources<'q> {
    name: &'q str,
    known: RefCell<Compiled>,
}

impl<'q> Sources<'q> {
    pub(super) fn new(name: &'q str) -> Self {
        Sources {
            name,
            known: RefCell::default(),
        }
    }

    /// The parameter in resources of a type.
    pub(super) fn of(&self, resource: &str) -> Option<Rc<Source>> {
        let mut known = self.known.borrow_mut();
        if let Some((_, source)) = known.iter().find(|pair| pair.0 == resource) {
            return source.clone();
        }
        let source = Source::of(resource, self.name).map(Rc::new);
        known.push((healthcode_search::resource(resource)?, source.clone()));
        source
    }
}

/// The text of what a value refers to.
pub(super) fn referred(found: Found<'_>) -> Option<&str> {
    match found {
        Found::Text(text) => Some(text),
        Found::Element(element) => element.downcast_ref::<Reference>()?.reference.as_str(),
        _ => None,
    }
}

/// The type of resource that a reference says it leads to.
pub(super) fn named_type(found: Found<'_>) -> Option<&str> {
    let said = match found {
        Found::Element(element) => element.downcast_ref::<Reference>()?.type_.as_str(),
        _ => None,
    };
    let known = |text: &&str| healthcode_search::is_resource(text);
    said.filter(known).or_else(|| {
        let named = referred(found)?
            .split("/_history/")
            .next()?
            .rsplit('/')
            .nth(1);
        named.filter(known)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_compiles() {
        let (mut with, mut without) = (0, Vec::new());
        for resource in healthcode_search::resources() {
            for parameter in healthcode_search::search_parameters(resource) {
                let name = parameter.name();
                match Source::of(resource, name) {
                    Some(source) => {
                        let text = source.expression.to_string();
                        assert!(!text.contains("resolve"), "{resource}.{name}: {text}");
                        assert_eq!(source.parts.len(), parameter.components().len());
                        with += 1;
                    }
                    None => without.push(name),
                }
            }
        }
        without.sort_unstable();
        without.dedup();
        assert_eq!(without, ["_content", "_query", "_text", "near", "phonetic"]);
        assert_eq!(with, 2566);
    }

    #[test]
    fn types_are_asked_apart() {
        for (expression, text, only) in [
            ("A.b", "A.b", None),
            ("A.b.where(resolve() is P)", "A.b", Some("P")),
            (
                "A.b.where(resolve() is P) | A.c.where(resolve() is P)",
                "A.b | A.c",
                Some("P"),
            ),
        ] {
            assert_eq!(apart(expression), (text.to_owned(), only));
        }
    }
}
