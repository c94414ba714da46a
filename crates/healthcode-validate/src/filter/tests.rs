//! Which issues filters let through.

use super::*;
use healthcode_core::{Constraint, Detail, Path};
use std::sync::Arc;

fn issue(rule: &str, path: &str) -> Issue {
    let path = Path::with_root(path, path);
    Issue::new(crate::rule(rule).expect("a rule"), &path, Detail::None)
}

fn kept(filter: &Filter, issues: &[Issue]) -> Vec<String> {
    let mut issues = issues.to_vec();
    filter.apply(&mut issues);
    let show = |issue: &Issue| format!("{} {} {}", issue.severity, issue.rule.id, issue.path);
    issues.iter().map(show).collect()
}

fn selector(text: &str) -> Selector {
    text.parse().expect("a selector")
}

#[test]
fn what_is_kept() {
    let issues = [
        issue("JSON-SYNTAX", ""),
        issue("R4-DATE", "Patient.birthDate"),
        issue("R4-BLANK-STRING", "Patient.name[0].family"),
        issue("R4-BLANK-STRING", "Patient.name[0].family"),
        issue("HC-DOTTED-DATE", "Patient.birthDate"),
    ];
    let check = |filter: Filter, expect: &[&str]| {
        assert_eq!(kept(&filter, &issues), expect, "{filter:?}");
    };
    let fatal = "fatal JSON-SYNTAX ";
    let date = "error R4-DATE Patient.birthDate";
    let blank = "warning R4-BLANK-STRING Patient.name[0].family";
    let note = "information HC-DOTTED-DATE Patient.birthDate";
    check(Filter::new(), &[fatal, date, blank, note]);
    check(Filter::new().ignore(selector("*")), &[fatal]);
    check(
        Filter::new().ignore(selector("JSON-SYNTAX")),
        &[date, blank, note],
    );
    check(
        Filter::new().ignore(selector("R4-*@Patient.name")),
        &[fatal, date, note],
    );
    let only = Filter::new().only(selector("HC-*"));
    check(only.clone(), &[fatal, note]);
    check(
        only.clone().only(selector("R4-DATE@Patient")),
        &[fatal, date, note],
    );
    check(only.ignore(selector("*@Patient.birthDate")), &[fatal]);
    check(
        Filter::new().least(Severity::Warning),
        &[fatal, date, blank],
    );
    let mut filter = Filter::new().least(Severity::Warning);
    for (rule, severity) in [
        ("R4-DATE", Severity::Error),
        ("R4-DATE", Severity::Information),
        ("HC-DOTTED-DATE", Severity::Warning),
    ] {
        filter.set_severity(rule, severity).expect("a rule");
    }
    let refused = filter.set_severity("JSON-SYNTAX", Severity::Information);
    assert_eq!(refused, Err(FilterError::Fatal("JSON-SYNTAX")));
    let raised = "warning HC-DOTTED-DATE Patient.birthDate";
    check(filter, &[fatal, blank, raised]);
}

#[test]
fn what_differs_in_detail_is_another_issue() {
    let first = issue("FHIR-JSON-TYPE", "Patient.active");
    let mut second = first.clone();
    second.detail = Detail::Expected("true or false");
    let issues = [first.clone(), second.clone(), second, first];
    assert_eq!(kept(&Filter::new(), &issues).len(), 2);
}

#[test]
fn what_differs_in_severity_constraint_or_place_is_another_issue() {
    let first = issue("R4-PROFILE-INVARIANT", "Patient");
    let change = |change: &dyn Fn(&mut Issue)| {
        let mut other = first.clone();
        change(&mut other);
        other
    };
    let constraint = |profile: &str, element: &str, text: &str| {
        let constraint = Arc::new(Constraint::new(profile, element, text));
        change(&|issue| issue.constraint = Some(Arc::clone(&constraint)))
    };
    let mut issues = vec![
        first.clone(),
        change(&|issue| issue.severity = Severity::Warning),
        change(&|issue| issue.within = 7),
        change(&|issue| issue.occurrence = 1),
        constraint("http://a", "Patient", "a-1: text"),
        constraint("http://a", "Patient", "a-2: text"),
        constraint("http://a", "Patient.name:x", "a-1: text"),
        constraint("http://b", "Patient", "a-1: text"),
    ];
    let expected = issues.len();
    issues.extend(issues.clone());
    assert!(issues.len() <= FEW);
    assert_eq!(kept(&Filter::new(), &issues).len(), expected);
    issues.extend(issues.clone());
    assert_eq!(kept(&Filter::new(), &issues).len(), expected);
}

#[test]
fn what_is_no_selector() {
    for (text, expect) in [
        ("R4-DAT", "unknown rule R4-DAT: did you mean R4-DATE?"),
        ("NO-SUCH-*", "unknown rule NO-SUCH-*"),
        ("", "unknown rule "),
        (
            "R4-DATE@",
            "invalid path : expected steps between dots, with an index in brackets",
        ),
        (
            "*@a..b",
            "invalid path a..b: expected steps between dots, with an index in brackets",
        ),
    ] {
        let error = text.parse::<Selector>().expect_err(text);
        assert_eq!(error.to_string(), expect);
    }
}
