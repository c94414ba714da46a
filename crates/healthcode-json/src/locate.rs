//! Positions of issues: JSON pointers into bytes, lines and columns, in one scan of the text.

use crate::cursor::{Cursor, Step};
use crate::expected::expected;
use healthcode_core::source::excerpt;
pub(crate) use healthcode_core::source::{Base, Lines};
use healthcode_core::{
    Detail, Issue, Position, Root, RootSlot, Rule, SchemaKind, push_member, push_token, rules,
};
use std::fmt::Write;
use std::ops::Range;

/// Finds the positions of issues in the text that their value was read from.
///
/// An issue whose place is not in the text (a missing element) gets the position of the nearest
/// place around it. Does nothing for text that is not JSON.
///
/// With `excerpts`, issues carry the text around them.
pub fn locate(json: &[u8], issues: &mut [Issue], excerpts: bool) {
    let body = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let base = Base::after_bom(body.len() < json.len());
    if let Ok(text) = simdutf8::basic::from_utf8(body) {
        locate_from(text, &base, issues, excerpts);
    }
}

/// As [`locate`], for a text inside a larger one; sorts the issues by position.
pub(crate) fn locate_from(text: &str, base: &Base, issues: &mut [Issue], excerpts: bool) {
    if issues.is_empty() {
        return;
    }
    let mut targets: Vec<Target<'_>> = issues
        .iter()
        .enumerate()
        .map(|(index, issue)| Target::new(index, issue, base))
        .collect();
    let mut finder = Finder {
        cursor: Cursor::new(text),
        left: targets.len(),
        ends: excerpts,
    };
    // Text that is not JSON is found out elsewhere; what was found until then remains valid.
    let _ = finder.value(&mut targets, None);
    targets.sort_unstable_by_key(|target| (target.found.0, target.index));
    let places = targets
        .into_iter()
        .map(|target| (target.index, target.found));
    let places: Vec<(usize, (usize, usize))> = places.collect();
    let mut lines = Lines::new(text, base);
    for (index, (start, end)) in places {
        issues[index].position = Some(lines.position(start));
        if excerpts {
            issues[index].excerpt = Some(excerpt(text, start, end));
        }
    }
    issues.sort_by_key(|issue| issue.position.map(|position| position.offset));
}

/// How many bytes at the end of a string are looked for.
const TAIL: usize = 7;

/// The position of the string of a text inside a larger one that has this content, if it is the only one and is
/// written without escapes.
///
/// It costs a fraction of going through the text.
pub(crate) fn only_string(text: &[u8], base: &Base, content: &str) -> Option<Position> {
    let content = content.as_bytes();
    let is_plain = |byte: &u8| !matches!(byte, b'"' | b'\\' | ..=0x1f);
    if content.is_empty() || !content.iter().all(is_plain) {
        return None;
    }
    // Another string could be it too, if its characters are written in other ways.
    let is_other = |at: usize| matches!(text.get(at + 1), Some(b'/' | b'u'));
    if memchr::memchr_iter(b'\\', text).any(is_other) {
        return None;
    }
    // Few bytes are looked for: preparing takes as long as searching. As they end in the only quotation mark
    // among them, no two of their places overlap.
    let tail = &content[content.len().saturating_sub(TAIL)..];
    let mut needle = [b'"'; TAIL + 1];
    needle[..tail.len()].copy_from_slice(tail);
    let start = |at: usize| {
        let start = (at + tail.len()).checked_sub(content.len() + 1)?;
        let string = text[start..].strip_prefix(b"\"")?;
        string.starts_with(content).then_some(start)
    };
    let mut found = memchr::memmem::find_iter(text, &needle[..=tail.len()]).filter_map(start);
    let start = found.next()?;
    if found.next().is_some() {
        return None;
    }
    let mut place = base.clone();
    place.advance(&text[..start]);
    Some(place.position())
}

/// An issue whose place is looked for.
struct Target<'i> {
    /// The first token of what of its pointer has not been passed; `None` where its value is reached.
    token: Option<&'i str>,
    /// The tokens after it.
    after: &'i str,
    /// How many members of the same name come before the one of the issue.
    occurrence: u32,
    at_name: bool,
    within: usize,
    index: usize,
    /// Start and end of the best place so far.
    found: (usize, usize),
}

impl<'i> Target<'i> {
    fn new(index: usize, issue: &'i Issue, base: &Base) -> Self {
        let pointer = issue.pointer.strip_prefix(base.pointer.as_str());
        let pointer = pointer.unwrap_or("");
        let mut target = Target {
            token: None,
            after: pointer,
            occurrence: issue.occurrence,
            at_name: issue.at_name,
            within: issue.within as usize,
            index,
            found: (0, 0),
        };
        target.pass();
        target
    }

    /// Goes on to the next token.
    fn pass(&mut self) {
        let rest = self.after.strip_prefix('/');
        let (token, after) = match rest.map(|rest| (rest, memchr::memchr(b'/', rest.as_bytes()))) {
            None => (None, ""),
            Some((rest, None)) => (Some(rest), ""),
            Some((rest, Some(end))) => (Some(&rest[..end]), &rest[end..]),
        };
        (self.token, self.after) = (token, after);
    }

    /// Passes the token, which names the member of an object that is next, unless another member of that name
    /// is meant.
    fn take_member(&mut self) -> bool {
        if self.occurrence > 0 && self.after.is_empty() {
            self.occurrence -= 1;
            return false;
        }
        self.pass();
        true
    }

    /// The index that the token is, for an array.
    fn item(&self) -> Option<usize> {
        self.token.and_then(|token| token.parse().ok())
    }
}

/// Targets that lie side by side and begin with the same token, but for those that have been found.
struct Group<T> {
    token: T,
    place: Range<usize>,
}

/// Sorts targets by what they begin with, and returns what those have in common that are alike.
fn groups<'i, T: Copy + Ord>(
    targets: &mut [Target<'i>],
    token: impl Fn(&Target<'i>) -> T,
) -> Vec<Group<T>> {
    targets.sort_unstable_by_key(|target| token(target));
    let mut groups: Vec<Group<T>> = Vec::new();
    for (at, target) in targets.iter().enumerate() {
        match groups.last_mut() {
            Some(group) if group.token == token(target) => group.place.end = at + 1,
            _ => groups.push(Group {
                token: token(target),
                place: at..at + 1,
            }),
        }
    }
    groups
}

/// Moves those targets to the front that `is` holds for, and returns their number.
fn partition<'i>(targets: &mut [Target<'i>], mut is: impl FnMut(&mut Target<'i>) -> bool) -> usize {
    let mut count = 0;
    for at in 0..targets.len() {
        if is(&mut targets[at]) {
            targets.swap(count, at);
            count += 1;
        }
    }
    count
}

/// Goes through a text, and into those values alone that have places that are looked for.
struct Finder<'j> {
    cursor: Cursor<'j>,
    /// For how many targets a better place may come.
    left: usize,
    /// Whether the ends of places are needed.
    ends: bool,
}

impl Finder<'_> {
    /// Reads past the value that is next, in which these places are. Ends early once all places have been
    /// found.
    fn value(&mut self, targets: &mut [Target<'_>], name: Option<(usize, usize)>) -> Step<()> {
        let byte = self.cursor.peek();
        let start = self.cursor.at();
        let reached = partition(targets, |target| target.token.is_none());
        let (these, deeper) = targets.split_at_mut(reached);
        if these.len() > 1 {
            these.sort_unstable_by_key(|target| target.within);
        }
        let mut inside = Inside::new(start);
        for target in &mut *these {
            target.found = match name {
                Some(name) if target.at_name => name,
                _ if target.within > 0 && byte == b'"' => {
                    let at = inside.advance(self.cursor.text(), target.within);
                    (at, at)
                }
                _ => (start, start),
            };
        }
        // For now, this is the nearest place.
        for target in &mut *deeper {
            target.found = (start, start + 1);
        }
        let is_open = |target: &Target<'_>| target.found.0 == target.found.1;
        let ends = self.ends && these.iter().any(is_open);
        if !ends {
            self.left -= these.len();
        }
        match byte {
            b'{' if !deeper.is_empty() => self.object(deeper)?,
            b'[' if !deeper.is_empty() => self.array(deeper)?,
            _ => {
                self.left -= deeper.len();
                if self.left > 0 {
                    self.cursor.pass()?;
                }
            }
        }
        if ends {
            let end = self.cursor.at();
            for target in these.iter_mut().filter(|target| is_open(target)) {
                target.found.1 = end;
            }
            self.left -= these.len();
        }
        Ok(())
    }

    fn object(&mut self, targets: &mut [Target<'_>]) -> Step<()> {
        let mut groups = groups(targets, |target| target.token);
        let mut wanted = targets.len();
        self.cursor.go_to(self.cursor.at() + 1);
        let mut more = self.cursor.first_member()?;
        while more {
            let start = self.cursor.at();
            let quoted = self.cursor.quoted()?;
            let place = (start, self.cursor.at());
            let mut found = None;
            if wanted > 0 {
                let name = self.cursor.decoded(quoted);
                let escaped;
                let token = if name.contains(['~', '/']) {
                    escaped = escape(name);
                    &escaped[..]
                } else {
                    name
                };
                found = groups
                    .binary_search_by(|group| group.token.cmp(&Some(token)))
                    .ok();
            }
            self.cursor.colon()?;
            let group = found.and_then(|at| groups.get_mut(at));
            match group.and_then(|group| Some((targets.get_mut(group.place.clone())?, group))) {
                Some((alike, group)) => {
                    let count = partition(alike, Target::take_member);
                    group.place.start += count;
                    wanted -= count;
                    self.inner(&mut alike[..count], Some(place))?;
                }
                None => self.cursor.pass()?,
            }
            if self.left == 0 {
                return Ok(());
            }
            more = self.cursor.next_member()?;
        }
        self.left -= wanted;
        Ok(())
    }

    fn array(&mut self, targets: &mut [Target<'_>]) -> Step<()> {
        let groups = groups(targets, |target| target.item().unwrap_or(usize::MAX));
        let mut groups = groups.into_iter().peekable();
        let mut wanted = targets.len();
        self.cursor.go_to(self.cursor.at() + 1);
        let mut index = 0usize;
        let mut more = self.cursor.first_item();
        while more {
            let group = groups.next_if(|group| group.token == index);
            match group.and_then(|group| targets.get_mut(group.place)) {
                Some(alike) => {
                    wanted -= alike.len();
                    alike.iter_mut().for_each(Target::pass);
                    self.value(alike, None)?;
                }
                None => self.cursor.pass()?,
            }
            if self.left == 0 {
                return Ok(());
            }
            index += 1;
            more = self.cursor.next_item()?;
        }
        self.left -= wanted;
        Ok(())
    }

    /// Reads past the value of a member, in which these places are, if there are any.
    fn inner(&mut self, targets: &mut [Target<'_>], name: Option<(usize, usize)>) -> Step<()> {
        if targets.is_empty() {
            return self.cursor.pass();
        }
        self.value(targets, name)
    }
}

/// The token of a JSON pointer that means a name.
fn escape(name: &str) -> String {
    let mut token = String::new();
    push_token(&mut token, name);
    token.remove(0);
    token
}

/// A place in a JSON string, which goes forward only, however many calls there are.
struct Inside {
    at: usize,
    /// How many bytes are before it when escapes are resolved.
    made: usize,
}

impl Inside {
    /// The beginning of the string whose quote is at `start`.
    fn new(start: usize) -> Self {
        Inside {
            at: start + 1,
            made: 0,
        }
    }

    /// Where the character is before which the string has so many bytes when its escapes are
    /// resolved: not fewer than in the call before.
    fn advance(&mut self, text: &str, bytes: usize) -> usize {
        while self.made < bytes {
            let rest = text.as_bytes().get(self.at..).unwrap_or_default();
            let Some((read, made)) = unescaped(rest) else {
                break;
            };
            self.at += read;
            self.made += made;
        }
        text.floor_char_boundary(self.at)
    }
}

/// How many bytes of a string's text are read for how many that they stand for; `None` at its end.
fn unescaped(rest: &[u8]) -> Option<(usize, usize)> {
    Some(match rest {
        [] | [b'"', ..] => return None,
        [b'\\', b'u', digits @ ..] => {
            let unit = |digits: &[u8]| {
                let digits = std::str::from_utf8(digits.get(..4)?).ok()?;
                u32::from_str_radix(digits, 16).ok()
            };
            match unit(digits) {
                Some(0..0x80) => (6, 1),
                Some(0x80..0x800) => (6, 2),
                Some(0xd800..0xdc00) => (12, 4),
                _ => (6, 3),
            }
        }
        [b'\\', ..] => (2, 1),
        _ => (1, 1),
    })
}

/// Whether there is a resource type of this name.
pub(crate) type IsType = fn(&str) -> bool;

/// Whether `T`, or the version whose resources it is, has a type of this name. Other names are values
/// of the payload, which issues do not show.
pub(crate) fn is_type<T: Root>(name: &str) -> bool {
    let mut place = None;
    match T::open(&mut place) {
        RootSlot::Element(element) => element.schema().name == name,
        RootSlot::Resource(slot) => {
            slot.open(Some(name)).schema().kind != SchemaKind::UnknownResource
        }
    }
}

/// The issue of a text that is not JSON.
pub(crate) fn fault_issue(
    rule: &'static Rule,
    text: &str,
    at: usize,
    base: &Base,
    is_type: IsType,
    excerpts: bool,
) -> Issue {
    let (inner, pointer) = path_at(text);
    let mut path = root_of(text, base, is_type);
    if !path.is_empty() && !inner.is_empty() && !inner.starts_with('[') {
        path.push('.');
    }
    path.push_str(&inner);
    let pointer = format!("{}{pointer}", base.pointer);
    let start = text.trim_start();
    let rule = if start.is_empty() && rule == &rules::JSON_TRUNCATED {
        &rules::JSON_EMPTY
    } else {
        rule
    };
    let detail = if rule == &rules::JSON_SYNTAX {
        expected(text, at).map_or(Detail::None, Detail::Expected)
    } else {
        Detail::None
    };
    let mut issue = Issue::at(rule, path, pointer, detail);
    issue.position = Some(Lines::new(text, base).position(at));
    if excerpts {
        issue.excerpt = Some(excerpt(text, at, at + 1));
    }
    issue
}

/// What the path of a text at fault starts with: its place in the Bundle that it is part of, or
/// its resource type, if that comes first and is one.
fn root_of(text: &str, base: &Base, is_type: IsType) -> String {
    let mut path = String::new();
    if base.pointer.is_empty() {
        let name = leading_type(text).filter(|name| is_type(name));
        path.push_str(name.unwrap_or_default());
        return path;
    }
    path.push_str("Bundle");
    for step in base.pointer.split('/').skip(1) {
        match step.parse::<usize>() {
            Ok(index) => drop(write!(path, "[{index}]")),
            Err(_) => drop(write!(path, ".{step}")),
        }
    }
    path
}

/// The resource type that a text begins with.
fn leading_type(text: &str) -> Option<&str> {
    let inner = text.trim_start().strip_prefix('{')?.trim_start();
    let rest = inner.strip_prefix("\"resourceType\"")?.trim_start();
    let rest = rest.strip_prefix(':')?.trim_start().strip_prefix('"')?;
    rest.split_once('"').map(|(name, _)| name)
}

/// The path, as names and indexes, of the value at which a text stops being JSON.
fn path_at(text: &str) -> (String, String) {
    let mut cursor = Cursor::new(text);
    let mut open = Vec::new();
    let _ = walk_to_fault(&mut cursor, &mut open);
    let mut path = String::new();
    let mut pointer = String::new();
    for place in open {
        match place {
            Open::Item(index) => {
                let _ = write!(path, "[{index}]");
                let _ = write!(pointer, "/{index}");
            }
            Open::Member(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                push_member(&mut path, &name);
                push_token(&mut pointer, &name);
            }
        }
    }
    (path, pointer)
}

/// The name of the next member. Without a colon after it, it may as well be a value.
fn name(cursor: &mut Cursor<'_>) -> Step<String> {
    let quoted = cursor.quoted()?;
    let name = cursor.decoded(quoted).to_owned();
    cursor.colon()?;
    Ok(name)
}

/// A member or item whose value is being read.
enum Open {
    Member(String),
    Item(usize),
}

/// Walks until the text is at fault, keeping in `open` where it is.
fn walk_to_fault(cursor: &mut Cursor<'_>, open: &mut Vec<Open>) -> Step<()> {
    loop {
        match cursor.peek() {
            b'{' => {
                cursor.go_to(cursor.at() + 1);
                if cursor.first_member()? {
                    open.push(Open::Member(name(cursor)?));
                    continue;
                }
            }
            b'[' => {
                cursor.go_to(cursor.at() + 1);
                if cursor.first_item() {
                    open.push(Open::Item(0));
                    continue;
                }
            }
            _ => {
                cursor.skip()?;
            }
        }
        loop {
            match open.last_mut() {
                None => return cursor.end(),
                Some(Open::Item(index)) => {
                    if cursor.next_item()? {
                        *index += 1;
                        break;
                    }
                }
                Some(Open::Member(_)) => {
                    if cursor.next_member()? {
                        open.pop();
                        open.push(Open::Member(name(cursor)?));
                        break;
                    }
                }
            }
            open.pop();
        }
    }
}

#[cfg(test)]
mod tests;
