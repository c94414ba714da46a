//! Scanning of bytes, a word at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The index of the first `"`, `\` or control character; the length if there is none.
#[inline(always)]
pub(crate) fn find_special(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..at + 8) {
        let word = u64::from_le_bytes([
            chunk[0], chunk[1], chunk[2], chunk[3], chunk[4], chunk[5], chunk[6], chunk[7],
        ]);
        let quote = word ^ (ONES * b'"' as u64);
        let quote = quote.wrapping_sub(ONES) & !quote;
        let escape = word ^ (ONES * b'\\' as u64);
        let escape = escape.wrapping_sub(ONES) & !escape;
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (quote | escape | control) & HIGH;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(&byte) = bytes.get(at) {
        if byte == b'"' || byte == b'\\' || byte < 0x20 {
            return at;
        }
        at += 1;
    }
    at
}

/// The index of the first byte above U+0020; the length if there is none.
#[inline(always)]
pub(crate) fn find_not_space(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..at + 8) {
        let word = u64::from_le_bytes([
            chunk[0], chunk[1], chunk[2], chunk[3], chunk[4], chunk[5], chunk[6], chunk[7],
        ]);
        // Bytes above 0x20 get their high bit set; those above 0x7F have it.
        let above = (((word & !HIGH) + ONES * (0x7f - 0x20)) | word) & HIGH;
        if above != 0 {
            return at + (above.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(&byte) = bytes.get(at) {
        if byte > 0x20 {
            return at;
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_loop_finds() {
        let special = |b: u8| b == b'"' || b == b'\\' || b < 0x20;
        for len in 0..40 {
            for place in 0..=len {
                for byte in 0..=255u8 {
                    let mut bytes = vec![b'a'; len];
                    let mut spaces = vec![b' '; len];
                    if place < len {
                        bytes[place] = byte;
                        spaces[place] = byte;
                    }
                    let expect = bytes.iter().position(|b| special(*b)).unwrap_or(len);
                    assert_eq!(find_special(&bytes), expect, "{byte} at {place} of {len}");
                    let expect = spaces.iter().position(|b| *b > 0x20).unwrap_or(len);
                    assert_eq!(
                        find_not_space(&spaces),
                        expect,
                        "{byte} at {place} of {len}"
                    );
                }
            }
        }
    }
}
