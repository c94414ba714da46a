//! Checking values against plans.

use super::ProfileSet;
use super::extension::LoadedExtension;
use super::item::{Code, Item, Items, fields_of, items, named, single, text};
use super::node::{is_kind_of, type_name};
use super::plan::{Bound, Check, Count, FieldCheck, Plan, type_of_resource};
use super::resource_context::ResourceContext;
use super::standard;
use super::vital;
use crate::element::is_kept;
use crate::registry::profiles as rule;
use crate::rule_set::RuleSet;
use healthcode_core::{
    Constraint, Detail, Element, Field, FieldRef, Fields, Issue, Issues, Path, Rule, Schema,
    SchemaKind, Severity, Step, ValueRef,
};
use healthcode_fhirpath::Node;
use healthcode_r4::{Bundle, Extension, Meta, Observation};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which profiles resources are checked against, and what is reported.
#[derive(Clone, Copy)]
pub(crate) struct Profiles<'c> {
    pub(crate) rules: &'c RuleSet,
    pub(crate) loaded: Option<&'c ProfileSet>,
    /// Those of a policy: applied by type, whatever a resource claims.
    pub(crate) of_policy: Option<&'static ProfileSet>,
    /// The canonical URLs of those that apply to all resources of their types.
    pub(crate) applied: &'c [Box<str>],
}

impl Profiles<'_> {
    /// Reports where a resource departs from its profiles.
    pub(crate) fn check<'v>(
        &self,
        resource: &'v dyn Element,
        fields: &[FieldRef<'v>],
        around: ResourceContext<'_, 'v>,
        path: &Path<'_>,
        reported: &mut Reported,
        issues: &mut Issues,
    ) {
        let Some(own_type) = type_of_resource(resource) else {
            return;
        };
        let mut claims = claims(resource, fields);
        let observation = resource.downcast_ref::<Observation>();
        let signs = self.unfit_signs(observation, &around, &mut claims);
        if claims.is_empty() && signs.is_empty() && !self.is_applied_by_type(around, resource) {
            return;
        }
        let loaded = self.loaded.unwrap_or_else(|| ProfileSet::bare());
        let mut done: Vec<(*const ProfileSet, usize)> = Vec::new();
        let mut run = |set: &ProfileSet, index: usize, issues: &mut Issues| -> bool {
            let Some(plan) = set.plan(index) else {
                issues.extend(set.unusable(index).map(|constraint| {
                    let mut issue = Issue::new(&rule::R4_PROFILE_UNCHECKED, path, Detail::None);
                    issue.constraint = Some(Arc::new(constraint));
                    issue
                }));
                return true;
            };
            let key = (std::ptr::from_ref(set), index);
            if !done.contains(&key) {
                done.push(key);
                let mut walk = Checker::new(set, *self, around, resource);
                walk.resource(plan, resource, own_type, path);
                walk.finish(plan, set.is_advisory(index), path, reported, issues);
            }
            true
        };
        for (at, canonical) in claims {
            let sets = [Some(loaded), self.of_policy];
            let held = sets.into_iter().flatten().any(|set| {
                set.find(canonical)
                    .is_some_and(|index| run(set, index, issues))
            });
            if held {
                continue;
            }
            let rule = match type_name(canonical) {
                Some(name) if is_kind_of(own_type, name) => continue,
                Some(_) => &rule::R4_PROFILE_TYPE,
                None => &rule::R4_PROFILE_UNKNOWN,
            };
            let meta = path.child(Step::field("meta"));
            let profile = meta.child(Step::field("profile"));
            issues.push(Issue::new(
                rule,
                &profile.child(Step::Index(at)),
                Detail::None,
            ));
        }
        for url in signs {
            if let Some(index) = loaded.find(url) {
                run(loaded, index, issues);
            }
        }
        // A contained resource is rarely complete: it is checked against the profiles that it claims alone.
        if !std::ptr::addr_eq(around.root, resource) {
            return;
        }
        for canonical in self.applied {
            if let Some(index) = loaded.find(canonical)
                && loaded
                    .type_at(index)
                    .is_none_or(|name| is_kind_of(own_type, name))
            {
                run(loaded, index, issues);
            }
        }
        if let Some(set) = self.of_policy {
            for &index in set.of_type(own_type) {
                run(set, index, issues);
            }
        }
    }
}

impl<'c> Profiles<'c> {
    /// Whether profiles may apply that the resource does not name.
    fn is_applied_by_type(&self, around: ResourceContext<'_, '_>, resource: &dyn Element) -> bool {
        let contained = !std::ptr::addr_eq(around.root, resource);
        !contained && (!self.applied.is_empty() || self.of_policy.is_some())
    }

    /// The profiles of the vital signs that an Observation has, without those that it certainly
    /// follows, which are removed from `claims` too.
    fn unfit_signs(
        &self,
        observation: Option<&Observation>,
        around: &ResourceContext<'_, '_>,
        claims: &mut Vec<(usize, &str)>,
    ) -> Vec<&'static str> {
        let mut unfit = Vec::new();
        for sign in observation.into_iter().flat_map(vital::signs) {
            // Fields do not show what rules that are off by default, or other definitions, require.
            let as_published = !self.rules.has_enabled()
                && self.loaded.is_none_or(|set| sign.is_as_published(set));
            if as_published
                && observation.is_some_and(|observation| sign.surely_fits(observation, around))
            {
                claims.retain(|(_, canonical)| !sign.is_claimed_by(canonical));
            } else {
                unfit.push(sign.profile);
            }
        }
        unfit
    }

    /// The definition of an extension, where it is loaded.
    pub(crate) fn extension(&self, url: &str) -> Option<&'c LoadedExtension> {
        let set = self.loaded?;
        set.extension(set.find(url)?)
    }

    /// Reports where an extension departs from its definition, where that is loaded.
    pub(crate) fn check_extension<'v>(
        &self,
        extension: &'v Extension,
        resource: &'v dyn Element,
        around: ResourceContext<'_, 'v>,
        path: &Path<'_>,
        reported: &mut Reported,
        issues: &mut Issues,
    ) {
        if let Some(set) = self.loaded
            && let Some(url) = extension.url.as_deref()
            && let Some(index) = set.find(url)
            && let Some(plan) = set.plan(index)
            && &*plan.type_name == "Extension"
        {
            let mut walk = Checker::new(set, *self, around, resource);
            walk.root(plan, extension, path);
            walk.finish(plan, set.is_advisory(index), path, reported, issues);
        }
    }
}

/// The canonical URLs in `meta.profile`, with their indexes.
fn claims<'v>(resource: &'v dyn Element, fields: &[FieldRef<'v>]) -> Vec<(usize, &'v str)> {
    let schema = resource.schema();
    let meta = fields.iter().find_map(|field| {
        let definition = schema.fields.get(usize::from(field.index))?;
        match field.value {
            ValueRef::Element(meta) if definition.name() == "meta" => Some(meta),
            _ => None,
        }
    });
    let Some(meta) = meta else { return Vec::new() };
    if meta
        .downcast_ref::<Meta>()
        .is_some_and(|meta| meta.profile.is_empty())
    {
        return Vec::new();
    }
    let profiles = named(meta, "profile").into_iter().enumerate();
    profiles
        .filter_map(|(at, item)| match item.value {
            Some(ValueRef::Text(url)) => Some((at, url)),
            _ => None,
        })
        .collect()
}

thread_local! {
    /// Memory for the fields of the next check.
    static FIELDS: Cell<Fields<'static>> = Cell::default();
}

/// How deep elements are checked below a profile's root, also through the profiles of their types.
const LEVELS: u32 = 64;

/// How many nested checks decide whether a value follows a profile.
const TRIES: u32 = 3;

/// The resource that is checked, the one that contains it or itself, and the Bundle that it is in.
type Surroundings<'v> = (&'v dyn Element, &'v dyn Element, Option<&'v dyn Element>);

/// One check against one profile's plan and the plans that it names.
pub(super) struct Checker<'c, 'v> {
    pub(super) set: &'c ProfileSet,
    pub(super) settings: Profiles<'c>,
    pub(super) around: ResourceContext<'c, 'v>,
    /// The resource that is checked.
    pub(super) own: &'v dyn Element,
    pub(super) issues: Issues,
    /// What could not be checked.
    pub(super) unchecked: BTreeSet<Arc<Constraint>>,
    pub(super) tries: u32,
    /// How many references were followed to come here.
    pub(super) hops: u32,
    level: u32,
    too_deep: bool,
    /// The fields of the elements that are open.
    fields: Fields<'v>,
    /// Whether entries were read before.
    apart: bool,
}

impl<'c, 'v> Checker<'c, 'v> {
    pub(super) fn new(
        set: &'c ProfileSet,
        settings: Profiles<'c>,
        around: ResourceContext<'c, 'v>,
        own: &'v dyn Element,
    ) -> Self {
        Checker {
            set,
            settings,
            around,
            own,
            issues: Issues::new(),
            unchecked: BTreeSet::new(),
            tries: 0,
            hops: 0,
            level: 0,
            too_deep: false,
            fields: FIELDS.take().recycled(),
            apart: false,
        }
    }

    /// Returns the issues, each once.
    pub(super) fn finish(
        self,
        plan: &Plan,
        advisory: bool,
        path: &Path<'_>,
        reported: &mut Reported,
        out: &mut Issues,
    ) {
        FIELDS.set(self.fields.recycled());
        out.note_dropped(&self.issues);
        for mut issue in self.issues {
            if key(self.set, &issue).is_none_or(|key| reported.insert(key)) {
                if advisory && issue.severity.is_error() {
                    issue.severity = Severity::Warning;
                }
                out.push(issue);
            }
        }
        let apart = self.apart && !advisory;
        if !self.unchecked.is_empty() || self.too_deep || apart {
            let mut texts: Vec<&str> = self
                .unchecked
                .iter()
                .map(|unchecked| &*unchecked.text)
                .collect();
            texts.sort_unstable();
            texts.dedup();
            if self.too_deep {
                texts.push("elements that are nested too deep");
            }
            if apart {
                texts.push("entries, which came before what names the profile");
            }
            let text = texts.join("; ");
            let whole = Constraint::new(&plan.whole.profile, &plan.whole.element, &text);
            let mut issue = Issue::new(&rule::R4_PROFILE_UNCHECKED, path, Detail::None);
            issue.constraint = Some(Arc::new(whole));
            out.push(issue);
        }
    }

    pub(super) fn report(
        &mut self,
        rule: &'static Rule,
        constraint: &Arc<Constraint>,
        path: &Path<'_>,
    ) {
        self.report_as(rule, rule.severity, constraint, path);
    }

    pub(super) fn report_as(
        &mut self,
        rule: &'static Rule,
        severity: Severity,
        constraint: &Arc<Constraint>,
        path: &Path<'_>,
    ) {
        let mut issue = Issue::new(rule, path, Detail::None);
        issue.severity = severity;
        issue.constraint = Some(Arc::clone(constraint));
        self.issues.push(issue);
    }

    /// Checks a resource, or another element, against a whole profile.
    fn resource(&mut self, plan: &'c Plan, element: &'v dyn Element, own: &str, path: &Path<'_>) {
        if !is_kind_of(own, &plan.type_name) {
            self.report(&rule::R4_PROFILE_TYPE, &plan.of_type, path);
            return;
        }
        self.root(plan, element, path);
    }

    fn root(&mut self, plan: &'c Plan, element: &'v dyn Element, path: &Path<'_>) {
        self.constants(&plan.root, (Some(ValueRef::Element(element)), None), path);
        self.invariants(&plan.root.invariants, Some(Node::root(element)), path);
        self.elements(&plan.root, Some(element), path);
    }

    /// Whether a value follows a profile; unknown for one that is not loaded.
    pub(super) fn follows(&mut self, canonical: &str, item: &Item<'v>) -> Option<bool> {
        let Some(index) = self.set.find(canonical) else {
            return of_standard(canonical, item);
        };
        let plan = self.set.plan(index)?;
        if !is_kind_of(item.type_code(), &plan.type_name) {
            return Some(false);
        }
        if self.tries >= TRIES {
            return None;
        }
        self.tries += 1;
        let issues = std::mem::take(&mut self.issues);
        let unchecked = std::mem::take(&mut self.unchecked);
        let outer = self.enter(item);
        if let Some(element) = item.element() {
            self.root(plan, element, &Path::root(""));
        }
        self.leave(outer);
        let found = std::mem::replace(&mut self.issues, issues);
        self.unchecked = unchecked;
        self.tries -= 1;
        Some(!found.has_error())
    }

    /// Checks the elements below an element; an absent one has none.
    fn elements(&mut self, check: &'c Check, element: Option<&'v dyn Element>, path: &Path<'_>) {
        if check.fields.is_empty() {
            return;
        }
        let Some(schema) = element.map(Element::schema).or(check.schema) else {
            return;
        };
        if schema.kind == SchemaKind::UnknownResource {
            return;
        }
        if self.level >= LEVELS {
            self.too_deep = true;
            return;
        }
        self.level += 1;
        let start = self.fields.len();
        if let Some(element) = element {
            element.fields(&mut self.fields);
        }
        let present = self
            .fields
            .since(start)
            .iter()
            .fold(0u64, |all, field| all | 1 << field.index);
        for field in &check.fields {
            let own = schema.fields.get(field.index).copied();
            let own = own.filter(|own| std::ptr::eq(*own, field.definition));
            let place = match own {
                Some(own) => Some((field.index, own)),
                // Types that share elements may have them at other places.
                None => schema.field(field.definition.name()),
            };
            if let Some((index, definition)) = place {
                let is_present = present & (1 << index) != 0;
                if !is_present && self.around.passed.is_none() && !field.requires_values() {
                    continue;
                }
                let values = self.fields.since(start);
                if field.slicing.is_none()
                    && let Some(item) = single(element, values, index, definition)
                {
                    let all = std::slice::from_ref(&item);
                    self.count(&field.count, field.definition, all, 0, path);
                    self.item(&field.value, &item, path);
                    continue;
                }
                let items = if is_present {
                    items(element, values, index, definition)
                } else {
                    Items::new()
                };
                let kept =
                    items.is_empty() && element.is_some_and(|element| is_kept(element, definition));
                self.field(field, &items, kept, path);
            }
        }
        self.level -= 1;
        self.fields.truncate(start);
    }

    /// Checks the values of one element's field; `kept` if it is present in a wrong shape.
    fn field(&mut self, field: &'c FieldCheck, items: &[Item<'v>], kept: bool, path: &Path<'_>) {
        if kept {
            return;
        }
        if self.level == 1
            && let Some(passed) = self.around.passed
            && field.definition.name() == "entry"
            && passed.entries() > 0
        {
            self.apart |= !self.have_passed(field, passed, path);
            return;
        }
        self.count(&field.count, field.definition, items, 0, path);
        let mut refused: Vec<usize> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            if !self.item(&field.value, item, path) {
                refused.push(at);
            }
        }
        let Some(slicing) = &field.slicing else {
            return;
        };
        if refused.is_empty() {
            self.slicing(slicing, field.definition, items, path);
        } else {
            let items = items.iter().enumerate();
            let sliced = items.filter(|(at, _)| refused.binary_search(at).is_err());
            let sliced: Items<'v> = sliced.map(|(_, item)| *item).collect();
            self.slicing(slicing, field.definition, &sliced, path);
        }
    }

    /// Checks how many values there are; there may be `more`.
    #[inline]
    pub(super) fn count(
        &mut self,
        count: &Count,
        definition: &Field,
        items: &[Item<'v>],
        more: u32,
        path: &Path<'_>,
    ) {
        let found = items.len();
        let are_few = |(min, _): &(u32, _)| found < *min as usize;
        let are_many = |(max, _): &(u32, _)| found > *max as usize;
        if count.min.as_ref().is_some_and(are_few)
            || count.max.as_ref().is_some_and(are_many)
            || found == 0 && count.must_support.is_some()
        {
            self.report_count(count, definition, items, more, path);
        }
    }

    /// Reports that there are too few values or too many.
    #[inline(never)]
    fn report_count(
        &mut self,
        count: &Count,
        definition: &Field,
        items: &[Item<'v>],
        more: u32,
        path: &Path<'_>,
    ) {
        let found = u32::try_from(items.len()).unwrap_or(u32::MAX);
        if let Some((min, constraint)) = &count.min
            && found.saturating_add(more) < *min
        {
            let place = path.child(Step::field(definition.name()));
            self.report(&rule::R4_PROFILE_MIN, constraint, &place);
        }
        if let Some((max, constraint)) = &count.max
            && found > *max
            && let Some(first) = items.get(*max as usize)
        {
            first.at(path, first.value.is_none(), |path| {
                self.report(&rule::R4_PROFILE_MAX, constraint, path);
            });
        }
        if let Some(constraint) = &count.must_support
            && items.is_empty()
            && more == 0
            && self.settings.rules.reports(&rule::R4_PROFILE_MUST_SUPPORT)
        {
            self.report(
                &rule::R4_PROFILE_MUST_SUPPORT,
                constraint,
                &path.child(Step::field(definition.name())),
            );
        }
    }

    /// Checks a value; false if it is not of a type that is allowed.
    pub(super) fn item(&mut self, check: &'c Check, item: &Item<'v>, holder: &Path<'_>) -> bool {
        if check.is_empty() {
            return true;
        }
        let code = item.type_code();
        if let Some((types, constraint)) = &check.types
            && !types.iter().any(|type_| is_kind_of(code, type_))
        {
            item.at(holder, item.value.is_none(), |path| {
                self.report(&rule::R4_PROFILE_TYPE, constraint, path);
            });
            return false;
        }
        let may_be_resource = check.schema.is_none_or(Schema::is_resource);
        let outer = may_be_resource.then(|| self.enter(item));
        item.at(holder, false, |path| {
            if check.fixed.is_some() || check.pattern.is_some() {
                self.constants(check, (item.value, item.metadata), path);
            }
            if !check.invariants.is_empty() {
                self.invariants(&check.invariants, item.node(), path);
            }
            for bound in &check.bindings {
                self.binding(bound, item, path);
            }
            // Of a choice only references have targets.
            if let (Some((targets, constraint)), Some(element)) = (&check.targets, item.element())
                && code == "Reference"
            {
                self.target(targets, constraint, element, path);
            }
            for (of_type, urls, constraint) in &check.profiles {
                if is_kind_of(code, of_type) {
                    self.one_of(urls, constraint, item, path);
                }
            }
            if !item.is_primitive() {
                self.elements(check, item.element(), path);
            }
        });
        if item.is_primitive() && !check.fields.is_empty() {
            item.at(holder, true, |path| {
                self.elements(check, item.metadata, path);
            });
        }
        if let Some(outer) = outer {
            self.leave(outer);
        }
        true
    }

    /// Makes an item that is a resource the one that is checked; returns the one before.
    fn enter(&mut self, item: &Item<'v>) -> Surroundings<'v> {
        let outer = (self.own, self.around.root, self.around.bundle);
        if let Some(element) = item.element()
            && element.schema().is_resource()
        {
            // A resource in an entry refers to other entries.
            if item.parent.is_some()
                && item.definition.name() == "resource"
                && self.own.downcast_ref::<Bundle>().is_some()
            {
                self.around.bundle = Some(self.own);
            }
            self.own = element;
            let is_contained = match item.parent {
                Some(_) => item.definition.name() == "contained",
                None => self.around.contains(element),
            };
            if !is_contained {
                self.around.root = element;
            }
        }
        outer
    }

    fn leave(&mut self, outer: Surroundings<'v>) {
        (self.own, self.around.root, self.around.bundle) = outer;
    }

    /// Checks that a value follows one of the profiles of its type.
    fn one_of(
        &mut self,
        urls: &[Box<str>],
        constraint: &Arc<Constraint>,
        item: &Item<'v>,
        path: &Path<'_>,
    ) {
        if let [url] = urls {
            let plan = self.set.find(url).and_then(|index| self.set.plan(index));
            match (plan, item.element()) {
                (Some(plan), Some(element)) => {
                    self.resource(plan, element, item.type_code(), path);
                }
                (None, _) => match of_standard(url, item) {
                    Some(true) => {}
                    Some(false) => self.report(&rule::R4_PROFILE_TYPE, constraint, path),
                    None => {
                        self.unchecked.insert(Arc::clone(constraint));
                    }
                },
                _ => {}
            }
            return;
        }
        let mut unknown = false;
        for url in urls {
            match self.follows(url, item) {
                Some(true) => return,
                Some(false) => {}
                None => unknown = true,
            }
        }
        if unknown {
            self.unchecked.insert(Arc::clone(constraint));
        } else {
            self.report(&rule::R4_PROFILE_TYPE, constraint, path);
        }
    }

    fn constants(
        &mut self,
        check: &Check,
        (value, metadata): (Option<ValueRef<'v>>, Option<&'v dyn Element>),
        path: &Path<'_>,
    ) {
        if let Some((constant, asked)) = &check.fixed {
            // Elements that the fixed value lacks must be absent (FHIR R4 elementdefinition.html#fixed).
            let is_extended = check.is_bare && !fields_of(metadata).since(0).is_empty();
            if is_extended || !value.is_some_and(|value| constant.is(value)) {
                self.report(&rule::R4_PROFILE_FIXED, asked, path);
            }
        }
        if let Some((constant, constraint)) = &check.pattern
            && !value.is_some_and(|value| constant.is_in(value))
        {
            self.report(&rule::R4_PROFILE_PATTERN, constraint, path);
        }
    }

    fn binding(&mut self, bound: &Bound, item: &Item<'v>, path: &Path<'_>) {
        let mut codes: Vec<Code<'v>> = Vec::new();
        match (item.type_code(), item.value) {
            ("code" | "uri", Some(ValueRef::Text(code))) => codes.push(Code::Alone(code)),
            ("string", Some(ValueRef::Text(code))) if !item.definition.choice => {
                codes.push(Code::Alone(code));
            }
            ("Coding" | "Quantity", Some(ValueRef::Element(coding))) => {
                codes.extend(Code::of(coding));
            }
            ("CodeableConcept", Some(ValueRef::Element(concept))) => {
                let codings = named(concept, "coding").into_iter();
                codes.extend(codings.filter_map(|item| Code::of(item.element()?)));
            }
            _ => return,
        }
        if codes.is_empty() && !bound.required {
            return;
        }
        let mut known = true;
        for code in codes {
            match self.set.has(&bound.value_set, code) {
                Some(true) => return,
                Some(false) => {}
                None => known = false,
            }
        }
        if known {
            let severity = if bound.required {
                Severity::Error
            } else {
                Severity::Warning
            };
            self.report_as(&rule::R4_PROFILE_BINDING, severity, &bound.constraint, path);
        } else if bound.required {
            self.unchecked.insert(Arc::clone(&bound.constraint));
        }
    }
}

/// Whether a value has the type, or is the extension, that this URL of the standard stands for.
/// The standard's own requirements are checked without profiles.
fn of_standard(canonical: &str, item: &Item<'_>) -> Option<bool> {
    if let Some(name) = type_name(canonical) {
        return Some(is_kind_of(item.type_code(), name));
    }
    let url = standard::is_extension(canonical)?;
    Some(item.element().and_then(|element| text(element, "url")) == Some(url))
}

/// A rule, a place, a severity, and the requirement there, by the profile that first states it.
type Key = (&'static str, String, Severity, Arc<Constraint>);

/// The issues of profiles so far in a walk: an inherited requirement is reported once if both profiles are
/// checked.
pub(crate) type Reported = BTreeSet<Key>;

fn key(set: &ProfileSet, issue: &Issue) -> Option<Key> {
    let origin = set.origin(issue.constraint.as_ref()?);
    Some((issue.rule.id, issue.pointer.clone(), issue.severity, origin))
}
