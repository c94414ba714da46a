//! The table of known differences, `tests/fixtures/differences.tsv`.

use std::fmt::{self, Display};
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, Error, Result, ensure};
use serde::{Deserialize, Serialize};

use super::place::Definition;
use super::report::Finding;
use crate::spec::tsv::{self, Record, Text};

/// A difference that is known: one rule at one kind of place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Row {
    /// Our rule; none where we say nothing.
    #[serde(with = "or_dash")]
    pub(super) rule: Option<String>,
    /// The id of HL7's message, and behind a tilde words that its text holds; none where that
    /// validator says nothing.
    #[serde(with = "or_dash")]
    pub(super) message: Option<String>,
    /// The kind of place.
    #[serde(rename = "place", with = "Text")]
    pub(super) pattern: Pattern,
    /// Who is right.
    right: Right,
    /// The section of the specification that says so.
    section: String,
    /// Why, in a few words.
    reason: String,
}

impl Record for Row {
    const FILE: &'static str = "differences.tsv";
}

impl Row {
    /// Whether a finding of HL7's validator is of the message.
    pub(super) fn has_message(&self, finding: &Finding) -> bool {
        self.message.as_ref().is_some_and(|message| {
            let (id, words) = message.split_once(" ~ ").unwrap_or((message, ""));
            finding.id == id && finding.text.contains(words)
        })
    }

    fn check(&self) -> Result<()> {
        ensure!(
            self.rule.is_some() || self.message.is_some(),
            "missing id: neither a rule nor a message"
        );
        ensure!(
            self.section.contains(".html") && !self.reason.is_empty(),
            "missing section or reason: expected a page of the specification, and words"
        );
        Ok(())
    }
}

impl Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [rule, message] = [&self.rule, &self.message].map(|id| id.as_deref().unwrap_or("-"));
        write!(f, "{rule}\t{message}\t{}", self.pattern)
    }
}

/// The rows of the table in `dir`.
pub(super) fn load(dir: &Path) -> Result<Vec<Row>> {
    checked(tsv::load(dir)?)
}

/// `rows`, if each says what a row has to say.
pub(super) fn checked(rows: Vec<Row>) -> Result<Vec<Row>> {
    for row in &rows {
        row.check().with_context(|| row.to_string())?;
    }
    Ok(rows)
}

/// An id, or `-` for none.
mod or_dash {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        id: &Option<String>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(id.as_deref().unwrap_or("-"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<String>, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "" => Err(D::Error::custom("missing id: expected - for none")),
            "-" => Ok(None),
            id => Ok(Some(id.to_owned())),
        }
    }
}

/// Who is right about a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Right {
    /// This validator.
    Ours,
    /// HL7's validator; this one is to be changed.
    Java,
    /// Both: the standard leaves it open, or one reports as a warning what the other calls an error.
    #[default]
    Both,
}

/// A kind of place: a pattern of paths of the definitions, and maybe of types.
///
/// `Coding.system` is a coding's system, wherever the coding is; `*` is any one step and `**`
/// any number of them. `[]` at the end means an item of an array, and `:` for one of the types
/// behind it, which are parted by `|`: `**:code|Coding`. `-` is the document as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    steps: Vec<String>,
    item: bool,
    types: Vec<String>,
}

impl Pattern {
    pub(super) fn matches(&self, place: &Definition) -> bool {
        let of_type = || {
            let name = place.type_name.as_ref();
            self.types.is_empty() || name.is_some_and(|name| self.types.contains(name))
        };
        (!self.item || place.item) && of_type() && matches(&self.steps, &place.path)
    }
}

fn matches(pattern: &[String], path: &[String]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((step, rest)), _) if step == "**" => {
            (0..=path.len()).any(|skip| path.get(skip..).is_some_and(|path| matches(rest, path)))
        }
        (Some((step, rest)), Some((name, path))) => {
            (step == "*" || step == name) && matches(rest, path)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

impl FromStr for Pattern {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text == "-" {
            return Ok(Pattern::default());
        }
        let (path, types) = match text.split_once(':') {
            Some((path, types)) => (path, types.split('|').map(str::to_owned).collect()),
            None => (text, Vec::new()),
        };
        let (path, item) = match path.strip_suffix("[]") {
            Some(path) => (path, true),
            None => (path, false),
        };
        let steps: Vec<String> = path.split('.').map(str::to_owned).collect();
        let word = |step: &String| !step.is_empty() && step.bytes().all(is_of_name);
        let wild = |step: &String| matches!(step.as_str(), "*" | "**");
        ensure!(
            steps.iter().all(|step| wild(step) || word(step)) && types.iter().all(word),
            "invalid place `{text}`: expected names, * and ** parted by dots"
        );
        // A row is for one kind of place.
        ensure!(
            item || !types.is_empty() || !steps.last().is_some_and(wild),
            "place `{text}` is any place: expected the name of an element, [] or a type"
        );
        Ok(Pattern { steps, item, types })
    }
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

impl Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return f.write_str("-");
        }
        f.write_str(&self.steps.join("."))?;
        if self.item {
            f.write_str("[]")?;
        }
        if !self.types.is_empty() {
            write!(f, ":{}", self.types.join("|"))?;
        }
        Ok(())
    }
}
