//! When items are equal, equivalent or in order.

use crate::environment::Meter;
use crate::item::{Collection, Item};
use crate::node::{Content, Node, is_quantity};
use crate::quantity::{Comparison, Quantity, decimals_equivalent, plain_quantity};
use crate::temporal::TemporalKind;
use healthcode_core::{Element, FieldRef, Fields, PrimitiveKind, ValueRef};
use rust_decimal::Decimal;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Elements inside each other that are compared; what lies deeper counts as different.
const MAX_DEPTH: u32 = 600;

/// How elements are compared: as `=` does, with the zone of date-times that have none, or as `~`.
///
/// Comparing takes steps. With none left, nothing equals anything, and the evaluation fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Equality<'e> {
    pub(crate) zone: Option<i16>,
    pub(crate) equivalence: bool,
    pub(crate) meter: Meter<'e>,
}

impl Equality<'_> {
    fn spend(self, steps: usize) -> bool {
        self.meter.spend(steps)
    }

    /// Whether two collections are equal, item by item; `None` where that is not known.
    pub(crate) fn collections(self, a: &[Item<'_>], b: &[Item<'_>]) -> Option<bool> {
        if a.len() != b.len() {
            return Some(false);
        }
        let mut known = true;
        for (a, b) in a.iter().zip(b) {
            match self.items(a, b) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => known = false,
            }
        }
        known.then_some(true)
    }

    /// Whether two collections have equivalent items, in any order.
    pub(crate) fn equivalent_collections(self, a: &[Item<'_>], b: &[Item<'_>]) -> bool {
        if a.len() != b.len() {
            return false;
        }
        // Texts are found by their hashes; none of them is equivalent to anything else.
        let mut left: HashMap<Option<u64>, Vec<&Item<'_>>> = HashMap::new();
        for item in b {
            left.entry(self.normal_hash(item)).or_default().push(item);
        }
        a.iter().all(|item| {
            let Some(candidates) = left.get_mut(&self.normal_hash(item)) else {
                return false;
            };
            let found = candidates
                .iter()
                .position(|other| self.items(item, other) == Some(true));
            found.map(|at| candidates.swap_remove(at)).is_some()
        })
    }

    /// A number that equivalent texts share.
    fn normal_hash(self, item: &Item<'_>) -> Option<u64> {
        let text = plain_text(item)?;
        let mut hasher = DefaultHasher::new();
        if self.spend(text.len() / 8) {
            normal(text).hash(&mut hasher);
        }
        Some(hasher.finish())
    }

    pub(crate) fn items(self, a: &Item<'_>, b: &Item<'_>) -> Option<bool> {
        if !self.spend(1) {
            return Some(false);
        }
        if let (Item::Node(a), Item::Node(b)) = (a, b) {
            if a.is_same(b) {
                return Some(true);
            }
            if let (Content::Element(a), Content::Element(b)) = (a.content, b.content)
                && !(is_quantity(a.schema()) && is_quantity(b.schema()))
            {
                return Some(self.elements(a, b, &mut Fields::new(), &mut Fields::new(), 0));
            }
        }
        if let (Some(x), Some(y)) = (plain_text(a), plain_text(b)) {
            return Some(self.texts(x, y));
        }
        match (a.system(), b.system()) {
            (Some(x), Some(y)) => self.values(&x, &y),
            _ => match (a, b) {
                (Item::Node(a), Item::Node(b)) => Some(self.nodes(a, b)),
                (Item::Type(a, b), Item::Type(c, d)) => Some(a == c && b == d),
                _ => Some(false),
            },
        }
    }

    fn texts(self, a: &str, b: &str) -> bool {
        if self.equivalence {
            self.spend((a.len() + b.len()) / 8) && normal(a) == normal(b)
        } else {
            a == b
        }
    }

    fn nodes(self, a: &Node<'_>, b: &Node<'_>) -> bool {
        match (a.content, b.content) {
            (Content::Element(a), Content::Element(b))
            | (Content::Primitive(None, Some(a)), Content::Primitive(None, Some(b))) => {
                self.elements(a, b, &mut Fields::new(), &mut Fields::new(), 0)
            }
            _ => false,
        }
    }

    fn values(self, a: &Item<'_>, b: &Item<'_>) -> Option<bool> {
        match (a, b) {
            (Item::Boolean(a), Item::Boolean(b)) => Some(a == b),
            (Item::Integer(a), Item::Integer(b)) => Some(a == b),
            (Item::String(a), Item::String(b)) => Some(self.texts(a, b)),
            (Item::Temporal(a), Item::Temporal(b)) => {
                if (a.kind() == TemporalKind::Time) != (b.kind() == TemporalKind::Time) {
                    return Some(false);
                }
                let order = a.compare(b, self.zone);
                match order {
                    None if self.equivalence => Some(false),
                    order => order.map(Ordering::is_eq),
                }
            }
            (Item::Quantity(_), _) | (_, Item::Quantity(_)) => {
                let (a, b) = (quantity(a)?, quantity(b)?);
                if self.equivalence {
                    Some(a.equivalent(&b))
                } else {
                    known(a.compare(&b)).map(Ordering::is_eq)
                }
            }
            _ => match (number(a), number(b)) {
                (Some(a), Some(b)) if self.equivalence => Some(decimals_equivalent(a, b)),
                (Some(a), Some(b)) => Some(a == b),
                _ => Some(false),
            },
        }
    }

    fn elements<'a, 'b>(
        self,
        a: &'a dyn Element,
        b: &'b dyn Element,
        left: &mut Fields<'a>,
        right: &mut Fields<'b>,
        depth: u32,
    ) -> bool {
        if !std::ptr::eq(a.schema(), b.schema()) || depth > MAX_DEPTH || !self.spend(1) {
            return false;
        }
        let (from, start) = (left.len(), right.len());
        a.fields(left);
        b.fields(right);
        let count = left.len() - from;
        let mut same = right.len() - start == count;
        for index in 0..count {
            if !same {
                break;
            }
            let (x, y) = (left.get(from + index), right.get(start + index));
            same = (x.index, x.choice) == (y.index, y.choice)
                && self.fields(a, x, y, left, right, depth);
        }
        left.truncate(from);
        right.truncate(start);
        same
    }

    /// Whether two lists have the same items, as `same` decides by their indexes: in their order, or for
    /// equivalence in any.
    fn lists(
        self,
        (count, other): (usize, usize),
        same: &mut dyn FnMut(usize, usize) -> bool,
    ) -> bool {
        if count != other {
            return false;
        }
        if !self.equivalence {
            return (0..count).all(|index| same(index, index));
        }
        let mut left: Vec<usize> = (0..count).collect();
        (0..count).all(|index| {
            let found = left
                .iter()
                .position(|other| self.spend(1) && same(index, *other));
            found.map(|at| left.remove(at)).is_some()
        })
    }

    fn fields<'a, 'b>(
        self,
        parent: &dyn Element,
        a: FieldRef<'a>,
        b: FieldRef<'b>,
        left: &mut Fields<'a>,
        right: &mut Fields<'b>,
        depth: u32,
    ) -> bool {
        let deeper = depth + 1;
        match (a.value, b.value) {
            (ValueRef::Element(a), ValueRef::Element(b))
            | (ValueRef::Metadata(a), ValueRef::Metadata(b)) => {
                self.elements(a, b, left, right, deeper)
            }
            (ValueRef::Elements(a), ValueRef::Elements(b)) => self
                .lists((a.count(), b.count()), &mut |i, j| {
                    self.elements(a.element_at(i), b.element_at(j), left, right, deeper)
                }),
            (ValueRef::Primitives(x), ValueRef::Primitives(y)) => {
                self.lists((x.count(), y.count()), &mut |i, j| {
                    let values = match (x.value_at(i), y.value_at(j)) {
                        (Some(x), Some(y)) => self.scalars(parent, a, x, y),
                        (None, None) => true,
                        _ => false,
                    };
                    values
                        && match (x.metadata_at(i), y.metadata_at(j)) {
                            (Some(x), Some(y)) => self.elements(x, y, left, right, deeper),
                            (None, None) => true,
                            _ => false,
                        }
                })
            }
            (x, y) => self.scalars(parent, a, x, y),
        }
    }

    fn scalars(
        self,
        parent: &dyn Element,
        field: FieldRef<'_>,
        a: ValueRef<'_>,
        b: ValueRef<'_>,
    ) -> bool {
        match (a, b) {
            (ValueRef::Boolean(a), ValueRef::Boolean(b)) => a == b,
            (ValueRef::Integer(a), ValueRef::Integer(b)) => a == b,
            (ValueRef::Text(a), ValueRef::Text(b))
            | (ValueRef::Decimal(a), ValueRef::Decimal(b))
                if a == b =>
            {
                true
            }
            (ValueRef::Text(_), ValueRef::Text(_))
            | (ValueRef::Decimal(_), ValueRef::Decimal(_)) => {
                let place = (field.index, field.choice);
                let a = Item::Node(Node::primitive(parent_of(parent), place, 0, Some(a), None));
                let b = Item::Node(Node::primitive(parent_of(parent), place, 0, Some(b), None));
                match (a.system(), b.system()) {
                    (Some(a), Some(b)) => self.values(&a, &b) == Some(true),
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

fn parent_of(parent: &dyn Element) -> &dyn Element {
    parent
}

/// The text of an item whose text is all of its value.
fn plain_text<'i>(item: &'i Item<'_>) -> Option<&'i str> {
    match item {
        Item::String(text) => Some(text),
        Item::Node(node) => match node.value()? {
            ValueRef::Text(text) if !is_temporal(node.primitive_kind()) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn is_temporal(kind: Option<PrimitiveKind>) -> bool {
    use PrimitiveKind::{Date, DateTime, Instant, Time};
    matches!(kind, Some(Date | DateTime | Instant | Time))
}

/// Text without what equivalence passes over: case, and the sort of white space.
fn normal(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .flat_map(char::to_lowercase)
        .collect()
}

/// A number's value.
pub(crate) fn number(item: &Item<'_>) -> Option<Decimal> {
    match item {
        Item::Integer(value) => Some(Decimal::from(*value)),
        Item::Decimal(value) => Some(*value),
        _ => None,
    }
}

/// A quantity, or a number as one.
pub(crate) fn quantity<'a>(item: &Item<'a>) -> Option<Quantity<'a>> {
    match item {
        Item::Quantity(quantity) => Some(quantity.clone()),
        item => number(item).map(plain_quantity),
    }
}

/// How two `System` values are ordered: `Err` if their types cannot be compared, `Ok(None)` where
/// the order is not known.
pub(crate) fn compare(
    a: &Item<'_>,
    b: &Item<'_>,
    zone: Option<i16>,
) -> Result<Option<Ordering>, ()> {
    match (a, b) {
        (Item::Integer(a), Item::Integer(b)) => Ok(Some(a.cmp(b))),
        (Item::String(a), Item::String(b)) => Ok(Some((**a).cmp(&**b))),
        (Item::Temporal(a), Item::Temporal(b)) => {
            if (a.kind() == TemporalKind::Time) != (b.kind() == TemporalKind::Time) {
                return Err(());
            }
            Ok(a.compare(b, zone))
        }
        (Item::Quantity(_), _) | (_, Item::Quantity(_)) => {
            let (a, b) = quantity(a).zip(quantity(b)).ok_or(())?;
            Ok(known(a.compare(&b)))
        }
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => Ok(Some(a.cmp(&b))),
            _ => Err(()),
        },
    }
}

fn known(comparison: Comparison) -> Option<Ordering> {
    match comparison {
        Comparison::Known(order) => Some(order),
        Comparison::Incomparable | Comparison::Unknown => None,
    }
}

/// Items that are all different, found again by their hashes.
#[derive(Debug)]
pub(crate) struct DistinctItems<'e, 'a> {
    equality: Equality<'e>,
    pub(crate) items: Vec<Item<'a>>,
    by_hash: HashMap<u64, Vec<usize>>,
    /// Those that may equal items with another hash.
    unhashed: Vec<usize>,
}

/// As many items are compared one by one.
const FEW: usize = 8;

impl<'e, 'a> DistinctItems<'e, 'a> {
    pub(crate) fn new(equality: Equality<'e>) -> Self {
        DistinctItems {
            equality,
            items: Vec::new(),
            by_hash: HashMap::new(),
            unhashed: Vec::new(),
        }
    }

    pub(crate) fn of(items: &[Item<'a>], equality: Equality<'e>) -> Self {
        let mut seen = DistinctItems::new(equality);
        for item in items {
            seen.add(item);
        }
        seen
    }

    fn equals(&self, at: usize, item: &Item<'a>) -> bool {
        let other = self.items.get(at);
        other.is_some_and(|other| self.equality.items(other, item) == Some(true))
    }

    pub(crate) fn contains(&self, item: &Item<'a>) -> bool {
        if self.items.len() <= FEW {
            return (0..self.items.len()).any(|at| self.equals(at, item));
        }
        match self.equality.weak_hash(item) {
            None => (0..self.items.len()).any(|at| self.equals(at, item)),
            Some(hash) => {
                let same = self.by_hash.get(&hash).map_or(&[][..], Vec::as_slice);
                let mut candidates = same.iter().chain(&self.unhashed);
                candidates.any(|&at| self.equals(at, item))
            }
        }
    }

    /// Adds an item, unless there is an equal one.
    pub(crate) fn add(&mut self, item: &Item<'a>) -> bool {
        if self.contains(item) {
            return false;
        }
        let at = self.items.len();
        self.items.push(item.clone());
        if at == FEW {
            for at in 0..=FEW {
                self.index(at);
            }
        } else if at > FEW {
            self.index(at);
        }
        true
    }

    fn index(&mut self, at: usize) {
        let item = self.items.get(at);
        match item.and_then(|item| self.equality.weak_hash(item)) {
            Some(hash) => self.by_hash.entry(hash).or_default().push(at),
            None => self.unhashed.push(at),
        }
    }

    pub(crate) fn into_collection(self) -> Collection<'a> {
        match <[Item<'a>; 1]>::try_from(self.items) {
            Ok([item]) => item.into(),
            Err(items) => items.into(),
        }
    }
}

/// Elements inside each other that are hashed; what lies deeper is left to comparing.
const HASHED_DEPTH: u32 = 8;

impl Equality<'_> {
    /// A number that equal items share; `None` where none is known.
    fn weak_hash(self, item: &Item<'_>) -> Option<u64> {
        let mut hasher = DefaultHasher::new();
        if let Some(text) = plain_text(item) {
            text.hash(&mut hasher);
            return Some(hasher.finish());
        }
        if let Item::Node(node) = item
            && let Content::Element(element) = node.content
        {
            if is_quantity(element.schema()) {
                return None;
            }
            self.hash_element(element, &mut Fields::new(), &mut hasher, 0);
            return Some(hasher.finish());
        }
        match item.system()? {
            Item::Boolean(value) => value.hash(&mut hasher),
            Item::Temporal(value) => value.hash_moment(self.zone, &mut hasher),
            value => match number(&value) {
                Some(value) => value.normalize().hash(&mut hasher),
                None => return None,
            },
        }
        Some(hasher.finish())
    }

    /// Takes in what an element and those in it have, but for what may be equal in another form:
    /// decimals, dates and times.
    fn hash_element<'a>(
        self,
        element: &'a dyn Element,
        fields: &mut Fields<'a>,
        hasher: &mut DefaultHasher,
        depth: u32,
    ) {
        if depth > HASHED_DEPTH || !self.spend(1) {
            return;
        }
        let start = fields.len();
        element.fields(fields);
        let schema = element.schema();
        for at in start..fields.len() {
            let field = fields.get(at);
            field.index.hash(hasher);
            let kind = schema.fields.get(usize::from(field.index));
            let kind = kind.and_then(|f| f.types.get(usize::from(field.choice))?.primitive);
            let temporal = is_temporal(kind);
            match field.value {
                ValueRef::Text(text) if !temporal => text.hash(hasher),
                ValueRef::Boolean(value) => value.hash(hasher),
                ValueRef::Integer(value) => value.hash(hasher),
                ValueRef::Element(child) => self.hash_element(child, fields, hasher, depth + 1),
                ValueRef::Elements(list) => {
                    for index in 0..list.count() {
                        self.hash_element(list.element_at(index), fields, hasher, depth + 1);
                    }
                }
                ValueRef::Primitives(list) if !temporal => {
                    for index in 0..list.count() {
                        if let Some(ValueRef::Text(text)) = list.value_at(index) {
                            text.hash(hasher);
                        }
                    }
                }
                _ => {}
            }
        }
        fields.truncate(start);
    }
}
