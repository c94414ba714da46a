//! [`Test`]: how a discriminator decides whether a value is in a slice.

use super::ProfileSet;
use super::constant::Constant;
use super::node::{Node, code_of, schema_of, type_name};
use super::snapshot::children;
use healthcode_core::{BindingStrength, Field};
use healthcode_r4::{ElementDefinitionSlicingDiscriminator, codes};
use std::borrow::Cow;

/// How many nested profiles of types are followed.
const DEPTH: usize = 4;
/// How many steps the path of a discriminator may have.
const STEPS: usize = 16;

/// A discriminator, with its requirements for the values of one slice.
#[derive(Debug, PartialEq)]
pub(super) enum Test {
    At(Vec<Step>, Wanted),
    /// The slice states nothing at the discriminator's path, or there is no discriminator:
    /// slicing may be described in words alone.
    Unknown,
    /// The path of the discriminator is not of the kind that slicing allows.
    Unsupported,
}

/// A step of a discriminator's path.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    Field(Box<str>),
    /// The extensions of this URL.
    Extension(Box<str>),
    /// The targets of the references.
    Resolve,
    /// The values of this type.
    OfType(Box<str>),
}

/// The requirement for the values at the path.
#[derive(Debug, PartialEq)]
pub(super) enum Wanted {
    /// One of them is this, exactly or as a pattern.
    Value(Vec<(Constant, bool)>),
    /// One of them is from this value set.
    Code(Box<str>),
    /// One of them has one of these types.
    Type(Vec<Box<str>>),
    /// There is something, or nothing.
    Exists(bool),
    /// One of them follows one of these profiles.
    Profile(Vec<Box<str>>),
}

impl Test {
    /// The URL that these tests require of an extension, if they require nothing else.
    pub(super) fn url(tests: &[Test]) -> Option<&str> {
        let [Test::At(steps, Wanted::Value(constants))] = tests else {
            return None;
        };
        match (steps.as_slice(), constants.as_slice()) {
            ([Step::Field(name)], [(constant, _)]) if **name == *"url" => constant.as_text(),
            _ => None,
        }
    }

    /// The requirements of a discriminator for the values of `slice`, which are of `field`.
    pub(super) fn of(
        set: &ProfileSet,
        stated: &ElementDefinitionSlicingDiscriminator,
        slice: &Node,
        field: &Field,
    ) -> Test {
        use codes::DiscriminatorType as T;
        let path = stated.path.as_str().unwrap_or("$this");
        let Some(steps) = steps(path) else {
            return Test::Unsupported;
        };
        let wanted = match stated.type_.value() {
            Some(T::Value | T::Pattern) => value(set, slice, &steps, field),
            Some(T::Exists) => exists(set, slice, &steps),
            Some(T::Type) => types(set, slice, &steps, field),
            Some(T::Profile) => profiles(set, slice, &steps),
            _ => None,
        };
        match wanted {
            Some(wanted) => Test::At(steps, wanted),
            None => Test::Unknown,
        }
    }
}

/// The steps of a discriminator's path; `None` if it is of no kind that slicing allows.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path.trim();
    while !rest.is_empty() {
        if steps.len() >= STEPS {
            return None;
        }
        let end = rest.find(['.', '(']).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end)?;
        if let Some(inside) = after.strip_prefix('(') {
            // A URL in quotes may hold dots and brackets.
            let quoted = inside.strip_prefix('\'');
            let (argument, after) = match quoted {
                Some(text) => text.split_once("')")?,
                None => inside.split_once(')')?,
            };
            match name {
                "extension" if quoted.is_some() => steps.push(Step::Extension(argument.into())),
                "resolve" if argument.is_empty() => steps.push(Step::Resolve),
                "ofType" => steps.push(Step::OfType(argument.trim().into())),
                _ => return None,
            }
            rest = after;
        } else {
            match name {
                "$this" => {}
                "" => return None,
                name if name.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                    steps.push(Step::Field(name.into()));
                }
                name if name.ends_with("[x]") => {
                    steps.push(Step::Field(name.trim_end_matches("[x]").into()));
                }
                _ => return None,
            }
            rest = after;
        }
        if let Some(after) = rest.strip_prefix('.') {
            if after.is_empty() {
                return None;
            }
            rest = after;
        } else if !rest.is_empty() {
            return None;
        }
    }
    Some(steps)
}

/// The nodes to which steps lead from `node`, as far as profiles state them.
fn nodes<'n>(
    set: &ProfileSet,
    node: &'n Node,
    steps: &[Step],
    depth: usize,
    out: &mut Vec<Cow<'n, Node>>,
) {
    let Some((step, rest)) = steps.split_first() else {
        out.push(Cow::Borrowed(node));
        return;
    };
    let own = match &node.children {
        Some(children) => Cow::Borrowed(children),
        None => Cow::Owned(children(node)),
    };
    match step {
        Step::Field(_) | Step::Extension(_) => {
            let taken = |child: &Node| match step {
                Step::Field(name) => {
                    child.name.strip_suffix("[x]").unwrap_or(&child.name) == &**name
                }
                _ => &*child.name == "extension",
            };
            let visit = |child: &Node, out: &mut Vec<Cow<'n, Node>>| {
                let named = match step {
                    Step::Extension(url) => is_extension(set, child, url),
                    _ => child.slice().is_none() || child.min() > 0,
                };
                if named {
                    let mut found = Vec::new();
                    nodes(set, child, rest, depth, &mut found);
                    out.extend(found.into_iter().map(|node| Cow::Owned(node.into_owned())));
                }
            };
            for child in own.iter().filter(|child| taken(child)) {
                visit(child, out);
                for slice in &child.slices {
                    visit(slice, out);
                }
            }
            // The profiles of the node's type state more.
            if depth < DEPTH {
                for tree in profile_trees(set, node) {
                    let mut found = Vec::new();
                    nodes(set, &tree, steps, depth + 1, &mut found);
                    out.extend(found.into_iter().map(|node| Cow::Owned(node.into_owned())));
                }
            }
        }
        Step::OfType(_) => nodes(set, node, rest, depth, out),
        Step::Resolve => {}
    }
}

/// The trees of the profiles of a node's type, if there is one type.
fn profile_trees(set: &ProfileSet, node: &Node) -> Vec<std::sync::Arc<Node>> {
    let [one] = node.definition.type_.as_slice() else {
        return Vec::new();
    };
    let urls = one.profile.iter().filter_map(|url| url.as_str());
    urls.filter_map(|url| set.tree(url)).collect()
}

fn is_extension(set: &ProfileSet, node: &Node, url: &str) -> bool {
    let declared = node.definition.type_.iter().flat_map(|one| &one.profile);
    let mut declared = declared.filter_map(|profile| profile.as_str());
    declared.any(|profile| profile.split('|').next() == Some(url)) || {
        let mut found = Vec::new();
        nodes(set, node, &[Step::Field("url".into())], 0, &mut found);
        found.iter().any(|node| {
            let fixed = Constant::in_field(&node.definition, "fixed");
            let constant = fixed.or_else(|| Constant::in_field(&node.definition, "pattern"));
            constant.is_some_and(|constant| constant.as_text() == Some(url))
        })
    }
}

fn value(set: &ProfileSet, slice: &Node, steps: &[Step], field: &Field) -> Option<Wanted> {
    let mut found = Vec::new();
    // A fixed value of an element on the path fixes the elements below it.
    for length in (0..=steps.len()).rev() {
        let (way, rest) = steps.split_at_checked(length)?;
        let names: Option<Vec<&str>> = rest
            .iter()
            .map(|step| match step {
                Step::Field(name) => Some(&**name),
                _ => None,
            })
            .collect();
        let Some(names) = names else { break };
        let mut at = Vec::new();
        nodes(set, slice, way, 0, &mut at);
        for node in &at {
            for (name, exactly) in [("fixed", true), ("pattern", false)] {
                if let Some(constant) = Constant::in_field(&node.definition, name) {
                    let mut inside = Vec::new();
                    constant.at(&names, &mut inside);
                    found.extend(inside.into_iter().map(|value| (value.clone(), exactly)));
                }
            }
        }
        if !found.is_empty() {
            return Some(Wanted::Value(found));
        }
        if length == steps.len() {
            let bound = at.iter().find_map(|node| {
                let binding = node.definition.binding.as_ref()?;
                let required = binding.strength.value() == Some(&codes::BindingStrength::Required);
                binding.value_set.as_str().filter(|_| required)
            });
            if let Some(url) = bound {
                // A value set that the standard requires of all values does not discriminate; a constant further up may.
                if !is_own(slice, field, steps, url) {
                    return Some(Wanted::Code(url.into()));
                }
            }
        }
    }
    // An extension is identified by the URL of the profile of its type, be it loaded or not.
    if let [Step::Field(name)] = steps
        && &**name == "url"
    {
        let urls = slice.definition.type_.iter().flat_map(|one| &one.profile);
        let urls = urls.filter_map(|url| url.as_str()?.split('|').next());
        let values: Vec<_> = urls.map(|url| (Constant::Text(url.into()), true)).collect();
        return (!values.is_empty()).then_some(Wanted::Value(values));
    }
    None
}

/// Whether the standard itself requires this value set of the element at the steps.
fn is_own(slice: &Node, field: &Field, steps: &[Step], url: &str) -> bool {
    let of_type = match slice.definition.type_.as_slice() {
        [one] => schema_of(code_of(one)),
        _ => None,
    };
    let mut schema = slice.schema.or(of_type);
    let mut at = Some(field);
    for step in steps {
        let Step::Field(name) = step else {
            return false;
        };
        at = schema.and_then(|schema| Some(schema.field(name)?.1));
        schema = at.and_then(|field| field.types.first()?.schema());
    }
    let own = at.and_then(|field| field.binding);
    own.is_some_and(|own| {
        own.strength == BindingStrength::Required && url.split('|').next() == Some(own.value_set)
    })
}

fn exists(set: &ProfileSet, slice: &Node, steps: &[Step]) -> Option<Wanted> {
    let mut at = Vec::new();
    nodes(set, slice, steps, 0, &mut at);
    if at.iter().any(|node| node.max() == Some(0)) {
        return Some(Wanted::Exists(false));
    }
    let needed = at.iter().any(|node| node.min() > 0);
    needed.then_some(Wanted::Exists(true))
}

/// The nodes before a last `resolve()`, or those at the end of the steps.
fn referring<'n>(set: &ProfileSet, slice: &'n Node, steps: &[Step]) -> (Vec<Cow<'n, Node>>, bool) {
    let mut at = Vec::new();
    if let Some((Step::Resolve, way)) = steps.split_last() {
        nodes(set, slice, way, 0, &mut at);
        (at, true)
    } else {
        nodes(set, slice, steps, 0, &mut at);
        (at, false)
    }
}

fn types(set: &ProfileSet, slice: &Node, steps: &[Step], field: &Field) -> Option<Wanted> {
    let (at, resolved) = referring(set, slice, steps);
    let mut names: Vec<Box<str>> = Vec::new();
    for node in &at {
        for one in &node.definition.type_ {
            if resolved {
                let targets = one.target_profile.iter().filter_map(|url| url.as_str());
                names.extend(targets.filter_map(|url| {
                    let named = type_name(url).map(Box::from);
                    named.or_else(|| set.type_of(url))
                }));
            } else {
                names.push(code_of(one).into());
            }
        }
    }
    // A list of all types of the element does not discriminate.
    let all = steps.is_empty() && field.types.len() > 1 && names.len() >= field.types.len();
    (!names.is_empty() && !all).then_some(Wanted::Type(names))
}

fn profiles(set: &ProfileSet, slice: &Node, steps: &[Step]) -> Option<Wanted> {
    let (at, resolved) = referring(set, slice, steps);
    let mut urls: Vec<Box<str>> = Vec::new();
    for one in at.iter().flat_map(|node| &node.definition.type_) {
        let stated = if resolved {
            &one.target_profile
        } else {
            &one.profile
        };
        urls.extend(stated.iter().filter_map(|url| url.as_str()).map(Box::from));
        if !resolved && stated.is_empty() {
            urls.push(super::node::canonical(code_of(one)).into());
        }
    }
    (!urls.is_empty()).then_some(Wanted::Profile(urls))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let field = |name: &str| Step::Field(name.into());
        for (path, expected) in [
            ("$this", Some(vec![])),
            ("url", Some(vec![field("url")])),
            (
                "code.coding.code",
                Some(vec![field("code"), field("coding"), field("code")]),
            ),
            ("$this.resolve()", Some(vec![Step::Resolve])),
            (
                "extension('http://a.b/c(d)').value",
                Some(vec![
                    Step::Extension("http://a.b/c(d)".into()),
                    field("value"),
                ]),
            ),
            (
                "value.ofType(Quantity).code",
                Some(vec![
                    field("value"),
                    Step::OfType("Quantity".into()),
                    field("code"),
                ]),
            ),
            ("value[x]", Some(vec![field("value")])),
            ("where(a = b)", None),
            ("extension(url)", None),
            ("a..b", None),
            ("a.", None),
            ("a b", None),
            ("extension('x", None),
        ] {
            assert_eq!(steps(path), expected, "{path}");
        }
    }
}
