//! Files that are rewritten, and settings that somebody else may have put there.
#![cfg(unix)]

use crate::{BAD_DATE, Folder, PATIENT, run_in};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Whether the tests run as root, who alone can give files away.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|data| data.uid() == 0)
}

/// Settings that are another user's are refused, with what to do; those around are named.
#[test]
fn settings_of_strangers() {
    let hide = b"ignore = [\"*\"]\n";
    let folder = Folder::new(&[
        ("bad.json", BAD_DATE.as_bytes()),
        ("in/bad.json", BAD_DATE.as_bytes()),
        ("healthcode.toml", hide),
        ("else/settings", hide),
    ]);
    let run_in = |place: &str| run_in(&folder.path(place), &["validate", "bad.json"], b"");
    let own = run_in(".");
    assert_eq!((own.code, own.err.as_str()), (0, ""));
    let around = run_in("in");
    assert_eq!(around.code, 0);
    assert!(
        around.err.contains("healthcode: settings are those of /"),
        "{}",
        around.err
    );
    if !is_root() {
        return;
    }
    let give = |name: &str, user| chown(folder.path(name), Some(user), None).unwrap();
    let refused = |what: &str| {
        for place in [".", "in"] {
            let run = run_in(place);
            assert_eq!(run.code, 2, "{what}: {}", run.err);
            assert!(run.err.contains("another user's"), "{what}: {}", run.err);
            assert!(run.err.contains("--config"), "{what}: {}", run.err);
        }
        let args = ["validate", "--no-config", "bad.json"];
        assert_eq!(folder.run(&args).code, 1, "{what}");
        let args = ["validate", "--config", "healthcode.toml", "bad.json"];
        assert_eq!(folder.run(&args).code, 0, "{what}");
    };
    give("healthcode.toml", 4321);
    refused("the file");
    give("healthcode.toml", 0);
    give(".", 4321);
    refused("its folder");
    give(".", 0);
    assert_eq!(run_in("in").code, 0);
    fs::remove_file(folder.path("healthcode.toml")).unwrap();
    symlink("else/settings", folder.path("healthcode.toml")).unwrap();
    assert_eq!(run_in("in").code, 0);
    give("else/settings", 4321);
    refused("what it is a link to");
    give("else/settings", 0);
    give("else", 4321);
    refused("the folder of what it is a link to");
    give("else", 0);
    std::os::unix::fs::lchown(folder.path("healthcode.toml"), Some(4321), None).unwrap();
    refused("the link");
}

const UNFORMATTED: &str = r#"{ "resourceType":"Patient" }"#;

/// What a file is but for its text stays, or the file does.
#[test]
fn files_stay_what_they_are() {
    let folder = Folder::new(&[
        ("a.json", UNFORMATTED.as_bytes()),
        ("b.json", UNFORMATTED.as_bytes()),
    ]);
    let a = folder.path("a.json");
    if is_root() {
        chown(&a, Some(4321), Some(4322)).unwrap();
    }
    fs::set_permissions(&a, fs::Permissions::from_mode(0o4640)).unwrap();
    let before = fs::metadata(&a).unwrap();
    assert_eq!(folder.run(&["fmt", "--in-place", "a.json"]).code, 0);
    let after = fs::metadata(&a).unwrap();
    assert_ne!(folder.read("a.json"), UNFORMATTED);
    assert_eq!(
        (after.mode(), after.uid(), after.gid()),
        (before.mode(), before.uid(), before.gid())
    );
    fs::hard_link(folder.path("b.json"), folder.path("c.json")).unwrap();
    let run = folder.run(&["fmt", "--in-place", "b.json"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("b.json: it has several hard links"),
        "{}",
        run.err
    );
    assert_eq!(folder.read("c.json"), UNFORMATTED);
    assert_eq!(folder.run(&["fmt", "--in-place", "."]).code, 2);
    let names = fs::read_dir(folder.path(".")).unwrap();
    assert_eq!(names.count(), 3, "no temporary files");
}

/// Whenever a file is changed while it is formatted, the change is there afterwards.
#[test]
fn changes_by_others() {
    let names = vec![r#"{ "family": "before" }"#; 60_000].join(",");
    let text = format!(r#"{{"resourceType":"Patient","name":[{names}]}}"#);
    for wait in [0, 50, 150, 400, 900] {
        let folder = Folder::new(&[("a.json", text.as_bytes())]);
        let mut child = Command::new(env!("CARGO_BIN_EXE_healthcode"))
            .args(["fmt", "--in-place", "a.json"])
            .current_dir(folder.path("."))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        // As editors write.
        let edited = fs::read_to_string(folder.path("a.json"))
            .unwrap()
            .replacen("before", "after", 1);
        fs::write(folder.path("new"), edited).unwrap();
        fs::rename(folder.path("new"), folder.path("a.json")).unwrap();
        child.wait().unwrap();
        assert!(folder.read("a.json").contains("after"), "{wait} ms");
    }
}

/// Signals leave no temporary files.
#[test]
fn signals() {
    let names = vec![r#"{ "family": "x" }"#; 200_000].join(",");
    let text = format!(r#"{{"resourceType":"Patient","name":[{names}]}}"#);
    for (args, signal) in [
        (&["fmt", "--in-place", "a.json"][..], "TERM"),
        (&["fmt", "--out-dir", "out", "a.json"], "HUP"),
        (&["validate", "-o", "report", "a.json"], "TERM"),
        (&["validate", "-o", "report", "a.json"], "HUP"),
        (&["validate", "-o", "report", "-"], "INT"),
    ] {
        let folder = Folder::new(&[
            ("a.json", text.as_bytes()),
            ("good.json", PATIENT.as_bytes()),
        ]);
        let mut child = Command::new(env!("CARGO_BIN_EXE_healthcode"))
            .args(args)
            .current_dir(folder.path("."))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(300));
        let id = child.id().to_string();
        for _ in 0..2 {
            let _ = Command::new("kill")
                .args(["-s", signal, &id])
                .stderr(Stdio::null())
                .status();
        }
        child.wait().unwrap();
        let left = walkdir::WalkDir::new(folder.path("."));
        let left = left.into_iter().filter_map(Result::ok);
        let left: Vec<_> = left
            .filter(|entry| {
                entry
                    .file_name()
                    .to_string_lossy()
                    .starts_with(".healthcode")
            })
            .collect();
        assert!(left.is_empty(), "{args:?} {signal}: {left:?}");
    }
}
