//! [`OutcomeRenderer`]: a FHIR OperationOutcome.

use super::{Folded, Renderer, Summary, printable};
use healthcode_core::{CodeEnum, Issue, List, Severity, printable_json};
use healthcode_r4::{CodeableConcept, Coding, OperationOutcomeIssue, codes};
use std::io::{self, Write};

/// Writes one OperationOutcome, without extensions.
///
/// In each `issue`, `severity` and `code` are the issue's, `details.coding.code` is the rule's id,
/// `details.text` the message, `diagnostics` the help, `expression` the path, and `location` the
/// file with line and column. If there is nothing to say, one issue says that, for an outcome has
/// at least one; and one says so if the report was interrupted.
#[derive(Debug)]
pub struct OutcomeRenderer<W> {
    out: W,
    file: String,
    begun: bool,
    any: bool,
}

impl<W: Write> OutcomeRenderer<W> {
    /// A renderer into `out`.
    pub fn new(out: W) -> Self {
        OutcomeRenderer {
            out,
            file: String::new(),
            begun: false,
            any: false,
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        self.out
            .write_all(b"{\"resourceType\":\"OperationOutcome\",\"issue\":[")
    }

    fn write(&mut self, issue: &OperationOutcomeIssue) -> io::Result<()> {
        let mut json = if self.any { b",\n" } else { &b"\n"[..] }.to_vec();
        self.any = true;
        healthcode_json::write_element(issue, &mut json, None);
        match std::str::from_utf8(&json) {
            Ok(json) => self.out.write_all(printable_json(json).as_bytes()),
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

fn severity_of(severity: Severity) -> codes::IssueSeverity {
    codes::IssueSeverity::from_code(severity.as_str())
}

fn text(text: &str) -> CodeableConcept {
    CodeableConcept {
        text: text.into(),
        ..CodeableConcept::default()
    }
}

impl<W: Write> Renderer for OutcomeRenderer<W> {
    fn begin_file(&mut self, file: &str) -> io::Result<()> {
        self.file = printable(file);
        self.begin()
    }

    fn issue(&mut self, issue: &Issue) -> io::Result<()> {
        let coding = Coding {
            code: issue.rule.id.into(),
            ..Coding::default()
        };
        let location = match issue.position {
            Some(position) => format!("{}:{position}", self.file),
            None => self.file.clone(),
        };
        let mut expression = List::new();
        if !issue.path.is_empty() {
            expression.push(printable(&issue.shown_path()).into());
        }
        self.write(&OperationOutcomeIssue {
            severity: severity_of(issue.severity).into(),
            code: codes::IssueType::from_code(issue.rule.code).into(),
            details: Some(Box::new(CodeableConcept {
                coding: [coding].into(),
                ..text(&issue.message())
            })),
            diagnostics: issue.rule.help.into(),
            location: [location.into()].into(),
            expression,
            ..OperationOutcomeIssue::default()
        })
    }

    fn unreadable(&mut self, file: &str, reason: &str) -> io::Result<()> {
        self.write(&OperationOutcomeIssue {
            severity: codes::IssueSeverity::Fatal.into(),
            code: codes::IssueType::Exception.into(),
            details: Some(Box::new(text(&format!(
                "cannot be read: {}",
                printable(reason)
            )))),
            location: [printable(file).into()].into(),
            ..OperationOutcomeIssue::default()
        })
    }

    fn folded(&mut self, folded: &Folded) -> io::Result<()> {
        let coding = Coding {
            code: folded.rule.id.into(),
            ..Coding::default()
        };
        let said = format!("{}: {}", folded.rule.title, folded.text());
        self.write(&OperationOutcomeIssue {
            severity: severity_of(folded.severity).into(),
            code: codes::IssueType::from_code(folded.rule.code).into(),
            details: Some(Box::new(CodeableConcept {
                coding: [coding].into(),
                ..text(&said)
            })),
            ..OperationOutcomeIssue::default()
        })
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.begin()?;
        if !self.any || summary.interrupted {
            let (severity, code) = if summary.interrupted {
                (codes::IssueSeverity::Fatal, codes::IssueType::Incomplete)
            } else {
                (
                    codes::IssueSeverity::Information,
                    codes::IssueType::Informational,
                )
            };
            self.write(&OperationOutcomeIssue {
                severity: severity.into(),
                code: code.into(),
                details: Some(Box::new(text(&summary.to_string()))),
                ..OperationOutcomeIssue::default()
            })?;
        }
        self.out.write_all(b"\n]}\n")?;
        self.out.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
