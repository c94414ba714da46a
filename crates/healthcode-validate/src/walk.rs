//! The one walk over a value that finds all structural issues.

mod element_rules;
mod marked;

use crate::budget::Budget;
use crate::bundle::{BundleChecker, Entries, EntryView};
use crate::element::{is_kept, is_whole};
use crate::field::FieldFacts;
use crate::ids::{self, Ids};
use crate::place::{Contained, MAY_BE_ID_ALONE, Place, copied_without};
use crate::plan::{FieldPlan, Plan, Plans, TypeRules, plans_of_r4, plans_of_release};
use crate::policy::Subject;
use crate::profile::{Followed, Profiles, Reported, ResourceContext};
use crate::registry as rule;
use crate::registry::terminology;
use crate::remembered::{self, Remembered};
use crate::rule_set::RuleSet;
use crate::{binding, version};
use healthcode_core::lexical::{self, Defect};
use healthcode_core::{
    Detail, Element, Field, FieldRef, Fields, Issue, Issues, Path, PrimitiveItems, PrimitiveKind,
    Release, SchemaKind, Step, UNBOUNDED, Untyped, ValueRef, rules,
};
use healthcode_json::defects::{self, is_written, step};
use healthcode_r4::{Bundle, Extension, Resource};
use marked::Marked;
use std::cell::{Cell, RefCell};

/// The settings of a walk.
#[derive(Clone, Copy)]
pub(crate) struct Settings<'s> {
    pub(crate) rules: &'s RuleSet,
    pub(crate) profiles: Profiles<'s>,
}

/// A walk: its settings, and the issues so far. The fields of the elements that are open are beside it.
pub(crate) struct Walk<'s, 'v> {
    settings: Settings<'s>,
    issues: Issues,
    /// The Bundle that is open.
    bundle: Option<&'v dyn Element>,
    memory: Box<Memory>,
    /// The resource that is open, and the one that contains it, or itself.
    resource: &'v dyn Element,
    root: &'v dyn Element,
    contained: RefCell<Contained<'v>>,
    /// The ids of elements.
    ids: Ids<'v>,
    /// The field, and the type among its types, of the primitive whose metadata comes next.
    primitive: Option<(&'static FieldFacts, u16)>,
    /// The facts of the reference in the `CodeableReference` that was visited last.
    reference_in: Option<&'static FieldFacts>,
    /// The resource that was last reported as one of another version.
    other_version: Option<&'v dyn Element>,
    /// Whether the resource is in a language that it states.
    states_language: bool,
    /// The coded elements so far that had no issue.
    remembered: Remembered,
    /// The checker of the Bundle that is open.
    checker: Option<Box<BundleChecker>>,
    /// The checker of the next Bundle, whose entries were checked before it.
    shell: Option<Box<BundleChecker>>,
    /// Whether the entries of the first Bundle were checked before it.
    apart: bool,
    /// The release of the value, if it is not one of R4's structs.
    release: Option<&'static Release>,
    plans: &'static Plans,
}

/// Which field is the language, in all resources: id, meta, implicitRules, language.
const LANGUAGE: u16 = 3;

/// What a walk takes over from the one before it: the memory of fields and ids, and the rest as if it were new.
#[derive(Default)]
struct Memory {
    fields: Fields<'static>,
    ids: Ids<'static>,
    entries: Entries,
    followed: Followed,
    /// The FHIRPath steps that are left for the root.
    budget: Budget,
    reported: Reported,
}

thread_local! {
    static MEMORY: Cell<Option<Box<Memory>>> = const { Cell::new(None) };
}

impl Memory {
    fn take() -> Box<Memory> {
        MEMORY.take().unwrap_or_default()
    }

    /// Leaves it to the next walk.
    fn leave(mut self: Box<Self>) {
        self.entries = Entries::default();
        self.followed = Followed::default();
        self.budget = Budget::default();
        self.reported = Reported::default();
        MEMORY.set(Some(self));
    }
}

/// The field that an element is the value of, and the index of the value's type.
type ParentField = (&'static FieldPlan, u16);

impl<'s, 'v> Walk<'s, 'v> {
    /// The issues of an element that is at `path`, and of all below it.
    pub(crate) fn run(
        settings: Settings<'s>,
        element: &'v dyn Element,
        path: &Path<'_>,
    ) -> Vec<Issue> {
        let mut remembered = if element.schema().name == "Bundle" {
            Remembered::new()
        } else {
            Remembered::default()
        };
        Walk::next(settings, element, path, &mut remembered)
    }

    /// The issues of the next of many elements, and of all below it.
    pub(crate) fn next(
        settings: Settings<'s>,
        element: &'v dyn Element,
        path: &Path<'_>,
        remembered: &mut Remembered,
    ) -> Vec<Issue> {
        let mut walk = Walk::new(settings, element);
        walk.remembered = std::mem::take(remembered);
        if element.schema().name == "Bundle" {
            walk.issues.limit(Issues::OF_BUNDLE);
        }
        walk.begin(element, path);
        *remembered = std::mem::take(&mut walk.remembered);
        walk.finish(path)
    }

    /// The issues of the next entry of a Bundle that is a document of its own, whose checker is given back.
    pub(crate) fn entry(
        settings: Settings<'s>,
        element: &'v dyn Element,
        mut checker: Box<BundleChecker>,
    ) -> (Vec<Issue>, Box<BundleChecker>) {
        let index = checker.next_index();
        let bundle = BundleChecker::ROOT;
        let entries = bundle.child(Step::field("entry"));
        let mut walk = Walk::new(settings, element);
        let profiles = settings.profiles;
        if profiles.loaded.is_some() {
            let claims = checker.claims();
            let (reported, issues) = (&mut walk.memory.reported, &mut walk.issues);
            let sliced = profiles.pass(element, (&bundle, index), claims, reported, issues);
            checker.slice_next(sliced);
        }
        walk.remembered = std::mem::take(&mut checker.remembered);
        walk.checker = Some(checker);
        let path = entries.child(Step::Index(index));
        walk.begin(element, &path);
        let mut checker = walk.checker.take().unwrap_or_default();
        checker.remembered = std::mem::take(&mut walk.remembered);
        (walk.finish(&path), checker)
    }

    /// The issues of a Bundle whose entries were checked before it, without those that `checker` reports at
    /// the end.
    pub(crate) fn shell(
        settings: Settings<'s>,
        element: &'v dyn Element,
        checker: Box<BundleChecker>,
        path: &Path<'_>,
    ) -> (Vec<Issue>, Box<BundleChecker>) {
        let mut walk = Walk::new(settings, element);
        walk.shell = Some(checker);
        walk.apart = true;
        walk.begin(element, path);
        let checker = walk.shell.take().unwrap_or_default();
        (walk.finish(path), checker)
    }

    /// The issues, those of the element at `path`.
    fn finish(mut self, path: &Path<'_>) -> Vec<Issue> {
        self.memory.ids = self.ids.recycled();
        self.memory.leave();
        self.issues.into_vec(path)
    }

    fn new(settings: Settings<'s>, element: &'v dyn Element) -> Self {
        let release = element.downcast_ref::<Untyped>().map(Untyped::release);
        let mut memory = Memory::take();
        Walk {
            settings,
            issues: Issues::new(),
            bundle: None,
            resource: element,
            root: element,
            contained: RefCell::default(),
            ids: std::mem::take(&mut memory.ids).recycled(),
            memory,
            primitive: None,
            reference_in: None,
            other_version: None,
            states_language: false,
            remembered: Remembered::default(),
            checker: None,
            shell: None,
            apart: false,
            release,
            plans: release.map_or_else(plans_of_r4, plans_of_release),
        }
    }

    fn begin(&mut self, element: &'v dyn Element, path: &Path<'_>) {
        let holder = Plan::holder(element.schema(), self.plans).map(|holder| (holder, 0));
        let mut fields = std::mem::take(&mut self.memory.fields).recycled();
        self.element(&mut fields, element, holder, path);
        self.memory.fields = fields.recycled();
    }

    /// Recurses as deep as the value is nested, so functions with large stack frames are not inlined here. What is open
    /// has its fields in `open`.
    fn element(
        &mut self,
        open: &mut Fields<'v>,
        element: &'v dyn Element,
        holder: Option<ParentField>,
        path: &Path<'_>,
    ) {
        let mut hash = None;
        if let Some((field, _)) = holder
            && field.may_be_coded
            && self.remembered.is_on()
            && !self.states_language
        {
            hash = remembered::hash_of(field, element);
            if hash.is_some_and(|hash| self.remembered.has(hash)) {
                return;
            }
        }
        let issues = self.issues.len();
        let start = open.len();
        element.fields(open);
        let end = open.len();
        let schema = element.schema();
        let mut around = None;
        if schema.is_resource() {
            around = Some((self.resource, self.root, self.bundle, self.states_language));
            let mut fields = open.since(start).iter();
            self.states_language = fields.any(|field| field.index == LANGUAGE);
            self.resource = element;
            if holder.is_none_or(|(holder, _)| holder.facts.definition.name() != "contained") {
                self.root = element;
                self.memory.budget.renew(element);
            }
        }
        let (plan, has_children) = self.own(element, open.since(start), holder, path);
        if schema.is_resource() {
            self.follow(element, open.since(start), path);
        } else if self.settings.profiles.loaded.is_some() {
            self.follow_definition(element, path);
        }
        let rules = plan.map_or(TypeRules::None, |plan| plan.rules);
        let is_of_bundle = matches!(rules, TypeRules::Bundle | TypeRules::BundleEntry);
        let mut checker_around = None;
        if is_of_bundle {
            checker_around = self.open(rules, element, path);
        }
        let children = if has_children { start..end } else { end..end };
        for at in children {
            let field = open.get(at);
            match field.value {
                ValueRef::Element(child) => {
                    let definition = &schema.fields[field.index as usize];
                    let holder =
                        plan.map(|plan| (&plan.fields[field.index as usize], field.choice));
                    let place = path.child(step(definition, field.choice, false));
                    self.element(open, child, holder, &place);
                }
                ValueRef::Elements(items) => {
                    let definition = &schema.fields[field.index as usize];
                    let place = path.child(step(definition, field.choice, false));
                    let holder =
                        plan.map(|plan| (&plan.fields[field.index as usize], field.choice));
                    for index in 0..items.count() {
                        let place = place.child(Step::Index(index));
                        self.element(open, items.element_at(index), holder, &place);
                    }
                }
                ValueRef::Metadata(metadata) if is_written(metadata) => {
                    let definition = &schema.fields[field.index as usize];
                    let place = path.child(step(definition, field.choice, true));
                    let of =
                        plan.map(|plan| (&plan.fields[field.index as usize].facts, field.choice));
                    self.primitive = of;
                    self.element(open, metadata, None, &place);
                }
                ValueRef::Primitives(items) => {
                    let definition = &schema.fields[field.index as usize];
                    let place = path.child(step(definition, field.choice, true));
                    for index in 0..items.count() {
                        if let Some(metadata) = items.metadata_at(index)
                            && is_written(metadata)
                        {
                            let of = plan.map(|plan| (&plan.fields[field.index as usize].facts, 0));
                            self.primitive = of;
                            self.element(open, metadata, None, &place.child(Step::Index(index)));
                        }
                    }
                }
                _ => {}
            }
        }
        open.truncate(start);
        if let Some(around) = around {
            (self.resource, self.root, self.bundle, self.states_language) = around;
        }
        if let Some(hash) = hash
            && self.issues.len() == issues
            && !self.issues.has_dropped()
        {
            self.remembered.add(hash);
        }
        if is_of_bundle {
            self.close(rules, element, checker_around, path);
        }
    }

    /// Begins a Bundle, or an entry. Returns the checker of the Bundle around that Bundle.
    #[inline(never)]
    fn open(
        &mut self,
        rules: TypeRules,
        element: &'v dyn Element,
        path: &Path<'_>,
    ) -> Option<Box<BundleChecker>> {
        if rules == TypeRules::Bundle {
            let mut checker = self.shell.take();
            if checker.is_none() {
                let mut new = BundleChecker::at(path).of_release(self.release);
                let kind = match element.downcast_ref::<Bundle>() {
                    Some(bundle) => bundle.type_.as_str(),
                    None => element
                        .downcast_ref::<Untyped>()
                        .and_then(|element| element.text("type")),
                };
                if let Some(kind) = kind {
                    new.expect_type(kind);
                }
                checker = Some(Box::new(new));
            }
            return std::mem::replace(&mut self.checker, checker);
        }
        if let Some(entry) = EntryView::of(element) {
            let entry = &entry;
            let whole = is_whole(element);
            let (policy, issues) = (self.settings.rules.policy, &mut self.issues);
            match &mut self.checker {
                Some(checker) => checker.open_entry(entry, whole, path, policy, issues),
                None => BundleChecker::at(path).open_entry(entry, whole, path, policy, issues),
            }
        }
        None
    }

    /// Ends what [`Walk::open`] began.
    #[inline(never)]
    fn close(
        &mut self,
        rules: TypeRules,
        element: &'v dyn Element,
        around: Option<Box<BundleChecker>>,
        path: &Path<'_>,
    ) {
        if rules == TypeRules::BundleEntry {
            if let Some(checker) = &mut self.checker {
                checker.close_entry(self.settings.rules.policy, &mut self.issues);
            }
            return;
        }
        let known = std::mem::replace(&mut self.checker, around);
        if self.apart && path.parent().is_none() {
            // The caller runs `finish` itself.
            self.shell = known;
            return;
        }
        let Some(mut known) = known else { return };
        let copy;
        let bundle = if let Some(bundle) = element.downcast_ref::<Bundle>() {
            bundle
        } else {
            copy = copied_without::<Bundle>(element, "entry");
            let Some(bundle) = &copy else { return };
            bundle
        };
        let whole = is_whole(element);
        let issues = &mut self.issues;
        let mut report = |issue| issues.push(issue);
        known.finish(bundle, whole, self.settings.rules.policy, path, &mut report);
    }

    /// The issues of an element and its primitives, without those of child elements. Returns the plan of the
    /// element's type, and whether a field may hold elements.
    #[inline(never)]
    fn own(
        &mut self,
        element: &'v dyn Element,
        fields: &[FieldRef<'v>],
        holder: Option<ParentField>,
        path: &Path<'_>,
    ) -> (Option<&'static Plan>, bool) {
        let schema = element.schema();
        let primitive = self.primitive.take();
        let before = self.issues.len();
        let plan = match holder {
            Some((holder, choice)) => holder.of_value(choice, schema, self.plans),
            None => Plan::of(schema, self.plans),
        };
        let mut present = 0u64;
        let mut has_elements = false;
        // Which of the fields are looked at below: most need no more than is done here.
        let mut left = Marked::default();
        for (at, field) in fields.iter().enumerate() {
            present |= 1 << field.index;
            match field.value {
                ValueRef::Text(text) => {
                    if let Some(plan) = plan
                        && let Some(kind) = plan.texts[field.index as usize]
                        && lexical::check(kind, text).is_ok()
                    {
                        continue;
                    }
                    left.mark(at);
                }
                ValueRef::Element(_) => has_elements = true,
                ValueRef::Elements(_) => {
                    has_elements = true;
                    if plan.is_none_or(|plan| plan.counted & (1 << field.index) != 0) {
                        left.mark(at);
                    }
                }
                ValueRef::Primitives(items) => {
                    if !items.are_plain() {
                        present |= MAY_BE_ID_ALONE;
                    }
                    left.mark(at);
                }
                ValueRef::Metadata(_) => present |= MAY_BE_ID_ALONE,
                ValueRef::Integer(_) | ValueRef::Decimal(_) => left.mark(at),
                _ => {}
            }
        }
        let has_children = has_elements || present & MAY_BE_ID_ALONE != 0;
        let is_plain = element.extras().is_empty();
        let is_unknown = schema.kind == SchemaKind::UnknownResource;
        // Of others nothing is kept that could not be read.
        if !is_plain || is_unknown || present == 0 || present & MAY_BE_ID_ALONE != 0 {
            defects::of_element(element, fields, path, &mut self.issues);
            if self.issues.len() != before {
                self.name_modifiers(before);
            }
        }
        if present == ids::FIELD {
            present |= MAY_BE_ID_ALONE;
        }
        if is_unknown {
            self.hint(element, before);
            self.other_version(element, fields, path);
            return (None, has_children);
        }
        if !is_plain {
            self.other_version(element, fields, path);
        }
        for at in left.until(fields.len()) {
            self.field(element, &fields[at], plan, path);
        }
        if present & ids::FIELD != 0 && !schema.is_resource() {
            self.id(element, fields, path);
        }
        let missing = schema.required() & !present;
        if missing != 0 {
            self.missing(element, missing, fields.is_empty(), path);
        }
        let is_checked = plan.is_none_or(|plan| plan.checks(present))
            || holder.is_some_and(|(holder, _)| holder.is_checked)
            || self.settings.rules.has_more();
        // Debug builds check the others too: nothing is found.
        if is_checked || cfg!(debug_assertions) {
            let before = self.issues.len();
            let from = (element, fields, present);
            self.rules(from, plan, holder, primitive, path);
            debug_assert!(is_checked || self.issues.len() == before, "{}", schema.name);
        }
        (plan, has_children)
    }

    /// The issues of the primitives of a field, and of how many values it has.
    #[inline]
    fn field(
        &mut self,
        element: &'v dyn Element,
        field: &FieldRef<'v>,
        plan: Option<&'static Plan>,
        path: &Path<'_>,
    ) {
        let definition = element.schema().fields[field.index as usize];
        let bound = plan.and_then(|plan| plan.fields[field.index as usize].facts.bound.as_ref());
        let count = match field.value {
            ValueRef::Primitives(items) => {
                self.primitives(definition, bound, items, path);
                items.count()
            }
            ValueRef::Elements(items) => items.count(),
            value => {
                let defect = check(definition, field.choice, value, self.release);
                if let Some((kind, defect, text)) = defect {
                    let place = path.child(step(definition, field.choice, false));
                    self.malformed(kind, defect, text, &place);
                } else if let ValueRef::Text(code) = value
                    && let Some(bound) = bound
                    && !bound.accepts(code, self.settings.rules)
                    && !binding::names_itself(element, definition)
                {
                    let place = path.child(step(definition, field.choice, false));
                    let (rules, issues) = (self.settings.rules, &mut self.issues);
                    binding::report_code(bound, rules, code, &place, issues);
                }
                return;
            }
        };
        let too_many = definition.max != UNBOUNDED && count > usize::from(definition.max);
        if count < usize::from(definition.min) || too_many {
            self.count(definition, count, path);
        }
    }

    /// The issues of a resource's profiles.
    #[inline(never)]
    fn follow(&mut self, element: &'v dyn Element, fields: &[FieldRef<'v>], path: &Path<'_>) {
        if self.release.is_some() {
            // Profiles are those of R4.
            return;
        }
        let shell = self.shell.as_ref();
        let shell = shell.filter(|_| self.apart && path.parent().is_none());
        let around = ResourceContext {
            root: self.root,
            bundle: self.bundle,
            entries: &self.memory.entries,
            followed: &self.memory.followed,
            budget: &self.memory.budget,
            passed: shell.map(|checker| checker.passed()),
        };
        self.settings.profiles.check(
            element,
            fields,
            around,
            path,
            &mut self.memory.reported,
            &mut self.issues,
        );
        self.note_limit(path);
        if element.schema().name == "Bundle" {
            self.bundle = Some(element);
        }
    }

    /// The issues of an extension whose definition is among the profiles.
    #[cold]
    #[inline(never)]
    fn follow_definition(&mut self, element: &'v dyn Element, path: &Path<'_>) {
        let Some(extension) = element.downcast_ref::<Extension>() else {
            return;
        };
        let around = ResourceContext {
            root: self.root,
            bundle: self.bundle,
            entries: &self.memory.entries,
            followed: &self.memory.followed,
            budget: &self.memory.budget,
            passed: None,
        };
        self.settings.profiles.check_extension(
            extension,
            self.resource,
            around,
            path,
            &mut self.memory.reported,
            &mut self.issues,
        );
        self.note_limit(path);
    }

    /// Reports once for a resource that its expressions used up all steps.
    fn note_limit(&mut self, path: &Path<'_>) {
        if let Some(issue) = self.memory.budget.issue(path) {
            self.issues.push(issue);
        }
    }

    /// Reports members that could not be read and look like those of another version.
    #[cold]
    #[inline(never)]
    fn other_version(
        &mut self,
        element: &'v dyn Element,
        fields: &[FieldRef<'v>],
        path: &Path<'_>,
    ) {
        if self.release.is_some() {
            return;
        }
        let place = Place {
            rules: self.settings.rules,
            element,
            schema: element.schema(),
            fields,
            present: u64::MAX,
            path,
            holder: None,
            resource: self.resource,
            root: self.root,
            contained: &self.contained,
            budget: &self.memory.budget,
            release: self.release,
        };
        version::hint(&place, &mut self.other_version, &mut self.issues);
    }

    fn primitives(
        &mut self,
        definition: &Field,
        bound: Option<&binding::Bound>,
        items: &'v dyn PrimitiveItems,
        path: &Path<'_>,
    ) {
        for index in 0..items.count() {
            let Some(value) = items.value_at(index) else {
                continue;
            };
            if let Some((kind, defect, text)) = check(definition, 0, value, self.release) {
                let place = path.child(step(definition, 0, false));
                self.malformed(kind, defect, text, &place.child(Step::Index(index)));
            } else if let ValueRef::Text(code) = value
                && let Some(bound) = bound
                && !bound.accepts(code, self.settings.rules)
            {
                let place = path.child(step(definition, 0, false));
                let place = place.child(Step::Index(index));
                binding::report_code(bound, self.settings.rules, code, &place, &mut self.issues);
            }
        }
    }

    /// Reports an unknown member under a rule of its own if it is a `modifierExtension`.
    #[cold]
    #[inline(never)]
    fn name_modifiers(&mut self, before: usize) {
        for issue in self.issues.iter_mut().skip(before) {
            let is_unknown = issue.rule == &rules::FHIR_UNKNOWN_MEMBER;
            if is_unknown && issue.pointer.ends_with("/modifierExtension") {
                issue.rule = &terminology::R4_MODIFIER_EXTENSION_PLACE;
                issue.severity = issue.rule.severity;
                issue.detail = Detail::None;
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn malformed(&mut self, kind: PrimitiveKind, defect: Defect, text: &str, path: &Path<'_>) {
        let (rule, kind) = rule::of_defect(kind, defect, text);
        let of_form = matches!(defect, Defect::Form | Defect::Range)
            || (defect == Defect::TooLong && kind == PrimitiveKind::Id);
        let detail = if of_form {
            Detail::Expected(lexical::expected_form(kind))
        } else {
            Detail::None
        };
        let (policy, issues) = (self.settings.rules.policy, &mut self.issues);
        policy.report(rule, path, detail, Subject::Text(text, path), issues);
    }

    /// Reports a list with fewer or more values than its definition allows.
    #[cold]
    #[inline(never)]
    fn count(&mut self, definition: &Field, count: usize, path: &Path<'_>) {
        let place = path.child(step(definition, 0, false));
        let found = u32::try_from(count).unwrap_or(u32::MAX);
        let min = u32::from(definition.min);
        self.issues.push(if found < min {
            Issue::new(&rule::R4_REQUIRED, &place, Detail::TooFew { found, min })
        } else {
            Issue::new(&rule::R4_MAXIMUM, &place, Detail::None)
        });
    }

    /// The id of an element that may have one.
    #[cold]
    #[inline(never)]
    fn id(&mut self, element: &'v dyn Element, fields: &[FieldRef<'v>], path: &Path<'_>) {
        let schema = element.schema();
        let first = fields.first();
        if let Some(ValueRef::Text(id)) = first.map(|field| field.value)
            && schema
                .fields
                .first()
                .is_some_and(|definition| definition.name() == "id")
        {
            let (resource, policy) = (self.resource, self.settings.rules.policy);
            self.ids
                .check(id, element, resource, policy, path, &mut self.issues);
        }
    }

    /// Reports required elements that are absent, unless another issue explains the absence.
    #[cold]
    #[inline(never)]
    fn missing(
        &mut self,
        element: &dyn Element,
        missing: u64,
        has_no_fields: bool,
        path: &Path<'_>,
    ) {
        let schema = element.schema();
        let extras = element.extras();
        let empty = has_no_fields && extras.is_empty() && !schema.is_resource();
        if empty || extras.iter().any(|extra| extra.kind().is_whole()) {
            return;
        }
        for (index, definition) in schema.fields.iter().enumerate() {
            if missing & (1 << index) == 0 || is_kept(element, definition) {
                continue;
            }
            let place = path.child(Step::field(definition.name()));
            let subject = Subject::Element(element, &place);
            let (policy, issues) = (self.settings.rules.policy, &mut self.issues);
            policy.report(&rule::R4_REQUIRED, &place, Detail::None, subject, issues);
        }
    }

    /// The type that was probably meant by a resource of an unknown type.
    #[cold]
    #[inline(never)]
    fn hint(&mut self, element: &dyn Element, before: usize) {
        let name = element.extras().get("resourceType").unwrap_or_default();
        let names = self
            .release
            .map_or(Resource::TYPE_NAMES, |release| release.resources);
        let nearest = healthcode_core::nearest(name.trim_matches('"'), names.iter().copied());
        for issue in &mut self.issues[before..] {
            if issue.rule == &rules::FHIR_RESOURCE_TYPE_UNKNOWN
                && let Some(name) = nearest
            {
                issue.detail = Detail::Nearest(name);
            }
        }
    }
}

/// Reports a defect in the form of a primitive.
#[inline]
fn check<'v>(
    definition: &Field,
    choice: u16,
    value: ValueRef<'v>,
    release: Option<&'static Release>,
) -> Option<(PrimitiveKind, Defect, &'v str)> {
    let (text, result) = match value {
        ValueRef::Text(text) | ValueRef::Decimal(text) => {
            let kind = definition.types[choice as usize].primitive?;
            (text, (kind, lexical::check(kind, text)))
        }
        ValueRef::Integer(number) => {
            let kind = definition.types[choice as usize].primitive?;
            ("", (kind, lexical::check_integer(kind, number)))
        }
        _ => return None,
    };
    match result {
        (kind, Ok(())) => {
            let exceeds = release?.has_too_many_digits(kind, text);
            exceeds.then_some((kind, Defect::TooLong, text))
        }
        (kind, Err(defect)) => Some((kind, defect, text)),
    }
}
