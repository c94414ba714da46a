//! Reads objects of a store, as a reader that blocks.

use datafusion::common::Result;
use datafusion::physical_plan::metrics::Count;
use futures::StreamExt;
use healthcode_scan::{LineRange, count_lines};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResultPayload, ObjectStore};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use tokio::sync::mpsc;

/// How many parts of an object are received ahead of what is read.
const AHEAD: usize = 8;

/// An object, from a byte on.
pub(crate) enum Object {
    File(File),
    Stream(mpsc::Receiver<io::Result<Vec<u8>>>, io::Cursor<Vec<u8>>),
}

/// Opens an object at a byte, which has to be before its end.
pub(crate) async fn open(store: &Arc<dyn ObjectStore>, path: &Path, start: u64) -> Result<Object> {
    let range = (start > 0).then_some(GetRange::Offset(start));
    let options = GetOptions {
        range,
        ..GetOptions::default()
    };
    let found = store.get_opts(path, options).await?;
    match found.payload {
        GetResultPayload::File(mut file, _) => {
            file.seek(SeekFrom::Start(start))?;
            Ok(Object::File(file))
        }
        GetResultPayload::Stream(mut stream) => {
            let (sender, receiver) = mpsc::channel(AHEAD);
            // It ends when the receiver is dropped.
            tokio::spawn(async move {
                while let Some(part) = stream.next().await {
                    let part = part.map(|part| part.to_vec()).map_err(io::Error::other);
                    if sender.send(part).await.is_err() {
                        break;
                    }
                }
            });
            Ok(Object::Stream(receiver, io::Cursor::default()))
        }
    }
}

impl Read for Object {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Object::File(file) => file.read(buffer),
            Object::Stream(receiver, part) => loop {
                let count = part.read(buffer)?;
                if count > 0 || buffer.is_empty() {
                    return Ok(count);
                }
                match receiver.blocking_recv() {
                    Some(next) => *part = io::Cursor::new(next?),
                    None => return Ok(0),
                }
            },
        }
    }
}

/// Counts what is read.
pub(crate) struct Counted<R>(pub(crate) R, pub(crate) Count);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        self.1.add(count);
        Ok(count)
    }
}

/// The newlines of a range of bytes.
pub(crate) async fn newlines(
    store: &Arc<dyn ObjectStore>,
    path: &Path,
    start: u64,
    end: u64,
) -> Result<u64> {
    if start >= end {
        return Ok(0);
    }
    let object = open(store, path, start).await?;
    let count = tokio::task::spawn_blocking(move || count_lines(object.take(end - start)));
    let count = count.await.map_err(io::Error::other)?;
    Ok(count?)
}

/// The number of the first line of a range, if `before` newlines are in front of its first byte.
pub(crate) fn first_line(start: u64, before: u64) -> u64 {
    // The range begins after the first newline that it has.
    if start == 0 { 1 } else { before + 2 }
}

/// The first byte that is read for a range.
pub(crate) fn first_byte(start: u64) -> u64 {
    LineRange::first_byte(start)
}
