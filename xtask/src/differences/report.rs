//! The two validators' reports: JSON objects, one a line.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::place::Place;

/// Errors of HL7's validator that say nothing about the file: offline it can fetch neither the
/// targets of references and URLs nor libraries, and holds canonical URLs of examples to a rule of
/// its own.
const IGNORED: &[&str] = &[
    "MEASURE_M_CRITERIA_CQL_NO_LIB",
    "Reference_REF_CantResolve",
    "TYPE_SPECIFIC_CHECKS_CANONICAL_ABSOLUTE",
    "TYPE_SPECIFIC_CHECKS_DT_URL_EXAMPLE",
    "Type_Specific_Checks_DT_URL_Resolve",
];

/// What one validator finds at one place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    /// The rule's or the message's id.
    pub(super) id: String,
    /// Whether it is an error, or else a warning or a note.
    pub(super) error: bool,
    /// Where it is.
    pub(super) place: Place,
    /// What the validator says.
    pub(super) text: String,
}

/// The findings of one validator, by file.
pub(super) type Report = BTreeMap<String, Vec<Finding>>;

#[derive(Deserialize)]
struct JavaFile {
    file: String,
    /// What stopped the validator, where something did.
    exception: Option<String>,
    issues: Vec<JavaIssue>,
}

#[derive(Deserialize)]
struct JavaIssue {
    level: String,
    id: Option<String>,
    at: Option<String>,
    text: String,
}

#[derive(Deserialize)]
struct OurIssue {
    file: String,
    severity: String,
    rule: Option<String>,
    path: String,
    message: String,
}

/// Reads what HL7's validator reports: an object for each file. The number is that of files on which
/// it stopped with an exception before it found an error: these have no verdict, and are left out.
pub(super) fn java(text: &str) -> Result<(Report, usize)> {
    let mut report = Report::new();
    let mut stopped = 0;
    for (at, line) in lines(text) {
        let file: JavaFile = serde_json::from_str(line).with_context(|| format!("line {at}"))?;
        let findings = file.issues.into_iter().filter_map(JavaIssue::finding);
        let findings: Vec<Finding> = findings.collect();
        if file.exception.is_some() && !findings.iter().any(|finding| finding.error) {
            stopped += 1;
        } else {
            report.entry(file.file).or_default().extend(findings);
        }
    }
    Ok((report, stopped))
}

impl JavaIssue {
    fn finding(self) -> Option<Finding> {
        // A few messages have no id; their first words stand for it.
        let id = self
            .id
            .unwrap_or_else(|| self.text.chars().take(60).collect());
        (!IGNORED.contains(&id.as_str())).then(|| Finding {
            id,
            error: is_error(&self.level),
            // Of what is wrong with XML, the parser has an XPath, which for a contained resource begins there: it stands
            // for the document.
            place: match self.at {
                Some(at) if !at.contains("/f:") => Place::parse(&at),
                _ => Place::default(),
            },
            text: self.text,
        })
    }
}

/// Reads the report of `healthcode validate --format ndjson`: an object for each issue.
pub(super) fn ours(text: &str) -> Result<Report> {
    let mut report = Report::new();
    for (at, line) in lines(text) {
        let issue: OurIssue = serde_json::from_str(line).with_context(|| format!("line {at}"))?;
        report.entry(issue.file).or_default().push(Finding {
            // A file that could not be read has no rule.
            id: issue.rule.unwrap_or_else(|| "unread".to_owned()),
            error: is_error(&issue.severity),
            place: Place::parse(&issue.path),
            text: issue.message,
        });
    }
    Ok(report)
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate();
    numbered
        .map(|(at, line)| (at + 1, line))
        .filter(|(_, line)| !line.is_empty())
}

fn is_error(severity: &str) -> bool {
    matches!(severity, "error" | "fatal")
}
