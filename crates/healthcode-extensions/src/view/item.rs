//! [`Item`]: a value and what more its extension held.

use super::{Context, FieldDef, Value};
use healthcode_core::{Path, Str};
use healthcode_r4::Extension;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A value of a view.
///
/// Dereferences to the value. Where the extension that it was decoded from is not what the service
/// is documented to write (another id, more codings, another type), that extension is kept too, so
/// that [`encode`](super::ExtensionView::encode) restores it, with the value changed if it has been.
///
/// ```
/// use healthcode_extensions::Item;
/// let mut item = Item::from(false);
/// *item = true;
/// assert_eq!(item, Item::from(true));
/// ```
#[derive(Clone, PartialEq)]
pub struct Item<T> {
    value: T,
    source: Option<Box<Extension>>,
}

impl<T> Item<T> {
    /// The value alone.
    pub fn into_value(self) -> T {
        self.value
    }

    /// The extension that it was decoded from, if that was not quite what the service is documented
    /// to write; without its children where those are the value.
    #[must_use]
    pub fn source(&self) -> Option<&Extension> {
        self.source.as_deref()
    }

    /// Forgets the extension that it was decoded from: it will be encoded as documented.
    pub fn forget_source(&mut self) {
        self.source = None;
    }
}

impl<T: Value> Item<T> {
    pub(super) fn read(
        extension: &Extension,
        field: &FieldDef,
        path: &Path<'_>,
        context: &mut Context<'_>,
    ) -> Option<Self> {
        let parsed = T::read(extension, path, context)?;
        let lossless =
            parsed.lossless && extension.id.as_deref() == field.id && extension.extras.is_empty();
        Some(Item {
            value: parsed.value,
            source: (!lossless).then(|| Box::new(T::original(extension))),
        })
    }

    pub(super) fn write(&self, field: &FieldDef) -> Extension {
        let mut extension = match &self.source {
            Some(source) => {
                let parsed = T::read(source, &Path::root(""), &mut Context::quiet());
                if parsed.is_some_and(|parsed| parsed.value == self.value) {
                    return (**source).clone();
                }
                (**source).clone()
            }
            None => Extension {
                id: field.id.map(Str::from_static),
                url: field.url.map(Str::from_static),
                ..Extension::default()
            },
        };
        self.value.write(&mut extension);
        extension
    }

    pub(super) fn key(&self) -> Option<[&str; 3]> {
        self.value.key()
    }
}

impl<T> From<T> for Item<T> {
    fn from(value: T) -> Self {
        Item {
            value,
            source: None,
        }
    }
}

impl<T> Deref for Item<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Item<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

/// The value, and what is kept beside it if anything is.
impl<T: fmt::Debug> fmt::Debug for Item<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            None => self.value.fmt(f),
            Some(source) => f
                .debug_struct("Item")
                .field("value", &self.value)
                .field("source", source)
                .finish(),
        }
    }
}
