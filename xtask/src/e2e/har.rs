//! A HAR file of what a browser's page has sent, as extensions of browsers make it: from the events of
//! the DevTools protocol.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::devtools::Page;

/// All exchanges of a page but those for tokens and what the browser asks for itself, with `[redacted]` for credentials.
pub(super) fn of(page: &mut Page) -> Result<Value> {
    let method = |it: &Value, name: &str| it["method"] == name;
    let events: Vec<Value> = page.events().cloned().collect();
    let sent = events
        .iter()
        .filter(|it| method(it, "Network.requestWillBeSent"));
    let mut entries = Vec::new();
    for event in sent {
        let request = &event["params"]["request"];
        let url = request["url"].as_str().unwrap_or_default();
        let own = url.ends_with("/token") || url.ends_with("/favicon.ico");
        if own || !url.starts_with("http") {
            continue;
        }
        let id = &event["params"]["requestId"];
        let of_it = |name: &str| {
            let mut all = events.iter().filter(|it| method(it, name));
            all.find(|it| it["params"]["requestId"] == *id)
        };
        let extra = of_it("Network.requestWillBeSentExtraInfo");
        let headers = extra.map_or(&request["headers"], |it| &it["params"]["headers"]);
        let answer =
            of_it("Network.responseReceived").with_context(|| format!("no answer: {url}"))?;
        let answer = &answer["params"]["response"];
        let body = page.command("Network.getResponseBody", json!({"requestId": id}))?;
        let mut content = json!({"mimeType": answer["mimeType"], "text": body["body"]});
        if body["base64Encoded"] == true {
            content["encoding"] = json!("base64");
        }
        entries.push(json!({
            "request": {"method": request["method"], "url": url, "headers": pairs(headers)},
            "response": {"status": answer["status"], "headers": pairs(&answer["headers"]), "content": content},
        }));
    }
    Ok(
        json!({"log": {"version": "1.2", "creator": {"name": "Chromium", "version": ""}, "entries": entries}}),
    )
}

fn pairs(headers: &Value) -> Value {
    const SECRET: [&str; 3] = ["authorization", "apikey", "ocp-apim-subscription-key"];
    let headers = headers.as_object().into_iter().flatten();
    let pairs =
        headers.map(
            |(name, value)| match SECRET.contains(&name.to_ascii_lowercase().as_str()) {
                true => json!({"name": name, "value": "[redacted]"}),
                false => json!({"name": name, "value": value}),
            },
        );
    pairs.collect()
}
