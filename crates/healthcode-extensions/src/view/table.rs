//! The tables that views are made from.

/// One kind of extension that a view has a field for.
#[derive(Debug)]
pub struct FieldDef {
    /// What ends its url, or its id where it has none: what issues call it.
    pub name: &'static str,
    /// Its url; `None` if the service names it by its id alone.
    pub url: Option<&'static str>,
    /// Its element id at the service.
    pub id: Option<&'static str>,
    /// What it says, from the documentation of the field.
    pub summary: &'static str,
    /// Whether its absence is worth a warning.
    pub required: bool,
}

/// The fields of a view, in the order in which the service writes them.
#[derive(Debug)]
pub struct ViewDef {
    pub fields: &'static [FieldDef],
    /// Whether it is an extension's children, all of which the service defines; the extensions of
    /// a resource may be anybody's.
    pub children: bool,
}

/// Makes a view: the struct, its table, and how its fields are reached.
///
/// A field is `One` or `Many` of a value's type; its extension has a url, or only an id; `required`
/// requests a warning where it is absent. A `group` is itself the value of an extension; its `key`
/// is what identifies it among its siblings.
macro_rules! extension_view {
    (@type One $value:ty) => { Option<$crate::view::Item<$value>> };
    (@type Many $value:ty) => { healthcode_core::List<$crate::view::Item<$value>> };
    (@url url $name:literal) => { Some(concat!("https://ref.api.healthcode.co.uk/extension/", $name)) };
    (@url no_url $name:literal) => { None };
    (@id) => { None };
    (@id $id:literal) => { Some($id) };
    (@is) => { false };
    (@is $word:ident) => { true };
    (
        $(#[$doc:meta])*
        $view:ident, $scope:ident {
            $(
                $(#[doc = $field_doc:literal])*
                $field:ident: $count:ident<$value:ty> = $named:ident $name:literal $(id $id:literal)? $(, $required:ident)?;
            )+
        }
        $(key $key:expr)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $view {
            $($(#[doc = $field_doc])* pub $field: extension_view!(@type $count $value),)+
            /// The extensions that have no field, and the order in which all were met.
            pub unrecognised: $crate::view::Unrecognised,
        }

        impl $view {
            const DEFINITION: $crate::view::ViewDef = $crate::view::ViewDef {
                fields: &[$($crate::view::FieldDef {
                    name: $name,
                    url: extension_view!(@url $named $name),
                    id: extension_view!(@id $($id)?),
                    summary: concat!($($field_doc),*),
                    required: extension_view!(@is $($required)?),
                }),+],
                children: extension_view!(@children $scope),
            };
        }

        impl $crate::view::sealed::Fields for $view {
            fn definition(&self) -> &'static $crate::view::ViewDef {
                &const { Self::DEFINITION }
            }
            fn field(&self, index: usize) -> &dyn $crate::view::Field {
                let fields: [&dyn $crate::view::Field; _] = [$(&self.$field),+];
                fields[index]
            }
            fn field_mut(&mut self, index: usize) -> &mut dyn $crate::view::Field {
                let mut at = 0..;
                $(if at.next() == Some(index) {
                    return &mut self.$field;
                })+
                unreachable!("a view has the fields of its table")
            }
            fn unrecognised_ref(&self) -> &$crate::view::Unrecognised {
                &self.unrecognised
            }
            fn unrecognised_mut(&mut self) -> &mut $crate::view::Unrecognised {
                &mut self.unrecognised
            }
        }

        extension_view!(@scope $scope $view $($key)?);
    };
    (@children resource) => { false };
    (@children group) => { true };
    (@scope resource $view:ident) => {};
    (@scope group $view:ident $key:expr) => {
        impl $crate::view::Value for $view {
            fn read(
                extension: &healthcode_r4::Extension,
                path: &healthcode_core::Path<'_>,
                context: &mut $crate::view::Context<'_>,
            ) -> Option<$crate::view::Parsed<Self>> {
                let mut view = Self::default();
                let lossless = $crate::view::decode_group(&mut view, extension, path, context)?;
                Some($crate::view::Parsed { value: view, lossless })
            }
            fn write(&self, into: &mut healthcode_r4::Extension) {
                into.extension = $crate::view::encode_fields(self);
            }
            fn original(extension: &healthcode_r4::Extension) -> healthcode_r4::Extension {
                $crate::view::without_children(extension)
            }
            fn key(&self) -> Option<[&str; 3]> {
                let key: fn(&Self) -> Option<[&str; 3]> = $key;
                key(self)
            }
        }
    };
}

pub(crate) use extension_view;
