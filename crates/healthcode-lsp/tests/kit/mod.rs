//! A client in memory, and a host without settings.
#![allow(dead_code, reason = "each test uses some of it")]

use healthcode_core::{Applicability, Edit, Fix, Issue, Position};
use healthcode_lsp::{Connection, Host, Project, serve};
use healthcode_validate::{Policy, ProfileSet, Validator};
use lsp_server::Message;
use serde_json::{Value, json};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Validates by R4 alone.
pub(crate) struct R4Host(Arc<R4Project>);

struct R4Project {
    validator: Validator,
    profiles: ProfileSet,
}

impl R4Host {
    pub(crate) fn new() -> R4Host {
        R4Host(Arc::new(R4Project {
            validator: Validator::new(Policy::R4),
            profiles: ProfileSet::new(),
        }))
    }
}

impl Host for R4Host {
    fn project(&self, _: Option<&Path>) -> io::Result<Arc<dyn Project>> {
        Ok(Arc::clone(&self.0) as _)
    }
}

impl Project for R4Project {
    fn is_excluded(&self, file: &Path) -> bool {
        file.ends_with("excluded.json")
    }

    fn check(
        &self,
        _: Option<&Path>,
        text: &str,
        cancelled: &Arc<AtomicBool>,
    ) -> io::Result<Vec<Issue>> {
        let mut issues = Vec::new();
        self.validator.stream(text.as_bytes()).for_each(|part| {
            if cancelled.load(Ordering::Relaxed) {
                return Err(io::Error::other("cancelled"));
            }
            issues.extend(part.issues);
            Ok(())
        })?;
        Ok(issues)
    }

    /// Dates are corrected as 2000, which is a guess where they have dots.
    fn fixes(&self, _: Option<&Path>, text: &str, issues: &[Issue]) -> Vec<Option<Arc<Fix>>> {
        let one = |issue: &Issue| {
            let start = issue
                .position
                .filter(|_| issue.rule.id.starts_with("R4-DATE"))?
                .offset as usize
                + 1;
            let end = start + text.get(start..)?.find('"')?;
            let applicability = if text.get(start..end)?.contains('.') {
                Applicability::Unsafe
            } else {
                Applicability::Safe
            };
            let none = Position::new(0, 1, 1);
            let edit = Edit::new(start..end, (none, none), "2000".to_owned());
            Some(Arc::new(Fix::new(applicability, "Write 2000", vec![edit])))
        };
        issues.iter().map(one).collect()
    }

    fn validator(&self) -> &Validator {
        &self.validator
    }

    fn profiles(&self) -> &ProfileSet {
        &self.profiles
    }

    fn extensions(&self) -> &[String] {
        &[]
    }

    fn file_of(&self, _: &str) -> Option<PathBuf> {
        None
    }
}

/// How long the server may take for a message.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Client {
    connection: Option<Connection>,
    server: Option<JoinHandle<io::Result<()>>>,
}

impl Client {
    pub(crate) fn start(host: Arc<dyn Host>) -> Client {
        let (server, connection) = Connection::memory();
        let server = thread::spawn(move || serve(&server, host));
        Client {
            connection: Some(connection),
            server: Some(server),
        }
    }

    pub(crate) fn send(&self, message: &Value) {
        let message: Message = serde_json::from_value(message.clone()).unwrap();
        self.connection
            .as_ref()
            .unwrap()
            .sender
            .send(message)
            .unwrap();
    }

    pub(crate) fn receive(&self) -> Value {
        serde_json::to_value(self.receive_message()).unwrap()
    }

    pub(crate) fn receive_message(&self) -> Message {
        let receiver = &self.connection.as_ref().unwrap().receiver;
        receiver.recv_timeout(PATIENCE).expect("no message")
    }

    /// Sends a message, and waits for what it brings about: an answer, or issues.
    pub(crate) fn exchange(&mut self, message: &Value) -> Vec<Value> {
        self.send(message);
        let method = message["method"].as_str().unwrap_or_default();
        let is_request = message.get("id").is_some();
        let brings_issues = matches!(
            method,
            "textDocument/didOpen" | "textDocument/didChange" | "textDocument/didClose"
        );
        if method == "exit" {
            let ended = self.server.take().unwrap().join().unwrap();
            let ended = ended.map_err(|error| error.to_string());
            return vec![json!({"exit": ended})];
        }
        let mut answers = Vec::new();
        if !is_request && !brings_issues {
            return answers;
        }
        loop {
            let answer = self.receive();
            let is_wanted = if is_request {
                answer.get("id") == message.get("id")
            } else {
                answer["method"] == "textDocument/publishDiagnostics"
            };
            answers.push(answer);
            if is_wanted {
                return answers;
            }
        }
    }

    /// Sends a request, and returns the result.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        let message = json!({"id": 1, "method": method, "params": params});
        let mut answers = self.exchange(&message);
        answers.pop().unwrap()["result"].take()
    }

    pub(crate) fn initialize(&mut self, encoding: &str, options: Value) {
        let capabilities = json!({"general": {"positionEncodings": [encoding]}});
        let params = json!({"capabilities": capabilities, "initializationOptions": options});
        let result = self.request("initialize", params);
        assert_eq!(result["capabilities"]["positionEncoding"], encoding);
        self.send(&json!({"method": "initialized", "params": {}}));
    }

    /// Opens a text; returns its diagnostics.
    pub(crate) fn open(&mut self, uri: &str, language: &str, text: &str) -> Value {
        let item = json!({"uri": uri, "languageId": language, "version": 1, "text": text});
        let message = json!({"method": "textDocument/didOpen", "params": {"textDocument": item}});
        self.exchange(&message).pop().unwrap()["params"]["diagnostics"].take()
    }
}
