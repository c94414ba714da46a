//! Whether something matches: yes, no, or not known from the data.

use super::Reason;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    Unknown(Reason),
}

impl Truth {
    /// Whether any is true: no only if all are.
    pub(super) fn any(items: impl IntoIterator<Item = Truth>) -> Truth {
        let mut all = Truth::No;
        for item in items {
            match item {
                Truth::Yes => return Truth::Yes,
                Truth::No => {}
                Truth::Unknown(_) => all = item,
            }
        }
        all
    }

    /// Whether all are true: no if any is not.
    pub(super) fn all(items: impl IntoIterator<Item = Truth>) -> Truth {
        Truth::any(items.into_iter().map(Truth::not)).not()
    }

    pub(super) fn not(self) -> Truth {
        match self {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            unknown => unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(yes: bool) -> Self {
        if yes { Truth::Yes } else { Truth::No }
    }
}
