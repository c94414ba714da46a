//! Any payload, through every decoder of Healthcode's quirks: nothing panics, extensions are given
//! back as they were, and issues are within the text.
#![no_main]

use healthcode_core::{Issue, Path};
use healthcode_extensions::{
    DecodeOptions, ErrorResponse, ExtensionView, HasExtensions, Paging, PatientExtensions, Photo,
    PractitionerExtensions, ProfessionGroup, ServiceDateTime,
};
use healthcode_fuzz::check_positions;
use healthcode_json::{from_slice, locate, to_string};
use healthcode_r4::{
    Bundle, BundleEntry, Extension, Organization, Parameters, Patient, Practitioner,
    PractitionerRole, Resource,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let answer = ErrorResponse::from_body(400, data.to_vec()).value;
    assert_eq!(answer.body, data);
    if let Ok(text) = str::from_utf8(data) {
        let moment = ServiceDateTime::from(text);
        assert_eq!(moment.has_offset().is_some(), moment.to_chrono().is_ok());
    }
    let Ok(read) = from_slice::<Resource>(data) else {
        return;
    };
    let issues = resource(&read.value, &Path::root("R"));
    check_places(data, issues);
});

/// Decodes all there is in a resource; returns the issues.
fn resource(value: &Resource, path: &Path<'_>) -> Vec<Issue> {
    if let Some(value) = value.get::<Practitioner>() {
        kept::<PatientExtensions>(&value.extension);
        kept::<ProfessionGroup>(&value.extension);
        return carrier(value, path);
    }
    if let Some(value) = value.get::<PractitionerRole>() {
        return carrier(value, path);
    }
    if let Some(value) = value.get::<Organization>() {
        return carrier(value, path);
    }
    if let Some(value) = value.get::<Patient>() {
        kept::<PractitionerExtensions>(&value.extension);
        return carrier(value, path);
    }
    if let Some(value) = value.get::<Parameters>() {
        let decoded = Photo::decode_at(value, path);
        // What was decoded is decoded again from what it is encoded as.
        let again = Photo::decode(&decoded.value.encode()).value;
        if decoded.value.mime.is_some() {
            assert_eq!(again.bytes, decoded.value.bytes);
            assert_eq!(again.layers, decoded.value.layers);
        }
        return decoded.issues;
    }
    if let Some(value) = value.get::<Bundle>() {
        let mut issues = bundle(value);
        for (index, entry) in value.entry.iter().enumerate() {
            let (at, pointer) = (format!("R.entry[{index}]"), format!("/entry/{index}"));
            let place = Path::with_root(&at, &pointer);
            issues.extend(
                entry
                    .decode_extensions_at(&place, &DecodeOptions::new())
                    .issues,
            );
            kept::<<BundleEntry as HasExtensions>::View>(&entry.extension);
            let inner = place.child(healthcode_core::Step::field("resource"));
            if let Some(value) = &entry.resource
                && value.get::<Bundle>().is_none()
            {
                issues.extend(resource(value, &inner));
            }
        }
        return issues;
    }
    Vec::new()
}

fn bundle(value: &Bundle) -> Vec<Issue> {
    let decoded = Paging::decode(value);
    let (pages, next) = (decoded.value.pages(), decoded.value.next_page());
    if let (Some(pages), Some(next)) = (pages, next) {
        assert!(next <= pages);
    }
    let mut again = value.clone();
    decoded.value.encode(&mut again);
    assert_eq!(to_string(&again), to_string(value));
    decoded.issues
}

fn carrier<R: HasExtensions + healthcode_core::Root>(value: &R, path: &Path<'_>) -> Vec<Issue> {
    kept::<R::View>(value.extensions());
    value
        .decode_extensions_at(path, &DecodeOptions::new())
        .issues
}

/// What is decoded is encoded as it was.
fn kept<V: ExtensionView>(extensions: &[Extension]) {
    let decoded = V::decode(extensions, &Path::root("X"), &DecodeOptions::new());
    let back = decoded.value.encode();
    assert!(back[..] == *extensions, "other extensions");
    let show = |extensions: &[Extension]| {
        to_string(&Practitioner {
            extension: extensions.iter().cloned().collect(),
            ..Practitioner::default()
        })
    };
    assert_eq!(show(&back), show(extensions));
}

/// Each issue has its place in the text.
fn check_places(data: &[u8], mut issues: Vec<Issue>) {
    locate(data, &mut issues, false);
    check_positions(data, &issues);
}
