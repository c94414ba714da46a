//! `healthcode rules` and `healthcode explain`: the rules of all registries.

mod markdown;

use crate::args::RulesFormat;
use crate::output::print_json;
use healthcode_core::{Rule, RuleDefault, Severity, nearest};
use healthcode_validate::render::printable;
use serde::Serialize;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

/// The version of the document; it grows when a member is removed or changes its meaning.
const SCHEMA_VERSION: u32 = 1;

/// All rules, with the command that checks them.
fn all() -> impl Iterator<Item = (&'static str, &'static Rule)> {
    let validate = healthcode_validate::rules().map(|rule| ("validate", rule));
    let decode = healthcode_extensions::rules::ALL.iter();
    let query = healthcode_search::rules::ALL.iter();
    let exchange = healthcode_exchange::rules::ALL.iter();
    validate
        .chain(exchange.map(|rule| ("validate", *rule)))
        .chain(decode.map(|rule| ("decode", *rule)))
        .chain(query.map(|rule| ("query", *rule)))
}

/// Payloads that break a rule, and their correct forms, a row each: rule, bad, good, and a profile if
/// they claim one. A row of two columns has the reason why its rule has none. [`LINE_END`] stands for a line end.
/// The test `docs` runs the commands on them.
const EXAMPLES: &str = include_str!("rules/examples.tsv");

/// What stands for the end of a line in [`EXAMPLES`].
const LINE_END: &str = "\u{2424}";

/// The example of a rule.
enum Example {
    /// A payload that breaks it, a correct one, and the profile that both claim.
    Payloads {
        bad: String,
        good: String,
        profile: Option<String>,
    },
    /// Why there are no payloads.
    None(&'static str),
}

fn example(rule_id: &str) -> Option<Example> {
    let mut rows = EXAMPLES.lines().map(|row| row.split('\t'));
    let mut row = rows.find_map(|mut row| row.next().filter(|id| *id == rule_id).map(|_| row))?;
    let first = row.next()?;
    let text = |cell: &str| cell.replace(LINE_END, "\n");
    Some(match row.next() {
        Some(good) => Example::Payloads {
            bad: text(first),
            good: text(good),
            profile: row.next().map(text),
        },
        None => Example::None(first),
    })
}

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    rules: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    rule: &'static str,
    command: &'static str,
    severity: &'static str,
    default: &'static str,
    code: &'static str,
    title: &'static str,
    help: &'static str,
}

pub(crate) fn list(format: RulesFormat) -> io::Result<ExitCode> {
    let mut out = BufWriter::new(io::stdout().lock());
    match format {
        RulesFormat::Markdown => markdown::write(&mut out)?,
        RulesFormat::Json => {
            let row = |(command, rule): (&'static str, &'static Rule)| Row {
                rule: rule.id,
                command,
                severity: rule.severity.as_str(),
                default: rule.default.as_str(),
                code: rule.code,
                title: rule.title,
                help: rule.help,
            };
            let document = Document {
                schema_version: SCHEMA_VERSION,
                rules: all().map(row).collect(),
            };
            print_json(&document)?;
        }
        RulesFormat::Human => {
            let width = all().map(|(_, rule)| rule.id.len()).max().unwrap_or(0);
            let mut last = "";
            for (command, rule) in all() {
                if command != last {
                    let gap = if last.is_empty() { "" } else { "\n" };
                    writeln!(out, "{gap}healthcode {command}")?;
                    last = command;
                }
                let (id, severity) = (rule.id, rule.severity.as_str());
                let default = match rule.default {
                    RuleDefault::Off => " (off by default)",
                    RuleDefault::BestPractice => " (best practice)",
                    _ => "",
                };
                writeln!(out, "  {id:width$}  {severity:11}  {}{default}", rule.title)?;
            }
            writeln!(out, "\nhealthcode explain RULE says more.")?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn explain(id: &str) -> io::Result<ExitCode> {
    let named = all().find(|(_, rule)| rule.id.eq_ignore_ascii_case(id));
    let Some((command, rule)) = named else {
        let hint = match nearest(id, all().map(|(_, rule)| rule.id)) {
            Some(name) => format!("did you mean {name}?"),
            None => "`healthcode rules` lists them".to_owned(),
        };
        let message = format!("unknown rule {}: {hint}", printable(id));
        return Err(io::Error::new(io::ErrorKind::NotFound, message));
    };
    let mut out = io::stdout().lock();
    let (title, help) = (rule.title, rule.help);
    writeln!(out, "{}: {title}\n\n{help}\n", rule.id)?;
    writeln!(out, "severity:          {}", rule.severity)?;
    writeln!(out, "FHIR's issue type: {}", rule.code)?;
    let option = match rule.default {
        RuleDefault::Off => format!(" --enable {}", rule.id),
        RuleDefault::BestPractice => " --best-practice".to_owned(),
        _ => String::new(),
    };
    writeln!(out, "found by:          healthcode {command}{option}")?;
    match example(rule.id) {
        Some(Example::Payloads { bad, good, profile }) => {
            writeln!(out)?;
            let profile = profile.map(|profile| ("with", profile));
            for (name, text) in profile.into_iter().chain([("bad", bad), ("good", good)]) {
                let text = text.replace('\n', "\n       ");
                writeln!(out, "{:7}{text}", format!("{name}:"))?;
            }
        }
        Some(Example::None(reason)) => writeln!(out, "\nno example: {reason}")?,
        None => {}
    }
    if command == "validate" {
        let id = rule.id;
        writeln!(
            out,
            "\nto change it, on the command line or in healthcode.toml:"
        )?;
        writeln!(out, "  --ignore {id}            ignore = [\"{id}\"]")?;
        if rule.severity != Severity::Fatal {
            writeln!(
                out,
                "  --severity {id}=warning  severity = {{ {id} = \"warning\" }}"
            )?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
