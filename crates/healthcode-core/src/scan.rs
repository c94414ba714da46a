//! Scanning of bytes, a block at a time.

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2;
mod word;

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use sse2 as block;
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
use word as block;

pub(crate) use block::{WIDTH, before_special};
pub(crate) use word::any_special;

/// Whether a byte ends the plain part of a JSON string: `"`, `\` and control characters.
#[inline(always)]
pub(crate) fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

/// The index, from `at` on, of the first `"`, `\` or control character; the length if there is
/// none.
#[inline(always)]
pub fn find_special(bytes: &[u8], mut at: usize) -> usize {
    while let Some(next) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let before = before_special(next);
        at += before;
        if before < WIDTH {
            return at;
        }
    }
    find_special_slowly(bytes, at)
}

#[cold]
#[inline(never)]
fn find_special_slowly(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter()
        .position(|byte| is_special(*byte))
        .map_or(bytes.len(), |found| at + found)
}

/// The index, from `at` on, of the first byte that is no JSON white space; the length if there is
/// none.
#[inline(always)]
pub fn find_not_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(next) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let before = block::before_not_space(next);
        at += before;
        if before < WIDTH {
            return at;
        }
    }
    find_not_space_slowly(bytes, at)
}

#[cold]
#[inline(never)]
fn find_not_space_slowly(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let other = |b: &u8| !matches!(b, b' ' | b'\n' | b'\r' | b'\t');
    rest.iter()
        .position(other)
        .map_or(bytes.len(), |found| at + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every byte at every place of a block that is otherwise of `filler`.
    fn blocks<const N: usize>(filler: u8, check: impl Fn(&[u8; N], usize, u8)) {
        for place in 0..N {
            for byte in 0..=255u8 {
                for after in [filler, byte, 0x1f, 0x80, 0xff] {
                    let mut block = [filler; N];
                    block[place] = byte;
                    block[place + 1..].fill(after);
                    check(&block, place, after);
                }
            }
        }
    }

    fn is_other(byte: u8) -> bool {
        !b" \n\r\t".contains(&byte)
    }

    fn first<const N: usize>(block: &[u8; N], is: fn(u8) -> bool) -> usize {
        block.iter().position(|byte| is(*byte)).unwrap_or(N)
    }

    #[test]
    fn blocks_find_what_a_loop_finds() {
        blocks(b'a', |block, place, after| {
            let found = before_special(block);
            assert_eq!(found, first(block, is_special), "at {place}, then {after}");
        });
        blocks(b'a', |block, place, after| {
            let found = word::before_special(block);
            assert_eq!(found, first(block, is_special), "at {place}, then {after}");
        });
        for filler in *b" \n\r\t" {
            blocks(filler, |block, place, after| {
                let found = block::before_not_space(block);
                assert_eq!(found, first(block, is_other), "at {place}, then {after}");
            });
            blocks(filler, |block, place, after| {
                let found = word::before_not_space(block);
                assert_eq!(found, first(block, is_other), "at {place}, then {after}");
            });
        }
    }

    #[test]
    fn finds_what_a_loop_finds() {
        for len in 0..70 {
            for place in 0..=len {
                for byte in [b'"', b'\\', 0x1f, b'\n', b'x', 0xff] {
                    let mut bytes = vec![b'a'; len];
                    let mut spaces = vec![b' '; len];
                    if place < len {
                        bytes[place] = byte;
                        spaces[place] = byte;
                    }
                    for at in 0..=len + 1 {
                        let rest = bytes.get(at..).unwrap_or_default();
                        let expect = rest
                            .iter()
                            .position(|byte| is_special(*byte))
                            .map_or(len, |n| at + n);
                        assert_eq!(find_special(&bytes, at), expect, "{byte} at {place}");
                        let rest = spaces.get(at..).unwrap_or_default();
                        let expect = rest
                            .iter()
                            .position(|byte| is_other(*byte))
                            .map_or(len, |n| at + n);
                        assert_eq!(find_not_space(&spaces, at), expect, "{byte} at {place}");
                    }
                }
            }
        }
    }
}
