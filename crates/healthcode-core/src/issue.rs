//! [`Issue`]: one thing that is wrong or worth knowing about a payload, as plain data.

use crate::Fix;
use std::fmt;
use std::sync::Arc;

/// How grave an issue is (<https://hl7.org/fhir/R4/valueset-issue-severity.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Information,
    /// Probably not meant.
    Warning,
    /// Against the rules.
    Error,
    /// Nothing more could be read.
    Fatal,
}

impl Severity {
    /// FHIR's code: `error`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    /// Whether it makes a payload invalid: an error or worse.
    #[must_use]
    pub fn is_error(self) -> bool {
        self >= Severity::Error
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A rule that payloads are checked against. Rules are statics; their ids are never reused.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// The stable id: `FHIR-UNKNOWN-MEMBER`.
    pub id: &'static str,
    /// How grave breaking it is, unless a policy says otherwise.
    pub severity: Severity,
    /// Whether it is checked unless requested.
    pub default: RuleDefault,
    /// FHIR's issue type (<https://hl7.org/fhir/R4/valueset-issue-type.html>).
    pub code: &'static str,
    /// What breaking it means, as a sentence without a full stop.
    pub title: &'static str,
    /// Where the rule comes from and how to correct a payload.
    pub help: &'static str,
}

impl Rule {
    /// A rule; for the registries.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        id: &'static str,
        severity: Severity,
        default: RuleDefault,
        code: &'static str,
        title: &'static str,
        help: &'static str,
    ) -> Self {
        Rule {
            id,
            severity,
            default,
            code,
            title,
            help,
        }
    }
}

/// Whether a rule is checked unless requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RuleDefault {
    /// It is.
    On,
    /// It is checked with the others that the standard calls best practice, or if enabled by itself.
    BestPractice,
    /// It is checked only if enabled.
    Off,
}

impl RuleDefault {
    /// Its name in output: `on`, `best-practice` or `off`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            RuleDefault::On => "on",
            RuleDefault::BestPractice => "best-practice",
            RuleDefault::Off => "off",
        }
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Position {
    /// Bytes from the start of the (decompressed) input, a byte order mark included.
    pub offset: u64,
    /// Line, from 1.
    pub line: u64,
    /// Column in Unicode scalar values, from 1; a byte order mark is not counted.
    pub column: u64,
}

impl Position {
    /// A position.
    #[must_use]
    pub const fn new(offset: u64, line: u64, column: u64) -> Self {
        Position {
            offset,
            line,
            column,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// What more there is to say of an issue, without the payload's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detail {
    /// Nothing.
    None,
    /// What was expected in its place: a JSON type, a form, a type's name.
    Expected(&'static str),
    /// What was probably meant.
    Nearest(&'static str),
    /// What was expected in its place, of which there are few or one is near.
    OneOf {
        /// A form.
        expected: &'static str,
        /// The words of that form, if they are few.
        words: &'static [&'static str],
        /// The one that was probably meant.
        nearest: Option<&'static str>,
    },
    /// How many values there are, where at least so many are required.
    TooFew {
        /// Values found.
        found: u32,
        /// Values required.
        min: u32,
    },
    /// The lengths of two arrays that should be alike.
    Lengths {
        /// Items of the array of values.
        values: u32,
        /// Items of the `_` array.
        metadata: u32,
    },
    /// The name of an element or type in the schema.
    Name(&'static str),
    /// The limit that was reached: how much of what is looked at.
    Limit(&'static str),
}

/// How it continues the title of a rule.
impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Detail::None => Ok(()),
            Detail::Expected(what) => write!(f, "; expected {what}"),
            Detail::Nearest(name) => write!(f, "; did you mean {name}?"),
            Detail::OneOf {
                expected,
                words,
                nearest,
            } => {
                write!(f, "; expected {expected}")?;
                if !words.is_empty() {
                    write!(f, ": {}", words.join(", "))?;
                }
                nearest.map_or(Ok(()), |name| write!(f, "; did you mean {name}?"))
            }
            Detail::TooFew { found, min } => write!(f, "; {found} of at least {min}"),
            Detail::Lengths { values, metadata } => {
                write!(f, "; {values} values, {metadata} in the _ array")
            }
            Detail::Name(name) | Detail::Limit(name) => write!(f, ": {name}"),
        }
    }
}

/// What a profile requires of a place: the constraint that an issue is about.
///
/// All texts are the profile's; none is the payload's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Constraint {
    /// The profile's canonical URL.
    pub profile: Box<str>,
    /// The id of the element in the profile: `Observation.component:SystolicBP.code`.
    pub element: Box<str>,
    /// What is required.
    pub text: Box<str>,
}

impl Constraint {
    /// A constraint; for validators.
    #[must_use]
    pub fn new(profile: &str, element: &str, text: &str) -> Self {
        Constraint {
            profile: profile.into(),
            element: element.into(),
            text: text.into(),
        }
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}#{})", self.text, self.profile, self.element)
    }
}

/// A window of the payload around an issue: its line, cut to at most 120 columns.
///
/// It shows patient data: `Debug` does not print it; [`Excerpt::line`] does on request.
#[derive(Clone, PartialEq, Eq)]
pub struct Excerpt {
    line: Box<str>,
    caret: u32,
    width: u32,
    value: Box<str>,
}

impl Excerpt {
    /// An excerpt; for readers.
    #[doc(hidden)]
    #[must_use]
    pub fn new(line: &str, caret: u32, width: u32, value: &str) -> Self {
        Excerpt {
            line: line.into(),
            caret,
            width,
            value: value.into(),
        }
    }

    /// The text of the line, or of a window in it.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The column in [`Excerpt::line`], from 0, at which the issue's value starts.
    #[must_use]
    pub fn caret(&self) -> usize {
        self.caret as usize
    }

    /// How many columns of [`Excerpt::line`] the value takes; at least 1.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width as usize
    }

    /// The value's JSON text, cut to 200 characters.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Excerpt([redacted])")
    }
}

/// One thing that is wrong, or worth knowing, about a payload.
///
/// Neither `Debug` nor `Display` show the payload's values; of its member names, they show those
/// that look like names of elements ([`is_plain_name`](crate::is_plain_name)).
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Issue {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// How grave it is here.
    pub severity: Severity,
    /// FHIRPath of the place: `Bundle.entry[0].resource.birthDate`.
    pub path: String,
    /// JSON pointer of the place: `/entry/0/resource/birthDate`.
    pub pointer: String,
    /// For repeated names, which of the members is meant, from 0.
    pub occurrence: u32,
    /// Whether the member's name is at fault rather than its value: the position is the name's.
    pub at_name: bool,
    /// How many bytes of a string value are before the place that is meant, its escapes resolved;
    /// 0 for the value itself. The position is that place's.
    pub within: u32,
    /// Where it is in the text, if the text is known.
    pub position: Option<Position>,
    /// What more there is to say.
    pub detail: Detail,
    /// The constraint of a profile that it is about.
    pub constraint: Option<Arc<Constraint>>,
    /// The text around it, if requested.
    pub excerpt: Option<Excerpt>,
    /// How it can be corrected, if that is known and was requested.
    pub fix: Option<Arc<Fix>>,
    /// XPath of the place in XML: `/f:Patient/f:birthDate/@value`, with the prefixes `f` for FHIR and `h` for
    /// XHTML. `None` for payloads in JSON.
    pub xpath: Option<Box<str>>,
}

impl Issue {
    /// An issue of `rule` at `path`, without a position yet.
    #[must_use]
    pub fn new(rule: &'static Rule, path: &crate::Path<'_>, detail: Detail) -> Self {
        Issue::at(rule, path.to_fhirpath(), path.to_pointer(), detail)
    }

    /// An issue of `rule` at a place given as FHIRPath and JSON pointer.
    #[must_use]
    pub fn at(rule: &'static Rule, path: String, pointer: String, detail: Detail) -> Self {
        Issue {
            rule,
            severity: rule.severity,
            path,
            pointer,
            occurrence: 0,
            at_name: false,
            within: 0,
            position: None,
            detail,
            constraint: None,
            excerpt: None,
            fix: None,
            xpath: None,
        }
    }

    /// The rule's title and what more there is to say. Shows no values of the payload.
    ///
    /// ```
    /// use healthcode_core::{Detail, Issue, Path, rules};
    /// let path = Path::root("Patient");
    /// let issue = Issue::new(&rules::FHIR_UNKNOWN_MEMBER, &path, Detail::Nearest("birthDate"));
    /// assert_eq!(issue.message(), "unknown element; did you mean birthDate?");
    /// ```
    #[must_use]
    pub fn message(&self) -> String {
        let mut message = format!("{}{}", self.rule.title, self.detail);
        if let Some(constraint) = &self.constraint {
            // A profile's texts come from outside.
            message.push_str(": ");
            message.push_str(&crate::printable(&constraint.to_string()));
        }
        message
    }
}

impl fmt::Debug for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issue")
            .field("rule", &self.rule.id)
            .field("severity", &self.severity)
            .field("path", &self.shown_path())
            .field("pointer", &self.shown_pointer())
            .field("position", &self.position)
            .field("detail", &self.detail)
            .field("constraint", &self.constraint)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity, self.message())?;
        if !self.path.is_empty() {
            write!(f, " at {}", self.shown_path())?;
        }
        if let Some(position) = self.position {
            write!(f, " ({position})")?;
        }
        write!(f, " [{}]", self.rule.id)
    }
}
