//! [`LineRange`]: the lines of a range of bytes.

use std::io::{self, Read};

/// Reads the lines of a range of bytes of a text. A range has the lines that begin in it: it starts after the first
/// newline, if it is not at the start of the text, and ends with the line that crosses its end. So each line is in
/// one of the ranges into which a text is divided, wherever these are cut.
///
/// ```
/// use healthcode_scan::LineRange;
/// use std::io::Read;
///
/// let text = b"one\ntwo\nthree\n";
/// let mut lines = String::new();
/// LineRange::new(&text[LineRange::first_byte(2) as usize..], 2, 5).read_to_string(&mut lines)?;
/// assert_eq!(lines, "two\n");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct LineRange<R> {
    reader: R,
    /// Where the reader is in the text.
    at: u64,
    end: u64,
    /// Whether the first newline is still to come.
    is_before: bool,
    is_done: bool,
}

impl<R: Read> LineRange<R> {
    /// The lines that begin at `start` or after it, and before `end`. The reader is at [`LineRange::first_byte`].
    pub fn new(reader: R, start: u64, end: u64) -> Self {
        LineRange {
            reader,
            at: LineRange::first_byte(start),
            end,
            is_before: start > 0,
            is_done: start >= end,
        }
    }
}

impl LineRange<()> {
    /// The first byte that has to be read for a range: the one before it, for a line may begin at its start.
    #[must_use]
    pub fn first_byte(start: u64) -> u64 {
        start.saturating_sub(1)
    }
}

impl<R: Read> Read for LineRange<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.is_done {
            let count = self.reader.read(buffer)?;
            let Some(part) = buffer.get(..count).filter(|part| !part.is_empty()) else {
                self.is_done = true;
                break;
            };
            let start = self.at;
            self.at += count as u64;
            let mut begin = 0;
            if self.is_before {
                let Some(newline) = memchr::memchr(b'\n', part) else {
                    // A line that goes through the whole range begins before it.
                    self.is_done = self.at >= self.end;
                    continue;
                };
                begin = newline + 1;
                self.is_before = false;
                if start + begin as u64 >= self.end {
                    self.is_done = true;
                    break;
                }
            }
            let mut stop = count;
            if self.at >= self.end {
                // The last line ends with the first newline from the last byte of the range on.
                let from = usize::try_from((self.end - 1).saturating_sub(start)).unwrap_or(count);
                let from = from.max(begin);
                let rest = part.get(from..).unwrap_or_default();
                if let Some(newline) = memchr::memchr(b'\n', rest) {
                    stop = from + newline + 1;
                    self.is_done = true;
                }
            }
            if begin < stop {
                buffer.copy_within(begin..stop, 0);
                return Ok(stop - begin);
            }
        }
        Ok(0)
    }
}

/// Counts the newlines of a text.
///
/// # Errors
/// If it cannot be read.
pub fn count_lines(mut reader: impl Read) -> io::Result<u64> {
    let mut buffer = vec![0; 256 * 1024];
    let mut lines = 0;
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            return Ok(lines);
        }
        let part = buffer.get(..count).unwrap_or_default();
        lines += memchr::memchr_iter(b'\n', part).count() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::LineRange;
    use std::io::Read;

    /// Reads at most this many bytes at a time.
    struct Slow<'t>(&'t [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(buffer.len());
            self.0.read(&mut buffer[..count])
        }
    }

    fn range(text: &[u8], start: usize, end: usize, chunk: usize) -> Vec<u8> {
        let first = LineRange::first_byte(start as u64) as usize;
        let mut lines = Vec::new();
        let reader = Slow(&text[first..], chunk);
        let mut range = LineRange::new(reader, start as u64, end as u64);
        range.read_to_end(&mut lines).unwrap();
        lines
    }

    #[test]
    fn ranges_of_all_sizes_have_each_line_once() {
        let texts: [&[u8]; 6] = [
            b"",
            b"\n",
            b"one",
            b"one\ntwo\nthree\n",
            b"\n\none\r\n\ntwo\n\n",
            b"a\nbb\nccc\ndddddddddddddddddddd\ne",
        ];
        for text in texts {
            for size in 1..=text.len() + 1 {
                for chunk in [1, 2, 3, 100] {
                    let mut whole = Vec::new();
                    let mut start = 0;
                    while start < text.len() {
                        let lines = range(text, start, (start + size).min(text.len()), chunk);
                        whole.extend(lines);
                        start += size;
                    }
                    assert_eq!(whole, text, "size {size}, chunk {chunk}");
                }
            }
        }
    }
}
