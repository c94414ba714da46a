//! [`Disk`]: what outlives a sandbox, in an embedded database.

use parking_lot::Mutex;
use redb::backends::{FileBackend, InMemoryBackend};
use redb::{Builder, Database, Error, ReadableDatabase, TableDefinition, TableError};
use std::fs::OpenOptions;
use std::mem;
use std::path::Path;

/// Collection and id; version, seconds since 1970, and JSON, which is empty if it was deleted.
type Rows = TableDefinition<'static, (&'static str, &'static str), (u64, i64, &'static [u8])>;

const ROWS: Rows = TableDefinition::new("resources");

/// A resource in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    pub(crate) version: u64,
    pub(crate) modified: i64,
    /// `None` if it was deleted.
    pub(crate) json: Option<&'a [u8]>,
}

/// A database in a file, or in memory. Writes are on disk when they return.
///
/// After a failed write, such as on a full disk, redb accepts no more, so the database is opened again
/// for the next one, which may succeed. What was written before is still there.
pub(crate) struct Disk {
    open: Box<Open>,
    state: Mutex<State>,
}

enum State {
    Open(Database),
    /// To be opened for the next task.
    Failed,
    /// Not to be opened again.
    Closed,
}

/// Opens the database.
type Open = dyn Fn() -> Result<Database, Error> + Send + Sync;

fn builder() -> Builder {
    let mut builder = Database::builder();
    // Rows are read once, at the start.
    builder.set_cache_size(4 << 20);
    builder
}

/// The database in a file that only its owner can read. The file is created if it does not exist.
fn open_file(path: &Path) -> Result<Database, Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    let database = builder().create_with_backend(FileBackend::new(file)?)?;
    // An older file may be readable by others, and may not be ours to change.
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        let _ = std::fs::set_permissions(path, mode);
    }
    Ok(database)
}

impl Disk {
    /// The database in a file, which is created if it does not exist; without a path, one in memory.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Error> {
        match path.map(Path::to_owned) {
            Some(path) => Self::with(move || open_file(&path)),
            None => Self::with(|| Ok(builder().create_with_backend(InMemoryBackend::new())?)),
        }
    }

    fn with(
        open: impl Fn() -> Result<Database, Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let state = Mutex::new(State::Open(open()?));
        let open = Box::new(open);
        Ok(Disk { open, state })
    }

    /// Closes the database after the task that is running, so that its file can be opened again at
    /// once. Later tasks fail.
    pub(crate) fn close(&self) {
        *self.state.lock() = State::Closed;
    }

    /// Runs a task with the database, which is opened again if it has failed.
    fn run<T>(&self, task: impl FnOnce(&Database) -> Result<T, Error>) -> Result<T, Error> {
        let mut state = self.state.lock();
        let database = match mem::replace(&mut *state, State::Failed) {
            State::Open(database) => database,
            State::Failed => (self.open)()?,
            State::Closed => {
                *state = State::Closed;
                return Err(Error::DatabaseClosed);
            }
        };
        // A database that has failed is dropped, for it would fail again.
        let result = task(&database)?;
        *state = State::Open(database);
        Ok(result)
    }

    /// Calls a function with each row of a collection, in the order of ids.
    pub(crate) fn for_each(
        &self,
        collection: &str,
        mut visit: impl FnMut(&str, Row<'_>),
    ) -> Result<(), Error> {
        self.run(|database| {
            let transaction = database.begin_read()?;
            let rows = match transaction.open_table(ROWS) {
                Ok(rows) => rows,
                Err(TableError::TableDoesNotExist(_)) => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            for row in rows.range((collection, "")..)? {
                let (key, value) = row?;
                let (found, id) = key.value();
                if found != collection {
                    break;
                }
                let (version, modified, json) = value.value();
                let json = Some(json).filter(|json| !json.is_empty());
                let row = Row {
                    version,
                    modified,
                    json,
                };
                visit(id, row);
            }
            Ok(())
        })
    }

    /// Inserts or replaces a row.
    pub(crate) fn put(&self, collection: &str, id: &str, row: Row<'_>) -> Result<(), Error> {
        self.run(|database| {
            let transaction = database.begin_write()?;
            let value = (row.version, row.modified, row.json.unwrap_or_default());
            transaction
                .open_table(ROWS)?
                .insert((collection, id), value)?;
            transaction.commit()?;
            Ok(())
        })
    }

    /// Removes a row.
    pub(crate) fn remove(&self, collection: &str, id: &str) -> Result<(), Error> {
        self.run(|database| {
            let transaction = database.begin_write()?;
            transaction.open_table(ROWS)?.remove((collection, id))?;
            transaction.commit()?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
