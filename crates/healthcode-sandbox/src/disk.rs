//! [`Disk`]: what outlives a sandbox, in an embedded database.

use redb::backends::InMemoryBackend;
use redb::{Database, Error, ReadableDatabase, TableDefinition, TableError};
use std::path::Path;

/// Collection and id; then version, seconds since 1970, and JSON, which is empty of what was deleted.
type Rows = TableDefinition<'static, (&'static str, &'static str), (u64, i64, &'static [u8])>;

const ROWS: Rows = TableDefinition::new("resources");

/// A resource as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    pub(crate) version: u64,
    pub(crate) modified: i64,
    /// None if it was deleted.
    pub(crate) json: Option<&'a [u8]>,
}

/// A database in a file, or in memory. Writes are on the disk when they return.
pub(crate) struct Disk(Database);

impl Disk {
    /// The database of a file, which is made if there is none; without a file, one in memory.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Error> {
        let mut builder = Database::builder();
        // What is read is read once, at the start.
        builder.set_cache_size(4 << 20);
        let database = match path {
            Some(path) => builder.create(path)?,
            None => builder.create_with_backend(InMemoryBackend::new())?,
        };
        Ok(Disk(database))
    }

    /// Gives each row of a collection, in the order of ids.
    pub(crate) fn each(
        &self,
        collection: &str,
        mut take: impl FnMut(&str, Row<'_>),
    ) -> Result<(), Error> {
        let reading = self.0.begin_read()?;
        let rows = match reading.open_table(ROWS) {
            Ok(rows) => rows,
            Err(TableError::TableDoesNotExist(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for row in rows.range((collection, "")..)? {
            let (key, value) = row?;
            let (of, id) = key.value();
            if of != collection {
                break;
            }
            let (version, modified, json) = value.value();
            let json = Some(json).filter(|it| !it.is_empty());
            let row = Row {
                version,
                modified,
                json,
            };
            take(id, row);
        }
        Ok(())
    }

    /// Puts a row in place of what there was.
    pub(crate) fn put(&self, collection: &str, id: &str, row: Row<'_>) -> Result<(), Error> {
        let writing = self.0.begin_write()?;
        let value = (row.version, row.modified, row.json.unwrap_or_default());
        writing.open_table(ROWS)?.insert((collection, id), value)?;
        writing.commit()?;
        Ok(())
    }

    /// Takes a row out.
    pub(crate) fn remove(&self, collection: &str, id: &str) -> Result<(), Error> {
        let writing = self.0.begin_write()?;
        writing.open_table(ROWS)?.remove((collection, id))?;
        writing.commit()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(disk: &Disk, collection: &str) -> Vec<(String, u64, Option<Vec<u8>>)> {
        let mut out = Vec::new();
        let take = |id: &str, row: Row<'_>| {
            let json = row.json.map(<[u8]>::to_vec);
            out.push((id.to_owned(), row.version, json));
        };
        disk.each(collection, take).unwrap();
        out
    }

    #[test]
    fn rows_are_there_when_it_is_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        let row = |version, json: &'static str| Row {
            version,
            modified: 7,
            json: Some(json.as_bytes()).filter(|it| !it.is_empty()),
        };
        let disk = Disk::open(Some(&path)).unwrap();
        assert!(all(&disk, "a").is_empty());
        disk.put("a", "2", row(1, "{}")).unwrap();
        disk.put("a", "1", row(3, "")).unwrap();
        disk.put("b", "1", row(1, "[]")).unwrap();
        disk.put("a", "2", row(2, "{ }")).unwrap();
        disk.put("b", "2", row(1, "x")).unwrap();
        disk.remove("b", "2").unwrap();
        // Nobody else may have it at the same time.
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
        // What is no database is not overwritten.
        std::fs::write(&path, "nonsense").unwrap();
        assert!(Disk::open(Some(&path)).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"nonsense");
        assert!(Disk::open(Some(folder.path())).is_err());
    }
}
