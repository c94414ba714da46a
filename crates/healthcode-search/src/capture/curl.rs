//! curl commands, as people paste them.

use super::Request;
use crate::issue::Issue;
use crate::rules;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Whether the text is a curl command.
pub(super) fn is_command(text: &str) -> bool {
    let rest = text.strip_prefix("curl");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// Short options that take an argument, beside those that are read.
const WITH_ARGUMENT: &str = "AbceoumxTFwDKEQrUyYzCt";
/// Long ones.
const LONG_WITH_ARGUMENT: [&str; 20] = [
    "--user-agent",
    "--cookie",
    "--cookie-jar",
    "--referer",
    "--output",
    "--user",
    "--max-time",
    "--proxy",
    "--upload-file",
    "--form",
    "--write-out",
    "--dump-header",
    "--config",
    "--cert",
    "--key",
    "--cacert",
    "--connect-timeout",
    "--retry",
    "--resolve",
    "--oauth2-bearer",
];

/// What the command requests.
pub(super) fn read(text: &str) -> Request {
    let mut words = Words {
        text,
        issues: Vec::new(),
    };
    words.next_word();
    let (mut url, mut data, mut method) = (None, Vec::new(), None);
    let (mut get, mut header_open) = (false, false);
    while let Some(word) = words.next_word() {
        let (option, mut inline) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        let short = word.len() > 2 && !word.starts_with("--");
        let option = match short {
            true if word.starts_with('-') && word.is_char_boundary(2) => {
                let (option, value) = word.split_at(2);
                inline = Some(value.to_owned());
                option
            }
            _ => option,
        };
        let mut argument = || {
            inline
                .take()
                .or_else(|| words.next_word())
                .unwrap_or_default()
        };
        match option {
            "--url" => url = Some(argument()),
            "-X" | "--request" => method = Some(argument().to_ascii_uppercase()),
            "-H" | "--header" => {
                let header = argument();
                let named = header.split_once(':');
                header_open = named.is_none_or(|(_, value)| value.trim().is_empty());
                if header_open {
                    words.issues.push(Issue::new(&rules::SLIP_HEADER));
                }
                continue;
            }
            "-d" | "--data" | "--data-raw" | "--data-ascii" | "--data-binary" => {
                data.push(argument());
            }
            "--data-urlencode" => data.push(urlencoded(&argument())),
            "-G" | "--get" => get = true,
            _ if takes_argument(option) => drop(argument()),
            _ if option.starts_with('-') => {}
            // The value of a header that was written as two words.
            _ if header_open => {}
            _ if url.is_none() => url = Some(word.clone()),
            _ => {}
        }
        header_open = false;
    }
    let mut request = Request::of_url(url.as_deref().unwrap_or_default().trim());
    request.issues = words.issues;
    let data = (!data.is_empty()).then(|| data.join("&"));
    match (get, data) {
        (true, Some(data)) => {
            let query = request.query.into_iter().filter(|it| !it.is_empty());
            request.query = Some(query.chain([data]).collect::<Vec<_>>().join("&"));
        }
        (_, data) => request.body = data,
    }
    request.method = method.or_else(|| {
        let posts = request.body.is_some();
        Some(if posts { "POST" } else { "GET" }.to_owned())
    });
    request
}

/// Whether an option that is not read has an argument.
fn takes_argument(option: &str) -> bool {
    let letter = option.strip_prefix('-').and_then(|it| it.chars().next());
    let short = option.len() == 2 && letter.is_some_and(|it| WITH_ARGUMENT.contains(it));
    short || LONG_WITH_ARGUMENT.contains(&option)
}

/// As curl encodes it: what follows the first `=`, or all.
fn urlencoded(text: &str) -> String {
    match text.split_once('=') {
        Some((name, value)) => format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)),
        None => utf8_percent_encode(text, NON_ALPHANUMERIC).to_string(),
    }
}

/// The words of a command, as a shell splits them.
struct Words<'a> {
    text: &'a str,
    issues: Vec<Issue>,
}

impl Words<'_> {
    fn take(&mut self) -> Option<char> {
        let mut chars = self.text.chars();
        let c = chars.next()?;
        self.text = chars.as_str();
        Some(c)
    }

    /// Passes what separates words; a line that ends without `\` is an issue.
    fn gap(&mut self) {
        loop {
            if let Some(rest) = self.text.strip_prefix("\\\n") {
                self.text = rest;
            } else if let Some(rest) = self.text.strip_prefix("\\\r\n") {
                self.text = rest;
            } else if self.text.starts_with('\n') && !self.text.trim().is_empty() {
                let named = |it: &Issue| it.rule.id == rules::SLIP_CONTINUATION.id;
                if !self.issues.iter().any(named) {
                    self.issues.push(Issue::new(&rules::SLIP_CONTINUATION));
                }
                self.take();
            } else if self.text.starts_with(char::is_whitespace) {
                self.take();
            } else {
                return;
            }
        }
    }

    fn next_word(&mut self) -> Option<String> {
        self.gap();
        if self.text.is_empty() {
            return None;
        }
        let mut word = String::new();
        while let Some(c) = self.text.chars().next() {
            if c.is_whitespace() || self.text.starts_with("\\\n") {
                break;
            }
            self.take();
            match c {
                '\'' | '"' => self.quoted(c, &mut word),
                '\\' => word.extend(self.take()),
                c => word.push(c),
            }
        }
        Some(word)
    }

    /// The rest of a quoted part. A quote that is not closed ends before the next option.
    fn quoted(&mut self, quote: char, word: &mut String) {
        while let Some(c) = self.text.chars().next() {
            if c == '\n' && is_option(self.text.trim_start()) {
                break;
            }
            self.take();
            match c {
                c if c == quote => return,
                '\\' if quote == '"' => match self.text.chars().next() {
                    Some(next) if matches!(next, '"' | '\\' | '$' | '`') => {
                        self.take();
                        word.push(next);
                    }
                    _ => word.push(c),
                },
                c => word.push(c),
            }
        }
        self.issues.push(Issue::new(&rules::SLIP_QUOTE));
    }
}

/// Whether a line begins with an option.
fn is_option(line: &str) -> bool {
    let name = line.strip_prefix("--").or_else(|| line.strip_prefix('-'));
    name.is_some_and(|it| it.starts_with(|c: char| c.is_ascii_alphabetic()))
}
