//! The options of curl and wget.

use super::shell::{Shell, Words};
use super::{Command, Program, Word, urlencoded};
use crate::endpoint::service::{FORM, JSON};
use crate::issue::of_query;
use crate::rules;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What becomes of an option's argument, by program and by name or letter.
static OPTIONS: LazyLock<HashMap<(&str, &str), &str>> = LazyLock::new(|| {
    let mut options = HashMap::new();
    let rows = include_str!("options.tsv").lines();
    for line in rows.filter(|line| !line.starts_with('#')) {
        let mut cells = line.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        let (program, name, letter, effect) = (cell(), cell(), cell(), cell());
        options.insert((program, name), effect);
        if !letter.is_empty() {
            options.insert((program, letter), effect);
        }
    }
    options
});

/// What becomes of an option's argument, if it is in the table: `-X` or `--request`.
fn effect(curl: bool, option: &str) -> Option<&'static str> {
    let program = if curl { "curl" } else { "wget" };
    let name = match option.strip_prefix('-') {
        Some(letter) if !letter.starts_with('-') => letter,
        _ => option,
    };
    OPTIONS.get(&(program, name)).copied()
}

/// Whether an option takes an argument.
fn takes_argument(effect: &str) -> bool {
    !matches!(effect, "get" | "head" | "next")
}

/// Reads the words that follow the program's name.
pub(super) fn read(words: &mut Words, program: Program, shell: &Shell) -> Command {
    let mut reader = Reader {
        words,
        command: Command::default(),
        data: Vec::new(),
        in_query: Vec::new(),
        powershell: shell.is_powershell(),
        curl: program == Program::Curl,
        get: false,
        json: false,
        header_open: false,
        ended: false,
    };
    while let Some((word, quoted)) = reader.word() {
        reader.take(word, quoted);
        if reader.ended {
            break;
        }
    }
    reader.finish()
}

struct Reader<'w> {
    words: &'w mut Words,
    command: Command,
    data: Vec<String>,
    /// Parameters that go to the URL.
    in_query: Vec<String>,
    powershell: bool,
    curl: bool,
    get: bool,
    json: bool,
    /// Whether a header had a name only, so that its value may be the next word.
    header_open: bool,
    ended: bool,
}

impl Reader<'_> {
    /// The next word as the program gets it, and whether it was quoted.
    fn word(&mut self) -> Option<(String, bool)> {
        let (text, quoted) = match self.words.next_word()? {
            Word::Text { text, quoted } => (text, quoted),
            other => (other.into_text(), true),
        };
        let escaped = text.matches("\\\"").count();
        // PowerShell hands quotes on to programs only if they are escaped once more.
        if self.powershell && escaped > 0 && escaped == text.matches('"').count() {
            Some((text.replace("\\\"", "\""), quoted))
        } else {
            Some((text, quoted))
        }
    }

    fn take(&mut self, word: String, quoted: bool) {
        if !quoted && self.is_operator(&word) {
            return;
        }
        if !word.starts_with('-') || word.len() == 1 {
            // The value of a header that was written as two words.
            if !std::mem::take(&mut self.header_open) && word != "-" {
                self.command.urls.push(word.trim().to_owned());
            }
            return;
        }
        self.header_open = false;
        if word.starts_with("--") {
            let (option, inline) = match word.split_once('=') {
                Some((option, value)) => (option.to_owned(), Some(value.to_owned())),
                None => (word, None),
            };
            self.option(&option, inline);
            return;
        }
        // Letters, of which the first that takes an argument takes the rest.
        let letters = word.char_indices().skip(1);
        for (at, letter) in letters {
            let rest = word.get(at + letter.len_utf8()..).unwrap_or_default();
            let option = format!("-{letter}");
            if effect(self.curl, &option).is_some_and(takes_argument) {
                let inline = (!rest.is_empty()).then(|| rest.to_owned());
                self.option(&option, inline);
                return;
            }
            self.option(&option, None);
        }
    }

    /// Whether a word is the shell's: a redirection, a pipe, or the end of the command.
    fn is_operator(&mut self, word: &str) -> bool {
        if matches!(word, "&" | ")" | "}") || word.starts_with(['|', ';']) || word.starts_with("&&")
        {
            self.ended = true;
            return true;
        }
        let plain = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '&');
        if let Some(rest) = plain.strip_prefix(['>', '<'])
            && word.len() - plain.len() < 2
        {
            if rest.trim_start_matches(['>', '|']).is_empty() {
                self.words.next_word();
            }
            return true;
        }
        false
    }

    fn option(&mut self, option: &str, inline: Option<String>) {
        let Some(effect) = effect(self.curl, option) else {
            return;
        };
        let argument = if takes_argument(effect) {
            inline.or_else(|| self.word().map(|word| word.0))
        } else {
            None
        };
        let text = argument.unwrap_or_default();
        let command = &mut self.command;
        match effect {
            "url" => command.urls.push(text.trim().to_owned()),
            "method" => command.method = Some(text.to_ascii_uppercase()),
            "header" => self.header(&text),
            "basic" => command.header("Authorization", &format!("Basic {text}")),
            "bearer" => command.header("Authorization", &format!("Bearer {text}")),
            "agent" => command.header("User-Agent", &text),
            // Without = it is a file's name.
            "cookie" if text.contains('=') => command.header("Cookie", &text),
            "data" | "json" => {
                self.json |= effect == "json";
                if text.starts_with('@') {
                    command.uploads = true;
                } else {
                    self.data.push(text);
                }
            }
            "raw" => self.data.push(text),
            "urlencode" => self.data.push(urlencoded(&text)),
            "query" => self.in_query.push(match text.strip_prefix('+') {
                Some(raw) => raw.to_owned(),
                None => urlencoded(&text),
            }),
            "upload" => command.uploads = true,
            "put" => {
                command.uploads = true;
                command.method.get_or_insert_with(|| "PUT".to_owned());
            }
            "write-out" => command.writes_out = true,
            "get" => self.get = true,
            "head" => {
                command.method.get_or_insert_with(|| "HEAD".to_owned());
            }
            "next" => self.ended = true,
            _ => {}
        }
    }

    fn header(&mut self, header: &str) {
        let (name, value) = header.split_once(':').unwrap_or((header, ""));
        // curl sends a field without value if it ends with a semicolon, and drops one that has none.
        let empty = header.ends_with(';') || header.starts_with('@');
        self.header_open = value.trim().is_empty() && !empty;
        if self.header_open {
            self.command.issues.push(of_query(&rules::SLIP_HEADER));
        } else if !empty {
            self.command.header(name, value);
        }
    }

    fn finish(self) -> Command {
        let mut command = self.command;
        let mut in_query = self.in_query;
        if !self.data.is_empty() {
            let joint = if self.json { "" } else { "&" };
            let data = self.data.join(joint);
            if self.get {
                in_query.push(data);
            } else {
                command.body = Some(data);
            }
        }
        if !in_query.is_empty() {
            command.add_query(&in_query.join("&"));
        }
        if self.json {
            command.usual_header("Content-Type", JSON);
            command.usual_header("Accept", JSON);
        } else if command.body.is_some() {
            command.usual_header("Content-Type", FORM);
        }
        command
    }
}
