//! PowerShell's `Invoke-WebRequest` and `Invoke-RestMethod`.

use super::shell::Words;
use super::{Command, Word};
use crate::endpoint::service::FORM;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Parameters without a value.
const SWITCHES: [&str; 12] = [
    "usebasicparsing",
    "usedefaultcredentials",
    "skipcertificatecheck",
    "skipheadervalidation",
    "skiphttperrorcheck",
    "disablekeepalive",
    "allowunencryptedauthentication",
    "preserveauthorizationonredirect",
    "passthru",
    "resume",
    "followrellink",
    "verbose",
];

/// Reads the words that follow the command's name.
pub(super) fn read(words: &mut Words) -> Command {
    let mut command = Command::default();
    let mut form = None;
    while let Some(word) = words.next_word() {
        let Word::Text { text, quoted } = word else {
            continue;
        };
        if !quoted && (text.starts_with(['|', ';', ')']) || text == "&&") {
            break;
        }
        let name = match text
            .strip_prefix('-')
            .filter(|_| !quoted || text.contains(':'))
        {
            Some(name) if name.starts_with(|c: char| c.is_ascii_alphabetic()) => name,
            _ => {
                url(&mut command, &text);
                continue;
            }
        };
        let (name, inline) = match name.split_once(':') {
            Some((name, value)) => (name.to_ascii_lowercase(), Some(value.to_owned())),
            None => (name.to_ascii_lowercase(), None),
        };
        if SWITCHES.iter().any(|switch| switch.starts_with(&name)) && name.len() > 3 {
            continue;
        }
        let value = match inline.filter(|text| !text.is_empty()) {
            Some(text) => Some(Word::Text { text, quoted }),
            None => words.next_word(),
        };
        let Some(value) = value else { break };
        match (name.as_str(), value) {
            ("uri", value) => url(&mut command, &value.into_text()),
            ("method" | "custommethod", value) => {
                command.method = Some(value.into_text().to_ascii_uppercase());
            }
            ("headers", Word::Table(members)) => command.headers.extend(members),
            ("contenttype", value) => command.header("Content-Type", &value.into_text()),
            ("useragent", value) => command.header("User-Agent", &value.into_text()),
            ("body", Word::Table(members)) => form = Some(encoded(&members)),
            ("body", value) => match value.into_text() {
                text if text.is_empty() || is_variable(&text) => command.uploads = true,
                text => command.body = Some(text),
            },
            ("infile" | "form", _) => command.uploads = true,
            _ => {}
        }
    }
    // A table as the body is the parameters of a GET, and the form of other methods.
    if let Some(form) = form {
        if matches!(command.method.as_deref(), None | Some("GET" | "HEAD")) {
            command.add_query(&form);
        } else {
            command.body = Some(form);
        }
    }
    if command.method.is_none() {
        // It sends GET unless a method is given.
        command.method = Some("GET".to_owned());
    }
    if command.body.is_some() {
        command.usual_header("Content-Type", FORM);
    }
    command
}

/// Takes a URL, unless it is in a variable, which is not followed.
fn url(command: &mut Command, text: &str) {
    if !is_variable(text) && !text.starts_with('@') {
        command.urls.push(text.trim().to_owned());
    }
}

/// Whether a text is a variable alone.
fn is_variable(text: &str) -> bool {
    let name = text
        .strip_prefix('$')
        .map(|name| name.trim_matches(['{', '}']));
    name.is_some_and(|name| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':');
        !name.is_empty() && name.chars().all(plain)
    })
}

fn encoded(members: &[(String, String)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs = members
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}
