//! Captured queries: a URL, a query string, a form body or a curl command, read as leniently as can
//! be, and every slip named.

mod pieces;

use crate::command::Command;
use crate::definition::{Definition, ValueForm};
use crate::endpoint::service::FORM;
use crate::endpoint::{Endpoint, ParameterLocation};
use crate::issue::{QueryError, issue, of_query, parameter_index};
use crate::name::Name;
use crate::query::{Parameter, Query};
use crate::rules;
use crate::scope::{Resolved, Scope};
use crate::table::ParameterType;
use crate::value::{Token, Value, Values};
use healthcode_core::{Detail, Issue, Rule, Str};
use pieces::{Piece, Sink};
use std::borrow::Cow;

/// A captured query as it was read.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Captured {
    /// What was before the query: the URL without it, or nothing.
    pub address: String,
    /// The query. Values that are not of their parameter's type are [`Value::Raw`].
    pub query: Query,
    /// All slips, and all that is wrong with the query; by the parameters' order.
    pub issues: Vec<Issue>,
}

impl Captured {
    /// Reads a URL, a query string, a form body or a curl command. Without `scope`, the address
    /// has to identify the endpoint: by its discovery key, by the path of a documented service, or by
    /// ending in a type of resource.
    ///
    /// Names and values survive as decoded and in their order, except where an issue says
    /// otherwise.
    ///
    /// ```
    /// use healthcode_search::Captured;
    /// let captured = Captured::parse("{search_practitioner_endpoint}?given=Warren\nfamily=Clinton", None)?;
    /// assert_eq!(captured.issues[0].rule.id, "SLIP-AMPERSAND");
    /// assert_eq!(captured.query.encode()?.as_str(), "given=Warren&family=Clinton");
    /// # Ok::<(), healthcode_search::QueryError>(())
    /// ```
    ///
    /// # Errors
    /// If neither `scope` nor the address identifies the endpoint.
    pub fn parse(text: &str, scope: Option<Scope>) -> Result<Self, QueryError> {
        let text = text.trim();
        let request = match Command::parse(text) {
            Some(command) => Request::of_command(command),
            None => Request::of_url(text),
        };
        request.read(scope)
    }

    /// Reads a request as it was sent: its method, its URL, and its body if that is a form.
    ///
    /// # Errors
    /// If neither `scope` nor the URL shows what it is for.
    pub fn request(
        method: &str,
        url: &str,
        form: Option<&str>,
        scope: Option<Scope>,
    ) -> Result<Self, QueryError> {
        let request = Request {
            method: Some(method.to_ascii_uppercase()),
            body: form.map(str::to_owned),
            ..Request::of_url(url.trim())
        };
        request.read(scope)
    }

    /// Whether there are errors among the issues.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.issues.iter().any(|issue| issue.severity.is_error())
    }
}

/// What a capture holds of a request, not decoded yet.
#[derive(Default)]
struct Request {
    address: String,
    query: Option<String>,
    body: Option<String>,
    method: Option<String>,
    issues: Vec<Issue>,
}

impl Request {
    fn of_url(text: &str) -> Self {
        let mut request = Request::default();
        let text = match fragment(text) {
            Some(at) => {
                request.issues.push(of_query(&rules::SLIP_FRAGMENT));
                text.get(..at).unwrap_or(text).trim_end()
            }
            None => text,
        };
        let equals = text.find('=').unwrap_or(text.len());
        let before = text.get(..equals).unwrap_or_default();
        match before.find('?') {
            Some(at) => {
                let (address, query) = text.split_at(at);
                request.address = address.trim().to_owned();
                request.query = query.get(1..).map(str::to_owned);
            }
            _ if equals < text.len() => request.query = Some(text.to_owned()),
            _ => request.address = text.to_owned(),
        }
        request
    }

    /// What a command requests; of several URLs, the first.
    fn of_command(mut command: Command) -> Self {
        let url = command.urls.first().map_or("", |url| url.trim());
        let mut request = Request::of_url(url);
        request.method = Some(command.method().to_owned());
        request
            .issues
            .splice(..0, std::mem::take(&mut command.issues));
        request.body = command.body.take().filter(|_| {
            let media_type = command.media_type();
            media_type.is_none_or(|media_type| media_type.eq_ignore_ascii_case(FORM))
        });
        request
    }

    fn read(mut self, scope: Option<Scope>) -> Result<Captured, QueryError> {
        let scope = scope.or_else(|| Scope::of_address(&self.address));
        let Some(scope) = scope else {
            let unread = |issue: &Issue| issue.rule.id == rules::QUERY_COMMAND.id;
            let unread = self.issues.into_iter().find(unread);
            return Err(unread
                .unwrap_or_else(|| of_query(&rules::QUERY_ENDPOINT))
                .into());
        };
        if !self.address.is_empty() && Endpoint::with_key(&self.address).is_some() {
            self.issues.push(of_query(&rules::SLIP_BRACES));
        }
        let empty = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
        if self.query.is_some() && empty(&self.query) {
            self.issues.push(of_query(&rules::SLIP_QUESTION_MARK));
            self.query = None;
        }
        let mut query = Query::new(scope);
        query.parameters.reserve(16);
        let posted = self.body.is_some();
        let search = matches!(scope, Scope::Resource(_)) && is_search(&self.address);
        query.posted = search;
        let wrong_method = match (query.parameter_location(), &self.method) {
            // R4 takes parameters from the URL and from the form alike.
            (ParameterLocation::Form, Some(method)) if search => method != "POST",
            (ParameterLocation::Query, Some(method)) => method != "GET" || posted,
            (ParameterLocation::Form, Some(method)) => method != "POST" || self.query.is_some(),
            (ParameterLocation::Query, None) => posted,
            (ParameterLocation::Form | ParameterLocation::None, _) => false,
        };
        if wrong_method {
            let detail = if search {
                Detail::Expected("POST at _search, or GET without it")
            } else {
                Detail::None
            };
            self.issues
                .push(issue(&rules::QUERY_METHOD, None, None, detail));
        }
        // Captures mostly have some.
        self.issues.reserve(8);
        let mut assembly = Assembly {
            query,
            issues: self.issues,
            definitions: Vec::with_capacity(16),
            next: 0,
            written: String::with_capacity(64),
        };
        for part in [self.query, self.body].into_iter().flatten() {
            pieces::split(&part, scope, &mut assembly);
        }
        let Assembly {
            query,
            mut issues,
            definitions,
            ..
        } = assembly;
        query.check_all(&definitions, &mut issues);
        // What concerns the request as a whole comes last.
        issues.sort_by_key(|issue| parameter_index(issue).unwrap_or(usize::MAX));
        Ok(Captured {
            address: self.address,
            query,
            issues,
        })
    }
}

/// Where a URL's fragment begins. Text that is parameters alone has none: a form may hold `#`.
fn fragment(text: &str) -> Option<usize> {
    let at = text.find('#')?;
    let before = text.get(..at)?;
    let is_url = before.contains("://") || before.starts_with(['/', '{', '?']);
    let has_query = || before.find('?') < before.find('=') && before.contains('?');
    (is_url || has_query()).then_some(at)
}

/// Whether an address is that of R4's search by POST.
fn is_search(address: &str) -> bool {
    address.trim_end_matches('/').ends_with("/_search")
}

/// A query that grows by pieces.
struct Assembly {
    query: Query,
    issues: Vec<Issue>,
    /// What each parameter takes; none where it cannot be resolved.
    definitions: Vec<Option<Resolved>>,
    /// The row of the table after the last parameter's.
    next: usize,
    /// A value as it would be written.
    written: String,
}

impl<'a> Sink<'a> for Assembly {
    fn issue(&mut self, issue: Issue) {
        self.issues.push(issue);
    }

    fn piece(&mut self, piece: Piece<'a>) {
        let mut slips = piece.slips;
        if piece.plain
            && slips.is_empty()
            && let Some(row) = self.query.scope().row_from(&mut self.next, piece.name)
        {
            let values = self.query.read_as(row, piece.value).ok();
            let name = Name::new(Str::from_static(row.name));
            self.push(name, Some(Resolved::Row(row)), values, piece.value);
            return;
        }
        let name = decode(piece.name, &mut slips);
        let (name, resolved) = self.name(&name, &mut slips);
        let definition = resolved.as_deref();
        let escapes = self.query.scope().dialect().escapes();
        let raw = spaceless(piece.value, definition, escapes, &mut slips);
        let mut value = decode(&raw, &mut slips);
        let blank = |byte: u8| !byte.is_ascii_graphic();
        if raw.bytes().any(blank) && raw.contains(char::is_whitespace) {
            slips.push(&rules::SLIP_SPACE);
        }
        let mut values =
            definition.and_then(|definition| self.query.read_as(definition, &value).ok());
        if values.is_none()
            && raw.contains('+')
            && let Some(definition) = definition.filter(|definition| is_date(definition.form))
        {
            let corrected = value.replace(' ', "+");
            if let Ok(found) = self.query.read_as(definition, &corrected) {
                slips.push(&rules::SLIP_PLUS);
                values = Some(found);
                value = corrected.into();
            }
        }
        // Only what was encoded can have been so twice.
        if matches!(value, Cow::Owned(_)) && is_encoded(&value) {
            slips.push(&rules::SLIP_ENCODED_TWICE);
        }
        self.slipped(slips, definition);
        self.push(name, resolved, values, &value);
    }
}

impl Assembly {
    /// Adds the slips of the parameter that comes next.
    fn slipped(&mut self, slips: Vec<&'static Rule>, definition: Option<&Definition>) {
        for rule in slips {
            let index = self.query.parameters.len();
            let name = definition.map(|definition| definition.name);
            self.issues
                .push(issue(rule, Some(index), name, Detail::None));
        }
    }

    /// Adds the parameter: typed if that restores the text, else as it is written.
    #[inline(always)]
    fn push(
        &mut self,
        name: Name,
        definition: Option<Resolved>,
        values: Option<Values>,
        text: &str,
    ) {
        let same = match values.as_deref() {
            None => false,
            Some([Value::Text(own) | Value::Word(own) | Value::Token(Token::Code(own))])
                if !self.query.scope().dialect().escapes() =>
            {
                own == text
            }
            Some(values) => {
                self.written.clear();
                let definition = definition.as_deref();
                self.query
                    .write_values(values, definition, &mut self.written);
                self.written == text
            }
        };
        let values = match values {
            Some(values) if same => values,
            _ => Value::Raw(text.into()).into(),
        };
        self.query.parameters.push(Parameter { name, values });
        self.definitions.push(definition);
    }

    /// The name, put right if it is a known one but for case or underscore; and what it takes.
    fn name(&mut self, text: &str, slips: &mut Vec<&'static Rule>) -> (Name, Option<Resolved>) {
        let scope = self.query.scope();
        if let Some(known) = scope.row_from(&mut self.next, text) {
            let name = Name::new(Str::from_static(known.name));
            return (name, Some(Resolved::Row(known)));
        }
        let mut name = Name::parse(text);
        let nested = !name.chain.is_empty() || !name.has.is_empty();
        if !nested && scope.definition(&name.code).is_none() {
            let underscored = format!("_{}", name.code);
            let same = |text: &&str| text.eq_ignore_ascii_case(&name.code);
            if let Some(known) = scope.definition(&underscored) {
                slips.push(&rules::SLIP_UNDERSCORE);
                name.code = Str::from_static(known.name);
            } else if let Some(known) = scope.names().find(same) {
                slips.push(&rules::SLIP_CASE);
                name.code = Str::from_static(known);
            }
        }
        let definition = scope.resolve_at_once(&name).ok();
        (name, definition.map(Resolved::from))
    }
}

/// The raw value without the spaces that follow commas of a list; a comma that is escaped separates
/// nothing.
fn spaceless<'a>(
    raw: &'a str,
    definition: Option<&Definition>,
    escapes: bool,
    slips: &mut Vec<&'static Rule>,
) -> Cow<'a, str> {
    let list = definition.is_some_and(|definition| definition.list);
    if !list || !raw.contains(", ") {
        return raw.into();
    }
    let mut kept = String::with_capacity(raw.len());
    let (mut rest, mut separated) = (raw, false);
    while let Some(c) = rest.chars().next() {
        let escape = if escapes {
            ["\\", "%5C", "%5c"]
                .iter()
                .find(|escape| rest.starts_with(**escape))
        } else {
            None
        };
        // The character after an escape is part of the value.
        let length = escape.map_or(c.len_utf8(), |escape| {
            let next = rest
                .get(escape.len()..)
                .and_then(|rest| rest.chars().next());
            escape.len() + next.map_or(0, char::len_utf8)
        });
        let (own, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if separated && c == ' ' {
        } else {
            kept.push_str(own);
            separated = c == ',';
        }
        rest = after;
    }
    if kept.len() == raw.len() {
        return raw.into();
    }
    slips.push(&rules::SLIP_LIST_SPACE);
    kept.into()
}

fn is_date(kind: ValueForm) -> bool {
    matches!(
        kind,
        ValueForm::Fhir(ParameterType::Date) | ValueForm::DateTime
    )
}

/// Whether a percent sign is followed by two hexadecimal digits.
fn is_encoded(text: &str) -> bool {
    let mut threes = text.as_bytes().windows(3);
    threes
        .any(|window| window.starts_with(b"%") && window.iter().skip(1).all(u8::is_ascii_hexdigit))
}

/// The text that a form's or query's name or value stands for; a `+` is a space.
fn decode<'a>(raw: &'a str, slips: &mut Vec<&'static Rule>) -> Cow<'a, str> {
    if !raw.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return raw.into();
    }
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let bytes = raw.as_bytes();
    let mut decoded = Vec::with_capacity(raw.len());
    let (mut at, mut unsound) = (0, false);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        let code = match byte {
            b'+' => Some(b' '),
            b'%' => {
                let digits = digit(bytes.get(at)).zip(digit(bytes.get(at + 1)));
                let code = digits.and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
                match code {
                    Some(_) => at += 2,
                    None => unsound = true,
                }
                code
            }
            _ => None,
        };
        decoded.push(code.unwrap_or(*byte));
    }
    if unsound {
        slips.push(&rules::SLIP_PERCENT);
    }
    match String::from_utf8(decoded) {
        Ok(text) => text.into(),
        Err(error) => {
            slips.push(&rules::SLIP_UTF8);
            String::from_utf8_lossy(error.as_bytes())
                .into_owned()
                .into()
        }
    }
}
