//! [`plain`]: the text of a file that may be compressed.

use flate2::read::MultiGzDecoder;
use std::io::{self, Cursor, Read};

const GZIP: &[u8] = b"\x1f\x8b";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// The text of a file: decompressed, if its first bytes are those of gzip or zstd.
///
/// # Errors
/// If it cannot be read.
pub fn plain<'r>(mut reader: impl Read + Send + 'r) -> io::Result<Box<dyn Read + Send + 'r>> {
    let mut head = Vec::new();
    reader.by_ref().take(4).read_to_end(&mut head)?;
    let is_gzip = head.starts_with(GZIP);
    // A frame for other decoders, with which parallel compressors begin (RFC 8878 section 3.1.2).
    let is_skippable = matches!(*head, [0x50..=0x5f, 0x2a, 0x4d, 0x18]);
    let is_zstd = head == ZSTD || is_skippable;
    let whole = Cursor::new(head).chain(reader);
    Ok(if is_gzip {
        Box::new(MultiGzDecoder::new(whole))
    } else if is_zstd {
        Box::new(zstd::stream::read::Decoder::new(whole)?)
    } else {
        Box::new(whole)
    })
}
