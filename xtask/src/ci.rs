//! `cargo xtask ci`: everything that has to hold before a change lands, as named jobs.
//!
//! `.ci/run` runs all of them. Their order is such that a job finds built what earlier ones have
//! built: checks first, then the debug build that tests, examples and the end-to-end checks share,
//! then the release build.

mod jobs;
mod release;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::cargo;
use jobs::{JOBS, Job, Run};

/// The structs of releases other than R4, each as large as R4's. Commands for the whole workspace leave them out;
/// the job `typed` has them.
const TYPED: [&str; 3] = ["healthcode-stu3", "healthcode-r4b", "healthcode-r5"];

/// The jobs of other workspaces than the main one.
const OTHERS: [&str; 3] = ["benches", "fuzz", "distributed"];

/// Runs the named jobs in the order of the list; `all` runs all, and no name prints the list.
pub(crate) fn run(root: &Path, names: &[String]) -> Result<()> {
    if names.is_empty() {
        for job in JOBS {
            println!("{:<14}{}", job.name, job.about);
        }
        return Ok(());
    }
    let known = |name: &str| name == "all" || JOBS.iter().any(|job| job.name == name);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        bail!("unknown job {unknown}: `cargo xtask ci` lists the jobs");
    }
    let wanted = |job: &&Job| names.iter().any(|name| name == "all" || name == job.name);
    let start = Instant::now();
    let mut times = Vec::new();
    for job in JOBS.iter().filter(wanted) {
        println!("\n== {}: {}", job.name, job.about);
        let start = Instant::now();
        let workspace = Workspace { root };
        let outcome = match job.run {
            Run::Cargo(commands) => commands.iter().try_for_each(|line| workspace.run(line)),
            Run::Function(run) => run(&workspace),
        };
        let seconds = start.elapsed().as_secs();
        println!("-- {seconds}s");
        outcome.with_context(|| format!("job {} failed", job.name))?;
        times.push((job.name, seconds));
    }
    println!("\n== passed in {}s", start.elapsed().as_secs());
    for (name, seconds) in &times {
        println!("{name:<14}{seconds:>6}s");
    }
    let main = times.iter().filter(|(name, _)| !OTHERS.contains(name));
    let seconds: u64 = main.map(|(_, seconds)| seconds).sum();
    println!("the main workspace's jobs: {seconds}s");
    Ok(())
}

/// Where jobs run.
struct Workspace<'a> {
    root: &'a Path,
}

impl Workspace<'_> {
    /// A cargo command at the root; its arguments are separated by spaces.
    fn cargo(&self, arguments: &str) -> Command {
        let mut command = cargo::command(self.root);
        let arguments = arguments.split_whitespace();
        let is_whole = arguments.clone().any(|argument| argument == "--workspace");
        let (own, of_program): (Vec<_>, Vec<_>) = {
            let end = arguments.clone().position(|argument| argument == "--");
            let end = end.unwrap_or(usize::MAX);
            (
                arguments.clone().take(end).collect(),
                arguments.skip(end).collect(),
            )
        };
        command.args(&own);
        // What is packaged is not compiled.
        if is_whole && own.first() != Some(&"package") {
            command.args(TYPED.iter().flat_map(|name| ["--exclude", name]));
        }
        command.args(of_program);
        command
    }

    /// Runs cargo, with its output on ours.
    fn run(&self, arguments: &str) -> Result<()> {
        run_command(&mut self.cargo(arguments))
    }
}

/// Shows and runs a command, which has to succeed.
fn run_command(command: &mut Command) -> Result<()> {
    let mut shown = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        shown.push(' ');
        shown.push_str(&arg.to_string_lossy());
    }
    println!("$ {shown}");
    let status = command
        .status()
        .with_context(|| format!("cannot run {shown}"))?;
    ensure!(status.success(), "{shown}: {status}");
    Ok(())
}

fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    let status = command.arg("--version").stdout(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
