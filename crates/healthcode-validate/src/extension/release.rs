//! Extensions that stand for elements of other releases (FHIR R4 versions.html#extensions), by the schemas
//! of those releases.

use super::check::{List, check_count, step, type_of, value_of};
use crate::registry::terminology as rule;
use crate::uri::is_absolute;
use crate::versions::Supported;
use healthcode_core::{
    Detail, Element, Field, Issue, Issues, Path, Release, Schema, SchemaKind, Severity, Step,
    UNBOUNDED, nearest,
};
use healthcode_r4::Extension;

impl List<'_, '_> {
    /// Checks an extension by the element of a release that it stands for; false if the release is not supported.
    #[cold]
    #[inline(never)]
    pub(super) fn is_checked(
        &self,
        extension: Option<&Extension>,
        version: &str,
        id: &str,
        path: &Path<'_>,
        issues: &mut Issues,
    ) -> bool {
        let supported = self.context.place().rules.supported.iter();
        let mut releases = supported.map(Supported::release);
        let is_wanted = |release: &&Release| {
            let rest = release.version.strip_prefix(version);
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        let (Some(release), Some(extension)) = (releases.find(is_wanted), extension) else {
            return false;
        };
        if let Some(field) = field(release, id) {
            if field.max != UNBOUNDED {
                self.occurrences(extension, usize::from(field.max), path, issues);
            }
            content(extension, field, path, issues);
        } else {
            let place = path.child(Step::field("url"));
            let mut issue = Issue::new(&rule::R4_EXTENSION_UNKNOWN, &place, Detail::None);
            issue.severity = Severity::Error;
            issues.push(issue);
        }
        true
    }
}

/// Checks the content of an extension: a value of the element's type, or a part for each element in it.
fn content(extension: &Extension, field: &'static Field, path: &Path<'_>, issues: &mut Issues) {
    value(extension, field, path, issues);
    let backbone = match field.types {
        [only] => only.schema(),
        _ => None,
    };
    let is_backbone = |schema: &&Schema| schema.kind == SchemaKind::Backbone;
    let Some(schema) = backbone.filter(is_backbone) else {
        return;
    };
    if extension.value.is_some() {
        return;
    }
    let parts = schema.fields.iter().filter(|field| is_part(field.name()));
    for part in parts.clone() {
        let most = (part.max != UNBOUNDED).then_some(usize::from(part.max));
        let bounds = (usize::from(part.min), most);
        let name = (part.name(), Detail::Name(part.name()));
        check_count(extension, name, bounds, path, issues);
    }
    let list = path.child(Step::field("extension"));
    for (index, child) in extension.extension.iter().enumerate() {
        // A part with an absolute URL is an extension of its own.
        let Some(name) = child.url.as_deref().filter(|url| !is_absolute(url)) else {
            continue;
        };
        let place = list.child(Step::Index(index));
        let wanted = name.trim_end_matches("[x]");
        if let Some(part) = parts.clone().find(|part| part.name() == wanted) {
            content(child, part, &place, issues);
        } else {
            let names = parts.clone().map(|part| part.name());
            let detail = nearest(wanted, names).map_or(Detail::None, Detail::Nearest);
            let place = place.child(Step::field("url"));
            issues.push(Issue::new(&rule::R4_EXTENSION_PART_UNKNOWN, &place, detail));
        }
    }
}

/// Whether an element of a backbone element is a part of the extension that stands for it.
fn is_part(name: &str) -> bool {
    !matches!(name, "id" | "extension" | "modifierExtension")
}

/// The definition of an element in a release, by the element's id.
fn field(release: &Release, id: &str) -> Option<&'static Field> {
    let mut names = id.split('.');
    let mut schema = release.find(names.next()?)?;
    let mut found = None;
    for name in names {
        if let Some(field) = found.take() {
            let field: &'static Field = field;
            schema = field.types.first()?.schema()?;
        }
        let (_, field) = schema.field(name.trim_end_matches("[x]"))?;
        found = Some(field);
    }
    found
}

/// Reports a value of a type that the element does not have. Elements with children have no value; types that R4
/// lacks are written as extensions, too.
fn value(extension: &Extension, field: &'static Field, path: &Path<'_>, issues: &mut Issues) {
    let Some(own) = value_of(extension) else {
        return;
    };
    let schema = extension.schema();
    let code = type_of(schema, &own);
    let is_backbone = |one: &healthcode_core::Type| {
        one.schema()
            .is_some_and(|schema| schema.kind == SchemaKind::Backbone)
    };
    let is_of_r4 = |code: &str| {
        let mut values = schema.fields.iter().filter(|field| field.name() == "value");
        values.any(|field| field.types.iter().any(|one| one.code == code))
    };
    let fits = match field.types {
        [only] if is_backbone(only) => false,
        types => types
            .iter()
            .any(|one| one.code == code || !is_of_r4(one.code)),
    };
    if !fits {
        let detail = match field.types {
            [only] if !is_backbone(only) => Detail::Expected(only.code),
            _ => Detail::None,
        };
        let place = path.child(step(schema, &own));
        issues.push(Issue::new(&rule::R4_EXTENSION_VALUE, &place, detail));
    }
}
