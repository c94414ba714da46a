//! The macros that generated code calls, once for each type it declares.

// What few programs call of each type is `#[inline]`: compiled where it is called, if anywhere.

/// What a model struct has beside [`Element`](crate::Element); for generated code.
#[doc(hidden)]
#[macro_export]
macro_rules! model {
    ($name:ident) => {
        impl $crate::Root for $name {
            #[inline]
            fn open(place: &mut Option<Self>) -> $crate::RootSlot<'_> {
                $crate::RootSlot::Element(place.insert(<Self as Default>::default()))
            }
            // Not inlined: every codegen unit that makes a `dyn` reference has a copy of its table,
            // and of the functions in that.
            #[inline(never)]
            fn as_element(&self) -> &dyn $crate::Element {
                self
            }
            #[inline(never)]
            fn as_element_mut(&mut self) -> &mut dyn $crate::Element {
                self
            }
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::debug_element(self, f)
            }
        }

        impl ::std::cmp::PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::same_element(self, other)
            }
        }

        impl ::std::convert::From<$name> for Option<Box<$name>> {
            #[inline]
            fn from(value: $name) -> Self {
                Some(Box::new(value))
            }
        }

        $crate::model!(@serde $name);
    };
    (@serde $name:ident) => {
        #[cfg(feature = "serde")]
        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                ::healthcode_json::serde::serialize($crate::Root::as_element(self), serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                ::healthcode_json::serde::deserialize(deserializer)
            }
        }
    };
}

/// The mechanics of a choice enum; for generated code. One row for each variant: what holds its
/// value, its name, its index in the field's types, the JSON suffix, and what converts into it.
#[doc(hidden)]
#[macro_export]
macro_rules! choice {
    (@slot primitive $name:ident $variant:ident $place:ident $metadata:ident) => {
        match $place {
            Some($name::$variant(value)) => $crate::generated::choice_primitive(value, $metadata),
            Some(_) => $crate::Slot::SecondChoice,
            None => match $place.insert($name::$variant(Default::default())) {
                $name::$variant(value) => $crate::generated::choice_primitive(value, $metadata),
                _ => $crate::Slot::SecondChoice,
            },
        }
    };
    (@slot element $name:ident $variant:ident $place:ident $metadata:ident) => {
        match $place {
            _ if $metadata => $crate::Slot::Unknown,
            Some($name::$variant(_)) => $crate::Slot::Repeated,
            Some(_) => $crate::Slot::SecondChoice,
            None => match $place.insert($name::$variant(Default::default())) {
                $name::$variant(value) => $crate::Slot::Element($crate::Root::as_element_mut(&mut **value)),
                _ => $crate::Slot::Unknown,
            },
        }
    };
    (@fields primitive $out:ident $index:ident $choice:literal $value:ident) => {
        $crate::generated::get_primitive($out, $index, $choice, $value)
    };
    (@fields element $out:ident $index:ident $choice:literal $value:ident) => {
        $crate::generated::get_choice($out, $index, $choice, &**$value)
    };
    ($name:ident {
        $($kind:ident $variant:ident = $choice:literal $suffix:literal $(from $from:ty)?,)+
    }) => {
        impl $name {
            pub(crate) fn slot<'a>(
                place: &'a mut Option<Self>,
                suffix: &str,
                metadata: bool,
            ) -> $crate::Slot<'a> {
                match suffix {
                    $($suffix => $crate::choice!(@slot $kind $name $variant place metadata),)+
                    _ => $crate::Slot::Unknown,
                }
            }

            pub(crate) fn fields<'a>(&'a self, out: &mut $crate::Fields<'a>, index: u16) {
                match self {
                    $(Self::$variant(value) => $crate::choice!(@fields $kind out index $choice value),)+
                }
            }
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let variant = match self {
                    $(Self::$variant(_) => stringify!($variant),)+
                };
                let mut fields = $crate::Fields::new();
                self.fields(&mut fields, 0);
                $crate::generated::debug_fields(variant, &fields, f)
            }
        }

        impl ::std::cmp::PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::generated::same_fields(
                    &|out| self.fields(out, 0),
                    &|out| other.fields(out, 0),
                )
            }
        }

        $($(
            impl ::std::convert::From<$from> for $name {
                #[inline]
                fn from(value: $from) -> Self {
                    Self::$variant(value.into())
                }
            }
        )?)+
    };
}

/// A version's `Resource` enum; for generated code. One row for each resource type, by name.
#[doc(hidden)]
#[macro_export]
macro_rules! resources {
    ($($name:ident = $text:literal,)+) => {
        /// A resource of any type. A clone has all texts of its own.
        #[non_exhaustive]
        pub enum Resource {
            $(
                #[doc = concat!("A [`", $text, "`].")]
                $name($crate::Boxed<$name>),
            )+
            /// A resource of a type that the version does not define, or that names none.
            Unknown($crate::Boxed<$crate::UnknownResource>),
        }

        impl ::std::clone::Clone for Resource {
            fn clone(&self) -> Self {
                if let Self::Unknown(unknown) = self {
                    return Self::Unknown(::std::clone::Clone::clone(unknown));
                }
                let from = $crate::Root::as_element(self);
                let mut copy = <Self as $crate::ResourceType>::of_type(Some(from.schema().name));
                $crate::clone_element(from, $crate::Root::as_element_mut(&mut copy));
                copy
            }
        }

        impl ::std::cmp::PartialEq for Resource {
            fn eq(&self, other: &Self) -> bool {
                let (a, b) = ($crate::Root::as_element(self), $crate::Root::as_element(other));
                $crate::same_element(a, b)
            }
        }

        impl Resource {
            /// The names of the types that the version defines, sorted.
            pub const TYPE_NAMES: &'static [&'static str] = &[$($text),+];

            /// The name of its type; `None` for an unknown one that names none.
            #[must_use]
            pub fn resource_type(&self) -> Option<&str> {
                match self {
                    Self::Unknown(unknown) => $crate::generated::plain_text(unknown, "resourceType"),
                    known => Some($crate::Root::as_element(known).schema().name),
                }
            }

            /// Its logical id.
            #[must_use]
            pub fn id(&self) -> Option<&str> {
                match self {
                    $(Self::$name(resource) => resource.id.as_str(),)+
                    Self::Unknown(unknown) => $crate::generated::plain_text(unknown, "id"),
                }
            }

            /// Its metadata; `None` for an unknown one.
            #[must_use]
            pub fn meta(&self) -> Option<&Meta> {
                match self {
                    $(Self::$name(resource) => resource.meta.as_deref(),)+
                    Self::Unknown(_) => None,
                }
            }

            /// The resource, if it is a `T`.
            #[must_use]
            pub fn get<T: $crate::Element>(&self) -> Option<&T> {
                $crate::Root::as_element(self).downcast_ref()
            }

            /// The resource, if it is a `T`, to be changed.
            #[must_use]
            pub fn get_mut<T: $crate::Element>(&mut self) -> Option<&mut T> {
                $crate::Root::as_element_mut(self).downcast_mut()
            }
        }

        impl Default for Resource {
            fn default() -> Self {
                Self::Unknown(Default::default())
            }
        }

        impl ::std::fmt::Debug for Resource {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt($crate::Root::as_element(self), f)
            }
        }

        impl $crate::Root for Resource {
            #[inline]
            fn open(place: &mut Option<Self>) -> $crate::RootSlot<'_> {
                $crate::RootSlot::Resource(place)
            }
            fn as_element(&self) -> &dyn $crate::Element {
                match self {
                    $(Self::$name(resource) => $crate::Root::as_element(&**resource),)+
                    Self::Unknown(unknown) => &**unknown,
                }
            }
            fn as_element_mut(&mut self) -> &mut dyn $crate::Element {
                match self {
                    $(Self::$name(resource) => $crate::Root::as_element_mut(&mut **resource),)+
                    Self::Unknown(unknown) => &mut **unknown,
                }
            }
        }

        impl $crate::ResourceType for Resource {
            fn of_type(type_name: Option<&str>) -> Self {
                match type_name {
                    $(Some($text) => Self::$name(Default::default()),)+
                    _ => Self::default(),
                }
            }
        }

        $crate::model!(@serde Resource);

        $(
            impl ::std::convert::From<$name> for Resource {
                #[inline]
                fn from(resource: $name) -> Self {
                    Self::$name($crate::Boxed::new(resource))
                }
            }

            /// The resource given comes back if it is of another type.
            impl ::std::convert::TryFrom<Resource> for $name {
                type Error = Resource;
                #[inline]
                fn try_from(resource: Resource) -> Result<Self, Resource> {
                    match resource {
                        Resource::$name(resource) => Ok(resource.into_inner()),
                        other => Err(other),
                    }
                }
            }
        )+
    };
}
