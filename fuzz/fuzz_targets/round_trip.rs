//! What can be read is written back as the same JSON, and read again as the same value; so is a clone.
#![no_main]

use healthcode_fuzz::canonical;
use healthcode_json::{from_slice, to_string, to_string_pretty};
use healthcode_r4::Resource;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(read) = from_slice::<Resource>(data) else {
        return;
    };
    let text = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    let expected = canonical(text).expect("what was read is JSON");
    let compact = to_string(&read.value);
    let pretty = to_string_pretty(&read.value);
    for written in [&compact, &pretty] {
        let found = canonical(written.as_bytes());
        assert!(found.as_ref() == Some(&expected), "another tree: {written}");
    }
    let again = from_slice::<Resource>(compact.as_bytes()).expect("what was written is JSON");
    assert_eq!(to_string(&again.value), compact);
    let third = from_slice::<Resource>(pretty.as_bytes()).expect("what was written is JSON");
    assert_eq!(third.value, again.value);
    assert_eq!(again.value, read.value);
    let clone = read.value.clone();
    assert_eq!(clone, read.value);
    assert_eq!(to_string(&clone), compact);
    // serde_json has its own nesting limit; what it takes must be the same value.
    if let Ok(bridged) = serde_json::from_slice::<Resource>(text) {
        assert_eq!(bridged, read.value);
    }
    if let Ok(written) = serde_json::to_vec(&read.value) {
        assert!(
            canonical(&written) == Some(expected),
            "serde writes another tree"
        );
    }
});
