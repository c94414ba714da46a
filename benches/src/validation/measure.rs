//! Validation of documents, in rounds in which all ways take turns.

use crate::contestants::Healthcode;
use crate::programs::Validating;
use crate::report::Line;
use crate::{Input, memory};
use anyhow::{Context, Result, ensure};
use healthcode_bench_harness::reading::{Reader, kept};
use healthcode_bench_harness::rounds::figures;
use healthcode_bench_harness::stats::{Spread, Target, median};
use healthcode_bench_harness::turns::Turns;
use healthcode_json::stream::Kind;
use healthcode_r4::Resource;
use healthcode_validate::{Policy, Validator};
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

/// How many bytes a turn goes through at least.
const BYTES: usize = 12_000_000;

/// How many bytes a rival's turn goes through at least: they are slower.
const RIVAL_BYTES: usize = 1_000_000;

/// The rounds of a rival that takes more than a few seconds for a turn.
const SLOW_ROUNDS: usize = 3;

/// How fast validation is to be, as a multiple of the speed of our own parse.
const OF_PARSE: Target = Target::AtLeast(0.30);

named! {
    /// Something to time on all documents of an input.
    Work[5] {
        /// Read.
        Parse = "parse",
        /// Validate what has been read, by R4.
        Validate = "validate what is parsed",
        /// The same by the policy of Healthcode, with its profiles.
        ValidateHealthcode = "the same, policy healthcode",
        /// Read, validate and drop, document by document, with the places of issues.
        ReadValidate = "parse + validate + drop",
        /// The same entry by entry.
        Stream = "stream + validate entry by entry",
    }
}

/// An input and its values.
#[allow(missing_debug_implementations, reason = "holds megabytes of payload")]
pub struct Checked {
    pub(super) input: Input,
    values: Vec<healthcode_json::Checked<Resource>>,
    validator: Validator,
    healthcode: Validator,
}

impl Checked {
    /// Reads the input.
    ///
    /// # Errors
    /// If a document is not JSON.
    pub fn new(input: Input) -> Result<Self> {
        let texts = input.documents.iter();
        let values: Option<Vec<_>> = texts.map(|text| Healthcode::read(text)).collect();
        Ok(Checked {
            values: values.with_context(|| format!("{} is not JSON", input.name))?,
            input,
            validator: Validator::new(Policy::R4),
            healthcode: Validator::new(Policy::Healthcode),
        })
    }

    /// The input.
    #[must_use]
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// The work that makes sense for the input: some needs a Bundle.
    pub fn works(&self) -> impl Iterator<Item = Work> {
        let is_bundle = self.input.bundle().is_some();
        let works = Work::ALL.into_iter();
        works.filter(move |work| is_bundle || *work != Work::Stream)
    }

    /// How long it takes on all documents.
    ///
    /// # Panics
    /// If the documents are not what [`Checked::new`] has read.
    #[must_use]
    pub fn run(&self, work: Work) -> Duration {
        match work {
            Work::Parse => kept(&self.input.texts(), Healthcode::read),
            Work::Validate => self.validate(&self.validator),
            Work::ValidateHealthcode => self.validate(&self.healthcode),
            Work::ReadValidate => kept(&self.input.texts(), |text| {
                let read = self.validator.read::<Resource>(text.as_bytes());
                read.expect("the input has been read before").issues.len()
            }),
            Work::Stream => kept(&self.input.texts(), |text| {
                stream(&self.validator, text.as_bytes())
            }),
        }
    }

    fn validate(&self, validator: &Validator) -> Duration {
        let start = Instant::now();
        for read in &self.values {
            black_box(validator.validate(black_box(&read.value)));
        }
        start.elapsed()
    }

    fn issues(&self) -> usize {
        let reports = self
            .values
            .iter()
            .map(|read| self.validator.validate(&read.value));
        reports.map(|report| report.issues.len()).sum()
    }

    fn resources(&self) -> usize {
        let of = |read: &healthcode_json::Checked<Resource>| match &read.value {
            Resource::Bundle(bundle) => bundle.entry.len(),
            _ => 1,
        };
        self.values.iter().map(of).sum()
    }
}

/// Validates a Bundle entry by entry, and as a whole; returns how many issues there are.
///
/// # Panics
/// If it is not JSON, or the reader fails.
pub fn stream(validator: &Validator, bundle: impl std::io::Read) -> usize {
    let stream = validator.stream(bundle).kind(Kind::Bundle);
    let mut issues = 0;
    let summary = stream.for_each(|part| {
        issues += part.issues.len();
        Ok(())
    });
    assert!(!summary.expect("the input is readable").incomplete);
    issues
}

/// The speeds of all that we do with an input.
pub(super) fn speeds(checked: &Checked, rounds: usize) -> Result<Vec<Line>> {
    let works: Vec<Work> = checked.works().collect();
    let bytes = checked.input.bytes();
    let repeats = BYTES.div_ceil(bytes.max(1));
    let seconds = figures(rounds, works.len(), |at| {
        let time: Duration = (0..repeats).map(|_| checked.run(works[at])).sum();
        anyhow::Ok(time.as_secs_f64() / repeats as f64)
    })?;
    let parse = seconds.first().cloned().unwrap_or_default();
    let mut lines = Vec::new();
    for (work, seconds) in works.iter().zip(&seconds) {
        let speeds: Vec<f64> = seconds
            .iter()
            .map(|seconds| bytes as f64 / seconds / 1e6)
            .collect();
        let line = Line::new(work.name(), "MB/s", Spread::of(&speeds));
        lines.push(match work {
            Work::Validate => line.note(format!("{} issues", checked.issues())),
            _ => line,
        });
    }
    let resources = checked.resources() as f64;
    for (work, seconds) in works.iter().zip(&seconds) {
        let of_parse = |name: &str| {
            let measured = Spread::of_ratios(&parse, seconds);
            Line::new(name, "x our own parse", measured)
        };
        match work {
            Work::Validate => lines.push(of_parse("validate").target(OF_PARSE)),
            Work::ValidateHealthcode => lines.push(of_parse("validate, policy healthcode")),
            Work::ReadValidate => {
                lines.push(of_parse("parse + validate + drop"));
                let speeds: Vec<f64> = seconds.iter().map(|seconds| resources / seconds).collect();
                let name = "parse + validate + drop";
                lines.push(Line::new(name, "resources/s", Spread::of(&speeds)));
            }
            Work::Parse | Work::Stream => {}
        }
    }
    Ok(lines)
}

/// How fast a rival does the same with the same documents, and how many times as fast we are.
pub(super) fn rival(checked: &Checked, rival: &Validating, rounds: usize) -> Result<Vec<Line>> {
    let packed = checked.input.packed()?;
    let documents = checked.input.documents.len();
    let mut turns = Turns::command(rival.command(), packed.file())?;
    let mut lines = Vec::new();
    for offer in std::mem::take(&mut turns.offers) {
        let work = match offer.name.strip_prefix("validate ") {
            Some(_) => Work::Validate,
            None => Work::ReadValidate,
        };
        if offer.refused.len() == documents {
            let name = format!("{}: refuses all", offer.name);
            lines.push(Line::counted(name, "MB/s", f64::NAN));
            continue;
        }
        let ours = Checked::new(checked.input.without(&offer.refused))?;
        let bytes = ours.input.bytes();
        let repeats = RIVAL_BYTES.div_ceil(bytes);
        let warm = turns.time(&offer.name, repeats)?;
        let rounds = if warm.as_secs() > 3 {
            SLOW_ROUNDS
        } else {
            rounds
        };
        let times = figures(rounds, 2, |at| {
            let time: Duration = match at {
                0 => (0..repeats).map(|_| ours.run(work)).sum(),
                _ => turns.time(&offer.name, repeats)?,
            };
            anyhow::Ok(time.as_secs_f64())
        })?;
        let (our_times, their_times) = (&times[0], &times[1]);
        ensure!(median(their_times) > 0.0, "{} took no time", offer.name);
        let speed = |seconds: &f64| (bytes * repeats) as f64 / seconds / 1e6;
        let speeds: Vec<f64> = their_times.iter().map(speed).collect();
        let note = match offer.refused.len() {
            0 => String::new(),
            refused => format!("refuses {refused} of {documents} documents"),
        };
        lines.push(Line::new(&offer.name, "MB/s", Spread::of(&speeds)).note(note));
        let name = format!("{}, against {}", work.name(), offer.name);
        let measured = Spread::of_ratios(their_times, our_times);
        lines.push(Line::new(name, "times as fast", measured));
    }
    Ok(lines)
}

/// How much heap reading and validating takes.
pub(super) fn memory(checked: &Checked, program: &Path) -> Result<Vec<Line>> {
    let (parse, validate) = memory::of_validation(program, &checked.input)?;
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let ratio = validate.peak as f64 / parse.peak.max(1) as f64;
    Ok(vec![
        Line::counted(
            "parse + validate, peak heap",
            "MB",
            megabytes(validate.peak),
        ),
        Line::counted("parse + validate, peak heap", "x parse alone", ratio),
        Line::counted(
            "parse + validate, resident",
            "MB, code included",
            megabytes(validate.resident),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{generate, small};
    use healthcode_r4::Bundle;

    #[test]
    fn all_work_is_done_on_bundles_and_documents() {
        let documents: Vec<String> = small::lines(20).lines().map(str::to_owned).collect();
        for (documents, expect, resources) in [
            (vec![small::bundle(20)], 5, 20),
            (documents, 4, 20),
            (vec![generate::transaction(50_000)], 5, 56),
        ] {
            let checked = Checked::new(Input {
                name: "test".to_owned(),
                origin: String::new(),
                place: None,
                documents,
            });
            let checked = checked.unwrap();
            assert_eq!(checked.works().count(), expect);
            assert_eq!(checked.resources(), resources);
            for work in checked.works() {
                assert!(checked.run(work) > Duration::ZERO, "{work:?}");
            }
        }
    }

    #[test]
    fn streams_find_what_whole_values_show() {
        let text = small::bundle(12).replace(r#""final""#, r#""finished""#);
        let validator = Validator::new(Policy::R4);
        let whole = validator.read::<Bundle>(text.as_bytes()).unwrap();
        assert_eq!(whole.issues.len(), 9);
        assert_eq!(stream(&validator, text.as_bytes()), 9);
    }
}
