//! [`fixes`]: the corrections of a text's issues, by their rules.

use crate::source::{Corrector, Source};
use crate::{structure, value};
use healthcode_core::{Fix, Issue, Rule};

/// Whether some issues of a rule can be corrected.
///
/// ```
/// use healthcode_core::rules;
/// assert!(healthcode_fix::is_fixable(&rules::FHIR_EMPTY_ARRAY));
/// assert!(!healthcode_fix::is_fixable(&rules::JSON_SYNTAX));
/// ```
#[must_use]
pub fn is_fixable(rule: &Rule) -> bool {
    corrector(rule).is_some()
}

fn corrector(rule: &Rule) -> Option<Corrector> {
    let mut rows = structure::CORRECTORS.iter().chain(value::CORRECTORS);
    let found = rows.find(|(id, _)| *id == rule.id);
    found.map(|(_, corrector)| *corrector)
}

/// For each issue of a text the fix that corrects it, in the order of the issues; `None` where no correction is
/// known. The text is a document in JSON or XML, and the issues are those of its validation.
///
/// A fix may have a consequence that only validation shows: see [`verified`](crate::verified).
///
/// ```
/// use healthcode_validate::{Policy, Validator};
/// let json = br#"{"resourceType": "Patient", "name": {"family": "Lee"}}"#;
/// let issues = Validator::new(Policy::R4).check(json, None)?;
/// let fixes = healthcode_fix::fixes(json, &issues);
/// let edits = &fixes[0].as_ref().unwrap().edits;
/// assert_eq!((edits[0].range.clone(), edits[0].content.as_str()), (36..36, "["));
/// assert_eq!((edits[1].range.clone(), edits[1].content.as_str()), (53..53, "]"));
/// # Ok::<(), healthcode_json::Error>(())
/// ```
#[must_use]
pub fn fixes(text: &[u8], issues: &[Issue]) -> Vec<Option<Fix>> {
    let none = || issues.iter().map(|_| None).collect();
    if !issues.iter().any(|issue| is_fixable(issue.rule)) {
        return none();
    }
    let Some(source) = Source::new(text) else {
        return none();
    };
    let corrections = issues.iter().map(|issue| {
        let corrector = corrector(issue.rule)?;
        corrector(&source, issue)
    });
    source.place(corrections.collect())
}
