//! Payloads of other FHIR versions: recognised by elements that R4 lost or gained.
//!
//! Facts are from the pages of differences of FHIR R4 and R5, and from STU3's definitions.

use crate::place::Place;
use crate::registry as rule;
use healthcode_core::{Detail, ExtraKind, Issue, Issues};
use std::sync::LazyLock;

/// What one other version has and R4 has not: types of resources (no member), members, and members whose
/// JSON starts otherwise than R4's.
const TABLE: &str = include_str!("version.tsv");

struct Row {
    of: &'static str,
    member: &'static str,
    /// How the JSON of the member starts, if R4 has a member of the same name.
    start: &'static str,
    version: &'static str,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let row = |line: &'static str| {
        let mut cells = line.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        Row {
            of: cell(),
            member: cell(),
            start: cell(),
            version: cell(),
        }
    };
    TABLE.lines().skip(1).map(row).collect()
});

/// Reports once for each resource which other version it looks like. `hinted` is the last resource that was
/// reported.
#[cold]
#[inline(never)]
pub(crate) fn hint<'v>(
    place: &Place<'_, 'v>,
    hinted: &mut Option<&'v dyn healthcode_core::Element>,
    issues: &mut Issues,
) {
    if hinted.is_some_and(|hinted| std::ptr::addr_eq(hinted, place.resource)) {
        return;
    }
    let name = place.schema.name;
    let found = place.element.extras().iter().find_map(|extra| {
        let (key, json) = (extra.key(), extra.json());
        let unknown = extra.kind() == ExtraKind::Unknown;
        let row = if unknown && key == "resourceType" {
            let text = json.trim_matches('"');
            ROWS.iter()
                .find(|row| row.member.is_empty() && row.of == text)
        } else {
            ROWS.iter().find(|row| {
                let fits = match row.start {
                    "" => unknown,
                    start => json.starts_with(start),
                };
                row.of == name && row.member == key && fits
            })
        };
        row.map(|row| row.version)
    });
    if let Some(version) = found {
        *hinted = Some(place.resource);
        let detail = Detail::Name(version);
        issues.push(Issue::new(&rule::R4_OTHER_VERSION, place.path, detail));
    }
}

#[cfg(test)]
mod tests {
    use super::ROWS;
    use healthcode_r4::{Resource, schema};

    /// R4 has the types and lacks the members.
    #[test]
    fn tables_are_of_other_versions() {
        let type_of = |name: &str| {
            let (outer, inner) = name.split_once('.').unwrap_or((name, ""));
            let found = schema::find(outer);
            if inner.is_empty() {
                return found;
            }
            found.and_then(|found| found.field(inner)?.1.types[0].schema())
        };
        for row in ROWS.iter() {
            let (of, member) = (row.of, row.member);
            if member.is_empty() {
                assert!(!Resource::TYPE_NAMES.contains(&of), "{of}");
                continue;
            }
            let Some(schema) = type_of(of) else {
                panic!("{of}");
            };
            assert_eq!(
                schema.member(member).is_none(),
                row.start.is_empty(),
                "{of}.{member}"
            );
        }
    }
}
