//! What a line of a transcript is.

use healthcode_search::Command;

/// What curl says beside the exchange, after its `* `, as far as it may be within a body.
const NOTES: [&str; 34] = [
    "Connection #",
    "Connection state changed",
    "Closing connection",
    "Closing TLS connection",
    "Connected to ",
    "Connection ",
    "Curl_",
    "Expire in ",
    "Expire cleared",
    "Excess found",
    "Found bundle",
    "Host ",
    "HTTP ",
    "HTTP/",
    "Issue another request",
    "Leftovers after chunking",
    "Mark bundle",
    "Maximum ",
    "Operation timed out",
    "Re-using existing connection",
    "Received ",
    "Recv failure",
    "Request completely sent off",
    "Ignoring the response-body",
    "Server certificate",
    "SSL ",
    "TLSv",
    "TLS ",
    "Trying ",
    "Using ",
    "Added cookie",
    "Replaced cookie",
    "[HTTP",
    "end of response",
];

/// More of them, in lower case in curl.
const LOWER_NOTES: [&str; 12] = [
    "transfer closed",
    "upload completely sent off",
    "we are completely uploaded",
    "schannel: ",
    "old SSL session",
    "stopped the pause stream",
    "nread ",
    "client ",
    "left intact",
    "shutting down",
    "using HTTP",
    "h2",
];

/// Lines that are around exchanges and do not belong to them.
const AROUND: &[&str] = &[
    "Script started",
    "Script done",
    "Warning: ",
    "Note: ",
    "More details here: ",
    "curl failed to verify",
    "establish a secure connection",
    "how to fix it, please visit",
    "To learn more about this situation",
    "Throwing away ",
    "Enter host password",
    "Last login",
    "real\t",
    "user\t",
    "sys\t",
    "```",
    "~~~",
    "exit",
    "logout",
    "#",
    "//",
    "Dload",
    "Connection to ",
    "^C",
    "⏎",
];

/// What curl does with a block of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    SentHead,
    SentData,
    ReceivedHead,
    ReceivedData,
    /// What is encrypted, and what curl says.
    Other,
}

/// A line of a transcript.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'t> {
    /// `> …`: a line of a head that was sent.
    Sent(&'t str),
    /// `< …`: a line of a head that was received.
    Received(&'t str),
    /// A status line as it was received.
    Status(&'t str),
    /// A command, without its prompt.
    Command(&'t str),
    /// What curl says of the connection, of data, or of what went wrong.
    Note(&'t str),
    /// The beginning of a block of `--trace` or `--trace-ascii`.
    Block(Block),
    Blank,
    Other,
}

impl<'t> Line<'t> {
    /// What a line is where no body is open.
    pub(super) fn of(line: &'t str) -> Self {
        let text = unstamped(line.trim_matches('\r'));
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Line::Blank;
        }
        if let Some(rest) = mark(text, '>')
            && (rest.is_empty() || is_request(rest) || is_field(rest))
        {
            return Line::Sent(rest);
        }
        if let Some(rest) = mark(text, '<')
            && (rest.is_empty() || is_status(rest) || is_field(rest))
        {
            return Line::Received(rest);
        }
        if is_status(trimmed) {
            return Line::Status(trimmed);
        }
        // Prompts have no quotes; what JSON holds is no command.
        let command = Command::find(line).and_then(|at| line.split_at_checked(at));
        if let Some((_, command)) = command.filter(|(prompt, _)| !prompt.contains(['"', '{'])) {
            return Line::Command(command);
        }
        if is_data(trimmed) || trimmed.starts_with("curl: (") || trimmed.starts_with("** ") {
            return Line::Note(trimmed);
        }
        let note = trimmed
            .strip_prefix("* ")
            .or(trimmed.strip_prefix("== Info: "));
        if let Some(note) = note {
            return Line::Note(note);
        }
        block(trimmed).map_or(Line::Other, Line::Block)
    }

    /// What a line is within a body; there, only what is certain.
    pub(super) fn in_body(line: &'t str, json: bool) -> Self {
        match Line::of(line) {
            Line::Note(note) if json || is_data(line.trim()) || is_known(note) => Line::Note(note),
            found @ Line::Sent(rest) if json || is_request(rest) => found,
            found @ Line::Received(rest) if json || is_status(rest) => found,
            found @ (Line::Status(_) | Line::Command(_) | Line::Block(_)) => found,
            _ => Line::Other,
        }
    }
}

/// A line without the time and the ids that `--trace-time` and `--trace-ids` put before it.
fn unstamped(line: &str) -> &str {
    let mut text = line;
    if let Some((time, rest)) = text.split_once(' ') {
        let plain = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.');
        if time.matches(':').count() == 2 && time.len() > 7 && time.chars().all(plain) {
            text = rest;
        }
    }
    if let Some((ids, rest)) = text
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "))
    {
        let plain = |c: char| c.is_ascii_digit() || matches!(c, '-' | 'x');
        if !ids.is_empty() && ids.chars().all(plain) {
            text = rest;
        }
    }
    text
}

/// What follows a mark and a space, or the mark alone.
fn mark(line: &str, mark: char) -> Option<&str> {
    let rest = line.trim_start().strip_prefix(mark)?;
    match rest.strip_prefix(' ') {
        Some(rest) => Some(rest.trim_end()),
        None => rest.trim().is_empty().then_some(""),
    }
}

/// Whether it is a status line: `HTTP/1.1 200 OK`, `HTTP/2 404`.
pub(super) fn is_status(line: &str) -> bool {
    status(line).is_some()
}

/// The status of a status line, and its phrase.
pub(super) fn status(line: &str) -> Option<(u16, &str)> {
    let rest = line.strip_prefix("HTTP/")?;
    let (version, rest) = rest.split_once(' ')?;
    let plain = |c: char| c.is_ascii_digit() || c == '.';
    if version.is_empty() || version.len() > 3 || !version.chars().all(plain) {
        return None;
    }
    let rest = rest.trim();
    let (code, phrase) = rest.split_once(' ').unwrap_or((rest, ""));
    let three = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    Some((code.parse().ok().filter(|_| three)?, phrase.trim()))
}

/// Whether it is a request line: `GET /fhir/Patient HTTP/1.1`.
pub(super) fn is_request(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let method = words.next().unwrap_or_default();
    let upper = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    upper
        && words.next().is_some()
        && words
            .next()
            .is_some_and(|version| version.starts_with("HTTP/"))
}

/// Whether it is a header field: a token, a colon, and a value.
pub(super) fn is_field(line: &str) -> bool {
    let Some((name, _)) = line.split_once(':') else {
        return false;
    };
    let name = name.strip_prefix(':').unwrap_or(name);
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(token)
}

/// Whether it is what `curl -v` says of data: `{ [224 bytes data]`.
pub(super) fn is_data(line: &str) -> bool {
    let rest = line
        .strip_prefix(['{', '}'])
        .and_then(|rest| rest.strip_prefix(" ["));
    let Some(rest) = rest else { return false };
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let counted = digits.len() < rest.len() && digits.trim_end() == " bytes data]";
    counted || rest.trim_end() == "data not shown]"
}

/// Whether a note is one of those that are within bodies.
pub(super) fn is_known(note: &str) -> bool {
    let note = note.trim_start();
    let named = NOTES.iter().chain(&LOWER_NOTES);
    named.into_iter().any(|known| note.starts_with(known)) || note.ends_with(" left intact")
}

/// Whether a line is around exchanges: of a shell, a recording, or curl's warnings.
pub(super) fn is_around(line: &str) -> bool {
    let line = line.trim();
    let words = line.split_ascii_whitespace();
    let amount = |c: char| c.is_ascii_digit() || "kKMGTP.:-".contains(c);
    let is_meter = words.clone().count() > 7 && words.flat_map(str::chars).all(amount);
    is_meter || AROUND.iter().any(|known| line.starts_with(known)) || Command::is_prompted(line)
}

fn block(line: &str) -> Option<Block> {
    let rest = line
        .strip_prefix("=> ")
        .or_else(|| line.strip_prefix("<= "))?;
    let (what, bytes) = rest.split_once(", ")?;
    bytes.contains(" bytes (0x").then_some(match what {
        "Send header" => Block::SentHead,
        "Send data" => Block::SentData,
        "Recv header" => Block::ReceivedHead,
        "Recv data" => Block::ReceivedData,
        _ => Block::Other,
    })
}

/// A line of a block of a trace: its offset, and the bytes that it shows. What is no printable ASCII
/// is a point in `--trace-ascii`.
pub(super) fn traced(line: &str) -> Option<(usize, Vec<u8>)> {
    let (offset, content) = line.split_once(": ").or_else(|| line.split_once(':'))?;
    let hex = |byte: u8| byte.is_ascii_hexdigit();
    if offset.len() < 4 || !offset.bytes().all(hex) {
        return None;
    }
    let offset = usize::from_str_radix(offset, 16).ok()?;
    Some((
        offset,
        hex_dump(content).unwrap_or_else(|| content.as_bytes().to_vec()),
    ))
}

/// The bytes of `7b 22 72 …                    {"r…`, which has sixteen columns.
fn hex_dump(content: &str) -> Option<Vec<u8>> {
    let columns = content.get(..48)?;
    let mut bytes = Vec::with_capacity(16);
    for column in 0..16 {
        let column = columns.get(3 * column..3 * column + 3)?;
        if column.trim().is_empty() {
            continue;
        }
        let digits = column.strip_suffix(' ')?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    (!bytes.is_empty()).then_some(bytes)
}
