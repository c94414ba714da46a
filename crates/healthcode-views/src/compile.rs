//! Checks a `ViewDefinition`, and compiles it.
//!
//! What is known and required is from SQL on FHIR 2.0 and the ballot of 3.0, StructureDefinition `ViewDefinition`.

mod columns;
mod constant;

use crate::chain::Chain;
use crate::finding::{Finding, line_and_column};
use crate::header::is_view_type;
use crate::json::{Json, Member};
use crate::types::ColumnType;
use crate::view::{
    CellPath, Column, Constant, Each, Part, Select, StatedTypes, Version, View, ViewPath, Way,
};
use healthcode_core::{Schema, SchemaKind, nearest};
use healthcode_fhirpath::{Analysis, Expression, Inferred, StaticFinding, StaticType};

/// Selections inside each other.
const MAX_DEPTH: usize = 32;
/// The columns that a view may have.
const MAX_COLUMNS: usize = 4096;

/// The members that all elements have.
const ELEMENT: [&str; 3] = ["id", "extension", "modifierExtension"];

const VIEW: &[&str] = &[
    "resourceType",
    "meta",
    "implicitRules",
    "language",
    "text",
    "contained",
    "url",
    "identifier",
    "version",
    "versionAlgorithmString",
    "versionAlgorithmCoding",
    "name",
    "title",
    "status",
    "experimental",
    "date",
    "publisher",
    "contact",
    "description",
    "useContext",
    "jurisdiction",
    "purpose",
    "copyright",
    "copyrightLabel",
    "approvalDate",
    "lastReviewDate",
    "effectivePeriod",
    "topic",
    "author",
    "editor",
    "reviewer",
    "endorser",
    "relatedArtifact",
    "resource",
    "profile",
    "fhirVersion",
    "constant",
    "select",
    "where",
];
/// What `status` may be (FHIR R4 valueset-publication-status.html).
const STATUSES: [&str; 4] = ["draft", "active", "retired", "unknown"];
const SELECT: &[&str] = &[
    "column",
    "select",
    "forEach",
    "forEachOrNull",
    "repeat",
    "unionAll",
];
const COLUMN: &[&str] = &["path", "name", "description", "collection", "type", "tag"];
const TAG: &[&str] = &["name", "value"];
const WHERE: &[&str] = &["path", "description"];

/// Checks a view, and compiles what of it can be; of columns, those in `keep` if it is given.
pub(crate) fn compile(
    text: &str,
    version: Version,
    keep: Option<&[&str]>,
) -> (Option<View>, Vec<Finding>) {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut compiler = Compiler {
        text: body,
        version,
        findings: Vec::new(),
        constants: Vec::new(),
        columns: Vec::new(),
        keep,
        analysis: None,
    };
    let view = match Json::parse(body) {
        Ok(json) => compiler.view(json),
        Err((message, line, column)) => {
            let path = String::new();
            compiler.findings.push(Finding {
                fatal: true,
                line,
                column,
                path,
                message,
            });
            None
        }
    };
    let mut findings = compiler.findings;
    findings.sort_by_key(|finding| (finding.line, finding.column));
    (view, findings)
}

struct Compiler<'t> {
    text: &'t str,
    version: Version,
    findings: Vec<Finding>,
    constants: Vec<Constant>,
    columns: Vec<Column>,
    keep: Option<&'t [&'t str]>,
    /// `None` if the type of the view's resources is not known.
    analysis: Option<Analysis>,
}

/// The place of a part of the view.
struct Place<'p> {
    path: &'p str,
    at: usize,
}

impl<'t> Compiler<'t> {
    fn report(&mut self, fatal: bool, place: Place<'_>, message: impl Into<String>) {
        let (line, column) = line_and_column(self.text, place.at);
        let finding = Finding {
            fatal,
            line,
            column,
            path: place.path.to_owned(),
            message: message.into(),
        };
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn invalid(&mut self, json: Json<'t>, path: &str, expected: &str) {
        let place = Place {
            path,
            at: json.at(),
        };
        self.report(true, place, format!("invalid value: expected {expected}"));
    }

    /// As [`Compiler::invalid`], of what a run does not need.
    fn doubtful(&mut self, json: Json<'t>, path: &str, expected: &str) {
        let place = Place {
            path,
            at: json.at(),
        };
        self.report(false, place, format!("invalid value: expected {expected}"));
    }

    /// The members of an object; those that are not known are reported.
    fn members(&mut self, json: Json<'t>, path: &str, known: &[&str]) -> Option<Vec<Member<'t>>> {
        let Some(members) = json.members() else {
            self.invalid(json, path, "an object");
            return None;
        };
        for (index, member) in members.iter().enumerate() {
            let name = &*member.name;
            let at = member.value.at();
            let place = child(path, name);
            let earlier = members.get(..index).unwrap_or_default();
            if earlier.iter().any(|other| other.name == member.name) {
                let message = format!("repeated member {name}: expected it once");
                self.report(true, Place { path: &place, at }, message);
            }
            // A primitive's id and extensions.
            let plain = name.strip_prefix('_').unwrap_or(name);
            let is_known = known.contains(&plain) || ELEMENT.contains(&plain);
            let is_value = std::ptr::eq(known, constant::MEMBERS) && plain.starts_with("value");
            if !is_known && !is_value {
                let near = nearest(plain, known.iter().copied());
                let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
                let message = format!("unknown member {name}{near}");
                self.report(false, Place { path: &place, at }, message);
            }
        }
        Some(members)
    }

    /// The text of a member, which must be a string that is not empty.
    fn text_of(
        &mut self,
        members: &[Member<'t>],
        path: &str,
        name: &str,
    ) -> Option<(String, Json<'t>)> {
        let value = value_of(members, name)?;
        match value.string() {
            Some(text) if !text.is_empty() => Some((text.into_owned(), value)),
            _ => {
                self.invalid(value, &child(path, name), "a string that is not empty");
                None
            }
        }
    }

    /// As [`Compiler::text_of`], of a member that must be there.
    fn required(
        &mut self,
        json: Json<'t>,
        members: &[Member<'t>],
        path: &str,
        name: &str,
    ) -> Option<(String, Json<'t>)> {
        if value_of(members, name).is_none() {
            let place = Place {
                path,
                at: json.at(),
            };
            self.report(true, place, format!("missing {name}"));
        }
        self.text_of(members, path, name)
    }

    /// The items of a member, which must be a list.
    fn list(&mut self, members: &[Member<'t>], path: &str, name: &str) -> Vec<(String, Json<'t>)> {
        let Some(value) = value_of(members, name) else {
            return Vec::new();
        };
        let path = child(path, name);
        let Some(items) = value.items() else {
            self.invalid(value, &path, "a list");
            return Vec::new();
        };
        if items.is_empty() {
            let place = Place {
                path: &path,
                at: value.at(),
            };
            // Without these there is nothing to run; any other list may as well be absent.
            let fatal = path == "select" || name == "repeat";
            let message = "invalid value: expected a list that is not empty";
            self.report(fatal, place, message);
        }
        let items = items.into_iter().enumerate();
        items
            .map(|(index, item)| (format!("{path}[{index}]"), item))
            .collect()
    }

    fn sql_name(&mut self, fatal: bool, name: &str, json: Json<'t>, path: &str) {
        let mut bytes = name.bytes();
        let starts = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic());
        if starts && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return;
        }
        let place = Place {
            path,
            at: json.at(),
        };
        let message =
            format!("invalid name {name}: expected a letter, then letters, digits and underscores");
        self.report(fatal, place, message);
    }

    fn view(&mut self, json: Json<'t>) -> Option<View> {
        let members = self.members(json, "", VIEW)?;
        if let Some((kind, value)) = self.text_of(&members, "", "resourceType")
            && !is_view_type(&kind)
        {
            self.invalid(value, "resourceType", "ViewDefinition, or its URL");
        }
        let name = self.text_of(&members, "", "name").map(|(name, value)| {
            self.sql_name(false, &name, value, "name");
            name.into_boxed_str()
        });
        if let Some((status, value)) = self.text_of(&members, "", "status")
            && !STATUSES.contains(&&*status)
        {
            self.doubtful(value, "status", "draft, active, retired or unknown");
        }
        self.stated_versions(&members);
        let resource = self.required(json, &members, "", "resource");
        let schema = resource.as_ref().and_then(|(name, value)| {
            let schema = self.resource(name);
            if schema.is_none() {
                let place = Place {
                    path: "resource",
                    at: value.at(),
                };
                let number = self.version.number;
                self.report(
                    true,
                    place,
                    format!("unknown type {name}: FHIR {number} has no such resource"),
                );
            }
            schema
        });
        self.constants(&members);
        if let Some(schema) = schema {
            let mut analysis = Analysis::new(schema, self.version.find);
            analysis.variable("rowIndex", StaticType::System("Integer"));
            analysis.without(&["memberOf", "subsumes", "subsumedBy"]);
            for constant in &self.constants {
                analysis.variable(&constant.name, StaticType::Primitive(constant.of));
            }
            self.analysis = Some(analysis);
        }
        let root = self
            .analysis
            .as_ref()
            .map(Analysis::root)
            .unwrap_or_default();
        let conditions = self.conditions(&members, &root);
        if value_of(&members, "select").is_none() {
            let place = Place {
                path: "",
                at: json.at(),
            };
            self.report(true, place, "missing select");
        }
        let selects = self.list(&members, "", "select");
        let parts: Vec<Part> = selects
            .into_iter()
            .filter_map(|(path, json)| self.select(json, &path, &root, 0).map(Part::Select))
            .collect();
        self.unique_names();
        if self.columns.is_empty() && self.findings.is_empty() && self.keep.is_none() {
            let place = Place {
                path: "select",
                at: json.at(),
            };
            self.report(true, place, "missing column: a view has one at least");
        }
        let reads = self.analysis.as_ref().map(Analysis::read_paths);
        let reads = reads.unwrap_or_default().into_iter();
        let reads = reads.map(|path| path.into_iter().map(Box::from).collect());
        Some(View {
            name,
            resource: resource?.0.into(),
            version: self.version,
            constants: std::mem::take(&mut self.constants),
            conditions,
            root: Select {
                each: Each::This,
                cells: Vec::new(),
                parts,
                columns: 0..self.columns.len(),
                indexes: Vec::new(),
            },
            columns: std::mem::take(&mut self.columns),
            uses_index: self.text.contains("rowIndex"),
            reads: reads.collect(),
            findings: Vec::new(),
            stated_types: StatedTypes(self.version.find),
        })
    }

    fn resource(&self, name: &str) -> Option<&'static Schema> {
        let schema = (self.version.find)(name)?;
        (schema.kind == SchemaKind::Resource).then_some(schema)
    }

    fn conditions(&mut self, members: &[Member<'t>], root: &Inferred) -> Vec<ViewPath> {
        let mut conditions = Vec::new();
        for (path, json) in self.list(members, "", "where") {
            let Some(members) = self.members(json, &path, WHERE) else {
                continue;
            };
            let Some((text, value)) = self.required(json, &members, &path, "path") else {
                continue;
            };
            let place = child(&path, "path");
            let Some((condition, inferred)) = self.path(&text, value, &place, root) else {
                continue;
            };
            self.read_whole(&inferred);
            let types = inferred.types().unwrap_or_default();
            let booleans = |of: &StaticType| of.system() == Some("Boolean");
            if !types.is_empty() && !types.iter().any(booleans) {
                let names = names_of(&types);
                let message =
                    format!("invalid where: expected a boolean; the path returns {names}");
                let place = Place {
                    path: &place,
                    at: value.at(),
                };
                self.report(true, place, message);
            }
            conditions.push(condition);
        }
        conditions
    }

    fn read_whole(&mut self, inferred: &Inferred) {
        if let Some(analysis) = &mut self.analysis {
            analysis.read_whole(inferred);
        }
    }

    /// Compiles a path, and infers what it can return.
    fn path(
        &mut self,
        text: &str,
        json: Json<'t>,
        place: &str,
        focus: &Inferred,
    ) -> Option<(ViewPath, Inferred)> {
        let expression = self.parse(text, json, place)?;
        let (inferred, findings) = self.infer(&expression, focus);
        self.report_all(findings, text, json, place);
        Some((self.view_path(expression, text), inferred))
    }

    fn parse(&mut self, text: &str, json: Json<'t>, place: &str) -> Option<Expression> {
        match Expression::compile(text) {
            Ok(expression) => Some(expression),
            Err(error) => {
                let place = Place {
                    path: place,
                    at: at(text, json, error.offset()),
                };
                self.report(true, place, error.message());
                None
            }
        }
    }

    fn infer(
        &mut self,
        expression: &Expression,
        focus: &Inferred,
    ) -> (Inferred, Vec<StaticFinding>) {
        let Some(analysis) = &mut self.analysis else {
            return Default::default();
        };
        let inferred = analysis.infer(expression, focus);
        (inferred, analysis.take_findings())
    }

    fn report_all(
        &mut self,
        findings: Vec<StaticFinding>,
        text: &str,
        json: Json<'t>,
        place: &str,
    ) {
        for finding in findings {
            // What is not defined would fail with each resource.
            let fatal = finding.message.starts_with("unknown ");
            let offset = finding.offset;
            let at = offset.map_or(json.at(), |offset| at(text, json, offset));
            self.report(fatal, Place { path: place, at }, finding.message);
        }
    }

    fn view_path(&self, expression: Expression, text: &str) -> ViewPath {
        let constant = expression.as_variable().map(|name| {
            let mut known = self.constants.iter();
            let number = known.position(|constant| &*constant.name == name);
            (name == "rowIndex", number)
        });
        let way = match (constant, Chain::of(&expression)) {
            (Some((true, _)), _) => Way::Index,
            (Some((_, Some(number))), _) => Way::Constant(number),
            (_, Some(chain)) => Way::Chain(chain),
            _ => Way::Expression(expression),
        };
        let text = text.into();
        ViewPath { text, way }
    }

    fn select(
        &mut self,
        json: Json<'t>,
        path: &str,
        focus: &Inferred,
        depth: usize,
    ) -> Option<Select> {
        let place = || Place {
            path,
            at: json.at(),
        };
        if depth > MAX_DEPTH {
            let message = format!("invalid select: expected at most {MAX_DEPTH} inside each other");
            self.report(true, place(), message);
            return None;
        }
        let members = self.members(json, path, SELECT)?;
        let (each, focus) = self.each(json, &members, path, focus)?;
        let has = |name: &str| value_of(&members, name).is_some();
        if !["column", "select", "unionAll"].into_iter().any(has) {
            let message = "missing column, select or unionAll: one of them is needed";
            self.report(true, place(), message);
        }
        let start = self.columns.len();
        let mut cells = Vec::new();
        for (path, json) in self.list(&members, path, "column") {
            cells.extend(self.column(json, &path, &focus));
        }
        let mut parts = Vec::new();
        for (path, json) in self.list(&members, path, "select") {
            parts.extend(
                self.select(json, &path, &focus, depth + 1)
                    .map(Part::Select),
            );
        }
        let branches = self.list(&members, path, "unionAll");
        if !branches.is_empty() {
            parts.push(Part::Union(self.union(branches, &focus, depth)));
        }
        let own = cells
            .iter()
            .filter(|cell: &&CellPath| matches!(cell.path.way, Way::Index));
        let mut indexes: Vec<usize> = own.map(|cell| cell.column).collect();
        for part in &parts {
            if let Part::Select(inner) = part
                && matches!(inner.each, Each::This)
            {
                indexes.extend(&inner.indexes);
            }
        }
        Some(Select {
            each,
            cells,
            parts,
            columns: start..self.columns.len(),
            indexes,
        })
    }

    /// What a selection goes through, and what paths in it are relative to.
    fn each(
        &mut self,
        json: Json<'t>,
        members: &[Member<'t>],
        path: &str,
        focus: &Inferred,
    ) -> Option<(Each, Inferred)> {
        const NAMES: [&str; 3] = ["forEach", "forEachOrNull", "repeat"];
        let mut given = NAMES
            .into_iter()
            .filter(|name| value_of(members, name).is_some());
        let Some(name) = given.next() else {
            return Some((Each::This, focus.clone()));
        };
        if let Some(other) = given.next() {
            let message = format!(
                "{other} is not allowed here: a select has one of forEach, forEachOrNull and repeat at most"
            );
            let at = value_of(members, other).map_or(json.at(), Json::at);
            self.report(true, Place { path, at }, message);
        }
        if name == "repeat" {
            return Some(self.repeat(members, path, focus));
        }
        let (text, value) = self.text_of(members, path, name)?;
        let (compiled, inferred) = self.path(&text, value, &child(path, name), focus)?;
        let each = match name {
            "forEach" => Each::For(compiled),
            _ => Each::ForOrNull(compiled),
        };
        Some((each, inferred.single()))
    }

    /// `repeat`: each path is relative to the focus, and to whatever the paths lead to.
    fn repeat(&mut self, members: &[Member<'t>], path: &str, focus: &Inferred) -> (Each, Inferred) {
        let mut paths = Vec::new();
        for (place, json) in self.list(members, path, "repeat") {
            match json.string().filter(|text| !text.is_empty()) {
                Some(text) => {
                    let expression = self.parse(&text, json, &place);
                    paths.extend(expression.map(|expression| (place, json, text, expression)));
                }
                None => self.invalid(json, &place, "a string that is not empty"),
            }
        }
        let mut found: Option<Inferred> = None;
        let mut missing = vec![Vec::new(); paths.len()];
        for round in 0..2 {
            let relative_to = match (&found, round) {
                (_, 0) => focus.clone(),
                (Some(found), _) => found.clone().single(),
                (None, _) => break,
            };
            for ((.., expression), missing) in paths.iter().zip(&mut missing) {
                if round > 0 && missing.is_empty() {
                    continue;
                }
                let (inferred, findings) = self.infer(expression, &relative_to);
                if findings.is_empty() {
                    self.read_whole(&inferred);
                    found.get_or_insert(inferred);
                    missing.clear();
                } else if round == 0 {
                    *missing = findings;
                    // A part of the path may exist here, and the rest in what that leads to.
                    if inferred.types().is_some_and(|types| !types.is_empty()) {
                        self.read_whole(&inferred);
                        found.get_or_insert(inferred);
                    }
                }
            }
        }
        let mut compiled = Vec::new();
        for ((place, json, text, expression), missing) in paths.into_iter().zip(missing) {
            self.report_all(missing, &text, json, &place);
            compiled.push(self.view_path(expression, &text));
        }
        // The types of the first path are used for all: constants of several types are rare, and would be reported wrongly.
        (Each::Repeat(compiled), found.unwrap_or_default().single())
    }

    fn column(&mut self, json: Json<'t>, path: &str, focus: &Inferred) -> Option<CellPath> {
        let members = self.members(json, path, COLUMN)?;
        let name = self.required(json, &members, path, "name");
        let text = self.required(json, &members, path, "path");
        if let Some((name, value)) = &name {
            self.sql_name(true, name, *value, &child(path, "name"));
        }
        let collection = self.flag(&members, path, "collection");
        let typed = self.text_of(&members, path, "type");
        let tags = self.tags(&members, path);
        let (name, name_value) = name?;
        let (text, value) = text?;
        if self.keep.is_some_and(|keep| !keep.contains(&&*name)) {
            return None;
        }
        let place = child(path, "path");
        let (compiled, inferred) = self.path(&text, value, &place, focus)?;
        self.read_whole(&inferred);
        let types = inferred.types();
        let given = types.as_deref().unwrap_or_default();
        let of = match &typed {
            Some((name, value)) => self.column_type(name, *value, &child(path, "type")),
            None => types.as_deref().map_or(ColumnType::Any, ColumnType::of),
        };
        let at = value.at();
        if typed.is_some() {
            if of != ColumnType::Any
                && !given.is_empty()
                && given.iter().all(|one| of.excludes(*one))
            {
                let names = names_of(given);
                let message = format!(
                    "no value can be of type {}: the path returns {names}",
                    of.name()
                );
                self.report(false, Place { path: &place, at }, message);
            }
        } else if let ColumnType::Complex(name) = &of {
            let message =
                format!("missing type: the path returns {name}, which is not a primitive");
            self.report(false, Place { path, at }, message);
        }
        if self.columns.len() >= MAX_COLUMNS {
            let message = format!("invalid view: expected at most {MAX_COLUMNS} columns");
            self.report(true, Place { path, at }, message);
            return None;
        }
        self.columns.push(Column {
            name: name.into(),
            path: text.into(),
            of,
            collection,
            tags,
            typed: typed.is_some(),
            at: name_value.at(),
            place: path.into(),
        });
        Some(CellPath {
            column: self.columns.len() - 1,
            path: compiled,
        })
    }

    fn flag(&mut self, members: &[Member<'t>], path: &str, name: &str) -> bool {
        let Some(value) = value_of(members, name) else {
            return false;
        };
        value.boolean().unwrap_or_else(|| {
            self.invalid(value, &child(path, name), "true or false");
            false
        })
    }

    fn tags(&mut self, members: &[Member<'t>], path: &str) -> Vec<(Box<str>, Box<str>)> {
        let mut tags = Vec::new();
        for (path, json) in self.list(members, path, "tag") {
            let Some(members) = self.members(json, &path, TAG) else {
                continue;
            };
            let name = self.required(json, &members, &path, "name");
            let value = self.required(json, &members, &path, "value");
            if let (Some((name, _)), Some((value, _))) = (name, value) {
                tags.push((name.into(), value.into()));
            }
        }
        tags
    }
}

/// The place in the view of a byte of a path. Where the text has no escapes, its bytes are those of the view.
fn at(text: &str, json: Json<'_>, offset: usize) -> usize {
    let plain = json.raw().len() == text.len() + 2;
    json.at() + if plain { offset + 1 } else { 0 }
}

/// The path of a member.
fn child(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

pub(crate) fn value_of<'t>(members: &[Member<'t>], name: &str) -> Option<Json<'t>> {
    let member = members.iter().find(|member| member.name == name)?;
    Some(member.value)
}

fn names_of(types: &[StaticType]) -> String {
    let mut names: Vec<&str> = types.iter().map(|of| of.name()).collect();
    names.dedup();
    names.join(" or ")
}
