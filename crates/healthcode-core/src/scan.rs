//! Scanning of bytes, a block at a time.

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2;
mod word;

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use sse2 as block;
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
use word as block;

pub(crate) use block::{WIDTH, before_special};
pub(crate) use word::{any_below, any_special, any_unseen};

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
mod tests {
    use super::*;

    /// Every byte at every place of two blocks that are otherwise of `filler`.
    fn blocks<const N: usize>(filler: u8, check: impl Fn([&[u8; N]; 2], &[u8])) {
        for place in 0..2 * N {
            for byte in 0..=255u8 {
                for after in [filler, byte, 0x1f, 0x80, 0xff] {
                    let mut bytes = vec![filler; 2 * N];
                    bytes[place] = byte;
                    bytes[place + 1..].fill(after);
                    let (first, second) = bytes.split_at(N);
                    check(
                        [first.try_into().unwrap(), second.try_into().unwrap()],
                        &bytes,
                    );
                }
            }
        }
    }

    fn is_other(byte: u8) -> bool {
        !b" \n\r\t".contains(&byte)
    }

    fn first(bytes: &[u8], is: fn(u8) -> bool) -> usize {
        let found = bytes.iter().position(|byte| is(*byte));
        found.unwrap_or(bytes.len())
    }

    #[test]
    fn blocks_find_what_a_loop_finds() {
        blocks(b'a', |two, bytes| {
            let first_block = first(&bytes[..WIDTH], is_special);
            assert_eq!(before_special(two[0]), first_block, "{bytes:?}");
            let found = block::before_special_of_two(two);
            assert_eq!(found, first(bytes, is_special), "{bytes:?}");
        });
        blocks(b'a', |two, bytes| {
            let found = word::before_special_of_two(two);
            assert_eq!(found, first(bytes, is_special), "{bytes:?}");
            let any = first(&bytes[..8], is_special) < 8;
            assert_eq!(any_special(*two[0]), any, "{bytes:?}");
        });
        for filler in *b" \n\r\t" {
            blocks(filler, |two, bytes| {
                let found = block::before_not_space_of_two(two);
                assert_eq!(found, first(bytes, is_other), "{bytes:?}");
            });
            blocks(filler, |two, bytes| {
                let found = word::before_not_space_of_two(two);
                assert_eq!(found, first(bytes, is_other), "{bytes:?}");
            });
        }
    }

    #[test]
    fn any_below_sees_what_a_loop_sees() {
        for len in 0..40 {
            for place in 0..=len {
                for byte in [0, 0x1f, 0x20, 0x21, 0x7f, 0x80, 0xff] {
                    let mut bytes = vec![b'a'; len];
                    if place < len {
                        bytes[place] = byte;
                    }
                    for limit in [0, 1, 0x20, 0x21, 0x80] {
                        let expect = bytes.iter().any(|byte| *byte < limit);
                        assert_eq!(
                            any_below(&bytes, limit),
                            expect,
                            "{byte} at {place}: {limit}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn any_unseen_misses_nothing() {
        for len in 0..40 {
            let plain: Vec<u8> = (0..len).map(|at| b'!' + at as u8).collect();
            assert!(!any_unseen(&plain), "{len}");
            for place in 0..len {
                for byte in [0, 0x1f, 0x20, 0x7f, 0x80, 0xc2, 0xff] {
                    let mut bytes = plain.clone();
                    bytes[place] = byte;
                    assert!(any_unseen(&bytes), "{byte} at {place} of {len}");
                }
            }
        }
        assert!(!any_unseen(&[b'~'; 40]));
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
                        assert_eq!(find_special_far(&bytes, at), expect, "{byte} at {place}");
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
