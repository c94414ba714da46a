//! [`Chain`]: paths of plain steps, walked without the evaluator.

use healthcode_core::{Element, FieldRef, Fields, Schema, ValueRef};
use healthcode_fhirpath::{Expression, Item, Node, PathStep};
use std::ops::Range;
use std::sync::atomic::{AtomicU16, Ordering};

/// A path of plain steps: `code.coding.first().code`. The last one may be a key: `subject.getReferenceKey(Patient)`.
#[derive(Debug)]
pub(crate) struct Chain {
    segments: Vec<Segment>,
    /// Whether the path ends in the keys of references, maybe of those to one type alone.
    key: Option<Option<Box<str>>>,
}

/// Steps, and which of the elements that they lead to is taken.
#[derive(Debug, Default)]
struct Segment {
    steps: Vec<Step>,
    nth: Option<usize>,
}

#[derive(Debug)]
enum Step {
    /// The name, and its index in the schema that was used last.
    Member(Box<str>, AtomicU16),
    OfType(Box<str>),
    Extension(Box<str>),
    /// The item itself, if it is a resource.
    Resource,
}

/// Takes the elements that a path leads to; says whether more are wanted.
type Sink<'s, 'a> = &'s mut dyn FnMut(Node<'a>) -> bool;

impl Chain {
    /// The steps of an expression, if it has nothing else.
    pub(crate) fn of(expression: &Expression) -> Option<Self> {
        let mut segments = vec![Segment::default()];
        let mut key = None;
        for step in expression.path_steps()? {
            if key.is_some() {
                return None;
            }
            let last = segments.last_mut()?;
            match step {
                PathStep::Member(name) => {
                    last.steps
                        .push(Step::Member(name.into(), AtomicU16::new(0)));
                }
                PathStep::OfType(name) => last.steps.push(Step::OfType(name.into())),
                PathStep::Extension(url) => last.steps.push(Step::Extension(url.into())),
                PathStep::Nth(nth) => {
                    last.nth = Some(nth);
                    segments.push(Segment::default());
                }
                PathStep::ResourceKey => {
                    last.steps.push(Step::Resource);
                    last.steps
                        .push(Step::Member("id".into(), AtomicU16::new(0)));
                }
                PathStep::ReferenceKey(of) => key = Some(of.map(Box::from)),
                _ => return None,
            }
        }
        Some(Chain { segments, key })
    }

    /// The path's value for a node that the steps lead to: the node itself, or its key if it has one.
    pub(crate) fn end<'a>(&self, node: Node<'a>) -> Option<Item<'a>> {
        let Some(of) = &self.key else {
            return Some(Item::Node(node));
        };
        let key = node.reference_key(of.as_deref());
        key.map(|key| Item::String(key.into()))
    }

    /// Whether it has no steps.
    pub(crate) fn is_this(&self) -> bool {
        let mut segments = self.segments.iter();
        self.key.is_none()
            && segments.all(|segment| segment.steps.is_empty() && segment.nth.is_none())
    }

    /// Passes the nodes that the steps lead to from a node to `out`. `known` are the node's own fields, if they have been
    /// listed already.
    pub(crate) fn walk<'a>(
        &self,
        node: Node<'a>,
        known: Option<Range<usize>>,
        fields: &mut Fields<'a>,
        out: Sink<'_, 'a>,
    ) {
        self.from(0, node, known, fields, out);
    }

    fn from<'a>(
        &self,
        at: usize,
        node: Node<'a>,
        known: Option<Range<usize>>,
        fields: &mut Fields<'a>,
        out: Sink<'_, 'a>,
    ) -> bool {
        let Some(segment) = self.segments.get(at) else {
            return out(node);
        };
        let Some(nth) = segment.nth else {
            return steps(&segment.steps, node, known, fields, out);
        };
        let (mut found, mut passed) = (None, 0);
        steps(&segment.steps, node, known, fields, &mut |node| {
            if passed == nth {
                found = Some(node);
                return false;
            }
            passed += 1;
            true
        });
        found.is_none_or(|node| self.from(at + 1, node, None, fields, out))
    }
}

fn steps<'a>(
    rest: &[Step],
    node: Node<'a>,
    known: Option<Range<usize>>,
    fields: &mut Fields<'a>,
    out: Sink<'_, 'a>,
) -> bool {
    let Some((step, rest)) = rest.split_first() else {
        return out(node);
    };
    let holder = node.as_element().or(node.metadata());
    match step {
        Step::OfType(name) => {
            let is = match node.as_element() {
                Some(_) => node.is_a(name),
                None => node.type_name() == &**name || &**name == "Element",
            };
            if is {
                steps(rest, node, known, fields, out)
            } else {
                true
            }
        }
        Step::Resource => {
            let element = node.as_element();
            if element.is_some_and(|element| element.schema().is_resource()) {
                steps(rest, node, known, fields, out)
            } else {
                true
            }
        }
        Step::Member(name, hint) => {
            let Some(element) = holder else {
                return true;
            };
            let Some(index) = index_of(element.schema(), name, hint) else {
                return true;
            };
            let found = fields_at(element, index, known, fields);
            each(element, found, fields, &mut |node, fields| {
                steps(rest, node, None, fields, out)
            })
        }
        Step::Extension(url) => {
            let Some(element) = holder else {
                return true;
            };
            let Some((index, _)) = element.schema().field("extension") else {
                return true;
            };
            let found = fields_at(element, index, known, fields);
            each(element, found, fields, &mut |node, fields| {
                let own = node
                    .as_element()
                    .and_then(|element| url_of(element, fields));
                if own == Some(&**url) {
                    steps(rest, node, None, fields, out)
                } else {
                    true
                }
            })
        }
    }
}

/// The index of a member in a schema; most paths use the same schema again and again.
fn index_of(schema: &'static Schema, name: &str, hint: &AtomicU16) -> Option<usize> {
    let known = usize::from(hint.load(Ordering::Relaxed));
    if schema
        .fields
        .get(known)
        .is_some_and(|field| field.name() == name)
    {
        return Some(known);
    }
    let (index, _) = schema.field(name)?;
    hint.store(u16::try_from(index).unwrap_or(0), Ordering::Relaxed);
    Some(index)
}

/// A field, and the second one that a primitive's metadata may be.
type Found<'a> = (Option<FieldRef<'a>>, Option<FieldRef<'a>>);

fn fields_at<'a>(
    element: &'a dyn Element,
    index: usize,
    known: Option<Range<usize>>,
    fields: &mut Fields<'a>,
) -> Found<'a> {
    if let Some(known) = known {
        let own = fields.since(0).get(known);
        return two_at(own.unwrap_or_default(), index);
    }
    let start = fields.len();
    element.fields(fields);
    let found = two_at(fields.since(start), index);
    fields.truncate(start);
    found
}

fn two_at<'a>(fields: &[FieldRef<'a>], index: usize) -> Found<'a> {
    let mut fields = fields.iter().copied();
    let first = fields.find(|field| usize::from(field.index) == index);
    let second = fields
        .next()
        .filter(|field| usize::from(field.index) == index);
    (first, second)
}

fn url_of<'a>(extension: &'a dyn Element, fields: &mut Fields<'a>) -> Option<&'a str> {
    let (index, _) = extension.schema().field("url")?;
    match fields_at(extension, index, None, fields).0?.value {
        ValueRef::Text(text) => Some(text),
        _ => None,
    }
}

/// Gives the values of a field one by one.
fn each<'a>(
    parent: &'a dyn Element,
    (first, second): Found<'a>,
    fields: &mut Fields<'a>,
    out: &mut dyn FnMut(Node<'a>, &mut Fields<'a>) -> bool,
) -> bool {
    let Some(field) = first else {
        return true;
    };
    let place = (field.index, field.choice);
    match field.value {
        ValueRef::Element(child) => out(Node::element(parent, place, 0, child), fields),
        ValueRef::Elements(list) => (0..list.count()).all(|index| {
            let child = list.element_at(index);
            out(Node::element(parent, place, index, child), fields)
        }),
        ValueRef::Primitives(list) => (0..list.count()).all(|index| {
            let (value, metadata) = (list.value_at(index), list.metadata_at(index));
            if value.is_none() && metadata.is_none() {
                return true;
            }
            out(
                Node::primitive(parent, place, index, value, metadata),
                fields,
            )
        }),
        ValueRef::Metadata(metadata) => {
            let node = Node::primitive(parent, place, 0, None, Some(metadata));
            out(node, fields)
        }
        value => {
            let metadata = match second.map(|field| field.value) {
                Some(ValueRef::Metadata(metadata)) => Some(metadata),
                _ => None,
            };
            let node = Node::primitive(parent, place, 0, Some(value), metadata);
            out(node, fields)
        }
    }
}
