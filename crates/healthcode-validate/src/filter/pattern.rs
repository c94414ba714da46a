//! Patterns of paths.

use super::FilterError;

/// A pattern of paths; see [`Selector`](super::Selector) for what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A name or `*`, and an index with its brackets, or nothing.
    One(String, String),
    /// `**`.
    Any,
}

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, FilterError> {
        let fault = || FilterError::Path(text.to_owned());
        let mut steps = Vec::new();
        for (name, index) in split(text) {
            let digits = |inside: &str| inside.bytes().all(|byte| byte.is_ascii_digit());
            let inside = index
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            let good = index.is_empty()
                || inside.is_some_and(|inside| !inside.is_empty() && digits(inside));
            if name.is_empty() || !good || (name == "**" && !index.is_empty()) {
                return Err(fault());
            }
            steps.push(match name {
                "**" => Step::Any,
                name => Step::One(name.to_owned(), index.to_owned()),
            });
        }
        Ok(Pattern(steps))
    }

    /// Whether a path, or one that it begins with, has this pattern.
    pub(super) fn matches(&self, path: &str) -> bool {
        let path: Vec<_> = split(path).collect();
        let (mut at, mut step) = (0, 0);
        // Where to go on when a step after the last `**` does not match. The path may go on after
        // the pattern, so the first match is as good as any.
        let mut again = None;
        loop {
            match (self.0.get(step), path.get(at)) {
                (None, _) => return true,
                (Some(Step::Any), _) => {
                    again = Some((at, step));
                    step += 1;
                }
                (Some(Step::One(name, index)), Some(found))
                    if (name == "*" || name == found.0)
                        && (index.is_empty() || index == found.1) =>
                {
                    at += 1;
                    step += 1;
                }
                (Some(_), None) => return false,
                (Some(_), Some(_)) => {
                    let Some((from, any)) = again else {
                        return false;
                    };
                    again = Some((from + 1, any));
                    (at, step) = (from + 1, any + 1);
                }
            }
        }
    }
}

/// The steps of a path: names, and what is in brackets behind them. Dots and brackets in
/// backticks belong to the name.
fn split(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = Some(path);
    std::iter::from_fn(move || {
        let text = rest?;
        let (mut quoted, mut escaped, mut bracket) = (false, false, text.len());
        let mut end = None;
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'`' => quoted = !quoted,
                _ if quoted => {}
                b'[' => bracket = bracket.min(at),
                b'.' => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
        }
        let (step, after) = match end {
            Some(end) => (&text[..end], Some(&text[end + 1..])),
            None => (text, None),
        };
        rest = after;
        Some(step.split_at(bracket.min(step.len())))
    })
}

/// A path without its indexes: `Bundle.entry.resource`.
///
/// ```
/// let path = healthcode_validate::index_free("Bundle.entry[3].resource");
/// assert_eq!(path, "Bundle.entry.resource");
/// ```
#[must_use]
pub fn index_free(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for (name, _) in split(path) {
        if !out.is_empty() {
            out.push('.');
        }
        out.push_str(name);
    }
    out
}

#[cfg(test)]
mod tests;
