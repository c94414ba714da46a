//! The shipped tables: value sets and their codes, and which codes code systems have.

use crate::generated::{codes, systems};
use healthcode_core::{Release, ValueSetCodes};
use std::cmp::Ordering;

/// For each code system the indexes of codes.
pub(crate) type Systems = &'static [(&'static str, &'static [u16])];

/// A value set all of whose codes are known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ValueSet {
    pub(crate) url: &'static str,
    codes: SetCodes,
    /// Where each code is, if that was asked for.
    lookup: Option<&'static Lookup>,
}

/// The codes of a value set by their hashes: each at the slot that its hash says, or the next free one.
#[derive(Debug)]
struct Lookup {
    /// The indexes of codes, or [`Lookup::FREE`]. Half of the slots are free at least; their number is a power of two.
    slots: Box<[u16]>,
}

impl Lookup {
    const FREE: u16 = u16::MAX;

    fn new(systems: Systems) -> Lookup {
        let indexes = systems.iter().flat_map(|(_, indexes)| *indexes);
        let len = (2 * indexes.clone().count()).next_power_of_two();
        let mut slots = vec![Lookup::FREE; len].into_boxed_slice();
        for &index in indexes {
            let mut at = Lookup::start(text(index), len);
            while slots[at] != Lookup::FREE && slots[at] != index {
                at = (at + 1) % len;
            }
            slots[at] = index;
        }
        Lookup { slots }
    }

    /// The slot of a code among `len`, by its first and last bytes and its length.
    #[inline]
    fn start(code: &str, len: usize) -> usize {
        let bytes = code.as_bytes();
        let ends = match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(first), Some(last)) => {
                u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
            }
            _ => bytes
                .iter()
                .fold(0, |ends, byte| ends << 8 | u64::from(*byte)),
        };
        let hash = (ends ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (hash >> 40) as usize & (len - 1)
    }

    #[inline]
    fn has(&self, code: &str) -> bool {
        let mut at = Lookup::start(code, self.slots.len());
        loop {
            match self.slots[at] {
                Lookup::FREE => return false,
                index if text(index) == code => return true,
                _ => at = (at + 1) & (self.slots.len() - 1),
            }
        }
    }
}

/// Where its codes are.
#[derive(Clone, Copy, Debug)]
enum SetCodes {
    /// In the shipped tables of R4.
    Shipped(Systems),
    /// In those of another release.
    OfRelease(&'static Release, &'static ValueSetCodes),
}

impl ValueSet {
    /// The value set of this URL, if all of its codes are known.
    pub(crate) fn of(url: &str) -> Option<ValueSet> {
        let sets = codes::VALUE_SETS;
        let at = sets.binary_search_by(|(other, _)| (*other).cmp(url)).ok()?;
        sets.get(at).map(|&(url, systems)| ValueSet {
            url,
            codes: SetCodes::Shipped(systems),
            lookup: None,
        })
    }

    /// The same, prepared for looking up many codes. It takes memory that is not given back.
    pub(crate) fn prepared(self) -> ValueSet {
        let lookup = match self.codes {
            SetCodes::Shipped(systems) => Some(&*Box::leak(Box::new(Lookup::new(systems)))),
            SetCodes::OfRelease(..) => None,
        };
        ValueSet { lookup, ..self }
    }

    /// The value set of this URL in a release other than R4, if all of its codes are known.
    pub(crate) fn of_release(release: &'static Release, url: &str) -> Option<ValueSet> {
        let set = release.value_set(url)?;
        Some(ValueSet {
            url: set.0,
            codes: SetCodes::OfRelease(release, set),
            lookup: None,
        })
    }

    /// Whether one of its systems has the code in it.
    #[inline]
    pub(crate) fn has_code(self, code: &str) -> bool {
        if let Some(lookup) = self.lookup {
            return lookup.has(code);
        }
        match self.codes {
            SetCodes::Shipped(systems) => systems.iter().any(|(_, indexes)| has(indexes, code)),
            SetCodes::OfRelease(_, (_, systems)) => {
                let mut systems = systems.iter();
                systems.any(|(_, codes)| codes.binary_search(&code).is_ok())
            }
        }
    }

    /// Whether the code of this system is in it.
    pub(crate) fn has(self, system: &str, code: &str) -> bool {
        match self.codes {
            SetCodes::Shipped(systems) => {
                let mut systems = systems.iter();
                systems.any(|(url, indexes)| *url == system && has(indexes, code))
            }
            SetCodes::OfRelease(_, (_, systems)) => {
                let mut systems = systems.iter();
                systems.any(|(url, codes)| *url == system && codes.binary_search(&code).is_ok())
            }
        }
    }

    /// Whether it draws from this code system.
    pub(crate) fn draws_from(self, system: &str) -> bool {
        match self.codes {
            SetCodes::Shipped(systems) => systems.iter().any(|(url, _)| *url == system),
            SetCodes::OfRelease(_, (_, systems)) => systems.iter().any(|(url, _)| *url == system),
        }
    }

    /// Its codes, each with its system.
    pub(crate) fn coded(self) -> Vec<(&'static str, &'static str)> {
        match self.codes {
            SetCodes::Shipped(systems) => {
                let coded = systems.iter().flat_map(|(system, indexes)| {
                    indexes.iter().map(|index| (*system, text(*index)))
                });
                coded.collect()
            }
            SetCodes::OfRelease(_, (_, systems)) => {
                let coded = systems
                    .iter()
                    .flat_map(|(system, codes)| codes.iter().map(|code| (*system, *code)));
                coded.collect()
            }
        }
    }

    /// Whether a code system has a code, by the tables that the value set is from.
    pub(crate) fn system_has(self, system: &str, code: &str) -> Option<bool> {
        match self.codes {
            SetCodes::Shipped(_) => system_has(system, code),
            SetCodes::OfRelease(release, _) => release.system_has(system, code),
        }
    }

    /// Its codes, of all systems or of the given one.
    pub(crate) fn codes(self, system: Option<&str>) -> impl Iterator<Item = &'static str> + Clone {
        let wanted = move |url: &str| system.is_none_or(|system| system == url);
        // Collected, so that it borrows nothing of the caller's; called only where something is wrong.
        let codes: Vec<&'static str> = match self.codes {
            SetCodes::Shipped(systems) => {
                let systems = systems.iter().filter(|(url, _)| wanted(url));
                let indexes = systems.flat_map(|(_, indexes)| *indexes);
                indexes.map(|&index| text(index)).collect()
            }
            SetCodes::OfRelease(_, (_, systems)) => {
                let systems = systems.iter().filter(|(url, _)| wanted(url));
                systems
                    .flat_map(|(_, codes)| codes.iter())
                    .copied()
                    .collect()
            }
        };
        codes.into_iter()
    }
}

fn has(indexes: &[u16], code: &str) -> bool {
    let order = |&index: &u16| by_length(text(index), code);
    indexes.binary_search_by(order).is_ok()
}

/// The order of the tables: what has fewer bytes first.
pub(crate) fn by_length(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// The code at this index.
#[inline]
fn text(index: u16) -> &'static str {
    piece(codes::TEXT, codes::OFFSETS, usize::from(index))
}

/// The text between the offset at `index` and the next.
#[inline]
fn piece(text: &'static str, offsets: &[u32], index: usize) -> &'static str {
    match offsets.get(index..index + 2) {
        Some(&[from, to]) => text.get(from as usize..to as usize).unwrap_or_default(),
        _ => "",
    }
}

/// Whether a code system has a code; `None` if not all codes of the system are known.
///
/// Codes are known by their hashes: in a few of 10⁸ cases an unknown one passes.
pub(crate) fn system_has(system: &str, code: &str) -> Option<bool> {
    System::of(system)?.has(code)
}

/// A code system whose codes are known.
#[derive(Clone, Copy)]
pub(crate) struct System {
    codes: (u16, u16),
    names: (u16, u16),
    case_sensitive: bool,
}

impl System {
    /// The code system of this URL, if all of its codes are known.
    pub(crate) fn of(url: &str) -> Option<System> {
        let row = systems::SYSTEMS.get(index_of(url)?)?;
        let &(from, to, first, end, case_sensitive) = row;
        Some(System {
            codes: (from, to),
            names: (first, end),
            case_sensitive,
        })
    }

    /// Whether it has a code.
    pub(crate) fn has(self, code: &str) -> Option<bool> {
        let hash = hash(code, self.case_sensitive);
        has_hash(systems::HASHES, self.codes, hash)
    }

    /// Whether a code that it has is called by this name, in which neither case nor white space
    /// matters. A code without a name may be called anything.
    pub(crate) fn calls(self, code: &str, name: &str) -> bool {
        let start = step(hash(code, self.case_sensitive), 0);
        let has = |hash| has_hash(systems::NAMES, self.names, hash) != Some(false);
        let hash = if name.is_ascii() {
            // The same, without decoding.
            let bytes = name.bytes().filter(|b| !char::from(*b).is_whitespace());
            bytes.map(|b| b.to_ascii_lowercase()).fold(start, step)
        } else {
            letters(name).fold(start, |hash, c| {
                let mut bytes = [0; 4];
                c.encode_utf8(&mut bytes).bytes().fold(hash, step)
            })
        };
        has(hash) || has(start)
    }
}

/// What of a display is compared: its characters without white space, in lower case.
pub(crate) fn letters(name: &str) -> impl Iterator<Item = char> {
    let letters = name.chars().filter(|c| !c.is_whitespace());
    letters.flat_map(char::to_lowercase)
}

fn has_hash(all: &[u32], (from, to): (u16, u16), hash: u32) -> Option<bool> {
    let hashes = all.get(usize::from(from)..usize::from(to))?;
    Some(hashes.binary_search(&hash).is_ok())
}

/// The index of a code system whose codes are known.
fn index_of(system: &str) -> Option<usize> {
    let (mut low, mut high) = (0, systems::SYSTEMS.len());
    while low < high {
        let middle = low + (high - low) / 2;
        match by_length(piece(systems::URLS, systems::OFFSETS, middle), system) {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return Some(middle),
        }
    }
    None
}

/// FNV-1a, as the tables have it.
fn hash(code: &str, case_sensitive: bool) -> u32 {
    code.bytes().fold(0x811c_9dc5, |hash, byte| {
        let byte = if case_sensitive {
            byte
        } else {
            byte.to_ascii_lowercase()
        };
        step(hash, byte)
    })
}

fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found() {
        let mut count = 0;
        for (url, systems) in codes::VALUE_SETS {
            let set = ValueSet::of(url).unwrap();
            let prepared = set.prepared();
            for (system, indexes) in *systems {
                for &index in *indexes {
                    let code = text(index);
                    assert!(!code.is_empty(), "{url}");
                    assert!(set.has_code(code) && set.has(system, code), "{url} {code}");
                    assert!(prepared.has_code(code), "{url} {code}");
                    for other in [
                        format!("{code}?"),
                        code.to_uppercase(),
                        code[1..].to_owned(),
                    ] {
                        assert_eq!(
                            prepared.has_code(&other),
                            set.has_code(&other),
                            "{url} {other}"
                        );
                    }
                    assert!(!set.has_code(&format!("{code}?")), "{url} {code}");
                    count += 1;
                }
            }
        }
        assert!(count > 3000, "{count}");
    }

    #[test]
    fn code_systems() {
        const GENDER: &str = "http://hl7.org/fhir/administrative-gender";
        const MARITAL: &str = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus";
        const V2: &str = "http://terminology.hl7.org/CodeSystem/v2-0131";
        for (system, code, expect) in [
            (GENDER, "male", Some(true)),
            (GENDER, "Male", Some(false)),
            (MARITAL, "M", Some(true)),
            (MARITAL, "m", Some(false)),
            (V2, "c", Some(true)),
            (V2, "CC", Some(false)),
            ("http://snomed.info/sct", "1", None),
            ("", "", None),
        ] {
            assert_eq!(system_has(system, code), expect, "{system} {code}");
        }
        for (system, code, name, expect) in [
            (GENDER, "male", "Male", true),
            (GENDER, "male", " M A\u{a0}LE", true),
            (GENDER, "male", "Female", false),
            (GENDER, "male", "", false),
            (MARITAL, "M", "married", true),
            (MARITAL, "M", "M", false),
            // A name in another language.
            (V2, "C", "Contact bij nood", true),
        ] {
            let system = System::of(system).unwrap();
            assert_eq!(system.calls(code, name), expect, "{code} {name}");
        }
        for index in 0..systems::SYSTEMS.len() {
            let url = piece(systems::URLS, systems::OFFSETS, index);
            assert!(system_has(url, "").is_some(), "{url}");
        }
    }
}
