//! The jobs of continuous integration.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::{TYPED, Workspace, is_installed, release, run_command};
use crate::{cargo, measure, spec};

/// A job: its name, what it shows, and how it is run.
pub(super) struct Job {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) run: Run,
}

pub(super) enum Run {
    /// Commands of cargo, one after the other.
    Cargo(&'static [&'static str]),
    Function(fn(&Workspace<'_>) -> Result<()>),
}

impl Job {
    const fn cargo(
        name: &'static str,
        about: &'static str,
        commands: &'static [&'static str],
    ) -> Self {
        let run = Run::Cargo(commands);
        Job { name, about, run }
    }

    const fn new(
        name: &'static str,
        about: &'static str,
        run: fn(&Workspace<'_>) -> Result<()>,
    ) -> Self {
        let run = Run::Function(run);
        Job { name, about, run }
    }
}

/// All jobs, in the order in which each finds most of what it needs built.
#[rustfmt::skip]
pub(super) const JOBS: &[Job] = &[
    Job::cargo("fmt", "the sources are formatted", &[
        "fmt --manifest-path Cargo.toml --all --check",
        "fmt --manifest-path benches/Cargo.toml --all --check",
        "fmt --manifest-path fuzz/Cargo.toml --all --check",
        "fmt --manifest-path distributed/Cargo.toml --all --check",
    ]),
    Job::new("tidy", "layout, edges between crates, file sizes and headers are as promised", tidy),
    Job::new("facts", "the committed facts are those of the official package", facts),
    Job::new("codegen", "the generated code is fresh", codegen),
    Job::cargo("clippy", "no warnings", &[
        "clippy --quiet --workspace --all-targets -- -D warnings",
    ]),
    Job::new("docs", "the documentation builds without warnings", docs),
    Job::new("api", "the public items of the libraries are those that are recorded", api),
    Job::new("msrv", "the workspace compiles with the Rust version that it promises", msrv),
    Job::cargo("features", "crates compile with each of their features", &[
        "check --quiet --package healthcode-core --no-default-features",
        "check --quiet --package healthcode-json --no-default-features",
        "check --quiet --package healthcode-r4 --no-default-features",
        "check --quiet --package healthcode-uk --no-default-features",
        "check --quiet --package healthcode-search --no-default-features",
        "check --quiet --package healthcode-extensions --no-default-features",
        "check --quiet --package healthcode-transport --features tower",
        "check --quiet --package healthcode-transport --features ring",
        "check --quiet --package healthcode-transport --features reqwest",
        "test --quiet --package healthcode-views --features arrow --test arrow",
        "check --quiet --package healthcode --all-features",
        "check --quiet --package healthcode-cli --no-default-features",
        "check --quiet --package healthcode-cli --features parquet",
    ]),
    // What is packaged is not compiled again: the other jobs compile the same sources.
    Job::cargo("package", "the crates that are published can be packaged", &[
        "package --quiet --workspace --no-verify --allow-dirty --offline \
         --exclude xtask --exclude healthcode-tests --exclude healthcode-toy",
    ]),
    Job::new("guide", "mdBook builds the guide in docs/, where mdBook is installed", guide),
    Job::new("dependencies", "the transport brings no runtime, HTTP client or TLS", no_runtime),
    Job::new("default", "the workspace's default build has neither Arrow nor DataFusion", no_arrow),
    Job::new("deny", "licences, bans and sources of dependencies are as deny.toml says", deny),
    Job::new("test", "all tests of the workspace but those of typed", test),
    Job::new("editors", "the files of editors and hooks pass node, actionlint and bash, where these are installed", release::scripts),
    Job::new("typed", "the structs of STU3, R4B and R5 compile without warnings, and hold the official examples", typed),
    Job::new("examples", "the examples run", examples),
    Job::new("e2e", "curl, the URL Standard's encoders and fhir-kit-client agree with the command and the sandbox", e2e),
    Job::new("asan", "the modules with unsafe code pass AddressSanitizer", address_sanitizer),
    Job::new("command", "the README's first command, in release mode", readme_command),
    Job::new("release", "what a release consists of passes dist, man and a container engine, where these are installed", release::release),
    Job::new("budget", "a program that reads and writes R4 stays within xtask/budget.toml", budget),
    // All targets are built as the tests need them, so that nothing is built twice.
    Job::cargo("benches", "the benchmarks compile and their tests pass", &[
        "test --quiet --manifest-path benches/Cargo.toml --all-targets --no-run",
        "test --quiet --manifest-path benches/Cargo.toml --lib -p healthcode-benches -p healthcode-bench-harness",
    ]),
    Job::cargo("fuzz", "the fuzz targets compile", &[
        "check --quiet --manifest-path fuzz/Cargo.toml",
    ]),
    Job::new("distributed", "SQL on DataFusion and Ballista; with HEALTHCODE_DISTRIBUTED=1 built and tested", distributed),
];

/// Set to 1, it has the job `distributed` build DataFusion and Ballista, which takes longer than all other jobs.
const DISTRIBUTED: &str = "HEALTHCODE_DISTRIBUTED";

fn tidy(workspace: &Workspace<'_>) -> Result<()> {
    crate::tidy::run(workspace.root)
}

fn facts(workspace: &Workspace<'_>) -> Result<()> {
    spec::import(&spec::ImportOptions {
        path: Some(spec::package_file(workspace.root)?),
        check: true,
        release: "r4".to_owned(),
        out: None,
    })
}

fn codegen(_: &Workspace<'_>) -> Result<()> {
    crate::codegen::run(None, true)
}

fn docs(workspace: &Workspace<'_>) -> Result<()> {
    let mut doc = workspace.cargo("doc --quiet --workspace --no-deps");
    run_command(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

fn api(workspace: &Workspace<'_>) -> Result<()> {
    crate::api::run(workspace.root, false)
}

/// With the toolchain of that version; its metadata is shared with `docs` if it is the one in use.
fn msrv(workspace: &Workspace<'_>) -> Result<()> {
    let manifest: toml::Table =
        std::fs::read_to_string(workspace.root.join("Cargo.toml"))?.parse()?;
    let version = manifest["workspace"]["package"]["rust-version"]
        .as_str()
        .context("missing rust-version")?;
    let Some(toolchain) = cargo::toolchain(version) else {
        println!("SKIPPED: toolchain {version} is not installed");
        return Ok(());
    };
    workspace.run(&format!("+{toolchain} check --quiet --workspace"))
}

/// The test `docs` of the command checks links and output; this, that mdBook takes the chapters.
fn guide(workspace: &Workspace<'_>) -> Result<()> {
    if !is_installed("mdbook") {
        println!("SKIPPED: mdbook is not installed");
        return Ok(());
    }
    let mut build = Command::new("mdbook");
    build.args(["build", "docs", "--dest-dir"]);
    run_command(build.arg(workspace.root.join("target/guide")))
}

fn no_arrow(workspace: &Workspace<'_>) -> Result<()> {
    const NAMES: [&str; 3] = ["arrow", "datafusion", "parquet"];
    let output = workspace
        .cargo("tree --workspace --edges normal,build --prefix none --format {p}")
        .output()?;
    ensure!(output.status.success(), "cargo tree failed");
    let tree = String::from_utf8(output.stdout)?;
    let packages = tree.lines().filter_map(|line| line.split(' ').next());
    let is_one = |package: &&str| NAMES.iter().any(|name| package.starts_with(name));
    let found: BTreeSet<&str> = packages.filter(is_one).collect();
    ensure!(found.is_empty(), "the default build has {found:?}");
    Ok(())
}

fn no_runtime(workspace: &Workspace<'_>) -> Result<()> {
    const NAMES: &str = "async-std aws-lc-rs hyper mio native-tls openssl reqwest ring rustls smol \
        tokio tower";
    let output = workspace
        .cargo("tree --package healthcode-transport --edges normal --prefix none --format {p}")
        .output()?;
    ensure!(output.status.success(), "cargo tree failed");
    let tree = String::from_utf8(output.stdout)?;
    let packages = tree.lines().filter_map(|line| line.split(' ').next());
    // Such as `tokio` and `tokio-util`; a service's trait is no runtime.
    let is_of = |package: &str, name: &str| {
        let rest = package.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let is_runtime = |package: &&str| NAMES.split(' ').any(|name| is_of(package, name));
    let found: BTreeSet<&str> = packages.filter(is_runtime).collect();
    ensure!(
        found.is_empty(),
        "healthcode-transport depends on {found:?}"
    );
    Ok(())
}

fn deny(workspace: &Workspace<'_>) -> Result<()> {
    deny_in(workspace, "Cargo.toml")
}

/// With the cargo-deny that is installed, or else with one that is built under target/tools once,
/// without optimisation: building it takes longer than all that it does.
fn deny_in(workspace: &Workspace<'_>, manifest: &str) -> Result<()> {
    let tools = workspace.root.join("target/tools");
    let own = tools.join("bin/cargo-deny");
    let program = if is_installed("cargo-deny") {
        PathBuf::from("cargo-deny")
    } else {
        if !own.exists() {
            let mut install = workspace.cargo("install --quiet --locked --debug cargo-deny");
            run_command(install.arg("--root").arg(&tools))?;
        }
        own
    };
    let mut check = Command::new(program);
    check.args(["--log-level", "error", "--config", "deny.toml"]);
    check.args(["--manifest-path", manifest]);
    check.args("check licenses bans sources".split(' '));
    run_command(check.current_dir(workspace.root))
}

/// What is quick is always checked: that the lock file is whole, and the licences. The programs are built before the
/// tests, which start all of them.
fn distributed(workspace: &Workspace<'_>) -> Result<()> {
    const MANIFEST: &str = "distributed/Cargo.toml";
    let metadata = format!("metadata --locked --format-version 1 --manifest-path {MANIFEST}");
    run_command(workspace.cargo(&metadata).stdout(Stdio::null()))?;
    deny_in(workspace, MANIFEST)?;
    if std::env::var_os(DISTRIBUTED).is_none_or(|value| value != "1") {
        println!(
            "SKIPPED: building DataFusion and Ballista takes 5 to 40 minutes on two cores; \
             {DISTRIBUTED}=1 builds and tests them"
        );
        return Ok(());
    }
    let options = format!("--quiet --locked --manifest-path {MANIFEST} --workspace");
    for verb in ["build --all-targets", "test"] {
        // `Workspace::cargo` would exclude crates that this workspace does not have.
        let mut command = cargo::command(workspace.root);
        command.args(verb.split(' ')).args(options.split(' '));
        run_command(&mut command)?;
    }
    Ok(())
}

/// The README's second command, with the official packages.
fn test(workspace: &Workspace<'_>) -> Result<()> {
    let package = spec::package_file(workspace.root)?;
    let releases = spec::examples_folder(workspace.root)?;
    let mut test = workspace.cargo("test --workspace");
    test.env(spec::SPEC_VARIABLE, package);
    run_command(test.env(spec::RELEASES_VARIABLE, releases))
}

/// The tests are optimised, since they read all official examples.
fn typed(workspace: &Workspace<'_>) -> Result<()> {
    let releases = spec::examples_folder(workspace.root)?;
    let packages = TYPED.map(|name| format!("-p {name}")).join(" ");
    workspace.run(&format!("clippy --quiet {packages} -- -D warnings"))?;
    let mut test = workspace.cargo(&format!("test --quiet --release {packages}"));
    run_command(test.env(spec::RELEASES_VARIABLE, releases))
}

/// The programs that `test` has built.
pub(super) fn programs(workspace: &Workspace<'_>) -> Result<BTreeMap<String, PathBuf>> {
    let mut build = vec!["build", "--workspace", "--bins", "--examples"];
    build.extend(TYPED.iter().flat_map(|name| ["--exclude", name]));
    cargo::build(workspace.root, &build)
}

fn examples(workspace: &Workspace<'_>) -> Result<()> {
    const RESPONSE: &str =
        "tests/fixtures/documented/restricted-ppr.search-practitioner.response.json";
    let programs = programs(workspace)?;
    let examples: &[(&str, &[&str])] = &[
        ("build", &[]),
        ("read", &[]),
        ("edit", &[]),
        ("recognised", &["nuh", RESPONSE]),
        ("stream", &[RESPONSE]),
    ];
    for (name, args) in examples {
        let program = programs.get(*name).context("missing example")?;
        let mut command = Command::new(program);
        command.args(*args).current_dir(workspace.root);
        run_command(command.stdout(Stdio::null()))?;
    }
    Ok(())
}

fn e2e(workspace: &Workspace<'_>) -> Result<()> {
    let mut programs = programs(workspace)?;
    let command = programs.remove("healthcode").context("missing command")?;
    crate::e2e::run(&command, &[])
}

/// Where there is a toolchain that has the sanitizer.
fn address_sanitizer(workspace: &Workspace<'_>) -> Result<()> {
    let Some(nightly) = cargo::toolchain("nightly") else {
        println!("SKIPPED: there is no nightly toolchain");
        return Ok(());
    };
    let mut test = workspace.cargo(&format!(
        "+{nightly} test --quiet --lib --package healthcode-core --target-dir target/asan \
         --target x86_64-unknown-linux-gnu"
    ));
    run_command(test.env("RUSTFLAGS", "-Zsanitizer=address"))
}

/// The payloads of the README's first command have defects, which is exit status 1.
fn readme_command(workspace: &Workspace<'_>) -> Result<()> {
    let output = workspace
        .cargo("run --quiet --release -p healthcode-cli -- validate tests/fixtures/documented")
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    println!("{text}");
    ensure!(output.status.code() == Some(1), "{}", output.status);
    ensure!(text.contains("R4-DATE"), "missing R4-DATE in the output");
    Ok(())
}

fn budget(workspace: &Workspace<'_>) -> Result<()> {
    let options = measure::BuildOptions {
        check: true,
        ..measure::BuildOptions::default()
    };
    measure::build(workspace.root, &options)
}
