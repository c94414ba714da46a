//! Any bytes, through every way of reading: nothing panics, issues are within the text, and
//! streams give the same however their bytes arrive, and whether lines are cut out first. Brackets are closed where a
//! loop over bytes finds it.
#![no_main]

use healthcode_core::scan::Brackets;
use healthcode_fuzz::{Trickle, check_positions};
use healthcode_json::stream::{BundleReader, NdjsonReader, entries, sniff};
use healthcode_json::{ReadOptions, from_slice, from_slice_with, issues_of};
use healthcode_r4::{Bundle, BundleEntry, Patient, Resource};
use libfuzzer_sys::fuzz_target;
use std::{io, iter};

fuzz_target!(|data: &[u8]| {
    whole(data);
    let _ = sniff(data);
    assert_eq!(Brackets::new().close(data, &mut 0), closing_bracket(data));
    lazy(data);
    let fast = (ndjson(data, data), bundle(data, data));
    assert_eq!(fast.0, pieces(data));
    // Each arrival of bytes costs a buffer, so only short texts trickle in.
    if data.len() < 600 {
        let step = 1 + data.len() % 7;
        let slow = (
            ndjson(data, Trickle::new(data, step)),
            bundle(data, Trickle::new(data, step)),
        );
        assert_eq!(fast, slow);
    }
});

/// The index after the bracket that closes what is open before the text, byte by byte.
fn closing_bracket(data: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut escapes) = (1, false, false);
    let ends = |byte: &u8| {
        let escaped = std::mem::take(&mut escapes);
        match byte {
            b'\\' => escapes = !escaped,
            b'"' => in_string ^= !escaped,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth -= 1,
            _ => {}
        }
        depth == 0
    };
    data.iter().position(ends).map(|index| index + 1)
}

fn whole(data: &[u8]) {
    let strict = ReadOptions::new().strict(true).excerpts(true);
    match from_slice::<Resource>(data) {
        Ok(read) => {
            check_positions(data, &read.issues);
            let strict = from_slice_with::<Resource>(data, &strict);
            assert_eq!(strict.is_ok(), read.is_valid());
            // The defects are in the value; only what the text alone shows is found on reading.
            let kept = issues_of(&read.value).len();
            assert!(kept <= read.issues.len());
        }
        Err(error) => {
            check_positions(data, std::slice::from_ref(error.issue()));
            assert!(from_slice_with::<Resource>(data, &strict).is_err());
        }
    }
    if let Ok(read) = from_slice::<Patient>(data) {
        check_positions(data, &read.issues);
    }
    let shallow = ReadOptions::new()
        .max_depth(3)
        .max_size(1000)
        .excerpts(true);
    if let Ok(read) = from_slice_with::<Resource>(data, &shallow) {
        check_positions(data, &read.issues);
    }
}

fn lazy(data: &[u8]) {
    let Ok(entries) = entries(data) else {
        return;
    };
    for entry in entries {
        match entry {
            Ok(entry) => {
                if let Ok(read) = entry.read::<BundleEntry>() {
                    check_positions(data, &read.issues);
                }
                if let Some(Ok(read)) = entry.read_resource::<Resource>() {
                    check_positions(data, &read.issues);
                }
            }
            Err(error) => check_positions(data, std::slice::from_ref(error.issue())),
        }
    }
}

fn ndjson(data: &[u8], reader: impl io::Read) -> Vec<String> {
    let mut seen = Vec::new();
    for read in NdjsonReader::<_, Resource>::new(reader, ReadOptions::new()) {
        if let Ok(read) = &read {
            check_positions(data, &read.issues);
        }
        seen.push(format!("{read:?}"));
    }
    seen
}

/// Lines that are cut out first and read later.
fn pieces(data: &[u8]) -> Vec<String> {
    let options = ReadOptions::new();
    let mut reader = NdjsonReader::<_, Resource>::new(data, options);
    let pieces: Vec<_> = iter::from_fn(|| reader.cut()).collect();
    let read = pieces.into_iter().map(|piece| {
        let read = piece.and_then(|piece| Ok(piece.read::<Resource>(&options)?));
        format!("{read:?}")
    });
    read.collect()
}

fn bundle(data: &[u8], reader: impl io::Read) -> Vec<String> {
    let mut seen = Vec::new();
    let mut reader = BundleReader::<_, BundleEntry>::new(reader, ReadOptions::new());
    for read in reader.by_ref() {
        if let Ok(read) = &read {
            check_positions(data, &read.issues);
        }
        seen.push(format!("{read:?}"));
    }
    let rest = reader.finish::<Bundle>();
    if let Ok(read) = &rest {
        check_positions(data, &read.issues);
    }
    seen.push(format!("{rest:?}"));
    seen
}
