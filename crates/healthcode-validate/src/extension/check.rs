//! Checks the extensions of one element or primitive.

use super::context::ExtensionContext;
use super::{Definition, Part};
use crate::binding::{self, Bound};
use crate::element::is_whole;
use crate::generated::extensions::EXTENSIONS;
use crate::place::Place;
use crate::policy::Subject;
use crate::profile::{InRelease, LoadedExtension, Parts, ReleaseElement};
use crate::registry::terminology as rule;
use crate::uri::is_absolute;
use healthcode_core::scan::any_unseen;
use healthcode_core::{
    Constraint, Detail, Element, ElementItems, FieldRef, Fields, Issue, Issues, Path, Rule, Schema,
    Severity, Step, ValueRef,
};
use healthcode_fhirpath::{Expression, Item, Node};
use healthcode_r4::Extension;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// The compiled expressions of definitions for the element that has the extension.
static EXPRESSIONS: LazyLock<HashMap<&str, Expression>> = LazyLock::new(|| {
    let texts = EXTENSIONS
        .iter()
        .map(|extension| extension.context_invariant);
    texts
        .filter_map(|text| Some((text, Expression::compile(text).ok()?)))
        .collect()
});

/// Checks the extensions of an element or primitive.
#[inline(never)]
pub(crate) fn check(context: ExtensionContext<'_, '_>, issues: &mut Issues) {
    let place = context.place();
    for field in place.fields {
        let name = place.schema.fields.get(usize::from(field.index));
        let modifier = match name.map(|field| field.name()) {
            Some("extension") => false,
            Some("modifierExtension") => true,
            _ => continue,
        };
        if let ValueRef::Elements(items) = field.value {
            let list = List {
                context,
                items,
                modifier,
            };
            list.check(issues);
        }
    }
}

/// The extensions of an element, or its modifier extensions.
pub(super) struct List<'p, 'v> {
    pub(super) context: ExtensionContext<'p, 'v>,
    pub(super) items: &'v dyn ElementItems,
    pub(super) modifier: bool,
}

impl<'v> List<'_, 'v> {
    fn check(&self, issues: &mut Issues) {
        let name = if self.modifier {
            "modifierExtension"
        } else {
            "extension"
        };
        let list = self.context.place().path.child(Step::field(name));
        for index in 0..self.items.count() {
            let path = list.child(Step::Index(index));
            let Some(extension) = self.at(index) else {
                self.untyped(index, &path, issues);
                continue;
            };
            let Some(url) = extension.url.as_deref().filter(|url| !url.is_empty()) else {
                continue;
            };
            match Definition::of(url) {
                Some(definition) => self.known(index, extension, definition, &path, issues),
                None => match self.context.loaded(url) {
                    Some(definition) => self.loaded(extension, definition, &path, issues),
                    None => self.unknown(Some(extension), url, &path, issues),
                },
            }
        }
    }

    fn at(&self, index: usize) -> Option<&'v Extension> {
        self.items.element_at(index).downcast_ref()
    }

    fn known(
        &self,
        index: usize,
        extension: &Extension,
        definition: &'static Definition,
        path: &Path<'_>,
        issues: &mut Issues,
    ) {
        let url = path.child(Step::field("url"));
        self.place(definition.modifier, &url, issues);
        if !self.context.is_one_of(definition.contexts) {
            let detail = Detail::Expected(definition.contexts);
            issues.push(Issue::new(&rule::R4_EXTENSION_CONTEXT, &url, detail));
        }
        let text = Some(definition.context_invariant).filter(|text| !text.is_empty());
        let invariant = text.and_then(|text| EXPRESSIONS.get(text));
        // They give an empty result where a required element is absent, which has an issue of its own, or
        // where they name values as JSON does. Neither breaks the context invariant.
        if invariant.is_some_and(|invariant| self.suits(extension, invariant) == Some(false)) {
            let rule = &rule::R4_EXTENSION_CONTEXT_INVARIANT;
            issues.push(Issue::new(rule, &url, Detail::None));
        }
        if definition.max != 0 {
            let earlier = (0..index).rev().filter_map(|index| self.at(index));
            let same = earlier.filter(|other| other.url.as_deref() == Some(definition.url));
            if same.take(definition.max as usize).count() == definition.max as usize {
                issues.push(Issue::new(&rule::R4_EXTENSION_REPEATED, &url, Detail::None));
            }
        }
        check_value(extension, definition.types, path, issues);
        if let Some((value_set, required)) = definition.value_set {
            let bound = Bound::to(value_set, required, None);
            check_binding(&bound, extension, self.context.place(), path, issues);
        }
        check_parts(extension, definition, "", path, issues);
    }

    /// Reports an extension if those before it are as many as there may be.
    pub(super) fn occurrences(
        &self,
        extension: &Extension,
        most: usize,
        path: &Path<'_>,
        issues: &mut Issues,
    ) {
        let all = (0..self.items.count()).filter_map(|index| self.at(index));
        let before = all.take_while(|one| !std::ptr::eq(*one, extension));
        if before.filter(|one| one.url == extension.url).count() >= most {
            let place = path.child(Step::field("url"));
            issues.push(Issue::new(
                &rule::R4_EXTENSION_REPEATED,
                &place,
                Detail::None,
            ));
        }
    }

    /// Reports a modifier extension among `extension`, or another extension among `modifierExtension`.
    pub(super) fn place(&self, modifies: bool, url: &Path<'_>, issues: &mut Issues) {
        let rule: &'static Rule = match (modifies, self.modifier) {
            (false, true) => &rule::R4_EXTENSION_NO_MODIFIER,
            (true, false) => &rule::R4_EXTENSION_MODIFIES,
            _ => return,
        };
        issues.push(Issue::new(rule, url, Detail::None));
    }

    /// Whether the expression of a definition is true of the element with the extension; `None` if the result is
    /// empty. Elements that were misread and expressions that cannot be evaluated count as true.
    #[cold]
    #[inline(never)]
    fn suits(&self, extension: &Extension, expression: &Expression) -> Option<bool> {
        let place = self.context.place();
        let item = Item::Node(Node::root(extension));
        let environment = place.budget.environment(place.resource);
        let mut environment = environment.variable("extension", item.into());
        environment.set_root_resource(place.root);
        environment.at(Node::root(place.element));
        let answer = place.budget.evaluate_boolean(expression, &environment);
        if is_whole(place.element) {
            answer.unwrap_or(Some(true))
        } else {
            Some(true)
        }
    }

    /// Checks an extension whose definition was loaded; its content is checked against that like a profile.
    #[cold]
    #[inline(never)]
    fn loaded(
        &self,
        extension: &Extension,
        definition: &LoadedExtension,
        path: &Path<'_>,
        issues: &mut Issues,
    ) {
        let url = path.child(Step::field("url"));
        self.place(definition.modifier, &url, issues);
        if !self.context.is_for(definition) {
            issues.push(Issue::new(&rule::R4_EXTENSION_CONTEXT, &url, Detail::None));
        }
        let mut invariants = definition.invariants.iter().flatten();
        if !invariants.all(|invariant| self.suits(extension, invariant) == Some(true)) {
            let rule = &rule::R4_EXTENSION_CONTEXT_INVARIANT;
            issues.push(Issue::new(rule, &url, Detail::None));
        }
        if let Some(parts) = &definition.parts {
            check_named(extension, parts, &definition.url, path, issues);
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn unknown(
        &self,
        extension: Option<&Extension>,
        url: &str,
        path: &Path<'_>,
        issues: &mut Issues,
    ) {
        // The extension around this one is unknown, which is reported there.
        if self.context.is_unknown_extension() {
            return;
        }
        let is_absolute = is_absolute(url);
        // The parts of an extension are checked by its definition.
        let is_part = self.context.is_extension() && !is_absolute && !self.modifier;
        // A text with white space is not a URL.
        if is_part || (any_unseen(url.as_bytes()) && url.contains(char::is_whitespace)) {
            return;
        }
        let rule: &'static Rule = if !is_absolute {
            &rule::R4_EXTENSION_URL
        } else if self.modifier {
            &rule::R4_MODIFIER_EXTENSION_UNKNOWN
        } else {
            &rule::R4_EXTENSION_UNKNOWN
        };
        let place = path.child(Step::field("url"));
        // Such extensions are defined by their names (versions.html#extensions).
        if let Some((release, id)) = element_of_release(url).filter(|_| !self.modifier) {
            match self.context.in_release(release, id) {
                InRelease::NotLoaded if self.is_checked(extension, release, id, path, issues) => {
                    return;
                }
                InRelease::NotLoaded => {
                    let mut issue = Issue::new(rule, &place, Detail::None);
                    issue.severity = Severity::Information;
                    issues.push(issue);
                    return;
                }
                InRelease::Known(element) => {
                    if let Some(extension) = extension {
                        if let (_, Some(most)) = element.bounds() {
                            self.occurrences(extension, most, path, issues);
                        }
                        check_release(extension, element, url, path, issues);
                    }
                    return;
                }
                InRelease::Absent => {}
            }
        }
        let detail = super::nearest(url).map_or(Detail::None, Detail::Nearest);
        let policy = self.context.place().rules.policy;
        let subject = Subject::Extension(url, self.modifier);
        policy.report(rule, &place, detail, subject, issues);
    }
}

/// The release and the element's id in it of an extension that stands for an element of another release of FHIR:
/// `http://hl7.org/fhir/5.0/StructureDefinition/extension-Patient.animal`.
fn element_of_release(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("http://hl7.org/fhir/")?;
    let (release, id) = rest.split_once("/StructureDefinition/extension-")?;
    let is_release = matches!(release, "1.0" | "3.0" | "4.0" | "4.3" | "5.0" | "6.0");
    let is_id = id.contains('.') && id.starts_with(|c: char| c.is_ascii_uppercase());
    (is_release && is_id).then_some((release, id))
}

/// Checks an extension by the element of another release that it stands for: a value of the element's type, or
/// a part for each element in it. Elements of types that R4 does not have are not checked.
#[cold]
#[inline(never)]
fn check_release(
    extension: &Extension,
    element: ReleaseElement<'_>,
    url: &str,
    path: &Path<'_>,
    issues: &mut Issues,
) {
    let report = |rule: &'static Rule, place: &Path<'_>, names: &[&str]| {
        let mut issue = Issue::new(rule, place, Detail::None);
        let constraint = Constraint::new(url, "Extension", &format!("one of {}", names.join(", ")));
        issue.constraint = Some(Arc::new(constraint));
        issue
    };
    let (types, parts) = (element.types(), element.parts());
    let value = value_of(extension);
    if parts.is_empty() {
        let values = extension.schema().fields.iter();
        let values = values.filter(|field| field.name() == "value");
        let is_known = |code: &&str| {
            values
                .clone()
                .any(|field| field.types.iter().any(|type_| type_.code == *code))
        };
        if let Some(field) = value
            && !types.is_empty()
            && types.iter().all(is_known)
            && !types.contains(&type_of(extension.schema(), &field))
        {
            let place = path.child(step(extension.schema(), &field));
            issues.push(report(&rule::R4_EXTENSION_VALUE, &place, &types));
        }
        return;
    }
    if let Some(field) = value {
        let place = path.child(step(extension.schema(), &field));
        issues.push(report(&rule::R4_EXTENSION_VALUE, &place, &["extensions"]));
    }
    let list = path.child(Step::field("extension"));
    if value.is_none() {
        for name in &parts {
            if let Some(part) = element.part(name) {
                check_count(extension, (name, Detail::None), part.bounds(), path, issues);
            }
        }
    }
    for (index, child) in extension.extension.iter().enumerate() {
        // A part with an absolute URL is an extension of its own.
        let Some(name) = child.url.as_deref().filter(|url| !is_absolute(url)) else {
            continue;
        };
        let place = list.child(Step::Index(index));
        if let Some(part) = element.part(name) {
            check_release(child, part, url, &place, issues);
        } else {
            let place = place.child(Step::field("url"));
            issues.push(report(&rule::R4_EXTENSION_PART_UNKNOWN, &place, &parts));
        }
    }
}

/// Reports a value of a wrong type, a value where parts are expected, and parts where a value is expected.
fn check_value(extension: &Extension, types: &'static str, path: &Path<'_>, issues: &mut Issues) {
    let detail = if types.is_empty() {
        Detail::Expected("extensions")
    } else {
        Detail::Expected(types)
    };
    let Some(field) = value_of(extension) else {
        // ext-1 reports that there is neither a value nor an extension; a value that could not be
        // read is kept in extras.
        let nested = !types.is_empty() && !extension.extension.is_empty();
        if nested && extension.extras.is_empty() {
            issues.push(Issue::new(&rule::R4_EXTENSION_VALUE, path, detail));
        }
        return;
    };
    let code = type_of(extension.schema(), &field);
    // Where any type is allowed, the list names the open type.
    let fits = types.split(';').any(|one| one == code || one == "*");
    if !fits {
        let place = path.child(step(extension.schema(), &field));
        issues.push(Issue::new(&rule::R4_EXTENSION_VALUE, &place, detail));
    }
}

/// Reports parts with relative URLs that a loaded definition does not name.
fn check_named(
    extension: &Extension,
    parts: &Parts,
    url: &str,
    path: &Path<'_>,
    issues: &mut Issues,
) {
    let list = path.child(Step::field("extension"));
    for (index, child) in extension.extension.iter().enumerate() {
        let Some(name) = child.url.as_deref().filter(|url| !is_absolute(url)) else {
            continue;
        };
        let place = list.child(Step::Index(index));
        match parts.named.iter().find(|(part, _)| **part == *name) {
            Some((_, Some(inner))) => check_named(child, inner, url, &place, issues),
            Some((_, None)) => {}
            None => {
                let place = place.child(Step::field("url"));
                let mut issue = Issue::new(&rule::R4_EXTENSION_PART_UNKNOWN, &place, Detail::None);
                let names: Vec<&str> = parts.named.iter().map(|(part, _)| &**part).collect();
                let text = format!("one of the parts {}", names.join(", "));
                let constraint = Constraint::new(url, "Extension.extension", &text);
                issue.constraint = Some(Arc::new(constraint));
                issues.push(issue);
            }
        }
    }
}

/// The value of an extension as a field.
pub(super) fn value_of(extension: &Extension) -> Option<FieldRef<'_>> {
    extension.value.as_ref()?;
    let mut fields = Fields::new();
    extension.fields(&mut fields);
    let last = fields.len().checked_sub(1)?;
    Some(fields.get(last))
}

/// The code of the type that a value has.
pub(super) fn type_of(schema: &'static Schema, field: &FieldRef<'_>) -> &'static str {
    let definition = schema.fields.get(usize::from(field.index));
    let one = definition.and_then(|definition| definition.types.get(usize::from(field.choice)));
    one.map_or("", |one| one.code)
}

pub(super) fn step(schema: &'static Schema, field: &FieldRef<'_>) -> Step<'static> {
    match schema.fields.get(usize::from(field.index)) {
        Some(definition) => healthcode_json::defects::step(definition, field.choice, false),
        None => Step::field("value"),
    }
}

/// Reports a value whose code the binding of its definition does not accept.
pub(super) fn check_binding(
    bound: &Bound,
    extension: &Extension,
    around: &Place<'_, '_>,
    path: &Path<'_>,
    issues: &mut Issues,
) {
    let Some(field) = value_of(extension) else {
        return;
    };
    let path = path.child(step(extension.schema(), &field));
    match field.value {
        ValueRef::Text(code)
            if type_of(extension.schema(), &field) == "code"
                && !bound.accepts(code, around.rules) =>
        {
            binding::report_code(bound, around.rules, code, &path, issues);
        }
        ValueRef::Element(element) => {
            let contained = RefCell::default();
            let place = Place {
                rules: around.rules,
                element,
                schema: element.schema(),
                fields: &[],
                present: u64::MAX,
                path: &path,
                holder: None,
                resource: element,
                root: element,
                contained: &contained,
                budget: around.budget,
                release: around.release,
            };
            binding::check(bound, &place, issues);
        }
        _ => {}
    }
}

/// Reports a part that is missing or occurs too often, by the least and greatest number of it.
pub(super) fn check_count(
    extension: &Extension,
    (part, detail): (&str, Detail),
    (least, most): (usize, Option<usize>),
    path: &Path<'_>,
    issues: &mut Issues,
) {
    let all = extension.extension.iter().enumerate();
    let mut found = all.filter(|(_, child)| {
        let url = child.url.as_deref();
        url.is_some_and(|url| url == part || url.strip_suffix("[x]") == Some(part))
    });
    // The part may be in content that could not be read.
    if found.clone().count() < least && extension.extras.is_empty() {
        issues.push(Issue::new(&rule::R4_EXTENSION_PART_MISSING, path, detail));
    }
    if let Some((index, _)) = most.and_then(|most| found.nth(most)) {
        let place = path.child(Step::field("extension"));
        let place = place.child(Step::Index(index));
        issues.push(Issue::new(
            &rule::R4_EXTENSION_REPEATED,
            &place.child(Step::field("url")),
            Detail::None,
        ));
    }
}

/// Reports parts that are missing, unknown, too many, or have a wrong value. `owner` names the part
/// whose parts are checked.
pub(super) fn check_parts(
    extension: &Extension,
    definition: &'static Definition,
    owner: &str,
    path: &Path<'_>,
    issues: &mut Issues,
) {
    let parts = || definition.parts().filter(|part| part.owner == owner);
    if parts().next().is_none() || extension.value.is_some() {
        return;
    }
    let list = path.child(Step::field("extension"));
    for part in parts() {
        let most = Some(part.max as usize).filter(|most| *most != 0);
        let (name, bounds) = (part.url, (part.min as usize, most));
        check_count(extension, (name, Detail::Name(name)), bounds, path, issues);
    }
    for (index, child) in extension.extension.iter().enumerate() {
        let Some(url) = child.url.as_deref() else {
            continue;
        };
        let place = list.child(Step::Index(index));
        match parts().find(|part| part.url == url) {
            Some(part) => check_part(child, definition, part, &place, issues),
            // A part with an absolute URL is an extension of its own.
            None if is_absolute(url) => {}
            None => {
                let names = parts().map(|part| part.url);
                let detail = healthcode_core::nearest(url, names);
                issues.push(Issue::new(
                    &rule::R4_EXTENSION_PART_UNKNOWN,
                    &place.child(Step::field("url")),
                    detail.map_or(Detail::None, Detail::Nearest),
                ));
            }
        }
    }
}

fn check_part(
    child: &Extension,
    definition: &'static Definition,
    part: Part,
    path: &Path<'_>,
    issues: &mut Issues,
) {
    // A part that is an extension of its own is checked by its own definition.
    if is_absolute(part.url) {
        return;
    }
    let inner = format!("{}{}>", part.owner, part.url);
    let has_parts = definition.parts().any(|other| other.owner == inner);
    if !part.types.is_empty() || has_parts {
        check_value(child, part.types, path, issues);
    }
    check_parts(child, definition, &inner, path, issues);
}
