//! Blocks of 8 bytes at once, in a machine word: for short text, and for targets without a module
//! of their own.

#![cfg_attr(
    all(target_arch = "x86_64", target_feature = "sse2"),
    allow(dead_code, reason = "SSE2's blocks are wider")
)]

use super::brackets::{self, Structure};

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Bytes in a block.
pub(crate) const WIDTH: usize = 8;

/// How many bytes go before the first `"`, `\` or control character; [`WIDTH`] if there is no such byte.
#[inline(always)]
pub(crate) fn before_special(block: &[u8; WIDTH]) -> usize {
    (special(*block).trailing_zeros() / 8) as usize
}

/// Whether there is a `"`, `\` or control character.
#[inline(always)]
pub(crate) fn any_special(block: [u8; WIDTH]) -> bool {
    special(block) != 0
}

/// Whether a byte is smaller than `limit`, which is at most 128.
#[inline]
pub(crate) fn any_below(bytes: &[u8], limit: u8) -> bool {
    let of_block = |word: u64| word.wrapping_sub(ONES * u64::from(limit)) & !word;
    any(bytes, of_block, |byte| byte < limit)
}

/// Whether a byte is white space, a control character or no ASCII.
#[inline]
#[must_use]
pub fn any_unseen(bytes: &[u8]) -> bool {
    // The sum has the high bit of what is 0x7f, or has it already; carries come of such bytes alone.
    let of_block = |word: u64| {
        let below = word.wrapping_sub(ONES * u64::from(b'!')) & !word;
        below | word | word.wrapping_add(ONES)
    };
    any(bytes, of_block, |byte| !(b'!'..=b'~').contains(&byte))
}

/// Whether a block, by its high bits, or a byte has something.
#[inline(always)]
fn any(bytes: &[u8], of_block: impl Fn(u64) -> u64, of_byte: impl Fn(u8) -> bool) -> bool {
    let (blocks, rest) = bytes.as_chunks::<WIDTH>();
    let found = blocks.iter().fold(0, |found, block| {
        found | of_block(u64::from_le_bytes(*block))
    });
    // The last block again, with what is left; text shorter than a block is looked at byte by byte.
    let (last, rest) = match bytes.last_chunk::<WIDTH>() {
        Some(block) => (of_block(u64::from_le_bytes(*block)), &[][..]),
        None => (0, rest),
    };
    (found | last) & HIGH != 0 || rest.iter().any(|byte| of_byte(*byte))
}

/// The high bits of the bytes that are special; only the first is sure to be marked rightly, for
/// a byte that borrows can mark its neighbour.
#[inline(always)]
fn special(block: [u8; WIDTH]) -> u64 {
    let word = u64::from_le_bytes(block);
    let quote = word ^ (ONES * u64::from(b'"'));
    let quote = quote.wrapping_sub(ONES) & !quote;
    let escape = word ^ (ONES * u64::from(b'\\'));
    let escape = escape.wrapping_sub(ONES) & !escape;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (quote | escape | control) & HIGH
}

/// How many bytes go before the first `"`, `\` or control character of two blocks; their length if
/// there is no such byte.
#[inline(always)]
pub(crate) fn before_special_of_two([first, second]: [&[u8; WIDTH]; 2]) -> usize {
    match before_special(first) {
        WIDTH => WIDTH + before_special(second),
        before => before,
    }
}

/// How many bytes go before the first of two blocks that is no JSON white space; their length if
/// there is no such byte.
#[inline(always)]
pub(crate) fn before_not_space_of_two([first, second]: [&[u8; WIDTH]; 2]) -> usize {
    match before_not_space(first) {
        WIDTH => WIDTH + before_not_space(second),
        before => before,
    }
}

/// The quotes, backslashes and brackets of a block.
pub(crate) fn structure(block: &[u8; brackets::WIDTH]) -> Structure {
    let mut found = Structure::default();
    let (words, _) = block.as_chunks::<WIDTH>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // Brackets and braces differ in this bit, and no other byte becomes one with it.
        let brackets = word | (ONES * 0x20);
        let shift = index * WIDTH;
        found.quotes |= equal(word, b'"') << shift;
        found.backslashes |= equal(word, b'\\') << shift;
        found.opening |= equal(brackets, b'{') << shift;
        found.closing |= equal(brackets, b'}') << shift;
    }
    found
}

/// A bit for each byte of a word, set for those that are `byte`.
#[inline(always)]
fn equal(word: u64, byte: u8) -> u64 {
    let high = !differs(word, byte) & HIGH;
    // Each product of two bits has a place of its own; those of the highest byte are in order.
    (high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[inline(always)]
fn before_not_space(block: &[u8; WIDTH]) -> usize {
    let word = u64::from_le_bytes(*block);
    let other =
        differs(word, b' ') & differs(word, b'\n') & differs(word, b'\t') & differs(word, b'\r');
    (other.trailing_zeros() / 8) as usize
}

/// The high bits of the bytes that are not `byte`.
#[inline(always)]
fn differs(word: u64, byte: u8) -> u64 {
    let difference = word ^ (ONES * u64::from(byte));
    (((difference & !HIGH) + !HIGH) | difference) & HIGH
}
