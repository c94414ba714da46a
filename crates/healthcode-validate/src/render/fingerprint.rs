//! Fingerprints of issues, for lists that are kept.

use std::iter::once;

/// A fingerprint of texts, which is the same in all versions and on all systems: 32 hexadecimal digits. It does
/// not hide the texts: short ones can be found by trying.
///
/// ```
/// use healthcode_validate::render::fingerprint;
/// let one = fingerprint(["a.json", "R4-DATE", "Patient.birthDate"]);
/// assert_eq!(one.len(), 32);
/// assert_ne!(one, fingerprint(["a.json", "R4-DATEPatient", ".birthDate"]));
/// ```
#[must_use]
pub fn fingerprint<'t>(parts: impl IntoIterator<Item = &'t str>) -> String {
    // FNV-1a of 128 bits, with a zero byte after each text.
    let bytes = parts
        .into_iter()
        .flat_map(|part| part.bytes().chain(once(0)));
    let hash = bytes.fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    });
    format!("{hash:032x}")
}
