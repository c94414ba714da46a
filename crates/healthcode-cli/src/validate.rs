//! `healthcode validate`.

use crate::args::{Deny, Format, PolicyArg, ValidateArgs};
use crate::input::{self, Input, Opened};
use crate::output::Output;
use crate::walk::{Visitor, Walk};
use healthcode_core::{Issue, Path, Root};
use healthcode_r4::{Bundle, BundleEntry, Resource};
use healthcode_validate::render::{Renderer, Summary};
use healthcode_validate::{Policy, Validator};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, ErrorKind, IsTerminal, Read};
use std::process::ExitCode;
use std::time::Instant;

pub(crate) fn run(args: &ValidateArgs) -> io::Result<ExitCode> {
    let started = Instant::now();
    let excerpts = args.show_values || matches!(args.format, Format::Human | Format::Html);
    let policy = match args.policy {
        PolicyArg::R4 => Policy::R4,
        PolicyArg::Healthcode => Policy::Healthcode,
    };
    let inputs = input::expand(&args.inputs.paths);
    let output = Output::open(args.output.as_deref())?;
    let mut job = Job {
        args,
        excerpts,
        validator: Validator::new(policy).excerpts(excerpts),
        out: output.renderer(args)?,
        summary: Summary::default(),
        progress: progress(&inputs),
    };
    for input in inputs {
        job.summary.files += 1;
        let (name, outcome) = match input {
            Ok(input) => {
                let name = input.name();
                job.progress.set_message(name.clone());
                job.out.begin_file(&name)?;
                (name, job.check(&input))
            }
            Err((name, error)) => {
                job.out.begin_file(&name)?;
                (name, Err(error))
            }
        };
        if let Err(error) = outcome {
            if error.kind() == ErrorKind::BrokenPipe && job.out_is_closed(&error) {
                return Err(error);
            }
            job.summary.unreadable += 1;
            job.out.unreadable(&name, &error.to_string())?;
        }
        job.out.end_file()?;
    }
    job.progress.finish_and_clear();
    job.summary.elapsed = started.elapsed();
    let summary = job.summary.clone();
    job.out.finish(&summary)?;
    output.keep(args.show_values)?;
    let failed = summary.errors > 0 || (args.deny == Some(Deny::Warnings) && summary.warnings > 0);
    Ok(if summary.unreadable > 0 {
        ExitCode::from(2)
    } else {
        ExitCode::from(u8::from(failed))
    })
}

/// A bar over the bytes of all inputs, shown when it takes long and somebody watches.
fn progress(inputs: &[Result<Input, (String, io::Error)>]) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let sizes = inputs.iter().map(|input| input.as_ref().ok()?.size());
    let total: Option<u64> = sizes.sum();
    let template = "{bar:30} {bytes}/{total_bytes} {wide_msg}";
    let style = ProgressStyle::with_template(template);
    match (total, style) {
        (Some(total), Ok(style)) if total > 50_000_000 => ProgressBar::new(total).with_style(style),
        _ => ProgressBar::hidden(),
    }
}

/// The work on all inputs.
struct Job<'a> {
    args: &'a ValidateArgs,
    excerpts: bool,
    validator: Validator,
    out: Box<dyn Renderer>,
    summary: Summary,
    progress: ProgressBar,
}

impl Job<'_> {
    /// Whether it is our own output that cannot be written, rather than an input read.
    fn out_is_closed(&mut self, _: &io::Error) -> bool {
        self.out.flush().is_err()
    }

    fn check(&mut self, input: &Input) -> io::Result<()> {
        let bar = self.progress.clone();
        let wrap = |reader| Box::new(Counted(reader, bar)) as Box<dyn Read>;
        let Opened { kind, reader, .. } = input::open(input, &self.args.inputs, wrap)?;
        let walk = Walk {
            inputs: &self.args.inputs,
            excerpts: self.excerpts,
        };
        walk.go(kind, reader, self)
    }
}

impl Visitor for Job<'_> {
    fn resource(&mut self, resource: &Resource) -> Vec<Issue> {
        let element = resource.as_element();
        self.validator
            .validate_element(element, &Path::root(element.schema().name))
    }

    fn entry(&mut self, entry: &BundleEntry, path: &Path<'_>) -> Vec<Issue> {
        self.validator.validate_element(entry, path)
    }

    fn bundle(&mut self, bundle: &Bundle, _: usize) -> Vec<Issue> {
        self.validator
            .validate_element(bundle, &Path::root("Bundle"))
    }

    fn report(&mut self, issues: Vec<Issue>) -> io::Result<()> {
        for issue in &issues {
            self.summary.count(issue.severity);
            self.progress.suspend(|| self.out.issue(issue))?;
        }
        Ok(())
    }

    fn passed(&mut self, bytes: usize) {
        self.summary.bytes += bytes as u64;
    }
}

/// Tells a bar how many bytes have been read.
struct Counted(Box<dyn Read>, ProgressBar);

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        self.1.inc(count as u64);
        Ok(count)
    }
}
