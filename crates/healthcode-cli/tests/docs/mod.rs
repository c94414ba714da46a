//! The guide in `docs/` and the README show what the command prints; `HEALTHCODE_BLESS=1` rewrites what
//! they show, but for blocks in which a line `...` stands for others.

mod examples;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const RULES_PAGE: &str = "docs/src/generated/rules.md";

/// How the README runs the command, before it is installed.
const README_COMMAND: &str = "cargo run --release -p healthcode-cli -- ";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn blessing() -> bool {
    std::env::var_os("HEALTHCODE_BLESS").is_some_and(|value| value == "1")
}

/// The chapters of the guide, by the addresses of their files in the repository.
fn chapters() -> Vec<String> {
    let folder = root().join("docs/src");
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".md"))
        .map(|name| format!("docs/src/{name}"))
        .collect();
    names.sort();
    names
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// What the shell prints for a command in the repository's root, `healthcode` being the built one.
fn printed(command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_healthcode"));
    let mut path = program.parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let command = command.replace(README_COMMAND, "healthcode ");
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{command}")])
        .current_dir(root())
        .env("PATH", path)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// A text without trailing white space and without the time that summaries end in.
fn comparable(text: &str) -> String {
    let mut result = String::new();
    for line in text.lines().map(str::trim_end) {
        let timed = [" µs)", " ms)", " s)"]
            .iter()
            .any(|unit| line.ends_with(unit));
        let line = match line.rfind([',', '(']) {
            Some(end) if timed => &line[..end],
            _ => line,
        };
        writeln!(result, "{line}").unwrap();
    }
    result
}

/// Whether a text is as shown, where a line `...` stands for any number of lines.
fn matches(shown: &str, text: &str) -> bool {
    let (shown, text) = (comparable(shown), comparable(text));
    let mut parts = shown.split("...\n");
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
        last = Some(part);
    }
    // What is after the last `...` is the end.
    rest.is_empty() || last.is_some_and(|part| part.is_empty() || text.ends_with(part))
}

/// A page with what its commands print now, and what is not as shown.
fn rerun(name: &str, page: &str) -> (String, Vec<String>) {
    let (mut now, mut faults) = (String::new(), Vec::new());
    let mut lines = page.lines().peekable();
    let mut in_console = false;
    while let Some(line) = lines.next() {
        writeln!(now, "{line}").unwrap();
        in_console = match line {
            "```console" => true,
            "```" => false,
            _ => in_console,
        };
        let Some(command) = line.strip_prefix("$ ").filter(|_| in_console) else {
            continue;
        };
        let mut command = command.to_owned();
        while command.ends_with('\\') {
            let next = lines.next().unwrap();
            writeln!(now, "{next}").unwrap();
            write!(command, "\n{next}").unwrap();
        }
        let mut shown = String::new();
        while let Some(line) =
            lines.next_if(|line| !line.starts_with("$ ") && !line.starts_with("```"))
        {
            writeln!(shown, "{line}").unwrap();
        }
        let runs = !command.starts_with("cargo ") || command.starts_with(README_COMMAND);
        let output = if runs {
            printed(&command)
        } else {
            shown.clone()
        };
        if matches(&shown, &output) {
            now.push_str(&shown);
            continue;
        }
        faults.push(format!("{name}: $ {command}\n{output}"));
        for line in output.lines() {
            writeln!(now, "{}", line.trim_end()).unwrap();
        }
    }
    (now, faults)
}

/// Commands of cargo are not run, but for [`README_COMMAND`].
#[test]
fn the_guide_shows_what_the_command_prints() {
    let mut faults = Vec::new();
    for name in chapters().into_iter().chain(["README.md".to_owned()]) {
        let (now, found) = rerun(&name, &read(&name));
        if blessing() && name != "README.md" {
            fs::write(root().join(&name), now).unwrap();
        } else {
            faults.extend(found);
        }
    }
    assert!(
        faults.is_empty(),
        "HEALTHCODE_BLESS=1 rewrites what the guide shows; the command prints:\n{}",
        faults.join("\n")
    );
}

#[test]
fn the_page_of_rules_is_fresh() {
    let program = env!("CARGO_BIN_EXE_healthcode");
    let output = Command::new(program)
        .args(["rules", "--format", "markdown"])
        .output()
        .unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    if blessing() {
        fs::write(root().join(RULES_PAGE), page).unwrap();
    } else {
        assert!(
            page == read(RULES_PAGE),
            "{RULES_PAGE} is stale; HEALTHCODE_BLESS=1 rewrites it"
        );
    }
}

/// The anchors of a page's headings, as mdBook and code forges make them.
fn anchors(page: &str) -> Vec<String> {
    page.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            title
                .chars()
                .filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'))
                .map(|letter| if letter == ' ' { '-' } else { letter })
                .collect()
        })
        .collect()
}

#[test]
fn links_lead_to_pages_and_headings() {
    let mut pages = chapters();
    pages.extend(
        [
            RULES_PAGE,
            "README.md",
            "ARCHITECTURE.md",
            "CONTRIBUTING.md",
            "benches/README.md",
        ]
        .map(str::to_owned),
    );
    for name in &pages {
        let page = read(name);
        for link in page.split("](").skip(1) {
            let target = link.split(')').next().unwrap_or("");
            if target.contains("://") || target.contains(char::is_whitespace) {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = match file {
                "" => root().join(name),
                file => root().join(name).parent().unwrap().join(file),
            };
            assert!(path.exists(), "{name}: {target}");
            if !anchor.is_empty() {
                let found = anchors(&fs::read_to_string(path).unwrap());
                assert!(
                    found.iter().any(|known| known == anchor),
                    "{name}: {target}"
                );
            }
        }
    }
    let summary = read("docs/src/SUMMARY.md");
    for chapter in chapters() {
        let file = chapter.trim_start_matches("docs/src/");
        let listed = file == "SUMMARY.md" || summary.contains(&format!("]({file})"));
        assert!(listed, "docs/src/SUMMARY.md lacks {file}");
    }
}
