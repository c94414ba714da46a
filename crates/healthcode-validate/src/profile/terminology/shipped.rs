//! Filters on the code systems of R4 itself, whose codes and hierarchies are shipped.

use super::filter::{Filter, Op};
use crate::binding::shipped_system_has;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The system, a code, and the code above it.
const ROWS: &str = include_str!("hierarchies.tsv");

/// The base of the URLs of R4's own code systems.
const BASE: &str = "http://hl7.org/fhir/";

/// The greatest depth of a hierarchy.
const DEPTH: usize = 16;

type Parents = HashMap<(&'static str, &'static str), &'static str>;

static PARENTS: LazyLock<Parents> = LazyLock::new(|| {
    let rows = ROWS.lines().filter(|row| !row.starts_with('#'));
    let rows = rows.filter_map(|row| {
        let (system, codes) = row.split_once('\t')?;
        let (code, above) = codes.split_once('\t')?;
        Some(((system, code), above))
    });
    rows.collect()
});

/// Whether a code of one of R4's own systems is another one, or below it; `None` where that is not known.
pub(super) fn is_or_below(url: &str, code: &str, above: &str) -> Option<bool> {
    let both = shipped_system_has(url, code)? && shipped_system_has(url, above)?;
    let system = url.strip_prefix(BASE).filter(|name| !name.contains('/'))?;
    Some(both && reaches(system, code, above))
}

/// Whether a code of a system is another one, or below it.
fn reaches(system: &str, code: &str, above: &str) -> bool {
    let mut at = code;
    for _ in 0..DEPTH {
        if at == above {
            return true;
        }
        match PARENTS.get(&(system, at)) {
            Some(parent) => at = parent,
            None => break,
        }
    }
    false
}

/// Whether a code of a system passes a filter; `None` where that is not known.
pub(super) fn passes(url: &str, filter: &Filter, code: &str) -> Option<bool> {
    if !shipped_system_has(url, code)? {
        return Some(false);
    }
    let system = url.strip_prefix(BASE).filter(|name| !name.contains('/'))?;
    let is_or_below = |code: &str, above: &str| reaches(system, code, above);
    let value = &*filter.value;
    match &filter.op {
        Op::IsA => Some(is_or_below(code, value)),
        Op::IsNotA => Some(!is_or_below(code, value)),
        Op::DescendentOf => Some(code != value && is_or_below(code, value)),
        Op::Generalizes => Some(is_or_below(value, code)),
        _ if !filter.is_of_code() => None,
        Op::Equal => Some(code == value),
        Op::In => Some(filter.list().any(|one| one == code)),
        Op::NotIn => Some(!filter.list().any(|one| one == code)),
        Op::Regex(Some(regex)) => Some(regex.is_match(code)),
        _ => None,
    }
}
