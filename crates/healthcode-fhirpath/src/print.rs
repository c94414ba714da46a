//! Expressions as text that reads back as the same expression.

use crate::ast::{
    Call, Expr, Literal, Namespace, Operator, PATH_BINDING, SIGN_BINDING, TYPE_BINDING, TypeName,
};
use crate::quantity::{Quantity, Unit};
use crate::temporal::TemporalKind;
use std::fmt::{self, Display, Formatter, Write};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        show(self, 0, f)
    }
}

fn binding(expr: &Expr) -> u8 {
    match expr {
        Expr::Binary(operator, ..) | Expr::Chain(operator, _) => operator.binding(),
        Expr::Is(..) | Expr::As(..) => TYPE_BINDING,
        Expr::Plus(_) | Expr::Minus(_) => SIGN_BINDING,
        _ => PATH_BINDING,
    }
}

/// Writes an expression, in parentheses if it does not bind this tightly.
fn show(expr: &Expr, least: u8, f: &mut Formatter<'_>) -> fmt::Result {
    if binding(expr) < least {
        f.write_char('(')?;
        show(expr, 0, f)?;
        return f.write_char(')');
    }
    match expr {
        Expr::Literal(literal) => show_literal(literal, f),
        Expr::Nothing => f.write_str("{}"),
        Expr::This => f.write_str("$this"),
        Expr::Index => f.write_str("$index"),
        Expr::Total => f.write_str("$total"),
        Expr::Variable(name) => {
            f.write_char('%')?;
            identifier(name, f)
        }
        Expr::Member(input, member) => {
            show_input(input.as_deref(), f)?;
            identifier(&member.name, f)
        }
        Expr::Call(input, call) => {
            show_input(input.as_deref(), f)?;
            show_call(call, f)
        }
        Expr::Item(expr, index) => {
            show(expr, PATH_BINDING, f)?;
            write!(f, "[{index}]")
        }
        Expr::Plus(inner) | Expr::Minus(inner) => {
            let plus = matches!(expr, Expr::Plus(_));
            f.write_char(if plus { '+' } else { '-' })?;
            show(inner, SIGN_BINDING, f)
        }
        Expr::Binary(operator, left, right) => show_binary(*operator, left, right, f),
        Expr::Chain(operator, operands) => {
            for (index, operand) in operands.iter().enumerate() {
                if index > 0 {
                    write!(f, " {} ", operator.symbol())?;
                }
                // A chain at the start would have become part of this one.
                let least = operator.binding() + u8::from(index > 0);
                show(operand, least, f)?;
            }
            Ok(())
        }
        Expr::Is(inner, name) | Expr::As(inner, name) => {
            show(inner, TYPE_BINDING, f)?;
            let is = matches!(expr, Expr::Is(..));
            f.write_str(if is { " is " } else { " as " })?;
            type_name(name, f)
        }
    }
}

/// What is before a member or function.
fn show_input(input: Option<&Expr>, f: &mut Formatter<'_>) -> fmt::Result {
    if let Some(input) = input {
        show(input, PATH_BINDING, f)?;
        f.write_char('.')?;
    }
    Ok(())
}

fn show_binary(
    operator: Operator,
    left: &Expr,
    right: &Expr,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    show(left, operator.binding(), f)?;
    write!(f, " {} ", operator.symbol())?;
    show(right, operator.binding() + 1, f)
}

fn show_call(call: &Call, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "{}(", call.function.name)?;
    if let Some(name) = &call.type_name {
        type_name(name, f)?;
    }
    for (index, argument) in call.arguments.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{argument}")?;
    }
    f.write_char(')')
}

fn show_literal(literal: &Literal, f: &mut Formatter<'_>) -> fmt::Result {
    match literal {
        Literal::Boolean(value) => write!(f, "{value}"),
        Literal::Integer(value) => write!(f, "{value}"),
        Literal::Decimal(value) => write!(f, "{value}"),
        Literal::String(text) => quoted(text, '\'', f),
        Literal::Temporal(value) => match value.kind() {
            TemporalKind::Time => write!(f, "@T{value}"),
            TemporalKind::DateTime if value.precision() < crate::Precision::Hour => {
                write!(f, "@{value}T")
            }
            _ => write!(f, "@{value}"),
        },
        Literal::Quantity(Quantity { value, unit }) => match unit {
            Unit::Calendar(unit) => write!(f, "{value} {}", unit.plural()),
            Unit::Ucum(code) => {
                write!(f, "{value} ")?;
                quoted(code, '\'', f)
            }
        },
    }
}

fn type_name(name: &TypeName, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str(match name.namespace {
        Namespace::Any => "",
        Namespace::Fhir => "FHIR.",
        Namespace::System => "System.",
    })?;
    identifier(&name.name, f)
}

const KEYWORDS: &[&str] = &[
    "and", "as", "contains", "div", "false", "implies", "in", "is", "mod", "or", "true", "xor",
];

fn identifier(name: &str, f: &mut Formatter<'_>) -> fmt::Result {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !KEYWORDS.contains(&name);
    if plain {
        f.write_str(name)
    } else {
        quoted(name, '`', f)
    }
}

fn quoted(text: &str, quote: char, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char(quote)?;
    for c in text.chars() {
        match c {
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c if c == quote => write!(f, "\\{c}")?,
            c if c.is_ascii_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char(quote)
}
