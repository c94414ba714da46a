//! Decompressing gzip and zstd: of several members or frames, with what may be between them.

use flate2::bufread::GzDecoder;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};
use std::io::{self, BufRead, ErrorKind, Read};

/// How much is read at a time.
const CHUNK: usize = 32 * 1024;

/// How many bytes show what an input is compressed with.
pub(super) const MAGIC: usize = 4;

const GZIP: &[u8] = b"\x1f\x8b";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// Decompresses an input if its first bytes say that it is compressed; else returns it as it is.
pub(super) fn open(start: &[u8], reader: Box<dyn Read>) -> Result<Box<dyn Read>, Box<dyn Read>> {
    if start.starts_with(GZIP) {
        Ok(Box::new(Members::<Gzip>::new(reader)))
    } else if start == ZSTD || is_skippable(start) {
        Ok(Box::new(Members::<Zstd>::new(reader)))
    } else {
        Err(reader)
    }
}

/// Whether a zstd frame that only decoders of another kind look into starts so; what `pzstd` writes
/// begins with one (RFC 8878 section 3.1.2).
fn is_skippable(start: &[u8]) -> bool {
    matches!(start, [0x50..=0x5f, 0x2a, 0x4d, 0x18])
}

fn garbage() -> io::Error {
    let message = "there is something else after the compressed data";
    io::Error::new(ErrorKind::InvalidData, message)
}

/// A format whose files are members, one after the other.
trait Format {
    /// What decompresses one member.
    type Member: Read;

    /// Passes over what may be before a member; whether there is one.
    fn next(raw: &mut Raw) -> io::Result<bool>;

    fn begin(raw: Raw) -> io::Result<Self::Member>;

    fn end(member: Self::Member) -> Raw;
}

struct Gzip;

impl Format for Gzip {
    type Member = GzDecoder<Raw>;

    fn next(raw: &mut Raw) -> io::Result<bool> {
        if raw.look(GZIP.len())?.starts_with(GZIP) {
            return Ok(true);
        }
        // Tapes and disks pad files with zeros, which gzip passes over too.
        loop {
            let part = raw.fill_buf()?;
            if part.is_empty() {
                return Ok(false);
            }
            if part.iter().any(|byte| *byte != 0) {
                return Err(garbage());
            }
            let length = part.len();
            raw.consume(length);
        }
    }

    fn begin(raw: Raw) -> io::Result<Self::Member> {
        Ok(GzDecoder::new(raw))
    }

    fn end(member: Self::Member) -> Raw {
        member.into_inner()
    }
}

struct Zstd;

impl Format for Zstd {
    type Member = Box<StreamingDecoder<Raw, FrameDecoder>>;

    fn next(raw: &mut Raw) -> io::Result<bool> {
        while is_skippable(raw.look(MAGIC)?) {
            let head = raw.look(MAGIC + 4)?;
            let Some(Ok(size)) = head.get(MAGIC..).map(<[u8; 4]>::try_from) else {
                return Err(ErrorKind::UnexpectedEof.into());
            };
            let size = MAGIC as u64 + 4 + u64::from(u32::from_le_bytes(size));
            if io::copy(&mut raw.by_ref().take(size), &mut io::sink())? < size {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        match raw.look(MAGIC)? {
            [] => Ok(false),
            start if start == ZSTD => Ok(true),
            _ => Err(garbage()),
        }
    }

    fn begin(raw: Raw) -> io::Result<Self::Member> {
        let decoder = StreamingDecoder::new(raw);
        let invalid = |error| io::Error::new(ErrorKind::InvalidData, format!("{error}"));
        decoder.map(Box::new).map_err(invalid)
    }

    fn end(member: Self::Member) -> Raw {
        member.into_inner()
    }
}

/// Decompresses member after member.
struct Members<F: Format> {
    state: State<F>,
}

enum State<F: Format> {
    Between(Raw),
    Inside(F::Member),
    Done,
}

impl<F: Format> Members<F> {
    fn new(reader: Box<dyn Read>) -> Self {
        let raw = Raw {
            reader,
            buffer: Vec::new(),
            at: 0,
        };
        Members {
            state: State::Between(raw),
        }
    }
}

impl<F: Format> Read for Members<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Ok(0),
                State::Between(mut raw) => {
                    if !F::next(&mut raw)? {
                        return Ok(0);
                    }
                    self.state = State::Inside(F::begin(raw)?);
                }
                State::Inside(mut member) => {
                    let count = member.read(buffer)?;
                    if count > 0 || buffer.is_empty() {
                        self.state = State::Inside(member);
                        return Ok(count);
                    }
                    self.state = State::Between(F::end(member));
                }
            }
        }
    }
}

/// A reader whose next bytes can be looked at.
struct Raw {
    reader: Box<dyn Read>,
    buffer: Vec<u8>,
    at: usize,
}

impl Raw {
    /// The next bytes, fewer at the end.
    fn look(&mut self, count: usize) -> io::Result<&[u8]> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let missing = count.saturating_sub(self.buffer.len()) as u64;
        let reader = &mut self.reader;
        reader.take(missing).read_to_end(&mut self.buffer)?;
        Ok(self.buffer.get(..count).unwrap_or(&self.buffer))
    }
}

impl BufRead for Raw {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.buffer.len() {
            self.buffer.resize(CHUNK, 0);
            self.at = 0;
            let read = self.reader.read(&mut self.buffer);
            self.buffer.truncate(*read.as_ref().unwrap_or(&0));
            read?;
        }
        Ok(self.buffer.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}
