//! [`PathStep`]: plain paths, for callers that walk them themselves.

use crate::ast::{Expr, Literal, Namespace, TypeName};
use crate::expression::Expression;
use crate::functions::Func;
use crate::node::PRIMITIVES;

/// A step of a path that is nothing but such steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathStep<'e> {
    /// The members of this name.
    Member(&'e str),
    /// Those of a FHIR type: `ofType(Quantity)`.
    OfType(&'e str),
    /// The one at this index: `[1]`, `first()`.
    Nth(usize),
    /// The extensions of this URL.
    Extension(&'e str),
    /// The keys of resources: `getResourceKey()`. See [`Node::resource_key`](crate::Node::resource_key).
    ResourceKey,
    /// The keys of the resources that references name, maybe of those of a type alone: `getReferenceKey(Patient)`.
    /// See [`Node::reference_key`](crate::Node::reference_key).
    ReferenceKey(Option<&'e str>),
}

impl Expression {
    /// The steps of an expression that is a plain path, for callers that walk it themselves. `$this` has none.
    ///
    /// ```
    /// use healthcode_fhirpath::{Expression, PathStep};
    /// let path = Expression::compile("name.first().family")?;
    /// let steps = [PathStep::Member("name"), PathStep::Nth(0), PathStep::Member("family")];
    /// assert_eq!(path.path_steps().as_deref(), Some(&steps[..]));
    /// assert_eq!(Expression::compile("name.count()")?.path_steps(), None);
    /// # Ok::<(), healthcode_fhirpath::ParseError>(())
    /// ```
    #[must_use]
    pub fn path_steps(&self) -> Option<Vec<PathStep<'_>>> {
        let mut steps = Vec::new();
        collect_steps(&self.0, &mut steps)?;
        Some(steps)
    }

    /// The name of the variable that the expression is, if it is nothing else.
    #[must_use]
    pub fn as_variable(&self) -> Option<&str> {
        match &self.0 {
            Expr::Variable(name) => Some(name),
            _ => None,
        }
    }
}

fn collect_steps<'e>(expr: &'e Expr, steps: &mut Vec<PathStep<'e>>) -> Option<()> {
    let input = match expr {
        Expr::This => return Some(()),
        // The name of a type may be a member, or the item itself.
        Expr::Member(None, member) => {
            if member.name.starts_with(|c: char| c.is_ascii_uppercase()) {
                return None;
            }
            steps.push(PathStep::Member(&member.name));
            return Some(());
        }
        Expr::Member(Some(input), _) | Expr::Item(input, _) => Some(&**input),
        Expr::Call(input, _) => input.as_deref(),
        _ => return None,
    };
    if let Some(input) = input {
        collect_steps(input, steps)?;
    }
    steps.push(match expr {
        Expr::Member(_, member) => PathStep::Member(&member.name),
        Expr::Item(_, index) => match &**index {
            Expr::Literal(Literal::Integer(index)) => PathStep::Nth(usize::try_from(*index).ok()?),
            _ => return None,
        },
        Expr::Call(_, call) => match (call.function.func, call.arguments.as_slice()) {
            (Func::First, _) => PathStep::Nth(0),
            (Func::OfType, _) => {
                let name = call.type_name.as_ref()?;
                if name.namespace == Namespace::System || !is_fhir(name) {
                    return None;
                }
                PathStep::OfType(&name.name)
            }
            (Func::GetResourceKey, _) => PathStep::ResourceKey,
            (Func::GetReferenceKey, _) => {
                let name = call.type_name.as_ref();
                PathStep::ReferenceKey(name.map(|name| &*name.name))
            }
            (Func::Extension, [Expr::Literal(Literal::String(url))]) => PathStep::Extension(url),
            _ => return None,
        },
        _ => return None,
    });
    Some(())
}

/// Whether a name is that of a type of FHIR alone: `Quantity` is one of the language, too.
fn is_fhir(name: &TypeName) -> bool {
    name.may_be_complex() || PRIMITIVES.contains(&&*name.name)
}
