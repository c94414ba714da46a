//! Archives: tricks that are refused, damage, limits, and what different tools write.

use super::{FILE, MANIFEST, archive, definition, pack};
use healthcode_package::{MAX_ENTRIES, Package};
use std::path::Path;
use tar::EntryType;

fn read(packed: &[u8]) -> Result<Package, String> {
    Package::read(Path::new("x.tgz"), packed).map_err(|error| error.to_string())
}

#[test]
fn tricks_are_refused() {
    let with = |kind, name| archive(&[MANIFEST, (kind, name, "")]);
    let long = "a/".repeat(40);
    let cases: &[(&str, Vec<u8>, &str)] = &[
        (
            "up",
            with(FILE, "package/../../x.json"),
            "is outside of the archive",
        ),
        (
            "up with backslashes",
            with(FILE, "package\\..\\..\\x"),
            "is outside of the archive",
        ),
        (
            "absolute",
            with(FILE, "/etc/x"),
            "is outside of the archive",
        ),
        ("drive", with(FILE, "C:\\x"), "is outside of the archive"),
        (
            "folder",
            with(EntryType::Directory, "../x"),
            "is outside of the archive",
        ),
        (
            "symbolic link",
            with(EntryType::Symlink, "package/x"),
            "is a link",
        ),
        ("hard link", with(EntryType::Link, "package/x"), "is a link"),
        (
            "device",
            with(EntryType::Char, "package/x"),
            "neither a file nor a folder",
        ),
        (
            "pipe",
            with(EntryType::Fifo, "package/x"),
            "neither a file nor a folder",
        ),
        ("sparse", with(EntryType::GNUSparse, "package/x"), "damaged"),
        (
            "control",
            with(FILE, "package/\u{1b}[2J"),
            "control characters",
        ),
        ("empty", pack(&[0; 1024]), "not a tar archive"),
        ("no tar", pack(b"no tar at all"), "damaged"),
        ("page", b"<html>404</html>".to_vec(), "not a gzip archive"),
        ("nothing", Vec::new(), "not a gzip archive"),
        (
            "no manifest",
            archive(&[(FILE, &long[..60], "")]),
            "missing package/package.json",
        ),
        (
            "manifest",
            archive(&[(FILE, "package/package.json", "[]")]),
            "invalid package.json: expected a JSON object",
        ),
    ];
    for (name, packed, expect) in cases {
        let error = read(packed).err().unwrap_or_default();
        assert!(error.contains(expect), "{name}: {error:?}");
    }
}

#[test]
fn whatever_is_cut_off_or_damaged_is_refused() {
    let whole = archive(&[MANIFEST, (FILE, "package/x.json", &"x".repeat(3000))]);
    assert!(read(&whole).is_ok());
    for end in 0..whole.len() {
        assert!(read(&whole[..end]).is_err(), "{end} of {}", whole.len());
    }
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        let _ = read(&damaged);
    }
    let mut more = whole.clone();
    more.extend([0; 512]);
    assert!(read(&more).is_ok(), "zeros of a tape");
    more.push(1);
    assert!(
        read(&more)
            .unwrap_err()
            .contains("something follows its end")
    );
}

#[test]
fn sizes_that_are_claimed_are_not_believed() {
    let mut header = tar::Header::new_gnu();
    header.set_path("package/x.json").unwrap();
    header.set_size(1 << 42);
    header.set_cksum();
    let packed = pack(header.as_bytes());
    assert!(read(&packed).is_err());
}

#[test]
fn bombs() {
    let zeros = vec![0_u8; 16 << 20];
    let mut packed = Vec::new();
    // Members of gzip one after another: 1 GiB of zeros.
    let member = pack(&zeros);
    for _ in 0..64 {
        packed.extend_from_slice(&member);
    }
    assert!(read(&packed).unwrap_err().contains("larger than 512 MiB"));
    let many = vec![(FILE, "x", ""); MAX_ENTRIES + 1];
    assert!(read(&archive(&many)).unwrap_err().contains("entries"));
}

#[test]
fn archives_as_tools_write_them() {
    let set = definition("ValueSet", "http://a.b/v", "");
    let old = definition("CodeSystem", "http://a.b/old", "");
    for (name, entries) in [
        ("as npm", vec![MANIFEST, (FILE, "package/v.json", &*set)]),
        (
            "dots",
            vec![
                (FILE, "./package/package.json", MANIFEST.2),
                (FILE, "./package/v.json", &set),
            ],
        ),
        (
            "backslashes",
            vec![
                (FILE, "package\\package.json", MANIFEST.2),
                (FILE, "package\\v.json", &set),
            ],
        ),
        (
            "manifest last",
            vec![(FILE, "package/v.json", &*set), MANIFEST],
        ),
        (
            "another folder",
            vec![
                (FILE, "a-1.0/package.json", MANIFEST.2),
                (FILE, "a-1.0/sets/v.json", &set),
            ],
        ),
        (
            "the last one counts",
            vec![
                MANIFEST,
                (FILE, "package/v.json", &*old),
                (FILE, "package/v.json", &*set),
            ],
        ),
        (
            "what is aside",
            vec![
                MANIFEST,
                (FILE, "package/example/v.json", &*old),
                (FILE, "package/other/v.json", &*old),
                (FILE, "package/._v.json", "\0"),
                (FILE, "package/.index.json", "{"),
                (FILE, "package/README.md", "#"),
                (FILE, "package/v.json", &*set),
            ],
        ),
    ] {
        let package = read(&archive(&entries)).unwrap();
        assert_eq!(package.label(), "a.b#1.0.0", "{name}");
        assert_eq!(package.counts(), [0, 1, 0], "{name}");
    }
}
