//! `healthcode.toml` and the options of `healthcode validate`: [`Settings`], made of both before any work
//! starts. The table `environments` of the file is that of `healthcode call`.

mod owner;

use crate::args::{Deny, InputArgs, PackageArgs, PolicyArg, SeverityArg, ValidateArgs};
use crate::input::{shown, small_text};
use crate::pattern::Pattern;
use clap::ValueEnum;
use healthcode_core::{Rule, RuleDefault, Severity, nearest};
use healthcode_validate::{Filter, Policy, Selector, rules};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The file's name.
pub(crate) const NAME: &str = "healthcode.toml";

/// An invalid option or setting.
type Result<T> = std::result::Result<T, String>;

/// The settings of the command line and the file together. Lists are joined; for the rest, the command line has
/// precedence.
pub(crate) struct Settings {
    pub(crate) policy: Policy,
    pub(crate) deny: Option<Deny>,
    /// The rules that are enabled, which are off by default.
    pub(crate) enable: Vec<String>,
    pub(crate) filter: Filter,
    pub(crate) fold: Fold,
    pub(crate) jobs: Option<u16>,
    pub(crate) inputs: InputArgs,
    pub(crate) packages: PackageArgs,
    /// The file of known issues.
    pub(crate) baseline: Option<PathBuf>,
}

/// How many issues of a rule are shown at one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    /// As many as the format usually shows.
    Usual,
    /// All.
    Never,
    AtMost(u64),
}

/// The file of settings.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct SettingsFile {
    policy: Option<Word<PolicyArg>>,
    deny: Option<Word<Deny>>,
    enable: Vec<String>,
    ignore: Vec<String>,
    only: Vec<String>,
    min_severity: Option<Word<SeverityArg>>,
    severity: BTreeMap<String, Word<SeverityArg>>,
    fold: Option<FoldSetting>,
    exclude: Vec<String>,
    packages: Vec<String>,
    package_cache: Option<PathBuf>,
    baseline: Option<PathBuf>,
    jobs: Option<Number<1, 1024>>,
    max_depth: Option<Number<1, 512>>,
    max_resource: Option<Number<1, { u64::MAX }>>,
    max_decompressed: Option<Number<1, { u64::MAX }>>,
    /// `healthcode call` reads them.
    environments: Table,
}

/// One of the words of an option.
struct Word<T>(T);

impl<'de, T: ValueEnum> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        word(&text).map(Word).map_err(D::Error::custom)
    }
}

/// A whole number within limits.
struct Number<const LEAST: u64, const MOST: u64>(u64);

impl<'de, const LEAST: u64, const MOST: u64> Deserialize<'de> for Number<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let number = number(&Value::deserialize(deserializer)?);
        let number = number.filter(|number| (LEAST..=MOST).contains(number));
        number.map(Number).ok_or_else(|| match MOST {
            u64::MAX => D::Error::custom(format!("expected a whole number from {LEAST}")),
            _ => D::Error::custom(format!("expected a whole number from {LEAST} to {MOST}")),
        })
    }
}

/// A number, or false.
struct FoldSetting(Fold);

impl<'de> Deserialize<'de> for FoldSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match (value.as_bool(), number(&value)) {
            (Some(false), _) => Ok(FoldSetting(Fold::Never)),
            (_, Some(most)) => Ok(FoldSetting(Fold::AtMost(most))),
            _ => Err(D::Error::custom("expected a whole number from 0, or false")),
        }
    }
}

fn number(value: &Value) -> Option<u64> {
    u64::try_from(value.as_integer()?).ok()
}

impl Settings {
    /// The settings of the command line and of the file that it names, or that is found.
    ///
    /// # Errors
    /// If the file cannot be read, or an option or a setting is invalid.
    pub(crate) fn new(args: &ValidateArgs) -> io::Result<Self> {
        let path = if args.no_config {
            None
        } else {
            find(args.config.as_deref())?
        };
        let Some(path) = path else {
            return Self::without_file(args);
        };
        let found = args.config.is_none();
        if found && std::env::current_dir().is_ok_and(|here| Some(&*here) != path.parent()) {
            // Nothing can be done if standard error is closed.
            let _ = writeln!(
                io::stderr(),
                "healthcode: settings are those of {}",
                shown(&path)
            );
        }
        Self::with_file(args, &path)
    }

    /// The settings of the command line and of a file.
    ///
    /// # Errors
    /// As [`Settings::new`].
    pub(crate) fn with_file(args: &ValidateArgs, path: &Path) -> io::Result<Self> {
        let at = |error: String| invalid(format!("{}: {error}", shown(path)));
        let mut file = SettingsFile::read(path)?;
        let filter = file.check().map_err(at)?;
        Self::of(args, file, filter).map_err(invalid)
    }

    /// The settings of the command line alone.
    ///
    /// # Errors
    /// If an option is invalid.
    pub(crate) fn without_file(args: &ValidateArgs) -> io::Result<Self> {
        Self::of(args, SettingsFile::default(), Filter::new()).map_err(invalid)
    }

    /// With a file that was checked, and its filter.
    fn of(args: &ValidateArgs, file: SettingsFile, filter: Filter) -> Result<Self> {
        let noise = &args.noise;
        let filter = options(args, filter)?;
        let mut inputs = args.inputs.clone();
        for text in &file.exclude {
            let pattern = Pattern::new(text).map_err(|error| error.to_string())?;
            inputs.exclude.push(pattern);
        }
        let depth = file.max_depth.map(|Number(levels)| levels as u32);
        inputs.max_depth = inputs.max_depth.or(depth);
        let resource = file.max_resource.map(|Number(size)| size);
        inputs.max_resource = inputs.max_resource.or(resource);
        let decompressed = file.max_decompressed.map(|Number(size)| size);
        inputs.max_decompressed = inputs.max_decompressed.or(decompressed);
        Ok(Settings {
            baseline: args.baseline.baseline.clone().or(file.baseline),
            policy: match args.policy.or(file.policy.map(|Word(policy)| policy)) {
                Some(PolicyArg::Healthcode) => Policy::Healthcode,
                Some(PolicyArg::R4) | None => Policy::R4,
            },
            deny: args.deny.or(file.deny.map(|Word(deny)| deny)),
            enable: [args.enable.clone(), file.enable].concat(),
            filter,
            fold: match (noise.no_fold, noise.fold) {
                (true, _) => Fold::Never,
                (false, Some(most)) => Fold::AtMost(most),
                (false, None) => file.fold.map_or(Fold::Usual, |FoldSetting(fold)| fold),
            },
            jobs: args.jobs.or(file.jobs.map(|Number(jobs)| jobs as u16)),
            inputs,
            packages: args.packages.clone().or(PackageArgs {
                packages: file.packages,
                package_cache: file.package_cache,
            }),
        })
    }
}

/// The packages of a file of settings.
///
/// # Errors
/// If it cannot be read, or a setting is invalid.
pub(crate) fn packages(path: Option<&Path>) -> io::Result<PackageArgs> {
    let file = path.map(SettingsFile::read).transpose()?;
    Ok(file.map(SettingsFile::packages).unwrap_or_default())
}

/// Checks the text of a file of settings.
///
/// # Errors
/// If it is invalid.
pub(crate) fn check(text: &str) -> Result<()> {
    SettingsFile::parse(text)?.check().map(drop)
}

impl SettingsFile {
    /// Reads a file of settings. Packages that are named by paths, and the baseline, are in its folder.
    fn read(path: &Path) -> io::Result<Self> {
        let at = |error: String| invalid(format!("{}: {error}", shown(path)));
        let mut file = Self::parse(&small_text(path)?).map_err(at)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for package in &mut file.packages {
            let inside = folder.join(&*package);
            if inside.exists() {
                *package = inside.to_string_lossy().into_owned();
            }
        }
        file.package_cache = file.package_cache.map(|cache| folder.join(cache));
        file.baseline = file.baseline.map(|baseline| folder.join(baseline));
        Ok(file)
    }

    /// The settings of a text.
    fn parse(text: &str) -> Result<Self> {
        let table: Table = text.parse().map_err(|error| syntax_error(text, &error))?;
        read(table)
    }

    fn packages(self) -> PackageArgs {
        PackageArgs {
            packages: self.packages,
            package_cache: self.package_cache,
        }
    }

    /// Checks rules, selectors and patterns; returns the filter that they make.
    ///
    /// # Errors
    /// If one is invalid.
    fn check(&mut self) -> Result<Filter> {
        let mut filter = Filter::new();
        for id in &mut self.enable {
            let rule = off_by_default(id).map_err(|error| format!("enable: {error}"))?;
            rule.clone_into(id);
        }
        for text in &self.ignore {
            filter = filter.ignore(selector("ignore:", text)?);
        }
        for text in &self.only {
            filter = filter.only(selector("only:", text)?);
        }
        if let Some(Word(least)) = self.min_severity {
            filter = filter.least(least.into());
        }
        for (rule, Word(severity)) in &self.severity {
            let set = filter.set_severity_among(rule, (*severity).into(), &others());
            set.map_err(|error| format!("severity: {error}"))?;
        }
        for text in &self.exclude {
            Pattern::new(text).map_err(|error| format!("exclude: {text}: {error}"))?;
        }
        Ok(filter)
    }
}

/// Settings of a table. The message names the key and what was expected, and never the value, which
/// may be a secret.
///
/// # Errors
/// If a key is unknown or missing, or its value is not of the type that is expected.
pub(crate) fn read<T: DeserializeOwned>(table: Table) -> Result<T> {
    serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
        let key = error.path().to_string();
        let message = error.inner().message().replace('`', "");
        if let Some(field) = message.strip_prefix("missing field ") {
            return format!("missing {field}");
        }
        let expected = message.split_once("expected ").map(|parts| parts.1);
        let expected = expected.map(|text| text.replace("a sequence", "an array"));
        match (message.starts_with("unknown field "), expected) {
            (true, Some(expected)) => {
                let names = expected.trim_start_matches("one of ").split(", ");
                let near = nearest(&key, names);
                let near = near.map_or_else(String::new, |name| format!("; did you mean {name}?"));
                format!("unknown setting {key}: expected {expected}{near}")
            }
            (false, Some(expected)) => format!("invalid {key}: expected {expected}"),
            (_, None) => format!("invalid {key}"),
        }
    })
}

/// The error of an option or a setting that is invalid.
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
    match std::env::current_dir() {
        Ok(here) => find_around(&here),
        // It has been deleted, and its files with it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The nearest file of settings upward from a folder.
///
/// # Errors
/// If the file is somebody else's.
pub(crate) fn find_around(here: &Path) -> io::Result<Option<PathBuf>> {
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

/// The rules of captured exchanges and their queries, which the validator does not have.
fn others() -> Vec<&'static Rule> {
    let exchange = healthcode_exchange::rules::ALL.iter();
    exchange
        .chain(healthcode_search::rules::ALL)
        .copied()
        .collect()
}

/// What is wrong with a text that is not TOML, and where.
fn syntax_error(text: &str, error: &toml::de::Error) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    let message = error.message().trim_end();
    format!("TOML parse error at line {line}, column {column}: {message}")
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
