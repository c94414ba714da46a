//! The end of a JSON object or array, without looking at what it holds.

use super::structure;

/// Bytes in a block.
pub(crate) const WIDTH: usize = 64;

/// The quotes, backslashes, opening and closing brackets of a block: a bit for each byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Structure {
    pub(crate) quotes: u64,
    pub(crate) backslashes: u64,
    pub(crate) opening: u64,
    pub(crate) closing: u64,
}

/// A search for the closing bracket of an object or array, in text that may come in parts.
///
/// Kinds of brackets, commas and values are not checked.
#[derive(Clone, Copy, Debug)]
pub struct Brackets {
    /// How many brackets are open.
    depth: u64,
    /// All bits are set if the text so far ends in a string.
    in_string: u64,
    /// Whether its last byte escapes the next one.
    escapes: bool,
}

impl Default for Brackets {
    fn default() -> Self {
        Brackets::new()
    }
}

impl Brackets {
    /// Starts after an opening bracket.
    #[must_use]
    pub const fn new() -> Self {
        Brackets {
            depth: 1,
            in_string: 0,
            escapes: false,
        }
    }

    /// Continues at `at`, to the end of `bytes` at most. Returns the index after the closing bracket if `bytes`
    /// contains it.
    #[must_use]
    pub fn close(&mut self, bytes: &[u8], at: &mut usize) -> Option<usize> {
        #[cfg(target_arch = "x86_64")]
        if let Some(end) = super::avx2::close(self, bytes, at) {
            return end;
        }
        self.close_by(bytes, at, structure, between)
    }

    /// The same by these functions, for a block and for the bits between quotes.
    #[inline(always)]
    pub(crate) fn close_by(
        &mut self,
        bytes: &[u8],
        at: &mut usize,
        structure: impl Fn(&[u8; WIDTH]) -> Structure,
        between: impl Fn(u64) -> u64,
    ) -> Option<usize> {
        while let Some(rest) = bytes.get(*at..).filter(|rest| !rest.is_empty()) {
            let padded;
            let block = if let Some(block) = rest.first_chunk() {
                block
            } else {
                padded = pad(rest);
                &padded
            };
            let found = structure(block);
            let escaped = escaped(found.backslashes, &mut self.escapes);
            let strings = between(found.quotes & !escaped) ^ self.in_string;
            self.in_string = 0u64.wrapping_sub(strings >> (WIDTH - 1));
            let (opening, closing) = (found.opening & !strings, found.closing & !strings);
            let closed = u64::from(closing.count_ones());
            if closed < self.depth {
                self.depth = self.depth + u64::from(opening.count_ones()) - closed;
            } else if let Some(end) = end_in_block(opening, closing, &mut self.depth) {
                return Some(*at + end);
            }
            if rest.len() < WIDTH {
                self.escapes = escaped >> rest.len() & 1 != 0;
            }
            *at += rest.len().min(WIDTH);
        }
        None
    }
}

/// The index in the block after the bracket that brings `depth` to 0.
fn end_in_block(opening: u64, closing: u64, depth: &mut u64) -> Option<usize> {
    let mut left = opening | closing;
    while left != 0 {
        let bit = left & left.wrapping_neg();
        if opening & bit != 0 {
            *depth += 1;
        } else {
            *depth -= 1;
            if *depth == 0 {
                return Some(bit.trailing_zeros() as usize + 1);
            }
        }
        left ^= bit;
    }
    None
}

/// The end of a text as a block, with spaces after it.
#[cold]
fn pad(rest: &[u8]) -> [u8; WIDTH] {
    let mut block = [b' '; WIDTH];
    for (to, from) in block.iter_mut().zip(rest) {
        *to = *from;
    }
    block
}

/// The bytes that a backslash before them escapes. `escapes` is read and updated: whether an unescaped backslash
/// ends the block before this one.
#[inline(always)]
fn escaped(backslashes: u64, escapes: &mut bool) -> u64 {
    if backslashes == 0 {
        return u64::from(std::mem::take(escapes));
    }
    escaped_by(backslashes, escapes)
}

#[cold]
fn escaped_by(backslashes: u64, escapes: &mut bool) -> u64 {
    let mut escaped = u64::from(*escapes);
    let mut left = backslashes & !escaped;
    *escapes = false;
    while left != 0 {
        let bit = left & left.wrapping_neg();
        let next = bit << 1;
        *escapes = next == 0;
        escaped |= next;
        left &= !(bit | next);
    }
    escaped
}

/// The bits from each opening quote to before the closing one: each bit is the XOR of all bits up to it.
#[inline(always)]
fn between(mut quotes: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        quotes ^= quotes << shift;
    }
    quotes
}

#[cfg(test)]
mod tests {
    use super::super::word::structure as by_words;
    use super::*;

    /// The index after the closing bracket, or the length without one, byte by byte.
    fn slowly(bytes: &[u8], at: usize) -> usize {
        let (mut depth, mut string, mut escape) = (1, false, false);
        for (index, byte) in bytes.iter().enumerate().skip(at) {
            let escaped = std::mem::take(&mut escape);
            match byte {
                b'\\' => escape = !escaped,
                b'"' => string ^= !escaped,
                b'{' | b'[' if !string => depth += 1,
                b'}' | b']' if !string => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return index + 1;
            }
        }
        bytes.len()
    }

    #[test]
    fn finds_what_a_loop_finds() {
        // Knuth's linear congruential generator. Texts have few different characters, so that quotes, escapes and
        // brackets meet often.
        let mut state = 1u64;
        let mut next = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for round in 0..3_000 {
            let characters: &[u8] = match round % 3 {
                0 => b"{}[]\"\\ax",
                1 => b"{{{{[\"}]aaaaaaaaaaaaaaaa",
                _ => b"\"\\\\\\a]",
            };
            let length = next(300);
            let pick = |_| characters[next(characters.len() as u64) as usize];
            let text: Vec<u8> = (0..length).map(pick).collect();
            for at in [0, text.len() / 3, text.len(), text.len() + 1] {
                let expect = slowly(&text, at);
                let shown = String::from_utf8_lossy(&text);
                // With what this processor has, with what every one has, and with words.
                let ends = [
                    Brackets::new().close(&text, &mut at.clone()),
                    Brackets::new().close_by(&text, &mut at.clone(), structure, between),
                    Brackets::new().close_by(&text, &mut at.clone(), by_words, between),
                ];
                for end in ends {
                    assert_eq!(end.unwrap_or(text.len()), expect, "{at}: {shown}");
                }
                // The same in parts.
                let (mut brackets, mut place) = (Brackets::new(), at);
                let mut end = None;
                while end.is_none() && place < text.len() {
                    let part = &text[..(place + 1 + next(100) as usize).min(text.len())];
                    end = brackets.close(part, &mut place);
                }
                assert_eq!(end.unwrap_or(text.len()), expect, "{at}: {shown}");
            }
        }
    }

    #[test]
    fn blocks_of_all_kinds_are_alike() {
        for byte in 0..=255u8 {
            for place in 0..WIDTH {
                let mut block = [b'a'; WIDTH];
                block[place] = byte;
                let bit = |is: bool| u64::from(is) << place;
                let expect = Structure {
                    quotes: bit(byte == b'"'),
                    backslashes: bit(byte == b'\\'),
                    opening: bit(byte == b'{' || byte == b'['),
                    closing: bit(byte == b'}' || byte == b']'),
                };
                assert_eq!(structure(&block), expect, "{byte} at {place}");
                assert_eq!(by_words(&block), expect, "{byte}");
            }
        }
    }
}
