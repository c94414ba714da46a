//! Writing photos under names that cannot do harm.

use healthcode_extensions::Photo;
use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// The most bytes of a file's name before its ending.
const MAX_STEM: usize = 80;

/// Names that mean devices on Windows, whatever their ending.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];

/// The folder that photos are written into.
pub(super) struct Photos<'a> {
    folder: Option<&'a Path>,
    written: HashSet<String>,
}

impl<'a> Photos<'a> {
    pub(super) fn new(folder: Option<&'a Path>) -> Self {
        Photos {
            folder,
            written: HashSet::new(),
        }
    }

    /// Writes a photo, if a folder is given; returns its path. A file that was there before is an
    /// error; photos of one name get numbers.
    pub(super) fn write(&mut self, photo: &Photo) -> io::Result<Option<String>> {
        let Some(folder) = self.folder else {
            return Ok(None);
        };
        fs::create_dir_all(folder)?;
        let stem = safe_stem(photo.title.as_deref().unwrap_or_default());
        let ending = photo.extension.unwrap_or("bin");
        let mut name = format!("{stem}.{ending}");
        let mut number = 1u32;
        while !self.written.insert(name.to_ascii_lowercase()) {
            number = number.saturating_add(1);
            name = format!("{stem}-{number}.{ending}");
        }
        let path = folder.join(&name);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(|error| match error.kind() {
                ErrorKind::AlreadyExists => {
                    let message = format!("{} exists", path.display());
                    io::Error::new(ErrorKind::AlreadyExists, message)
                }
                _ => error,
            })?;
        file.write_all(&photo.bytes)?;
        Ok(Some(path.display().to_string()))
    }
}

/// A title without its ending, as a file's name: letters, digits, `-` and `_` only.
fn safe_stem(title: &str) -> String {
    let name = title.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let safe = |c: char| match c {
        '-' | '_' => c,
        c if c.is_alphanumeric() => c,
        _ => '_',
    };
    let mut stem: String = name.chars().map(safe).collect();
    while stem.len() > MAX_STEM {
        stem.pop();
    }
    let stem = stem.trim_matches('_');
    let lower = stem.to_ascii_lowercase();
    let numbered = |device: &str| {
        let rest = lower.strip_prefix(device);
        rest.is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    if stem.is_empty() {
        return "photo".to_owned();
    }
    if stem.starts_with('-') || DEVICES.contains(&&*lower) || numbered("com") || numbered("lpt") {
        return format!("photo_{stem}");
    }
    stem.to_owned()
}

#[cfg(test)]
mod tests {
    use super::safe_stem;

    #[test]
    fn stems() {
        for (title, expect) in [
            ("Warren_Clinton.jpg", "Warren_Clinton"),
            ("Warren Clinton", "Warren_Clinton"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\x.y.png", "x_y"),
            ("..", "photo"),
            (".", "photo"),
            ("", "photo"),
            ("/", "photo"),
            ("a\0b\n\u{1b}[c.gif", "a_b___c"),
            ("-rf.png", "photo_-rf"),
            ("CON.png", "photo_CON"),
            ("lpt1", "photo_lpt1"),
            ("comma", "comma"),
            ("Zo\u{eb}.jpg", "Zo\u{eb}"),
            ("\u{202e}gpj.exe", "gpj"),
        ] {
            assert_eq!(safe_stem(title), expect, "{title:?}");
        }
        assert!(safe_stem(&"\u{e9}".repeat(500)).len() <= 80);
    }
}
