//! [`debug_only!`](crate::debug_only): `Debug` without secrets and patient data.

/// Implements `Debug` that shows only the fields named, so that a field that is added later is not shown by
/// accident. What is shown of a field may be a value of its own: `tokens: |this| this.tokens.is_some()`.
#[doc(hidden)]
#[macro_export]
macro_rules! debug_only {
    (
        $name:ident $(<$($parameter:ident),+>)?
        { $($field:ident $(: |$this:ident| $value:expr)?),* $(,)? }
    ) => {
        impl $(<$($parameter),+>)? ::std::fmt::Debug for $name $(<$($parameter),+>)? {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let mut shown = f.debug_struct(::std::stringify!($name));
                $($crate::debug_only!(@field shown, self, $field $(, $this, $value)?);)*
                shown.finish_non_exhaustive()
            }
        }
    };
    (@field $shown:ident, $self:ident, $field:ident) => {
        $shown.field(::std::stringify!($field), &$self.$field)
    };
    (@field $shown:ident, $self:ident, $field:ident, $this:ident, $value:expr) => {{
        let $this = $self;
        $shown.field(::std::stringify!($field), &$value);
    }};
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    /// Has no `Debug`.
    struct Secret;

    struct Nothing {
        _secret: Secret,
    }
    crate::debug_only!(Nothing {});

    struct Tuple(Secret);
    crate::debug_only!(Tuple {});

    struct Named {
        shown: &'static str,
        list: Vec<u8>,
        _secret: Secret,
    }
    crate::debug_only!(Named {
        items: |any| any.list.iter(),
        shown,
        list: |this| this.list.len(),
    });

    struct Generic<S, T = Secret> {
        count: usize,
        first: Option<S>,
        _second: T,
    }
    crate::debug_only!(Generic<S, T> { count, first: |this| this.first.is_some() });

    #[test]
    fn only_the_fields_named_are_shown() {
        let named = Named {
            shown: "a",
            list: vec![1, 2],
            _secret: Secret,
        };
        let generic = Generic {
            count: 1,
            first: Some(Secret),
            _second: Secret,
        };
        let cases: [(&dyn Debug, &str); 4] = [
            (&Nothing { _secret: Secret }, "Nothing { .. }"),
            (&Tuple(Secret), "Tuple { .. }"),
            (
                &named,
                r#"Named { items: Iter([1, 2]), shown: "a", list: 2, .. }"#,
            ),
            (&generic, "Generic { count: 1, first: true, .. }"),
        ];
        for (value, expected) in cases {
            assert_eq!(format!("{value:?}"), expected);
        }
    }
}
