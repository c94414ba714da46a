//! Cycles of modules: in the crates listed here, no module uses one that uses it, directly or through
//! others.
//!
//! Read are the paths that begin with `crate`, `super` or `self`, in `use` lines and elsewhere. A name
//! that the root of a crate re-exports stands for the module that has it. What a module takes from the
//! modules in it by their bare names (`use table::Systems`) does not count; a child's use of its parent
//! does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The crates whose modules have no cycles.
const CRATES: &[&str] = &[
    "healthcode-cli",
    "healthcode-exchange",
    "healthcode-fhirpath",
    "healthcode-fix",
    "healthcode-sandbox",
    "healthcode-search",
    "healthcode-transport",
    "healthcode-validate",
];

/// The steps to a module from the root of its crate, which has none.
type Module = Vec<String>;

/// The modules that each module uses, with the paths by which it does.
type Uses = BTreeMap<Module, BTreeMap<Module, BTreeSet<String>>>;

/// The cycles in the crates.
pub(super) fn faults(root: &Path, files: &[PathBuf]) -> Vec<String> {
    let mut faults = Vec::new();
    for name in CRATES {
        let folder = Path::new("crates").join(name).join("src");
        let texts = files.iter().filter_map(|file| {
            let module = module_of(file.strip_prefix(&folder).ok()?)?;
            Some((module, fs::read_to_string(root.join(file)).ok()?))
        });
        let found = cycles(&uses(&texts.collect()));
        faults.extend(found.into_iter().map(|cycle| format!("{name}: {cycle}")));
    }
    faults
}

/// The module of a file; `None` for tests and generated code.
fn module_of(file: &Path) -> Option<Module> {
    let steps = file.with_extension("");
    let mut steps: Module = steps
        .iter()
        .map(|step| step.to_string_lossy().into())
        .collect();
    if steps
        .iter()
        .any(|step| step == "tests" || step == "generated")
    {
        return None;
    }
    let last = steps.last()?.as_str();
    if last == "mod" || steps.len() == 1 && matches!(last, "lib" | "main") {
        steps.pop();
    }
    Some(steps)
}

fn uses(texts: &BTreeMap<Module, String>) -> Uses {
    let module = |path: &[String]| -> Option<Module> {
        let mut prefixes = (1..=path.len()).rev().map(|length| path[..length].to_vec());
        prefixes.find(|path| texts.contains_key(path))
    };
    let reexported: BTreeMap<String, Module> = texts
        .get(&Module::new())
        .into_iter()
        .flat_map(|text| paths(text, &["pub use ", "pub(crate) use "]))
        .filter_map(|path| Some((path.last()?.clone(), module(&path)?)))
        .collect();
    let mut uses = Uses::new();
    for (own, text) in texts {
        for path in paths(text, &["crate::", "super::", "self::"]) {
            let mut whole = own.clone();
            let mut steps = path.iter().peekable();
            if steps.next_if(|step| *step == "crate").is_some() {
                whole.clear();
            }
            while let Some(step) = steps.next_if(|step| *step == "super" || *step == "self") {
                if step == "super" {
                    whole.pop();
                }
            }
            whole.extend(steps.cloned());
            let named = whole.first().filter(|_| !texts.contains_key(&whole[..1]));
            let other = match named.and_then(|name| reexported.get(name)) {
                Some(other) => Some(other.clone()),
                None => module(&whole),
            };
            if let Some(other) = other.filter(|other| other != own) {
                let used = uses.entry(own.clone()).or_default();
                let by = used.entry(other).or_default();
                by.insert(path.join("::"));
            }
        }
    }
    uses
}

/// The paths in a text that begin with one of these words, without those of unit tests.
fn paths(text: &str, words: &[&str]) -> Vec<Module> {
    let code = text.split("\nmod tests").next().unwrap_or_default();
    let lines = code
        .lines()
        .map(|line| line.split("//").next().unwrap_or(line));
    let code = lines.collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for word in words {
        for (at, _) in code.match_indices(word) {
            let before = &code[..at];
            let within = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            if !before.ends_with(within) && !before.ends_with("pub(in ") {
                let skipped = if word.ends_with(' ') { word.len() } else { 0 };
                tree(&mut &code[at + skipped..], &Module::new(), &mut found);
            }
        }
    }
    found
}

/// Reads a path, or several with the same beginning: `a::{b, c::d}`.
fn tree(rest: &mut &str, start: &Module, found: &mut Vec<Module>) {
    let mut path = start.clone();
    loop {
        *rest = rest.trim_start();
        if let Some(inside) = rest.strip_prefix('{') {
            *rest = inside.trim_start();
            while !rest.is_empty() && !rest.starts_with('}') {
                tree(rest, &path, found);
                let end = rest.find([',', '}']).unwrap_or(rest.len());
                *rest = rest[end..].trim_start_matches(',').trim_start();
            }
            *rest = rest.strip_prefix('}').unwrap_or(rest);
            return;
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let (step, after) = rest.split_at(end.unwrap_or(rest.len()));
        if !step.is_empty() && (step != "self" || path.is_empty()) {
            path.push(step.to_owned());
        }
        *rest = after;
        match after.strip_prefix("::") {
            Some(after) if !step.is_empty() => *rest = after,
            _ => break,
        }
    }
    found.push(path);
}

/// Each cycle, with the use in it that has the fewest names.
fn cycles(uses: &Uses) -> Vec<String> {
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = uses
        .keys()
        .map(|module| {
            let mut reached = BTreeSet::new();
            let mut open = vec![module];
            while let Some(module) = open.pop() {
                let used = uses.get(module).into_iter().flat_map(BTreeMap::keys);
                open.extend(used.filter(|other| reached.insert(*other)));
            }
            (module, reached)
        })
        .collect();
    let reaches = |from: &Module, to: &Module| {
        reached
            .get(from)
            .is_some_and(|targets| targets.contains(to))
    };
    let together = |module: &Module| -> Vec<&Module> {
        let all = uses.keys();
        all.filter(|other| reaches(module, other) && reaches(other, module))
            .collect()
    };
    let all: BTreeSet<Vec<&Module>> = uses.keys().map(together).collect();
    let cycles = all.iter().filter(|modules| !modules.is_empty());
    let shown = cycles.map(|modules| {
        let within = |module: &Module| modules.contains(&module);
        let inside = uses.iter().filter(|(module, _)| within(module));
        let pairs = inside.flat_map(|(from, used)| used.iter().map(move |(to, by)| (from, to, by)));
        let least = pairs
            .filter(|(_, to, _)| within(to))
            .min_by_key(|pair| pair.2.len());
        let names: Vec<_> = modules.iter().map(|module| module.join("/")).collect();
        let hint = least.map_or_else(String::new, |(from, to, by)| {
            let by: Vec<_> = by.iter().map(String::as_str).collect();
            let (from, to) = (from.join("/"), to.join("/"));
            format!("; look at what {from} uses of {to}: {}", by.join(", "))
        });
        format!("modules use each other: {}{hint}", names.join(", "))
    });
    shown.collect()
}

#[cfg(test)]
mod tests;
