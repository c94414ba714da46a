//! FHIR STU3 (3.0.2), R4B (4.3.0) and R5 (5.0.0) as tables, for values that are read without structs.
//!
//! ```
//! use healthcode_core::{Root, UntypedResource};
//! use healthcode_releases::Stu3;
//!
//! let json = br#"{"resourceType": "ProcedureRequest", "status": "active", "intent": "order"}"#;
//! let read = healthcode_json::from_slice::<UntypedResource<Stu3>>(json)?;
//! assert!(read.issues.is_empty());
//! assert_eq!(read.value.as_untyped().text("intent"), Some("order"));
//! assert_eq!(read.value.as_element().schema().name, "ProcedureRequest");
//! # Ok::<(), healthcode_json::Error>(())
//! ```
//!
//! A release is unpacked when it is first requested, and kept until the program ends.

mod members;
mod unpack;

use healthcode_core::{Release, Released};
use members::Members;
use std::sync::OnceLock;

/// FHIR STU3, 3.0.2.
#[derive(Clone, Copy, Debug)]
pub struct Stu3;

/// FHIR R4B, 4.3.0.
#[derive(Clone, Copy, Debug)]
pub struct R4b;

/// FHIR R5, 5.0.0.
#[derive(Clone, Copy, Debug)]
pub struct R5;

macro_rules! released {
    ($($name:ident, $function:ident, $file:literal;)+) => {$(
        #[doc = concat!("The release [`", stringify!($name), "`].")]
        #[must_use]
        pub fn $function() -> &'static Release {
            static RELEASE: OnceLock<Release> = OnceLock::new();
            RELEASE.get_or_init(|| unpack::unpack($name::TABLE))
        }

        impl $name {
            const TABLE: &'static str = include_str!($file);
        }

        impl Released for $name {
            fn release() -> &'static Release {
                $function()
            }

            fn name() -> &'static str {
                unpack::name($name::TABLE)
            }

            fn may_have_member(name: &str) -> bool {
                static MEMBERS: OnceLock<Members> = OnceLock::new();
                let members = MEMBERS.get_or_init(|| Members::of($name::TABLE));
                members.may_include(name)
            }
        }
    )+};
}

released! {
    Stu3, stu3, "generated/stu3.txt";
    R4b, r4b, "generated/r4b.txt";
    R5, r5, "generated/r5.txt";
}

/// All releases of this crate.
#[must_use]
pub fn all() -> [&'static Release; 3] {
    [stu3(), r4b(), r5()]
}
