//! Writing any element as XML.

use crate::buffer::{Attribute, Buffer, Name};
use crate::fragment::is_one_element;
use crate::lexical;
use healthcode_core::{
    Checked, Detail, Element, ExtraKind, Extras, Field, Fields, Issue, Path, PrimitiveItems,
    PrimitiveKind, Root, Schema, SchemaKind, Step, ValueRef, XmlExtra, rules,
};
use healthcode_json::defects::{is_written, step, visit};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Writes a value as XML without white space between elements.
///
/// The issues are what was left out, because XML has no form for it: members that FHIR does not define,
/// characters that XML does not allow, narratives that are not well-formed.
///
/// ```
/// use healthcode_r4::Patient;
/// let read = healthcode_json::from_str::<Patient>(r#"{"resourceType":"Patient","active":true,"mood":1}"#)?;
/// let written = healthcode_xml::to_string(&read.value);
/// assert_eq!(written.value, r#"<Patient xmlns="http://hl7.org/fhir"><active value="true"/></Patient>"#);
/// assert_eq!(written.issues[0].path, "Patient.mood");
/// # Ok::<(), healthcode_json::Error>(())
/// ```
#[must_use]
pub fn to_string<T: Root>(value: &T) -> Checked<String> {
    write_element(value.as_element(), None)
}

/// Writes a value as XML with an XML declaration, each element on a line of its own, and two spaces of
/// indentation.
#[must_use]
pub fn to_string_pretty<T: Root>(value: &T) -> Checked<String> {
    write_element(value.as_element(), Some(2))
}

/// Writes an element as a document, with so many spaces of indentation, or without white space.
#[must_use]
pub fn write_element(element: &dyn Element, indent: Option<u8>) -> Checked<String> {
    let mut writer = Writer {
        out: Buffer::new(indent.map(usize::from)),
        fields: Fields::new(),
        issues: Vec::new(),
    };
    if indent.is_some() {
        writer
            .out
            .raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    }
    let place = Place::Root(element.schema().name);
    if let Some(name) = writer.name_of(element, &place) {
        writer.resource(&name, element, &place);
        if indent.is_some() {
            writer.out.raw("\n");
        }
    }
    Checked::new(writer.out.finish(), writer.issues)
}

/// The issues of a value that was read from XML for content that JSON has no form for, and that is left out when
/// the value is written as JSON.
#[must_use]
pub fn left_out_of_json<T: Root>(value: &T) -> Vec<Issue> {
    let element = value.as_element();
    let mut issues = Vec::new();
    let root = Path::root(element.schema().name);
    visit(element, &root, &mut |element, _, path| {
        for extra in element.extras() {
            let kind = extra.kind();
            let is_kept = matches!(kind, ExtraKind::Xml(XmlExtra::Value | XmlExtra::Order(_)));
            if kind.is_xml() && !is_kept && !extra.json().is_empty() {
                let member = path.child(Step::Member(extra.key()));
                let place = if extra.key().is_empty() {
                    path
                } else {
                    &member
                };
                issues.push(Issue::new(&rules::FHIR_NOT_IN_JSON, place, Detail::None));
            }
        }
    });
    issues
}

struct Writer<'a> {
    out: Buffer,
    fields: Fields<'a>,
    /// What was left out.
    issues: Vec<Issue>,
}

/// The place of an element: enough to make a [`Path`] when something is left out.
enum Place<'p> {
    Root(&'static str),
    Child {
        parent: &'p Place<'p>,
        definition: &'static Field,
        choice: u16,
        /// Which item of a list.
        item: Option<usize>,
    },
}

impl<'p> Place<'p> {
    #[inline(always)]
    fn child(&'p self, definition: &'static Field, choice: u16, item: Option<usize>) -> Place<'p> {
        Place::Child {
            parent: self,
            definition,
            choice,
            item,
        }
    }

    fn with_path(&self, each: &mut dyn FnMut(&Path<'_>)) {
        match *self {
            Place::Root(name) => each(&Path::root(name)),
            Place::Child {
                parent,
                definition,
                choice,
                item,
            } => parent.with_path(&mut |path| {
                let field = path.child(step(definition, choice, false));
                match item {
                    Some(item) => each(&field.child(Step::Index(item))),
                    None => each(&field),
                }
            }),
        }
    }
}

/// The element of a start tag.
#[derive(Clone, Copy)]
enum Tag<'n> {
    Element(Name),
    Resource(&'n str),
}

impl<'a> Writer<'a> {
    #[cold]
    #[inline(never)]
    fn leave_out(&mut self, place: &Place<'_>) {
        let issues = &mut self.issues;
        place.with_path(&mut |path| {
            issues.push(Issue::new(&rules::FHIR_NOT_IN_XML, path, Detail::None));
        });
    }

    #[cold]
    #[inline(never)]
    fn leave_out_member(&mut self, key: &str, place: &Place<'_>) {
        let issues = &mut self.issues;
        place.with_path(&mut |path| {
            let member = path.child(Step::Member(key));
            issues.push(Issue::new(&rules::FHIR_NOT_IN_XML, &member, Detail::None));
        });
    }

    /// The name of a resource's element; none if it has no name by which it can be read again. A document may
    /// have any name, a resource inside only that of a type.
    fn name_of(&mut self, element: &dyn Element, place: &Place<'_>) -> Option<Cow<'static, str>> {
        let schema = element.schema();
        if schema.kind != SchemaKind::UnknownResource {
            return Some(Cow::Borrowed(schema.name));
        }
        let name = element.extras().get("resourceType");
        let name = name.and_then(|json| json.strip_prefix('"')?.strip_suffix('"'));
        let is_name = |name: &&str| match place {
            Place::Root(_) => lexical::is_name(name) && !name.contains(':'),
            Place::Child { .. } => is_type_name(name),
        };
        let found = name.filter(is_name).map(|name| Cow::Owned(name.to_owned()));
        if found.is_none() {
            self.leave_out(place);
        }
        found
    }

    fn resource(&mut self, name: &str, element: &'a dyn Element, place: &Place<'_>) {
        self.out.start_resource(name);
        if self.out.is_outermost() {
            self.out.raw(" xmlns=\"http://hl7.org/fhir\"");
        }
        self.rest(Tag::Resource(name), element, None, place);
    }

    /// Writes an element whose start tag has begun; of a primitive, with its value.
    fn rest(
        &mut self,
        tag: Tag<'_>,
        element: &'a dyn Element,
        value: Option<&str>,
        place: &Place<'_>,
    ) {
        let schema = element.schema();
        let start = self.fields.len();
        element.fields(&mut self.fields);
        let end = self.fields.len();
        let attributes = self.attributes(schema, start, end, place);
        let mut content = end - start > attributes;
        if let Some(text) = value
            && !self.out.value(text)
        {
            self.leave_out(place);
        }
        let extras = element.extras();
        if !extras.is_empty() {
            content |= self.start_extras(schema, extras, place);
        }
        if content {
            self.out.open();
            let before = self.out.len();
            self.children(schema, start, end, place);
            if !extras.is_empty() {
                self.end_extras(extras);
            }
            content = self.out.len() > before;
            if content {
                self.out.close();
                match tag {
                    Tag::Element(name) => self.out.end(name),
                    Tag::Resource(name) => self.out.end_resource(name),
                }
            } else {
                self.out.reopen();
            }
        }
        if !content {
            self.out.close_empty();
        }
        self.fields.truncate(start);
    }

    /// Writes the fields that are attributes in XML, and returns their number.
    #[inline]
    fn attributes(
        &mut self,
        schema: &'static Schema,
        start: usize,
        end: usize,
        place: &Place<'_>,
    ) -> usize {
        let mut count = 0;
        if schema.is_resource() {
            return count;
        }
        let in_extension = is_extension(schema);
        for index in start..end {
            let field = self.fields.get(index);
            // The id comes first; extensions are followed by the url of an extension.
            if field.index != 0 && !in_extension {
                break;
            }
            let definition = schema.fields[usize::from(field.index)];
            let attribute = match definition.name() {
                "id" => Attribute::ID,
                "url" if in_extension => Attribute::URL,
                _ => continue,
            };
            if let ValueRef::Text(text) = field.value {
                count += 1;
                if !self.out.attribute(attribute, text) {
                    self.leave_out(&place.child(definition, 0, None));
                }
            }
        }
        count
    }

    fn children(&mut self, schema: &'static Schema, start: usize, end: usize, place: &Place<'_>) {
        let in_resource = schema.is_resource();
        let in_extension = is_extension(schema);
        let in_narrative = schema.name == "Narrative";
        let mut index = start;
        while index < end {
            let field = self.fields.get(index);
            let definition = schema.fields[usize::from(field.index)];
            index += 1;
            match field.value {
                ValueRef::Element(child) => {
                    let place = place.child(definition, field.choice, None);
                    self.child(Name::new(definition, field.choice), child, &place);
                }
                ValueRef::Elements(items) => {
                    let name = Name::new(definition, field.choice);
                    for index in 0..items.count() {
                        let place = place.child(definition, field.choice, Some(index));
                        self.child(name, items.element_at(index), &place);
                    }
                }
                ValueRef::Primitives(items) => self.primitives(definition, items, place),
                ValueRef::Metadata(metadata) => {
                    let place = place.child(definition, field.choice, None);
                    self.primitive(definition, field.choice, None, Some(metadata), &place);
                }
                _ if !in_resource
                    && (field.index == 0 || in_extension)
                    && is_attribute(schema, definition.name()) => {}
                value => {
                    // Metadata of the same primitive follows its value.
                    let next = (index < end).then(|| self.fields.get(index));
                    let next = next.filter(|next| next.index == field.index);
                    // Most primitives are text alone.
                    if let ValueRef::Text(text) = value
                        && next.is_none()
                        && !in_narrative
                        && self
                            .out
                            .primitive(Name::new(definition, field.choice), text)
                    {
                        continue;
                    }
                    let metadata = match next.map(|next| next.value) {
                        Some(ValueRef::Metadata(metadata)) => {
                            index += 1;
                            Some(metadata)
                        }
                        _ => None,
                    };
                    let place = place.child(definition, field.choice, None);
                    self.primitive(definition, field.choice, Some(value), metadata, &place);
                }
            }
        }
    }

    fn child(&mut self, name: Name, child: &'a dyn Element, place: &Place<'_>) {
        if !child.schema().is_resource() {
            self.out.new_line();
            self.out.start(name);
            self.rest(Tag::Element(name), child, None, place);
            return;
        }
        let Some(resource) = self.name_of(child, place) else {
            return;
        };
        self.out.new_line();
        self.out.start(name);
        self.out.open();
        self.out.new_line();
        self.resource(&resource, child, place);
        self.out.close();
        self.out.end(name);
    }

    fn primitives(
        &mut self,
        definition: &'static Field,
        items: &'a dyn PrimitiveItems,
        place: &Place<'_>,
    ) {
        for index in 0..items.count() {
            let place = place.child(definition, 0, Some(index));
            let (value, metadata) = (items.value_at(index), items.metadata_at(index));
            if value.is_none() && metadata.is_none() {
                self.leave_out(&place);
            } else {
                self.primitive(definition, 0, value, metadata, &place);
            }
        }
    }

    #[inline(never)]
    fn primitive(
        &mut self,
        definition: &'static Field,
        choice: u16,
        value: Option<ValueRef<'_>>,
        metadata: Option<&'a dyn Element>,
        place: &Place<'_>,
    ) {
        let number;
        let malformed;
        let text = match value {
            Some(ValueRef::Text(text) | ValueRef::Decimal(text)) => Some(text),
            Some(ValueRef::Boolean(true)) => Some("true"),
            Some(ValueRef::Boolean(false)) => Some("false"),
            Some(ValueRef::Integer(value)) => {
                number = value.to_string();
                Some(number.as_str())
            }
            _ => match metadata.and_then(|metadata| metadata.extras().malformed()) {
                None => None,
                Some(extra) => {
                    malformed = scalar_text(extra.json());
                    if malformed.is_none() {
                        self.leave_out(place);
                    }
                    malformed.as_deref()
                }
            },
        };
        let kind = definition.types[usize::from(choice)].primitive;
        if kind == Some(PrimitiveKind::Xhtml) {
            // XHTML has no place for an id and extensions.
            if !self.narrative(text) || metadata.is_some_and(is_written) {
                self.leave_out(place);
            }
            return;
        }
        let name = Name::new(definition, choice);
        match metadata {
            Some(metadata) if is_written(metadata) => {
                self.out.new_line();
                self.out.start(name);
                self.rest(Tag::Element(name), metadata, text, place);
            }
            _ => {
                if let Some(text) = text
                    && !self.out.primitive(name, text)
                {
                    self.leave_out(place);
                }
            }
        }
    }

    /// Writes a narrative; false if it has no form in XML.
    fn narrative(&mut self, text: Option<&str>) -> bool {
        let Some(text) = text else { return true };
        if !is_one_element(text) {
            return false;
        }
        self.out.new_line();
        let text = text.trim_ascii();
        // A carriage return would be lost: it is written as a reference.
        if text.contains('\r') {
            self.out.raw(&text.replace('\r', "&#xD;"));
        } else {
            self.out.raw(text);
        }
        true
    }

    /// Writes the attributes that were kept from XML, and reports what XML has no form for. Returns whether the
    /// element has content.
    #[cold]
    fn start_extras(
        &mut self,
        schema: &'static Schema,
        extras: &Extras,
        place: &Place<'_>,
    ) -> bool {
        let mut content = false;
        let mut written = BTreeSet::new();
        let unknown = schema.kind == SchemaKind::UnknownResource;
        for extra in extras {
            match extra.kind() {
                ExtraKind::Xml(XmlExtra::Attribute) => {
                    // One of a name: those of an element that holds a resource are kept outside it.
                    let (declared, attribute) = parts(extra.json());
                    let own = is_attribute(schema, name_of_attribute(attribute));
                    if own || !written.insert(name_of_attribute(attribute)) {
                        self.leave_out_member(extra.key(), place);
                        continue;
                    }
                    if let Some(declaration) = declared
                        && written.insert(name_of_attribute(declaration))
                    {
                        self.out.raw(" ");
                        self.out.raw(declaration);
                    }
                    self.out.raw(" ");
                    self.out.raw(attribute);
                }
                ExtraKind::Xml(XmlExtra::Value | XmlExtra::Order(_)) => {}
                ExtraKind::Xml(_) => content |= !extra.json().is_empty(),
                ExtraKind::Unknown if unknown && extra.key() == "resourceType" => {}
                kind if kind.is_member() => self.leave_out_member(extra.key(), place),
                kind if kind.is_whole() => self.leave_out(place),
                _ => {}
            }
        }
        content
    }

    /// Writes the elements and the text that were kept from XML.
    #[cold]
    fn end_extras(&mut self, extras: &Extras) {
        for extra in extras {
            match extra.kind() {
                ExtraKind::Xml(XmlExtra::Attribute | XmlExtra::Value | XmlExtra::Order(_)) => {}
                ExtraKind::Xml(_) if !extra.json().is_empty() => {
                    self.out.new_line();
                    self.out.raw(extra.json());
                }
                _ => {}
            }
        }
    }
}

/// Whether a name has the form of the names of resource types, which shows a resource inside an element.
pub(crate) fn is_type_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A kept attribute: the declaration of its prefix, if it has one of its own, and the attribute.
fn parts(xml: &str) -> (Option<&str>, &str) {
    let prefix = xml.strip_prefix("xmlns:");
    let end = prefix.and_then(|rest| rest.find("\" "));
    match end {
        Some(end) => {
            let end = "xmlns:".len() + end + 1;
            (xml.get(..end), xml.get(end + 1..).unwrap_or_default())
        }
        None => (None, xml),
    }
}

fn name_of_attribute(attribute: &str) -> &str {
    attribute.split('=').next().unwrap_or_default().trim()
}

fn is_extension(schema: &Schema) -> bool {
    schema.name == "Extension"
}

/// Whether a field is an attribute in XML: the id of an element that is not a resource, and the url of an
/// extension.
pub(crate) fn is_attribute(schema: &Schema, name: &str) -> bool {
    match name {
        "id" => !schema.is_resource(),
        "url" => is_extension(schema),
        _ => false,
    }
}

/// The text that a JSON string, number or boolean stands for.
fn scalar_text(json: &str) -> Option<String> {
    match json.as_bytes().first()? {
        b'"' => healthcode_json::string_of(json),
        b'{' | b'[' | b'n' => None,
        _ => Some(json.to_owned()),
    }
}
