//! Documents in one file, each ended by the record separator, which no JSON text holds.

use std::fs;
use std::io;
use std::path::Path;

const SEPARATOR: char = '\u{1e}';

/// Writes documents to a file.
///
/// # Errors
/// If the file cannot be written.
pub fn pack(documents: &[&str], file: &Path) -> io::Result<()> {
    let mut text = String::with_capacity(documents.iter().map(|text| text.len() + 1).sum());
    for document in documents {
        text.push_str(document);
        text.push(SEPARATOR);
    }
    fs::write(file, text)
}

/// The text of a file that [`pack`] has written, for [`unpacked`].
///
/// # Errors
/// If the file cannot be read.
pub fn load(file: &Path) -> io::Result<String> {
    fs::read_to_string(file)
}

/// The documents in a text that [`load`] has given.
pub fn unpacked(text: &str) -> Vec<&str> {
    text.split_terminator(SEPARATOR).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_back_from_a_file() {
        let file = std::env::temp_dir().join(format!("documents-{}", std::process::id()));
        for documents in [&["{}", "", "{\"a\":\n1}"][..], &[], &["[]"]] {
            pack(documents, &file).unwrap();
            assert_eq!(unpacked(&load(&file).unwrap()), documents);
        }
        fs::remove_file(file).unwrap();
    }
}
