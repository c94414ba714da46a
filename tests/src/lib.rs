//! What the tests of the workspace share: fixtures, outside data, and an independent idea of when
//! two JSON texts are equal.
//!
//! The tests themselves are in `suite/`. Data that is not in the repository is found through
//! environment variables; a test that lacks it says so and passes, or fails where
//! `HEALTHCODE_REQUIRE_DATA=1`:
//!
//! | variable | what it names |
//! |---|---|
//! | `HEALTHCODE_SPEC` | `hl7.fhir.r4.examples-4.0.1.tgz`, or its unpacked `package` folder |
//! | `HEALTHCODE_DATA` | the folder that holds `synthea/*.json`, `fhirpath/` and `sql-on-fhir/` |
//! | `HEALTHCODE_RELEASES` | a folder of the packages `hl7.fhir.r3.examples@3.0.2`, `hl7.fhir.r4b.examples@4.3.0` and `hl7.fhir.r5.examples@5.0.0`; not required |
//! | `HEALTHCODE_BLESS=1` | write the generated fixtures and pinned results instead of comparing |

mod data;
mod generate;
mod tree;
pub mod typed;

pub use data::{
    Document, blessing, fhirpath_suite, fixture_path, fixtures, pinned, release_examples,
    spec_examples, synthea, view_suite,
};
pub use generate::{Generator, examples_of};
pub use tree::{Tree, tree_eq};
