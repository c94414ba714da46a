//! Tests of the database: what is kept, full disks, and permissions.

use super::*;
use redb::StorageBackend;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn all(disk: &Disk, collection: &str) -> Vec<(String, u64, Option<Vec<u8>>)> {
    let mut out = Vec::new();
    let visit = |id: &str, row: Row<'_>| {
        let json = row.json.map(<[u8]>::to_vec);
        out.push((id.to_owned(), row.version, json));
    };
    disk.for_each(collection, visit).unwrap();
    out
}

#[test]
fn rows_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let row = |version, json: &'static str| Row {
        version,
        modified: 7,
        json: Some(json.as_bytes()).filter(|json| !json.is_empty()),
    };
    let disk = Disk::open(Some(&path)).unwrap();
    assert!(all(&disk, "a").is_empty());
    disk.put("a", "2", row(1, "{}")).unwrap();
    disk.put("a", "1", row(3, "")).unwrap();
    disk.put("b", "1", row(1, "[]")).unwrap();
    disk.put("a", "2", row(2, "{ }")).unwrap();
    disk.put("b", "2", row(1, "x")).unwrap();
    disk.remove("b", "2").unwrap();
    // It cannot be opened twice at the same time.
    assert!(Disk::open(Some(&path)).is_err());
    drop(disk);
    let disk = Disk::open(Some(&path)).unwrap();
    let json = |text: &str| Some(text.as_bytes().to_vec());
    assert_eq!(
        all(&disk, "a"),
        [("1".into(), 3, None), ("2".into(), 2, json("{ }"))]
    );
    assert_eq!(all(&disk, "b"), [("1".into(), 1, json("[]"))]);
    assert!(all(&disk, "c").is_empty());
    drop(disk);
    // A file that is not a database is not overwritten.
    std::fs::write(&path, "nonsense").unwrap();
    assert!(Disk::open(Some(&path)).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"nonsense");
    assert!(Disk::open(Some(folder.path())).is_err());
}

#[test]
fn closed_databases_can_be_opened_by_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let row = Row {
        version: 1,
        modified: 7,
        json: Some(b"{}"),
    };
    let first = Disk::open(Some(&path)).unwrap();
    first.put("a", "1", row).unwrap();
    first.close();
    let second = Disk::open(Some(&path)).unwrap();
    assert!(matches!(
        first.put("a", "2", row),
        Err(Error::DatabaseClosed)
    ));
    assert!(first.for_each("a", |_, _| {}).is_err());
    drop(second);
    // It stays closed where it could be opened again.
    assert!(first.remove("a", "1").is_err());
    assert_eq!(all(&Disk::open(Some(&path)).unwrap(), "a").len(), 1);
}

/// A file on a disk that is full while the flag is set.
#[derive(Debug)]
struct Filling(FileBackend, Arc<AtomicBool>);

impl Filling {
    fn room(&self) -> io::Result<()> {
        if self.1.load(Ordering::SeqCst) {
            Err(io::Error::new(io::ErrorKind::StorageFull, "full"))
        } else {
            Ok(())
        }
    }
}

impl StorageBackend for Filling {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.room()?;
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.room()?;
        self.0.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.0.close()
    }
}

#[test]
fn writes_go_on_once_there_is_space_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let full = Arc::<AtomicBool>::default();
    let (own, file) = (full.clone(), path.clone());
    let disk = Disk::with(move || {
        let mut options = OpenOptions::new();
        let file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&file)?;
        let backend = Filling(FileBackend::new(file)?, own.clone());
        Ok(builder().create_with_backend(backend)?)
    });
    let disk = disk.unwrap();
    let large = "x".repeat(200_000);
    let row = |version| Row {
        version,
        modified: 7,
        json: Some(large.as_bytes()),
    };
    disk.put("a", "1", row(1)).unwrap();
    for _ in 0..3 {
        full.store(true, Ordering::SeqCst);
        for id in ["2", "3"] {
            assert!(disk.put("a", id, row(1)).is_err());
        }
        assert!(disk.remove("a", "1").is_err());
        full.store(false, Ordering::SeqCst);
        disk.put("a", "4", row(2)).unwrap();
    }
    // Failed writes are not there and all others are, also when it is opened again.
    let ids = |disk: &Disk| {
        all(disk, "a")
            .into_iter()
            .map(|row| row.0)
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&disk), ["1", "4"]);
    drop(disk);
    assert_eq!(ids(&Disk::open(Some(&path)).unwrap()), ["1", "4"]);
}

#[cfg(unix)]
#[test]
fn files_can_be_read_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    drop(Disk::open(Some(&path)).unwrap());
    assert_eq!(mode(), 0o600);
    // A file that others could read until now; one that is not a database stays as it is.
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    drop(Disk::open(Some(&path)).unwrap());
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    std::fs::write(&path, "nonsense").unwrap();
    assert!(Disk::open(Some(&path)).is_err());
    assert_eq!(mode(), 0o644);
}
