//! A recording of a terminal without what the terminal only shows: colours, curl's meters, and
//! characters that were taken back.

use crate::capture::Place;
use healthcode_core::Position;
use std::ops::Range;

/// Text, and where its parts stand in what was recorded.
pub(super) struct Clean {
    pub(super) text: Vec<u8>,
    /// Offsets in `text` and in the recording from which on both are the same; sorted.
    runs: Vec<(usize, usize)>,
}

impl Clean {
    /// Cleans a recording.
    pub(super) fn of(recorded: &[u8]) -> Self {
        let mut clean = Clean {
            text: Vec::with_capacity(recorded.len()),
            runs: Vec::new(),
        };
        let (mut from, mut at) = (0, 0);
        let mut line_start = true;
        while let Some(byte) = recorded.get(at) {
            let rest = recorded.get(at..).unwrap_or_default();
            let cut = match byte {
                0x1b => escape_sequence(rest),
                0x08 => Some(1),
                b'\r' => meter(rest).or_else(|| bar(rest)),
                b' ' | b'0'..=b'9' if line_start => meter(rest),
                b'#' if line_start => bar(rest),
                b'%' => table_head(rest),
                _ => None,
            };
            let Some(length) = cut else {
                line_start = *byte == b'\n';
                at += 1;
                continue;
            };
            clean.keep(recorded, from..at);
            match byte {
                0x08 => clean.take_back(),
                b'%' => clean.trim_line(),
                _ => {}
            }
            at += length;
            from = at;
            // A meter may stand anywhere; another one may follow it at once.
            line_start = clean.text.last().is_none_or(|byte| *byte == b'\n');
        }
        clean.keep(recorded, from..recorded.len());
        clean
    }

    fn keep(&mut self, recorded: &[u8], range: Range<usize>) {
        let start = range.start;
        if let Some(part) = recorded.get(range).filter(|part| !part.is_empty()) {
            self.runs.push((self.text.len(), start));
            self.text.extend_from_slice(part);
        }
    }

    /// Takes the last character of the line back.
    fn take_back(&mut self) {
        let continues = |byte: &u8| byte & 0xc0 == 0x80;
        while self.text.last().is_some_and(continues) {
            self.text.pop();
        }
        if self.text.last().is_some_and(|byte| *byte != b'\n') {
            self.text.pop();
        }
        self.forget();
    }

    /// Takes spaces at the end of the line back.
    fn trim_line(&mut self) {
        while self.text.last() == Some(&b' ') {
            self.text.pop();
        }
        self.forget();
    }

    fn forget(&mut self) {
        let length = self.text.len();
        while self
            .runs
            .last()
            .is_some_and(|run| run.0 >= length && run.0 > 0)
        {
            self.runs.pop();
        }
    }

    /// The parts of a range of the text that stand as they are in the recording: their lengths, and
    /// where they stand there.
    pub(super) fn parts(&self, range: Range<usize>) -> impl Iterator<Item = (usize, usize)> {
        let first = self.runs.partition_point(|run| run.0 <= range.start);
        let runs = self.runs.iter().enumerate().skip(first.saturating_sub(1));
        let runs = runs.take_while(move |(_, run)| run.0 < range.end);
        runs.map(move |(index, (start, recorded))| {
            let end = self.runs.get(index + 1).map_or(range.end, |next| next.0);
            let from = range.start.max(*start);
            let length = end.min(range.end).saturating_sub(from);
            (length, recorded + (from - start))
        })
    }

    /// Where a place of the text stands in the recording.
    pub(super) fn recorded(&self, at: usize) -> usize {
        let before = self.runs.partition_point(|run| run.0 <= at);
        let run = before.checked_sub(1).and_then(|index| self.runs.get(index));
        run.map_or(at, |(start, recorded)| recorded + (at - start))
    }
}

/// The length of an escape sequence of terminals.
fn escape_sequence(text: &[u8]) -> Option<usize> {
    let second = *text.get(1)?;
    let rest = text.get(2..).unwrap_or_default();
    match second {
        b'[' => {
            let end = rest.iter().position(|byte| !(0x20..=0x3f).contains(byte))?;
            let ends = (0x40..=0x7e).contains(rest.get(end)?);
            ends.then_some(end + 3)
        }
        // Titles and links, up to a bell or a string terminator.
        b']' | b'P' | b'_' | b'^' => {
            let end = rest
                .iter()
                .position(|byte| matches!(byte, 0x07 | 0x1b | b'\n'))?;
            match rest.get(end)? {
                0x07 => Some(end + 3),
                0x1b if rest.get(end + 1) == Some(&b'\\') => Some(end + 4),
                _ => None,
            }
        }
        b'(' | b')' | b'#' | b'%' => Some(3).filter(|_| !rest.is_empty()),
        0x30..=0x7e => Some(2),
        _ => None,
    }
}

/// How many columns curl's meter has.
const COLUMNS: usize = 12;
/// How long it may be.
const METER: usize = 160;

/// The length of a line of curl's meter, with the end of the line that follows it at once:
/// `100   224  100   224    0     0  46891      0 --:--:-- --:--:-- --:--:-- 56000`.
fn meter(text: &[u8]) -> Option<usize> {
    let text = text.get(..METER.min(text.len())).unwrap_or(text);
    let start = usize::from(text.first() == Some(&b'\r'));
    let mut at = start;
    for column in 0..COLUMNS {
        let spaces = text.get(at..)?.iter().position(|byte| *byte != b' ')?;
        if spaces == 0 && column > 0 {
            return None;
        }
        let from = at;
        at += spaces;
        let word = text.get(at..)?;
        at += match column {
            0 | 2 | 4 => Some(digits(word)).filter(|count| (1..=3).contains(count))?,
            8..=10 => time(word)?,
            // The last column is as wide as it always is, or what follows belonged to it.
            11 => {
                let wide = text.get(from..from + 6).filter(|column| is_amount(column));
                match wide {
                    Some(_) => 6 - spaces,
                    None => amount(word)?,
                }
            }
            _ => amount(word)?,
        };
    }
    Some(at + line_end(text.get(at..).unwrap_or_default()))
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// The length of `123`, `12.5M` or `46891`.
fn amount(text: &[u8]) -> Option<usize> {
    let plain = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
    let count = text.iter().take_while(plain).count();
    let unit = matches!(
        text.get(count),
        Some(b'k' | b'K' | b'M' | b'G' | b'T' | b'P')
    );
    (count > 0 && digits(text) > 0).then_some(count + usize::from(unit))
}

/// Whether it is a column with an amount at its right end.
fn is_amount(column: &[u8]) -> bool {
    let word = column.trim_ascii_start();
    column.first() == Some(&b' ') && amount(word) == Some(word.len())
}

/// The length of `--:--:--`, `0:00:05`, `12:34:56`, `2d 04h` or `120d`.
fn time(text: &[u8]) -> Option<usize> {
    if text.starts_with(b"--:--:--") {
        return Some(8);
    }
    let hours = Some(digits(text)).filter(|count| *count > 0)?;
    let rest = text.get(hours..)?;
    match rest {
        [b':', a, b, b':', c, d, ..] if [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()) => {
            Some(hours + 6)
        }
        [b'd', b' ', a, b, b'h', ..] if a.is_ascii_digit() && b.is_ascii_digit() => Some(hours + 5),
        [b'd', ..] => Some(hours + 1),
        _ => None,
    }
}

/// The length of the two lines above curl's meter, from their first `%` on.
fn table_head(text: &[u8]) -> Option<usize> {
    let line = text.get(..METER.min(text.len())).unwrap_or(text);
    let end = line.iter().position(|byte| *byte == b'\n')?;
    let line = line.get(..end)?.trim_ascii_end();
    let words: Vec<_> = line
        .split(|byte| *byte == b' ')
        .filter(|word| !word.is_empty())
        .collect();
    let begins: [&[u8]; 6] = [b"%", b"Total", b"%", b"Received", b"%", b"Xferd"];
    if !words.starts_with(&begins) {
        return None;
    }
    let next = text.get(end + 1..).unwrap_or_default();
    let below = next.get(..METER.min(next.len())).unwrap_or(next);
    let below_end = below
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(below.len(), |end| end + 1);
    let is_below = below.trim_ascii_start().starts_with(b"Dload");
    Some(end + 1 + if is_below { below_end } else { 0 })
}

/// The length of a progress bar, with the end of the line that follows it at once: `\r####   45.1%`, or
/// what moves while the length is not known.
fn bar(text: &[u8]) -> Option<usize> {
    const WIDEST: usize = 1000;
    let start = usize::from(text.first() == Some(&b'\r'));
    let line = text.get(start..WIDEST.min(text.len()))?;
    let marks = line
        .iter()
        .take_while(|byte| matches!(byte, b'#' | b'=' | b'O' | b'-' | b' '));
    let (head, rest) = line.split_at_checked(marks.count())?;
    if !head.contains(&b'#') {
        return None;
    }
    let length = match amount(rest) {
        Some(count) if rest.get(count) == Some(&b'%') => head.len() + count + 1,
        None if start == 1 && matches!(rest.first(), None | Some(b'\r' | b'\n')) => head.len(),
        _ => return None,
    };
    let after = line.get(length..).unwrap_or_default();
    Some(start + length + line_end(after))
}

/// The length of a line's end, if one comes next.
fn line_end(text: &[u8]) -> usize {
    match text {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        _ => 0,
    }
}

/// Turns offsets into positions, from the first on.
pub(super) struct Positions<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
    column: u64,
}

impl<'t> Positions<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Positions {
            text,
            at: 0,
            line: 1,
            column: 1,
        }
    }

    /// The position of an offset; offsets that do not grow are counted from the beginning again.
    pub(super) fn at(&mut self, offset: usize) -> Position {
        if offset < self.at {
            *self = Positions::new(self.text);
        }
        for byte in self.text.get(self.at..offset).unwrap_or_default() {
            count(*byte, &mut self.line, &mut self.column);
        }
        self.at = offset;
        Position::new(offset as u64, self.line, self.column)
    }
}

fn count(byte: u8, line: &mut u64, column: &mut u64) {
    match byte {
        b'\n' => (*line, *column) = (*line + 1, 1),
        byte if byte & 0xc0 == 0x80 => {}
        _ => *column += 1,
    }
}

/// A body that is put together from parts of the text.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) bytes: Vec<u8>,
    /// Where in `bytes` parts begin, the offset of the recording that they are from, and whether
    /// they stand there as they are.
    parts: Vec<(usize, usize, bool)>,
}

impl Parts {
    /// Adds a range of the text.
    pub(super) fn add(&mut self, clean: &Clean, range: Range<usize>) {
        let Some(text) = clean.text.get(range.clone()) else {
            return;
        };
        let mut at = self.bytes.len();
        for (length, recorded) in clean.parts(range) {
            // What goes on where the last part ended is one with it.
            let joins = self.parts.last().is_some_and(|(start, from, verbatim)| {
                *verbatim && from + (at - start) == recorded
            });
            if !joins {
                self.parts.push((at, recorded, true));
            }
            at += length;
        }
        self.bytes.extend_from_slice(text);
    }

    /// Adds bytes that stand at this offset of the recording in another form.
    pub(super) fn add_made(&mut self, bytes: &[u8], recorded: usize) {
        self.parts.push((self.bytes.len(), recorded, false));
        self.bytes.extend_from_slice(bytes);
    }

    /// Only these ranges of it, in their order.
    pub(super) fn only(&self, ranges: &[Range<usize>]) -> Self {
        let mut kept = Parts::default();
        for range in ranges {
            let Some(bytes) = self.bytes.get(range.clone()) else {
                continue;
            };
            let before = self.parts.partition_point(|part| part.0 <= range.start);
            let parts = self.parts.iter().skip(before.saturating_sub(1));
            for (start, recorded, verbatim) in parts.take_while(|part| part.0 < range.end) {
                let from = range.start.max(*start);
                let at = kept.bytes.len() + (from - range.start);
                let moved = if *verbatim { from - start } else { 0 };
                kept.parts.push((at, recorded + moved, *verbatim));
            }
            kept.bytes.extend_from_slice(bytes);
        }
        kept
    }

    /// Whether it was put together from a trace.
    pub(super) fn is_made(&self) -> bool {
        self.parts.first().is_some_and(|part| !part.2)
    }

    /// Where the parts stand.
    pub(super) fn places(&self, positions: &mut Positions<'_>) -> Vec<Place> {
        let (mut line, mut column, mut passed) = (1, 1, 0);
        let places = self.parts.iter().map(|(start, recorded, verbatim)| {
            for byte in self.bytes.get(passed..*start).unwrap_or_default() {
                count(*byte, &mut line, &mut column);
            }
            passed = *start;
            Place {
                body: Position::new(*start as u64, line, column),
                capture: positions.at(*recorded),
                verbatim: *verbatim,
            }
        });
        places.collect()
    }
}
