//! Forms of identifiers as masks: `#` is a digit, `@` a capital letter, all else itself.

use crate::error::Problem;

/// Whether the text has the form of one of the masks; if not, where it leaves the nearest one.
pub(crate) fn fit(text: &str, masks: &[&str]) -> Result<(), Problem> {
    let length = text.chars().count();
    if length == 0 {
        return Err(Problem::Empty);
    }
    let spaced = masks.iter().any(|mask| mask.contains(' '));
    let separator = text.chars().position(is_separator);
    if let Some(index) = separator.filter(|_| !spaced) {
        let position = index + 1;
        return Err(Problem::Separator { position });
    }
    let misfit = nearest(text, masks, |mask| mask == length);
    misfit.map_err(|problem| problem.unwrap_or(Problem::Length { found: length }))
}

/// Whether the text goes with one of the masks of these lengths, as far as both go; if not, where it
/// leaves the one that it goes with farthest, if there is any.
pub(crate) fn nearest(
    text: &str,
    masks: &[&str],
    length: impl Fn(usize) -> bool,
) -> Result<(), Option<Problem>> {
    let mut nearest = None;
    for mask in masks.iter().filter(|mask| length(mask.len())) {
        let Some((index, problem)) = misfit(text, mask) else {
            return Ok(());
        };
        let rank = (index, matches!(problem, Problem::LowerCase { .. }));
        if nearest.is_none_or(|(farthest, _)| rank > farthest) {
            nearest = Some((rank, problem));
        }
    }
    Err(nearest.map(|(_, problem)| problem))
}

/// Where a text first leaves a mask, as far as both go.
pub(crate) fn misfit(text: &str, mask: &str) -> Option<(usize, Problem)> {
    let mut pairs = text.chars().zip(mask.chars()).enumerate();
    let (index, (found, wanted)) = pairs.find(|(_, (c, mask))| !allows(*mask, *c))?;
    let position = index + 1;
    let problem = if is_separator(found) {
        Problem::Separator { position }
    } else if allows(wanted, found.to_ascii_uppercase()) {
        Problem::LowerCase { position }
    } else {
        Problem::Character { position }
    };
    Some((index, problem))
}

fn allows(mask: char, c: char) -> bool {
    match mask {
        '#' => c.is_ascii_digit(),
        '@' => c.is_ascii_uppercase(),
        literal => c == literal,
    }
}

/// Hyphens, dashes and the minus sign.
pub(crate) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// White space, dashes, and characters that nobody sees.
pub(crate) fn is_separator(c: char) -> bool {
    let unseen = matches!(c, '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{FEFF}');
    c.is_whitespace() || is_dash(c) || unseen
}

/// The text in capitals and without separators.
pub(crate) fn compact(text: &str) -> String {
    let kept = text.chars().filter(|c| !is_separator(*c));
    kept.map(|c| c.to_ascii_uppercase()).collect()
}

/// The digits at the front of an ASCII text.
pub(crate) fn digits(text: &str) -> impl Iterator<Item = u32> {
    text.chars().map_while(|c| c.to_digit(10))
}
