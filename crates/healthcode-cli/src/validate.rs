//! `healthcode validate`.

mod attach;
mod baseline;
mod capture;
pub(crate) mod checker;
mod diff;
mod fix;
mod profiles;
mod watch;

use crate::args::{Deny, Format, InputArgs, ValidateArgs};
use crate::config::{self, Fold, Settings};
use crate::engine::{self, Found, Sink};
use crate::input::{self, Input, shown};
use crate::output::Output;
use crate::output::temporary::INTERRUPTED;
use crate::packages;
use crate::releases;
use baseline::Baseline;
use checker::{Checker, Engine};
use healthcode_core::Issue;
use healthcode_validate::render::{Folding, Renderer, Summary};
use healthcode_validate::{ProfileSet, Validator};
use indicatif::ProgressBar;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

pub(crate) fn run(args: ValidateArgs) -> io::Result<ExitCode> {
    let settings = Settings::new(&args)?;
    engine::stop_on_ctrl_c();
    if args.fixes.unsafe_fixes && !args.fixes.fix && !args.fixes.diff {
        let message = "--unsafe-fixes is for --fix or --diff: it changes nothing by itself";
        return Err(config::invalid(message.to_owned()));
    }
    let excerpts = args.show_values || matches!(args.format, Format::Human | Format::Html);
    let packages = packages::load(&settings.packages)?;
    let set = packages::profiles(packages.as_ref());
    let mut loaded = profiles::load(set, &args.profiles, &settings.inputs, excerpts)?;
    for (_, issues) in &mut loaded.issues {
        settings.filter.apply(issues);
    }
    let mut validator = validator(&settings, Arc::new(loaded.set), excerpts)?;
    validator = validator.best_practice(args.best_practice);
    for url in &args.profile_urls {
        let applied = validator.profile(url);
        validator = applied.map_err(|error| io::Error::other(format!("--profile-url: {error}")))?;
    }
    let write = args.baseline.write_baseline.as_ref();
    let baseline = Baseline::load(settings.baseline.as_deref(), write)?;
    let setup = Setup {
        baseline,
        validator,
        profile_issues: loaded.issues,
        settings,
        args,
    };
    if setup.args.watch {
        return watch::run(&setup);
    }
    let InputArgs { paths, exclude, .. } = &setup.settings.inputs;
    let inputs = without_output(input::expand(paths, exclude), &setup.args)?;
    let mut inputs = baseline::left_out(inputs, setup.baseline.as_ref());
    for input in &mut inputs {
        if let Ok(Input::Stdin(name)) = input {
            name.clone_from(&setup.args.stdin_filename);
        }
    }
    let fixes = &setup.args.fixes;
    let status = if fixes.fix || fixes.diff {
        setup.fix(inputs)?
    } else {
        setup.status(&setup.check(inputs)?)
    };
    if let Some(packages) = &packages {
        packages::warn(packages);
    }
    Ok(ExitCode::from(status))
}

/// The validator that settings make, with profiles.
///
/// # Errors
/// If a rule is not known.
pub(crate) fn validator(
    settings: &Settings,
    profiles: Arc<ProfileSet>,
    excerpts: bool,
) -> io::Result<Validator> {
    let mut validator = Validator::new(settings.policy)
        .read_options(input::options(&settings.inputs).excerpts(excerpts));
    validator = releases::with_version(validator, settings.inputs.fhir_version);
    for id in &settings.enable {
        validator = validator.with(id).map_err(io::Error::other)?;
    }
    if !profiles.is_empty() {
        validator = validator.profiles(profiles);
    }
    Ok(validator)
}

/// The inputs but for the report of an earlier run that is among them.
///
/// # Errors
/// If the report would take the place of an input that is named.
fn without_output(inputs: Vec<Found>, args: &ValidateArgs) -> io::Result<Vec<Found>> {
    let named = args.output.as_deref().filter(|path| path.is_file());
    let Some((named, output)) = named.and_then(|path| Some((path, path.canonicalize().ok()?)))
    else {
        return Ok(inputs);
    };
    let mut kept = Vec::with_capacity(inputs.len());
    for input in inputs {
        match &input {
            Ok(Input::File(path, folder))
                if path.canonicalize().is_ok_and(|path| path == output) =>
            {
                if folder.is_none() {
                    let name = shown(named);
                    let message = format!("--output {name}: this is an input; it stays as it is");
                    return Err(config::invalid(message));
                }
            }
            _ => kept.push(input),
        }
    }
    Ok(kept)
}

/// How inputs are validated and what is reported.
struct Setup {
    args: ValidateArgs,
    validator: Validator,
    /// What is wrong with the profiles, by file.
    profile_issues: Vec<(String, Vec<Issue>)>,
    settings: Settings,
    baseline: Option<Baseline>,
}

impl Setup {
    /// Checks inputs and writes the report.
    fn check(&self, inputs: Vec<Found>) -> io::Result<Summary> {
        let started = Instant::now();
        let output = Output::open(self.args.output.as_deref())?;
        let progress = engine::progress(&inputs);
        // Many inputs keep all workers busy by themselves.
        let jobs = engine::jobs(self.settings.jobs);
        let threads = jobs / inputs.len().clamp(1, jobs);
        let checker = Arc::new(Checker {
            threads,
            engine: Engine::new(&self.validator, &self.settings),
            // The other formats have no place for them.
            fixes: matches!(
                self.args.format,
                Format::Human | Format::Json | Format::Ndjson | Format::Sarif
            ),
            progress: progress.clone(),
            bytes: AtomicU64::new(0),
        });
        let mut report = Report {
            out: self.folding(output.renderer(&self.args)?),
            summary: Summary::default(),
            progress,
            known: self.baseline.as_ref().map(Baseline::run),
        };
        for (name, issues) in &self.profile_issues {
            report.begin(name)?;
            report.parts(issues.clone())?;
            report.end()?;
        }
        let whole = engine::run(&checker, inputs, jobs, &mut report)?;
        report.progress.finish_and_clear();
        let mut summary = report.summary;
        summary.interrupted = !whole;
        summary.bytes = checker.bytes.load(Ordering::Relaxed);
        summary.elapsed = started.elapsed();
        report.out.finish(&summary)?;
        drop(report.out);
        output.keep(self.args.show_values)?;
        if let Some(known) = report.known {
            known.finish(whole)?;
        }
        Ok(summary)
    }

    fn folding(&self, out: Box<dyn Renderer>) -> Box<dyn Renderer> {
        let most = match (self.settings.fold, self.args.format) {
            (_, Format::Statistics | Format::Csv | Format::Parquet) | (Fold::Never, _) => None,
            (Fold::AtMost(most), _) => Some(most),
            (Fold::Usual, Format::Human) => Some(5),
            (Fold::Usual, Format::Html) => Some(100),
            (Fold::Usual, _) => None,
        };
        match most {
            Some(most) => Box::new(Folding::new(out, most)),
            None => out,
        }
    }

    fn status(&self, summary: &Summary) -> u8 {
        let warnings = self.settings.deny == Some(Deny::Warnings) && summary.warnings > 0;
        match summary {
            summary if summary.interrupted => INTERRUPTED,
            summary if summary.unreadable > 0 => 2,
            _ if self.args.exit_zero => 0,
            summary => u8::from(summary.errors > 0 || warnings),
        }
    }
}

/// Passes issues to a renderer, and counts them.
struct Report<'b> {
    out: Box<dyn Renderer>,
    summary: Summary,
    progress: ProgressBar,
    known: Option<baseline::Run<'b>>,
}

impl Sink<Issue> for Report<'_> {
    fn begin(&mut self, name: &str) -> io::Result<()> {
        self.summary.files += 1;
        if let Some(known) = &mut self.known {
            known.begin(name);
        }
        self.out.begin_file(name)
    }

    fn parts(&mut self, mut issues: Vec<Issue>) -> io::Result<()> {
        if let Some(known) = &mut self.known {
            let count = issues.len();
            issues.retain(|issue| !known.takes(issue));
            self.summary.known += (count - issues.len()) as u64;
        }
        let (out, summary) = (&mut self.out, &mut self.summary);
        self.progress.suspend(|| {
            issues.iter().try_for_each(|issue| {
                summary.count(issue.severity);
                summary.count_fix(issue);
                out.issue(issue)
            })
        })
    }

    fn unreadable(&mut self, name: &str, error: &io::Error) -> io::Result<()> {
        self.summary.unreadable += 1;
        if let Some(known) = &mut self.known {
            known.unreadable();
        }
        self.out.unreadable(name, &error.to_string())
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.end_file()
    }
}
