//! The official examples of R4B in structs, and the tables beside those of `healthcode-releases`.

use healthcode_r4b::{Resource, schema};
use healthcode_tests::typed::{check_examples, check_schemas};

/// Each example comes back as it was, by way of JSON and of XML.
#[test]
fn examples_come_back() {
    check_examples::<Resource>(
        "r4b::examples_come_back",
        "hl7.fhir.r4b.examples@4.3.0",
        2840,
    );
}

/// The same elements in the same order as those that are read without structs have.
#[test]
fn schemas_are_those_of_the_release() {
    check_schemas(healthcode_releases::r4b(), schema::ALL);
}
