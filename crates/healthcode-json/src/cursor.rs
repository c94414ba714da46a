//! [`Cursor`]: a single-pass JSON tokeniser over text.

use healthcode_core::scan::{Brackets, find_not_space, find_special, find_special_far};
use healthcode_core::{Rule, rules};

/// A fault was met; [`Cursor::fault`] says which and where.
#[derive(Debug)]
pub(crate) struct Fail;

pub(crate) type Step<T> = Result<T, Fail>;

/// A string token between its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quoted {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) escaped: bool,
}

/// Reads JSON tokens from text; has nothing of FHIR.
#[derive(Debug)]
pub(crate) struct Cursor<'j> {
    text: &'j str,
    bytes: &'j [u8],
    at: usize,
    scratch: String,
    fault: Option<(&'static Rule, usize)>,
}

impl<'j> Cursor<'j> {
    pub(crate) fn new(text: &'j str) -> Self {
        Cursor {
            text,
            bytes: text.as_bytes(),
            at: 0,
            scratch: String::new(),
            fault: None,
        }
    }

    pub(crate) fn text(&self) -> &'j str {
        self.text
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    /// What went wrong, and at which byte.
    pub(crate) fn fault(&self) -> (&'static Rule, usize) {
        self.fault.unwrap_or((&rules::JSON_SYNTAX, self.at))
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn fail<T>(&mut self, rule: &'static Rule) -> Step<T> {
        self.fail_at(rule, self.at)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn fail_at<T>(&mut self, rule: &'static Rule, at: usize) -> Step<T> {
        let ended = at >= self.bytes.len() && rule == &rules::JSON_SYNTAX;
        let rule = if ended { &rules::JSON_TRUNCATED } else { rule };
        if self.fault.is_none() {
            self.fault = Some((rule, at));
        }
        Err(Fail)
    }

    /// Passes white space over and returns the byte that follows; 0 at the end.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn peek(&mut self) -> u8 {
        match self.bytes.get(self.at) {
            Some(&byte) if byte > b' ' => byte,
            Some(_) => self.peek_after_space(),
            None => 0,
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn peek_after_space(&mut self) -> u8 {
        if let Some(&byte) = self.bytes.get(self.at + 1)
            && byte > b' '
            && self.bytes[self.at] == b' '
        {
            self.at += 1;
            return byte;
        }
        self.skip_space()
    }

    #[inline(never)]
    fn skip_space(&mut self) -> u8 {
        self.at = find_not_space(self.bytes, self.at);
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    /// Takes `byte` if it is next.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        if found {
            self.at += 1;
        }
        found
    }

    /// Reads a member's name, the opening quote being next.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn name(&mut self) -> Step<Quoted> {
        let start = self.at + 1;
        self.quoted_to(start, find_special(self.bytes, start))
    }

    /// Reads a string token, the opening quote being next.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn quoted(&mut self) -> Step<Quoted> {
        let start = self.at + 1;
        self.quoted_to(start, find_special_far(self.bytes, start))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn quoted_to(&mut self, start: usize, end: usize) -> Step<Quoted> {
        match self.bytes.get(end) {
            Some(b'"') => {
                self.at = end + 1;
                Ok(Quoted {
                    start,
                    end,
                    escaped: false,
                })
            }
            Some(b'\\') => self.quoted_with_escapes(start, end),
            Some(_) => self.fail_at(&rules::JSON_CONTROL_CHARACTER, end),
            None => self.fail_at(&rules::JSON_TRUNCATED, end),
        }
    }

    /// Leaves the decoded text in `scratch`.
    #[inline(never)]
    fn quoted_with_escapes(&mut self, start: usize, mut end: usize) -> Step<Quoted> {
        self.scratch.clear();
        let mut from = start;
        loop {
            self.scratch.push_str(&self.text[from..end]);
            match self.bytes.get(end) {
                Some(b'"') => {
                    self.at = end + 1;
                    return Ok(Quoted {
                        start,
                        end,
                        escaped: true,
                    });
                }
                Some(b'\\') => {
                    let (character, width) = self.escape(end)?;
                    self.scratch.push(character);
                    from = end + width;
                    end = find_special_far(self.bytes, from);
                }
                Some(_) => return self.fail_at(&rules::JSON_CONTROL_CHARACTER, end),
                None => return self.fail_at(&rules::JSON_TRUNCATED, end),
            }
        }
    }

    /// Decodes the escape at `at`: its character and its width in bytes.
    fn escape(&mut self, at: usize) -> Step<(char, usize)> {
        let character = match self.bytes.get(at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let high = self.hexadecimal(at + 2, at)?;
                if let Some(character) = char::from_u32(high) {
                    return Ok((character, 6));
                }
                if high < 0xdc00 && self.bytes.get(at + 6..at + 8) == Some(b"\\u") {
                    let low = self.hexadecimal(at + 8, at + 6)?;
                    if (0xdc00..0xe000).contains(&low) {
                        let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                        if let Some(character) = char::from_u32(code) {
                            return Ok((character, 12));
                        }
                    }
                }
                return self.fail_at(&rules::JSON_SURROGATE, at);
            }
            Some(_) => return self.fail_at(&rules::JSON_ESCAPE, at),
            None => return self.fail_at(&rules::JSON_TRUNCATED, at + 1),
        };
        Ok((character, 2))
    }

    fn hexadecimal(&mut self, at: usize, escape: usize) -> Step<u32> {
        let mut value = 0;
        for index in at..at + 4 {
            match self.bytes.get(index).map(|b| (*b as char).to_digit(16)) {
                Some(Some(digit)) => value = value * 16 + digit,
                Some(None) => return self.fail_at(&rules::JSON_ESCAPE, escape),
                None => return self.fail_at(&rules::JSON_TRUNCATED, index),
            }
        }
        Ok(value)
    }

    /// The text of a string token that was read last.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn decoded(&self, quoted: Quoted) -> &str {
        if quoted.escaped {
            &self.scratch
        } else {
            &self.text[quoted.start..quoted.end]
        }
    }

    /// Takes the colon after a name.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn colon(&mut self) -> Step<()> {
        if self.bytes.get(self.at) == Some(&b':') {
            self.at += 1;
            return Ok(());
        }
        if self.take(b':') {
            return Ok(());
        }
        self.fail(&rules::JSON_SYNTAX)
    }

    /// After a value in an object: whether there is another member, its name being next.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn next_member(&mut self) -> Step<bool> {
        match self.peek() {
            b',' => {
                self.at += 1;
                if self.peek() == b'"' {
                    Ok(true)
                } else {
                    self.fail(&rules::JSON_SYNTAX)
                }
            }
            b'}' => {
                self.at += 1;
                Ok(false)
            }
            _ => self.fail(&rules::JSON_SYNTAX),
        }
    }

    /// After the opening brace: whether there is a member, its name being next.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn first_member(&mut self) -> Step<bool> {
        match self.peek() {
            b'"' => Ok(true),
            b'}' => {
                self.at += 1;
                Ok(false)
            }
            _ => self.fail(&rules::JSON_SYNTAX),
        }
    }

    /// After the opening bracket: whether there is an item.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn first_item(&mut self) -> bool {
        !self.take(b']')
    }

    /// After an item: whether there is another.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn next_item(&mut self) -> Step<bool> {
        match self.peek() {
            b',' => {
                self.at += 1;
                Ok(true)
            }
            b']' => {
                self.at += 1;
                Ok(false)
            }
            _ => self.fail(&rules::JSON_SYNTAX),
        }
    }

    /// Reads a number token, its first byte being next.
    pub(crate) fn number(&mut self) -> Step<&'j str> {
        let start = self.at;
        let mut at = start;
        if self.bytes.get(at) == Some(&b'-') {
            at += 1;
        }
        let whole = at;
        at = self.digits(at)?;
        if self.bytes[whole] == b'0' && at > whole + 1 {
            return self.fail_at(&rules::JSON_SYNTAX, whole);
        }
        if self.bytes.get(at) == Some(&b'.') {
            at = self.digits(at + 1)?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(at) {
            at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(at) {
                at += 1;
            }
            at = self.digits(at)?;
        }
        self.at = at;
        Ok(&self.text[start..at])
    }

    fn digits(&mut self, start: usize) -> Step<usize> {
        let mut at = start;
        while self.bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        if at == start {
            return self.fail_at(&rules::JSON_SYNTAX, at);
        }
        Ok(at)
    }

    /// Takes `word` if it is next; the caller has seen its first byte.
    #[inline]
    pub(crate) fn word(&mut self, word: &str) -> Step<()> {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        let same = rest
            .iter()
            .zip(word.as_bytes())
            .take_while(|(a, b)| a == b)
            .count();
        self.fail_at(&rules::JSON_SYNTAX, self.at + same)
    }

    /// Reads past any value without recursion and returns its text.
    #[inline(never)]
    pub(crate) fn skip(&mut self) -> Step<&'j str> {
        self.peek();
        let start = self.at;
        // The open brackets, innermost last; true for objects.
        let mut open: Vec<bool> = Vec::new();
        loop {
            match self.peek() {
                b'{' => {
                    self.at += 1;
                    if self.first_member()? {
                        open.push(true);
                        self.quoted()?;
                        self.colon()?;
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    if self.first_item() {
                        open.push(false);
                        continue;
                    }
                }
                _ => self.skip_scalar()?,
            }
            // A value has ended: go on in what encloses it.
            loop {
                match open.last() {
                    None => return Ok(&self.text[start..self.at]),
                    Some(true) => {
                        if self.next_member()? {
                            self.quoted()?;
                            self.colon()?;
                            break;
                        }
                    }
                    Some(false) => {
                        if self.next_item()? {
                            break;
                        }
                    }
                }
                open.pop();
            }
        }
    }

    /// Goes past any value of a text that is known to be JSON.
    pub(crate) fn pass(&mut self) -> Step<()> {
        match self.peek() {
            b'{' | b'[' => {
                let mut at = self.at + 1;
                let end = Brackets::new().close(self.bytes, &mut at);
                self.at = end.unwrap_or(at);
                Ok(())
            }
            _ => self.skip_scalar(),
        }
    }

    fn skip_scalar(&mut self) -> Step<()> {
        match self.peek() {
            b'"' => self.quoted().map(drop),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            b'-' | b'0'..=b'9' => self.number().map(drop),
            _ => self.fail(&rules::JSON_SYNTAX),
        }
    }

    /// Makes sure that nothing but white space follows.
    pub(crate) fn end(&mut self) -> Step<()> {
        if self.peek() == 0 && self.at >= self.bytes.len() {
            return Ok(());
        }
        self.fail(&rules::JSON_TRAILING)
    }
}
