//! The hashes by which the validator recognises codes and their names: FNV-1a.

/// The hash of a code.
pub(crate) fn code(code: &str, case_sensitive: bool) -> u32 {
    code.bytes().fold(0x811c_9dc5, |hash, byte| {
        let byte = if case_sensitive {
            byte
        } else {
            byte.to_ascii_lowercase()
        };
        step(hash, byte)
    })
}

/// The hash of a code with a name, in which neither case nor white space matters.
pub(crate) fn named(text: &str, name: &str, case_sensitive: bool) -> u32 {
    let start = step(code(text, case_sensitive), 0);
    let letters = name.chars().filter(|c| !c.is_whitespace());
    letters.flat_map(char::to_lowercase).fold(start, |hash, c| {
        let mut bytes = [0; 4];
        c.encode_utf8(&mut bytes).bytes().fold(hash, step)
    })
}

fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
}
