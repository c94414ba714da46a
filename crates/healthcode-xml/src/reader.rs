//! The one reader: XML text into any element.

use crate::fragment::fragment;
use crate::scanner::{Attribute, FHIR, Scanner, Step, Tag, Token};
use crate::write::{is_attribute, is_type_name};
use healthcode_core::json::write_string;
use healthcode_core::lexical::is_json_number;
use healthcode_core::{
    AnyPrimitive, Element, ExtraKind, PrimitiveKind, ResourceSlot, Root, RootSlot, SchemaKind,
    Slot, XmlExtra, rules,
};

/// Reads one document; returns whether it may have defects.
#[derive(Debug)]
pub(crate) struct Reader<'x> {
    scanner: Scanner<'x>,
    depth: u32,
    max_depth: u32,
    /// Something was kept or noted: the value's issues are worth looking for.
    defects: bool,
}

/// How far the elements of one parent have come in the order of its definition.
#[derive(Default)]
struct Order<'x> {
    /// The index of the field that came furthest.
    furthest: usize,
    /// The name of the element that was read last.
    last: &'x str,
}

impl<'x> Reader<'x> {
    pub(crate) fn new(scanner: Scanner<'x>, max_depth: u32) -> Self {
        Reader {
            scanner,
            depth: 0,
            max_depth,
            defects: false,
        }
    }

    pub(crate) fn defects(&self) -> bool {
        self.defects
    }

    pub(crate) fn scanner(&self) -> &Scanner<'x> {
        &self.scanner
    }

    /// Reads a whole document.
    pub(crate) fn document<T: Root>(&mut self) -> Step<T> {
        self.scanner.prolog()?;
        let at = self.scanner.at();
        let Token::Start(tag) = self.scanner.next()? else {
            return self.scanner.expected(at, "an element");
        };
        if tag.namespace != FHIR {
            return self.scanner.fail(&rules::XML_NAMESPACE, tag.at);
        }
        let mut place = None;
        match T::open(&mut place) {
            RootSlot::Element(element) => {
                let schema = element.schema();
                if schema.kind == SchemaKind::UnknownResource {
                    self.unknown_resource(element, tag)?;
                } else if schema.name == tag.local {
                    self.element(element, tag)?;
                } else {
                    return self.scanner.fail(&rules::FHIR_RESOURCE_TYPE_OTHER, tag.at);
                }
            }
            RootSlot::Resource(slot) => self.resource(slot, tag)?,
        }
        let end = self.scanner.at();
        match (self.scanner.next()?, place) {
            (Token::Eof, Some(value)) => Ok(value),
            _ => self.scanner.fail(&rules::XML_TRAILING, end),
        }
    }

    /// Reads an element of a document, whatever its name.
    pub(crate) fn part<T: Root>(&mut self) -> Step<T> {
        self.scanner.check_characters()?;
        let Token::Start(tag) = self.scanner.next()? else {
            return self.scanner.expected(0, "an element");
        };
        let mut place = None;
        match T::open(&mut place) {
            RootSlot::Element(element) => self.element(element, tag)?,
            RootSlot::Resource(slot) => self.resource(slot, tag)?,
        }
        let end = self.scanner.at();
        match (self.scanner.next()?, place) {
            (Token::Eof, Some(value)) => Ok(value),
            _ => self.scanner.fail(&rules::XML_TRAILING, end),
        }
    }

    #[cold]
    #[inline(never)]
    fn keep(&mut self, element: &mut dyn Element, kind: XmlExtra, key: &str, xml: &str) {
        self.defects = true;
        element.extras_mut().push(ExtraKind::Xml(kind), key, xml);
    }

    /// The text of an element whose start tag was read, as it is written outside the document.
    fn source_of(&mut self, tag: Tag<'x>) -> Step<String> {
        let bindings: Vec<_> = self.scanner.bindings().collect();
        self.scanner.skip(&tag)?;
        let source = &self.scanner.text()[tag.at..self.scanner.at()];
        Ok(fragment(source, &bindings).into_owned())
    }

    /// Keeps an element, whose start tag was read, as text.
    #[cold]
    #[inline(never)]
    fn keep_element(
        &mut self,
        element: &mut dyn Element,
        kind: XmlExtra,
        tag: Tag<'x>,
    ) -> Step<()> {
        let xml = self.source_of(tag)?;
        self.keep(element, kind, tag.local, &xml);
        Ok(())
    }

    /// Reads a resource, whose start tag was read.
    fn resource(&mut self, slot: &mut dyn ResourceSlot, tag: Tag<'x>) -> Step<()> {
        let element = slot.open(Some(tag.local));
        if element.schema().kind == SchemaKind::UnknownResource {
            self.unknown_resource(element, tag)
        } else {
            self.element(element, tag)
        }
    }

    /// Keeps a resource of unknown type: its name, and its content as text.
    #[cold]
    #[inline(never)]
    fn unknown_resource(&mut self, element: &mut dyn Element, tag: Tag<'x>) -> Step<()> {
        let mut json = Vec::new();
        write_string(&mut json, tag.local);
        let json = String::from_utf8(json).unwrap_or_default();
        self.defects = true;
        element
            .extras_mut()
            .push(ExtraKind::Unknown, "resourceType", &json);
        self.keep_content(element, XmlExtra::Content, tag)
    }

    /// Keeps the content of an element, whose start tag was read, as text.
    #[cold]
    #[inline(never)]
    fn keep_content(
        &mut self,
        element: &mut dyn Element,
        kind: XmlExtra,
        tag: Tag<'x>,
    ) -> Step<()> {
        self.keep_attributes(element);
        let bindings: Vec<_> = self.scanner.bindings().collect();
        let start = self.scanner.at();
        let end = self.scanner.skip(&tag)?;
        let source = &self.scanner.text()[start..end.max(start)];
        self.keep(element, kind, "", &fragment(source, &bindings));
        Ok(())
    }

    /// Reads a complex element, whose start tag was read.
    fn element(&mut self, element: &mut dyn Element, tag: Tag<'x>) -> Step<()> {
        if self.depth >= self.max_depth {
            return self.keep_content(element, XmlExtra::TooDeep, tag);
        }
        let mut any = self.attributes(element, false);
        if !tag.empty {
            let first = self.scanner.next()?;
            any |= first != Token::End;
            self.content(element, first)?;
        }
        // An element without content is a defect.
        self.defects |= !any;
        Ok(())
    }

    /// Reads the attributes of an element or, but for their values, of a primitive. Returns whether there are any.
    #[inline]
    fn attributes(&mut self, element: &mut dyn Element, of_primitive: bool) -> bool {
        let mut any = false;
        for index in 0..self.scanner.attributes().len() {
            let attribute = self.scanner.attributes()[index];
            if attribute.is_declaration() || (of_primitive && attribute.name == "value") {
                continue;
            }
            any = true;
            // `slot` makes the element that it returns the place of.
            let known = is_attribute(element.schema(), attribute.name);
            match known.then(|| element.slot(attribute.name)) {
                Some(Slot::Attribute(place)) => *place = Some((&*attribute.decoded()).into()),
                _ => self.keep_attribute(element, attribute),
            }
        }
        any
    }

    /// Keeps all attributes of the start tag that was read last.
    fn keep_attributes(&mut self, element: &mut dyn Element) {
        for index in 0..self.scanner.attributes().len() {
            let attribute = self.scanner.attributes()[index];
            if !attribute.is_declaration() {
                self.keep_attribute(element, attribute);
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn keep_attribute(&mut self, element: &mut dyn Element, attribute: Attribute<'x>) {
        let (key, xml) = self.attribute_source(attribute);
        self.keep(element, XmlExtra::Attribute, key, &xml);
    }

    /// The name and the text of an attribute, as it is written outside the document.
    fn attribute_source(&self, attribute: Attribute<'x>) -> (&'x str, String) {
        let source = attribute.source(self.scanner.text());
        let xml = match attribute.name.split_once(':') {
            // An attribute of another namespace is kept with the declaration of its prefix.
            Some((prefix, _)) if prefix != "xml" => {
                let namespace = self.scanner.namespace(prefix).unwrap_or_default();
                format!("xmlns:{prefix}=\"{namespace}\" {source}")
            }
            _ => source.to_owned(),
        };
        let key = attribute.name.rsplit(':').next().unwrap_or_default();
        (key, xml)
    }

    /// Reads the content of an element from its first token to its end tag.
    fn content(&mut self, element: &mut dyn Element, first: Token<'x>) -> Step<()> {
        self.depth += 1;
        let mut order = Order::default();
        let mut token = first;
        loop {
            match token {
                Token::Start(tag) => {
                    self.child(element, tag, &mut order)?;
                    order.last = tag.local;
                }
                Token::Text(text) => self.keep(element, XmlExtra::Text, "", text),
                Token::End => break,
                Token::Eof => return self.scanner.expected(self.scanner.at(), "an end tag"),
            }
            token = self.scanner.next()?;
        }
        self.depth -= 1;
        Ok(())
    }

    #[inline]
    fn child(
        &mut self,
        element: &mut dyn Element,
        tag: Tag<'x>,
        order: &mut Order<'x>,
    ) -> Step<()> {
        let key = tag.local;
        let narrative = key == "div" && element.schema().name == "Narrative";
        if tag.namespace != FHIR && !narrative {
            return self.keep_element(element, XmlExtra::Foreign, tag);
        }
        if key.starts_with('_') {
            return self.keep_element(element, XmlExtra::Element, tag);
        }
        let again = self.in_order(element, tag, order);
        // `slot` makes the value that it returns the place of.
        if self.value().is_none()
            && !again
            && let Some((field, kind)) = element.schema().member(key)
            && kind
                .primitive
                .is_some_and(|kind| kind != PrimitiveKind::Xhtml)
            && !field.repeats()
            && let Slot::Metadata(primitive) = element.slot(&format!("_{key}"))
        {
            if matches!(primitive.value_slot(), Slot::Repeated) {
                return self.keep_element(element, XmlExtra::Repeated, tag);
            }
            primitive.clear_value();
            return self.rest(primitive, tag, None, false);
        }
        let signed = self.has_wrong_sign(element, key);
        match element.slot(key) {
            Slot::Element(child) => self.element(child, tag),
            Slot::Elements(list) | Slot::RepeatedElements(list) => {
                self.element(list.push_empty(), tag)
            }
            Slot::Primitives(list) | Slot::RepeatedPrimitives(list) => {
                let index = list.count();
                self.primitive(list.at(index), tag)
            }
            Slot::Resource(_) | Slot::Resources(_) | Slot::RepeatedResources(_) => {
                self.wrapped_resource(element, tag)
            }
            Slot::Text(place) if narrative => {
                let xml = self.source_of(tag)?;
                // The writer's form of a carriage return, which XML itself would make a line feed.
                *place = xml.replace("&#xD;", "\r").as_str().into();
                Ok(())
            }
            slot @ (Slot::Text(_)
            | Slot::Code(_)
            | Slot::Boolean(_)
            | Slot::Integer(_)
            | Slot::Decimal(_))
                if !again =>
            {
                let value = self.value();
                let malformed = match &value {
                    Some(value) => !leaf(slot, &value.decoded()) || signed,
                    None => false,
                };
                // Most have a value and nothing else.
                if !malformed
                    && value.is_some()
                    && tag.empty
                    && self.scanner.attributes().len() == 1
                {
                    return Ok(());
                }
                match element.slot(&format!("_{key}")) {
                    Slot::Metadata(primitive) => self.rest(primitive, tag, value, malformed),
                    _ => self.keep_element(element, XmlExtra::Element, tag),
                }
            }
            Slot::SecondChoice => self.keep_element(element, XmlExtra::SecondChoice, tag),
            Slot::Attribute(_) | Slot::Unknown | Slot::ResourceType => {
                self.keep_element(element, XmlExtra::Element, tag)
            }
            _ => self.keep_element(element, XmlExtra::Repeated, tag),
        }
    }

    /// Whether the value has a plus sign, which an integer may have unless it is an `unsignedInt`.
    #[inline]
    fn has_wrong_sign(&self, element: &dyn Element, key: &str) -> bool {
        let has_sign = |value: Attribute<'_>| {
            // A reference may stand for it.
            value.value.starts_with(['+', '&']) && value.decoded().starts_with('+')
        };
        self.value().is_some_and(has_sign)
            && element
                .schema()
                .member(key)
                .is_some_and(|(_, kind)| kind.primitive == Some(PrimitiveKind::UnsignedInt))
    }

    /// Notes an element that is too late. Returns whether the same field was read just before.
    #[inline]
    fn in_order(&mut self, element: &mut dyn Element, tag: Tag<'x>, order: &mut Order<'x>) -> bool {
        let key = tag.local;
        if key == order.last {
            return true;
        }
        let schema = element.schema();
        let is_key = |field: &healthcode_core::Field| {
            let name = field.name();
            match key.strip_prefix(name) {
                Some(suffix) if field.choice => {
                    field.types.iter().any(|type_| type_.suffix == suffix)
                }
                Some(suffix) => suffix.is_empty(),
                None => false,
            }
        };
        if let Some(ahead) = schema.fields[order.furthest..]
            .iter()
            .position(|field| is_key(field))
        {
            let again = ahead == 0 && !order.last.is_empty();
            order.furthest += ahead;
            return again;
        }
        let Some(field) = schema.fields.iter().find(|field| is_key(field)) else {
            return false;
        };
        // The place of an attribute's name is not in the order of elements.
        if !is_attribute(schema, key) {
            let index = if field.repeats() {
                count(element, key)
            } else {
                0
            };
            self.keep(element, XmlExtra::Order(index), key, "");
        }
        false
    }

    /// The attribute `value` of the start tag that was read last.
    #[inline]
    fn value(&self) -> Option<Attribute<'x>> {
        let mut attributes = self.scanner.attributes().iter();
        attributes
            .find(|attribute| attribute.name == "value")
            .copied()
    }

    /// Reads a primitive of a list, whose start tag was read.
    fn primitive(&mut self, primitive: &mut dyn AnyPrimitive, tag: Tag<'x>) -> Step<()> {
        let value = self.value();
        let malformed = match &value {
            Some(value) => !leaf(primitive.value_slot(), &value.decoded()),
            None => false,
        };
        if !malformed && value.is_some() && tag.empty && self.scanner.attributes().len() == 1 {
            return Ok(());
        }
        self.rest(primitive, tag, value, malformed)
    }

    /// Reads what a primitive has beside its value.
    #[inline(never)]
    fn rest(
        &mut self,
        primitive: &mut dyn AnyPrimitive,
        tag: Tag<'x>,
        value: Option<Attribute<'x>>,
        malformed: bool,
    ) -> Step<()> {
        if let Some(value) = value.filter(|_| malformed) {
            primitive.clear_value();
            let mut json = Vec::new();
            write_string(&mut json, &value.decoded());
            let json = String::from_utf8(json).unwrap_or_default();
            self.keep(primitive.metadata(), XmlExtra::Value, "", &json);
        }
        let others =
            |attribute: &Attribute<'_>| !attribute.is_declaration() && attribute.name != "value";
        let mut any = self.scanner.attributes().iter().any(others);
        if any {
            self.attributes(primitive.metadata(), true);
        }
        if !tag.empty {
            let first = self.scanner.next()?;
            if first != Token::End {
                any = true;
                self.content(primitive.metadata(), first)?;
            }
        }
        if !any && value.is_none() {
            self.defects = true;
            let extras = primitive.metadata().extras_mut();
            extras.push(ExtraKind::EmptyObject, "", "");
        }
        Ok(())
    }

    /// Reads an element that holds a resource (`contained`, `resource`), whose start tag was read.
    fn wrapped_resource(&mut self, element: &mut dyn Element, tag: Tag<'x>) -> Step<()> {
        // What is beside a resource is kept alone; without one, the element is kept as a whole.
        let mut beside = Vec::new();
        for attribute in self.scanner.attributes() {
            if !attribute.is_declaration() {
                let (key, xml) = self.attribute_source(*attribute);
                beside.push((XmlExtra::Attribute, key, xml));
            }
        }
        let outside = self.scanner.depth().saturating_sub(usize::from(!tag.empty));
        let mut count = 0;
        loop {
            let token = if tag.empty {
                Token::End
            } else {
                self.scanner.next()?
            };
            match token {
                Token::Start(child) => {
                    if child.namespace != FHIR || !is_type_name(child.local) {
                        if count == 0 {
                            self.scanner.skip_to(outside)?;
                            break;
                        }
                        self.keep_wrapped(element, tag, child)?;
                        continue;
                    }
                    count += 1;
                    match element.slot(tag.local) {
                        Slot::Resource(slot)
                        | Slot::Resources(slot)
                        | Slot::RepeatedResources(slot) => self.resource(slot, child)?,
                        _ => {
                            self.keep_wrapped(element, tag, child)?;
                            continue;
                        }
                    }
                    if count > 1 {
                        self.keep(element, XmlExtra::NotOneResource, tag.local, "");
                    }
                }
                Token::Text(text) => beside.push((XmlExtra::Text, tag.local, text.to_owned())),
                Token::End => break,
                Token::Eof => return self.scanner.expected(self.scanner.at(), "an end tag"),
            }
        }
        if count > 0 {
            for (kind, key, xml) in beside {
                self.keep(element, kind, key, &xml);
            }
        } else {
            // No resource was found: the element is kept as a whole.
            let bindings: Vec<_> = self.scanner.bindings().collect();
            let source = &self.scanner.text()[tag.at..self.scanner.at()];
            let xml = fragment(source, &bindings);
            self.keep(element, XmlExtra::NotOneResource, tag.local, &xml);
        }
        Ok(())
    }

    /// Keeps a further element of one that holds a resource, in an element of the same name.
    #[cold]
    #[inline(never)]
    fn keep_wrapped(
        &mut self,
        element: &mut dyn Element,
        tag: Tag<'x>,
        child: Tag<'x>,
    ) -> Step<()> {
        let inner = self.source_of(child)?;
        let (name, xml) = (tag.local, format!("<{0}>{inner}</{0}>", tag.local));
        self.keep(element, XmlExtra::NotOneResource, name, &xml);
        Ok(())
    }
}

/// How many values the field of this name has.
#[cold]
fn count(element: &mut dyn Element, key: &str) -> u32 {
    let count = match element.slot(key) {
        Slot::Primitives(list) | Slot::RepeatedPrimitives(list) => list.count(),
        _ => {
            let mut fields = healthcode_core::Fields::new();
            let schema = element.schema();
            element.fields(&mut fields);
            let of_key = |field: &&healthcode_core::FieldRef<'_>| {
                schema.fields[usize::from(field.index)].name() == key
            };
            match fields.since(0).iter().find(of_key).map(|field| field.value) {
                Some(healthcode_core::ValueRef::Elements(items)) => items.count(),
                _ => 0,
            }
        }
    };
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Reads a primitive's value; false if it is not of the primitive's form.
#[inline]
fn leaf(slot: Slot<'_>, text: &str) -> bool {
    match slot {
        Slot::Text(place) => *place = text.into(),
        Slot::Code(place) => place.set_code(text),
        Slot::Boolean(place) => match text {
            "true" => *place = true,
            "false" => *place = false,
            _ => return false,
        },
        Slot::Integer(place) => {
            // R4's form of an integer has a plus sign that JSON has not: `[-+]?[1-9][0-9]*`.
            let plain = text
                .strip_prefix('+')
                .filter(|rest| rest.starts_with(|c| matches!(c, '1'..='9')));
            let plain = plain.unwrap_or(text);
            match plain.parse() {
                Ok(number) if is_json_number(plain) && plain != "-0" => *place = number,
                _ => return false,
            }
        }
        Slot::Decimal(place) if is_json_number(text) => *place = text.into(),
        _ => return false,
    }
    true
}
