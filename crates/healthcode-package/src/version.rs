//! Versions of packages and definitions: their order, and what a dependency may request.

mod range;

use range::{Range, starts_with};
use std::cmp::Ordering;

/// A part of a version between dots.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'v> {
    Number(u128),
    // Numbers come before words (Semantic Versioning 11.4.3).
    Word(&'v str),
}

/// The parts of a text between dots.
fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    text.split('.')
        .map(|part| part.parse().map_or(Part::Word(part), Part::Number))
}

/// The numbers of a version and its pre-release, without what follows a plus sign.
fn halves(version: &str) -> (&str, Option<&str>) {
    let version = version.split('+').next().unwrap_or(version);
    match version.split_once('-') {
        Some((numbers, label)) => (numbers, Some(label)),
        None => (version, None),
    }
}

/// Whether a version is a release: it begins with a number and has no label such as `-ballot`.
#[must_use]
pub fn is_release(version: &str) -> bool {
    let (numbers, label) = halves(version);
    label.is_none() && numbers.starts_with(|c: char| c.is_ascii_digit())
}

/// The order of versions: by number, a pre-release before its release; what is no version at all comes
/// first. Missing numbers are zero, so that `1.2` and `1.2.0` are one version.
///
/// ```
/// use healthcode_package::compare_versions;
/// use std::cmp::Ordering;
/// assert_eq!(compare_versions("1.2.10", "1.2.9"), Ordering::Greater);
/// assert_eq!(compare_versions("1.2.0-ballot", "1.2.0"), Ordering::Less);
/// ```
#[must_use]
pub fn compare_versions(a: &str, b: &str) -> Ordering {
    let ((a, label_a), (b, label_b)) = (halves(a), halves(b));
    let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let numbers = is_number(a)
        .cmp(&is_number(b))
        .then_with(|| compare_numbers(a, b));
    numbers.then_with(|| match (label_a, label_b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => parts(a).cmp(parts(b)),
    })
}

fn compare_numbers(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (parts(a), parts(b));
    loop {
        let (one, other) = (a.next(), b.next());
        if one.is_none() && other.is_none() {
            return Ordering::Equal;
        }
        let zero = || Part::Number(0);
        let order = one.unwrap_or_else(zero).cmp(&other.unwrap_or_else(zero));
        if order.is_ne() {
            return order;
        }
    }
}

/// The version that a dependency requests, of those that there are.
///
/// An exact version is that version; `1.2.x` the highest patch of 1.2, `latest` (or nothing) the highest
/// release. A pre-release is taken only where there is no release. `current` and `dev` are builds of that
/// name, and never meant otherwise; where there is no `dev`, `current` is used. The ranges of npm mean the highest
/// version in them.
///
/// ```
/// use healthcode_package::select_version;
/// let there = ["1.2.9", "1.2.10", "2.0.0"];
/// assert_eq!(select_version("1.2.x", there.into_iter()), Some("1.2.10"));
/// assert_eq!(select_version("^1.0.0", there.into_iter()), Some("1.2.10"));
/// ```
#[must_use]
pub fn select_version<'v>(
    requested: &str,
    there: impl Iterator<Item = &'v str>,
) -> Option<&'v str> {
    let requested = requested.trim();
    let requested = requested
        .strip_prefix(['v', '='])
        .unwrap_or(requested)
        .trim_start();
    let is_any = matches!(requested, "" | "latest" | "*" | "x" | "X");
    let wild = wildcard(requested);
    let there: Vec<&str> = there.collect();
    let range = Range::parse(requested);
    if !is_any && wild.is_none() && range.is_none() {
        let same = |one: &&&str| one.eq_ignore_ascii_case(requested);
        if let Some(found) = there.iter().find(same) {
            return Some(found);
        }
        if requested.eq_ignore_ascii_case("dev") {
            return there.into_iter().find(|one| *one == "current");
        }
        // 1.2 is 1.2.0.
        let is_number = requested.starts_with(|c: char| c.is_ascii_digit());
        let equal = |one: &&&str| compare_versions(one, requested).is_eq();
        return there.iter().find(equal).copied().filter(|_| is_number);
    }
    let fits = |one: &&str| {
        one.starts_with(|c: char| c.is_ascii_digit())
            && match &range {
                Some(range) => range.has(one),
                None => wild.is_none_or(|start| starts_with(one, start)),
            }
    };
    there.into_iter().filter(fits).max_by(|a, b| {
        is_release(a)
            .cmp(&is_release(b))
            .then_with(|| compare_versions(a, b))
    })
}

/// The numbers before the wildcards of `1.2.x` or `1.x.x`.
fn wildcard(requested: &str) -> Option<&str> {
    let mut rest = requested;
    while let Some(start) = [".x", ".X", ".*"]
        .iter()
        .find_map(|end| rest.strip_suffix(end))
    {
        rest = start;
    }
    (rest.len() < requested.len()).then_some(rest)
}

#[cfg(test)]
mod tests;
