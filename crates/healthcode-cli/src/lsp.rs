//! `healthcode lsp`: the language server, with the settings and the engine of `healthcode validate`.

use crate::args::{Cli, Command, ValidateArgs};
use crate::config::{self, Settings};
use crate::input::{self, Stamp};
use crate::packages;
use crate::validate::checker::Engine;
use crate::validate::validator;
use clap::Parser;
use healthcode_core::{Fix, Issue};
use healthcode_lsp::{Host, Project};
use healthcode_package::Packages;
use healthcode_validate::{DefinitionKind, ProfileSet, Validator};
use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Serves a client on standard input and output.
pub(crate) fn run() -> io::Result<ExitCode> {
    let Command::Validate(args) = Cli::try_parse_from(["healthcode", "validate", "-"])
        .map_err(io::Error::other)?
        .command
    else {
        return Err(io::Error::other("missing defaults of validate"));
    };
    healthcode_lsp::serve_stdio(Arc::new(Folders {
        args,
        projects: Mutex::default(),
    }))?;
    Ok(ExitCode::SUCCESS)
}

/// Projects by their files of settings, as these were when they were loaded.
type Projects = HashMap<Option<PathBuf>, (Option<Stamp>, Arc<Folder>)>;

/// The projects that were used.
struct Folders {
    /// The options of `validate` as they are if none is given.
    args: ValidateArgs,
    projects: Mutex<Projects>,
}

impl Host for Folders {
    fn project(&self, file: Option<&Path>) -> io::Result<Arc<dyn Project>> {
        let settings = match file.and_then(Path::parent) {
            Some(folder) => config::find_around(folder)?,
            None => config::find(None)?,
        };
        let stamp = settings.as_deref().and_then(input::stamp);
        let mut projects = self.projects.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((loaded, project)) = projects.get(&settings)
            && *loaded == stamp
        {
            return Ok(Arc::clone(project) as _);
        }
        let project = Arc::new(Folder::load(&self.args, settings.as_deref())?);
        projects.insert(settings, (stamp, Arc::clone(&project)));
        Ok(project)
    }
}

/// How the files of a folder are validated.
struct Folder {
    /// The folder that has the file of settings.
    root: Option<PathBuf>,
    engine: Engine,
    validator: Validator,
    profiles: Arc<ProfileSet>,
    packages: Option<Arc<Packages>>,
    extensions: OnceLock<Vec<String>>,
}

impl Folder {
    fn load(args: &ValidateArgs, path: Option<&Path>) -> io::Result<Folder> {
        let settings = match path {
            Some(path) => Settings::with_file(args, path)?,
            None => Settings::without_file(args)?,
        };
        let packages = packages::load_quietly(&settings.packages)?;
        let profiles = Arc::new(packages::profiles(packages.as_ref()));
        let validator = validator(&settings, Arc::clone(&profiles), false)?;
        Ok(Folder {
            root: path.and_then(Path::parent).map(Path::to_owned),
            engine: Engine::new(&validator, &settings),
            validator,
            profiles,
            packages,
            extensions: OnceLock::new(),
        })
    }

    /// Definitions that are extensions: each has to be read.
    fn find_extensions(&self) -> Vec<String> {
        let Some(packages) = &self.packages else {
            return Vec::new();
        };
        let of_profiles = packages
            .definitions()
            .filter(|(_, found)| found.kind == DefinitionKind::StructureDefinition);
        let mut urls: Vec<&str> = of_profiles.map(|(url, _)| url).collect();
        urls.sort_unstable();
        urls.dedup();
        let is_extension = |url: &&str| {
            let definition = self.profiles.definition_of(url);
            definition.is_some_and(|definition| {
                definition.type_.as_str() == Some("Extension")
                    && definition.derivation.as_str() == Some("constraint")
            })
        };
        let urls = urls.into_iter().filter(is_extension);
        urls.map(str::to_owned).collect()
    }
}

impl Project for Folder {
    fn is_excluded(&self, file: &Path) -> bool {
        let inside = self
            .root
            .as_deref()
            .and_then(|root| file.strip_prefix(root).ok());
        let Some(inside) = inside else {
            return false;
        };
        // As in a folder that is searched: a folder that is left out leaves out all that is in it.
        let exclude = &self.engine.args().exclude;
        inside.ancestors().any(|part| {
            let name = part.file_name().unwrap_or_default();
            exclude
                .iter()
                .any(|pattern| pattern.is_match(name) || pattern.is_match(part))
        })
    }

    fn check(
        &self,
        file: Option<&Path>,
        text: &str,
        cancelled: &Arc<AtomicBool>,
    ) -> io::Result<Vec<Issue>> {
        let reader = Cancellable {
            reader: io::Cursor::new(text.as_bytes().to_vec()),
            cancelled: Arc::clone(cancelled),
        };
        let opened = input::open_reader(Box::new(reader), file, self.engine.args())?;
        let mut all = Vec::new();
        self.engine.check(opened, 1, |issues, _| {
            all.extend(issues);
            running(cancelled)
        })?;
        Ok(all)
    }

    fn fixes(&self, file: Option<&Path>, text: &str, issues: &[Issue]) -> Vec<Option<Arc<Fix>>> {
        let mut issues = issues.to_vec();
        let reader = io::Cursor::new(text.as_bytes().to_vec());
        match input::open_reader(Box::new(reader), file, self.engine.args()) {
            Ok(opened) if !opened.capture => {
                self.engine
                    .attach_fixes(opened.kind, text.as_bytes(), 1, &mut issues);
            }
            // Captures are not edited.
            _ => {}
        }
        issues.into_iter().map(|issue| issue.fix).collect()
    }

    fn validator(&self) -> &Validator {
        &self.validator
    }

    fn profiles(&self) -> &ProfileSet {
        &self.profiles
    }

    fn prepare(&self) {
        self.extensions.get_or_init(|| self.find_extensions());
    }

    fn extensions(&self) -> &[String] {
        self.extensions.get().map_or(&[], Vec::as_slice)
    }

    fn file_of(&self, canonical: &str) -> Option<PathBuf> {
        let found = self.packages.as_ref()?.resolve(canonical)?;
        let place = found.package.place();
        // What is in an archive cannot be opened.
        let path = place.join(found.file).canonicalize().ok()?;
        path.is_file().then_some(path)
    }
}

/// A text that fails to be read once its validation is cancelled.
struct Cancellable {
    reader: io::Cursor<Vec<u8>>,
    cancelled: Arc<AtomicBool>,
}

impl Read for Cancellable {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        running(&self.cancelled)?;
        self.reader.read(buffer)
    }
}

fn running(cancelled: &AtomicBool) -> io::Result<()> {
    if cancelled.load(Ordering::Relaxed) {
        return Err(io::Error::other("cancelled"));
    }
    Ok(())
}
