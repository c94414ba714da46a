//! How `is`, `as` and `ofType()` compare types.

use crate::ast::{Expr, Member, TypeName};
use crate::environment::Types;
use crate::error::EvalErrorKind;
use crate::eval::{Evaluator, Flow, Result, Scope, Sink};
use crate::functions::Func;

impl<'a> Evaluator<'_, 'a> {
    /// `ofType()`: the items of a type.
    pub(crate) fn of_type(
        &self,
        input: Option<&Expr>,
        name: &TypeName,
        scope: Scope<'_, 'a>,
        out: Sink<'_, 'a>,
    ) -> Flow {
        self.check_type(name)?;
        self.input(input, scope, &mut |item| {
            if item.casts_to(name) {
                out(item)
            } else {
                Ok(true)
            }
        })
    }

    /// `as`: the item, if it is of a type.
    pub(crate) fn cast(
        &self,
        input: Option<&Expr>,
        name: &TypeName,
        scope: Scope<'_, 'a>,
        out: Sink<'_, 'a>,
    ) -> Flow {
        if self.env.casts_filter {
            return self.of_type(input, name, scope, out);
        }
        self.check_type(name)?;
        let mut single = None;
        self.input(input, scope, &mut |item| match single.replace(item) {
            None => Ok(true),
            Some(_) => Err(EvalErrorKind::NotSingle { of: "as" }.into()),
        })?;
        match single {
            Some(item) if item.casts_to(name) => out(item),
            _ => Ok(true),
        }
    }

    /// Fails for a type that neither FHIR nor the language has.
    pub(crate) fn check_type(&self, name: &TypeName) -> Result<()> {
        let found = |types: Types| (types.find)(&name.name).is_some();
        if name.built_in || name.may_be_complex() && self.env.types.is_none_or(found) {
            return Ok(());
        }
        Err(EvalErrorKind::UnknownType(name.name.clone()).into())
    }

    /// In strict mode: fails for a member that the type of a cast does not have, though there may be
    /// nothing to cast.
    pub(crate) fn check_member(&self, input: &Expr, member: &Member) -> Result<()> {
        let name = match input {
            Expr::As(_, name) => Some(name),
            Expr::Call(_, call) if matches!(call.function.func, Func::As | Func::OfType) => {
                call.type_name.as_ref()
            }
            _ => None,
        };
        let schema = name
            .zip(self.env.types)
            .and_then(|(name, types)| (types.find)(&name.name));
        match schema {
            Some(schema) if schema.field(&member.name).is_none() => {
                let name = member.name.clone();
                Err(EvalErrorKind::UnknownMember {
                    of: schema.name,
                    name,
                }
                .into())
            }
            _ => Ok(()),
        }
    }
}
