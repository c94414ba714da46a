//! The official examples of R5 in structs, and the tables beside those of `healthcode-releases`.

use healthcode_r5::{Resource, schema};
use healthcode_tests::typed::{check_examples, check_schemas};

/// Each example comes back as it was, by way of JSON and of XML.
#[test]
fn examples_come_back() {
    check_examples::<Resource>("r5::examples_come_back", "hl7.fhir.r5.examples@5.0.0", 2822);
}

/// The same elements in the same order as those that are read without structs have.
#[test]
fn schemas_are_those_of_the_release() {
    check_schemas(healthcode_releases::r5(), schema::ALL);
}
