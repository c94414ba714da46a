//! [`Resources`]: Healthcode's resources: those of the data, and what was written since.

use super::disk::{Disk, Row};
use super::error::WriteError;
use crate::clock;
use crate::data::Data;
use crate::random::secret;
use healthcode_extensions::HasExtensions;
use healthcode_r4::{Bundle, BundleEntry, Id, Identifier, Meta, Primitive, Resource};
use parking_lot::{Mutex, RwLock};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A type of resource that can be written.
#[derive(Debug)]
pub(crate) struct WritableType {
    /// Its part of the path.
    pub(crate) path: &'static str,
    /// Its name, which is that of its collection, too.
    pub(crate) name: &'static str,
    /// Whether the data's resources of the type are Healthcode's. Patients of the data are the NHS's.
    in_data: bool,
}

const fn writable(path: &'static str, name: &'static str, in_data: bool) -> WritableType {
    WritableType {
        path,
        name,
        in_data,
    }
}

pub(crate) static PRACTITIONER: WritableType = writable("practitioner", "Practitioner", true);
static PRACTITIONER_ROLE: WritableType = writable("practitionerrole", "PractitionerRole", true);
static SCHEDULE: WritableType = writable("schedule", "Schedule", true);
static PATIENT: WritableType = writable("patient", "Patient", false);

pub(crate) static WRITABLE_TYPES: [&WritableType; 4] =
    [&PRACTITIONER, &PRACTITIONER_ROLE, &SCHEDULE, &PATIENT];

/// A type that roles refer to, and that cannot be written.
const LOCATION: &str = "Location";

/// The most resources that are kept besides the data.
const MAX_RESOURCES: usize = 100_000;

/// The most bytes of JSON that are kept besides the data; in memory they take some five times as much.
/// The NHS's patients may take as much again.
pub(crate) const MAX_BYTES: usize = 64 << 20;

/// A resource, in the Bundle that it is an entry of.
#[derive(Clone)]
pub(crate) struct StoredResource {
    bundle: Arc<Bundle>,
    entry: usize,
    pub(crate) version: u64,
    /// When it was written, in seconds since 1970; `None` for one of the data.
    pub(crate) modified: Option<i64>,
    /// The size of its JSON, if it was written.
    size: usize,
}

impl StoredResource {
    pub(crate) fn resource(&self) -> Option<&Resource> {
        self.bundle.entry.get(self.entry)?.resource.as_ref()
    }
}

/// The type and id of a resource.
type Key = (String, String);

/// The versions of a resource that a change is made to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IfMatch {
    Any,
    OneOf(Vec<u64>),
}

/// What there is at a time.
#[derive(Default)]
struct Contents {
    /// The Bundles of the data. What was changed since is removed from its entry.
    data: Vec<Arc<Bundle>>,
    /// The Bundle and entry of each of their resources.
    places: HashMap<Key, (usize, usize)>,
    /// What was written, each in a Bundle of its own.
    written: BTreeMap<Key, StoredResource>,
    /// The bytes of JSON of what was written.
    bytes: usize,
    /// The resource of each identifier.
    owners: HashMap<String, Key>,
}

impl Contents {
    fn new(data: &Data) -> Self {
        let mut contents = Contents::default();
        let bundles = data.bundles.iter().enumerate();
        let entries = bundles.flat_map(|(number, bundle)| {
            let entries = bundle.entry.iter().enumerate();
            entries.map(move |(entry, found)| ((number, entry), &found.resource))
        });
        for (place, resource) in entries {
            if let Some(resource) = resource
                && let Some(key) = key_of(resource)
                && is_served(&key.0)
            {
                contents.add_identifiers(resource, &key);
                contents.places.entry(key).or_insert(place);
            }
        }
        contents.data = data.bundles.iter().cloned().map(Arc::new).collect();
        contents
    }

    fn get(&self, key: &Key) -> Option<StoredResource> {
        if let Some(found) = self.written.get(key) {
            return Some(found.clone());
        }
        let (bundle, entry) = *self.places.get(key)?;
        let found = StoredResource {
            bundle: self.data.get(bundle)?.clone(),
            entry,
            version: 1,
            modified: None,
            size: 0,
        };
        found.resource()?;
        Some(found)
    }

    fn add_identifiers(&mut self, resource: &Resource, key: &Key) {
        for identifier in identifiers(resource) {
            self.owners.insert(identifier, key.clone());
        }
    }

    fn remove(&mut self, key: &Key) {
        let Some(found) = self.get(key) else {
            return;
        };
        for identifier in found.resource().into_iter().flat_map(identifiers) {
            if self.owners.get(&identifier) == Some(key) {
                self.owners.remove(&identifier);
            }
        }
        self.written.remove(key);
        self.bytes = self.bytes.saturating_sub(found.size);
        // It shares the Bundle, which would be copied below.
        drop(found);
        if let Some((bundle, entry)) = self.places.get(key)
            && let Some(bundle) = self.data.get_mut(*bundle)
            && bundle
                .entry
                .get(*entry)
                .is_some_and(|entry| entry.resource.is_some())
            && let Some(entry) = Arc::make_mut(bundle).entry.get_mut(*entry)
        {
            entry.resource = None;
        }
    }

    /// Puts a resource, whose JSON has this size, in place of the one of its key.
    fn put(
        &mut self,
        key: Key,
        resource: Resource,
        version: u64,
        modified: i64,
        size: usize,
    ) -> StoredResource {
        self.remove(&key);
        self.bytes += size;
        self.add_identifiers(&resource, &key);
        let entry = BundleEntry {
            resource: Some(resource),
            ..BundleEntry::default()
        };
        let bundle = Bundle {
            entry: [entry].into_iter().collect(),
            ..Bundle::default()
        };
        let stored = StoredResource {
            bundle: Arc::new(bundle),
            entry: 0,
            version,
            modified: Some(modified),
            size,
        };
        self.written.insert(key, stored.clone());
        stored
    }
}

/// Whether the data's resources of a type are served.
fn is_served(name: &str) -> bool {
    let mut types = WRITABLE_TYPES.iter();
    name == LOCATION || types.any(|kind| kind.in_data && kind.name == name)
}

fn key_of(resource: &Resource) -> Option<Key> {
    let name = resource.resource_type()?;
    Some((name.to_owned(), resource.id()?.to_owned()))
}

/// The elements that all [`WRITABLE_TYPES`] have.
struct CommonElements<'a> {
    id: &'a mut Primitive<Id>,
    meta: &'a mut Option<Box<Meta>>,
    active: Option<bool>,
}

fn common_elements(resource: &mut Resource) -> Option<CommonElements<'_>> {
    macro_rules! common {
        ($resource:expr) => {{
            let resource = &mut **$resource;
            Some(CommonElements {
                active: resource.active.get(),
                id: &mut resource.id,
                meta: &mut resource.meta,
            })
        }};
    }
    match resource {
        Resource::Practitioner(practitioner) => common!(practitioner),
        Resource::PractitionerRole(role) => common!(role),
        Resource::Schedule(schedule) => common!(schedule),
        Resource::Patient(patient) => common!(patient),
        _ => None,
    }
}

/// What must be unique among the resources of a type: identifiers, and numbers in registers.
fn identifiers(resource: &Resource) -> Vec<String> {
    let mut out = Vec::new();
    let type_name = resource.resource_type().unwrap_or_default();
    let mut add = |system: &str, value: &str| {
        if !value.is_empty() {
            out.push(format!("{type_name}\n{system}\n{value}"));
        }
    };
    let identifiers: &[Identifier] = match resource {
        Resource::Practitioner(practitioner) => {
            for registration in &practitioner.decode_extensions().value.registrations {
                let body = registration.body.as_ref().map(|body| body.code.as_str());
                let number = registration
                    .reference
                    .as_ref()
                    .map(|number| number.as_str());
                add(body.unwrap_or_default(), number.unwrap_or_default());
            }
            &practitioner.identifier
        }
        Resource::PractitionerRole(role) => &role.identifier,
        Resource::Schedule(schedule) => &schedule.identifier,
        Resource::Patient(patient) => &patient.identifier,
        _ => &[],
    };
    for identifier in identifiers {
        let system = identifier.system.as_str().unwrap_or_default();
        add(system, identifier.value.as_str().unwrap_or_default());
    }
    out
}

/// Whether all relative references to types that are kept here lead to a resource.
fn references_exist(json: &Value, exists: &impl Fn(&Key) -> bool) -> bool {
    let reference = |name: &str, value: &Value| {
        let reference = value.as_str().filter(|_| name == "reference");
        reference
            .and_then(local_reference)
            .is_none_or(|key| exists(&key))
    };
    match json {
        Value::Array(items) => items.iter().all(|item| references_exist(item, exists)),
        Value::Object(members) => members
            .iter()
            .all(|(name, value)| reference(name, value) && references_exist(value, exists)),
        _ => true,
    }
}

fn local_reference(reference: &str) -> Option<Key> {
    let (name, id) = reference.split_once('/')?;
    let is_local = name == LOCATION || WRITABLE_TYPES.iter().any(|kind| kind.name == name);
    let id = id.split('/').next().unwrap_or_default();
    is_local.then(|| (name.to_owned(), id.to_owned()))
}

/// A new id: 25 characters that begin with the time, as Healthcode's do.
fn new_id() -> Result<String, WriteError> {
    let random = secret().map_err(|_| WriteError::Random)?;
    let random = random.get(..8).unwrap_or_default();
    Ok(format!("{}{random}", clock::digits()))
}

/// Resources that are read and written. Writes are carried out one by one, and are on disk when they
/// return.
pub(crate) struct Resources {
    disk: Arc<Disk>,
    writing: Mutex<()>,
    contents: RwLock<Contents>,
    generation: AtomicU64,
    max_bytes: usize,
}

impl Resources {
    /// The resources of the data, as changed by what is on disk.
    pub(crate) fn open(data: &Data, disk: Arc<Disk>) -> Result<Self, redb::Error> {
        let mut contents = Contents::new(data);
        for kind in WRITABLE_TYPES {
            disk.for_each(kind.name, |id, row| {
                let key = key(kind, id);
                let Some(json) = row.json else {
                    return contents.remove(&key);
                };
                // What was written here can be read.
                if let Ok(read) = healthcode_json::from_slice::<Resource>(json) {
                    contents.put(key, read.value, row.version, row.modified, json.len());
                }
            })?;
        }
        Ok(Resources {
            disk,
            writing: Mutex::new(()),
            contents: RwLock::new(contents),
            generation: AtomicU64::new(0),
            max_bytes: MAX_BYTES,
        })
    }

    /// Changes the contents, once the change is on disk.
    fn change<T>(&self, change: impl FnOnce(&mut Contents) -> T) -> T {
        let mut contents = self.contents.write();
        let changed = change(&mut contents);
        self.generation.fetch_add(1, Ordering::Release);
        changed
    }

    /// A number that changes with every write.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// All Bundles, and their generation.
    pub(crate) fn bundles(&self) -> (u64, Vec<Arc<Bundle>>) {
        let contents = self.contents.read();
        let written = contents
            .written
            .values()
            .map(|stored| stored.bundle.clone());
        let bundles = contents.data.iter().cloned().chain(written).collect();
        (self.generation(), bundles)
    }

    /// The resource of an id.
    pub(crate) fn get(&self, kind: &WritableType, id: &str) -> Option<StoredResource> {
        self.contents.read().get(&key(kind, id))
    }

    /// The resource of an id, if it has a version that a change is made to.
    fn matching(&self, key: &Key, versions: &IfMatch) -> Result<StoredResource, WriteError> {
        let found = self.contents.read().get(key).ok_or(WriteError::NotFound)?;
        match versions {
            IfMatch::OneOf(versions) if !versions.contains(&found.version) => {
                Err(WriteError::VersionConflict)
            }
            _ => Ok(found),
        }
    }

    /// Checks that no other resource has an identifier of this one, and that its references lead to
    /// resources.
    fn check(&self, key: &Key, resource: &Resource) -> Result<(), WriteError> {
        let contents = self.contents.read();
        let mut owners = identifiers(resource).into_iter();
        if owners.any(|found| {
            contents
                .owners
                .get(&found)
                .is_some_and(|owner| owner != key)
        }) {
            return Err(WriteError::Duplicate);
        }
        let json = serde_json::from_slice(&healthcode_json::to_vec(resource)).unwrap_or_default();
        if references_exist(&json, &|found| {
            found == key || contents.get(found).is_some()
        }) {
            Ok(())
        } else {
            Err(WriteError::MissingReference)
        }
    }

    /// Writes a resource: on disk, then in memory.
    fn write(
        &self,
        key: Key,
        mut resource: Resource,
        version: u64,
    ) -> Result<StoredResource, WriteError> {
        self.check(&key, &resource)?;
        let now = clock::now();
        if let Some(elements) = common_elements(&mut resource) {
            *elements.id = key.1.as_str().into();
            let meta = elements.meta.get_or_insert_default();
            meta.version_id = version.to_string().as_str().into();
            meta.last_updated = clock::instant(now).as_str().into();
        }
        let json = healthcode_json::to_vec(&resource);
        let contents = self.contents.read();
        let current = contents.written.get(&key).map_or(0, |stored| stored.size);
        if contents.bytes.saturating_sub(current) + json.len() > self.max_bytes {
            return Err(WriteError::Full);
        }
        drop(contents);
        let row = Row {
            version,
            modified: now,
            json: Some(&json),
        };
        let written = self.disk.put(&key.0, &key.1, row);
        written.map_err(|_| WriteError::Disk)?;
        Ok(self.change(|contents| contents.put(key, resource, version, now, json.len())))
    }

    /// Writes a new resource, with an id of its own.
    pub(crate) fn create(
        &self,
        kind: &WritableType,
        resource: Resource,
    ) -> Result<StoredResource, WriteError> {
        let _writing = self.writing.lock();
        if self.contents.read().written.len() >= MAX_RESOURCES {
            return Err(WriteError::Full);
        }
        self.write(key(kind, &new_id()?), resource, 1)
    }

    /// Replaces the resource of an id, unless it is inactive.
    pub(crate) fn update(
        &self,
        kind: &WritableType,
        id: &str,
        resource: Resource,
        versions: &IfMatch,
    ) -> Result<StoredResource, WriteError> {
        let _writing = self.writing.lock();
        let key = key(kind, id);
        let found = self.matching(&key, versions)?;
        let mut current = found.resource().cloned();
        let elements = current.as_mut().and_then(common_elements);
        if elements.and_then(|elements| elements.active) == Some(false) {
            return Err(WriteError::Inactive);
        }
        self.write(key, resource, found.version.saturating_add(1))
    }

    /// Deletes the resource of an id.
    pub(crate) fn delete(
        &self,
        kind: &WritableType,
        id: &str,
        versions: &IfMatch,
    ) -> Result<(), WriteError> {
        let _writing = self.writing.lock();
        let key = key(kind, id);
        let found = self.matching(&key, versions)?;
        // Without a row, a resource of the data would be there again at the next start.
        let deleted = if self.contents.read().places.contains_key(&key) {
            let row = Row {
                version: found.version.saturating_add(1),
                modified: clock::now(),
                json: None,
            };
            self.disk.put(&key.0, &key.1, row)
        } else {
            self.disk.remove(&key.0, &key.1)
        };
        deleted.map_err(|_| WriteError::Disk)?;
        drop(found);
        self.change(|contents| contents.remove(&key));
        Ok(())
    }
}

fn key(kind: &WritableType, id: &str) -> Key {
    (kind.name.to_owned(), id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resources(max_bytes: usize) -> Resources {
        let disk = Arc::new(Disk::open(None).unwrap());
        let resources = Resources::open(&Data::generated(), disk).unwrap();
        Resources {
            max_bytes,
            ..resources
        }
    }

    /// A schedule with a comment of this length.
    fn schedule(length: usize) -> Resource {
        let comment = "x".repeat(length);
        let json = format!(r#"{{"resourceType":"Schedule","comment":"{comment}"}}"#);
        healthcode_json::from_slice(json.as_bytes()).unwrap().value
    }

    #[test]
    fn bytes_are_bounded() {
        let resources = resources(10_000);
        let create = |length| resources.create(&SCHEDULE, schedule(length));
        let id = |stored: StoredResource| {
            let id = stored.resource().and_then(Resource::id);
            id.unwrap().to_owned()
        };
        let first = id(create(4_000).unwrap());
        let second = id(create(4_000).unwrap());
        assert!(create(4_000).is_err());
        // A replacement counts instead of what it replaces.
        let update =
            |id: &str, length| resources.update(&SCHEDULE, id, schedule(length), &IfMatch::Any);
        assert!(update(&first, 4_500).is_ok());
        assert!(update(&first, 8_000).is_err());
        assert!(update(&first, 10).is_ok());
        assert!(create(4_000).is_ok());
        assert!(create(4_000).is_err());
        // What is deleted counts no more.
        assert!(resources.delete(&SCHEDULE, &second, &IfMatch::Any).is_ok());
        assert!(create(4_000).is_ok());
        let contents = resources.contents.read();
        let written: usize = contents.written.values().map(|stored| stored.size).sum();
        assert_eq!(contents.bytes, written);
        assert!(written <= 10_000);
    }
}
