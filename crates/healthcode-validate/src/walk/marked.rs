//! [`Marked`]: some of the fields of an element.

/// Some of a list.
#[derive(Default)]
pub(super) struct Marked(u64);

impl Marked {
    /// Stands for all from here on. Few lists are as long: those of elements with many fields, most with metadata.
    const REST: usize = 63;

    #[inline]
    pub(super) fn mark(&mut self, at: usize) {
        self.0 |= 1 << at.min(Marked::REST);
    }

    /// The indexes of those that are marked in a list of so many, in order, and of all from [`Marked::REST`] on if one of
    /// these is.
    #[inline]
    pub(super) fn until(mut self, count: usize) -> impl Iterator<Item = usize> {
        let rest = match self.0 >> Marked::REST {
            0 => count..count,
            _ => Marked::REST..count,
        };
        self.0 &= !(1 << Marked::REST);
        let single = std::iter::from_fn(move || {
            let at = self.0.trailing_zeros() as usize;
            let next = self.0 & self.0.wrapping_sub(1);
            (std::mem::replace(&mut self.0, next) != 0).then_some(at)
        });
        single.chain(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::Marked;

    #[test]
    fn what_is_marked_comes_back_in_order() {
        for (marks, count, expect) in [
            (&[][..], 0, &[][..]),
            (&[], 70, &[]),
            (&[0, 3, 62], 63, &[0, 3, 62]),
            (&[5, 1], 70, &[1, 5]),
            (&[63], 64, &[63]),
            (&[2, 65], 67, &[2, 63, 64, 65, 66]),
        ] {
            let mut marked = Marked::default();
            for at in marks {
                marked.mark(*at);
            }
            assert_eq!(marked.until(count).collect::<Vec<_>>(), expect, "{marks:?}");
        }
    }
}
