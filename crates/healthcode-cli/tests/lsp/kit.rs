//! A client of `healthcode lsp` on its standard input and output.

use crate::Folder;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub(super) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    id: u64,
}

/// The URI of a file.
pub(super) fn uri(path: &Path) -> String {
    let path = path.display().to_string();
    let escaped = path.bytes().map(|byte| match byte {
        b'/' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    format!("file://{}", escaped.collect::<String>())
}

impl Client {
    pub(super) fn start(folder: &Folder, encoding: &str, options: Value) -> Client {
        let mut child = Command::new(env!("CARGO_BIN_EXE_healthcode"))
            .arg("lsp")
            .current_dir(folder.path(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let input = child.stdin.take();
        let mut client = Client {
            child,
            input,
            output,
            id: 0,
        };
        let capabilities = json!({"general": {"positionEncodings": [encoding]}});
        let params = json!({"capabilities": capabilities, "initializationOptions": options});
        let result = client.request("initialize", &params);
        assert_eq!(result["capabilities"]["positionEncoding"], encoding);
        client.notify("initialized", &json!({}));
        client
    }

    fn write(&mut self, message: &Value) {
        let text = message.to_string();
        let input = self.input.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        input.flush().unwrap();
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(
                self.output.read_line(&mut line).unwrap() > 0,
                "the server ended"
            );
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some(number) = line.strip_prefix("Content-Length: ") {
                length = number.parse().unwrap();
            }
        }
        let mut text = vec![0; length];
        self.output.read_exact(&mut text).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    pub(super) fn notify(&mut self, method: &str, params: &Value) {
        self.write(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    pub(super) fn request(&mut self, method: &str, params: &Value) -> Value {
        self.id += 1;
        let id = self.id;
        self.write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let mut message = self.read();
            if message["id"] == id {
                return message["result"].take();
            }
        }
    }

    /// Opens a text; returns its diagnostics.
    pub(super) fn open(&mut self, file: &Path, language: &str, text: &str) -> Vec<Value> {
        let item = json!({"uri": uri(file), "languageId": language, "version": 1, "text": text});
        self.notify("textDocument/didOpen", &json!({"textDocument": item}));
        self.published(file)
    }

    pub(super) fn close(&mut self, file: &Path) {
        let item = json!({"textDocument": {"uri": uri(file)}});
        self.notify("textDocument/didClose", &item);
        self.published(file);
    }

    fn published(&mut self, file: &Path) -> Vec<Value> {
        loop {
            let mut message = self.read();
            if message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri(file)
                && let Value::Array(all) = message["params"]["diagnostics"].take()
            {
                return all;
            }
        }
    }

    /// Ends the server; returns its exit status.
    pub(super) fn end(mut self) -> i32 {
        self.request("shutdown", &Value::Null);
        self.notify("exit", &Value::Null);
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // Where a test fails, the server has not ended.
        drop(self.input.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
