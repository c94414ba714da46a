//! The table of payload defects, row by row: which test holds the cases of a row, or why a row is
//! tolerated.

/// Where the cases of each row are, as test functions of this suite.
const ROWS: &[(u8, &[&str])] = &[
    (1, &["structure::byte_order_mark"]),
    (2, &["structure::not_json"]),
    (3, &["structure::not_json"]),
    (4, &["structure::not_json"]),
    (5, &["structure::not_json"]),
    (6, &["structure::not_json"]),
    (7, &["structure::resource_types"]),
    (8, &["structure::unknown_members"]),
    (9, &["structure::nothing_where_something_belongs"]),
    (10, &["structure::nothing_where_something_belongs"]),
    (11, &["structure::nothing_where_something_belongs"]),
    (12, &["structure::nothing_where_something_belongs"]),
    (13, &["structure::nothing_where_something_belongs"]),
    (14, &["structure::shapes"]),
    (15, &["structure::shapes"]),
    // Legal: a primitive of extensions only.
    (16, &["structure::clean"]),
    (17, &["structure::shapes"]),
    (18, &["structure::required"]),
    (19, &["structure::shapes"]),
    (20, &["structure::shapes"]),
    (21, &["structure::dates"]),
    // Legal: dates of less precision.
    (22, &["structure::clean"]),
    (23, &["structure::dates"]),
    // Legal: leap seconds, and fractions of any length.
    (24, &["structure::clean"]),
    (25, &["structure::dates"]),
    (26, &["structure::clean", "structure::numbers"]),
    (27, &["structure::numbers"]),
    (28, &["structure::forms", "versions::attachment_size"]),
    (29, &["structure::forms"]),
    (30, &["structure::forms"]),
    (
        31,
        &[
            "terminology::required_codes",
            "terminology::required_concepts",
            "terminology::extensible",
            "terminology::open_sets",
        ],
    ),
    (32, &["structure::forms", "terminology::systems"]),
    (33, &["structure::forms"]),
    (
        34,
        &[
            "structure::required",
            "defects::defects",
            "terminology::extensions",
        ],
    ),
    (35, &["terminology::extensions"]),
    (36, &["terminology::modifier_extensions"]),
    (37, &["defects::defects"]),
    (
        38,
        &[
            "references::forms",
            "references::targets",
            "references::canonicals",
            "defects::defects",
        ],
    ),
    (
        39,
        &[
            "bundles::resolution",
            "bundles::documents",
            "bundles::nested",
        ],
    ),
    (
        40,
        &[
            "bundles::invariants",
            "bundles::requests",
            "defects::bundles",
        ],
    ),
    (41, &["bundles::full_urls"]),
    (42, &["defects::defects"]),
    (43, &["defects::defects"]),
    (44, &["defects::defects"]),
    (45, &["narrative::narratives"]),
    // Absent narratives are no defect.
    (46, &["structure::clean"]),
    (48, &["structure::forms", "narrative::narratives"]),
    // Tolerated: a string may begin and end with spaces.
    (49, &["structure::clean"]),
    (50, &["structure::long_strings"]),
    (51, &["limits::deep"]),
    (52, &["profiles::claims"]),
    (53, &["versions::other_versions"]),
];

/// Rows whose rules are of options that the validator does not have.
const ELSEWHERE: &[u8] = &[47];

#[test]
fn payload_defects() {
    let mut rows: Vec<u8> = ROWS.iter().map(|(row, _)| *row).collect();
    rows.extend(ELSEWHERE);
    rows.sort_unstable();
    assert_eq!(rows, (1..=53).collect::<Vec<u8>>());
    for (row, tests) in ROWS {
        assert!(!tests.is_empty(), "{row}");
        for test in *tests {
            let (file, function) = test.split_once("::").expect("a path");
            let source = match file {
                "structure" => include_str!("structure.rs"),
                "references" => include_str!("references.rs"),
                "bundles" => include_str!("bundles.rs"),
                "narrative" => include_str!("narrative.rs"),
                "limits" => include_str!("limits.rs"),
                "versions" => include_str!("versions.rs"),
                "terminology" => include_str!("terminology.rs"),
                "defects" => include_str!("defects.rs"),
                "profiles" => include_str!("profiles.rs"),
                _ => "",
            };
            let attributes = ["#[test]\n", "#[test]\n#[rustfmt::skip]\n"];
            let is_there = |before| source.contains(&format!("{before}fn {function}()"));
            assert!(attributes.into_iter().any(is_there), "{row}: {test}");
        }
    }
}
