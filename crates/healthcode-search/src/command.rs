//! [`Command`]: the request of a command line for curl, wget or PowerShell, whatever shell it was
//! written for.

mod options;
mod powershell;
mod prompt;
mod shell;

use crate::issue::of_query;
use crate::rules;
use healthcode_core::Issue;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use shell::{Open, Shell, Words};
use std::fmt;

/// A program that sends requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Program {
    /// `curl`, or `curl.exe`.
    #[default]
    Curl,
    /// `wget`.
    Wget,
    /// PowerShell's `Invoke-WebRequest` and `Invoke-RestMethod`, or their aliases.
    PowerShell,
}

/// What a command line requests. Files and variables are not followed.
///
/// ```
/// use healthcode_search::Command;
/// let command = Command::parse(r"curl $'https://example.org/Patient?family=O\'Neil' -H 'Accept: */*'").unwrap();
/// assert_eq!(command.urls, ["https://example.org/Patient?family=O'Neil"]);
/// assert_eq!(command.method(), "GET");
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Command {
    /// The program.
    pub program: Program,
    /// The URLs, as the shell passes them on, with parameters that options add.
    pub urls: Vec<String>,
    /// Names and values of header fields, in their order.
    pub headers: Vec<(String, String)>,
    /// The body, if it is in the command.
    pub body: Option<String>,
    /// Whether something is written out after the body (`curl --write-out`).
    pub writes_out: bool,
    /// What is wrong with the command.
    pub issues: Vec<Issue>,
    /// The method of the option.
    method: Option<String>,
    /// Whether a body of a file or of parts is sent.
    uploads: bool,
}

/// A word of a command line.
#[derive(Debug)]
enum Word {
    /// Text, and whether any of it was quoted or escaped.
    Text { text: String, quoted: bool },
    /// PowerShell's `@{…}`.
    Table(Vec<(String, String)>),
    /// PowerShell's `(…)`, with the first text in it.
    Expression(Option<String>),
}

impl Word {
    fn into_text(self) -> String {
        match self {
            Word::Text { text, .. } => text,
            Word::Table(_) => String::new(),
            Word::Expression(text) => text.unwrap_or_default(),
        }
    }
}

impl Command {
    /// Reads a command line; none if there is no command of a known program in the text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let begin = prompt::find_in_text(text)?;
        let text = text.get(begin.start..)?;
        let shell = Shell::of(
            text,
            begin.program == Program::PowerShell || begin.powershell,
        );
        let mut words = Words::new(text, shell);
        words.next_word();
        let mut command = match begin.program {
            Program::PowerShell => powershell::read(&mut words),
            Program::Curl | Program::Wget => options::read(&mut words, begin.program, shell),
        };
        command.program = begin.program;
        let slips = [
            (words.open_quote, &rules::SLIP_QUOTE),
            (words.unjoined, &rules::SLIP_CONTINUATION),
        ];
        let slips = slips.into_iter().filter(|slip| slip.0);
        let slips = slips.map(|(_, rule)| of_query(rule));
        command.issues.splice(..0, slips);
        if command.urls.is_empty() {
            command.issues.push(of_query(&rules::QUERY_COMMAND));
        }
        Some(command)
    }

    /// Where in a line of a terminal a command begins, whatever prompt is before it.
    #[must_use]
    pub fn find(line: &str) -> Option<usize> {
        prompt::find(line).map(|begin| begin.start)
    }

    /// Whether a line of a terminal is a prompt, alone or with a command behind it.
    #[must_use]
    pub fn is_prompted(line: &str) -> bool {
        prompt::is_prompted(line)
    }

    /// The method that is sent.
    #[must_use]
    pub fn method(&self) -> &str {
        match &self.method {
            Some(method) => method,
            None if self.body.is_some() || self.uploads => "POST",
            None => "GET",
        }
    }

    /// The media type of the body, without parameters.
    #[must_use]
    pub fn media_type(&self) -> Option<&str> {
        let named = |field: &&(String, String)| field.0.eq_ignore_ascii_case("content-type");
        let (_, value) = self.headers.iter().find(named)?;
        Some(value.split(';').next().unwrap_or(value).trim())
    }

    /// Whether a header of this name is sent.
    fn has_header(&self, name: &str) -> bool {
        let mut names = self.headers.iter().map(|(name, _)| name);
        names.any(|field| field.eq_ignore_ascii_case(name))
    }

    fn header(&mut self, name: &str, value: &str) {
        self.headers
            .push((name.trim().to_owned(), value.trim().to_owned()));
    }

    /// Adds a header that the program sends unless the command has one of this name.
    fn usual_header(&mut self, name: &str, value: &str) {
        if !self.has_header(name) {
            self.header(name, value);
        }
    }

    /// Adds parameters to the query of each URL.
    fn add_query(&mut self, query: &str) {
        for url in &mut self.urls {
            let (address, fragment) = match url.find('#') {
                Some(at) => url.split_at(at),
                None => (url.as_str(), ""),
            };
            let mark = match address.find('?') {
                Some(at) if at + 1 == address.len() => "",
                Some(_) => "&",
                None => "?",
            };
            *url = format!("{address}{mark}{query}{fragment}");
        }
    }
}

/// Shows neither URLs, values nor bodies.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command")
            .field("program", &self.program)
            .field("method", &self.method())
            .field("issues", &self.issues)
            .finish_non_exhaustive()
    }
}

/// Gathers the lines of a command in a terminal.
#[derive(Debug)]
pub struct CommandLines {
    text: String,
    shell: &'static Shell,
    open: Open,
    is_open: bool,
    joins: bool,
}

impl CommandLines {
    /// The command that begins with this line, its prompt left out.
    #[must_use]
    pub fn new(line: &str) -> Self {
        let first = prompt::find(line).filter(|begin| begin.start == 0);
        let powershell = first.is_some_and(|begin| begin.program == Program::PowerShell);
        let shell = Shell::of(line, powershell);
        let mut open = Open::new(shell);
        CommandLines {
            is_open: open.see(line),
            joins: shell.joins(line),
            text: line.to_owned(),
            shell,
            open,
        }
    }

    /// Takes a line that belongs to the command, and whether it does. A quote that is open does not
    /// reach beyond an empty line.
    pub fn take(&mut self, line: &str) -> bool {
        let trimmed = line.trim();
        let option = trimmed
            .strip_prefix("--")
            .or_else(|| trimmed.strip_prefix('-'));
        let option = option.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
        if !self.joins && !option && (!self.is_open || trimmed.is_empty()) {
            return false;
        }
        self.text.push('\n');
        self.text.push_str(line);
        self.is_open = self.open.see(line);
        self.joins = self.shell.joins(line);
        true
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// As `curl --data-urlencode` encodes: what follows the first `=`, or all.
fn urlencoded(text: &str) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    match text.split_once('=') {
        Some(("", value)) => encode(value),
        Some((name, value)) => format!("{name}={}", encode(value)),
        None => encode(text),
    }
}
