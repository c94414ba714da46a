//! `healthcode init`: a file of settings from flags or questions.

use crate::args::{Deny, InitArgs, PackageArgs, PolicyArg};
use crate::output::temporary::Temporary;
use crate::pattern::Pattern;
use crate::{config, packages};
use clap::ValueEnum;
use healthcode_core::printable;
use std::fmt::Write as _;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(args: &InitArgs) -> io::Result<ExitCode> {
    let path = Path::new(config::NAME);
    // A symbolic link counts too, whether its target exists or not.
    if !args.force && !args.dry_run && path.symlink_metadata().is_ok() {
        let message = format!("{} exists: --force overwrites it", config::NAME);
        return Err(config::invalid(message));
    }
    let asks = args.is_empty() && io::stdin().is_terminal() && io::stdout().is_terminal();
    let args = if asks {
        &questions(args, &mut io::stdin().lock(), &mut io::stdout().lock())?
    } else {
        args
    };
    let text = settings(args);
    config::check(&text).map_err(config::invalid)?;
    // The package may be present on the machine where the settings are used.
    if let Err(error) = packages::load(&args.packages) {
        let error = printable(&error.to_string());
        writeln!(io::stderr(), "healthcode: warning: {error}")?;
    }
    if args.dry_run {
        io::stdout().lock().write_all(text.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    write(path, &text, args.force)?;
    writeln!(io::stdout(), "{} was written", config::NAME)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the file. A file that another program has created since the check is overwritten only with `--force`.
fn write(path: &Path, text: &str, force: bool) -> io::Result<()> {
    if !force {
        let file = std::fs::File::options()
            .write(true)
            .create_new(true)
            .open(path);
        return file?.write_all(text.as_bytes());
    }
    let mut file = Temporary::in_folder(Path::new("."))?;
    file.write_all(text.as_bytes())?;
    crate::output::publish(file.as_file())?;
    file.persist(path)
}

/// The answers to questions. An empty line takes the proposal.
fn questions(
    args: &InitArgs,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> io::Result<InitArgs> {
    let mut answers = args.clone();
    let text = "FHIR packages to validate against, separated by spaces (a .tgz file, a folder, or NAME#VERSION) [none]";
    answers.packages.packages = ask(input, out, text, |answer| {
        Some(answer.split_whitespace().map(str::to_owned).collect())
    })?;
    let text =
        "Policy: r4, or healthcode to take what Healthcode documents of its services as notes [r4]";
    answers.policy = ask(input, out, text, |answer| match answer {
        "" => Some(None),
        answer => PolicyArg::from_str(answer, false).ok().map(Some),
    })?;
    let text = "Fail on warnings too? y or n [n]";
    answers.deny = ask(input, out, text, |answer| match answer {
        "y" | "yes" => Some(Some(Deny::Warnings)),
        "" | "n" | "no" => Some(None),
        _ => None,
    })?;
    let text =
        "Files and folders to leave out, separated by spaces ('drafts', '*.request.json') [none]";
    answers.exclude = ask(input, out, text, |answer| {
        let patterns = answer.split_whitespace();
        let plain = |text: &str| text.trim_matches(['\'', '"']).to_owned();
        let patterns: Vec<String> = patterns.map(plain).collect();
        let valid = patterns.iter().all(|pattern| Pattern::new(pattern).is_ok());
        valid.then_some(patterns)
    })?;
    Ok(answers)
}

/// Asks until an answer can be used.
fn ask<T>(
    input: &mut dyn BufRead,
    out: &mut dyn Write,
    question: &str,
    read: impl Fn(&str) -> Option<T>,
) -> io::Result<T> {
    loop {
        writeln!(out, "{question}")?;
        write!(out, "> ")?;
        out.flush()?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            let message = "no answer: nothing was written";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
        }
        match read(line.trim()) {
            Some(answer) => return Ok(answer),
            None => writeln!(out, "invalid answer")?,
        }
    }
}

/// The file's text. What is not set is in it as a comment.
fn settings(args: &InitArgs) -> String {
    let mut out = String::new();
    let word = |word: Option<String>| word.as_deref().map(quoted);
    let list = |texts: &[String]| {
        let values: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
        (!values.is_empty()).then(|| format!("[{}]", values.join(", ")))
    };
    let cache = args.packages.package_cache.as_ref();
    let cache = cache.map(|cache| cache.to_string_lossy().into_owned());
    let rows = [
        (
            "FHIR packages: .tgz files, folders, or NAME#VERSION in the cache.",
            "packages",
            list(&args.packages.packages),
            "[\"hl7.fhir.uv.ips#2.0.0\"]",
        ),
        (
            "Where packages are looked up by name.",
            "package-cache",
            word(cache),
            "\"packages\"",
        ),
        (
            "\"healthcode\" reports what Healthcode documents of its services as notes.",
            "policy",
            word(args.policy.as_ref().and_then(name_of)),
            "\"r4\"",
        ),
        (
            "What makes the exit status 1 beside errors.",
            "deny",
            word(args.deny.as_ref().and_then(name_of)),
            "\"warnings\"",
        ),
        (
            "Files and folders that are left out of those that are searched.",
            "exclude",
            list(&args.exclude),
            "[\"drafts\"]",
        ),
        (
            "Issues that are left out: a rule, maybe at a path.",
            "ignore",
            list(&args.ignore),
            "[\"R4-CODE@Patient.contact\"]",
        ),
    ];
    out.push_str("# Settings of healthcode for this folder and those in it.\n");
    for (comment, key, value, example) in rows {
        let _ = match value {
            Some(value) => write!(out, "\n# {comment}\n{key} = {value}\n"),
            None => write!(out, "\n# {comment}\n# {key} = {example}\n"),
        };
    }
    out
}

/// A text as TOML has it: a string of JSON, in which a delete character is escaped too.
fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json.replace('\u{7f}', "\\u007f")
}

/// The word of an option.
fn name_of<T: ValueEnum>(value: &T) -> Option<String> {
    Some(value.to_possible_value()?.get_name().to_owned())
}

impl InitArgs {
    /// Whether no setting is given.
    fn is_empty(&self) -> bool {
        let PackageArgs {
            packages,
            package_cache,
        } = &self.packages;
        packages.is_empty()
            && package_cache.is_none()
            && self.policy.is_none()
            && self.deny.is_none()
            && self.exclude.is_empty()
            && self.ignore.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(input: &str) -> (io::Result<InitArgs>, String) {
        let mut out = Vec::new();
        let answers = questions(&InitArgs::default(), &mut input.as_bytes(), &mut out);
        (answers, String::from_utf8(out).unwrap_or_default())
    }

    #[test]
    fn answers_become_settings() {
        let (answers, _) = answered("a#1 'b\\c'\u{7f}\nhealthcode\nyes\n'*.x.json'\n");
        let text = settings(&answers.unwrap());
        assert_eq!(config::check(&text), Ok(()));
        for line in [
            "packages = [\"a#1\", \"'b\\\\c'\\u007f\"]",
            "policy = \"healthcode\"",
            "deny = \"warnings\"",
            "exclude = [\"*.x.json\"]",
        ] {
            assert!(text.lines().any(|own| own == line), "{line} in {text}");
        }
    }

    #[test]
    fn empty_answers_set_nothing() {
        let (answers, _) = answered("\n\n\n\n");
        let answers = answers.unwrap();
        assert!(answers.is_empty());
        let text = settings(&answers);
        assert!(
            text.lines()
                .all(|line| line.is_empty() || line.starts_with('#'))
        );
        // What is in comments can be used.
        let used = text.lines().filter_map(|line| line.strip_prefix("# "));
        let used: Vec<_> = used.filter(|line| line.contains(" = ")).collect();
        assert_eq!(used.len(), 6);
        assert_eq!(config::check(&used.join("\n")), Ok(()));
    }

    #[test]
    fn invalid_answers_are_asked_again() {
        let (answers, out) = answered("\nr5\nr4\n\n[\n\n");
        assert!(matches!(answers.unwrap().policy, Some(PolicyArg::R4)));
        assert_eq!(out.matches("invalid answer").count(), 2);
        let (answers, _) = answered("\nr4\n");
        assert!(answers.is_err());
    }
}
