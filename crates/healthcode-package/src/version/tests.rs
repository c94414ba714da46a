//! The order of versions, and which one a dependency means.

use super::*;

#[test]
fn order() {
    let sorted = [
        "current",
        "dev",
        "0.9",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-ballot",
        "1.0.0-ballot2",
        "1.0.0",
        "1.0.1",
        "1.2.9",
        "1.2.10-beta.2",
        "1.2.10-beta.11",
        "1.2.10",
        "2024.0.0-rc.1",
        "20240101",
    ];
    for pair in sorted.windows(2) {
        assert_eq!(
            compare_versions(pair[0], pair[1]),
            Ordering::Less,
            "{pair:?}"
        );
        assert_eq!(
            compare_versions(pair[1], pair[0]),
            Ordering::Greater,
            "{pair:?}"
        );
    }
    assert_eq!(compare_versions("1.2", "1.2.0+build.7"), Ordering::Equal);
}

#[test]
fn what_is_selected() {
    let there = [
        "1.2.9",
        "1.2.10",
        "1.2.11-beta.1",
        "1.3.0",
        "2.0.0",
        "2.1.0-ballot",
        "current",
        "dev",
    ];
    for (requested, expect) in [
        ("1.2.9", Some("1.2.9")),
        ("1.2.x", Some("1.2.10")),
        ("1.x", Some("1.3.0")),
        ("1.x.x", Some("1.3.0")),
        ("2.1.x", Some("2.1.0-ballot")),
        ("latest", Some("2.0.0")),
        ("", Some("2.0.0")),
        ("*", Some("2.0.0")),
        ("current", Some("current")),
        ("dev", Some("dev")),
        ("2", Some("2.0.0")),
        ("1.4.x", None),
        ("1.2.1", None),
        ("current$main", None),
        ("^1.2.0", Some("1.3.0")),
        ("^1.3", Some("1.3.0")),
        ("^1.4.0", None),
        ("~1.2.0", Some("1.2.10")),
        ("~1.2", Some("1.2.10")),
        ("~1", Some("1.3.0")),
        (">=1.0.0 <2.0.0", Some("1.3.0")),
        (">= 1.0.0 < 2", Some("1.3.0")),
        (">1.3.0", Some("2.0.0")),
        ("<=1.2", Some("1.2.10")),
        ("1.2.0 - 1.2.9", Some("1.2.9")),
        ("1.0 - 1.2", Some("1.2.10")),
        ("1.2.9 || 1.3.0", Some("1.3.0")),
        ("1.2.x || ^3.0.0", Some("1.2.10")),
        ("1.x <1.3.0", Some("1.2.10")),
        ("^2.1.0-ballot", Some("2.1.0-ballot")),
        ("> x", None),
        ("^", None),
        ("||", None),
    ] {
        assert_eq!(
            select_version(requested, there.into_iter()),
            expect,
            "{requested}"
        );
    }
    assert_eq!(select_version("latest", ["current"].into_iter()), None);
    assert_eq!(
        select_version("latest", ["1.0.0-a", "1.0.0-b"].into_iter()),
        Some("1.0.0-b")
    );
    let dev = |there: [&'static str; 2]| select_version("dev", there.into_iter());
    assert_eq!(dev(["current", "1.0.0"]), Some("current"));
    assert_eq!(dev(["current", "dev"]), Some("dev"));
    for (requested, expect) in [
        ("^0.2.3", "0.2.10"),
        ("^0.0.3", "0.0.3"),
        ("^0", "0.3.0"),
        ("~0.2", "0.2.10"),
    ] {
        let there = ["0.0.3", "0.0.4", "0.2.3", "0.2.10", "0.3.0", "1.0.0"];
        assert_eq!(
            select_version(requested, there.into_iter()),
            Some(expect),
            "{requested}"
        );
    }
}
