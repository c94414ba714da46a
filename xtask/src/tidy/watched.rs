//! Tests of the sandbox take sandboxes and wires from their kit, whose watch looks for secrets in logs.

use std::path::Path;

const FOLDER: &str = "crates/healthcode-sandbox/tests/suite";

/// The files of the folder that may create them themselves.
const EXEMPT: [&str; 2] = ["kit.rs", "secrets.rs"];

const UNWATCHED: [&str; 4] = [
    "ReqwestTransport::new",
    ".build()), TokioTimer",
    "HttpStack::new",
    "healthcode_sandbox::Sandbox",
];

/// What a test of the sandbox creates without the watch.
pub(super) fn unwatched(file: &Path, text: &str) -> Option<&'static str> {
    let is_exempt = EXEMPT.iter().any(|name| file.ends_with(name));
    if !file.starts_with(FOLDER) || is_exempt {
        return None;
    }
    let imports = text.split("use healthcode_sandbox::").skip(1);
    let imports = imports.filter_map(|import| import.split(';').next());
    let mut names = imports.flat_map(|import| import.split(|char: char| !char.is_alphanumeric()));
    if names.any(|name| name == "Sandbox") {
        Some("healthcode_sandbox::Sandbox")
    } else {
        UNWATCHED.into_iter().find(|name| text.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_kit_creates_sandboxes() {
        let check = |file: &str, text: &str, expect: Option<&str>| {
            let file = Path::new(FOLDER).join(file);
            assert_eq!(unwatched(&file, text), expect, "{text}");
        };
        let sandbox = Some("healthcode_sandbox::Sandbox");
        check("a.rs", "use healthcode_sandbox::{Config, Running};", None);
        check(
            "a.rs",
            "use healthcode_sandbox::{Config,\n Sandbox};",
            sandbox,
        );
        check(
            "a.rs",
            "healthcode_sandbox::Sandbox::start(config)",
            sandbox,
        );
        check("a.rs", "HttpStack::new(transport)", Some("HttpStack::new"));
        check("kit.rs", "HttpStack::new(transport)", None);
    }
}
