//! JSON objects with their members in the order in which they are written.

use super::Folded;
use super::message::{message, place, pointer};
use healthcode_core::{Detail, Issue, printable_json};
use serde_json::{Value, json};
use std::io::{self, Write};

/// A JSON object that is being written.
pub(super) struct Object<'w> {
    out: &'w mut dyn Write,
    any: bool,
}

impl<'w> Object<'w> {
    pub(super) fn begin(out: &'w mut dyn Write) -> io::Result<Self> {
        out.write_all(b"{")?;
        Ok(Object { out, any: false })
    }

    pub(super) fn member(&mut self, name: &str, value: impl Into<Value>) -> io::Result<()> {
        if self.any {
            self.out.write_all(b",")?;
        }
        self.any = true;
        let value = value.into().to_string();
        write!(self.out, "\"{name}\":{}", printable_json(&value))
    }

    /// The members that say what there is to say of an issue.
    pub(super) fn issue(&mut self, issue: &Issue, show_values: bool) -> io::Result<()> {
        let position = issue.position;
        self.member("severity", issue.severity.as_str())?;
        self.member("rule", issue.rule.id)?;
        self.member("code", issue.rule.code)?;
        self.member("path", &*place(issue, show_values))?;
        self.member("pointer", &*pointer(issue, show_values))?;
        self.member("line", position.map(|position| position.line))?;
        self.member("column", position.map(|position| position.column))?;
        self.member("offset", position.map(|position| position.offset))?;
        self.member("message", message(issue))?;
        if let Some(detail) = detail(issue.detail) {
            self.member("detail", detail)?;
        }
        if let Some(constraint) = &issue.constraint {
            let profile = json!({
                "url": *constraint.profile,
                "element": *constraint.element,
                "constraint": *constraint.text,
            });
            self.member("profile", profile)?;
        }
        if show_values && let Some(excerpt) = &issue.excerpt {
            self.member("value", excerpt.value())?;
        }
        Ok(())
    }

    pub(super) fn end(self) -> io::Result<()> {
        self.out.write_all(b"}")
    }
}

/// What was counted instead of shown.
pub(super) fn folded(folded: &Folded) -> Value {
    json!({
        "severity": folded.severity.as_str(),
        "rule": folded.rule.id,
        "path": folded.path,
        "more": folded.more,
        "files": folded.files,
    })
}

fn detail(detail: Detail) -> Option<Value> {
    Some(match detail {
        Detail::Expected(what) => json!({ "expected": what }),
        Detail::Nearest(name) => json!({ "nearest": name }),
        Detail::TooFew { found, min } => json!({ "found": found, "min": min }),
        Detail::Lengths { values, metadata } => json!({ "values": values, "metadata": metadata }),
        Detail::Name(name) => json!({ "name": name }),
        Detail::Limit(limit) => json!({ "limit": limit }),
        _ => return None,
    })
}
