//! Trees of profiles: read from a snapshot, or made from a differential and its base.

use super::node::{Node, code_of, schema_of, slicing, type_name, type_of};
use super::{ProfileSet, standard};
use healthcode_core::Schema;
use healthcode_r4::{ElementDefinition, ElementDefinitionType, Primitive, codes, schema};
use std::collections::HashMap;
use std::sync::Arc;

/// How many steps a path in a profile may have.
const DEPTH: usize = 64;
/// How many elements a profile may have, those that slices repeat counted.
const ROOM: usize = 200_000;

/// A profile's tree, and the problems of the profile.
#[derive(Debug, Default)]
pub(super) struct Built {
    pub(super) tree: Option<Arc<Node>>,
    pub(super) problems: Vec<Problem>,
}

/// A problem of a profile.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    /// The list and the index of the element that it is about, if it is about one.
    pub(super) element: Option<(&'static str, usize)>,
    pub(super) text: String,
}

/// A step of a path in a profile: the element's name, and its slice's.
type Segment<'a> = (&'a str, Option<&'a str>);

/// The state of making one tree.
pub(super) struct Builder<'s> {
    set: &'s ProfileSet,
    /// The profiles that are being made.
    open: &'s mut Vec<usize>,
    room: usize,
    list: &'static str,
    at: usize,
    problems: Vec<Problem>,
    /// The first element of the differential that is stricter than the snapshot.
    restored: Option<usize>,
    /// Whether elements may be added, as new types and logical models do.
    adds: bool,
}

impl<'s> Builder<'s> {
    pub(super) fn new(set: &'s ProfileSet, open: &'s mut Vec<usize>) -> Self {
        Builder {
            set,
            open,
            room: ROOM,
            list: "differential",
            at: 0,
            problems: Vec::new(),
            restored: None,
            adds: false,
        }
    }

    /// The tree of the profile at `index` of the set: from its snapshot, unless it has no snapshot or the
    /// differential is requested.
    pub(super) fn build(mut self, index: usize, from_differential: bool) -> Built {
        let Some(definition) = self.set.definition(index) else {
            return Built::default();
        };
        let snapshot = definition.snapshot.as_ref().map(|list| &*list.element);
        let differential = definition.differential.as_ref().map(|list| &*list.element);
        let derived = definition.derivation.value();
        self.adds = derived == Some(&codes::TypeDerivationRule::Specialization);
        let tree = match (snapshot, differential) {
            (Some(elements), differential) if !from_differential && !elements.is_empty() => {
                self.list = "snapshot";
                let tree = self.read(elements);
                tree.map(|tree| self.restore(tree, differential.unwrap_or_default()))
            }
            (_, Some(elements)) => {
                let base = definition.base_definition.as_str().unwrap_or_default();
                self.generate(base, elements)
            }
            _ => {
                self.problem_of_all("it has neither a snapshot nor a differential");
                None
            }
        };
        Built {
            tree: tree.map(Arc::new),
            problems: self.problems,
        }
    }

    pub(super) fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(Problem {
            element: Some((self.list, self.at)),
            text: text.into(),
        });
    }

    fn problem_of_all(&mut self, text: impl Into<String>) {
        self.problems.push(Problem {
            element: None,
            text: text.into(),
        });
    }

    /// Notes that the current element requires something that the snapshot does not.
    pub(super) fn note_restored(&mut self) {
        self.restored.get_or_insert(self.at);
    }

    /// A tree from the elements of a snapshot, which is complete.
    fn read(&mut self, elements: &[ElementDefinition]) -> Option<Node> {
        let mut root: Option<Node> = None;
        let mut latest = HashMap::new();
        for (at, element) in elements.iter().enumerate() {
            self.at = at;
            let Some(steps) = self.steps(element, &mut latest) else {
                continue;
            };
            let steps = segments(&steps);
            let node = node_of(element, &steps);
            match &mut root {
                None if steps.len() == 1 => root = Some(node),
                Some(root) if steps.len() > 1 => {
                    if !place(root, &steps[1..], node) {
                        self.problem("the element that holds it does not come before it");
                    }
                }
                _ => self.problem("the first element alone is the whole resource or type"),
            }
        }
        root
    }

    /// Adds what the differential requires and the snapshot does not, for snapshots from faulty generators.
    fn restore(&mut self, mut tree: Node, differential: &[ElementDefinition]) -> Node {
        let problems = std::mem::take(&mut self.problems);
        self.list = "differential";
        self.restored = None;
        self.change(&mut tree, differential);
        self.problems = problems;
        if let Some(at) = self.restored {
            self.at = at;
            self.problem("the snapshot requires less than the differential, which is used");
        }
        tree
    }

    /// A tree from a base with the changes of a differential.
    fn generate(&mut self, base: &str, elements: &[ElementDefinition]) -> Option<Node> {
        let Some(mut root) = self.tree_of(base) else {
            let text = format!("its base {base} is neither loaded nor a type of R4");
            self.problem_of_all(text);
            return None;
        };
        let first = elements.first().and_then(|element| element.path.as_str());
        if let Some(name) = first.filter(|_| self.adds) {
            // It is a type of its own.
            root.name = name.split('.').next().unwrap_or(name).into();
            root.schema = None;
            root.children.get_or_insert_default();
        }
        self.change(&mut root, elements);
        Some(root)
    }

    /// Changes a tree by what a differential states.
    fn change(&mut self, root: &mut Node, elements: &[ElementDefinition]) {
        let mut latest = HashMap::new();
        for (at, element) in elements.iter().enumerate() {
            self.at = at;
            let Some(steps) = self.steps(element, &mut latest) else {
                continue;
            };
            let steps = segments(&steps);
            if steps.first().is_none_or(|(name, _)| **name != *root.name) {
                self.problem(format!("its path does not begin with {}", root.name));
                continue;
            }
            match &steps[1..] {
                [] => self.apply(&mut root.definition, element, true),
                steps => self.descend(root, steps, element, false),
            }
        }
    }

    /// The path of an element by steps. Its id names the slices; without an id, the latest slices at
    /// each path are taken.
    fn steps(
        &mut self,
        element: &ElementDefinition,
        latest: &mut HashMap<String, Option<String>>,
    ) -> Option<Vec<String>> {
        let Some(path) = element.path.as_str() else {
            self.problem("it has no path");
            return None;
        };
        let names: Vec<&str> = path.split('.').collect();
        if names.len() > DEPTH {
            self.problem(format!("its path has more than {DEPTH} steps"));
            return None;
        }
        let slice = element.slice_name.as_str().map(str::to_owned);
        let ids = element
            .id
            .as_deref()
            .map(|id| id.split('.').collect::<Vec<_>>());
        let steps = match ids {
            Some(ids) if ids.len() == names.len() => {
                ids.iter().map(|id| (*id).to_owned()).collect()
            }
            _ => {
                let mut steps = Vec::new();
                for at in 1..names.len() {
                    let holder = names.get(..at).unwrap_or_default().join(".");
                    let name = names.get(at - 1).copied().unwrap_or_default();
                    steps.push(match latest.get(&holder) {
                        Some(Some(slice)) => format!("{name}:{slice}"),
                        _ => name.to_owned(),
                    });
                }
                let name = names.last().copied().unwrap_or_default();
                steps.push(match &slice {
                    Some(slice) => format!("{name}:{slice}"),
                    None => name.to_owned(),
                });
                steps
            }
        };
        latest.insert(path.to_owned(), slice);
        Some(steps)
    }

    /// The tree of a profile of the set, or of a type of R4.
    fn tree_of(&mut self, canonical: &str) -> Option<Node> {
        if let Some(index) = self.set.find(canonical) {
            if self.open.contains(&index) || self.open.len() > DEPTH {
                return None;
            }
            let tree = Arc::clone(self.set.built(index, self.open).tree.as_ref()?);
            return self.take(&tree);
        }
        let Some(name) = type_name(canonical) else {
            // The root of all types (`Base` of R5) has no elements; logical models derive from it.
            let is_base = self.adds && canonical == "http://hl7.org/fhir/StructureDefinition/Base";
            let base = || Node {
                definition: ElementDefinition {
                    min: 0.into(),
                    max: "*".into(),
                    ..ElementDefinition::default()
                },
                children: Some(Vec::new()),
                ..Node::default()
            };
            return if is_base {
                Some(base())
            } else {
                standard::extension(canonical)
            };
        };
        let of_schema = schema::find(name).map(Node::of_schema);
        of_schema.or_else(|| Node::of_abstract(name))
    }

    /// A copy of a tree, as long as there is room for it.
    fn take(&mut self, node: &Node) -> Option<Node> {
        let Some(count) = node.count(self.room, DEPTH) else {
            self.room = 0;
            let text = format!("it has more than {ROOM} elements, or some deeper than {DEPTH}");
            self.problem(text);
            return None;
        };
        self.room -= count;
        Some(node.clone())
    }

    /// Goes down the steps and changes what is there by `element`.
    fn descend(
        &mut self,
        node: &mut Node,
        steps: &[Segment<'_>],
        element: &ElementDefinition,
        in_slice: bool,
    ) {
        let Some((&(name, slice), rest)) = steps.split_first() else {
            self.apply(&mut node.definition, element, false);
            return;
        };
        self.expand(node);
        let children = node.children.get_or_insert_default();
        if let Some(child) = children.iter_mut().find(|child| *child.name == *name) {
            match slice {
                None => self.descend(child, rest, element, in_slice),
                // A name alone makes no slice of what occurs once: the element itself is meant.
                Some(slice)
                    if child.definition.slicing.is_none()
                        && child.max() == Some(1)
                        && !child.name.ends_with("[x]") =>
                {
                    self.problem(format!("{slice} is a slice of what is not sliced"));
                    self.descend(child, rest, element, in_slice);
                }
                Some(slice) => {
                    if let Some(child) = self.slice(child, slice) {
                        self.descend(child, rest, element, true);
                    }
                }
            }
            return;
        }
        let shortcut = children.iter_mut().find_map(|child| {
            let of_type = choice_of(child, name)?;
            Some((child, of_type))
        });
        let Some((child, of_type)) = shortcut else {
            if self.adds && rest.is_empty() && slice.is_none() {
                children.push(node_of(element, steps));
                return;
            }
            self.problem(format!("{} has no element {name}", node.name));
            return;
        };
        if in_slice {
            child.definition.type_ = [of_type].into();
            self.descend(child, rest, element, true);
            return;
        }
        let had = child.definition.slicing.is_some();
        if !had {
            let mut by_type = slicing("type", "$this", "closed");
            by_type.ordered = false.into();
            child.definition.slicing = Some(Box::new(by_type));
            child.choices = child.definition.type_.iter().cloned().collect();
            child.definition.type_ = [of_type.clone()].into();
        } else if !child.choices.is_empty()
            && !child
                .definition
                .type_
                .iter()
                .any(|one| one.code == of_type.code)
        {
            child.definition.type_.push(of_type);
        }
        if let Some(child) = self.slice(child, name) {
            self.descend(child, rest, element, true);
        }
    }

    /// The slice of this name, made if it does not exist yet. `a/b` is a slice of the slice `a`.
    fn slice<'n>(&mut self, node: &'n mut Node, name: &str) -> Option<&'n mut Node> {
        let holder = node.holder_of_slice(name);
        let found = holder
            .slices
            .iter()
            .position(|slice| slice.slice() == Some(name));
        let at = if let Some(at) = found {
            at
        } else {
            let new = self.new_slice(holder, name)?;
            holder.slices.push(new);
            holder.slices.len() - 1
        };
        holder.slices.get_mut(at)
    }

    fn new_slice(&mut self, node: &mut Node, name: &str) -> Option<Node> {
        // What distinguishes the slices of a slice is left to the slicing around it.
        if node.definition.slicing.is_none() && node.slice().is_none() {
            let default = if node.name.ends_with("[x]") {
                slicing("type", "$this", "open")
            } else if matches!(&*node.name, "extension" | "modifierExtension") {
                slicing("value", "url", "open")
            } else {
                self.problem(format!("{name} is a slice of what is not sliced"));
                return None;
            };
            node.definition.slicing = Some(Box::new(default));
        }
        let bare = Node {
            slices: Vec::new(),
            name: node.name.clone(),
            definition: node.definition.clone(),
            schema: node.schema,
            children: None,
            choices: Vec::new(),
        };
        let children = match &node.children {
            None => None,
            Some(children) => {
                let mut copies = Vec::new();
                for child in children {
                    copies.push(self.take(child)?);
                }
                Some(copies)
            }
        };
        let mut slice = Node { children, ..bare };
        slice.definition.slicing = None;
        slice.definition.slice_name = name.into();
        slice.definition.min = 0.into();
        if let Some(of_type) = choice_of(node, name) {
            slice.definition.type_ = [of_type].into();
        }
        Some(slice)
    }

    /// Adds the children of its type to a node that has none of its own yet.
    fn expand(&mut self, node: &mut Node) {
        if node.children.is_some() {
            return;
        }
        let profile = match node.definition.type_.as_slice() {
            [one] => one
                .profile
                .first()
                .and_then(|url| url.as_str())
                .map(str::to_owned),
            _ => None,
        };
        if let Some(url) = profile
            && type_name(&url).is_none()
            && let Some(tree) = self.tree_of(&url)
        {
            node.children = tree.children;
            return;
        }
        node.children = Some(children_of(node));
    }
}

/// The children of a node, which are R4's where a profile states none.
pub(super) fn children(node: &Node) -> Vec<Node> {
    match &node.children {
        Some(children) => children.clone(),
        None => children_of(node),
    }
}

/// The elements of the type that a node's values have.
pub(super) fn children_of(node: &Node) -> Vec<Node> {
    if let Some(schema) = node.schema {
        return Node::fields_of(schema);
    }
    let reference = node.definition.content_reference.as_str();
    if let Some(schema) = reference.and_then(|path| schema_at(path.split('#').nth(1)?)) {
        return Node::fields_of(schema);
    }
    let code = match node.definition.type_.as_slice() {
        [one] => code_of(one),
        _ => "Element",
    };
    if let Some(schema) = schema_of(code) {
        return Node::fields_of(schema);
    }
    let of_abstract = Node::of_abstract(code).or_else(|| Node::of_abstract("Element"));
    let mut children = of_abstract
        .and_then(|node| node.children)
        .unwrap_or_default();
    if code.starts_with(|c: char| c.is_ascii_lowercase()) {
        children.push(value_of_primitive());
    }
    children
}

/// The value of a primitive, which profiles may name as if it was an element.
fn value_of_primitive() -> Node {
    Node {
        name: "value".into(),
        definition: ElementDefinition {
            min: 0.into(),
            max: "1".into(),
            type_: [type_of("http://hl7.org/fhirpath/System.String")].into(),
            ..ElementDefinition::default()
        },
        ..Node::default()
    }
}

/// The schema of the values at a path of R4: `Observation.referenceRange`.
fn schema_at(path: &str) -> Option<&'static Schema> {
    let mut names = path.split('.');
    let mut schema = schema::find(names.next()?)?;
    for name in names {
        let (_, field) = schema.field(name.trim_end_matches("[x]"))?;
        schema = field.types.first()?.schema()?;
    }
    Some(schema)
}

/// The type that a name such as `valueQuantity` chooses of the choice element `node`.
fn choice_of(node: &Node, name: &str) -> Option<ElementDefinitionType> {
    let suffix = name.strip_prefix(node.name.strip_suffix("[x]")?)?;
    let all = node.choices.iter().chain(&node.definition.type_);
    let mut matching = all.filter(|one| {
        let code = code_of(one);
        let mut rest = code.chars();
        let first = rest.next().map(|c| c.to_ascii_uppercase());
        let mut wanted = suffix.chars();
        first.is_some() && first == wanted.next() && rest.as_str() == wanted.as_str()
    });
    matching.next().cloned().or_else(|| {
        // A profile may have left out the type's definition, and names it here alone.
        let open = node.definition.type_.is_empty() && !suffix.is_empty();
        open.then(|| type_of(suffix))
    })
}

/// Steps as names and slices.
fn segments(steps: &[String]) -> Vec<Segment<'_>> {
    let split = |step: &'_ String| -> (usize, bool) {
        match step.find(':') {
            Some(at) => (at, true),
            None => (step.len(), false),
        }
    };
    steps
        .iter()
        .map(|step| {
            let (at, sliced) = split(step);
            let slice = if sliced { step.get(at + 1..) } else { None };
            (step.get(..at).unwrap_or(step), slice)
        })
        .collect()
}

fn node_of(element: &ElementDefinition, steps: &[Segment<'_>]) -> Node {
    let mut definition = element.clone();
    definition.id = None;
    let (name, slice) = steps.last().copied().unwrap_or_default();
    definition.slice_name = slice.map(Into::into).unwrap_or_default();
    let in_place = definition
        .type_
        .iter()
        .any(|one| matches!(code_of(one), "BackboneElement" | "Element"));
    let path = definition.path.as_str().unwrap_or_default();
    Node {
        name: name.into(),
        schema: if in_place { schema_at(path) } else { None },
        definition,
        ..Node::default()
    }
}

/// Adds a node at its steps; false if it has no parent there.
fn place(root: &mut Node, steps: &[Segment<'_>], node: Node) -> bool {
    let Some((&(name, slice), rest)) = steps.split_first() else {
        return false;
    };
    let children = root.children.get_or_insert_default();
    if rest.is_empty() && slice.is_none() {
        children.push(node);
        return true;
    }
    let Some(child) = children.iter_mut().find(|child| *child.name == *name) else {
        // A name alone makes no slice: the element itself is meant.
        if rest.is_empty() {
            let mut node = node;
            node.definition.slice_name = Primitive::default();
            children.push(node);
        }
        return rest.is_empty();
    };
    if child.definition.slicing.is_none() && child.slices.is_empty() && !rest.is_empty() {
        return place(child, rest, node);
    }
    let Some(slice) = slice else {
        return place(child, rest, node);
    };
    let holder = child.holder_of_slice(slice);
    if rest.is_empty() {
        holder.slices.push(node);
        return true;
    }
    match holder
        .slices
        .iter_mut()
        .find(|one| one.slice() == Some(slice))
    {
        Some(child) => place(child, rest, node),
        None => false,
    }
}
