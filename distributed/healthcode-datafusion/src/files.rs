//! [`Location`]: the files of a table; [`Piece`]: a part of one.

use datafusion::common::{DataFusionError, Result, plan_err};
use futures::TryStreamExt;
use glob::{MatchOptions, Pattern};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use url::Url;

/// Characters that make a path a glob.
const GLOB: [char; 3] = ['*', '?', '['];

/// The names of files that a folder is searched for, maybe with `.gz` or `.zst` behind.
const ENDINGS: [&str; 4] = [".json", ".ndjson", ".jsonl", ".xml"];

/// Where the files of a table are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The URL of the store: `file:///` or `s3://bucket/`.
    store: String,
    /// A file, a folder or a glob in the store, without a slash in front.
    path: String,
    /// The beginning of names that is left out where they are shown: the working folder.
    hidden: String,
}

/// A file, or a range of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Its path in the store.
    pub(crate) path: String,
    /// Its name, as it is shown.
    pub(crate) name: String,
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// Whether it is a range of lines; otherwise it is a whole file.
    pub(crate) is_range: bool,
    /// The number of its first line in the file, if that was counted.
    pub(crate) first_line: Option<u64>,
}

impl Location {
    /// The files that a path, a glob or a URL `s3://` names. Paths may be relative to the working folder.
    ///
    /// # Errors
    /// If it is invalid, or the working folder is not known.
    pub fn new(given: &str) -> Result<Self> {
        if let Some((scheme, _)) = given.split_once("://") {
            let url = Url::parse(given)
                .map_err(|error| DataFusionError::Plan(format!("{given}: invalid URL: {error}")))?;
            if scheme != "file" {
                let Some((bucket, path)) = given
                    .strip_prefix("s3://")
                    .map(|rest| rest.split_once('/').unwrap_or((rest, "")))
                else {
                    return plan_err!(
                        "{given}: unknown store: expected a path or s3://BUCKET/PATH"
                    );
                };
                return Ok(Location {
                    store: format!("s3://{bucket}/"),
                    path: path.to_owned(),
                    hidden: String::new(),
                });
            }
            let path = url.to_file_path().map_err(|()| {
                DataFusionError::Plan(format!("{given}: invalid URL: expected file:///PATH"))
            })?;
            return Location::new(&path.to_string_lossy());
        }
        if given.is_empty() {
            return plan_err!(
                "missing path: expected a file, a folder, a glob or s3://BUCKET/PATH"
            );
        }
        let here = std::env::current_dir()?;
        let whole = std::path::absolute(here.join(given))?;
        let mut parts: Vec<String> = Vec::new();
        for part in whole.components() {
            match part {
                std::path::Component::Normal(name) => parts.push(name.to_string_lossy().into()),
                std::path::Component::ParentDir => {
                    parts.pop();
                }
                _ => {}
            }
        }
        let is_relative = !std::path::Path::new(given).is_absolute();
        let hidden = format!("{}/", here.to_string_lossy().trim_start_matches('/'));
        Ok(Location {
            store: "file:///".to_owned(),
            path: parts.join("/"),
            hidden: if is_relative { hidden } else { String::new() },
        })
    }

    /// The URL of the store.
    ///
    /// # Errors
    /// If it is invalid.
    pub fn store(&self) -> Result<Url> {
        Url::parse(&self.store).map_err(|error| DataFusionError::External(Box::new(error)))
    }

    fn is_local(&self) -> bool {
        self.store == "file:///"
    }

    /// The location as it is shown.
    #[must_use]
    pub fn shown(&self) -> String {
        self.shown_name(&self.path)
    }

    fn shown_name(&self, path: &str) -> String {
        if !self.is_local() {
            return format!("{}{path}", self.store);
        }
        match path.strip_prefix(&self.hidden) {
            Some(rest) if !self.hidden.is_empty() => rest.to_owned(),
            _ => format!("/{path}"),
        }
    }

    /// The path of a file as text: paths of stores have escapes.
    fn plain(&self, path: &Path) -> String {
        if self.is_local()
            && let Ok(file) = LocalFileSystem::new().path_to_filesystem(path)
        {
            return file.to_string_lossy().trim_start_matches('/').to_owned();
        }
        path.to_string()
    }

    /// The files, ordered by name.
    ///
    /// # Errors
    /// If no file is there, or the store cannot be read.
    pub(crate) async fn files(
        &self,
        store: &Arc<dyn ObjectStore>,
    ) -> Result<Vec<(ObjectMeta, String)>> {
        let is_glob = self.path.contains(GLOB);
        let prefix = if is_glob {
            let fixed = self.path.find(GLOB).unwrap_or(0);
            let folder = self.path.get(..fixed).unwrap_or_default();
            folder.rsplit_once('/').map_or("", |(folder, _)| folder)
        } else {
            let path = Path::from(self.path.as_str());
            if let Ok(file) = store.head(&path).await {
                return Ok(vec![(file, self.shown())]);
            }
            self.path.trim_end_matches('/')
        };
        let pattern = Pattern::new(&self.path).map_err(|error| {
            DataFusionError::Plan(format!("{}: invalid glob: {error}", self.shown()))
        })?;
        let options = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let folder = prefix;
        let prefix = Path::from(folder);
        let mut files = Vec::new();
        let mut found = store.list(Some(&prefix));
        while let Some(file) = found.try_next().await? {
            let plain = self.plain(&file.location);
            let is_wanted = if is_glob {
                pattern.matches_with(&plain, options)
            } else {
                is_payload(plain.strip_prefix(folder).unwrap_or(&plain))
            };
            if is_wanted {
                files.push((file, self.shown_name(&plain)));
            }
        }
        if files.is_empty() {
            let shown = self.shown();
            return plan_err!(
                "{shown}: no such files: expected a file, a folder with .json, .ndjson, .jsonl or .xml files, or a glob"
            );
        }
        files.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(files)
    }
}

/// Whether a file of a folder is one to read: by its ending, and if neither it nor its folder is hidden.
fn is_payload(path: &str) -> bool {
    let is_hidden = path.split('/').any(|part| part.starts_with('.'));
    let name = path.to_ascii_lowercase();
    let name = name
        .strip_suffix(".gz")
        .or(name.strip_suffix(".zst"))
        .unwrap_or(&name);
    !is_hidden && ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether a file is NDJSON by its name, maybe compressed.
pub(crate) fn is_ndjson(path: &str) -> bool {
    let name = path.to_ascii_lowercase();
    let name = name
        .strip_suffix(".gz")
        .or(name.strip_suffix(".zst"))
        .unwrap_or(&name);
    name.ends_with(".ndjson") || name.ends_with(".jsonl")
}

/// Whether a file is compressed by its name.
pub(crate) fn is_compressed(path: &str) -> bool {
    let name = path.to_ascii_lowercase();
    name.ends_with(".gz") || name.ends_with(".zst")
}

#[cfg(test)]
mod tests {
    use super::Location;

    #[test]
    fn names_are_shown_as_they_were_given() {
        for (given, shown) in [
            ("data/*.ndjson", "data/*.ndjson"),
            ("./data/a.json", "data/a.json"),
            ("/data/a b.json", "/data/a b.json"),
            ("file:///data/a.json", "/data/a.json"),
            ("s3://bucket/a/*.ndjson", "s3://bucket/a/*.ndjson"),
        ] {
            assert_eq!(Location::new(given).unwrap().shown(), shown);
        }
        for given in ["", "gs://bucket/a", "http://"] {
            assert!(Location::new(given).is_err(), "{given}");
        }
    }
}
