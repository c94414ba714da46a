//! The types of what literals, operators and functions return.

use super::Inferred;
use crate::ast::{Call, Literal, Operator};
use crate::functions::{Func, Group};
use crate::temporal::TemporalKind;

/// What functions return that read their whole input.
pub(super) fn of_function(call: &Call, input: Inferred, others: Vec<Inferred>) -> Inferred {
    let same = |name: Option<&'static str>| match name {
        Some(name) => Inferred::system(name),
        None => Inferred::unknown(false),
    };
    let system = Inferred::system;
    match call.function.func {
        Func::AllTrue | Func::AnyTrue | Func::AllFalse | Func::AnyFalse => system("Boolean"),
        Func::SubsetOf | Func::SupersetOf | Func::IsDistinct => system("Boolean"),
        Func::Distinct | Func::Intersect | Func::Exclude | Func::CheckModifiers => input,
        Func::Union | Func::Combine => {
            let all = others.into_iter().fold(input, Inferred::join);
            all.several(true)
        }
        Func::Type => system("TypeInfo").several(input.many),
        Func::Now => system("DateTime"),
        Func::Today | Func::ToDate => system("Date"),
        Func::TimeOfDay | Func::ToTime => system("Time"),
        Func::ToBoolean => system("Boolean"),
        Func::ToInteger | Func::IndexOf | Func::LastIndexOf | Func::Length | Func::Precision => {
            system("Integer")
        }
        Func::Ceiling | Func::Floor | Func::Truncate => system("Integer"),
        Func::ToDecimal | Func::Exp | Func::Ln | Func::Log | Func::Sqrt | Func::Round => {
            system("Decimal")
        }
        Func::ToString => system("String"),
        Func::ToDateTime => system("DateTime"),
        Func::ToQuantity => system("Quantity"),
        Func::Abs | Func::GetValue => same(input.only_system()),
        Func::LowBoundary | Func::HighBoundary => same(match input.only_system() {
            Some("Integer") => Some("Decimal"),
            name => name,
        }),
        Func::StartsWith | Func::EndsWith | Func::Contains | Func::Matches | Func::MatchesFull => {
            system("Boolean")
        }
        Func::ToChars | Func::Split => system("String").several(true),
        Func::MemberOf | Func::Subsumes | Func::SubsumedBy | Func::ConformsTo => system("Boolean"),
        Func::HtmlChecks | Func::Comparable => system("Boolean"),
        Func::Power | Func::Resolve | Func::ElementDefinition | Func::Slice => {
            Inferred::unknown(input.many)
        }
        _ if call.function.name.starts_with("convertsTo") => system("Boolean"),
        _ if call.function.group == Group::Text => system("String"),
        _ => Inferred::unknown(true),
    }
}

pub(super) fn of_operator(operator: Operator, left: &Inferred, right: &Inferred) -> Inferred {
    let (a, b) = (left.only_system(), right.only_system());
    let name = match operator {
        Operator::Concatenate => Some("String"),
        Operator::Div | Operator::Mod if a == Some("Integer") && b == Some("Integer") => a,
        Operator::Divide => match (a, b) {
            (Some("Integer" | "Decimal"), Some("Integer" | "Decimal")) => Some("Decimal"),
            _ => None,
        },
        Operator::Multiply | Operator::Add | Operator::Subtract => match (a, b) {
            (Some("Integer"), Some("Integer")) => Some("Integer"),
            (Some("Integer" | "Decimal"), Some("Integer" | "Decimal")) => Some("Decimal"),
            (Some("String"), Some("String")) => Some("String"),
            (Some(kind @ ("Date" | "DateTime" | "Time")), _) => Some(kind),
            _ => None,
        },
        Operator::Div | Operator::Mod => None,
        _ => Some("Boolean"),
    };
    name.map_or(Inferred::unknown(false), Inferred::system)
}

pub(super) fn type_of(literal: &Literal) -> &'static str {
    match literal {
        Literal::Boolean(_) => "Boolean",
        Literal::Integer(_) => "Integer",
        Literal::Decimal(_) => "Decimal",
        Literal::String(_) => "String",
        Literal::Quantity(_) => "Quantity",
        Literal::Temporal(value) => match value.kind() {
            TemporalKind::Date => "Date",
            TemporalKind::DateTime => "DateTime",
            TemporalKind::Time => "Time",
        },
    }
}
