//! Tests of `tasks.rs`.

use super::*;
use crate::generate;

fn input(documents: Vec<String>) -> Input {
    Input {
        name: "test".to_owned(),
        origin: String::new(),
        place: None,
        documents,
    }
}

#[test]
fn names_are_distinct() {
    let mut names = Task::ALL.map(Task::name).to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Task::ALL.len());
}

#[test]
fn every_task_runs_on_a_bundle_and_on_documents() {
    let patient = r#"{"resourceType":"Patient","id":"a"}"#;
    for (documents, expect) in [
        (vec![generate::transaction(30_000)], 16),
        (vec![patient.to_owned(); 40], 14),
    ] {
        let prepared = Prepared::new(input(documents)).unwrap();
        let tasks: Vec<_> = prepared.tasks(&Task::ALL).collect();
        assert_eq!(tasks.len(), expect);
        for task in tasks {
            assert!(prepared.run(task) > Duration::ZERO, "{task:?}");
            assert!(prepared.bytes(task) > 1_000, "{task:?}");
        }
    }
}

#[test]
fn what_is_refused_is_an_error() {
    let error = Prepared::new(input(vec!["{}".to_owned(), "{".to_owned()]));
    let message = error.err().unwrap().to_string();
    assert!(message.contains("refuses document"), "{message}");
}

#[test]
fn lines_are_the_resources() {
    let bundle = "{\"resourceType\":\"Bundle\",\"entry\":[\n{\"resource\":{\"id\": \"a\"}}, {}]}";
    let text = ndjson(&input(vec![bundle.to_owned()])).unwrap();
    assert_eq!(text, "{\"id\":\"a\"}\n");
    let documents = vec!["{ }".to_owned(), "[1]".to_owned()];
    assert_eq!(ndjson(&input(documents)).unwrap(), "{}\n[1]\n");
}

#[test]
fn threads_share_all_jobs() {
    for (threads, jobs) in [(1, 0), (1, 1), (2, 16), (2, 17), (3, 1000)] {
        let done: Vec<_> = (0..jobs).map(|_| AtomicUsize::new(0)).collect();
        shared(threads, &done, |done| {
            done.fetch_add(1, Ordering::Relaxed);
        });
        let done = done.iter().map(|done| done.load(Ordering::Relaxed));
        assert_eq!(done.collect::<Vec<_>>(), vec![1; jobs]);
    }
}
