//! A scheduler and two executors as processes on loopback: rows and issues are those of a single process, also if an
//! executor is killed, and machines with other packages are refused.

mod common;

use common::{
    Process, example, free_port, program, query, run, sorted, wait_for, write_observations,
};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

struct Cluster {
    port: u16,
    executors: Vec<Process>,
    folder: TempDir,
    _scheduler: Process,
}

impl Cluster {
    fn start(executors: usize, caches: [Option<&Path>; 2]) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let mut command = Command::new(program("healthcode-scheduler"));
        command.arg("--listen").arg(format!("127.0.0.1:{port}"));
        command.args(["--executor-timeout", "4"]);
        if let Some(cache) = caches[0] {
            command.arg("--package-cache").arg(cache);
        }
        let scheduler = Process::start(&mut command);
        wait_for(port);
        let mut cluster = Cluster {
            port,
            executors: Vec::new(),
            folder,
            _scheduler: scheduler,
        };
        for index in 0..executors {
            let own = free_port();
            let mut command = Command::new(program("healthcode-executor"));
            command.arg("--scheduler").arg(format!("127.0.0.1:{port}"));
            command.arg("--listen").arg(format!("127.0.0.1:{own}"));
            command.args(["--slots", "1", "--heartbeat", "1", "--work-dir"]);
            command.arg(cluster.work_dir(index));
            if let Some(cache) = caches[1] {
                command.arg("--package-cache").arg(cache);
            }
            cluster.executors.push(Process::start(&mut command));
            wait_for(own);
        }
        cluster
    }

    fn work_dir(&self, index: usize) -> std::path::PathBuf {
        self.folder.path().join(format!("executor-{index}"))
    }
}

/// Whether an executor has finished a part of a job.
fn has_results(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| {
        if path.is_dir() {
            has_results(&path)
        } else {
            true
        }
    })
}

#[test]
fn two_executors_give_what_one_process_does() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data.ndjson");
    write_observations(&data, 400);
    let (view, data) = (example("readings.json"), data.display());
    let cluster = Cluster::start(2, [None, None]);
    for sql in [
        format!("select * from fhir_view('{view}', '{data}')"),
        format!("select * from fhir_issues('{data}')"),
        format!("select rule, count(*) as count from fhir_issues('{data}') group by rule"),
        format!(
            "select what, count(*) as count, sum(value) as total from fhir_view('{view}', '{data}') group by what"
        ),
        format!(
            "select id from fhir_view('{view}', '{data}') where fhirpath('{{\"resourceType\": \"Patient\", \"id\": \"' || id || '\"}}', 'id')[1] = 'bp7-1'"
        ),
    ] {
        let expected = sorted(&run(&mut query(&sql, None)));
        assert!(expected.len() > 1, "{sql}: {expected:?}");
        let found = sorted(&run(&mut query(&sql, Some(cluster.port))));
        assert_eq!(found, expected, "{sql}");
    }
}

#[test]
fn a_job_survives_the_end_of_an_executor() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data.ndjson");
    write_observations(&data, 6000);
    let sql = format!("select * from fhir_issues('{}')", data.display());
    let expected = sorted(&run(&mut query(&sql, None)));
    let mut cluster = Cluster::start(2, [None, None]);
    let mut job = query(&sql, Some(cluster.port));
    let job = job
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(120);
    while !has_results(&cluster.work_dir(1)) {
        assert!(Instant::now() < until, "the executor has no work");
        std::thread::sleep(Duration::from_millis(20));
    }
    cluster.executors[1].kill();
    let found = sorted(&job.wait_with_output().unwrap());
    assert_eq!(found.len(), expected.len());
    assert_eq!(found, expected);
}

#[test]
fn other_packages_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut caches = Vec::new();
    for title in ["one", "two"] {
        let cache = folder.path().join(title);
        let package = cache.join("example.test#1.0.0/package");
        fs::create_dir_all(&package).unwrap();
        fs::write(
            package.join("package.json"),
            r#"{"name": "example.test", "version": "1.0.0", "fhirVersions": ["4.0.1"]}"#,
        )
        .unwrap();
        let set = format!(
            r#"{{"resourceType": "ValueSet", "url": "http://example.com/set", "status": "draft", "title": "{title}"}}"#
        );
        fs::write(package.join("ValueSet-set.json"), set).unwrap();
        caches.push(cache);
    }
    let data = example("observations.ndjson");
    let sql = format!("select rule from fhir_issues('{data}', 'r4', 'example.test#1.0.0')");
    let (one, two) = (Some(&*caches[0]), Some(&*caches[1]));
    // The caches of the scheduler, of the executor and of the client.
    for (of_cluster, own, expected) in [
        ([one, one], one, None),
        ([one, one], two, Some("rules or packages differ")),
        ([one, two], one, Some("")),
    ] {
        let cluster = Cluster::start(1, of_cluster);
        let mut command = query(&sql, Some(cluster.port));
        let output = run(command.arg("--package-cache").args(own));
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), expected.is_none(), "{error}");
        assert!(error.contains(expected.unwrap_or_default()), "{error}");
    }
}
