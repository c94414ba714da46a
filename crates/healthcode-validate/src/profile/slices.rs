//! Putting values into slices: discriminators, counts and order.

use super::check::Checker;
use super::constant::Constant;
use super::discriminator::{Step, Test, Wanted};
use super::item::{Code, Item, Items, named, text};
use super::node::type_name;
use super::plan::{Slice, Slicing};
use crate::registry::profiles as rule;
use healthcode_core::{Element, Field, Path, ValueRef};
use healthcode_r4::{Extension, schema};
use smallvec::SmallVec;
use std::sync::Arc;

/// The name of the slice of all values that are in no other slice (FHIR R4 profiling.html#default-slice).
const DEFAULT: &str = "@default";

impl<'c, 'v> Checker<'c, 'v> {
    /// Puts values of an element into slices, and checks them there.
    pub(super) fn slicing(
        &mut self,
        slicing: &'c Slicing,
        definition: &Field,
        items: &[Item<'v>],
        path: &Path<'_>,
    ) {
        // The values that are in a slice, and the slices that others may be in.
        let mut found: SmallVec<[(usize, Item<'v>); 8]> = SmallVec::new();
        let mut possible: Vec<usize> = Vec::new();
        // The index of the latest slice in order; one past the last for values in no slice.
        let mut reached = 0;
        for item in items {
            let (own, perhaps) = self.slice_of(slicing, item);
            match own {
                Some(at) => found.push((at, *item)),
                None if !perhaps.is_empty() => {
                    let slices = perhaps.iter().filter_map(|at| slicing.slices.get(*at));
                    self.unchecked
                        .extend(slices.map(|slice| Arc::clone(&slice.constraint)));
                    possible.extend(perhaps);
                    continue;
                }
                None => {}
            }
            let rank = own.unwrap_or(slicing.slices.len());
            if own.is_none() && slicing.closed {
                item.at(path, item.value.is_none(), |path| {
                    self.report(&rule::R4_PROFILE_SLICE_CLOSED, &slicing.constraint, path);
                });
                continue;
            }
            let counts = own.is_some() && slicing.ordered || slicing.open_at_end;
            let late = if slicing.ordered {
                rank < reached
            } else {
                // Only values in no slice must be last.
                own.is_some() && reached == slicing.slices.len()
            };
            if counts && late {
                item.at(path, item.value.is_none(), |path| {
                    self.report(&rule::R4_PROFILE_SLICE_ORDER, &slicing.constraint, path);
                });
            } else if counts {
                reached = rank;
            }
            if own.is_none()
                && self
                    .settings
                    .rules
                    .reports(&rule::R4_PROFILE_SLICE_UNMATCHED)
                && slicing.notes_unmatched
            {
                item.at(path, item.value.is_none(), |path| {
                    self.report(&rule::R4_PROFILE_SLICE_UNMATCHED, &slicing.constraint, path);
                });
            }
        }
        for (at, slice) in slicing.slices.iter().enumerate() {
            let mut own = found.iter().filter(|(slice, _)| *slice == at).peekable();
            if own.peek().is_none() && !slice.requires_values() {
                continue;
            }
            let own: Items<'v> = own.map(|(_, item)| *item).collect();
            let more = possible.iter().filter(|slice| **slice == at).count();
            let more = u32::try_from(more).unwrap_or(u32::MAX);
            self.count(&slice.count, definition, &own, more, path);
            for item in &own {
                self.item(&slice.value, item, path);
            }
            if let Some(inner) = &slice.slicing {
                self.slicing(inner, definition, &own, path);
            }
        }
    }

    /// The slice that a value is in, or else those that it may be in.
    pub(super) fn slice_of(
        &mut self,
        slicing: &'c Slicing,
        item: &Item<'v>,
    ) -> (Option<usize>, Vec<usize>) {
        let mut perhaps = Vec::new();
        let mut default = None;
        let element = item.element();
        let extension = element.and_then(|element| element.downcast_ref::<Extension>());
        for (at, slice) in slicing.slices.iter().enumerate() {
            if &*slice.name == DEFAULT {
                default = Some(at);
                continue;
            }
            let own = match (&slice.url, extension) {
                // As `is_of` would, for the slices that are many.
                (Some(url), Some(extension)) => Some(extension.url.as_deref() == Some(&**url)),
                _ => self.is_of(slice, item),
            };
            match own {
                Some(true) => return (Some(at), Vec::new()),
                None => perhaps.push(at),
                Some(false) => {}
            }
        }
        if !perhaps.is_empty() {
            perhaps.extend(default);
            return (None, perhaps);
        }
        (default, perhaps)
    }

    /// Whether a value is of a slice, as far as that can be known.
    fn is_of(&mut self, slice: &'c Slice, item: &Item<'v>) -> Option<bool> {
        let mut all = Some(true);
        for test in &slice.tests {
            let answer = match test {
                Test::Unknown | Test::Unsupported => None,
                Test::At(steps, wanted) => self.holds(steps, wanted, item),
            };
            match answer {
                Some(false) => return Some(false),
                None => all = None,
                Some(true) => {}
            }
        }
        all
    }

    fn holds(&mut self, steps: &[Step], wanted: &Wanted, item: &Item<'v>) -> Option<bool> {
        let mut found = vec![*item];
        let mut known = true;
        for (at, step) in steps.iter().enumerate() {
            let last = at + 1 == steps.len();
            if let (Step::Resolve, Wanted::Type(names), true) = (step, wanted, last) {
                // A reference states the type of its target even where the target is missing.
                let urls: Vec<Box<str>> = names
                    .iter()
                    .map(|url| super::node::canonical(url).into())
                    .collect();
                let targets = found.iter().filter_map(Item::element);
                let answers: Vec<Option<bool>> = targets
                    .map(|target| self.points_at(target, &urls))
                    .collect();
                return any(answers.into_iter());
            }
            let mut next = Vec::new();
            for item in &found {
                match step {
                    Step::Field(name) => {
                        if let Some(holder) = item.holder() {
                            next.extend(named(holder, name));
                        }
                    }
                    Step::Extension(url) => {
                        let all = item.holder().map(|holder| named(holder, "extension"));
                        next.extend(all.into_iter().flatten().filter(|extension| {
                            extension.element().and_then(|element| text(element, "url"))
                                == Some(&**url)
                        }));
                    }
                    Step::OfType(name) => {
                        if *item.type_code() == **name {
                            next.push(*item);
                        }
                    }
                    Step::Resolve => match item.element().and_then(|element| self.resolve(element))
                    {
                        Some(target) => next.extend(Item::alone(target)),
                        None => known = false,
                    },
                }
            }
            found = next;
        }
        let answers: Vec<Option<bool>> = match wanted {
            Wanted::Exists(wanted) => {
                let answer = found.is_empty() != *wanted;
                return (known || !found.is_empty()).then_some(answer);
            }
            Wanted::Value(constants) => found
                .iter()
                .map(|item| {
                    let value = item.value;
                    let fits = |(constant, exactly): &(Constant, bool)| match value {
                        Some(value) if *exactly => constant.is(value),
                        Some(value) => constant.is_in(value),
                        None => false,
                    };
                    Some(constants.iter().any(fits))
                })
                .collect(),
            Wanted::Type(names) => found
                .iter()
                .map(|item| Some(names.iter().any(|name| **name == *item.type_code())))
                .collect(),
            Wanted::Code(url) => found.iter().map(|item| self.is_in(url, item)).collect(),
            Wanted::Profile(urls) => {
                let mut answers = Vec::new();
                for item in &found {
                    for url in urls {
                        answers.push(self.follows(url, item));
                    }
                }
                answers
            }
        };
        match any(answers.into_iter()) {
            Some(false) if !known => None,
            answer => answer,
        }
    }

    /// Whether a coded value is from a value set.
    fn is_in(&self, url: &str, item: &Item<'v>) -> Option<bool> {
        let coding = |element: &'v dyn Element| match Code::of(element) {
            Some(code) => self.set.has(url, code),
            None => Some(false),
        };
        match (item.type_code(), item.value) {
            ("CodeableConcept", Some(ValueRef::Element(concept))) => {
                let codings = named(concept, "coding").into_iter();
                any(codings.filter_map(|item| item.element()).map(coding))
            }
            (_, Some(ValueRef::Text(code))) => self.set.has(url, Code::Alone(code)),
            (_, Some(ValueRef::Element(element))) => coding(element),
            _ => Some(false),
        }
    }

    /// Whether a reference points at one of these types or of the types of these profiles; `None` if it
    /// does not state a type.
    pub(super) fn points_at(
        &self,
        reference: &'v dyn Element,
        targets: &[Box<str>],
    ) -> Option<bool> {
        let target = self.resolve(reference);
        let name = match target {
            Some(target) => target.schema().name,
            None => referenced_type(reference)?,
        };
        let mut unknown = false;
        for url in targets {
            match type_name(url)
                .map(Box::from)
                .or_else(|| self.set.type_of(url))
            {
                Some(wanted) if *wanted == *name => return Some(true),
                Some(_) => {}
                None => unknown = true,
            }
        }
        (!unknown).then_some(false)
    }

    /// The target of a reference, if it is in the resource or the Bundle.
    pub(super) fn resolve(&self, reference: &'v dyn Element) -> Option<&'v dyn Element> {
        self.around.find(text(reference, "reference")?)
    }
}

/// The type of resource that a reference names, in its text or as its `type`.
pub(super) fn referenced_type(reference: &dyn Element) -> Option<&str> {
    let known = |name: &&str| {
        schema::find(name)
            .is_some_and(|schema| schema.kind == healthcode_core::SchemaKind::Resource)
    };
    let by_text = || {
        let target = text(reference, "reference")?;
        let target = target.split("/_history/").next().unwrap_or(target);
        let (before, _) = target.rsplit_once('/')?;
        before.rsplit('/').next().filter(known)
    };
    by_text().or_else(|| text(reference, "type").filter(known))
}

/// Whether any is true; unknown if none is but one is unknown.
pub(super) fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(false);
    for answer in answers {
        match answer {
            Some(true) => return Some(true),
            None => all = None,
            Some(false) => {}
        }
    }
    all
}
