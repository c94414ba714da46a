//! The programs say what is wrong with their options.

use std::process::Command;

#[test]
fn options_are_checked() {
    let scheduler = env!("CARGO_BIN_EXE_healthcode-scheduler");
    let executor = env!("CARGO_BIN_EXE_healthcode-executor");
    for (program, args, expected) in [
        (scheduler, &["--help"][..], "--executor-timeout"),
        (scheduler, &["--listen", "nowhere"], "--listen"),
        (
            scheduler,
            &["--listen", "192.0.2.1:50050"],
            "cannot listen there",
        ),
        (executor, &["--help"], "--slots"),
        (
            executor,
            &["--scheduler", "nowhere"],
            "--scheduler: invalid value: expected HOST:PORT",
        ),
        (
            executor,
            &["--listen", "127.0.0.1:65535"],
            "--listen: invalid port",
        ),
    ] {
        let output = Command::new(program).args(args).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains(expected), "{program} {args:?}: {text}");
        let status = if args == ["--help"] { 0 } else { 2 };
        assert_eq!(output.status.code(), Some(status), "{program} {args:?}");
    }
}
