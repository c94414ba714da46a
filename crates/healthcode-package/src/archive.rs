//! Archives: gzipped tar files, unpacked in memory and nowhere else.

use flate2::bufread::GzDecoder;
use std::collections::HashMap;
use std::io::{self, Read};
use std::ops::Range;
use tar::{Archive as Tar, EntryType};

/// How large an archive may become when it is unpacked: 512 MiB.
pub const MAX_UNPACKED: u64 = 512 << 20;
/// How many entries an archive may have.
pub const MAX_ENTRIES: usize = 100_000;
/// How long the name of an entry may be.
const MAX_NAME: usize = 1024;

/// The files of an archive.
pub(crate) struct Archive {
    bytes: Vec<u8>,
    /// Where each file is, by its path with slashes.
    files: Vec<(String, Range<usize>)>,
}

/// Whether a text begins as gzip does.
pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

impl Archive {
    /// Unpacks a gzipped tar file.
    ///
    /// # Errors
    /// If it is not one, is cut off, is larger than the limits, or has an entry that is a link, a device or
    /// leads outside.
    pub(crate) fn read(packed: &[u8]) -> io::Result<Archive> {
        if !is_gzip(packed) {
            return Err(invalid("not a gzip archive: expected a .tgz file"));
        }
        let bytes = unpack(packed)?;
        let mut files: HashMap<String, (usize, Range<usize>)> = HashMap::new();
        let mut tar = Tar::new(bytes.as_slice());
        let mut count = 0;
        for entry in tar.entries().map_err(damaged)? {
            let entry = entry.map_err(damaged)?;
            count += 1;
            if count > MAX_ENTRIES {
                return Err(invalid(&format!("more than {MAX_ENTRIES} entries")));
            }
            let kind = entry.header().entry_type();
            if kind == EntryType::XGlobalHeader {
                continue;
            }
            let name = name_of(&entry.path_bytes())?;
            match kind {
                EntryType::Regular | EntryType::Continuous => {}
                EntryType::Directory => continue,
                EntryType::Link | EntryType::Symlink => return Err(refused(&name, "a link")),
                _ => return Err(refused(&name, "neither a file nor a folder")),
            }
            let range = usize::try_from(entry.raw_file_position()).ok();
            let range = range.zip(usize::try_from(entry.size()).ok());
            let range = range.and_then(|(start, size)| Some(start..start.checked_add(size)?));
            let Some(range) = range.filter(|range| range.end <= bytes.len()) else {
                return Err(invalid("the archive is cut off"));
            };
            // Of an entry that occurs twice the last one counts.
            files.insert(name, (count, range));
        }
        if count == 0 {
            return Err(invalid("not a tar archive, or an empty one"));
        }
        let mut files: Vec<_> = files.into_iter().collect();
        files.sort_by_key(|(_, (at, _))| *at);
        let files = files.into_iter().map(|(name, (_, range))| (name, range));
        Ok(Archive {
            files: files.collect(),
            bytes,
        })
    }

    /// The paths of the files, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|(name, _)| name.as_str())
    }

    /// The path of the file at this index of [`Archive::names`].
    pub(crate) fn name(&self, index: usize) -> Option<&str> {
        self.files.get(index).map(|(name, _)| name.as_str())
    }

    /// The contents of the file at this index of [`Archive::names`].
    pub(crate) fn content(&self, index: usize) -> &[u8] {
        let range = self.files.get(index).map(|(_, range)| range.clone());
        range
            .and_then(|range| self.bytes.get(range))
            .unwrap_or_default()
    }
}

/// What gzip has packed. A file may have several members, and zeros at its end.
fn unpack(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = packed;
    while is_gzip(rest) {
        let left = MAX_UNPACKED - bytes.len() as u64;
        let mut member = GzDecoder::new(rest);
        let read = member.by_ref().take(left + 1).read_to_end(&mut bytes);
        read.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => invalid("the archive is cut off"),
            _ => invalid(&format!("the archive is damaged: {error}")),
        })?;
        if bytes.len() as u64 > MAX_UNPACKED {
            let limit = MAX_UNPACKED >> 20;
            return Err(invalid(&format!("unpacked it is larger than {limit} MiB")));
        }
        rest = member.into_inner();
    }
    if rest.iter().all(|byte| *byte == 0) {
        Ok(bytes)
    } else {
        Err(invalid("the archive is damaged: something follows its end"))
    }
}

/// The path of an entry, with slashes between folders and without `.` at its beginning.
fn name_of(bytes: &[u8]) -> io::Result<String> {
    if bytes.len() > MAX_NAME {
        return Err(invalid("an entry has a name of more than 1024 bytes"));
    }
    let Ok(name) = std::str::from_utf8(bytes) else {
        return Err(invalid("the name of an entry is not UTF-8"));
    };
    // Tools on Windows have written backslashes.
    let name = name.replace('\\', "/");
    let is_drive = name.get(1..2) == Some(":");
    if name.starts_with('/') || is_drive || name.split('/').any(|step| step == "..") {
        return Err(refused(&name, "outside of the archive"));
    }
    if name.chars().any(char::is_control) {
        return Err(refused(&name, "named with control characters"));
    }
    let steps = name.split('/').filter(|step| !matches!(*step, "" | "."));
    Ok(steps.collect::<Vec<_>>().join("/"))
}

fn refused(name: &str, what: &str) -> io::Error {
    invalid(&format!("the entry {name} is {what}, which is not allowed"))
}

fn damaged(error: io::Error) -> io::Error {
    invalid(&format!("the archive is damaged: {error}"))
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}
