//! Scanning of bytes, a block at a time.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2;
mod word;

mod brackets;

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use sse2 as block;
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
use word as block;

pub(crate) use block::{WIDTH, before_special, structure};
pub use brackets::Brackets;
pub use word::any_unseen;
pub(crate) use word::{any_below, any_special};

/// Whether a byte ends the plain part of a JSON string: `"`, `\` and control characters.
#[inline(always)]
pub(crate) fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

/// The index, from `at` on, of the first `"`, `\` or control character; the length if there is
/// none. For short text.
#[inline(always)]
pub fn find_special(bytes: &[u8], mut at: usize) -> usize {
    while let Some(next) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let before = before_special(next);
        at += before;
        if before < WIDTH {
            return at;
        }
    }
    find_slowly(bytes, at, is_special)
}

/// As [`find_special`], two blocks at a time: for text whose length varies, so that it is rarely
/// the number of turns that must be guessed.
#[inline(always)]
pub fn find_special_far(bytes: &[u8], mut at: usize) -> usize {
    while let Some(next) = two_blocks(bytes, at) {
        let before = block::before_special_of_two(next);
        at += before;
        if before < 2 * WIDTH {
            return at;
        }
    }
    find_slowly(bytes, at, is_special)
}

/// The index, from `at` on, of the first byte that is no JSON white space; the length if there is
/// none.
#[inline(always)]
#[must_use]
pub fn find_not_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(next) = two_blocks(bytes, at) {
        let before = block::before_not_space_of_two(next);
        at += before;
        if before < 2 * WIDTH {
            return at;
        }
    }
    find_slowly(bytes, at, |byte| {
        !matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
    })
}

#[inline(always)]
fn two_blocks(bytes: &[u8], at: usize) -> Option<[&[u8; WIDTH]; 2]> {
    let blocks: &[u8; 2 * WIDTH] = bytes.get(at..)?.first_chunk()?;
    Some([blocks.first_chunk()?, blocks.last_chunk()?])
}

/// At the end of the bytes, where there is no whole block.
#[cold]
#[inline(never)]
fn find_slowly(bytes: &[u8], at: usize, is: fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter()
        .position(|byte| is(*byte))
        .map_or(bytes.len(), |found| at + found)
}

#[cfg(test)]
mod tests;
