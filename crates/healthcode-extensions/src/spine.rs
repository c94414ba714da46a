//! Codes of errors that the NHS's services document: [`SpineCode`].

/// A code that PDS, SDS or the Spine behind them documents, in the coding of an issue's details.
///
/// ```
/// use healthcode_extensions::SpineCode;
/// let code = SpineCode::named("FORBIDDEN_UPDATE").unwrap();
/// assert!(code.is_refusal());
/// assert!(!SpineCode::named("RESOURCE_DELETED").unwrap().is_refusal());
/// assert_eq!(SpineCode::named("SOMETHING_ELSE"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpineCode {
    code: &'static str,
    refusal: bool,
}

impl SpineCode {
    /// The code of this name, if it is documented.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        codes().find(|code| code.code == name)
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.code
    }

    /// Whether it says that something was not done, whatever the severity beside it.
    #[must_use]
    pub fn is_refusal(self) -> bool {
        self.refusal
    }
}

/// The codes, each with whether something was done: from the specifications of PDS and SDS, their
/// servers' own tables, and UK Core's CodeSystem of these codes.
static CODES: &str = include_str!("spine.tsv");

fn codes() -> impl Iterator<Item = SpineCode> {
    let rows = CODES.lines().filter_map(|row| row.split_once('\t'));
    rows.map(|(code, outcome)| SpineCode {
        code,
        refusal: outcome == "refusal",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_stand_once() {
        assert_eq!(codes().count(), CODES.lines().count());
        assert!(codes().is_sorted_by(|left, right| left.code < right.code));
        for code in codes() {
            assert_eq!(SpineCode::named(code.as_str()), Some(code));
        }
        let done: Vec<_> = codes().filter(|code| !code.is_refusal()).collect();
        let done: Vec<_> = done.iter().map(|code| code.as_str()).collect();
        assert_eq!(
            done,
            ["RESOURCE_CREATED", "RESOURCE_DELETED", "RESOURCE_UPDATED"]
        );
        for none in ["", "access_denied", "ACCESS_DENIED ", "MSG_PARAM_INVALID"] {
            assert_eq!(SpineCode::named(none), None, "{none}");
        }
    }
}
