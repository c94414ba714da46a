//! [`Homes`]: the resource that holds each element of a Bundle, or of Parameters.

use crate::environment::Homes;
use crate::eval::{Evaluator, Result};
use crate::node::{Content, Node, nodes};
use healthcode_core::{Element, Fields};

/// Elements inside each other that are looked at.
const MAX_DEPTH: u32 = 1024;

impl<'a> Evaluator<'_, 'a> {
    /// The resource around a node that is contained in no other: one with `contained` of its own, or
    /// one that lies in the root. A Bundle holds many, which are found once for an environment.
    pub(crate) fn home(&self, node: &Node<'a>) -> Result<Option<&'a dyn Element>> {
        let root = self.env.root_resource.as_node();
        let Some(root) = root.and_then(Node::as_element) else {
            return Ok(None);
        };
        if root.schema().field("contained").is_some() {
            return Ok(Some(root));
        }
        let element = match node.content {
            Content::Element(element) => Some(element),
            Content::Primitive(..) => node.parent(),
        };
        let mut homes = self.env.homes.borrow_mut();
        if homes.is_empty() {
            let found = self.collect_homes(root, root, &mut Fields::new(), &mut homes, 0);
            // A part of them would hide the rest.
            found.inspect_err(|_| homes.clear())?;
        }
        Ok(element.and_then(|element| homes.get(&element_key(element)).copied()))
    }

    fn collect_homes(
        &self,
        element: &'a dyn Element,
        home: &'a dyn Element,
        fields: &mut Fields<'a>,
        homes: &mut Homes<'a>,
        depth: u32,
    ) -> Result<()> {
        if depth > MAX_DEPTH {
            return Ok(());
        }
        self.spend_kept(1)?;
        homes.insert(element_key(element), home);
        let start = fields.len();
        element.fields(fields);
        let schema = element.schema();
        for at in start..fields.len() {
            let field = fields.get(at);
            let name = schema.fields.get(usize::from(field.index));
            let contained = name.is_some_and(|field| field.name() == "contained");
            for child in nodes(element, field).filter_map(|node| node.holder()) {
                let own = child.schema().is_resource() && !contained;
                let home = if own { child } else { home };
                self.collect_homes(child, home, fields, homes, depth + 1)?;
            }
        }
        fields.truncate(start);
        Ok(())
    }
}

/// What distinguishes an element from all others: its address, and its type, for the first element of
/// another lies where that does.
fn element_key(element: &dyn Element) -> (usize, usize) {
    let (address, schema, ..) = Node::root(element).key();
    (address, schema)
}
