//! What curl prints: `curl -i`, `curl -v` and `curl --trace`, with the command before it if it was
//! kept, and whatever a terminal, a shell or `script` puts around it.

mod clean;
mod json;
mod line;

use crate::capture::Fault;
use crate::{Body, Capture, Exchange, Headers, Part, Request, Response, rules};
use clean::{Clean, Parts, Positions};
use healthcode_search::{Command, CommandLines};
use json::Scan;
use line::{Block, Line, is_around, is_data, is_field, is_known, is_request, status, traced};
use std::ops::Range;

/// Whether a recording begins as what curl prints does, whatever is around it.
pub(crate) fn begins(start: &[u8]) -> bool {
    if is_json(start) {
        return false;
    }
    let clean = Clean::of(start);
    let text = String::from_utf8_lossy(&clean.text);
    let first = text.trim_start();
    let first_line = first.lines().next().unwrap_or_default();
    match first.chars().next() {
        // JSON, unless it is the mark of data, or a prompt in brackets.
        Some('{' | '[') => return Line::of(first_line) != Line::Other,
        // XML.
        Some('<') => return matches!(Line::of(first_line), Line::Received(_)),
        None => return clean.text.len() < start.len() && holds(start, b"% Received % Xferd"),
        _ => {}
    }
    clean.text.len() < start.len() && holds(start, b"% Received % Xferd")
        || first.starts_with("Script started")
        || first_line.starts_with("* ")
        || text.lines().any(|line| match Line::of(line) {
            Line::Sent(rest) => is_request(rest),
            Line::Received(rest) => line::is_status(rest),
            Line::Status(_) | Line::Command(_) | Line::Block(_) => true,
            Line::Note(note) => note.starts_with("curl: ("),
            Line::Blank | Line::Other => false,
        })
}

/// Whether a text surely begins as JSON does, and not as the mark of data or a prompt in brackets.
fn is_json(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    match start.trim_ascii_start() {
        [b'{', rest @ ..] => matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}')),
        [b'[', rest @ ..] => matches!(rest.trim_ascii_start().first(), Some(b'{' | b']')),
        _ => false,
    }
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    let squeezed = text
        .split(|byte| *byte == b' ')
        .filter(|word| !word.is_empty());
    let words: Vec<_> = squeezed.collect();
    let part: Vec<_> = part.split(|byte| *byte == b' ').collect();
    words.windows(part.len()).any(|window| window == part)
}

/// The exchanges of a transcript.
pub(crate) fn read(recorded: &[u8]) -> Capture {
    let clean = Clean::of(recorded);
    let mut reader = Reader::new(recorded, &clean);
    let mut start = 0;
    while start < clean.text.len() {
        let rest = clean.text.get(start..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == b'\n');
        let end = start + length.unwrap_or(rest.len());
        reader.line(start..end);
        start = end + 1;
    }
    reader.end()
}

/// Where the reader is in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Before the body.
    Before,
    /// In the head that `curl -i` prints; whether `curl -v` has printed it before.
    Head { again: bool },
    /// In the body.
    Body,
    /// After a body whose end is known.
    After,
}

struct Reader<'t> {
    clean: &'t Clean,
    positions: Positions<'t>,
    exchanges: Vec<Exchange>,
    faults: Vec<Fault>,
    /// A command whose lines are gathered.
    gathered: Option<CommandLines>,
    command: Option<Command>,
    /// Whether the command waits for an answer, and which of its URLs for the next one.
    awaits_answer: bool,
    url: usize,
    /// Where the last answer redirects to.
    redirect: Option<String>,
    /// What was sent according to `curl -v`; it is nearer to the truth than the command.
    sent: Option<Request>,
    response: Option<Response>,
    stage: Stage,
    /// How far the status line was indented, and so is the head.
    indent: usize,
    body: Parts,
    scan: Option<Scan>,
    /// Whether the connection is encrypted, as far as `curl -v` says something of it.
    encrypted: Option<bool>,
    /// The block of a trace that is open, and the offset of its next byte.
    block: Option<(Block, usize)>,
    /// The head that is put together from a block.
    traced: String,
    /// Whether the last line was not understood, so that the next is no news.
    lost: bool,
}

impl<'t> Reader<'t> {
    fn new(recorded: &'t [u8], clean: &'t Clean) -> Self {
        Reader {
            clean,
            positions: Positions::new(recorded),
            exchanges: Vec::new(),
            faults: Vec::new(),
            gathered: None,
            command: None,
            awaits_answer: false,
            url: 0,
            redirect: None,
            sent: None,
            response: None,
            stage: Stage::Before,
            indent: 0,
            body: Parts::default(),
            scan: None,
            encrypted: None,
            block: None,
            traced: String::new(),
            lost: false,
        }
    }

    fn text(&self, range: &Range<usize>) -> std::borrow::Cow<'t, str> {
        let bytes = self.clean.text.get(range.clone()).unwrap_or_default();
        String::from_utf8_lossy(bytes)
    }

    /// Takes a line, which is this range of the text.
    fn line(&mut self, range: Range<usize>) {
        let text = self.text(&range);
        let text = text.trim_matches('\r');
        if let Some(lines) = &mut self.gathered {
            let line = text.replace(" \r", "");
            let other = Line::of(text);
            if !matches!(other, Line::Status(_) | Line::Sent(_) | Line::Received(_))
                && lines.take(&line)
            {
                return;
            }
            self.run();
        }
        if self.block.is_some() && self.in_block(text, range.start) {
            return;
        }
        let stage = self.stage;
        match stage {
            Stage::Head { again } if self.in_head(text, again) => {}
            Stage::Before | Stage::Head { .. } => {
                self.indent = text.len() - text.trim_start_matches(' ').len();
                self.outside(text, range);
            }
            Stage::Body => self.in_body(text, range),
            _ => self.outside(text, range),
        }
    }

    /// Takes a line of the head of `curl -i`, if it is one.
    fn in_head(&mut self, line: &str, again: bool) -> bool {
        let Some(response) = &mut self.response else {
            return false;
        };
        let indented = line
            .get(..self.indent)
            .is_some_and(|indent| indent.trim().is_empty());
        let line = line.get(self.indent..).filter(|_| indented).unwrap_or(line);
        if line.trim().is_empty() {
            self.stage = Stage::Before;
        } else if line.starts_with([' ', '\t']) && !response.headers.fields.is_empty() {
            if let (false, Some((_, value))) = (again, response.headers.fields.last_mut()) {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':').filter(|_| is_field(line)) {
            if !again {
                response.headers.push(name, value);
            }
        } else if !matches!(Line::of(line), Line::Note(_)) {
            self.stage = Stage::Before;
            return false;
        }
        true
    }

    /// Takes a line where no body is open.
    fn outside(&mut self, line: &str, range: Range<usize>) {
        match Line::of(line) {
            Line::Blank => return,
            Line::Other => return self.other(line, range),
            known => self.known(known),
        }
        self.lost = false;
    }

    fn known(&mut self, line: Line<'_>) {
        match line {
            Line::Sent(rest) => self.sent(rest),
            Line::Received(rest) => self.received(rest),
            Line::Status(rest) => self.head(rest),
            Line::Command(command) => {
                self.finish();
                self.gathered = Some(CommandLines::new(&command.replace(" \r", "")));
            }
            Line::Note(note) => self.note(note),
            Line::Block(block) => self.begin_block(block),
            Line::Blank | Line::Other => {}
        }
    }

    /// What curl says of the connection.
    fn note(&mut self, note: &str) {
        if note.contains("SSL connection using") || note.contains("TLS handshake") {
            self.encrypted = Some(true);
        } else if note.starts_with("Connected to ") {
            self.encrypted.get_or_insert(false);
        } else if note.starts_with("Closing connection") || note.starts_with("Trying ") {
            self.encrypted = None;
        }
    }

    /// Takes a line that is nothing of the exchange's own: a body begins, or it is a line between exchanges.
    fn other(&mut self, line: &str, range: Range<usize>) {
        let trimmed = line.trim();
        let json = trimmed.starts_with(['{', '[']);
        let waits = match &self.response {
            // What is no JSON is before it, unless it is how the JSON came.
            Some(response) => {
                let stated = response.headers.media_type();
                let size = trimmed.split(';').next().unwrap_or(trimmed);
                let coded = trimmed.contains(char::REPLACEMENT_CHARACTER)
                    || response.is_chunked() && size.chars().all(|c| c.is_ascii_hexdigit());
                json || coded || stated.is_none_or(|stated| !stated.ends_with("json"))
            }
            None => self.awaits_answer && json,
        };
        if self.stage != Stage::After && waits {
            if self.response.is_none() {
                // The command prints bodies alone.
                self.response = Some(Response::default());
            }
            self.stage = Stage::Body;
            self.scan = json.then(Scan::default);
            return self.in_body(line, range);
        }
        let writes_out = self
            .command
            .as_ref()
            .is_some_and(|command| command.writes_out)
            || trimmed.contains("\"http_code\":");
        let field = is_field(trimmed) && self.stage == Stage::After;
        if writes_out || is_around(trimmed) || field {
            self.lost = false;
            return;
        }
        if self.stage == Stage::After && trimmed.starts_with(['{', '}', '[', ']', ',', '"', ':']) {
            // JSON that goes on where it had ended belongs to the body, in which that is an error; beside
            // a trace it is the body itself.
            if !self.body.is_made() {
                self.body
                    .add(self.clean, range.start.saturating_sub(1)..range.end);
            }
            return;
        }
        if !std::mem::replace(&mut self.lost, true) {
            let at = self.clean.recorded(range.start);
            self.fault(at);
        }
    }

    /// Reports that a line is not understood.
    fn fault(&mut self, recorded: usize) {
        let exchange = if self.is_open() {
            self.exchanges.len()
        } else {
            self.exchanges.len().saturating_sub(1)
        };
        let open = self.response.is_some() && self.stage == Stage::After;
        self.faults.push(Fault {
            rule: &rules::EXCHANGE_LINE,
            exchange,
            part: Part::Capture,
            pointer: String::new(),
            expected: None,
            position: Some(self.positions.at(recorded)),
            certain: !open,
        });
    }

    /// Takes a line of a body.
    fn in_body(&mut self, line: &str, range: Range<usize>) {
        let json = self.scan.is_some();
        match Line::in_body(line, json) {
            Line::Other | Line::Blank => {}
            Line::Note(note) => return self.note(note),
            known => {
                if !matches!(known, Line::Sent("") | Line::Received("")) {
                    self.lost = false;
                }
                return self.known(known);
            }
        }
        if let Some(scan) = self.scan {
            self.in_json(scan, range);
        } else {
            let end = glued(line).map_or(range.end + 1, |at| range.start + at);
            let bare = Command::is_prompted(line) && self.command.is_some();
            if !bare && !line.trim().starts_with("Script done") {
                self.body
                    .add(self.clean, range.start..end.min(self.clean.text.len()));
            }
        }
    }

    /// Takes a line of JSON: up to a note of curl's, or to the end of the JSON.
    fn in_json(&mut self, mut scan: Scan, range: Range<usize>) {
        let clean = self.clean;
        let bytes = clean.text.get(range.clone()).unwrap_or_default();
        // Behind the last quote, a string that is open cannot be closed in this line.
        let last_quote = bytes.iter().rposition(|byte| *byte == b'"');
        for (at, byte) in bytes.iter().enumerate() {
            let rest = bytes.get(at..).unwrap_or_default();
            let cut = match byte {
                b'*' | b'{' | b'}' => {
                    let sure = !scan.in_string;
                    let possible = sure || last_quote.is_none_or(|last| last < at);
                    possible && is_note(rest, sure)
                }
                _ => false,
            };
            if cut {
                self.body.add(clean, range.start..range.start + at);
                self.scan = Some(scan);
                return;
            }
            if scan.see(*byte) {
                let end = range.start + at + 1;
                self.body.add(clean, range.start..end);
                self.stage = Stage::After;
                self.scan = None;
                if end < range.end {
                    self.line(end..range.end);
                }
                return;
            }
        }
        self.scan = Some(scan);
        let end = (range.end + 1).min(clean.text.len());
        self.body.add(clean, range.start..end);
    }

    /// A status line of `curl -i`.
    fn head(&mut self, line: &str) {
        let empty = self.body.bytes.is_empty() && self.stage == Stage::Before;
        let again = self.sent.is_some() && self.response.is_some() && empty;
        if !again {
            self.status(line);
        }
        self.stage = Stage::Head { again };
    }

    /// Begins an answer. One that is open was informational, or redirected, or a proxy's own.
    fn status(&mut self, line: &str) {
        let Some((code, phrase)) = status(line) else {
            return;
        };
        if let Some(before) = &self.response {
            match before.status {
                100..200 => self.response = None,
                _ => self.finish(),
            }
        }
        self.stage = Stage::Before;
        self.response = Some(Response {
            status: code,
            tunnel: phrase.eq_ignore_ascii_case("connection established"),
            ..Response::default()
        });
    }

    /// A line that `curl -v` sent.
    fn sent(&mut self, line: &str) {
        if is_request(line) {
            if self.response.is_some() || self.sent.is_some() {
                self.finish();
            }
            let mut words = line.split_whitespace();
            self.sent = Some(Request {
                method: words.next().unwrap_or_default().to_owned(),
                url: words.next().unwrap_or_default().to_owned(),
                ..Request::default()
            });
        } else if let (Some((name, value)), Some(sent)) = (line.split_once(':'), &mut self.sent) {
            sent.headers.push(name, value);
        }
    }

    /// A line that `curl -v` received.
    fn received(&mut self, line: &str) {
        if line::is_status(line) {
            self.status(line);
        } else if let (Some((name, value)), Some(response)) =
            (line.split_once(':'), &mut self.response)
        {
            response.headers.push(name, value);
        }
    }

    fn begin_block(&mut self, block: Block) {
        self.end_block();
        self.block = Some((block, 0));
    }

    /// Takes a line of a trace's block, if it is one.
    fn in_block(&mut self, line: &str, at: usize) -> bool {
        let (Some((block, next)), Some((offset, bytes))) = (self.block, traced(line)) else {
            self.end_block();
            return false;
        };
        let at = self.clean.recorded(at);
        // Line ends are not shown.
        let gap = if offset > next { "\r\n" } else { "" };
        self.block = Some((block, offset + bytes.len()));
        match block {
            Block::SentHead | Block::ReceivedHead => {
                self.traced.push_str(gap);
                self.traced.push_str(&String::from_utf8_lossy(&bytes));
            }
            Block::ReceivedData if self.stage == Stage::After => {}
            Block::ReceivedData if self.response.is_some() => {
                self.stage = Stage::Body;
                for byte in gap.bytes().chain(bytes) {
                    self.trace(byte, at);
                }
            }
            Block::SentData => {
                if let Some(sent) = &mut self.sent {
                    let body = sent.body.get_or_insert_with(Body::default);
                    body.bytes.extend_from_slice(gap.as_bytes());
                    body.bytes.extend_from_slice(&bytes);
                }
            }
            Block::ReceivedData | Block::Other => {}
        }
        true
    }

    /// Takes a byte of a body in a trace. Between JSON's strings, points are white space but in
    /// numbers.
    fn trace(&mut self, byte: u8, recorded: usize) {
        let begins = self.body.bytes.is_empty() && matches!(byte, b'{' | b'[');
        let scan = if begins {
            Some(self.scan.insert(Scan::default()))
        } else {
            self.scan.as_mut()
        };
        let byte = match (scan, byte) {
            (Some(scan), b'.') if !scan.in_string && !scan.in_number() => b' ',
            (Some(scan), byte) => {
                if scan.see(byte) {
                    (self.stage, self.scan) = (Stage::After, None);
                }
                byte
            }
            (None, byte) => byte,
        };
        self.body.add_made(&[byte], recorded);
    }

    fn end_block(&mut self) {
        let Some((block, _)) = self.block.take() else {
            return;
        };
        let head = std::mem::take(&mut self.traced);
        for line in head.split("\r\n").filter(|line| !line.is_empty()) {
            match block {
                Block::SentHead => self.sent(line),
                Block::ReceivedHead => self.received(line),
                _ => {}
            }
        }
    }

    /// Reads the command that was gathered.
    fn run(&mut self) {
        let Some(lines) = self.gathered.take() else {
            return;
        };
        self.finish();
        self.command = Command::parse(lines.text());
        self.awaits_answer = self.command.is_some();
        self.url = 0;
        self.redirect = None;
        self.encrypted = None;
        self.lost = false;
    }

    /// Whether there is something of an exchange.
    fn is_open(&self) -> bool {
        self.awaits_answer || self.sent.is_some() || self.response.is_some()
    }

    /// The request of the command, for the answer that comes next.
    fn commanded(&mut self) -> Option<Request> {
        let command = self.command.as_ref()?;
        let mut request = Request {
            method: command.method().to_owned(),
            url: command
                .urls
                .get(self.url)
                .or(command.urls.last())
                .cloned()
                .unwrap_or_default(),
            headers: Headers {
                fields: command.headers.clone(),
                stated: None,
            },
            body: Body::new(command.body.clone().unwrap_or_default().into_bytes()),
        };
        match self.redirect.take() {
            Some(url) => request.url = url,
            None => self.url += 1,
        }
        if let Some((address, _)) = request.url.split_once('#') {
            request.url = address.to_owned();
        }
        Some(request)
    }

    /// Ends the exchange that is open.
    fn finish(&mut self) {
        self.end_block();
        if !self.is_open() {
            self.stage = Stage::Before;
            return;
        }
        let mut parts = std::mem::take(&mut self.body);
        let (sent, response) = (self.sent.take(), self.response.take());
        (self.stage, self.scan) = (Stage::Before, None);
        let connects = sent.as_ref().is_some_and(|sent| sent.method == "CONNECT");
        // A request for a connection through a proxy is no exchange with the service.
        if response
            .as_ref()
            .is_some_and(|answer| answer.tunnel || connects && answer.status < 300)
        {
            return;
        }
        self.awaits_answer = false;
        let commanded = self.commanded();
        let request = match (sent, commanded) {
            (Some(sent), commanded) => self.merged(sent, commanded),
            (None, Some(commanded)) => commanded,
            (None, None) => Request::default(),
        };
        let response = response.map(|mut response| {
            if response.is_chunked()
                && let Some(chunks) = chunks(&parts.bytes)
            {
                parts = parts.only(&chunks);
            }
            let places = parts.places(&mut self.positions);
            response.body = Body::placed(parts.bytes, places);
            response
        });
        let exchange = Exchange {
            request,
            response,
            pointer: String::new(),
            open: false,
            readable: true,
        };
        self.redirect = exchange.redirect();
        self.exchanges.push(exchange);
    }

    /// What `curl -v` sent, with the URL and the body of the command.
    fn merged(&self, mut sent: Request, commanded: Option<Request>) -> Request {
        let host = sent.headers.get("host").unwrap_or_default().to_owned();
        let path = std::mem::take(&mut sent.url);
        let urls = self.command.iter().flat_map(|command| &command.urls);
        let address = |url: &str| url.split(['?', '#']).next().unwrap_or_default().to_owned();
        // A redirect belongs to the command, and goes elsewhere.
        let same = |url: &&String| url.contains(&host) && address(url).ends_with(&address(&path));
        let command = urls.clone().find(same);
        let scheme = match (self.encrypted, command.or(urls.clone().next())) {
            (Some(true), _) => "https",
            (_, Some(url)) if url.starts_with("http://") => "http",
            (Some(false), None) => "http",
            _ => "https",
        };
        sent.url = match command {
            Some(url) => address_and_query(url),
            None if path.contains("://") => path,
            None => format!("{scheme}://{host}{path}"),
        };
        if sent.body.is_none() {
            sent.body = commanded
                .and_then(|request| request.body)
                .filter(|_| sent.method != "GET");
        }
        sent
    }

    fn end(mut self) -> Capture {
        self.run();
        self.finish();
        Capture {
            exchanges: self.exchanges,
            faults: self.faults,
        }
    }
}

fn address_and_query(url: &str) -> String {
    url.split('#').next().unwrap_or_default().to_owned()
}

/// Whether a text is a note of curl's up to the end of its line; `sure` where it can be nothing else.
fn is_note(text: &[u8], sure: bool) -> bool {
    let most = text.get(..200.min(text.len())).unwrap_or(text);
    match text.first() {
        Some(b'*') => match most.strip_prefix(b"* ") {
            Some(_) if sure => true,
            Some(note) => is_known(&String::from_utf8_lossy(note)),
            None => false,
        },
        _ => most.get(1..3) == Some(b" [") && is_data(String::from_utf8_lossy(most).trim()),
    }
}

/// The chunks of a body as `curl --raw` prints it; none if it is no such body.
fn chunks(body: &[u8]) -> Option<Vec<Range<usize>>> {
    let (mut chunks, mut at) = (Vec::new(), 0);
    loop {
        let rest = body.get(at..)?;
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let size = std::str::from_utf8(rest.get(..end)?).ok()?;
        let size = size.split(';').next().unwrap_or(size).trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(chunks);
        }
        let start = at + end + 1;
        let end = start.checked_add(size).filter(|end| *end <= body.len())?;
        chunks.push(start..end);
        let line_end = body.get(end..)?.iter().position(|byte| *byte == b'\n')?;
        at = end + line_end + 1;
    }
}

/// Where in a line of a body a note begins that ends it.
fn glued(line: &str) -> Option<usize> {
    let at = line.rfind("* ")?;
    let note = line.get(at + 2..)?;
    let known = note.starts_with("Connection #") || note.starts_with("Closing connection");
    (at > 0 && known).then_some(at)
}
