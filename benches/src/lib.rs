//! The inputs of the benchmarks, and the allocator that their binaries use.

mod examples;
mod generate;
mod layout;

pub use layout::{indented, minified};

use anyhow::{Context, Result};
use std::path::PathBuf;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The allocator in use.
pub const ALLOCATOR_NAME: &str = if cfg!(feature = "mimalloc") {
    "mimalloc"
} else {
    "system"
};

/// How many practitioners the Healthcode searchset has.
const PRACTITIONERS: usize = 10_000;

/// How many bytes, minified, the Bundle has that stands in for Synthea's.
const SYNTHEA_BYTES: usize = 1_200_000;

/// Documents to read, one after the other.
#[derive(Debug)]
pub struct Input {
    /// A short name.
    pub name: &'static str,
    /// Where it comes from.
    pub origin: String,
    /// The documents, UTF-8.
    pub documents: Vec<String>,
}

impl Input {
    fn single(name: &'static str, origin: String, document: String) -> Self {
        Input {
            name,
            origin,
            documents: vec![document],
        }
    }

    /// How many bytes the documents have together.
    pub fn bytes(&self) -> usize {
        self.documents.iter().map(String::len).sum()
    }

    /// The document, if it is one Bundle of many entries.
    pub fn bundle(&self) -> Option<&str> {
        match &self.documents[..] {
            [document] => Some(document),
            _ => None,
        }
    }
}

/// The inputs, and what is to be told of those that are absent.
#[derive(Debug)]
pub struct Inputs {
    /// Those that could be had.
    pub present: Vec<Input>,
    /// Why others could not.
    pub notes: Vec<String>,
}

/// The four inputs: a Synthea Bundle as published and minified, a Healthcode searchset, and the
/// official examples.
///
/// Synthea's is the largest file of `$HEALTHCODE_DATA/synthea`, or else one of like shape that is
/// generated. The examples are those of the package `hl7.fhir.r4.examples`, a `.tgz` file or a
/// folder, at `$HEALTHCODE_SPEC`.
///
/// # Errors
/// If a place that is named cannot be read.
pub fn inputs() -> Result<Inputs> {
    let mut present = Vec::new();
    let mut notes = Vec::new();
    let (pretty, origin) = synthea()?;
    let small = minified(&pretty);
    present.push(Input::single("synthea-pretty", origin.clone(), pretty));
    present.push(Input::single("synthea-min", origin, small));
    present.push(Input::single(
        "healthcode-min",
        format!("generated searchset of {PRACTITIONERS} practitioners"),
        generate::searchset(PRACTITIONERS),
    ));
    match std::env::var_os("HEALTHCODE_SPEC").map(PathBuf::from) {
        Some(place) => {
            let documents = examples::read(&place)
                .with_context(|| format!("cannot read the examples at {}", place.display()))?;
            present.push(Input {
                name: "examples",
                origin: format!("{} documents of {}", documents.len(), place.display()),
                documents,
            });
        }
        None => notes.push("examples: skipped, HEALTHCODE_SPEC is not set".to_owned()),
    }
    Ok(Inputs { present, notes })
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
    let text = std::fs::read_to_string(&largest)
        .with_context(|| format!("cannot read {}", largest.display()))?;
    Ok((text, largest.display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_inputs_are_json_of_the_wanted_size() {
        let searchset = generate::searchset(20);
        let value: serde_json::Value = serde_json::from_str(&searchset).unwrap();
        assert_eq!(value["entry"].as_array().unwrap().len(), 20);
        assert_eq!(searchset, generate::searchset(20));
        let transaction = generate::transaction(100_000);
        assert!((100_000..110_000).contains(&transaction.len()));
        serde_json::from_str::<serde_json::Value>(&transaction).unwrap();
    }

    #[test]
    fn layouts_are_inverse() {
        let text = generate::transaction(20_000);
        let pretty = indented(&text, 4);
        assert!(pretty.len() > text.len() * 4 / 3);
        assert_eq!(minified(&pretty), text);
        assert_eq!(
            minified(r#"{ "a b" : [ "\" \\" , 1.0 ] }"#),
            r#"{"a b":["\" \\",1.0]}"#
        );
    }

    #[test]
    fn generated_inputs_have_no_defects_but_the_documented() {
        use healthcode_json::from_str;
        use healthcode_r4::Resource;
        for text in [generate::searchset(5), generate::transaction(50_000)] {
            let read = from_str::<Resource>(&text).unwrap();
            assert_eq!(read.issues, []);
        }
    }
}
