//! A query string into its pieces, whatever is between them.

use crate::issue::of_query;
use crate::rules;
use crate::scope::Scope;
use healthcode_core::{Issue, Rule};
use std::cell::OnceCell;

/// The names that may be glued to values, listed once if at all.
struct Known {
    scope: Scope,
    names: OnceCell<Vec<&'static str>>,
}

impl Known {
    fn names(&self) -> &[&'static str] {
        self.names.get_or_init(|| self.scope.names().collect())
    }
}

/// A name and a value, not decoded yet.
pub(super) struct Piece<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    /// Whether they stand for themselves: visible ASCII, and neither `%` nor `+`.
    pub(super) plain: bool,
    pub(super) slips: Vec<&'static Rule>,
}

/// The kinds of a byte: `&`, `=`, what is decoded, what is no visible ASCII.
const AMPERSAND: u8 = 1;
const EQUALS: u8 = 2;
const ENCODED: u8 = 4;
const OTHER: u8 = 8;

static CLASSES: [u8; 256] = {
    let mut classes = [OTHER; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        classes[byte as usize] = match byte {
            b'&' => AMPERSAND,
            b'=' => EQUALS,
            b'%' | b'+' => ENCODED,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// What takes pieces, and issues of what is left out.
pub(super) trait Sink<'a> {
    fn piece(&mut self, piece: Piece<'a>);
    fn issue(&mut self, issue: Issue);
}

/// Passes the pieces to `sink`, in order.
pub(super) fn split<'a>(text: &'a str, scope: Scope, sink: &mut impl Sink<'a>) {
    let known = &Known {
        scope,
        names: OnceCell::new(),
    };
    let mut broken = false;
    let mut start = 0;
    // Of the part that begins at `start`: what its bytes are, and its first `=`.
    let (mut seen, mut equals, mut several) = (0, 0, false);
    let bytes = text.as_bytes();
    let class = |byte: &u8| CLASSES.get(usize::from(*byte)).copied().unwrap_or(OTHER);
    let mut at = 0;
    while start <= bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let found = rest.iter().position(|byte| class(byte) != 0);
        at += found.unwrap_or(rest.len());
        let class = bytes.get(at).map_or(AMPERSAND, class);
        if class != AMPERSAND {
            if class == EQUALS {
                several = seen & EQUALS != 0;
                equals = if several { equals } else { at };
            }
            seen |= class;
            at += 1;
            continue;
        }
        let regular = seen & !ENCODED == EQUALS && !several && bytes.get(start) != Some(&b'?');
        let parts = (text.get(start..equals), text.get(equals + 1..at));
        match parts {
            (Some(name), Some(value)) if regular => {
                sink.piece(Piece {
                    name,
                    value,
                    plain: seen & ENCODED == 0,
                    slips: Vec::new(),
                });
            }
            _ => broken |= lines(text.get(start..at).unwrap_or_default(), known, sink),
        }
        at += 1;
        (start, seen, equals, several) = (at, 0, 0, false);
    }
    if broken {
        sink.issue(of_query(&rules::SLIP_LINE_BREAK));
    }
}

/// What is between two `&`, maybe on several lines. Whether it does.
fn lines<'a>(part: &'a str, known: &Known, sink: &mut impl Sink<'a>) -> bool {
    let mut lines = part.lines().filter(|line| !line.trim().is_empty());
    let Some(first) = lines.next() else {
        sink.issue(of_query(&rules::SLIP_EMPTY_PIECE));
        return false;
    };
    piece(first, Vec::new(), known, sink);
    for line in lines {
        piece(line, vec![&rules::SLIP_AMPERSAND], known, sink);
    }
    part.contains('\n')
}

fn piece<'a>(
    text: &'a str,
    mut slips: Vec<&'static Rule>,
    known: &Known,
    sink: &mut impl Sink<'a>,
) {
    let mut text = text.trim();
    if let Some(rest) = text.strip_prefix('?') {
        slips.push(&rules::SLIP_QUESTION_MARK);
        text = rest.trim_start_matches('?');
    }
    let Some((name, mut value)) = text.split_once('=') else {
        sink.issue(of_query(if text.starts_with('(') {
            &rules::SLIP_PROSE
        } else {
            &rules::SLIP_NO_EQUALS
        }));
        return;
    };
    let mut name = name;
    while let Some((at, next)) = glued(value, known) {
        let (own, rest) = value.split_at(at);
        sink.piece(trimmed(name, own.trim_end(), std::mem::take(&mut slips)));
        slips.push(&rules::SLIP_AMPERSAND);
        let (_, after) = rest.split_at(next.len());
        (name, value) = (next, after.strip_prefix('=').unwrap_or(after));
    }
    sink.piece(trimmed(name, value, slips));
}

fn trimmed<'a>(name: &'a str, value: &'a str, mut slips: Vec<&'static Rule>) -> Piece<'a> {
    let (bare_name, bare_value) = (name.trim(), value.trim());
    if bare_name.len() < name.len() || bare_value.len() < value.len() {
        slips.push(&rules::SLIP_OUTER_SPACE);
    }
    Piece {
        name: bare_name,
        value: bare_value,
        plain: false,
        slips,
    }
}

/// Where in a value the next parameter's name begins, where an `&` is missing. Within a word only where
/// the endpoint's parameters are few: a value of R4 may well hold a URL with a query.
fn glued<'a>(value: &'a str, known: &Known) -> Option<(usize, &'a str)> {
    let within_words = !known.scope.dialect().escapes();
    let possible = value.bytes().any(|byte| byte == b'=')
        && (within_words || value.contains(char::is_whitespace));
    if !possible {
        return None;
    }
    let known = known.names();
    for (equals, _) in value.match_indices('=') {
        let before = value.get(..equals).unwrap_or_default();
        let names = known.iter().filter(|name| {
            let own = before.strip_suffix(**name);
            match own.and_then(|own| own.chars().next_back()) {
                Some(last) if last.is_whitespace() => true,
                Some(last) => within_words && name.len() > 3 && last.is_alphanumeric(),
                None => false,
            }
        });
        if let Some(name) = names.max_by_key(|name| name.len()) {
            let at = before.len() - name.len();
            return value.get(at..equals).map(|name| (at, name));
        }
    }
    None
}
