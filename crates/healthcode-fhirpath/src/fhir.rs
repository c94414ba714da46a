//! The functions that FHIR adds.

use crate::ast::Call;
use crate::environment::Resolved;
use crate::error::EvalErrorKind;
use crate::eval::{Evaluator, Result, Scope, wrong};
use crate::functions::Func;
use crate::item::{Collection, Item};
use crate::navigate::text_field;
use crate::node::{Content, Node};
use healthcode_core::{Element, ElementItems, Fields, ValueRef};

impl<'a> Evaluator<'_, 'a> {
    pub(crate) fn fhir(
        &self,
        call: &Call,
        items: Collection<'a>,
        scope: Scope<'_, 'a>,
    ) -> Result<Collection<'a>> {
        let of = call.function.name;
        let services = self.env.services;
        if call.function.func == Func::Resolve {
            return Ok(items.iter().filter_map(|item| self.resolve(item)).collect());
        }
        let item = match items.as_slice() {
            _ if call.function.func == Func::CheckModifiers => {
                self.check_modifiers(call, &items, scope)?;
                return Ok(items);
            }
            [] => return Ok(Collection::new()),
            [item] => item,
            _ => return Err(EvalErrorKind::NotSingle { of }.into()),
        };
        let argument = self.argument(call.arguments.first(), scope)?;
        Ok(match call.function.func {
            Func::GetValue => match item {
                Item::Node(node) if node.as_element().is_some() => Collection::new(),
                item => item.system().into(),
            },
            Func::MemberOf => match self.string(&argument, of)? {
                Some(value_set) => Collection::of_boolean(services.member_of(item, &value_set)),
                None => Collection::new(),
            },
            Func::Subsumes | Func::SubsumedBy => {
                let other = match argument.as_slice() {
                    [] => return Ok(Collection::new()),
                    [other] => other,
                    _ => return Err(EvalErrorKind::NotSingle { of }.into()),
                };
                Collection::of_boolean(match call.function.func {
                    Func::Subsumes => services.subsumes(item, other),
                    _ => services.subsumes(other, item),
                })
            }
            Func::ConformsTo => {
                let Some(profile) = self.string(&argument, of)? else {
                    return Ok(Collection::new());
                };
                let element = item.as_node().and_then(Node::as_element);
                let element = element.ok_or_else(|| wrong(of, "an element", item))?;
                match services.conforms_to(element, &profile) {
                    Some(conforms) => Item::Boolean(conforms).into(),
                    None => return Err(EvalErrorKind::Unknown { what: "profile" }.into()),
                }
            }
            Func::HtmlChecks => match item.text() {
                Some(text) => Item::Boolean(services.html_checks(text)).into(),
                None => Collection::new(),
            },
            _ => return Err(EvalErrorKind::Unsupported { of }.into()),
        })
    }

    fn resolve(&self, item: &Item<'a>) -> Option<Item<'a>> {
        let reference = match item {
            Item::Node(node) => match node.content {
                Content::Element(element) => text_field(element, "reference")?,
                Content::Primitive(value, _) => match value? {
                    ValueRef::Text(text) => text,
                    _ => return None,
                },
            },
            Item::String(text) => text,
            _ => return None,
        };
        let element = |item: &Item<'a>| item.as_node().and_then(Node::as_element);
        let root = element(&self.env.root_resource);
        if let Some(id) = reference.strip_prefix('#') {
            let root = root?;
            let found = if id.is_empty() {
                root
            } else {
                contained(root, id)?
            };
            return Some(Item::Node(Node::root(found)));
        }
        let from = element(&self.env.resource);
        Some(match self.env.services.resolve(reference, from)? {
            Resolved::Resource(element) => Item::Node(Node::root(element)),
            Resolved::Type(schema) => Item::Unloaded(schema),
        })
    }

    fn check_modifiers(&self, call: &Call, items: &[Item<'a>], scope: Scope<'_, 'a>) -> Result<()> {
        let mut known = Vec::new();
        for argument in &call.arguments {
            let urls = self.eval(argument, scope)?;
            if let Some(urls) = self.string(&urls, call.function.name)? {
                known.extend(urls.split(',').map(|url| url.trim().to_owned()));
            }
        }
        for item in items {
            let Some(element) = item.as_node().and_then(Node::as_element) else {
                continue;
            };
            let Some(list) = list_field(element, "modifierExtension") else {
                continue;
            };
            for index in 0..list.count() {
                let url = text_field(list.element_at(index), "url");
                if !url.is_some_and(|url| known.iter().any(|known| known == url)) {
                    return Err(EvalErrorKind::ModifierExtension.into());
                }
            }
        }
        Ok(())
    }
}

fn contained<'a>(root: &'a dyn Element, id: &str) -> Option<&'a dyn Element> {
    let list = list_field(root, "contained")?;
    (0..list.count())
        .map(|index| list.element_at(index))
        .find(|element| text_field(*element, "id") == Some(id))
}

fn list_field<'a>(element: &'a dyn Element, name: &str) -> Option<&'a dyn ElementItems> {
    let (index, _) = element.schema().field(name)?;
    let mut fields = Fields::new();
    element.fields(&mut fields);
    let mut found = fields.from(0).iter();
    let field = found.find(|field| usize::from(field.index) == index)?;
    match field.value {
        ValueRef::Elements(list) => Some(list),
        _ => None,
    }
}
