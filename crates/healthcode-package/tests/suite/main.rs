//! Packages as users, tools and attackers make them.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may panic, and says what it skips"
)]

mod archives;
mod definitions;
mod ips;
mod official;
mod packages;
mod published;
mod ukcore;

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use tar::{Builder, EntryType, Header};

/// A packed archive of entries: kind, name as it is written in the archive, content.
fn archive(entries: &[(EntryType, &str, &str)]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (kind, name, content) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        // Names as attackers write them, which `append_data` refuses.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        if matches!(kind, EntryType::Symlink | EntryType::Link) {
            header.set_size(0);
            header.set_link_name_literal("/etc/passwd").unwrap();
        }
        header.set_cksum();
        builder.append(&header, content.as_bytes()).unwrap();
    }
    pack(&builder.into_inner().unwrap())
}

fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const FILE: EntryType = EntryType::Regular;
const MANIFEST: (EntryType, &str, &str) = (
    FILE,
    "package/package.json",
    r#"{"name":"a.b","version":"1.0.0"}"#,
);

/// A definition with this URL.
fn definition(kind: &str, url: &str, more: &str) -> String {
    format!(r#"{{"resourceType":"{kind}","url":"{url}","status":"active"{more}}}"#)
}
