//! [`Wanted`]: which members of resources are read.

/// Which members of which types of resources are read. What is not wanted is passed over: it is checked to be JSON,
/// and nothing is made of it. Resources in a Bundle's entries are read as if they stood alone.
///
/// ```
/// use healthcode_core::UnknownResource;
/// use healthcode_json::{ReadOptions, Wanted, from_slice_wanted};
///
/// // Of a model crate's types, elements at any depth are passed over.
/// let mut wanted = Wanted::new();
/// wanted.add("Channel", &["fee"]);
/// let json = br#"{"resourceType": "Channel", "id": "1", "fee": 1.50}"#;
/// let channel = from_slice_wanted::<UnknownResource>(json, &ReadOptions::new(), &wanted)?;
/// assert_eq!(channel.get("fee"), Some("1.50"));
/// assert_eq!(channel.get("id"), None);
/// # Ok::<(), healthcode_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Wanted {
    types: Vec<(Box<str>, Members)>,
    /// What is read of an entry of a Bundle that is read by itself.
    pub(crate) entry: Members,
}

/// Which members of an object are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Members {
    /// All are, with all that is in them.
    pub(crate) whole: bool,
    /// It is a resource, of which what is wanted depends on its type.
    pub(crate) resource: bool,
    list: Vec<(Box<str>, Members)>,
}

/// Nothing.
pub(crate) static NOTHING: Members = Members {
    whole: false,
    resource: false,
    list: Vec::new(),
};

/// A resource, whatever its type.
pub(crate) static RESOURCE: Members = Members {
    whole: false,
    resource: true,
    list: Vec::new(),
};

impl Default for Wanted {
    fn default() -> Self {
        let resource = Members {
            list: vec![("resource".into(), RESOURCE.clone())],
            ..NOTHING.clone()
        };
        let bundle = Members {
            list: vec![("entry".into(), resource.clone())],
            ..NOTHING.clone()
        };
        Wanted {
            types: vec![("Bundle".into(), bundle)],
            entry: resource,
        }
    }
}

impl Wanted {
    /// Nothing but the resources of Bundles.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an element of a type of resource, with all that is in it. `path` has the names of the elements that lead
    /// to it, `value` for `value[x]`; an empty path means the whole resource.
    pub fn add(&mut self, resource: &str, path: &[&str]) {
        let at = self.types.iter().position(|(name, _)| **name == *resource);
        let at = at.unwrap_or_else(|| {
            self.types.push((resource.into(), NOTHING.clone()));
            self.types.len() - 1
        });
        let mut members = &mut self.types[at].1;
        for name in path {
            let known = members.list.iter().position(|(known, _)| **known == **name);
            let at = known.unwrap_or_else(|| {
                members.list.push(((*name).into(), NOTHING.clone()));
                members.list.len() - 1
            });
            members = &mut members.list[at].1;
        }
        members.whole = true;
        members.resource = false;
    }

    /// What is read of a type of resource.
    pub(crate) fn of(&self, name: Option<&str>) -> &Members {
        let name = name.unwrap_or_default();
        let found = self.types.iter().find(|(known, _)| **known == *name);
        found.map_or(&NOTHING, |(_, members)| members)
    }
}

impl Members {
    /// What is read of a member; `None` if it is passed over.
    pub(crate) fn find(&self, key: &str) -> Option<&Members> {
        let key = key.strip_prefix('_').unwrap_or(key);
        let first = key.as_bytes().first();
        let found = self.list.iter().find(|(name, _)| {
            // Most names differ in their first letter.
            name.as_bytes().first() == first
                && key.strip_prefix(&**name).is_some_and(|rest| {
                    // The type of a choice follows its name.
                    rest.bytes()
                        .next()
                        .is_none_or(|byte| byte.is_ascii_uppercase())
                })
        });
        found.map(|(_, members)| members)
    }
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    #[test]
    fn members_are_found_by_their_names() {
        let mut wanted = Wanted::new();
        wanted.add("Observation", &["value"]);
        wanted.add("Observation", &["code", "text"]);
        wanted.add("Observation", &["code", "coding"]);
        let members = wanted.of(Some("Observation"));
        for (key, whole) in [
            ("value", Some(true)),
            ("valueQuantity", Some(true)),
            ("_valueString", Some(true)),
            ("code", Some(false)),
            ("values", None),
            ("codec", None),
            ("status", None),
        ] {
            assert_eq!(members.find(key).map(|found| found.whole), whole, "{key}");
        }
        let code = members.find("code").expect("wanted");
        assert!(code.find("text").is_some() && code.find("id").is_none());
        let entry = wanted.of(Some("Bundle")).find("entry").expect("wanted");
        assert!(entry.find("resource").is_some_and(|found| found.resource));
        assert!(wanted.of(Some("Patient")).find("id").is_none());
        wanted.add("Bundle", &["total"]);
        assert!(wanted.of(Some("Bundle")).find("entry").is_some());
    }
}
