//! [`Members`]: the names that members may have in a release, from its table, without unpacking it.

use crate::unpack::{columns, is_choice, line, two};
use std::collections::HashSet;

/// How many names of fields there may be before the table for them grows.
const NAMES: usize = 2048;

/// The names that members of a release's types may have.
pub(crate) struct Members {
    /// The names of fields.
    names: HashSet<&'static str>,
    /// Those of choices, which the name of a type follows.
    choices: Vec<&'static str>,
}

impl Members {
    /// The members of the release that a table describes.
    pub(crate) fn of(text: &'static str) -> Members {
        let (mut names, mut choices) = (HashSet::with_capacity(NAMES), Vec::new());
        let mut rest = text;
        while !rest.is_empty() {
            let (record, after) = line(rest);
            rest = after;
            let (kind, field) = two(record);
            if kind != "f" {
                continue;
            }
            let mut next = columns(field);
            let (key, _, _, flags) = (next(), next(), next(), next());
            let name = key.trim_matches(['"', ':']);
            if is_choice(flags) {
                choices.push(name);
            } else {
                names.insert(name);
            }
        }
        choices.sort_unstable();
        choices.dedup();
        Members { names, choices }
    }

    /// Whether some type may have a member of this name.
    pub(crate) fn may_include(&self, name: &str) -> bool {
        let name = name.strip_prefix('_').unwrap_or(name);
        let mut choices = self.choices.iter();
        self.names.contains(name) || choices.any(|one| name.starts_with(one))
    }
}

#[cfg(test)]
mod tests {
    use super::HashSet;
    use crate::{R4b, R5, Stu3};
    use healthcode_core::{Released, Schema, Type};

    /// Whether each member of each type may be one, and what is no member may not.
    fn check<R: Released>() {
        let mut open: Vec<&Schema> = R::release().types.to_vec();
        let mut seen = HashSet::new();
        let mut members = HashSet::new();
        while let Some(schema) = open.pop() {
            if !seen.insert(schema.name) {
                continue;
            }
            for field in schema.fields {
                let suffix = |one: &Type| if field.choice { one.suffix } else { "" };
                let named = |one| format!("{}{}", field.name(), suffix(one));
                members.extend(field.types.iter().map(named));
                open.extend(field.types.iter().filter_map(Type::schema));
            }
        }
        assert!(seen.len() > 300 && members.len() > 1000, "{}", R::name());
        for member in members {
            assert!(R::may_have_member(&member), "{member}");
            assert!(R::may_have_member(&format!("_{member}")), "{member}");
        }
        assert_eq!(R::name(), R::release().name);
        for name in ["", "foo", "onse", "contains a"] {
            assert!(!R::may_have_member(name), "{name}");
        }
    }

    #[test]
    fn members_are_found_without_unpacking() {
        check::<Stu3>();
        check::<R4b>();
        check::<R5>();
    }
}
