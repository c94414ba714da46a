//! How shells read the words of a command line, as tables.

use super::Word;

/// How a shell reads quotes and escapes.
#[derive(Debug)]
pub(super) struct Shell {
    /// What takes the next character as it is outside of quotes; at the end of a line it joins lines.
    escape: char,
    /// Its quotes; of those that begin alike, the longer first.
    quotes: &'static [Quote],
    /// Whether line ends alone may be between words without `escape`.
    lines: bool,
}

/// A kind of quotes.
#[derive(Debug)]
struct Quote {
    open: &'static str,
    close: char,
    escapes: Escapes,
    /// Whether the closing quote stands for itself where it is doubled.
    doubled: bool,
}

/// What is an escape within quotes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Escapes {
    None,
    /// `\` before `"`, `\`, `$`, `` ` `` and the end of a line.
    Backslash,
    /// All of C's, with `\u`, `\U`, `\x`, octal numbers and `\c`.
    AnsiC,
    /// A backtick before anything; `n`, `t` and the like are control characters.
    Backtick,
    /// Backslashes before a quote, as programs for Windows read their arguments.
    Program,
}

const fn quote(open: &'static str, close: char, escapes: Escapes, doubled: bool) -> Quote {
    Quote {
        open,
        close,
        escapes,
        doubled,
    }
}

/// sh, bash, zsh, fish and the like.
pub(super) static POSIX: Shell = Shell {
    escape: '\\',
    quotes: &[
        quote("$'", '\'', Escapes::AnsiC, false),
        quote("$\"", '"', Escapes::Backslash, false),
        quote("'", '\'', Escapes::None, false),
        quote("\"", '"', Escapes::Backslash, false),
    ],
    lines: false,
};

/// The command prompt of Windows. Single quotes do not quote there, but commands from documentation have
/// them.
pub(super) static CMD: Shell = Shell {
    escape: '^',
    quotes: &[
        quote("\"", '"', Escapes::Program, true),
        quote("'", '\'', Escapes::None, false),
    ],
    lines: false,
};

/// PowerShell, to which typographic quotes are quotes, too.
pub(super) static POWERSHELL: Shell = Shell {
    escape: '`',
    quotes: &[
        quote("'", '\'', Escapes::None, true),
        quote("\"", '"', Escapes::Backtick, true),
        quote("\u{2018}", '\u{2019}', Escapes::None, false),
        quote("\u{201c}", '\u{201d}', Escapes::Backtick, false),
    ],
    lines: true,
};

impl Shell {
    /// The shell for which a command was written, by its marks.
    pub(super) fn of(text: &str, powershell: bool) -> &'static Shell {
        let mut ends = text.lines().map(str::trim_end);
        if powershell || ends.clone().any(|line| line.ends_with(" `")) || text.contains("`\"") {
            return &POWERSHELL;
        }
        let marks = ["^\"", "^&", "^%", "%^", "{\"\"", "\"\":"];
        if ends.any(|line| line.ends_with(" ^")) || marks.iter().any(|mark| text.contains(mark)) {
            return &CMD;
        }
        &POSIX
    }

    /// Whether it is PowerShell.
    pub(super) fn is_powershell(&self) -> bool {
        self.escape == POWERSHELL.escape
    }

    /// Whether a line joins the next one.
    pub(super) fn joins(&self, line: &str) -> bool {
        line.trim_end_matches('\r').ends_with(self.escape)
    }
}

/// Whether a quote is open at the end of the lines that were seen so far.
#[derive(Debug)]
pub(super) struct Open {
    shell: &'static Shell,
    quote: Option<&'static Quote>,
}

impl Open {
    pub(super) fn new(shell: &'static Shell) -> Self {
        Open { shell, quote: None }
    }

    /// Sees a line, and whether a quote is open after it.
    pub(super) fn see(&mut self, line: &str) -> bool {
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let mut length = c.len_utf8();
            let escape = match self.quote {
                None => c == self.shell.escape && self.shell.escape != '^',
                Some(quote) => match quote.escapes {
                    Escapes::None => false,
                    Escapes::Backtick => c == '`',
                    _ => c == '\\',
                },
            };
            match self.quote {
                _ if escape => {
                    let after = rest.get(length..).and_then(|rest| rest.chars().next());
                    length += after.map_or(0, char::len_utf8);
                }
                Some(quote) if c == quote.close => self.quote = None,
                Some(_) => {}
                None => {
                    let opens = |quote: &&Quote| rest.starts_with(quote.open);
                    self.quote = self.shell.quotes.iter().find(opens);
                    length = self.quote.map_or(length, |quote| quote.open.len());
                }
            }
            rest = rest.get(length..).unwrap_or_default();
        }
        self.quote.is_some()
    }
}

/// Splits a command line into words.
pub(super) struct Words {
    shell: &'static Shell,
    /// Characters, and whether cmd's `^` took them as they are.
    text: Vec<(char, bool)>,
    next: usize,
    /// Whether a quote was not closed, and whether lines were not joined.
    pub(super) open_quote: bool,
    pub(super) unjoined: bool,
}

impl Words {
    pub(super) fn new(text: &str, shell: &'static Shell) -> Self {
        let mut units = Vec::with_capacity(text.len());
        let mut chars = text.chars().filter(|c| *c != '\r').peekable();
        while let Some(c) = chars.next() {
            match c {
                '^' if shell.escape == '^' => {
                    if chars.next_if_eq(&'\n').is_some() && chars.peek() != Some(&'\n') {
                        continue;
                    }
                    units.extend(chars.next().map(|c| (c, true)));
                }
                c => units.push((c, false)),
            }
        }
        Words {
            shell,
            text: units,
            next: 0,
            open_quote: false,
            unjoined: false,
        }
    }

    fn peek(&self) -> Option<char> {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> Option<char> {
        self.text.get(self.next + ahead).map(|unit| unit.0)
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.next += 1;
        Some(c)
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(ahead, c)| self.peek_at(ahead) == Some(c))
    }

    /// Whether what comes next separates words.
    fn at_space(&self) -> bool {
        let unit = self.text.get(self.next);
        unit.is_some_and(|(c, literal)| c.is_whitespace() && !(*literal && *c == '\n'))
            || self.at_join()
    }

    fn at_join(&self) -> bool {
        self.peek() == Some(self.shell.escape) && self.peek_at(1) == Some('\n')
    }

    /// Passes what separates words, and marks that lines were not joined.
    fn gap(&mut self) {
        let mut broken = false;
        while self.at_space() {
            if self.at_join() {
                self.next += 1;
            } else if self.peek() == Some('\n') {
                broken = true;
            }
            self.next += 1;
        }
        self.unjoined |= broken && !self.shell.lines && self.peek().is_some();
    }

    /// The next word; none at the end.
    pub(super) fn next_word(&mut self) -> Option<Word> {
        self.gap();
        self.peek()?;
        if self.shell.lines && self.starts_with("@{") {
            self.next += 2;
            return Some(Word::Table(self.table()));
        }
        if self.shell.lines && (self.peek() == Some('(') || self.starts_with("$(")) {
            return Some(self.expression());
        }
        Some(self.word(&[]))
    }

    /// A word, which ends at a space or one of these.
    fn word(&mut self, ends: &[char]) -> Word {
        let (mut text, mut quoted) = (String::new(), false);
        while let Some(c) = self.peek() {
            if self.at_space() || ends.contains(&c) {
                break;
            }
            let mut quotes = self.shell.quotes.iter();
            // Within a word, what is no quote to the shell is an apostrophe.
            let inside = self.shell.escape == '^' && c == '\'' && !text.is_empty();
            if let Some(quote) = quotes.find(|quote| !inside && self.starts_with(quote.open)) {
                self.next += quote.open.chars().count();
                quoted = true;
                self.quoted(quote, &mut text);
            } else if self.shell.escape == '^' && c == '\\' {
                self.backslashes(&mut text);
            } else if c == self.shell.escape && self.shell.escape != '^' {
                self.next += 1;
                text.extend(self.take());
                quoted = true;
            } else {
                text.push(c);
                self.next += 1;
            }
        }
        Word::Text { text, quoted }
    }

    /// The rest of a quoted part. A quote that is not closed ends before the next option.
    fn quoted(&mut self, quote: &Quote, text: &mut String) {
        let mut bytes = Bytes::default();
        while let Some(c) = self.peek() {
            if c == '\n' && self.next_line_is_option() {
                break;
            }
            if c == quote.close {
                self.next += 1;
                if quote.doubled && self.peek() == Some(quote.close) {
                    bytes.push(c);
                    self.next += 1;
                    continue;
                }
                bytes.append_to(text);
                return;
            }
            match quote.escapes {
                Escapes::Backslash if c == '\\' => match self.peek_at(1) {
                    Some('\n') => self.next += 2,
                    Some(next @ ('"' | '\\' | '$' | '`')) => {
                        bytes.push(next);
                        self.next += 2;
                    }
                    _ => {
                        bytes.push(c);
                        self.next += 1;
                    }
                },
                Escapes::AnsiC if c == '\\' => {
                    self.next += 1;
                    self.ansi_c(&mut bytes);
                }
                Escapes::Backtick if c == '`' => {
                    self.next += 1;
                    self.backtick(&mut bytes);
                }
                Escapes::Program if c == '\\' => {
                    let mut own = String::new();
                    self.backslashes(&mut own);
                    own.chars().for_each(|c| bytes.push(c));
                }
                _ => {
                    bytes.push(c);
                    self.next += 1;
                }
            }
        }
        self.open_quote = true;
        bytes.append_to(text);
    }

    /// Backslashes: as they are, but before a quote two are one, and an odd one takes the quote along.
    fn backslashes(&mut self, text: &mut String) {
        let mut count = 0;
        while self.peek_at(count) == Some('\\') {
            count += 1;
        }
        self.next += count;
        let before_quote = self.peek() == Some('"');
        let kept = if before_quote { count / 2 } else { count };
        text.extend(std::iter::repeat_n('\\', kept));
        if before_quote && count % 2 == 1 {
            text.push('"');
            self.next += 1;
        }
    }

    /// What follows a backslash in `$'…'`.
    fn ansi_c(&mut self, out: &mut Bytes) {
        let Some(c) = self.take() else { return };
        match c {
            'E' => out.push('\x1b'),
            'c' => out.bytes.extend(self.take().map(|c| c as u8 & 0x1f)),
            'x' => match self.digits(16, 2) {
                Some(code) => out.bytes.extend(u8::try_from(code)),
                None => "\\x".chars().for_each(|c| out.push(c)),
            },
            'u' | 'U' => match self.digits(16, if c == 'u' { 4 } else { 8 }) {
                Some(code) => out.code(code, self),
                None => ['\\', c].into_iter().for_each(|c| out.push(c)),
            },
            '0'..='7' => {
                self.next -= 1;
                let code = self.digits(8, 3).unwrap_or_default();
                out.bytes.push((code & 0xff) as u8);
            }
            '\\' | '\'' | '"' | '?' => out.push(c),
            c => match control(c) {
                Some(c) => out.push(c),
                None => ['\\', c].into_iter().for_each(|c| out.push(c)),
            },
        }
    }

    /// What follows a backtick in PowerShell's double quotes.
    fn backtick(&mut self, out: &mut Bytes) {
        let Some(c) = self.take() else { return };
        match c {
            '\n' => {}
            '0' => out.push('\0'),
            'u' if self.peek() == Some('{') => {
                self.next += 1;
                let code = self.digits(16, 6);
                out.push(code.and_then(char::from_u32).unwrap_or('\u{fffd}'));
                if self.peek() == Some('}') {
                    self.next += 1;
                }
            }
            c => out.push(control(c).unwrap_or(c)),
        }
    }

    /// A number of at most so many digits; `None` if there is no digit.
    fn digits(&mut self, radix: u32, most: usize) -> Option<u32> {
        let mut code = None;
        for _ in 0..most {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(radix)) else {
                break;
            };
            code = Some(code.unwrap_or(0u32).wrapping_mul(radix) | digit);
            self.next += 1;
        }
        code
    }

    /// The members of PowerShell's `@{ name = value; … }`, whose beginning was passed.
    fn table(&mut self) -> Vec<(String, String)> {
        let mut members = Vec::new();
        loop {
            while self.at_space() || matches!(self.peek(), Some(';' | ',')) {
                self.next += 1;
            }
            match self.peek() {
                None => break,
                Some('}') => {
                    self.next += 1;
                    break;
                }
                Some(_) => {}
            }
            let before = self.next;
            let name = self.word(&['=', ';', '}']).into_text();
            self.gap();
            let mut value = String::new();
            if self.peek() == Some('=') {
                self.next += 1;
                self.gap();
                value = match self.peek() {
                    Some('(') => self.expression().into_text(),
                    _ => self.word(&[';', '}']).into_text(),
                };
            }
            members.push((name, value));
            // A character that begins nothing is passed.
            self.next = self.next.max(before + 1);
        }
        members
    }

    /// PowerShell's `( … )`: the first quoted text in it, which is what is made into bytes.
    fn expression(&mut self) -> Word {
        let (mut depth, mut found) = (0usize, None);
        while let Some(c) = self.peek() {
            let mut quotes = self.shell.quotes.iter();
            if let Some(quote) = quotes.find(|quote| self.starts_with(quote.open)) {
                self.next += quote.open.chars().count();
                let mut text = String::new();
                self.quoted(quote, &mut text);
                found.get_or_insert(text);
                continue;
            }
            self.next += 1;
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && c == ')' {
                break;
            }
        }
        Word::Expression(found)
    }

    /// Whether the next line begins with an option, or is the end of a command.
    fn next_line_is_option(&self) -> bool {
        let rest = self.text.get(self.next..).unwrap_or_default();
        let mut rest = rest.iter().map(|unit| unit.0);
        let first = rest.find(|c| !c.is_whitespace());
        let second = rest.next();
        first == Some('-')
            && match second {
                Some('-') => rest.next().is_some_and(|c| c.is_ascii_alphabetic()),
                second => second.is_some_and(|c| c.is_ascii_alphabetic()),
            }
    }
}

/// The control character that a letter stands for after an escape.
fn control(letter: char) -> Option<char> {
    let letters = "abefnrtv".find(letter)?;
    "\x07\x08\x1b\x0c\n\r\t\x0b".chars().nth(letters)
}

/// Text that is being put together, in which escapes may give single bytes.
#[derive(Default)]
struct Bytes {
    bytes: Vec<u8>,
}

impl Bytes {
    fn push(&mut self, c: char) {
        let mut buffer = [0; 4];
        self.bytes
            .extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
    }

    /// A character by its code; a pair of surrogates, as JavaScript writes it, is one.
    fn code(&mut self, code: u32, words: &mut Words) {
        let low = || words.starts_with("\\u").then_some(());
        if (0xd800..0xdc00).contains(&code) && low().is_some() {
            let start = words.next;
            words.next += 2;
            match words.digits(16, 4) {
                Some(low @ 0xdc00..0xe000) => {
                    let both = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                    self.push(char::from_u32(both).unwrap_or('\u{fffd}'));
                    return;
                }
                _ => words.next = start,
            }
        }
        self.push(char::from_u32(code).unwrap_or('\u{fffd}'));
    }

    fn append_to(self, text: &mut String) {
        text.push_str(&String::from_utf8_lossy(&self.bytes));
    }
}
