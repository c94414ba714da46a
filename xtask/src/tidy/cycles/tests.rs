//! Which uses make a cycle.

use super::*;

fn found(files: &[(&str, &str)]) -> Vec<String> {
    let texts = files.iter().filter_map(|(file, text)| {
        let module = module_of(Path::new(file))?;
        Some((module, (*text).to_owned()))
    });
    cycles(&uses(&texts.collect()))
}

#[test]
fn modules_that_use_each_other() {
    let found = found(&[
        ("lib.rs", "pub use c::{D, e::F};"),
        (
            "a.rs",
            "use crate::{\n    b::{self, X},\n    g,\n};\nuse super::b::Y;",
        ),
        ("b/mod.rs", "fn f() { crate::F::new() }"),
        ("c/e.rs", "/// crate::a\nuse crate::a::Z;"),
        ("c.rs", "use e::F;"),
        ("g.rs", "use std::fmt; // use crate::a;\n"),
    ]);
    assert_eq!(
        found,
        ["modules use each other: a, b, c/e; look at what b uses of c/e: crate::F::new"]
    );
}

#[test]
fn modules_that_do_not() {
    let found = found(&[
        ("main.rs", "mod a; mod b;"),
        // A parent takes what its children have, which use a module below both.
        ("a.rs", "use b::B;\nmod b;\n"),
        ("a/b.rs", "use super::c::C;\npub(in super::super) fn f() {}"),
        (
            "a/c.rs",
            "mod own {}\n\n#[cfg(test)]\nmod tests {\n    use super::super::b;\n}\n",
        ),
        ("a/tests.rs", "use super::b;"),
        ("generated/d.rs", "use crate::a;"),
    ]);
    assert_eq!(found, Vec::<String>::new());
}
