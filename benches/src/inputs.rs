//! What the benchmarks read.

use crate::examples;
use crate::generate::{self, Dates};
use crate::white_space::{indented, minified};
use anyhow::{Context, Result, ensure};
use healthcode_bench_harness::documents::pack;
use healthcode_json::stream::{Kind, sniff};
use std::fs;
use std::path::{Path, PathBuf};

/// How many practitioners the Healthcode searchset has.
const PRACTITIONERS: usize = 10_000;

/// How many bytes, minified, the Bundle has that stands in for Synthea's.
const SYNTHEA_BYTES: usize = 1_200_000;

/// The names of the inputs that have targets, in the order in which tables of targets list them.
pub const PLACES: [&str; 4] = [
    "synthea-pretty",
    "synthea-min",
    "healthcode-min",
    "examples",
];

/// Documents to read, one after the other.
#[derive(Clone, Debug)]
pub struct Input {
    /// A short name.
    pub name: String,
    /// Where it comes from.
    pub origin: String,
    /// Its place among the inputs that have targets: [`PLACES`].
    pub place: Option<usize>,
    /// The documents.
    pub documents: Vec<String>,
}

impl Input {
    fn single(name: &str, origin: &str, document: String) -> Self {
        Input {
            name: name.to_owned(),
            origin: origin.to_owned(),
            place: PLACES.iter().position(|place| *place == name),
            documents: vec![document],
        }
    }

    /// These documents, without a name.
    pub(crate) fn unnamed(documents: Vec<String>) -> Self {
        Input {
            name: "documents".to_owned(),
            origin: String::new(),
            place: None,
            documents,
        }
    }

    /// The heading of what is measured on it.
    pub(crate) fn title(&self) -> String {
        format!("{}: {}, {} bytes", self.name, self.origin, self.bytes())
    }

    /// The documents in a file, for other programs.
    pub(crate) fn packed(&self) -> Result<Packed> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        let packed = Packed {
            file: folder.path().join("documents"),
            _folder: folder,
        };
        pack(&self.texts(), &packed.file).context("cannot write a temporary file")?;
        Ok(packed)
    }

    /// The same without the documents at these places, which are sorted.
    pub(crate) fn without(&self, refused: &[usize]) -> Self {
        let documents = self.documents.iter().enumerate();
        Input {
            documents: documents
                .filter(|(at, _)| refused.binary_search(at).is_err())
                .map(|(_, document)| document.clone())
                .collect(),
            ..self.clone()
        }
    }

    /// How many bytes the documents have together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.documents.iter().map(String::len).sum()
    }

    /// The document, if it is one Bundle.
    #[must_use]
    pub fn bundle(&self) -> Option<&str> {
        match &self.documents[..] {
            [document] if beginning(document) == Kind::Bundle => Some(document),
            _ => None,
        }
    }

    /// The same documents, without white space.
    #[must_use]
    pub fn minified(&self) -> Self {
        let documents = self.documents.iter();
        Input {
            documents: documents.map(|document| minified(document)).collect(),
            ..self.clone()
        }
    }

    /// The same with birth dates in FHIR's form, if this is the Healthcode searchset: some rivals
    /// refuse it as it is documented.
    #[must_use]
    pub fn with_standard_dates(&self) -> Option<Self> {
        (PLACES[self.place?] == "healthcode-min").then(|| Input {
            documents: vec![generate::searchset(PRACTITIONERS, Dates::Standard)],
            ..self.clone()
        })
    }

    /// The documents, borrowed.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        self.documents.iter().map(String::as_str).collect()
    }
}

/// Documents in a temporary file.
pub(crate) struct Packed {
    file: PathBuf,
    // Removed with the value.
    _folder: tempfile::TempDir,
}

impl Packed {
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }
}

/// What one document is.
fn beginning(text: &str) -> Kind {
    sniff(&text.as_bytes()[..text.len().min(65_536)])
}

/// The inputs, and why others are absent.
#[derive(Debug)]
pub struct Inputs {
    /// Those that could be had.
    pub present: Vec<Input>,
    /// Why others could not be had.
    pub notes: Vec<String>,
}

/// Those of the four inputs whose name contains `word`: a Synthea Bundle as published and minified,
/// a Healthcode searchset, and the official examples.
///
/// Synthea's is the largest file of `$HEALTHCODE_DATA/synthea`, or else one of like shape that is
/// generated. The examples are those of the package `hl7.fhir.r4.examples`, a `.tgz` file or a
/// folder, at `$HEALTHCODE_SPEC`.
///
/// # Errors
/// If a place that is named cannot be read, or no input has such a name.
pub fn inputs(word: &str) -> Result<Inputs> {
    let mut inputs = Inputs {
        present: Vec::new(),
        notes: Vec::new(),
    };
    let wanted = |name: &str| name.contains(word);
    if wanted("synthea-pretty") || wanted("synthea-min") {
        let (text, origin) = synthea()?;
        let pretty = Input::single("synthea-pretty", &origin, text);
        let small = minified(&pretty.documents[0]);
        let small = Input::single("synthea-min", &origin, small);
        let both = [pretty, small].into_iter();
        inputs
            .present
            .extend(both.filter(|input| wanted(&input.name)));
    }
    if wanted("healthcode-min") {
        let origin = format!("generated searchset of {PRACTITIONERS} practitioners");
        let text = generate::searchset(PRACTITIONERS, Dates::Documented);
        inputs
            .present
            .push(Input::single("healthcode-min", &origin, text));
    }
    if wanted("examples") {
        match std::env::var_os("HEALTHCODE_SPEC").map(PathBuf::from) {
            Some(place) => {
                let documents = examples::read(&place)
                    .with_context(|| format!("cannot read the examples at {}", place.display()))?;
                inputs.present.push(Input {
                    name: "examples".to_owned(),
                    origin: format!("{} documents of {}", documents.len(), file_name(&place)),
                    place: Some(PLACES.len() - 1),
                    documents,
                });
            }
            None => {
                let note = "examples: skipped, HEALTHCODE_SPEC is not set";
                inputs.notes.push(note.to_owned());
            }
        }
    }
    ensure!(
        !inputs.present.is_empty() || !inputs.notes.is_empty(),
        "unknown input {word:?}: expected a part of {}",
        PLACES.join(", ")
    );
    Ok(inputs)
}

/// These files as inputs. The lines of an NDJSON file are its documents.
///
/// # Errors
/// If one cannot be read, is not UTF-8 or holds nothing.
pub fn files(paths: &[PathBuf]) -> Result<Inputs> {
    let mut present = Vec::new();
    for path in paths {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        ensure!(!text.trim_ascii().is_empty(), "{} is empty", path.display());
        let documents = match sniff(text.as_bytes()) {
            Kind::Ndjson => {
                let lines = text.lines().filter(|line| !line.trim_ascii().is_empty());
                lines.map(str::to_owned).collect()
            }
            _ => vec![text],
        };
        present.push(Input {
            name: file_name(path),
            origin: path.display().to_string(),
            place: None,
            documents,
        });
    }
    Ok(Inputs {
        present,
        notes: Vec::new(),
    })
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

fn synthea() -> Result<(String, String)> {
    let Some(data) = std::env::var_os("HEALTHCODE_DATA").map(PathBuf::from) else {
        let text = indented(&generate::transaction(SYNTHEA_BYTES), 4);
        let origin = "generated Bundle of Synthea's shape, HEALTHCODE_DATA is not set";
        return Ok((text, origin.to_owned()));
    };
    let folder = data.join("synthea");
    let mut files = Vec::new();
    for file in folder
        .read_dir()
        .with_context(|| format!("cannot list {}", folder.display()))?
    {
        let path = file?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push((path.metadata()?.len(), path));
        }
    }
    let (_, largest) = files
        .into_iter()
        .max()
        .context("there is no Synthea file")?;
    let text = fs::read_to_string(&largest)
        .with_context(|| format!("cannot read {}", largest.display()))?;
    Ok((text, format!("Synthea's {}", file_name(&largest))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_documents_or_lines_of_them() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text, documents, bundle) in [
            ("a.json", r#"{"resourceType":"Patient"}"#, 1, false),
            ("b.json", r#"{"resourceType":"Bundle","entry":[]}"#, 1, true),
            (
                "c.ndjson",
                "{\"resourceType\":\"A\"}\n\n{\"resourceType\":\"B\"}\n",
                2,
                false,
            ),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            let [input] = &files(&[path]).unwrap().present[..] else {
                panic!("one input for {name}");
            };
            assert_eq!(input.name, name);
            assert_eq!(input.documents.len(), documents, "{name}");
            assert_eq!(input.bundle().is_some(), bundle, "{name}");
        }
        let empty = folder.path().join("empty");
        fs::write(&empty, " \n").unwrap();
        assert!(files(&[empty]).is_err());
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        assert!(inputs("nothing of this name").is_err());
    }
}
