//! Steps from an item to those in it.

use crate::ast::Member;
use crate::environment::Base;
use crate::error::EvalErrorKind;
use crate::eval::{Evaluator, Flow, Sink};
use crate::item::Item;
use crate::node::{Node, address, element_is_a};
use crate::quantity::Quantity;
use crate::text::Text;
use healthcode_core::{Element, FieldRef, Fields, Schema, SchemaKind, ValueRef};

impl<'a> Evaluator<'_, 'a> {
    /// A name at the start of a path: the type of the item itself, or a member.
    pub(crate) fn head(&self, item: &Item<'a>, member: &Member, out: Sink<'_, 'a>) -> Flow {
        if member.name.starts_with(|c: char| c.is_ascii_uppercase()) {
            let is_type = match item {
                Item::Node(node) => node.is_a(&member.name),
                Item::Unloaded(schema) => element_is_a(schema, &member.name),
                _ => false,
            };
            if is_type {
                return out(item.clone());
            }
        }
        self.member(item, member, out)
    }

    /// The members of this name.
    pub(crate) fn member(&self, item: &Item<'a>, member: &Member, out: Sink<'_, 'a>) -> Flow {
        self.step()?;
        match item {
            Item::Node(node) => match node.holder() {
                Some(element) => self.member_of(element, member, out),
                None if matches!(&*member.name, "id" | "extension") => Ok(true),
                None => self.unknown(node.type_name(), member),
            },
            Item::Type(namespace, name) => match &*member.name {
                "namespace" => out(Item::String(Text::Borrowed(namespace))),
                "name" => out(Item::String(Text::Borrowed(name))),
                _ => self.unknown("TypeInfo", member),
            },
            Item::Quantity(Quantity { value, unit }) => match &*member.name {
                "value" => out(Item::Decimal(*value)),
                "unit" | "code" => out(Item::String(unit.code().to_owned().into())),
                _ => self.unknown("Quantity", member),
            },
            Item::Unloaded(_) => Ok(true),
            other => self.unknown(other.kind(), member),
        }
    }

    /// A member that a type does not have: nothing, or an error in strict mode.
    fn unknown(&self, of: &'static str, member: &Member) -> Flow {
        if self.env.strict {
            let name = member.name.clone();
            return Err(EvalErrorKind::UnknownMember { of, name }.into());
        }
        Ok(true)
    }

    fn member_of(&self, element: &'a dyn Element, member: &Member, out: Sink<'_, 'a>) -> Flow {
        let schema = element.schema();
        let Some(index) = index_of(schema, member) else {
            if schema.kind == SchemaKind::UnknownResource {
                return Ok(true);
            }
            return self.unknown(schema.name, member);
        };
        let (first, second) = self.fields_at(element, index);
        match first {
            Some(first) => self.values(element, first, second, out),
            None => Ok(true),
        }
    }

    /// The field of this index, and the second one that a primitive's metadata may be.
    fn fields_at(
        &self,
        element: &'a dyn Element,
        index: usize,
    ) -> (Option<FieldRef<'a>>, Option<FieldRef<'a>>) {
        let mut fields = self.env.fields.borrow_mut();
        let base = self.env.base.get();
        let this = (
            address(element),
            std::ptr::from_ref(element.schema()).addr(),
        );
        if base.element == this {
            let known = fields.since(0).get(..base.count);
            return two_at(known.unwrap_or_default(), index);
        }
        let start = fields.len();
        element.fields(&mut fields);
        let found = two_at(fields.since(start), index);
        if start == 0 {
            // Most often this is the focus, which other expressions start from too.
            let count = fields.len();
            self.env.base.set(Base {
                element: this,
                count,
            });
        } else {
            fields.truncate(start);
        }
        found
    }

    /// The values of a field; a primitive's metadata may be in a second one.
    fn values(
        &self,
        parent: &'a dyn Element,
        field: FieldRef<'a>,
        second: Option<FieldRef<'a>>,
        out: Sink<'_, 'a>,
    ) -> Flow {
        let place = (field.index, field.choice);
        match field.value {
            ValueRef::Element(child) => out(Item::Node(Node::element(parent, place, 0, child))),
            ValueRef::Elements(list) => {
                for index in 0..list.count() {
                    self.step()?;
                    let child = list.element_at(index);
                    if !out(Item::Node(Node::element(parent, place, index, child)))? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            ValueRef::Primitives(list) => {
                for index in 0..list.count() {
                    self.step()?;
                    let (value, metadata) = (list.value_at(index), list.metadata_at(index));
                    if value.is_none() && metadata.is_none() {
                        continue;
                    }
                    let node = Node::primitive(parent, place, index, value, metadata);
                    if !out(Item::Node(node))? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            ValueRef::Metadata(metadata) => {
                let node = Node::primitive(parent, place, 0, None, Some(metadata));
                out(Item::Node(node))
            }
            value => {
                let metadata = match second.map(|field| field.value) {
                    Some(ValueRef::Metadata(metadata)) => Some(metadata),
                    _ => None,
                };
                let node = Node::primitive(parent, place, 0, Some(value), metadata);
                out(Item::Node(node))
            }
        }
    }

    /// All that is directly in an item, in the order of the definition.
    pub(crate) fn children(&self, item: &Item<'a>, out: Sink<'_, 'a>) -> Flow {
        self.step()?;
        let Some(element) = item.as_node().and_then(Node::holder) else {
            return Ok(true);
        };
        let (start, end) = {
            let mut fields = self.env.fields.borrow_mut();
            let start = fields.len();
            element.fields(&mut fields);
            (start, fields.len())
        };
        let mut at = start;
        let mut more = true;
        while more && at < end {
            let (field, second) = {
                let fields = self.env.fields.borrow();
                let next = (at + 1 < end).then(|| fields.get(at + 1));
                let field = fields.get(at);
                (field, next.filter(|next| next.index == field.index))
            };
            at += 1 + usize::from(second.is_some());
            more = self.values(element, field, second, out)?;
        }
        self.env.fields.borrow_mut().truncate(start);
        Ok(more)
    }

    /// All that is in an item, at any depth, parents before children.
    pub(crate) fn descendants(&self, item: &Item<'a>, out: Sink<'_, 'a>) -> Flow {
        // A stack of its own: elements may be nested deeper than calls can be.
        let mut stack = Vec::new();
        let mut next = Some(item.clone());
        while let Some(item) = next {
            let start = stack.len();
            self.children(&item, &mut |child| {
                stack.push(child);
                Ok(true)
            })?;
            if let Some(children) = stack.get_mut(start..) {
                children.reverse();
            }
            next = stack.pop();
            if let Some(item) = &next
                && !out(item.clone())?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The extensions of an item that have this url.
    pub(crate) fn extensions(&self, item: &Item<'a>, url: &str, out: Sink<'_, 'a>) -> Flow {
        let Some(element) = item.as_node().and_then(Node::holder) else {
            return Ok(true);
        };
        let Some((index, _)) = element.schema().field("extension") else {
            return Ok(true);
        };
        let (field, _) = self.fields_at(element, index);
        let Some(field) = field else {
            return Ok(true);
        };
        self.values(element, field, None, &mut |extension| {
            let element = extension.as_node().and_then(Node::as_element);
            match element.and_then(|element| text_field(element, "url")) {
                Some(own) if own == url => out(extension),
                _ => Ok(true),
            }
        })
    }
}

/// What a field holds.
pub(crate) fn value_of_field<'a>(element: &'a dyn Element, name: &str) -> Option<ValueRef<'a>> {
    let (index, _) = element.schema().field(name)?;
    let mut fields = Fields::new();
    element.fields(&mut fields);
    Some(two_at(fields.since(0), index).0?.value)
}

/// The text of a field that holds one.
pub(crate) fn text_field<'a>(element: &'a dyn Element, name: &str) -> Option<&'a str> {
    match value_of_field(element, name)? {
        ValueRef::Text(text) => Some(text),
        _ => None,
    }
}

/// The first field of this index, and the second if there is one.
fn two_at<'a>(
    fields: &[FieldRef<'a>],
    index: usize,
) -> (Option<FieldRef<'a>>, Option<FieldRef<'a>>) {
    let Some(at) = fields.iter().position(|f| usize::from(f.index) == index) else {
        return (None, None);
    };
    let second = fields.get(at + 1).copied();
    let second = second.filter(|f| usize::from(f.index) == index);
    (fields.get(at).copied(), second)
}

/// The index of a member in a schema. Most expressions use the same schema again and again.
fn index_of(schema: &'static Schema, member: &Member) -> Option<usize> {
    let hint = member.hint.get();
    if let Some(field) = schema.fields.get(hint)
        && field.name() == &*member.name
    {
        return Some(hint);
    }
    let (index, _) = schema.field(&member.name)?;
    member.hint.set(index);
    Some(index)
}
