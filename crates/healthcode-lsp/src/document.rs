//! [`Document`]: a text that a client has open, and what was found in it.

use crate::host::Project;
use crate::outline::{Id, Kind, NONE, Outline, Syntax};
use crate::place::Places;
use crate::text::Text;
use healthcode_core::{Fix, Issue, Release, Released};
use healthcode_r4::schema::R4;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// What validation found out about a document, but for its issues.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) release: &'static Release,
    pub(crate) project: Arc<dyn Project>,
}

/// A version of a document.
pub(crate) struct Document {
    pub(crate) path: Option<PathBuf>,
    pub(crate) version: i32,
    pub(crate) text: Text,
    pub(crate) syntax: Syntax,
    /// What was found of this version.
    pub(crate) context: OnceLock<Context>,
    /// What was found of an earlier version.
    earlier: Option<Context>,
    /// The issues of this version, once it was validated.
    pub(crate) issues: OnceLock<Vec<Issue>>,
    fixes: OnceLock<Vec<Option<Arc<Fix>>>>,
    outline: OnceLock<Outline>,
    entries: OnceLock<Vec<Entry>>,
}

/// A resource that references may be to.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The full URL of its entry in a Bundle.
    pub(crate) full_url: Option<String>,
    pub(crate) type_name: String,
    pub(crate) id: Option<String>,
    /// The resource that contains it, if it is contained.
    pub(crate) container: Option<Id>,
    pub(crate) node: Id,
}

impl Document {
    pub(crate) fn new(path: Option<PathBuf>, language: &str, version: i32, text: Text) -> Self {
        let syntax = syntax_of(path.as_deref(), language, text.as_str());
        Document {
            path,
            version,
            text,
            syntax,
            context: OnceLock::new(),
            earlier: None,
            issues: OnceLock::new(),
            fixes: OnceLock::new(),
            outline: OnceLock::new(),
            entries: OnceLock::new(),
        }
    }

    /// The next version of this document.
    pub(crate) fn next(&self, language: &str, version: i32, text: Text) -> Self {
        Document {
            earlier: self.context().cloned(),
            ..Document::new(self.path.clone(), language, version, text)
        }
    }

    /// What was found of this version, or else of an earlier one.
    pub(crate) fn context(&self) -> Option<&Context> {
        self.context.get().or(self.earlier.as_ref())
    }

    /// The release of the payload; R4 until it was validated.
    pub(crate) fn release(&self) -> &'static Release {
        self.context()
            .map_or_else(R4::release, |context| context.release)
    }

    pub(crate) fn project(&self) -> Option<&dyn Project> {
        self.context().map(|context| &*context.project)
    }

    /// The outline, made when it is first needed.
    pub(crate) fn outline(&self) -> &Outline {
        self.outline
            .get_or_init(|| Outline::new(self.text.as_str(), self.syntax))
    }

    pub(crate) fn places(&self) -> Places<'_> {
        Places {
            text: self.text.as_str(),
            outline: self.outline(),
            release: self.release(),
        }
    }

    /// The fixes of the issues; empty before these are known.
    pub(crate) fn fixes(&self) -> &[Option<Arc<Fix>>] {
        let (Some(issues), Some(context)) = (self.issues.get(), self.context.get()) else {
            return &[];
        };
        let file = self.path.as_deref();
        let make = || context.project.fixes(file, self.text.as_str(), issues);
        self.fixes.get_or_init(make)
    }

    /// The resources of Bundles, and those that are contained.
    pub(crate) fn entries(&self) -> &[Entry] {
        self.entries.get_or_init(|| self.find_entries())
    }

    fn find_entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for root in self.outline().roots() {
            self.add_resource(root, None, None, &mut entries);
        }
        entries
    }

    fn add_resource(
        &self,
        node: Id,
        full_url: Option<String>,
        container: Option<Id>,
        entries: &mut Vec<Entry>,
    ) {
        let (outline, text) = (self.outline(), self.text.as_str());
        let places = self.places();
        let Some(type_name) = places.type_name(node) else {
            return;
        };
        let is_root = outline.get(node).is_some_and(|node| node.parent == NONE);
        entries.push(Entry {
            full_url,
            type_name: type_name.to_owned(),
            id: outline.text_of(text, node, "id").map(str::to_owned),
            container,
            node,
        });
        if container.is_some() {
            return;
        }
        for child in outline.children(node) {
            match outline.name_of(text, child) {
                "contained" => {
                    for resource in outline.children(child) {
                        self.add_resource(resource, None, Some(node), entries);
                    }
                }
                "entry" if is_root && type_name == "Bundle" => {
                    for entry in self.items(child) {
                        let full_url = outline.text_of(text, entry, "fullUrl");
                        let Some(mut resource) = outline.child(text, entry, "resource") else {
                            continue;
                        };
                        if outline.syntax == Syntax::Xml {
                            let Some(inner) = outline.children(resource).next() else {
                                continue;
                            };
                            resource = inner;
                        }
                        // Bundles in Bundles are left out: references do not reach into them.
                        self.add_resource(resource, full_url.map(str::to_owned), None, entries);
                    }
                }
                _ => {}
            }
        }
    }

    /// The items of an array, or the element of XML itself.
    fn items(&self, id: Id) -> Vec<Id> {
        let outline = self.outline();
        match outline.get(id).map(|node| node.kind) {
            Some(Kind::Array) => outline.children(id).collect(),
            Some(_) => vec![id],
            None => Vec::new(),
        }
    }

    /// Whether the text is meant to be FHIR, or a capture: other JSON and XML is not validated.
    pub(crate) fn is_payload(&self) -> bool {
        match self.syntax {
            Syntax::Lines => true,
            Syntax::Xml => healthcode_xml::is_fhir(self.text.as_str().as_bytes()),
            Syntax::Json => {
                let (outline, text) = (self.outline(), self.text.as_str());
                let mut children = outline.roots().flat_map(|root| outline.children(root));
                children.any(|child| {
                    let name = outline.name_of(text, child);
                    name.eq_ignore_ascii_case("resourceType")
                })
            }
        }
    }
}

fn syntax_of(path: Option<&Path>, language: &str, text: &str) -> Syntax {
    let name = path.and_then(Path::file_name).unwrap_or_default();
    let name = name.to_string_lossy().to_ascii_lowercase();
    if name.ends_with(".ndjson") || name.ends_with(".jsonl") {
        return Syntax::Lines;
    }
    if healthcode_xml::is_xml(text.as_bytes()) {
        return Syntax::Xml;
    }
    match language {
        "ndjson" | "jsonl" | "jsonlines" => Syntax::Lines,
        "xml" if !text.trim_start().starts_with(['{', '[']) => Syntax::Xml,
        _ => Syntax::Json,
    }
}
