//! Processes on loopback, and queries of `healthcode-sql`.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub(crate) const SQL: &str = env!("CARGO_BIN_EXE_healthcode-sql");

/// A program beside `healthcode-sql`.
pub(crate) fn program(name: &str) -> PathBuf {
    let path = Path::new(SQL).with_file_name(name);
    assert!(
        path.exists(),
        "{name} is not built: run `cargo build --workspace` first"
    );
    path
}

/// A process that ends with the test.
pub(crate) struct Process(pub(crate) Child);

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        Process(command.stdin(Stdio::null()).spawn().unwrap())
    }

    pub(crate) fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that is free, and so is the next one.
pub(crate) fn free_port() -> u16 {
    loop {
        let first = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = first.local_addr().unwrap().port();
        if port < u16::MAX && TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            return port;
        }
    }
}

pub(crate) fn wait_for(port: u16) {
    let until = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "nothing answers at port {port}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub(crate) fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/examples")
        .join(name);
    path.display().to_string()
}

/// Writes NDJSON of Observations and a Patient, again and again with other ids.
pub(crate) fn write_observations(path: &Path, count: usize) {
    let text = fs::read_to_string(example("observations.ndjson")).unwrap();
    let whole: Vec<&str> = text.lines().take(3).collect();
    let mut lines = String::new();
    for round in 0..count {
        for line in &whole {
            lines += &line.replace("bp", &format!("bp{round}-"));
            lines.push('\n');
        }
    }
    fs::write(path, lines).unwrap();
}

pub(crate) fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}

/// The lines of the output, sorted; the header is one of them.
pub(crate) fn sorted(output: &Output) -> Vec<String> {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{error}");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// A query in this process's own machine, or on a cluster.
pub(crate) fn query(sql: &str, cluster: Option<u16>) -> Command {
    let mut command = Command::new(SQL);
    command.args([
        sql,
        "--format",
        "csv",
        "--divide-from",
        "1",
        "--partitions",
        "8",
    ]);
    if let Some(port) = cluster {
        command.arg("--ballista");
        command.arg(format!("df://127.0.0.1:{port}"));
    }
    command
}
