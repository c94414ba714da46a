//! [`UnknownResource`]: a resource of a type that the version does not define.

use crate::{Element, ExtraKind, Extras, Fields, Root, RootSlot, Schema, SchemaKind, Slot};

/// A resource whose type the version does not define, or that names none: all its members, as
/// they were.
///
/// ```
/// use healthcode_core::UnknownResource;
/// let channel = UnknownResource::new("Channel");
/// assert_eq!(channel.resource_type().as_deref(), Some("Channel"));
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct UnknownResource {
    extras: Extras,
}

pub(crate) static SCHEMA: Schema = Schema::new("Resource", SchemaKind::UnknownResource, &[], &[]);

impl UnknownResource {
    /// An empty resource of the named type.
    ///
    /// The name is kept if it is of ASCII letters and digits, as all FHIR names are.
    #[must_use]
    pub fn new(resource_type: &str) -> Self {
        let mut resource = UnknownResource::default();
        if resource_type.bytes().all(|b| b.is_ascii_alphanumeric()) {
            let json = format!("\"{resource_type}\"");
            resource
                .extras
                .push(ExtraKind::Unknown, "resourceType", &json);
        }
        resource
    }

    /// The type that the resource names, if it names one and does so without JSON escapes.
    #[must_use]
    pub fn resource_type(&self) -> Option<String> {
        let name = self.get("resourceType")?;
        let name = name.strip_prefix('"')?.strip_suffix('"')?;
        (!name.contains('\\')).then(|| name.to_owned())
    }

    /// The JSON text of the member `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.extras.get(key)
    }

    /// All members, as name and JSON text.
    pub fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        let members = self.extras.iter().filter(|e| e.kind().is_member());
        members.map(|extra| (extra.key(), extra.json()))
    }
}

impl std::fmt::Debug for UnknownResource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("UnknownResource");
        for (key, json) in self.members() {
            shown.field(key, &json);
        }
        shown.finish()
    }
}

impl Element for UnknownResource {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }
    fn slot<'a>(&'a mut self, _key: &str) -> Slot<'a> {
        Slot::Unknown
    }
    fn fields<'a>(&'a self, _out: &mut Fields<'a>) {}
    fn extras(&self) -> &Extras {
        &self.extras
    }
    fn extras_mut(&mut self) -> &mut Extras {
        &mut self.extras
    }
}

impl Root for UnknownResource {
    fn open(place: &mut Option<Self>) -> RootSlot<'_> {
        RootSlot::Element(place.insert(UnknownResource::default()))
    }
    fn as_element(&self) -> &dyn Element {
        self
    }
    fn as_element_mut(&mut self) -> &mut dyn Element {
        self
    }
}
