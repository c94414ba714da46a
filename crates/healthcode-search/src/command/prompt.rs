//! Commands behind the prompts of terminals.

use super::Program;

/// Where a command begins in a line, and of which program it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begin {
    pub(super) start: usize,
    pub(super) program: Program,
    /// Whether the prompt before it is PowerShell's.
    pub(super) powershell: bool,
}

const PROGRAMS: [(&str, Program); 6] = [
    ("curl", Program::Curl),
    ("wget", Program::Wget),
    ("invoke-webrequest", Program::PowerShell),
    ("invoke-restmethod", Program::PowerShell),
    ("iwr", Program::PowerShell),
    ("irm", Program::PowerShell),
];

/// What prompts end with, and what joins commands.
const MARKS: &[char] = &[
    '$', '#', '%', '>', '❯', '➜', 'λ', '»', '›', '▶', '✗', '✔', '⟩', '→', '|', ';', '&', '(', '`',
    '!', '+',
];

/// Prompts that are before a folder.
const LEADING: [char; 4] = ['➜', '❯', 'λ', '▶'];

/// Words before a command that do not belong to it.
const BEFORE: [&str; 6] = ["sudo", "time", "exec", "command", "env", "&"];

/// How far into a line prompts reach.
const PROMPT: usize = 300;

/// The first command of a text: at its beginning, or at that of a line.
pub(super) fn find_in_text(text: &str) -> Option<Begin> {
    let offset = text.len() - text.trim_start().len();
    if let Some((program, _)) = program(text.trim_start()) {
        return Some(Begin {
            start: offset,
            program,
            powershell: false,
        });
    }
    let mut start = 0;
    for line in text.split('\n') {
        if let Some(begin) = find(line) {
            return Some(Begin {
                start: start + begin.start,
                ..begin
            });
        }
        start += line.len() + 1;
    }
    None
}

/// The command of a line.
pub(super) fn find(line: &str) -> Option<Begin> {
    // Most lines have none of the names.
    let reach = (0..=PROMPT.min(line.len())).rev();
    let head = reach.clone().find_map(|end| line.get(..end))?;
    let starts = head.char_indices().filter(|(at, _)| {
        let before = head
            .get(..*at)
            .and_then(|before| before.chars().next_back());
        before.is_none_or(|c| {
            let beside = ['/', '\\', '"', '\'', '>', '$', '#', '%', '(', '`', '!'];
            c.is_whitespace() || beside.contains(&c)
        })
    });
    for (start, first) in starts {
        if !matches!(first.to_ascii_lowercase(), 'c' | 'w' | 'i') {
            continue;
        }
        let rest = line.get(start..)?;
        let Some((program, after)) = program(rest) else {
            continue;
        };
        let before = head.get(..start)?;
        let alone = after.trim().is_empty() && !before.trim().is_empty();
        if !alone && is_before(before) && is_argument(after.trim_start()) {
            return Some(Begin {
                start,
                program,
                powershell: before.trim_start().starts_with("PS "),
            });
        }
    }
    None
}

/// The program that a text begins with, and what follows its name.
fn program(text: &str) -> Option<(Program, &str)> {
    for (name, program) in PROGRAMS {
        let head = text.get(..name.len());
        if !head.is_some_and(|head| head.eq_ignore_ascii_case(name)) {
            continue;
        }
        let rest = text.get(name.len()..)?;
        let exe = rest
            .get(..4)
            .filter(|ending| ending.eq_ignore_ascii_case(".exe"));
        let rest = exe.map_or(rest, |exe| rest.get(exe.len()..).unwrap_or_default());
        let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
        if rest.is_empty() || rest.starts_with(char::is_whitespace) {
            return Some((program, rest));
        }
    }
    None
}

/// Whether it is what a program's name is followed by in a command, not in a sentence.
fn is_argument(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    first.is_empty()
        || first.starts_with(['-', '\'', '"', '$', '{', '\\', '^', '`', '@'])
        || (first.contains(['/', ':']) || first.contains('.') && !first.ends_with('.'))
}

/// Whether a command may follow: nothing, a prompt, or words that are before programs.
fn is_before(text: &str) -> bool {
    let mut text = text;
    if !text.is_empty()
        && !text.ends_with(char::is_whitespace)
        && text.ends_with(['/', '\\', '"', '\''])
    {
        // The path of the program.
        text = text
            .rfind(char::is_whitespace)
            .map_or("", |at| text.get(..at).unwrap_or_default());
    }
    loop {
        text = text.trim_end();
        let (before, last) = match text.rfind(char::is_whitespace) {
            Some(at) => text.split_at(at),
            None => ("", text),
        };
        let last = last.trim_start();
        let assigns = last.split_once('=').is_some_and(|(name, _)| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.' | ':');
            (!name.is_empty()
                || before
                    .trim_end()
                    .rsplit(' ')
                    .next()
                    .is_some_and(|word| word.starts_with('$')))
                && name.chars().all(plain)
        });
        if text.is_empty() || is_bare(text) {
            return true;
        }
        if last.is_empty() || !(BEFORE.contains(&last) || assigns || last.starts_with('$')) {
            return false;
        }
        text = before;
    }
}

/// Whether a text is a prompt, or ends with one.
pub(super) fn is_bare(text: &str) -> bool {
    let text = text.trim();
    text.ends_with(MARKS) || text.starts_with(LEADING)
}

/// Whether a line is a prompt, alone or with a command behind it.
pub(super) fn is_prompted(line: &str) -> bool {
    let line = line.trim();
    if line.starts_with(LEADING) {
        return true;
    }
    let marks: &[char] = &['$', '#', '%', '>', '❯', '»', '›', '✗', '⟩'];
    let Some(at) = line.find(marks) else {
        return false;
    };
    let (prompt, rest) = line.split_at_checked(at).unwrap_or((line, ""));
    let mut rest = rest.chars();
    rest.next();
    // A user, a host, a folder or the shell's name; in brackets there are spaces.
    let plain = !prompt.contains(['"', '{', '=']) && prompt.len() < 120;
    let shaped = !prompt.contains(' ')
        || prompt.starts_with(['[', '(', '~'])
        || prompt.starts_with("PS ")
        || prompt.contains('@');
    let ends = rest.next().is_none_or(char::is_whitespace);
    plain && shaped && ends
}
