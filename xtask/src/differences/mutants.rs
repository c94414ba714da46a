//! `cargo xtask mutants`: copies of XML payloads with one fault each, for a comparison of validators.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::xml::Element;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which choices are made: the same number makes the same files.
    seed: u64,
    /// How many files are written.
    count: usize,
    /// Where they go, with a list of them, `index.tsv`: the file, its source, the kind of fault, the element.
    folder: PathBuf,
    /// Payloads in XML without faults.
    #[arg(required = true)]
    sources: Vec<PathBuf>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    fs::create_dir_all(&options.folder)?;
    let mut sources = Vec::new();
    for path in &options.sources {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        if let Some(root) = Element::parse(&text) {
            sources.push(Source { path, text, root });
        }
    }
    ensure!(
        !sources.is_empty(),
        "missing sources: expected well-formed XML"
    );
    let mut choices = Choices(options.seed);
    let mut index = String::new();
    let mut made = 0;
    let mut tries = 0;
    while made < options.count && tries < options.count.saturating_mul(100) {
        tries += 1;
        let (Some(source), Some((kind, mutate))) = (choices.of(&sources), choices.of(KINDS)) else {
            continue;
        };
        let mutant = mutate(source, &mut choices);
        let Some(mutant) = mutant.filter(|mutant| mutant.bytes != source.text.as_bytes()) else {
            continue;
        };
        let path = options.folder.join(format!("{made:05}.xml"));
        fs::write(&path, &mutant.bytes)?;
        let (path, from) = (path.display(), source.path.display());
        writeln!(index, "{path}\t{from}\t{kind}\t{}", mutant.element)?;
        made += 1;
    }
    fs::write(options.folder.join("index.tsv"), index)?;
    println!("{made} files");
    Ok(())
}

struct Source<'p> {
    path: &'p Path,
    text: String,
    root: Element,
}

/// A text with a fault.
struct Mutant {
    bytes: Vec<u8>,
    /// The name of the element that was changed.
    element: String,
}

type Mutate = fn(&Source<'_>, &mut Choices) -> Option<Mutant>;

/// Pseudo-random choices (SplitMix64).
struct Choices(u64);

impl Choices {
    fn number(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let below = u64::try_from(below).unwrap_or(u64::MAX).max(1);
        usize::try_from((mixed ^ (mixed >> 31)) % below).unwrap_or_default()
    }

    fn of<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.number(items.len()))
    }
}

impl Source<'_> {
    /// The text with another one in a place.
    fn with(&self, place: std::ops::Range<usize>, text: &str, element: &Element) -> Option<Mutant> {
        let (before, after) = (self.text.get(..place.start)?, self.text.get(place.end..)?);
        Some(Mutant {
            bytes: [before, text, after].concat().into_bytes(),
            element: element.name.clone(),
        })
    }

    fn bytes(&self, bytes: Vec<u8>) -> Option<Mutant> {
        Some(Mutant {
            bytes,
            element: self.root.name.clone(),
        })
    }

    fn of(&self, element: &Element) -> &str {
        self.text.get(element.whole.clone()).unwrap_or_default()
    }

    /// An element that fits, but for the root and what is in narratives.
    fn any(&self, choices: &mut Choices, fits: impl Fn(&Element) -> bool) -> Option<&Element> {
        fn collect<'e>(element: &'e Element, all: &mut Vec<&'e Element>) {
            for child in element.children.iter().filter(|child| child.name != "div") {
                all.push(child);
                collect(child, all);
            }
        }
        let mut all = Vec::new();
        collect(&self.root, &mut all);
        all.retain(|element| fits(element));
        choices.of(&all).copied()
    }

    /// An element with children, and the place of one that has a next sibling of another name.
    fn siblings(&self, choices: &mut Choices) -> Option<(&Element, &Element)> {
        let parents = self.root.all();
        let parents = parents.into_iter().filter(|parent| parent.name != "div");
        let pairs: Vec<_> = parents
            .flat_map(|parent| parent.children.windows(2))
            .filter_map(|pair| match pair {
                [one, next] if one.name != next.name => Some((one, next)),
                _ => None,
            })
            .collect();
        choices.of(&pairs).copied()
    }

    /// An element's value replaced.
    fn with_value(
        &self,
        choices: &mut Choices,
        fits: impl Fn(&Element, &str) -> bool,
        change: impl Fn(&str, &mut Choices) -> Option<String>,
    ) -> Option<Mutant> {
        let value = |element: &Element| {
            let place = element.attribute("value")?;
            Some((self.text.get(place.clone())?, place))
        };
        let element = self.any(choices, |element| {
            value(element).is_some_and(|(text, _)| fits(element, text))
        })?;
        let (text, place) = value(element)?;
        self.with(place, &change(text, choices)?, element)
    }
}

/// One of several texts.
fn one(choices: &mut Choices, texts: &[&str]) -> Option<String> {
    choices.of(texts).map(|text| (*text).to_owned())
}

/// The kinds of faults: of elements, values, attributes, namespaces, entities, encodings and tags.
const KINDS: &[(&str, Mutate)] = &[
    ("remove", |source, choices| {
        let element = source.any(choices, |_| true)?;
        source.with(element.whole.clone(), "", element)
    }),
    ("repeat", |source, choices| {
        let element = source.any(choices, |_| true)?;
        let twice = source.of(element).repeat(2);
        source.with(element.whole.clone(), &twice, element)
    }),
    ("swap", |source, choices| {
        let (one, next) = source.siblings(choices)?;
        let between = source.text.get(one.whole.end..next.whole.start)?;
        let swapped = [source.of(next), between, source.of(one)].concat();
        source.with(one.whole.start..next.whole.end, &swapped, one)
    }),
    ("interleave", |source, choices| {
        let (one, next) = source.siblings(choices)?;
        let again = [source.of(next), source.of(one)].concat();
        source.with(next.whole.clone(), &again, one)
    }),
    ("rename", |source, choices| {
        let element = source.any(choices, |_| true)?;
        let name = one(
            choices,
            &[
                "zzz",
                "Status",
                "code",
                "_id",
                "valueFoo",
                "extension",
                "x-y",
            ],
        )?;
        let renamed = source.of(element).replacen(&element.name, &name, 1);
        let end = renamed.rfind(&format!("</{}", element.name));
        let renamed = match end {
            Some(at) if !element.content.is_empty() => {
                let (before, after) = renamed.split_at(at);
                before.to_owned() + &after.replacen(&element.name, &name, 1)
            }
            _ => renamed,
        };
        source.with(element.whole.clone(), &renamed, element)
    }),
    ("value", |source, choices| {
        source.with_value(
            choices,
            |_, _| true,
            |text, choices| {
                let cut = text.char_indices().last().map_or(0, |(at, _)| at);
                let changed = [
                    format!("{text} "),
                    format!(" {text}"),
                    format!("{text}x"),
                    format!("{text}&#9;"),
                    format!("{text}&#10;"),
                    format!("{text}&#x200b;"),
                    text.to_uppercase(),
                    text.get(..cut)?.to_owned(),
                    "   ".to_owned(),
                    String::new(),
                ];
                choices.of(&changed).cloned()
            },
        )
    }),
    ("number", |source, choices| {
        let is_number = |_: &Element, text: &str| text.parse::<f64>().is_ok();
        source.with_value(choices, is_number, |text, choices| {
            let changed = [
                "-1",
                "0",
                "1.5",
                "2147483648",
                "1e3",
                "1E400",
                "+1",
                "007",
                "NaN",
                ".5",
                "5.",
                "1,5",
                "0x10",
                "-0",
                "true",
                "",
            ];
            let changed = one(choices, &changed)?;
            Some(if changed.is_empty() {
                format!("{text} {text}")
            } else {
                changed
            })
        })
    }),
    ("boolean", |source, choices| {
        let is_boolean = |_: &Element, text: &str| matches!(text, "true" | "false");
        source.with_value(choices, is_boolean, |_, choices| {
            one(choices, &["True", "1", "yes", " true", "FALSE", "0"])
        })
    }),
    ("date", |source, choices| {
        let is_date = |_: &Element, text: &str| {
            text.len() >= 4
                && text.bytes().take(4).all(|byte| byte.is_ascii_digit())
                && (text.len() == 4 || text.as_bytes().get(4) == Some(&b'-'))
        };
        source.with_value(choices, is_date, |text, choices| {
            let (year, day) = (text.get(..4)?, text.get(..10).unwrap_or("2020-01-01"));
            let changed = [
                format!("{year}-13-01"),
                format!("{year}-02-30"),
                format!("{text}Z"),
                format!("{day}T10:00"),
                format!("{day}T10:00:00"),
                format!("{day}T24:00:00Z"),
                format!("{day}T10:00:60Z"),
                format!("{day}T10:00:00+15:00"),
                format!("{day} 10:00:00Z"),
                text.replace('-', "/"),
                "0000-01-01".to_owned(),
                text.get(2..)?.to_owned(),
            ];
            choices.of(&changed).cloned()
        })
    }),
    ("code", |source, choices| {
        let names = [
            "code", "status", "use", "system", "type", "language", "unit", "url", "profile",
            "currency",
        ];
        let is_code = |element: &Element, _: &str| names.contains(&element.name.as_str());
        source.with_value(choices, is_code, |_, choices| {
            one(
                choices,
                &[
                    "unknown",
                    "bad code",
                    "zz",
                    "LN",
                    "loinc",
                    "http://loinc.org/",
                    "en_US",
                    "http://hl7.org/fhir/ValueSet/x",
                    "urn:oid:2.16.840.1.113883.6.1",
                    "http://x/ y",
                    "FINAL",
                ],
            )
        })
    }),
    ("reference", |source, choices| {
        let is_reference = |element: &Element, _: &str| element.name == "reference";
        source.with_value(choices, is_reference, |_, choices| {
            one(
                choices,
                &[
                    "Patient 1",
                    "Foo/1",
                    "Patient/",
                    "#nope",
                    "urn:uuid:123",
                    "urn:oid:1.2.x",
                    "Patient/a_b",
                    "http://x y/Patient/1",
                    "Patient/1/_history/",
                    "Patient/1/2",
                    "/Patient/1",
                    "Device/1",
                ],
            )
        })
    }),
    ("id", |source, choices| {
        let is_id = |element: &Element, _: &str| element.name == "id";
        source.with_value(choices, is_id, |_, choices| {
            one(
                choices,
                &["a_b", "a b", "#x", "&#228;", " a", "&#9;a", "x.y-z"],
            )
        })
    }),
    ("no-value", |source, choices| {
        let element = source.any(choices, |element| element.attribute("value").is_some())?;
        let tag = format!("<{}/>", element.name);
        let whole = element.content.is_empty().then(|| element.whole.clone())?;
        source.with(whole, &tag, element)
    }),
    ("attribute-name", |source, choices| {
        let element = source.any(choices, |element| !element.attributes.is_empty())?;
        let (name, value) = choices.of(&element.attributes)?;
        let name_at = source.text.get(..value.start)?.rfind(name.as_str())?;
        let renamed = one(
            choices,
            &["Value", "val", "ID", "uri", "f:value", "xml:value"],
        )?;
        source.with(name_at..name_at + name.len(), &renamed, element)
    }),
    ("attribute", |source, choices| {
        let element = source.any(choices, |_| true)?;
        let added = one(
            choices,
            &[
                " foo=\"x\"",
                " id=\"a b\"",
                " id=\"a\"",
                " xml:lang=\"en\"",
                " xml:space=\"preserve\"",
                " value=\"x\"",
                " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Code\"",
                " id=\"\"",
                " xmlns:q=\"urn:q\"",
                " url=\"http://e.org/x\"",
                " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"a b\"",
            ],
        )?;
        let at = element.tag.start + 1 + element.name.len();
        source.with(at..at, &added, element)
    }),
    ("text", |source, choices| {
        let element = source.any(choices, |element| !element.children.is_empty())?;
        let added = one(
            choices,
            &[
                "stray",
                "&#160;",
                "&#32;",
                "<![CDATA[x]]>",
                "<![CDATA[ ]]>",
                "1",
                "&amp;",
            ],
        )?;
        let at = match choices.number(2) {
            0 => element.content.start,
            _ => element.content.end,
        };
        source.with(at..at, &added, element)
    }),
    ("value-as-text", |source, choices| {
        let element = source.any(choices, |element| element.attribute("value").is_some())?;
        let value = source.text.get(element.attribute("value")?)?;
        let name = &element.name;
        let whole = element.content.is_empty().then(|| element.whole.clone())?;
        source.with(whole, &format!("<{name}>{value}</{name}>"), element)
    }),
    ("comment", |source, choices| {
        let element = source.any(choices, |_| true)?;
        let added = one(
            choices,
            &[
                "<!-- c -->",
                "<?pi x?>",
                "<!-- a -- b -->",
                "<?xml version=\"1.0\"?>",
            ],
        )?;
        source.with(element.whole.start..element.whole.start, &added, element)
    }),
    ("namespace", |source, choices| {
        let element = source.any(choices, |_| true)?;
        let added = one(
            choices,
            &[
                " xmlns=\"\"",
                " xmlns=\"urn:x\"",
                " xmlns=\"http://hl7.org/FHIR\"",
                " xmlns=\"http://hl7.org/fhir\"",
                " xmlns=\"http://www.w3.org/1999/xhtml\"",
                " xmlns=\"http://hl7.org/fhir/\"",
            ],
        )?;
        let at = element.tag.start + 1 + element.name.len();
        source.with(at..at, &added, element)
    }),
    ("root-namespace", |source, choices| {
        let place = source.root.attribute("xmlns")?;
        let other = one(
            choices,
            &[
                "",
                "http://hl7.org/FHIR",
                "https://hl7.org/fhir",
                "urn:hl7-org:v3",
                " http://hl7.org/fhir",
                "http://hl7.org/fhir/",
            ],
        )?;
        source.with(place, &other, &source.root)
    }),
    ("prefix", |source, choices| {
        let element = source.any(choices, |element| element.content.is_empty())?;
        let prefixed =
            source
                .of(element)
                .replacen(&element.name, &format!("f:{}", element.name), 1);
        let declared = match choices.number(3) {
            0 => prefixed,
            1 => prefixed
                .replacen('>', " xmlns:f=\"urn:other\">", 1)
                .replacen("/ xmlns", " xmlns", 1),
            _ => prefixed.replacen(
                &element.name,
                &format!("{} xmlns:f=\"http://hl7.org/fhir\"", element.name),
                1,
            ),
        };
        source.with(element.whole.clone(), &declared, element)
    }),
    ("foreign", |source, choices| {
        let element = source.any(choices, |_| true)?;
        let added = one(
            choices,
            &[
                "<x xmlns=\"urn:x\"/>",
                "<y:x xmlns:y=\"urn:x\">t</y:x>",
                "<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>",
            ],
        )?;
        source.with(element.whole.start..element.whole.start, &added, element)
    }),
    ("entity", |source, choices| {
        source.with_value(
            choices,
            |_, _| true,
            |text, choices| {
                let added = one(
                    choices,
                    &[
                        "&nbsp;",
                        "&eacute;",
                        "&",
                        "&amp",
                        "&#0;",
                        "&#x1;",
                        "&#xD800;",
                        "&#xFFFF;",
                        "&#65;",
                        "&#x110000;",
                        "&lt",
                        "<",
                    ],
                )?;
                Some(format!("{text}{added}"))
            },
        )
    }),
    ("doctype", |source, choices| {
        let name = &source.root.name;
        let declared = match choices.number(3) {
            0 => format!("<!DOCTYPE {name}>"),
            1 => format!("<!DOCTYPE {name} [<!ENTITY e \"x\">]>"),
            _ => format!("<!DOCTYPE {name} SYSTEM \"file:///none\">"),
        };
        let at = source.root.whole.start;
        source.with(at..at, &declared, &source.root)
    }),
    ("encoding", |source, choices| {
        let body = source.text.get(source.root.whole.start..)?;
        match choices.number(8) {
            0 => source
                .bytes(format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{body}").into()),
            1 => source.bytes(format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>{body}").into()),
            2 => source.bytes(format!("\u{feff}{body}").into()),
            3 => source.bytes(
                "\u{feff}"
                    .encode_utf16()
                    .chain(body.encode_utf16())
                    .flat_map(u16::to_le_bytes)
                    .collect(),
            ),
            4 => source.bytes(format!(" <?xml version=\"1.0\"?>{body}").into()),
            5 => source.bytes(format!("<?xml version=\"1.1\"?>{body}").into()),
            6 => source.bytes(
                format!("<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>{body}")
                    .into(),
            ),
            _ => {
                let place = body.find("value=\"")? + "value=\"".len();
                let mut bytes = body.as_bytes().to_vec();
                bytes.insert(place, 0xe9);
                source.bytes(bytes)
            }
        }
    }),
    ("control", |source, choices| {
        source.with_value(
            choices,
            |_, _| true,
            |text, choices| {
                Some(format!(
                    "{text}{}",
                    one(choices, &["\u{1}", "\u{c}", "\u{ffff}", "\u{7f}", "\u{85}"])?
                ))
            },
        )
    }),
    ("tags", |source, choices| {
        let element = source.any(choices, |element| !element.content.is_empty())?;
        let end = element.content.end..element.whole.end;
        match choices.number(4) {
            0 => source.with(end, "", element),
            1 => source.with(end, "</other>", element),
            2 => source.with(end.end..end.end, source.text.get(end)?, element),
            _ => source.bytes(source.text.get(..element.content.end)?.into()),
        }
    }),
    ("quotes", |source, choices| {
        let element = source.any(choices, |element| !element.attributes.is_empty())?;
        let (_, value) = choices.of(&element.attributes)?;
        let around = value.start.checked_sub(1)?..value.end + 1;
        let text = source.text.get(value.clone())?;
        let other = match choices.number(3) {
            0 => text.to_owned(),
            1 => format!("'{text}'"),
            _ => format!("\"{text}"),
        };
        source.with(around, &other, element)
    }),
    ("trailing", |source, choices| {
        let added = one(
            choices,
            &[
                "x",
                "<Patient xmlns=\"http://hl7.org/fhir\"/>",
                "<!-- c -->",
                "&#32;",
                "\0",
            ],
        )?;
        source.bytes((source.text.trim_end().to_owned() + &added).into())
    }),
    ("narrative", |source, choices| {
        let element = source.any(choices, |element| {
            element.name == "text" && element.children.iter().any(|child| child.name == "div")
        })?;
        let div = element.children.iter().find(|child| child.name == "div")?;
        let inner = one(
            choices,
            &[
                "",
                "   ",
                "<script>x</script>",
                "<p>a",
                "<b onclick=\"x()\">a</b>",
                "<form>a</form>",
                "&nbsp;a",
                "<img/>",
                "<a href=\"javascript:x\">a</a>",
                "<iframe/>",
                "<table><p>a</p></table>",
                "<b style=\"x:y\">a</b>",
                "<P>a</P>",
                "<!-- c -->a",
                "<object>a</object>",
                "<p xml:lang=\"en\">a</p>",
                "<br>a",
                "<p xmlns=\"\">a</p>",
                "<p xmlns=\"http://hl7.org/fhir\">a</p>",
                "<![CDATA[a]]>",
                "&#160;",
                "<h:p xmlns:h=\"http://www.w3.org/1999/xhtml\">a</h:p>",
            ],
        )?;
        let text = match choices.number(8) {
            0 => format!("<div>{inner}</div>"),
            1 => format!("<h:div xmlns:h=\"http://www.w3.org/1999/xhtml\">{inner}</h:div>"),
            2 => format!("<div xmlns=\"http://www.w3.org/1999/xhtml\" value=\"a\">{inner}</div>"),
            _ => format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>"),
        };
        source.with(div.whole.clone(), &text, element)
    }),
    ("choice", |source, choices| {
        let starts = [
            "value",
            "effective",
            "onset",
            "deceased",
            "occurrence",
            "performed",
            "medication",
        ];
        let element = source.any(choices, |element| {
            let rest = starts
                .iter()
                .find_map(|start| element.name.strip_prefix(start));
            rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        })?;
        let start = starts
            .iter()
            .find(|start| element.name.starts_with(*start))?;
        let other = one(
            choices,
            &[
                "String value=\"a\"/>",
                "Boolean value=\"true\"/>",
                "DateTime value=\"2020\"/>",
                "Foo value=\"1\"/>",
                "Age><value value=\"1\"/></AGE>",
            ],
        )?;
        let other = format!("<{start}{}", other.replace("AGE", &format!("{start}Age")));
        let both = match choices.number(2) {
            0 => other,
            _ => source.of(element).to_owned() + &other,
        };
        source.with(element.whole.clone(), &both, element)
    }),
    ("extension", |source, choices| {
        let element = source.any(choices, |element| {
            !element.is_resource() && element.content.is_empty()
        })?;
        let extension = one(
            choices,
            &[
                "<extension><valueString value=\"a\"/></extension>",
                "<extension url=\"http://e.org/x\"/>",
                "<extension url=\"http://e.org/x\"><valueString value=\"a\"/></extension>",
                "<extension url=\"rel\"><valueString value=\"a\"/></extension>",
                "<extension url=\"http://e.org/x\"><valueString value=\"a\"/><valueInteger value=\"1\"/></extension>",
                "<extension url=\"http://e.org/x\"><valueFoo value=\"1\"/></extension>",
                "<extension url=\"\"><valueString value=\"a\"/></extension>",
                "<extension><url value=\"http://e.org/x\"/><valueString value=\"a\"/></extension>",
                "<extension url=\"http://e.org/x\"><valueReference><reference value=\"#zz\"/></valueReference></extension>",
                "<extension url=\"http://e.org/x\"><valueString>a</valueString></extension>",
                "<extension/>",
            ],
        )?;
        let tag = source
            .text
            .get(element.tag.clone())?
            .trim_end_matches("/>")
            .trim_end_matches('>');
        let name = &element.name;
        source.with(
            element.whole.clone(),
            &format!("{tag}>{extension}</{name}>"),
            element,
        )
    }),
    ("contained", |source, choices| {
        let after = source.root.children.iter().rfind(|child| {
            ["id", "meta", "implicitRules", "language", "text"].contains(&child.name.as_str())
        });
        let at = after.map_or(source.root.content.start, |child| child.whole.end);
        let contained = one(
            choices,
            &[
                "<Patient/>",
                "<Patient><id value=\"c1\"/></Patient>",
                "<Foo><id value=\"c1\"/></Foo>",
                "",
                "<Patient><id value=\"c1\"/></Patient><Patient><id value=\"c2\"/></Patient>",
                "<patient/>",
                "<Patient><id value=\"c1\"/><contained><Device><id value=\"c2\"/></Device></contained></Patient>",
                "<Patient><id value=\"c1\"/><meta><versionId value=\"1\"/></meta></Patient>",
                "<id value=\"c1\"/>",
                "text",
            ],
        )?;
        source.with(
            at..at,
            &format!("<contained>{contained}</contained>"),
            &source.root,
        )
    }),
    ("resource-type", |source, choices| {
        let name = &source.root.name;
        let other = one(
            choices,
            &["patient", "Foo", "DomainResource", "Resource", "Bundle"],
        )?;
        let changed = source
            .text
            .replacen(&format!("<{name}"), &format!("<{other}"), 1);
        let end = changed.rfind(&format!("</{name}"))?;
        let (before, after) = changed.split_at(end);
        source.bytes((before.to_owned() + &after.replacen(name.as_str(), &other, 1)).into())
    }),
];

#[cfg(test)]
mod tests;
