//! Command lines as shells, browsers and documentation write them: what they request.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_search::{Captured, Command, CommandLines};

const URL: &str = "https://fhir.example.org/Patient?family=Smith&birthdate=ge1950-01-01";

/// `method url body`, and the rules of what is wrong.
fn check(text: &str, method: &str, url: &str, body: Option<&str>, rules: &[&str]) {
    let command = Command::parse(text).unwrap_or_else(|| panic!("no command: {text}"));
    let found: Vec<_> = command.issues.iter().map(|issue| issue.rule.id).collect();
    let first = command.urls.first().map_or("", String::as_str);
    assert_eq!(
        (command.method(), first, command.body.as_deref(), &found[..]),
        (method, url, body, rules),
        "{text}"
    );
    // Nothing of it is shown.
    assert!(!format!("{command:?}").contains("Smith"), "{text}");
}

/// Each rule of quoting by itself: a text as the shell has it, and what the program gets.
#[test]
fn quoting() {
    let posix = [
        (r"'a b'", "a b"),
        (r"'a\nb'", r"a\nb"),
        (r"'it'\''s'", "it's"),
        (r#""a\"b""#, r#"a"b"#),
        (r#""a\\b\$c\`d\e""#, r"a\b$c`d\e"),
        ("\"a\\\nb\"", "ab"),
        (r"a\ b\&c", "a b&c"),
        (r#"'a'"b"c"#, "abc"),
        (r"$'it\'s'", "it's"),
        (r"$'a\tb\nc\\d'", "a\tb\nc\\d"),
        (r"$'\x41\x7a\u00e9\U0001F600'", "Azé😀"),
        (r"$'\ud83d\ude00'", "😀"),
        (r"$'\xc3\xa9\303\251'", "éé"),
        (r"$'\101\1012\u0021'", "AA2!"),
        (r#"$'\"\?\q\e'"#, "\"?\\q\x1b"),
        (r"$'\cA'", "\x01"),
        (r#"$"text""#, "text"),
    ];
    for (text, expect) in posix {
        let command = format!("curl -d {text} 'https://x.example/'");
        check(&command, "POST", "https://x.example/", Some(expect), &[]);
    }
    let cmd = [
        (r#"^"a^&b^""#, "a&b"),
        (r#"^"a^%^20b^""#, "a%20b"),
        (r#"^"^{^\^"a^\^":1^}^""#, r#"{"a":1}"#),
        (r#""{""a"":""b c""}" ^&"#, r#"{"a":"b c"}"#),
        (r#""a"%"20b" ^&"#, "a%20b"),
        (r#"^"C:\\x^""#, r"C:\\x"),
        (r#"^"a\\^""#, r"a\"),
        ("^\"a^\n\nb^\"", "a\nb"),
        ("^\"it's^\"", "it's"),
    ];
    for (text, expect) in cmd {
        let command = format!("curl ^\"https://x.example/^\" ^\n  -H ^\"A: b^\" ^\n  -d {text}");
        check(&command, "POST", "https://x.example/", Some(expect), &[]);
    }
    let powershell = [
        ("'a''b$c`d'", "a'b$c`d"),
        ("\"a`\"b`$c``d\"", "a\"b$c`d"),
        ("\"a\"\"b\"", "a\"b"),
        ("\"a`tb`nc`u{e9}\"", "a\tb\ncé"),
        ("‘a b’", "a b"),
        ("“a b”", "a b"),
        ("'{\\\"a\\\":1}'", "{\"a\":1}"),
        ("a` b", "a b"),
    ];
    for (text, expect) in powershell {
        let command = format!("curl.exe 'https://x.example/' `\n  -H 'A: b' `\n  -d {text}");
        check(&command, "POST", "https://x.example/", Some(expect), &[]);
    }
}

/// As browsers copy requests.
#[test]
fn copied() {
    // Chrome, for bash and for cmd, with and without line ends of Windows.
    check(
        "curl 'https://fhir.example.org/Patient?family=Smith&birthdate=ge1950-01-01' \\\n  \
         -H 'accept: application/fhir+json' \\\n  -H $'x-note: O\\'Neil\\u0021' \\\n  --compressed",
        "GET",
        URL,
        None,
        &[],
    );
    let cmd = "curl ^\"https://fhir.example.org/Patient?family=Smith^&birthdate=ge1950-01-01^\" ^\n  \
         -H ^\"accept: application/fhir+json^\" ^\n  -H ^\"sec-ch-ua: ^\\^\"Chromium^\\^\";v=^\\^\"152^\\^\"^\" ^\n  \
         --compressed";
    check(cmd, "GET", URL, None, &[]);
    check(&cmd.replace('\n', "\r\n"), "GET", URL, None, &[]);
    check(
        "curl ^\"https://fhir.example.org/Patient^\" ^\n  -X ^\"PUT^\" ^\n  \
         -H ^\"content-type: application/fhir+json^\" ^\n  \
         --data-raw ^\"^{^\\^\"resourceType^\\^\":^\\^\"Patient^\\^\"^}^\"",
        "PUT",
        "https://fhir.example.org/Patient",
        Some(r#"{"resourceType":"Patient"}"#),
        &[],
    );
    // Firefox, and older browsers.
    check(
        r#"curl "https://fhir.example.org/Patient?name=a"%"20b" -X POST -H "Accept: */*" --data-raw "{""a"":1}""#,
        "POST",
        "https://fhir.example.org/Patient?name=a%20b",
        Some(r#"{"a":1}"#),
        &[],
    );
    // PowerShell.
    check(
        "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n\
         $session.UserAgent = \"Mozilla/5.0\"\n\
         Invoke-WebRequest -UseBasicParsing -Uri \"https://fhir.example.org/Patient?family=Smith&birthdate=ge1950-01-01\" `\n\
         -WebSession $session `\n-Headers @{\n\"method\"=\"GET\"\n  \"accept\"=\"*/*\"\n}",
        "GET",
        URL,
        None,
        &[],
    );
    check(
        "Invoke-WebRequest -Uri \"https://fhir.example.org/Patient\" `\n-Method \"POST\" `\n\
         -ContentType \"application/fhir+json\" `\n-Body \"{`\"resourceType`\":`\"Patient`\"}\"",
        "POST",
        "https://fhir.example.org/Patient",
        Some(r#"{"resourceType":"Patient"}"#),
        &[],
    );
    check(
        "Invoke-WebRequest -Uri \"https://x.example/\" -Method \"POST\" `\n\
         -Body ([System.Text.Encoding]::UTF8.GetBytes(\"{`\"a`\":`\"$([char]233)`\"}\"))",
        "POST",
        "https://x.example/",
        Some(r#"{"a":"$([char]233)"}"#),
        &[],
    );
}

#[test]
fn programs_and_prompts() {
    for before in [
        "",
        "$ ",
        "# ",
        "% ",
        "> ",
        "$",
        "me@host:~/x$ ",
        "[me@host x]$ ",
        "root@0a1b:/# ",
        "host:x me$ ",
        "me@mac x % ",
        "❯ ",
        "➜  x git:(main) ✗ ",
        "➜  x ",
        "λ ",
        "~ $ ",
        "bash-5.2$ ",
        "(venv) me@host:~$ ",
        "TOKEN=abc ",
        "sudo ",
        "time ",
        "+ ",
        "me@host ~> ",
        "cd x && ",
        "/usr/bin/",
        "!",
    ] {
        check(&format!("{before}curl '{URL}'"), "GET", URL, None, &[]);
    }
    for before in [
        "PS C:\\Users\\me> ",
        "C:\\>",
        "C:\\Users\\me>",
        "C:\\Windows\\System32\\",
        "& ",
    ] {
        check(
            &format!("{before}curl.exe \"{URL}\""),
            "GET",
            URL,
            None,
            &[],
        );
    }
    for command in [
        "CURL.EXE \"{}\"",
        "curl -sSL -o out.json '{}' | jq .",
        "curl -s '{}' > out.json 2>&1",
        "curl -s '{}' 2>/dev/null && echo done",
        "curl --connect-timeout 5 --retry 2 --cacert ca.pem -w '%{http_code}' '{}'",
        "wget -qO- '{}'",
        "wget --header='Accept: */*' -O out.json \"{}\"",
        "wget --no-check-certificate --quiet --output-document - '{}'",
        "Invoke-RestMethod -Uri '{}' -Headers @{ Accept = 'application/fhir+json'; 'X-A' = 'b' }",
        "irm '{}'",
        "iwr -Uri:'{}' -OutFile out.json",
        "$answer = Invoke-RestMethod '{}' | ConvertTo-Json",
    ] {
        check(&command.replace("{}", URL), "GET", URL, None, &[]);
    }
    let posts = "https://x.example/Patient/_search";
    for command in [
        "curl -d name=x -d birthdate=2000 {}",
        "curl -XPOST {} --data name=x --data-raw birthdate=2000",
        "wget --post-data='name=x&birthdate=2000' {}",
        "iwr {} -Method Post -Body 'name=x&birthdate=2000'",
        "irm {} -Method Post -Body @{ name = 'x'; birthdate = '2000' }",
    ] {
        let body = Some("name=x&birthdate=2000");
        check(&command.replace("{}", posts), "POST", posts, body, &[]);
    }
    check(
        "irm 'https://x.example/Patient' -Body @{ name = 'a b' }",
        "GET",
        "https://x.example/Patient?name=a%20b",
        None,
        &[],
    );
    check(
        "curl -G https://x.example/Patient#top --data-urlencode 'name=a b' --url-query _count=1",
        "GET",
        "https://x.example/Patient?_count=1&name=a%20b#top",
        None,
        &[],
    );
    // What cannot be read is named.
    for command in [
        "irm -Uri $uri",
        "iwr @parameters",
        "curl",
        "wget -i urls.txt",
        "curl -K file",
    ] {
        check(command, "GET", "", None, &["QUERY-COMMAND"]);
    }
    // No commands.
    for text in [
        "",
        "curling",
        "https://x.example/curl?a=b",
        "name=curl",
        "a note about curl and wget",
        "curl failed to verify the legitimacy of the server",
        "curl: (6) Could not resolve host: x",
        "https://x.example/Patient?name=a&curl",
    ] {
        let found = Command::parse(text).map(|command| command.urls);
        assert!(
            found.is_none_or(|urls| text.starts_with("curl ") && !urls.is_empty()),
            "{text}"
        );
    }
}

/// Lines of a terminal that belong to one command.
#[test]
fn gathered() {
    for (lines, count) in [
        (
            &["curl -i \\", "  'https://x.example/'", "HTTP/1.1 200 OK"][..],
            2,
        ),
        (&["curl -i ^", "  \"https://x.example/\"", "x"], 2),
        (&["curl.exe -i `", "  'https://x.example/'", "x"], 2),
        (
            &[
                "curl 'https://x.example/'",
                "  -H 'A: b'",
                "--compressed",
                "x",
            ],
            3,
        ),
        (
            &["curl 'https://x.example/' -d '{", "\"a\": 1", "}'", "x"],
            3,
        ),
        (&["curl 'https://x.example/ -i", "", "x"], 1),
        (&["curl -d $'a\\'b' x.example/", "x"], 1),
    ] {
        let mut gathered = CommandLines::new(lines[0]);
        let more = lines[1..]
            .iter()
            .take_while(|line| gathered.take(line))
            .count();
        assert_eq!(more + 1, count, "{lines:?}");
    }
}

/// The rules of a captured text, the method, and where it is sent.
fn explained(text: &str) -> (Vec<&'static str>, String) {
    let captured = Captured::parse(text, None).unwrap();
    let rules = captured.issues.iter().map(|issue| issue.rule.id).collect();
    let encoded = captured.query.encode_as_it_is();
    let method = encoded.method().as_str();
    (
        rules,
        format!(
            "{method} {} {}",
            encoded.url(&captured.address),
            encoded.as_str()
        ),
    )
}

#[test]
fn searches_by_post_fragments_and_escapes() {
    let search = "https://x.example/Patient/_search";
    let sent = format!("POST {search} name=x");
    let get = |url: &str| format!("GET {url} {}", url.split_once('?').unwrap().1);
    for (text, rules, request) in [
        // POST [type]/_search is R4's, with parameters in the form, the URL, or both.
        (format!("curl '{search}' -d 'name=x'"), &[][..], sent.clone()),
        (format!("curl -X POST '{search}?name=x'"), &[], sent.clone()),
        (format!("curl '{search}?name=x' -d gender=male"), &[], format!("{sent}&gender=male")),
        (format!("{search}?name=x"), &[], sent.clone()),
        (format!("curl '{search}?name=x'"), &["QUERY-METHOD"], sent.clone()),
        (format!("curl -G '{search}' -d name=x"), &["QUERY-METHOD"], sent),
        (
            "curl 'https://x.example/Patient' -d name=x".to_owned(),
            &["QUERY-METHOD"],
            get("https://x.example/Patient?name=x"),
        ),
        // What follows # is never sent.
        (
            "https://x.example/Patient?name=x#top".to_owned(),
            &["SLIP-FRAGMENT"],
            get("https://x.example/Patient?name=x"),
        ),
        (
            "curl 'https://x.example/Patient?name=x#a?b=c&d=e'".to_owned(),
            &["SLIP-FRAGMENT"],
            get("https://x.example/Patient?name=x"),
        ),
        (
            "https://x.example/Patient?name=x%23top".to_owned(),
            &[],
            get("https://x.example/Patient?name=x%23top"),
        ),
        (
            "/Patient?name=x#".to_owned(),
            &["SLIP-FRAGMENT"],
            get("/Patient?name=x"),
        ),
        // An escaped comma separates nothing, so that the space belongs to the value.
        (
            r"/Patient?name=O\, Neil".to_owned(),
            &["SLIP-SPACE"],
            get("/Patient?name=O%5C,%20Neil"),
        ),
        (
            r"/Patient?name=O%5C, Neil".to_owned(),
            &["SLIP-SPACE"],
            get("/Patient?name=O%5C,%20Neil"),
        ),
        (
            r"/Patient?name=a, b\, c,  d".to_owned(),
            &["SLIP-LIST-SPACE", "SLIP-SPACE"],
            get("/Patient?name=a,b%5C,%20c,d"),
        ),
        (
            r"/Patient?name=a\\, b".to_owned(),
            &["SLIP-LIST-SPACE"],
            get("/Patient?name=a%5C%5C,b"),
        ),
        (
            r"/Patient?name=a\$ b\| c".to_owned(),
            &["SLIP-SPACE"],
            get("/Patient?name=a%5C$%20b%5C%7C%20c"),
        ),
        // R4 defines these; they are not errors.
        (
            "/Patient?_filter=name%20eq%20%22a,b%22".to_owned(),
            &["QUERY-UNCHECKED"],
            get("/Patient?_filter=name%20eq%20%22a,b%22"),
        ),
        (
            "/Patient?_query=current&_list=1&_contained=both&_containedType=container&_text=x&_content=y&_type=Patient".to_owned(),
            &[],
            get("/Patient?_query=current&_list=1&_contained=both&_containedType=container&_text=x&_content=y&_type=Patient"),
        ),
        (
            "/Patient?_has=x".to_owned(),
            &["QUERY-MODIFIER"],
            get("/Patient?_has=x"),
        ),
    ] {
        assert_eq!(explained(&text), (rules.to_vec(), request), "{text}");
    }
}
