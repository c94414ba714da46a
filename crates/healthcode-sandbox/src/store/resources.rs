//! [`Register`]: Healthcode's resources: those of the data, and what was made of them since.

use crate::config::secret;
use crate::data::Data;
use crate::http::answer::{Refusal, message, plain};
use crate::nhs::responses::{instant, seconds};
use crate::store::disk::{Disk, Row};
use healthcode_extensions::{Carrier, ErrorCode};
use healthcode_r4::{Bundle, BundleEntry, Id, Identifier, Meta, Primitive, Resource};
use http::StatusCode;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::{SystemTime, UNIX_EPOCH};

/// A type of resource that can be written.
#[derive(Debug)]
pub(crate) struct Kind {
    /// Its part of the path.
    pub(crate) path: &'static str,
    /// The type's name, and that of its collection.
    pub(crate) name: &'static str,
    /// Whether those of the data are Healthcode's, too. Patients there are the NHS's.
    seeded: bool,
}

const fn kind(path: &'static str, name: &'static str, seeded: bool) -> Kind {
    Kind { path, name, seeded }
}

pub(crate) static KINDS: [Kind; 4] = [
    kind("practitioner", "Practitioner", true),
    kind("practitionerrole", "PractitionerRole", true),
    kind("schedule", "Schedule", true),
    kind("patient", "Patient", false),
];

/// What roles refer to, and nobody writes.
const LOCATION: &str = "Location";

/// The most resources that are kept beside the data.
const KEPT: usize = 100_000;

/// The most JSON that is kept beside the data, in bytes; in memory it takes some five times as much. The
/// NHS's patients may have as much again.
pub(crate) const KEPT_BYTES: usize = 64 << 20;

/// Which version something is of, and since when, if that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) version: u64,
    pub(crate) modified: Option<i64>,
}

/// A resource, in the Bundle that it is an entry of.
#[derive(Clone)]
pub(crate) struct Found {
    bundle: Arc<Bundle>,
    entry: usize,
    pub(crate) stamp: Stamp,
    /// The size of its JSON, if it was written.
    size: usize,
}

impl Found {
    pub(crate) fn resource(&self) -> Option<&Resource> {
        self.bundle.entry.get(self.entry)?.resource.as_ref()
    }
}

type Key = (String, String);

#[derive(Default)]
struct View {
    /// The Bundles of the data. What was changed since is taken out of its entry.
    seeds: Vec<Arc<Bundle>>,
    /// Where each resource is in them.
    places: HashMap<Key, (usize, usize)>,
    /// What was written: a Bundle of one entry each.
    kept: BTreeMap<Key, Found>,
    /// How many bytes of JSON that is.
    bytes: usize,
    /// What a resource is known by outside, and may be so only once.
    names: HashMap<String, Key>,
}

impl View {
    fn of(data: &Data) -> Self {
        let mut view = View::default();
        for (number, bundle) in data.bundles.iter().enumerate() {
            for (at, entry) in bundle.entry.iter().enumerate() {
                let Some(resource) = &entry.resource else {
                    continue;
                };
                let Some(key) = key_of(resource) else {
                    continue;
                };
                if !seeded(&key.0) && key.0 != LOCATION {
                    continue;
                }
                names(resource).for_each(|it| drop(view.names.insert(it, key.clone())));
                view.places.entry(key).or_insert((number, at));
            }
        }
        view.seeds = data.bundles.iter().cloned().map(Arc::new).collect();
        view
    }

    fn get(&self, key: &Key) -> Option<Found> {
        if let Some(found) = self.kept.get(key) {
            return Some(found.clone());
        }
        let (number, entry) = *self.places.get(key)?;
        let bundle = self.seeds.get(number)?.clone();
        let found = Found {
            bundle,
            entry,
            stamp: Stamp {
                version: 1,
                modified: None,
            },
            size: 0,
        };
        found.resource()?;
        Some(found)
    }

    /// Takes a resource out, and says whether the data has it.
    fn take(&mut self, key: &Key) -> bool {
        if let Some(found) = self.get(key) {
            for name in found.resource().into_iter().flat_map(names) {
                if self.names.get(&name) == Some(key) {
                    self.names.remove(&name);
                }
            }
        }
        if let Some(found) = self.kept.remove(key) {
            self.bytes = self.bytes.saturating_sub(found.size);
        }
        let Some((number, entry)) = self.places.get(key) else {
            return false;
        };
        if let Some(bundle) = self.seeds.get_mut(*number) {
            let has = bundle
                .entry
                .get(*entry)
                .is_some_and(|it| it.resource.is_some());
            if has && let Some(it) = Arc::make_mut(bundle).entry.get_mut(*entry) {
                it.resource = None;
            }
        }
        true
    }

    /// Puts a resource, whose JSON has this size.
    fn put(&mut self, key: Key, resource: Resource, stamp: Stamp, size: usize) -> Found {
        self.take(&key);
        self.bytes += size;
        names(&resource).for_each(|it| drop(self.names.insert(it, key.clone())));
        let entry = BundleEntry {
            resource: Some(resource),
            ..BundleEntry::default()
        };
        let bundle = Bundle {
            entry: [entry].into_iter().collect(),
            ..Bundle::default()
        };
        let found = Found {
            bundle: Arc::new(bundle),
            entry: 0,
            stamp,
            size,
        };
        self.kept.insert(key, found.clone());
        found
    }
}

fn seeded(name: &str) -> bool {
    KINDS.iter().any(|it| it.name == name && it.seeded)
}

fn key_of(resource: &Resource) -> Option<Key> {
    Some((
        resource.resource_type()?.to_owned(),
        resource.id()?.to_owned(),
    ))
}

/// Those parts that all types of [`KINDS`] have.
struct Parts<'a> {
    id: &'a mut Primitive<Id>,
    meta: &'a mut Option<Box<Meta>>,
    active: Option<bool>,
}

fn parts(resource: &mut Resource) -> Option<Parts<'_>> {
    macro_rules! of {
        ($it:expr) => {{
            let it = &mut **$it;
            let active = it.active.get();
            Some(Parts {
                id: &mut it.id,
                meta: &mut it.meta,
                active,
            })
        }};
    }
    match resource {
        Resource::Practitioner(it) => of!(it),
        Resource::PractitionerRole(it) => of!(it),
        Resource::Schedule(it) => of!(it),
        Resource::Patient(it) => of!(it),
        _ => None,
    }
}

/// What a resource is known by outside: its identifiers, and numbers in registers.
fn names(resource: &Resource) -> impl Iterator<Item = String> {
    let mut out = Vec::new();
    let type_name = resource.resource_type().unwrap_or_default();
    let mut add = |system: &str, value: &str| {
        if !value.is_empty() {
            out.push(format!("{type_name}\n{system}\n{value}"));
        }
    };
    let identifiers: &[Identifier] = match resource {
        Resource::Practitioner(it) => {
            for registration in &it.decode_extensions().view.registrations {
                let body = registration.body.as_ref().map(|it| it.code.as_str());
                let number = registration.reference.as_ref().map(|it| it.as_str());
                add(body.unwrap_or_default(), number.unwrap_or_default());
            }
            &it.identifier
        }
        Resource::PractitionerRole(it) => &it.identifier,
        Resource::Schedule(it) => &it.identifier,
        Resource::Patient(it) => &it.identifier,
        _ => &[],
    };
    for identifier in identifiers {
        let system = identifier.system.as_str().unwrap_or_default();
        add(system, identifier.value.as_str().unwrap_or_default());
    }
    out.into_iter()
}

/// Relative references to resources that the sandbox might have.
fn references(json: &Value, out: &mut Vec<Key>) {
    match json {
        Value::Array(items) => items.iter().for_each(|it| references(it, out)),
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value.as_str()) {
                    ("reference", Some(text)) => out.extend(local(text)),
                    _ => references(value, out),
                }
            }
        }
        _ => {}
    }
}

fn local(reference: &str) -> Option<Key> {
    let (name, id) = reference.split_once('/')?;
    let known = name == LOCATION || KINDS.iter().any(|it| it.name == name);
    let id = id.split('/').next().unwrap_or_default();
    known.then(|| (name.to_owned(), id.to_owned()))
}

/// A new id: 25 characters that begin with the time, as Healthcode's do.
fn fresh_id() -> Result<String, Refusal> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let text = instant(seconds());
    let digits = text.chars().take(19).filter(char::is_ascii_digit);
    let random = secret().map_err(|_| database("there is no randomness"))?;
    let random = random.get(..8).unwrap_or_default();
    Ok(format!(
        "{}{:03}{random}",
        digits.collect::<String>(),
        now.subsec_millis()
    ))
}

fn database(text: &str) -> Refusal {
    message(&ErrorCode::DatabaseError, text).into()
}

const FULL: &str = "the sandbox keeps no more resources";

fn unknown() -> Refusal {
    let text = "there is no such resource";
    message(&ErrorCode::ReferenceIdNotFound, text).into()
}

/// What a change of a resource has to meet: `If-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// That it is there.
    Any,
    /// That it has one of these versions.
    OneOf(Vec<u64>),
}

/// Resources that are read and written. Writes go one by one, and have gone to the disk when they
/// return.
pub(crate) struct Register {
    disk: Arc<Disk>,
    writing: Mutex<()>,
    view: RwLock<View>,
    generation: AtomicU64,
    /// How many bytes of JSON may be kept.
    room: usize,
}

impl Register {
    /// The data, with what the disk has.
    pub(crate) fn open(data: &Data, disk: Arc<Disk>) -> Result<Self, redb::Error> {
        let mut view = View::of(data);
        for kind in &KINDS {
            disk.each(kind.name, |id, row| {
                let key = (kind.name.to_owned(), id.to_owned());
                let read = row.json.map(healthcode_json::from_slice::<Resource>);
                match read {
                    None => drop(view.take(&key)),
                    Some(Ok(read)) => {
                        let stamp = Stamp {
                            version: row.version,
                            modified: Some(row.modified),
                        };
                        let size = row.json.map_or(0, <[u8]>::len);
                        view.put(key, read.value, stamp, size);
                    }
                    // What was written here can be read here.
                    Some(Err(_)) => {}
                }
            })?;
        }
        Ok(Register {
            disk,
            writing: Mutex::new(()),
            view: RwLock::new(view),
            generation: AtomicU64::new(0),
            room: KEPT_BYTES,
        })
    }

    fn view(&self) -> RwLockReadGuard<'_, View> {
        self.view.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes with every write.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// All Bundles as they are now, and of which generation.
    pub(crate) fn bundles(&self) -> (u64, Vec<Arc<Bundle>>) {
        let view = self.view();
        let kept = view.kept.values().map(|it| it.bundle.clone());
        (
            self.generation(),
            view.seeds.iter().cloned().chain(kept).collect(),
        )
    }

    /// How much of what is kept is the JSON of a key.
    fn find_size(&self, key: &Key) -> usize {
        self.view().kept.get(key).map_or(0, |it| it.size)
    }

    fn key(kind: &Kind, id: &str) -> Key {
        (kind.name.to_owned(), id.to_owned())
    }

    /// A resource by its id.
    pub(crate) fn find(&self, kind: &Kind, id: &str) -> Option<Found> {
        self.view().get(&Self::key(kind, id))
    }

    /// A resource that is there and has the version that is wanted.
    fn current(&self, kind: &Kind, id: &str, wanted: &Wanted) -> Result<Found, Refusal> {
        let found = self.find(kind, id).ok_or_else(unknown)?;
        match wanted {
            Wanted::OneOf(versions) if !versions.contains(&found.stamp.version) => {
                let text = "the resource has another version";
                Err(plain(StatusCode::PRECONDITION_FAILED, "conflict", text).into())
            }
            _ => Ok(found),
        }
    }

    /// Whether what a resource says can stand beside the others: nobody else is called the same, and
    /// what it refers to is there.
    fn fits(&self, key: &Key, resource: &Resource) -> Result<(), Refusal> {
        let view = self.view();
        if names(resource).any(|it| view.names.get(&it).is_some_and(|it| it != key)) {
            let text = "another resource has the same identifier or number in a register";
            return Err(message(&ErrorCode::EntityAlreadyExists, text).into());
        }
        let mut all = Vec::new();
        let json = healthcode_json::to_vec(resource);
        references(&serde_json::from_slice(&json).unwrap_or_default(), &mut all);
        let missing = |it: &Key| it != key && view.get(it).is_none();
        match all.iter().any(missing) {
            true => {
                let text = "a resource that is referred to is not there";
                Err(message(&ErrorCode::ReferenceIdNotFound, text).into())
            }
            false => Ok(()),
        }
    }

    /// Keeps a resource under a key: on the disk, then for all to see.
    fn keep(&self, key: Key, mut resource: Resource, version: u64) -> Result<Found, Refusal> {
        let now = seconds();
        if let Some(parts) = parts(&mut resource) {
            *parts.id = key.1.as_str().into();
            let meta = parts.meta.get_or_insert_default();
            meta.version_id = version.to_string().as_str().into();
            meta.last_updated = instant(now).as_str().into();
        }
        let json = healthcode_json::to_vec(&resource);
        let own = self.find_size(&key);
        if self
            .view()
            .bytes
            .saturating_sub(own)
            .saturating_add(json.len())
            > self.room
        {
            return Err(database(FULL));
        }
        let row = Row {
            version,
            modified: now,
            json: Some(&json),
        };
        let put = self.disk.put(&key.0, &key.1, row);
        put.map_err(|_| database("the resource could not be kept"))?;
        let stamp = Stamp {
            version,
            modified: Some(now),
        };
        let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
        let found = view.put(key, resource, stamp, json.len());
        self.generation.fetch_add(1, Ordering::Release);
        Ok(found)
    }

    /// Keeps a new resource, with an id of its own.
    pub(crate) fn create(&self, kind: &Kind, resource: Resource) -> Result<Found, Refusal> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.view().kept.len() >= KEPT {
            return Err(database(FULL));
        }
        let key = Self::key(kind, &fresh_id()?);
        self.fits(&key, &resource)?;
        self.keep(key, resource, 1)
    }

    /// Puts a resource in the place of the one with its id, unless that is inactive.
    pub(crate) fn update(
        &self,
        kind: &Kind,
        id: &str,
        resource: Resource,
        wanted: &Wanted,
    ) -> Result<Found, Refusal> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.current(kind, id, wanted)?;
        let mut before = found.resource().cloned();
        if before.as_mut().and_then(parts).and_then(|it| it.active) == Some(false) {
            let text = "the resource is inactive";
            return Err(message(&ErrorCode::OpNotAllowed, text).into());
        }
        let key = Self::key(kind, id);
        self.fits(&key, &resource)?;
        self.keep(key, resource, found.stamp.version.saturating_add(1))
    }

    /// Deletes a resource.
    pub(crate) fn delete(&self, kind: &Kind, id: &str, wanted: &Wanted) -> Result<(), Refusal> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.current(kind, id, wanted)?;
        let key = Self::key(kind, id);
        // Only of what the data would bring back a trace is left.
        let done = match self.view().places.contains_key(&key) {
            true => {
                let row = Row {
                    version: found.stamp.version.saturating_add(1),
                    modified: seconds(),
                    json: None,
                };
                self.disk.put(&key.0, &key.1, row)
            }
            false => self.disk.remove(&key.0, &key.1),
        };
        done.map_err(|_| database("the resource could not be deleted"))?;
        let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
        view.take(&key);
        self.generation.fetch_add(1, Ordering::Release);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register(room: usize) -> Register {
        let disk = Arc::new(Disk::open(None).unwrap());
        let register = Register::open(&Data::generated(), disk).unwrap();
        Register { room, ..register }
    }

    /// A schedule with a comment of this length.
    fn schedule(length: usize) -> Resource {
        let comment = "x".repeat(length);
        let json = format!(r#"{{"resourceType":"Schedule","comment":"{comment}"}}"#);
        healthcode_json::from_slice(json.as_bytes()).unwrap().value
    }

    #[test]
    fn what_is_kept_counts_in_bytes() {
        let [_, _, kind, _] = &KINDS;
        let register = register(10_000);
        let create = |length| register.create(kind, schedule(length));
        let id = |found: Found| found.resource().and_then(Resource::id).unwrap().to_owned();
        let first = id(create(4_000).unwrap());
        let second = id(create(4_000).unwrap());
        assert!(create(4_000).is_err());
        // What is put in the place of something counts in its stead.
        let update = |id: &str, length| register.update(kind, id, schedule(length), &Wanted::Any);
        assert!(update(&first, 4_500).is_ok());
        assert!(update(&first, 8_000).is_err());
        assert!(update(&first, 10).is_ok());
        assert!(create(4_000).is_ok());
        assert!(create(4_000).is_err());
        // What is deleted is gone.
        assert!(register.delete(kind, &second, &Wanted::Any).is_ok());
        assert!(create(4_000).is_ok());
        let kept: usize = register.view().kept.values().map(|it| it.size).sum();
        assert_eq!(register.view().bytes, kept);
        assert!(kept <= 10_000);
    }
}
