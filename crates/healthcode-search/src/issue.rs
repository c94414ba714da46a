//! What is wrong with a query, without showing what it holds.

use healthcode_core::{Rule, Severity};
use std::fmt;

/// One thing that is wrong, or worth knowing, about a query.
///
/// It names parameters of the tables, never what a query holds: unknown names are
/// reported by their place.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Issue {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// Which parameter of the query is meant, from 0, if one is.
    pub index: Option<usize>,
    /// The parameter's name, if it is a known one.
    pub parameter: Option<&'static str>,
    /// What was expected.
    pub expected: Option<&'static str>,
    /// The words that may stand there, if they are few.
    pub choices: &'static [&'static str],
    /// The name that was probably meant.
    pub nearest: Option<&'static str>,
}

impl Issue {
    /// An issue with the query as a whole.
    #[must_use]
    pub fn new(rule: &'static Rule) -> Self {
        Issue {
            rule,
            index: None,
            parameter: None,
            expected: None,
            choices: &[],
            nearest: None,
        }
    }

    /// The same issue with the parameter of this index.
    #[must_use]
    pub fn at(mut self, index: usize) -> Self {
        self.index = Some(index);
        self
    }

    /// The same issue with the parameter of this name.
    #[must_use]
    pub fn of(mut self, parameter: &'static str) -> Self {
        self.parameter = Some(parameter);
        self
    }

    pub(crate) fn expected(mut self, form: &'static str) -> Self {
        self.expected = Some(form);
        self
    }

    pub(crate) fn choices(mut self, words: &'static [&'static str]) -> Self {
        self.choices = words;
        self
    }

    pub(crate) fn nearest(mut self, name: Option<&'static str>) -> Self {
        self.nearest = name;
        self
    }

    /// How grave it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.rule.severity
    }

    /// Whether it is an error, so that the query is not sent.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity() >= Severity::Error
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.parameter, self.index) {
            (Some(name), _) => write!(f, "{name}: ")?,
            (None, Some(index)) => write!(f, "parameter {}: ", index + 1)?,
            (None, None) => {}
        }
        f.write_str(self.rule.title)?;
        if let Some(form) = self.expected {
            write!(f, "; expected {form}")?;
        }
        if !self.choices.is_empty() {
            write!(f, ": {}", self.choices.join(", "))?;
        }
        if let Some(name) = self.nearest {
            write!(f, "; did you mean {name}?")?;
        }
        write!(f, " [{}]", self.rule.id)
    }
}

impl std::error::Error for Issue {}

/// Why a query cannot be built or encoded: at least one error, and what to change. It shows no
/// values.
///
/// ```
/// use healthcode_search::{Query, Scope};
/// let mut query = Query::new(Scope::resource("Patient")?);
/// let error = query.set("birthdat", "1977-05-09").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "parameter 1: unknown parameter of the endpoint; did you mean birthdate? [QUERY-NAME]\n\
///      help: Servers ignore unknown parameters or refuse the query; both are worse than no query. \
///      Names are compared with case."
/// );
/// # Ok::<(), healthcode_search::QueryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct QueryError(Box<[Issue]>);

impl QueryError {
    /// Fails with the errors among the issues, if there are any.
    ///
    /// # Errors
    /// If there are.
    pub fn check(issues: Vec<Issue>) -> Result<(), QueryError> {
        let errors: Box<[Issue]> = issues.into_iter().filter(Issue::is_error).collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(QueryError(errors))
        }
    }

    /// All that is wrong; at least one.
    #[must_use]
    pub fn issues(&self) -> &[Issue] {
        &self.0
    }
}

impl From<Issue> for QueryError {
    fn from(issue: Issue) -> Self {
        QueryError(Box::new([issue]))
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, issue) in self.0.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n" };
            write!(f, "{gap}{issue}\nhelp: {}", issue.rule.help)?;
        }
        Ok(())
    }
}

impl std::error::Error for QueryError {}
