//! Queries that our builder writes survive other encoders: curl, which gets the whole URL or the pairs by
//! `--data-urlencode`, and the `url` crate, which parses addresses and encodes forms by the URL Standard,
//! as browsers do. `healthcode query explain` reads what arrives as the same pairs, without a slip.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::curl;
use super::listener::Listener;

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
struct Query {
    endpoint: &'static str,
    pairs: Vec<(String, String)>,
    /// The query string or the form body.
    text: String,
    posted: bool,
}

pub(super) fn run(command: &Path) -> Result<()> {
    let listener = Listener::start()?;
    let mut count = 0;
    for (endpoint, parameters) in QUERIES {
        let query = build(command, endpoint, parameters)?;
        let mut arrived = vec![
            ("curl", by_curl(&query, false, &listener)?),
            ("curl --data-urlencode", by_curl(&query, true, &listener)?),
            ("a form", by_form(&query)),
        ];
        if !query.posted {
            arrived.push(("an address", by_address(&query)?));
        }
        for (sender, text) in &arrived {
            check(command, &query, text)
                .with_context(|| format!("{endpoint} by {sender}: {text}"))?;
        }
        let read = form_urlencoded::parse(query.text.as_bytes());
        let (read, built): (Vec<_>, _) = (read.into_owned().collect(), &query.pairs);
        ensure!(
            read == *built,
            "{endpoint}: read by the URL Standard as {read:?}, built as {built:?}"
        );
        count += arrived.len();
    }
    println!("query-urls: {} queries, {count} texts", QUERIES.len());
    Ok(())
}

fn document(command: &Path, args: &[&str]) -> Result<Value> {
    let (verb, args) = args.split_first().context("no verb")?;
    let output = Command::new(command)
        .args(["query", verb, "--format", "json"])
        .args(args)
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    serde_json::from_str(&text).with_context(|| {
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        format!("healthcode query {verb}: {error}")
    })
}

fn pairs(document: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let parameters = document["parameters"].as_array().into_iter().flatten();
    parameters
        .map(|parameter| (text(&parameter["name"]), text(&parameter["value"])))
        .collect()
}

fn build(command: &Path, endpoint: &'static str, parameters: &[&str]) -> Result<Query> {
    let options = ["build", "--endpoint", endpoint, "--address", "http://x/"];
    let document = document(command, &[&options[..], parameters].concat())?;
    let url = document["url"].as_str().unwrap_or_default();
    let query = url.split_once('?').map(|(_, query)| query);
    let text = document["body"].as_str().or(query).context("no query")?;
    Ok(Query {
        endpoint,
        pairs: pairs(&document),
        text: text.to_owned(),
        posted: document["method"] == "POST",
    })
}

/// What is received when curl sends the query as it is, or encodes its pairs.
fn by_curl(query: &Query, encode: bool, listener: &Listener) -> Result<String> {
    let address = listener.address().to_owned();
    let mut args = vec!["--globoff".to_owned()];
    if !encode && query.posted {
        args.extend(["--data".to_owned(), query.text.clone(), address]);
    } else if !encode {
        args.push(format!("{address}?{}", query.text));
    } else {
        if !query.posted {
            args.push("--get".to_owned());
        }
        for (name, value) in &query.pairs {
            args.extend(["--data-urlencode".to_owned(), format!("{name}={value}")]);
        }
        args.push(address);
    }
    curl(&args)?;
    let request = listener.next()?;
    if query.posted {
        return Ok(request.body);
    }
    let (_, text) = request.target.split_once('?').context("no query")?;
    Ok(text.to_owned())
}

/// The query of an address, as a browser's address bar, `fetch` or `URL` writes it.
fn by_address(query: &Query) -> Result<String> {
    let url = Url::parse(&format!("http://x/?{}", query.text))?;
    Ok(url.query().context("no query")?.to_owned())
}

/// The pairs as a browser's form or `URLSearchParams` writes them.
fn by_form(query: &Query) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&query.pairs)
        .finish()
}

/// What arrived is read as what was built.
fn check(command: &Path, query: &Query, text: &str) -> Result<()> {
    let document = document(command, &["explain", "--endpoint", query.endpoint, text])?;
    let issues = document["issues"].as_array().into_iter().flatten();
    for issue in issues {
        let rule = issue["rule"].as_str().unwrap_or_default();
        ensure!(
            issue["severity"] != "error" && !rule.starts_with("SLIP-"),
            "explain: {issue}"
        );
    }
    let (found, built) = (pairs(&document), &query.pairs);
    ensure!(found == *built, "read as {found:?}, built as {built:?}");
    Ok(())
}
