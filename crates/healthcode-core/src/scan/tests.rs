//! Tests of `scan.rs`.

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
