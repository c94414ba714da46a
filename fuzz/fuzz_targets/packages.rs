//! Any archives, manifests, locks and definitions of packages: nothing panics or takes more than its limits.
#![no_main]

use flate2::Compression;
use flate2::write::GzEncoder;
use healthcode_package::{Manifest, Package, compare_versions, read_lock, select_version};
use libfuzzer_sys::fuzz_target;
use std::io::Write;
use std::path::Path;

fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// An archive with one definition, in this folder.
fn archive(folder: &str, definition: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in [
        ("package.json", &br#"{"name":"a","version":"1.0.0"}"#[..]),
        ("x.json", definition),
    ] {
        let name = format!("{folder}/{name}");
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, name, content)
            .expect("memory");
    }
    builder.into_inner().expect("memory")
}

fuzz_target!(|data: &[u8]| {
    let place = Path::new("a.tgz");
    let _ = Package::read(place, data);
    // What is unpacked is reached sooner.
    let _ = Package::read(place, &pack(data));
    let package = Package::read(place, &pack(&archive("package", data))).expect("a package");
    assert!(package.counts().iter().sum::<usize>() <= 1);
    // Elsewhere the definitions of a Bundle count too.
    let _ = Package::read(place, &pack(&archive("other", data)));
    let _ = Manifest::read(data);
    let _ = read_lock(data);
    if let Ok(text) = std::str::from_utf8(data)
        && let Some((requested, there)) = text.split_once(' ')
    {
        let there: Vec<&str> = there.split(' ').collect();
        let found = select_version(requested, there.iter().copied());
        assert!(found.is_none_or(|found| there.contains(&found)));
        for one in &there {
            assert!(compare_versions(requested, one) == compare_versions(one, requested).reverse());
        }
    }
});
