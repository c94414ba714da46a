//! Writing any element as XML.

use crate::fragment::is_one_element;
use crate::lexical::forbidden_character;
use healthcode_core::{
    Checked, Detail, Element, ExtraKind, Extras, Field, FieldRef, Fields, Issue, Path,
    PrimitiveItems, PrimitiveKind, Root, Schema, SchemaKind, Step, ValueRef, XmlExtra, rules,
};
use healthcode_json::defects::{is_written, step, visit};
use std::borrow::Cow;

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
        out: String::new(),
        fields: Fields::new(),
        issues: Vec::new(),
        indent: indent.map(usize::from),
        level: 0,
    };
    if indent.is_some() {
        writer
            .out
            .push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    }
    let path = Path::root(element.schema().name);
    if let Some(name) = writer.name_of(element, &path) {
        writer.element(&name, element, None, &path);
        if indent.is_some() {
            writer.out.push('\n');
        }
    }
    Checked::new(writer.out, writer.issues)
}

/// What JSON has no form for in a value that was read from XML: it is left out when the value is written as
/// JSON.
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
    out: String,
    fields: Fields<'a>,
    /// What was left out.
    issues: Vec<Issue>,
    indent: Option<usize>,
    level: usize,
}

impl<'a> Writer<'a> {
    #[cold]
    fn leave_out(&mut self, path: &Path<'_>) {
        self.issues
            .push(Issue::new(&rules::FHIR_NOT_IN_XML, path, Detail::None));
    }

    fn new_line(&mut self) {
        if let Some(width) = self.indent {
            self.out.push('\n');
            for _ in 0..width * self.level {
                self.out.push(' ');
            }
        }
    }

    /// The name of a resource's element; none if it has no name that XML can have.
    fn name_of(&mut self, element: &dyn Element, path: &Path<'_>) -> Option<Cow<'static, str>> {
        let schema = element.schema();
        if schema.kind != SchemaKind::UnknownResource {
            return Some(Cow::Borrowed(schema.name));
        }
        let name = element.extras().get("resourceType");
        let name = name.and_then(|json| json.strip_prefix('"')?.strip_suffix('"'));
        let is_name = |name: &&str| {
            name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let found = name.filter(is_name).map(|name| Cow::Owned(name.to_owned()));
        if found.is_none() {
            self.leave_out(path);
        }
        found
    }

    /// Writes an element; of a primitive, with its value.
    fn element(
        &mut self,
        name: &str,
        element: &'a dyn Element,
        value: Option<&str>,
        path: &Path<'_>,
    ) {
        let schema = element.schema();
        let start = self.fields.len();
        element.fields(&mut self.fields);
        let end = self.fields.len();
        self.out.push('<');
        self.out.push_str(name);
        if self.level == 0 {
            self.out.push_str(" xmlns=\"http://hl7.org/fhir\"");
        }
        let mut content = false;
        for index in start..end {
            let field = self.fields.get(index);
            let definition = schema.fields[usize::from(field.index)];
            match field.value {
                ValueRef::Text(text) if is_attribute(schema, definition.name()) => {
                    if forbidden_character(text).is_none() {
                        self.attribute(definition.name(), text);
                    } else {
                        self.leave_out(&path.child(step(definition, 0, false)));
                    }
                }
                _ => content = true,
            }
        }
        if let Some(value) = value {
            self.attribute("value", value);
        }
        let extras = element.extras();
        if !extras.is_empty() {
            content |= self.start_extras(schema, extras, path);
        }
        if content {
            self.out.push('>');
            self.level += 1;
            self.children(schema, start, end, path);
            if !extras.is_empty() {
                self.end_extras(extras);
            }
            self.level -= 1;
            self.new_line();
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        } else {
            self.out.push_str("/>");
        }
        self.fields.truncate(start);
    }

    fn children(&mut self, schema: &'static Schema, start: usize, end: usize, path: &Path<'_>) {
        let mut index = start;
        while index < end {
            let field = self.fields.get(index);
            let definition = schema.fields[usize::from(field.index)];
            index += 1;
            let place = path.child(step(definition, field.choice, false));
            match field.value {
                ValueRef::Element(child) => self.child(definition, field, child, &place),
                ValueRef::Elements(items) => {
                    for index in 0..items.count() {
                        let place = place.child(Step::Index(index));
                        self.child(definition, field, items.element_at(index), &place);
                    }
                }
                ValueRef::Primitives(items) => self.primitives(definition, items, &place),
                ValueRef::Metadata(metadata) => {
                    self.primitive(definition, field, None, Some(metadata), &place);
                }
                _ if is_attribute(schema, definition.name()) => {}
                value => {
                    // Metadata of the same primitive follows its value.
                    let next = (index < end).then(|| self.fields.get(index));
                    let metadata = match next {
                        Some(FieldRef {
                            index: other,
                            value: ValueRef::Metadata(metadata),
                            ..
                        }) if other == field.index => {
                            index += 1;
                            Some(metadata)
                        }
                        _ => None,
                    };
                    self.primitive(definition, field, Some(value), metadata, &place);
                }
            }
        }
    }

    fn child(
        &mut self,
        definition: &'static Field,
        field: FieldRef<'a>,
        child: &'a dyn Element,
        path: &Path<'_>,
    ) {
        let name = name(definition, field.choice);
        if !child.schema().is_resource() {
            self.new_line();
            self.element(&name, child, None, path);
            return;
        }
        let Some(resource) = self.name_of(child, path) else {
            return;
        };
        self.new_line();
        self.out.push('<');
        self.out.push_str(&name);
        self.out.push('>');
        self.level += 1;
        self.new_line();
        self.element(&resource, child, None, path);
        self.level -= 1;
        self.new_line();
        self.out.push_str("</");
        self.out.push_str(&name);
        self.out.push('>');
    }

    fn primitives(
        &mut self,
        definition: &'static Field,
        items: &'a dyn PrimitiveItems,
        path: &Path<'_>,
    ) {
        for index in 0..items.count() {
            let place = path.child(Step::Index(index));
            let (value, metadata) = (items.value_at(index), items.metadata_at(index));
            let field = FieldRef {
                index: 0,
                choice: 0,
                value: ValueRef::Primitives(items),
            };
            if value.is_none() && metadata.is_none() {
                self.leave_out(&place);
            } else {
                self.primitive(definition, field, value, metadata, &place);
            }
        }
    }

    fn primitive(
        &mut self,
        definition: &'static Field,
        field: FieldRef<'a>,
        value: Option<ValueRef<'_>>,
        metadata: Option<&'a dyn Element>,
        path: &Path<'_>,
    ) {
        let name = name(definition, field.choice);
        let number;
        let malformed;
        let mut text = match value {
            Some(ValueRef::Text(text) | ValueRef::Decimal(text)) => Some(text),
            Some(ValueRef::Boolean(true)) => Some("true"),
            Some(ValueRef::Boolean(false)) => Some("false"),
            Some(ValueRef::Integer(value)) => {
                number = value.to_string();
                Some(number.as_str())
            }
            _ => match metadata.and_then(|it| it.extras().malformed()) {
                None => None,
                Some(extra) => {
                    malformed = scalar_text(extra.json());
                    if malformed.is_none() {
                        self.leave_out(path);
                    }
                    malformed.as_deref()
                }
            },
        };
        let kind = definition.types[usize::from(field.choice)].primitive;
        if kind == Some(PrimitiveKind::Xhtml) {
            let Some(text) = text else { return };
            if is_one_element(text) {
                self.new_line();
                // A carriage return would be lost: it is written as a reference.
                self.out.push_str(&text.trim_ascii().replace('\r', "&#xD;"));
            } else {
                self.leave_out(path);
            }
            return;
        }
        if text.is_some_and(|text| forbidden_character(text).is_some()) {
            self.leave_out(path);
            text = None;
        }
        match metadata {
            Some(metadata) if is_written(metadata) => {
                self.new_line();
                self.element(&name, metadata, text, path);
            }
            _ => {
                let Some(text) = text else { return };
                self.new_line();
                self.out.push('<');
                self.out.push_str(&name);
                self.attribute("value", text);
                self.out.push_str("/>");
            }
        }
    }

    fn attribute(&mut self, name: &str, text: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(&mut self.out, text);
        self.out.push('"');
    }

    /// Writes the attributes that were kept from XML, and reports what XML has no form for. Says whether
    /// there is content to be written.
    #[cold]
    fn start_extras(&mut self, schema: &'static Schema, extras: &Extras, path: &Path<'_>) -> bool {
        let mut content = false;
        let unknown = schema.kind == SchemaKind::UnknownResource;
        for extra in extras {
            let member = path.child(Step::Member(extra.key()));
            match extra.kind() {
                ExtraKind::Xml(XmlExtra::Attribute) => {
                    self.out.push(' ');
                    self.out.push_str(extra.json());
                }
                ExtraKind::Xml(XmlExtra::Value | XmlExtra::Order(_)) => {}
                ExtraKind::Xml(_) => content |= !extra.json().is_empty(),
                ExtraKind::Unknown if unknown && extra.key() == "resourceType" => {}
                kind if kind.is_member() => self.leave_out(&member),
                kind if kind.is_whole() => self.leave_out(path),
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
                    self.new_line();
                    self.out.push_str(extra.json());
                }
                _ => {}
            }
        }
    }
}

/// The name of a field's element: `valueQuantity` for a choice.
fn name(definition: &'static Field, choice: u16) -> Cow<'static, str> {
    if definition.choice {
        let suffix = definition.types[usize::from(choice)].suffix;
        Cow::Owned(format!("{}{suffix}", definition.name()))
    } else {
        Cow::Borrowed(definition.name())
    }
}

/// Whether a field is an attribute in XML: the id of what is no resource, and the url of an extension.
pub(crate) fn is_attribute(schema: &Schema, name: &str) -> bool {
    match name {
        "id" => !schema.is_resource(),
        "url" => schema.name == "Extension",
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

/// Writes text into an attribute's value. Line ends, tabs and spaces at the ends become references, for XML
/// would make spaces of them, or strip them.
fn escape(out: &mut String, text: &str) {
    // Most values need no escapes; all bytes are looked at, without an early end, so that many are at once.
    let special = text.bytes().fold(false, |any, byte| {
        any | (byte < b' ') | matches!(byte, b'&' | b'<' | b'>' | b'"')
    });
    if !special && !text.starts_with(' ') && !text.ends_with(' ') {
        out.push_str(text);
        return;
    }
    let start = text.len() - text.trim_start_matches(' ').len();
    let end = text.trim_end_matches(' ').len();
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            ' ' if at < start || at >= end => out.push_str("&#32;"),
            c => out.push(c),
        }
    }
}
