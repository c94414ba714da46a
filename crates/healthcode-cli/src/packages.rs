//! The packages that `--package` names, and `healthcode package`.

mod show;

use crate::args::{PackageArgs, PackageCommand, PackageCommandArgs};
use crate::config::{self, find};
use healthcode_core::printable;
use healthcode_package::{Cache, Packages};
use healthcode_validate::ProfileSet;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

/// The cache that is named, or the user's.
fn cache(args: &PackageArgs) -> Cache {
    let named = args.package_cache.clone();
    Cache::open(&named.or_else(Cache::default_folder).unwrap_or_default())
}

/// Loads the packages of the command line and of `healthcode.toml`, as [`load`] does.
///
/// # Errors
/// If one is not there, or cannot be read; or if the file of settings is invalid.
pub(crate) fn load_with_settings(args: &PackageArgs) -> io::Result<Option<Arc<Packages>>> {
    load(&settings(args)?)
}

/// Loads the packages that are named, if there are any, and says on standard error what is wrong with them.
///
/// # Errors
/// If one is not there, or cannot be read.
pub(crate) fn load(args: &PackageArgs) -> io::Result<Option<Arc<Packages>>> {
    let Some(packages) = load_quietly(args)? else {
        return Ok(None);
    };
    for note in packages.notes() {
        say("note", note);
    }
    warn(&packages);
    Ok(Some(packages))
}

/// Loads the packages that are named, if there are any.
///
/// # Errors
/// If one is not there, or cannot be read.
pub(crate) fn load_quietly(args: &PackageArgs) -> io::Result<Option<Arc<Packages>>> {
    if args.packages.is_empty() {
        return Ok(None);
    }
    let given = args.packages.iter().map(String::as_str);
    Packages::load(given, &cache(args)).map(|packages| Some(Arc::new(packages)))
}

/// Reports what was found wrong since the last time.
pub(crate) fn warn(packages: &Packages) {
    for warning in packages.take_warnings() {
        say("warning", &warning);
    }
}

fn say(kind: &str, text: &str) {
    // Nothing can be done if standard error is closed.
    let _ = writeln!(io::stderr(), "healthcode: {kind}: {}", printable(text));
}

/// A set of profiles that takes its definitions from packages.
pub(crate) fn profiles(packages: Option<&Arc<Packages>>) -> ProfileSet {
    let mut set = ProfileSet::new();
    if let Some(packages) = packages {
        set.provide(Arc::clone(packages) as _);
    }
    set
}

/// `healthcode package`.
pub(crate) fn run(args: &PackageCommandArgs) -> io::Result<ExitCode> {
    match &args.command {
        PackageCommand::List { packages, format } => {
            let packages = settings(packages)?;
            match load(&packages)? {
                Some(loaded) => show::list(&loaded, *format),
                None => show::cached(&cache(&packages), *format),
            }
        }
        PackageCommand::Show { packages, format } => {
            show::definitions(&*needed(packages)?, *format)
        }
        PackageCommand::Resolve {
            url,
            packages,
            format,
        } => show::resolve(&*needed(packages)?, url, *format),
        PackageCommand::Why {
            url,
            packages,
            format,
        } => show::why(&*needed(packages)?, url, *format),
        PackageCommand::Snapshot {
            url,
            packages,
            format,
        } => {
            let loaded = needed(packages)?;
            let shown = show::snapshot(&profiles(Some(&loaded)), url, *format);
            warn(&loaded);
            shown
        }
    }
}

/// The packages of the command line and of `healthcode.toml`.
fn settings(args: &PackageArgs) -> io::Result<PackageArgs> {
    let file = config::packages(find(None)?.as_deref())?;
    Ok(args.clone().or(file))
}

fn needed(args: &PackageArgs) -> io::Result<Arc<Packages>> {
    load_with_settings(args)?.ok_or_else(|| {
        let message = "missing package: expected --package, or packages in healthcode.toml";
        config::invalid(message.to_owned())
    })
}
