//! `healthcode lsp`: the same issues as `healthcode validate` at the same positions, settings, and a real editor.

mod kit;
mod neovim;

use crate::{BAD_DATE, Folder, run_in};
use kit::{Client, uri};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The columns that a client counts.
#[derive(Clone, Copy, PartialEq)]
enum Encoding {
    Utf8,
    Utf16,
}

/// Where lines start. In the protocol a carriage return ends a line, too.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let is_end = |at: &usize| match bytes[*at] {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    let ends = (0..bytes.len()).filter(is_end);
    std::iter::once(0).chain(ends.map(|at| at + 1)).collect()
}

/// Line and column of a byte, from 0.
fn position(text: &str, lines: &[usize], offset: usize, encoding: Encoding) -> (u64, u64) {
    let line = lines.partition_point(|start| *start <= offset) - 1;
    let column = match encoding {
        Encoding::Utf8 => offset - lines[line],
        Encoding::Utf16 => text[lines[line]..offset].encode_utf16().count(),
    };
    (line as u64, column as u64)
}

/// What the command reports: for each file rule, severity and byte.
fn reported(folder: &Folder, names: &[String]) -> BTreeMap<String, Vec<(String, String, u64)>> {
    let mut args = vec!["validate", "--format", "ndjson"];
    args.extend(names.iter().map(String::as_str));
    let run = folder.run(&args);
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in run.out.lines() {
        let issue: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| issue[name].as_str().unwrap_or_default().to_owned();
        let issue = (
            text("rule"),
            text("severity"),
            issue["offset"].as_u64().unwrap_or(0),
        );
        found.entry(text("file")).or_default().push(issue);
    }
    found
}

fn severity(word: &str) -> u64 {
    match word {
        "information" => 3,
        "warning" => 2,
        _ => 1,
    }
}

/// Payloads below a folder of the repository.
fn payloads(folder: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        let name = path.to_string_lossy().replace(['/', '\\'], "_");
        let end = name.rsplit('.').next().unwrap_or_default();
        if matches!(end, "json" | "xml" | "ndjson" | "har") {
            into.push((name, fs::read(path).unwrap()));
        }
    }
}

/// Some of the official examples; none where `HEALTHCODE_SPEC` is not set.
fn examples(into: &mut Vec<(String, Vec<u8>)>) {
    let Some(path) = std::env::var_os("HEALTHCODE_SPEC").filter(|path| !path.is_empty()) else {
        let text = "SKIPPED the official examples: HEALTHCODE_SPEC is not set";
        let _ = writeln!(io::stderr(), "{text}");
        return;
    };
    let file = flate2::read::GzDecoder::new(fs::File::open(path).unwrap());
    let mut archive = tar::Archive::new(file);
    let mut count = 0;
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path: PathBuf = entry.path().unwrap().into_owned();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_example =
            name.ends_with(".json") && !name.starts_with('.') && name != "package.json";
        count += usize::from(is_example);
        if !is_example || count % 30 != 0 {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        into.push((name, bytes));
    }
}

/// The faulty payloads of the page of rules.
fn rules(table: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    let table = fs::read_to_string(table).unwrap();
    for row in table.lines().skip(1) {
        let (rule, rest) = row.split_once('\t').unwrap();
        let payload = rest.split('\t').next().unwrap();
        let end = if payload.starts_with('<') {
            "xml"
        } else {
            "json"
        };
        into.push((format!("{rule}.{end}"), payload.as_bytes().to_vec()));
    }
}

/// With invalid dates, so that there are issues, behind characters of several bytes.
fn spoilt(text: &str) -> String {
    text.replace("\"20", "\"é😀20")
        .replace("\"19", "\"\u{65e5}19")
}

#[test]
fn same_issues_as_the_command() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    payloads(&root.join("tests/fixtures"), &mut files);
    payloads(&root.join("docs/examples"), &mut files);
    rules(
        &root.join("crates/healthcode-cli/src/rules/examples.tsv"),
        &mut files,
    );
    examples(&mut files);
    let folder = Folder::new(&[("xml/.keep", b"")]);
    let mut names = Vec::new();
    for (at, (name, bytes)) in files.iter().enumerate() {
        let Ok(text) = std::str::from_utf8(bytes) else {
            continue;
        };
        let name = format!("{at}-{name}");
        let spoil = at % 2 == 1;
        fs::write(
            folder.path(&name),
            if spoil { spoilt(text) } else { text.to_owned() },
        )
        .unwrap();
        names.push(name);
    }
    // XML of the same resources.
    let jsons: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| name.ends_with(".json"))
        .collect();
    folder.run(&[&["fmt", "--to", "xml", "--out-dir", "xml"], &jsons[..]].concat());
    for entry in fs::read_dir(folder.path("xml")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name != ".keep" {
            let text = fs::read_to_string(folder.path(&format!("xml/{name}"))).unwrap();
            let name = format!(
                "xml-{}.xml",
                name.trim_end_matches(".json").trim_end_matches(".xml")
            );
            fs::write(
                folder.path(&name),
                text.replace("value=\"20", "value=\"é😀20"),
            )
            .unwrap();
            names.push(name);
        }
    }
    assert!(names.len() >= 300, "{}", names.len());
    let reported = reported(&folder, &names);
    let mut issues = 0;
    for encoding in [Encoding::Utf16, Encoding::Utf8] {
        let name = if encoding == Encoding::Utf8 {
            "utf-8"
        } else {
            "utf-16"
        };
        let mut client = Client::start(&folder, name, json!({"checkAllFiles": true}));
        for name in &names {
            let text = fs::read_to_string(folder.path(name)).unwrap();
            let language = if name.ends_with(".xml") {
                "xml"
            } else {
                "json"
            };
            let shown = client.open(&folder.path(name), language, &text);
            let shown: Vec<_> = shown
                .iter()
                .map(|one| {
                    let start = &one["range"]["start"];
                    let place = (
                        start["line"].as_u64().unwrap(),
                        start["character"].as_u64().unwrap(),
                    );
                    (
                        one["code"].as_str().unwrap_or_default(),
                        one["severity"].as_u64().unwrap(),
                        place,
                    )
                })
                .collect();
            let lines = line_starts(&text);
            let expect = reported.get(name).map_or(&[][..], Vec::as_slice);
            let expect: Vec<_> = expect
                .iter()
                .map(|(rule, word, offset)| {
                    (
                        rule.as_str(),
                        severity(word),
                        position(&text, &lines, *offset as usize, encoding),
                    )
                })
                .collect();
            assert_eq!(shown, expect, "{name}");
            issues += shown.len();
            client.close(&folder.path(name));
        }
        assert_eq!(client.end(), 0);
    }
    assert!(issues > 500, "{issues}");
}

#[test]
fn settings() {
    let folder = Folder::new(&[
        ("bad.json", BAD_DATE.as_bytes()),
        ("inside/bad.json", BAD_DATE.as_bytes()),
        ("drafts/bad.json", BAD_DATE.as_bytes()),
        (
            "healthcode.toml",
            b"policy = \"healthcode\"\nexclude = [\"drafts\"]\n",
        ),
    ]);
    let rules = |shown: Vec<Value>| {
        let rules = shown.iter().map(|one| match one["code"].as_str() {
            Some(code) => code.to_owned(),
            None => one["message"].as_str().unwrap().to_owned(),
        });
        rules.collect::<Vec<_>>()
    };
    let mut client = Client::start(&folder, "utf-16", json!({}));
    for (name, expect) in [
        ("bad.json", &["HC-DOTTED-DATE"][..]),
        ("inside/bad.json", &["HC-DOTTED-DATE"]),
        ("drafts/bad.json", &[]),
    ] {
        let shown = client.open(&folder.path(name), "json", BAD_DATE);
        assert_eq!(rules(shown), expect, "{name}");
        client.close(&folder.path(name));
    }
    // Changed settings count for the next validation; invalid ones are reported.
    fs::write(folder.path("healthcode.toml"), "ignore = [\"R4-DATE\"]\n").unwrap();
    assert_eq!(
        client.open(&folder.path("bad.json"), "json", BAD_DATE),
        [] as [Value; 0]
    );
    client.close(&folder.path("bad.json"));
    fs::write(folder.path("healthcode.toml"), "colour = 1\n").unwrap();
    let shown = rules(client.open(&folder.path("bad.json"), "json", BAD_DATE));
    assert!(shown[0].contains("unknown setting colour"), "{shown:?}");
    assert_eq!(client.end(), 0);
}

#[test]
fn packages() {
    let clinic = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/clinic");
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/package-cache");
    let settings = format!(
        "packages = ['{}']\npackage-cache = '{}'\n",
        clinic.canonicalize().unwrap().display(),
        cache.canonicalize().unwrap().display()
    );
    let mut urls = Vec::new();
    for entry in walkdir::WalkDir::new(&clinic) {
        let path = entry.unwrap().into_path();
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let definition: Value = serde_json::from_str(&text).unwrap_or_default();
        if definition["resourceType"] == "StructureDefinition" {
            urls.push((definition["url"].as_str().unwrap().to_owned(), path));
        }
    }
    let (url, path) = urls.first().expect("a profile in docs/examples/clinic");
    let folder = Folder::new(&[("healthcode.toml", settings.as_bytes())]);
    let text = json!({"resourceType": "Patient", "meta": {"profile": [url]}}).to_string();
    let mut client = Client::start(&folder, "utf-8", json!({}));
    let file = folder.path("patient.json");
    client.open(&file, "json", &text);
    let at = json!({"line": 0, "character": text.find(url.as_str()).unwrap() + 3});
    let params = json!({"textDocument": {"uri": uri(&file)}, "position": at});
    let found = client.request("textDocument/definition", &params);
    assert_eq!(found["uri"], uri(&path.canonicalize().unwrap()), "{found}");
    assert_eq!(client.end(), 0);
}

#[test]
fn ends() {
    let folder = Folder::new(&[]);
    let message = |text: &str| format!("Content-Length: {}\r\n\r\n{text}", text.len());
    let start =
        message(r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}"#);
    let shutdown = message(r#"{"jsonrpc":"2.0","id":2,"method":"shutdown"}"#);
    let exit = message(r#"{"jsonrpc":"2.0","method":"exit"}"#);
    let broken = message("{\"jsonrpc\": secret");
    for (input, code) in [
        (String::new(), 2),
        ("no message\r\n\r\n".to_owned(), 2),
        ("Content-Length: x\r\n\r\n".to_owned(), 2),
        (exit.clone(), 2),
        (start.clone(), 2),
        (format!("{start}{exit}"), 2),
        (format!("{start}{shutdown}{exit}"), 0),
        (format!("{start}{broken}{shutdown}{exit}"), 0),
    ] {
        let run = run_in(&folder.path(""), &["lsp"], input.as_bytes());
        assert_eq!(run.code, code, "{input}: {}", run.err);
        assert!(
            !run.err.contains("panicked") && !run.err.contains("secret"),
            "{}",
            run.err
        );
    }
}
