//! Tokens into an expression, by precedence climbing.

use crate::ast::{
    Call, Expr, Literal, Member, Namespace, Operator, Pattern, TYPE_BINDING, TypeName,
};
use crate::error::ParseError;
use crate::functions::{FUNCTIONS, Func, Function};
use crate::lexer::{Lexer, Token};
use crate::quantity::{Quantity, Unit};
use crate::temporal::Calendar;
use crate::text::Text;
use rust_decimal::Decimal;

/// How deep an expression may be nested: parentheses, arguments, steps of a path and operators.
pub(crate) const MAX_DEPTH: usize = 128;
/// The longest expression that is read, in bytes.
const MAX_LENGTH: usize = 64 * 1024;

/// An expression, and how deep it is.
type Deep = (Expr, usize);

type Parsed<T> = Result<T, ParseError>;

pub(crate) fn parse(text: &str) -> Parsed<Expr> {
    if text.len() > MAX_LENGTH {
        return Err(ParseError::new(text, 0, "expressions go up to 64 KiB"));
    }
    let mut lexer = Lexer::new(text);
    let (token, start) = lexer.next()?;
    let mut parser = Parser {
        lexer,
        token,
        start,
        before: start,
        open: 0,
    };
    if parser.token == Token::End {
        return Err(parser.error("missing expression"));
    }
    let (expr, _) = parser.expression(0)?;
    if parser.token != Token::End {
        return Err(parser.unexpected("the end or an operator"));
    }
    Ok(expr)
}

#[derive(Debug)]
struct Parser<'t> {
    lexer: Lexer<'t>,
    /// The token that comes next, and where it starts.
    token: Token<'t>,
    start: usize,
    /// Where the token before it starts.
    before: usize,
    /// Expressions that are being read inside each other.
    open: usize,
}

impl<'t> Parser<'t> {
    fn error(&self, message: impl Into<String>) -> ParseError {
        self.lexer.error(self.start, message)
    }

    fn unexpected(&self, wanted: &str) -> ParseError {
        let found = match &self.token {
            Token::End => "the end".to_owned(),
            Token::Word(word) => format!("`{word}`"),
            Token::Symbol(symbol) => format!("`{symbol}`"),
            Token::Quoted(_) => "an identifier".into(),
            Token::Dollar(name) => format!("`${name}`"),
            Token::Variable(_) => "a variable".into(),
            Token::String(_) => "a string".into(),
            Token::Literal(Literal::Temporal(_)) => "a date or time".into(),
            Token::Literal(_) => "a number".into(),
        };
        self.error(format!("invalid syntax: expected {wanted}; found {found}"))
    }

    fn advance(&mut self) -> Parsed<Token<'t>> {
        let (token, start) = self.lexer.next()?;
        self.before = std::mem::replace(&mut self.start, start);
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn take(&mut self, symbol: &str) -> Parsed<bool> {
        let found = matches!(self.token, Token::Symbol(s) if s == symbol);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect(&mut self, symbol: &str) -> Parsed<()> {
        if self.take(symbol)? {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{symbol}`")))
        }
    }

    fn deep(&self, expr: Expr, inner: usize) -> Parsed<Deep> {
        if inner >= MAX_DEPTH {
            return Err(self.too_deep());
        }
        Ok((expr, inner + 1))
    }

    #[cold]
    fn too_deep(&self) -> ParseError {
        self.error(format!(
            "invalid expression: expected at most {MAX_DEPTH} levels of nesting"
        ))
    }

    /// An expression of operators that bind at least this tightly.
    fn expression(&mut self, least: u8) -> Parsed<Deep> {
        self.open += 1;
        if self.open > MAX_DEPTH {
            return Err(self.too_deep());
        }
        let mut left = self.signed()?;
        loop {
            let word = match &self.token {
                Token::Word(word) => *word,
                Token::Symbol(symbol) => symbol,
                _ => break,
            };
            if matches!(word, "is" | "as") {
                if TYPE_BINDING < least {
                    break;
                }
                self.advance()?;
                let name = self.type_name()?;
                let inner = Box::new(left.0);
                let expr = if word == "is" {
                    Expr::Is(inner, name)
                } else {
                    Expr::As(inner, name)
                };
                left = self.deep(expr, left.1)?;
                continue;
            }
            let Some(operator) = Operator::of_symbol(word) else {
                break;
            };
            if operator.binding() < least {
                break;
            }
            self.advance()?;
            let right = self.expression(operator.binding() + 1)?;
            left = self.binary(operator, left, right)?;
        }
        self.open -= 1;
        Ok(left)
    }

    // Apart, for the frames of nested expressions lie on each other.
    #[inline(never)]
    fn binary(&self, operator: Operator, left: Deep, right: Deep) -> Parsed<Deep> {
        match left {
            (Expr::Chain(same, mut operands), depth) if same == operator => {
                let (last, inner) = right;
                operands.push(last);
                let (chain, inner) = self.deep(Expr::Chain(operator, operands), inner)?;
                Ok((chain, depth.max(inner)))
            }
            (first, depth) => {
                let expr = if matches!(operator, Operator::And | Operator::Or | Operator::Union) {
                    Expr::Chain(operator, vec![first, right.0])
                } else {
                    Expr::Binary(operator, Box::new(first), Box::new(right.0))
                };
                self.deep(expr, depth.max(right.1))
            }
        }
    }

    fn signed(&mut self) -> Parsed<Deep> {
        let mut signs = Vec::new();
        while let Token::Symbol(sign @ ("+" | "-")) = self.token {
            if signs.len() > MAX_DEPTH {
                return Err(self.too_deep());
            }
            signs.push(sign);
            self.advance()?;
        }
        let mut inner = self.path()?;
        for sign in signs.into_iter().rev() {
            let expr = Box::new(inner.0);
            let expr = if sign == "-" {
                Expr::Minus(expr)
            } else {
                Expr::Plus(expr)
            };
            inner = self.deep(expr, inner.1)?;
        }
        Ok(inner)
    }

    fn path(&mut self) -> Parsed<Deep> {
        let mut left = self.term()?;
        loop {
            if self.take(".")? {
                left = match self.advance()? {
                    Token::Dollar(name) => {
                        // `a.$this` is what `a` is.
                        if name != "this" {
                            return Err(self.error("$index and $total are not allowed here: only $this follows a point"));
                        }
                        left
                    }
                    token => self.invocation(token, Some(left))?,
                };
            } else if self.take("[")? {
                let index = self.expression(0)?;
                self.expect("]")?;
                let depth = left.1.max(index.1);
                let expr = Expr::Item(Box::new(left.0), Box::new(index.0));
                left = self.deep(expr, depth)?;
            } else {
                return Ok(left);
            }
        }
    }

    fn term(&mut self) -> Parsed<Deep> {
        let wanted = "a value, name or function";
        match &self.token {
            Token::End => return Err(self.unexpected(wanted)),
            Token::Symbol("(" | "{") => {}
            Token::Symbol(_) => return Err(self.unexpected(wanted)),
            Token::Word(word) => {
                let operator = Operator::of_symbol(word).is_some();
                if operator && !matches!(*word, "in" | "contains") {
                    return Err(self.unexpected(wanted));
                }
            }
            _ => {}
        }
        let expr = match self.advance()? {
            Token::Symbol("(") => {
                let inner = self.expression(0)?;
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Symbol(_) => {
                self.expect("}")?;
                Expr::Nothing
            }
            Token::Dollar("this") => Expr::This,
            Token::Dollar("index") => Expr::Index,
            Token::Dollar(_) => Expr::Total,
            Token::Variable(name) => Expr::Variable(name.into()),
            Token::String(text) => Expr::Literal(Literal::String(text.into())),
            Token::Literal(literal) => Expr::Literal(self.quantity(literal)?),
            Token::Word("true") => Expr::Literal(Literal::Boolean(true)),
            Token::Word("false") => Expr::Literal(Literal::Boolean(false)),
            token => return self.invocation(token, None),
        };
        Ok((expr, 1))
    }

    /// A number with the unit that follows it, if one does.
    fn quantity(&mut self, literal: Literal) -> Parsed<Literal> {
        let value = match &literal {
            Literal::Integer(number) => Decimal::from(*number),
            Literal::Decimal(number) => *number,
            _ => return Ok(literal),
        };
        let unit = match &self.token {
            Token::String(code) => Unit::Ucum(Text::from(code.clone())),
            Token::Word(word) => match Calendar::of_word(word) {
                Some(unit) => Unit::Calendar(unit),
                None => return Ok(literal),
            },
            _ => return Ok(literal),
        };
        self.advance()?;
        Ok(Literal::Quantity(Quantity { value, unit }))
    }

    /// A member, or a call if a parenthesis follows; `token` has been read.
    fn invocation(&mut self, token: Token<'t>, input: Option<Deep>) -> Parsed<Deep> {
        let name = match token {
            Token::Word(word) => word.to_owned(),
            Token::Quoted(name) => name,
            _ => {
                let message = "invalid syntax: expected a name or function";
                return Err(self.lexer.error(self.before, message));
            }
        };
        let (input, depth) = match input {
            Some((expr, depth)) => (Some(Box::new(expr)), depth),
            None => (None, 0),
        };
        if !matches!(self.token, Token::Symbol("(")) {
            let member = Member::new(name, self.before);
            return self.deep(Expr::Member(input, member), depth);
        }
        let Some(function) = Function::find(&name) else {
            let near = healthcode_core::nearest(&name, FUNCTIONS.iter().map(|f| f.name));
            let near = near.map_or(String::new(), |near| format!("; did you mean {near}()?"));
            let message = format!("unknown function {name}(){near}");
            return Err(self.lexer.error(self.before, message));
        };
        let start = self.before;
        self.advance()?;
        let mut call = Call {
            function,
            arguments: Vec::new(),
            type_name: None,
            pattern: Pattern::default(),
        };
        let mut depth = depth;
        if matches!(function.func, Func::Is | Func::As | Func::OfType) {
            call.type_name = Some(self.type_name()?);
            self.expect(")")?;
        } else if function.func == Func::GetReferenceKey {
            if !self.take(")")? {
                call.type_name = Some(self.type_of_reference()?);
                self.expect(")")?;
            }
        } else if !self.take(")")? {
            loop {
                let argument = self.expression(0)?;
                depth = depth.max(argument.1);
                call.arguments.push(argument.0);
                if !self.take(",")? {
                    break;
                }
            }
            self.expect(")")?;
        }
        let count = call.arguments.len() + usize::from(call.type_name.is_some());
        if count < usize::from(function.min) || count > usize::from(function.max) {
            let expected = match (function.min, function.max) {
                (0, 0) => "none".to_owned(),
                (min, max) if min == max => min.to_string(),
                (min, max) => format!("{min} to {max}"),
            };
            let message =
                format!("invalid arguments of {name}(): expected {expected}; found {count}");
            return Err(self.lexer.error(start, message));
        }
        self.deep(Expr::Call(input, Box::new(call)), depth)
    }

    fn type_name(&mut self) -> Parsed<TypeName> {
        let first = self.identifier()?;
        let namespace = match first.as_str() {
            "FHIR" => Namespace::Fhir,
            "System" => Namespace::System,
            _ => Namespace::Any,
        };
        Ok(if namespace != Namespace::Any && self.take(".")? {
            TypeName::new(namespace, self.identifier()?)
        } else {
            TypeName::new(Namespace::Any, first)
        })
    }

    /// The type that `getReferenceKey` names; SQL on FHIR has examples of it as a string.
    fn type_of_reference(&mut self) -> Parsed<TypeName> {
        if !matches!(self.token, Token::String(_)) {
            return self.type_name();
        }
        match self.advance()? {
            Token::String(name) => Ok(TypeName::new(Namespace::Any, name)),
            _ => Err(self.unexpected("a type's name")),
        }
    }

    fn identifier(&mut self) -> Parsed<String> {
        if !matches!(self.token, Token::Word(_) | Token::Quoted(_)) {
            return Err(self.unexpected("a type's name"));
        }
        Ok(match self.advance()? {
            Token::Word(word) => word.to_owned(),
            Token::Quoted(name) => name,
            _ => String::new(),
        })
    }
}
