//! Text into tokens.

use crate::ast::Literal;
use crate::error::ParseError;
use crate::temporal::Temporal;
use rust_decimal::Decimal;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token<'t> {
    /// An identifier or keyword.
    Word(&'t str),
    /// An identifier in backticks.
    Quoted(String),
    /// `$this` and its like, with the dollar.
    Dollar(&'t str),
    /// `%name`
    Variable(String),
    String(String),
    Literal(Literal),
    Symbol(&'static str),
    End,
}

/// Longer ones first.
const SYMBOLS: &[&str] = &[
    "<=", ">=", "!=", "!~", "(", ")", "[", "]", "{", "}", ".", ",", "+", "-", "*", "/", "&", "|",
    "<", ">", "=", "~",
];

#[derive(Debug)]
pub(crate) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

type Lexed<T> = Result<T, ParseError>;

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Lexer { text, at: 0 }
    }

    pub(crate) fn error(&self, offset: usize, message: impl Into<String>) -> ParseError {
        ParseError::new(self.text, offset, message)
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn starts_with(&self, what: &str) -> bool {
        self.rest().starts_with(what)
    }

    /// The next token, and the byte where it starts.
    pub(crate) fn next(&mut self) -> Lexed<(Token<'t>, usize)> {
        self.space()?;
        let start = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Ok((Token::End, start));
        };
        let token = match first {
            'a'..='z' | 'A'..='Z' | '_' => Token::Word(self.word()),
            '0'..='9' => Token::Literal(self.number()?),
            '\'' => Token::String(self.quoted('\'')?),
            '`' => Token::Quoted(self.quoted('`')?),
            '@' => Token::Literal(Literal::Temporal(self.temporal()?)),
            '$' => {
                self.at += 1;
                let name = self.word();
                match name {
                    "this" | "index" | "total" => Token::Dollar(name),
                    _ => {
                        return Err(self
                            .error(start, "invalid name after $: expected this, index or total"));
                    }
                }
            }
            '%' => {
                self.at += 1;
                let name = match self.rest().chars().next() {
                    Some(quote @ ('`' | '\'' | '"')) => self.quoted(quote)?,
                    _ => self.word().to_owned(),
                };
                if name.is_empty() {
                    return Err(self.error(
                        start,
                        "missing name after %; variables are like %resource or %`vs-name`",
                    ));
                }
                Token::Variable(name)
            }
            _ => {
                if let Some(symbol) = SYMBOLS.iter().find(|s| self.starts_with(s)) {
                    self.at += symbol.len();
                    Token::Symbol(symbol)
                } else {
                    let hint = match first {
                        '"' => ": strings have single quotes",
                        '!' => ": expected != or !~, or the function not()",
                        ';' => ": expressions have no end mark",
                        _ => "",
                    };
                    let message = format!("{first:?} is not allowed here{hint}");
                    return Err(self.error(start, message));
                }
            }
        };
        Ok((token, start))
    }

    fn space(&mut self) -> Lexed<()> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                match trimmed.find("*/") {
                    Some(end) => self.at += end + 2,
                    None => {
                        return Err(self.error(self.at, "missing end of comment; */ ends it"));
                    }
                }
            } else {
                return Ok(());
            }
        }
    }

    fn while_(&mut self, keep: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !keep(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or("")
    }

    fn word(&mut self) -> &'t str {
        self.while_(|c| c.is_ascii_alphanumeric() || c == '_')
    }

    fn number(&mut self) -> Lexed<Literal> {
        let start = self.at;
        self.while_(|c| c.is_ascii_digit());
        let mut rest = self.rest().chars();
        if rest.next() == Some('.') && rest.next().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            self.while_(|c| c.is_ascii_digit());
            let text = self.text.get(start..self.at).unwrap_or("");
            let number = Decimal::from_str_exact(text);
            return number
                .map(Literal::Decimal)
                .map_err(|_| self.error(start, "invalid number: expected at most 28 digits"));
        }
        let text = self.text.get(start..self.at).unwrap_or("");
        text.parse().map(Literal::Integer).map_err(|_| {
            let message =
                "invalid whole number: expected at most 2147483647; with .0 after it a number is a decimal";
            self.error(start, message)
        })
    }

    fn quoted(&mut self, quote: char) -> Lexed<String> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let end = rest.find([quote, '\\']);
            let Some(end) = end else {
                return Err(self.error(start, format!("missing end of text; {quote} ends it")));
            };
            out.push_str(rest.get(..end).unwrap_or(""));
            self.at += end + 1;
            if rest.get(end..).is_some_and(|rest| rest.starts_with(quote)) {
                return Ok(out);
            }
            self.escape(&mut out)?;
        }
    }

    fn escape(&mut self, out: &mut String) -> Lexed<()> {
        let start = self.at.saturating_sub(1);
        let c = self.rest().chars().next();
        self.at += c.map_or(0, char::len_utf8);
        out.push(match c {
            Some(c @ ('\'' | '"' | '`' | '\\' | '/')) => c,
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => self.unicode(start)?,
            _ => {
                let message = "invalid escape: expected one of ' \" ` \\ / f n r t, or u and four digits; \
                     \\\\ is a backslash";
                return Err(self.error(start, message));
            }
        });
        Ok(())
    }

    fn unicode(&mut self, start: usize) -> Lexed<char> {
        let high = self.hex4(start)?;
        if let Some(c) = char::from_u32(high) {
            return Ok(c);
        }
        // A surrogate pair, as JSON has them.
        if (0xD800..0xDC00).contains(&high) && self.starts_with("\\u") {
            self.at += 2;
            let low = self.hex4(start)?;
            if (0xDC00..0xE000).contains(&low) {
                let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                if let Some(c) = char::from_u32(code) {
                    return Ok(c);
                }
            }
        }
        Err(self.error(
            start,
            "invalid escape: expected both halves of a surrogate pair",
        ))
    }

    fn hex4(&mut self, start: usize) -> Lexed<u32> {
        let digits = self.rest().get(..4);
        let digits = digits.filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
        match code {
            Some(code) => {
                self.at += 4;
                Ok(code)
            }
            None => Err(self.error(
                start,
                "invalid escape: expected four hexadecimal digits after \\u",
            )),
        }
    }

    fn temporal(&mut self) -> Lexed<Temporal> {
        let start = self.at;
        self.at += 1;
        let body = self.at;
        if self.starts_with("T") {
            self.at += 1;
            self.clock();
            let text = self.text.get(body..self.at).unwrap_or("");
            if self.starts_with("Z") || self.zone_follows() {
                return Err(self.error(
                    self.at,
                    "a zone is not allowed here: times of day have no zone",
                ));
            }
            return Temporal::parse_time(text)
                .ok_or_else(|| self.error(start, "invalid time: expected one like @T14:30:00"));
        }
        self.while_(|c| c.is_ascii_digit());
        for _ in 0..2 {
            let mut next = self.rest().chars();
            if next.next() == Some('-') && next.next().is_some_and(|c| c.is_ascii_digit()) {
                self.at += 1;
                self.while_(|c| c.is_ascii_digit());
            }
        }
        let timed = self.starts_with("T");
        if timed {
            self.at += 1;
            if self.rest().starts_with(|c: char| c.is_ascii_digit()) {
                self.clock();
                if self.starts_with("Z") {
                    self.at += 1;
                } else if self.zone_follows() {
                    self.at += 1;
                    self.while_(|c| c.is_ascii_digit() || c == ':');
                }
            }
        }
        let text = self.text.get(body..self.at).unwrap_or("");
        let value = if timed {
            Temporal::parse_date_time(text)
        } else {
            Temporal::parse_date(text)
        };
        value.ok_or_else(|| {
            let message = "invalid date: expected one that exists, like @2015-02-04 or \
                 @2015-02-04T14:30:00Z";
            self.error(start, message)
        })
    }

    /// Whether a zone with hours and minutes is here: `+10:00`.
    fn zone_follows(&self) -> bool {
        let rest = self.rest().as_bytes();
        matches!(rest, [b'+' | b'-', a, b, b':', ..] if a.is_ascii_digit() && b.is_ascii_digit())
    }

    fn clock(&mut self) {
        self.while_(|c| c.is_ascii_digit() || c == ':');
        let mut rest = self.rest().chars();
        if rest.next() == Some('.') && rest.next().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            self.while_(|c| c.is_ascii_digit());
        }
    }
}
