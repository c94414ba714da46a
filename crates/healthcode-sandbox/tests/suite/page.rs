//! The page "call Healthcode in 30 lines": its program runs, and has 30 lines.

use crate::kit::{client, start};
use healthcode_search::PractitionerSearch;

#[path = "../../../healthcode-transport/examples/call.rs"]
#[allow(dead_code, missing_docs, reason = "this is a program")]
mod call;

#[tokio::test]
async fn calls_healthcode() {
    let sandbox = start();
    let client = client(&sandbox);
    let query = PractitionerSearch::new()
        .gender("female")
        .count(200)
        .build()
        .unwrap();
    let all = client.search(&query).await.unwrap().value;
    assert!(all.entry.len() > 50, "more than a page of the program");
    let names = call::names(&client, "").await;
    assert!(names.is_err(), "an empty surname is no query");
    let smiths = call::names(&client, "S").await.unwrap();
    let query = PractitionerSearch::new()
        .family("S")
        .count(1000)
        .build()
        .unwrap();
    let expect = client.search(&query).await.unwrap().value.entry.len();
    assert_eq!(smiths.len(), expect);
    assert!(
        smiths.iter().any(|name| name.contains("Smith")),
        "{smiths:?}"
    );
}

#[test]
fn thirty_lines() {
    let text = include_str!("../../../healthcode-transport/examples/call.rs");
    assert!(text.lines().count() <= 30, "{}", text.lines().count());
}
