//! `package.json` and `fhirpkg.lock.json`, read for what they say: members of unexpected types are passed
//! over, as registries have published them.

use serde_json::{Map, Value};

/// What a `package.json` says of its package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The package's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The beginning of the canonical URLs that belong to it.
    pub canonical: Option<String>,
    /// The versions of FHIR that it is for.
    pub fhir_versions: Vec<String>,
    /// What it depends on.
    pub dependencies: Vec<Dependency>,
}

/// A package that another one requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The package's name.
    pub name: String,
    /// The version as it is requested: `1.2.0`, `1.2.x`, `latest`, `current`.
    pub version: String,
    /// Whether it is named by an alias, so that it can be used beside another version.
    pub aliased: bool,
}

/// An object of JSON, which may begin with a byte order mark.
fn object(text: &[u8]) -> Option<Map<String, Value>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match serde_json::from_slice(text) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}

/// Texts: an array of them, or a single one.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

impl Manifest {
    /// Reads a `package.json`; `None` if it is not a JSON object. It may lack a name.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Manifest> {
        let members = object(text)?;
        let text = |name: &str| match members.get(name) {
            Some(Value::String(text)) => Some(text.trim().to_owned()),
            _ => None,
        };
        let list = |name: &str| members.get(name).map(texts).unwrap_or_default();
        let fhir_versions = ["fhirVersions", "fhirVersion", "fhir-version-list"];
        let dependencies = members.get("dependencies").and_then(Value::as_object);
        let dependencies = dependencies.into_iter().flatten();
        Some(Manifest {
            name: text("name").unwrap_or_default(),
            version: text("version").unwrap_or_default(),
            canonical: text("canonical").filter(|url| !url.is_empty()),
            fhir_versions: fhir_versions
                .into_iter()
                .map(list)
                .find(|versions| !versions.is_empty())
                .unwrap_or_default(),
            dependencies: dependencies
                .map(|(key, requested)| {
                    Dependency::new(key, requested.as_str().unwrap_or_default())
                })
                .collect(),
        })
    }
}

impl Dependency {
    /// A member of `dependencies`. npm's aliases are `ALIAS@npm:NAME` with a version, or an alias with
    /// `npm:NAME@VERSION`.
    fn new(key: &str, requested: &str) -> Dependency {
        let of = |name: &str, version: &str, aliased| Dependency {
            name: name.trim().to_owned(),
            version: version.trim().to_owned(),
            aliased,
        };
        if let Some((_, name)) = key.split_once("@npm:") {
            return of(name, requested, true);
        }
        match requested.strip_prefix("npm:") {
            // The name may have a scope: @scope/name.
            Some(target) => match target.rsplit_once('@').filter(|(name, _)| !name.is_empty()) {
                Some((name, version)) => of(name, version, true),
                None => of(target, "", true),
            },
            None => of(key, requested, false),
        }
    }
}

/// The versions that a `fhirpkg.lock.json` fixes, by name.
#[must_use]
pub fn read_lock(text: &[u8]) -> Vec<(String, String)> {
    let members = object(text).unwrap_or_default();
    let fixed = members.get("dependencies").and_then(Value::as_object);
    let fixed = fixed.into_iter().flatten();
    fixed
        .filter_map(|(name, version)| Some((name.clone(), version.as_str()?.trim().to_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_manifests() {
        let read = |text: &str| Manifest::read(text.as_bytes());
        for text in ["", "[]", "{"] {
            assert_eq!(read(text), None, "{text}");
        }
        for text in ["{}", r#"{"name":1}"#, r#"{"name":" "}"#] {
            assert_eq!(read(text), Some(Manifest::default()), "{text}");
        }
        let bare = read("\u{feff}{\"name\":\"a\",\"dependencies\":null,\"version\":3}").unwrap();
        assert_eq!((bare.name.as_str(), bare.version.as_str()), ("a", ""));
        let one = read(r#"{"name":"a","fhirVersions":"4.0.1","dependencies":["b"]}"#).unwrap();
        assert_eq!(one.fhir_versions, ["4.0.1"]);
        assert!(one.dependencies.is_empty());
    }

    #[test]
    fn dependencies_and_aliases() {
        for (key, requested, expect) in [
            ("a.b", "1.0.x", ("a.b", "1.0.x", false)),
            ("old@npm:a.b", "1.0.0", ("a.b", "1.0.0", true)),
            ("old", "npm:a.b@1.0.0", ("a.b", "1.0.0", true)),
            ("old", "npm:@s/a.b@1.0.0", ("@s/a.b", "1.0.0", true)),
            ("old", "npm:@s/a.b", ("@s/a.b", "", true)),
            ("a", "", ("a", "", false)),
        ] {
            let found = Dependency::new(key, requested);
            let found = (&*found.name, &*found.version, found.aliased);
            assert_eq!(found, expect, "{key} {requested}");
        }
    }

    #[test]
    fn locks() {
        let lock = br#"{"dependencies":{"a":"1.0.0","b":2},"missing":{}}"#;
        assert_eq!(read_lock(lock), [("a".to_owned(), "1.0.0".to_owned())]);
        assert!(read_lock(b"nonsense").is_empty());
    }
}
