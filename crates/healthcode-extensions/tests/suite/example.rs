//! The tool on the crate's front page.

#[path = "../../examples/recognised.rs"]
#[allow(dead_code, reason = "its main is not called")]
mod tool;

use crate::documented;
use healthcode_extensions::codes::Insurer;

#[test]
fn lists_who_is_recognised() {
    let json = documented("search-practitioner");
    let lines = |insurer| tool::recognised(&json, &insurer).unwrap();
    assert_eq!(
        lines(Insurer::Aviva),
        ["984572186 Mr Warren Clinton (Surgeon)"]
    );
    assert_eq!(lines(Insurer::Bupa), [""; 0]);
    assert!(tool::recognised(b"{", &Insurer::Aviva).is_err());
}

#[test]
fn is_short() {
    let text = include_str!("../../examples/recognised.rs");
    assert!(text.lines().count() <= 40);
}
