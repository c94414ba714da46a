//! [`Expression`]: a compiled FHIRPath.

use crate::ast::Expr;
use crate::environment::Environment;
use crate::error::{EvalError, ParseError};
use crate::eval::Evaluator;
use crate::item::Collection;
use std::fmt;

/// A compiled FHIRPath expression.
///
/// Its `Display` is the expression in a normal form, which compiles to an equal expression. It can
/// be shared between threads.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression(pub(crate) Expr);

impl Expression {
    /// Compiles a text.
    ///
    /// # Errors
    /// What is wrong with the text, and where.
    ///
    /// ```
    /// use healthcode_fhirpath::Expression;
    /// let error = Expression::compile("name.exist()").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "1:6: unknown function exist(); did you mean exists()?"
    /// );
    /// ```
    pub fn compile(text: &str) -> Result<Self, ParseError> {
        crate::parser::parse(text).map(Expression)
    }

    /// The items that the expression returns.
    ///
    /// # Errors
    /// If a function or operator gets what it does not take, or the evaluation takes too long.
    pub fn evaluate<'a>(&self, environment: &Environment<'a>) -> Result<Collection<'a>, EvalError> {
        let evaluator = Evaluator::new(environment);
        let items = evaluator.eval(&self.0, evaluator.root_scope())?;
        // A comparison that ran out of steps has not said so.
        evaluator.step()?;
        Ok(items)
    }

    /// The truth value of the expression; `None` if its result is empty. A single item that
    /// is no boolean counts as true, as FHIRPath has it.
    ///
    /// # Errors
    /// As for [`Expression::evaluate`]; also if there are several items.
    pub fn evaluate_boolean(
        &self,
        environment: &Environment<'_>,
    ) -> Result<Option<bool>, EvalError> {
        let evaluator = Evaluator::new(environment);
        let value = evaluator.boolean(&self.0, evaluator.root_scope())?;
        evaluator.step()?;
        Ok(value)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
