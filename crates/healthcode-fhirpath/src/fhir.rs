//! The functions that FHIR adds.

use crate::ast::Call;
use crate::environment::Resolved;
use crate::error::EvalErrorKind;
use crate::eval::{Evaluator, Result, Scope, wrong};
use crate::functions::Func;
use crate::item::{Collection, Item};
use crate::navigate::{text_field, value_of_field};
use crate::node::{Content, Node, is_type};
use crate::text::Text;
use healthcode_core::{Element, ElementItems, PrimitiveKind, ValueRef, lexical};

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
            let mut found = Collection::new();
            for item in &items {
                if let Some(item) = self.resolve(item)? {
                    found.push(item);
                }
            }
            return Ok(found);
        }
        if let Func::GetResourceKey | Func::GetReferenceKey = call.function.func {
            let keys = items.iter().filter_map(|item| key_of(item, call));
            return Ok(keys.map(Item::String).collect());
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
                let node = item.as_node();
                let node = node.ok_or_else(|| wrong(of, "an element", item))?;
                if let Some(name) = self.base_profile(&profile) {
                    return Ok(Item::Boolean(node.is_a(name)).into());
                }
                let element = node.as_element();
                let element = element.ok_or_else(|| wrong(of, "a complex element", item))?;
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

    /// The type that the profile of this canonical URL is of, if it is one that FHIR itself has for
    /// each of its types.
    fn base_profile<'p>(&self, canonical: &'p str) -> Option<&'p str> {
        let types = self.env.types?;
        let (url, version) = match canonical.split_once('|') {
            Some((url, version)) => (url, Some(version)),
            None => (canonical, None),
        };
        let name = url.strip_prefix("http://hl7.org/fhir/StructureDefinition/")?;
        let known =
            is_type(name, types.find) && version.is_none_or(|version| types.is_version(version));
        known.then_some(name)
    }

    fn resolve(&self, item: &Item<'a>) -> Result<Option<Item<'a>>> {
        let reference = match item {
            Item::Node(node) => match (node.content, node.value()) {
                (Content::Element(element), _) => text_field(element, "reference"),
                (_, Some(ValueRef::Text(text))) => Some(text),
                _ => None,
            },
            Item::String(text) => Some(&**text),
            _ => None,
        };
        let Some(reference) = reference else {
            return Ok(None);
        };
        let element = |item: &Item<'a>| item.as_node().and_then(Node::as_element);
        if let Some(id) = reference.strip_prefix('#') {
            let home = match item {
                Item::Node(node) => self.home(node)?,
                _ => element(&self.env.root_resource),
            };
            let found = match home {
                Some(home) if !id.is_empty() => self.contained(home, id)?,
                home => home,
            };
            return Ok(found.map(|found| Item::Node(Node::root(found))));
        }
        let from = element(&self.env.resource);
        let resolved = self.env.services.resolve(reference, from);
        Ok(resolved.map(|resolved| match resolved {
            Resolved::Resource(element) => Item::Node(Node::root(element)),
            Resolved::Type(schema) => Item::Unloaded(schema),
        }))
    }

    fn contained(&self, root: &'a dyn Element, id: &str) -> Result<Option<&'a dyn Element>> {
        let Some(list) = list_field(root, "contained") else {
            return Ok(None);
        };
        for index in 0..list.count() {
            self.step()?;
            let element = list.element_at(index);
            if text_field(element, "id") == Some(id) {
                return Ok(Some(element));
            }
        }
        Ok(None)
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

/// The key of a resource, or of the resource that a `Reference` names (SQL on FHIR): its id.
fn key_of<'a>(item: &Item<'a>, call: &Call) -> Option<Text<'a>> {
    let node = item.as_node()?;
    let key = if call.function.func == Func::GetResourceKey {
        node.resource_key()
    } else {
        let name = call.type_name.as_ref();
        node.reference_key(name.map(|name| &*name.name))
    };
    key.map(Text::Borrowed)
}

impl<'a> Node<'a> {
    /// The key of a resource, as `getResourceKey()` returns it (SQL on FHIR): its id. `None` if the node is no
    /// resource, or has no id.
    #[must_use]
    pub fn resource_key(&self) -> Option<&'a str> {
        let element = self.as_element()?;
        let is_resource = element.schema().is_resource();
        is_resource.then(|| text_field(element, "id")).flatten()
    }

    /// The key of the resource that a `Reference` names, as `getReferenceKey()` returns it (SQL on FHIR): the id in a
    /// literal reference. `None` if the node names no resource by type and id, or one of another type than `of`.
    #[must_use]
    pub fn reference_key(&self, of: Option<&str>) -> Option<&'a str> {
        let reference = text_field(self.as_element()?, "reference")?;
        let (name, id) = type_and_id(reference)?;
        of.is_none_or(|of| of == name).then_some(id)
    }
}

/// The type and id of a literal reference: `Patient/1`, maybe after a server's address, maybe with a version behind
/// it. Fragments, URNs and searches have none.
fn type_and_id(reference: &str) -> Option<(&str, &str)> {
    // Of types and ids none has an underscore.
    let versioned = reference
        .contains('_')
        .then(|| reference.split_once("/_history/"));
    let target = match versioned.flatten() {
        Some((target, version)) if !version.is_empty() && !version.contains('/') => target,
        Some(_) => return None,
        None => reference,
    };
    let (before, id) = target.rsplit_once('/')?;
    let (base, name) = before.rsplit_once('/').unwrap_or(("", before));
    let is_address = base.starts_with("http://") || base.starts_with("https://");
    let is_type = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_id = lexical::check(PrimitiveKind::Id, id).is_ok();
    let known = is_type && is_id && (is_address || base.is_empty() && !before.starts_with('/'));
    known.then_some((name, id))
}

fn list_field<'a>(element: &'a dyn Element, name: &str) -> Option<&'a dyn ElementItems> {
    match value_of_field(element, name)? {
        ValueRef::Elements(list) => Some(list),
        _ => None,
    }
}
