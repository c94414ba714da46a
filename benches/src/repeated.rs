//! A Bundle of any size, made while it is read, so that it never has to be held.

use crate::generate;
use std::io::{self, Cursor, Read};

/// How much text is made before it repeats: more than a branch predictor remembers.
const UNIT: usize = 4_000_000;

const HEAD: &str = r#"{"resourceType":"Bundle","type":"transaction","entry":["#;
const TAIL: &str = "]}";

/// A transaction Bundle of Synthea's shape, and how many bytes it has: `bytes` or a little more for
/// sizes up to a unit, and above it a whole number of units.
pub(crate) fn bundle(bytes: usize) -> (impl Read, usize) {
    let text = generate::transaction(bytes.min(UNIT));
    let entries = text
        .strip_prefix(HEAD)
        .and_then(|text| text.strip_suffix(TAIL));
    let unit = format!(",{}", entries.unwrap_or_default()).into_bytes();
    let units = Units {
        left: bytes.div_ceil(unit.len()).max(1),
        // The first has no comma before it.
        at: 1,
        unit,
    };
    let length = HEAD.len() + units.left * units.unit.len() - 1 + TAIL.len();
    (
        Cursor::new(HEAD).chain(units).chain(Cursor::new(TAIL)),
        length,
    )
}

struct Units {
    unit: Vec<u8>,
    at: usize,
    left: usize,
}

impl Read for Units {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Ok(0);
        }
        let rest = &self.unit[self.at..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.at += length;
        if self.at == self.unit.len() {
            self.at = 0;
            self.left -= 1;
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundles_have_the_wanted_size() {
        let mut texts = Vec::new();
        for bytes in [1, 20_000, 9_000_000] {
            let (mut reader, length) = bundle(bytes);
            let mut text = String::new();
            reader.read_to_string(&mut text).unwrap();
            assert_eq!(text.len(), length);
            assert!(length >= bytes && length <= bytes + UNIT + 20_000);
            texts.push(text);
        }
        for text in texts {
            let read = healthcode_json::from_str::<healthcode_r4::Bundle>(&text).unwrap();
            assert_eq!(read.issues, []);
            assert!(!read.value.entry.is_empty());
        }
    }
}
