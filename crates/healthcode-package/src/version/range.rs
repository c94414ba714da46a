//! Ranges of versions as npm writes them: `^1.2.0`, `~1.2`, `>=1.0.0 <2.0.0`, `1.0.0 - 1.4.0`, `1.0.0 || 2.0.0`.
//!
//! FHIR packages use `1.2.x` alone, but those that were made with npm have ranges, too (node-semver, README).

use super::{compare_versions, halves, wildcard};
use std::cmp::Ordering;

/// What a version is compared with.
#[derive(Debug)]
enum Bound<'r> {
    /// A version, and how others may compare to it.
    Version(&'r str, &'static [Ordering]),
    /// The numbers that a version begins with.
    Start(&'r str),
    /// Numbers that a version lies below, pre-releases of them included.
    Below([u128; 3]),
}

/// The alternatives of a range; all bounds of one of them hold for a version in the range.
#[derive(Debug)]
pub(super) struct Range<'r>(Vec<Vec<Bound<'r>>>);

impl<'r> Range<'r> {
    /// A text as a range; `None` if it is a version, or neither.
    pub(super) fn parse(text: &'r str) -> Option<Self> {
        let is_range =
            text.contains(['^', '~', '<', '>', '|']) || text.contains(char::is_whitespace);
        if !is_range {
            return None;
        }
        let alternatives = text.split("||").map(|alternative| {
            if let Some((low, high)) = alternative.split_once(" - ") {
                let (low, high) = (low.trim(), high.trim());
                return Some(vec![at_least(low)?, up_to(high)?]);
            }
            let mut bounds = Vec::new();
            let mut words = alternative.split_whitespace();
            while let Some(word) = words.next() {
                // An operator may have spaces after it.
                let is_operator = word.bytes().all(|byte| b"<>=^~".contains(&byte));
                let (operator, version) = if is_operator {
                    (word, words.next()?)
                } else {
                    let number = word.find(|c: char| !"<>=^~".contains(c))?;
                    word.split_at_checked(number)?
                };
                comparator(operator, version, &mut bounds)?;
            }
            (!bounds.is_empty()).then_some(bounds)
        });
        alternatives.collect::<Option<_>>().map(Range)
    }

    /// Whether a version is in the range.
    pub(super) fn has(&self, version: &str) -> bool {
        self.0.iter().any(|bounds| {
            bounds.iter().all(|bound| match bound {
                Bound::Version(other, orders) => orders.contains(&compare_versions(version, other)),
                Bound::Start(start) => starts_with(version, start),
                Bound::Below(numbers) => numbers_of(version).is_some_and(|(own, _)| own < *numbers),
            })
        })
    }
}

/// Whether a version begins with these numbers: `1.2.9` with `1.2`.
pub(super) fn starts_with(version: &str, start: &str) -> bool {
    let (numbers, _) = halves(version);
    let mut own = numbers.split('.');
    start.is_empty() || start.split('.').all(|part| own.next() == Some(part))
}

fn comparator<'r>(operator: &str, version: &'r str, bounds: &mut Vec<Bound<'r>>) -> Option<()> {
    let version = version.strip_prefix('v').unwrap_or(version);
    let plain = wildcard(version).unwrap_or(version);
    let plain = if matches!(plain, "*" | "x" | "X") {
        ""
    } else {
        plain
    };
    match operator {
        "" | "=" if plain.is_empty() => bounds.push(Bound::Start("")),
        "" | "=" => {
            let (_, count) = numbers_of(plain)?;
            bounds.push(if count < 3 {
                Bound::Start(plain)
            } else {
                Bound::Version(plain, &[Ordering::Equal])
            });
        }
        ">=" => bounds.push(at_least(plain)?),
        ">" => {
            numbers_of(plain)?;
            bounds.push(Bound::Version(plain, &[Ordering::Greater]));
        }
        "<" => bounds.push(Bound::Below(numbers_of(plain)?.0)),
        "<=" => bounds.push(up_to(plain)?),
        "~" | "~>" | "^" => {
            let (numbers, count) = numbers_of(plain)?;
            let leading = numbers.iter().position(|number| *number > 0);
            let changing = match operator {
                // The first number that is not zero stays, of those that are given.
                "^" => leading.unwrap_or(2).min(count - 1),
                _ => 1.min(count - 1),
            };
            bounds.push(at_least(plain)?);
            bounds.push(Bound::Below(next(numbers, changing)));
        }
        _ => return None,
    }
    Some(())
}

fn at_least(version: &str) -> Option<Bound<'_>> {
    numbers_of(version)?;
    Some(Bound::Version(
        version,
        &[Ordering::Greater, Ordering::Equal],
    ))
}

/// Up to a version, or to all that begin with the numbers that are given.
fn up_to(version: &str) -> Option<Bound<'_>> {
    let version = wildcard(version).unwrap_or(version);
    let (numbers, count) = numbers_of(version)?;
    Some(if count < 3 {
        Bound::Below(next(numbers, count - 1))
    } else {
        Bound::Version(version, &[Ordering::Less, Ordering::Equal])
    })
}

/// The numbers of a version, and how many of the three are given.
fn numbers_of(version: &str) -> Option<([u128; 3], usize)> {
    let (text, _) = halves(version);
    let mut numbers = [0; 3];
    let mut count = 0;
    for part in text.split('.') {
        *numbers.get_mut(count)? = part.parse().ok()?;
        count += 1;
    }
    Some((numbers, count))
}

/// The numbers after all that begin with the same ones up to `at`.
fn next(mut numbers: [u128; 3], at: usize) -> [u128; 3] {
    for (index, number) in numbers.iter_mut().enumerate() {
        match index.cmp(&at) {
            Ordering::Less => {}
            Ordering::Equal => *number = number.saturating_add(1),
            Ordering::Greater => *number = 0,
        }
    }
    numbers
}
