//! `healthcode.toml`: the settings of `healthcode validate` that a project keeps. The table
//! `environments` is that of `healthcode call`.

mod owner;

use crate::args::{Deny, PolicyArg, SeverityArg, ValidateArgs, pattern};
use crate::input::{shown, small_text};
use clap::ValueEnum;
use healthcode_core::{Rule, RuleDefault, Severity, nearest};
use healthcode_validate::{Filter, Selector, rules};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The file's name.
const NAME: &str = "healthcode.toml";

const KEYS: &[&str] = &[
    "policy",
    "deny",
    "enable",
    "ignore",
    "only",
    "min-severity",
    "severity",
    "fold",
    "exclude",
    "jobs",
    "max-depth",
    "max-resource",
    "max-decompressed",
    "environments",
];

/// What is wrong with an option or a setting.
type Result<T> = std::result::Result<T, String>;

/// The filter that the command line and the file of settings ask for. Other settings of the file
/// are put into `args`, where these have none.
///
/// # Errors
/// If the file cannot be read, or says something that cannot be meant; or an option does.
pub(crate) fn settle(args: &mut ValidateArgs) -> io::Result<Filter> {
    let mut filter = Filter::new();
    let path = match args.no_config {
        true => None,
        false => find(args.config.as_deref())?,
    };
    if let Some(path) = path {
        let found = args.config.is_none();
        if found && std::env::current_dir().is_ok_and(|here| Some(&*here) != path.parent()) {
            // Nothing can be done if standard error is closed.
            let _ = writeln!(
                io::stderr(),
                "healthcode: settings are those of {}",
                shown(&path)
            );
        }
        let text = small_text(&path)?;
        filter =
            read(&text, args).map_err(|error| invalid(format!("{}: {error}", shown(&path))))?;
    }
    options(args, filter).map_err(invalid)
}

/// What an option or a setting that is wrong comes to.
pub(crate) fn invalid(error: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}

/// The file of settings: the one that is named, or the nearest upward from this folder.
///
/// # Errors
/// If the folder is not known, and may have one; or if the file is somebody else's.
pub(crate) fn find(named: Option<&Path>) -> io::Result<Option<PathBuf>> {
    if let Some(path) = named {
        return Ok(Some(path.to_owned()));
    }
    let here = match std::env::current_dir() {
        Ok(here) => here,
        // It has been deleted, and its files with it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // Links are looked at themselves: one that leads nowhere may do so tomorrow.
    let holds = |folder: &&Path| {
        let data = folder.join(NAME).symlink_metadata();
        data.is_ok_and(|data| data.is_file() || data.is_symlink())
    };
    let Some(folder) = here.ancestors().find(holds) else {
        return Ok(None);
    };
    let path = folder.join(NAME);
    owner::check(&path)?;
    Ok(Some(path))
}

/// Adds what the command line says.
fn options(args: &ValidateArgs, mut filter: Filter) -> Result<Filter> {
    let noise = &args.noise;
    for id in &args.enable {
        off_by_default(id).map_err(|error| format!("--enable {id}: {error}"))?;
    }
    for text in &noise.ignore {
        filter = filter.ignore(selector("--ignore", text)?);
    }
    for text in &noise.only {
        filter = filter.only(selector("--only", text)?);
    }
    if let Some(least) = noise.min_severity {
        filter = filter.least(least.into());
    }
    for text in &noise.severity {
        let Some((rule, severity)) = text.split_once('=') else {
            return Err(format!("--severity {text}: expected RULE=SEVERITY"));
        };
        let severity: SeverityArg =
            word(severity).map_err(|e| format!("--severity {text}: {e}"))?;
        let set = filter.set_severity_among(rule, severity.into(), &others());
        set.map_err(|error| format!("--severity {text}: {error}"))?;
    }
    Ok(filter)
}

/// The id of a rule that can be enabled.
fn off_by_default(id: &str) -> Result<&'static str> {
    let is_off = |rule: &&Rule| rule.default == RuleDefault::Off;
    let off = rules().filter(is_off).map(|rule| rule.id);
    if let Some(found) = off.clone().find(|other| other.eq_ignore_ascii_case(id)) {
        return Ok(found);
    }
    if healthcode_validate::rule(id).is_some() {
        return Err("the rule is not off by default".to_owned());
    }
    Err(match nearest(id, off) {
        Some(name) => format!("unknown rule: did you mean {name}?"),
        None => "unknown rule: `healthcode rules` lists those that are off by default".to_owned(),
    })
}

fn selector(place: &str, text: &str) -> Result<Selector> {
    Selector::among(text, &others()).map_err(|error| format!("{place} {text}: {error}"))
}

/// The rules of captured exchanges and their queries, which the validator does not know.
fn others() -> Vec<&'static Rule> {
    let exchange = healthcode_exchange::rules::ALL.iter();
    exchange
        .chain(healthcode_search::rules::ALL)
        .copied()
        .collect()
}

fn read(text: &str, args: &mut ValidateArgs) -> Result<Filter> {
    let table: Table = text
        .parse()
        .map_err(|error: toml::de::Error| fault(text, &error))?;
    let mut filter = Filter::new();
    for (key, value) in &table {
        filter = set(key, value, args, filter).map_err(|error| format!("{key}: {error}"))?;
    }
    Ok(filter)
}

/// What is wrong with a text that is not TOML, and where.
fn fault(text: &str, error: &toml::de::Error) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    let message = error.message().trim_end();
    format!("TOML parse error at line {line}, column {column}: {message}")
}

/// Takes one setting.
fn set(key: &str, value: &Value, args: &mut ValidateArgs, mut filter: Filter) -> Result<Filter> {
    match key {
        "policy" => put(&mut args.policy, word::<PolicyArg>(string(value)?)?),
        "deny" => put(&mut args.deny, word::<Deny>(string(value)?)?),
        "enable" => {
            for text in strings(value)? {
                args.enable.push(off_by_default(text)?.to_owned());
            }
        }
        "ignore" => {
            for text in strings(value)? {
                filter = filter.ignore(selector("", text)?);
            }
        }
        "only" => {
            for text in strings(value)? {
                filter = filter.only(selector("", text)?);
            }
        }
        "min-severity" => {
            let least: SeverityArg = word(string(value)?)?;
            filter = filter.least(least.into());
        }
        "severity" => {
            let table = value.as_table().ok_or("expected a table of rules")?;
            for (rule, severity) in table {
                let severity: SeverityArg = word(string(severity)?)?;
                let set = filter.set_severity_among(rule, severity.into(), &others());
                set.map_err(|error| error.to_string())?;
            }
        }
        "fold" if value.as_bool() == Some(false) => {
            args.noise.no_fold |= args.noise.fold.is_none();
        }
        "fold" if args.noise.no_fold => drop(number::<u64>(value, 0, u64::MAX)?),
        "fold" => put(&mut args.noise.fold, number(value, 0, u64::MAX)?),
        "exclude" => {
            for text in strings(value)? {
                let pattern = pattern(text).map_err(|error| format!("{text}: {error}"))?;
                args.inputs.exclude.push(pattern);
            }
        }
        "jobs" => put(&mut args.jobs, number(value, 1, 1024)?),
        "max-depth" => put(&mut args.inputs.max_depth, number(value, 1, 512)?),
        "max-resource" => put(&mut args.inputs.max_resource, number(value, 1, u64::MAX)?),
        "max-decompressed" => {
            let most = number(value, 1, u64::MAX)?;
            put(&mut args.inputs.max_decompressed, most);
        }
        "environments" => drop(value.as_table().ok_or("expected a table")?),
        _ => {
            return Err(match nearest(key, KEYS.iter().copied()) {
                Some(name) => format!("there is no such setting; did you mean {name}?"),
                None => format!("there is no such setting; there are {}", KEYS.join(", ")),
            });
        }
    }
    Ok(filter)
}

/// Sets what the command line has not set.
fn put<T>(place: &mut Option<T>, value: T) {
    place.get_or_insert(value);
}

fn string(value: &Value) -> Result<&str> {
    value.as_str().ok_or_else(|| "expected a string".to_owned())
}

fn strings(value: &Value) -> Result<Vec<&str>> {
    let fault = || "expected an array of strings".to_owned();
    let items = value.as_array().ok_or_else(fault)?;
    items
        .iter()
        .map(|item| item.as_str().ok_or_else(fault))
        .collect()
}

fn number<T: TryFrom<u64>>(value: &Value, least: u64, most: u64) -> Result<T> {
    let fault = || {
        if most == u64::MAX {
            format!("expected a whole number from {least}")
        } else {
            format!("expected a whole number from {least} to {most}")
        }
    };
    let number = value
        .as_integer()
        .and_then(|number| u64::try_from(number).ok());
    let number = number.filter(|number| (least..=most).contains(number));
    number
        .and_then(|number| number.try_into().ok())
        .ok_or_else(fault)
}

/// One of the words of an option.
fn word<T: ValueEnum>(text: &str) -> Result<T> {
    T::from_str(text, false).map_err(|_| {
        let words = T::value_variants()
            .iter()
            .filter_map(ValueEnum::to_possible_value);
        let words: Vec<_> = words.map(|word| word.get_name().to_owned()).collect();
        format!("expected {}", words.join(" or "))
    })
}

impl From<SeverityArg> for Severity {
    fn from(severity: SeverityArg) -> Severity {
        match severity {
            SeverityArg::Information => Severity::Information,
            SeverityArg::Warning => Severity::Warning,
            SeverityArg::Error => Severity::Error,
        }
    }
}
