//! Queries that our builder writes go through what encodes URLs elsewhere, and come back: through curl,
//! given whole and built by its `--data-urlencode`, and through Chromium's address, `fetch`, `URL`,
//! frames and forms. What arrives is read by `healthcode query explain` without a slip, as the same
//! pairs.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::browser::Browser;
use super::listener::{Listener, PAGE, Record};

/// Endpoints and parameters.
const QUERIES: &[(&str, &[&str])] = &[
    (
        "practitioner",
        &[
            "page=1",
            "count=10",
            "gender=male",
            "address-postalcode=W1H 3DA",
            "family=Clinton",
        ],
    ),
    (
        "practitioner-role",
        &[
            "practitioner=SP00123,SP00456",
            "near=53.385225,-2.231105,200mi",
            "address-postalcode=W1H 3DA",
            "is-onlinebooking-available=false",
            "_sort=distance:desc",
            "_include=practitioner:location",
            "distinct-by=practitioner",
        ],
    ),
    (
        "practitioner",
        &[
            "family=O'Brien & Söhne \"+100%\" #1?",
            "given=日本 😀 a=b;c/d\\e<f>[g]{h}|i^j`k~!*()",
        ],
    ),
    (
        "ice-practitioner",
        &[
            "family=X",
            "near=51.406607,-0.493937,20km",
            "_since=2020-03-01T09:00:00+01:00",
        ],
    ),
    (
        "sds-device",
        &[
            "organization=https://fhir.nhs.uk/Id/ods-organization-code|A20047",
            "identifier=https://fhir.nhs.uk/Id/nhsServiceInteractionId|urn:nhs:names:services:psis:MCCI_IN010000UK13",
        ],
    ),
    (
        "Patient",
        &[
            "family:exact=a\\,b\\|c\\$d\\\\e",
            "identifier=https://x.org/id|1,|2",
            "birthdate=ge1977-05-09",
        ],
    ),
    (
        "find-member",
        &[
            "insurerIdentifier=bup",
            "lastName=Gray & Sons+",
            "postCode=BT43 7BU",
            "dateOfbirth=1998-08-08",
        ],
    ),
];

/// A query that was built.
#[derive(Debug)]
struct Built {
    endpoint: &'static str,
    pairs: Vec<(String, String)>,
    /// The query string or the form body.
    text: String,
    posted: bool,
}

pub(super) fn run(root: &Path) -> Result<()> {
    let curl = super::program(&["curl"], "curl")?;
    let command = super::build_command(root)?;
    let listener = Listener::start()?;
    let mut built = Vec::new();
    for (endpoint, parameters) in QUERIES {
        built.push(build(&command, endpoint, parameters)?);
    }
    let mut arrived = BTreeMap::new();
    for (at, query) in built.iter().enumerate() {
        for by in ["curl", "curl-urlencode"] {
            let address = listener.address(&format!("/q/{at}/{by}"));
            send(curl, query, by, &address)?;
            take(&listener, &mut arrived, 1, Duration::from_secs(20))?;
        }
    }
    let first = built.first().context("there are no queries")?;
    let url = format!("{}?{}", listener.address("/q/0/address"), first.text);
    let browser = Browser::open(&url)?;
    take(&listener, &mut arrived, 1, Duration::from_secs(120))?;
    drop(browser);
    let expected: usize = built.iter().map(|it| ways(it).len()).sum();
    listener.set_page(page(&built));
    let browser = Browser::open(&listener.address(PAGE))?;
    take(&listener, &mut arrived, expected, Duration::from_secs(180))?;
    drop(browser);
    let count = arrived.len();
    for ((at, by), record) in arrived {
        let query = built.get(at).context("a request of no query")?;
        compare(&command, query, &record)
            .with_context(|| format!("{} by {by}: {record:?}", query.endpoint))?;
    }
    println!("query-urls: {} queries, {count} requests", built.len());
    Ok(())
}

/// How Chromium sends a query from the page.
fn ways(query: &Built) -> &'static [&'static str] {
    match query.posted {
        true => &["fetch", "params", "form"],
        false => &["fetch", "params", "form", "frame"],
    }
}

fn document(command: &Path, args: &[&str]) -> Result<Value> {
    let output = Command::new(command).arg("query").args(args).output()?;
    let text = String::from_utf8(output.stdout)?;
    serde_json::from_str(&text).with_context(|| {
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        format!("healthcode query {}: {error}", args.first().unwrap_or(&""))
    })
}

fn pairs(document: &Value) -> Vec<(String, String)> {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let parameters = document["parameters"].as_array().into_iter().flatten();
    parameters
        .map(|it| (text(&it["name"]), text(&it["value"])))
        .collect()
}

fn build(command: &Path, endpoint: &'static str, parameters: &[&str]) -> Result<Built> {
    let args = [
        "build",
        "--endpoint",
        endpoint,
        "--format",
        "json",
        "--address",
        "http://x/",
    ];
    let document = document(command, &[&args[..], parameters].concat())?;
    let url = document["url"].as_str().unwrap_or_default();
    let query = url.split_once('?').map(|it| it.1);
    let text = document["body"].as_str().or(query).context("no query")?;
    Ok(Built {
        endpoint,
        pairs: pairs(&document),
        text: text.to_owned(),
        posted: document["method"] == "POST",
    })
}

fn send(curl: &str, query: &Built, by: &str, address: &str) -> Result<()> {
    let mut command = Command::new(curl);
    command.args([
        "--silent",
        "--show-error",
        "--fail",
        "--globoff",
        "--noproxy",
        "*",
    ]);
    command.args(["--max-time", "20"]);
    match (by, query.posted) {
        ("curl", true) => command.args(["--data", &query.text, address]),
        ("curl", false) => command.arg(format!("{address}?{}", query.text)),
        (_, posted) => {
            if !posted {
                command.arg("--get");
            }
            for (name, value) in &query.pairs {
                command.args(["--data-urlencode", &format!("{name}={value}")]);
            }
            command.arg(address)
        }
    };
    let output = command.output().context("cannot run curl")?;
    ensure!(
        output.status.success(),
        "curl: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

type Arrived = BTreeMap<(usize, String), Record>;

/// Waits for so many more requests, each of its own query and way.
fn take(listener: &Listener, arrived: &mut Arrived, count: usize, time: Duration) -> Result<()> {
    let deadline = Instant::now() + time;
    let wanted = arrived.len() + count;
    while arrived.len() < wanted {
        let Some(record) = listener.next(deadline) else {
            bail!("{} of {wanted} requests came in {time:?}", arrived.len());
        };
        let path = record.target.split('?').next().unwrap_or_default();
        let mut parts = path.split('/').skip(2);
        let at = parts.next().and_then(|it| it.parse().ok());
        let by = parts.next().unwrap_or_default().to_owned();
        arrived.insert((at.context("a request of no query")?, by), record);
    }
    Ok(())
}

/// The page that sends all queries, one after another.
fn page(built: &[Built]) -> String {
    let queries: Vec<_> = built
        .iter()
        .map(
            |it| json!({"pairs": it.pairs, "text": it.text, "posted": it.posted, "ways": ways(it)}),
        )
        .collect();
    let queries = Value::Array(queries).to_string().replace("</", "<\\/");
    PAGE_HTML.replace("QUERIES", &queries)
}

const PAGE_HTML: &str = r#"<!doctype html><meta charset="utf-8"><body><script>
const queries = QUERIES;
const loaded = frame => new Promise(done => frame.addEventListener("load", done));
function frameNamed(name) {
    const frame = document.createElement("iframe");
    frame.name = name;
    document.body.append(frame);
    return frame;
}
const send = {
    fetch: (query, address) => query.posted
        ? fetch(address, {method: "POST", body: query.text,
            headers: {"Content-Type": "application/x-www-form-urlencoded"}})
        : fetch(address + "?" + query.text),
    params: (query, address) => {
        const url = new URL(address);
        const params = new URLSearchParams(query.pairs);
        if (query.posted) return fetch(url, {method: "POST", body: params});
        for (const [name, value] of params) url.searchParams.append(name, value);
        return fetch(url);
    },
    frame: (query, address) => {
        const frame = frameNamed("");
        frame.src = address + "?" + query.text;
        return loaded(frame);
    },
    form: (query, address, name) => {
        const frame = frameNamed(name);
        const form = document.createElement("form");
        form.action = address;
        form.method = query.posted ? "post" : "get";
        form.target = name;
        for (const [key, value] of query.pairs) {
            const field = document.createElement("input");
            field.name = key;
            field.value = value;
            form.append(field);
        }
        document.body.append(form);
        const done = loaded(frame);
        form.submit();
        return done;
    },
};
(async () => {
    for (const [at, query] of queries.entries()) {
        for (const way of query.ways) {
            await send[way](query, `${location.origin}/q/${at}/${way}`, `frame${at}`);
        }
    }
})();
</script>"#;

/// What arrived is read as what was built.
fn compare(command: &Path, query: &Built, record: &Record) -> Result<()> {
    let text = match query.posted {
        true => record.body.as_str(),
        false => record.target.split_once('?').context("no query came")?.1,
    };
    let args = [
        "explain",
        "--endpoint",
        query.endpoint,
        "--format",
        "json",
        text,
    ];
    let document = document(command, &args)?;
    let issues = document["issues"].as_array().into_iter().flatten();
    for issue in issues {
        let rule = issue["rule"].as_str().unwrap_or_default();
        ensure!(
            issue["severity"] != "error" && !rule.starts_with("SLIP-"),
            "explain: {issue}"
        );
    }
    let found = pairs(&document);
    ensure!(
        found == query.pairs,
        "read as {found:?}, built as {:?}",
        query.pairs
    );
    Ok(())
}
