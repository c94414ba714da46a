//! Headless Chromium, led by its DevTools protocol through two named pipes.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::browser::QUIET;

/// How long anything may take: Chromium starts slowly on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A page of a browser that lives as long as the value.
pub(super) struct Page {
    child: Child,
    commands: File,
    messages: Receiver<Value>,
    events: VecDeque<Value>,
    session: String,
    sent: u64,
    // Removed after the browser has ended.
    _folder: TempDir,
}

impl Page {
    /// An empty page, which tells of its requests.
    pub(super) fn open() -> Result<Self> {
        let name = super::program(&["chromium", "chromium-browser"], "chromium")?;
        let folder = tempfile::tempdir()?;
        let pipe = |name: &str| folder.path().join(name);
        let made = Command::new("mkfifo")
            .args([pipe("in"), pipe("out")])
            .status();
        ensure!(
            made.context("cannot run mkfifo")?.success(),
            "mkfifo failed"
        );
        // Chromium reads commands from 3 and writes to 4.
        let child = Command::new("sh")
            .args(["-c", r#"exec "$@" 3<in 4>out"#, "sh", name])
            .args(QUIET)
            .args([
                "--remote-debugging-pipe",
                "--user-data-dir=profile",
                "about:blank",
            ])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot run {name}"))?;
        // Both ends wait for each other, in the shell's order.
        let commands = OpenOptions::new().write(true).open(pipe("in"))?;
        let output = BufReader::new(File::open(pipe("out"))?);
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            for message in output.split(0).map_while(Result::ok) {
                let Ok(message) = serde_json::from_slice(&message) else {
                    continue;
                };
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut page = Page {
            child,
            commands,
            messages,
            events: VecDeque::new(),
            session: String::new(),
            sent: 0,
            _folder: folder,
        };
        let target = page.command("Target.createTarget", json!({"url": "about:blank"}))?;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = page.command("Target.attachToTarget", attach)?;
        let session = attached["sessionId"].as_str().context("no session")?;
        page.session = session.to_owned();
        page.command("Network.enable", json!({}))?;
        page.command("Page.enable", json!({}))?;
        Ok(page)
    }

    /// Gives a command, and waits for its result.
    pub(super) fn command(&mut self, method: &str, params: Value) -> Result<Value> {
        self.sent += 1;
        let mut message = json!({"id": self.sent, "method": method, "params": params});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.commands.write_all(format!("{message}\0").as_bytes())?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut message = self.receive(deadline).context(method.to_owned())?;
            if message["id"] == self.sent {
                ensure!(message["error"].is_null(), "{method}: {}", message["error"]);
                return Ok(message["result"].take());
            }
            self.events.push_back(message);
        }
    }

    fn receive(&self, deadline: Instant) -> Result<Value> {
        let left = deadline.saturating_duration_since(Instant::now());
        self.messages
            .recv_timeout(left)
            .context("Chromium says nothing")
    }

    /// Waits for an event of this name.
    pub(super) fn wait(&mut self, method: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !self.events.iter().any(|it| it["method"] == method) {
            let message = self.receive(deadline).context(method.to_owned())?;
            self.events.push_back(message);
        }
        Ok(())
    }

    /// What a script's promise comes to.
    pub(super) fn evaluate(&mut self, script: &str) -> Result<Value> {
        let params = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
        let mut result = self.command("Runtime.evaluate", params)?;
        if !result["exceptionDetails"].is_null() {
            bail!("the script failed: {}", result["exceptionDetails"]);
        }
        Ok(result["result"]["value"].take())
    }

    /// All events so far.
    pub(super) fn events(&self) -> impl Iterator<Item = &Value> {
        self.events.iter()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
