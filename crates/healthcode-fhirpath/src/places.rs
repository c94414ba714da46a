//! [`Places`]: where in a resource the items of a result are.

use crate::node::{Content, Node, nodes};
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
            let listed = matches!(field.value, ValueRef::Elements(_) | ValueRef::Primitives(_));
            for node in nodes(element, field) {
                let item = Step::Index(node.index());
                let list = path.child(step(node.is_primitive() && node.value().is_none()));
                let single = list.child(item);
                self.note(&node, if listed { &single } else { &list });
                if let Some(holder) = node.holder() {
                    let list = path.child(step(node.is_primitive()));
                    let single = list.child(item);
                    self.walk(holder, if listed { &single } else { &list }, depth + 1);
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
