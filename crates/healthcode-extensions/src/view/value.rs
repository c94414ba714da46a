//! [`Value`]: how a value is read from one extension and written into one.

use super::{DecodeOptions, value_step};
use crate::codes::{IndemnityStatus, Insurer};
use crate::dates::ServiceDate;
use crate::rules;
use healthcode_core::{DateTime, Detail, Issue, Path, Primitive, Rule, Scalar, Str, TemporalError};
use healthcode_r4::{Extension, OpenType};
use std::fmt::Debug;

/// What is known while decoding, and where issues go.
pub struct Context<'a> {
    pub(crate) options: DecodeOptions,
    issues: Option<&'a mut Vec<Issue>>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(options: &DecodeOptions, issues: &'a mut Vec<Issue>) -> Self {
        Context {
            options: *options,
            issues: Some(issues),
        }
    }

    /// A context that nobody listens to.
    pub(crate) fn quiet() -> Context<'static> {
        Context {
            options: DecodeOptions::default(),
            issues: None,
        }
    }

    pub(crate) fn report(&mut self, rule: &'static Rule, path: &Path<'_>, detail: Detail) {
        if let Some(issues) = &mut self.issues {
            issues.push(Issue::new(rule, path, detail));
        }
    }

    /// Reports the value of the extension at `path`.
    fn report_value(
        &mut self,
        rule: &'static Rule,
        extension: &Extension,
        path: &Path<'_>,
        detail: Detail,
    ) {
        if self.issues.is_some() {
            self.report(rule, &path.child(value_step(extension)), detail);
        }
    }
}

/// A value that was read.
pub struct Parsed<T> {
    pub value: T,
    /// Whether writing the value into an empty extension restores all that was there.
    pub lossless: bool,
}

/// A value of an extension.
pub trait Value: Clone + Debug + PartialEq {
    /// Reads the value of the extension at `path`; `None`, after a report, if it has none.
    fn read(
        extension: &Extension,
        path: &Path<'_>,
        context: &mut Context<'_>,
    ) -> Option<Parsed<Self>>;

    /// Puts the value into an extension, leaving what else that holds.
    fn write(&self, into: &mut Extension);

    /// What is kept of an extension that is not plain.
    fn original(extension: &Extension) -> Extension {
        extension.clone()
    }

    /// What identifies it among its siblings, if anything does.
    fn key(&self) -> Option<[&str; 3]> {
        None
    }
}

/// What is kept of an extension whose children are the value.
pub(crate) fn without_children(extension: &Extension) -> Extension {
    Extension {
        id: extension.id.clone(),
        url: extension.url.clone(),
        value: extension.value.clone(),
        extras: extension.extras.clone(),
        ..Extension::default()
    }
}

/// Reports an extension with a value that has children besides.
fn is_childless(extension: &Extension, path: &Path<'_>, context: &mut Context<'_>) -> bool {
    if extension.extension.is_empty() {
        return true;
    }
    let detail = Detail::Expected("a value instead of child extensions");
    context.report(&rules::HC_EXTENSION_SHAPE, path, detail);
    false
}

/// Reads a value by trying its documented type first and others that say the same next.
pub(super) fn read_simple<T>(
    extension: &Extension,
    path: &Path<'_>,
    context: &mut Context<'_>,
    expected: &'static str,
    documented: impl FnOnce(&OpenType) -> Option<Parsed<T>>,
    otherwise: impl FnOnce(&OpenType) -> Option<T>,
) -> Option<Parsed<T>> {
    let childless = is_childless(extension, path, context);
    let Some(value) = &extension.value else {
        if childless {
            let detail = Detail::Expected(expected);
            context.report(&rules::HC_EXTENSION_VALUE, path, detail);
        }
        return None;
    };
    if let Some(mut parsed) = documented(value) {
        parsed.lossless &= childless;
        return Some(parsed);
    }
    let detail = Detail::Expected(expected);
    if let Some(value) = otherwise(value) {
        context.report_value(&rules::HC_EXTENSION_VALUE_TYPE, extension, path, detail);
        Some(Parsed {
            value,
            lossless: false,
        })
    } else {
        context.report_value(&rules::HC_EXTENSION_VALUE, extension, path, detail);
        None
    }
}

/// The value of a primitive of the documented type.
fn documented<T: Scalar, U>(
    primitive: &Primitive<T, Extension>,
    value: impl FnOnce(&T) -> U,
) -> Option<Parsed<U>> {
    Some(Parsed {
        value: value(primitive.value()?),
        lossless: primitive.metadata_ref().is_none(),
    })
}

/// The text of a value that is text or a number, whatever its type.
fn any_text(value: &OpenType) -> Option<Str> {
    let integer = |primitive: &Primitive<i32, Extension>| match primitive.get() {
        Some(number) => Some(Str::from(number.to_string())),
        None => number(primitive.malformed()),
    };
    match value {
        OpenType::String(text) => number(text.malformed()),
        OpenType::Code(text) => text.as_str().map(Str::from),
        OpenType::Id(text) => text.as_str().map(Str::from),
        OpenType::Uri(text) => text.as_str().map(Str::from),
        OpenType::Markdown(text) => text.as_str().map(Str::from),
        OpenType::Date(text) => text.as_str().map(Str::from),
        OpenType::DateTime(text) => text.as_str().map(Str::from),
        OpenType::Instant(text) => text.as_str().map(Str::from),
        OpenType::Decimal(text) => text.as_str().map(Str::from),
        OpenType::Integer(number)
        | OpenType::PositiveInt(number)
        | OpenType::UnsignedInt(number) => integer(number),
        _ => None,
    }
}

/// A JSON text that is a number, as a string.
fn number(json: Option<&str>) -> Option<Str> {
    let json = json?;
    let starts = json.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    starts.then(|| Str::from(json))
}

/// A value that the service sends as `valueString`.
pub(crate) trait TextValue: Clone + Debug + PartialEq + for<'t> From<&'t str> {
    fn text(&self) -> &str;
    /// What is wrong with it, if anything.
    fn defect(&self, _: &DecodeOptions) -> Option<(&'static Rule, Detail)> {
        None
    }
}

fn read_text<T: TextValue>(
    extension: &Extension,
    path: &Path<'_>,
    context: &mut Context<'_>,
) -> Option<Parsed<T>> {
    let parsed = read_simple(
        extension,
        path,
        context,
        "valueString",
        |value| match value {
            OpenType::String(text) => documented(text, |text| T::from(text)),
            _ => None,
        },
        |value| any_text(value).map(|text| T::from(&text)),
    )?;
    if let Some((rule, detail)) = parsed.value.defect(&context.options) {
        context.report_value(rule, extension, path, detail);
    }
    Some(parsed)
}

fn write_text(text: &str, into: &mut Extension) {
    match &mut into.value {
        Some(OpenType::String(value)) => value.set(text),
        value => *value = Some(OpenType::String(text.into())),
    }
}

macro_rules! text_values {
    ($($type:ty),+) => {$(
        impl Value for $type {
            fn read(
                extension: &Extension,
                path: &Path<'_>,
                context: &mut Context<'_>,
            ) -> Option<Parsed<Self>> {
                read_text(extension, path, context)
            }
            fn write(&self, into: &mut Extension) {
                write_text(self.text(), into);
            }
        }
    )+};
}

text_values!(Str, IndemnityStatus, Insurer, ServiceDate);

impl TextValue for Str {
    fn text(&self) -> &str {
        self
    }
}

impl TextValue for IndemnityStatus {
    fn text(&self) -> &str {
        self.as_str()
    }
}

impl TextValue for Insurer {
    fn text(&self) -> &str {
        self.as_str()
    }
}

impl TextValue for ServiceDate {
    fn text(&self) -> &str {
        self.as_str()
    }
    fn defect(&self, options: &DecodeOptions) -> Option<(&'static Rule, Detail)> {
        match self.parts(options.date_order) {
            Ok(_) => None,
            Err(TemporalError::NoSuchDay) => Some((&rules::HC_DATE_NO_SUCH_DAY, Detail::None)),
            Err(_) => {
                let form = options.date_order.form();
                Some((&rules::HC_DATE_FORM, Detail::Expected(form)))
            }
        }
    }
}

impl Value for bool {
    fn read(
        extension: &Extension,
        path: &Path<'_>,
        context: &mut Context<'_>,
    ) -> Option<Parsed<Self>> {
        read_simple(
            extension,
            path,
            context,
            "valueBoolean",
            |value| match value {
                OpenType::Boolean(value) => documented(value, |value| *value),
                _ => None,
            },
            |value| match value {
                OpenType::Boolean(value) => value.malformed()?.trim_matches('"').parse().ok(),
                OpenType::String(text) => text.as_str().or(text.malformed())?.parse().ok(),
                _ => None,
            },
        )
    }

    fn write(&self, into: &mut Extension) {
        match &mut into.value {
            Some(OpenType::Boolean(value)) => value.set(*self),
            value => *value = Some(OpenType::Boolean((*self).into())),
        }
    }
}

impl Value for DateTime {
    fn read(
        extension: &Extension,
        path: &Path<'_>,
        context: &mut Context<'_>,
    ) -> Option<Parsed<Self>> {
        read_simple(
            extension,
            path,
            context,
            "valueDateTime",
            |value| match value {
                OpenType::DateTime(value) => documented(value, DateTime::clone),
                _ => None,
            },
            |value| match value {
                OpenType::String(text) => text.as_str().map(DateTime::from),
                OpenType::Instant(_) | OpenType::Date(_) => {
                    any_text(value).map(|text| DateTime::from(text.as_str()))
                }
                _ => None,
            },
        )
    }

    fn write(&self, into: &mut Extension) {
        match &mut into.value {
            Some(OpenType::DateTime(value)) => value.set(self.as_str()),
            value => *value = Some(OpenType::DateTime(self.clone().into())),
        }
    }
}
