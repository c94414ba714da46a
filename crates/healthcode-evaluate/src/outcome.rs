//! [`Outcome`]: what a query finds, and what remains unknown.

use super::Index;
use super::order::Measure;
use super::place::Point;
use super::subset::Subset;
use healthcode_extensions::Paging;
use healthcode_r4::{Bundle, BundleEntry, BundleEntrySearch, Resource, codes};
use healthcode_search::{Dialect, Query, Scope};
use std::fmt;

/// A resource that was found, and where it was.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Hit<'a> {
    /// The number of its Bundle: those searched from 0, then those given with them.
    pub bundle: usize,
    /// The number of its entry in the Bundle.
    pub entry: usize,
    /// The resource.
    pub resource: &'a Resource,
    pub(super) item: u32,
    /// The address of its entry.
    pub(super) full_url: Option<&'a str>,
}

/// Its place; never what the resource holds.
impl fmt::Debug for Hit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hit({}, {})", self.bundle, self.entry)
    }
}

/// Why it is unknown whether a resource matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// No location of it has a position.
    NoPosition,
    /// Nothing says whether there are schedules.
    NoSchedule,
    /// A reference leads to nothing that was given.
    Unresolved,
    /// There is a value, and it is not of its type: a birth date with dots.
    Unreadable,
    /// It has nothing that the parameter could look at.
    NotSaid,
    /// No resource of the type that would refer to it was given.
    NoneGiven,
    /// There are more references than are followed.
    TooMany,
    /// The value sets and code systems that are known do not decide it.
    Terminology,
}

impl Reason {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::NoPosition => "no position",
            Reason::NoSchedule => "nothing about schedules",
            Reason::Unresolved => "refers to what was not given",
            Reason::Unreadable => "a value that is not of its type",
            Reason::NotSaid => "does not say",
            Reason::NoneGiven => "no resources that could refer to it were given",
            Reason::TooMany => "more references than are followed",
            Reason::Terminology => "no known value set or code system decides it",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A resource of which it is unknown whether it matches.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Unknown<'a> {
    /// The resource.
    pub hit: Hit<'a>,
    /// The number of the parameter in the query.
    pub parameter: usize,
    /// Why.
    pub reason: Reason,
}

/// What a query finds in an [`Index`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome<'a> {
    /// What matches, in its order: those of the page that is requested.
    pub entries: Vec<Hit<'a>>,
    /// What is included with them.
    pub included: Vec<Hit<'a>>,
    /// What may match, or not: it is not among the entries. In the order of the Bundles; of each
    /// resource the first parameter that is unknown.
    pub unknown: Vec<Unknown<'a>>,
    /// References of the entries that should have been included and lead to nothing that was
    /// given, by the referring entry.
    pub missing: Vec<Hit<'a>>,
    /// How many references were followed, in chains, `_has` and what is included.
    pub followed: u64,
    /// Whether there were more references than are followed: some that may match are in
    /// [`Outcome::unknown`], and not all that should be included is.
    pub incomplete: bool,
    /// How many match, on all pages.
    pub total: usize,
    /// The number of the page, from 1, if pages are requested.
    pub page: Option<u32>,
    /// How many entries a page may have, if that is said.
    pub count: Option<u32>,
    pub(super) scope: Scope,
    pub(super) no_total: bool,
    pub(super) subset: Subset,
    pub(super) point: Option<Point>,
}

impl<'a> Outcome<'a> {
    /// How far the nearest place of a resource is from the point of `near`, in metres: the geodesic of
    /// WGS84. None without `near`, or without a place.
    #[must_use]
    pub fn distance(&self, index: &Index<'a>, hit: &Hit<'a>) -> Option<f64> {
        let point = self.point?;
        let places = index.places(hit.item).iter();
        let places = places.filter_map(|place| index.points.get(*place as usize));
        places.map(|place| point.geodesic(*place)).reduce(f64::min)
    }

    /// What a resource is called, as it is sorted by name: a role by its practitioner.
    #[must_use]
    pub fn name(&self, index: &Index<'a>, hit: &Hit<'a>) -> Option<String> {
        index.name(hit.item).map(Into::into)
    }

    /// The answer as a Bundle: of the type `searchset`, with matches first and what is included after
    /// them. Entries have the `fullUrl` that they have in the Bundle that was searched, but for Healthcode's, which documents
    /// none.
    ///
    /// Healthcode's has the tags `count`, `page` and `maxCount`, and in `total` how many entries
    /// the page has; without a count, `count` is how many there are. In others `total` is how many
    /// match.
    #[must_use]
    pub fn bundle(&self, query: &Query) -> Bundle {
        let mut bundle = Bundle {
            type_: codes::BundleType::Searchset.into(),
            ..Bundle::default()
        };
        let part = self.subset.of_included();
        let has_urls = self.scope.dialect() != Dialect::Healthcode;
        for (hits, part, mode) in [
            (&self.entries, &self.subset, codes::SearchEntryMode::Match),
            (&self.included, &part, codes::SearchEntryMode::Include),
        ] {
            bundle.entry.extend(hits.iter().map(|hit| {
                BundleEntry {
                    full_url: hit
                        .full_url
                        .filter(|_| has_urls)
                        .map(Into::into)
                        .unwrap_or_default(),
                    resource: Some(part.of(hit.resource)),
                    search: Some(Box::new(BundleEntrySearch {
                        mode: mode.clone().into(),
                        ..BundleEntrySearch::default()
                    })),
                    ..BundleEntry::default()
                }
            }));
        }
        if self.scope.dialect() == Dialect::Healthcode {
            let here = self.entries.len() as u64;
            let count = self.count.map_or(here, u64::from);
            let mut paging =
                Paging::new(u64::from(self.page.unwrap_or(1)), count, self.total as u64);
            paging.in_page = Some(here);
            paging.encode(&mut bundle);
        } else {
            if !self.no_total {
                let total = i32::try_from(self.total).unwrap_or(i32::MAX);
                bundle.total.set(total);
            }
            let encoded = query.encode_as_it_is();
            let link = bundle.link.push_default();
            link.relation.set("self");
            link.url.set(encoded.url(&encoded.placeholder()).as_str());
        }
        bundle
    }
}

/// Measures for one query.
pub(super) fn measure<'i, 'a>(
    index: &'i Index<'a>,
    point: Option<Point>,
) -> Option<Measure<'i, 'a>> {
    point.map(|point| Measure::new(index, point))
}
