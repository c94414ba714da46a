//! The data that a sandbox has of its own: invented, and always the same.
//!
//! A table has a resource per row. A row fills the places of its template that are named like the
//! columns; its last column is a list, whose items fill a template of their own.

use super::Data;
use healthcode_core::UntypedResource;
use healthcode_r4::Bundle;
use healthcode_releases::Stu3;
use std::iter::once;

/// Locations; patients, as the NHS's own sandbox has them, and some who share their names; and a
/// practice's entries in the directory.
const RESOURCES: &str = include_str!("sample/resources.ndjson");
const PRACTITIONERS: &str = include_str!("sample/practitioners.csv");
const ROLES: &str = include_str!("sample/roles.csv");
/// Graphnet's resources; the first column is the type, whose template a row fills.
const GRAPHNET: &str = include_str!("sample/graphnet.csv");

/// The template of a type of STU3.
fn template(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AllergyIntolerance" => include_str!("sample/graphnet/allergy.json"),
        "Observation" => include_str!("sample/graphnet/observation.json"),
        "Condition" => include_str!("sample/graphnet/condition.json"),
        "Procedure" => include_str!("sample/graphnet/procedure.json"),
        "MedicationRequest" => include_str!("sample/graphnet/medication-request.json"),
        "MedicationStatement" => include_str!("sample/graphnet/medication-statement.json"),
        _ => return None,
    })
}

impl Data {
    /// Invented practitioners with roles at invented hospitals, patients, and a practice: always the
    /// same ones. The first practitioner is the one that Healthcode documents. Codes that begin with
    /// `X` are not Healthcode's.
    #[must_use]
    pub fn generated() -> Self {
        let insurer = (
            &["code", "display", "number"][..],
            include_str!("sample/insurer.json"),
        );
        let age = (&["code", "display"][..], include_str!("sample/age.json"));
        let practitioners = rows(
            PRACTITIONERS,
            include_str!("sample/practitioner.json"),
            insurer,
        );
        let roles = rows(ROLES, include_str!("sample/role.json"), age);
        let resources = RESOURCES.lines().map(str::to_owned);
        let entries = resources.chain(practitioners).chain(roles);
        let entries: Vec<_> = entries
            .map(|resource| format!(r#"{{"resource":{resource}}}"#))
            .collect();
        let entries = entries.join(",");
        let bundle =
            format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{entries}]}}"#);
        let read = healthcode_json::from_slice::<Bundle>(bundle.as_bytes());
        Data::new(read.map(|read| read.value)).with_graphnet(graphnet())
    }
}

/// Graphnet's resources.
fn graphnet() -> impl Iterator<Item = UntypedResource<Stu3>> {
    let mut lines = GRAPHNET.lines();
    let names = lines.next().unwrap_or_default();
    lines.filter_map(|line| {
        let template = template(line.split(',').next()?)?;
        let json = fill(template, names.split(','), line.split(','));
        Some(healthcode_json::from_slice(json.as_bytes()).ok()?.value)
    })
}

/// The resources of a table; with the columns and the template of its lists.
fn rows<'t>(
    table: &'t str,
    template: &'t str,
    (columns, item): (&'t [&'t str], &'t str),
) -> impl Iterator<Item = String> + 't {
    let mut lines = table.lines();
    let names = lines.next().unwrap_or_default().split(',');
    lines.map(move |line| {
        let (values, list) = line.rsplit_once(',').unwrap_or_default();
        let items = list
            .split(';')
            .map(|values| fill(item, columns.iter().copied(), values.split('|')));
        let items = items.collect::<Vec<_>>().join(",");
        fill(
            template,
            names.clone(),
            values.split(',').chain(once(&*items)),
        )
    })
}

/// A template with values in its places, which are names in braces.
fn fill<'n, 'v>(
    template: &str,
    names: impl Iterator<Item = &'n str>,
    values: impl Iterator<Item = &'v str>,
) -> String {
    names
        .zip(values)
        .fold(template.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn everything_is_read() {
        let data = Data::generated();
        let count = |name| {
            let types = data.resources().map(|resource| resource.resource_type());
            types.filter(|found| *found == Some(name)).count()
        };
        let types = [
            "Practitioner",
            "PractitionerRole",
            "Location",
            "Patient",
            "RelatedPerson",
            "Device",
            "Endpoint",
        ];
        // As many practitioners as the documented sample says there are.
        assert_eq!(types.map(count), [204, 321, 10, 6, 1, 2, 4]);
        let ids: HashSet<_> = data.resources().map(|resource| resource.id()).collect();
        assert_eq!(ids.len(), data.resources().count());
        assert_eq!(
            ids.iter().flatten().filter(|id| id.len() == 25).count(),
            321
        );
        for resource in data.resources() {
            assert!(healthcode_json::issues_of(resource).len() <= 1);
            // Every place of a template has a value.
            assert!(!healthcode_json::to_string(resource).contains("\"{"));
        }
        assert_eq!(data.graphnet.len(), GRAPHNET.lines().count() - 1);
        for resource in &*data.graphnet {
            assert!(!resource.to_string().contains("\"{"), "{resource}");
        }
    }
}
