//! Packages as they are published, from the folder that `HEALTHCODE_PACKAGES` names
//! (`npm pack hl7.fhir.uv.ips@2.0.0` and others, into one folder).

use healthcode_package::{Cache, Packages};
use healthcode_validate::{DefinitionKind, Definitions, ProfileSet};
use std::path::Path;
use std::sync::Arc;
use std::{env, fs};

#[test]
fn all_profiles_can_be_used() {
    let Some(folder) = env::var_os("HEALTHCODE_PACKAGES") else {
        println!("SKIPPED: HEALTHCODE_PACKAGES is not set");
        return;
    };
    let files = fs::read_dir(folder).unwrap().flatten();
    let files = files.map(|file| file.path().to_string_lossy().into_owned());
    let mut files: Vec<String> = files.filter(|path| path.ends_with(".tgz")).collect();
    files.sort();
    let given = files.iter().map(String::as_str);
    let packages = Arc::new(Packages::load(given, &Cache::open(Path::new(""))).unwrap());
    let mut set = ProfileSet::new();
    set.provide(Arc::clone(&packages) as _);
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
                .all(|it| it.contains("depends on"))
    );
    assert!(
        faults.is_empty(),
        "{} of {count}: {faults:#?}",
        faults.len()
    );
}
