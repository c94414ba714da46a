//! The elements that narratives may have, and what each may hold.
//!
//! FHIR R4 narrative.html#xhtml allows the elements of chapters 7 to 11 and 15 of HTML 4.0, whose
//! contents are those of XHTML 1.0. Where many narratives hold more than the strict document type
//! has, and HTML 4.01 transitional has it, that is taken as well: text in `blockquote` and `map`, and
//! paragraphs in `address`. That an element must hold something, and in which order, is not checked.

/// The elements that narratives may have.
pub(super) const ELEMENTS: &[&str] = &[
    "div",
    "p",
    "td",
    "tr",
    "a",
    "img",
    "br",
    "b",
    "span",
    "i",
    "table",
    "li",
    "th",
    "ul",
    "ol",
    "code",
    "tbody",
    "thead",
    "tfoot",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "em",
    "hr",
    "dl",
    "dt",
    "dd",
    "tt",
    "pre",
    "strong",
    "small",
    "big",
    "sub",
    "sup",
    "blockquote",
    "caption",
    "colgroup",
    "col",
    "abbr",
    "acronym",
    "address",
    "area",
    "bdo",
    "cite",
    "del",
    "dfn",
    "ins",
    "kbd",
    "map",
    "q",
    "samp",
    "var",
];

/// The element `div`, in which a narrative is.
pub(super) const DIV: u8 = 0;

/// The element `a`, which is in no other at whatever depth.
pub(super) const ANCHOR: u8 = 4;

/// The index of an element in [`ELEMENTS`], if narratives may have it.
#[inline]
pub(super) fn element(name: &[u8]) -> Option<u8> {
    let index = ELEMENTS.iter().position(|one| one.as_bytes() == name)?;
    u8::try_from(index).ok()
}

/// The name of the element of this index.
pub(super) fn name(element: u8) -> Option<&'static str> {
    ELEMENTS.get(usize::from(element)).copied()
}

/// What an element may hold: bit *i* for the element of index *i*, the highest bit for text.
#[derive(Clone, Copy)]
pub(super) struct Content(u64);

const TEXT: u64 = 1 << 63;

impl Content {
    /// What the element of this index may hold.
    #[inline]
    pub(super) fn of(element: u8) -> Content {
        let content = CONTENTS.get(usize::from(element));
        Content(content.copied().unwrap_or(u64::MAX))
    }

    /// What may come next in the last of the elements that are open.
    #[inline]
    pub(super) fn of_last(open: &[u8]) -> Content {
        Content::of(open.last().copied().unwrap_or(DIV))
    }

    #[inline]
    pub(super) fn has_text(self) -> bool {
        self.0 & TEXT != 0
    }

    #[inline]
    pub(super) fn has(self, element: u8) -> bool {
        self.0 & (1 << (element & 63)) != 0
    }
}

/// By index: what each element may hold.
static CONTENTS: [u64; ELEMENTS.len()] = contents();

const INLINE: u64 = TEXT
    | set(&[
        "a", "tt", "i", "b", "big", "small", "em", "strong", "dfn", "code", "q", "samp", "kbd",
        "var", "cite", "abbr", "acronym", "sub", "sup", "br", "span", "bdo", "map", "img", "ins",
        "del",
    ]);

const FLOW: u64 = INLINE
    | set(&[
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "div",
        "ul",
        "ol",
        "dl",
        "pre",
        "hr",
        "blockquote",
        "address",
        "table",
    ]);

const fn contents() -> [u64; ELEMENTS.len()] {
    let mut all = [INLINE; ELEMENTS.len()];
    let mut index = 0;
    while index < ELEMENTS.len() {
        all[index] = match ELEMENTS[index].as_bytes() {
            b"br" | b"hr" | b"img" | b"col" | b"area" => 0,
            b"div" | b"li" | b"dd" | b"td" | b"th" | b"blockquote" | b"ins" | b"del" => FLOW,
            b"ul" | b"ol" => set(&["li"]),
            b"dl" => set(&["dt", "dd"]),
            b"table" => set(&[
                "caption", "col", "colgroup", "thead", "tfoot", "tbody", "tr",
            ]),
            b"thead" | b"tfoot" | b"tbody" => set(&["tr"]),
            b"tr" => set(&["th", "td"]),
            b"colgroup" => set(&["col"]),
            b"pre" => INLINE & !set(&["img", "big", "small", "sub", "sup"]),
            b"address" => INLINE | set(&["p"]),
            b"map" => FLOW | set(&["area"]),
            _ => INLINE,
        };
        index += 1;
    }
    all
}

const _: () = assert!(set(&["div"]) == 1 << DIV && set(&["a"]) == 1 << ANCHOR);

/// The bits of elements.
const fn set(names: &[&str]) -> u64 {
    let (mut bits, mut at) = (0, 0);
    while at < names.len() {
        let mut index = 0;
        while !is_same(ELEMENTS[index].as_bytes(), names[at].as_bytes()) {
            index += 1;
        }
        bits |= 1 << index;
        at += 1;
    }
    bits
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}
