//! Applying edits.

use healthcode_core::{Edit, Fix};
use std::collections::BTreeMap;

/// Which fixes can be applied at the same time: in their order, those whose edits overlap none that were accepted
/// before. The same edit of two fixes is one.
#[must_use]
pub fn compatible(fixes: &[&Fix]) -> Vec<bool> {
    let mut accepted = Accepted::default();
    fixes.iter().map(|fix| accepted.take(fix)).collect()
}

/// The text with the edits of these fixes. Those whose edits overlap others are left out: they are for another
/// round, when the text has been looked at again. Edits beyond the end of the text are left out, too.
///
/// ```
/// use healthcode_core::Position;
/// use healthcode_fix::{Applicability, Edit, Fix, apply};
///
/// let none = Position::new(0, 1, 1);
/// let fix = |range, content: &str| {
///     let edit = Edit::new(range, (none, none), content.to_owned());
///     Fix::new(Applicability::Safe, "", vec![edit])
/// };
/// let fixes = [fix(0..1, "x"), fix(2..3, ""), fix(0..2, "y")];
/// assert_eq!(apply(b"abcd", &fixes.each_ref()), b"xbd");
/// ```
#[must_use]
pub fn apply(text: &[u8], fixes: &[&Fix]) -> Vec<u8> {
    let mut accepted = Accepted::default();
    for fix in fixes {
        if fix.edits.iter().all(|edit| edit.range.end <= text.len()) {
            accepted.take(fix);
        }
    }
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for ((start, end), edit) in accepted.edits {
        out.extend_from_slice(text.get(at..start).unwrap_or_default());
        out.extend_from_slice(edit.content.as_bytes());
        at = end;
    }
    out.extend_from_slice(text.get(at..).unwrap_or_default());
    out
}

/// Edits that do not overlap, by their ranges.
#[derive(Default)]
struct Accepted<'f> {
    edits: BTreeMap<(usize, usize), &'f Edit>,
}

impl<'f> Accepted<'f> {
    /// Adds the edits of a fix, unless one of them overlaps another edit.
    fn take(&mut self, fix: &'f Fix) -> bool {
        let fits = fix.edits.iter().all(|edit| self.fits(edit));
        if fits {
            let edits = fix.edits.iter();
            let edits = edits.map(|edit| ((edit.range.start, edit.range.end), edit));
            self.edits.extend(edits);
        }
        fits
    }

    fn fits(&self, edit: &Edit) -> bool {
        let key = (edit.range.start, edit.range.end);
        if let Some(other) = self.edits.get(&key) {
            return other.content == edit.content && !edit.range.is_empty();
        }
        let before = self.edits.range(..key).next_back();
        let behind = self.edits.range(key..).next();
        // An insertion at the start of an edit would have no certain place.
        before.is_none_or(|((start, end), _)| *end <= key.0 && *start < key.0)
            && behind.is_none_or(|((start, _), _)| key.1 <= *start && key.0 < *start)
    }
}
