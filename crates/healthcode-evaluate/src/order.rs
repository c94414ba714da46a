//! What is near, in which order, and the first of each.

use super::index::NONE;
use super::number::Exact;
use super::place::{Bounds, DistanceFrom, Point};
use super::source::{Source, referred};
use super::text::fold;
use super::time::Span;
use super::truth::Truth;
use super::walk::{Found, text_at, values};
use super::{Index, Reason};
use healthcode_core::Element;
use healthcode_r4 as r4;
use healthcode_search::{Order, ParameterType};
use std::rc::Rc;

/// Distances of items from a point, measured no more exactly than has to be.
#[derive(Debug)]
pub(super) struct Measure<'i, 'a> {
    index: &'i Index<'a>,
    around: DistanceFrom,
    /// By the number of the point; not measured yet where it is no number.
    bounds: Vec<Bounds>,
}

impl<'i, 'a> Measure<'i, 'a> {
    pub(super) fn new(index: &'i Index<'a>, point: Point) -> Self {
        let unmeasured = Bounds::exact(f64::NAN);
        Measure {
            index,
            around: DistanceFrom::new(point),
            bounds: vec![unmeasured; index.points.len()],
        }
    }

    /// The bounds of the distance to a place.
    fn place(&mut self, place: u32) -> Bounds {
        let known = self.bounds.get_mut(place as usize);
        let point = self.index.points.get(place as usize);
        let (Some(known), Some(point)) = (known, point) else {
            return Bounds::exact(f64::INFINITY);
        };
        if known.least.is_nan() {
            *known = self.around.bounds(*point);
        }
        *known
    }

    /// The distance to a place.
    #[expect(clippy::float_cmp, reason = "bounds that are one number are exact")]
    fn exact_place(&mut self, place: u32) -> f64 {
        let bounds = self.place(place);
        if bounds.least == bounds.most {
            return bounds.least;
        }
        let point = self.index.points.get(place as usize);
        let distance = point.map_or(f64::INFINITY, |point| self.around.geodesic(*point));
        if let Some(known) = self.bounds.get_mut(place as usize) {
            *known = Bounds::exact(distance);
        }
        distance
    }

    /// The bounds of the distance to the nearest place of an item; none if no place is known.
    pub(super) fn nearest(&mut self, item: u32) -> Option<Bounds> {
        let bounds = self
            .index
            .places(item)
            .iter()
            .map(|place| self.place(*place));
        bounds.reduce(|a, b| Bounds {
            least: a.least.min(b.least),
            most: a.most.min(b.most),
        })
    }

    /// The distance to the nearest place of an item.
    pub(super) fn exact(&mut self, item: u32) -> Option<f64> {
        let most = self.nearest(item)?.most;
        let mut exact = f64::INFINITY;
        for place in self.index.places(item) {
            if self.place(*place).least <= most {
                exact = exact.min(self.exact_place(*place));
            }
        }
        Some(exact)
    }

    /// Whether an item is no farther than so many metres; unknown if none of its known places is, and
    /// there is one that is not known.
    pub(super) fn within(&mut self, item: u32, radius: Option<f64>) -> Truth {
        let Some(bounds) = self.nearest(item) else {
            return Truth::Unknown(Reason::NoPosition);
        };
        let inside = match radius {
            None => true,
            Some(radius) if bounds.most <= radius => true,
            Some(radius) if bounds.least > radius => false,
            Some(radius) => self.exact(item).is_some_and(|distance| distance <= radius),
        };
        let links = self.index.links.get(item as usize);
        match inside {
            false if links.is_none_or(|links| links.unplaced) => Truth::Unknown(Reason::NoPosition),
            inside => Truth::from(inside),
        }
    }

    /// The rank of each item by its distance: equal distances have equal ranks. What has no place
    /// has [`NONE`].
    fn ranks(&mut self, items: &[u32]) -> Vec<u32> {
        let mut ranks = vec![NONE; items.len()];
        let mut order = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            if let Some(bounds) = self.nearest(*item) {
                // Distances are not negative, so that their bits are in their order.
                order.push((bounds.least.max(0.0).to_bits(), at as u32));
            }
        }
        order.sort_unstable();
        let mut rank = 0;
        let mut start = 0;
        let mut exact: Vec<(f64, u32)> = Vec::new();
        while let Some((_, first)) = order.get(start) {
            // Those whose order their bounds do not decide.
            let most = |item: &u32, of: &mut Self| {
                let item = items.get(*item as usize);
                item.and_then(|item| of.nearest(*item))
                    .map_or(0.0, |bounds| bounds.most)
            };
            let mut reach = most(first, self);
            let mut end = start + 1;
            while let Some((least, at)) = order.get(end) {
                if f64::from_bits(*least) > reach {
                    break;
                }
                reach = reach.max(most(at, self));
                end += 1;
            }
            let run = order.get(start..end).unwrap_or_default();
            exact.clear();
            for (_, at) in run {
                let item = items.get(*at as usize).filter(|_| run.len() > 1);
                let distance = item.and_then(|item| self.exact(*item));
                exact.push((distance.unwrap_or(0.0), *at));
            }
            exact.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
            let mut last = None;
            for (distance, at) in &exact {
                if last.is_some_and(|last: f64| last.total_cmp(distance).is_ne()) {
                    rank += 1;
                }
                last = Some(*distance);
                if let Some(slot) = ranks.get_mut(*at as usize) {
                    *slot = rank;
                }
            }
            rank += 1;
            start = end;
        }
        ranks
    }
}

/// What items are sorted by.
#[derive(Clone, Debug)]
pub(super) enum Key {
    Distance,
    Name,
    /// A parameter of R4, and what it is sorted as.
    Value(Rc<Source>, Sorted),
}

/// How values of a parameter are put in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sorted {
    /// By their text, folded.
    Text,
    /// By their first moment, or their last if descending.
    Date,
    /// By their number; of quantities, whatever their unit.
    Number,
    /// By the text of the reference.
    Reference,
}

impl Sorted {
    /// How values of a type of parameter are sorted; none if R4 defines no order.
    pub(super) fn by(kind: ParameterType) -> Option<Self> {
        Some(match kind {
            ParameterType::Date => Sorted::Date,
            ParameterType::String | ParameterType::Token | ParameterType::Uri => Sorted::Text,
            ParameterType::Number | ParameterType::Quantity => Sorted::Number,
            ParameterType::Reference => Sorted::Reference,
            ParameterType::Composite | ParameterType::Special => return None,
        })
    }
}

/// Puts items in order. What has no value of a key comes last, whichever way it is sorted; among equals
/// the order stays.
pub(super) fn sort(
    items: &mut Vec<u32>,
    keys: &[(Key, Order)],
    index: &Index<'_>,
    mut measure: Option<&mut Measure<'_, '_>>,
) {
    for (key, order) in keys.iter().rev() {
        let ranks = match key {
            Key::Distance => match &mut measure {
                Some(measure) => measure.ranks(items),
                None => continue,
            },
            Key::Name => {
                let links = items.iter().map(|item| index.links.get(*item as usize));
                let ranks = links.map(|links| links.map_or(NONE, |links| links.name));
                ranks.collect()
            }
            Key::Value(source, sorted) => by_value(items, source, *sorted, *order, index),
        };
        let ranks = ranks.into_iter().map(|rank| match order {
            Order::Descending if rank != NONE => NONE - 1 - rank,
            _ => rank,
        });
        let mut keyed: Vec<_> = ranks.zip(items.iter().copied()).collect();
        keyed.sort_by_key(|pair| pair.0);
        items.clear();
        items.extend(keyed.iter().map(|pair| pair.1));
    }
}

/// Ranks of items by their values: the least of each, or the greatest if descending.
fn by_value(
    items: &[u32],
    source: &Source,
    sorted: Sorted,
    order: Order,
    index: &Index<'_>,
) -> Vec<u32> {
    let mut keyed = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let Some(element) = index.element(*item) else {
            continue;
        };
        let keys = source.values(element).into_iter();
        let keys = keys.filter_map(|value| key(value.found, sorted, order));
        let key = match order {
            Order::Ascending => keys.min(),
            Order::Descending => keys.max(),
        };
        if let Some(key) = key {
            keyed.push((key, at));
        }
    }
    keyed.sort_unstable();
    let mut ranks = vec![NONE; items.len()];
    let mut rank = 0;
    for (at, (key, place)) in keyed.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| keyed.get(at));
        rank += u32::from(before.is_some_and(|before| before.0 != *key));
        if let Some(slot) = ranks.get_mut(*place) {
            *slot = rank;
        }
    }
    ranks
}

/// A value as it is sorted: those of one parameter are all of one sort.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sortable {
    Moment(i128),
    Number(Exact),
    Text(String),
}

/// A value as it is sorted.
fn key(found: Found<'_>, sorted: Sorted, order: Order) -> Option<Sortable> {
    let moment = |span: Span| {
        Sortable::Moment(match order {
            Order::Ascending => span.start,
            Order::Descending => span.end,
        })
    };
    let first = |element: &dyn Element, path| text_at(element, path).map(fold);
    match (sorted, found) {
        (Sorted::Date, Found::Text(text)) => Span::of(text).map(moment),
        (Sorted::Date, Found::Element(element)) => {
            let period = element.downcast_ref::<r4::Period>()?;
            Span::between(period.start.as_str(), period.end.as_str()).map(moment)
        }
        (Sorted::Number, Found::Element(element)) => {
            let found = values(element, "value|low.value").first()?.number()?;
            Some(Sortable::Number(found))
        }
        (Sorted::Number, found) => found.number().map(Sortable::Number),
        (Sorted::Reference, found) => {
            referred(found).map(|referred| Sortable::Text(referred.to_owned()))
        }
        (Sorted::Text, Found::Text(text)) => Some(Sortable::Text(fold(text))),
        (Sorted::Text, Found::Boolean(value)) => Some(Sortable::Text(value.to_string())),
        (Sorted::Text, Found::Element(element)) => {
            let text = match element.schema().name {
                "HumanName" => {
                    let parts = [
                        first(element, "family"),
                        first(element, "given"),
                        first(element, "text"),
                    ];
                    let parts: Vec<_> = parts.into_iter().flatten().collect();
                    Some(parts.join(" "))
                }
                "Address" => first(element, "text|line|city"),
                "CodeableConcept" => first(element, "coding.code|text"),
                "Identifier" | "ContactPoint" => first(element, "value"),
                _ => first(element, "code"),
            };
            text.map(Sortable::Text)
        }
        _ => None,
    }
}

/// What `distinct-by` compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Distinct {
    Practitioner,
    Location,
}

/// Keeps the first item of each practitioner; or those that are the first of any of their locations.
/// What names none is kept.
pub(super) fn distinct(items: &mut Vec<u32>, by: Distinct, index: &Index<'_>) {
    let mut seen = vec![false; index.distinct()];
    let mut new = |key: u32| match seen.get_mut(key as usize) {
        Some(seen) => !std::mem::replace(seen, true),
        None => true,
    };
    items.retain(|item| match by {
        Distinct::Practitioner => {
            let links = index.links.get(*item as usize);
            let key = links.map_or(NONE, |links| links.practitioner);
            key == NONE || new(key)
        }
        Distinct::Location => {
            let keys = index.locations(*item);
            // All are marked, also after the first that is new.
            keys.is_empty() || keys.iter().fold(false, |any, key| new(*key) | any)
        }
    });
}
