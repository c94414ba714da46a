//! What is wrong with a query, without showing what it holds.
//!
//! The path of an issue is the name of a parameter in the tables, or `parameter[0]` for one that is in
//! none; its pointer is the parameter's place in the query, `/0`. Both are empty for the query as a whole.

use healthcode_core::{Detail, Issue, Rule};
use std::fmt;

/// An issue with a query, or with one of its parameters: by its index, its name in the tables, or both.
pub(crate) fn issue(
    rule: &'static Rule,
    index: Option<usize>,
    parameter: Option<&'static str>,
    detail: Detail,
) -> Issue {
    let mut issue = Issue::at(rule, String::new(), String::new(), detail);
    if let Some(index) = index {
        place(&mut issue, index);
    }
    if let Some(parameter) = parameter {
        parameter.clone_into(&mut issue.path);
    }
    issue
}

/// An issue with a query as a whole.
pub(crate) fn of_query(rule: &'static Rule) -> Issue {
    issue(rule, None, None, Detail::None)
}

fn place(issue: &mut Issue, index: usize) {
    issue.pointer = format!("/{index}");
    if issue.path.is_empty() {
        issue.path = format!("parameter[{index}]");
    }
}

/// Which parameter of its query an issue is about, from 0, if it is about one.
#[must_use]
pub fn parameter_index(issue: &Issue) -> Option<usize> {
    issue.pointer.strip_prefix('/')?.parse().ok()
}

/// Why a query cannot be built or encoded: at least one error, and what to change. It shows no
/// values.
///
/// ```
/// use healthcode_search::{Query, Scope};
/// let mut query = Query::new(Scope::resource("Patient")?);
/// let error = query.set("birthdat", "1977-05-09").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "error: unknown parameter of the endpoint; did you mean birthdate? at parameter[0] [QUERY-NAME]\n\
///      help: FHIR R4 search.html#errors: servers ignore unknown parameters or refuse the query; both \
///      are worse than no query. Names are compared with case."
/// );
/// # Ok::<(), healthcode_search::QueryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct QueryError(Box<[Issue]>);

impl QueryError {
    /// An error of the query as a whole.
    #[must_use]
    pub fn new(rule: &'static Rule) -> Self {
        of_query(rule).into()
    }

    fn change(mut self, change: impl Fn(&mut Issue)) -> Self {
        self.0.iter_mut().for_each(change);
        self
    }

    /// The same error with the parameter of this index.
    #[must_use]
    pub fn at(self, index: usize) -> Self {
        self.change(|issue| place(issue, index))
    }

    /// The same error with the parameter of this name in the tables.
    #[must_use]
    pub fn of(self, parameter: &'static str) -> Self {
        self.change(|issue| parameter.clone_into(&mut issue.path))
    }

    pub(crate) fn expected(self, form: &'static str) -> Self {
        self.change(|issue| issue.detail = Detail::Expected(form))
    }

    /// What was expected are these words; the one that was probably meant is named.
    pub(crate) fn one_of(
        self,
        words: &'static [&'static str],
        nearest: Option<&'static str>,
    ) -> Self {
        self.change(|issue| {
            issue.detail = match (issue.detail, nearest) {
                (Detail::Expected(expected), _) if nearest.is_some() || !words.is_empty() => {
                    Detail::OneOf {
                        expected,
                        words,
                        nearest,
                    }
                }
                (Detail::None, Some(name)) => Detail::Nearest(name),
                (detail, _) => detail,
            }
        })
    }

    pub(crate) fn nearest(self, name: Option<&'static str>) -> Self {
        self.one_of(&[], name)
    }

    /// Fails with the errors among the issues, if there are any.
    ///
    /// # Errors
    /// If there are.
    pub fn check(issues: Vec<Issue>) -> Result<(), QueryError> {
        let errors: Box<[Issue]> = issues
            .into_iter()
            .filter(|issue| issue.severity.is_error())
            .collect();
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

impl IntoIterator for QueryError {
    type Item = Issue;
    type IntoIter = std::vec::IntoIter<Issue>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_vec().into_iter()
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
