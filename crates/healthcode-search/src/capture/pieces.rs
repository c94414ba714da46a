//! A query string into its pieces, whatever stands between them.

use crate::issue::Issue;
use crate::rules;
use crate::scope::Scope;
use healthcode_core::Rule;

/// A name and a value, not decoded yet.
pub(super) struct Piece<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    pub(super) slips: Vec<&'static Rule>,
}

/// The pieces; what is left out goes to `issues`.
pub(super) fn split<'a>(text: &'a str, scope: Scope, issues: &mut Vec<Issue>) -> Vec<Piece<'a>> {
    let mut pieces = Vec::with_capacity(16);
    let mut broken = false;
    for part in text.split('&') {
        let lines = part.bytes().any(|byte| matches!(byte, b'\n' | b'\r'));
        if !lines && !part.trim().is_empty() {
            piece(part, Vec::new(), scope, &mut pieces, issues);
            continue;
        }
        let mut lines = part.lines().filter(|line| !line.trim().is_empty());
        let Some(first) = lines.next() else {
            issues.push(Issue::new(&rules::SLIP_EMPTY_PIECE));
            continue;
        };
        broken |= part.contains('\n');
        piece(first, Vec::new(), scope, &mut pieces, issues);
        for line in lines {
            piece(
                line,
                vec![&rules::SLIP_AMPERSAND],
                scope,
                &mut pieces,
                issues,
            );
        }
    }
    if broken {
        issues.push(Issue::new(&rules::SLIP_LINE_BREAK));
    }
    pieces
}

fn piece<'a>(
    text: &'a str,
    mut slips: Vec<&'static Rule>,
    scope: Scope,
    pieces: &mut Vec<Piece<'a>>,
    issues: &mut Vec<Issue>,
) {
    let mut text = text.trim();
    if let Some(rest) = text.strip_prefix('?') {
        slips.push(&rules::SLIP_QUESTION_MARK);
        text = rest.trim_start_matches('?');
    }
    let Some((name, mut value)) = text.split_once('=') else {
        issues.push(Issue::new(match text.starts_with('(') {
            true => &rules::SLIP_PROSE,
            false => &rules::SLIP_NO_EQUALS,
        }));
        return;
    };
    let mut name = name;
    while let Some((at, next)) = glued(value, scope) {
        let (own, rest) = value.split_at(at);
        pieces.push(trimmed(name, own.trim_end(), std::mem::take(&mut slips)));
        slips.push(&rules::SLIP_AMPERSAND);
        let (_, after) = rest.split_at(next.len());
        (name, value) = (next, after.strip_prefix('=').unwrap_or(after));
    }
    pieces.push(trimmed(name, value, slips));
}

fn trimmed<'a>(name: &'a str, value: &'a str, mut slips: Vec<&'static Rule>) -> Piece<'a> {
    let (bare_name, bare_value) = (name.trim(), value.trim());
    if bare_name.len() < name.len() || bare_value.len() < value.len() {
        slips.push(&rules::SLIP_OUTER_SPACE);
    }
    Piece {
        name: bare_name,
        value: bare_value,
        slips,
    }
}

/// Where in a value the next parameter's name begins, for want of an `&`. Within a word only where
/// the endpoint's parameters are few: a value of R4 may well hold a URL with a query.
fn glued(value: &str, scope: Scope) -> Option<(usize, &str)> {
    let within_words = !scope.dialect().escapes();
    let possible = value.bytes().any(|byte| byte == b'=')
        && (within_words || value.contains(char::is_whitespace));
    let known: Vec<_> = match possible {
        true => scope.names().collect(),
        false => return None,
    };
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
