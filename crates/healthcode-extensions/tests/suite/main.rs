//! Tests of the views and quirks, as data.
#![allow(clippy::unwrap_used, reason = "tests")]

mod defects;
mod documented;
mod example;
mod properties;
mod quirks;

use healthcode_core::{Checked, Root};
use healthcode_extensions::HasExtensions;
use healthcode_json::{from_slice, to_string};

/// A payload of the documentation.
fn documented(name: &str) -> Vec<u8> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/fixtures/documented"
    );
    std::fs::read(format!("{folder}/restricted-ppr.{name}.response.json")).unwrap()
}

fn read<T: Root>(json: &[u8]) -> T {
    from_slice(json).unwrap().value
}

/// Decodes the extensions of a resource and encodes them back, which must give the same JSON.
#[track_caller]
fn there_and_back<R: HasExtensions + Root + Clone>(resource: &R) -> Checked<R::View> {
    let decoded = resource.decode_extensions();
    let mut again = resource.clone();
    again.extensions_mut().clear();
    again.encode_extensions(&decoded.value);
    assert_eq!(to_string(&again), to_string(resource));
    let second = again.decode_extensions();
    assert!(second.value == decoded.value && second.issues == decoded.issues);
    decoded
}
