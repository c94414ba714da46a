//! What the programs are told on the command line.

use crate::{Inputs, files, inputs};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// The options of a program.
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    /// Give JSON.
    pub(crate) json: bool,
    /// Measure the typed rivals too.
    pub(crate) rivals: bool,
    /// How many rounds are measured.
    pub(crate) rounds: usize,
    /// Keep the inputs whose names contain this.
    pub(crate) only: String,
    /// Measure these instead of the inputs.
    pub(crate) files: Vec<PathBuf>,
}

impl Options {
    /// Reads arguments; `timed` programs know `--rivals` and `--rounds`.
    pub(crate) fn parse(
        usage: &str,
        timed: bool,
        arguments: impl IntoIterator<Item = String>,
    ) -> Result<Self> {
        let mut options = Options {
            json: false,
            rivals: false,
            rounds: 9,
            only: String::new(),
            files: Vec::new(),
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .with_context(|| format!("{argument} needs a value; usage: {usage}"))
            };
            match argument.as_str() {
                "--json" => options.json = true,
                "--rivals" if timed => options.rivals = true,
                "--rounds" if timed => {
                    let rounds = value()?;
                    options.rounds = rounds
                        .parse()
                        .with_context(|| format!("--rounds {rounds} is not a number"))?;
                }
                "--only" => options.only = value()?,
                _ if argument.starts_with('-') => bail!("unknown {argument}; usage: {usage}"),
                _ => options.files.push(argument.into()),
            }
        }
        if options.rounds < 7 {
            bail!("a median needs 7 rounds or more");
        }
        if !options.files.is_empty() && !options.only.is_empty() {
            bail!("--only chooses among the inputs; files are all measured");
        }
        Ok(options)
    }

    /// What is to be measured.
    pub(crate) fn inputs(&self) -> Result<Inputs> {
        match &self.files[..] {
            [] => inputs(&self.only),
            paths => files(paths),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        let parse = |line: &str, timed| {
            let options = Options::parse("u", timed, line.split_whitespace().map(str::to_owned));
            options.map_err(|error| error.to_string())
        };
        let options = parse("--json --rounds 11 a.json --rivals b.json", true).unwrap();
        assert_eq!(
            options,
            Options {
                json: true,
                rivals: true,
                rounds: 11,
                only: String::new(),
                files: vec!["a.json".into(), "b.json".into()],
            }
        );
        assert_eq!(parse("--only min", false).unwrap().only, "min");
        for (line, timed, expect) in [
            ("--rounds", true, "--rounds needs a value; usage: u"),
            ("--rounds x", true, "--rounds x is not a number"),
            ("--rounds 6", true, "a median needs 7 rounds or more"),
            ("--rounds 9", false, "unknown --rounds; usage: u"),
            ("--fast", true, "unknown --fast; usage: u"),
            (
                "--only a b",
                true,
                "--only chooses among the inputs; files are all measured",
            ),
        ] {
            assert_eq!(parse(line, timed).unwrap_err(), expect, "{line}");
        }
    }
}
