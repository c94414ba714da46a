//! Packages as they are published, from the folder that `HEALTHCODE_PACKAGES` names
//! (`npm pack hl7.fhir.uv.ips@2.0.0` and others, into one folder).

use super::published::{archives, load, profiles};
use healthcode_validate::{DefinitionKind, Definitions};

#[test]
fn all_profiles_can_be_used() {
    let Some(files) = archives() else {
        return;
    };
    let packages = load(files.iter().map(String::as_str));
    let set = profiles(&packages);
    let mut faults = Vec::new();
    let mut count = 0;
    for (url, candidate) in packages.definitions() {
        let version = candidate.version.unwrap_or_default();
        let number = packages.find(candidate.kind, url, Some(version)).unwrap();
        if candidate.kind != DefinitionKind::StructureDefinition {
            assert!(packages.read(number).is_some(), "{url}");
            continue;
        }
        count += 1;
        let problems = set.problems(&format!("{url}|{version}"));
        for problem in problems {
            let constraint = problem.constraint.unwrap();
            faults.push(format!("{url} {}: {}", constraint.element, constraint.text));
        }
    }
    assert!(
        count > 0
            && packages
                .take_warnings()
                .iter()
                .all(|warning| warning.contains("depends on"))
    );
    assert!(
        faults.is_empty(),
        "{} of {count}: {faults:#?}",
        faults.len()
    );
}
