//! The one reader: JSON text into any element.

use crate::cursor::{Cursor, Step};
use crate::wanted::{Members, RESOURCE, Wanted};
use healthcode_core::{
    AnyPrimitive, Element, ExtraKind, PrimitiveList, ResourceSlot, Root, RootSlot, Rule,
    SchemaKind, Slot, rules,
};
use std::collections::BTreeSet;

/// Reads one document; returns whether it may have defects.
#[derive(Debug)]
pub(crate) struct Reader<'j> {
    cursor: Cursor<'j>,
    depth: u32,
    max_depth: u32,
    /// Something was kept or noted: the value's issues are worth looking for.
    defects: bool,
    wanted: Option<&'j Wanted>,
    /// What is read of the object that is next; `None` for all of it.
    members: Option<&'j Members>,
}

/// How a value was read.
enum Outcome {
    Done,
    /// The JSON value is not of the primitive's type; nothing has been consumed.
    Malformed,
    /// The JSON value does not have the shape of the field; nothing has been consumed.
    Mismatch(ExtraKind),
    /// An array was read whose length, or whose sibling's length, its values do not show.
    Array {
        own: Option<u32>,
        sibling: Option<u32>,
    },
}

/// What is known of the members of an object read so far, beyond what its value shows.
#[allow(
    clippy::box_collection,
    reason = "a null check shows that it is empty, and that nothing is to be dropped"
)]
#[derive(Default)]
struct ReadMembers {
    /// Names of which something was kept or noted; boxed, for there are hardly ever any.
    noted: Option<Box<BTreeSet<Box<str>>>>,
    /// `resourceType` was there.
    resource_type: bool,
}

impl ReadMembers {
    fn note(&mut self, name: &str) {
        self.noted.get_or_insert_default().insert(name.into());
    }
}

impl<'j> Reader<'j> {
    pub(crate) fn new(text: &'j str, max_depth: u32) -> Self {
        Reader {
            cursor: Cursor::new(text),
            depth: 0,
            max_depth,
            defects: false,
            wanted: None,
            members: None,
        }
    }

    /// As [`Reader::new`], but what is not wanted is passed over.
    pub(crate) fn of_wanted(text: &'j str, max_depth: u32, wanted: &'j Wanted) -> Self {
        Reader {
            wanted: Some(wanted),
            members: Some(&RESOURCE),
            ..Reader::new(text, max_depth)
        }
    }

    pub(crate) fn defects(&self) -> bool {
        self.defects
    }

    pub(crate) fn fault(&self) -> (&'static Rule, usize) {
        self.cursor.fault()
    }

    /// How far it has come.
    pub(crate) fn at(&self) -> usize {
        self.cursor.at()
    }

    /// Reads a whole document.
    pub(crate) fn document<T: Root>(&mut self) -> Step<T> {
        let value = self.value()?;
        self.cursor.end()?;
        Ok(value)
    }

    /// Reads a value, after which there may be more.
    pub(crate) fn value<T: Root>(&mut self) -> Step<T> {
        let mut place = None;
        match T::open(&mut place) {
            RootSlot::Element(element) => self.root_element(element)?,
            RootSlot::Resource(slot) => self.resource_or_keep(slot)?,
        }
        match place {
            Some(value) => Ok(value),
            None => self.cursor.fail(&rules::FHIR_NOT_OBJECT),
        }
    }

    fn root_element(&mut self, element: &mut dyn Element) -> Step<()> {
        if let Some(wanted) = self.wanted {
            let schema = element.schema();
            let members = match schema.kind {
                SchemaKind::Resource => wanted.of(Some(schema.name)),
                SchemaKind::UnknownResource if self.cursor.peek() == b'{' => {
                    wanted.of(self.peek_resource_type()?.0.as_deref())
                }
                _ => &wanted.entry,
            };
            self.members = (!members.whole).then_some(members);
        }
        if !element.schema().is_resource() || self.cursor.peek() != b'{' {
            return self.element_or_keep(element);
        }
        if element.schema().kind == SchemaKind::Resource {
            let (name, first) = self.peek_resource_type()?;
            match name.as_deref() {
                Some(name) if name != element.schema().name => {
                    return self.cursor.fail(&rules::FHIR_RESOURCE_TYPE_OTHER);
                }
                Some(_) if !first => self.note(element, ExtraKind::LateResourceType),
                Some(_) => {}
                None => self.note(element, ExtraKind::MissingResourceType),
            }
        }
        self.object(element)
    }

    fn note(&mut self, element: &mut dyn Element, kind: ExtraKind) {
        self.keep(element, kind, "", "");
    }

    #[cold]
    #[inline(never)]
    fn keep(&mut self, element: &mut dyn Element, kind: ExtraKind, key: &str, json: &str) {
        self.defects = true;
        element.extras_mut().push(kind, key, json);
    }

    /// Reads an object into `element`, or keeps whatever else is there as the whole of it.
    fn element_or_keep(&mut self, element: &mut dyn Element) -> Step<()> {
        if self.cursor.peek() == b'{' {
            return self.object(element);
        }
        let json = self.cursor.skip()?;
        self.keep(element, ExtraKind::NotObject, "", json);
        Ok(())
    }

    /// Reads an object, which is next, into `element`.
    fn object(&mut self, element: &mut dyn Element) -> Step<()> {
        if self.depth >= self.max_depth {
            let json = self.cursor.skip()?;
            self.keep(element, ExtraKind::TooDeep, "", json);
            return Ok(());
        }
        self.depth += 1;
        let start = self.cursor.at();
        self.cursor.go_to(start + 1);
        if let Some(members) = self.members {
            self.wanted_members(element, members)?;
            self.depth -= 1;
            return Ok(());
        }
        let mut seen = ReadMembers::default();
        let mut more = self.cursor.first_member()?;
        if !more {
            self.defects = true;
        }
        while more {
            let name = self.cursor.name()?;
            if name.escaped {
                let key = self.cursor.decoded(name).to_owned();
                self.cursor.colon()?;
                self.member(element, &key, &mut seen)?;
            } else {
                let key = &self.cursor.text()[name.start..name.end];
                self.cursor.colon()?;
                self.member(element, key, &mut seen)?;
            }
            more = self.cursor.next_member()?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads those members of an object that are wanted.
    #[inline(never)]
    fn wanted_members(&mut self, element: &mut dyn Element, members: &'j Members) -> Step<()> {
        let mut seen = ReadMembers::default();
        let mut more = self.cursor.first_member()?;
        while more {
            let name = self.cursor.name()?;
            let decoded;
            let key: &str = if name.escaped {
                decoded = self.cursor.decoded(name).to_owned();
                &decoded
            } else {
                &self.cursor.text()[name.start..name.end]
            };
            self.cursor.colon()?;
            match members.find(key) {
                Some(found) => {
                    self.members = (!found.whole).then_some(found);
                    self.member(element, key, &mut seen)?;
                    self.members = Some(members);
                }
                None if key == "resourceType" => self.member(element, key, &mut seen)?,
                None => drop(self.cursor.skip()?),
            }
            more = self.cursor.next_member()?;
        }
        Ok(())
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn member(&mut self, element: &mut dyn Element, key: &str, seen: &mut ReadMembers) -> Step<()> {
        if let Some(noted) = &seen.noted
            && noted.contains(key)
        {
            return self.keep_member(element, ExtraKind::Repeated, key);
        }
        let outcome = match element.slot(key) {
            Slot::Text(place) => {
                if self.cursor.peek() == b'"' {
                    let quoted = self.cursor.quoted()?;
                    *place = self.cursor.decoded(quoted).into();
                    Outcome::Done
                } else {
                    Outcome::Malformed
                }
            }
            Slot::Element(child) => {
                if self.cursor.peek() == b'{' {
                    self.object(child)?;
                    Outcome::Done
                } else {
                    self.element_or_keep(child)?;
                    Outcome::Done
                }
            }
            Slot::Elements(list) => {
                self.items(|reader| reader.element_or_keep(list.push_empty()))?
            }
            Slot::Primitives(list) => self.primitives(list)?,
            Slot::MetadataList(list) => self.metadata_list(list)?,
            Slot::Metadata(primitive) => self.metadata(primitive)?,
            Slot::Attribute(place) => {
                if self.cursor.peek() == b'"' {
                    let quoted = self.cursor.quoted()?;
                    *place = Some(self.cursor.decoded(quoted).into());
                    Outcome::Done
                } else {
                    Outcome::Mismatch(ExtraKind::WrongShape)
                }
            }
            Slot::Resource(slot) => {
                self.resource_or_keep(slot)?;
                Outcome::Done
            }
            Slot::Resources(slot) => self.items(|reader| reader.resource_or_keep(slot))?,
            Slot::ResourceType => return self.resource_type(element, key, seen),
            Slot::Repeated
            | Slot::RepeatedPrimitives(_)
            | Slot::RepeatedElements(_)
            | Slot::RepeatedResources(_) => Outcome::Mismatch(ExtraKind::Repeated),
            Slot::SecondChoice => Outcome::Mismatch(ExtraKind::SecondChoice),
            Slot::Unknown => Outcome::Mismatch(ExtraKind::Unknown),
            leaf => self.leaf(leaf)?,
        };
        match outcome {
            Outcome::Done => Ok(()),
            outcome => self.unexpected_member(element, key, seen, outcome),
        }
    }

    #[cold]
    #[inline(never)]
    fn unexpected_member(
        &mut self,
        element: &mut dyn Element,
        key: &str,
        seen: &mut ReadMembers,
        outcome: Outcome,
    ) -> Step<()> {
        match outcome {
            Outcome::Done => Ok(()),
            Outcome::Malformed => {
                let json = self.cursor.skip()?;
                self.defects = true;
                let sibling = format!("_{key}");
                if let Slot::Metadata(primitive) = element.slot(&sibling) {
                    primitive.clear_value();
                    let extras = primitive.metadata().extras_mut();
                    extras.push(ExtraKind::Value, "", json);
                } else {
                    debug_assert!(false, "a primitive without metadata: {key}");
                    self.keep(element, ExtraKind::WrongShape, key, json);
                }
                Ok(())
            }
            Outcome::Mismatch(kind) => {
                if !matches!(kind, ExtraKind::Repeated | ExtraKind::SecondChoice) {
                    seen.note(key);
                }
                self.keep_member(element, kind, key)
            }
            Outcome::Array { own, sibling } => {
                if let Some(length) = own {
                    seen.note(key);
                    self.keep(element, ExtraKind::Length(length), key, "");
                }
                if let Some(length) = sibling {
                    let sibling = match key.strip_prefix('_') {
                        Some(key) => key.to_owned(),
                        None => format!("_{key}"),
                    };
                    self.keep(element, ExtraKind::Length(length), &sibling, "");
                }
                Ok(())
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn keep_member(&mut self, element: &mut dyn Element, kind: ExtraKind, key: &str) -> Step<()> {
        let json = self.cursor.skip()?;
        self.keep(element, kind, key, json);
        Ok(())
    }

    /// Reads an array, each item of it by `item`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn items(&mut self, mut item: impl FnMut(&mut Self) -> Step<()>) -> Step<Outcome> {
        if !self.cursor.take(b'[') {
            return Ok(Outcome::Mismatch(ExtraKind::WrongShape));
        }
        if !self.cursor.first_item() {
            return Ok(Outcome::Array {
                own: Some(0),
                sibling: None,
            });
        }
        loop {
            item(self)?;
            if !self.cursor.next_item()? {
                return Ok(Outcome::Done);
            }
        }
    }

    /// Reads a primitive's value.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn leaf(&mut self, slot: Slot<'_>) -> Step<Outcome> {
        let byte = self.cursor.peek();
        match slot {
            Slot::Text(place) if byte == b'"' => {
                let quoted = self.cursor.quoted()?;
                *place = self.cursor.decoded(quoted).into();
            }
            Slot::Code(place) if byte == b'"' => {
                let quoted = self.cursor.quoted()?;
                place.set_code(self.cursor.decoded(quoted));
            }
            Slot::Boolean(place) if byte == b't' => {
                self.cursor.word("true")?;
                *place = true;
            }
            Slot::Boolean(place) if byte == b'f' => {
                self.cursor.word("false")?;
                *place = false;
            }
            Slot::Decimal(place) if is_number_start(byte) => {
                *place = self.cursor.number()?.into();
            }
            Slot::Integer(place) if is_number_start(byte) => {
                let start = self.cursor.at();
                let number = self.cursor.number()?;
                match number.parse() {
                    Ok(value) if number != "-0" => *place = value,
                    _ => {
                        self.cursor.go_to(start);
                        return Ok(Outcome::Malformed);
                    }
                }
            }
            Slot::Repeated => return Ok(Outcome::Mismatch(ExtraKind::Repeated)),
            _ => return Ok(Outcome::Malformed),
        }
        Ok(Outcome::Done)
    }

    /// Reads an array of primitive values.
    #[inline(never)]
    fn primitives(&mut self, list: &mut dyn PrimitiveList) -> Step<Outcome> {
        if !self.cursor.take(b'[') {
            return Ok(Outcome::Mismatch(ExtraKind::WrongShape));
        }
        let before = list.count();
        let mut count = 0usize;
        let mut any = false;
        let mut more = self.cursor.first_item();
        while more {
            let item = list.at(count);
            if self.cursor.peek() == b'n' {
                self.cursor.word("null")?;
                self.defects = true;
            } else {
                any = true;
                if let Outcome::Malformed = self.leaf(item.value_slot())? {
                    let json = self.cursor.skip()?;
                    self.defects = true;
                    item.clear_value();
                    let extras = item.metadata().extras_mut();
                    extras.push(ExtraKind::Value, "", json);
                }
            }
            count += 1;
            more = self.cursor.next_item()?;
        }
        Ok(array_note(count, before, any))
    }

    /// Reads an array of primitives' ids and extensions.
    #[inline(never)]
    fn metadata_list(&mut self, list: &mut dyn PrimitiveList) -> Step<Outcome> {
        if !self.cursor.take(b'[') {
            return Ok(Outcome::Mismatch(ExtraKind::WrongShape));
        }
        let before = list.count();
        let mut count = 0usize;
        let mut any = false;
        let mut more = self.cursor.first_item();
        while more {
            let item = list.at(count);
            if self.cursor.peek() == b'n' {
                self.cursor.word("null")?;
            } else {
                any = true;
                self.metadata(item)?;
            }
            count += 1;
            more = self.cursor.next_item()?;
        }
        if count != before {
            self.defects = true;
        }
        Ok(array_note(count, before, any))
    }

    /// Reads a primitive's id and extensions.
    fn metadata(&mut self, primitive: &mut dyn AnyPrimitive) -> Step<Outcome> {
        if primitive.has_written_metadata() {
            return Ok(Outcome::Mismatch(ExtraKind::Repeated));
        }
        let element = primitive.metadata();
        let start = self.cursor.at();
        self.element_or_keep(element)?;
        // `{}` leaves no other trace beside a kept malformed value.
        let text = self.cursor.text()[start..self.cursor.at()].trim_start();
        if let Some(rest) = text.strip_prefix('{')
            && rest.trim_start().starts_with('}')
        {
            self.note(element, ExtraKind::EmptyObject);
        }
        Ok(Outcome::Done)
    }

    /// Reads `resourceType` of a resource whose type is settled.
    fn resource_type(
        &mut self,
        element: &mut dyn Element,
        key: &str,
        seen: &mut ReadMembers,
    ) -> Step<()> {
        // Its first occurrence has been looked at before the object was read.
        if seen.resource_type {
            return self.keep_member(element, ExtraKind::Repeated, key);
        }
        seen.resource_type = true;
        if self.cursor.peek() != b'"' {
            return self.keep_member(element, ExtraKind::WrongShape, key);
        }
        self.cursor.quoted().map(drop)
    }

    fn resource_or_keep(&mut self, slot: &mut dyn ResourceSlot) -> Step<()> {
        if self.cursor.peek() != b'{' {
            let json = self.cursor.skip()?;
            self.keep(slot.open(None), ExtraKind::NotObject, "", json);
            return Ok(());
        }
        if self.depth >= self.max_depth {
            let json = self.cursor.skip()?;
            self.keep(slot.open(None), ExtraKind::TooDeep, "", json);
            return Ok(());
        }
        let (name, first) = self.peek_resource_type()?;
        let around = self.members;
        if let (Some(wanted), Some(members)) = (self.wanted, around)
            && members.resource
        {
            let members = wanted.of(name.as_deref());
            self.members = (!members.whole).then_some(members);
        }
        let element = slot.open(name.as_deref());
        if element.schema().kind == SchemaKind::UnknownResource {
            self.defects = true;
        } else if !first {
            self.note(element, ExtraKind::LateResourceType);
        }
        self.object(element)?;
        self.members = around;
        Ok(())
    }

    /// Looks for the type of the resource that is next: its name, and whether it comes first.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn peek_resource_type(&mut self) -> Step<(Option<TypeName<'j>>, bool)> {
        const FIRST: &str = "\"resourceType\"";
        self.cursor.peek();
        let start = self.cursor.at();
        let text: &'j str = self.cursor.text();
        let inner = text[start + 1..].trim_ascii_start();
        if let Some(rest) = inner.strip_prefix(FIRST)
            && let Some(rest) = rest.trim_ascii_start().strip_prefix(':')
            && let Some(rest) = rest.trim_ascii_start().strip_prefix('"')
        {
            let letters = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
            if rest.as_bytes().get(letters) == Some(&b'"') {
                return Ok((Some(TypeName::Plain(&rest[..letters])), true));
            }
        }
        self.find_resource_type(start)
    }

    #[cold]
    #[inline(never)]
    fn find_resource_type(&mut self, start: usize) -> Step<(Option<TypeName<'j>>, bool)> {
        let mut first = true;
        let mut found = None;
        self.cursor.go_to(start + 1);
        let mut more = self.cursor.first_member()?;
        while more {
            let name = self.cursor.name()?;
            let is_type = self.cursor.decoded(name) == "resourceType";
            self.cursor.colon()?;
            if is_type {
                if self.cursor.peek() == b'"' {
                    let value = self.cursor.quoted()?;
                    found = Some(TypeName::Decoded(self.cursor.decoded(value).to_owned()));
                }
                break;
            }
            self.cursor.skip()?;
            first = false;
            more = self.cursor.next_member()?;
        }
        self.cursor.go_to(start);
        Ok((found, first))
    }
}

enum TypeName<'j> {
    Plain(&'j str),
    Decoded(String),
}

impl TypeName<'_> {
    fn as_str(&self) -> &str {
        match self {
            TypeName::Plain(name) => name,
            TypeName::Decoded(name) => name,
        }
    }
}

trait AsDerefStr {
    fn as_deref(&self) -> Option<&str>;
}

impl AsDerefStr for Option<TypeName<'_>> {
    fn as_deref(&self) -> Option<&str> {
        self.as_ref().map(TypeName::as_str)
    }
}

fn is_number_start(byte: u8) -> bool {
    byte == b'-' || byte.is_ascii_digit()
}

/// What must be noted of an array of `count` items: its length, if none of them shows it or if its
/// sibling, read before, had more; the sibling's length `before`, if that had fewer.
fn array_note(count: usize, before: usize, any: bool) -> Outcome {
    let note =
        |needed: bool, length: usize| needed.then(|| u32::try_from(length).unwrap_or(u32::MAX));
    let own = note(!any || count < before, count);
    let sibling = note(before > 0 && count > before, before);
    if own.is_none() && sibling.is_none() {
        return Outcome::Done;
    }
    Outcome::Array { own, sibling }
}
