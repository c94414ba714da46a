//! [`Places`]: where in a resource the items of a result are.

use crate::node::{Content, Node};
use healthcode_core::{Element, Fields, Path, Step, ValueRef};
use std::collections::HashMap;

/// Where in a value the elements of results are, as FHIRPath and as JSON pointer.
///
/// Results do not carry their places, which would cost every step of every evaluation. One walk
/// over the value finds those of any number of results.
#[derive(Debug)]
pub struct Places {
    found: HashMap<Key, Place>,
}

impl Places {
    /// Finds the places of `nodes` in `root`.
    #[must_use]
    pub fn find<'a>(root: &'a dyn Element, nodes: impl IntoIterator<Item = Node<'a>>) -> Self {
        let wanted = nodes.into_iter().map(|node| (node.key(), None)).collect();
        let mut walk = Walk {
            wanted,
            fields: Fields::new(),
        };
        let path = Path::root(root.schema().name);
        let node = Node::root(root);
        walk.note(&node, &path);
        walk.walk(root, &path, 0);
        let found = walk.wanted.into_iter();
        Places {
            found: found
                .filter_map(|(key, place)| Some((key, place?)))
                .collect(),
        }
    }

    /// The FHIRPath, with indexes, and the JSON pointer of a node; `None` if it is not in the
    /// value: an element of another resource, that a reference led to.
    #[must_use]
    pub fn of(&self, node: &Node<'_>) -> Option<(&str, &str)> {
        let (path, pointer) = self.found.get(&node.key())?;
        Some((path, pointer))
    }
}

/// What identifies a place.
type Key = (usize, usize, u16, u32);
/// A FHIRPath and a JSON pointer.
type Place = (String, String);

/// Elements inside each other that are walked.
const MAX_DEPTH: u32 = 1024;

struct Walk<'a> {
    wanted: HashMap<Key, Option<Place>>,
    fields: Fields<'a>,
}

impl<'a> Walk<'a> {
    fn note(&mut self, node: &Node<'a>, path: &Path<'_>) {
        if let Some(place) = self.wanted.get_mut(&node.key())
            && place.is_none()
        {
            *place = Some((path.to_fhirpath(), path.to_pointer()));
        }
    }

    fn walk(&mut self, element: &'a dyn Element, path: &Path<'_>, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        let start = self.fields.len();
        element.fields(&mut self.fields);
        for at in start..self.fields.len() {
            let field = self.fields.get(at);
            let place = (field.index, field.choice);
            let Some(known) = element.schema().fields.get(usize::from(field.index)) else {
                continue;
            };
            let suffix = match known.types.get(usize::from(field.choice)) {
                Some(chosen) if known.choice => chosen.suffix,
                _ => "",
            };
            let step = |metadata| Step::Field {
                name: known.name(),
                suffix,
                metadata,
            };
            match field.value {
                ValueRef::Element(child) => {
                    let path = path.child(step(false));
                    self.note(&Node::element(element, place, 0, child), &path);
                    self.walk(child, &path, depth + 1);
                }
                ValueRef::Elements(list) => {
                    for index in 0..list.count() {
                        let list_path = path.child(step(false));
                        let path = list_path.child(Step::Index(index));
                        let child = list.element_at(index);
                        self.note(&Node::element(element, place, index, child), &path);
                        self.walk(child, &path, depth + 1);
                    }
                }
                ValueRef::Primitives(list) => {
                    for index in 0..list.count() {
                        let metadata = list.metadata_at(index);
                        let node =
                            Node::primitive(element, place, index, list.value_at(index), metadata);
                        let list_path = path.child(step(node.value().is_none()));
                        self.note(&node, &list_path.child(Step::Index(index)));
                        if let Some(metadata) = metadata {
                            let list_path = path.child(step(true));
                            self.walk(metadata, &list_path.child(Step::Index(index)), depth + 1);
                        }
                    }
                }
                ValueRef::Metadata(metadata) => {
                    let path = path.child(step(true));
                    let node = Node::primitive(element, place, 0, None, Some(metadata));
                    self.note(&node, &path);
                    self.walk(metadata, &path, depth + 1);
                }
                value => {
                    let node = Node::primitive(element, place, 0, Some(value), None);
                    self.note(&node, &path.child(step(false)));
                }
            }
        }
        self.fields.truncate(start);
    }
}

impl Node<'_> {
    /// Whether it is a primitive.
    #[must_use]
    pub fn is_primitive(&self) -> bool {
        matches!(self.content, Content::Primitive(..))
    }
}
