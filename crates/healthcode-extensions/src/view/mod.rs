//! How extensions become typed views and extensions again: one mechanism for all of them.
//!
//! A view is a struct that [`extension_view!`] makes from a table: for each field the extension's
//! url or id, the type of its value, and whether it repeats. `engine.rs` walks a list of extensions
//! with such a table; `value.rs` has how a value of each type is read from one extension and
//! written into one.

mod coded;
mod engine;
mod field;
mod item;
mod table;
mod value;

pub use coded::Coded;
pub use engine::Unrecognised;
pub use item::Item;

pub(crate) use engine::{decode_group, encode_fields};
pub(crate) use field::Field;
pub(crate) use table::{FieldDef, ViewDef, extension_view};
pub(crate) use value::{Context, Parsed, Value, without_children};

use crate::dates::DateOrder;
use healthcode_core::{Checked, Element, List, Path, Step};
use healthcode_r4::Extension;

/// How to decode.
///
/// ```
/// use healthcode_extensions::{DateOrder, DecodeOptions};
/// let options = DecodeOptions::new().date_order(DateOrder::MonthFirst);
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct DecodeOptions {
    /// How dates with dots are read; day first unless set.
    pub date_order: DateOrder,
}

impl DecodeOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how dates with dots are read when they are checked.
    #[must_use]
    pub fn date_order(mut self, order: DateOrder) -> Self {
        self.date_order = order;
        self
    }
}

/// The typed form of one resource's extensions.
///
/// The trait is sealed: views are made by this crate's tables.
pub trait ExtensionView: Clone + Default + PartialEq + sealed::Fields {
    /// Decodes extensions; `path` is that of the element which has them.
    ///
    /// Nothing is lost and nothing fails: what is not understood is among
    /// [`ExtensionView::unrecognised`], and what is wrong is reported.
    #[must_use]
    fn decode(extensions: &[Extension], path: &Path<'_>, options: &DecodeOptions) -> Checked<Self> {
        let mut view = Self::default();
        let mut issues = Vec::new();
        let mut context = Context::new(options, &mut issues);
        engine::decode_fields(&mut view, extensions, path, &mut context);
        Checked::new(view, issues)
    }

    /// The extensions that say what this view says: those it was decoded from, with the ids and in
    /// the order they had, as far as they have not been changed since; new ones behind them.
    fn encode(&self) -> List<Extension> {
        encode_fields(self)
    }

    /// The extensions that the view has no place for, in their order.
    fn unrecognised(&self) -> &[Extension] {
        &self.unrecognised_ref().extensions
    }
}

impl<V: Clone + Default + PartialEq + sealed::Fields> ExtensionView for V {}

pub(crate) mod sealed {
    use super::{Field, Unrecognised, ViewDef};

    /// The fields of a view by their index in its table.
    pub trait Fields {
        #[doc(hidden)]
        fn definition(&self) -> &'static ViewDef;
        #[doc(hidden)]
        fn field(&self, index: usize) -> &dyn Field;
        #[doc(hidden)]
        fn field_mut(&mut self, index: usize) -> &mut dyn Field;
        #[doc(hidden)]
        fn unrecognised_ref(&self) -> &Unrecognised;
        #[doc(hidden)]
        fn unrecognised_mut(&mut self) -> &mut Unrecognised;
    }
}

/// A resource or element whose extensions Healthcode documents.
///
/// ```
/// use healthcode_extensions::{HasExtensions, codes::Insurer};
/// use healthcode_r4::{Extension, Patient};
/// let mut patient = Patient::default();
/// let url = "https://ref.api.healthcode.co.uk/extension/patient/insurer";
/// patient.extension.push(Extension::new(url, healthcode_r4::Str::from("ppp")));
///
/// let decoded = patient.decode_extensions();
/// assert_eq!(decoded.value.insurer.as_deref(), Some(&Insurer::AxaHealth));
///
/// let before = patient.clone();
/// patient.encode_extensions(&decoded.value);
/// assert_eq!(patient, before);
/// ```
pub trait HasExtensions: Element + sealed_holder::Sealed + Sized {
    /// The typed form of its extensions.
    type View: ExtensionView;

    /// Its extensions.
    fn extensions(&self) -> &List<Extension>;

    /// Its extensions, to be changed.
    fn extensions_mut(&mut self) -> &mut List<Extension>;

    /// Decodes its extensions; paths begin with its type's name.
    #[must_use]
    fn decode_extensions(&self) -> Checked<Self::View> {
        let path = Path::root(self.schema().name);
        self.decode_extensions_at(&path, &DecodeOptions::default())
    }

    /// Decodes its extensions; `path` is its own place.
    #[must_use]
    fn decode_extensions_at(
        &self,
        path: &Path<'_>,
        options: &DecodeOptions,
    ) -> Checked<Self::View> {
        Self::View::decode(self.extensions(), path, options)
    }

    /// Puts a view's extensions in the place of its own.
    fn encode_extensions(&mut self, view: &Self::View) {
        *self.extensions_mut() = view.encode();
    }
}

pub(crate) mod sealed_holder {
    pub trait Sealed {}
}

/// The step to an extension's value, as issues name it.
fn value_step(extension: &Extension) -> Step<'static> {
    let mut fields = healthcode_core::Fields::new();
    extension.fields(&mut fields);
    let schema = extension.schema();
    for index in 0..fields.len() {
        let field = fields.get(index);
        let definition = &schema.fields[usize::from(field.index)];
        if definition.name() == "value" {
            return Step::Field {
                name: "value",
                suffix: definition.types[usize::from(field.choice)].suffix,
                metadata: false,
            };
        }
    }
    Step::field("value")
}
