//! Defects of the published definitions, each put right by a function of its own. A function
//! fails once its defect is gone, so that none outlives its reason.

use anyhow::{Context, Result, ensure};

use crate::spec::facts::{Facts, TypeKind};

/// Puts right what is known to be wrong with a release's definitions.
pub(super) fn apply(release: &str, facts: &mut Facts) -> Result<()> {
    match release {
        "r4" => resource_ids_are_ids(facts),
        "r4b" | "r5" => element_ids_are_strings(facts),
        "stu3" => search_types_may_be_absent(facts),
        _ => Ok(()),
    }
}

/// 4.3.0 and 5.0.0 give the `id` of data types the FHIR type `id`, and that of the elements inside
/// types `string`, which <https://hl7.org/fhir/R5/element.html#id> says of all: the ids of
/// `ElementDefinition`s have colons and brackets.
fn element_ids_are_strings(facts: &mut Facts) -> Result<()> {
    let mut changed = 0;
    for element in &mut facts.elements {
        if !element.flags.xml_attribute || !element.path.ends_with(".id") {
            continue;
        }
        for one in &mut element.types {
            if one.fhir_type.as_deref() == Some("id") {
                one.fhir_type = Some("string".to_owned());
                changed += 1;
            }
        }
    }
    ensure!(
        changed > 0,
        "ids of data types are strings: remove the fix-up element_ids_are_strings"
    );
    Ok(())
}

/// The expression of opd-2 in 3.0.2 is empty for a parameter without `searchType`, which it means to
/// be kept; R4 corrected it.
fn search_types_may_be_absent(facts: &mut Facts) -> Result<()> {
    let mut rules = facts.invariants.iter_mut();
    let rule = rules.find(|rule| rule.key == "opd-2");
    let rule = rule.filter(|rule| rule.expression == "searchType implies type = 'string'");
    let rule = rule.context("opd-2 is corrected: remove the fix-up search_types_may_be_absent")?;
    rule.expression = "searchType.exists() implies type = 'string'".to_owned();
    Ok(())
}

/// 4.0.1 has for `Resource.id` and thereby the `id` of every resource the FHIR type `string`
/// (`http://hl7.org/fhirpath/System.String` with the extension `structuredefinition-fhir-type` of
/// `string`), where <https://hl7.org/fhir/R4/resource.html#id> says `id`. R4B corrected it.
fn resource_ids_are_ids(facts: &mut Facts) -> Result<()> {
    let resources = facts.types.iter().filter(|t| t.kind == TypeKind::Resource);
    let paths: Vec<_> = resources.map(|t| format!("{}.id", t.name)).collect();
    for element in &mut facts.elements {
        if !paths.contains(&element.path) {
            continue;
        }
        let id = &mut element.types;
        ensure!(
            id.len() == 1
                && id[0].code == "System.String"
                && id[0].fhir_type.as_deref() == Some("string"),
            "`{}` is no longer given as a string: remove the fix-up resource_ids_are_ids",
            element.path
        );
        id[0].code = "id".to_owned();
        id[0].fhir_type = None;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::facts::{ElementFact, TypeFact};

    #[test]
    fn a_fixup_fails_without_its_defect() {
        let mut facts = Facts {
            types: vec![TypeFact {
                name: "Thing".into(),
                kind: TypeKind::Resource,
                ..TypeFact::default()
            }],
            elements: vec![ElementFact {
                path: "Thing.id".into(),
                types: vec!["System.String/string".parse().unwrap()],
                ..ElementFact::default()
            }],
            ..Facts::default()
        };
        apply("r4", &mut facts).unwrap();
        assert_eq!(facts.elements[0].types[0].code, "id");
        assert!(apply("r4", &mut facts).is_err());
        apply("toy", &mut facts).unwrap();
    }
}
