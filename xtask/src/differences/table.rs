//! The table of known differences, `tests/fixtures/differences.tsv`.

use std::fmt::{self, Display};
use std::str::FromStr;

use anyhow::{Error, Result, bail, ensure};

use super::place::Definition;
use crate::spec::tsv::{Cells, Record};

/// A difference that is known: one rule at one kind of place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// Our rule; none where we say nothing.
    pub(super) rule: Option<String>,
    /// The id of HL7's message; none where that validator says nothing.
    pub(super) message: Option<String>,
    /// The kind of place.
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
    const COLUMNS: &'static [&'static str] =
        &["rule", "message", "place", "right", "section", "reason"];

    fn cells(&self) -> Vec<String> {
        let or_none = |id: &Option<String>| id.clone().unwrap_or_else(|| "-".to_owned());
        vec![
            or_none(&self.rule),
            or_none(&self.message),
            self.pattern.to_string(),
            self.right.to_string(),
            self.section.clone(),
            self.reason.clone(),
        ]
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self> {
        let mut id = || {
            let text = cells.string()?;
            ensure!(!text.is_empty(), "missing id: expected - for none");
            Ok((text != "-").then_some(text))
        };
        let row = Row {
            rule: id()?,
            message: id()?,
            pattern: cells.parse()?,
            right: cells.parse()?,
            section: cells.string()?,
            reason: cells.string()?,
        };
        ensure!(
            row.rule.is_some() || row.message.is_some(),
            "missing id: neither a rule nor a message"
        );
        ensure!(
            row.section.contains(".html") && !row.reason.is_empty(),
            "missing section or reason: expected a page of the specification, and words"
        );
        Ok(row)
    }
}

impl Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cells().join("\t"))
    }
}

/// Who is right about a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    /// This validator.
    Ours,
    /// HL7's validator; this one is to be changed.
    Java,
    /// Both: the standard leaves it open, or one reports as a warning what the other calls an error.
    Both,
}

impl Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ours => "ours",
            Self::Java => "java",
            Self::Both => "both",
        })
    }
}

impl FromStr for Right {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "ours" => Ok(Self::Ours),
            "java" => Ok(Self::Java),
            "both" => Ok(Self::Both),
            _ => bail!("unknown opinion `{text}`: expected ours, java or both"),
        }
    }
}

/// A kind of place: a pattern of paths of the definitions, and maybe of types.
///
/// `Coding.system` is a coding's system, wherever the coding stands; `*` is any one step and `**`
/// any number of them. `[]` at the end asks for an item of an array, and `:` for one of the types
/// behind it, which are parted by `|`: `**:code|Coding`.
#[derive(Clone, Debug, PartialEq, Eq)]
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
