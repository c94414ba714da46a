//! The profiles that `--profile` names.

use crate::args::InputArgs;
use crate::input::{self, Input, shown};
use healthcode_core::Issue;
use healthcode_json::ReadOptions;
use healthcode_r4::{Resource, StructureDefinition};
use healthcode_validate::ProfileSet;
use healthcode_xml::either;
use std::io;
use std::path::PathBuf;

/// What was loaded, and what is wrong with it by file.
pub(super) struct Loaded {
    pub(super) set: ProfileSet,
    pub(super) issues: Vec<(String, Vec<Issue>)>,
}

/// Adds files and folders to a set. Resources in them that have nothing to do with profiles are passed over.
///
/// # Errors
/// If a file cannot be read, or a file or folder that is named holds nothing to be used.
pub(super) fn load(
    set: ProfileSet,
    paths: &[PathBuf],
    args: &InputArgs,
    excerpts: bool,
) -> io::Result<Loaded> {
    let mut loaded = Loaded {
        set,
        issues: Vec::new(),
    };
    let mut profiles = Vec::new();
    for path in paths {
        let mut used = false;
        for input in input::expand(std::slice::from_ref(path), &[]) {
            let input = input.map_err(|(name, error)| failed(&name, &error))?;
            let name = input.name();
            let text = text_of(&input, args).map_err(|error| failed(&name, &error))?;
            let read = either::read::<Resource>(&text, &ReadOptions::new())
                .map_err(|error| failed(&name, &error))?;
            let url = read
                .value
                .get::<StructureDefinition>()
                .and_then(|definition| definition.url.as_str())
                .map(str::to_owned);
            if !loaded.set.add(read.value) {
                continue;
            }
            used = true;
            if !read.issues.is_empty() {
                let mut issues = read.issues;
                either::locate(&text, &mut issues, excerpts);
                loaded.issues.push((name, issues));
            }
            profiles.extend(url.map(|url| (input, url)));
        }
        if !used {
            let nothing = "it holds no profile, value set or code system";
            return Err(failed(&shown(path), &nothing));
        }
    }
    // Only now are all bases there.
    for (input, url) in profiles {
        let mut issues = loaded.set.problems(&url);
        if issues.is_empty() {
            continue;
        }
        if let Input::File(..) = input
            && let Ok(text) = text_of(&input, args)
        {
            either::locate(&text, &mut issues, excerpts);
        }
        loaded.issues.push((input.name(), issues));
    }
    Ok(loaded)
}

fn failed(name: &str, error: &dyn std::fmt::Display) -> io::Error {
    io::Error::other(format!("--profile {name}: {error}"))
}

fn text_of(input: &Input, args: &InputArgs) -> io::Result<Vec<u8>> {
    input::open(input, args, |reader| reader)?.whole(args)
}
