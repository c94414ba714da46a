//! What curl prints: `curl -i` and `curl -v`, with the command before it if it was kept.

use crate::{Body, Capture, Exchange, Headers, Request, Response};
use healthcode_core::Position;

/// The exchanges of a transcript.
pub(crate) fn read(text: &str) -> Capture {
    let mut reader = Reader::default();
    let mut lines = Lines {
        text,
        next: 0,
        number: 0,
    }
    .peekable();
    while let Some(line) = lines.next() {
        if reader.takes_head(line.text) {
            continue;
        }
        let prompt = line.text.trim_start();
        let prompt = prompt.strip_prefix('$').unwrap_or(prompt).trim_start();
        if !reader.in_body_of_json() && is_command(prompt) {
            let mut command = prompt.to_owned();
            while let Some(more) = lines.next_if(|next| goes_on(&command, next.text)) {
                command.push('\n');
                command.push_str(more.text);
            }
            reader.finish();
            reader.request = Some(of_command(&command));
        } else if let Some(sent) = line.text.strip_prefix("> ") {
            reader.sent(sent);
        } else if let Some(received) = line.text.strip_prefix("< ") {
            reader.received(received);
        } else if line.text.starts_with("HTTP/") && !reader.in_body_of_json() {
            reader.head(line.text);
        } else if !is_note(line.text) {
            reader.body(text, &line);
        }
    }
    reader.finish();
    Capture {
        exchanges: reader.exchanges,
    }
}

/// A line, and where it begins.
struct Line<'t> {
    text: &'t str,
    start: usize,
    number: u64,
}

struct Lines<'t> {
    text: &'t str,
    next: usize,
    number: u64,
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        let rest = self.text.get(self.next..).filter(|rest| !rest.is_empty())?;
        let start = self.next;
        let length = rest.find('\n').unwrap_or(rest.len());
        self.next += length + 1;
        self.number += 1;
        let text = &rest[..length];
        Some(Line {
            text: text.strip_suffix('\r').unwrap_or(text),
            start,
            number: self.number,
        })
    }
}

fn is_command(line: &str) -> bool {
    let rest = line.strip_prefix("curl");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// Whether a command goes on in the next line.
fn goes_on(command: &str, next: &str) -> bool {
    let next = next.trim_start();
    let option = next.strip_prefix("--").or_else(|| next.strip_prefix('-'));
    command.ends_with('\\')
        || option.is_some_and(|it| it.starts_with(|c: char| c.is_ascii_alphabetic()))
        || (is_open(command) && !next.is_empty() && !next.starts_with("HTTP/"))
}

/// Whether a quote is open at the end of a command.
fn is_open(command: &str) -> bool {
    let mut open = None;
    let mut escaped = false;
    for c in command.chars() {
        match (open, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (None, '\'' | '"') => open = Some(c),
            (Some(quote), c) if c == quote => open = None,
            _ => {}
        }
    }
    open.is_some()
}

/// Whether a line is what `curl -v` says of the connection and of data.
fn is_note(line: &str) -> bool {
    let data = |mark: &str| line.starts_with(mark) && line.ends_with("bytes data]");
    line == ">" || line == "<" || line.starts_with("* ") || data("{ [") || data("} [")
}

/// The request that a command makes.
fn of_command(command: &str) -> Request {
    let words = shell_words::split(command);
    let words = words.unwrap_or_else(|_| command.split_whitespace().map(Into::into).collect());
    let mut words = words.into_iter().skip(1);
    let mut request = Request::default();
    let mut data: Vec<String> = Vec::new();
    let (mut in_url, mut head) = (false, false);
    while let Some(word) = words.next() {
        let (option, inline) = option(&word);
        let mut argument = || inline.clone().or_else(|| words.next()).unwrap_or_default();
        match option {
            "-X" | "--request" => request.method = argument().to_ascii_uppercase(),
            "-H" | "--header" => {
                let header = argument();
                let (name, value) = header.split_once(':').unwrap_or((&header, ""));
                request.headers.push(name, value);
            }
            "-u" | "--user" => request
                .headers
                .push("Authorization", &format!("Basic {}", argument())),
            "--oauth2-bearer" => {
                request
                    .headers
                    .push("Authorization", &format!("Bearer {}", argument()));
            }
            "-A" | "--user-agent" => request.headers.push("User-Agent", &argument()),
            "--json" => {
                request.headers.push("Content-Type", "application/json");
                request.headers.push("Accept", "application/json");
                data.push(argument());
            }
            "-d" | "--data" | "--data-raw" | "--data-ascii" | "--data-binary"
            | "--data-urlencode" => data.push(argument()),
            "-G" | "--get" => in_url = true,
            "-I" | "--head" => head = true,
            "--url" => request.url = argument(),
            _ if takes_argument(option) => drop(argument()),
            _ if option.starts_with('-') && option.len() > 1 => {}
            _ if request.url.is_empty() => request.url = word,
            _ => {}
        }
    }
    request.url = request.url.trim().to_owned();
    let data = data.join("&");
    if in_url && !data.is_empty() {
        let mark = if request.url.contains('?') { '&' } else { '?' };
        request.url = format!("{}{mark}{data}", request.url);
    } else if let Some(body) = Body::new(data.into_bytes()) {
        if request.headers.get("content-type").is_none() {
            request
                .headers
                .push("Content-Type", "application/x-www-form-urlencoded");
        }
        request.body = Some(body);
    }
    if request.method.is_empty() {
        let method = match (&request.body, head) {
            (_, true) => "HEAD",
            (Some(_), _) => "POST",
            (None, _) => "GET",
        };
        request.method = method.to_owned();
    }
    request
}

/// The option that a word is, and its argument if that is in the same word.
fn option(word: &str) -> (&str, Option<String>) {
    if let Some((option, value)) = word.split_once('=')
        && option.starts_with("--")
    {
        return (option, Some(value.to_owned()));
    }
    let letter = word.strip_prefix('-').and_then(|it| it.chars().next());
    let takes = letter.is_some_and(|it| "XHudA".contains(it) || WITH_ARGUMENT.contains(it));
    match word.split_at_checked(2) {
        Some((option, value)) if takes && !value.is_empty() => (option, Some(value.to_owned())),
        _ => (word, None),
    }
}

/// Short options that take an argument and are not read.
const WITH_ARGUMENT: &str = "bceoumxTFwDKEQrUyYzCt";

fn takes_argument(option: &str) -> bool {
    let mut letters = option.chars().skip(1);
    let letter = letters.next().filter(|_| letters.next().is_none());
    option.starts_with('-') && letter.is_some_and(|it| WITH_ARGUMENT.contains(it))
        || matches!(
            option,
            "--cookie"
                | "--cookie-jar"
                | "--referer"
                | "--output"
                | "--max-time"
                | "--proxy"
                | "--upload-file"
                | "--form"
                | "--write-out"
                | "--dump-header"
                | "--config"
                | "--cert"
                | "--key"
                | "--cacert"
                | "--connect-timeout"
                | "--retry"
                | "--resolve"
        )
}

#[derive(Default)]
struct Reader {
    exchanges: Vec<Exchange>,
    request: Option<Request>,
    response: Option<Response>,
    /// What was sent according to `curl -v`; it is nearer to the truth than the command.
    sent: Option<Request>,
    /// Header lines of `curl -i` follow, until an empty line.
    in_head: bool,
    /// That head was told by `curl -v` before.
    again: bool,
    body: Option<Body>,
}

impl Reader {
    fn in_body_of_json(&self) -> bool {
        let Some(body) = &self.body else { return false };
        let text = body.bytes.trim_ascii();
        let closed = text.ends_with(b"}") || text.ends_with(b"]");
        text.starts_with(b"{") && !closed
    }

    /// Takes a line of a head, if one is open.
    fn takes_head(&mut self, line: &str) -> bool {
        if !self.in_head {
            return false;
        }
        if line.is_empty() {
            self.in_head = false;
        } else if let (Some((name, value)), Some(response), false) =
            (line.split_once(':'), &mut self.response, self.again)
        {
            response.headers.push(name, value);
        }
        true
    }

    /// A status line of `curl -i`.
    fn head(&mut self, line: &str) {
        self.again = self.sent.is_some() && self.response.is_some() && self.body.is_none();
        if !self.again {
            self.status(line);
        }
        self.in_head = true;
    }

    /// Begins an answer. One that is open was informational, or redirected.
    fn status(&mut self, line: &str) {
        if let Some(before) = &self.response {
            if before.status >= 200 {
                let request = self.request.as_ref().or(self.sent.as_ref()).map(again);
                self.finish();
                self.request = request;
            } else {
                self.response = None;
            }
        }
        let status = line
            .split_whitespace()
            .nth(1)
            .and_then(|it| it.parse().ok());
        self.response = Some(Response {
            status: status.unwrap_or(0),
            ..Response::default()
        });
    }

    /// A line that `curl -v` sent.
    fn sent(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        let parts = (words.next(), words.next(), words.next());
        if let (Some(method), Some(path), Some(version)) = parts
            && version.starts_with("HTTP/")
        {
            if self.response.is_some() || self.sent.is_some() {
                let request = self.request.as_ref().map(again);
                self.finish();
                self.request = request;
            }
            self.sent = Some(Request {
                method: method.to_owned(),
                url: path.to_owned(),
                ..Request::default()
            });
        } else if let (Some((name, value)), Some(sent)) = (line.split_once(':'), &mut self.sent) {
            sent.headers.push(name, value);
        }
    }

    /// A line that `curl -v` received.
    fn received(&mut self, line: &str) {
        if line.starts_with("HTTP/") {
            self.status(line);
        } else if let (Some((name, value)), Some(response)) =
            (line.split_once(':'), &mut self.response)
        {
            response.headers.push(name, value);
        }
    }

    fn body(&mut self, text: &str, line: &Line<'_>) {
        if self.response.is_none() || (self.body.is_none() && line.text.trim().is_empty()) {
            return;
        }
        // curl -v says this behind a body without a line end.
        let end = line.text.find("* Connection #").unwrap_or(line.text.len());
        let body = self.body.get_or_insert_with(|| Body {
            bytes: Vec::new(),
            start: Some(Position::new(line.start as u64, line.number, 1)),
        });
        // All that lies between is part of it, so that positions stay true.
        let start = body.start.map_or(line.start, |it| it.offset as usize);
        if let Some(whole) = text.get(start..line.start + end) {
            body.bytes = whole.as_bytes().to_vec();
        }
    }

    fn finish(&mut self) {
        let sent = self.sent.take();
        let command = self.request.take();
        let mut response = self.response.take();
        let body = self.body.take();
        self.in_head = false;
        let request = match (sent, command) {
            (Some(sent), command) => merged(sent, command),
            (None, Some(command)) => command,
            (None, None) if response.is_some() => Request::default(),
            (None, None) => return,
        };
        if let Some(response) = &mut response {
            response.body = body;
        }
        self.exchanges.push(Exchange {
            request,
            response,
            pointer: String::new(),
        });
    }
}

/// What `curl -v` sent, with the URL and the body of the command.
fn merged(mut sent: Request, command: Option<Request>) -> Request {
    let host = sent.headers.get("host").unwrap_or_default().to_owned();
    let path = std::mem::take(&mut sent.url);
    sent.url = format!("https://{host}{path}");
    if let Some(command) = command {
        // A redirect is told under the command's name, and goes elsewhere.
        if command.url.contains(host.as_str())
            && command.url.split('?').next().is_some_and(|it| {
                path.split('?')
                    .next()
                    .is_some_and(|path| it.ends_with(path))
            })
        {
            sent.url = command.url;
        }
        sent.body = command.body;
    }
    sent
}

/// The request, to be used for the answer that follows a redirect.
fn again(request: &Request) -> Request {
    Request {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: Headers(request.headers.0.clone()),
        body: request
            .body
            .as_ref()
            .and_then(|body| Body::new(body.bytes.clone())),
    }
}
