//! Defects of the published definitions, each put right by a function of its own. A function
//! fails once its defect is gone, so that none outlives its reason.

use anyhow::{Context, Result, ensure};

use crate::spec::facts::{Facts, TypeKind};

/// Puts right what is known to be wrong with a release's definitions.
pub(super) fn apply(release: &str, facts: &mut Facts) -> Result<()> {
    match release {
        "r4" => resource_ids_are_ids(facts),
        "r4b" | "r5" => element_ids_are_strings(facts),
        "stu3" => correct(facts, STU3),
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

/// Expressions of 3.0.2 that contradict the texts of their invariants, each as R4 or its text has it: the key,
/// the expression, and what replaces it.
const STU3: &[(&str, &str, &str)] = &[
    // "Not done reason can only be specified if notDone is true": it returns nothing if notDone is absent.
    (
        "com-1",
        "notDone or notDoneReason.exists().not()",
        "notDone = true or notDoneReason.exists().not()",
    ),
    (
        "fhs-3",
        "notDone or notDoneReason.exists().not()",
        "notDone = true or notDoneReason.exists().not()",
    ),
    // "Reason given is only permitted if notGiven is false": a boolean is compared with a text.
    (
        "mad-3",
        "reasonCode.empty() or notGiven.empty() or notGiven = 'false'",
        "reasonCode.empty() or notGiven.empty() or notGiven = false",
    ),
    // "Root systems cannot have uuid identifiers": it requires them.
    (
        "nsd-1",
        "kind != 'root' or uniqueId.type = 'uuid'",
        "kind != 'root' or uniqueId.all(type != 'uuid')",
    ),
    // "Search type can only be specified for parameters of type string": it returns nothing if searchType is absent.
    (
        "opd-2",
        "searchType implies type = 'string'",
        "searchType.exists() implies type = 'string'",
    ),
];

/// Replaces expressions.
fn correct(facts: &mut Facts, expressions: &[(&str, &str, &str)]) -> Result<()> {
    for (key, wrong, right) in expressions {
        let mut rules = facts.invariants.iter_mut();
        let rule = rules.find(|rule| rule.key == *key && rule.expression == *wrong);
        let rule = rule.with_context(|| format!("{key} is corrected: remove its fix-up"))?;
        rule.expression = (*right).to_owned();
    }
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
