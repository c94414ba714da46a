//! JSON Patch (RFC 6902), as the Personal Demographics Service accepts it.
//!
//! The `json-patch` crate applies the operations. Beforehand, this module bounds how large and how deep
//! they make the document, and refuses repeated names.

use json_patch::{PatchErrorKind, PatchOperation};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fmt;
use std::slice;

/// What is wrong with a patch.
pub(crate) type PatchError = &'static str;

/// The most memory that a document may take, with all that a patch adds to it, in bytes. A patient
/// takes some ten kB.
const MAX_MEMORY: usize = 4 << 20;

/// The most operations of a patch, each of which may walk through the whole document.
const MAX_OPERATIONS: usize = 1_000;

/// The deepest nesting of a document.
const MAX_DEPTH: usize = 100;

const TOO_LARGE: PatchError = "the patched document would be too large";
const TOO_DEEP: PatchError = "the patched document would be nested too deep";
const NOT_UNIQUE: PatchError = "invalid operation: a name is repeated, or it is nested too deep";
const NOT_OPERATION: PatchError =
    "invalid operation: expected add, remove, replace, move, copy or test with its members";
const NO_SUCH_PATH: PatchError = "invalid path: there is no such place in the document";
const NO_SUCH_SOURCE: PatchError = "invalid from: there is no such place in the document";
const MOVED_INTO_ITSELF: PatchError = "move is not allowed here: the target is inside the value";
const TEST_FAILED: PatchError = "a test failed: the value is another one";

/// Operations, each as its text: they are parsed one by one, so that only one at a time is in memory.
pub(crate) struct Patch<'a>(Vec<&'a RawValue>);

/// Why a body has no patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    NotJson,
    Empty,
    TooMany,
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    patches: Option<&'a RawValue>,
}

impl<'a> Patch<'a> {
    /// The operations in `patches` of a body.
    ///
    /// # Errors
    /// If the body is not a JSON object, or has no operation or too many.
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, BodyError> {
        // Serde reads a struct from an array, too.
        let is_object = body.trim_ascii_start().starts_with(b"{");
        let body = serde_json::from_slice::<Body<'a>>(body);
        let body = body.ok().filter(|_| is_object).ok_or(BodyError::NotJson)?;
        let operations = body.patches.map_or("[]", RawValue::get);
        let operations: Vec<_> = serde_json::from_str(operations).unwrap_or_default();
        match operations.len() {
            0 => Err(BodyError::Empty),
            count if count > MAX_OPERATIONS => Err(BodyError::TooMany),
            _ => Ok(Patch(operations)),
        }
    }

    /// Applies the operations one after the other. If one fails, the document must be discarded.
    pub(crate) fn apply(&self, document: &mut Value) -> Result<(), PatchError> {
        let size = Size::deserialize(&*document).map_err(|_| NOT_UNIQUE)?;
        let mut room = MAX_MEMORY.checked_sub(size.memory).ok_or(TOO_LARGE)?;
        for text in &self.0 {
            let size: Size = serde_json::from_str(text.get()).map_err(|_| NOT_UNIQUE)?;
            if size.memory > MAX_MEMORY {
                return Err(TOO_LARGE);
            }
            let operation: PatchOperation =
                serde_json::from_str(text.get()).map_err(|_| NOT_OPERATION)?;
            room = check(&operation, document, room)?;
            // Its test compares numbers by how they are written.
            if let PatchOperation::Test(test) = &operation {
                let found = document.pointer(test.path.as_str()).ok_or(NO_SUCH_PATH)?;
                if !equal(found, &test.value) {
                    return Err(TEST_FAILED);
                }
                continue;
            }
            let applied = json_patch::patch(document, slice::from_ref(&operation));
            applied.map_err(|error| match error.kind {
                PatchErrorKind::InvalidFromPointer => NO_SUCH_SOURCE,
                PatchErrorKind::CannotMoveInsideItself => MOVED_INTO_ITSELF,
                _ => NO_SUCH_PATH,
            })?;
        }
        Ok(())
    }
}

/// Checks the depth of what an operation puts into a document, and returns the room that it leaves.
fn check(operation: &PatchOperation, document: &Value, room: usize) -> Result<usize, PatchError> {
    let value = match operation {
        PatchOperation::Add(add) => Some(&add.value),
        PatchOperation::Replace(replace) => Some(&replace.value),
        PatchOperation::Copy(copy) => document.pointer(copy.from.as_str()),
        PatchOperation::Move(moved) => document.pointer(moved.from.as_str()),
        PatchOperation::Remove(_) | PatchOperation::Test(_) => None,
    };
    let Some(value) = value else {
        return Ok(room);
    };
    let size = Size::deserialize(value).map_err(|_| NOT_UNIQUE)?;
    if operation.path().count() + size.depth > MAX_DEPTH {
        return Err(TOO_DEEP);
    }
    match operation {
        PatchOperation::Move(_) => Ok(room),
        _ => room.checked_sub(size.memory).ok_or(TOO_LARGE),
    }
}

/// Whether two values are equal (RFC 6902, 4.6): numbers are compared by value.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            let is_float = left.is_f64() || right.is_f64();
            left == right || is_float && left.as_f64() == right.as_f64()
        }
        (Value::Array(left), Value::Array(right)) => {
            let mut pairs = left.iter().zip(right);
            left.len() == right.len() && pairs.all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let mut members = left.iter();
            let has = |(name, left)| right.get(name).is_some_and(|right| equal(left, right));
            left.len() == right.len() && members.all(has)
        }
        _ => left == right,
    }
}

/// The memory of a map's node with room for eleven members, without what they point to.
const NODE: usize = 11 * (size_of::<String>() + size_of::<Value>()) + 24;

/// The least members of a node, unless there are no more.
const NODE_MEMBERS: usize = 5;

/// The size of a value, without building it. Reading one fails where a name is repeated, which would say
/// two things at once (RFC 6902, A.13).
#[derive(Clone, Copy, Debug)]
struct Size {
    /// Its memory in bytes, never less than it takes but for spare room of arrays.
    memory: usize,
    /// How deep it is nested.
    depth: usize,
}

impl Size {
    fn leaf(more: usize) -> Self {
        let memory = size_of::<Value>() + more;
        Size { memory, depth: 0 }
    }

    fn add(&mut self, inner: Size) {
        self.memory += inner.memory;
        self.depth = self.depth.max(inner.depth + 1);
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(SizeVisitor)
    }
}

struct SizeVisitor;

impl<'de> Visitor<'de> for SizeVisitor {
    type Value = Size;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Size, E> {
        Ok(Size::leaf(0))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Size, E> {
        Ok(Size::leaf(0))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Size, E> {
        Ok(Size::leaf(0))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Size, E> {
        Ok(Size::leaf(0))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Size, E> {
        Ok(Size::leaf(0))
    }

    fn visit_str<E>(self, text: &str) -> Result<Size, E> {
        Ok(Size::leaf(text.len()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Size, A::Error> {
        let mut size = Size::leaf(0);
        size.depth = 1;
        while let Some(item) = items.next_element()? {
            size.add(item);
        }
        Ok(size)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Size, A::Error> {
        let mut size = Size::leaf(0);
        size.depth = 1;
        let mut names = HashSet::new();
        while let Some((name, member)) = members.next_entry::<String, Size>()? {
            size.add(member);
            size.memory += name.len();
            if !names.insert(name) {
                return Err(A::Error::custom("a name is repeated"));
            }
        }
        size.memory += NODE * names.len().div_ceil(NODE_MEMBERS);
        Ok(size)
    }
}

#[cfg(test)]
mod tests;
