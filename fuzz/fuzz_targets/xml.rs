//! Any bytes as XML: nothing panics, issues are within the text, and what was read is the same after it
//! was written and read again. Any JSON can be written as XML that can be read.
#![no_main]

use healthcode_core::ReadOptions;
use healthcode_fuzz::check_positions;
use healthcode_r4::{Patient, Resource};
use healthcode_xml::{
    comments, from_slice, from_slice_with, from_str, left_out_of_json, to_string, to_string_pretty,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = comments(data);
    match from_slice::<Resource>(data) {
        Ok(read) => {
            check_positions(data, &read.issues);
            let _ = left_out_of_json(&read.value);
            stable(&read.value);
        }
        Err(error) => check_positions(data, std::slice::from_ref(error.issue())),
    }
    let shallow = ReadOptions::new()
        .max_depth(3)
        .max_size(1000)
        .excerpts(true);
    if let Ok(read) = from_slice_with::<Patient>(data, &shallow) {
        check_positions(data, &read.issues);
    }
    if let Ok(read) = healthcode_json::from_slice::<Resource>(data) {
        stable(&read.value);
    }
});

/// What a value is written as can be read, and is written the same again.
fn stable(value: &Resource) {
    let written = to_string(value).value;
    if written.is_empty() {
        return;
    }
    let again = from_str::<Resource>(&written).expect("what was written is XML");
    let second = to_string(&again.value);
    assert_eq!(second.issues, []);
    assert_eq!(second.value, written);
    let pretty = to_string_pretty(value).value;
    from_str::<Resource>(&pretty).expect("what was written is XML");
}
