//! The standard's own profiles of resources and data types.

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::spec::tsv::{Cells, Record};

/// A profile that the standard itself defines.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ProfileFact {
    /// URL.
    pub(crate) url: String,
    /// Version.
    pub(crate) version: String,
    /// The type that it is a profile of.
    pub(crate) kind: String,
    /// URL of what it is derived from: a type, or another profile.
    pub(crate) base: String,
}

impl Record for ProfileFact {
    const FILE: &'static str = "profiles.tsv";
    const COLUMNS: &'static [&'static str] = &["url", "version", "type", "base"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.url.clone(),
            self.version.clone(),
            self.kind.clone(),
            self.base.clone(),
        ]
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self> {
        Ok(Self {
            url: cells.string()?,
            version: cells.string()?,
            kind: cells.string()?,
            base: cells.string()?,
        })
    }
}

/// What a profile changes of an element.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ProfileElementFact {
    /// URL of the profile.
    pub(crate) profile: String,
    /// The element's id: its path, with the names of slices.
    pub(crate) id: String,
    /// What is stated of it: members of an `ElementDefinition` as JSON, none of them text for readers.
    /// The path and the name of the slice are left out where the id gives them.
    pub(crate) stated: Map<String, Value>,
}

impl Record for ProfileElementFact {
    const FILE: &'static str = "profile-elements.tsv";
    const COLUMNS: &'static [&'static str] = &["profile", "id", "stated"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.profile.clone(),
            self.id.clone(),
            Value::from(self.stated.clone()).to_string(),
        ]
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self> {
        let (profile, id) = (cells.string()?, cells.string()?);
        let stated = cells.text()?;
        let stated = serde_json::from_str(stated).with_context(|| stated.to_owned())?;
        Ok(Self {
            profile,
            id,
            stated,
        })
    }
}
