//! What users install and include: archives, containers, manual pages, and files for editors, hooks and reviews.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::{Workspace, is_installed, jobs, run_command};

/// The test `neovim` of the command runs the server in an editor; this checks the files that no test of Rust reads.
pub(super) fn scripts(workspace: &Workspace<'_>) -> Result<()> {
    const WORKFLOW: &str = "on: push
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: ./
        with:
          paths: payloads
";
    for (program, arguments) in [
        ("node", &["--check", "editors/vscode/extension.js"][..]),
        ("bash", &["-n", ".ci/hook"]),
    ] {
        if is_installed(program) {
            let mut check = Command::new(program);
            run_command(check.args(arguments).current_dir(workspace.root))?;
        } else {
            println!("SKIPPED: {program} is not installed");
        }
    }
    if !is_installed("actionlint") {
        println!("SKIPPED: actionlint is not installed");
        return Ok(());
    }
    // It checks an action where a workflow of the same repository uses it.
    let folder = workspace.root.join("target/action");
    let workflows = folder.join(".github/workflows");
    fs::create_dir_all(&workflows)?;
    fs::create_dir_all(folder.join(".git"))?;
    fs::copy(workspace.root.join("action.yml"), folder.join("action.yml"))?;
    fs::write(workflows.join("check.yml"), WORKFLOW)?;
    // The other workflow is written by dist, which may use what actionlint does not yet support.
    let address = ".github/workflows/address.yml";
    fs::copy(workspace.root.join(address), folder.join(address))?;
    run_command(Command::new("actionlint").current_dir(&folder))
}

/// Each part prints SKIPPED where its program is missing.
pub(super) fn release(workspace: &Workspace<'_>) -> Result<()> {
    manual_pages(workspace)?;
    if is_installed("dist") {
        let mut plan = Command::new("dist");
        run_command(plan.arg("plan").current_dir(workspace.root))?;
    } else {
        println!("SKIPPED: dist is not installed (cargo install cargo-dist)");
    }
    let engine = ["podman", "docker"].into_iter().find(|engine| {
        let mut info = Command::new(engine);
        let status = info.arg("info").stdout(Stdio::null()).stderr(Stdio::null());
        status.status().is_ok_and(|status| status.success())
    });
    let Some(engine) = engine else {
        println!("SKIPPED: neither podman nor docker has an engine that runs");
        return Ok(());
    };
    container(workspace.root, engine)
}

/// Writes what archives hold beside the program; `man` renders each page without a warning.
fn manual_pages(workspace: &Workspace<'_>) -> Result<()> {
    let programs = jobs::programs(workspace)?;
    let command = programs.get("healthcode").context("missing command")?;
    run_command(Command::new(workspace.root.join(".ci/archive")).arg(command))?;
    if !is_installed("man") {
        println!("SKIPPED: man is not installed");
        return Ok(());
    }
    for page in fs::read_dir(workspace.root.join("target/archive/man"))? {
        let page = page?.path();
        let mut render = Command::new("man");
        render.args(["--warnings", "--local-file"]).arg(&page);
        let output = render.stdin(Stdio::null()).output()?;
        let warnings = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success() && warnings.is_empty(),
            "{}: {warnings}",
            page.display()
        );
        let text = String::from_utf8_lossy(&output.stdout);
        ensure!(
            text.contains("SYNOPSIS") && text.contains("healthcode"),
            "{}: expected a name and a synopsis",
            page.display()
        );
    }
    Ok(())
}

/// Builds the image, and has it validate the payloads of the README's first command, which have defects.
fn container(root: &Path, engine: &str) -> Result<()> {
    const IMAGE: &str = "healthcode-ci";
    let mut build = Command::new(engine);
    build.args(["build", "--file", "Containerfile", "--tag", IMAGE, "."]);
    run_command(build.current_dir(root))?;
    let mut run = Command::new(engine);
    let payloads = root.join("tests/fixtures/documented");
    run.args(["run", "--rm", "--network=none", "--read-only", "--volume"])
        .arg(format!("{}:/work:ro", payloads.display()))
        .args([IMAGE, "validate", "."]);
    let output = run.stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.code() == Some(1) && text.contains("R4-DATE"),
        "{}: expected the defects of the documented payloads\n{text}",
        output.status
    );
    Ok(())
}
