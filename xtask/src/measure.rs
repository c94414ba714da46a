//! `cargo xtask measure build`: what a crate that reads and writes all of R4 costs to build, and what
//! its work costs in instructions and allocations.

mod work;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use wait4::Wait4;
use work::Work;

#[derive(clap::Args, Default)]
pub(crate) struct BuildOptions {
    /// Beside it, build the same with the nearest rival, which is downloaded.
    #[arg(long)]
    pub(crate) rival: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Fail if it costs more than xtask/budget.toml allows.
    #[arg(long)]
    pub(crate) check: bool,
}

/// What our own build may cost before the check fails.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    work: Vec<Work>,
    binary_bytes: u64,
    clean_cpu_seconds: f64,
    rebuild_cpu_seconds: f64,
    peak_megabytes: f64,
}

impl Budget {
    /// What the build costs above the budget, one line each.
    fn faults(&self, build: &Build) -> Vec<String> {
        let peak = build.clean.peak_megabytes.max(build.rebuild.peak_megabytes);
        let (size, allowed_size) = (build.binary_bytes as f64, self.binary_bytes as f64);
        let (clean, rebuild) = (build.clean.cpu_seconds, build.rebuild.cpu_seconds);
        let rows = [
            ("stripped binary, bytes", size, allowed_size),
            ("clean, CPU s", clean, self.clean_cpu_seconds),
            ("rebuild, CPU s", rebuild, self.rebuild_cpu_seconds),
            ("largest process, MB", peak, self.peak_megabytes),
        ];
        let above = rows.into_iter().filter(|(_, cost, budget)| cost > budget);
        let builds =
            above.map(|(what, cost, budget)| format!("{what}: {cost:.0}, of {budget:.0} allowed"));
        let allowed = |work: &Work| self.work.iter().find(|row| row.file == work.file);
        let works = build.work.iter().flat_map(|work| match allowed(work) {
            Some(allowed) => work.faults(allowed),
            None => vec![format!("{}: not in the budget", work.file)],
        });
        builds.chain(works).collect()
    }
}

/// What may be spent on our own build.
static TARGETS: Build = Build {
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
    binary_bytes: 5_000_000,
    work: Vec::new(),
};

#[derive(Serialize)]
struct Build {
    name: &'static str,
    /// Everything, with nothing built before.
    clean: Cost,
    /// The crate itself after a change, with its dependencies built.
    rebuild: Cost,
    /// The binary, stripped.
    binary_bytes: u64,
    /// What it takes to read and write documents; none without valgrind.
    work: Vec<Work>,
}

/// The documents whose reading and writing is counted: one as it should be, and one with a defect.
const DOCUMENTS: [&str; 2] = [
    "tests/fixtures/documented/restricted-ppr.search-practitionerrole.response.json",
    "tests/fixtures/documented/restricted-ppr.search-practitioner.response.json",
];

#[derive(Serialize)]
struct Cost {
    /// User and system time of all processes.
    cpu_seconds: f64,
    wall_seconds: f64,
    /// The resident set of the largest process.
    peak_megabytes: f64,
}

#[derive(Serialize)]
struct Report<'a> {
    schema_version: u32,
    builds: &'a [Build],
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

/// Measures, and prints the figures.
pub(crate) fn build(root: &Path, options: &BuildOptions) -> Result<()> {
    let crates = root.join("crates");
    let mut subjects = vec![Subject {
        name: "healthcode",
        dependencies: format!(
            "healthcode-json = {{ path = \"{}\" }}\nhealthcode-r4 = {{ path = \"{}\" }}\n",
            crates.join("healthcode-json").display(),
            crates.join("healthcode-r4").display()
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
    let counts = work::can_count();
    let builds = subjects
        .iter()
        .map(|subject| measure(root, subject, counts));
    let builds = builds.collect::<Result<Vec<Build>>>()?;
    if !counts {
        const WHY: &str = "missing valgrind, which counts instructions and allocations";
        if std::env::var_os("HEALTHCODE_REQUIRE_DATA").is_some() {
            bail!(WHY);
        }
        eprintln!("SKIPPED: {WHY}");
    }
    if options.json {
        let report = Report {
            schema_version: 1,
            builds: &builds,
        };
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print(&builds);
    }
    if options.check {
        let path = root.join("xtask/budget.toml");
        let text = fs::read_to_string(&path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        let faults = toml::from_str::<Budget>(&text)?
            .faults(&builds[0])
            .join("\n");
        ensure!(faults.is_empty(), "above {}:\n{faults}", path.display());
    }
    Ok(())
}

fn measure(root: &Path, subject: &Subject, counts: bool) -> Result<Build> {
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
    let binary = binary.with_extension(std::env::consts::EXE_EXTENSION);
    let binary_bytes = fs::metadata(&binary)?.len();
    let work = if counts {
        work::count(root, &binary, &DOCUMENTS)?
    } else {
        Vec::new()
    };
    fs::write(&main, format!("{}\n// Changed.\n", subject.main))?;
    let rebuild = run(cargo(place, &["build", "--release", "--offline"]))?;
    Ok(Build {
        name: subject.name,
        clean,
        rebuild,
        binary_bytes,
        work,
    })
}

/// A cargo command in `place`, without the settings of builds in this environment.
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
    let child = command.spawn();
    let used = child
        .with_context(|| format!("cannot run {command:?}"))?
        .wait4()?;
    ensure!(used.status.success(), "{command:?} failed");
    let cpu: Duration = used.rusage.utime + used.rusage.stime;
    Ok(Cost {
        cpu_seconds: cpu.as_secs_f64(),
        wall_seconds: start.elapsed().as_secs_f64(),
        peak_megabytes: used.rusage.maxrss as f64 / 1e6,
    })
}

fn print(builds: &[Build]) {
    let columns = || builds.iter().chain(std::iter::once(&TARGETS));
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
    line("stripped binary, MB", &|build| {
        build.binary_bytes as f64 / 1e6
    });
    for build in builds {
        for work in &build.work {
            let (name, file, allocations) = (build.name, &work.file, work.allocations);
            let instructions = work.instructions;
            println!(
                "{name}: {instructions} instructions and {allocations} allocations for {file}"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_what_is_above() {
        let budget = |binary_bytes, rebuild_cpu_seconds| Budget {
            binary_bytes,
            clean_cpu_seconds: 60.0,
            rebuild_cpu_seconds,
            peak_megabytes: 1500.0,
            work: Vec::new(),
        };
        let cost = |cpu_seconds, peak_megabytes| Cost {
            cpu_seconds,
            wall_seconds: 1.0,
            peak_megabytes,
        };
        let build = Build {
            name: "ours",
            clean: cost(60.0, 1400.0),
            rebuild: cost(2.0, 1501.0),
            binary_bytes: 5_000_000,
            work: Vec::new(),
        };
        let peak = "largest process, MB: 1501, of 1500 allowed";
        assert_eq!(budget(5_000_000, 2.0).faults(&build), [peak]);
        let all = [
            "stripped binary, bytes: 5000000, of 4999999 allowed",
            "rebuild, CPU s: 2, of 1 allowed",
            peak,
        ];
        assert_eq!(budget(4_999_999, 1.0).faults(&build), all);
    }
}
