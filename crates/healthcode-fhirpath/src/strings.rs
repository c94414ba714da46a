//! Functions of strings.

use crate::ast::{Call, Expr, Literal};
use crate::error::EvalErrorKind;
use crate::eval::{Evaluator, Result, Scope, wrong};
use crate::functions::Func;
use crate::item::{Collection, Item};
use crate::text::Text;
use healthcode_core::Base64Binary;
use regex::{Regex, RegexBuilder};

/// Bytes that a compiled regular expression may take.
const MAX_REGEX: usize = 1 << 20;

impl<'a> Evaluator<'_, 'a> {
    pub(crate) fn text(
        &self,
        call: &Call,
        items: &[Item<'a>],
        scope: Scope<'_, 'a>,
    ) -> Result<Collection<'a>> {
        let of = call.function.name;
        if call.function.func == Func::Join {
            return self.join(call, items, scope);
        }
        let text = self.string(items, of)?;
        let first = self.argument(call.arguments.first(), scope)?;
        let Some(text) = text else {
            return Ok(Collection::new());
        };
        self.spend_text(text.len())?;
        if call.function.func == Func::Substring {
            return self.substring(call, &text, &first, scope);
        }
        let argument = match call.arguments.len() {
            0 => Text::Borrowed(""),
            _ => match self.string(&first, of)? {
                Some(argument) => argument,
                None => return Ok(Collection::new()),
            },
        };
        let argument = &*argument;
        let made = |text: String| Some(Item::String(text.into()));
        let index_of = |found: Option<usize>| {
            let before = found.and_then(|at| text.get(..at));
            let index = before.map_or(-1, count);
            Some(Item::Integer(index))
        };
        Ok(match call.function.func {
            Func::IndexOf => index_of(text.find(argument)),
            Func::LastIndexOf => index_of(text.rfind(argument)),
            Func::StartsWith => Some(Item::Boolean(text.starts_with(argument))),
            Func::EndsWith => Some(Item::Boolean(text.ends_with(argument))),
            Func::Contains => Some(Item::Boolean(text.contains(argument))),
            Func::Upper => made(text.to_uppercase()),
            Func::Lower => made(text.to_lowercase()),
            Func::Length => Some(Item::Integer(count(&text))),
            Func::Trim => made(text.trim().to_owned()),
            // Splitting by an empty text, too.
            Func::ToChars | Func::Split if argument.is_empty() => {
                self.spend_kept(text.len())?;
                let chars = text.chars();
                return Ok(chars.filter_map(|c| made(c.to_string())).collect());
            }
            Func::Split => {
                self.spend_kept(text.len())?;
                let parts = text.split(argument);
                return Ok(parts.filter_map(|part| made(part.to_owned())).collect());
            }
            Func::Replace => match self.second(call, scope)? {
                Some(with) => {
                    self.spend_text(text.len().saturating_mul(with.len()))?;
                    made(text.replace(argument, &with))
                }
                None => None,
            },
            Func::Matches | Func::MatchesFull => {
                let full = call.function.func == Func::MatchesFull;
                let found = self.regex(call, argument, full, |regex| regex.is_match(&text))?;
                Some(Item::Boolean(found))
            }
            Func::ReplaceMatches => match self.second(call, scope)? {
                Some(_) if argument.is_empty() => Some(Item::String(text)),
                Some(with) => {
                    self.spend_text(text.len().saturating_mul(with.len()))?;
                    let with = bounded_groups(&with);
                    let replaced = self.regex(call, argument, false, |regex| {
                        regex.replace_all(&text, &*with).into_owned()
                    })?;
                    made(replaced)
                }
                None => None,
            },
            Func::Encode => encode(&text, argument, of)?.and_then(made),
            Func::Decode => decode(&text, argument, of)?.and_then(made),
            Func::Escape => made(escape(&text, argument, of)?),
            _ => made(unescape(&text, argument, of)?),
        }
        .into())
    }

    fn second(&self, call: &Call, scope: Scope<'_, 'a>) -> Result<Option<Text<'a>>> {
        let items = self.argument(call.arguments.get(1), scope)?;
        self.string(&items, call.function.name)
    }

    fn join(
        &self,
        call: &Call,
        items: &[Item<'a>],
        scope: Scope<'_, 'a>,
    ) -> Result<Collection<'a>> {
        if items.is_empty() {
            return Ok(Collection::new());
        }
        let between = self.argument(call.arguments.first(), scope)?;
        let between = self.string(&between, "join()")?;
        let between = between.as_deref().unwrap_or("");
        let mut out = String::new();
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                out.push_str(between);
            }
            match item.text() {
                Some(text) => {
                    self.spend_text(text.len() + between.len())?;
                    out.push_str(text);
                }
                None => return Err(wrong("join()", "strings", item)),
            }
        }
        Ok(Item::String(out.into()).into())
    }

    fn substring(
        &self,
        call: &Call,
        text: &str,
        start: &[Item<'a>],
        scope: Scope<'_, 'a>,
    ) -> Result<Collection<'a>> {
        let of = call.function.name;
        let start = self.integer(start, of)?;
        let Some(start) = start.and_then(|start| usize::try_from(start).ok()) else {
            return Ok(Collection::new());
        };
        let Some(rest) = after(text, start).filter(|rest| !rest.is_empty()) else {
            return Ok(Collection::new());
        };
        let length = self.argument(call.arguments.get(1), scope)?;
        let part = match self.integer(&length, of)? {
            None => rest,
            Some(length) => {
                let length = usize::try_from(length).unwrap_or(0);
                let tail = after(rest, length).unwrap_or("");
                rest.get(..rest.len() - tail.len()).unwrap_or("")
            }
        };
        Ok(Item::String(part.to_owned().into()).into())
    }

    /// Uses the pattern, which is compiled once if it is in the expression itself.
    fn regex<T>(
        &self,
        call: &Call,
        pattern: &str,
        full: bool,
        work: impl FnOnce(&Regex) -> T,
    ) -> Result<T> {
        let compile = || {
            let pattern = if full {
                format!("^(?:{pattern})$")
            } else {
                pattern.to_owned()
            };
            RegexBuilder::new(&pattern)
                .dot_matches_new_line(true)
                .size_limit(MAX_REGEX)
                .build()
                .ok()
        };
        let fixed = matches!(
            call.arguments.first(),
            Some(Expr::Literal(Literal::String(_)))
        );
        if fixed {
            let regex = call.pattern.0.get_or_init(compile);
            let regex = regex.as_ref().ok_or(EvalErrorKind::Regex)?;
            return Ok(work(regex));
        }
        self.spend(pattern.len().saturating_mul(16))?;
        let regex = compile().ok_or(EvalErrorKind::Regex)?;
        Ok(work(&regex))
    }
}

/// A replacement in which the number of a group ends with its digits: in `$1x` group 1 is followed by
/// an x, where the regex engine would look for a group of the name `1x`.
fn bounded_groups(replacement: &str) -> String {
    let mut out = String::with_capacity(replacement.len());
    let mut rest = replacement;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        out.push('$');
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = after.split_at(digits);
        rest = match after.strip_prefix('$') {
            // Two of them stand for one that is no group.
            Some(after) if number.is_empty() => {
                out.push('$');
                after
            }
            _ => after,
        };
        if !number.is_empty() {
            out.push('{');
            out.push_str(number);
            out.push('}');
        }
    }
    out.push_str(rest);
    out
}

fn count(text: &str) -> i32 {
    i32::try_from(text.chars().count()).unwrap_or(i32::MAX)
}

/// What is after so many characters; `None` if there are fewer.
fn after(text: &str, chars: usize) -> Option<&str> {
    if chars == 0 {
        return Some(text);
    }
    let (at, c) = text.char_indices().nth(chars - 1)?;
    text.get(at + c.len_utf8()..)
}

fn encode(text: &str, format: &str, of: &'static str) -> Result<Option<String>> {
    let bytes = text.as_bytes();
    Ok(Some(match format {
        "base64" => Base64Binary::encode(bytes).as_str().to_owned(),
        "urlbase64" => Base64Binary::encode(bytes)
            .replace('+', "-")
            .replace('/', "_"),
        "hex" => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        _ => return Err(argument(of, FORMATS)),
    }))
}

fn decode(text: &str, format: &str, of: &'static str) -> Result<Option<String>> {
    let bytes = match format {
        "base64" => Base64Binary::from(text).decode().ok(),
        "urlbase64" => Base64Binary::from(text.replace('-', "+").replace('_', "/"))
            .decode()
            .ok(),
        "hex" => hex(text),
        _ => return Err(argument(of, FORMATS)),
    };
    Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
}

const FORMATS: &str = "one of the formats base64, urlbase64 and hex";

#[cold]
fn argument(of: &'static str, expected: &'static str) -> crate::EvalError {
    EvalErrorKind::Argument { of, expected }.into()
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().map(|c| c.to_digit(16));
    let digits = digits.collect::<Option<Vec<_>>>()?;
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    });
    pairs.collect()
}

const HTML: [(char, &str); 5] = [
    ('&', "&amp;"),
    ('<', "&lt;"),
    ('>', "&gt;"),
    ('"', "&quot;"),
    ('\'', "&#39;"),
];

const JSON: [(char, &str); 7] = [
    ('\\', "\\\\"),
    ('"', "\\\""),
    ('\n', "\\n"),
    ('\r', "\\r"),
    ('\t', "\\t"),
    ('\u{8}', "\\b"),
    ('\u{c}', "\\f"),
];

fn table(target: &str, of: &'static str) -> Result<&'static [(char, &'static str)]> {
    match target {
        "html" => Ok(&HTML),
        "json" => Ok(&JSON),
        _ => Err(argument(of, "one of the targets html and json")),
    }
}

fn escape(text: &str, target: &str, of: &'static str) -> Result<String> {
    let table = table(target, of)?;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match table.iter().find(|(plain, _)| *plain == c) {
            Some((_, escaped)) => out.push_str(escaped),
            None if target == "json" && c.is_control() => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            None => out.push(c),
        }
    }
    Ok(out)
}

fn unescape(text: &str, target: &str, of: &'static str) -> Result<String> {
    let table = table(target, of)?;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let found = table
            .iter()
            .find_map(|(plain, escaped)| Some((*plain, rest.strip_prefix(escaped)?)));
        let found = found.or_else(|| match target {
            "json" => unicode(rest),
            _ => None,
        });
        if let Some((plain, after)) = found {
            out.push(plain);
            rest = after;
        } else {
            out.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or("");
        }
    }
    Ok(out)
}

fn unicode(text: &str) -> Option<(char, &str)> {
    let digits = text.strip_prefix("\\u")?;
    let code = u32::from_str_radix(digits.get(..4)?, 16).ok()?;
    Some((char::from_u32(code)?, digits.get(4..)?))
}
