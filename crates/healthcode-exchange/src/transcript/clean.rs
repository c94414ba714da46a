//! A recording of a terminal without what the terminal only shows: colours, curl's meters, and
//! characters that were taken back.

use crate::capture::Place;
use healthcode_core::Position;
use regex::bytes::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Text, and where its parts are in what was recorded.
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
                0x1b => found(|patterns| &patterns.escape, rest, usize::MAX),
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
            // A meter may be anywhere; another one may follow it at once.
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

    /// The parts of a range of the text that are unchanged in the recording: their lengths, and
    /// where they are there.
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

    /// Where a place of the text is in the recording.
    pub(super) fn recorded(&self, at: usize) -> usize {
        let before = self.runs.partition_point(|run| run.0 <= at);
        let run = before.checked_sub(1).and_then(|index| self.runs.get(index));
        run.map_or(at, |(start, recorded)| recorded + (at - start))
    }
}

/// What a part of a recording looks like that only the terminal shows.
struct Patterns {
    /// An escape sequence: colours and the like; titles and links, up to a bell or a string terminator.
    escape: Regex,
    /// All columns of curl's meter but the last one.
    meter: Regex,
    /// The number of bytes or of seconds in a column.
    amount: Regex,
    /// The lines above curl's meter, from their first `%` on.
    table_head: Regex,
    below_head: Regex,
    /// A progress bar, with the percentage if it is known.
    bar: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    let amount = r"\d[\d.]*[kKMGTP]?";
    let time = r"(?:--:--:--|\d+:\d\d:\d\d|\d+d \d\dh|\d+d)";
    let pattern = |text: &str| Regex::new(&format!("(?-u)^(?:{text})")).ok();
    Some(Patterns {
        escape: pattern(concat!(
            r"\x1b(?:\[[\x20-\x3f]*[\x40-\x7e]",
            r"|[\]P_^][^\x07\x1b\n]*(?:\x07|\x1b\\)",
            r"|[()#%][\x00-\xff]",
            r"|[\x30-\x4f\x51-\x5a\x5c\x60-\x7e])"
        ))?,
        meter: pattern(&format!(
            r"\r? *(?:\d{{1,3}} +{amount} +){{3}}(?:{amount} +){{2}}(?:{time} +){{2}}{time}"
        ))?,
        amount: pattern(amount)?,
        table_head: pattern(r"% +Total +% +Received +% +Xferd(?: [^\n]*|[ \t\r\x0c]*)\n")?,
        below_head: pattern(r"[ \t\r\x0c]*Dload[^\n]*\n?")?,
        bar: pattern(&format!(r"\r?[#=O\- ]*#[#=O\- ]*({amount}%)?"))?,
    })
});

/// How long a line of curl's meter may be.
const METER: usize = 160;

/// The length of what a pattern finds at the beginning of a text, as far as this.
fn found(pattern: fn(&Patterns) -> &Regex, text: &[u8], most: usize) -> Option<usize> {
    let text = text.get(..most.min(text.len()))?;
    Some(pattern(PATTERNS.as_ref()?).find(text)?.end())
}

/// The length of a line of curl's meter, with the end of the line that follows it at once:
/// `100   224  100   224    0     0  46891      0 --:--:-- --:--:-- --:--:-- 56000`.
fn meter(text: &[u8]) -> Option<usize> {
    let text = text.get(..METER.min(text.len()))?;
    let last = found(|patterns| &patterns.meter, text, METER)?;
    let column = text.get(last..)?;
    let amount = |text: &[u8]| found(|patterns| &patterns.amount, text, METER);
    let spaces = column.iter().take_while(|byte| **byte == b' ').count();
    // The last column is as wide as it always is, or what follows belonged to it.
    let is_amount = |column: &&[u8]| {
        let word = column.trim_ascii_start();
        amount(word) == Some(word.len())
    };
    let end = match column.get(..6).filter(is_amount) {
        Some(_) => 6,
        None => spaces + amount(column.get(spaces..)?)?,
    };
    let end = (spaces > 0).then_some(last + end)?;
    Some(end + line_end(text.get(end..).unwrap_or_default()))
}

/// The length of the two lines above curl's meter, or of the first one.
fn table_head(text: &[u8]) -> Option<usize> {
    let end = found(|patterns| &patterns.table_head, text, METER)?;
    let below = found(|patterns| &patterns.below_head, text.get(end..)?, METER);
    Some(end + below.unwrap_or(0))
}

/// The length of a progress bar, with the end of the line that follows it at once: `\r####   45.1%`, or
/// what moves while the length is not known.
fn bar(text: &[u8]) -> Option<usize> {
    let text = text.get(..1000.min(text.len()))?;
    let bar = PATTERNS.as_ref()?.bar.captures(text)?;
    let end = bar.get(0)?.end();
    let after = text.get(end..).unwrap_or_default();
    let moves = text.starts_with(b"\r") && matches!(after.first(), None | Some(b'\r' | b'\n'));
    let ends = bar.get(1).is_some() || moves;
    ends.then_some(end + line_end(after))
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
    /// they are there unchanged.
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

    /// Adds bytes that are at this offset of the recording in another form.
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

    /// The places of the parts.
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
