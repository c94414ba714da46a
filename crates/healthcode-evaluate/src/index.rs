//! [`Index`]: what is searched, with what searching needs to know of it beforehand.

use super::place::Point;
use super::text::fold;
use super::walk::{Found, text_at, values};
use healthcode_core::{Element, Root};
use healthcode_fhirpath::Terminology;
use healthcode_r4::{
    Bundle, HumanName, Location, Patient, Practitioner, PractitionerRole, Reference, Resource,
};
use std::borrow::Cow;
use std::collections::HashMap;

/// No item.
pub(super) const NONE: u32 = u32::MAX;

/// Bundles, indexed: which resource a reference leads to, where things are, what they are called.
///
/// Building it takes a few times as long as a query; many queries can be run on it.
///
/// References are resolved by `fullUrl`, by `Type/id`, and to contained resources; versions are not
/// compared, and of several resources of one name the first one counts.
#[derive(Debug, Default)]
pub struct Index<'a> {
    items: Vec<Item<'a>>,
    searched: usize,
    urls: HashMap<&'a str, u32>,
    ids: HashMap<(&'a str, &'a str), u32>,
    contained: HashMap<(u32, &'a str), u32>,
    pub(super) points: Vec<Point>,
    pub(super) links: Vec<Links>,
    lists: Vec<u32>,
    distinct: usize,
    terminology: Option<&'a dyn Terminology>,
}

/// An entry's resource, or one that is contained in such.
#[derive(Clone, Copy)]
struct Item<'a> {
    element: &'a dyn Element,
    /// None if it is contained in another.
    resource: Option<&'a Resource>,
    full_url: Option<&'a str>,
    type_name: &'a str,
    id: Option<&'a str>,
    bundle: u32,
    entry: u32,
}

impl std::fmt::Debug for Item<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.type_name)
    }
}

/// What an item is linked with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Links {
    /// Its rank by name; [`NONE`] without a name.
    pub(super) name: u32,
    /// The practitioner, as [`Index::lists`] and `distinct-by` count them.
    pub(super) practitioner: u32,
    /// From where to where in `lists` its places are, as numbers of points.
    places: (u32, u32),
    /// The same for its locations.
    locations: (u32, u32),
    /// Whether there is a place of which it is not known where it is.
    pub(super) unplaced: bool,
}

impl<'a> Index<'a> {
    /// An index of Bundles that are searched, and of others that are only referred to.
    #[must_use]
    pub fn new(
        searched: impl IntoIterator<Item = &'a Bundle>,
        with: impl IntoIterator<Item = &'a Bundle>,
    ) -> Self {
        let mut index = Index::default();
        let mut number = 0..;
        for (bundle, number) in searched.into_iter().zip(&mut number) {
            index.add(bundle, number);
        }
        index.searched = index.items.len();
        for (bundle, number) in with.into_iter().zip(number) {
            index.add(bundle, number);
        }
        index.add_contained();
        index.link();
        index
    }

    /// With value sets and code systems that decide `:in`, `:not-in`, `:below` and `:above` of codes where the
    /// Bundles do not. Where these do not either, it is unknown whether a resource matches.
    #[must_use]
    pub fn terminology(mut self, terminology: &'a dyn Terminology) -> Self {
        self.terminology = Some(terminology);
        self
    }

    /// What decides about codes beside the Bundles, if anything does.
    pub(super) fn codes(&self) -> Option<&'a dyn Terminology> {
        self.terminology
    }

    fn add(&mut self, bundle: &'a Bundle, number: u32) {
        for (at, entry) in bundle.entry.iter().enumerate() {
            let Some(resource) = &entry.resource else {
                continue;
            };
            let item = self.items.len() as u32;
            let type_name = resource.resource_type().unwrap_or_default();
            let full_url = entry.full_url.as_str();
            if let Some(url) = full_url {
                self.urls.entry(url).or_insert(item);
            }
            if let Some(id) = resource.id() {
                self.ids.entry((type_name, id)).or_insert(item);
            }
            self.items.push(Item {
                element: resource.as_element(),
                resource: Some(resource),
                full_url,
                type_name,
                id: resource.id(),
                bundle: number,
                entry: at as u32,
            });
        }
    }

    fn add_contained(&mut self) {
        for at in 0..self.items.len() {
            let Some(container) = self.items.get(at).copied() else {
                continue;
            };
            for found in values(container.element, "contained") {
                let Found::Element(element) = found else {
                    continue;
                };
                let Some(id) = text_at(element, "id") else {
                    continue;
                };
                let item = self.items.len() as u32;
                self.contained.entry((at as u32, id)).or_insert(item);
                self.items.push(Item {
                    element,
                    resource: None,
                    full_url: None,
                    type_name: element.schema().name,
                    id: Some(id),
                    ..container
                });
            }
        }
    }

    /// The items that are searched.
    pub(super) fn of_type(&self, resource: &str) -> Vec<u32> {
        let items = self.items.iter().take(self.searched).enumerate();
        let same = items.filter(|item| item.1.type_name == resource);
        same.map(|item| item.0 as u32).collect()
    }

    /// All items of a type, also those that are only referred to.
    pub(super) fn all_of_type(&self, resource: &str) -> impl Iterator<Item = u32> {
        let items = self.items.iter().enumerate();
        let same = items.filter(move |item| item.1.type_name == resource);
        same.map(|item| item.0 as u32)
    }

    pub(super) fn element(&self, item: u32) -> Option<&'a dyn Element> {
        Some(self.items.get(item as usize)?.element)
    }

    pub(super) fn get<T: Element>(&self, item: u32) -> Option<&'a T> {
        self.element(item)?.downcast_ref()
    }

    pub(super) fn resource(&self, item: u32) -> Option<&'a Resource> {
        self.items.get(item as usize)?.resource
    }

    /// The type and id of an item.
    pub(super) fn identity(&self, item: u32) -> (&'a str, Option<&'a str>) {
        match self.items.get(item as usize) {
            Some(found) => (found.type_name, found.id),
            None => ("", None),
        }
    }

    pub(super) fn full_url(&self, item: u32) -> Option<&'a str> {
        self.items.get(item as usize)?.full_url
    }

    /// The Bundle and the entry of an item.
    pub(super) fn place(&self, item: u32) -> (usize, usize) {
        let found = self.items.get(item as usize);
        found.map_or((0, 0), |item| (item.bundle as usize, item.entry as usize))
    }

    /// The item that the text of a reference leads to, as it is written in another item.
    pub(super) fn resolve(&self, from: u32, text: &str) -> Option<u32> {
        let text = text.split("/_history/").next().unwrap_or(text);
        if let Some(id) = text.strip_prefix('#') {
            return self.contained.get(&(from, id)).copied();
        }
        if let Some(item) = self.urls.get(text) {
            return Some(*item);
        }
        let mut parts = text.rsplit('/');
        let (id, name) = (parts.next()?, parts.next()?);
        let relative = parts.next().is_none();
        // An absolute URL is another server's unless nothing here has a full URL.
        let item = self.ids.get(&(name, id)).copied()?;
        (relative || self.full_url(item).is_none()).then_some(item)
    }

    /// The item that a reference leads to.
    pub(super) fn follow(&self, from: u32, reference: &Reference) -> Option<u32> {
        self.resolve(from, reference.reference.as_str()?)
    }

    /// The numbers of the points where an item is.
    pub(super) fn places(&self, item: u32) -> &[u32] {
        self.list(self.links.get(item as usize).map(|links| links.places))
    }

    /// Its locations, as `distinct-by` counts them.
    pub(super) fn locations(&self, item: u32) -> &[u32] {
        self.list(self.links.get(item as usize).map(|links| links.locations))
    }

    fn list(&self, range: Option<(u32, u32)>) -> &[u32] {
        let range = range.map(|(from, to)| from as usize..to as usize);
        range
            .and_then(|range| self.lists.get(range))
            .unwrap_or_default()
    }

    /// How many distinct practitioners and locations there are.
    pub(super) fn distinct(&self) -> usize {
        self.distinct
    }

    /// Finds the places, practitioners and names of all items.
    fn link(&mut self) {
        let mut point_of = vec![NONE; self.items.len()];
        for (at, item) in self.items.iter().enumerate() {
            let location = item.element.downcast_ref::<Location>();
            if let (Some(point), Some(slot)) = (location.and_then(Point::of), point_of.get_mut(at))
            {
                *slot = self.points.len() as u32;
                self.points.push(point);
            }
        }
        // References without a target are compared by their text.
        let mut named: HashMap<&str, u32> = HashMap::new();
        // Many are called the same: each name is folded once.
        let mut names: HashMap<Cow<'a, str>, Vec<u32>> = HashMap::new();
        let mut roles_of: HashMap<u32, Vec<u32>> = HashMap::new();
        let items = self.items.len() as u32;
        let mut points = Vec::new();
        for item in 0..items {
            let mut links = Links {
                name: NONE,
                practitioner: NONE,
                places: (0, 0),
                locations: (0, 0),
                unplaced: false,
            };
            let start = self.lists.len() as u32;
            if let Some(role) = self.get::<PractitionerRole>(item) {
                let mut number = |text: &'a str, found: Option<u32>| {
                    let next = items + named.len() as u32;
                    found.unwrap_or_else(|| *named.entry(text).or_insert(next))
                };
                if let Some(reference) = role.practitioner.as_deref() {
                    let found = self.follow(item, reference);
                    if let Some(text) = reference.reference.as_str() {
                        links.practitioner = number(text, found);
                    }
                    if let Some(found) = found {
                        roles_of.entry(found).or_default().push(item);
                    }
                }
                let mut unplaced = role.location.is_empty();
                for reference in &role.location {
                    let found = self.follow(item, reference);
                    let text = reference.reference.as_str();
                    if let Some(text) = text {
                        self.lists.push(number(text, found));
                    }
                    let point = found.and_then(|item| point_of.get(item as usize));
                    match point.copied().filter(|point| *point != NONE) {
                        Some(point) => points.push(point),
                        None => unplaced = true,
                    }
                }
                links.unplaced = unplaced;
                links.locations = (start, self.lists.len() as u32);
                self.lists.append(&mut points);
                links.places = (links.locations.1, self.lists.len() as u32);
            } else if self.get::<Location>(item).is_some() {
                let point = point_of.get(item as usize).copied();
                self.lists.extend(point.filter(|point| *point != NONE));
                links.places = (start, self.lists.len() as u32);
                links.unplaced = links.places.0 == links.places.1;
            }
            if let Some(name) = self.name(item) {
                names.entry(name).or_default().push(item);
            }
            self.links.push(links);
        }
        for item in 0..items {
            if self.get::<Practitioner>(item).is_some() {
                self.place_practitioner(item, roles_of.get(&item));
            }
        }
        self.distinct = items as usize + named.len();
        self.rank(names);
    }

    /// A practitioner is where their roles are.
    fn place_practitioner(&mut self, item: u32, roles: Option<&Vec<u32>>) {
        let start = self.lists.len() as u32;
        let mut unplaced = roles.is_none();
        for role in roles.into_iter().flatten() {
            let places = self.places(*role).to_vec();
            self.lists.extend(places);
            let links = self.links.get(*role as usize);
            unplaced |= links.is_none_or(|links| links.unplaced);
        }
        let end = self.lists.len() as u32;
        if let Some(links) = self.links.get_mut(item as usize) {
            links.places = (start, end);
            links.unplaced = unplaced;
        }
    }

    /// Equal names have equal ranks.
    fn rank(&mut self, names: HashMap<Cow<'a, str>, Vec<u32>>) {
        let folded = names.into_iter().map(|(name, items)| (fold(&name), items));
        let mut folded: Vec<_> = folded.collect();
        folded.sort_unstable();
        let (mut rank, mut last) = (0, None);
        for (name, items) in &folded {
            if last.is_some_and(|last| last != name) {
                rank += 1;
            }
            last = Some(name);
            for item in items {
                if let Some(links) = self.links.get_mut(*item as usize) {
                    links.name = rank;
                }
            }
        }
    }

    /// What an item is called, as displayed: prefix, given names, family name.
    pub(super) fn name(&self, item: u32) -> Option<Cow<'a, str>> {
        if let Some(role) = self.get::<PractitionerRole>(item) {
            let reference = role.practitioner.as_deref()?;
            let shown = reference.display.as_str().map(Cow::from);
            return shown.or_else(|| self.name(self.follow(item, reference)?));
        }
        if let Some(practitioner) = self.get::<Practitioner>(item) {
            return practitioner.name.first().and_then(displayed);
        }
        if let Some(patient) = self.get::<Patient>(item) {
            return patient.name.first().and_then(displayed);
        }
        text_at(self.element(item)?, "name").map(Cow::from)
    }
}

/// A person's name as it is displayed.
fn displayed(name: &HumanName) -> Option<Cow<'_, str>> {
    let parts = name.prefix.iter().chain(&name.given);
    let parts = parts.filter_map(|part| part.as_str());
    let parts: Vec<_> = parts.chain(name.family.as_str()).collect();
    if parts.is_empty() {
        name.text.as_str().map(Cow::from)
    } else {
        Some(parts.join(" ").into())
    }
}
