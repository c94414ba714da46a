//! Positions of issues: JSON pointers into bytes, lines and columns, in one scan of the text.

use crate::cursor::{Cursor, Step};
use crate::expected::expected;
use healthcode_core::source::excerpt;
pub(crate) use healthcode_core::source::{Base, Lines};
use healthcode_core::{
    Detail, Issue, Root, RootSlot, Rule, SchemaKind, push_member, push_number, push_token, rules,
};
use std::collections::BTreeMap;
use std::fmt::Write;

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
        .map(|(index, issue)| Target {
            pointer: issue
                .pointer
                .strip_prefix(base.pointer.as_str())
                .unwrap_or(""),
            occurrence: issue.occurrence,
            at_name: issue.at_name,
            within: issue.within as usize,
            index,
            found: (0, 0),
            read: false,
        })
        .collect();
    targets.sort_by_key(|target| (target.pointer, target.occurrence, target.within));
    let repeats = targets.iter().any(|target| target.occurrence > 0);
    let mut finder = Finder {
        cursor: Cursor::new(text),
        pointer: String::new(),
        left: targets.len(),
        targets,
        repeats,
    };
    // Text that is not JSON is found out elsewhere; what was found until then stands.
    let _ = finder.value(0, None);
    let mut places: Vec<(usize, (usize, usize))> =
        finder.targets.iter().map(|t| (t.index, t.found)).collect();
    places.sort_by_key(|(index, (start, _))| (*start, *index));
    let mut lines = Lines::new(text, base);
    for (index, (start, end)) in places {
        issues[index].position = Some(lines.position(start));
        if excerpts {
            issues[index].excerpt = Some(excerpt(text, start, end));
        }
    }
    issues.sort_by_key(|issue| issue.position.map(|position| position.offset));
}

struct Target<'i> {
    pointer: &'i str,
    occurrence: u32,
    at_name: bool,
    within: usize,
    index: usize,
    /// Start and end of the best place so far.
    found: (usize, usize),
    /// Whether its own value has been read, so that no better place comes.
    read: bool,
}

struct Finder<'j, 'i> {
    cursor: Cursor<'j>,
    pointer: String,
    targets: Vec<Target<'i>>,
    /// How many of them have not been read.
    left: usize,
    repeats: bool,
}

impl Finder<'_, '_> {
    /// Reads past the value that is next, noting the places that are wanted. Ends early once all have been
    /// read.
    fn value(&mut self, occurrence: u32, name: Option<(usize, usize)>) -> Step<()> {
        let byte = self.cursor.peek();
        let start = self.cursor.at();
        // Those that mean this very value.
        let this = (self.pointer.as_str(), occurrence);
        let first = self
            .targets
            .partition_point(|target| (target.pointer, target.occurrence) < this);
        let mut last = first;
        let mut inside = Inside::new(start);
        while let Some(target) = self.targets.get_mut(last)
            && (target.pointer, target.occurrence) == this
        {
            last += 1;
            if target.read {
                continue;
            }
            target.found = match name {
                Some(name) if target.at_name => name,
                _ if target.within > 0 && byte == b'"' => {
                    let at = inside.advance(self.cursor.text(), target.within);
                    (at, at)
                }
                _ => (start, start),
            };
        }
        // Those that lie inside it; for now, this is the nearest place.
        let mut deeper = false;
        if occurrence == 0 {
            self.pointer.push('/');
            let inside = self.pointer.as_str();
            let from = self
                .targets
                .partition_point(|target| target.pointer < inside);
            for target in &mut self.targets[from..] {
                if !target.pointer.starts_with(inside) {
                    break;
                }
                deeper = true;
                if !target.read {
                    target.found = (start, start + 1);
                }
            }
            self.pointer.pop();
        }
        match byte {
            b'{' if deeper => self.object()?,
            b'[' if deeper => self.array()?,
            _ => {
                self.cursor.skip()?;
            }
        }
        if self.left == 0 {
            return Ok(());
        }
        let end = self.cursor.at();
        for target in &mut self.targets[first..last] {
            if target.found.0 == target.found.1 {
                target.found.1 = end;
            }
            self.left -= usize::from(!target.read);
            target.read = true;
        }
        Ok(())
    }

    fn object(&mut self) -> Step<()> {
        let length = self.pointer.len();
        let mut names: BTreeMap<String, u32> = BTreeMap::new();
        self.cursor.go_to(self.cursor.at() + 1);
        let mut more = self.cursor.first_member()?;
        while more {
            let start = self.cursor.at();
            let quoted = self.cursor.quoted()?;
            let place = (start, self.cursor.at());
            push_token(&mut self.pointer, self.cursor.decoded(quoted));
            let mut occurrence = 0;
            if self.repeats {
                let name = self.pointer[length..].to_owned();
                let next = names.entry(name).or_insert(0);
                occurrence = *next;
                *next += 1;
            }
            self.cursor.colon()?;
            self.value(occurrence, Some(place))?;
            if self.left == 0 {
                break;
            }
            self.pointer.truncate(length);
            more = self.cursor.next_member()?;
        }
        Ok(())
    }

    fn array(&mut self) -> Step<()> {
        let length = self.pointer.len();
        self.cursor.go_to(self.cursor.at() + 1);
        let mut index = 0usize;
        let mut more = self.cursor.first_item();
        while more {
            self.pointer.push('/');
            push_number(&mut self.pointer, index);
            self.value(0, None)?;
            if self.left == 0 {
                break;
            }
            self.pointer.truncate(length);
            index += 1;
            more = self.cursor.next_item()?;
        }
        Ok(())
    }
}

/// A place in a JSON string, which goes forward only, however many are asked for.
struct Inside {
    at: usize,
    /// How many bytes stand before it when escapes are resolved.
    made: usize,
}

impl Inside {
    /// The beginning of the string whose quote stands at `start`.
    fn new(start: usize) -> Self {
        Inside {
            at: start + 1,
            made: 0,
        }
    }

    /// Where the character stands before which the string has so many bytes when its escapes are
    /// resolved: not fewer than were asked for before.
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
pub(crate) type Knows = fn(&str) -> bool;

/// Whether `T`, or the version whose resources it is, has a type of this name. Other names are values
/// of the payload, which issues do not show.
pub(crate) fn knows<T: Root>(name: &str) -> bool {
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
    knows: Knows,
    excerpts: bool,
) -> Issue {
    let (inner, pointer) = path_at(text);
    let mut path = root_of(text, base, knows);
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
fn root_of(text: &str, base: &Base, knows: Knows) -> String {
    let mut path = String::new();
    if base.pointer.is_empty() {
        let name = leading_type(text).filter(|name| knows(name));
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
