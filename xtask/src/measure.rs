//! `cargo xtask measure build`: what a crate that reads and writes all of R4 costs to build.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use wait4::Wait4;

/// What to measure.
pub(crate) struct BuildOptions {
    /// Also a rival.
    pub(crate) rival: bool,
    /// Print JSON instead of a table.
    pub(crate) json: bool,
}

/// What may be spent on our own build.
const TARGETS: Build = Build {
    name: "target",
    clean: Cost {
        cpu_seconds: 60.0,
        wall_seconds: f64::NAN,
        peak_megabytes: 1500.0,
    },
    rebuild: Cost {
        cpu_seconds: f64::NAN,
        wall_seconds: 5.0,
        peak_megabytes: f64::NAN,
    },
    binary_megabytes: 5.0,
};

#[derive(Serialize)]
struct Build {
    name: &'static str,
    /// Everything, with nothing built before.
    clean: Cost,
    /// The crate itself after a change, with its dependencies built.
    rebuild: Cost,
    /// The binary, stripped.
    binary_megabytes: f64,
}

#[derive(Serialize)]
struct Cost {
    /// User and system time of all processes.
    cpu_seconds: f64,
    wall_seconds: f64,
    /// The resident set of the largest process.
    peak_megabytes: f64,
}

#[derive(Serialize)]
struct Report {
    schema_version: u32,
    builds: Vec<Build>,
}

/// A crate to build.
struct Subject {
    name: &'static str,
    dependencies: String,
    main: &'static str,
}

const OURS: &str = r#"//! Reads a resource and writes it.
use std::io::{Read, Write};

fn main() {
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text).unwrap();
    let read = healthcode_json::from_slice::<healthcode_r4::Resource>(&text).unwrap();
    eprintln!("{} issues", read.issues.len());
    let written = healthcode_json::to_vec(&read.value);
    std::io::stdout().write_all(&written).unwrap();
}
"#;

const FHIRKIT: &str = r#"//! Reads a resource and writes it.
use std::io::Read;

fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let (value, issues) = fhirkit::from_json::<fhirkit::r4::Resource>(&text).unwrap();
    eprintln!("{} issues", issues.len());
    print!("{}", fhirkit::to_json(&value.unwrap()));
}
"#;

/// Measures, and prints what came of it.
pub(crate) fn build(root: &Path, options: &BuildOptions) -> Result<()> {
    let crates = root.join("crates");
    let mut subjects = vec![Subject {
        name: "healthcode",
        dependencies: format!(
            "healthcode-json = {{ path = {:?} }}\nhealthcode-r4 = {{ path = {:?} }}\n",
            crates.join("healthcode-json"),
            crates.join("healthcode-r4")
        ),
        main: OURS,
    }];
    if options.rival {
        subjects.push(Subject {
            name: "fhirkit 0.1.0",
            dependencies: "fhirkit = \"=0.1.0\"\n".to_owned(),
            main: FHIRKIT,
        });
    }
    let builds: Vec<Build> = subjects.iter().map(measure).collect::<Result<_>>()?;
    if options.json {
        let report = Report {
            schema_version: 1,
            builds,
        };
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print(&builds);
    }
    Ok(())
}

fn measure(subject: &Subject) -> Result<Build> {
    let folder = tempfile::tempdir()?;
    let place = folder.path();
    let manifest = format!(
        "[workspace]\n\n[package]\nname = \"measured\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{}\n[profile.release]\nstrip = true\n",
        subject.dependencies
    );
    let main = place.join("src/main.rs");
    fs::create_dir(place.join("src"))?;
    fs::write(place.join("Cargo.toml"), manifest)?;
    fs::write(&main, subject.main)?;
    // What comes over the network is no part of the build.
    run(cargo(place, &["fetch"]))?;
    let clean = run(cargo(place, &["build", "--release", "--offline"]))?;
    let binary = place.join("target/release/measured");
    let binary = fs::metadata(binary.with_extension(std::env::consts::EXE_EXTENSION))?;
    fs::write(&main, format!("{}\n// Changed.\n", subject.main))?;
    let rebuild = run(cargo(place, &["build", "--release", "--offline"]))?;
    Ok(Build {
        name: subject.name,
        clean,
        rebuild,
        binary_megabytes: binary.len() as f64 / 1e6,
    })
}

/// A cargo command in `place`, without what this process's environment says of builds.
fn cargo(place: &Path, arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).arg("--quiet").current_dir(place);
    command.env("CARGO_TARGET_DIR", place.join("target"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let flags = text.ends_with("RUSTFLAGS") || text.starts_with("CARGO_PROFILE_");
        if flags || text == "CARGO_INCREMENTAL" || text.ends_with("RUSTC_WRAPPER") {
            command.env_remove(&name);
        }
    }
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Runs a command, and counts what it and all that it started has used.
fn run(mut command: Command) -> Result<Cost> {
    let start = Instant::now();
    let child = command
        .spawn()
        .with_context(|| format!("cannot run {command:?}"))?;
    let used = child.wait4()?;
    if !used.status.success() {
        bail!("{command:?} failed");
    }
    let cpu: Duration = used.rusage.utime + used.rusage.stime;
    Ok(Cost {
        cpu_seconds: cpu.as_secs_f64(),
        wall_seconds: start.elapsed().as_secs_f64(),
        peak_megabytes: used.rusage.maxrss as f64 / 1e6,
    })
}

fn print(builds: &[Build]) {
    let columns = || builds.iter().chain([&TARGETS]);
    let line = |title: &str, figure: &dyn Fn(&Build) -> f64| {
        print!("{title:<26}");
        for build in columns() {
            match figure(build) {
                figure if figure.is_nan() => print!("{:>15}", "-"),
                figure => print!("{figure:>15.1}"),
            }
        }
        println!();
    };
    print!("{:<26}", "release build");
    for build in columns() {
        print!("{:>15}", build.name);
    }
    println!();
    line("clean, CPU s", &|build| build.clean.cpu_seconds);
    line("clean, wall s", &|build| build.clean.wall_seconds);
    line("largest process, MB", &|build| build.clean.peak_megabytes);
    line("rebuild, CPU s", &|build| build.rebuild.cpu_seconds);
    line("rebuild, wall s", &|build| build.rebuild.wall_seconds);
    line("stripped binary, MB", &|build| build.binary_megabytes);
}
