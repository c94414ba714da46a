//! Narratives, right and wrong.

use super::{DefectKind as K, check};

fn div(inner: &str) -> String {
    format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>")
}

#[test]
fn good() {
    for inner in [
        "x",
        " <p>x</p> ",
        "<img src=\"#x\" alt=''/>",
        "<br/>x<br />",
        "<a name=\"x\" href='#y'>&#xA0;</a>",
        "<table><tr><td colspan=\"2\" valign=\"top\">&amp;&lt;&gt;&quot;&apos;&#8364;</td></tr></table>",
        "<!-- a comment -->x",
        "<![CDATA[ <x> ]]>",
        "ä<p title=\"a &gt; b\">ö</p>",
        "<table> <caption>x</caption><colgroup><col/></colgroup><col/> <!-- x --> <thead><tr><th><p>x</p></th></tr></thead>\n<tfoot/><tbody> <tr>\n<td/> </tr></tbody><tr/></table>",
        "<ul> <li>x<ol><li><p>y</p></li></ol></li> </ul><ol></ol>",
        "<dl>\n<dt><b>x</b></dt> <dd><table><tr><td>y</td></tr></table></dd></dl>",
        "<p>x <span><em><a href=\"#y\"><img src=\"#x\" alt=\"\"/></a></em></span><br> </br></p>",
        "<h1>x <sub>2</sub></h1><hr/><pre>a <b>b</b>\n</pre><address>x<br/><p>y</p></address>",
        "<blockquote>x<p>y</p></blockquote><div><div>x</div></div><p><ins><ul><li>x</li></ul></ins></p>",
        "<map name=\"m\"><area href=\"#x\" alt=\"y\"/></map>x",
    ] {
        assert_eq!(check(&div(inner)), Ok(()), "{inner}");
    }
    let outer = "  <!--x--> <div id='a' xmlns='http://www.w3.org/1999/xhtml' >x</div >\n<!-- -->";
    assert_eq!(check(outer), Ok(()));
    for declaration in [
        "<?xml version=\"1.0\"?>",
        "<?xml version='1.0' encoding='UTF-8' standalone = \"yes\" ?>\n<!-- x -->",
    ] {
        assert_eq!(check(&format!("{declaration}{}", div("x"))), Ok(()));
    }
    let deep = format!("{}x{}", "<b>".repeat(120), "</b>".repeat(120));
    assert_eq!(check(&div(&deep)), Ok(()));
}

#[test]
fn defects() {
    let within = |inner: &str, kind, ahead: usize, name: Option<&str>| {
        let found = check(&div(inner)).unwrap_err();
        let start = div("").len() - "</div>".len();
        assert_eq!(
            (found.kind, found.offset, found.name),
            (kind, start + ahead, name),
            "{inner}"
        );
    };
    within("x<script>y</script>", K::Element, 1, Some("script"));
    within("x<style>y</style>", K::Element, 1, Some("style"));
    within("<P>x</P>", K::Element, 0, None);
    within("<x:p>x</x:p>", K::Element, 0, None);
    within("<p onclick=\"x()\">x</p>", K::Attribute, 3, Some("onclick"));
    within(
        "<a href=\" JavaScript:x()\">x</a>",
        K::Attribute,
        3,
        Some("href"),
    );
    within("<p href=\"x\">x</p>", K::Attribute, 3, Some("href"));
    within("<p made-up=\"x\">x</p>", K::Attribute, 3, None);
    within("a &reg; b", K::Entity, 2, None);
    within("<p title=\"&nbsp;\">x</p>", K::Entity, 10, None);
    within("a & b", K::NotWellFormed, 2, None);
    within("a ]]> b", K::NotWellFormed, 2, None);
    within("<![CDATA[x]]>]]>", K::NotWellFormed, 13, None);
    within("a &; b", K::NotWellFormed, 2, None);
    within("&#0;", K::NotWellFormed, 0, None);
    within("&#x110000;", K::NotWellFormed, 0, None);
    within("&#+5;", K::NotWellFormed, 0, None);
    within("<p>x</b>", K::NotWellFormed, 4, None);
    within("<br>x", K::NotWellFormed, 5, None);
    within("<p a=\"x\" a=\"y\">x</p>", K::Attribute, 3, None);
    within(
        "<p id=\"x\" lang='' id=\"y\">x</p>",
        K::NotWellFormed,
        18,
        None,
    );
    within("<p id=x>x</p>", K::NotWellFormed, 6, None);
    within("<p id=\"<\">x</p>", K::NotWellFormed, 7, None);
    within("<p id>x</p>", K::NotWellFormed, 5, None);
    within("<p id=\"a\"lang=\"b\">x</p>", K::NotWellFormed, 9, None);
    within("<?x y?>x", K::NotWellFormed, 1, None);
    within("<?xml version='1.0'?>x", K::NotWellFormed, 1, None);
    within("<!DOCTYPE x>x", K::NotWellFormed, 0, None);
    within("<!-- a -- b -->x", K::NotWellFormed, 0, None);
    within("a\u{7}", K::Character, 1, None);
    // Elements where they are not allowed.
    for (inner, ahead, name) in [
        ("<table><p>x</p></table>", 7, Some("p")),
        ("<table>\n x<tr/></table>", 9, None),
        ("<table>&#160;<tr/></table>", 7, None),
        ("<table><tr><![CDATA[x]]></tr></table>", 11, None),
        ("<table><td>x</td></table>", 7, Some("td")),
        ("<table><tbody><td>x</td></tbody></table>", 14, Some("td")),
        (
            "<table><tr><tr><td>x</td></tr></tr></table>",
            11,
            Some("tr"),
        ),
        ("<table><tr><p>x</p></tr></table>", 11, Some("p")),
        ("<table><table/></table>x", 7, Some("table")),
        ("<tr><td>x</td></tr>", 0, Some("tr")),
        ("<td>x</td>", 0, Some("td")),
        ("<tbody/>x", 0, Some("tbody")),
        ("<caption>x</caption>", 0, Some("caption")),
        ("<col/>x", 0, Some("col")),
        ("<li>x</li>", 0, Some("li")),
        ("<ul>x</ul>", 4, None),
        ("<ul><p>x</p></ul>", 4, Some("p")),
        ("<ul><ul><li>x</li></ul></ul>", 4, Some("ul")),
        ("<ol><br/><li>x</li></ol>", 4, Some("br")),
        ("<dl><li>x</li></dl>", 4, Some("li")),
        ("<dt>x</dt>", 0, Some("dt")),
        ("<dl><dt><p>x</p></dt></dl>", 8, Some("p")),
        ("<p><p>x</p></p>", 3, Some("p")),
        ("<p>x<ul><li>y</li></ul></p>", 4, Some("ul")),
        ("<p><div>x</div></p>", 3, Some("div")),
        ("<p><span><table/></span>x</p>", 9, Some("table")),
        ("<b><p>x</p></b>", 3, Some("p")),
        ("<h2><h3>x</h3></h2>", 4, Some("h3")),
        ("<a href='#x'><a name='y'>x</a></a>", 13, Some("a")),
        ("<a href='#x'><b><a name='y'>x</a></b></a>", 16, Some("a")),
        ("<pre><img src='x' alt=''/></pre>", 5, Some("img")),
        ("<br>x</br>", 4, None),
        ("<hr><b>x</b></hr>", 4, Some("b")),
        ("<area/>x", 0, Some("area")),
    ] {
        within(inner, K::Content, ahead, name);
    }
    // It hides nothing that comes after it.
    within("<ul>x</ul><script/>", K::Element, 10, Some("script"));
    within("<ul>x</ul>&nbsp;", K::Entity, 10, None);
    let deep = format!("{}x{}", "<b>".repeat(128), "</b>".repeat(128));
    assert_eq!(check(&div(&deep)).unwrap_err().kind, K::NotWellFormed);
    for (whole, kind) in [
        ("", K::NotDiv),
        ("x", K::NotDiv),
        ("<div>x</div>", K::NotDiv),
        (
            "<div xmlns=\"http://www.w3.org/1999/xhtm\">x</div>",
            K::NotDiv,
        ),
        ("<p xmlns=\"http://www.w3.org/1999/xhtml\">x</p>", K::NotDiv),
        ("<div xmlns=\"http://www.w3.org/1999/xhtml\"/>", K::Empty),
        (
            "<div xmlns=\"http://www.w3.org/1999/xhtml\"> \n<p> </p></div>",
            K::Empty,
        ),
        (
            "<div xmlns=\"http://www.w3.org/1999/xhtml\">x",
            K::NotWellFormed,
        ),
        (
            "<div xmlns=\"http://www.w3.org/1999/xhtml\">x<",
            K::NotWellFormed,
        ),
        (
            "<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>y",
            K::NotWellFormed,
        ),
        (
            "<div xmlns=\"http://www.w3.org/1999/xhtml",
            K::NotWellFormed,
        ),
        ("<", K::NotWellFormed),
    ] {
        assert_eq!(check(whole).unwrap_err().kind, kind, "{whole}");
    }
    for before in [
        "<?xml?>",
        "<?xml version=\"1.0\">",
        "<?xml encoding='UTF-8' version=\"1.0\"?>",
        "<?xml version='1.0' version='1.0'?>",
        "<?xml version='1.0' other='1.0'?>",
        "<?xml version='1.0'encoding='UTF-8'?>",
        "<?xml-stylesheet href='x'?>",
        "<?xml version='1.0'?><?xml version='1.0'?>",
    ] {
        let found = check(&format!("{before}{}", div("x")));
        assert_eq!(found.unwrap_err().kind, K::NotWellFormed, "{before}");
    }
    assert!(check(&format!(" <?xml version='1.0'?>{}", div("x"))).is_err());
}
