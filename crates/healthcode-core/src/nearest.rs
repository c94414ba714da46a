//! [`nearest`]: what was probably meant.

/// The longest name, in bytes, that is looked for: the work grows with it, and no known one is longer.
const LONGEST: usize = 64;

/// The name that is nearest to `name`: at most two edits away, and less than half of it; case does
/// not matter.
///
/// ```
/// let names = ["birthDate", "deceasedDateTime"];
/// assert_eq!(healthcode_core::nearest("birthdat", names.into_iter()), Some("birthDate"));
/// assert_eq!(healthcode_core::nearest("name", names.into_iter()), None);
/// ```
#[must_use]
pub fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    if name.len() > LONGEST {
        return None;
    }
    let limit = 2.min(name.len().saturating_sub(1) / 2);
    names
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= limit)
        .map(|candidate| (distance(name.as_bytes(), candidate.as_bytes()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions and substitutions that turn one name into the other.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(!x.eq_ignore_ascii_case(y));
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
