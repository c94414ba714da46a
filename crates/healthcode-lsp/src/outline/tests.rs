//! Outlines of texts, also of those that are being typed.

use super::*;

/// The nodes as `name=value`, with what is within in brackets.
fn shown(outline: &Outline, text: &str, nodes: Siblings<'_>) -> String {
    let one = |id: Id| {
        let node = outline.get(id).unwrap();
        let name = &text[node.name()];
        let inner = || shown(outline, text, outline.children(id));
        let value = match node.kind {
            Kind::Object => format!("{{{}}}", inner()),
            Kind::Array => format!("[{}]", inner()),
            Kind::Element => format!("<{}>", inner()),
            Kind::Missing => "?".to_owned(),
            _ => text[node.content()].to_owned(),
        };
        format!("{name}={value}")
    };
    nodes.map(one).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(syntax: Syntax, text: &str, expect: &str) {
    let outline = Outline::new(text, syntax);
    assert_eq!(shown(&outline, text, outline.roots()), expect, "{text}");
    for id in 0..outline.len() {
        let node = outline.get(id).unwrap();
        for range in [node.name(), node.full(), node.value(), node.content()] {
            assert!(text.get(range).is_some(), "{text}: {node:?}");
        }
    }
}

#[test]
fn json() {
    for (text, expect) in [
        ("", ""),
        ("\u{feff}{}", "={}"),
        (
            r#"{"a": "b", "c": [1, {"d": null}]}"#,
            "={a=b c=[=1 ={d=null}]}",
        ),
        (r#"{"a\"b": "c\\"}"#, r#"={a\"b=c\\}"#),
        // A name without a value; a value without its end.
        ("{\"a\n\"b\": 1}", "={a=? b=1}"),
        (r#"{"a": "b": 1}"#, "={a=? b=1}"),
        (r#"{"a":, "b""#, "={a=? b=?}"),
        ("{\"a\": \"b\n, \"c\": 2}", "={a= c=2}"),
        ("{a: b}", "={a=b}"),
        // Brackets that do not fit.
        (r#"{"a": [1, 2}, "b""#, "={a=[=1 =2]} =b"),
        (r#"{"a": {"b": 1]}"#, "={a={b=1}}"),
        ("]}", ""),
        ("{\"a\": \"\\", "={a=}"),
        ("é", "=é"),
    ] {
        check(Syntax::Json, text, expect);
    }
    check(Syntax::Lines, "{\"a\": [\n{\"b\": 1}\n", "={a=[]} ={b=1}");
}

#[test]
fn xml() {
    for (text, expect) in [
        ("", ""),
        (
            "<?xml version='1.0'?><!-- <x> --><a xmlns='u'><b value=\"1\"/><b/></a>",
            "a=<xmlns=u b=<value=1> b=<>>",
        ),
        ("<f:a><f:b>text</f:b></f:a>", "a=<b=<>>"),
        ("<a><b></a>", "a=<b=<>>"),
        ("<a><b value=\"1<c/></a>", "a=<b=<value=1 c=<>>>"),
        ("<a></c></a>", "a=<>"),
        ("<a", "a=<>"),
        ("<", "=<>"),
        ("<a b", "a=<b=>"),
        ("<a b=", "a=<b=>"),
        ("<![CDATA[<a>", ""),
    ] {
        check(Syntax::Xml, text, expect);
    }
    let text = "<a><b/><b/><c/><b/></a>";
    let outline = Outline::new(text, Syntax::Xml);
    let indexes = outline.children(0).map(|id| outline.get(id).unwrap().index);
    assert_eq!(indexes.collect::<Vec<_>>(), [0, 1, 0, 0]);
}

#[test]
fn innermost() {
    let text = r#"{"a": ["b", "c"]}"#;
    let outline = Outline::new(text, Syntax::Json);
    for (at, expect) in [("a", "a"), ("b", ""), ("c", "")] {
        let id = outline.at(text.find(at).unwrap()).unwrap();
        assert_eq!(outline.name_of(text, id), expect);
    }
    let id = outline.at(text.find('c').unwrap()).unwrap();
    assert_eq!(outline.chain(id).len(), 3);
    assert_eq!(outline.get(id).unwrap().index, 1);
    assert!(outline.at(99).is_none());
}
